//! The fix that makes settings and a signal file of recovery.conf, for 12 and later.

use crate::checks::recovery::{TARGETS, old};
use crate::finding::{Finding, Safety};
use crate::model::{Definition, Node};
use crate::rule::Context;
use crate::source::{FileId, Span};

/// So many lines of comments above a setting go with it.
const MOST_COMMENTS: usize = 5;

/// The finding with the fix, where all is known that it takes: every line of the file, whether it is a standby's, and the
/// node's postgresql.conf, at whose end the settings come to stand.
pub(super) fn fix(found: Finding, node: &Node, file: FileId, standby: Option<bool>, cx: &Context<'_>) -> Finding {
    let (Some(standby), Some(root)) = (standby, node.settings.root) else { return found };
    let known = node.recovery.complete && node.recovery.errors.is_empty() && old(node).is_empty();
    let source = cx.sources.file(file);
    if !known || source.is_fragment() || cx.sources.file(root).is_fragment() {
        return found;
    }
    // A template by another name is not what keeps the server from starting.
    let named = source.path().file_name() == Some("recovery.conf");
    let Some(lines) = lines(node, file, cx).filter(|_| named) else { return found };
    let conf = cx.sources.file(root).bytes();
    let mut text = String::new();
    if !lines.is_empty() {
        text.push_str(if conf.is_empty() || conf.ends_with(b"\n") { "" } else { "\n" });
        text.push_str("\n# From recovery.conf:\n");
        text.extend(lines.iter().flat_map(|line| [line.as_str(), "\n"]));
    }
    let (signal, there) = if standby {
        ("standby.signal", node.recovery.standby_signal)
    } else {
        ("recovery.signal", node.recovery.recovery_signal)
    };
    let edits = if text.is_empty() { Vec::new() } else { vec![(Span::new(root, conf.len(), conf.len()), text)] };
    let into = cx.sources.file(root).path();
    let title = format!("move its settings to {into}, make {signal} and remove the file");
    let found = found.fix(title, Safety::Unsafe, edits).removing(file);
    if there.is_some() { found } else { found.creating(file, signal, "") }
}

/// What goes to postgresql.conf, by lines.
fn lines(node: &Node, file: FileId, cx: &Context<'_>) -> Option<Vec<String>> {
    let text = std::str::from_utf8(cx.sources.file(file).bytes()).ok()?;
    let all = text.lines().collect::<Vec<_>>();
    let winners = node.recovery.definitions.iter().filter(|definition| definition.overridden_by.is_none());
    let is_target = |definition: &&Definition| TARGETS.contains(&definition.name.as_str());
    // Of several targets 10 and 11 take the last; 12 and later do not start with two.
    let target = winners.clone().rfind(is_target).map(|definition| definition.span);
    let mut out = Vec::new();
    let mut done = 0;
    for definition in winners {
        let number = cx.sources.file(file).lines().line(definition.span.start);
        let line = all.get(number)?.trim();
        let above = all[done..number].iter().rev().take_while(|line| line.trim_start().starts_with('#'));
        let comments = above.take(MOST_COMMENTS).map(|line| line.trim().to_owned()).collect::<Vec<_>>();
        done = number + 1;
        out.extend(comments.into_iter().rev());
        match definition.name.as_str() {
            "standby_mode" => {}
            "trigger_file" => out.push(trigger(node, line)),
            _ if is_target(&definition) && target != Some(definition.span) => {}
            _ => out.push(line.to_owned()),
        }
    }
    Some(out)
}

/// `promote_trigger_file` of 12 to 15. Where a later major is meant as well it stays as a comment, since those do not
/// start with it.
fn trigger(node: &Node, line: &str) -> String {
    let has = node.targets.majors.last().is_some_and(|major| major <= 15);
    if has { format!("promote_{line}") } else { format!("#promote_{line}  # up to 15; promote with pg_promote()") }
}
