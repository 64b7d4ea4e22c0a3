//! What libpq refuses and when, in words.

use std::fmt;

use crate::catalog::Majors;
use crate::source::Span;
use crate::syntax::conninfo::ConninfoError;

/// Something in a connection string that libpq does not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The majors whose libpq refuses it.
    pub majors: Majors,
    /// The place.
    pub span: Span,
    /// At which step.
    pub when: When,
    /// Why. Its `Display` is the message.
    pub reason: Reason,
}

/// The step at which libpq refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum When {
    /// Before anything is tried: the string is of no use.
    Start,
    /// When a host is tried; another host of the string may still do.
    Host,
    /// When a host is tried over TCP.
    Tcp,
    /// When `PQconnectdb` waits for the answer. Clients that poll for themselves, such as the walreceiver up to 16,
    /// never look.
    Wait,
}

/// Why libpq refuses. Values of secrets are `****`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The string cannot be read.
    Syntax(ConninfoError),
    /// No major knows the keyword.
    UnknownKeyword {
        /// The keyword.
        keyword: String,
        /// What may be meant.
        nearest: Option<&'static str>,
    },
    /// Only other majors know the keyword.
    OtherMajors {
        /// The keyword.
        keyword: &'static str,
        /// The majors that know it.
        known: Majors,
    },
    /// The value is none of the words that the keyword takes.
    Value {
        /// The keyword.
        keyword: &'static str,
        /// The value, as it may be shown.
        value: String,
        /// The words that all of the refusing majors take.
        allowed: Vec<&'static str>,
    },
    /// The value is no whole number.
    Number {
        /// The keyword.
        keyword: &'static str,
        /// The value.
        value: String,
    },
    /// The port is not between 1 and 65535.
    Port {
        /// The value.
        value: String,
    },
    /// Linux takes no such number for the socket option.
    SocketOption {
        /// The keyword.
        keyword: &'static str,
        /// The value.
        value: String,
        /// The highest number; the lowest is 1.
        highest: i32,
    },
    /// The value of `hostaddr` is no address.
    Address {
        /// The value.
        value: String,
    },
    /// `host` and `hostaddr` have not the same number of parts.
    HostCount {
        /// Parts of `host`.
        hosts: usize,
        /// Parts of `hostaddr`.
        addresses: usize,
    },
    /// There is more than one port, and not as many as hosts.
    PortCount {
        /// Parts of `port`.
        ports: usize,
        /// Hosts.
        hosts: usize,
    },
    /// The `sslmode` is too weak for another keyword.
    WeakSslmode {
        /// The `sslmode` that counts.
        sslmode: String,
        /// The other keyword and its value.
        with: &'static str,
        /// What is strong enough.
        needs: &'static str,
    },
    /// The lower bound is above the upper one.
    VersionRange {
        /// The keyword of the lower bound.
        lowest: &'static str,
        /// The keyword of the upper bound.
        highest: &'static str,
    },
    /// An authentication method that `require_auth` does not know.
    AuthMethod {
        /// The method.
        method: String,
    },
    /// `require_auth` has methods with and without `!`.
    AuthMixed,
    /// `require_auth` names a method twice.
    AuthRepeated {
        /// The method.
        method: String,
    },
    /// The value is not 32 bytes in base64.
    ScramKey {
        /// The keyword.
        keyword: &'static str,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(error) => error.fmt(f),
            Self::UnknownKeyword { keyword, .. } => write!(f, "`{keyword}` is no connection keyword"),
            Self::OtherMajors { keyword, known } => match known.first() {
                Some(first) if known.contains(crate::catalog::NEWEST) => {
                    write!(f, "`{keyword}` is a connection keyword from {first} on only")
                }
                _ => write!(f, "`{keyword}` is a connection keyword in {known} only"),
            },
            Self::Value { keyword, value, .. } => write!(f, "`{keyword}` has no value `{value}`"),
            Self::Number { keyword, value } => write!(f, "`{keyword}` takes a whole number, not `{value}`"),
            Self::Port { value } => write!(f, "`port` takes a number from 1 to 65535, not `{value}`"),
            Self::SocketOption { keyword, value, highest } => {
                write!(f, "`{keyword}` takes a number from 1 to {highest} on Linux, not `{value}`")
            }
            Self::Address { value } => write!(f, "`hostaddr` takes an IP address, not `{value}`"),
            Self::HostCount { hosts, addresses } => {
                write!(f, "`host` and `hostaddr` differ in the number of hosts: {hosts} and {addresses}")
            }
            Self::PortCount { ports, hosts } => {
                write!(f, "`port` has {ports} ports for {hosts} host{}", if *hosts == 1 { "" } else { "s" })
            }
            Self::WeakSslmode { sslmode, with, needs } => {
                write!(f, "`sslmode` = `{sslmode}` is refused with {with}, which needs {needs}")
            }
            Self::VersionRange { lowest, highest } => write!(f, "`{lowest}` is above `{highest}`"),
            Self::AuthMethod { method } => write!(f, "`require_auth` knows no method `{method}`"),
            Self::AuthMixed => f.write_str("`require_auth` mixes methods with and without `!`"),
            Self::AuthRepeated { method } => write!(f, "`require_auth` names `{method}` twice"),
            Self::ScramKey { keyword } => write!(f, "`{keyword}` must be 32 bytes in base64"),
        }
    }
}
