//! Holds what the rules say of queries on the system catalogue against what real servers said to the same queries.

use std::collections::BTreeMap;

use crate::catalog::Majors;
use crate::discover::{Input, Kind};
use crate::finding::Effect;
use crate::model::{self, Options};
use crate::rule::{self, Registry, Selection};

/// Every row: how it was asked, the majors, what servers of them said is missing, the query.
/// `cargo xtask catalog --queries` makes it.
const ORACLE: &str = include_str!("../../fixtures/oracle/queries.tsv");

/// What is not looked for: a function of an extension whose name gives no hint of PostgreSQL.
const BEYOND: [&str; 1] = ["select autoprewarm_start_worker()"];

/// The rule that speaks of what a server misses.
fn rule_of(verdict: &str) -> &'static str {
    match verdict {
        "column" => "sql-system-column",
        "relation" => "sql-system-relation",
        "function" => "sql-system-function",
        "setting" => "sql-setting-unknown",
        "recovery" => "sql-recovery-function",
        other => panic!("{other}"),
    }
}

/// The majors that each rule says refuse it.
fn refused(query: &str) -> BTreeMap<&'static str, Majors> {
    let input = Input { path: "a.sql".into(), kind: Some(Kind::Sql), named: true };
    let mut loaded = crate::load::of_text(input, format!("create extension pgcrypto;\n{query};\n").into_bytes());
    let cluster = model::build(&mut loaded, &Options { pg: Some(Majors::ALL), nodes: Vec::new() });
    let mut by_rule = BTreeMap::new();
    for finding in rule::check(&cluster, &loaded.sources, &Selection::all(&Registry::default())) {
        if finding.effect == Effect::Refused {
            let entry = by_rule.entry(finding.rule.name()).or_insert(Majors::NONE);
            *entry = *entry | finding.majors;
        }
    }
    by_rule
}

#[test]
fn agrees_with_real_servers() {
    let (mut wrong, mut rows) = (Vec::new(), 0);
    for row in ORACLE.lines().skip(1) {
        let [_, majors, verdict, query] = row.splitn(4, '\t').collect::<Vec<_>>()[..] else { panic!("{row}") };
        let majors: Majors = majors.split(',').map(|major| major.parse::<u8>().unwrap()).collect();
        if BEYOND.contains(&query) {
            continue;
        }
        rows += 1;
        let said = refused(query);
        let differ = if verdict == "ok" {
            said.values().fold(Majors::NONE, |all, majors| all | *majors) & majors
        } else {
            majors - said.get(rule_of(verdict)).copied().unwrap_or_default()
        };
        if !differ.is_empty() {
            wrong.push(format!("{differ}: {verdict}: {query}: {said:?}"));
        }
    }
    assert!(rows > 350, "{rows}");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
