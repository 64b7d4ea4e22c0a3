//! The connection keywords of libpq: since and until when, defaults, environment variables, values, and what libpq
//! refuses.
//!
//! The table of keywords is generated from the libraries themselves; the values are written here from
//! interfaces/libpq/fe-connect.c (`connectOptions2`, from 17 on `pqConnectOptions2`) and are held to the verdicts of
//! the real libraries by `fixtures/oracle/conninfo.tsv`. The environment and service files are not looked at.

use super::Majors;
use crate::syntax::conninfo::is_secret;

mod check;
pub mod effective;
#[path = "conninfo_generated.rs"]
mod generated;
mod judge;
mod refusal;

pub use check::check;
pub use judge::judge;
pub use refusal::{Reason, Refusal, When};

/// A connection keyword.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keyword {
    /// As it is written; case counts.
    pub name: &'static str,
    /// The majors whose libpq knows it.
    pub majors: Majors,
    environment: &'static [(Majors, &'static str)],
    defaults: &'static [(Majors, &'static str)],
}

/// What a keyword takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any text; what is wrong with it only the server, the system or nobody tells.
    Text,
    /// One of these words, in this case; each with the majors that know it.
    Words(&'static [(&'static str, Majors)]),
    /// A whole number that counts only for connections over TCP.
    TcpNumber,
    /// The time to wait for each host, in seconds; a whole number.
    Timeout,
    /// Port numbers, separated by commas.
    Ports,
    /// Host names, addresses or socket directories, separated by commas.
    Hosts,
    /// Addresses, separated by commas.
    Addresses,
    /// On when it is `1`; anything else is off.
    Flag,
    /// The path of a file.
    File,
    /// The path of a folder.
    Folder,
    /// A version of TLS, in any case, or nothing for no limit.
    TlsVersion,
    /// Authentication methods, separated by commas.
    AuthMethods,
    /// A key of SCRAM in base64.
    ScramKey,
}

const ALL: Majors = Majors::ALL;

/// The values of `sslmode`, from the weakest to the strongest.
pub const SSLMODES: [&str; 6] = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];
const SSLMODE: &[(&str, Majors)] =
    &[("disable", ALL), ("allow", ALL), ("prefer", ALL), ("require", ALL), ("verify-ca", ALL), ("verify-full", ALL)];
const DISABLE_PREFER_REQUIRE: &[(&str, Majors)] = &[("disable", ALL), ("prefer", ALL), ("require", ALL)];
const DISABLE_ALLOW_REQUIRE: &[(&str, Majors)] = &[("disable", ALL), ("allow", ALL), ("require", ALL)];
const TARGET_SESSION_ATTRS: &[(&str, Majors)] = &[
    ("any", ALL),
    ("read-write", ALL),
    ("read-only", Majors::since(14)),
    ("primary", Majors::since(14)),
    ("standby", Majors::since(14)),
    ("prefer-standby", Majors::since(14)),
];
/// `pqParseProtocolVersion`.
const PROTOCOLS: &[(&str, Majors)] = &[("3.0", ALL), ("3.2", ALL), ("latest", ALL)];

impl Keyword {
    /// The keyword of this name, if any major knows it.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        let index = generated::KEYWORDS.binary_search_by(|keyword| keyword.name.cmp(name)).ok()?;
        generated::KEYWORDS.get(index)
    }

    /// Every keyword of any major, sorted by name.
    #[must_use]
    pub fn all() -> &'static [Self] {
        generated::KEYWORDS
    }

    /// The environment variable that counts when the keyword is not given.
    #[must_use]
    pub fn environment(&self, major: u8) -> Option<&'static str> {
        of(self.environment, major)
    }

    /// The value that counts when nobody sets it.
    #[must_use]
    pub fn default(&self, major: u8) -> Option<&'static str> {
        match self.name {
            // `disable` in a libpq without GSSAPI; those of the distributions have it.
            "gssencmode" if self.majors.contains(major) => Some("prefer"),
            _ => of(self.defaults, major),
        }
    }

    /// Whether its value must not be shown.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        is_secret(self.name)
    }

    /// What it takes.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self.name {
            "sslmode" => Kind::Words(SSLMODE),
            "channel_binding" | "gssencmode" => Kind::Words(DISABLE_PREFER_REQUIRE),
            "sslcertmode" => Kind::Words(DISABLE_ALLOW_REQUIRE),
            "sslnegotiation" => Kind::Words(&[("postgres", ALL), ("direct", ALL)]),
            "load_balance_hosts" => Kind::Words(&[("disable", ALL), ("random", ALL)]),
            "target_session_attrs" => Kind::Words(TARGET_SESSION_ATTRS),
            "min_protocol_version" | "max_protocol_version" => Kind::Words(PROTOCOLS),
            "ssl_min_protocol_version" | "ssl_max_protocol_version" => Kind::TlsVersion,
            "require_auth" => Kind::AuthMethods,
            "scram_client_key" | "scram_server_key" => Kind::ScramKey,
            "connect_timeout" => Kind::Timeout,
            "keepalives" | "keepalives_idle" | "keepalives_interval" | "keepalives_count" | "tcp_user_timeout" => {
                Kind::TcpNumber
            }
            "port" => Kind::Ports,
            "host" => Kind::Hosts,
            "hostaddr" => Kind::Addresses,
            "sslcompression" | "sslsni" | "gssdelegation" => Kind::Flag,
            "passfile" | "sslcert" | "sslkey" | "sslrootcert" | "sslcrl" | "sslkeylogfile" | "servicefile"
            | "oauth_ca_file" => Kind::File,
            "sslcrldir" => Kind::Folder,
            _ => Kind::Text,
        }
    }
}

fn of(values: &'static [(Majors, &'static str)], major: u8) -> Option<&'static str> {
    values.iter().find(|(majors, _)| majors.contains(major)).map(|&(_, value)| value)
}

#[cfg(test)]
mod tests;
