//! PgBouncer: who gets in, what goes unencrypted, passwords in pgbouncer.ini and userlist.txt, and lines that do not
//! count. Values and defaults are those of PgBouncer's documentation.

use crate::finding::{Finding, Label, Subject};
use crate::model::client::{PgBouncer, Setting};
use crate::rule::{Context, RuleId, Sink};
use crate::source::{FileId, Span};

mod access;
mod lines;
mod tls;
mod userlist;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (file, pooler) in &cx.cluster.clients.poolers {
        access::check(pooler, cx, out);
        tls::check(*file, pooler, cx, out);
        lines::check(*file, pooler, cx, out);
    }
    for (_, list) in &cx.cluster.clients.userlists {
        userlist::check(list, cx, out);
    }
}

/// A finding on a setting of pgbouncer.ini.
fn of_setting(cx: &Context<'_>, rule: RuleId, setting: &Setting, label: &str, message: String) -> Finding {
    finding(cx, rule, Subject::Setting(setting.name.clone()), setting.span, label, message)
}

fn finding(cx: &Context<'_>, rule: RuleId, subject: Subject, at: Span, label: &str, message: String) -> Finding {
    Finding::new(rule, subject, cx.cluster.majors, Label::new(at, label), message)
}

/// The place for what the file does not set: its section's name.
fn absent(file: FileId, pooler: &PgBouncer) -> Span {
    pooler.main_section.unwrap_or(Span::new(file, 0, 0))
}

/// Whether other machines can connect; `None` if that is not known. Without `listen_addr` only sockets of the file
/// system are listened on.
fn is_reachable(pooler: &PgBouncer) -> Option<bool> {
    let Some(setting) = pooler.get("listen_addr") else { return (!pooler.open).then_some(false) };
    if setting.value.dynamic {
        return None;
    }
    let list = String::from_utf8_lossy(setting.value.bytes());
    let local = |name: &str| name.is_empty() || name == "localhost" || name == "::1" || name.starts_with("127.");
    Some(!list.split(',').all(|name| local(name.trim())))
}
