//! Roles that the server's own SQL makes for logins, and users of connection strings that lead to it, held against its
//! pg_hba.conf: those whom no line lets in, and those whose password no line that lets them in can check.
//!
//! A line that may let them in counts as one that does: of databases, addresses and groups all that is possible is asked.

use std::collections::BTreeSet;

use crate::catalog::Majors;
use crate::catalog::conninfo::effective;
use crate::catalog::hba::Method;
use crate::finding::{Confidence, Finding, Label, Subject};
use crate::model::sql::{AttributeKind, PasswordForm, What};
use crate::model::topology::Access;
use crate::model::{ConninfoUse, Origin};
use crate::reach::{Kinds, Known, Roles, Wanted};
use crate::rule::{Context, Sink, id, shorten};
use crate::source::Span;

mod account;
mod client;
mod doors;

use account::{Account, accounts};
use doors::Doors;

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
