//! The rows of pg_ident.conf: who may be which database user, and lines that do not do what they seem to.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::catalog::Majors;
use crate::finding::{Finding, Label, Severity, Subject};
use crate::model::Node;
use crate::model::access::Ident;
use crate::model::ident::{DATABASE_USER_MAJORS, DatabaseUserKind, IdentRow, SystemUser};
use crate::rule::{Context, RuleId, Sink, id};
use crate::source::Span;
use crate::syntax::pg_ident;

use super::access::{by_version, has_branches, superusers};
use super::hba_rows::{Anchors, anchors};

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in &cx.cluster.nodes {
        let Some(ident) = &node.ident else { continue };
        let superusers = superusers(cx, node);
        for row in &ident.rows {
            let row = Row { cx, node, row };
            forms(&row, out);
            people(&row, &superusers, out);
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

fn forms(row: &Row<'_>, out: &mut Sink<'_>) {
    let &Row { cx, row: entry, .. } = row;
    let database = cx.show(entry.database_user_span);
    if let Some(ignored) = entry.ignored {
        let message = format!("`{}` has no effect, as a line has three fields", cx.show(ignored));
        let finding = row.finding(id::IDENT_EXTRA_FIELDS, entry.majors, ignored, "not read", message);
        out.push(finding.help("write a line for each database user; start comments with `#`"));
    }
    let refers = pg_ident::back_reference(entry.database_user.text.as_bytes()).is_some();
    let without_group = match &entry.system_user {
        SystemUser::Regex { groups, .. } => (*groups == 0).then_some("the expression has no parentheses"),
        SystemUser::Name(_) => Some("the system user is not an expression, which starts with `/`"),
    };
    if let Some(reason) = without_group.filter(|_| refers) {
        let message = format!("`{database}` refers to nothing, as {reason}, so that no login succeeds with this line");
        let finding =
            row.finding(id::IDENT_BACKREFERENCE, entry.majors, entry.database_user_span, "refers to nothing", message);
        out.push(finding.help("put the part that is meant in parentheses, as in `/^(.*)@example\\.com$`"));
    }
    let form = match entry.database_user.kind {
        DatabaseUserKind::Name => return,
        DatabaseUserKind::All => "`all`",
        DatabaseUserKind::Member(_) => "`+role`",
        DatabaseUserKind::Regex(_) => "an expression",
    };
    let message = format!("`{database}` is the plain name of a user before 16, not {form}");
    let before = entry.majors - DATABASE_USER_MAJORS;
    let finding = row.finding(id::IDENT_VERSION, before, entry.database_user_span, "a plain name before 16", message);
    out.push(finding.help("write a line for each database user"));
}

/// Whether an expression takes every name.
fn takes_all(pattern: &str) -> bool {
    let inner = pattern.strip_prefix('^').unwrap_or(pattern);
    let inner = inner.strip_suffix('$').unwrap_or(inner);
    matches!(inner, "" | ".*" | ".+" | "(.*)" | "(.+)" | ".")
}

fn people(row: &Row<'_>, superusers: &BTreeMap<String, Option<Span>>, out: &mut Sink<'_>) {
    let &Row { cx, row: entry, .. } = row;
    let (system, database) = (cx.show(entry.system_user_span), cx.show(entry.database_user_span));
    let any_system = matches!(&entry.system_user, SystemUser::Regex { pattern, .. } if takes_all(pattern));
    let any_database = match &entry.database_user.kind {
        DatabaseUserKind::All => true,
        DatabaseUserKind::Regex(pattern) => takes_all(pattern) && !entry.database_user.refers_back,
        _ => false,
    };
    // The name itself, handed on by `\1`, is no more than there would be without a map.
    let hands_on = entry.database_user.refers_back;
    if any_database || any_system && !hands_on {
        let (majors, severity, message) = match (any_system, any_database) {
            (true, true) => (
                entry.majors & DATABASE_USER_MAJORS,
                Severity::Error,
                "any system user may log in as any database user".to_owned(),
            ),
            (false, _) => {
                let message = format!("`{system}` may log in as any database user, superusers too");
                (entry.majors & DATABASE_USER_MAJORS, Severity::Warning, message)
            }
            (true, false) => {
                let is_superuser = superusers.contains_key(&entry.database_user.text);
                let severity = if is_superuser { Severity::Error } else { Severity::Warning };
                (entry.majors, severity, format!("any system user may log in as `{database}`"))
            }
        };
        let span = if any_system { entry.system_user_span } else { entry.database_user_span };
        let finding = row.finding(id::IDENT_CATCH_ALL, majors, span, "takes every name", message);
        out.push(
            finding.severity(severity).help("write a line for each system user and the database user that it needs"),
        );
        return;
    }
    if let SystemUser::Regex { pattern, .. } = &entry.system_user {
        unanchored(row, pattern, &system, out);
    }
    // The account of that name, and root, can be the superuser anyway.
    let own =
        matches!(&entry.system_user, SystemUser::Name(name) if *name == entry.database_user.text || name == "root");
    let Some(made) = superusers
        .get(&entry.database_user.text)
        .filter(|_| !own && entry.database_user.kind == DatabaseUserKind::Name)
    else {
        return;
    };
    let message = format!("`{system}` may log in as the superuser `{database}`");
    let finding = row.finding(id::IDENT_SUPERUSER, entry.majors, entry.database_user_span, "a superuser", message);
    let finding = made.iter().fold(finding, |finding, &span| finding.related(span, "made a superuser here"));
    out.push(
        finding.help("map to a role with the rights that are needed, or let the user become the server's account"),
    );
}

fn unanchored(row: &Row<'_>, pattern: &str, shown: &str, out: &mut Sink<'_>) {
    let message = match anchors(pattern) {
        Anchors::Both => return,
        Anchors::Start => format!("`{shown}` takes every system user that starts so, as no `$` ends it"),
        Anchors::End => format!("`{shown}` takes every system user that ends so, as no `^` starts it"),
        Anchors::None => format!("`{shown}` takes every system user that holds it anywhere"),
    };
    let finding = row.finding(
        id::IDENT_UNANCHORED_REGEX,
        row.row.majors,
        row.row.system_user_span,
        "matches parts of names",
        message,
    );
    out.push(finding.help("write `^` at the start and `$` at the end"));
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
        out.push(finding.help("remove it").related(first, "says it first"));
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

#[cfg(test)]
mod tests {
    use super::takes_all;

    #[test]
    fn tells_expressions_that_take_everything() {
        for pattern in ["^.*$", ".*", "(.*)", "^(.+)$", ""] {
            assert!(takes_all(pattern), "{pattern}");
        }
        for pattern in ["^a.*$", "^(.*)@example.com$", "x"] {
            assert!(!takes_all(pattern), "{pattern}");
        }
    }
}
