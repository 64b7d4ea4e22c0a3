//! Holds what the rules call refused against what real servers said to the same statements.

use crate::catalog::Majors;
use crate::discover::{Input, Kind};
use crate::finding::Effect;
use crate::model::{self, Options};
use crate::rule::{self, Registry, Selection};

/// Every row: the majors, what servers of them said, the statement. The roles r1 to r3, the tables `t (a, b)` and `v`,
/// the schema sc with a table, a sequence and a function in it, the sequence s, the function f, the types ty and dm,
/// the database o and the subscription s1 (made with `connect = false`) were there before each.
const ORACLE: &str = include_str!("../../fixtures/oracle/statements.tsv");

/// What is refused or taken because of what is there, or only when it is run.
const BEYOND: [&str; 5] = [
    "grant usage on table t to r1",
    "grant usage on v to r1",
    "create function g() returns void language plpgsql as $$ begin create subscription",
    "select pg_create_physical_replication_slot('xxxxxxxx",
    "alter default privileges grant maintain on large objects",
];

/// The first statement says that the file is PostgreSQL's.
fn refused(text: &str) -> (Majors, String) {
    let text = format!("create extension pgcrypto;\n{text};\n");
    let input = Input { path: "a.sql".into(), kind: Some(Kind::Sql), named: true };
    let mut loaded = crate::load::of_text(input, text.into_bytes());
    let cluster = model::build(&mut loaded, &Options { pg: Some(Majors::ALL), nodes: Vec::new() });
    let findings = rule::check(&cluster, &loaded.sources, &Selection::all(&Registry::default()));
    let refused = findings.iter().filter(|finding| finding.effect == Effect::Refused);
    refused.fold((Majors::NONE, String::new()), |(majors, said), finding| {
        (majors | finding.majors, format!("{said}{} ({}); ", finding.message, finding.majors))
    })
}

#[test]
fn agrees_with_real_servers() {
    let (mut wrong, mut rows) = (Vec::new(), 0);
    let mut last = (String::new(), (Majors::NONE, String::new()));
    for row in ORACLE.lines().skip(1) {
        let [majors, said, text] = row.splitn(3, '\t').collect::<Vec<_>>()[..] else { panic!("{row}") };
        let majors: Majors = majors.split(',').map(|major| major.parse::<u8>().unwrap()).collect();
        if BEYOND.iter().any(|beyond| text.starts_with(beyond)) {
            continue;
        }
        if last.0 != text {
            last = (text.to_owned(), refused(text));
        }
        rows += 1;
        let (by, messages) = &last.1;
        let differ = if said == "ok" { *by & majors } else { majors - *by };
        if !differ.is_empty() {
            wrong.push(format!("{differ}: {said}: {text}: {messages}"));
        }
    }
    assert!(rows > 900, "{rows}");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
