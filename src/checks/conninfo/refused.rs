//! What libpq refuses in a connection string: syntax, keywords, values, and what does not go together.
//!
//! The verdicts are the catalogue's; here each gets its rule and the way to mend it.

use crate::catalog::conninfo::{self, Reason, Refusal, When};
use crate::catalog::{Majors, NEWEST, nearest};
use crate::checks::conninfo::{finding, is_untold, mend};
use crate::checks::edit::rename;
use crate::discover::{Kind, is_template_name};
use crate::finding::{Finding, Safety, Severity};
use crate::model::{ConninfoUse, Origin};
use crate::rule::{Context, RuleId, Sink, id};
use crate::source::Span;
use crate::syntax::conninfo::ConninfoError;

/// Tells what libpq refuses, and gives whether the `sslmode` is a part of it.
pub(super) fn check(of: &ConninfoUse, cx: &Context<'_>, out: &mut Sink<'_>) -> bool {
    // 12 and later do not read recovery.conf, so nothing in it is refused on its own.
    if cx.sources.file(of.span.file).kind() == Kind::RecoveryConf && (of.majors & Majors::until(11)).is_empty() {
        return false;
    }
    let mut sslmode = false;
    for refusal in conninfo::check(&of.conninfo, of.majors) {
        let majors = majors(of, &refusal, cx);
        if majors.is_empty() || stands_for_a_value(&refusal, cx) {
            continue;
        }
        sslmode |= matches!(refusal.reason, Reason::WeakSslmode { .. });
        let (rule, keyword, help) = words(&refusal.reason, majors);
        let message = match &refusal.reason {
            Reason::Syntax(error) => format!("{} cannot be read: {error}", of.origin.shown()),
            reason => format!("{reason}, in {}", of.origin.shown()),
        };
        let label = match (refusal.when, &of.origin) {
            (When::Start, Origin::Primary { .. }) => "the standby cannot connect",
            (When::Start, Origin::Subscription { .. }) => "the server refuses the statement",
            (When::Start, _) => "libpq refuses the string",
            (When::Host, _) => "libpq passes over the host",
            (When::Tcp, _) => "libpq refuses it for connections over TCP",
            (When::Wait, _) => "libpq refuses it when it waits for the server",
        };
        let mut finding = finding(rule, of, &keyword, refusal.span, label, message);
        finding.majors = majors;
        finding.help = help;
        if matches!(refusal.when, When::Tcp | When::Wait) {
            finding.severity = Severity::Warning;
        }
        if let Reason::UnknownKeyword { keyword, nearest: Some(near) } = &refusal.reason {
            finding = rename(cx, finding, (refusal.span, keyword), near, Safety::Unsafe);
        }
        out.push(mended(of, &refusal.reason, refusal.span, cx, finding));
    }
    sslmode
}

fn mended(of: &ConninfoUse, reason: &Reason, span: Span, cx: &Context<'_>, finding: Finding) -> Finding {
    match reason {
        // It had no effect on the majors that take it.
        Reason::OtherMajors { known, .. } if !known.contains(NEWEST) => {
            match of.conninfo.params.iter().find(|param| param.keyword.span == span || param.span == span) {
                Some(param) => mend::without(of, param, Safety::Safe, cx, finding),
                None => finding,
            }
        }
        Reason::Value { allowed, .. } => {
            let written = String::from_utf8_lossy(cx.sources.bytes(span)).into_owned();
            match nearest(&written.to_ascii_lowercase(), allowed.iter().copied()) {
                Some(near) => rename(cx, finding, (span, &written), near, Safety::Unsafe),
                None => finding,
            }
        }
        Reason::WeakSslmode { .. } => mend::verify(of, cx, finding),
        _ => finding,
    }
}

/// Whether a template has a word such as `PRIMARY_PORT` where the value will be.
fn stands_for_a_value(refusal: &Refusal, cx: &Context<'_>) -> bool {
    let value = matches!(
        refusal.reason,
        Reason::Value { .. } | Reason::Number { .. } | Reason::Port { .. } | Reason::Address { .. }
    );
    let name = cx.sources.file(refusal.span.file).path().file_name().unwrap_or_default();
    let word = cx.sources.bytes(refusal.span);
    let capitals = word.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_');
    value && is_template_name(name) && capitals && word.first().is_some_and(u8::is_ascii_uppercase)
}

/// The majors on which the refusal is worth telling.
fn majors(of: &ConninfoUse, refusal: &Refusal, cx: &Context<'_>) -> Majors {
    // The server waits for the connection itself, and so never looks at the time to wait (servers 16 to 18 take any
    // text for `connect_timeout` in CONNECTION, and connect).
    let server = matches!(of.origin, Origin::Primary { .. } | Origin::Subscription { .. });
    let majors = if refusal.when == When::Wait && server { Majors::NONE } else { refusal.majors };
    // Where no major is told, a string that the newest one takes is written for those that take it.
    if is_untold(of, cx) && of.majors.last().is_some_and(|newest| !majors.contains(newest)) {
        Majors::NONE
    } else {
        majors
    }
}

/// The rule of a refusal, the keyword it is about, and what to do.
fn words(reason: &Reason, majors: Majors) -> (RuleId, String, Option<String>) {
    match reason {
        Reason::Syntax(error) => (id::CONNINFO_SYNTAX, String::new(), Some(advice(*error).to_owned())),
        Reason::UnknownKeyword { keyword, nearest } => {
            let help = nearest.map(|nearest| format!("write `{nearest}`"));
            (id::CONNINFO_UNKNOWN_KEYWORD, keyword.clone(), help.or_else(|| Some("remove it".to_owned())))
        }
        Reason::OtherMajors { keyword, known } if known.contains(NEWEST) => {
            let help = format!("remove it, or use a libpq of {} or later", known.first().unwrap_or(NEWEST));
            (id::CONNINFO_TOO_NEW_KEYWORD, (*keyword).to_owned(), Some(help))
        }
        Reason::OtherMajors { keyword, .. } => {
            let help = "remove it; it had no effect before either".to_owned();
            (id::CONNINFO_REMOVED_KEYWORD, (*keyword).to_owned(), Some(help))
        }
        Reason::Value { keyword, allowed, .. } => {
            let allowed = allowed.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
            let help = format!(
                "use one of {allowed}{}",
                if majors.len() > 1 { ", which all of these majors take" } else { "" }
            );
            (id::CONNINFO_BAD_VALUE, (*keyword).to_owned(), Some(help))
        }
        Reason::Number { keyword, .. } | Reason::SocketOption { keyword, .. } | Reason::ScramKey { keyword } => {
            (id::CONNINFO_BAD_VALUE, (*keyword).to_owned(), None)
        }
        Reason::Port { .. } => (id::CONNINFO_BAD_VALUE, "port".to_owned(), None),
        Reason::Address { .. } => {
            let help = "write the name as `host`; `hostaddr` is for addresses only".to_owned();
            (id::CONNINFO_BAD_VALUE, "hostaddr".to_owned(), Some(help))
        }
        Reason::AuthMethod { .. } | Reason::AuthMixed | Reason::AuthRepeated { .. } => {
            (id::CONNINFO_BAD_VALUE, "require_auth".to_owned(), None)
        }
        Reason::HostCount { .. } => {
            let help = "give each host its address, or leave `hostaddr` out".to_owned();
            (id::CONNINFO_CONFLICT, "hostaddr".to_owned(), Some(help))
        }
        Reason::PortCount { .. } => {
            let help = "give one port for all hosts, or one for each".to_owned();
            (id::CONNINFO_CONFLICT, "port".to_owned(), Some(help))
        }
        Reason::WeakSslmode { .. } => {
            (id::CONNINFO_CONFLICT, "sslmode".to_owned(), Some("set `sslmode=verify-full`".to_owned()))
        }
        Reason::VersionRange { lowest, highest } => {
            let help = format!("raise `{highest}` or lower `{lowest}`");
            (id::CONNINFO_CONFLICT, (*highest).to_owned(), Some(help))
        }
    }
}

/// What to write where a connection string cannot be read.
fn advice(error: ConninfoError) -> &'static str {
    match error {
        ConninfoError::MissingEquals => "write `keyword=value`; a value with blanks stands in single quotes",
        ConninfoError::UnterminatedQuote => "end the value with a single quote, which is doubled inside of a setting",
        _ => "write `keyword=value` pairs with blanks between them, or a URI whose signs are percent-encoded",
    }
}
