//! The rows of pg_ident.conf: who may be which database user, and lines that do not do what they seem to.

use std::collections::{HashMap, HashSet};

use crate::catalog::Majors;
use crate::checks::edit;
use crate::finding::{Finding, Label, Safety, Subject};
use crate::model::Node;
use crate::model::access::Ident;
use crate::model::ident::{DatabaseUserKind, IdentRow, SystemUser};
use crate::rule::{Context, RuleId, Sink, id};
use crate::source::Span;

use super::access::{Superusers, by_version, has_branches};

mod forms;
mod people;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let known = Superusers::read(cx);
    for node in &cx.cluster.nodes {
        let Some(ident) = &node.ident else { continue };
        let superusers = known.of(node);
        for row in &ident.rows {
            let row = Row { cx, node, row };
            forms::check(&row, out);
            people::check(&row, &superusers, out);
        }
        if !has_branches(cx, &ident.files) {
            duplicates(cx, node, ident, out);
        }
        unused(cx, node, ident, out);
    }
}

struct Row<'r> {
    cx: &'r Context<'r>,
    node: &'r Node,
    row: &'r IdentRow,
}

impl Row<'_> {
    fn finding(&self, rule: RuleId, majors: Majors, span: Span, label: &str, message: String) -> Finding {
        let words = [self.row.map_span, self.row.system_user_span, self.row.database_user_span];
        let subject = Subject::IdentRow(words.map(|span| self.cx.show(span)).join(" "));
        by_version(self.node, Finding::new(rule, subject, majors, Label::new(span, label), message))
    }
}

fn duplicates(cx: &Context<'_>, node: &Node, ident: &Ident, out: &mut Sink<'_>) {
    let mut seen = HashMap::new();
    for entry in &ident.rows {
        let system = match &entry.system_user {
            SystemUser::Name(name) => (false, name.as_str()),
            SystemUser::Regex { pattern, .. } => (true, pattern.as_str()),
        };
        let keyword = entry.database_user.kind != DatabaseUserKind::Name;
        let key = (entry.map.as_str(), system, keyword, entry.database_user.text.as_str());
        let Some(&(first, majors)) = seen.get(&key) else {
            seen.insert(key, (entry.span, entry.majors));
            continue;
        };
        let row = Row { cx, node, row: entry };
        let message = "the line says the same as one above".to_owned();
        let finding = row.finding(id::IDENT_DUPLICATE, entry.majors & majors, entry.span, "said before", message);
        let finding = finding.help("remove it").related(first, "says it first");
        let line = edit::lines(cx, entry.span);
        let always = majors.covers(entry.majors);
        let edit = vec![(line, String::new())];
        out.push(if always { finding.fix("remove the line", Safety::Safe, edit) } else { finding });
    }
}

fn unused(cx: &Context<'_>, node: &Node, ident: &Ident, out: &mut Sink<'_>) {
    let Some(hba) = node.hba.as_ref().filter(|hba| hba.complete && hba.refusals.is_empty()) else { return };
    let used =
        hba.rows.iter().filter_map(|row| row.option("map")).map(|map| map.value.as_str()).collect::<HashSet<_>>();
    let mut said = HashSet::new();
    for entry in &ident.rows {
        if !used.contains(entry.map.as_str()) && said.insert(entry.map.as_str()) {
            let map = cx.show(entry.map_span);
            let message = format!("no line of pg_hba.conf uses the map `{map}`");
            let row = Row { cx, node, row: entry };
            let finding = row.finding(id::IDENT_MAP_UNUSED, entry.majors, entry.map_span, "not used", message);
            out.push(finding.help(format!("remove its lines, or add `map={map}` to the line that needs it")));
        }
    }
}
