//! Access files and connections from dice.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::net::IpAddr;

use crate::oracle::dice::Dice;

/// The roles that connect, and those that they are members of: directly, through another, no longer.
pub(super) const ROLES: &str = "\
CREATE ROLE staff;
CREATE ROLE ops IN ROLE staff;
CREATE ROLE alice LOGIN IN ROLE staff;
CREATE ROLE bob LOGIN;
GRANT ops TO bob;
CREATE ROLE carol LOGIN;
CREATE ROLE dave LOGIN;
GRANT staff TO dave;
REVOKE staff FROM dave;
CREATE ROLE root LOGIN SUPERUSER;
CREATE ROLE \"all\" LOGIN;
CREATE ROLE \"Mixed\" LOGIN;
CREATE ROLE app_1 LOGIN;
";

const USERS: &[&str] = &["alice", "bob", "carol", "dave", "root", "all", "Mixed", "app_1", "ops", "staff"];
const DATABASES: &[&str] =
    &["app", "app_1", "db1", "alice", "ops", "staff", "all", "replication", "Mixed", "sameuser", "/^app", "a+b"];
const ADDRESSES: &[&str] = &["127.0.0.1", "127.1.2.3", "127.1.2.9", "127.129.0.1", "127.0.2.1", "127.0.3.1", "::1"];

const KINDS: &[&str] = &["local", "local", "host", "host", "host", "host", "hostssl", "hostnossl"];
const GSS_KINDS: &[&str] = &["hostgssenc", "hostnogssenc"];
const DATABASE_WORDS: &[&str] = &[
    "all",
    "all",
    "all",
    "sameuser",
    "samerole",
    "samegroup",
    "replication",
    "app",
    "db1",
    "ops",
    "\"all\"",
    "mixed",
    "Mixed",
    "\"replication\"",
    "\"sameuser\"",
    "/^app",
    "\"/^(db1|ops)$\"",
    "/_[0-9]+$",
    "\"/^a.{1,4}e$\"",
    "/[[:upper:]]",
    "/^a\\+b$",
    "/",
];
const USER_WORDS: &[&str] = &[
    "all",
    "all",
    "all",
    "alice",
    "bob",
    "carol",
    "+staff",
    "+ops",
    "+alice",
    "+nobody",
    "\"+ops\"",
    "\"all\"",
    "Mixed",
    "mixed",
    "/^a",
    "\"/^(bob|carol)$\"",
    "/e$",
    "/^app_\\d$",
    "/[^a-z]",
    "/o.*o?t$",
];
const ADDRESS_WORDS: &[&str] = &[
    "all",
    "samehost",
    "samenet",
    "127.0.0.1/32",
    "127.0.0.0/8",
    "127.1.0.0/16",
    "127.1.2.3/32",
    "127.0.0.0/9",
    "127.128.0.0/9",
    "0.0.0.0/0",
    "0.0.0.0/1",
    "64.0.0.0/2",
    "::1/128",
    "::/0",
    "::/1",
    "8000::/1",
    "10.0.0.0/8",
    "127.1.2.9/16",
    "127.0.0.1 255.0.0.255",
    "127.0.2.0 255.255.254.0",
    "127.0.0.1 255.255.255.255",
    "::1 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "127.0.0.3/31",
];

/// How a client connects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Local,
    Plain,
    Tls,
}

/// A connection.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) kind: Kind,
    pub(super) from: Option<IpAddr>,
    /// Empty for physical replication.
    pub(super) database: String,
    pub(super) user: String,
    /// Whether it is for replication: physical, or logical with a database.
    pub(super) replication: bool,
}

impl Asked {
    /// As a line of the questions that pgassay reads.
    pub(super) fn line(&self) -> String {
        let kind = match self.kind {
            Kind::Local => "local",
            Kind::Plain => "plain",
            Kind::Tls => "tls",
        };
        let from = self.from.map_or_else(|| "-".to_owned(), |ip| ip.to_string());
        format!("{kind}\t{from}\t{}\t{}\n", self.database, self.user)
    }
}

/// The database that only the first entry of a file is for.
pub(super) fn marker(index: u64) -> String {
    format!("marker_{index}")
}

/// The files of a number, the first of which is pg_hba.conf.
pub(super) fn files(dice: &mut Dice, major: u8, index: u64) -> Vec<(&'static str, String)> {
    let mut top = "# made by xtask reach\n".repeat(dice.below(4));
    let _ = writeln!(top, "local {} postgres password", marker(index));
    let rows = 8 + dice.below(24);
    for _ in 0..rows {
        top.push_str(&row(dice, major));
    }
    if major < 16 || dice.once_in(3) {
        return vec![("pg_hba.conf", top)];
    }
    // What is included stands where the line stands.
    top.push_str("include \"more.conf\"\n");
    top.push_str(&row(dice, major));
    let more = format!("{}\n{}", row(dice, major), row(dice, major));
    vec![("pg_hba.conf", top), ("more.conf", more)]
}

fn row(dice: &mut Dice, major: u8) -> String {
    let kind = if major >= 12 && dice.once_in(12) { dice.pick(GSS_KINDS) } else { dice.pick(KINDS) };
    let list = |dice: &mut Dice, words: &[&'static str]| {
        let count = if dice.once_in(3) { 2 + dice.below(2) } else { 1 };
        (0..count).map(|_| dice.pick(words)).collect::<Vec<_>>().join(",")
    };
    let (databases, users) = (list(dice, DATABASE_WORDS), list(dice, USER_WORDS));
    let address = if kind == "local" { "" } else { dice.pick(ADDRESS_WORDS) };
    let method = if dice.once_in(6) { "reject" } else { "password" };
    format!("{kind} {databases} {users} {address} {method}\n")
}

/// Connections, no two of which are the same.
pub(super) fn questions(dice: &mut Dice, count: usize, has_tls: bool) -> Vec<Asked> {
    let (mut out, mut seen) = (Vec::new(), BTreeSet::new());
    while out.len() < count {
        let kind = match dice.below(8) {
            0 | 1 => Kind::Local,
            // Each costs a process.
            2 if has_tls => Kind::Tls,
            _ => Kind::Plain,
        };
        let from = (kind != Kind::Local).then(|| dice.pick(ADDRESSES).parse().ok()).flatten();
        let replication = dice.once_in(6);
        let database = if replication && dice.once_in(2) { "" } else { dice.pick(DATABASES) };
        let (database, user) = (database.to_owned(), dice.pick(USERS).to_owned());
        let asked = Asked { kind, from, database, user, replication };
        if seen.insert(asked.line()) {
            out.push(asked);
        }
    }
    out
}
