//! Encryption on both sides of the pooler.

use crate::catalog::NEWEST_HELD;
use crate::catalog::conninfo::effective;
use crate::checks::pgbouncer::{absent, finding, is_reachable, of_setting};
use crate::finding::{Confidence, Finding, Subject};
use crate::model::client::PgBouncer;
use crate::rule::{Context, RuleId, Sink, id};
use crate::source::FileId;

pub(super) fn check(file: FileId, pooler: &PgBouncer, cx: &Context<'_>, out: &mut Sink<'_>) {
    if is_reachable(pooler) == Some(true) {
        let label = ["clients send everything unencrypted", "clients may connect without encryption"];
        let found = side(cx, id::PGBOUNCER_CLIENT_TLS_WEAK, file, pooler, "client_tls_sslmode", label);
        let found = found.map(|found| match pooler.get("listen_addr") {
            Some(listen) => found.related(listen.span, "other machines connect here"),
            None => found,
        });
        if let Some(found) = found {
            out.push(
                found.help("set `client_tls_sslmode = require` with `client_tls_key_file` and `client_tls_cert_file`"),
            );
        }
    }
    let mut remote =
        pooler.databases.iter().filter(|database| effective::is_local(&database.conninfo, NEWEST_HELD) == Some(false));
    if let Some(database) = remote.next() {
        let label =
            ["everything is sent to the server unencrypted", "the server's certificate is not verified, if it has any"];
        if let Some(found) = side(cx, id::PGBOUNCER_SERVER_TLS_WEAK, file, pooler, "server_tls_sslmode", label) {
            let found = found.related(database.conninfo.span, "leads to another host");
            out.push(found.help("set `server_tls_sslmode = verify-full` with `server_tls_ca_file`"));
        }
    }
}

/// The mode of one side, where it is too weak or not set.
fn side(
    cx: &Context<'_>,
    rule: RuleId,
    file: FileId,
    pooler: &PgBouncer,
    name: &str,
    [off, optional]: [&str; 2],
) -> Option<Finding> {
    let Some(setting) = pooler.get(name) else {
        if pooler.open {
            return None;
        }
        let message = format!("`{name}` of PgBouncer is not set, which turns TLS off or leaves it optional");
        let subject = Subject::Setting(name.to_owned());
        let found = finding(cx, rule, subject, absent(file, pooler), off, message);
        return Some(found.confidence(Confidence::Medium));
    };
    let label = match setting.value.bytes() {
        _ if setting.value.dynamic => return None,
        b"disable" => off,
        b"allow" | b"prefer" => optional,
        _ => return None,
    };
    Some(of_setting(cx, rule, setting, label, format!("`{name}` of PgBouncer is `{}`", cx.show(setting.value.span))))
}
