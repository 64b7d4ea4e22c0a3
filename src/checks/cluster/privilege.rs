//! What the role of a subscription may do on the publisher: connect to the database, enter schemas, read tables.
//!
//! The first copy runs as that role (`copy_table` in tablesync.c sends COPY). Nothing is said where the role, or one that
//! it is a member of, may own what it reads, or where a grant may come from elsewhere.

use std::collections::HashSet;

use regex::bytes::Regex;

use super::ends::{Ends, ends};
use super::role;
use super::sender::{Account, Sender, Senders};
use super::table;
use super::uses::flag;
use crate::finding::{Confidence, Finding, Label, Subject};
use crate::model::objects::TableName;
use crate::model::sql::{Grant, Granted, Grantee, ObjectKind, Policy, RowSecurity, What};
use crate::rule::id::{
    CLUSTER_COPY_ROW_SECURITY, CLUSTER_ROLE_NO_CONNECT, CLUSTER_ROLE_NO_SELECT, CLUSTER_ROLE_NO_USAGE,
};
use crate::rule::{Context, RuleId, Sink, shorten};
use crate::source::Span;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let senders = Senders::new(cx);
    let mut told = HashSet::new();
    let mut tables = HashSet::new();
    for ends in ends(cx).filter(|ends| !ends.is_physical()) {
        let (Some(user), Some(sender)) = (role::user(&ends), senders.of(&ends)) else { continue };
        let Some(account) = sender.made(&user).filter(|_| sender.closed) else { continue };
        // What is looked at for one subscription of a role to a publication is the same for the next.
        let publications = ends
            .edge
            .subscription(cx.cluster)
            .map(|create| create.publications.iter().map(|name| name.text.as_str()).collect::<Vec<_>>());
        let database = ends.edge.conninfo(cx.cluster).and_then(|of| of.conninfo.get("dbname"));
        let database = database.map(|param| String::from_utf8_lossy(param.value.bytes()).into_owned());
        if !told.insert((ends.edge.upstream, user.clone(), publications, database.clone())) {
            continue;
        }
        let Some(groups) = sender.with_groups(&user) else { continue };
        let super_user = account.given.contains("superuser");
        if super_user || senders.is_client(&user) || senders.is_named_by_hosts(&user) || may_own(cx, sender, &groups) {
            continue;
        }
        let asker = Asker { ends, senders: &senders, sender, account, user: &user, groups };
        asker.database(database.as_deref(), out);
        if asker.copies() {
            asker.tables(&mut tables, out);
        }
    }
}

/// Whether a role may own something: a statement makes it an owner, or something runs as it.
fn may_own(cx: &Context<'_>, sender: &Sender<'_>, groups: &HashSet<&str>) -> bool {
    let before = r"(?i)(owner|authorization|set\s+(local\s+|session\s+)?role|\\c(onnect)?)\b[^;\n]*\b";
    groups.iter().filter(|group| !group.starts_with("pg_")).any(|group| {
        let pattern = Regex::new(&format!(r"{before}{}\b", regex::escape(group)));
        pattern.map_or(true, |pattern| sender.says(cx, &pattern))
    })
}

struct Asker<'a, 's> {
    ends: Ends<'a>,
    senders: &'s Senders<'a>,
    sender: &'s Sender<'a>,
    account: &'s Account<'a>,
    user: &'s str,
    groups: HashSet<&'s str>,
}

impl Asker<'_, '_> {
    /// Whether tables are copied at first.
    fn copies(&self) -> bool {
        let Some(create) = self.ends.edge.subscription(self.ends.cluster) else { return false };
        let known = !create.options.iter().any(|item| item.name.dynamic);
        known && flag(create, "copy_data", true) == Some(true) && flag(create, "connect", true) == Some(true)
    }

    /// The grants, or what takes them back, with the place of each.
    fn grants(&self) -> impl Iterator<Item = (&Grant, Span, bool)> {
        self.sender.grants.iter().filter_map(|statement| match &statement.what {
            What::Grant(grant) => Some((grant, statement.span, statement.dynamic)),
            _ => None,
        })
    }

    /// Whether a grant may reach the role: by its name, by PUBLIC, or by a name that is not known.
    fn reaches(&self, grant: &Grant) -> bool {
        grant.grantees.iter().any(|grantee| match grantee {
            Grantee::Public(_) => true,
            Grantee::Role(name) => name.dynamic || self.groups.contains(name.text.as_str()),
        })
    }

    /// Whether some statement may grant the role one of the privileges on an object of a kind.
    fn has(
        &self,
        kind: ObjectKind,
        privilege: &str,
        is: impl Fn(&crate::model::sql::ObjectName, bool) -> bool,
    ) -> bool {
        self.grants().filter(|(grant, _, _)| !grant.revoked && self.reaches(grant)).any(|(grant, _, dynamic)| {
            let Granted::Privileges { privileges, kind: of, objects, all_in_schema, .. } = &grant.what else {
                return false;
            };
            let names = privileges.iter().any(|own| own.name == privilege || own.name == "all");
            dynamic
                || *of == kind
                    && names
                    && (grant.defaults.is_some()
                        || objects.iter().any(|name| name.is_dynamic() || is(name, *all_in_schema)))
        })
    }

    fn finding(&self, rule: RuleId, span: Span, label: &str, message: String) -> Finding {
        let subject = Subject::Role(self.user.to_owned());
        let finding = Finding::new(rule, subject, self.ends.up.majors, Label::new(span, label), message);
        let made = self.account.made.first().copied();
        let finding = finding.confidence(self.ends.confidence().min(Confidence::Medium));
        made.into_iter().fold(finding, |finding, span| finding.related(span, "the role"))
    }

    /// CONNECT, which everybody has until it is taken from PUBLIC.
    fn database(&self, database: Option<&str>, out: &mut Sink<'_>) {
        let Some(database) = database else { return };
        let takes = |grant: &Grant| match &grant.what {
            Granted::Privileges { privileges, kind: ObjectKind::Database, objects, .. } => {
                privileges.iter().any(|own| own.name == "connect" || own.name == "all")
                    && objects.iter().any(|name| name.name.text == database)
            }
            _ => false,
        };
        let public = |grant: &Grant| grant.grantees.iter().any(|grantee| matches!(grantee, Grantee::Public(_)));
        let mut taken = self.grants().filter(|(grant, _, _)| grant.revoked && public(grant) && takes(grant));
        let Some((_, span, _)) = taken.next() else { return };
        if self.has(ObjectKind::Database, "connect", |name, _| name.name.text == database) {
            return;
        }
        let (user, up) = (shorten(self.user), self.ends.up.shown());
        let message = format!("role `{user}` may not connect to database `{}` of {up}", shorten(database));
        let finding = self.finding(CLUSTER_ROLE_NO_CONNECT, span, "takes CONNECT from everybody", message);
        let finding = role::place(&self.ends).into_iter().fold(finding, |of, span| of.related(span, "connects as it"));
        out.push(finding.help(format!("run `GRANT CONNECT ON DATABASE {} TO {user}`", shorten(database))));
    }

    /// Each table once, for the first role that may not read it.
    fn tables(&self, told: &mut HashSet<Span>, out: &mut Sink<'_>) {
        let Some(create) = self.ends.edge.subscription(self.ends.cluster) else { return };
        if self.groups.contains("pg_read_all_data") {
            return;
        }
        let objects = self.ends.up.objects(self.ends.cluster);
        let mut schemas = HashSet::new();
        for publication in &create.publications {
            let Some(publication) = self.sender.publications.get(publication.text.as_str()) else { continue };
            if !publication.is_known() || !self.senders.spend(publication.tables.len()) {
                continue;
            }
            for published in &publication.tables {
                if !self.senders.spend(self.sender.grants.len().saturating_add(1)) {
                    return;
                }
                if told.contains(&published.span) {
                    continue;
                }
                let Some(name) = TableName::of(&published.name) else { continue };
                let Some(made) = objects.find_table(&name).filter(|of| table::is_plain(objects, of)) else { continue };
                let Some(at) = made.created.first() else { continue };
                self.schema(&made.name, at.span, &mut schemas, out);
                if self.select(&made.name, at.span, published.span, out) || self.rows(&made.name, published.span, out) {
                    told.insert(published.span);
                }
            }
        }
    }

    /// USAGE on the schema of a table; that of `public` everybody has.
    fn schema<'n>(&self, name: &'n TableName, span: Span, told: &mut HashSet<&'n str>, out: &mut Sink<'_>) {
        let Some(schema) = name.schema.as_deref().filter(|schema| *schema != "public") else { return };
        if !told.insert(schema) || self.has(ObjectKind::Schema, "usage", |of, _| of.name.text == schema) {
            return;
        }
        let (user, shown) = (shorten(self.user), shorten(schema));
        let message = format!("role `{user}` may not use schema `{shown}`, whose tables it is to copy");
        let finding = self.finding(CLUSTER_ROLE_NO_USAGE, span, "published from this schema", message);
        let finding = role::place(&self.ends).into_iter().fold(finding, |of, span| of.related(span, "copies as it"));
        out.push(finding.help(format!("run `GRANT USAGE ON SCHEMA {shown} TO {user}`")));
    }

    /// SELECT on a table; true where it is lacking.
    fn select(&self, name: &TableName, made: Span, published: Span, out: &mut Sink<'_>) -> bool {
        let grants = |of: &crate::model::sql::ObjectName, all: bool| {
            if all {
                return name.schema.as_ref().is_none_or(|schema| *schema == of.name.text);
            }
            TableName::of(of).is_none_or(|of| of.may_be(name))
        };
        if self.has(ObjectKind::Table, "select", grants) {
            return false;
        }
        let (user, shown) = (shorten(self.user), shorten(&name.to_string()));
        let message = format!("role `{user}` may not read table `{shown}`, which it is to copy");
        let finding = self.finding(CLUSTER_ROLE_NO_SELECT, published, "is published to it", message);
        let finding = finding.related(made, "the table");
        let finding = role::place(&self.ends).into_iter().fold(finding, |of, span| of.related(span, "copies as it"));
        out.push(finding.help(format!("run `GRANT SELECT ON {shown} TO {user}`")));
        true
    }

    /// Rows of a table that policies hide from the role, so that they are not copied; true where there may be such.
    ///
    /// Source: `check_enable_rls` in rls.c, which counts for the COPY that `copy_table` in tablesync.c sends.
    fn rows(&self, name: &TableName, published: Span, out: &mut Sink<'_>) -> bool {
        let changes = self.sender.row_security.get(name.name.as_str()).map_or(&[][..], Vec::as_slice);
        let enabled = changes.iter().find(|(what, _)| *what == RowSecurity::Enable);
        let disabled = changes.iter().any(|(what, _)| *what == RowSecurity::Disable);
        let Some((_, span)) = enabled.filter(|_| !disabled && !self.account.given.contains("bypassrls")) else {
            return false;
        };
        let of = self.ends.edge.conninfo(self.ends.cluster);
        // With `row_security = off` the copy fails instead, as somebody wants it to.
        let options = of.and_then(|of| of.conninfo.get("options"));
        let off = options.is_some_and(|of| of.value.dynamic || of.value.to_string().contains("row_security"));
        let own = |policy: &&&Policy| TableName::of(&policy.table).is_none_or(|of| of.may_be(name));
        let reaches = |policy: &Policy| {
            policy.roles.is_empty()
                || policy
                    .roles
                    .iter()
                    .any(|role| role.dynamic || role.text == "public" || self.groups.contains(&*role.text))
        };
        let mut policies = self.sender.policies.iter().filter(own);
        // A policy that shows everything may be meant for it; what restrictive ones say besides is not looked at.
        let whole = |policy: &&Policy| policy.permissive && policy.using_true && reaches(policy);
        let reads = |policy: &Policy| ["all", "select"].contains(&policy.command.as_str());
        if off || policies.clone().any(|policy| whole(policy) && reads(policy) || policy.table.is_dynamic()) {
            return false;
        }
        let some = policies.find(|policy| policy.permissive && reads(policy) && reaches(policy));
        let (user, shown) = (shorten(self.user), shorten(&name.to_string()));
        let message = match some {
            None => format!("role `{user}` copies no row of `{shown}`: row level security hides all of them from it"),
            Some(_) => format!("role `{user}` copies only those rows of `{shown}` that policies show it"),
        };
        let mut finding = self.finding(CLUSTER_COPY_ROW_SECURITY, *span, "holds for the first copy too", message);
        finding = finding.related(published, "is published to it");
        if let Some(policy) = some {
            finding = finding.related(policy.name.span, "the policy");
        }
        finding = role::place(&self.ends).into_iter().fold(finding, |of, span| of.related(span, "copies as it"));
        out.push(
            finding.help(format!("give it `BYPASSRLS`, or make it a policy: `FOR SELECT TO {user} USING (true)`")),
        );
        true
    }
}
