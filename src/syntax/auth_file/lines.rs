//! How bytes become lines and tokens, by major: `fgets` with its limits up to 13, joined lines from 14.
//!
//! The state machine of a token is that of `next_token` in hba.c; the comments name what each major does else.

use std::borrow::Cow;

use super::{AuthFile, Field, LexError, LexErrorKind, Line, Token};
use crate::catalog::Majors;
use crate::source::{FileId, Span};

/// How a group of majors lexes.
#[derive(Debug, Clone, Copy)]
struct Dialect {
    /// Up to 13: the size of the buffer for `fgets`, which takes one byte less. From 14 on lines are free.
    line: Option<usize>,
    /// Up to 15: the most bytes that a token keeps.
    token: Option<usize>,
}

/// The dialects by age. 10 has the sizes 8192 and 256 (`MAX_LINE`, `MAX_TOKEN`), late 11 to 13 have 20480 and 10240.
const CLASSES: [(Majors, Dialect); 4] = [
    (Majors::only(10), Dialect { line: Some(8192), token: Some(255) }),
    (Majors::range(11, 13), Dialect { line: Some(20480), token: Some(10239) }),
    (Majors::range(14, 15), Dialect { line: None, token: Some(10239) }),
    (Majors::since(16), Dialect { line: None, token: None }),
];

/// Each class of majors, and whether it lexes these bytes otherwise than the class before it.
pub(super) fn classes(bytes: &[u8]) -> [(Majors, bool); 4] {
    let [old, middle, joined, free] = CLASSES;
    let glued = memchr::memchr(0, bytes).is_some() || joins_lines(bytes);
    let longest = longest_line(bytes);
    // Lines that are joined can make a token longer than any line of the file.
    let may_pass = |limit: usize| glued || longest > limit;
    let tokens_pass = |dialect: Dialect, limit: usize| {
        may_pass(limit) && has_long_token(bytes, Dialect { token: Some(limit), ..dialect })
    };
    [
        (old.0, false),
        // A line fits if it ends one byte before the buffer is full: `strlen(rawline) == MAX_LINE - 1` is too long.
        (middle.0, longest >= 8191 || tokens_pass(old.1, 255)),
        (joined.0, glued || longest >= 20479),
        (free.0, tokens_pass(joined.1, 10239)),
    ]
}

/// Whether a backslash is the last character of a line, carriage returns aside, or of the file.
fn joins_lines(bytes: &[u8]) -> bool {
    memchr::memchr_iter(b'\\', bytes).any(|at| {
        let rest = bytes.get(at + 1..).unwrap_or_default();
        let returns = rest.iter().take_while(|&&byte| byte == b'\r').count();
        matches!(rest.get(returns), None | Some(b'\n'))
    })
}

/// The bytes of the longest line, its line feed included.
fn longest_line(bytes: &[u8]) -> usize {
    let mut start = 0;
    let mut longest = 0;
    for end in memchr::memchr_iter(b'\n', bytes).map(|at| at + 1).chain([bytes.len()]) {
        longest = longest.max(end - start);
        start = end;
    }
    longest
}

fn has_long_token(bytes: &[u8], dialect: Dialect) -> bool {
    let limit = dialect.token.unwrap_or(usize::MAX);
    let mut reader = Reader::new(bytes, dialect);
    while let Some(line) = reader.next_line() {
        if line.too_long || line.text.len() <= limit {
            continue;
        }
        let mut scanner = Scanner { text: &line.text, at: 0, limit };
        loop {
            match scanner.next() {
                Scanned::TooLong { .. } => return true,
                Scanned::End { .. } => break,
                Scanned::Token(_) => {}
            }
        }
    }
    false
}

pub(super) fn parse(file: FileId, bytes: &[u8], majors: Majors) -> AuthFile<'_> {
    let class = CLASSES.iter().find(|(class, _)| !(*class & majors).is_empty()).unwrap_or(&CLASSES[3]);
    let dialect = class.1;
    let mut out = AuthFile { file, bytes, majors, lines: Vec::new(), fields: Vec::new(), tokens: Vec::new() };
    let mut reader = Reader::new(bytes, dialect);
    while let Some(raw) = reader.next_line() {
        let span = Span::new(file, raw.start, raw.end);
        let first_field = out.fields.len() as u32;
        let (comment, error) = if raw.too_long {
            let limit = dialect.line.unwrap_or_default().saturating_sub(3);
            (None, Some(LexError { span, kind: LexErrorKind::LineTooLong(limit) }))
        } else {
            split(&mut out, &raw, dialect)
        };
        let fields = first_field..out.fields.len() as u32;
        out.lines.push(Line { span, number: raw.number, comment, error, fields });
    }
    out
}

/// Splits a line into fields, which are added to `out`; gives the comment and what ended the line early.
fn split<'s>(out: &mut AuthFile<'s>, raw: &RawLine<'s>, dialect: Dialect) -> (Option<Span>, Option<LexError>) {
    let span = |start: usize, end: usize| Span::new(out.file, raw.place(start), raw.place_before(end));
    let limit = dialect.token.unwrap_or(usize::MAX);
    let mut scanner = Scanner { text: &raw.text, at: 0, limit };
    let mut field: Option<Field> = None;
    let mut tokens = std::mem::take(&mut out.tokens);
    let mut fields = std::mem::take(&mut out.fields);
    let ending = loop {
        match scanner.next() {
            Scanned::Token(token) => {
                let span = span(token.start, token.end);
                let open = field.get_or_insert(Field { span, tokens: tokens.len() as u32..tokens.len() as u32 });
                open.span = open.span.to(span);
                open.tokens.end += 1;
                tokens.push(Token { span, text: raw.unquoted(&token), quoted: token.quoted });
                if !token.comma {
                    fields.extend(field.take());
                }
            }
            Scanned::End { comment } => {
                break (comment.map(|start| span(start, raw.text.len())), None);
            }
            Scanned::TooLong { start, end } => {
                let error = LexError { span: span(start, end), kind: LexErrorKind::TokenTooLong(limit) };
                break (None, Some(error));
            }
        }
    };
    fields.extend(field.take());
    out.tokens = tokens;
    out.fields = fields;
    ending
}

/// A logical line before it is split.
#[derive(Debug)]
struct RawLine<'s> {
    /// Its bytes in the file.
    start: usize,
    end: usize,
    number: u32,
    /// What the server sees of it: no line feed, no carriage returns at the end.
    text: Cow<'s, [u8]>,
    /// Where pieces of `text` come from, as (offset in `text`, offset in the file); empty if `text` is one piece
    /// that starts at `start`.
    pieces: Vec<(usize, usize)>,
    too_long: bool,
}

impl<'s> RawLine<'s> {
    /// The place in the file of a byte of the text.
    fn place(&self, at: usize) -> usize {
        let piece = self.pieces.partition_point(|&(offset, _)| offset <= at).checked_sub(1);
        match piece.and_then(|piece| self.pieces.get(piece)) {
            Some(&(offset, source)) => source + (at - offset),
            None => self.start + at,
        }
    }

    /// The place in the file just after the byte before `end`.
    fn place_before(&self, end: usize) -> usize {
        end.checked_sub(1).map_or(self.start, |last| self.place(last) + 1)
    }

    fn unquoted(&self, token: &RawToken) -> Cow<'s, [u8]> {
        match &self.text {
            Cow::Borrowed(text) => unquote(text, token),
            Cow::Owned(text) => Cow::Owned(unquote(text, token).into_owned()),
        }
    }
}

fn unquote<'t>(text: &'t [u8], token: &RawToken) -> Cow<'t, [u8]> {
    let raw = text.get(token.start..token.end).unwrap_or_default();
    if !token.has_quotes {
        return Cow::Borrowed(raw);
    }
    // The usual case, one pair of quotes around it all, needs no copy either.
    if let [b'"', inner @ .., b'"'] = raw
        && memchr::memchr(b'"', inner).is_none()
    {
        return Cow::Borrowed(inner);
    }
    let mut out = Vec::with_capacity(raw.len());
    let mut quotes = Quotes::default();
    out.extend(raw.iter().copied().filter(|&byte| quotes.keeps(byte)));
    Cow::Owned(out)
}

/// Whether a byte stands inside quotes, and whether it belongs to the token.
#[derive(Debug, Default, Clone, Copy)]
struct Quotes {
    inside: bool,
    /// The byte before was a quote that ended quoting, or the first half of a doubled one.
    was_quote: bool,
}

impl Quotes {
    /// Steps over a byte of a token; whether it is part of what the token says.
    fn keeps(&mut self, byte: u8) -> bool {
        if byte != b'"' {
            self.was_quote = false;
            return true;
        }
        let kept = self.was_quote;
        self.was_quote = self.inside && !self.was_quote;
        self.inside = !self.inside;
        kept
    }
}

/// A token by its place in the text of its line.
#[derive(Debug)]
struct RawToken {
    start: usize,
    end: usize,
    quoted: bool,
    has_quotes: bool,
    /// A comma follows, so the next token is of the same field.
    comma: bool,
}

#[derive(Debug)]
enum Scanned {
    Token(RawToken),
    TooLong { start: usize, end: usize },
    End { comment: Option<usize> },
}

#[derive(Debug)]
struct Scanner<'t> {
    text: &'t [u8],
    at: usize,
    limit: usize,
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r')
}

impl Scanner<'_> {
    fn next(&mut self) -> Scanned {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let skipped = rest.iter().take_while(|&&byte| is_blank(byte) || byte == b',').count();
        let start = self.at + skipped;
        let mut token = RawToken { start, end: start, quoted: false, has_quotes: false, comma: false };
        let mut quotes = Quotes::default();
        let mut kept = 0;
        let mut comment = None;
        for &byte in self.text.get(start..).unwrap_or_default() {
            if !quotes.inside {
                if is_blank(byte) {
                    break;
                }
                if byte == b'#' {
                    comment = Some(token.end);
                    break;
                }
            }
            // The server looks at the room left before it looks for a comma or a closing quote.
            if kept >= self.limit {
                self.at = self.text.len();
                return Scanned::TooLong { start, end: self.text.len() };
            }
            if byte == b',' && !quotes.inside {
                token.comma = true;
                break;
            }
            kept += usize::from(quotes.keeps(byte));
            if byte == b'"' {
                token.has_quotes = true;
                token.quoted |= kept == 0;
            }
            token.end += 1;
        }
        self.at = token.end;
        if token.has_quotes || kept > 0 { Scanned::Token(token) } else { Scanned::End { comment } }
    }
}

/// Takes lines off a file.
#[derive(Debug)]
struct Reader<'s> {
    bytes: &'s [u8],
    at: usize,
    number: u32,
    dialect: Dialect,
    /// From 14 on: the size of the server's line buffer, which grows and stays. It only matters where a NUL stands
    /// in the line, for then `fgets` may stop between the NUL and the line feed.
    buffer: usize,
}

impl<'s> Reader<'s> {
    fn new(bytes: &'s [u8], dialect: Dialect) -> Self {
        Self { bytes, at: 0, number: 1, dialect, buffer: 1024 }
    }

    fn next_line(&mut self) -> Option<RawLine<'s>> {
        if self.at >= self.bytes.len() {
            return None;
        }
        Some(match self.dialect.line {
            Some(size) => self.next_by_fgets(size),
            None => self.next_joined(),
        })
    }

    /// As `fgets` reads: at most `most` bytes, up to a line feed.
    fn chunk(&self, at: usize, most: usize) -> &'s [u8] {
        let rest = self.bytes.get(at..).unwrap_or_default();
        let rest = rest.get(..most).unwrap_or(rest);
        memchr::memchr(b'\n', rest).and_then(|end| rest.get(..=end)).unwrap_or(rest)
    }

    /// 10 to 13: a full buffer ends the line, a NUL hides the rest of it.
    fn next_by_fgets(&mut self, size: usize) -> RawLine<'s> {
        let start = self.at;
        let chunk = self.chunk(start, size - 1);
        let seen = memchr::memchr(0, chunk).and_then(|end| chunk.get(..end)).unwrap_or(chunk);
        self.at += chunk.len();
        let number = self.number;
        self.number += 1;
        RawLine {
            start,
            end: self.at,
            number,
            text: Cow::Borrowed(strip_ending(seen)),
            pieces: Vec::new(),
            too_long: seen.len() == size - 1,
        }
    }

    /// 14 and later: the line grows as long as it must, and a backslash at its end joins the next.
    fn next_joined(&mut self) -> RawLine<'s> {
        let start = self.at;
        let number = self.number;
        let line = self.chunk(start, usize::MAX);
        let text = strip_ending(line);
        if text.last() != Some(&b'\\') && memchr::memchr(0, line).is_none() {
            self.at += line.len();
            self.number += 1;
            while self.buffer <= line.len() {
                self.buffer *= 2;
            }
            return RawLine {
                start,
                end: self.at,
                number,
                text: Cow::Borrowed(text),
                pieces: Vec::new(),
                too_long: false,
            };
        }
        let mut text = Vec::new();
        let mut pieces = Vec::new();
        let mut joined_at = 0;
        self.number += 1;
        while self.append(&mut text, &mut pieces) {
            text.truncate(strip_ending(&text).len());
            if text.len() > joined_at && text.last() == Some(&b'\\') {
                text.pop();
                joined_at = text.len();
                self.number += 1;
                continue;
            }
            break;
        }
        RawLine { start, end: self.at, number, text: Cow::Owned(text), pieces, too_long: false }
    }

    /// Appends a line as `pg_get_line_append` does: what `fgets` put after a NUL is lost, and reading goes on as if
    /// no line feed had been there. Whether anything came.
    fn append(&mut self, text: &mut Vec<u8>, pieces: &mut Vec<(usize, usize)>) -> bool {
        let before = text.len();
        loop {
            let chunk = self.chunk(self.at, self.buffer.saturating_sub(text.len() + 1));
            if chunk.is_empty() {
                return text.len() > before;
            }
            let seen = memchr::memchr(0, chunk).and_then(|end| chunk.get(..end)).unwrap_or(chunk);
            if !seen.is_empty() {
                pieces.push((text.len(), self.at));
                text.extend_from_slice(seen);
            }
            self.at += chunk.len();
            if text.len() > before && text.last() == Some(&b'\n') {
                return true;
            }
            while self.buffer < text.len() + 129 {
                self.buffer *= 2;
            }
        }
    }
}

/// Without the line feeds and carriage returns at the end.
fn strip_ending(line: &[u8]) -> &[u8] {
    let kept = line.iter().rev().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
    line.get(..line.len() - kept).unwrap_or_default()
}
