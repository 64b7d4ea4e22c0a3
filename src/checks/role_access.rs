//! Roles that the server's own SQL makes for logins, and users of connection strings that lead to it, held against its
//! pg_hba.conf: those whom no line lets in, and those whose password no line that lets them in can check.
//!
//! A line that may let them in counts as one that does: of databases, addresses and groups all that is possible is asked.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::Majors;
use crate::catalog::conninfo::effective;
use crate::catalog::hba::Method;
use crate::finding::{Confidence, Finding, Label, Subject};
use crate::model::sql::{AttributeKind, PasswordForm, RoleKind, What};
use crate::model::topology::{Access, Member};
use crate::model::{ConninfoUse, Origin};
use crate::reach::{Engine, From, HostName, Kinds, Known, Question, Roles, Wanted};
use crate::rule::{Context, Sink, id, shorten};
use crate::source::Span;

mod client;

/// A role of the server's own SQL.
#[derive(Debug)]
struct Account {
    made: Span,
    login: bool,
    replication: bool,
    passwords: Vec<(PasswordForm, Span)>,
}

/// So many times a row is held against a connection in one run.
const MOST_TRIES: usize = 2_000_000;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    if !(out.wants(id::HBA_ROLE_LOCKED_OUT) || out.wants(id::HBA_SCRAM_MD5_VERIFIER)) {
        return;
    }
    let mut tries = MOST_TRIES;
    for (index, member) in cx.cluster.topology.members.iter().enumerate() {
        let access = member.access(cx.cluster, cx.sources).filter(|access| access.whole);
        let Some(access) = access.filter(|access| !super::access::has_branches(cx, &access.hba.files)) else {
            continue;
        };
        let known = Known { roles: Roles::of(cx.cluster, access.node), addresses: None };
        let mut doors = Doors { access, known: &known, majors: judged(cx, access), tries: &mut tries };
        // Connections of standbys and subscriptions have rules of their own.
        let mut replicating = BTreeSet::new();
        for edge in cx.cluster.topology.edges.iter().filter(|edge| edge.upstream == Some(index)) {
            let users = member.majors.iter().filter_map(|major| edge.keyword(cx.cluster, "user", major));
            replicating.extend(users.map(std::borrow::Cow::into_owned));
        }
        for (name, account) in accounts(cx, member).into_iter().filter(|(name, _)| !replicating.contains(name)) {
            if account.login && account.passwords.iter().any(|(form, _)| *form != PasswordForm::Null) {
                judge(cx, &name, &account, &mut doors, out);
            }
        }
        for of in client::leading_to(cx, index) {
            client::judge(cx, of, &mut doors, out);
        }
    }
}

/// The majors on which every line is taken: one that is refused may be the one that is meant.
fn judged(cx: &Context<'_>, access: Access<'_>) -> Majors {
    let majors = cx.cluster.nodes.get(access.node).map_or(Majors::NONE, |node| node.targets.majors);
    let refused = access.hba.refusals.iter().map(|refusal| refusal.majors);
    refused.chain(access.hba.includes.iter().map(|fault| fault.majors)).fold(majors, |majors, of| majors - of)
}

/// The roles that the server's own SQL makes and does not drop.
fn accounts(cx: &Context<'_>, member: &Member) -> BTreeMap<String, Account> {
    let mut accounts = BTreeMap::<String, Account>::new();
    let own = member.sql.iter().filter_map(|&file| cx.cluster.sql.get(file));
    for statement in own.flat_map(|file| &file.sql.statements) {
        match &statement.what {
            What::Role(role) if !role.name.dynamic => {
                let name = role.name.text.clone();
                if role.created {
                    let (made, login) = (role.name.span, role.kind == RoleKind::User);
                    let account = Account { made, login, replication: false, passwords: Vec::new() };
                    accounts.entry(name.clone()).or_insert(account);
                }
                let Some(account) = accounts.get_mut(&name) else { continue };
                for attribute in &role.attributes {
                    match &attribute.kind {
                        AttributeKind::Flag("login", given) => account.login = *given,
                        AttributeKind::Flag("replication" | "superuser", true) => account.replication = true,
                        AttributeKind::Password(password) => account.passwords.push((password.form, attribute.span)),
                        _ => {}
                    }
                }
            }
            What::DropRole(drop) => drop.names.iter().for_each(|name| {
                accounts.remove(&name.text);
            }),
            _ => {}
        }
    }
    accounts
}

fn judge(cx: &Context<'_>, name: &str, account: &Account, doors: &mut Doors<'_, '_>, out: &mut Sink<'_>) {
    let mut databases = vec![Wanted::Unknown];
    databases.extend(account.replication.then_some(Wanted::Replication));
    let Some(ways) = doors.ways(&Kinds::EACH, &databases, name) else { return };
    let rows = &doors.access.hba.rows;
    let on = |holds: &dyn Fn(&[usize]) -> bool| {
        ways.iter().filter(|(_, rows)| holds(rows)).map(|(major, _)| *major).collect::<Majors>()
    };
    let subject = || Subject::Role(name.to_owned());
    let shown = shorten(name);
    let out_of = on(&<[usize]>::is_empty);
    if !out_of.is_empty() {
        let message =
            format!("no line of pg_hba.conf lets role `{shown}` in, which is made for logins with a password");
        let label = Label::new(account.made, "cannot log in");
        let finding = Finding::new(id::HBA_ROLE_LOCKED_OUT, subject(), out_of, label, message);
        let finding = finding.related(Span::new(doors.access.hba.file, 0, 0), "lets others in");
        out.push(finding.confidence(Confidence::Medium).help("add a line for the role, or make it with `NOLOGIN`"));
    }
    let elsewhere = |form: PasswordForm| {
        let statements = cx.cluster.sql.iter().flat_map(|file| &file.sql.statements);
        statements.filter_map(|statement| if let What::Role(role) = &statement.what { Some(role) } else { None }).any(
            |role| {
                let sets =
                    |kind: &AttributeKind| matches!(kind, AttributeKind::Password(password) if password.form != form);
                (role.name.dynamic || role.name.text == name)
                    && role.attributes.iter().any(|attribute| sets(&attribute.kind))
            },
        )
    };
    let [.., (PasswordForm::Md5, place)] = *account.passwords else { return };
    let scram = |&row: &usize| rows.get(row).is_some_and(|row| row.method == Method::ScramSha256);
    let refused = on(&|rows| !rows.is_empty() && rows.iter().all(scram));
    let Some(way) =
        ways.iter().rev().find(|(major, _)| refused.contains(*major)).and_then(|(_, of)| rows.get(*of.first()?))
    else {
        return;
    };
    if elsewhere(PasswordForm::Md5) {
        return;
    }
    let message =
        format!("role `{shown}` has an MD5 password, and every line of pg_hba.conf for it asks for `scram-sha-256`");
    let label = Label::new(place, "kept as an MD5 hash");
    let finding = Finding::new(id::HBA_SCRAM_MD5_VERIFIER, subject(), refused, label, message);
    let finding = finding.related(way.method_span, "takes no MD5 hash").confidence(Confidence::Medium);
    out.push(finding.help("set the password anew with `password_encryption = scram-sha-256`"));
}

/// The lines of a server.
struct Doors<'a, 't> {
    access: Access<'a>,
    known: &'a Known,
    majors: Majors,
    tries: &'t mut usize,
}

impl Doors<'_, '_> {
    /// On each major the lines that may let a user in, in their order; none where that would take too long.
    fn ways(&mut self, kinds: &[Kinds], databases: &[Wanted<'_>], user: &str) -> Option<Vec<(u8, Vec<usize>)>> {
        let hba = self.access.hba;
        let count = hba.rows.len().saturating_mul(kinds.len() * databases.len()).saturating_mul(self.majors.len());
        *self.tries = self.tries.checked_sub(count)?;
        let ways = self.majors.iter().map(|major| {
            let engine = Engine::new(hba, major, self.known);
            let mut rows = Vec::new();
            for &kinds in kinds {
                let from = if kinds == Kinds::LOCAL { From::Socket } else { From::Anywhere };
                for &database in databases {
                    let question =
                        Question { kinds, from, host: HostName::Unknown, database, user: Wanted::Name(user) };
                    rows.extend(engine.decide(&question).rows.iter().map(|candidate| candidate.row));
                }
            }
            rows.retain(|&row| hba.rows.get(row).is_some_and(|row| row.method != Method::Reject));
            rows.sort_unstable();
            (major, rows)
        });
        Some(ways.collect())
    }
}
