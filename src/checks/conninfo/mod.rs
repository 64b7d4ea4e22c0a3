//! Connection strings: what libpq refuses, and what a string leaves open to whoever listens on the way.
//!
//! One pass over all of them, wherever they stand. Those of pgbouncer.ini are not libpq's; `checks::pgbouncer` has them.

use crate::catalog::conninfo::effective;
use crate::catalog::{Majors, NEWEST_HELD};
use crate::checks::access::Superusers;
use crate::finding::{Finding, Label, Subject};
use crate::model::{ConninfoUse, Node, Origin};
use crate::rule::{Context, RuleId, Sink};
use crate::source::Span;
use crate::syntax::conninfo::{Form, Param};

mod auth;
mod hosts;
mod mend;
mod password;
mod refused;
mod repeated;
mod tls;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let superusers = Superusers::read(cx);
    for of in cx.cluster.conninfos.iter().filter(|of| of.conninfo.form != Form::PgBouncer && !of.conninfo.dynamic) {
        password::check(of, cx, out);
        if of.overridden {
            continue;
        }
        let conflict = refused::check(of, cx, out);
        // What follows the first error is not read, so it is not known what the string sets.
        if !of.conninfo.errors.is_empty() {
            continue;
        }
        repeated::check(of, cx, out);
        // A mode that libpq refuses here is told already.
        if !conflict {
            tls::check(of, cx, out);
        }
        auth::check(of, &superusers, cx, out);
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

/// Whether nothing but settings told which majors are meant, so that the string may be for any that read it.
fn is_untold(of: &ConninfoUse, cx: &Context<'_>) -> bool {
    let open = |node: &Node| node.targets.without_settings.is_untold();
    match of.origin {
        // 10 and 11 are told by recovery.conf itself.
        Origin::Primary { node } => is_newest(of.majors) && cx.cluster.nodes.get(node).is_some_and(open),
        _ => is_cluster_untold(cx),
    }
}

/// The same of what belongs to no node.
pub(crate) fn is_cluster_untold(cx: &Context<'_>) -> bool {
    let nodes = &cx.cluster.nodes;
    let settings_only = nodes.iter().all(|node| node.targets.without_settings.is_untold());
    if nodes.is_empty() { cx.cluster.majors.is_untold() } else { settings_only && is_newest(cx.cluster.majors) }
}

fn is_newest(majors: Majors) -> bool {
    majors.last().is_some_and(|last| last >= NEWEST_HELD)
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
