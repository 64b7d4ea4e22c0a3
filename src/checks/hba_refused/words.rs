//! The words of a refused line, to tell what its writer meant.

use std::net::IpAddr;

use crate::catalog::hba::{ConnType, Method};
use crate::catalog::{Majors, nearest};
use crate::source::FileId;
use crate::syntax::address::{self, Numeric};
use crate::syntax::auth_file;

/// The fields of a line as the server splits them.
pub(super) fn fields(line: &[u8]) -> Vec<String> {
    let file = auth_file::parse(FileId(0), line, Majors::since(16));
    let fields = file.lines().iter().flat_map(|line| file.fields(line));
    fields.filter_map(|field| file.tokens(field).first()).map(|token| token.lossy().into_owned()).collect()
}

/// Whether an option with a secret stands in the line.
pub(super) fn holds_secret(line: &[u8]) -> bool {
    let has = |word: &[u8]| memchr::memmem::find(line, word).is_some();
    has(b"ldapbindpasswd") || has(b"radiussecrets")
}

/// The address that the word writes, with or without a mask.
pub(super) fn ip(word: &str) -> Option<IpAddr> {
    let host = word.split_once('/').map_or(word, |(host, _)| host);
    // `10` is an address for the server, but nobody who writes it means one.
    let dotted = host.contains('.') || host.contains(':');
    match address::numeric(host.as_bytes()) {
        Numeric::Ip(ip) if dotted => Some(ip),
        _ => None,
    }
}

/// Whether the word is something to be filled in: `<STANDBY_IP>/32`, `SLAVE_IP/32`.
pub(super) fn is_placeholder(word: &str) -> bool {
    let name = word.split_once('/').map_or(word, |(name, _)| name);
    let upper = name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    let bracketed = name.len() > 2 && name.starts_with(['<', '[']) && name.ends_with(['>', ']']);
    bracketed && ip(name.trim_matches(['[', ']'])).is_none() || upper && name.contains('_')
}

/// Whether the word stands where an address belongs, and nowhere else.
pub(super) fn is_address(word: &str) -> bool {
    matches!(word, "samehost" | "samenet") || ip(word).is_some()
}

/// Whether the word is a method, in whatever case.
pub(super) fn is_method(word: &str) -> bool {
    Method::named(word.to_ascii_lowercase().as_bytes()).is_some()
}

/// The method that was meant.
pub(super) fn method(word: &str, majors: Majors) -> Option<Method> {
    let lower = word.to_ascii_lowercase();
    let meant = match lower.as_str() {
        "scram" | "scram-sha256" | "scramsha256" | "scram_sha_256" | "sha256" | "scram-sha-512" | "sha-256" => {
            "scram-sha-256"
        }
        "gssapi" | "krb5" | "kerberos" => "gss",
        "certificate" | "ssl" => "cert",
        "deny" | "drop" | "block" | "none" => "reject",
        "oauth2" | "oidc" | "jwt" => "oauth",
        "crypt" | "md-5" => "md5",
        other => nearest(other, Method::ALL.iter().map(|method| method.name()))?,
    };
    Method::named(meant.as_bytes()).filter(|method| method.majors().covers(majors))
}

/// The connection type that was meant.
pub(super) fn conn_type(word: &str, majors: Majors) -> Option<ConnType> {
    let lower = word.to_ascii_lowercase();
    let meant = match lower.as_str() {
        "ssl" | "tls" | "hosttls" => "hostssl",
        "tcp" | "hosts" | "hostname" => "host",
        "unix" | "socket" => "local",
        other => nearest(other, ConnType::ALL.iter().map(|kind| kind.name()))?,
    };
    ConnType::named(meant.as_bytes()).filter(|kind| kind.majors().covers(majors))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_was_meant() {
        assert_eq!(method("MD5", Majors::ALL), Some(Method::Md5));
        assert_eq!(method("scram-sha256", Majors::ALL), Some(Method::ScramSha256));
        assert_eq!(method("oidc", Majors::ALL), None);
        assert_eq!(method("10.0.0.0", Majors::ALL), None);
        assert_eq!(conn_type("hosts", Majors::ALL), Some(ConnType::Host));
        assert_eq!(conn_type("hostsll", Majors::ALL), Some(ConnType::HostSsl));
        assert_eq!(ip("10"), None);
        assert!(is_address("::1/128") && is_address("10.0.0.0/8") && !is_address("all"));
        assert!(is_placeholder("<STANDBY_IP>/32") && is_placeholder("SLAVE_IP/32") && is_placeholder("[host]"));
        assert!(!is_placeholder("[::1]/128") && !is_placeholder("DB/32") && !is_placeholder("a_b/32"));
        assert!(holds_secret(b"host all all ::1/128 ldap ldapbindpasswd= x"));
        assert_eq!(fields(b"host a,b \"c d\" # e\n"), ["host", "a", "c d"]);
    }
}
