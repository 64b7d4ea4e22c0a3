//! Clients of other machines that connect without TLS because the server has none, and servers without TLS as such.
//!
//! The first needs pg_hba.conf: without it nobody can say who may come in.

use std::net::IpAddr;

use crate::catalog::Majors;
use crate::catalog::hba::{ConnType, Method};
use crate::checks::ask::{finding, is_off, list, majors, push};
use crate::model::Node;
use crate::model::hba::{AddressKind, HbaRow};
use crate::rule::{Context, Sink, id};

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in &cx.cluster.nodes {
        let open = |major: u8| {
            if !is_open(node, major) {
                return None;
            }
            node.hba.as_ref()?.rows.iter().find(|row| row.majors.contains(major) && lets_remote_in(row))
        };
        let at_fault = majors(node, id::TLS_OFF_REMOTE, |major| open(major).is_some());
        let how = if node.settings.winner("ssl").is_some() {
            "`ssl` is `off`"
        } else {
            "`ssl` is not set and off by default"
        };
        // Where it is known that somebody connects in clear, that is said, and once.
        let said = if out.wants(id::TLS_OFF_REMOTE) { at_fault } else { Majors::NONE };
        let off = majors(node, id::TLS_OFF, |major| is_off(node, "ssl", major)) - said;
        let help = "set `ssl = on` with `ssl_cert_file` and `ssl_key_file`";
        let message = format!("{how}: no connection is encrypted");
        push(node, id::TLS_OFF, off, &[("ssl", "no TLS")], message, help, out);
        let Some(row) = at_fault.last().and_then(open) else { continue };
        let message = format!("{how} while clients of other machines are let in: all they send and get is in clear");
        let places = [("ssl", "no TLS"), ("listen_addresses", "listens beyond this machine")];
        if let Some(found) = finding(node, id::TLS_OFF_REMOTE, at_fault, &places, message) {
            let help = "set `ssl = on` with `ssl_cert_file` and `ssl_key_file`, and write `hostssl` in pg_hba.conf";
            out.push(found.help(help).related(row.span, "lets clients of other machines in"));
        }
    }
}

/// Whether the server is known to listen beyond its machine and to take no TLS.
pub(super) fn is_open(node: &Node, major: u8) -> bool {
    is_off(node, "ssl", major)
        && list(node, "listen_addresses", major).is_some_and(|names| names.iter().any(|name| is_remote(name)))
}

/// Whether listening on the address makes the server reachable from other machines. The empty list is not.
fn is_remote(address: &str) -> bool {
    match address.parse::<IpAddr>() {
        Ok(address) => !address.is_loopback(),
        Err(_) => !address.is_empty() && !address.eq_ignore_ascii_case("localhost"),
    }
}

fn lets_remote_in(row: &HbaRow) -> bool {
    let plain = matches!(row.conn_type, ConnType::Host | ConnType::HostNoSsl | ConnType::HostNoGssEnc);
    let remote = row.address.as_ref().is_some_and(|address| match &address.kind {
        AddressKind::All | AddressKind::SameNet => true,
        AddressKind::SameHost => false,
        AddressKind::Net { ip, .. } => !ip.is_loopback(),
        AddressKind::HostName(name) => !name.eq_ignore_ascii_case("localhost"),
    });
    plain && remote && row.method != Method::Reject
}
