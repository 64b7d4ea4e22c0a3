//! Makes text parse that is no SQL yet: template markers, psql's variables and meta-commands, bytes that are no UTF-8.
//!
//! Each is overwritten with text of the same length, so that places stay where they are, and recorded as a hole
//! where a value is known only at run time. What the marker would expand to is not guessed.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr, memmem};

use super::lex::{self, Dialect, Kind, Token};
use super::split::Splitter;
use crate::source::FileId;
use crate::syntax::literal::{Builder, Literal};

/// Text to be cut into statements: a file, or a body within one.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    file: FileId,
    text: Cow<'a, [u8]>,
    /// Where templates stood, in ascending order.
    holes: Vec<Range<usize>>,
    /// The way back to the file; `None` if the text is the file.
    map: Option<&'a Literal>,
    pub(crate) dialect: Dialect,
}

impl<'a> Source<'a> {
    /// A file as it stands.
    pub(crate) fn file(file: FileId, text: &'a [u8]) -> Self {
        let (text, holes) = templates(text);
        Self { file, text, holes, map: None, dialect: Dialect::Psql }
    }

    /// A text that was decoded from a file.
    pub(crate) fn decoded(literal: &'a Literal, dialect: Dialect) -> Self {
        let (text, mut holes) = templates(literal.text());
        holes.extend(literal.holes());
        holes.sort_by_key(|hole| hole.start);
        Self { file: literal.file(), text, holes, map: Some(literal), dialect }
    }

    pub(crate) fn text(&self) -> &[u8] {
        &self.text
    }

    /// The bytes of the file behind a part of the text.
    pub(crate) fn span(&self, start: usize, end: usize) -> crate::source::Span {
        match self.map {
            Some(literal) => literal.span(start, end),
            None => crate::source::Span::new(self.file, start, end.max(start)),
        }
    }

    /// A part of the text made fit for the parser.
    pub(crate) fn code(&self, start: usize, end: usize) -> Literal {
        let part = self.text.get(start..end).unwrap_or_default();
        let mut builder = Literal::builder(self.file).at(self.span(start, start).start as usize);
        match self.map {
            // Holes are marked below, all in one order.
            Some(literal) => builder.append_plain(literal, start..end),
            None => builder.push(part, start, end),
        }
        let mut holes: Vec<Range<usize>> = self
            .holes
            .get(self.holes.partition_point(|hole| hole.end <= start)..)
            .unwrap_or_default()
            .iter()
            .take_while(|hole| hole.start < end)
            .map(|hole| hole.start.max(start) - start..hole.end.min(end) - start)
            .collect();
        let target = builder.text_mut();
        if target.len() == part.len() {
            target.copy_from_slice(part);
        }
        mask_tokens(part, self.dialect, target, &mut holes);
        mask_invalid(target);
        holes.sort_by_key(|hole| hole.start);
        mark(&mut builder, &holes);
        builder.build()
    }
}

fn mark(builder: &mut Builder, holes: &[Range<usize>]) {
    let mut end = 0;
    for hole in holes {
        if hole.end > end {
            builder.mark(hole.start.max(end)..hole.end);
            end = hole.end;
        }
    }
}

fn fill(target: &mut [u8], range: Range<usize>, byte: u8) {
    if let Some(bytes) = target.get_mut(range) {
        for slot in bytes.iter_mut().filter(|slot| byte != b' ' || !matches!(**slot, b'\n' | b'\r')) {
            *slot = byte;
        }
    }
}

/// Overwrites `range` with a name or constant in quotes.
fn fill_quoted(target: &mut [u8], range: Range<usize>, quote: u8) {
    fill(target, range.clone(), b'_');
    for at in [range.start, range.end.wrapping_sub(1)] {
        if let Some(slot) = target.get_mut(at) {
            *slot = quote;
        }
    }
}

fn mask_tokens(part: &[u8], dialect: Dialect, target: &mut [u8], holes: &mut Vec<Range<usize>>) {
    let mut at = 0;
    while at < part.len() {
        let token = lex::next(part, at, dialect);
        let range = token.start..token.end;
        at = token.end;
        match token.kind {
            Kind::Variable => {
                // `a[1:x]` is a slice; psql looks up `x` all the same, but it hardly ever is a variable.
                fill(target, range.clone(), b'_');
                holes.push(range);
            }
            Kind::VariableText => {
                fill_quoted(target, range.clone(), b'\'');
                holes.push(range);
            }
            Kind::VariableName => {
                fill_quoted(target, range.clone(), b'"');
                holes.push(range);
            }
            Kind::VariableTest => {
                fill(target, range.clone(), b' ');
                if let Some(word) = target.get_mut(range.start..range.start + 4) {
                    word.copy_from_slice(b"true");
                }
                holes.push(range);
            }
            Kind::Byte(b'\\') if dialect == Dialect::Psql => {
                let splitter = Splitter::new(part, dialect);
                at = splitter.skip_meta(token.start);
                fill(target, token.start..at, b' ');
            }
            Kind::Byte(b'%') => {
                if let Some(end) = placeholder(part, token.start) {
                    at = end;
                    if part.get(end - 1) == Some(&b'L') {
                        fill_quoted(target, token.start..end, b'\'');
                    } else {
                        fill(target, token.start..end, b'_');
                    }
                    holes.push(token.start..end);
                }
            }
            Kind::Byte(b'$') if part.get(at).copied().is_some_and(lex::starts_word) => {
                at = lex::next(part, at, dialect).end;
                fill(target, token.start..token.start + 1, b'_');
                holes.push(token.start..at);
            }
            Kind::Byte(lex::HOLE) => {
                fill(target, range, b'_');
            }
            Kind::Word | Kind::Quoted => shorten(token, target),
            // The parser's own scanner takes quadratic time over `/*/*/*`.
            Kind::Comment => fill(target, range, b' '),
            _ => {}
        }
    }
}

/// Cuts a name to the 63 bytes that the server keeps (scansup.c `truncate_identifier`). The parser would write a
/// notice for each, and its way to catch notices stands still when there are many.
fn shorten(token: Token, target: &mut [u8]) {
    const LIMIT: usize = 63;
    if token.end - token.start <= LIMIT {
        return;
    }
    let Some(name) = target.get_mut(token.start..token.end) else { return };
    let quoted = token.kind == Kind::Quoted;
    let mut at = usize::from(quoted);
    let mut kept = 0;
    let stop = name.len() - usize::from(quoted && token.closed);
    while at < stop {
        let byte = name.get(at).copied().unwrap_or_default();
        let step = match byte {
            b'"' if quoted => 2,
            0xc0..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xff => 4,
            _ => 1,
        };
        let decoded = if quoted && byte == b'"' { 1 } else { step };
        if kept + decoded > LIMIT {
            break;
        }
        kept += decoded;
        at += step;
    }
    if at >= stop {
        return;
    }
    if quoted && let Some(slot) = name.get_mut(at) {
        *slot = b'"';
        at += 1;
    }
    if let Some(rest) = name.get_mut(at..) {
        rest.fill(b' ');
    }
}

/// Where a placeholder of printf or format() that starts at `start` ends: `%s`, `%I`, `%1$L`, `%(name)s`.
pub(crate) fn placeholder(text: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    if text.get(at) == Some(&b'(') {
        let rest = text.get(at..)?;
        at += memchr(b')', rest.get(..64.min(rest.len()))?)? + 1;
    } else {
        let digits = text.get(at..)?.iter().take(3).take_while(|byte| byte.is_ascii_digit()).count();
        if digits > 0 && text.get(at + digits) == Some(&b'$') {
            at += digits + 1;
        }
    }
    let conversion = matches!(text.get(at), Some(b's' | b'I' | b'L' | b'd' | b'v' | b'q'));
    let alone = text.get(at + 1).is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
    (conversion && alone).then_some(at + 1)
}

/// Overwrites bytes that are no UTF-8, and NUL, which ends a C string.
fn mask_invalid(target: &mut [u8]) {
    for slot in target.iter_mut().filter(|slot| **slot == 0) {
        *slot = b'_';
    }
    let mut from = 0;
    while let Some(rest) = target.get_mut(from..) {
        let Err(error) = std::str::from_utf8(rest) else { return };
        let at = error.valid_up_to();
        let length = error.error_len().unwrap_or(rest.len() - at).max(1);
        if let Some(bad) = rest.get_mut(at..at + length) {
            bad.fill(b'_');
        }
        from += at + length;
    }
}

/// A text with its template markers overwritten, and where they stood.
fn templates(text: &[u8]) -> (Cow<'_, [u8]>, Vec<Range<usize>>) {
    let mut found: Vec<(Range<usize>, u8)> = Vec::new();
    let mut at = 0;
    while let Some(skip) = text.get(at..).and_then(|rest| memchr::memchr3(b'{', b'<', b'\x1a', rest)) {
        let open = at + skip;
        at = open + 1;
        if let Some((range, byte)) = marker(text, open) {
            at = range.end;
            found.push((range, byte));
        }
    }
    if found.is_empty() {
        return (Cow::Borrowed(text), Vec::new());
    }
    let mut masked = text.to_vec();
    for (range, byte) in &found {
        fill(&mut masked, range.clone(), *byte);
    }
    let holes = found.into_iter().map(|(range, _)| range).collect();
    (Cow::Owned(masked), holes)
}

/// The marker around `open`, which is a brace or `<`, and the byte that takes its place.
fn marker(text: &[u8], open: usize) -> Option<(Range<usize>, u8)> {
    const LONGEST: usize = 400;
    let rest = text.get(open..)?;
    let rest = rest.get(..LONGEST.min(rest.len()))?;
    let ends = |with: &[u8]| memmem::find(rest.get(2..)?, with).map(|length| length + 2 + with.len());
    let before = open.checked_sub(1).and_then(|index| text.get(index)).copied();
    let letter = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'@'));
    match rest {
        // A list of lists of SQL also starts so; it has braces inside.
        [b'{', b'{', b'{', ..] => None,
        [b'{', b'{', ..] => {
            let end = ends(b"}}")?;
            let inside = rest.get(2..end - 2)?;
            let plain = !inside.iter().any(|byte| matches!(byte, b'{' | b'}' | b'\n'));
            (plain && letter(inside.iter().find(|byte| !matches!(byte, b' ' | b'-' | b'.' | b'$' | b'>'))))
                .then_some((open..open + end, b'_'))
        }
        [b'{', b'%', b' ' | b'-' | b'+', ..] => Some((open..open + ends(b"%}")?, b' ')),
        [b'{', b'#', b' ' | b'-', ..] => Some((open..open + ends(b"#}")?, b' ')),
        [b'<', b'%', b'=', ..] => Some((open..open + ends(b"%>")?, b'_')),
        [b'<', b'%', b' ' | b'-' | b'#', ..] => Some((open..open + ends(b"%>")?, b' ')),
        [b'{', ..] if matches!(before, Some(b'$' | b'#')) => {
            let second = open.checked_sub(2).and_then(|index| text.get(index)).copied();
            let length = memchr(b'}', rest)? + 1;
            let inside = rest.get(1..length - 1)?;
            let name = letter(inside.first()) && !inside.contains(&b'\n') && second != before;
            name.then_some((open - 1..open + length, b'_'))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str) -> (String, Vec<&str>) {
        let source = Source::file(FileId(0), text.as_bytes());
        let code = source.code(0, text.len());
        assert_eq!(code.text().len(), text.len());
        let holes = code.holes().map(|hole| &text[hole]).collect();
        (String::from_utf8(code.text().to_vec()).unwrap(), holes)
    }

    #[test]
    fn stand_ins_have_the_length_of_what_they_replace() {
        let cases: &[(&str, &str, &[&str])] = &[
            ("a :x :'cc' :\"d\" b::int", "a __ '___' \"__\" b::int", &[":x", ":'cc'", ":\"d\""]),
            ("if :{?x}", "if true ", &[":{?x}"]),
            ("a {{ b }} c", "a _______ c", &["{{ b }}"]),
            ("'{{1,2},{3,4}}'", "'{{1,2},{3,4}}'", &[]),
            ("'{{ f('x') }}'", "'____________'", &["{{ f('x') }}"]),
            ("a <%= b %> <% c %>d", "a ________        d", &["<%= b %>", "<% c %>"]),
            ("'${X}' #{y} $Z", "'____' ____ _Z", &["${X}", "#{y}", "$Z"]),
            ("do $${a}$$", "do $${a}$$", &[]),
            ("a %I b %L %1$s c%d", "a __ b '' ____ c__", &["%I", "%L", "%1$s", "%d"]),
            ("a \\echo b\nc", "a        \nc", &[]),
        ];
        for (text, expected, holes) in cases {
            let (code, found) = masked(text);
            assert_eq!((code.as_str(), found.as_slice()), (*expected, *holes), "{text}");
        }
    }

    #[test]
    fn bytes_that_are_no_utf8_are_overwritten() {
        let text = b"a'\xff\xc3'\0\xe2\x82";
        let code = Source::file(FileId(0), text).code(0, text.len());
        assert_eq!(code.text(), b"a'__'___");
    }

    #[test]
    fn names_are_cut_as_the_server_does() {
        let long = "é".repeat(40);
        let (code, _) = masked(&format!("{long} \"{}\"\"{}\"", "b".repeat(62), "c".repeat(9)));
        assert_eq!(code.split_whitespace().next().unwrap(), "é".repeat(31));
        assert!(code.trim_end().ends_with(&format!("{}\"\"\"", "b".repeat(62))), "{code}");
    }
}
