//! The one home of applying edits: which of the findings' fixes are made, what the files become, and how they get there.
//!
//! Edits are tried on texts in memory first. All is read and checked again with them, and those that would bring
//! something that the server refuses are left out; this is repeated until no edit is left. Only then, and only if the
//! caller asks for it, files are written. What is worth an edit is said by the rules.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8PathBuf;

use crate::catalog::Majors;
use crate::discover::Kind;
use crate::finding::{Effect, Finding, Fix, Safety};
use crate::load::Texts;
use crate::source::{FileId, SourceMap, Span};

mod diff;
mod put;
mod write;

pub use diff::diff;
pub use put::{can_put, put};
pub use write::{WriteError, check, write};

/// Edits change where others apply, so all is looked at again, at most so often.
const MOST_ROUNDS: usize = 20;

/// What is found with some texts in place of those of files.
#[derive(Debug)]
pub struct Checked {
    /// The files.
    pub sources: SourceMap,
    /// The findings whose fixes may be made; their places lie in files, not in fragments.
    pub findings: Vec<Finding>,
    /// Everything that the server refuses.
    pub refusals: Refusals,
}

/// What a server refuses: by file, rule and subject, with the majors that do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refusals(BTreeMap<(Utf8PathBuf, &'static str, String), (Majors, usize)>);

impl Refusals {
    /// Those among findings.
    #[must_use]
    pub fn of<'f>(findings: impl IntoIterator<Item = &'f Finding>, sources: &SourceMap) -> Self {
        let mut all = Self::default();
        for finding in findings.into_iter().filter(|finding| finding.effect == Effect::Refused) {
            let path = sources.file(finding.primary.span.file).place().to_owned();
            let entry = all.0.entry((path, finding.rule.name(), finding.subject.key())).or_default();
            entry.0 = entry.0 | finding.majors;
            entry.1 += 1;
        }
        all
    }

    /// Whether there is one that `before` has not.
    #[must_use]
    pub fn is_worse_than(&self, before: &Self) -> bool {
        self.0.iter().any(|(key, (majors, count))| match before.0.get(key) {
            Some((known, times)) => !known.covers(*majors) || count > times,
            None => true,
        })
    }
}

/// An edit that was made, or would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The file of the finding.
    pub path: Utf8PathBuf,
    /// The rule.
    pub rule: &'static str,
    /// What it does.
    pub title: String,
}

/// What comes of trying the edits.
#[derive(Debug)]
pub struct Mended {
    /// The files that change, and what they become.
    pub texts: Texts,
    /// The edits.
    pub made: Vec<Made>,
    /// Edits that were left out, since the server would refuse something with them that it takes without.
    pub dropped: Vec<Made>,
    /// What is found afterwards.
    pub checked: Checked,
}

/// What tells a fix from others when all is looked at again.
type Key = (Utf8PathBuf, &'static str, String, String);

/// Tries the fixes up to `allowed` on what `check` finds, until none is left. `check` is given the texts that stand in
/// place of those of files; `may_change` says whether a file can be written at all.
///
/// # Errors
/// What `check` says.
pub fn mend<E>(
    first: Checked,
    allowed: Safety,
    may_change: &dyn Fn(&Utf8PathBuf) -> bool,
    check: &mut dyn FnMut(&Texts) -> Result<Checked, E>,
) -> Result<Mended, E> {
    let mut mended = Mended { texts: Texts::new(), made: Vec::new(), dropped: Vec::new(), checked: first };
    let mut without: BTreeSet<Key> = BTreeSet::new();
    for _ in 0..MOST_ROUNDS {
        let state = &mended.checked;
        let chosen = choose(state, allowed, may_change, &without);
        if chosen.is_empty() {
            break;
        }
        let mut trial = Trial { state, texts: &mended.texts, check: &mut *check, bad: Vec::new() };
        let good = trial.good(&chosen)?;
        let bad = std::mem::take(&mut trial.bad);
        for finding in bad {
            without.insert(key(finding, &state.sources));
            mended.dropped.push(made(finding, &state.sources));
        }
        let Some((good, texts, checked)) = good else { continue };
        mended.made.extend(good.iter().map(|finding| made(finding, &state.sources)));
        mended.texts = texts;
        mended.checked = checked;
    }
    // What came back to what it was is no change.
    mended.texts.retain(|path, text| crate::source::read(path).is_ok_and(|now| now != *text));
    Ok(mended)
}

fn key(finding: &Finding, sources: &SourceMap) -> Key {
    let Made { path, rule, title } = made(finding, sources);
    (path, rule, finding.subject.key(), title)
}

fn made(finding: &Finding, sources: &SourceMap) -> Made {
    Made {
        path: sources.file(finding.primary.span.file).path().to_owned(),
        rule: finding.rule.name(),
        title: finding.fix.as_ref().map(|fix| fix.title.clone()).unwrap_or_default(),
    }
}

/// The findings whose fixes are made in one go: none overlaps another.
fn choose<'c>(
    state: &'c Checked,
    allowed: Safety,
    may_change: &dyn Fn(&Utf8PathBuf) -> bool,
    without: &BTreeSet<Key>,
) -> Vec<&'c Finding> {
    let mut taken: BTreeMap<FileId, Vec<Span>> = BTreeMap::new();
    let mut chosen = Vec::new();
    for finding in &state.findings {
        let Some(fix) = finding.fix.as_ref().filter(|fix| fix.safety <= allowed && !fix.edits.is_empty()) else {
            continue;
        };
        let file = |span: &Span| state.sources.file(span.file);
        let writable = |(span, _): &(Span, String)| {
            // The server rewrites postgresql.auto.conf, and says that nobody else does.
            !file(span).is_fragment()
                && file(span).kind() != Kind::AutoConf
                && may_change(&file(span).path().to_owned())
        };
        if !fix.edits.iter().all(writable) || !is_apart(fix) || without.contains(&key(finding, &state.sources)) {
            continue;
        }
        let touches = |(span, _): &(Span, String)| {
            taken.get(&span.file).is_some_and(|spans| spans.iter().any(|other| touch(*other, *span)))
        };
        if fix.edits.iter().any(touches) {
            continue;
        }
        for (span, _) in &fix.edits {
            taken.entry(span.file).or_default().push(*span);
        }
        chosen.push(finding);
    }
    chosen
}

/// Whether two edits cannot be made together: they share bytes, or the order of what they put in would matter.
fn touch(a: Span, b: Span) -> bool {
    a.file == b.file && a.start <= b.end && b.start <= a.end
}

fn is_apart(fix: &Fix) -> bool {
    let spans = fix.edits.iter().map(|(span, _)| *span).collect::<Vec<_>>();
    spans.iter().enumerate().all(|(index, a)| spans[index + 1..].iter().all(|b| !touch(*a, *b)))
}

/// The texts with the edits made, laid over `texts`.
fn apply(sources: &SourceMap, texts: &Texts, fixes: &[&Finding]) -> Texts {
    let mut by_file: BTreeMap<FileId, Vec<(Span, &str)>> = BTreeMap::new();
    for (span, text) in fixes.iter().filter_map(|finding| finding.fix.as_ref()).flat_map(|fix| &fix.edits) {
        by_file.entry(span.file).or_default().push((*span, text));
    }
    let mut out = texts.clone();
    for (file, mut edits) in by_file {
        edits.sort();
        let source = sources.file(file);
        let (mut bytes, mut at) = (Vec::with_capacity(source.bytes().len()), 0);
        for (span, text) in edits {
            bytes.extend_from_slice(&source.bytes()[at..span.range().start]);
            bytes.extend_from_slice(text.as_bytes());
            at = span.range().end;
        }
        bytes.extend_from_slice(&source.bytes()[at..]);
        out.insert(source.path().to_owned(), bytes);
    }
    out
}

/// Edits on trial.
struct Trial<'c, 't, E> {
    state: &'c Checked,
    texts: &'t Texts,
    check: &'t mut dyn FnMut(&Texts) -> Result<Checked, E>,
    /// Those that would bring a refusal, each by itself.
    bad: Vec<&'c Finding>,
}

/// Edits that are good together, what they make of the files, and what is found then.
type Good<'c> = Option<(Vec<&'c Finding>, Texts, Checked)>;

impl<'c, E> Trial<'c, '_, E> {
    /// The largest part of the fixes that brings no refusal, found by halving.
    fn good(&mut self, fixes: &[&'c Finding]) -> Result<Good<'c>, E> {
        if fixes.is_empty() {
            return Ok(None);
        }
        let texts = apply(&self.state.sources, self.texts, fixes);
        let checked = (self.check)(&texts)?;
        if !checked.refusals.is_worse_than(&self.state.refusals) {
            return Ok(Some((fixes.to_vec(), texts, checked)));
        }
        if let [fix] = fixes {
            self.bad.push(fix);
            return Ok(None);
        }
        let (left, right) = fixes.split_at(fixes.len() / 2);
        let left = self.good(left)?;
        let right = self.good(right)?;
        let (Some(first), Some(second)) = (&left, &right) else { return Ok(left.or(right)) };
        let both = first.0.iter().chain(&second.0).copied().collect::<Vec<_>>();
        let texts = apply(&self.state.sources, self.texts, &both);
        let checked = (self.check)(&texts)?;
        if checked.refusals.is_worse_than(&self.state.refusals) {
            // The others get their turn in the next round.
            return Ok(left);
        }
        Ok(Some((both, texts, checked)))
    }
}
