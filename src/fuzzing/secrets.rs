//! Masking: what is marked never shows, wherever it is cut.

use super::{FILE, choice};
use crate::discover::Kind;
use crate::secret::{Redactor, hide_patterns};
use crate::source::{SourceMap, Span};

pub(super) const WORDS: &[&str] = &[
    "password=",
    "PASSWORD '",
    "://a:",
    "@",
    "'",
    "\"",
    "\n",
    "\r\n",
    "A",
    "ZZ",
    "x",
    " ",
    "é",
    "\u{200b}",
    "\x07",
    "secrets=\"",
    "passphrase_command",
    "${X}",
    "\\",
    "$a$",
    "`",
];

/// Capital letters are marked as secret; so none may be seen, whole or in parts, and lines stay lines.
pub fn secret(bytes: &[u8]) {
    let (low, rest) = choice(bytes);
    let (high, bytes) = choice(rest);
    let mut sources = SourceMap::default();
    let Some(file) = sources.add("a.conf".into(), Kind::PostgresqlConf, bytes.to_vec()) else { return };
    assert_eq!(file, FILE);
    for (at, _) in bytes.iter().enumerate().filter(|(_, byte)| byte.is_ascii_uppercase()) {
        sources.mark_secret(Span::new(file, at, at + 1));
    }
    let redactor = Redactor::new(&sources);
    let hidden = |text: &str| assert!(!text.bytes().any(|byte| byte.is_ascii_uppercase()), "{text:?}");
    let whole = redactor.show(Span::new(file, 0, bytes.len()));
    hidden(whole.text());
    assert!(!whole.text().chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\r')));
    let lines = |text: &[u8]| memchr::memchr_iter(b'\n', text).count();
    assert_eq!(lines(whole.text().as_bytes()), lines(bytes));
    let (from, to) = (low.min(bytes.len()), high.max(low).min(bytes.len()));
    hidden(redactor.show(Span::new(file, from, to)).text());
    // Places in the file and in what is shown of it ascend together, both ways.
    let end = bytes.len() as u32;
    let (mut start, mut stop) = (0, 0);
    for offset in 0..=end.min(500) {
        let (from, to) = (whole.range(offset..end).start, whole.range(0..offset).end);
        assert!(from >= start && to >= stop && whole.text().get(from..).is_some() && whole.text().get(..to).is_some());
        (start, stop) = (from, to);
    }
    assert_eq!(whole.range(0..end), 0..whole.text().len());
    if let Some(range) = whole.source(from..to) {
        assert!(range.start <= range.end && range.end <= end);
    }
    let text = String::from_utf8_lossy(bytes);
    let _ = (redactor.text(&text), hide_patterns(&text));
}
