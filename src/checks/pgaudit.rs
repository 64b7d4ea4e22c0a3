//! What pgaudit logs, in files and in SQL.

use std::collections::BTreeSet;

use crate::checks::ask::{majors, push, quoted, text};
use crate::checks::preload::{SHARED, loads};
use crate::finding::{Confidence, Finding, Label, Subject};
use crate::model::Node;
use crate::model::sql::{SettingChange, What};
use crate::rule::{Context, Sink, id};

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let wanted = classes(&out.list(id::PGAUDIT_LOG, "classes").join(","));
    // ALTER SYSTEM, which the files of the node need not show.
    let by_sql = changes(cx).any(|(_, system, change)| system && change.name.as_deref() == Some("pgaudit.log"));
    for node in &cx.cluster.nodes {
        if !by_sql {
            of_node(node, &wanted, out);
        }
    }
    for (majors, system, change) in changes(cx).filter(|(.., change)| change.name.as_deref() == Some("pgaudit.log")) {
        if change.values.is_empty() || change.values.iter().any(|value| value.dynamic) {
            continue;
        }
        let set = change.values.iter().map(|value| value.text.as_str()).collect::<Vec<_>>().join(",");
        let Some(lacking) = lacking(&classes(&set), &wanted) else { continue };
        let message = format!("`pgaudit.log` is set to `{set}`, without {lacking}");
        let label =
            Label::new(change.span, if system { "for the whole server" } else { "in place of the server's value" });
        let subject = Subject::Setting("pgaudit.log".to_owned());
        let finding = Finding::new(id::PGAUDIT_LOG, subject, majors, label, message).confidence(Confidence::Medium);
        out.push(finding.help(format!("add {lacking}")));
    }
}

/// Settings that SQL stores, and whether it is ALTER SYSTEM that does.
fn changes<'a>(cx: &'a Context<'_>) -> impl Iterator<Item = (crate::catalog::Majors, bool, &'a SettingChange)> {
    cx.cluster.statements().filter_map(|(site, statement)| match &statement.what {
        What::AlterSystem(change) => Some((site.majors, true, change)),
        What::AlterSetting(alter) => Some((site.majors, false, &alter.setting)),
        _ => None,
    })
}

fn of_node(node: &Node, wanted: &BTreeSet<&'static str>, out: &mut Sink<'_>) {
    // Where pgaudit is not loaded, that is what is wrong.
    let lacks = |major| lacking(&classes(&text(node, "pgaudit.log", major)?), wanted);
    let at_fault = majors(node, id::PGAUDIT_LOG, |major| {
        loads(node, &[SHARED], &["pgaudit"], major) == Some(true) && lacks(major).is_some()
    });
    if let Some((major, lacking)) = at_fault.last().and_then(|major| Some((major, lacks(major)?))) {
        let message = format!("`pgaudit.log` is {}, without {lacking}", quoted(node, "pgaudit.log", major));
        let place = [("pgaudit.log", "these statements are not audited")];
        push(node, id::PGAUDIT_LOG, at_fault, &place, message, &format!("add {lacking}"), out);
    }
}

fn lacking(set: &BTreeSet<&'static str>, wanted: &BTreeSet<&'static str>) -> Option<String> {
    let missing = wanted.difference(set).map(|class| format!("`{class}`")).collect::<Vec<_>>();
    (!missing.is_empty()).then(|| missing.join(", "))
}

/// The classes that a value stands for (`check_pgaudit_log` of pgaudit.c): each word adds or, after a minus sign, takes
/// away, in their order; `misc` is `misc_set` too.
fn classes(text: &str) -> BTreeSet<&'static str> {
    const CLASSES: [&str; 7] = ["ddl", "function", "misc", "misc_set", "read", "role", "write"];
    let mut set = BTreeSet::new();
    for word in text.split(',') {
        let word = word.trim().trim_matches('"').to_ascii_lowercase();
        let (name, taken) = word.strip_prefix('-').map_or((word.as_str(), false), |name| (name, true));
        let named = |class: &&str| *class == name || name == "all" || name == "misc" && *class == "misc_set";
        for class in CLASSES.into_iter().filter(named) {
            if taken {
                set.remove(class);
            } else {
                set.insert(class);
            }
        }
    }
    set
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_follow_pgaudit() {
        let of = |text: &str| classes(text).into_iter().collect::<Vec<_>>().join(" ");
        assert_eq!(of("none"), "");
        assert_eq!(of("ALL, -Misc"), "ddl function read role write");
        assert_eq!(of("misc,-misc_set, \"ddl\""), "ddl misc");
        assert_eq!(of("-ddl,all"), "ddl function misc misc_set read role write");
    }
}
