//! The kinds of names, each with its finding.

use super::place::Place;
use crate::catalog::Majors;
use crate::catalog::system::{self, Former};
use crate::finding::{Confidence, Finding, Label, Severity, Subject};
use crate::model::sql::lookup::Side;
use crate::rule::id::{SQL_RECOVERY_FUNCTION, SQL_SYSTEM_COLUMN, SQL_SYSTEM_FUNCTION, SQL_SYSTEM_RELATION};
use crate::rule::{RuleId, Sink};

impl Place<'_> {
    pub(super) fn relation(&self, name: &str, qualified: bool, out: &mut Sink<'_>) {
        let known = system::relation(name).map(|of| (of.extension, of.majors));
        self.named(SQL_SYSTEM_RELATION, "relation", name, qualified, (known, system::former_relation(name)), out);
    }

    pub(super) fn function(&self, name: &str, qualified: bool, out: &mut Sink<'_>) {
        let known = system::function(name).map(|of| (of.extension, of.majors()));
        self.named(SQL_SYSTEM_FUNCTION, "function", name, qualified, (known, system::former_function(name)), out);
    }

    /// A relation or function; the majors that have it, if any does, with its extension, and what became of it.
    fn named(
        &self,
        rule: RuleId,
        kind: &str,
        name: &str,
        qualified: bool,
        (known, former): (Option<(Option<&str>, Majors)>, Option<&Former>),
        out: &mut Sink<'_>,
    ) {
        if self.tree.made.contains(name) || self.is_pinned(known.and_then(|(extension, _)| extension)) {
            return;
        }
        let is_known = known.is_some() || former.is_some();
        let near = if is_known { None } else { self.tree.near(kind, name) };
        let unknown = !is_known && !qualified;
        if unknown && (near.is_none() || self.tree.foreign) {
            return;
        }
        let shown = self.cx.show(self.lookup.span);
        let has = known.map(|(_, majors)| majors);
        let message = format!("there is no {kind} `{shown}`{}", self.where_it_is(has, former));
        let help = self.instead(former, near, has);
        let mut finding = self.finding(rule, format!("{kind}/{name}"), former, message, help);
        if unknown {
            finding.confidence = slip(name, near);
        }
        out.push(self.renamed(finding, name, former, near));
    }

    pub(super) fn column(&self, name: &str, relations: &[&'static str], out: &mut Sink<'_>) {
        let known = || relations.iter().filter_map(|relation| system::relation(relation));
        let extension = known().find_map(|relation| relation.extension);
        if relations.iter().any(|relation| self.tree.made.contains(relation)) || self.is_pinned(extension) {
            return;
        }
        let former = relations.iter().find_map(|relation| system::former_column(relation, name));
        let owner = known().find_map(|relation| Some((relation.name, relation.column(name)?)));
        let has = owner.map(|(_, has)| has);
        let near = known().find_map(|relation| relation.near_column(name, self.majors));
        let shown = self.cx.show(self.lookup.span);
        let where_it_is = self.where_it_is(has, former);
        let only = if let [relation] = relations { Some(*relation) } else { None };
        let owner = owner.map(|(relation, _)| relation).or(former.and_then(|former| former.relation)).or(only);
        let message = match owner {
            Some(relation) => format!("`{relation}` has no column `{shown}`{where_it_is}"),
            None => format!("none of `{}` has a column `{shown}`{where_it_is}", relations.join("`, `")),
        };
        let help = self.instead(former, near.filter(|_| has.is_none()), has);
        let subject = format!("column/{}.{name}", relations.join(","));
        let mut finding = self.finding(SQL_SYSTEM_COLUMN, subject, former, message, help);
        if let Some(extension) = extension {
            // A database that was upgraded keeps the version it had until ALTER EXTENSION ... UPDATE.
            finding.confidence = Confidence::Medium;
            finding.primary.text = format!("not in the version of `{extension}` that the server installs");
        }
        if self.has_counterpart(relations) {
            finding.severity = Severity::Info;
        }
        out.push(self.renamed(finding, name, former, near.filter(|_| has.is_none())));
    }

    pub(super) fn recovery(&self, name: &str, side: Side, out: &mut Sink<'_>) {
        let (on, help) = match side {
            Side::Standby => ("on a standby", "swap the branches, or ask `pg_last_wal_replay_lsn()` on a standby"),
            Side::Primary => ("on a server that is no standby", "call it only where `pg_is_in_recovery()` is true"),
        };
        let help = if name.contains("lsn") || side == Side::Primary { help } else { "call it on the primary only" };
        let message = format!("function `{name}` fails {on}, where the query calls it");
        let label = Label::new(self.lookup.span, "the server refuses the call");
        let subject = Subject::Object(format!("function/{name}"));
        out.push(Finding::new(SQL_RECOVERY_FUNCTION, subject, self.majors, label, message).help(help));
    }
}

/// How sure it is that a name that nobody knows is a slip of the pen for the one near it: a letter is, more may be a name
/// of the user's own.
fn slip(name: &str, near: Option<&str>) -> Confidence {
    let one = near.is_some_and(|near| strsim::osa_distance(name, near) == 1);
    if one { Confidence::Medium } else { Confidence::Low }
}
