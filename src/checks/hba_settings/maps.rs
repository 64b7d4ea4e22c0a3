//! Maps that pg_hba.conf names and pg_ident.conf does not have.

use std::collections::HashMap;

use crate::catalog::{Majors, nearest};
use crate::checks::access::by_version;
use crate::checks::edit::rename;
use crate::checks::hba_rows::subject;
use crate::finding::{Finding, Label, Safety};
use crate::model::Node;
use crate::model::access::Hba;
use crate::model::settings::Effective;
use crate::model::value::Value;
use crate::rule::{Context, Sink, id};

pub(super) fn check(cx: &Context<'_>, node: &Node, hba: &Hba, out: &mut Sink<'_>) {
    // A pg_ident.conf elsewhere, as `ident_file` may name one, is not known.
    let Some(ident) = node.ident.as_ref().filter(|ident| ident.complete) else { return };
    if !matches!(
        node.settings.effective("ident_file", node.targets.majors.last().unwrap_or_default()),
        Effective::Known(Value::String(_), None) | Effective::Unknown | Effective::Absent
    ) {
        return;
    }
    // Where the file is refused no map is known; that is said there.
    let refused = ident.refusals.iter().fold(Majors::NONE, |majors, refusal| majors | refusal.majors);
    let faults = ident.includes.iter().fold(refused, |majors, fault| majors | fault.majors);
    let mut known = HashMap::<&str, Majors>::new();
    for row in &ident.rows {
        let majors = known.entry(&row.map).or_default();
        *majors = *majors | row.majors;
    }
    for row in &hba.rows {
        let Some(map) = row.option("map").filter(|map| !map.value.is_empty()) else { continue };
        let missing = (row.majors - faults) - known.get(map.value.as_str()).copied().unwrap_or_default();
        if missing.is_empty() {
            continue;
        }
        let shown = cx.show(map.value_span);
        let message = format!("every login through the line fails, as pg_ident.conf has no map `{shown}`");
        let label = Label::new(map.value_span, "no such map");
        let finding = Finding::new(id::IDENT_MAP_MISSING, subject(cx, row), missing, label, message);
        let near = nearest(&map.value, known.keys().copied());
        let help = near.map_or_else(
            || format!("add lines for `{shown}` to pg_ident.conf"),
            |near| format!("write `{near}`, or add lines for `{shown}` to pg_ident.conf"),
        );
        let finding = by_version(node, finding).help(help);
        out.push(match near {
            Some(near) => rename(cx, finding, (map.value_span, &map.value), near, Safety::Unsafe),
            None => finding,
        });
    }
}
