//! What was known before: findings of the baseline, and those that were there before a change.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::finding::{Finding, Label};
use crate::source::{FileId, SourceMap};
use crate::triage::Outcome;
use crate::triage::baseline::{Baseline, Key, Root};

/// What was known before.
#[derive(Debug, Default)]
pub struct Known {
    /// The baseline.
    pub baseline: Option<(Baseline, Root)>,
    /// The change that findings are asked for.
    pub change: Option<Change>,
}

/// A change of files.
#[derive(Debug, Default)]
pub struct Change {
    /// The lines that it touches, from 0, as the files are now; in ascending order.
    pub lines: BTreeMap<FileId, Vec<Range<u32>>>,
    /// What was found before. Where this is not known, findings are of the change only by their lines.
    pub before: Option<(Baseline, Root)>,
}

impl Known {
    /// Closes the open findings that are known. They come in their final order.
    pub(super) fn settle(&self, findings: &mut [(Finding, Outcome)], sources: &SourceMap) {
        if let Some((baseline, root)) = &self.baseline {
            let mut left = baseline.left();
            for (finding, outcome) in findings.iter_mut().filter(|(_, outcome)| outcome.is_open()) {
                if take(&mut left, &Key::of(finding, sources, root)) {
                    *outcome = Outcome::Baselined;
                }
            }
        }
        if let Some(change) = &self.change {
            let mut before = change.before.as_ref().map(|(before, root)| (before.left(), root));
            for (finding, outcome) in findings.iter_mut().filter(|(_, outcome)| outcome.is_open()) {
                // Those on changed lines are told in any case, so they leave what was known to their equals.
                if change.touches(finding, sources) {
                    continue;
                }
                let known = match &mut before {
                    Some((left, root)) => take(left, &Key::of(finding, sources, root)),
                    None => true,
                };
                if known {
                    *outcome = Outcome::Unchanged;
                }
            }
        }
    }
}

/// Uses up one of the known findings, if there is one left.
fn take(left: &mut BTreeMap<&Key, u32>, key: &Key) -> bool {
    match left.get_mut(key).filter(|count| **count > 0) {
        Some(count) => {
            *count -= 1;
            true
        }
        None => false,
    }
}

impl Change {
    /// Whether one of the finding's places lies on a changed line. What a file lacks lies on no line.
    fn touches(&self, finding: &Finding, sources: &SourceMap) -> bool {
        finding.related.iter().chain([&finding.primary]).any(|label| self.touches_label(label, sources))
    }

    fn touches_label(&self, label: &Label, sources: &SourceMap) -> bool {
        let Some(changed) = self.lines.get(&label.span.file).filter(|_| !label.is_absent()) else { return false };
        let lines = sources.file(label.span.file).lines();
        let first = lines.line(label.span.start) as u32;
        let last = lines.line(label.span.start.max(label.span.end.saturating_sub(1))) as u32;
        let next = changed.partition_point(|range| range.end <= first);
        changed.get(next).is_some_and(|range| range.start <= last)
    }
}
