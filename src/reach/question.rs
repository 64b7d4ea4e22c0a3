//! What is asked: connections by kind, address, database and user.

use std::net::IpAddr;
use std::ops::{BitAnd, BitOr, Sub};

use ipnet::IpNet;

use crate::catalog::hba::ConnType;
use crate::reach::Roles;

/// Kinds of connections, as a set. A connection has one encryption at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Kinds(u8);

impl Kinds {
    /// None.
    pub const NONE: Self = Self(0);
    /// Unix sockets.
    pub const LOCAL: Self = Self(1);
    /// TCP without encryption.
    pub const PLAIN: Self = Self(2);
    /// TCP with TLS.
    pub const TLS: Self = Self(4);
    /// TCP with GSSAPI encryption, which 12 and later have.
    pub const GSS: Self = Self(8);
    /// Every kind that comes over TCP.
    pub const TCP: Self = Self(14);
    /// Every kind.
    pub const ALL: Self = Self(15);
    /// Each kind alone.
    pub const EACH: [Self; 4] = [Self::LOCAL, Self::PLAIN, Self::TLS, Self::GSS];

    /// The kinds that a row's connection type is for.
    #[must_use]
    pub const fn of(kind: ConnType) -> Self {
        match kind {
            ConnType::Local => Self::LOCAL,
            ConnType::Host => Self::TCP,
            ConnType::HostSsl => Self::TLS,
            ConnType::HostNoSsl => Self(Self::PLAIN.0 | Self::GSS.0),
            ConnType::HostGssEnc => Self::GSS,
            ConnType::HostNoGssEnc => Self(Self::PLAIN.0 | Self::TLS.0),
        }
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether every kind of `other` is among these.
    #[must_use]
    pub const fn covers(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The kinds in a fixed order.
    pub fn iter(self) -> impl Iterator<Item = Self> {
        Self::EACH.into_iter().filter(move |&kind| self.covers(kind))
    }
}

impl BitAnd for Kinds {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl BitOr for Kinds {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl Sub for Kinds {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

/// From where the connections come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// Through a Unix socket.
    Socket,
    /// From an address. A server never sees an IPv4 client by an IPv6 address, as its sockets are `IPV6_V6ONLY`.
    Ip(IpAddr),
    /// From every address between two of one family, both included.
    Range(IpAddr, IpAddr),
    /// From some address that is not known.
    Anywhere,
}

/// The name that the client's address has, which the server looks up both ways (`check_hostname` in hba.c).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HostName<'a> {
    /// It is not known.
    #[default]
    Unknown,
    /// None that leads back to the address.
    Nameless,
    /// This one.
    Is(&'a str),
}

/// A database or a user of the connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted<'a> {
    /// The one of this name. Logical replication connects to a database like any other client.
    Name(&'a str),
    /// One that no row, no SQL of roles and no other part of the question names.
    Other,
    /// One that is not known, though not physical replication.
    Unknown,
    /// Physical replication (`replication=true`), which has no database. Not for users.
    Replication,
}

/// Connections. With several kinds, or a range of addresses, a row may match some of them only.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// Their kinds; one as a rule. `TLS` is left out by who knows that `ssl` is off.
    pub kinds: Kinds,
    /// Where they come from.
    pub from: From,
    /// The client's name in DNS.
    pub host: HostName<'a>,
    /// The database.
    pub database: Wanted<'a>,
    /// The user, whose role is taken to exist.
    pub user: Wanted<'a>,
}

/// What is known of a server beside its rows.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Its roles.
    pub roles: Roles,
    /// The addresses of its network interfaces with their masks, for `samehost` and `samenet`.
    pub addresses: Option<Vec<IpNet>>,
}
