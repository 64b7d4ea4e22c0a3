//! Connection strings: what libpq refuses, and what a string leaves open to whoever listens on the way.
//!
//! One pass over all of them, wherever they stand. Those of pgbouncer.ini are not libpq's; `checks::pgbouncer` has them.

use crate::catalog::Majors;
use crate::catalog::conninfo::effective;
use crate::finding::{Finding, Label, Subject};
use crate::model::{ConninfoUse, Origin};
use crate::rule::{Context, RuleId, Sink};
use crate::source::Span;
use crate::syntax::conninfo::{Form, Param};

mod auth;
mod hosts;
mod password;
mod refused;
mod repeated;
mod tls;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for of in cx.cluster.conninfos.iter().filter(|of| of.conninfo.form != Form::PgBouncer && !of.conninfo.dynamic) {
        password::check(of, cx, out);
        if of.overridden {
            continue;
        }
        refused::check(of, cx, out);
        // What follows the first error is not read, so it is not known what the string sets.
        if !of.conninfo.errors.is_empty() {
            continue;
        }
        repeated::check(of, cx, out);
        // What a string that cannot be read would do is of no interest.
        if !of.conninfo.errors.is_empty() {
            continue;
        }
        tls::check(of, cx, out);
        auth::check(of, cx, out);
        hosts::check(of, cx, out);
    }
}

/// A finding on a connection string, on all of its majors.
fn finding(rule: RuleId, of: &ConninfoUse, keyword: &str, at: Span, label: &str, message: String) -> Finding {
    let subject = Subject::Conninfo(format!("{}/{keyword}", of.origin.key()));
    Finding::new(rule, subject, of.majors, Label::new(at, label), message)
}

/// The setting of a keyword that counts, if its value is known.
fn known<'a>(of: &'a ConninfoUse, keyword: &str) -> Option<&'a Param> {
    of.conninfo.get(keyword).filter(|param| !param.value.dynamic)
}

/// Whether nothing told which majors are meant, so that any of them may be.
fn is_untold(of: &ConninfoUse) -> bool {
    // The strings of nodes are judged for the majors that read their file, which are never all.
    let file = match of.origin {
        Origin::Primary { .. } => Majors::since(12),
        _ => Majors::ALL,
    };
    of.majors == file
}

/// Whether a host of the string is known to be another machine.
fn is_remote(of: &ConninfoUse) -> bool {
    of.majors.last().and_then(|major| effective::is_local(&of.conninfo, major)) == Some(false)
}

/// Whether every host is known to be a socket of the file system.
fn is_socket(of: &ConninfoUse) -> bool {
    let Some(major) = of.majors.last() else { return false };
    effective::hosts(&of.conninfo, major).is_some_and(|hosts| hosts.iter().all(|host| host.is_socket(major)))
}

/// The place that says where the string leads: the host, else the whole string.
fn target(of: &ConninfoUse) -> Span {
    let host = of.conninfo.get("host").or_else(|| of.conninfo.get("hostaddr"));
    host.map_or(of.conninfo.span, |param| param.span)
}
