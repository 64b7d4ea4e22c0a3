//! Edits that several rules share. They keep the author's quotes, blanks and comments; which edit mends what is said by
//! the rules.

use crate::catalog;
use crate::discover::Kind;
use crate::finding::{Finding, Safety};
use crate::model::{Definition, Node};
use crate::rule::Context;
use crate::source::{FileId, Span};

/// The finding with a fix that writes `meant` in place of `word`, where the word stands at its place as it is.
pub(crate) fn rename(cx: &Context<'_>, finding: Finding, at: (Span, &str), meant: &str, safety: Safety) -> Finding {
    let (span, word) = at;
    // Words in quotes, with escapes or put together from several places are left to people.
    if word.is_empty() || !cx.sources.bytes(span).eq_ignore_ascii_case(word.as_bytes()) {
        return finding;
    }
    finding.fix(format!("write `{meant}`"), safety, vec![(span, meant.to_owned())])
}

/// A word in place of the one at a span, in quotes where that has some.
pub(crate) fn word(cx: &Context<'_>, span: Span, meant: &str) -> (Span, String) {
    let quote = match cx.sources.bytes(span) {
        [first @ (b'"' | b'\''), .., last] if first == last => char::from(*first).to_string(),
        _ => String::new(),
    };
    (span, format!("{quote}{meant}{quote}"))
}

/// A longer word in place of the one at a span, which takes the blanks behind it, so that columns stay where they are.
pub(crate) fn aligned(cx: &Context<'_>, span: Span, meant: &str) -> (Span, String) {
    let (span, text) = word(cx, span, meant);
    let behind = cx.sources.file(span.file).bytes().get(span.range().end..).unwrap_or_default();
    let blanks = behind.iter().take_while(|&&byte| byte == b' ').count();
    let taken = blanks.saturating_sub(1).min(text.len().saturating_sub(span.range().len()));
    (Span::new(span.file, span.range().start, span.range().end + taken), text)
}

/// Another value of a setting, in quotes where the one it has is in quotes or the server asks for them.
pub(crate) fn value(cx: &Context<'_>, definition: &Definition, text: &str) -> (Span, String) {
    let span = definition.value.span;
    let text = if cx.sources.bytes(span).starts_with(b"'") { quoted(text) } else { written(text) };
    (span, text)
}

/// A value as postgresql.conf takes it: words and numbers stand without quotes (`guc-file.l`).
pub(crate) fn written(text: &str) -> String {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let bare = if digits.starts_with(|first: char| first.is_ascii_digit()) {
        let unit = digits.trim_start_matches(|digit: char| digit.is_ascii_digit());
        let fraction = unit.strip_prefix('.').filter(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
        fraction.is_some() || unit.bytes().all(|byte| byte.is_ascii_alphabetic())
    } else {
        text.starts_with(|first: char| first.is_ascii_alphabetic())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
    };
    if bare { text.to_owned() } else { quoted(text) }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

/// The finding with a fix that gives settings these values: where they are set, else in a line of their own.
pub(crate) fn set(cx: &Context<'_>, node: &Node, finding: Finding, values: &[(&str, &str)]) -> Finding {
    let edit = |&(name, text): &(&str, &str)| match node.settings.winner(name) {
        Some(definition) if definition.value.dynamic => None,
        Some(definition) => Some(value(cx, definition, text)),
        None => added_setting(cx, node, name, text),
    };
    if values.is_empty() {
        return finding;
    }
    let Some(edits) = values.iter().map(edit).collect::<Option<Vec<_>>>() else { return finding };
    let shown = values.iter().map(|(name, text)| match *text {
        "" => format!("`{name}` to nothing"),
        text => format!("`{name}` to `{text}`"),
    });
    finding.fix(format!("set {}", shown.collect::<Vec<_>>().join(" and ")), Safety::Unsafe, edits)
}

/// A line for a setting that is not set: before the comment that has its default in the stock file, else at the end.
/// There is none where the server's own postgresql.conf is not at hand or a template writes it, or where a major that is
/// meant does not have the setting.
pub(crate) fn added_setting(cx: &Context<'_>, node: &Node, name: &str, text: &str) -> Option<(Span, String)> {
    let root = node.settings.root.filter(|_| node.settings.complete)?;
    let file = cx.sources.file(root);
    let own = file.kind() == Kind::PostgresqlConf && file.path().file_name() == Some("postgresql.conf");
    let known = catalog::setting(name).is_some_and(|setting| setting.majors().covers(node.targets.majors));
    if !own || file.is_fragment() || !known {
        return None;
    }
    let bytes = file.bytes();
    let end = if memchr::memmem::find(bytes, b"\r\n").is_some() { "\r\n" } else { "\n" };
    let line = format!("{name} = {}{end}", written(text));
    let mut at = 0;
    for part in bytes.split_inclusive(|&byte| byte == b'\n') {
        let rest = part.strip_prefix(b"#").and_then(|rest| rest.strip_prefix(name.as_bytes()));
        if rest.is_some_and(|rest| rest.trim_ascii_start().starts_with(b"=")) {
            return Some((Span::new(root, at, at), line));
        }
        at += part.len();
    }
    let before = if bytes.is_empty() || bytes.ends_with(b"\n") { "" } else { end };
    Some((Span::new(root, at, at), format!("{before}{line}")))
}

/// An entry with the line that it stands on alone; a comment beside it stays.
pub(crate) fn entry(cx: &Context<'_>, span: Span) -> Span {
    let lines = lines(cx, span);
    let bytes = cx.sources.file(span.file).bytes();
    let beside = [&bytes[lines.range().start..span.range().start], &bytes[span.range().end..lines.range().end]];
    let alone = beside.iter().all(|part| part.trim_ascii().is_empty());
    if alone && !cx.sources.file(span.file).is_fragment() { lines } else { span }
}

/// The whole lines that a span lies on, with what ends the last one.
pub(crate) fn lines(cx: &Context<'_>, span: Span) -> Span {
    let bytes = cx.sources.file(span.file).bytes();
    let (before, after) = (&bytes[..span.range().start], &bytes[span.range().end..]);
    let start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
    let ended = before.len() < span.range().end && bytes[span.range()].ends_with(b"\n");
    let rest = if ended { 0 } else { memchr::memchr(b'\n', after).map_or(after.len(), |at| at + 1) };
    Span::new(span.file, start, span.range().end + rest)
}

/// A line moved to stand before another one of its file.
pub(crate) fn moved(cx: &Context<'_>, line: Span, before: Span) -> Option<Vec<(Span, String)>> {
    let (line, before) = (lines(cx, line), lines(cx, before));
    if line.file != before.file || before.end > line.start {
        return None;
    }
    let mut text = String::from_utf8(cx.sources.bytes(line).to_vec()).ok()?;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Some(vec![(Span { end: before.start, ..before }, text), (line, String::new())])
}

/// A word that blanks part from what stands around it, with the blanks before it.
pub(crate) fn with_blanks(cx: &Context<'_>, span: Span) -> Option<Span> {
    let bytes = cx.sources.file(span.file).bytes();
    let (before, after) = (&bytes[..span.range().start], &bytes[span.range().end..]);
    let blanks = before.iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let ends = after.first().is_none_or(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'#'));
    (ends && blanks > 0).then(|| Span::new(span.file, span.range().start - blanks, span.range().end))
}

/// A piece of text with the blanks before it.
pub(crate) fn after_blanks(cx: &Context<'_>, span: Span) -> Span {
    let before = &cx.sources.file(span.file).bytes()[..span.range().start];
    let blanks = before.iter().rev().take_while(|byte| byte.is_ascii_whitespace()).count();
    Span::new(span.file, span.range().start - blanks, span.range().end)
}

/// An item of a list with the comma that parts it from the others. There is none for the only item.
pub(crate) fn item(cx: &Context<'_>, span: Span) -> Option<Span> {
    let bytes = cx.sources.file(span.file).bytes();
    let (before, after) = (&bytes[..span.range().start], &bytes[span.range().end..]);
    if before.trim_ascii_end().ends_with(b",") {
        return Some(Span::new(span.file, before.trim_ascii_end().len() - 1, span.range().end));
    }
    let rest = after.trim_ascii_start().strip_prefix(b",")?.trim_ascii_start();
    Some(Span::new(span.file, span.range().start, bytes.len() - rest.len()))
}

/// Turns a setting's line into a comment, as the stock file has settings that are not set.
pub(crate) fn commented_out(cx: &Context<'_>, definition: &Definition) -> Option<Vec<(Span, String)>> {
    let span = definition.written;
    let file = cx.sources.file(span.file);
    // A command line has no comments, and several lines may have become one.
    let lines = matches!(file.kind(), Kind::PostgresqlConf | Kind::AutoConf) && !file.is_fragment();
    lines.then(|| vec![(Span { end: span.start, ..span }, "#".to_owned())])
}

/// Text put in at a place.
pub(crate) fn put(file: FileId, at: u32, text: impl Into<String>) -> (Span, String) {
    (Span::new(file, at as usize, at as usize), text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_quotes_where_the_server_asks_for_them() {
        for bare in ["on", "4096", "-1", "60s", "0.9", "scram-sha-256", "TLSv1.2"] {
            assert_eq!(written(bare), bare);
        }
        for text in ["$libdir", "", "0.5min", "a b", "-", "-a", "1 GB"] {
            assert_eq!(written(text), format!("'{text}'"));
        }
        assert_eq!(written("it's \\d"), "'it''s \\\\d'");
    }
}
