//! The security review: one page that needs nothing else, no network and no script, for people who decide.
//!
//! It says what was found, what was not looked at and why, and what was read. `docs/review.md` says what stands where.
//! Like every report it is the same for the same input, so no clock is in it.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use crate::finding::{Finding, Severity};
use crate::model::Cluster;
use crate::report::view::View;
use crate::report::{Style, markup};
use crate::rule::RuleId;
use crate::secret::{hide_patterns, printable};
use crate::source::{FileId, SourceMap, Span};
use crate::triage::fingerprint::Fingerprints;
use crate::triage::{Outcome, Report};

mod access;
mod benchmarks;
mod change;
mod findings;
mod inputs;
mod rules;
mod snippet;
mod summary;
mod untold;

const STYLE: &str = include_str!("style.css");

/// What a review is made of.
#[derive(Debug, Clone, Copy)]
pub struct Review<'a> {
    /// What was found.
    pub report: &'a Report,
    /// The files.
    pub sources: &'a SourceMap,
    /// Benchmarks whose sections are told.
    pub style: &'a Style,
    /// The files and folders that were named.
    pub roots: &'a [Utf8PathBuf],
    /// What the files mean. Without it the review says nothing of servers and access.
    pub cluster: Option<&'a Cluster>,
    /// What was read beside the files that were checked.
    pub beside: &'a [Beside],
}

/// Something that decides about findings and is none of the files that are checked: pgassay.toml, a plugin.
#[derive(Debug, Clone)]
pub struct Beside {
    /// Where it lies.
    pub path: Utf8PathBuf,
    /// What it is.
    pub what: String,
    /// Its SHA-256, as hexadecimal digits.
    pub sha256: String,
}

impl Beside {
    /// A text, told by its digest; of one with secrets it is that of the text without them.
    #[must_use]
    pub fn text(what: &str, path: Utf8PathBuf, text: &str) -> Self {
        Self { path, what: what.to_owned(), sha256: inputs::sha256(hide_patterns(text).as_bytes()) }
    }
}

/// Writes the page.
///
/// # Errors
/// What the writer says.
pub fn review(review: &Review<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    out.write_all(Page::new(review).written().as_bytes())
}

/// The sections, in order: anchors, and headings with the words that lead to them.
const SECTIONS: [(&str, &str, &str); 8] = [
    ("summary", "Summary", "Summary"),
    ("findings", "Findings", "Findings"),
    ("servers", "Servers and what replicates between them", "Servers"),
    ("access", "Who can get in", "Access"),
    ("untold", "What could not be told", "Not told"),
    ("suppressed", "Suppressed findings", "Suppressed"),
    ("rules", "Why it matters, and how to mend it", "Rules"),
    ("inputs", "What was read", "Inputs"),
];

/// The page as it is written.
struct Page<'a> {
    review: &'a Review<'a>,
    view: View<'a>,
    /// How lines are cut: not by the width of a terminal, which is no part of the input.
    lines: Style,
    out: String,
    /// The anchor of each finding, by its place in the report.
    anchors: Vec<String>,
    /// The servers that files are of.
    servers: HashMap<FileId, String>,
}

impl<'a> Page<'a> {
    fn new(review: &'a Review<'a>) -> Self {
        let mut fingerprints = Fingerprints::default();
        let findings = review.report.findings.iter();
        let anchors = findings.map(|(finding, _)| format!("f-{:.16}", fingerprints.next(finding, review.sources)));
        Self {
            review,
            view: View::new(review.sources),
            lines: Style::default(),
            out: String::new(),
            anchors: anchors.collect(),
            servers: review.cluster.map(servers).unwrap_or_default(),
        }
    }

    fn written(mut self) -> String {
        self.head();
        let has_cluster = self.review.cluster.is_some();
        for (anchor, title, _) in SECTIONS {
            if !has_cluster && matches!(anchor, "servers" | "access") {
                continue;
            }
            let _ = writeln!(self.out, "<section id=\"{anchor}\" aria-labelledby=\"{anchor}-title\">");
            self.element(&format!("h2 id=\"{anchor}-title\""), title);
            self.out.push('\n');
            match anchor {
                "summary" => self.summary(),
                "findings" => self.findings(),
                "servers" => self.cluster(),
                "access" => self.access(),
                "untold" => self.untold(),
                "suppressed" => self.suppressed(),
                "rules" => self.rules(),
                _ => self.inputs(),
            }
            self.out.push_str("</section>\n");
        }
        self.out.push_str("</main>\n</body>\n</html>\n");
        self.out
    }

    fn head(&mut self) {
        let report = self.review.report;
        let found = summary::counted(&report.summary);
        self.out.push_str(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; \
             img-src data:; base-uri 'none'; form-action 'none'\"/>\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
             <meta name=\"referrer\" content=\"no-referrer\"/>\n<link rel=\"icon\" href=\"data:,\"/>\n",
        );
        self.element("title", &format!("PostgreSQL review: {found}"));
        let _ = writeln!(self.out, "\n<style>\n{STYLE}</style>\n</head>\n<body>\n<header>");
        let version = env!("CARGO_PKG_VERSION");
        let _ = writeln!(self.out, "<p class=\"less\">pgassay {version}</p>\n<h1>PostgreSQL configuration review</h1>");
        self.out.push_str("<dl>");
        let roots = self.review.roots.iter().map(|root| self.path(root)).collect::<Vec<_>>();
        let profiles = report.selection.profiles().join(", ");
        let rules = report.selection.iter().count();
        let facts = [
            ("Files and folders", if roots.is_empty() { ".".to_owned() } else { roots.join(", ") }),
            ("Judged for", format!("PostgreSQL {}", report.target)),
            ("Profiles", if profiles.is_empty() { "none".to_owned() } else { profiles }),
            ("Rules that ran", rules.to_string()),
        ];
        for (name, text) in facts {
            self.out.push_str("<div>");
            self.element("dt", name);
            self.element("dd", &text);
            self.out.push_str("</div>");
        }
        self.out.push_str("</dl>\n<nav aria-label=\"Sections\"><ul>");
        for (anchor, _, word) in SECTIONS {
            if self.review.cluster.is_some() || !matches!(anchor, "servers" | "access") {
                let _ = write!(self.out, "<li><a href=\"#{anchor}\">{word}</a></li>");
            }
        }
        self.out.push_str("</ul></nav>\n</header>\n<main>\n");
    }

    /// The findings that stand, with their anchors.
    fn open(&self) -> impl Iterator<Item = (&'a Finding, &str)> {
        let findings = self.review.report.findings.iter().zip(&self.anchors);
        findings
            .filter(|((_, outcome), _)| *outcome == Outcome::Open)
            .map(|((finding, _), anchor)| (finding, anchor.as_str()))
    }

    /// A path as it may be shown. What is a password elsewhere may well be a word of a path, which must lead to the file.
    fn path(&self, path: &Utf8Path) -> String {
        printable(path.as_str()).into_owned()
    }

    /// The path of a file.
    fn path_of(&self, file: FileId) -> String {
        self.path(self.review.sources.file(file).path())
    }

    /// The path and line of a place.
    fn place(&self, span: Span) -> String {
        let span = self.review.sources.to_host(span);
        format!("{}:{}", self.path_of(span.file), self.view.start(span).line)
    }

    /// Adds an element with a text that may be shown as it is.
    fn element(&mut self, open: &str, text: &str) {
        markup::element(&mut self.out, open, text);
    }

    /// Adds an element with a text of a rule or a message: what is between backquotes is code.
    fn prose(&mut self, open: &str, text: &str) {
        let name = open.split(' ').next().unwrap_or(open);
        let _ = write!(self.out, "<{open}>");
        let text = self.view.text(text).into_owned();
        markup::inline(&mut self.out, &text);
        let _ = write!(self.out, "</{name}>");
    }

    /// A cell of a table that says on narrow screens of which column it is.
    fn cell(&mut self, of: &str, text: &str) {
        self.element(&format!("td data-of=\"{of}\""), text);
    }

    /// The same with a text of a rule or a message.
    fn prose_cell(&mut self, of: &str, text: &str) {
        self.prose(&format!("td data-of=\"{of}\""), text);
    }

    /// A place or another piece of a file in a cell.
    fn code_cell(&mut self, of: &str, text: &str) {
        let _ = write!(self.out, "<td data-of=\"{of}\">");
        self.element("code", text);
        self.out.push_str("</td>");
    }

    /// The start of a table; `class` is one of the style sheet's.
    fn table(&mut self, class: &str, columns: &[&str]) {
        let _ = write!(self.out, "<table class=\"{class}\">\n<thead><tr>");
        for column in columns {
            self.element("th scope=\"col\"", column);
        }
        self.out.push_str("</tr></thead>\n<tbody>\n");
    }

    fn end_table(&mut self) {
        self.out.push_str("</tbody>\n</table>\n");
    }

    /// A link to a rule of which the page tells more.
    fn rule_link(&mut self, rule: RuleId) {
        // Names of rules are letters, digits, hyphens, and a slash after a plugin's name.
        self.element(&format!("a class=\"rule\" href=\"#rule-{}\"", rule.name()), rule.name());
    }

    fn severity(&mut self, of: Severity) {
        let word = of.name();
        let _ = write!(self.out, "<span class=\"tag {word}\">{word}</span>");
    }

    fn note(&mut self, text: &str) {
        self.prose("p class=\"less\"", text);
        self.out.push('\n');
    }
}

/// The servers that files are of: one, or no word where a file is of several.
fn servers(cluster: &Cluster) -> HashMap<FileId, String> {
    let mut out: HashMap<FileId, String> = HashMap::new();
    for member in &cluster.topology.members {
        let of_nodes = member.nodes(cluster).flat_map(|(_, node)| {
            let hba = node.hba.iter().flat_map(|hba| &hba.files);
            let ident = node.ident.iter().flat_map(|ident| &ident.files);
            node.settings.files.iter().chain(hba).chain(ident).copied().chain(node.recovery.conf)
        });
        let role = member.duty.map(|duty| format!(", {}", duty.word())).unwrap_or_default();
        let told = format!("server {}{role}, PostgreSQL {}", member.name, member.majors);
        for file in of_nodes {
            let known = out.entry(file).or_insert_with(|| told.clone());
            if *known != told {
                "of several servers".clone_into(known);
            }
        }
    }
    out
}

/// A number and its noun: `1 file`, `2 files`.
fn count(number: usize, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}
