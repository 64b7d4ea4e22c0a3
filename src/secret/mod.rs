//! Hides secrets, and what could drive a terminal, in everything that leaves the process.
//!
//! The model marks the secrets it understands in the [`SourceMap`]; [`Redactor`] hides those, and what looks like one
//! (see `pattern`). Every text of a report, whether it comes from a file or from a rule, goes through here. Nothing
//! here decides what is reported.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;

use crate::source::{FileId, SourceMap, Span};

pub(crate) mod command;
mod known;
mod pattern;
mod value;

pub use value::{Secret, is_placeholder};

use known::Known;
use pattern::Text;

/// What stands in place of a secret; it has the same length for every secret.
pub const MASK: &str = "****";

/// Hides the secrets of a run. Makes its tables on first use, so it costs nothing where nothing is shown.
#[derive(Debug)]
pub struct Redactor<'a> {
    sources: &'a SourceMap,
    masks: Masks,
    known: OnceLock<Known>,
}

impl<'a> Redactor<'a> {
    /// A redactor of the secrets marked in `sources`.
    #[must_use]
    pub fn new(sources: &'a SourceMap) -> Self {
        Self { sources, masks: Masks::new(sources), known: OnceLock::new() }
    }

    /// The bytes of a span as they may be shown. A secret that the span cuts is hidden whole.
    #[must_use]
    pub fn show(&self, span: Span) -> Redacted {
        self.masks.show(self.sources, span)
    }

    /// Whether a span holds a part of a secret.
    #[must_use]
    pub fn hides(&self, span: Span) -> bool {
        self.masks.hides(self.sources, span)
    }

    /// A text that a rule made, as one line: secrets are hidden, control characters are shown as symbols.
    #[must_use]
    pub fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.hide(text) {
            Cow::Borrowed(text) => printable(text),
            Cow::Owned(text) => Cow::Owned(printable(&text).into_owned()),
        }
    }

    /// A text with its secrets hidden and otherwise as it is; for the replacements of fixes.
    #[must_use]
    pub fn hide<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let known = self.known.get_or_init(|| Known::new(self.sources));
        let mut ranges = known.find(text.as_bytes());
        ranges.extend(pattern::find(text.as_bytes(), Text::Prose));
        if ranges.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for range in merged(ranges) {
            let (start, end) = (text.floor_char_boundary(range.start).max(at), text.ceil_char_boundary(range.end));
            out.push_str(&text[at..start]);
            out.push_str(MASK);
            at = end;
        }
        out.push_str(&text[at..]);
        Cow::Owned(out)
    }
}

/// What is hidden in each file of a [`SourceMap`]: the marked secrets, and what looks like one. Found when first asked
/// for.
#[derive(Debug)]
pub struct Masks {
    files: Vec<OnceLock<Vec<Range<u32>>>>,
    known: Option<Known>,
}

impl Masks {
    /// The masks of `sources`, which must be given to every call.
    #[must_use]
    pub fn new(sources: &SourceMap) -> Self {
        Self { files: sources.iter().map(|_| OnceLock::new()).collect(), known: None }
    }

    /// The same, and every other place of a text that is marked as a secret somewhere.
    #[must_use]
    pub fn everywhere(sources: &SourceMap) -> Self {
        Self { known: Some(Known::new(sources)), ..Self::new(sources) }
    }

    /// The bytes of a span as they may be shown. A secret that the span cuts is hidden whole.
    #[must_use]
    pub fn show(&self, sources: &SourceMap, span: Span) -> Redacted {
        let bytes = sources.file(span.file).bytes();
        Redacted::new(bytes, self.of(sources, span.file), span.start..span.end.min(bytes.len() as u32))
    }

    /// SQL as it may be shown to a parser: a secret that is a whole string is still one.
    #[must_use]
    pub fn show_sql(&self, sources: &SourceMap, span: Span) -> String {
        let bytes = sources.file(span.file).bytes();
        let masks = self.of(sources, span.file);
        let mut out = String::new();
        let mut at = span.start as usize;
        let end = (span.end as usize).min(bytes.len());
        for mask in masks.iter().filter(|mask| mask.start < span.end && mask.end > span.start) {
            let (from, to) = (mask.start as usize, (mask.end as usize).min(end));
            out.push_str(&String::from_utf8_lossy(bytes.get(at..from.max(at)).unwrap_or_default()));
            let secret = bytes.get(from.max(at)..to).unwrap_or_default();
            let string = secret.ends_with(b"'") || secret.starts_with(b"$") && secret.ends_with(b"$");
            out.push_str(&if string { format!("'{MASK}'") } else { MASK.to_owned() });
            at = to;
        }
        out.push_str(&String::from_utf8_lossy(bytes.get(at..end).unwrap_or_default()));
        out
    }

    /// Whether a span holds a part of a secret.
    #[must_use]
    pub fn hides(&self, sources: &SourceMap, span: Span) -> bool {
        let masks = self.of(sources, span.file);
        let first = masks.partition_point(|mask| mask.end <= span.start);
        masks.get(first).is_some_and(|mask| mask.start < span.end)
    }

    fn of(&self, sources: &SourceMap, file: FileId) -> &[Range<u32>] {
        self.files[file.index()].get_or_init(|| {
            let bytes = sources.file(file).bytes();
            let marked = sources.secrets(file).iter().map(|span| span.range());
            let found = pattern::find(bytes, Text::File);
            let known = self.known.as_ref().map(|known| known.find(bytes)).unwrap_or_default();
            merged(marked.chain(found).chain(known).collect())
                .into_iter()
                .map(|range| range.start as u32..range.end as u32)
                .collect()
        })
    }
}

/// The text with secrets that look like one hidden, whatever the files hold. It depends on the text alone, so it can
/// go into what must stay the same from run to run.
#[must_use]
pub fn hide_patterns(text: &str) -> Cow<'_, str> {
    let found = pattern::find(text.as_bytes(), Text::Prose);
    if found.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut out = text.to_owned();
    for range in found.into_iter().rev() {
        out.replace_range(text.floor_char_boundary(range.start)..text.ceil_char_boundary(range.end), MASK);
    }
    Cow::Owned(out)
}

/// A text in which every character that moves the cursor, rings, hides or turns text is shown as a symbol.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if text.chars().any(|c| symbol(c).is_some()) {
        Cow::Owned(text.chars().map(|c| symbol(c).unwrap_or(c)).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// What is shown in place of a character that must not reach a terminal.
fn symbol(c: char) -> Option<char> {
    match c {
        // The block "Control Pictures" has a picture for each, in order.
        '\0'..='\x1f' => char::from_u32(0x2400 + c as u32),
        '\x7f' => Some('\u{2421}'),
        '\u{80}'..='\u{9f}'
        // Marks that change the direction of text, have no width or break lines.
        | '\u{61c}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => Some(char::REPLACEMENT_CHARACTER),
        _ => None,
    }
}

/// Ascending ranges of which no two overlap or touch.
fn merged(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_unstable_by_key(|range| (range.start, range.end));
    let mut out = Vec::<Range<usize>>::with_capacity(ranges.len());
    for range in ranges {
        match out.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => out.push(range),
        }
    }
    out
}

/// Bytes of a file as they may be shown, and the way from the file's bytes to this text.
#[derive(Debug, Default)]
pub struct Redacted {
    text: String,
    pieces: Vec<Piece>,
}

/// A run of bytes of the file and the run of text that stands for it.
#[derive(Debug)]
struct Piece {
    file: u32,
    bytes: u32,
    text: u32,
    shown: u32,
    /// Whether the text is the bytes, one for one.
    same: bool,
}

impl Redacted {
    /// The bytes of a range of a file, those of `masks` hidden.
    fn new(bytes: &[u8], masks: &[Range<u32>], range: Range<u32>) -> Self {
        let (mut at, end) = (range.start, range.end);
        let mut out = Self::default();
        let first = masks.partition_point(|mask| mask.end <= at);
        for mask in masks[first..].iter().take_while(|mask| mask.start < end) {
            out.plain(bytes, at..mask.start.max(at));
            out.masked(bytes, mask.start.max(at)..mask.end.min(end));
            at = mask.end.min(end);
        }
        out.plain(bytes, at..end.max(at));
        out
    }

    /// The file's bytes behind a range of the text; all of those behind a part of a secret or of a symbol. None if the
    /// range does not lie in the text, in order and between characters.
    #[must_use]
    pub fn source(&self, text: Range<usize>) -> Option<Range<u32>> {
        self.text.get(text.clone())?;
        let piece = |at: usize| {
            let index = self.pieces.partition_point(|piece| piece.text as usize <= at).checked_sub(1)?;
            self.pieces.get(index)
        };
        let start = match piece(text.start) {
            None => self.pieces.first().map_or(0, |first| first.file),
            Some(piece) => match text.start as u32 - piece.text {
                into if into >= piece.shown => piece.file + piece.bytes,
                into if piece.same => piece.file + into,
                _ => piece.file,
            },
        };
        if text.is_empty() {
            return Some(start..start);
        }
        let last = piece(text.end - 1)?;
        let end = if last.same { last.file + (text.end as u32 - last.text) } else { last.file + last.bytes };
        Some(start..end.max(start))
    }

    /// The text. Valid, without control characters but line feeds, tabs and carriage returns before line feeds.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where a range of the file's bytes lies in the text. A bound within a secret moves out to the secret's end.
    #[must_use]
    pub fn range(&self, bytes: Range<u32>) -> Range<usize> {
        let start = self.start(bytes.start);
        if bytes.start >= bytes.end {
            return start..start;
        }
        start..self.end(bytes.end).max(start)
    }

    fn start(&self, offset: u32) -> usize {
        let Some(piece) = self.pieces.partition_point(|piece| piece.file <= offset).checked_sub(1) else { return 0 };
        let Some(piece) = self.pieces.get(piece) else { return 0 };
        let into = match offset - piece.file {
            into if into >= piece.bytes => piece.shown,
            into if piece.same => into,
            _ => 0,
        };
        self.text.floor_char_boundary((piece.text + into) as usize)
    }

    fn end(&self, offset: u32) -> usize {
        let Some(piece) = self.pieces.partition_point(|piece| piece.file < offset).checked_sub(1) else { return 0 };
        let Some(piece) = self.pieces.get(piece) else { return 0 };
        let into = if piece.same { (offset - piece.file).min(piece.bytes) } else { piece.shown };
        self.text.ceil_char_boundary((piece.text + into) as usize)
    }

    fn push(&mut self, file: u32, bytes: u32, text: &str, same: bool) {
        let at = self.text.len() as u32;
        self.text.push_str(text);
        match self.pieces.last_mut() {
            Some(last) if same && last.same && last.file + last.bytes == file => {
                last.bytes += bytes;
                last.shown += bytes;
            }
            _ => self.pieces.push(Piece { file, bytes, text: at, shown: text.len() as u32, same }),
        }
    }

    /// Takes over bytes that are no secret.
    fn plain(&mut self, bytes: &[u8], range: Range<u32>) {
        let mut at = range.start;
        for chunk in bytes[range.start as usize..range.end as usize].utf8_chunks() {
            let valid = chunk.valid();
            let mut done = 0;
            for (index, c) in valid.char_indices() {
                let Some(symbol) = symbol(c) else { continue };
                // The carriage return of a line's end looks ahead in the file, which may be past the range.
                let after = bytes.get(at as usize + index + 1);
                if matches!(c, '\n' | '\t') || c == '\r' && after == Some(&b'\n') {
                    continue;
                }
                if done < index {
                    self.push(at + done as u32, (index - done) as u32, &valid[done..index], true);
                }
                self.push(at + index as u32, c.len_utf8() as u32, symbol.encode_utf8(&mut [0; 4]), false);
                done = index + c.len_utf8();
            }
            if done < valid.len() {
                self.push(at + done as u32, (valid.len() - done) as u32, &valid[done..], true);
            }
            at += valid.len() as u32;
            for _ in chunk.invalid() {
                self.push(at, 1, "\u{fffd}", false);
                at += 1;
            }
        }
    }

    /// Takes over a secret: its lines are masked, its line breaks are kept.
    fn masked(&mut self, bytes: &[u8], range: Range<u32>) {
        let secret = &bytes[range.start as usize..range.end as usize];
        let mut at = 0;
        while at < secret.len() {
            let end = memchr::memchr(b'\n', &secret[at..]).map_or(secret.len(), |line| at + line);
            let broken = end < secret.len();
            let text = if broken && end > at && secret[end - 1] == b'\r' { end - 1 } else { end };
            if at < text {
                self.push(range.start + at as u32, (text - at) as u32, MASK, false);
            }
            let next = end + usize::from(broken);
            if text < next {
                let line_break = if next - text == 2 { "\r\n" } else { "\n" };
                self.push(range.start + text as u32, (next - text) as u32, line_break, true);
            }
            at = next;
        }
    }
}

#[cfg(test)]
mod tests;
