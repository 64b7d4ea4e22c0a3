use std::convert::Infallible;

use super::*;
use crate::catalog::Majors;
use crate::finding::{Label, Severity, Subject};
use crate::rule::{RuleId, id};

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
    let judged = refused.collect();
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

/// A check that finds `old` with a fix to `new`, with an effect, and the words of `others`, all of which count.
fn counted(effect: Effect, (old, new): (&str, &str), others: &[(&str, Effect)], text: &str) -> (String, Vec<String>) {
    let look = |texts: &Texts| {
        let bytes = match texts.get(Utf8Path::new(PATH)) {
            Some(Text::Changed(bytes)) => bytes.clone(),
            _ => text.as_bytes().to_vec(),
        };
        let mut sources = SourceMap::default();
        let file = sources.add(PATH.into(), Kind::PgHba, bytes.clone()).unwrap();
        let found = |word: &str, rule: RuleId, effect: Effect| {
            let places = memchr::memmem::find_iter(&bytes, word.as_bytes()).collect::<Vec<_>>();
            let severity = if word == "weak" { Severity::Warning } else { Severity::Error };
            let found = places.into_iter().map(|at| {
                let label = Label::new(Span::new(file, at, at + word.len()), "");
                let subject = Subject::Entry(String::from_utf8_lossy(&bytes).into_owned());
                Finding::new(rule, subject, Majors::ALL, label, format!("`{word}`")).effect(effect).severity(severity)
            });
            found.collect::<Vec<_>>()
        };
        let findings = found(old, id::HBA_METHOD, effect).into_iter().map(|found| {
            let span = found.primary.span;
            found.fix("mend", Safety::Safe, vec![(span, new.to_owned())])
        });
        let findings = findings.collect::<Vec<_>>();
        let others = others.iter().flat_map(|(word, effect)| found(word, id::HBA_MD5, *effect));
        // What is refused hides the rest, as the server reads a row up to its first fault.
        let hidden = effect == Effect::Refused && !findings.is_empty();
        let judged = findings.iter().cloned().chain(others.filter(|_| !hidden)).collect();
        Checked { sources, findings, judged }
    };
    let mended = mend(look(&Texts::new()), Safety::Safe, &|_, _| true, &mut |texts| Ok::<_, Infallible>(look(texts)));
    let mended = mended.unwrap();
    let now = mended.checked.sources.iter().next().map(|(_, file)| String::from_utf8_lossy(file.bytes()).into_owned());
    (now.unwrap(), mended.dropped.into_iter().map(|dropped| dropped.why).collect())
}

#[test]
fn an_edit_that_brings_a_finding_is_left_out() {
    let (now, why) = counted(Effect::Risk, ("peer", "open"), &[("open", Effect::Risk)], "a peer");
    assert_eq!((now.as_str(), why.as_slice()), ("a peer", &["it would bring `hba-md5`: `open`".to_owned()][..]));
    // What was found before may stay, also where the edit moves it or changes what it is about.
    let (now, why) = counted(Effect::Risk, ("peer", "x"), &[("open", Effect::Risk)], "open\npeer open");
    assert_eq!((now.as_str(), why.len()), ("open\nx open", 0));
    let (now, why) = counted(Effect::Risk, ("peer", "pe"), &[("pe\n", Effect::Risk)], "peer\n");
    assert_eq!((now.as_str(), why.len()), ("peer\n", 1));
}

#[test]
fn what_the_server_refused_may_uncover_findings_in_words_that_were_there() {
    // The rest of the line is read now.
    for effect in [Effect::Risk, Effect::Refused] {
        let (now, why) = counted(Effect::Refused, ("hots", "host"), &[("open", effect)], "hots open");
        assert_eq!((now.as_str(), why.len()), ("host open", 0), "{effect:?}");
    }
    // A refusal elsewhere was not hidden by this line.
    let (now, why) = counted(Effect::Refused, ("hots", "host"), &[("open", Effect::Refused)], "hots\nopen");
    assert_eq!((now.as_str(), why.len()), ("hots\nopen", 1));
    // What an edit puts in opens no door, and may deserve a warning.
    let (now, why) = counted(Effect::Refused, ("opne", "open"), &[("open", Effect::Risk)], "opne");
    assert_eq!((now.as_str(), why.len()), ("opne", 1));
    let (now, why) = counted(Effect::Refused, ("waek", "weak"), &[("weak", Effect::Risk)], "waek");
    assert_eq!((now.as_str(), why.len()), ("weak", 0));
    let (now, why) = counted(Effect::Refused, ("OPEN", "open"), &[("open", Effect::Risk)], "OPEN");
    assert_eq!((now.as_str(), why.len()), ("open", 0));
}

#[test]
fn an_edit_that_mends_nothing_is_left_out() {
    let (now, why) = counted(Effect::Risk, ("peer", "peer peer"), &[], "peer");
    assert_eq!((now.as_str(), why.len()), ("peer", 1));
}

#[test]
fn files_come_and_go_with_edits() {
    let look = |texts: &Texts| {
        let mut sources = SourceMap::default();
        let (old, conf) = (Utf8Path::new("no/such/recovery.conf"), Utf8Path::new(PATH));
        let bytes = match texts.get(conf) {
            Some(Text::Changed(bytes)) => bytes.clone(),
            _ => b"a".to_vec(),
        };
        let conf = sources.add(conf.to_owned(), Kind::PostgresqlConf, bytes).unwrap();
        let mut findings = Vec::new();
        if texts.get(old) != Some(&Text::Removed) {
            let old = sources.add(old.to_owned(), Kind::RecoveryConf, b"b".to_vec()).unwrap();
            let found =
                Finding::new(id::RECOVERY_CONF_REMOVED, Subject::File, Majors::ALL, Label::absent(old, ""), "here");
            let found = found.fix("move it", Safety::Safe, vec![(Span::new(conf, 1, 1), "b".to_owned())]);
            findings.push(found.creating(old, "standby.signal", "").removing(old));
        }
        Checked { sources, judged: findings.clone(), findings }
    };
    let mend = |may: &dyn Fn(&Utf8Path, &Text) -> bool| {
        mend(look(&Texts::new()), Safety::Safe, may, &mut |texts| Ok::<_, Infallible>(look(texts))).unwrap().texts
    };
    let texts = mend(&|_, _| true);
    let path = |name: &str| Utf8PathBuf::from("no/such").join(name);
    assert_eq!(texts.len(), 3, "{texts:?}");
    assert_eq!(texts[&path("postgresql.conf")], Text::Changed(b"ab".to_vec()));
    assert_eq!(texts[&path("standby.signal")], Text::Created { bytes: Vec::new(), like: path("recovery.conf") });
    assert_eq!(texts[&path("recovery.conf")], Text::Removed);
    // All or nothing.
    assert!(mend(&|_, text| !matches!(text, Text::Created { .. })).is_empty());
}
