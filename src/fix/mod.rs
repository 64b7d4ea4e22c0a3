//! The one home of applying edits: which of the findings' fixes are made, what the files become, and how they get there.
//!
//! Edits are tried on texts in memory first. All is read and checked again with them, and those that would bring
//! something new are left out (see `news`); this is repeated until no edit is left. Only then, and only if the
//! caller asks for it, files are written. What is worth an edit is said by the rules.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use camino::{Utf8Path, Utf8PathBuf};

use crate::discover::Kind;
use crate::finding::{Effect, FileChange, Finding, Fix, Safety};
use crate::load::{Text, Texts};
use crate::source::{FileId, SourceMap, Span};

mod apply;
mod diff;
mod lines;
mod news;
mod put;
mod trial;
mod write;

pub use diff::{Difference, Side, diff};
pub use put::{can_put, put};
pub use write::{WriteError, Written, check, write};

use trial::{Good, Trial};

/// Edits change where others apply, so all is looked at again, at most so often.
const MOST_ROUNDS: usize = 20;

/// What is found with some texts in place of those of files. Places lie in files, not in fragments.
#[derive(Debug)]
pub struct Checked {
    /// The files.
    pub sources: SourceMap,
    /// The findings whose fixes may be made.
    pub findings: Vec<Finding>,
    /// The findings of which there may not be more: an edit that brings one is left out.
    pub judged: Vec<Finding>,
}

/// An edit that was made, or would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The file of the finding.
    pub path: Utf8PathBuf,
    /// The rule.
    pub rule: &'static str,
    /// The key of what it is about.
    pub subject: String,
    /// What it does.
    pub title: String,
    /// The files that it changes, makes or takes away.
    pub files: BTreeSet<Utf8PathBuf>,
}

/// An edit that was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// The edit.
    pub made: Made,
    /// What it would bring.
    pub why: String,
}

/// What comes of trying the edits.
#[derive(Debug)]
pub struct Mended {
    /// The files that change, come or go.
    pub texts: Texts,
    /// The edits.
    pub made: Vec<Made>,
    /// Edits that were left out.
    pub dropped: Vec<Dropped>,
    /// What is found afterwards.
    pub checked: Checked,
    /// What was found before, if an edit was made.
    first: Option<Checked>,
}

impl Mended {
    /// What was found before any edit.
    #[must_use]
    pub fn before(&self) -> &Checked {
        self.first.as_ref().unwrap_or(&self.checked)
    }

    /// The files that came and went, of those that were written: what a list of files from before lacks and has too many.
    #[must_use]
    pub fn come_and_gone(&self, written: &[Utf8PathBuf]) -> Texts {
        let texts =
            self.texts.iter().filter(|(path, text)| !matches!(text, Text::Changed(_)) && written.contains(path));
        texts.map(|(path, text)| (path.clone(), text.clone())).collect()
    }

    /// Whether the fix of a finding was left out.
    #[must_use]
    pub fn left_out(&self, finding: &Finding, sources: &SourceMap) -> bool {
        let key = key(finding, sources);
        self.dropped.iter().any(|dropped| {
            let Made { path, rule, subject, title, .. } = &dropped.made;
            (path, rule, subject, title) == (&key.0, &key.1, &key.2, &key.3)
        })
    }
}

/// What tells a fix from others when all is looked at again.
type Key = (Utf8PathBuf, &'static str, String, String);

/// Tries the fixes up to `allowed` on what `check` finds, until none is left. `check` is given what stands in place of
/// files; `may_become` says whether a file can become that.
///
/// # Errors
/// What `check` says.
pub fn mend<E>(
    first: Checked,
    allowed: Safety,
    may_become: &dyn Fn(&Utf8Path, &Text) -> bool,
    check: &mut dyn FnMut(&Texts) -> Result<Checked, E>,
) -> Result<Mended, E> {
    let mut mended = Mended { texts: Texts::new(), made: Vec::new(), dropped: Vec::new(), checked: first, first: None };
    let mut without: BTreeSet<Key> = BTreeSet::new();
    let mut again = false;
    for _ in 0..MOST_ROUNDS {
        let state = &mended.checked;
        let chosen = Choice { state, allowed, may_become, texts: &mended.texts, without: &without }.chosen();
        if chosen.is_empty() {
            // What was left out may be good after the edits that were made since.
            if again || mended.dropped.is_empty() || mended.made.is_empty() {
                break;
            }
            again = true;
            without.clear();
            mended.dropped.clear();
            continue;
        }
        let mut trial = Trial { state, texts: &mended.texts, check: &mut *check, bad: Vec::new() };
        let good = trial.good(&chosen)?;
        for (finding, why) in std::mem::take(&mut trial.bad) {
            without.insert(key(finding, &state.sources));
            mended.dropped.push(Dropped { made: made(finding, &state.sources), why });
        }
        let Some(Good { fixes, texts, checked }) = good else { continue };
        mended.made.extend(fixes.iter().map(|finding| made(finding, &state.sources)));
        mended.texts = texts;
        let before = std::mem::replace(&mut mended.checked, checked);
        mended.first.get_or_insert(before);
    }
    let Mended { texts, checked, first, .. } = &mut mended;
    let files = first.as_ref().unwrap_or(checked).sources.iter().filter(|(_, file)| !file.is_fragment());
    let before = files.map(|(_, file)| (file.path(), file.bytes())).collect::<HashMap<_, _>>();
    // What came back to what it was is no change.
    texts.retain(|path, text| match text {
        Text::Changed(now) => before.get(path.as_path()) != Some(&now.as_slice()),
        Text::Created { .. } | Text::Removed => true,
    });
    Ok(mended)
}

fn key(finding: &Finding, sources: &SourceMap) -> Key {
    let Made { path, rule, subject, title, .. } = made(finding, sources);
    (path, rule, subject, title)
}

fn made(finding: &Finding, sources: &SourceMap) -> Made {
    let fix = finding.fix.as_ref();
    let edited = fix.into_iter().flat_map(|fix| &fix.edits);
    let edited = edited.map(|(span, _)| sources.file(span.file).path().to_owned());
    let others = fix.into_iter().flat_map(|fix| &fix.files).map(|change| change.path(sources));
    Made {
        path: sources.file(finding.primary.span.file).path().to_owned(),
        rule: finding.rule.name(),
        subject: finding.subject.key(),
        title: fix.map(|fix| fix.title.clone()).unwrap_or_default(),
        files: edited.chain(others).collect(),
    }
}

/// Which fixes are made in one go.
struct Choice<'c, 'r> {
    state: &'c Checked,
    allowed: Safety,
    may_become: &'r dyn Fn(&Utf8Path, &Text) -> bool,
    texts: &'r Texts,
    without: &'r BTreeSet<Key>,
}

impl<'c> Choice<'c, '_> {
    /// Those of what the server refuses come first and by themselves: only they may uncover what was not read before.
    fn chosen(&self) -> Vec<&'c Finding> {
        let refused = self.apart(|finding| finding.effect == Effect::Refused);
        if refused.is_empty() { self.apart(|finding| finding.effect != Effect::Refused) } else { refused }
    }

    /// The findings whose fixes can be made together.
    fn apart(&self, of: impl Fn(&Finding) -> bool) -> Vec<&'c Finding> {
        let sources = &self.state.sources;
        let mut taken: BTreeMap<FileId, Vec<Span>> = BTreeMap::new();
        let mut created: BTreeSet<Utf8PathBuf> = BTreeSet::new();
        let mut chosen = Vec::new();
        for finding in self.state.findings.iter().filter(|finding| of(finding)) {
            let Some(fix) = finding.fix.as_ref().filter(|fix| fix.safety <= self.allowed && self.can_be_made(fix))
            else {
                continue;
            };
            let spans = spans(fix, sources);
            let touches =
                |span: &Span| taken.get(&span.file).is_some_and(|taken| taken.iter().any(|other| touch(*other, *span)));
            let new = created_by(fix).map(|change| change.path(sources)).collect::<Vec<_>>();
            if self.without.contains(&key(finding, sources))
                || spans.iter().any(touches)
                || new.iter().any(|path| created.contains(path))
            {
                continue;
            }
            for span in spans {
                taken.entry(span.file).or_default().push(span);
            }
            created.extend(new);
            chosen.push(finding);
        }
        chosen
    }

    fn can_be_made(&self, fix: &Fix) -> bool {
        let sources = &self.state.sources;
        let spans = spans(fix, sources);
        let apart = spans.iter().enumerate().all(|(index, a)| spans[index + 1..].iter().all(|b| !touch(*a, *b)));
        let editable = spans.iter().all(|span| {
            let file = sources.file(span.file);
            // The server rewrites postgresql.auto.conf, and says that nobody else does.
            !file.is_fragment() && file.kind() != Kind::AutoConf
        });
        if spans.is_empty() && fix.files.is_empty() || !apart || !editable {
            return false;
        }
        let empty = || Text::Changed(Vec::new());
        let edited = fix.edits.iter().map(|(span, _)| (sources.file(span.file).path().to_owned(), empty()));
        let others = fix.files.iter().map(|change| {
            let like = || sources.file(change.file()).path().to_owned();
            let text = match change {
                FileChange::Create { .. } => Text::Created { bytes: Vec::new(), like: like() },
                FileChange::Remove(_) => Text::Removed,
            };
            (change.path(sources), text)
        });
        edited.chain(others).all(|(path, text)| match self.texts.get(&path) {
            // What a fix made in this run is nobody else's.
            Some(Text::Created { .. }) => !matches!(text, Text::Created { .. }),
            Some(Text::Removed) => false,
            Some(Text::Changed(_)) | None => (self.may_become)(&path, &text),
        })
    }
}

fn created_by(fix: &Fix) -> impl Iterator<Item = &FileChange> {
    fix.files.iter().filter(|change| matches!(change, FileChange::Create { .. }))
}

/// The bytes that a fix takes out or puts something at; all of a file that goes.
fn spans(fix: &Fix, sources: &SourceMap) -> Vec<Span> {
    let removed = fix.files.iter().filter_map(|change| match change {
        FileChange::Remove(file) => Some(Span::new(*file, 0, sources.file(*file).bytes().len())),
        FileChange::Create { .. } => None,
    });
    fix.edits.iter().map(|(span, _)| *span).chain(removed).collect()
}

/// Whether two edits cannot be made together: they share bytes, or the order of what they put in would matter.
fn touch(a: Span, b: Span) -> bool {
    a.file == b.file && a.start <= b.end && b.start <= a.end
}

#[cfg(test)]
mod tests;
