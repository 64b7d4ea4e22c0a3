//! Settings that are gone: what takes their place, and the value that it takes.

use crate::catalog::settings::{self, Removed};
use crate::catalog::{Majors, successor};
use crate::discover::Kind;
use crate::finding::{Finding, Label, Safety, Subject};
use crate::model::value;
use crate::model::{Definition, Node};
use crate::rule::{Context, Sink, id};
use crate::source::Span;

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
    // Where a major is meant as well that has it, the line does something there.
    let safety = if gone.covers(node.targets.majors) { Safety::Safe } else { Safety::Unsafe };
    let Some(successor) = entry.successor else {
        return out.push(comment_out(cx, definition, entry, finding.help(entry.advice), safety));
    };
    if let Some(set) = node.settings.winner(successor) {
        let finding =
            finding.related(set.span, "is set here").help(format!("remove the line; `{successor}` is set already"));
        return out.push(comment_out(cx, definition, entry, finding, safety));
    }
    let raw = String::from_utf8_lossy(cx.sources.bytes(definition.value.span));
    let text = String::from_utf8_lossy(&definition.text);
    let value = successor::converted(entry.name, &raw, &text, segment(node));
    out.push(match value.filter(|_| !definition.value.dynamic) {
        Some(value) => {
            let shown = if value == raw { cx.show(definition.value.span) } else { value.clone() };
            let mut edits = vec![(definition.written, successor.to_owned())];
            if value != raw {
                edits.push((definition.value.span, value));
            }
            finding.help(format!("write `{successor} = {shown}`; {}", entry.advice)).fix(
                format!("write `{successor} = {shown}` instead of `{name}`"),
                safety,
                edits,
            )
        }
        None => finding.help(format!("write `{successor}`: {}", entry.advice)),
    });
}

/// The size of a WAL segment in megabytes, as far as the files tell. The server refuses the line, which some write to note
/// what initdb was told.
fn segment(node: &Node) -> u64 {
    let known = node.settings.winner("wal_segment_size").and_then(|definition| {
        let text = std::str::from_utf8(&definition.text).ok()?;
        let bytes = value::quantity(settings::setting("wal_segment_size")?.on(18)?, text, 18)?;
        let megabytes = bytes / 1_048_576.0;
        (megabytes >= 1.0 && megabytes.fract() == 0.0).then_some(megabytes as u64)
    });
    known.unwrap_or(successor::SEGMENT)
}

/// Turns the line into a comment, as the stock file has settings that are not set.
fn comment_out(
    cx: &Context<'_>,
    definition: &Definition,
    entry: &Removed,
    finding: Finding,
    safety: Safety,
) -> Finding {
    let (span, file) = (definition.written, cx.sources.file(definition.written.file));
    // A command line has no comments, and several lines may have become one.
    if !matches!(file.kind(), Kind::PostgresqlConf | Kind::AutoConf) || file.is_fragment() {
        return finding;
    }
    // Where it was on, names with an `@` log in as other roles afterwards.
    let changes = entry.name == "db_user_namespace" && value::parse_bool(&definition.text) != Some(false);
    let safety = if changes { Safety::Unsafe } else { safety };
    let before = Span { end: span.start, ..span };
    finding.fix(format!("turn `{}` into a comment", entry.name), safety, vec![(before, "#".to_owned())])
}
