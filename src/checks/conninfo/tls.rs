//! Encryption of a connection and whom it is made to: `sslmode` and the keywords around it.

use crate::catalog::Majors;
use crate::catalog::conninfo::effective::{self, Effective};
use crate::checks::conninfo::{finding, is_remote, is_socket, is_untold, known, mend, target};
use crate::finding::{Confidence, Effect, Safety, Severity};
use crate::model::{ConninfoUse, Origin};
use crate::rule::{Context, Sink, id};

/// Ranks of `sslmode`.
const REQUIRE: usize = 3;
const VERIFY_CA: usize = 4;
const VERIFY_FULL: usize = 5;

pub(super) fn check(of: &ConninfoUse, cx: &Context<'_>, out: &mut Sink<'_>) {
    let Some(major) = of.majors.last() else { return };
    versions(of, cx, out);
    files(of, cx, out);
    let mode = effective::value(&of.conninfo, "sslmode", major);
    if is_socket(of) {
        // `init_allowed_encryption_methods`, before 17 `PQconnectPoll`; tried with libpq 15.
        if let Some(param) = known(of, "gssencmode").filter(|param| param.value.is("require")) {
            let message =
                format!("`gssencmode` is `require` in {}, whose host is a Unix-domain socket", of.origin.shown());
            let label = "libpq refuses to connect without encryption";
            let found = finding(id::CONNINFO_GSSENCMODE_SOCKET, of, "gssencmode", param.span, label, message);
            out.push(mend::without(of, param, Safety::Unsafe, cx, found.help("remove it")));
        }
        if let Effective::Set(param) = mode
            && effective::sslmode_rank(&param.value.to_string()).is_some_and(|rank| rank >= REQUIRE)
        {
            let message =
                format!("`sslmode` has no effect in {}, whose host is a Unix-domain socket", of.origin.shown());
            let label = "sockets of the file system are never encrypted";
            let found = finding(id::CONNINFO_SSLMODE_SOCKET, of, "sslmode", param.span, label, message);
            out.push(mend::without(of, param, Safety::Safe, cx, found.help("remove it")));
        }
        return;
    }
    // Encryption by GSSAPI makes `sslmode` irrelevant.
    if !is_remote(of) || known(of, "gssencmode").is_some_and(|param| param.value.is("require")) {
        return;
    }
    let (rank, set) = match mode {
        Effective::Set(param) => match effective::sslmode_rank(&param.value.to_string()) {
            Some(rank) => (rank, Some(param)),
            None => return,
        },
        Effective::Default(mode) => (effective::sslmode_rank(mode).unwrap_or(VERIFY_FULL), None),
        Effective::Unknown | Effective::None => return,
    };
    let shown = of.origin.shown();
    let at = set.map_or_else(|| target(of), |param| param.span);
    let root = of.conninfo.get("sslrootcert");
    let help = "set `sslmode=verify-full` and `sslrootcert` to the certificate of the authority";
    let least = out.text(id::CONNINFO_SSLMODE_FLOOR, "least");
    if effective::sslmode_rank(least).is_some_and(|floor| rank < floor) {
        let mode = set.map_or("not set".to_owned(), |param| format!("`{}`", param.value));
        let message = format!("`sslmode` is {mode} in {shown}, which is below `{least}`");
        let label = "less than the policy asks for";
        let found = finding(id::CONNINFO_SSLMODE_FLOOR, of, "sslmode", at, label, message);
        let found = found.help(format!("set `sslmode={least}`, or a stronger one"));
        out.push(mend::set(of, "sslmode", least, cx, found));
    }
    if rank < REQUIRE
        && let Some(root) = root.filter(|param| !param.value.bytes().is_empty())
    {
        let mode = set.map_or("`sslmode` is not set".to_owned(), |param| format!("`sslmode` is `{}`", param.value));
        let message = format!("`sslrootcert` verifies nothing in {shown}, since {mode}");
        let label = "no certificate is checked against it";
        let found = finding(id::CONNINFO_SSLROOTCERT_UNUSED, of, "sslrootcert", root.span, label, message);
        let found = found.help("set `sslmode=verify-full`").related(at, "takes any certificate, or none");
        out.push(mend::verify(of, cx, found));
    } else if rank < REQUIRE
        && let Some(param) = set
    {
        let message = format!("`sslmode` is `{}` in {shown}, which leads to another host", param.value);
        let label = match rank {
            0 => "the connection is never encrypted",
            1 => "the connection is encrypted only if the server insists",
            _ => "whoever sits in between can turn encryption off",
        };
        let found = finding(id::CONNINFO_SSLMODE_WEAK, of, "sslmode", at, label, message).help(help);
        out.push(mend::verify(of, cx, found));
    } else if rank < REQUIRE {
        let message = format!("`sslmode` is not set in {shown}, which leads to another host; its default is `prefer`");
        let label = "the connection may be unencrypted, and the server is not verified";
        let found = finding(id::CONNINFO_SSLMODE_MISSING, of, "sslmode", at, label, message).help(help);
        let found = mend::verify(of, cx, found);
        // PGSSLMODE of the client's environment may set it.
        let service = matches!(of.origin, Origin::Service { .. });
        out.push(if service { found.confidence(Confidence::Medium) } else { found });
    } else if rank == VERIFY_CA || rank == REQUIRE && root.is_none() && !effective::is_open(&of.conninfo) {
        let mode = set.map_or_else(String::new, |param| param.value.to_string());
        let message = format!("`sslmode` is `{mode}` in {shown}, so the server's name is not verified");
        let label = if rank == VERIFY_CA {
            "any server with a certificate of the same authority is taken"
        } else {
            "any server is taken, with any certificate"
        };
        let found = finding(id::CONNINFO_SSLMODE_UNVERIFIED, of, "sslmode", at, label, message).help(help);
        out.push(mend::verify(of, cx, found));
    }
    if rank == VERIFY_FULL
        && known(of, "hostaddr").is_some_and(|param| !param.value.bytes().is_empty())
        && of.conninfo.get("host").is_none_or(|param| !param.value.dynamic && param.value.bytes().is_empty())
    {
        let message = format!("`sslmode` is `verify-full` in {shown}, which has `hostaddr` and no `host` to verify");
        let label = "libpq has no name to look for in the certificate";
        let found = finding(id::CONNINFO_VERIFY_FULL_WITHOUT_HOST, of, "host", at, label, message);
        out.push(found.help("add `host` with the name in the server's certificate"));
    }
}

fn versions(of: &ConninfoUse, cx: &Context<'_>, out: &mut Sink<'_>) {
    for keyword in ["ssl_min_protocol_version", "ssl_max_protocol_version"] {
        let Some(param) = known(of, keyword) else { continue };
        let old = ["TLSv1", "TLSv1.1"].iter().any(|old| param.value.bytes().eq_ignore_ascii_case(old.as_bytes()));
        if old {
            let (value, shown) = (cx.show(param.value.span), of.origin.shown());
            let message = format!("`{keyword}` is `{value}` in {shown}: versions of TLS before 1.2 are broken");
            let label = "below TLS 1.2";
            let found = finding(id::CONNINFO_TLS_MIN, of, keyword, param.span, label, message);
            let found = found.help("remove it; the default of 13 and later is at least `TLSv1.2`");
            out.push(mend::without(of, param, Safety::Unsafe, cx, found));
        }
    }
    if let Some(param) = known(of, "sslcompression").filter(|param| param.value.is("1")) {
        let old = of.majors & Majors::until(13);
        let shown = of.origin.shown();
        let found = if old.is_empty() {
            let message = format!("`sslcompression` has no effect in {shown} from 14 on");
            let found = finding(id::CONNINFO_SSLCOMPRESSION, of, "sslcompression", param.span, "is ignored", message);
            found.severity(Severity::Info).effect(Effect::Ignored)
        } else {
            let message = format!("`sslcompression` is on in {shown}");
            let label = "what is sent can be guessed from its length";
            let mut found = finding(id::CONNINFO_SSLCOMPRESSION, of, "sslcompression", param.span, label, message);
            found.majors = old;
            found
        };
        let safety = if old.is_empty() { Safety::Safe } else { Safety::Unsafe };
        out.push(mend::without(of, param, safety, cx, found.help("remove it")));
    }
}

fn files(of: &ConninfoUse, cx: &Context<'_>, out: &mut Sink<'_>) {
    let shown = of.origin.shown();
    if let Some(param) = known(of, "sslkeylogfile").filter(|param| !param.value.bytes().is_empty()) {
        let message = format!("`sslkeylogfile` is set in {shown}: the keys of its connections are written to a file");
        let label = "with the keys written there, every recorded connection can be read";
        let found = finding(id::CONNINFO_KEYLOG, of, "sslkeylogfile", param.span, label, message).help("remove it");
        out.push(mend::without(of, param, Safety::Unsafe, cx, found));
    }
    let old = of.majors & Majors::until(15);
    if let Some(param) = known(of, "sslrootcert").filter(|param| param.value.is("system") && !is_untold(of, cx)) {
        let message = format!("`sslrootcert` is `system` in {shown}, which is the name of a file before 16");
        let label = "libpq looks for a file of this name";
        let mut found = finding(id::CONNINFO_SYSTEM_ROOT, of, "sslrootcert", param.span, label, message);
        found.majors = old;
        out.push(
            found.help("name the file of the authorities' certificates, such as `/etc/ssl/certs/ca-certificates.crt`"),
        );
    }
}
