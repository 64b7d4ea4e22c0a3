use std::convert::Infallible;

use super::*;
use crate::catalog::Majors;
use crate::finding::{Label, Subject};
use crate::rule::id;

const PATH: &str = "no/such/postgresql.conf";

/// A check that finds each `old` with a fix to `new`, and that the server refuses each `bad`.
fn check(rules: &[(&str, &str)], texts: &Texts, text: &str) -> Checked {
    let bytes = match texts.get(Utf8Path::new(PATH)) {
        Some(Text::Changed(bytes)) => bytes.clone(),
        _ => text.as_bytes().to_vec(),
    };
    let mut sources = SourceMap::default();
    let file = sources.add(PATH.into(), Kind::PostgresqlConf, bytes.clone()).unwrap();
    let found = |word: &str| memchr::memmem::find_iter(&bytes, word.as_bytes()).collect::<Vec<_>>();
    let mut findings = Vec::new();
    for (old, new) in rules {
        for at in found(old) {
            let span = Span::new(file, at, at + old.len());
            let finding = Finding::new(
                id::CONF_REPEATED,
                Subject::Setting((*old).to_owned()),
                Majors::ALL,
                Label::new(span, ""),
                "found",
            );
            findings.push(finding.fix(format!("{old} to {new}"), Safety::Safe, vec![(span, (*new).to_owned())]));
        }
    }
    let refused = found("bad").into_iter().map(|at| {
        let label = Label::new(Span::new(file, at, at + 3), "");
        Finding::new(id::CONF_UNKNOWN_SETTING, Subject::Entry("bad".to_owned()), Majors::ALL, label, "refused")
    });
    let judged = findings.iter().cloned().chain(refused).collect();
    Checked { sources, findings, judged }
}

fn mended(rules: &[(&str, &str)], text: &str) -> (String, usize, usize) {
    let mut run = |texts: &Texts| Ok::<_, Infallible>(check(rules, texts, text));
    let first = check(rules, &Texts::new(), text);
    let mended = mend(first, Safety::Safe, &|_, _| true, &mut run).unwrap();
    let sources = &mended.checked.sources;
    let now = sources.iter().next().map(|(_, file)| String::from_utf8_lossy(file.bytes()).into_owned());
    (now.unwrap(), mended.made.len(), mended.dropped.len())
}

#[test]
fn edits_are_made_until_none_is_left() {
    assert_eq!(mended(&[("one", "two"), ("two", "three")], "one x one"), ("three x three".to_owned(), 4, 0));
}

#[test]
fn edits_that_overlap_take_turns() {
    assert_eq!(mended(&[("ab", "x"), ("bc", "y")], "abc ab bc"), ("xc x y".to_owned(), 3, 0));
}

#[test]
fn an_edit_that_brings_a_refusal_is_left_out_and_the_others_are_made() {
    let rules = [("one", "1"), ("two", "bad"), ("three", "3"), ("four", "4")];
    assert_eq!(mended(&rules, "one two three four"), ("1 two 3 4".to_owned(), 3, 1));
    // What was refused before may stay.
    assert_eq!(mended(&rules, "bad one"), ("bad 1".to_owned(), 1, 0));
}

#[test]
fn edits_that_only_together_bring_a_refusal_are_not_both_made() {
    let (now, ..) = mended(&[("-", "b"), ("+", "ad")], "-+");
    assert!(!now.contains("bad"), "{now}");
}
