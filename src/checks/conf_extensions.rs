//! Settings of modules: whether the module is loaded, knows the name and takes the value.
//!
//! The server accepts any name with a dot, so all of these do nothing and say nothing. Modules that are not in
//! PostgreSQL's own sources are judged by their prefix only, unknown prefixes not at all.

use std::collections::BTreeMap;

use crate::catalog::{self, Majors, settings};
use crate::checks::ask::{counted, majors, text};
use crate::checks::conf_values::{explain, unquoted};
use crate::finding::{Confidence, Finding, Label, Subject};
use crate::model::settings::Effective;
use crate::model::value::{self, ValueError};
use crate::model::{Definition, Node};
use crate::rule::{Context, RuleId, Sink, id};

/// Modules that are loaded when one of their functions or languages is first used: their settings need no preloading.
const ON_DEMAND: &[&str] = &[
    "dblink",
    "file_fdw",
    "hypopg",
    "isn",
    "orafce",
    "pg_overexplain",
    "pg_trgm",
    "pgcrypto",
    "plperl",
    "plpgsql",
    "plprofiler",
    "plpython",
    "pltcl",
    "postgres_fdw",
    "repmgr",
];

/// Settings that load libraries.
const PRELOAD: [&str; 4] =
    ["shared_preload_libraries", "session_preload_libraries", "local_preload_libraries", "archive_library"];

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in &cx.cluster.nodes {
        let mut unloaded: BTreeMap<&str, Vec<&Definition>> = BTreeMap::new();
        let mut judged: BTreeMap<&str, Majors> = BTreeMap::new();
        for definition in node.settings.definitions.iter().filter(|definition| definition.overridden_by.is_none()) {
            let Some((prefix, _)) = definition.name.split_once('.') else { continue };
            let of_prefix = || settings::library_of_prefix(prefix);
            let Some(library) = definition.setting.map_or_else(of_prefix, |setting| setting.library) else { continue };
            if !ON_DEMAND.contains(&library)
                && !judged.entry(library).or_insert_with(|| not_loaded(node, library)).is_empty()
            {
                unloaded.entry(library).or_default().push(definition);
            } else if !definition.value.dynamic {
                judge(cx, node, definition, prefix, library, out);
            }
        }
        for (library, definitions) in unloaded {
            let Some((first, others)) = definitions.split_first() else { continue };
            let message = format!("`{}` has no effect: no setting preloads `{library}`", first.name);
            let majors = judged.get(library).copied().unwrap_or_default();
            let preloads = PRELOAD.iter().any(|name| node.settings.winner(name).is_some());
            // Without any such line it may be one of the command line, or the file may be a part of a configuration.
            if !preloads && !is_main(cx, node) {
                continue;
            }
            let mut finding = new(id::CONF_EXTENSION_NOT_LOADED, first, majors, "the module is not loaded", message)
                .help(format!("add `{library}` to `shared_preload_libraries`, or remove the line"));
            for other in others {
                finding = finding.related(other.span, "no effect either");
            }
            if !preloads {
                finding = finding.confidence(Confidence::Medium);
            }
            if let Some(preload) = node.settings.winner("shared_preload_libraries") {
                finding = finding.related(preload.span, format!("does not name `{library}`"));
            }
            out.push(finding);
        }
    }
}

fn new(rule: RuleId, definition: &Definition, majors: Majors, label: &str, message: String) -> Finding {
    Finding::new(rule, Subject::Setting(definition.name.clone()), majors, Label::new(definition.span, label), message)
}

/// The majors on which no setting loads the library. Where one of the settings is not known, it may.
fn not_loaded(node: &Node, library: &str) -> Majors {
    let names = |name, major| match node.settings.effective(name, major) {
        Effective::Absent => false,
        _ => text(node, name, major).is_none_or(|list| list.split(',').any(|item| names_library(item, library))),
    };
    majors(node, id::CONF_EXTENSION_NOT_LOADED, |major| !PRELOAD.iter().any(|name| names(name, major)))
}

/// Whether the node's configuration starts in a file of the usual name.
fn is_main(cx: &Context<'_>, node: &Node) -> bool {
    node.settings.root.is_some_and(|root| cx.sources.file(root).place().file_name() == Some("postgresql.conf"))
}

/// Whether the item of a list names the library: with or without a folder, quotes and the ending of the file.
pub(super) fn names_library(item: &str, library: &str) -> bool {
    let file = item.trim().trim_matches('"').rsplit('/').next().unwrap_or_default();
    let name = file.strip_suffix(".so").unwrap_or(file);
    // A release may be in the name of the file, as in `timescaledb-2.17.2`.
    name.eq_ignore_ascii_case(library) || name.strip_prefix(library).is_some_and(|rest| rest.starts_with('-'))
}

fn judge(cx: &Context<'_>, node: &Node, definition: &Definition, prefix: &str, library: &str, out: &mut Sink<'_>) {
    let name = cx.show(definition.written);
    let known = || settings::all().filter(|setting| setting.library == Some(library));
    let Some(setting) = definition.setting else {
        if known().next().is_none() {
            return;
        }
        let near = catalog::nearest(&definition.name, known().map(|setting| setting.name));
        let message = format!("`{library}` has no setting `{name}`");
        let finding = new(id::CONF_EXTENSION_UNKNOWN_SETTING, definition, node.targets.majors, "does nothing", message);
        let help = near.map_or_else(
            || format!("remove the line, or write a name that the documentation of `{prefix}` has"),
            |near| format!("did you mean `{near}`?"),
        );
        return out.push(finding.help(help));
    };
    let missing = counted(node, node.targets.majors - setting.majors());
    let message = format!("`{name}` exists in {} only", setting.majors());
    let finding = new(id::CONF_EXTENSION_UNKNOWN_SETTING, definition, missing, "does nothing on other majors", message);
    out.push(finding.help("remove the line for the others"));
    let judged = |major| value::judge(setting, &definition.text, major).and_then(Result::err);
    let refused = majors(node, id::CONF_EXTENSION_BAD_VALUE, |major| {
        judged(major).is_some_and(|error| error != ValueError::Internal)
    });
    let Some((major, error)) = refused.last().and_then(|major| Some((major, judged(major)?))) else { return };
    let (what, help) = explain(setting, definition, major, &error);
    let message = format!("`{name}` is set to `{}`, {what}", unquoted(&cx.show(definition.value.span)));
    out.push(new(id::CONF_EXTENSION_BAD_VALUE, definition, refused, "keeps its default", message).help(help));
}
