//! From where a row lets connections in, and whether the way is encrypted. One finding per row at most: the widest
//! door first.

use std::net::IpAddr;

use crate::catalog::hba::{ConnType, Method};
use crate::finding::{Finding, Label, Severity};
use crate::model::hba::AddressKind;
use crate::rule::{Sink, id};

use super::mend;
use super::view::{Reach, Row};

/// IPv4 networks shorter than this are wider than any one organisation.
const ANY_V4: u8 = 8;
/// IPv6 networks shorter than this likewise.
const ANY_V6: u8 = 16;

pub(super) fn check(row: &Row<'_>, out: &mut Sink<'_>) {
    let Some(address) = &row.entry.address else { return };
    if row.reach() != Reach::Remote {
        return;
    }
    if super::address::never_matches(row) || super::address::is_slip(row) {
        return;
    }
    if is_any(&address.kind) {
        if !(row.is_encrypted() && row.has_strong_proof()) {
            out.push(any(row));
        }
        return;
    }
    if !row.is_encrypted() {
        transport(row, out);
    }
    let wide = match &address.kind {
        AddressKind::Net { ip: IpAddr::V4(_), prefix, .. } => {
            prefix.is_none_or(|prefix| u64::from(prefix) < out.number(id::HBA_WIDE_ADDRESS, "ipv4"))
        }
        AddressKind::Net { ip: IpAddr::V6(_), prefix, .. } => {
            prefix.is_none_or(|prefix| u64::from(prefix) < out.number(id::HBA_WIDE_ADDRESS, "ipv6"))
        }
        _ => false,
    };
    let label = |text: &str| Label::new(address.span, text);
    if wide {
        let message = format!("{} is a wide network to let {} in from", row.from(), row.users());
        let finding = row.finding(id::HBA_WIDE_ADDRESS, row.live, label("a wide network"), message);
        out.push(finding.help("name the networks of the clients"));
    }
    if address.kind == AddressKind::SameNet {
        let message = "`samenet` lets in every network that the server happens to be attached to";
        let finding = row.finding(id::HBA_SAMENET, row.live, label("how wide this is depends on the machine"), message);
        out.push(finding.help("name the networks of the clients"));
    }
}

/// Whether the address is so wide that it is no restriction.
pub(super) fn is_any(kind: &AddressKind) -> bool {
    match kind {
        AddressKind::All => true,
        AddressKind::Net { ip: IpAddr::V4(_), prefix: Some(prefix), .. } => *prefix < ANY_V4,
        AddressKind::Net { ip: IpAddr::V6(_), prefix: Some(prefix), .. } => *prefix < ANY_V6,
        _ => false,
    }
}

fn any(row: &Row<'_>) -> Finding {
    let encryption = match row.entry.conn_type {
        ConnType::HostSsl => "",
        ConnType::HostNoSsl => ", without TLS",
        ConnType::HostGssEnc => "",
        ConnType::Host | ConnType::HostNoGssEnc if covered_plain(row) => "",
        ConnType::Host | ConnType::HostNoGssEnc | ConnType::Local => ", with or without TLS",
    };
    let severity =
        if encryption.is_empty() && !row.entry.is_replication() { Severity::Info } else { Severity::Warning };
    let span = row.entry.address.as_ref().map_or(row.entry.span, |address| address.span);
    let (from, users, label) = (row.from(), row.users(), Label::new(span, "no restriction"));
    if row.entry.is_replication() {
        let message = format!("{users} may replicate the whole cluster from {from}{encryption}");
        let finding = row.finding(id::HBA_REPLICATION_WIDE, row.live, label, message);
        return finding.severity(severity).help("name the addresses of the standbys, and use `hostssl`");
    }
    let method = row.entry.method.name();
    let message = format!("{users} may log in with `{method}` from {from}{encryption}");
    let finding = row.finding(id::HBA_ANY_ADDRESS, row.live, label, message);
    if encryption.is_empty() {
        return finding.severity(severity).help("name the networks of the clients");
    }
    // The password itself may pass in clear text then.
    let severity = if shows_password(row.entry.method) { Severity::Error } else { severity };
    let finding = finding.severity(severity).help("name the networks of the clients, and use `hostssl`");
    // What is left of it with TLS is a hint.
    mend::with_tls(row, finding)
}

/// Whether the client sends the password itself (`AUTH_REQ_PASSWORD` in auth.c). `password` has a rule of its own.
fn shows_password(method: Method) -> bool {
    matches!(method, Method::Ldap | Method::Pam | Method::Bsd | Method::Radius)
}

fn transport(row: &Row<'_>, out: &mut Sink<'_>) {
    let label = |text: &str| Label::new(row.entry.conn_type_span, text);
    let (from, name) = (row.from(), row.entry.conn_type.name());
    // The rule of the method says it already.
    if row.entry.method == Method::Password {
        return;
    }
    if row.entry.is_replication() {
        let message =
            format!("`{name}` lets standbys at {from} replicate without TLS, so that all data passes in clear text");
        let finding = row.finding(id::HBA_REPLICATION_NONTLS, row.live, label("TLS is not required"), message);
        if !covered_plain(row) {
            let finding = mend::with_tls(row, finding);
            out.push(finding.help("use `hostssl`, and `sslmode=verify-full` in the standbys' connection strings"));
        }
        return;
    }
    if row.entry.conn_type == ConnType::HostNoSsl {
        let message =
            format!("`hostnossl` lets {} in from {from} only if the connection is not encrypted", row.users());
        let finding = row.finding(id::HBA_HOSTNOSSL_ACCEPT, row.live, label("TLS is shut out"), message);
        let finding = mend::with_tls(row, finding);
        out.push(finding.help("use `hostssl`; `hostnossl` is for `reject` lines"));
        return;
    }
    if covered_plain(row) {
        return;
    }
    let (severity, message) = if shows_password(row.entry.method) {
        let method = row.entry.method.name();
        (
            Severity::Error,
            format!("`{method}` sends the password in clear text, and `{name}` allows that from {from} without TLS"),
        )
    } else {
        (Severity::Warning, format!("`{name}` lets {} in from {from} without TLS", row.users()))
    };
    // Where the server has no TLS at all, tls-off-remote says it once for all rows.
    let live = if shows_password(row.entry.method) { row.live } else { row.live - row.without_tls };
    let finding = row.finding(id::HBA_NONTLS, live, label("TLS is not required"), message).severity(severity);
    let finding = mend::with_tls(row, finding);
    out.push(finding.help("use `hostssl`, or reject plain connections with a `hostnossl` line above"));
}

/// Whether rows above take the connections without encryption away, as `hostnossl all all all reject` does.
fn covered_plain(row: &Row<'_>) -> bool {
    row.cover.is_some_and(|cover| cover.takes_plain(row.index).covers(row.live))
}
