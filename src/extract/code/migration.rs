//! Migrations that a tool runs in a transaction, and where they say that it shall not.
//!
//! What a project says elsewhere, such as in the configuration of TypeORM or Alembic, is not known: each tool is taken
//! as it is by default. The table of each language names the page that says so.

use std::ops::Range;

use tree_sitter::Node;

use super::language::Code;
use super::walk::Part;

/// What a node says of the transactions that a migration runs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mark {
    /// The tool runs what the file does in a transaction: for the reason that stands here, in calls whose last name is
    /// one of these or in all that the file holds.
    Runs(Range<usize>, &'static [&'static str]),
    /// The file turns that off.
    Off,
    /// It is off in a part of the file.
    OffIn(Range<usize>),
}

/// What runs a string's SQL in a transaction, if something does.
pub(super) fn around(code: &Code<'_>, part: &Part<'_>) -> Option<Range<usize>> {
    if code.marks.contains(&Mark::Off) || code.ends_transactions() {
        return None;
    }
    let start = part.text.start()?;
    let path = part.function.map_or(&b""[..], |function| function.path);
    let named = |names: &[&str]| names.is_empty() || names.iter().any(|name| path.ends_with(name.as_bytes()));
    let off = |mark: &Mark| matches!(mark, Mark::OffIn(range) if range.contains(&start));
    if code.marks.iter().any(off) || part.function.is_some_and(|function| function.plain) {
        return None;
    }
    code.marks.iter().find_map(|mark| match mark {
        Mark::Runs(at, names) if named(names) => Some(at.clone()),
        _ => None,
    })
}

/// `suppressTransaction: true` of Entity Framework.
pub(super) fn suppresses(code: &Code<'_>, argument: Node<'_>) -> bool {
    let text = code.of(argument);
    text.strip_prefix(b"suppressTransaction:").is_some_and(|value| value.trim_ascii() == b"true")
}

/// The first line of a node.
pub(super) fn line(code: &Code<'_>, node: Node<'_>) -> Range<usize> {
    let text = code.of(node);
    let end = memchr::memchr2(b'\n', b'{', text).unwrap_or(text.len());
    node.start_byte()..node.start_byte() + text[..end].trim_ascii_end().len()
}
