//! What checks ask of one server of a cluster, and the places that they show.
//!
//! Knows no rule. What is computed or may be set elsewhere has no answer.

use crate::catalog::{self, Majors};
use crate::finding::Label;
use crate::model::Cluster;
use crate::model::topology::{Link, Member, Said};
use crate::model::value::Value;
use crate::source::Span;

/// The value of a whole number, in the base unit, with where it is set.
pub(super) fn int(cluster: &Cluster, member: &Member, name: &str, major: u8) -> Option<(i64, Said)> {
    let said = member.setting(cluster, name, major)?;
    match said.value {
        Value::Int(number) => Some((number, said)),
        _ => None,
    }
}

/// The value of a text.
pub(super) fn text(cluster: &Cluster, member: &Member, name: &str, major: u8) -> Option<(String, Option<Span>)> {
    match member.setting(cluster, name, major)? {
        Said { value: Value::String(text), span } => Some((text, span)),
        _ => None,
    }
}

/// Whether a boolean or an enum with `off` among its words is known to be on.
pub(super) fn is_on(cluster: &Cluster, member: &Member, name: &str, major: u8) -> Option<(bool, Option<Span>)> {
    match member.setting(cluster, name, major)? {
        Said { value: Value::Bool(on), span } => Some((on, span)),
        Said { value: Value::Enum(word), span } => Some((word != "off", span)),
        _ => None,
    }
}

/// The place of a setting: its line, else the file that it would stand in. The second text is for a default.
pub(super) fn place(
    cluster: &Cluster,
    member: &Member,
    span: Option<Span>,
    set: impl Into<String>,
    unset: impl Into<String>,
) -> Option<Label> {
    match span {
        Some(span) => Some(Label::new(span, set)),
        None => Some(Label::absent(member.root(cluster)?, unset)),
    }
}

/// A value as SHOW prints it.
pub(super) fn shown(name: &str, said: &Said, major: u8) -> String {
    let def = catalog::setting(name).and_then(|setting| Some((setting, setting.on(major)?)));
    let shown = def.map_or_else(|| said.value.raw(), |(setting, def)| said.value.show(setting, def, major));
    if shown.is_empty() { "empty".to_owned() } else { shown }
}

/// The majors that count: where nothing says which is meant, a fault that the newest does not share is none.
pub(super) fn counted(judged: Majors, at_fault: Majors) -> Majors {
    let unsaid = judged.is_untold() || judged.settled() == Majors::HELD & Majors::since(12);
    let newest = judged.last().is_none_or(|newest| at_fault.contains(newest));
    if unsaid && !newest { Majors::NONE } else { at_fault }
}

/// For each server, the one that its WAL comes from in the end: itself where it follows none; none where that is not
/// known.
pub(super) fn origins(cluster: &Cluster) -> Vec<Option<usize>> {
    let topology = &cluster.topology;
    // None: no standby; otherwise the server that it follows, where that is known.
    let mut above: Vec<Option<Option<usize>>> = vec![None; topology.members.len()];
    for edge in topology.edges.iter().filter(|edge| edge.active && matches!(edge.link, Link::Physical { .. })) {
        if let Some(slot) = above.get_mut(edge.downstream) {
            *slot = Some(edge.upstream.filter(|_| slot.is_none()));
        }
    }
    let mut found: Vec<Option<Option<usize>>> = above.iter().map(|_| None).collect();
    for start in 0..above.len() {
        let mut path = Vec::new();
        let mut at = start;
        let origin = loop {
            if let Some(Some(known)) = found.get(at) {
                break *known;
            }
            if path.len() > above.len() {
                // They follow each other.
                break None;
            }
            path.push(at);
            match above.get(at).copied().flatten() {
                None => break Some(at),
                Some(None) => break None,
                Some(Some(next)) => at = next,
            }
        };
        for member in path {
            if let Some(slot) = found.get_mut(member) {
                *slot = Some(origin);
            }
        }
    }
    found.into_iter().map(Option::flatten).collect()
}
