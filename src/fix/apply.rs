//! What edits make of texts, and where they lead the places in them.

use std::collections::BTreeMap;
use std::ops::Range;

use camino::{Utf8Path, Utf8PathBuf};

use crate::finding::{FileChange, Finding};
use crate::load::{Text, Texts};
use crate::source::{FileId, SourceMap, Span};

/// The texts with the fixes made, laid over `texts`.
pub(super) fn apply(sources: &SourceMap, texts: &Texts, fixes: &[&Finding]) -> Texts {
    let mut out = texts.clone();
    for (file, edits) in by_file(fixes) {
        let source = sources.file(file);
        let (mut bytes, mut at) = (Vec::with_capacity(source.bytes().len()), 0);
        for (span, text) in edits {
            bytes.extend_from_slice(&source.bytes()[at..span.range().start]);
            bytes.extend_from_slice(text.as_bytes());
            at = span.range().end;
        }
        bytes.extend_from_slice(&source.bytes()[at..]);
        let text = match out.remove(source.path()) {
            Some(Text::Created { like, .. }) => Text::Created { bytes, like },
            _ => Text::Changed(bytes),
        };
        out.insert(source.path().to_owned(), text);
    }
    for change in fixes.iter().filter_map(|finding| finding.fix.as_ref()).flat_map(|fix| &fix.files) {
        let path = change.path(sources);
        match change {
            FileChange::Create { beside, text, .. } => {
                let like = sources.file(*beside).path().to_owned();
                out.insert(path, Text::Created { bytes: text.clone().into_bytes(), like });
            }
            FileChange::Remove(_) => {
                if !matches!(out.remove(&path), Some(Text::Created { .. })) {
                    out.insert(path, Text::Removed);
                }
            }
        }
    }
    out
}

/// The edits of each file, in the order of their places.
fn by_file<'f>(fixes: &[&'f Finding]) -> BTreeMap<FileId, Vec<(Span, &'f str)>> {
    let mut by_file: BTreeMap<FileId, Vec<(Span, &str)>> = BTreeMap::new();
    for (span, text) in fixes.iter().filter_map(|finding| finding.fix.as_ref()).flat_map(|fix| &fix.edits) {
        by_file.entry(span.file).or_default().push((*span, text));
    }
    for edits in by_file.values_mut() {
        edits.sort();
    }
    by_file
}

/// Where edits lead the places of files.
#[derive(Debug, Default)]
pub(super) struct Moves {
    files: BTreeMap<Utf8PathBuf, Vec<Edit>>,
}

/// Bytes of the old text that became bytes of the new one.
#[derive(Debug)]
struct Edit {
    old: Range<u32>,
    new: Range<u32>,
}

impl Moves {
    pub(super) fn of(sources: &SourceMap, fixes: &[&Finding]) -> Self {
        let mut moves = Self::default();
        for (file, edits) in by_file(fixes) {
            let mut shift = 0i64;
            let edits = edits.into_iter().map(|(span, text)| {
                let start = (i64::from(span.start) + shift).max(0) as u32;
                let new = start..start.saturating_add(text.len() as u32);
                shift += text.len() as i64 - i64::from(span.end - span.start);
                Edit { old: span.start..span.end, new }
            });
            moves.files.insert(sources.file(file).path().to_owned(), edits.collect());
        }
        moves
    }

    /// Where bytes of the old text are in the new one. What an edit replaces becomes what it puts in.
    pub(super) fn lead(&self, path: &Utf8Path, old: Range<u32>) -> Range<u32> {
        let edits = self.files.get(path).map(Vec::as_slice).unwrap_or_default();
        let start = self.offset(edits, old.start, |edit| edit.new.start);
        let end = self.offset(edits, old.end, |edit| edit.new.end);
        start..end.max(start)
    }

    fn offset(&self, edits: &[Edit], at: u32, inside: impl Fn(&Edit) -> u32) -> u32 {
        let before = edits.partition_point(|edit| edit.old.end <= at);
        match edits.get(before).filter(|edit| edit.old.start < at) {
            Some(edit) => inside(edit),
            None => match before.checked_sub(1).and_then(|last| edits.get(last)) {
                Some(last) => last.new.end + (at - last.old.end),
                None => at,
            },
        }
    }

    /// Whether bytes of the new text lie in what an edit put in.
    pub(super) fn put_in(&self, path: &Utf8Path, new: &Range<u32>) -> bool {
        let edits = self.files.get(path).map(Vec::as_slice).unwrap_or_default();
        edits.iter().any(|edit| edit.new.start <= new.start && new.end <= edit.new.end && new.start < new.end)
    }
}
