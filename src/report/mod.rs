//! From a report to bytes: one renderer per format, all from the same findings.
//!
//! Nothing here changes what is reported, asks the environment, or shows a secret: text goes through
//! [`Redactor`](crate::secret::Redactor). Lines and columns exist from here on.

use std::io;

use crate::catalog::Majors;
use crate::finding::{Effect, Finding, Severity};
use crate::rule::Profile;
use crate::source::SourceMap;
use crate::triage::Report;

pub mod cluster;
mod concise;
mod config;
mod excerpt;
mod expected;
mod explain;
mod github;
mod gitlab;
pub(crate) mod hba;
pub mod json;
mod junit;
mod lines;
mod markup;
mod page;
mod prose;
mod rdjson;
mod reference;
mod review;
mod rules;
mod sarif;
mod text;
mod view;

pub use config::{ConfigFormat, config};
pub use excerpt::excerpt;
pub use expected::expected;
pub use explain::explain;
pub(crate) use page::summary;
pub use reference::{html, markdown};
pub use review::{Beside, Review, review};
pub(crate) use rules::docs_url;
pub use rules::{RulesFormat, coverage, rules};
pub use text::{Upgrade, upgrade};

/// How a report is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, clap::ValueEnum)]
#[non_exhaustive]
pub enum Format {
    /// Snippets, for people.
    #[default]
    Text,
    /// One line per finding: `path:line:column: severity[rule]: message`.
    Concise,
    /// All there is, see `docs/json-output.md`.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of GitHub Actions.
    #[value(name = "github")]
    GitHub,
    /// GitLab's Code Quality report.
    #[value(name = "gitlab")]
    GitLab,
    /// JUnit XML, for results of tests.
    #[value(name = "junit")]
    JUnit,
    /// The Reviewdog Diagnostic Format.
    #[value(name = "rdjson")]
    RdJson,
    /// A page for a security review, see `docs/review.md`.
    Html,
}

/// What the caller knows of the reader. Formats for machines heed only what they have a use for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Style {
    /// Colours and weights, as ANSI sequences.
    pub color: bool,
    /// Lines and corners drawn with Unicode; ASCII otherwise.
    pub unicode: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// Lines shown around those of a label.
    pub context: usize,
    /// Notes about the run as well.
    pub verbose: bool,
    /// Profiles whose sections are named with the findings that they are about.
    pub benchmarks: Vec<&'static Profile<'static>>,
    /// SARIF: tells the runs of one commit apart.
    pub category: Option<String>,
    /// SARIF: suppressed findings as well, marked so. GitHub shows them as open, so they are left out by default.
    pub suppressed: bool,
    /// JUnit: findings below it are no failures.
    pub fail_on: Severity,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            color: false,
            unicode: false,
            width: 100,
            context: 0,
            verbose: false,
            benchmarks: Vec::new(),
            category: None,
            suppressed: false,
            fail_on: Severity::Warning,
        }
    }
}

/// Writes the report in a format.
///
/// # Errors
/// What the writer says.
pub fn write(
    format: Format,
    report: &Report,
    sources: &SourceMap,
    style: &Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    match format {
        Format::Text => text::write(report, sources, style, out),
        Format::Concise => concise::write(report, sources, out),
        Format::Json => json::write(report, sources, out),
        Format::Sarif => sarif::write(report, sources, style, out),
        Format::GitHub => github::write(report, sources, out),
        Format::GitLab => gitlab::write(report, sources, out),
        Format::JUnit => junit::write(report, sources, style, out),
        Format::RdJson => rdjson::write(report, sources, out),
        Format::Html => review(&Review { report, sources, style, roots: &[], cluster: None, beside: &[] }, out),
    }
}

/// On which majors the finding holds, unless it is all that are judged for; of an upgrade, with which step it comes.
pub(crate) fn where_it_holds(finding: &Finding, target: Majors) -> Option<String> {
    if let Some(step) = &finding.step {
        return Some(format!("comes with the step from {} to {}, see {}", step.from, step.to, step.source));
    }
    if finding.majors.covers(target) {
        return None;
    }
    // A removed setting is refused by majors that the tree is not judged for otherwise.
    let majors = Some(finding.majors & target).filter(|majors| !majors.is_empty()).unwrap_or(finding.majors);
    Some(match finding.effect {
        Effect::Refused => format!("refused by {majors}"),
        Effect::Ignored | Effect::Risk | Effect::Style => format!("on {majors}"),
    })
}

#[cfg(test)]
mod tests;
