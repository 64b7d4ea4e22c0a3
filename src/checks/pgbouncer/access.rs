//! How clients prove who they are, and passwords in the file.

use crate::checks::pgbouncer::{finding, is_reachable, of_setting};
use crate::finding::{Confidence, Finding, Safety, Severity, Subject};
use crate::model::client::{PgBouncer, Setting};
use crate::rule::{Context, Sink, id};
use crate::secret::is_placeholder;

pub(super) fn check(pooler: &PgBouncer, cx: &Context<'_>, out: &mut Sink<'_>) {
    // A template may choose any of several lines.
    let methods = pooler.settings.iter().filter(|setting| setting.name == "auth_type" && !setting.value.dynamic);
    for setting in methods.filter(|setting| setting.winner || pooler.open) {
        let shown = cx.show(setting.value.span);
        let message = |so: &str| format!("`auth_type` of PgBouncer is `{shown}`: {so}");
        match setting.value.bytes() {
            method @ (b"any" | b"trust") => {
                let so = if method == b"any" {
                    "every client gets in, as any user, and administers the console"
                } else {
                    "every client gets in as any listed user, without a password"
                };
                let found = of_setting(cx, id::PGBOUNCER_AUTH_TRUST, setting, "asks for no password", message(so));
                let found = if is_reachable(pooler) == Some(false) { found.severity(Severity::Warning) } else { found };
                out.push(scram(setting, found.help("set `auth_type = scram-sha-256`")));
            }
            b"plain" => {
                let so = "clients send their passwords as they are";
                let found = of_setting(
                    cx,
                    id::PGBOUNCER_AUTH_PLAIN,
                    setting,
                    "no challenge, the password itself is sent",
                    message(so),
                );
                out.push(scram(setting, found.help("set `auth_type = scram-sha-256`")));
            }
            b"md5" => {
                let so = "MD5 is used wherever the stored password allows it";
                let found = of_setting(cx, id::PGBOUNCER_AUTH_MD5, setting, "takes MD5 hashes", message(so));
                let found = found.help("set `auth_type = scram-sha-256` once the list of users has SCRAM secrets");
                out.push(scram(setting, found));
            }
            _ => {}
        }
    }
    if let Some(setting) = pooler.get("auth_user").filter(|setting| setting.value.is("postgres")) {
        let label = "the superuser";
        let message =
            "`auth_user` of PgBouncer is `postgres`: the query for passwords runs as the superuser".to_owned();
        let found = of_setting(cx, id::PGBOUNCER_AUTH_USER_SUPERUSER, setting, label, message);
        out.push(found.help("use a role of its own that may only call a SECURITY DEFINER function for the query"));
    }
    for database in &pooler.databases {
        let secrets = database.conninfo.params.iter().filter(|param| param.value.secret && !param.value.dynamic);
        for param in secrets.filter(|param| !param.value.bytes().is_empty()) {
            let name = &database.name;
            let subject = Subject::Conninfo(format!("pgbouncer/{name}/{}", param.keyword.name));
            let message = format!("`{}` is written for database `{name}` in pgbouncer.ini", param.keyword.name);
            let label = "everyone who reads the file can log in";
            let found = finding(cx, id::PGBOUNCER_DATABASE_PASSWORD, subject, param.span, label, message);
            let found = if is_placeholder(param.value.bytes()) { found.confidence(Confidence::Low) } else { found };
            out.push(found.help("put it into `auth_file`, or let clients log in as themselves with SCRAM"));
        }
    }
}

fn scram(setting: &Setting, found: Finding) -> Finding {
    let edit = vec![(setting.value.span, "scram-sha-256".to_owned())];
    found.fix("set `auth_type` to `scram-sha-256`", Safety::Unsafe, edit)
}
