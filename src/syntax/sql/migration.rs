//! Comments by which a migration tool's file says where its migrations start and whether they run in a transaction.
//!
//! Only tools whose files say by themselves whose they are: goose (<https://pressly.github.io/goose/>), dbmate
//! (<https://github.com/amacneil/dbmate#migration-options>) and Liquibase's formatted SQL
//! (<https://docs.liquibase.com/concepts/changelogs/attributes/run-in-transaction.html>). All three run a migration in a
//! transaction unless it says otherwise. golang-migrate goes by the names of files, and sends each whole, so that several
//! statements are in one transaction (<https://github.com/golang-migrate/migrate/tree/master/database/postgres>,
//! "Multi-statement mode"). Others go by the names of folders, which tell too little.

use memchr::memmem;

use crate::source::{FileId, Span};

/// From a byte on, what runs the statements in a transaction, if something does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Section {
    pub(super) start: usize,
    pub(super) within: Option<Span>,
}

/// The sections of a file, in order; none if it is of no such tool.
pub(super) fn sections(file: FileId, text: &[u8]) -> Vec<Section> {
    let mut sections = Vec::new();
    let has = |word: &[u8]| memmem::find(text, word).is_some();
    let goose = has(b"-- +goose Up");
    let plain = goose && has(b"-- +goose NO TRANSACTION");
    let liquibase = text.trim_ascii_start().get(..60).unwrap_or(text).to_ascii_lowercase();
    let liquibase = words(liquibase.split(|&byte| byte == b'\n').next().unwrap_or_default())
        == [&b"liquibase"[..], b"formatted", b"sql"];
    if !goose && !liquibase && !has(b"migrate:") {
        return sections;
    }
    let mut start = 0;
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        let words = words(line);
        let off = |option: &[u8]| words.iter().any(|word| word.eq_ignore_ascii_case(option));
        let opens = match words.as_slice() {
            [b"+goose", b"Up" | b"Down", ..] if goose => Some(!plain),
            [b"migrate:up" | b"migrate:down", ..] => Some(!off(b"transaction:false")),
            [first, ..] if liquibase && first.eq_ignore_ascii_case(b"changeset") => {
                Some(!off(b"runintransaction:false"))
            }
            _ => None,
        };
        let at = Span::new(file, start, start + line.trim_ascii_end().len());
        sections.extend(opens.map(|opens| Section { start, within: opens.then_some(at) }));
        start += line.len();
    }
    sections
}

/// Where a file of golang-migrate starts that has several statements: its name is a version, a title, `up` or `down`.
pub(crate) fn in_one_message(file: FileId, name: &str, text: &[u8]) -> Option<Span> {
    let stem = name.strip_suffix(".up.sql").or_else(|| name.strip_suffix(".down.sql"))?;
    let (version, title) = stem.split_once('_')?;
    let is_one = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit()) && !title.is_empty();
    (is_one && super::is_several(text)).then(|| Span::new(file, 0, 0))
}

/// The words of a line that is a comment.
fn words(line: &[u8]) -> Vec<&[u8]> {
    let comment = line.strip_prefix(b"--").unwrap_or_default();
    comment.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_sent_whole() {
        for (name, text, whole) in [
            ("0001_init.up.sql", "select 1; select 2;", true),
            ("20240101120000_add_x.down.sql", "select 1; select 2", true),
            ("0001_init.up.sql", "-- one\nselect 1;", false),
            ("init.up.sql", "select 1; select 2;", false),
            ("0001_init.sql", "select 1; select 2;", false),
        ] {
            assert_eq!(in_one_message(FileId(0), name, text.as_bytes()).is_some(), whole, "{name}");
        }
    }

    fn opens(text: &str) -> Vec<bool> {
        sections(FileId(0), text.as_bytes()).iter().map(|section| section.within.is_some()).collect()
    }

    #[test]
    fn tools_say_where_their_transactions_are() {
        for (text, expected) in [
            ("-- +goose Up\nSELECT 1;\n-- +goose Down\n", &[true, true][..]),
            ("-- +goose NO TRANSACTION\n-- +goose Up\n", &[false]),
            ("-- migrate:up\n-- migrate:down transaction:false\n", &[true, false]),
            ("--liquibase formatted sql\n--changeset a:1\n-- changeset a:2 runInTransaction:false\n", &[true, false]),
            ("--changeset a:1\n", &[]),
            ("-- we migrate:up to 5\n", &[]),
            ("-- liquibase formatted sql is what we do not use\n--changeset a:1\n", &[]),
            ("SELECT 1;\n", &[]),
        ] {
            assert_eq!(opens(text), expected, "{text}");
        }
    }
}
