//! What counts in the end: the `sslmode` after defaults, the hosts that are tried, and whether they are this machine.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::judge::parts;
use super::{Keyword, SSLMODES};
use crate::syntax::conninfo::{Conninfo, Form, Param};

/// A value and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effective<'a> {
    /// The string sets it.
    Set(&'a Param),
    /// libpq's default, or what another keyword implies.
    Default(&'static str),
    /// A program or a service file may set it.
    Unknown,
    /// Nothing sets it and it has no default.
    None,
}

impl Effective<'_> {
    /// The value as text, if it is known.
    #[must_use]
    pub fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Set(param) => (!param.value.dynamic).then(|| String::from_utf8_lossy(param.value.bytes())),
            Self::Default(value) => Some(Cow::Borrowed(value)),
            Self::Unknown | Self::None => None,
        }
    }
}

/// The value of a keyword in a string, or what counts without one. Environment variables are taken to be unset.
#[must_use]
pub fn value<'a>(conninfo: &'a Conninfo, keyword: &str, major: u8) -> Effective<'a> {
    if let Some(param) = conninfo.get(keyword) {
        return if param.value.dynamic { Effective::Unknown } else { Effective::Set(param) };
    }
    if is_open(conninfo) {
        return Effective::Unknown;
    }
    // `pqConnectOptions2`: from 16 on the certificates of the system ask for the strictest mode.
    if keyword == "sslmode" && major >= 16 && conninfo.get("sslrootcert").is_some_and(|param| param.value.is("system"))
    {
        return Effective::Default("verify-full");
    }
    match Keyword::find(keyword).and_then(|keyword| keyword.default(major)) {
        Some(default) => Effective::Default(default),
        None => Effective::None,
    }
}

/// Whether more may be set than the string shows: by a program that fills it in, or by a service file.
#[must_use]
pub fn is_open(conninfo: &Conninfo) -> bool {
    conninfo.open || (conninfo.form != Form::PgBouncer && conninfo.get("service").is_some())
}

/// The rank of an `sslmode`, 0 for `disable` to 5 for `verify-full`.
#[must_use]
pub fn sslmode_rank(sslmode: &str) -> Option<usize> {
    SSLMODES.iter().position(|&mode| mode == sslmode)
}

/// A host that is tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// The name, address or socket directory; empty for the default socket directory.
    pub host: Vec<u8>,
    /// The address that is connected to instead of looking up the name; empty if there is none.
    pub hostaddr: Vec<u8>,
    /// The port as written; empty for the default.
    pub port: Vec<u8>,
}

impl Host {
    /// Whether it is a socket of the file system: `conninfo_init` and `is_unixsock_path`, by which a leading `@` is
    /// one from 14 on.
    #[must_use]
    pub fn is_socket(&self, major: u8) -> bool {
        self.hostaddr.is_empty()
            && match self.host.first() {
                None | Some(b'/') => true,
                Some(b'@') => major >= 14,
                Some(_) => false,
            }
    }

    /// Whether it is this machine: a socket, `localhost` or a loopback address.
    #[must_use]
    pub fn is_local(&self, major: u8) -> bool {
        if self.is_socket(major) {
            return true;
        }
        let target = if self.hostaddr.is_empty() { &self.host } else { &self.hostaddr };
        if self.hostaddr.is_empty() && target.eq_ignore_ascii_case(b"localhost") {
            return true;
        }
        match address(target) {
            Some(IpAddr::V4(address)) => address.is_loopback(),
            Some(IpAddr::V6(address)) => {
                address.is_loopback() || address.to_ipv4_mapped().is_some_and(|address| address.is_loopback())
            }
            None => false,
        }
    }
}

/// The hosts in the order libpq tries them, or `None` if they are not known. With no host there is one: the default
/// socket directory. Where the numbers of hosts, addresses and ports do not fit, what is missing is empty.
#[must_use]
pub fn hosts(conninfo: &Conninfo, major: u8) -> Option<Vec<Host>> {
    let text = |keyword: &str| match conninfo.get(keyword) {
        Some(param) if param.value.dynamic => None,
        Some(param) => Some(param.value.bytes_for(major)),
        None if is_open(conninfo) => None,
        None => Some(b"".as_slice()),
    };
    let (host, hostaddr) = match (text("host"), text("hostaddr")) {
        (Some(host), Some(hostaddr)) => (host, hostaddr),
        // A host that is named needs no `hostaddr`, though one may be filled in beside it.
        (Some(host), None) if !host.is_empty() => (host, b"".as_slice()),
        (None, Some(hostaddr)) if !hostaddr.is_empty() => (b"".as_slice(), hostaddr),
        _ => return None,
    };
    let port = text("port").unwrap_or_default();
    let split = |list: &[u8]| -> Vec<Vec<u8>> {
        if list.is_empty() { Vec::new() } else { parts(list).map(|(_, part)| part.to_vec()).collect() }
    };
    let (hosts, addresses, ports) = (split(host), split(hostaddr), split(port));
    let count = if addresses.is_empty() { hosts.len().max(1) } else { addresses.len() };
    let at = |list: &[Vec<u8>], index: usize| list.get(index).cloned().unwrap_or_default();
    let built = (0..count).map(|index| Host {
        host: at(&hosts, index),
        hostaddr: at(&addresses, index),
        port: at(&ports, if ports.len() == 1 { 0 } else { index }),
    });
    Some(built.collect())
}

/// Whether every host is this machine; `None` if that cannot be told.
#[must_use]
pub fn is_local(conninfo: &Conninfo, major: u8) -> Option<bool> {
    hosts(conninfo, major).map(|hosts| hosts.iter().all(|host| host.is_local(major)))
}

/// Whether `getaddrinfo` takes it for an address without looking up a name.
pub(super) fn is_address(text: &[u8]) -> bool {
    address(text).is_some()
}

/// An address as `inet_pton` and `inet_aton` read it.
fn address(text: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(text).ok()?;
    if let Some(address) = ipv4(text) {
        return Some(IpAddr::V4(address));
    }
    let (address, scope) = text.split_once('%').unwrap_or((text, "lo"));
    address.parse::<Ipv6Addr>().ok().filter(|_| !scope.is_empty()).map(IpAddr::V6)
}

/// `inet_aton`: one to four numbers, decimal, octal or hexadecimal, of which the last fills the rest.
fn ipv4(text: &str) -> Option<Ipv4Addr> {
    let mut numbers = Vec::with_capacity(4);
    for part in text.split('.') {
        if numbers.len() == 4 {
            return None;
        }
        let (digits, radix) = match part.as_bytes() {
            [b'0', b'x' | b'X', ..] => (part.get(2..)?, 16),
            [b'0', _, ..] => (part.get(1..)?, 8),
            _ => (part, 10),
        };
        if digits.starts_with('+') {
            return None;
        }
        numbers.push(u32::from_str_radix(digits, radix).ok()?);
    }
    let (&last, front) = numbers.split_last()?;
    let mut value = 0u32;
    for &number in front {
        value = value << 8 | Some(number).filter(|&number| number < 256)?;
    }
    let free = 32 - 8 * front.len() as u32;
    if free < 32 && u64::from(last) >= 1 << free {
        return None;
    }
    let front = if free == 32 { 0 } else { value << free };
    Some(Ipv4Addr::from(front | last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for text in ["127.0.0.1", "::1", "fe80::1%lo", "127.1", "0x7f.1", "0177.0.0.1", "2130706433", "::ffff:1.2.3.4"]
        {
            assert!(is_address(text.as_bytes()), "{text}");
        }
        for text in [
            "",
            "bogus",
            "[::1]",
            "127.0.0.1/32",
            "/run",
            "1.2.3.4.5",
            "256.1.1.1",
            "1.2.3.256",
            "08.1.1.1",
            "::1%",
            "+1.2.3.4",
        ] {
            assert!(!is_address(text.as_bytes()), "{text}");
        }
        assert_eq!(ipv4("127.1"), Some(Ipv4Addr::LOCALHOST));
        assert_eq!(ipv4("1.2.772"), Some(Ipv4Addr::new(1, 2, 3, 4)));
    }
}
