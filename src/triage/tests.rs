use crate::discover::Kind;
use std::fmt::Write as _;

use camino::Utf8Path;

use super::*;
use crate::finding::{Label, Subject};
use crate::rule::{Registry, id};
use crate::source::FileId;

/// A file whose lines are its entries, and whose findings are the values `off`.
struct Setup {
    sources: SourceMap,
    comments: Vec<Commented>,
    findings: Vec<Finding>,
}

fn finding(file: FileId, at: usize, subject: &str) -> Finding {
    let label = Label::new(Span::new(file, at, at + 3), "");
    Finding::new(id::FSYNC_OFF, Subject::Setting(subject.to_owned()), Majors::HELD, label, "`x` is `off`")
}

fn setup(files: &[(&str, &str)]) -> Setup {
    let mut setup = Setup { sources: SourceMap::default(), comments: Vec::new(), findings: Vec::new() };
    for (path, text) in files {
        let file = setup.sources.add((*path).into(), Kind::PostgresqlConf, text.as_bytes().to_vec()).unwrap();
        let mut commented = Commented { file, comments: Vec::new(), entries: Vec::new() };
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let entry = line.find('#').unwrap_or(line.len());
            if line[entry..].contains("pgassay:") {
                commented.comments.push(Span::new(file, at + entry, at + line.trim_end().len()));
            }
            let content = line[..entry].trim_end();
            if !content.is_empty() {
                commented.entries.push(Span::new(file, at, at + content.len()));
            }
            if let Some(off) = content.find("off") {
                setup.findings.push(finding(file, at + off, content.split(' ').next().unwrap()));
            }
            at += line.len();
        }
        setup.comments.push(commented);
    }
    setup
}

fn run(setup: Setup) -> (SourceMap, Report) {
    let report = judged(&setup, None);
    (setup.sources, report)
}

/// One line per finding: place, rule, outcome, message.
fn told(text: &str) -> String {
    let (sources, report) = run(setup(&[("a.conf", text)]));
    let mut out = String::new();
    for (finding, outcome) in &report.findings {
        let file = sources.file(finding.primary.span.file);
        let at = file.lines().position(finding.primary.span.start, file.bytes());
        let outcome = match outcome {
            Outcome::Open => "open".to_owned(),
            Outcome::Suppressed { reason, .. } => format!("suppressed ({})", reason.as_deref().unwrap_or("-")),
            other => format!("{other:?}"),
        };
        writeln!(out, "{}:{} {} {outcome}: {}", at.line, at.column, finding.rule, finding.message).unwrap();
    }
    out
}

#[test]
fn comments_suppress_their_entry_alone() {
    for (text, want) in [
        (
            "a = off # pgassay: ignore[fsync-off] -- why\nb = off\n",
            "1:5 fsync-off suppressed (why): `x` is `off`\n2:5 fsync-off open: `x` is `off`\n",
        ),
        (
            "# pgassay: ignore[fsync-off]\n\n# more\na = off\nb = off\n",
            "4:5 fsync-off suppressed (-): `x` is `off`\n5:5 fsync-off open: `x` is `off`\n",
        ),
        (
            "a = off\nb = off\n# pgassay: ignore-file[fsync-off]\n",
            "1:5 fsync-off suppressed (-): `x` is `off`\n2:5 fsync-off suppressed (-): `x` is `off`\n",
        ),
        ("a = off # pgassay: ignore[fsync-off] until 2026-12-01\n", "1:5 fsync-off suppressed (-): `x` is `off`\n"),
        (
            "a = off # pgassay: ignore[fsync-off] until 2026-11-30\n",
            "1:5 fsync-off open: `x` is `off`\n\
             1:44 suppression-expired open: the suppression of `fsync-off` ended on 2026-11-30\n",
        ),
        (
            "a = off # pgassay: ignore[fsync-of]\n",
            "1:5 fsync-off open: `x` is `off`\n1:27 suppression-unknown open: no rule is called `fsync-of`\n",
        ),
        (
            "a = off # pgassay: ignore\n",
            "1:5 fsync-off open: `x` is `off`\n\
             1:11 suppression-unknown open: a comment is no suppression: the ids of rules must follow in brackets\n",
        ),
        (
            "a = on # pgassay: ignore[fsync-off]\n",
            "1:26 suppression-unused open: `fsync-off` finds nothing here to suppress\n",
        ),
        (
            "# pgassay: ignore[fsync-off]\n",
            "1:19 suppression-unused open: `fsync-off` finds nothing here to suppress\n",
        ),
        (
            "# pgassay: ignore-file[fsync-off]\na = on\n",
            "1:24 suppression-unused open: `fsync-off` finds nothing in this file to suppress\n",
        ),
        // Both are needed, as far as can be told.
        (
            "# pgassay: ignore-file[fsync-off]\na = off # pgassay: ignore[fsync-off] -- mine\n",
            "2:5 fsync-off suppressed (mine): `x` is `off`\n",
        ),
        // Suppressions of findings about suppressions.
        (
            "a = on # pgassay: ignore[fsync-off, suppression-unused]\n",
            "1:26 suppression-unused suppressed (-): `fsync-off` finds nothing here to suppress\n",
        ),
        (
            "# pgassay: ignore-file[suppression-unknown]\n# pgassay: ignore[nothing]\n",
            "2:19 suppression-unknown suppressed (-): no rule is called `nothing`\n",
        ),
        ("a = off # pgassay: ignore-file[suppression-unused]\n", "1:5 fsync-off open: `x` is `off`\n"),
    ] {
        assert_eq!(told(text), want, "{text}");
    }
}

#[test]
fn what_is_absent_is_suppressed_from_the_head_of_the_file() {
    for (text, suppressed) in [
        ("\n# A file.\n# pgassay: ignore[fsync-off]\n# More.\n\na = 1\n", true),
        ("# A file.\n\n# pgassay: ignore[fsync-off]\na = 1\n", false),
        ("a = 1 # pgassay: ignore[fsync-off]\n", false),
        ("a = 1\n# pgassay: ignore[fsync-off]\n", false),
        ("a = 1\n# pgassay: ignore-file[fsync-off]\n", true),
        // It is one line of the file, not what is absent from it.
        ("a = 1\n", false),
    ] {
        let mut setup = setup(&[("a.conf", text)]);
        let absent = Label::absent(FileId(0), "");
        setup.findings = vec![Finding::new(id::FSYNC_OFF, Subject::File, Majors::HELD, absent, "`ssl` is not set")];
        let (_, report) = run(setup);
        let outcome =
            report.findings.iter().find(|(finding, _)| finding.rule == id::FSYNC_OFF).map(|(_, it)| it).unwrap();
        assert_eq!(matches!(outcome, Outcome::Suppressed { .. }), suppressed, "{text}");
    }
}

#[test]
fn statements_of_several_lines_and_several_on_a_line() {
    let text = "create -- pgassay: ignore[fsync-off]\n off;\nx off; y off; -- pgassay: ignore[fsync-off]\nz off;\n";
    let mut setup = setup(&[("a.sql", "")]);
    let mut sources = SourceMap::default();
    let file = sources.add("a.sql".into(), Kind::Sql, text.as_bytes().to_vec()).unwrap();
    let entry = |from: &str, to: &str| Span::new(file, text.find(from).unwrap(), text.find(to).unwrap() + to.len());
    setup.comments = vec![Commented {
        file,
        comments: vec![
            entry("-- pgassay: ignore[fsync-off]", "-- pgassay: ignore[fsync-off]"),
            Span::new(file, text.rfind("--").unwrap(), text.rfind("\nz").unwrap()),
        ],
        entries: vec![
            entry("create", " off;"),
            entry("x off", "x off;"),
            entry("y off", "y off;"),
            entry("z", "z off;"),
        ],
    }];
    setup.findings = text.match_indices("off;").map(|(at, _)| finding(file, at, &at.to_string())).collect();
    setup.sources = sources;
    let (_, report) = run(setup);
    assert_eq!(
        report.findings.iter().map(|(_, outcome)| *outcome != Outcome::Open).collect::<Vec<_>>(),
        [true, true, true, false]
    );
}

fn fixed(text: &str) -> String {
    let (_, report) = run(setup(&[("a.conf", text)]));
    let mut out = text.to_owned();
    for (finding, _) in report.findings.iter().rev().filter(|(finding, _)| finding.rule != id::FSYNC_OFF) {
        for (span, replacement) in finding.fix.iter().flat_map(|fix| fix.edits.iter().rev()) {
            out.replace_range(span.range(), replacement);
        }
    }
    out
}

#[test]
fn fixes_leave_what_is_needed() {
    for (text, want) in [
        ("a = on  # pgassay: ignore[fsync-off] -- x\r\nb\n", "a = on\r\nb\n"),
        ("  # pgassay: ignore[fsync-off]\na = on\n", "a = on\n"),
        ("# pgassay: ignore[fsync-off]", ""),
        ("# Mine. pgassay: ignore[fsync-off]\n", "# Mine. pgassay: ignore[fsync-off]\n"),
        ("a = off # pgassay: ignore[fsync-off, suppression-expired]\n", "a = off # pgassay: ignore[fsync-off]\n"),
        ("a = off # pgassay: ignore[suppression-expired , fsync-off]\n", "a = off # pgassay: ignore[fsync-off]\n"),
        ("a = off # pgassay: ignore[fsync-of] -- x\n", "a = off # pgassay: ignore[fsync-off] -- x\n"),
    ] {
        assert_eq!(fixed(text), want, "{text}");
    }
}

#[test]
fn findings_are_sorted_and_each_is_told_once() {
    let mut setup = setup(&[("b.conf", "a = off\nb = off\n"), ("a.conf", "a = off\n")]);
    setup.findings.reverse();
    let mut again = setup.findings[0].clone();
    again.majors = Majors::only(10);
    setup.findings[0].majors = Majors::only(12);
    setup.findings.push(again.clone());
    again.effect = crate::finding::Effect::Refused;
    setup.findings.push(again);
    let (sources, report) = run(setup);
    let told = report
        .findings
        .iter()
        .map(|(finding, _)| {
            let span = finding.primary.span;
            (sources.file(span.file).path().as_str(), span.start, finding.majors.to_string())
        })
        .collect::<Vec<_>>();
    assert_eq!(
        told,
        [
            ("a.conf", 4, "10".to_owned()),
            ("a.conf", 4, "10, 12".to_owned()),
            ("b.conf", 4, "10 to 18".to_owned()),
            ("b.conf", 12, "10 to 18".to_owned())
        ]
    );
    assert_eq!(report.summary, Summary { files: 2, errors: 4, ..Summary::default() });
    assert_eq!(report.worst(), Some(Severity::Error));
}

fn root() -> Root {
    Root { here: "/r/sub".into(), base: "/r".into(), renamed: BTreeMap::new() }
}

/// The baseline of a file's text, as it is read back.
fn baseline_of(text: &str) -> Baseline {
    let setup = setup(&[("a.conf", text)]);
    let baseline = Baseline::of(&judged(&setup, None), &setup.sources, &root());
    let read = Baseline::parse(baseline.text().unwrap().as_bytes()).unwrap();
    assert_eq!(read, baseline);
    read
}

fn judged(setup: &Setup, known: Option<&Known>) -> Report {
    Triage {
        sources: &setup.sources,
        selection: &Selection::all(&Registry::default()),
        target: Majors::HELD,
        severities: &BTreeMap::new(),
        min_severity: Severity::Info,
        min_confidence: Confidence::Low,
        comments: &setup.comments,
        baseline: known,
        today: Date::parse("2026-12-01").unwrap(),
    }
    .report(setup.findings.clone(), Vec::new())
}

/// The outcomes of the findings in a text, held against what was known: a letter for each.
fn outcomes(text: &str, known: &Known) -> String {
    let setup = setup(&[("a.conf", text)]);
    let report = judged(&setup, Some(known));
    assert!(report.compared);
    let letter = |(_, outcome): &(Finding, Outcome)| match outcome {
        Outcome::Open => 'o',
        Outcome::Suppressed { .. } => 's',
        Outcome::Baselined => 'b',
        Outcome::Unchanged => 'u',
        Outcome::Filtered => 'f',
    };
    report.findings.iter().map(letter).collect()
}

#[test]
fn a_baseline_counts_equal_findings() {
    let quiet = " # pgassay: ignore[fsync-off]";
    for (before, now, expected) in [
        ("a = off\n", "a = off\n", "b"),
        ("a = off\n", "\n\na = off\n", "b"),
        ("a = off\n", "b = off\n", "o"),
        ("a = off\n", "a = off\na = off\n", "bo"),
        ("a = off\na = off\n", "a = off\n", "b"),
        ("a = off\nb = off\n", "b = off\na = off\nc = off\n", "bbo"),
        // What was suppressed is not known, and what is suppressed uses nothing up.
        (&format!("a = off{quiet}\n"), "a = off\n", "o"),
        ("a = off\n", &format!("a = off{quiet}\na = off\n"), "sb"),
        ("a = off\na = off\n", &format!("a = off\na = off{quiet}\n"), "bs"),
    ] {
        let known = Known { baseline: Some((baseline_of(before), root())), change: None };
        assert_eq!(outcomes(now, &known), expected, "{before:?} {now:?}");
    }
}

#[test]
fn a_change_tells_what_is_new_and_what_it_touches() {
    let change = |before: Option<&str>, lines: &[std::ops::Range<u32>]| Known {
        baseline: None,
        change: Some(Change {
            lines: BTreeMap::from([(FileId(0), lines.to_vec())]),
            before: before.map(|text| (baseline_of(text), root())),
        }),
    };
    for (before, now, lines, expected) in [
        (Some("a = off\n"), "a = off\n", &[][..], "u"),
        (Some(""), "a = off\n", &[], "o"),
        // Written otherwise, the finding is the same and its line is not.
        (Some("a = off\n"), "a = off \n", &[0..1], "o"),
        // The copy above is the one that was put in.
        (Some("a = off\n"), "a = off\na = off\n", &[0..1], "ou"),
        (Some("a = off\nb = off\n"), "a = off\nb = off\n", &[1..2], "uo"),
        (Some("a = off # pgassay: ignore[fsync-off]\n"), "a = off\n", &[], "o"),
        (None, "a = off\nb = off\n", &[1..2], "uo"),
        (None, "a = off\nb = off\n", &[], "uu"),
        (None, "a = off\nb = off\nc = off\n", &[0..1, 2..3], "ouo"),
    ] {
        assert_eq!(outcomes(now, &change(before, lines)), expected, "{before:?} {now:?} {lines:?}");
    }
    let both = Known { baseline: Some((baseline_of("a = off\n"), root())), ..change(Some(""), &[]) };
    assert_eq!(outcomes("a = off\nb = off\n", &both), "bo");
}

#[test]
fn a_related_place_on_a_changed_line_counts_and_an_absent_one_does_not() {
    let mut setup = setup(&[("a.conf", "a = off\nb = 1\n"), ("b.conf", "x\ny\n")]);
    let (a, b) = (FileId(0), FileId(1));
    setup.findings[0].related.push(Label::new(Span::new(b, 2, 3), "here"));
    setup.findings.push(Finding { primary: Label::absent(a, ""), ..finding(a, 0, "absent") });
    for (file, lines, expected) in [(b, 1..2, [false, true]), (b, 0..1, [false, false]), (a, 0..1, [false, true])] {
        let change = Change { lines: BTreeMap::from([(file, vec![lines])]), before: None };
        let report = judged(&setup, Some(&Known { baseline: None, change: Some(change) }));
        assert_eq!(report.findings.iter().map(|(_, outcome)| outcome.is_open()).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn a_baseline_tells_what_is_gone() {
    let (old, now) = (baseline_of("a = off\na = off\nb = off\nc = off\n"), baseline_of("a = off\nc = off\nd = off\n"));
    let all = |_: &Utf8Path, _: &str| true;
    let gone = old
        .gone(&now, &all)
        .iter()
        .map(|gone| format!("{} {} {}", gone.path, gone.subject, gone.count))
        .collect::<Vec<_>>();
    assert_eq!(gone, ["sub/a.conf setting:a 1", "sub/a.conf setting:b 1"]);
    let pruned = old.pruned(&now, &all);
    assert_eq!((pruned.len(), pruned.gone(&now, &all)), (2, Vec::new()));
    assert_eq!(now.gone(&pruned, &all).len(), 1, "nothing new came in");
    // What was not looked at stays.
    let none = |_: &Utf8Path, _: &str| false;
    assert_eq!((old.gone(&now, &none), old.pruned(&now, &none)), (Vec::new(), old.clone()));
    assert_eq!(old.renewed(&Baseline::default(), &none), old);
    assert_eq!(old.renewed(&now, &all), now);
}

#[test]
fn the_text_of_a_baseline_is_one_line_for_each_and_holds_no_secret() {
    let mut setup = setup(&[("a \"b\".conf", "a = off\na = off\nz = off\n")]);
    let file = FileId(0);
    setup.findings.push(finding(file, 4, "conninfo password=hunter2 user=x"));
    let text = Baseline::of(&judged(&setup, None), &setup.sources, &root()).text().unwrap();
    insta::assert_snapshot!(text);
    assert!(!text.contains("hunter2"));
    assert_eq!(
        Baseline::default().text().unwrap(),
        "{\n  \"version\": 1,\n  \"fingerprint\": \"pgassay/v1\",\n  \"findings\": {}\n}\n"
    );
}

#[test]
fn a_damaged_baseline_is_refused() {
    let good = baseline_of("a = off\n").text().unwrap();
    let line = good.lines().find(|line| line.contains("subject")).unwrap();
    for (text, message) in [
        (String::new(), "it is damaged: EOF while parsing a value at line 1 column 0"),
        ("<<<<<<< HEAD\n".to_owned() + &good, "it is damaged: expected value at line 1 column 1"),
        (good.replace("\"version\": 1", "\"version\": 2"), "it is of version 2; this pgassay reads version 1"),
        (good.replace("pgassay/v1", "pgassay/v2"), "its fingerprints are `pgassay/v2`; this pgassay makes `pgassay/v1`"),
        (good.replace("\"count\": 1", "\"count\": 0"), "it is damaged: invalid value: integer `0`, expected a nonzero u32 at line 7"),
        (good.replace("\"subject\"", "\"about\""), "it is damaged: unknown field `about`"),
        (good.replace(line, &format!("{line},\n{line}")), "it is damaged: `sub/a.conf` has `"),
        ("{\"version\":1,\"fingerprint\":\"pgassay/v1\",\"findings\":{\"a\":{\"b\":[{\"subject\":\"\",\"fingerprint\":\"x\",\"count\":1}]}}}".to_owned(), "it is damaged: `x` is no fingerprint of 64 hexadecimal digits"),
    ] {
        let error = Baseline::parse(text.as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with(message), "{error}");
    }
}

#[test]
fn paths_of_a_baseline_are_those_below_its_folder() {
    let root =
        Root { here: "/r/sub".into(), base: "/r".into(), renamed: BTreeMap::from([("old".into(), "new".into())]) };
    for (path, place) in [
        ("a.conf", "sub/a.conf"),
        ("./x/../a.conf", "sub/a.conf"),
        ("../a.conf", "a.conf"),
        ("../../a.conf", "../../a.conf"),
        ("/r/a.conf", "a.conf"),
        ("/elsewhere/a.conf", "/elsewhere/a.conf"),
        ("../old", "new"),
    ] {
        assert_eq!(root.place(path.into()), place);
    }
}

#[test]
fn severities_filters_and_the_baseline() {
    let setup = setup(&[("a.conf", "a = off\nb = off # pgassay: ignore[fsync-off]\nc = off\n")]);
    let mut triage = Triage {
        sources: &setup.sources,
        selection: &Selection::all(&Registry::default()),
        target: Majors::HELD,
        severities: &BTreeMap::from([(id::FSYNC_OFF, Severity::Info)]),
        min_severity: Severity::Warning,
        min_confidence: Confidence::Low,
        comments: &setup.comments,
        baseline: None,
        today: Date::parse("2026-12-01").unwrap(),
    };
    let report = triage.report(setup.findings.clone(), Vec::new());
    assert_eq!(report.summary, Summary { files: 1, suppressed: 1, filtered: 2, ..Summary::default() });
    triage.min_severity = Severity::Info;
    let root = Root { here: "/r".into(), base: "/r".into(), renamed: BTreeMap::new() };
    let first = triage.report(setup.findings[..1].to_vec(), Vec::new());
    let known = Known { baseline: Some((Baseline::of(&first, &setup.sources, &root), root)), change: None };
    triage.baseline = Some(&known);
    let note = |path: &str| Note { path: Some(path.into()), level: Severity::Info, message: "m".to_owned() };
    let report = triage.report(setup.findings.clone(), vec![note("b"), note("a"), note("b")]);
    assert_eq!(report.summary, Summary { files: 1, suppressed: 1, baselined: 1, infos: 1, ..Summary::default() });
    assert_eq!(report.notes, [note("a"), note("b")]);
}
