//! Rows that ask for a password which the role does not have, or has in another form.
//!
//! The password of a role is what the sender's SQL says; one that is set elsewhere is not seen, so that a role without
//! any is reported with doubt.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::connection::{self, Doors, Outcome};
use super::ends::{Ends, ends};
use super::role;
use super::sender::{Account, Sender, Senders};
use super::side;
use crate::catalog::Majors;
use crate::catalog::hba::Method;
use crate::finding::{Confidence, Finding, Label, Subject};
use crate::model::hba::HbaRow;
use crate::model::sql::PasswordForm;
use crate::model::value::Value;
use crate::rule::id::{CLUSTER_CONNECTION_MD5_VERIFIER, CLUSTER_CONNECTION_NO_PASSWORD};
use crate::rule::{Context, Sink, shorten};

static SESSION: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?i)password_encryption|\\password").ok());

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let known = connection::known(cx);
    let mut doors = Doors::new(cx, &known);
    let senders = Senders::new(cx);
    for ends in ends(cx) {
        let (Some(user), Some(sender)) = (role::user(&ends), senders.of(&ends)) else { continue };
        let Some(account) = sender.made(&user).filter(|_| sender.closed) else { continue };
        let judged = if ends.is_physical() { ends.physical_majors() } else { ends.up.majors };
        let Some(row) = judged.last().and_then(|newest| decides(&ends, &mut doors, newest)) else { continue };
        let asks = matches!(row.method, Method::ScramSha256 | Method::Md5 | Method::Password);
        if !asks || SESSION.as_ref().is_none_or(|pattern| sender.says(cx, pattern)) {
            continue;
        }
        if account.passwords.iter().all(|password| password.form == PasswordForm::Null) {
            if !senders.is_named_by_hosts(&user) {
                none(&ends, &user, account, row, judged, out);
            }
        } else if row.method == Method::ScramSha256 {
            verifier(&ends, sender, &user, row, judged, out);
        }
    }
}

/// The row that lets the connection of an edge in.
pub(super) fn decides<'a>(ends: &Ends<'a>, doors: &mut Doors<'a>, major: u8) -> Option<&'a HbaRow> {
    let dial = connection::dial(ends, major).filter(|dial| !dial.kinds.is_empty())?;
    match doors.outcome(ends, &dial, major)? {
        Outcome::Row(row) => doors.access(ends)?.hba.rows.get(row),
        _ => None,
    }
}

fn none(ends: &Ends<'_>, user: &str, account: &Account<'_>, row: &HbaRow, judged: Majors, out: &mut Sink<'_>) {
    let Some(made) = account.made.first() else { return };
    let message = format!(
        "role `{}` has no password, and pg_hba.conf of {} asks {} for one",
        shorten(user),
        ends.up.shown(),
        ends.down.shown()
    );
    let label = Label::new(*made, "made without a password");
    let mut finding =
        Finding::new(CLUSTER_CONNECTION_NO_PASSWORD, Subject::Role(user.to_owned()), judged, label, message)
            .related(row.method_span, "asks for a password");
    if let Some(place) = role::place(ends) {
        finding = finding.related(place, "connects as it");
    }
    out.push(finding.help("give the role a password, or let it in by a certificate").confidence(Confidence::Medium));
}

fn verifier(ends: &Ends<'_>, sender: &Sender<'_>, user: &str, row: &HbaRow, judged: Majors, out: &mut Sink<'_>) {
    let Some(account) = sender.made(user) else { return };
    let all = |form: PasswordForm| account.passwords.iter().all(|password| password.form == form);
    let on_md5 = |major: &u8| {
        let said = ends.up.setting(ends.cluster, "password_encryption", *major);
        said.is_some_and(|said| said.value == Value::Enum("md5"))
    };
    let majors = match () {
        () if all(PasswordForm::Md5) => judged,
        () if all(PasswordForm::Plain) => side::counted(judged, judged.iter().filter(on_md5).collect()),
        () => return,
    };
    let Some(text) = account.passwords.first().and_then(|password| password.text.as_ref()) else { return };
    let Some(newest) = majors.last() else { return };
    let up = ends.up.shown();
    let message = format!(
        "role `{}` has an MD5 password, and pg_hba.conf of {up} asks {} for `scram-sha-256`",
        shorten(user),
        ends.down.shown()
    );
    let label = Label::new(text.span, "kept as an MD5 hash");
    let subject = Subject::Role(user.to_owned());
    let mut finding = Finding::new(CLUSTER_CONNECTION_MD5_VERIFIER, subject, majors, label, message)
        .related(row.method_span, "takes no MD5 hash");
    if let Some(place) = role::place(ends) {
        finding = finding.related(place, "connects as it");
    }
    let said = ends.up.setting(ends.cluster, "password_encryption", newest).filter(|_| all(PasswordForm::Plain));
    if let Some(span) = said.and_then(|said| said.span) {
        finding = finding.related(span, "why it is kept so");
    }
    out.push(
        finding.help("set the password anew with `password_encryption = scram-sha-256`").confidence(ends.confidence()),
    );
}
