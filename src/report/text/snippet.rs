//! The lines of a file that a finding shows, redacted, cut to what a terminal can hold, and as miette wants them.
//!
//! Only the lines around labels are ever copied, so a finding costs the same in a file of any size.

use std::ops::Range;

use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use crate::finding::Label;
use crate::report::Style;
use crate::report::view::View;
use crate::secret::Redacted;
use crate::source::{FileId, SourceFile, Span};

/// A label on more lines than this is drawn on the first ones.
const MOST_LINES: usize = 10;
/// A line of more bytes than this, and than twice the width of the terminal, is cut around its label.
const LONG: usize = 200;
const CUT: &str = "…";

/// Lines of one file and the labels on them.
#[derive(Debug)]
pub(in crate::report) struct Snippet {
    path: String,
    text: String,
    lines: Vec<Line>,
    labels: Vec<LabeledSpan>,
    /// The real place of each label, 0-based line and column.
    heads: Vec<(usize, usize)>,
}

#[derive(Debug)]
struct Line {
    /// Its 0-based number in the file.
    number: usize,
    /// Its place in the text, with its line feed.
    text: Range<usize>,
    /// The bytes of the file that it shows, and how.
    bytes: Range<usize>,
    shown: Redacted,
    cut: usize,
}

impl Snippet {
    pub(in crate::report) fn new(view: &View<'_>, id: FileId, labels: &[(&Label, bool)], style: &Style) -> Self {
        let file = view.sources.file(id);
        let places = labels.iter().map(|(label, _)| Place::new(label.span, file)).collect::<Vec<_>>();
        // The empty line after the last line break is shown only where a label is on it.
        let last = file.lines().line(file.bytes().len() as u32);
        let last = if content(file, last).is_empty() { last } else { last + 1 };
        let mut numbers = places
            .iter()
            .flat_map(|place| {
                let end = (place.lines.end + style.context).min(last).max(place.lines.end);
                place.lines.start.saturating_sub(style.context)..end
            })
            .collect::<Vec<_>>();
        numbers.sort_unstable();
        numbers.dedup();
        let mut snippet = Self {
            path: view.path(id).into_owned(),
            text: String::new(),
            lines: Vec::with_capacity(numbers.len()),
            labels: Vec::with_capacity(labels.len()),
            heads: Vec::with_capacity(labels.len()),
        };
        for number in numbers {
            snippet.line(view, id, number, &places, style.width);
        }
        for ((label, primary), place) in labels.iter().zip(&places) {
            let start = snippet.offset(place.lines.start, place.span, |range| range.start);
            let end = snippet.offset(place.lines.end.saturating_sub(1), place.span, |range| range.end).max(start);
            let text = view.text(&label.text);
            let text = (!text.is_empty()).then(|| text.into_owned());
            let make = if *primary { LabeledSpan::new_primary_with_span } else { LabeledSpan::new_with_span };
            snippet.labels.push(make(text, SourceSpan::from(start..end)));
            let at = view.start(label.span);
            snippet.heads.push((at.line as usize - 1, at.column as usize - 1));
        }
        snippet
    }

    /// The lines: their numbers from 1, and where they are in the text that follows.
    pub(in crate::report) fn lines(&self) -> impl Iterator<Item = (usize, Range<usize>)> {
        self.lines.iter().map(|line| (line.number + 1, line.text.clone()))
    }

    pub(in crate::report) fn text(&self) -> &str {
        &self.text
    }

    pub(in crate::report) fn labels(&self) -> &[LabeledSpan] {
        &self.labels
    }

    /// Adds a line, cut around the first label that starts on it if it is long.
    fn line(&mut self, view: &View<'_>, id: FileId, number: usize, places: &[Place], width: usize) {
        let file = view.sources.file(id);
        let whole = content(file, number);
        let mut bytes = whole.clone();
        if whole.len() > LONG.max(2 * width) {
            let focus = places
                .iter()
                .find(|place| place.lines.start == number)
                .map_or(whole.start, |place| (place.span.start as usize).clamp(whole.start, whole.end));
            bytes.start = boundary(file.bytes(), focus.saturating_sub(width / 3).max(whole.start), whole.start);
            bytes.end = boundary(file.bytes(), (focus + LONG.max(width)).min(whole.end), bytes.start);
        }
        let shown = view.redactor.show(Span::new(id, bytes.start, bytes.end));
        let start = self.text.len();
        let cut = if bytes.start > whole.start { CUT } else { "" };
        self.text.push_str(cut);
        self.text.push_str(shown.text());
        if bytes.end < whole.end {
            self.text.push_str(CUT);
        }
        self.text.push('\n');
        self.lines.push(Line { number, text: start..self.text.len(), bytes, shown, cut: cut.len() });
    }

    /// Where a bound of a span that lies on a line is in the text.
    fn offset(&self, number: usize, span: Span, bound: impl Fn(Range<usize>) -> usize) -> usize {
        let Some(line) = self.lines.iter().find(|line| line.number == number) else { return 0 };
        let clamped = |offset: u32| offset.clamp(line.bytes.start as u32, line.bytes.end as u32);
        line.text.start + line.cut + bound(line.shown.range(clamped(span.start)..clamped(span.end)))
    }
}

/// Where a label is drawn: its bytes without the line break it may end with, and its lines.
struct Place {
    span: Span,
    lines: Range<usize>,
}

impl Place {
    fn new(span: Span, file: &SourceFile) -> Self {
        let bytes = file.bytes();
        let start = span.start.min(bytes.len() as u32);
        let mut end = span.end.clamp(start, bytes.len() as u32);
        while end > start && matches!(bytes.get(end as usize - 1), Some(b'\n' | b'\r')) {
            end -= 1;
        }
        let first = file.lines().line(start);
        let mut last = if end > start { file.lines().line(end - 1) } else { first };
        if last >= first + MOST_LINES {
            last = first + MOST_LINES - 1;
            end = content(file, last).end as u32;
        }
        Self { span: Span { start, end: end.max(start), ..span }, lines: first..last + 1 }
    }
}

/// The bytes of a line without its line break.
fn content(file: &SourceFile, number: usize) -> Range<usize> {
    let line = file.lines().range(number, file.bytes());
    let end = if file.bytes()[line.clone()].ends_with(b"\r") { line.end - 1 } else { line.end };
    line.start..end
}

/// The start of the character that holds byte `at`, not before `least`.
fn boundary(bytes: &[u8], at: usize, least: usize) -> usize {
    let inside = |at: &usize| bytes.get(*at).is_some_and(|byte| (0x80..0xc0).contains(byte));
    (at.saturating_sub(3)..=at).rev().find(|at| !inside(at)).unwrap_or(at).max(least)
}

impl SourceCode for Snippet {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let holds = |offset: usize| self.lines.partition_point(|line| line.text.start <= offset).saturating_sub(1);
        let mut first = holds(span.offset());
        let mut last = holds(span.offset() + span.len().saturating_sub(1));
        let follows = |a: usize, b: usize| match (self.lines.get(a), self.lines.get(b)) {
            (Some(a), Some(b)) => a.number + 1 == b.number,
            _ => false,
        };
        for _ in 0..before {
            first -= usize::from(first > 0 && follows(first - 1, first));
        }
        for _ in 0..after {
            last += usize::from(follows(last, last + 1));
        }
        let (Some(top), Some(bottom)) = (self.lines.get(first), self.lines.get(last)) else {
            return Err(MietteError::OutOfBounds);
        };
        let text = top.text.start..bottom.text.end;
        // Miette asks for the place of a label without context; the real one is known.
        let head = self.labels.iter().position(|label| label.inner() == span).filter(|_| before == 0);
        let (line, column) = head.and_then(|label| self.heads.get(label)).copied().unwrap_or((top.number, 0));
        Ok(Box::new(MietteSpanContents::new_named(
            self.path.clone(),
            &self.text.as_bytes()[text.clone()],
            SourceSpan::from(text),
            line,
            column,
            last - first + 1,
        )))
    }
}
