//! What edits bring: the findings after them that were not there before.
//!
//! A finding is the same if rule, file and subject are, or if it lies where the edits lead the place of one of its rule.
//! One that a fix was to mend is no finding of before: it must be gone.
//!
//! What the server refuses hides what else is wrong: nothing of the file takes effect, and a line is read up to its first
//! fault. So a fix of something refused may uncover findings, which are no reason to leave it out: but for errors in words
//! that it put in itself, since no guess may open a door, and for refusals beyond the line that it mends. So may a fix of
//! `trust`. What a fix leaves of its own finding may be there if it is milder. Any other fix has to bring nothing.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use camino::Utf8PathBuf;

use super::apply::Moves;
use super::{Checked, spans};
use crate::catalog::Majors;
use crate::finding::{Effect, Finding, Severity};
use crate::rule::{RuleId, id};
use crate::source::{SourceMap, Span};

/// A finding that edits bring.
pub(super) struct New {
    /// Its place.
    pub(super) span: Span,
    /// Why that is a reason against the edits.
    pub(super) why: String,
}

/// What `fixes`, made on what was found `before`, bring.
pub(super) fn news(before: &Checked, fixes: &[&Finding], after: &Checked) -> Vec<New> {
    let moves = Moves::of(&before.sources, fixes);
    let mut known = Known::new(before, fixes, &moves);
    let judged = after.judged.iter().collect::<Vec<_>>();
    let new = known.without(judged, &after.sources);
    let looked = Looked { before, fixes, after, moves: &moves };
    let new = new.into_iter().filter(|finding| !looked.is_excused(finding));
    new.map(|finding| New { span: finding.primary.span, why: looked.why(finding) }).collect()
}

/// Whether nothing else is said of what the rule finds, as of a row that lets anybody in.
fn hides(rule: RuleId) -> bool {
    rule == id::HBA_TRUST_REMOTE || rule == id::HBA_TRUST_LOCAL
}

/// What was found before.
struct Known {
    /// By file and rule.
    groups: BTreeMap<(Utf8PathBuf, &'static str), Vec<Old>>,
}

struct Old {
    subject: String,
    /// Where the edits lead it.
    at: Range<u32>,
    majors: Majors,
    used: bool,
}

impl Known {
    fn new(before: &Checked, fixes: &[&Finding], moves: &Moves) -> Self {
        let mut groups: BTreeMap<_, Vec<Old>> = BTreeMap::new();
        let mut mended = fixes.to_vec();
        for finding in &before.judged {
            let is_mended = |fix: &&Finding| fix.rule == finding.rule && *fix == finding;
            if let Some(at) = mended.iter().position(is_mended) {
                mended.swap_remove(at);
                continue;
            }
            let path = before.sources.file(finding.primary.span.file).path();
            let span = finding.primary.span;
            let old = Old {
                subject: finding.subject.key(),
                at: moves.lead(path, span.start..span.end),
                majors: finding.majors,
                used: false,
            };
            groups.entry((path.to_owned(), finding.rule.name())).or_default().push(old);
        }
        Self { groups }
    }

    /// The findings that are none of these. Each of these is one finding at most.
    fn without<'a>(&mut self, findings: Vec<&'a Finding>, sources: &SourceMap) -> Vec<&'a Finding> {
        let mut by_group: BTreeMap<(Utf8PathBuf, &'static str), Vec<&Finding>> = BTreeMap::new();
        for finding in findings {
            let path = sources.file(finding.primary.span.file).path();
            by_group.entry((path.to_owned(), finding.rule.name())).or_default().push(finding);
        }
        let mut new = Vec::new();
        for (group, findings) in by_group {
            match self.groups.get_mut(&group) {
                Some(old) => new.extend(unmatched(old, findings)),
                None => new.extend(findings),
            }
        }
        new
    }
}

/// The findings of one file and rule that are none of the old ones.
fn unmatched<'a>(old: &mut [Old], findings: Vec<&'a Finding>) -> Vec<&'a Finding> {
    let mut by_subject: HashMap<String, Vec<usize>> = HashMap::new();
    for (index, old) in old.iter().enumerate() {
        by_subject.entry(old.subject.clone()).or_default().push(index);
    }
    let overlaps = |old: &Old, finding: &Finding| {
        let span = finding.primary.span;
        old.at.start <= span.end && span.start <= old.at.end
    };
    // The surest are matched first, so that none takes the place of another.
    let mut left = findings;
    for sure in [true, false] {
        left.retain(|finding| {
            let of_subject = by_subject.get(&finding.subject.key()).map(Vec::as_slice).unwrap_or_default();
            let found = of_subject.iter().copied().find(|&index| {
                let old = &old[index];
                !old.used && old.majors.covers(finding.majors) && (!sure || overlaps(old, finding))
            });
            found.map(|index| old[index].used = true).is_none()
        });
    }
    left.retain(|finding| {
        let same = |old: &&mut Old| !old.used && old.majors.covers(finding.majors) && overlaps(old, finding);
        old.iter_mut().find(same).map(|old| old.used = true).is_none()
    });
    left
}

/// Both states and the fixes between them.
struct Looked<'l> {
    before: &'l Checked,
    fixes: &'l [&'l Finding],
    after: &'l Checked,
    moves: &'l Moves,
}

impl Looked<'_> {
    /// Whether a new finding is no reason to leave the fixes out.
    fn is_excused(&self, new: &Finding) -> bool {
        // A comment that is not needed any more is good news.
        if new.rule.meta().family == "suppression" {
            return true;
        }
        if self.fixes.iter().any(|fix| self.is_milder(fix, new)) {
            return true;
        }
        // Other fixes may be made beside that of such a row; what comes to light there is not theirs.
        let mends = self.fixes.iter().all(|fix| fix.effect == Effect::Refused || hides(fix.rule))
            || self.fixes.iter().any(|fix| hides(fix.rule) && self.hid(fix, new));
        if !mends || self.fixes.iter().any(|fix| is_still_there(fix, new)) {
            return false;
        }
        if (new.severity == Severity::Error || new.effect == Effect::Refused) && self.is_put_in(new) {
            return false;
        }
        new.effect != Effect::Refused || self.fixes.iter().any(|fix| self.hid(fix, new))
    }

    /// Whether a new finding is what a fix leaves of the one that it mends, and less of it.
    fn is_milder(&self, fix: &Finding, new: &Finding) -> bool {
        let (old, now) = (fix.primary.span, new.primary.span);
        let path = self.before.sources.file(old.file).path();
        let at = self.moves.lead(path, old.start..old.end);
        fix.rule == new.rule
            && new.severity < fix.severity
            && new.fix.is_none()
            && self.after.sources.file(now.file).path() == path
            && at.start <= now.end
            && now.start <= at.end
    }

    /// Whether a finding lies in words that the fixes bring into the tree.
    fn is_put_in(&self, new: &Finding) -> bool {
        let span = new.primary.span;
        let file = self.after.sources.file(span.file);
        if !self.moves.put_in(file.path(), &(span.start..span.end)) {
            return false;
        }
        let words = self.after.sources.bytes(span);
        let fixes = self.fixes.iter().filter_map(|finding| finding.fix.as_ref());
        let mut out = fixes.flat_map(|fix| spans(fix, &self.before.sources));
        // What is only moved, or written again in other letters, was there before.
        let words = words.to_ascii_lowercase();
        !out.any(|span| {
            let old = self.before.sources.bytes(span).to_ascii_lowercase();
            memchr::memmem::find(&old, &words).is_some()
        })
    }

    /// Whether a line was not read any further than to what a fix mends, and a new finding lies on it.
    fn hid(&self, fix: &Finding, new: &Finding) -> bool {
        let (old, now) = (fix.primary.span, new.primary.span);
        let path = self.before.sources.file(old.file).path();
        let file = self.after.sources.file(now.file);
        if file.path() != path || !fix.majors.covers(new.majors) {
            return false;
        }
        let lines = file.lines();
        let at = self.moves.lead(path, old.start..old.end);
        (lines.line(at.start)..=lines.line(at.end)).contains(&lines.line(now.start))
    }

    fn why(&self, new: &Finding) -> String {
        if self.fixes.iter().any(|fix| is_still_there(fix, new)) {
            "it would not mend that".to_owned()
        } else if new.effect == Effect::Refused {
            format!("the server would refuse something with it: {}", new.message)
        } else {
            format!("it would bring `{}`: {}", new.rule, new.message)
        }
    }
}

/// Whether a new finding is the one that a fix was to mend.
fn is_still_there(fix: &Finding, new: &Finding) -> bool {
    fix.rule == new.rule && fix.subject == new.subject && fix.message == new.message
}

/// Whether something new stands on a line that a fix edits. Of `moves` are the edits of all fixes.
pub(super) fn stands_on(fix: &Finding, new: &New, before: &SourceMap, after: &SourceMap, moves: &Moves) -> bool {
    let file = after.file(new.span.file);
    fix.fix.iter().flat_map(|fix| &fix.edits).any(|(span, _)| {
        let path = before.file(span.file).path();
        if file.path() != path {
            return false;
        }
        let (lines, at) = (file.lines(), moves.lead(path, span.start..span.end));
        (lines.line(at.start)..=lines.line(at.end)).contains(&lines.line(new.span.start))
    })
}
