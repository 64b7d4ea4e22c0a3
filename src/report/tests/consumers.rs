//! Formats for other programs, read the way those programs read them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::*;

/// Paths that a format must bring over whole.
const ODD: [&str; 6] =
    ["a b/100%/x.conf", "%0A,line=7::x.conf", "::error::x.conf", "x:y,z=1.conf", "new\nline\r.conf", "<é&\"'>.conf"];

/// A finding in each of the odd files, and one that the file lacks.
fn odd() -> Case {
    let mut case = Case::default();
    for path in ODD {
        let file = case.file(path, "# größe\nfsync = off # 𝄞\n".as_bytes());
        let span = case.span(file, "off");
        case.add(
            setting("fsync", Label::new(span, "here"), "`fsync` is `off`: 100% wrong, %0A::")
                .related(case.span(file, "größe"), "the size, with <>&")
                .help("set `fsync = on`")
                .fix("set it", Safety::Unsafe, vec![(span, "on".to_owned())]),
        );
        case.add(
            setting("ssl", Label::absent(file, "its default is `off`"), "`ssl` is not set").severity(Severity::Warning),
        );
    }
    case
}

fn written(case: &Case, format: Format) -> String {
    case.written(format, &Style::default())
}

#[test]
fn github() {
    insta::assert_snapshot!(written(&tricky(), Format::GitHub));
}

#[test]
fn gitlab() {
    insta::assert_snapshot!(written(&tricky(), Format::GitLab));
}

#[test]
fn junit() {
    insta::assert_snapshot!(written(&tricky(), Format::JUnit));
}

#[test]
fn rdjson() {
    insta::assert_snapshot!(written(&tricky(), Format::RdJson));
}

/// A workflow command as the runner takes it apart (`ActionCommand.TryParseV2`): the name up to the first blank,
/// properties between commas, all up to the next `::`; then what is escaped is put back, the percent sign last.
struct Command {
    name: String,
    properties: BTreeMap<String, String>,
    data: String,
}

impl Command {
    fn parse(line: &str) -> Option<Self> {
        let rest = line.trim_start().strip_prefix("::")?;
        let (head, data) = rest.split_once("::")?;
        let (name, list) = head.split_once(' ').unwrap_or((head, ""));
        if !["error", "warning", "notice"].contains(&name) {
            return None;
        }
        let pairs = list.trim().split(',').filter_map(|pair| pair.split_once('='));
        let back = |text: &str| text.replace("%0D", "\r").replace("%0A", "\n");
        let value = |text: &str| back(text).replace("%3A", ":").replace("%2C", ",").replace("%25", "%");
        Some(Self {
            name: name.to_owned(),
            properties: pairs.map(|(key, text)| (key.to_owned(), value(text))).collect(),
            data: back(data).replace("%25", "%"),
        })
    }
}

#[test]
fn the_runner_of_github_reads_what_was_meant() {
    let text = written(&odd(), Format::GitHub);
    let commands = text.lines().map(|line| Command::parse(line).unwrap()).collect::<Vec<_>>();
    assert_eq!(commands.len(), 2 * ODD.len());
    let files = commands.iter().map(|command| command.properties["file"].as_str()).collect::<BTreeSet<_>>();
    assert_eq!(files, ODD.into_iter().collect());
    let keys = |command: &Command| command.properties.keys().map(String::as_str).collect::<Vec<_>>().join(" ");
    for command in &commands {
        assert_eq!(command.properties["title"], "pgassay fsync-off");
        let file = &command.properties["file"];
        match keys(command).as_str() {
            "col endColumn endLine file line title" => {
                assert_eq!(command.name, "error");
                let place = ["line", "col", "endLine", "endColumn"].map(|key| command.properties[key].as_str());
                assert_eq!(place, ["2", "9", "2", "12"]);
                assert_eq!(
                    command.data,
                    format!(
                        "{file}:2:9: `fsync` is `off`: 100% wrong, %0A::\nhelp: set `fsync = on`\nsee {}:1: the size, with <>&",
                        printable(file)
                    )
                );
            }
            "file line title" => {
                assert_eq!(
                    (command.name.as_str(), &command.data),
                    ("warning", &format!("{file}:1:1: `ssl` is not set"))
                );
            }
            other => panic!("{other}"),
        }
    }
    // A line of a log that is a command of its own would be one that nobody meant.
    assert_eq!(text.lines().count(), commands.len());
}

#[test]
fn github_hears_the_worst_first_and_how_many_it_will_not_show() {
    let mut case = Case::default();
    let file = case.file("a.conf", "x = 1\n".repeat(30).as_bytes());
    for line in 0..30 {
        let severity = [Severity::Info, Severity::Warning, Severity::Error][line % 3];
        let span = Span::new(file, line * 6, line * 6 + 1);
        case.add(setting("x", Label::new(span, ""), &format!("number {line}")).severity(severity));
    }
    let names = |text: &str| {
        let names = text.lines().filter_map(Command::parse).map(|command| command.name).collect::<Vec<_>>();
        assert!(names.is_sorted_by_key(|name| ["error", "warning", "notice"].iter().position(|level| name == level)));
        names.len()
    };
    let text = written(&case, Format::GitHub);
    assert_eq!((names(&text), text.lines().count()), (30, 30), "ten of each are shown");
    case.notes.push(Note { path: None, level: Severity::Error, message: "no".to_owned() });
    let text = written(&case, Format::GitHub);
    assert_eq!(names(&text), 31);
    assert_eq!(
        text.lines().last(),
        Some("pgassay: 11 errors; GitHub shows 10 of a level as annotations, all are in this log")
    );
    assert!(text.starts_with("::error title=pgassay::no\n"));
}

/// What GitLab reads of a violation, by its documentation ("Code Quality report format"); no field may lack.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Violation {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: String,
    location: ViolationLocation,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ViolationLocation {
    path: String,
    lines: ViolationLines,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ViolationLines {
    begin: u32,
    end: u32,
}

#[test]
fn gitlab_reads_every_violation() {
    for case in [odd(), tricky()] {
        let violations: Vec<Violation> = serde_json::from_str(&written(&case, Format::GitLab)).unwrap();
        assert_eq!(violations.len(), case.report(false).open().count());
        let mut seen = BTreeSet::new();
        for violation in violations {
            assert!(["info", "minor", "major", "critical", "blocker"].contains(&violation.severity.as_str()));
            assert!(seen.insert(violation.fingerprint), "GitLab would leave out the second");
            assert!(violation.description.starts_with(&format!("{}: ", violation.check_name)));
            assert!(!violation.location.path.starts_with("./"), "GitLab finds no such file");
            assert!(violation.location.lines.begin >= 1);
            assert!(violation.location.lines.begin <= violation.location.lines.end);
        }
    }
    let text = written(&odd(), Format::GitLab);
    for path in ODD {
        assert!(text.contains(&serde_json::to_string(path).unwrap()), "{path}");
    }
}

/// The messages of `reviewdog.rdf`. reviewdog reads them strictly: an unknown field makes it refuse the whole.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DiagnosticResult {
    source: RdSource,
    diagnostics: Vec<Diagnostic>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RdSource {
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Diagnostic {
    message: String,
    location: RdLocation,
    severity: String,
    code: RdCode,
    #[serde(default)]
    suggestions: Vec<Suggestion>,
    #[serde(default)]
    related_locations: Vec<RdRelated>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RdCode {
    value: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RdLocation {
    path: String,
    range: RdRange,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(deny_unknown_fields)]
struct RdRange {
    start: RdPosition,
    end: Option<RdPosition>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(deny_unknown_fields)]
struct RdPosition {
    line: usize,
    column: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Suggestion {
    range: RdRange,
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RdRelated {
    #[serde(default)]
    message: String,
    location: RdLocation,
}

impl RdRange {
    /// The bytes meant; columns count them, from 1.
    fn bytes(self, text: &[u8]) -> std::ops::Range<usize> {
        let offset = |position: RdPosition| {
            let lines = text.split_inclusive(|byte| *byte == b'\n');
            lines.take(position.line - 1).map(<[u8]>::len).sum::<usize>() + position.column.unwrap() - 1
        };
        offset(self.start)..offset(self.end.unwrap())
    }
}

#[test]
fn reviewdog_reads_every_diagnostic() {
    let case = odd();
    let result: DiagnosticResult = serde_json::from_str(&written(&case, Format::RdJson)).unwrap();
    assert_eq!(result.source.name, "pgassay");
    assert_eq!(result.diagnostics.len(), 2 * ODD.len());
    let text = case.sources.file(FileId(0)).bytes();
    for diagnostic in &result.diagnostics {
        assert!(ODD.contains(&diagnostic.location.path.as_str()));
        assert_eq!(diagnostic.code.value, "fsync-off");
        assert!(diagnostic.message.starts_with('`'));
        match diagnostic.location.range {
            RdRange { start: RdPosition { line: 1, column: None }, end: None } => {
                assert!(diagnostic.suggestions.is_empty() && diagnostic.severity == "WARNING");
            }
            range => {
                assert_eq!((&text[range.bytes(text)], diagnostic.severity.as_str()), (&b"off"[..], "ERROR"));
                let suggestion = &diagnostic.suggestions[0];
                assert_eq!((&text[suggestion.range.bytes(text)], suggestion.text.as_str()), (&b"off"[..], "on"));
                let related = &diagnostic.related_locations[0];
                assert_eq!(&text[related.location.range.bytes(text)], "größe".as_bytes());
                assert_eq!(related.location.path, diagnostic.location.path);
                assert_eq!(related.message, "the size, with <>&");
            }
        }
    }
    let result: DiagnosticResult = serde_json::from_str(&written(&tricky(), Format::RdJson)).unwrap();
    assert_eq!(result.diagnostics.len(), tricky().report(false).open().count());
}

/// Checks the form that Jenkins, GitLab and others read; gives the numbers of cases, failures, errors and skipped ones.
fn read_junit(text: &str) -> (usize, usize, usize, usize) {
    let document = roxmltree::Document::parse(text).unwrap();
    let root = document.root_element();
    assert_eq!((root.tag_name().name(), root.attribute("name")), ("testsuites", Some("pgassay")));
    let mut seen = BTreeSet::new();
    let count = |node: roxmltree::Node<'_, '_>, name: &str| {
        node.descendants().filter(|node| node.tag_name().name() == name).count()
    };
    let elements = |node: roxmltree::Node<'_, '_>| node.children().filter(roxmltree::Node::is_element).count();
    let counts = |node: roxmltree::Node<'_, '_>| {
        for (attribute, name) in
            [("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")]
        {
            let said = node.attribute(attribute).map_or(0, |number| number.parse().unwrap());
            assert_eq!(said, count(node, name), "{attribute} of {node:?}");
        }
    };
    counts(root);
    for suite in root.children().filter(roxmltree::Node::is_element) {
        assert_eq!(suite.tag_name().name(), "testsuite");
        counts(suite);
        for case in suite.children().filter(roxmltree::Node::is_element) {
            assert_eq!(case.tag_name().name(), "testcase");
            assert_eq!(case.attribute("classname"), suite.attribute("name"));
            let name = case.attribute("name").filter(|name| !name.is_empty()).unwrap();
            assert!(seen.insert((case.attribute("classname").unwrap(), name)), "GitLab would count {name} once");
            assert!(elements(case) <= 1);
            for outcome in case.children().filter(roxmltree::Node::is_element) {
                assert!(outcome.attribute("message").is_some_and(|message| !message.is_empty()));
                assert!(["error", "warning", "info"].contains(&outcome.attribute("type").unwrap()));
            }
        }
    }
    (count(root, "testcase"), count(root, "failure"), count(root, "error"), count(root, "skipped"))
}

#[test]
fn readers_of_junit_see_every_case() {
    let odd = odd();
    let text = written(&odd, Format::JUnit);
    assert_eq!(read_junit(&text), (2 * ODD.len(), 2 * ODD.len(), 0, 0));
    let document = roxmltree::Document::parse(&text).unwrap();
    let files = document.descendants().filter_map(|node| node.attribute("file")).collect::<BTreeSet<_>>();
    assert_eq!(files, ODD.iter().map(|path| printable(path)).collect::<Vec<_>>().iter().map(AsRef::as_ref).collect());
    let case = tricky();
    let open = case.report(false).open().count();
    let infos = case.report(false).summary.infos;
    assert_eq!(read_junit(&written(&case, Format::JUnit)), (open + 1, open - infos, 1, infos));
    let style = Style { fail_on: Severity::Info, ..Style::default() };
    assert_eq!(read_junit(&case.written(Format::JUnit, &style)), (open + 1, open, 1, 0));
}

#[test]
fn junit_has_nothing_that_xml_cannot_hold() {
    let mut case = Case::default();
    let file = case.file("a\u{fffe}\u{0}.conf", b"x\n");
    let span = Span::new(file, 0, 1);
    case.add(setting("\u{ffff}", Label::new(span, ""), "`\u{1}\u{fffe}]]>` \u{85}").help("<![CDATA["));
    assert_eq!(read_junit(&written(&case, Format::JUnit)), (1, 1, 0, 0));
}

#[test]
fn an_empty_report_is_one_that_can_be_read() {
    let case = Case::default();
    assert_eq!(written(&case, Format::GitHub), "");
    assert_eq!(written(&case, Format::GitLab), "[\n]\n");
    assert!(serde_json::from_str::<Vec<Violation>>("[\n]\n").unwrap().is_empty());
    let result: DiagnosticResult = serde_json::from_str(&written(&case, Format::RdJson)).unwrap();
    assert!(result.diagnostics.is_empty());
    assert_eq!(read_junit(&written(&case, Format::JUnit)), (1, 0, 0, 0));
}

#[test]
fn ten_thousand_findings_are_all_there() {
    let mut case = Case::default();
    let file = case.file("a.conf", "x = 1\n".repeat(10_000).as_bytes());
    for line in 0..10_000 {
        let span = Span::new(file, line * 6, line * 6 + 1);
        case.add(setting("x", Label::new(span, ""), &format!("number {line}")));
    }
    let text = written(&case, Format::GitHub);
    assert_eq!(text.lines().filter_map(Command::parse).count(), 10_000);
    let violations: Vec<Violation> = serde_json::from_str(&written(&case, Format::GitLab)).unwrap();
    let fingerprints = violations.iter().map(|violation| &violation.fingerprint).collect::<BTreeSet<_>>();
    assert_eq!(fingerprints.len(), 10_000);
    let result: DiagnosticResult = serde_json::from_str(&written(&case, Format::RdJson)).unwrap();
    assert_eq!(result.diagnostics.len(), 10_000);
    assert_eq!(read_junit(&written(&case, Format::JUnit)), (10_000, 10_000, 0, 0));
}
