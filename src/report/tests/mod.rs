//! One report over tricky sources, in every format.

use std::collections::BTreeMap;

use super::*;
use crate::finding::{Confidence, Label, Safety, Subject};
use crate::rule::{Chosen, Registry, Selection, id};
use crate::secret::printable;
use crate::source::{FileId, Span};
use crate::triage::{Commented, Date, Note, Triage};

mod columns;
mod consumers;
mod formats;
mod review;
mod sarif;
mod secrets;

/// Sources, findings and comments from which a report is made.
#[derive(Default)]
pub(super) struct Case {
    pub(super) sources: SourceMap,
    pub(super) findings: Vec<Finding>,
    pub(super) comments: Vec<Commented>,
    pub(super) notes: Vec<Note>,
}

impl Case {
    pub(super) fn file(&mut self, path: &str, bytes: &[u8]) -> FileId {
        self.sources.add(path.into(), crate::discover::Kind::PostgresqlConf, bytes.to_vec()).unwrap()
    }

    /// The first place of `text` in a file.
    pub(super) fn span(&self, file: FileId, text: &str) -> Span {
        let at = memchr::memmem::find(self.sources.file(file).bytes(), text.as_bytes()).unwrap();
        Span::new(file, at, at + text.len())
    }

    pub(super) fn secret(&mut self, file: FileId, text: &str) {
        let span = self.span(file, text);
        self.sources.mark_secret(span);
    }

    pub(super) fn add(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    pub(super) fn report(&self, reversed: bool) -> Report {
        let mut findings = self.findings.clone();
        if reversed {
            findings.reverse();
        }
        Triage {
            sources: &self.sources,
            selection: &only_fsync_off(),
            target: Majors::HELD,
            severities: &BTreeMap::new(),
            min_severity: Severity::Info,
            min_confidence: Confidence::Medium,
            comments: &self.comments,
            baseline: None,
            today: Date::parse("2026-12-01").unwrap(),
        }
        .report(findings, self.notes.clone())
    }

    pub(super) fn written(&self, format: Format, style: &Style) -> String {
        let mut out = Vec::new();
        write(format, &self.report(false), &self.sources, style, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }
}

pub(super) fn setting(name: &str, label: Label, message: &str) -> Finding {
    Finding::new(id::FSYNC_OFF, Subject::Setting(name.to_owned()), Majors::HELD, label, message)
}

const CONF: &str = "\
# Größe: 𝄞\tand more\r
fsync\t= off\t# naïve, 𝄞 before\r
primary_conninfo = 'host=a user=b password=hunter2 sslmode=disable'\r
archive_command = 'first\\\r
second\\\r
third'\r
wal_level = minimal # pgassay: ignore[fsync-off] -- a test of mine\r
include 'other.conf'\r
log_timezone = '\u{1b}[31mred\u{1b}[0m'\r
";

/// Everything that has gone wrong in one renderer or another.
pub(super) fn tricky() -> Case {
    let mut case = Case::default();
    let conf = case.file("conf/postgresql.conf", CONF.as_bytes());
    let hba =
        case.file("conf/pg hba#ü.conf", b"# TYPE\nhost all all 0.0.0.0/0 trust\n# was: ldapbindpasswd=swordfish\n");
    let long = format!("a = '{}', off, '{}'\nb = 1\n", "é".repeat(200_000), "z".repeat(900_000));
    let long = case.file("long.conf", long.as_bytes());
    let latin = case.file("latin\u{1b}1.conf", b"x = '\xfcber \xe2\x82 off\x07'\n\n");
    let empty = case.file("empty.conf", b"");
    case.secret(conf, "hunter2");

    let label = Label::new(case.span(conf, "off"), "a crash can destroy the whole cluster");
    let mut finding = setting("fsync", label, "`fsync` is `off`").help("set `fsync = on`");
    finding = finding.fix("set `fsync` to `on`", Safety::Unsafe, vec![(case.span(conf, "off"), "on".to_owned())]);
    case.add(finding);

    let whole = case.span(conf, "primary_conninfo = 'host=a user=b password=hunter2 sslmode=disable'");
    let mut finding =
        setting("primary_conninfo", Label::new(whole, "read by the standby"), "`sslmode=disable` beside `hunter2`")
            .severity(Severity::Warning)
            .related(case.span(conf, "hunter2"), "this password: hunter2")
            .related(case.span(conf, "sslmode=disable"), "")
            .related(case.span(hba, "host all all 0.0.0.0/0 trust"), "the row that lets it in, [see](1)")
            .help("write\n`password=hunter2` elsewhere");
    finding.majors = Majors::since(14);
    finding = finding.fix("use sslmode", Safety::Safe, vec![(case.span(conf, "hunter2"), "hunter2".to_owned())]);
    case.add(finding);

    let mut finding = setting(
        "archive_command",
        Label::new(case.span(conf, "'first\\\r\nsecond\\\r\nthird'"), "on three lines"),
        "`archive_command` is broken",
    )
    .effect(Effect::Refused)
    .severity(Severity::Info);
    finding.majors = Majors::range(14, 15) | Majors::only(18);
    case.add(finding);

    case.add(setting("wal_level", Label::new(case.span(conf, "minimal"), ""), "`wal_level` is `minimal`"));
    case.comments.push(Commented {
        file: conf,
        comments: vec![case.span(conf, "# pgassay: ignore[fsync-off] -- a test of mine")],
        entries: vec![case.span(conf, "wal_level = minimal")],
    });

    case.add(
        setting("ssl", Label::absent(conf, "its default is `off`"), "`ssl` is not set")
            .related(case.span(conf, "include 'other.conf'"), "nor here")
            .help("set `ssl = on`"),
    );
    case.add(setting(
        "log_timezone",
        Label::new(case.span(conf, "\u{1b}[31mred\u{1b}[0m"), "odd \u{1b}[5m"),
        "`\u{1b}[31mred` is no time zone",
    ));
    case.add(setting("trust", Label::new(case.span(hba, "trust\n"), "anyone"), "anyone can log in"));
    case.add(setting("was", Label::new(case.span(hba, "ldapbindpasswd=swordfish"), ""), "a password in a comment"));
    case.add(setting("a", Label::new(case.span(long, "off"), "far to the right"), "a long line"));
    case.add(
        setting("b", Label::new(case.span(long, "b = 1"), "below"), "after a long line")
            .related(case.span(long, "a ="), "above"),
    );
    let over = Span::new(latin, 5, 16);
    case.add(setting("x", Label::new(over, "no UTF-8"), "not UTF-8"));
    case.add(setting("end", Label::new(Span::new(latin, 19, 19), "at the end"), "the file ends here"));
    case.add(setting("empty", Label::absent(empty, ""), "the file is empty"));
    case.add(setting("hint", Label::absent(empty, ""), "a hint").confidence(Confidence::Low));
    case.notes = vec![
        Note {
            path: Some("gone/pg_hba.conf".into()),
            level: Severity::Error,
            message: "it could not be read".to_owned(),
        },
        Note {
            path: None,
            level: Severity::Info,
            message: "judged for 10 to 18; the password=hunter2 helped".to_owned(),
        },
    ];
    case
}

/// The rule that the cases use, and no other: what other rules there are does not show in the snapshots.
fn only_fsync_off() -> Selection {
    Selection::new(&Registry::default(), Chosen::default(), &["fsync-off".to_owned()], &[], &[]).unwrap()
}
