//! The report for people: a header, snippets with labels, what to do, and a last line that counts.
//!
//! Snippets are drawn by miette; which bytes of a file they show is decided in `snippet`.

use std::fmt;
use std::io;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode, ThemeCharacters, ThemeStyles,
};

use crate::catalog;
use crate::finding::{Finding, Label, Safety, Severity};
use crate::report::view::View;
use crate::report::{Style, where_it_holds};
use crate::secret::printable;
use crate::source::{FileId, SourceMap};
use crate::triage::{Note, Report, Summary};

pub(super) mod snippet;
mod upgrade;

use snippet::Snippet;
pub use upgrade::{Upgrade, upgrade};

/// A finding with more labels than this shows the first and counts the rest.
pub(super) const MOST_LABELS: usize = 12;

pub(super) fn write(report: &Report, sources: &SourceMap, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let printer = Printer { view: View::new(sources), handler: handler(style), style, report };
    for finding in report.open() {
        printer.finding(finding, out)?;
    }
    // What is said of the majors is said of every finding.
    let caveat = catalog::caveat(report.target);
    let told = |note: &Note| style.verbose || note.level == Severity::Error || Some(&note.message) == caveat.as_ref();
    for note in report.notes.iter().filter(|note| told(note)) {
        let path = note.path.as_ref().map(|path| format!("{}: ", printable(path.as_str()))).unwrap_or_default();
        let level = paint(style, tint(note.level), note.level.name());
        writeln!(out, "{level}: {path}{}", printer.view.text(&note.message))?;
    }
    writeln!(out, "{}", counts(&report.summary))
}

struct Printer<'a> {
    view: View<'a>,
    handler: GraphicalReportHandler,
    style: &'a Style,
    report: &'a Report,
}

impl Printer<'_> {
    fn finding(&self, finding: &Finding, out: &mut dyn io::Write) -> io::Result<()> {
        let style = self.style;
        let name = format!("{}[{}]", finding.severity.name(), finding.rule);
        let message = self.view.message(finding);
        writeln!(out, "{}: {}", paint(style, tint(finding.severity), &name), paint(style, BOLD, &message))?;
        for (file, labels) in by_file(finding) {
            let (absent, present): (Vec<_>, Vec<_>) = labels.into_iter().partition(|(label, _)| label.is_absent());
            for (label, _) in absent {
                let text = self.view.text(&label.text);
                let colon = if text.is_empty() { "" } else { ": " };
                writeln!(out, "  {} {}{colon}{text}", paint(style, CYAN, "in"), self.view.path(file))?;
            }
            for labels in apart(present) {
                let snippet = Snippet::new(&self.view, file, &labels, style);
                self.draw(&Drawn { snippet: Some(snippet), help: None }, out)?;
            }
        }
        let hidden = finding.related.len().saturating_sub(MOST_LABELS - 1);
        if hidden > 0 {
            writeln!(out, "  {} {hidden} more places", paint(style, CYAN, "and"))?;
        }
        if let Some(note) = where_it_holds(finding, self.report.target) {
            writeln!(out, "  {} {note}", paint(style, CYAN, "note:"))?;
        }
        let sections =
            style.benchmarks.iter().flat_map(|profile| profile.sections_of(finding.rule)).collect::<Vec<_>>();
        if !sections.is_empty() {
            writeln!(out, "  {} {}", paint(style, CYAN, "section:"), sections.join(", "))?;
        }
        if let Some(help) = &finding.help {
            self.draw(&Drawn { snippet: None, help: Some(self.view.text(help).into_owned()) }, out)?;
        }
        if let Some(fix) = &finding.fix {
            let how = match fix.safety {
                Safety::Safe => "safe, `--fix`",
                Safety::Unsafe => "unsafe, `--fix --unsafe-fixes`",
            };
            writeln!(out, "  {} {} ({how})", paint(style, CYAN, "fix:"), self.view.text(&fix.title))?;
        }
        writeln!(out, "  {} pgassay explain {}\n", paint(style, CYAN, "more:"), finding.rule)
    }

    fn draw(&self, drawn: &Drawn, out: &mut dyn io::Write) -> io::Result<()> {
        let mut text = String::new();
        self.handler.render_report(&mut text, drawn).map_err(io::Error::other)?;
        // The first line is miette's own header; ours is written already.
        let text = text.split_once('\n').map_or("", |(_, rest)| rest);
        out.write_all(text.as_bytes())
    }
}

/// The labels by file, the primary file first; each with whether it is the primary label.
pub(super) fn by_file(finding: &Finding) -> Vec<(FileId, Vec<(&Label, bool)>)> {
    let mut files = Vec::<(FileId, Vec<(&Label, bool)>)>::new();
    let labels = std::iter::once((&finding.primary, true)).chain(finding.related.iter().map(|label| (label, false)));
    for (label, primary) in labels.take(MOST_LABELS) {
        match files.iter_mut().find(|(file, _)| *file == label.span.file) {
            Some((_, labels)) => labels.push((label, primary)),
            None => files.push((label.span.file, vec![(label, primary)])),
        }
    }
    files
}

/// The labels in groups in which none covers another: arrows of labels that overlap would point at the wrong words.
pub(super) fn apart(labels: Vec<(&Label, bool)>) -> Vec<Vec<(&Label, bool)>> {
    let mut groups = Vec::<Vec<(&Label, bool)>>::new();
    for (label, primary) in labels {
        let overlaps = |other: &Label| label.span.start < other.span.end && other.span.start < label.span.end;
        match groups.iter_mut().find(|group| !group.iter().any(|(other, _)| overlaps(other))) {
            Some(group) => group.push((label, primary)),
            None => groups.push(vec![(label, primary)]),
        }
    }
    groups
}

fn handler(style: &Style) -> GraphicalReportHandler {
    let theme = GraphicalTheme {
        characters: if style.unicode { ThemeCharacters::unicode() } else { ThemeCharacters::ascii() },
        styles: if style.color { ThemeStyles::ansi() } else { ThemeStyles::none() },
    };
    GraphicalReportHandler::new_themed(theme)
        .with_links(false)
        .with_urls(false)
        .without_cause_chain()
        .without_syntax_highlighting()
        .with_context_lines(style.context)
        .with_width(style.width.max(40))
}

/// What miette draws at a time: the labels of one file, or the help.
#[derive(Debug)]
struct Drawn {
    snippet: Option<Snippet>,
    help: Option<String>,
}

impl fmt::Display for Drawn {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Drawn {}

impl Diagnostic for Drawn {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.snippet.as_ref().map(|snippet| snippet as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let snippet = self.snippet.as_ref()?;
        Some(Box::new(snippet.labels().iter().cloned()))
    }
}

const BOLD: &str = "1";
const CYAN: &str = "36";

fn tint(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "31;1",
        Severity::Warning => "33;1",
        Severity::Info => "36;1",
    }
}

fn paint(style: &Style, code: &str, text: &str) -> String {
    if style.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
}

/// The last line: `3 errors, 2 warnings, 1 info in 12 files (2 suppressed)`.
fn counts(summary: &Summary) -> String {
    let count = |number: usize, one: &str, many: &str| match number {
        0 => None,
        1 => Some(format!("1 {one}")),
        _ => Some(format!("{number} {many}")),
    };
    let listed = |parts: &[Option<String>]| parts.iter().flatten().cloned().collect::<Vec<_>>().join(", ");
    let found = listed(&[
        count(summary.errors, "error", "errors"),
        count(summary.warnings, "warning", "warnings"),
        count(summary.infos, "info", "infos"),
    ]);
    let found = if found.is_empty() { "no findings".to_owned() } else { found };
    let files = if summary.files == 1 { "file" } else { "files" };
    let aside = listed(&[
        count(summary.suppressed, "suppressed", "suppressed"),
        count(summary.baselined, "in the baseline", "in the baseline"),
        count(summary.unchanged, "not of the change", "not of the change"),
        count(summary.filtered, "hidden", "hidden"),
    ]);
    let aside = if aside.is_empty() { aside } else { format!(" ({aside})") };
    format!("{found} in {} {files}{aside}", summary.files)
}
