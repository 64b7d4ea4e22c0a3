//! First match on single questions, by what check_hba of hba.c does.

use std::net::IpAddr;

use proptest::prelude::*;

use super::*;
use crate::catalog::Majors;
use crate::model::hba::{self, HbaContext, HbaRow, NameList};
use crate::source::FileId;
use crate::syntax::auth_file;

pub(super) fn rows(text: &str, majors: Majors) -> Vec<HbaRow> {
    let file = auth_file::parse(FileId(0), text.as_bytes(), majors);
    let read = hba::read(&file, majors, 0, &HbaContext::default(), &|_| NameList::Missing);
    assert!(read.refusals.is_empty(), "{:?}", read.refusals);
    read.rows
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn question<'a>(from: &str, database: Wanted<'a>, user: Wanted<'a>) -> Question<'a> {
    let (kinds, from) = match from.split_once(' ') {
        None if from == "local" => (Kinds::LOCAL, From::Socket),
        Some(("tls", from)) => (Kinds::TLS, From::Ip(ip(from))),
        Some(("gss", from)) => (Kinds::GSS, From::Ip(ip(from))),
        _ => (Kinds::PLAIN, From::Ip(ip(from))),
    };
    Question { kinds, from, host: HostName::Unknown, database, user }
}

/// The rows that may decide as `1`, `2?`, and `-` for none of them.
fn decided(text: &str, major: u8, question: &Question<'_>, known: &Known) -> String {
    let rows = rows(text, Majors::only(major));
    let decision = Engine::of(&rows, true, major, known).decide(question);
    let mut out = decision
        .rows
        .iter()
        .map(|at| format!("{}{}", at.row + 1, if at.judged.verdict == Verdict::Maybe { "?" } else { "" }))
        .collect::<Vec<_>>();
    out.extend(decision.may_fall_through.then(|| "-".to_owned()));
    out.join(" ")
}

#[test]
fn the_first_row_that_matches_decides() {
    use Wanted::{Name, Other, Replication, Unknown};
    let known = Known::default();
    for (text, from, database, user, expected) in [
        ("local all all peer\nhost all all all md5\n", "local", Name("d"), Name("u"), "1"),
        ("local all all peer\nhost all all all md5\n", "10.0.0.1", Name("d"), Name("u"), "2"),
        ("hostssl all all all md5\nhostnossl all all all reject\n", "tls ::1", Name("d"), Name("u"), "1"),
        ("hostssl all all all md5\nhostnossl all all all reject\n", "gss ::1", Name("d"), Name("u"), "2"),
        ("hostnogssenc all all all md5\n", "gss ::1", Name("d"), Name("u"), "-"),
        ("host all all 10.0.0.0/8 md5\n", "10.9.9.9", Name("d"), Name("u"), "1"),
        ("host all all 10.0.0.0/8 md5\n", "11.9.9.9", Name("d"), Name("u"), "-"),
        ("host all all 0.0.0.0/0 md5\n", "::1", Name("d"), Name("u"), "-"),
        ("host all all 10.0.0.1 255.0.0.255 md5\n", "10.3.4.1", Name("d"), Name("u"), "1"),
        ("host all all 10.0.0.1 255.0.0.255 md5\n", "10.3.4.2", Name("d"), Name("u"), "-"),
        ("host all all samenet md5\nhost all all all md5\n", "10.3.4.2", Name("d"), Name("u"), "1? 2"),
        ("host all all samehost md5\n", "127.0.0.1", Name("d"), Name("u"), "1"),
        ("host all all a.example md5\n", "127.0.0.1", Name("d"), Name("u"), "1? -"),
        ("local all all peer\n", "local", Replication, Name("u"), "-"),
        ("local \"replication\",all all peer\n", "local", Replication, Name("u"), "-"),
        ("local replication all peer\n", "local", Replication, Name("u"), "1"),
        ("local replication all peer\n", "local", Name("replication"), Name("u"), "-"),
        ("local \"replication\" all peer\n", "local", Name("replication"), Name("u"), "1"),
        ("local sameuser all peer\n", "local", Name("u"), Name("u"), "1"),
        ("local sameuser all peer\n", "local", Name("v"), Name("u"), "-"),
        ("local samerole all peer\n", "local", Name("u"), Name("u"), "1"),
        ("local samerole all peer\n", "local", Name("g"), Name("u"), "1? -"),
        ("local all +u peer\n", "local", Name("d"), Name("u"), "1"),
        ("local all +g peer\nlocal all u md5\n", "local", Name("d"), Name("u"), "1? 2"),
        ("local all \"+g\" peer\n", "local", Name("d"), Name("u"), "-"),
        ("local all \"all\" peer\n", "local", Name("d"), Name("u"), "-"),
        ("local all U peer\n", "local", Name("d"), Name("u"), "-"),
        ("local a,b u peer\n", "local", Other, Name("u"), "-"),
        ("local a,b u peer\nlocal all all md5\n", "local", Unknown, Unknown, "1? 2"),
    ] {
        assert_eq!(decided(text, 18, &question(from, database, user), &known), expected, "{text} {from}");
    }
}

#[test]
fn expressions_are_for_16_and_later() {
    let known = Known::default();
    let text = "local /^a all peer\nlocal all /b$ md5\n";
    let ask = |major, database, user| {
        let wanted = question("local", Wanted::Name(database), Wanted::Name(user));
        decided(text, major, &wanted, &known)
    };
    assert_eq!(ask(16, "ab", "x"), "1");
    assert_eq!(ask(16, "x", "ab"), "2");
    assert_eq!(ask(15, "ab", "ab"), "-");
    assert_eq!(ask(15, "/^a", "x"), "1");
    let wanted = question("local", Wanted::Name("x"), Wanted::Other);
    assert_eq!(decided(text, 18, &wanted, &known), "2? -");
}

#[test]
fn members_are_those_that_sql_makes() {
    let mut roles = Roles::default();
    roles.add("u", "g", false);
    roles.add("g", "h", false);
    roles.add("w", "h", true);
    for role in ["u", "v", "w", "g", "h"] {
        roles.create(role);
    }
    let ask = |roles: &Roles, user| {
        let known = Known { roles: roles.clone(), addresses: None };
        decided("local all +h peer\n", 18, &question("local", Wanted::Name("d"), Wanted::Name(user)), &known)
    };
    assert_eq!(ask(&roles, "u"), "1");
    assert_eq!(ask(&roles, "v"), "1? -");
    let roles = roles.closed(false);
    assert_eq!(ask(&roles, "v"), "-");
    assert_eq!(ask(&roles, "w"), "1? -");
    assert_eq!(ask(&roles, "x"), "1? -");
}

#[test]
fn known_interfaces_decide_samehost_and_samenet() {
    let own = ["127.0.0.1/8", "10.0.0.7/24", "::1/128"].map(|net| net.parse().unwrap());
    let known = Known { addresses: Some(own.to_vec()), ..Known::default() };
    for (word, from, expected) in [
        ("samehost", "10.0.0.7", "1"),
        ("samehost", "10.0.0.8", "-"),
        ("samehost", "127.0.0.2", "-"),
        ("samenet", "127.0.0.2", "1"),
        ("samenet", "10.0.0.8", "1"),
        ("samenet", "10.0.1.8", "-"),
    ] {
        let wanted = question(from, Wanted::Name("d"), Wanted::Name("u"));
        assert_eq!(decided(&format!("host all all {word} md5\n"), 18, &wanted, &known), expected, "{word} {from}");
    }
}

#[test]
fn ranges_are_matched_as_a_whole_or_in_part() {
    let known = Known::default();
    for (address, low, high, expected) in [
        ("10.0.0.0/8", "10.1.0.0", "10.1.255.255", "1"),
        ("10.1.0.0/16", "10.0.0.0", "10.255.255.255", "1? -"),
        ("10.1.0.0/16", "10.2.0.0", "10.255.255.255", "-"),
        ("10.0.0.1 255.0.0.255", "10.0.0.0", "10.255.255.255", "1? -"),
        ("10.0.0.1 255.0.0.255", "10.5.0.1", "10.5.0.1", "1"),
        ("10.0.0.1 255.0.0.255", "11.0.0.0", "11.0.0.255", "-"),
        ("10.0.5.0 255.0.255.0", "10.9.5.0", "10.9.5.255", "1"),
        ("::/0", "::", "ffff::", "1"),
        ("::/0", "0.0.0.0", "255.255.255.255", "-"),
    ] {
        let wanted = Question {
            from: From::Range(ip(low), ip(high)),
            ..question("10.0.0.1", Wanted::Name("d"), Wanted::Name("u"))
        };
        assert_eq!(decided(&format!("host all all {address} md5\n"), 18, &wanted, &known), expected, "{address} {low}");
    }
    let wanted = Question { from: From::Anywhere, ..question("10.0.0.1", Wanted::Name("d"), Wanted::Name("u")) };
    assert_eq!(decided("host all all 10.0.0.0/8 md5\nhost all all all md5\n", 18, &wanted, &known), "1? 2");
}

#[test]
fn names_of_hosts_match_ends_where_they_start_with_a_dot() {
    for (pattern, host, expected) in [
        ("db.example", "DB.example", "1"),
        (".example", "db.example", "1"),
        (".example", "example", "-"),
        ("example", "db.example", "-"),
    ] {
        let wanted = Question { host: HostName::Is(host), ..question("10.0.0.1", Wanted::Other, Wanted::Other) };
        assert_eq!(decided(&format!("host all all {pattern} md5\n"), 18, &wanted, &Known::default()), expected);
    }
}

#[test]
fn names_are_cut_as_the_server_cuts_them() {
    let (long, cut) = ("a".repeat(70), "a".repeat(63));
    let wanted = question("local", Wanted::Name("d"), Wanted::Name(&long));
    assert_eq!(decided(&format!("local all {cut} md5\n"), 18, &wanted, &Known::default()), "1");
    assert_eq!(decided(&format!("local all {long} md5\n"), 18, &wanted, &Known::default()), "-");
}

#[test]
fn what_is_missing_makes_no_answer_certain() {
    let rows = rows("local all all peer\n", Majors::ALL);
    let wanted = question("local", Wanted::Name("d"), Wanted::Name("u"));
    let known = Known::default();
    assert_eq!(Engine::of(&rows, true, 18, &known).decide(&wanted).certain(), Some(Answer::Row(0)));
    assert_eq!(Engine::of(&rows, false, 18, &known).decide(&wanted).certain(), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// What the table says of a range, a question about each address in it says: the same row where the table is
    /// certain, else one of those that it names. Rows that were matched with the names before say the same.
    #[test]
    fn tables_agree_with_single_questions(
        lines in prop::collection::vec(cover::tests::row(), 1..10),
        knows_addresses in any::<bool>(),
    ) {
        let rows = rows(&(lines.join("\n") + "\n"), Majors::since(16));
        let addresses = knows_addresses.then(|| {
            ["127.0.0.1/8", "10.0.0.1/24", "::1/128"].map(|net| net.parse().unwrap()).to_vec()
        });
        let known = Known { addresses, ..Known::default() };
        let engine = Engine::of(&rows, true, 18, &known);
        let mut universe = Universe::default();
        universe.add(&rows, 18, &known.roles);
        for (user, database) in universe.users().flat_map(|user| universe.databases().map(move |of| (user.clone(), of))) {
            for kind in Kinds::EACH {
                let columns = Columns::new(&engine, &user);
                let column = columns.of(kind, &database);
                let of_kind = |row: &HbaRow| Kinds::of(row.conn_type).covers(kind);
                let matching = columns.rows_for(&database).into_iter().filter(|(_, row, _)| of_kind(row));
                let matching = matching.collect::<Vec<_>>();
                prop_assert_eq!(&columns.laid(kind, &matching), &column);
                let froms = match kind {
                    Kinds::LOCAL => vec![(From::Socket, Range::Socket)],
                    _ => cover::tests::ADDRESSES.iter().map(|text| {
                        (From::Ip(ip(text)), Range::between(ip(text), ip(text)).unwrap())
                    }).collect(),
                };
                for (from, range) in froms {
                    let found = column.iter().filter(|stretch| stretch.range.and(range).is_some()).collect::<Vec<_>>();
                    prop_assert_eq!(found.len(), 1);
                    let outcome = &found[0].outcome;
                    let (database, user) = (database.wanted(), user.wanted());
                    let decision = engine.decide(&Question { kinds: kind, from, host: HostName::Unknown, database, user });
                    if let From::Ip(ip) = from {
                        prop_assert_eq!(engine.at(&matching, ip), decision.certain());
                    }
                    match (&*outcome.doubtful, outcome.row) {
                        ([], Some(row)) => prop_assert_eq!(decision.certain(), Some(Answer::Row(row))),
                        ([], None) => prop_assert_eq!(decision.certain(), Some(Answer::NoRow)),
                        (doubtful, row) => {
                            let named = |index: &usize| doubtful.contains(index) || row == Some(*index);
                            prop_assert!(decision.rows.iter().all(|of| named(&of.row)), "{:?} {:?}", decision, outcome);
                            prop_assert!(!decision.may_fall_through || row.is_none());
                        }
                    }
                }
            }
        }
    }
}
