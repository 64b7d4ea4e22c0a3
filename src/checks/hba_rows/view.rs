//! A row with all that is known around it, and how messages speak of it.

use std::net::IpAddr;

use crate::catalog::Majors;
use crate::catalog::hba::{ConnType, Method};
use crate::finding::{Finding, Label, Subject};
use crate::model::Node;
use crate::model::access::Hba;
use crate::model::hba::{AddressKind, ClientCert, DbKind, HbaRow, UserKind};
use crate::rule::{Context, RuleId};
use crate::source::Span;

use crate::reach::Cover;

/// A row of a node.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'r> {
    pub(crate) cx: &'r Context<'r>,
    pub(crate) node: &'r Node,
    pub(crate) hba: &'r Hba,
    pub(crate) entry: &'r HbaRow,
    /// Its place among the node's rows.
    pub(crate) index: usize,
    /// The majors on which a connection can reach it.
    pub(crate) live: Majors,
    /// The majors on which the server listens to other machines and takes no TLS.
    pub(crate) without_tls: Majors,
    /// How it stands to the rows above, where that is known.
    pub(crate) cover: Option<&'r Cover>,
}

/// From where a row lets connections in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// Through a Unix socket.
    Socket,
    /// From the machine itself, over TCP.
    Loopback,
    /// From elsewhere.
    Remote,
}

impl Row<'_> {
    pub(crate) fn accepts(&self) -> bool {
        self.entry.method != Method::Reject
    }

    pub(crate) fn reach(&self) -> Reach {
        reach(self.entry)
    }

    /// Whether every connection through the row is encrypted.
    pub(crate) fn is_encrypted(&self) -> bool {
        matches!(self.entry.conn_type, ConnType::HostSsl | ConnType::HostGssEnc)
    }

    /// Whether a certificate, a ticket or the like proves who the client is, so that no password can be tried.
    pub(crate) fn has_strong_proof(&self) -> bool {
        let full = self.live.iter().all(|major| self.entry.client_cert_on(major) != ClientCert::Off);
        full || matches!(self.entry.method, Method::Cert | Method::Gss | Method::Sspi)
    }

    /// Whether the row is for physical replication and nothing else.
    pub(crate) fn is_replication_only(&self) -> bool {
        self.entry.databases.iter().all(|item| item.kind == DbKind::Replication)
    }

    /// The only address that the row lets in, if there is one.
    pub(crate) fn single_address(&self) -> Option<IpAddr> {
        match self.entry.address.as_ref().map(|address| &address.kind) {
            Some(AddressKind::Net { ip, prefix: Some(32), .. }) if ip.is_ipv4() => Some(*ip),
            Some(AddressKind::Net { ip, prefix: Some(128), .. }) => Some(*ip),
            _ => None,
        }
    }

    /// A finding on the row, or a part of it, on those of the majors on which the row can be reached.
    pub(crate) fn finding(&self, rule: RuleId, majors: Majors, label: Label, message: impl Into<String>) -> Finding {
        let finding = Finding::new(rule, self.subject(), majors, label, message);
        crate::checks::access::by_version(self.node, finding)
    }

    /// What identifies the row: its fields without the options.
    pub(crate) fn subject(&self) -> Subject {
        subject(self.cx, self.entry)
    }

    /// The bytes of a part of the row as they may be shown.
    pub(crate) fn show(&self, span: Span) -> String {
        self.cx.show(span)
    }

    /// The address in words.
    pub(crate) fn from(&self) -> String {
        let Some(address) = &self.entry.address else { return "this machine".to_owned() };
        match &address.kind {
            AddressKind::All => "any address".to_owned(),
            AddressKind::SameHost => "this machine".to_owned(),
            AddressKind::SameNet => "the server's own networks".to_owned(),
            AddressKind::Net { ip, prefix: Some(0), .. } => {
                format!("any IPv{} address", if ip.is_ipv4() { 4 } else { 6 })
            }
            AddressKind::Net { ip, mask, prefix, .. } => {
                let net = net(*ip, *mask);
                match prefix {
                    Some(32) if ip.is_ipv4() => format!("`{net}`"),
                    Some(128) => format!("`{net}`"),
                    Some(prefix) => format!("`{net}/{prefix}`"),
                    None => format!("`{net} {mask}`"),
                }
            }
            AddressKind::HostName(_) => format!("`{}`", self.show(address.span)),
        }
    }

    /// The users in words.
    pub(crate) fn users(&self) -> String {
        who(self.cx, self.entry)
    }
}

/// From where a row lets connections in.
pub(crate) fn reach(entry: &HbaRow) -> Reach {
    let Some(address) = &entry.address else { return Reach::Socket };
    match &address.kind {
        AddressKind::SameHost => Reach::Loopback,
        AddressKind::Net { ip: IpAddr::V4(ip), prefix: Some(8..=32), .. } if ip.octets()[0] == 127 => Reach::Loopback,
        AddressKind::Net { ip: IpAddr::V6(ip), prefix: Some(128), .. } if ip.is_loopback() => Reach::Loopback,
        AddressKind::HostName(name) if is_local_name(name) => Reach::Loopback,
        _ => Reach::Remote,
    }
}

fn is_local_name(name: &str) -> bool {
    ["localhost", "localhost.localdomain", "ip6-localhost"].iter().any(|local| name.eq_ignore_ascii_case(local))
}

/// The network of an address.
pub(crate) fn net(ip: IpAddr, mask: IpAddr) -> IpAddr {
    match (ip, mask) {
        (IpAddr::V4(ip), IpAddr::V4(mask)) => IpAddr::V4((ip.to_bits() & mask.to_bits()).into()),
        (IpAddr::V6(ip), IpAddr::V6(mask)) => IpAddr::V6((ip.to_bits() & mask.to_bits()).into()),
        (ip, _) => ip,
    }
}

/// The users of a row in words.
pub(crate) fn who(cx: &Context<'_>, entry: &HbaRow) -> String {
    if entry.users.iter().any(|item| item.kind == UserKind::All) {
        return "any user".to_owned();
    }
    match &*entry.users {
        [one] => format!("`{}`", cx.show(one.span)),
        [one, two] => format!("`{}` or `{}`", cx.show(one.span), cx.show(two.span)),
        [one, rest @ ..] => format!("`{}` or {} others", cx.show(one.span), rest.len()),
        [] => "nobody".to_owned(),
    }
}

/// So many names of a list identify a row; each finding on the row holds them.
const MOST_NAMES: usize = 64;

/// What identifies a row.
pub(crate) fn subject(cx: &Context<'_>, entry: &HbaRow) -> Subject {
    let mut words = vec![entry.conn_type.name().to_owned()];
    let list = |spans: &mut dyn ExactSizeIterator<Item = Span>| {
        let mut names = spans.take(MOST_NAMES).map(|span| cx.show(span)).collect::<Vec<_>>();
        names.extend((spans.len() > 0).then(|| format!("{} more", spans.len())));
        names.join(",")
    };
    words.push(list(&mut entry.databases.iter().map(|item| item.span)));
    words.push(list(&mut entry.users.iter().map(|item| item.span)));
    words.extend(entry.address.as_ref().map(|address| cx.show(address.span)));
    words.push(entry.method_written.name().to_owned());
    Subject::HbaRow(words.join(" "))
}
