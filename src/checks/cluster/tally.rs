//! How what is counted against a limit is put into words and shown.

use std::collections::HashSet;

use crate::finding::{Confidence, Finding};
use crate::source::Span;

/// So many of the counted things are shown.
const SHOWN: usize = 8;

/// Things of several kinds that are counted together.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// The kinds with their numbers: the word for one and for many.
    kinds: Vec<(&'static str, &'static str, usize)>,
    shown: Vec<(Span, String)>,
    total: usize,
    uncertain: bool,
    seen: HashSet<String>,
}

impl Tally {
    /// Counts a thing, unless one of that key was counted before.
    pub(super) fn add(&mut self, key: &str, kind: (&'static str, &'static str), span: Span, text: String) -> bool {
        if !self.seen.insert(key.to_owned()) {
            return false;
        }
        self.total += 1;
        match self.kinds.iter_mut().find(|(one, ..)| *one == kind.0) {
            Some((.., number)) => *number += 1,
            None => self.kinds.push((kind.0, kind.1, 1)),
        }
        if self.shown.len() < SHOWN {
            self.shown.push((span, text));
        }
        true
    }

    /// Says that what was counted may belong elsewhere.
    pub(super) fn doubt(&mut self, certain: bool) {
        self.uncertain |= !certain;
    }

    pub(super) fn total(&self) -> i64 {
        i64::try_from(self.total).unwrap_or(i64::MAX)
    }

    pub(super) fn confidence(&self) -> Confidence {
        if self.uncertain { Confidence::Medium } else { Confidence::High }
    }

    /// `3 subscriptions and 1 standby need`.
    pub(super) fn need(&self) -> String {
        let counted = |&(one, many, number): &(&str, &str, usize)| match number {
            1 => format!("1 {one}"),
            number => format!("{number} {many}"),
        };
        let parts = self.kinds.iter().filter(|(.., number)| *number > 0).map(counted).collect::<Vec<_>>();
        let verb = if self.total == 1 { "needs" } else { "need" };
        match parts.split_last() {
            Some((last, [])) => format!("{last} {verb}"),
            Some((last, front)) => format!("{} and {last} {verb}", front.join(", ")),
            None => String::new(),
        }
    }

    /// Shows what was counted beside a finding.
    pub(super) fn relate(self, mut finding: Finding) -> Finding {
        let rest = self.total.saturating_sub(self.shown.len());
        let last = self.shown.len().saturating_sub(1);
        for (index, (span, text)) in self.shown.into_iter().enumerate() {
            let text = if index == last && rest > 0 { format!("{text}; {rest} more are not shown") } else { text };
            finding = finding.related(span, text);
        }
        finding
    }
}
