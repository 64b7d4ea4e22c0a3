//! How a row protects the login: not at all, by what can be read or forged, or by what is on its way out.

use crate::catalog::Majors;
use crate::catalog::hba::Method;
use crate::checks::edit;
use crate::finding::{Label, Safety, Severity};
use crate::model::hba::ClientCert;
use crate::rule::{Sink, id};

use super::mend;
use super::view::{Reach, Row};

pub(super) fn check(row: &Row<'_>, out: &mut Sink<'_>) {
    let label = |text: &str| Label::new(row.entry.method_span, text);
    let (reach, live) = (row.reach(), row.live);
    match row.entry.method {
        Method::Trust if reach == Reach::Remote => trust_remote(row, out),
        Method::Trust => trust_local(row, out),
        Method::Password => password(row, out),
        Method::Md5 => md5(row, out),
        Method::Ident => {
            let from = row.from();
            let (severity, message) = if reach == Reach::Remote {
                (Severity::Error, format!("`ident` believes whatever user name the client machine at {from} claims"))
            } else {
                (
                    Severity::Info,
                    "`ident` over TCP needs an ident server on this machine, which few still run".to_owned(),
                )
            };
            let finding =
                row.finding(id::HBA_IDENT_TCP, live, label("asks the ident server of the client's machine"), message);
            let finding = mend::with_method(row, finding, Method::ScramSha256);
            out.push(
                finding
                    .severity(severity)
                    .help("use `scram-sha-256` or `cert`; for local users use `local` with `peer`"),
            );
        }
        Method::Peer if row.entry.method_written == Method::Ident => {
            let message = "`ident` on a `local` line is `peer`";
            let finding = row.finding(id::HBA_IDENT_LOCAL, live, label("the server uses `peer` here"), message);
            out.push(finding.help("write `peer`").fix(
                "write `peer`",
                Safety::Safe,
                vec![edit::word(row.cx, row.entry.method_span, "peer")],
            ));
        }
        Method::Ldap if !ldap_is_encrypted(row) => {
            let message = "`ldap` sends every password to the LDAP server in clear text";
            let finding = row.finding(id::HBA_LDAP_CLEAR, live, label("neither `ldaptls=1` nor `ldaps`"), message);
            let finding =
                finding.help("add `ldaptls=1`, or use `ldapscheme=ldaps` (11 and later) with the port of your server");
            let edit = match row.entry.option("ldaptls") {
                Some(option) => edit::word(row.cx, option.value_span, "1"),
                None => edit::put(row.entry.span.file, row.entry.span.end, " ldaptls=1"),
            };
            out.push(finding.fix("write `ldaptls=1`", Safety::Unsafe, vec![edit]));
        }
        Method::Radius => {
            let message = "`radius` protects passwords with MD5 only, and PostgreSQL 19 no longer has it";
            let finding = row.finding(id::HBA_RADIUS, live, label("removed in PostgreSQL 19"), message);
            out.push(finding.help("move to `scram-sha-256`, `ldap`, `gss` or `oauth` (18 and later)"));
        }
        _ => {}
    }
}

/// Whether the row lets anybody in from elsewhere: nothing more needs to be said of it.
pub(super) fn is_open(row: &Row<'_>) -> bool {
    row.entry.method == Method::Trust
}

fn trust_remote(row: &Row<'_>, out: &mut Sink<'_>) {
    // From 12 on `verify-full` compares the certificate's name with the user (`CheckCertAuth` in auth.c).
    let asks = |cert| row.live.iter().filter(|&major| row.entry.client_cert_on(major) == cert).collect::<Majors>();
    let with_ca = asks(ClientCert::VerifyCa);
    let (from, users) = (row.from(), row.users());
    let label = |text: &str| Label::new(row.entry.method_span, text);
    let deed = if row.is_replication_only() { "replicate the whole cluster" } else { "log in" };
    let message = format!("`trust` lets anyone at {from} {deed} as {users} without a password");
    let finding = row.finding(id::HBA_TRUST_REMOTE, asks(ClientCert::Off), label("no proof of who it is"), message);
    let finding = finding.help("use `hostssl` with `scram-sha-256` or `cert`, and have a password set for each user");
    out.push(mend::with_method(row, finding, Method::ScramSha256));
    let message = format!("`trust` lets any certificate of the authority {deed} as {users}, whatever its name");
    let finding = row.finding(id::HBA_TRUST_REMOTE, with_ca, label("the certificate's name is not compared"), message);
    out.push(finding.severity(Severity::Warning).help("use `cert`, or `clientcert=verify-full` on 12 and later"));
}

fn trust_local(row: &Row<'_>, out: &mut Sink<'_>) {
    let users = row.users();
    let label = Label::new(row.entry.method_span, "no proof of who it is");
    if row.reach() == Reach::Socket {
        let open = row.live - private_socket(row);
        let message = format!("`trust` lets every local account that can reach the socket log in as {users}");
        let finding = row.finding(id::HBA_TRUST_LOCAL, open, label, message);
        let finding = mend::with_method(row, finding, Method::Peer);
        out.push(finding.help("use `peer`, or `scram-sha-256`"));
    } else {
        let message =
            format!("`trust` lets every process on this machine log in as {users} over TCP without a password");
        let finding = row.finding(id::HBA_TRUST_LOCAL, row.live, label, message);
        let finding = mend::with_method(row, finding, Method::ScramSha256);
        out.push(finding.help("use `scram-sha-256`"));
    }
}

/// The majors on which only the server's own account can open the socket.
fn private_socket(row: &Row<'_>) -> Majors {
    let closed = |value: &crate::model::value::Value| matches!(value, crate::model::value::Value::Int(mode) if mode & 0o077 == 0);
    row.node.settings.majors_where("unix_socket_permissions", row.live, closed)
}

fn password(row: &Row<'_>, out: &mut Sink<'_>) {
    let (severity, message) = match row.reach() {
        Reach::Remote if !row.is_encrypted() => (
            Severity::Error,
            format!(
                "`password` sends the password in clear text, and `{}` allows that without TLS",
                row.entry.conn_type.name()
            ),
        ),
        Reach::Remote => (Severity::Warning, "`password` shows the server every password in clear text".to_owned()),
        _ => (Severity::Info, "`password` shows the server every password in clear text".to_owned()),
    };
    let label = Label::new(row.entry.method_span, "no challenge, the password itself is sent");
    let finding = row.finding(id::HBA_PASSWORD_METHOD, row.live, label, message);
    let finding = mend::with_method(row, finding, Method::ScramSha256);
    out.push(finding.severity(severity).help("use `scram-sha-256`"));
}

fn md5(row: &Row<'_>, out: &mut Sink<'_>) {
    // On the machine itself the stock files of Debian used it up to 13; it is worth a word where it is deprecated.
    let majors = if row.reach() == Reach::Remote { row.live } else { row.live & Majors::since(14) };
    let severity = if row.reach() == Reach::Remote { Severity::Warning } else { Severity::Info };
    let message = if (majors & Majors::since(18)).is_empty() {
        "`md5` takes MD5 hashes, with which whoever reads one can log in"
    } else {
        "`md5` takes MD5 hashes, with which whoever reads one can log in; they are deprecated from 18 on"
    };
    let label = Label::new(row.entry.method_span, "MD5 hashes are as good as passwords");
    let finding = row.finding(id::HBA_MD5, majors, label, message);
    // The way has a rule of its own.
    let edit = edit::word(row.cx, row.entry.method_span, Method::ScramSha256.name());
    let finding = finding.fix("write `scram-sha-256`", Safety::Unsafe, vec![edit]);
    out.push(finding.severity(severity).help(
        "set `password_encryption = 'scram-sha-256'` and have the passwords set anew, which `md5` lines take as well; then write `scram-sha-256`",
    ));
}

fn ldap_is_encrypted(row: &Row<'_>) -> bool {
    let is = |name: &str, value: &str| row.entry.option(name).is_some_and(|option| option.value == value);
    let by_url = row.entry.option("ldapurl").is_some_and(|option| {
        let head = option.value.get(..8).unwrap_or_default();
        head.eq_ignore_ascii_case("ldaps://")
    });
    is("ldaptls", "1") || is("ldapscheme", "ldaps") || by_url
}
