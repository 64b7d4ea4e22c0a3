//! Text in XML and HTML, and how wide it is.

use std::fmt::Write;

/// Adds a text, with what would be markup escaped. XML has no way to write two characters, which become U+FFFD.
pub(super) fn push(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => out.push(char::REPLACEMENT_CHARACTER),
            c => out.push(c),
        }
    }
}

/// Adds `<name>text</name>`; `open` is the name with attributes that are markup already.
pub(super) fn element(out: &mut String, open: &str, text: &str) {
    let name = open.split(' ').next().unwrap_or(open);
    let _ = write!(out, "<{open}>");
    push(out, text);
    let _ = write!(out, "</{name}>");
}

/// Adds a text in which what is between backquotes is code.
pub(super) fn inline(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some((before, code, after)) =
        rest.split_once('`').and_then(|(before, tail)| tail.split_once('`').map(|(code, after)| (before, code, after)))
    {
        push(out, before);
        element(out, "code", code);
        rest = after;
    }
    push(out, rest);
}

/// How many columns a character takes in a font of one width: letters of East Asia and pictures take two.
fn columns(c: char) -> usize {
    let wide = matches!(c as u32, 0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f | 0xff00..=0xff60 | 0xffe0..=0xffe6 | 0x1f300..=0x1faff | 0x20000..=0x3fffd);
    if wide { 2 } else { 1 }
}

/// How many columns a text takes.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(columns).sum()
}

/// The text, or as much of its start as fits.
pub(super) fn start(text: &str, most: usize) -> String {
    if width(text) <= most {
        return text.to_owned();
    }
    let mut room = most.saturating_sub(1);
    let fits = |c: &char| {
        let left = room.checked_sub(columns(*c));
        room = left.unwrap_or(0);
        left.is_some()
    };
    text.chars().take_while(fits).chain(['…']).collect()
}

/// The text, or as much of its end as fits: the end of a path says most.
fn end(text: &str, most: usize) -> String {
    let turned = text.chars().rev().collect::<String>();
    start(&turned, most).chars().rev().collect()
}

/// The text on two lines at most, broken after a `/`, `-`, `.` or blank where there is one.
pub(super) fn lines(text: &str, most: usize) -> Vec<String> {
    if width(text) <= most {
        return vec![text.to_owned()];
    }
    let (mut taken, mut at) = (0, None);
    for (index, c) in text.char_indices() {
        taken += columns(c);
        if taken > most {
            at = at.or(Some(index));
            break;
        }
        if matches!(c, '/' | '-' | '.' | ' ' | '_') {
            at = Some(index + c.len_utf8());
        }
    }
    let (first, rest) = text.split_at(at.unwrap_or(text.len()));
    vec![first.trim_end().to_owned(), end(rest.trim_start(), most)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_broken_and_cut() {
        assert_eq!(lines("db1/etc/postgresql/16/main", 14), ["db1/etc/", "…resql/16/main"]);
        assert_eq!(lines("short", 14), ["short"]);
        assert_eq!(lines("abcdefghijklmnop", 10), ["abcdefghij", "klmnop"]);
        assert_eq!(start("数据库服务器", 6), "数据…");
        assert_eq!(start("abc", 3), "abc");
        assert_eq!(start("abcd", 0), "…");
    }

    #[test]
    fn what_is_between_backquotes_is_code() {
        let mut out = String::new();
        inline(&mut out, "`a<b` and `c` or `d");
        assert_eq!(out, "<code>a&lt;b</code> and <code>c</code> or `d");
    }

    #[test]
    fn markup_is_escaped() {
        let mut out = String::new();
        element(&mut out, "title", "<a & 'b' \"c\">\u{ffff}");
        assert_eq!(out, "<title>&lt;a &amp; &#39;b&#39; &quot;c&quot;&gt;\u{fffd}</title>");
    }
}
