//! Migrations that their tool is told to run outside of a transaction.
//!
//! Ecto: <https://hexdocs.pm/ecto_sql/Ecto.Migration.html>, which says to turn the lock of migrations off as well. Rails:
//! <https://api.rubyonrails.org/classes/ActiveRecord/Migration.html>, "Transactional Migrations". goose:
//! <https://pressly.github.io/goose/>. dbmate: <https://github.com/amacneil/dbmate>, "Migration Options". Liquibase:
//! <https://docs.liquibase.com/concepts/changelogs/attributes/run-in-transaction.html>. Other tools are left to people.

use crate::checks::edit;
use crate::finding::{Finding, Safety};
use crate::rule::Context;
use crate::source::Span;

/// The finding with a fix that turns the transaction off; `place` says what runs the migration in it.
pub(crate) fn outside(cx: &Context<'_>, finding: Finding, place: Span) -> Finding {
    let words = cx.sources.bytes(place);
    let has = |word: &[u8]| memchr::memmem::find(words, word).is_some();
    let fix = if words.starts_with(b"use Ecto.Migration") {
        below(cx, place, "", &["@disable_ddl_transaction true", "@disable_migration_lock true"])
    } else if words.starts_with(b"<") && has(b"ActiveRecord::Migration") {
        below(cx, place, "  ", &["disable_ddl_transaction!"])
    } else if words.starts_with(b"--") && has(b"+goose") {
        // One line speaks of the whole file.
        let line = edit::lines(cx, place);
        let first = cx.sources.file(place.file).bytes().get(..line.range().start).is_some_and(|top| {
            top.split(|&byte| byte == b'\n').all(|line| line.trim_ascii().is_empty() || line.starts_with(b"--"))
        });
        first.then(|| ("-- +goose NO TRANSACTION", edit::put(line.file, line.start, "-- +goose NO TRANSACTION\n")))
    } else if words.starts_with(b"--") && has(b"migrate:") {
        Some(("transaction:false", edit::put(place.file, place.end, " transaction:false")))
    } else if words.starts_with(b"--") && words.to_ascii_lowercase().windows(9).any(|word| word == b"changeset") {
        Some(("runInTransaction:false", edit::put(place.file, place.end, " runInTransaction:false")))
    } else {
        None
    };
    match fix {
        Some((word, edit)) => finding.fix(format!("write `{word}`"), Safety::Unsafe, vec![edit]),
        None => finding,
    }
}

/// Lines below the one of a place, as deep as it or deeper.
fn below<'l>(cx: &Context<'_>, place: Span, deeper: &str, lines: &[&'l str]) -> Option<(&'l str, (Span, String))> {
    let line = edit::lines(cx, place);
    let bytes = cx.sources.bytes(line);
    // What stands behind it on the line may be the migration itself.
    let rest = bytes.get(place.range().end - line.range().start..).unwrap_or_default().trim_ascii();
    if !bytes.ends_with(b"\n") || !(rest.is_empty() || rest.starts_with(b"#")) {
        return None;
    }
    let blanks = bytes.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let indent = std::str::from_utf8(bytes.get(..blanks)?).ok()?;
    let text = lines.iter().map(|line| format!("{indent}{deeper}{line}\n")).collect::<String>();
    Some((lines.first()?, edit::put(line.file, line.end, text)))
}
