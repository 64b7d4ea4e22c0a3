//! Connections that the sender's pg_hba.conf does not let in.

use super::connection::{self, Dial, Doors, Outcome};
use super::ends::{Ends, ends};
use super::side;
use crate::catalog::Majors;
use crate::finding::{Confidence, Finding, Label, Subject};
use crate::model::hba::{DbKind, HbaRow};
use crate::reach::{Field, Kinds};
use crate::rule::id::{CLUSTER_CONNECTION_NO_ROW, CLUSTER_CONNECTION_NO_TLS, CLUSTER_CONNECTION_REJECTED};
use crate::rule::{Context, Sink, shorten};
use crate::source::Span;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let known = connection::known(cx);
    let mut doors = Doors::new(cx, &known);
    for ends in ends(cx) {
        let judged = if ends.is_physical() { ends.physical_majors() } else { ends.up.majors };
        one(&ends, &mut doors, judged, out, |major| connection::dial(&ends, major));
        if ends.is_physical() && ends.edge.conninfo.is_some() {
            let on = |major: &u8| {
                side::is_on(cx.cluster, ends.down, "sync_replication_slots", *major).is_some_and(|(on, _)| on)
            };
            let judged = (judged & Majors::since(17)).iter().filter(on).collect();
            one(&ends, &mut doors, judged, out, |major| connection::slotsync(&ends, major));
        }
    }
}

/// Judges one connection of an edge.
fn one<'a>(
    ends: &Ends<'a>,
    doors: &mut Doors<'a>,
    judged: Majors,
    out: &mut Sink<'_>,
    dial: impl Fn(u8) -> Option<Dial>,
) {
    let Some(newest) = judged.last() else { return };
    let Some(found) = dial(newest) else { return };
    if found.kinds.is_empty() {
        no_tls(ends, judged, newest, out);
        return;
    }
    let Some(outcome) = doors.outcome(ends, &found, newest).filter(|outcome| !matches!(outcome, Outcome::Row(_)))
    else {
        return;
    };
    let same = |&major: &u8| {
        major == newest || dial(major).is_some_and(|dial| doors.outcome(ends, &dial, major) == Some(outcome))
    };
    let majors = judged.iter().filter(same).collect::<Majors>();
    let (Some(access), Some(span)) = (doors.access(ends), ends.edge.span(ends.cluster)) else { return };
    let sure = if access.whole { ends.confidence() } else { Confidence::Medium };
    let subject = Subject::Conninfo(ends.edge.conninfo(ends.cluster).map_or_else(String::new, |of| of.origin.key()));
    let (up, what) = (ends.up.shown(), asked(&found));
    let finding = match outcome {
        Outcome::Rejected(row) => {
            let Some(row) = access.hba.rows.get(row) else { return };
            Finding::new(
                CLUSTER_CONNECTION_REJECTED,
                subject,
                majors,
                Label::new(row.method_span, "refuses the connection"),
                format!("pg_hba.conf of {up} rejects {what}, which {} asks for", ends.down.shown()),
            )
            .related(span, "the connection")
            .help("put a row that lets the connection in above this one")
        }
        _ => {
            let message = format!("no row of pg_hba.conf on {up} is for {what}, which {} asks for", ends.down.shown());
            let label = Label::new(span, "the server refuses the connection");
            let finding = Finding::new(CLUSTER_CONNECTION_NO_ROW, subject, majors, label, message);
            let near = doors.nearest(ends, &found, newest);
            let finding = match near {
                Some((row, judged)) => finding.related(place(row, judged.field), why(&found, row, judged.field)),
                None => finding.related(Span::new(access.hba.file, 0, 0), "no row comes near"),
            };
            finding.help(format!("add a row for {}", wanted(&found)))
        }
    };
    out.push(finding.confidence(sure));
}

/// TLS that the string insists on and the sender is told not to have.
fn no_tls(ends: &Ends<'_>, judged: Majors, newest: u8, out: &mut Sink<'_>) {
    let Some((false, Some(off))) = side::is_on(ends.cluster, ends.up, "ssl", newest) else { return };
    let Some(mode) = ends.edge.keyword(ends.cluster, "sslmode", newest) else { return };
    let Some(of) = ends.edge.conninfo(ends.cluster) else { return };
    let span = of.conninfo.get("sslmode").map_or(of.span, |param| param.value.span);
    let message = format!("`sslmode` is `{mode}`, and {} has `ssl = off`", ends.up.shown());
    let label = Label::new(span, "libpq gives up: the server does not support TLS");
    out.push(
        Finding::new(CLUSTER_CONNECTION_NO_TLS, Subject::Conninfo(of.origin.key()), judged, label, message)
            .related(off, "no TLS here")
            .help("turn `ssl` on there, with a certificate")
            .confidence(ends.confidence()),
    );
}

/// The connection in words: "replication by user `repl` without TLS".
fn asked(dial: &Dial) -> String {
    let user = shorten(&dial.user);
    let who = match &dial.database {
        Some(database) => format!("user `{user}` and database `{}`", shorten(database)),
        None => format!("replication by user `{user}`"),
    };
    let from = match dial.from.as_slice() {
        [crate::reach::From::Ip(ip)] => format!(" from {ip}"),
        _ => String::new(),
    };
    match dial.kinds.as_slice() {
        [Kinds::LOCAL] => format!("{who} on the socket"),
        [Kinds::PLAIN] => format!("{who}{from} without TLS"),
        [Kinds::TLS] => format!("{who}{from} with TLS"),
        _ => format!("{who}{from}"),
    }
}

/// What a row needs, in words.
fn wanted(dial: &Dial) -> String {
    let user = shorten(&dial.user);
    match &dial.database {
        Some(database) => format!("database `{}` and user `{user}`", shorten(database)),
        None => format!("database `replication` and user `{user}`"),
    }
}

/// The field of a row that does not fit.
fn place(row: &HbaRow, field: Option<Field>) -> Span {
    match field {
        Some(Field::Kind) => row.conn_type_span,
        Some(Field::Address) => row.address.as_ref().map_or(row.span, |address| address.span),
        Some(Field::Database) => row.databases.first().map_or(row.span, |item| item.span),
        Some(Field::User) => row.users.first().map_or(row.span, |item| item.span),
        None => row.span,
    }
}

/// Why a row that comes near does not match.
fn why(dial: &Dial, row: &HbaRow, field: Option<Field>) -> &'static str {
    let has = |kind: &DbKind| row.databases.iter().any(|item| item.kind == *kind);
    match field {
        Some(Field::Database) if dial.database.is_none() && has(&DbKind::All) => "`all` does not take in replication",
        Some(Field::Database) if dial.database.is_some() && has(&DbKind::Replication) => {
            "`replication` is for standbys; a subscription connects to a database"
        }
        Some(Field::Kind) => "comes near, but is for another kind of connection",
        Some(Field::Address) => "comes near, but is for another address",
        Some(Field::Database) => "comes near, but is for another database",
        _ => "comes near, but is for another user",
    }
}
