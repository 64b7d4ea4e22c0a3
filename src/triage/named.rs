//! Reports of some of the files that were read: those that were named, where others were read only to judge them.

use std::collections::HashSet;

use camino::Utf8Path;

use crate::finding::{Finding, Severity};
use crate::rule::id;
use crate::source::{FileId, SourceMap};
use crate::triage::{Outcome, Report, Summary};

impl Report {
    /// Leaves what concerns the files that `is_named` says: findings with a place in one of them, and what there is to
    /// say of them. That a comment suppresses nothing is not told, since that takes the whole tree.
    pub fn keep_named(&mut self, sources: &SourceMap, is_named: impl Fn(&Utf8Path) -> bool) {
        let named = sources.iter().filter(|(_, file)| !file.is_fragment() && is_named(file.path()));
        let named = named.map(|(id, _)| id).collect::<HashSet<FileId>>();
        let concerns = |finding: &Finding| {
            let mut labels = finding.related.iter().chain([&finding.primary]);
            finding.rule != id::SUPPRESSION_UNUSED
                && labels.any(|label| named.contains(&sources.to_host(label.span).file))
        };
        self.findings.retain(|(finding, _)| concerns(finding));
        for note in &mut self.notes {
            // What could not be read of the rest was not asked for.
            if note.path.as_deref().is_some_and(|path| !is_named(path)) {
                note.level = Severity::Info;
            }
        }
        self.summary = Summary::of(named.len(), self.findings.iter().map(|(finding, outcome)| (finding, outcome)));
    }
}

impl Summary {
    /// The counts of findings in so many files.
    pub(super) fn of<'f>(files: usize, findings: impl Iterator<Item = (&'f Finding, &'f Outcome)>) -> Self {
        let mut summary = Self { files, ..Self::default() };
        for (finding, outcome) in findings {
            let count = match (outcome, finding.severity) {
                (Outcome::Open, Severity::Error) => &mut summary.errors,
                (Outcome::Open, Severity::Warning) => &mut summary.warnings,
                (Outcome::Open, Severity::Info) => &mut summary.infos,
                (Outcome::Suppressed { .. }, _) => &mut summary.suppressed,
                (Outcome::Baselined, _) => &mut summary.baselined,
                (Outcome::Unchanged, _) => &mut summary.unchanged,
                (Outcome::Filtered, _) => &mut summary.filtered,
            };
            *count += 1;
        }
        summary
    }
}
