//! Passwords written into a connection string.

use crate::checks::conninfo::finding;
use crate::discover::Kind;
use crate::finding::Confidence;
use crate::model::{ConninfoUse, Origin};
use crate::rule::{Context, Sink, id};
use crate::secret::is_placeholder;
use crate::source::Span;
use crate::syntax::conninfo::{Form, Param};

pub(super) fn check(of: &ConninfoUse, cx: &Context<'_>, out: &mut Sink<'_>) {
    let secrets = of.conninfo.params.iter().filter(|param| param.value.secret);
    for param in secrets.filter(|param| !param.value.dynamic && !param.value.bytes().is_empty()) {
        let keyword = param.keyword.name.as_str();
        let place = match (&of.origin, cx.sources.file(of.span.file).kind()) {
            (Origin::Primary { .. }, Kind::AutoConf) => "`primary_conninfo` of postgresql.auto.conf".to_owned(),
            _ => of.origin.shown(),
        };
        let message = if is_variable(of, param, cx) {
            let line = line_up_to(param.value.span, cx);
            let is_own = memchr::memmem::find(line, b"PGPASSWORD").is_some() && keyword == "password";
            let what = if is_own { "`PGPASSWORD`".to_owned() } else { format!("`{keyword}` of a connection") };
            format!("{what} is set in clear text")
        } else {
            format!("`{keyword}` is written in {place}")
        };
        let finding =
            finding(id::CONNINFO_PASSWORD, of, keyword, param.span, "everyone who reads the file can log in", message);
        let help = match (&of.origin, keyword) {
            (_, "sslpassword") => "use a key without a passphrase that only the server's user can read",
            (_, "scram_client_key" | "scram_server_key" | "oauth_client_secret") => {
                "have the program that connects fill it in from a store of secrets"
            }
            (Origin::Primary { .. }, _) => {
                "put it into a password file of the server's user (`~/.pgpass`, or `passfile=` in the string), or use a client certificate"
            }
            (Origin::Subscription { .. }, _) => {
                "name a password file with `passfile=`, or use a client certificate; the string is stored in `pg_subscription`"
            }
            (Origin::Service { .. } | Origin::PgBouncer { .. }, _) => {
                "put it into a password file (`~/.pgpass`, or `passfile=` in the service)"
            }
            (Origin::Client, _) => "have it filled in from a store of secrets, or use a password file (`passfile=`)",
        };
        let placeholder = is_placeholder(param.value.bytes());
        let finding = finding.help(help);
        out.push(if placeholder { finding.confidence(Confidence::Low) } else { finding });
    }
}

/// Whether the string is none that stands in the file, but was put together from variables or settings of a program.
fn is_variable(of: &ConninfoUse, param: &Param, cx: &Context<'_>) -> bool {
    let host = cx.sources.bytes(cx.sources.to_host(param.span));
    of.origin == Origin::Client && of.conninfo.form == Form::Keyword && !host.starts_with(param.keyword.name.as_bytes())
}

/// What stands in the host file before a value, on its line.
fn line_up_to<'a>(value: Span, cx: &Context<'a>) -> &'a [u8] {
    let at = cx.sources.to_host(value);
    let before = cx.sources.file(at.file).bytes().get(..at.start as usize).unwrap_or_default();
    before.rsplit(|&byte| byte == b'\n').next().unwrap_or_default()
}
