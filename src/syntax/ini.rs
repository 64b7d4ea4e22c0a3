//! Files of sections and keys as their own programs read them: pg_service.conf (libpq) and pgbouncer.ini (PgBouncer).
//!
//! The `ini` crate (rust-ini) reads such files but has no positions, and neither program reads the way it does. So a
//! line index finds every section, key and value with its place by the program's own rules, which is what counts:
//!
//! - libpq, `parseServiceFile` (fe-connect.c), tried on the libraries of all majors: `#` starts a comment, `;` does
//!   not; blanks around a line go, those around `=` stay; no quotes, no escapes; a section's name ends at the first
//!   `]`, and what follows is not read; `ldap...` lines are URLs; lines have a limit of length.
//! - PgBouncer, `parse_ini_file` (libusual's cfparser.c), tried on PgBouncer 1.18: `#` and `;` start comments, a key
//!   is of letters, digits and `_.-*`, blanks around `=` go, no quotes, no escapes, `%include file`, and an entry may
//!   follow a section's `]` on the same line.
//!
//! [`IniFile::properties`] gives the crate's reading, with quotes and escapes turned off and what the programs skip
//! blanked out; a property test holds the two together. What cannot be configured: the crate takes `:` for `=`, trims
//! blanks that libpq keeps, joins a line that ends in a backslash with the next one, and wants UTF-8.
//! [`common_reading`] asks the crate with its defaults what a value means to INI readers in general.

use std::borrow::Cow;

use crate::catalog::Majors;
use crate::source::{FileId, Span};
use crate::syntax::conninfo::holes::{Hole, find_markers};
use crate::syntax::template;

/// Whose rules are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// libpq's connection service file.
    Service,
    /// PgBouncer's configuration file.
    PgBouncer,
}

/// A file of sections and keys. Its items cover every byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IniFile {
    /// Whose rules were followed.
    pub dialect: Dialect,
    /// The items in order.
    pub items: Vec<Item>,
}

/// A piece of the file, mostly a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// All of it, with the line feed at its end.
    pub span: Span,
    /// What it is.
    pub kind: ItemKind,
    /// The majors whose libpq finds the line too long, and with it every service of this and the following sections.
    pub too_long: Majors,
}

/// What a piece is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemKind {
    /// Blanks and empty lines.
    Blank,
    /// A comment.
    Comment,
    /// `[name]`.
    Section(Text),
    /// `key = value`. A key with a part that is filled in by a program is dynamic.
    Entry {
        /// The key.
        key: Text,
        /// The value.
        value: Text,
        /// Blanks at the end that libpq of 10 to 12 takes for a part of the value.
        trailing_blanks: bool,
    },
    /// `%include file` (PgBouncer).
    Include(Text),
    /// A line that libpq takes for the URL of an LDAP server that has the settings.
    Ldap(Text),
    /// A line of a template that stands for no or many entries.
    Template,
    /// What the program cannot read.
    Broken(IniError, Span),
}

/// A piece of text and its place.
#[derive(Clone, PartialEq, Eq)]
pub struct Text {
    /// As the program reads it.
    pub bytes: Vec<u8>,
    /// The place; as long as `bytes`.
    pub span: Span,
}

impl Text {
    /// As text; bytes that are no UTF-8 are replaced.
    #[must_use]
    pub fn lossy(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes)
    }
}

/// The content is left out, since any value may be a password.
impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Text({}..{})", self.span.start, self.span.end)
    }
}

/// What the program cannot read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum IniError {
    /// `[` without `]`. libpq takes it for a service that nobody can ask for.
    #[error("`]` is missing after the section's name")]
    UnclosedSection,
    /// A line that is nothing.
    #[error("`=` is missing")]
    MissingEquals,
}

impl IniFile {
    /// Reads a file.
    #[must_use]
    pub fn parse(dialect: Dialect, file: FileId, bytes: &[u8]) -> Self {
        let mut reader = Reader { file, bytes, at: 0, items: Vec::new() };
        while reader.at < bytes.len() {
            match dialect {
                Dialect::Service => reader.service_line(),
                Dialect::PgBouncer => reader.pgbouncer_item(),
            }
        }
        Self { dialect, items: reader.items }
    }

    /// What the crate makes of the sections and entries of this file, whose bytes are `bytes`; `None` where it cannot
    /// read them.
    #[must_use]
    pub fn properties(&self, bytes: &[u8]) -> Option<ini::Ini> {
        let mut text = std::str::from_utf8(bytes).ok()?.to_owned().into_bytes();
        for item in &self.items {
            let keep = match &item.kind {
                ItemKind::Section(name) => name.span.start - 1..name.span.end + 1,
                ItemKind::Entry { key, value, .. } => key.span.start..value.span.end.max(key.span.end),
                _ => item.span.start..item.span.start,
            };
            let (keep, all) = (keep.start as usize..keep.end as usize, item.span.range());
            for range in [all.start..keep.start, keep.end..all.end] {
                text.get_mut(range)?.iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
            }
        }
        let text = String::from_utf8(text).ok()?;
        let options = ini::ParseOption { enabled_quote: false, enabled_escape: false, ..ini::ParseOption::default() };
        ini::Ini::load_from_str_opt(&text, options).ok()
    }
}

/// What INI readers in general make of a value whose program reads it to the letter: without its quotes, with its
/// escapes. `None` if they agree with the program.
#[must_use]
pub fn common_reading(value: &[u8]) -> Option<String> {
    let value = std::str::from_utf8(value).ok()?;
    if !value.contains(['"', '\'', '\\']) || value.contains(['\n', '\r']) {
        return None;
    }
    let read = ini::Ini::load_from_str(&format!("value={value}\n")).ok()?;
    let common = read.general_section().get("value")?;
    (common != value).then(|| common.to_owned())
}

struct Reader<'a> {
    file: FileId,
    bytes: &'a [u8],
    at: usize,
    items: Vec<Item>,
}

impl<'a> Reader<'a> {
    fn rest(&self, from: usize) -> &'a [u8] {
        self.bytes.get(from..).unwrap_or_default()
    }

    fn slice(&self, from: usize, to: usize) -> &'a [u8] {
        self.bytes.get(from..to).unwrap_or_default()
    }

    /// One past the line feed that ends the line of `from`.
    fn line_end(&self, from: usize) -> usize {
        memchr::memchr(b'\n', self.rest(from)).map_or(self.bytes.len(), |at| from + at + 1)
    }

    fn text(&self, from: usize, to: usize) -> Text {
        let to = to.max(from);
        Text { bytes: self.slice(from, to).to_vec(), span: Span::new(self.file, from, to) }
    }

    fn push(&mut self, end: usize, kind: ItemKind) {
        let end = end.clamp(self.at + 1, self.bytes.len().max(self.at + 1));
        let span = Span::new(self.file, self.at, end);
        self.items.push(Item { span, kind, too_long: Majors::NONE });
        self.at = end;
    }

    fn service_line(&mut self) {
        let end = self.line_end(self.at);
        let line = self.slice(self.at, end);
        // `fgets` into a buffer of 256, from 14 on 1024 bytes, which a line must leave a byte of.
        let too_long = match line.len() {
            0..255 => Majors::NONE,
            255..1023 => Majors::until(13),
            _ => Majors::ALL,
        };
        let kind = self.service_kind(line);
        self.push(end, kind);
        if let Some(item) = self.items.last_mut() {
            item.too_long = too_long;
        }
    }

    fn service_kind(&self, line: &[u8]) -> ItemKind {
        // C stops at a zero byte.
        let line = line.get(..memchr::memchr(0, line).unwrap_or(line.len())).unwrap_or_default();
        let Some(first) = line.iter().position(|&byte| !is_space(byte)) else { return ItemKind::Blank };
        let last = line.iter().rposition(|&byte| !is_space(byte)).map_or(first, |last| last + 1);
        let (start, end) = (self.at + first, self.at + last);
        let text = self.slice(start, end);
        if text.starts_with(b"#") && !text.starts_with(b"#{") {
            return ItemKind::Comment;
        }
        if text.starts_with(b"[") {
            return match memchr::memchr(b']', text) {
                Some(close) => ItemKind::Section(self.text(start + 1, start + close)),
                None => ItemKind::Broken(IniError::UnclosedSection, Span::new(self.file, start, end)),
            };
        }
        if text.starts_with(b"ldap") {
            return ItemKind::Ldap(self.text(start, end));
        }
        let holes = find_markers(text);
        match outside(text, &holes, 0, |byte| byte == b'=') {
            Some(_) if holes.first().is_some_and(|hole| hole.control && hole.start == 0) => ItemKind::Template,
            Some(equals) => {
                let tail = line.get(last..).unwrap_or_default();
                ItemKind::Entry {
                    key: self.text(start, start + equals),
                    value: self.text(start + equals + 1, end),
                    trailing_blanks: tail.iter().any(|byte| !matches!(byte, b'\n' | b'\r')),
                }
            }
            None if !holes.is_empty() || template::is_dynamic(text) => ItemKind::Template,
            None => ItemKind::Broken(IniError::MissingEquals, Span::new(self.file, start, end)),
        }
    }

    fn pgbouncer_item(&mut self) {
        let start = self.at;
        let blanks = self.rest(start).iter().take_while(|&&byte| is_space(byte)).count();
        if blanks > 0 {
            self.push(start + blanks, ItemKind::Blank);
            return;
        }
        let end = self.line_end(start);
        let line = self.slice(start, end);
        match line.first() {
            Some(b'#' | b';') if !line.starts_with(b"#{") => self.push(end, ItemKind::Comment),
            Some(b'[') => match memchr::memchr2(b']', b'\n', line).filter(|&at| line.get(at) == Some(&b']')) {
                Some(close) => {
                    let name = self.text(start + 1, start + close);
                    self.push(start + close + 1, ItemKind::Section(name));
                }
                None => self.broken(IniError::UnclosedSection, start, end),
            },
            _ if line.starts_with(b"%include") && matches!(line.get(8), Some(b' ' | b'\t')) => {
                let (from, to) = self.value(start + 8, end);
                let path = self.text(from, to);
                self.push(end, ItemKind::Include(path));
            }
            _ => self.pgbouncer_entry(start, end, line),
        }
    }

    fn pgbouncer_entry(&mut self, start: usize, end: usize, line: &[u8]) {
        let holes = find_markers(line);
        if holes.first().is_some_and(|hole| hole.control && hole.start == 0) {
            self.push(end, ItemKind::Template);
            return;
        }
        let in_key = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-*".contains(&byte);
        let key = outside(line, &holes, 0, |byte| !in_key(byte)).unwrap_or(line.len());
        let blanks = line.iter().skip(key).take_while(|&&byte| matches!(byte, b' ' | b'\t')).count();
        let equals = key + blanks;
        if line.get(equals) == Some(&b'=') {
            let (from, to) = self.value(start + equals + 1, end);
            let kind = ItemKind::Entry {
                key: self.text(start, start + key),
                value: self.text(from, to),
                trailing_blanks: false,
            };
            self.push(end, kind);
        } else if template::is_dynamic(line) {
            self.push(end, ItemKind::Template);
        } else {
            self.broken(IniError::MissingEquals, start, end);
        }
    }

    /// The range of a value that starts at `from` in a line up to `end`, without blanks around it.
    fn value(&self, from: usize, end: usize) -> (usize, usize) {
        let blanks = self.slice(from, end).iter().take_while(|&&byte| matches!(byte, b' ' | b'\t')).count();
        let from = from + blanks;
        let length = self.slice(from, end).iter().rposition(|&byte| !is_space(byte)).map_or(0, |last| last + 1);
        (from, from + length)
    }

    fn broken(&mut self, error: IniError, start: usize, end: usize) {
        let text = self.slice(start, end).trim_ascii_end();
        let span = Span::new(self.file, start, start + text.len());
        self.push(end, ItemKind::Broken(error, span));
    }
}

/// The first byte outside of holes, from `at` on, that `wanted` holds for.
fn outside(text: &[u8], holes: &[Hole], at: usize, wanted: impl Fn(u8) -> bool) -> Option<usize> {
    let mut at = at;
    let mut holes = holes.iter().peekable();
    while let Some(&byte) = text.get(at) {
        if let Some(hole) = holes.next_if(|hole| hole.start <= at) {
            at = at.max(hole.end);
        } else if wanted(byte) {
            return Some(at);
        } else {
            at += 1;
        }
    }
    None
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

#[cfg(test)]
mod tests;
