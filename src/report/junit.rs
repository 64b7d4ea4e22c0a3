//! JUnit XML, for whatever shows results of tests: a suite for each file, a case for each finding.
//!
//! Findings below the severity that fails a run are skipped cases, so that the page of tests is as red as the exit code.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io;

use quick_junit::{NonSuccessKind, Report as Suites, TestCase, TestCaseStatus, TestSuite};

use crate::finding::{Finding, Severity};
use crate::report::view::View;
use crate::report::{Style, lines};
use crate::secret::printable;
use crate::source::SourceMap;
use crate::triage::Report;

pub(super) fn write(report: &Report, sources: &SourceMap, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let view = View::new(sources);
    let mut suites = Vec::new();
    let mut names = HashMap::<(String, String), usize>::new();
    for note in report.notes.iter().filter(|note| note.level == Severity::Error) {
        let place = note.path.as_ref().map_or("pgassay".into(), |path| printable(path.as_str()));
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_type("error").set_message(xml(&view.text(&note.message)));
        let name = unique(&mut names, &place, "cannot be checked");
        add(&mut suites, &place, case(&name, &place, status));
    }
    for finding in report.open() {
        let path = view.path(finding.primary.span.file);
        let name = format!("{}: {}", finding.rule, view.text(&finding.subject.key()));
        let name = unique(&mut names, &path, &name);
        let mut case = case(&name, &path, status(&view, finding, report, style.fail_on));
        // GitLab and others lead to the file by them.
        case.extra.insert("file".into(), xml(&path).into());
        case.extra.insert("line".into(), view.start(finding.primary.span).line.to_string().into());
        add(&mut suites, &path, case);
    }
    if suites.is_empty() {
        // A file without a case counts as no report at all in Jenkins.
        add(&mut suites, "pgassay", case("no findings", "pgassay", TestCaseStatus::success()));
    }
    let mut all = Suites::new("pgassay");
    all.add_test_suites(suites);
    all.serialize(&mut *out).map_err(io::Error::other)
}

fn status(view: &View<'_>, finding: &Finding, report: &Report, fail_on: Severity) -> TestCaseStatus {
    let what = lines::what(view, finding, report.target);
    let mut status = if finding.severity >= fail_on {
        TestCaseStatus::non_success(NonSuccessKind::Failure)
    } else {
        TestCaseStatus::skipped()
    };
    let (span, word) = (finding.primary.span, finding.severity.name());
    let at = view.start(span);
    let mut text = format!("{}:{}:{}: {word}[{}]: {what}", view.path(span.file), at.line, at.column, finding.rule);
    for line in lines::more(view, finding) {
        text.push('\n');
        text.push_str(&line);
    }
    status.set_type(word).set_message(xml(&what)).set_description(xml(&text));
    status
}

fn case(name: &str, class: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(xml(name), status);
    case.set_classname(xml(class));
    case
}

/// The name, with a number if the class has it already: two cases of one name are one to those who compare runs. Names
/// hold no lines, so that they stay when lines move.
fn unique(names: &mut HashMap<(String, String), usize>, class: &str, name: &str) -> String {
    let count = names.entry((class.to_owned(), name.to_owned())).or_default();
    *count += 1;
    if *count == 1 { name.to_owned() } else { format!("{name} ({count})") }
}

/// Adds a case to the suite of a file. Findings come by path, so that a suite is filled before the next begins.
fn add(suites: &mut Vec<TestSuite>, file: &str, case: TestCase) {
    if let Some(suite) = suites.last_mut().filter(|suite| suite.name.as_str() == xml(file)) {
        suite.add_test_case(case);
        return;
    }
    let mut suite = TestSuite::new(xml(file));
    suite.add_test_case(case);
    suites.push(suite);
}

/// Text without the two characters that XML 1.0 has no way to write and the library lets through.
fn xml(text: &str) -> Cow<'_, str> {
    if text.contains(['\u{fffe}', '\u{ffff}']) {
        Cow::Owned(text.replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}
