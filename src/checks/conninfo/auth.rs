//! As whom a connection is made, and how the server must ask for the password.

use crate::catalog::conninfo::effective;
use crate::checks::access::Superusers;
use crate::checks::conninfo::{finding, is_remote, is_socket, known, mend};
use crate::finding::Safety;
use crate::model::{ConninfoUse, Origin};
use crate::rule::{Context, Sink, id, shorten};

pub(super) fn check(of: &ConninfoUse, superusers: &Superusers<'_>, cx: &Context<'_>, out: &mut Sink<'_>) {
    superuser(of, superusers, cx, out);
    let shown = of.origin.shown();
    channel_binding(of, cx, out);
    let verified = known(of, "sslmode").is_some_and(|param| param.value.is("verify-full"));
    let Some(param) = known(of, "require_auth").filter(|_| is_remote(of) && !verified) else { return };
    let methods = param.value.bytes().split(|&byte| byte == b',');
    let weak = methods.filter_map(|method| match method {
        b"none" => Some("none"),
        b"password" => Some("password"),
        b"md5" => Some("md5"),
        _ => None,
    });
    if let Some(method) = weak.min_by_key(|method| ["none", "password", "md5"].iter().position(|known| known == method))
    {
        let message = format!("`require_auth` is `{}` in {shown}, which allows `{method}`", cx.show(param.value.span));
        let label = match method {
            "none" => "a server that asks for no password is taken",
            "password" => "a false server gets the password itself",
            _ => "a false server gets what it needs to guess the password",
        };
        let found = finding(id::CONNINFO_REQUIRE_AUTH_WEAK, of, "require_auth", param.span, label, message);
        let found = found.help("set `require_auth=scram-sha-256`");
        out.push(mend::set(of, "require_auth", "scram-sha-256", cx, found));
    }
}

/// Replication that runs as `postgres`, or as a role that SQL around makes a superuser.
fn superuser(of: &ConninfoUse, superusers: &Superusers<'_>, cx: &Context<'_>, out: &mut Sink<'_>) {
    let folder = match of.origin {
        Origin::Primary { node } => cx.cluster.nodes.get(node).map(|node| node.folder.as_path()),
        Origin::Subscription { .. } => cx.sources.file(of.span.file).place().parent(),
        _ => return,
    };
    let Some((folder, param)) = folder.zip(known(of, "user")) else { return };
    let Ok(user) = std::str::from_utf8(param.value.bytes()) else { return };
    let Some(made) = superusers.around(folder).remove(user) else { return };
    let shown = of.origin.shown();
    let message = match made {
        None => format!("`user` is `{user}` in {shown}: replication runs as the superuser"),
        Some(_) => format!("`user` is `{}` in {shown}: replication runs as a superuser", shorten(user)),
    };
    let label = "the superuser";
    let found = finding(id::CONNINFO_SUPERUSER, of, "user", param.span, label, message);
    let found = made.iter().fold(found, |found, &span| found.related(span, "made a superuser here"));
    out.push(found.help("connect as a role of its own with `LOGIN REPLICATION` and no more rights than it needs"));
}

fn channel_binding(of: &ConninfoUse, cx: &Context<'_>, out: &mut Sink<'_>) {
    let Some(param) = known(of, "channel_binding") else { return };
    let shown = of.origin.shown();
    let sslmode = known(of, "sslmode").filter(|param| param.value.is("disable"));
    if param.value.is("require") && (is_socket(of) || sslmode.is_some()) {
        let why = if sslmode.is_some() { "`sslmode` is `disable`" } else { "a Unix-domain socket has no TLS" };
        let message = format!("`channel_binding` is `require` in {shown}, and {why}");
        let label = "libpq refuses to log in without TLS";
        let found =
            finding(id::CONNINFO_CHANNEL_BINDING_WITHOUT_TLS, of, "channel_binding", param.span, label, message);
        out.push(found.help("set `sslmode=verify-full`, or remove `channel_binding`"));
    }
    let tls = of
        .majors
        .last()
        .and_then(|major| effective::value(&of.conninfo, "sslmode", major).text().map(|mode| mode != "disable"));
    if param.value.is("disable") && is_remote(of) && tls == Some(true) {
        let message = format!("`channel_binding` is `disable` in {shown}");
        let label = "a server in between can pass the login on";
        let found = finding(id::CONNINFO_CHANNEL_BINDING_OFF, of, "channel_binding", param.span, label, message);
        let found = found.help("remove it, or set `channel_binding=require`");
        out.push(mend::without(of, param, Safety::Unsafe, cx, found));
    }
}
