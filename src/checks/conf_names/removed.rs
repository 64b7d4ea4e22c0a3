//! Settings that are gone: what takes their place, and the value that it takes.
//!
//! Only exact conversions become an edit; the others are told in words.

use crate::catalog::Majors;
use crate::catalog::settings::Removed;
use crate::finding::{Finding, Label, Safety, Subject};
use crate::model::{Definition, Node};
use crate::rule::{Context, Sink, id};

pub(super) fn push(
    cx: &Context<'_>,
    node: &Node,
    definition: &Definition,
    entry: &Removed,
    gone: Majors,
    out: &mut Sink<'_>,
) {
    let name = cx.show(definition.written);
    let message = match entry.successor {
        Some(successor) => format!("`{name}` was removed in {}; `{successor}` takes its place", entry.since),
        None => format!("`{name}` was removed in {}", entry.since),
    };
    let label = Label::new(definition.written, "no such setting any more");
    let finding =
        Finding::new(id::CONF_REMOVED_SETTING, Subject::Setting(definition.name.clone()), gone, label, message);
    let Some(successor) = entry.successor else { return out.push(finding.help(entry.advice)) };
    if node.settings.winner(successor).is_some() {
        return out.push(finding.help(format!("remove the line; `{successor}` is set already")));
    }
    let raw = String::from_utf8_lossy(cx.sources.bytes(definition.value.span));
    let value = if entry.name == "wal_keep_segments" {
        segments(&definition.text)
    } else {
        entry.advice.ends_with("the same").then(|| raw.into_owned())
    };
    out.push(match value.filter(|_| !definition.value.dynamic) {
        Some(value) => {
            let shown = if entry.name == "wal_keep_segments" { value.clone() } else { cx.show(definition.value.span) };
            let edits = vec![(definition.written, successor.to_owned()), (definition.value.span, value)];
            finding.help(format!("write `{successor} = {shown}`; {}", entry.advice)).fix(
                format!("write `{successor}` instead"),
                Safety::Safe,
                edits,
            )
        }
        None => finding.help(format!("write `{successor}`: {}", entry.advice)),
    });
}

/// Megabytes in one WAL segment of the usual size.
const SEGMENT: u64 = 16;

/// The size of a count of WAL segments, in the largest unit that shows it exactly.
fn segments(count: &[u8]) -> Option<String> {
    let count: u64 = std::str::from_utf8(count).ok()?.trim().parse().ok()?;
    let size = count.checked_mul(SEGMENT)?;
    Some(match size {
        0 => "0".to_owned(),
        size if size % 1024 == 0 => format!("{}GB", size / 1024),
        size => format!("{size}MB"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_segments() {
        for (count, expected) in
            [("32", Some("512MB")), ("64", Some("1GB")), ("0", Some("0")), ("x", None), ("-1", None)]
        {
            assert_eq!(segments(count.as_bytes()).as_deref(), expected, "{count}");
        }
    }
}
