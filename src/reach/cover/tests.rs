//! Holds the cover to a matcher that asks the rows one by one, on sampled connections.

use std::net::IpAddr;

use proptest::prelude::*;

use super::*;
use crate::catalog::hba::ConnType;
use crate::model::hba::{self, AddressKind, DbKind, HbaContext, NameList, UserKind};
use crate::source::FileId;
use crate::syntax::auth_file;

fn rows(text: &str) -> Vec<HbaRow> {
    let file = auth_file::parse(FileId(0), text.as_bytes(), Majors::since(16));
    let read = hba::read(&file, Majors::since(16), 0, &HbaContext::default(), &|_| NameList::Missing);
    assert!(read.refusals.is_empty(), "{:?}", read.refusals);
    read.rows
}

/// For each row the number of the row above that covers it.
fn covered(text: &str) -> Vec<Option<usize>> {
    let rows = rows(text);
    let cover = Cover::of(&rows);
    (0..rows.len()).map(|row| cover.above(row).first().map(|above| above.row)).collect()
}

#[test]
fn rows_under_a_wider_row_are_covered() {
    for (above, below, is_covered) in [
        ("host all all 10.0.0.0/8 md5", "host all all 10.1.0.0/16 md5", true),
        ("host all all 10.1.0.0/16 md5", "host all all 10.0.0.0/8 md5", false),
        ("host all all 0.0.0.0/0 md5", "host all all ::/0 md5", false),
        ("host all all all md5", "host all all ::/0 md5", true),
        ("host all all 0.0.0.0/0 md5", "host all all all md5", false),
        ("host all all 10.0.0.0 255.0.0.0 md5", "host a b 10.9.9.9/32 md5", true),
        ("host all all 10.0.0.5/8 md5", "host all all 10.1.0.0/16 md5", true),
        ("host all all 10.0.0.1 255.0.0.255 md5", "host all all 10.1.2.1/32 md5", true),
        ("host all all 10.0.0.1 255.0.0.255 md5", "host all all 10.1.2.2/32 md5", false),
        ("host all all all md5", "local all all peer", false),
        ("local all all peer", "local all postgres peer", true),
        ("host all all all md5", "hostssl all all all md5", true),
        ("host all all all md5", "hostnogssenc all all all md5", true),
        ("hostssl all all all md5", "host all all all md5", false),
        ("hostnossl all all all md5", "hostgssenc all all all gss", true),
        ("hostnogssenc all all all md5", "hostssl all all all md5", true),
        ("hostnossl all all all md5", "hostnogssenc all all all md5", false),
        ("host all all all md5", "host replication all all md5", false),
        ("host all,replication all all md5", "host replication all all md5", true),
        ("host all all all md5", "host sameuser all all md5", true),
        ("host sameuser all all md5", "host sameuser a all md5", true),
        ("host samegroup all all md5", "host samerole all all md5", true),
        ("host a,b all all md5", "host a all all md5", true),
        ("host a,b all all md5", "host a,c all all md5", false),
        ("host a c,d all md5", "host a d all md5", true),
        ("host \"all\" all all md5", "host a all all md5", false),
        ("host all +g all md5", "host all +g all md5", true),
        ("host all +g all md5", "host all g all md5", false),
        ("host all all all md5", "host all +g all md5", true),
        ("host all /^a all md5", "host all /^a all md5", true),
        ("host all /^a all md5", "host all abc all md5", false),
        ("host all all .example.com md5", "host all all DB.example.com md5", true),
        ("host all all .example.com md5", "host all all example.com md5", false),
        ("host all all a.example.com md5", "host all all .example.com md5", false),
        ("host all all 0.0.0.0/0 md5", "host all all a.example.com md5", false),
        ("host all all samenet md5", "host all all samehost md5", true),
        ("host all all samehost md5", "host all all samenet md5", false),
        ("host all all samenet md5", "host all all 127.0.0.1/32 md5", false),
    ] {
        let found = covered(&format!("{above}\n{below}\n"));
        assert_eq!(found, [None, is_covered.then_some(0)], "{above} / {below}");
    }
}

#[test]
fn the_first_of_several_is_named() {
    let text = "host a a 10.0.0.0/8 md5\nhost all all 10.0.0.0/8 md5\nhost a all all md5\nhost a b 10.0.0.1/32 md5\n";
    assert_eq!(covered(text), [None, None, None, Some(1)]);
}

#[test]
fn parts_of_a_row() {
    let rows = rows("hostnossl all all all reject\nhost all all 10.0.0.0/8 md5\nhostssl all all all md5\n");
    let cover = Cover::of(&rows);
    assert_eq!((cover.takes_plain(1), cover.takes_plain(2)), (Majors::since(16), Majors::NONE));
    assert!(cover.dead(1).is_empty());
}

#[test]
fn several_rows_cover_one_together() {
    for (above, below, expected) in [
        ("host all all 0.0.0.0/1 md5\nhost all all 128.0.0.0/1 md5", "host all all 0.0.0.0/0 trust", &[0, 1][..]),
        ("host all all 0.0.0.0/0 md5\nhost all all ::/0 md5", "host all all all trust", &[0, 1]),
        ("host all all 0.0.0.0/0 md5\nhost all all ::/0 md5", "host a a samenet trust", &[0, 1]),
        ("host all all 0.0.0.0/0 md5\nhost all all ::/0 md5", "host a a a.example trust", &[0, 1]),
        ("host all all 0.0.0.0/0 md5", "host a a a.example trust", &[]),
        ("hostssl all all all md5\nhostnossl all all all md5", "host all all all trust", &[0, 1]),
        ("hostssl all all all md5\nhostgssenc all all all md5", "host all all all trust", &[]),
        ("host a all all md5\nhost b all all md5", "host a,b all all trust", &[0, 1]),
        ("host a all all md5\nhost b c all md5", "host a,b c,d all trust", &[]),
        ("host a all all md5\nhost b c,d all md5", "host a,b c,d all trust", &[0, 1]),
        ("host all all all md5\nhost replication all all md5", "host all,replication all all trust", &[0, 1]),
        (
            "host all all 10.0.0.0 255.0.0.254 md5\nhost all all 10.0.0.1 255.0.0.255 md5\nhost all all 11.0.0.0/8 md5",
            "host all all 10.0.0.0/7 trust",
            &[],
        ),
        ("host all all 0.0.0.0/1 md5\nhost all all 128.0.0.0/1 md5", "host all all 1.0.0.1 255.0.0.255 trust", &[0]),
        ("local all a peer\nlocal all b peer", "local all a,b trust", &[0, 1]),
        ("host all all 10.0.0.0/9 md5\nhost all all 10.128.0.0/10 md5", "host all all 10.0.0.0/8 trust", &[]),
    ] {
        let rows = rows(&format!("{above}\n{below}\n"));
        let (cover, last) = (Cover::of(&rows), rows.len() - 1);
        let found = cover.together(last).map_or(Vec::new(), |together| together.rows.clone());
        let found = cover.above(last).first().map_or(found, |above| vec![above.row]);
        assert_eq!(found, expected, "{above} / {below}");
    }
}

#[test]
fn rows_cross_if_each_has_connections_of_its_own() {
    for (above, below, expected) in [
        ("host all all 10.1.0.0/16 md5", "host app all 10.0.0.0/8 md5", true),
        ("host app all 10.1.0.0/16 md5", "host all all 10.0.0.0/8 md5", false),
        ("host all all 10.0.0.0/8 md5", "host app all 10.1.0.0/16 md5", false),
        ("host all all 11.0.0.0/8 md5", "host app all 10.0.0.0/8 md5", false),
        ("host all all 10.0.0.1 255.0.0.255 md5", "host app all 10.1.0.0/16 md5", true),
        ("hostssl all all 10.0.0.0/8 md5", "hostnossl app all all md5", false),
        ("hostssl all all 10.0.0.0/8 md5", "host app all all md5", true),
        ("host all all samenet md5", "host app all 10.0.0.0/8 md5", false),
        ("host all +g 10.0.0.0/8 md5", "host app u 10.0.0.0/7 md5", false),
        ("host all all 10.0.0.0/8 md5", "host replication,a all 10.0.0.0/7 md5", true),
        ("host all all 10.0.0.0/8 md5", "host replication all 10.0.0.0/7 md5", false),
    ] {
        let rows = rows(&format!("{above}\n{below}\n"));
        assert_eq!(!Cover::of(&rows).crossing(0, 1).is_empty(), expected, "{above} / {below}");
    }
}

#[test]
fn majors_part_the_cover() {
    let mut rows = rows("host all all all md5\nhost all a all md5\nhost all a all trust\n");
    rows[0].majors = Majors::only(16);
    let cover = Cover::of(&rows);
    assert_eq!(cover.dead(1), Majors::only(16));
    let above = cover.above(2).iter().map(|above| (above.row, above.majors)).collect::<Vec<_>>();
    assert_eq!(above, [(0, Majors::only(16)), (1, Majors::since(17))]);
}

#[test]
fn a_large_file_of_distinct_rows_ends() {
    use std::fmt::Write as _;
    let mut text = String::new();
    for row in 0..40_000_u32 {
        // Every kind of likeness: one database for all, one address for all, and pairs from two small sets.
        let _ = match row % 4 {
            0 => writeln!(text, "host all u{row} 10.0.0.0/8 md5"),
            1 => writeln!(text, "hostssl d{row} all 10.{}.{}.0/24 md5", row >> 8 & 255, row & 255),
            2 => writeln!(text, "host x{},y{} u{} all md5", row % 199, row % 211, row % 197),
            _ => writeln!(text, "host common,z{row} +g h{row}.example.com md5"),
        };
    }
    let rows = rows(&text);
    let cover = Cover::of(&rows);
    assert!(cover.dead(0).is_empty());
}

/// A connection, as the server sees it.
#[derive(Debug)]
struct Connection {
    kind: Kinds,
    ip: IpAddr,
    database: Option<&'static str>,
    user: &'static str,
}

/// `check_hba` for a server without host names, whose own address is 10.0.0.1 in 10.0.0.0/24, and whose role `a` is a
/// member of `g`.
fn matches(row: &HbaRow, connection: &Connection) -> bool {
    let kinds = match row.conn_type {
        ConnType::Local => &[Kinds::LOCAL][..],
        ConnType::Host => &[Kinds::PLAIN, Kinds::TLS, Kinds::GSS],
        ConnType::HostSsl => &[Kinds::TLS],
        ConnType::HostNoSsl => &[Kinds::PLAIN, Kinds::GSS],
        ConnType::HostGssEnc => &[Kinds::GSS],
        ConnType::HostNoGssEnc => &[Kinds::PLAIN, Kinds::TLS],
    };
    let member = |role: &str| role == connection.user || role == "g" && connection.user == "a";
    let regex = |pattern: &str, name: &str| name.contains(pattern.trim_start_matches('^'));
    let database = row.databases.iter().any(|item| match (&item.kind, connection.database) {
        (DbKind::Replication, database) => database.is_none(),
        (_, None) => false,
        (DbKind::All, _) => true,
        (DbKind::SameUser, Some(name)) => name == connection.user,
        (DbKind::SameRole, Some(name)) => member(name),
        (DbKind::Regex(pattern), Some(name)) => regex(pattern, name),
        (DbKind::Name(word), Some(name)) => word == name,
    });
    let user = row.users.iter().any(|item| match &item.kind {
        UserKind::All => true,
        UserKind::Member(role) => member(role),
        UserKind::Regex(pattern) => regex(pattern, connection.user),
        UserKind::Name(name) => name == connection.user,
    });
    let own: IpAddr = "10.0.0.1".parse().unwrap();
    let address = match row.address.as_ref().map(|address| &address.kind) {
        None => connection.kind == Kinds::LOCAL,
        _ if connection.kind == Kinds::LOCAL => false,
        Some(AddressKind::All) => true,
        Some(AddressKind::SameHost) => connection.ip == own,
        Some(AddressKind::SameNet) => matches!(connection.ip, IpAddr::V4(ip) if ip.octets()[..3] == [10, 0, 0]),
        Some(AddressKind::Net { ip, mask, .. }) => match (ip, mask, connection.ip) {
            (IpAddr::V4(ip), IpAddr::V4(mask), IpAddr::V4(from)) => {
                ip.to_bits() & mask.to_bits() == from.to_bits() & mask.to_bits()
            }
            (IpAddr::V6(ip), IpAddr::V6(mask), IpAddr::V6(from)) => {
                ip.to_bits() & mask.to_bits() == from.to_bits() & mask.to_bits()
            }
            _ => false,
        },
        Some(AddressKind::HostName(_)) => false,
    };
    kinds.contains(&connection.kind) && database && user && address
}

/// Addresses of every part into which the strategies below cut them.
pub(crate) const ADDRESSES: [&str; 14] = [
    "0.0.0.0",
    "10.0.0.0",
    "10.0.0.1",
    "10.0.0.2",
    "10.1.0.1",
    "10.128.0.0",
    "127.0.0.1",
    "128.0.0.0",
    "192.168.0.1",
    "::",
    "::1",
    "::2",
    "2001:db8::1",
    "8000::",
];

fn connections() -> Vec<Connection> {
    let mut out = Vec::new();
    for kind in Kinds::EACH {
        for ip in ADDRESSES {
            for database in [None, Some("a"), Some("b"), Some("g"), Some("abc")] {
                for user in ["a", "b", "g", "abc"] {
                    out.push(Connection { kind, ip: ip.parse().unwrap(), database, user });
                }
            }
        }
    }
    out
}

/// Rows of plain names and networks, of which it is known which connections there are.
fn plain_row() -> impl Strategy<Value = String> {
    let kind =
        prop::sample::select(vec!["local", "host", "host", "hostssl", "hostnossl", "hostgssenc", "hostnogssenc"]);
    let word = |words: &[&'static str]| prop::collection::vec(prop::sample::select(words.to_vec()), 1..3);
    let address = prop::sample::select(vec![
        "all",
        "0.0.0.0/0",
        "::/0",
        "0.0.0.0/1",
        "128.0.0.0/1",
        "10.0.0.0/8",
        "10.0.0.0/9",
        "10.128.0.0/9",
        "10.0.0.1/32",
        "::/1",
        "8000::/1",
        "::1/128",
    ]);
    (kind, word(&["all", "all", "a", "b", "replication"]), word(&["all", "all", "a", "b"]), address).prop_map(
        |(kind, databases, users, address)| {
            let address = if kind == "local" { "" } else { address };
            format!("{kind} {} {} {address} trust", databases.join(","), users.join(","))
        },
    )
}

pub(crate) fn row() -> impl Strategy<Value = String> {
    let kind = prop::sample::select(vec!["local", "host", "hostssl", "hostnossl", "hostgssenc", "hostnogssenc"]);
    let database =
        prop::sample::select(vec!["all", "sameuser", "samerole", "replication", "a", "b", "\"all\"", "/^a", "g"]);
    let user = prop::sample::select(vec!["all", "a", "b", "+g", "+a", "/^a", "\"all\"", "abc"]);
    let address = prop::sample::select(vec![
        "all",
        "samehost",
        "samenet",
        "0.0.0.0/0",
        "10.0.0.0/8",
        "10.0.0.1/24",
        "10.0.0.1/32",
        "10.0.0.1 255.0.0.255",
        "::/0",
        "::1/128",
        "::1/64",
    ]);
    let databases = prop::collection::vec(database, 1..3);
    let users = prop::collection::vec(user, 1..3);
    (kind, databases, users, address).prop_map(|(kind, databases, users, address)| {
        let address = if kind == "local" { "" } else { address };
        format!("{kind} {} {} {address} trust", databases.join(","), users.join(","))
    })
}

/// Whether one row takes all that the other matches, told from their words alone.
fn covers_plainly(rows: &[HbaRow], above: usize, below: usize) -> bool {
    let mut interner = Interner::default();
    let shapes = rows.iter().map(|row| interner.shape(row)).collect::<Vec<_>>();
    shapes[above].covers(&shapes[below])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// A covered row is never the first to match, and nothing that a plain comparison of all pairs finds is missed.
    #[test]
    fn covered_rows_are_never_first(lines in prop::collection::vec(row(), 1..12)) {
        let rows = rows(&(lines.join("\n") + "\n"));
        let cover = Cover::of(&rows);
        for connection in connections() {
            if let Some(first) = rows.iter().position(|row| matches(row, &connection)) {
                prop_assert!(cover.dead(first).is_empty(), "{} is first for {connection:?}", lines[first]);
            }
        }
        for below in 0..rows.len() {
            let expected = (0..below).find(|&above| covers_plainly(&rows, above, below));
            prop_assert_eq!(cover.above(below).first().map(|above| above.row), expected, "{:?}", lines);
        }
    }

    /// A plain row is covered if, and only if, no connection finds it first; and what takes plain connections is told.
    #[test]
    fn plain_rows_are_covered_exactly(lines in prop::collection::vec(plain_row(), 1..12)) {
        let rows = rows(&(lines.join("\n") + "\n"));
        let cover = Cover::of(&rows);
        let connections = connections();
        let firsts = connections.iter().map(|connection| rows.iter().position(|row| matches(row, connection)));
        let firsts = firsts.collect::<Vec<_>>();
        for row in 0..rows.len() {
            let is_first = |kind: Option<Kinds>| connections.iter().zip(&firsts).any(|(connection, first)| {
                *first == Some(row) && kind.is_none_or(|kind| kind == connection.kind)
            });
            prop_assert_eq!(cover.dead(row).is_empty(), is_first(None), "{}: {:?}", lines[row], lines);
            if Kinds::of(rows[row].conn_type).covers(Kinds::PLAIN) {
                let is_taken = !cover.takes_plain(row).is_empty();
                prop_assert_eq!(is_taken, !is_first(Some(Kinds::PLAIN)), "{}: {:?}", lines[row], lines);
            }
        }
    }
}
