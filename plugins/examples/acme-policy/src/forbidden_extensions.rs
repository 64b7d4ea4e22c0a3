//! `acme/forbidden-extensions`: extensions that policy forbids are neither made nor preloaded.

use std::collections::BTreeSet;

use pgassay_plugin::prelude::*;
use pgassay_plugin::types::Definition;

use crate::options::Options;
use crate::preload::{self, library};

pub(crate) const RULE: Rule<Options> =
    Rule::new("forbidden-extensions", "forbidden extension", include_str!("../rules/forbidden-extensions.md"), check)
        .reads(&[
            "statements",
            "setting:shared_preload_libraries",
            "setting:session_preload_libraries",
            "setting:local_preload_libraries",
        ])
        .tags(&["security", "extension"])
        .security_severity("6.5")
        .references(&[
            Reference::Docs("sql-createextension.html"),
            Reference::Docs("runtime-config-client.html#RUNTIME-CONFIG-CLIENT-PRELOAD"),
        ])
        .fixes(Fixes::Unsafe);

/// The settings that load libraries into every session, or into those of some roles.
const LISTS: [&str; 3] = ["shared_preload_libraries", "session_preload_libraries", "local_preload_libraries"];

fn check(input: &Input<'_, Options>, findings: &mut Findings) {
    let forbidden = |name: &str| input.options.forbidden_extensions.iter().any(|it| it == name);
    for statement in input.model.statements.iter().filter(|statement| statement.kind == "create extension") {
        if let Some(name) = statement.name.as_ref().filter(|name| !name.dynamic && forbidden(&name.text)) {
            findings.push(
                Finding::at(name.place, format!("policy forbids the extension `{}`", name.text))
                    .label("forbidden")
                    .help("do without it, or ask for an exception"),
            );
        }
    }
    for node in &input.model.nodes {
        for setting in LISTS.iter().filter_map(|name| node.setting(name)) {
            if let Some(line) = setting.winner().filter(|line| !line.dynamic) {
                for found in preloads(input.model, line, forbidden) {
                    findings.push(found);
                }
            }
        }
    }
}

/// The forbidden libraries of a list. Each finding's edit takes only its own out.
fn preloads(model: &Model, line: &Definition, forbidden: impl Fn(&str) -> bool) -> Vec<Finding> {
    let items = list::paths(&line.text).unwrap_or_default();
    let names: BTreeSet<String> = items.iter().map(|item| library(item)).filter(|name| forbidden(name)).collect();
    let finding = |name: String| {
        let title = format!("take `{name}` out of `{}`", line.name);
        let kept: Vec<String> = items.iter().filter(|item| library(item) != name).cloned().collect();
        let found = Finding::at(line.value_place, format!("`{}` loads `{name}`, which policy forbids", line.name))
            .label(format!("loads `{name}`"))
            .help(format!("take `{name}` out of the list"))
            .subject(&*name);
        match preload::edit(model, line, title, &kept) {
            Some(fix) => found.fix(fix),
            None => found,
        }
    };
    names.into_iter().map(finding).collect()
}

#[cfg(test)]
mod tests {
    use pgassay_plugin::types::{Node, Setting, SourceFile, SqlName, Statement};

    use super::*;
    use crate::plugin;

    fn found(model: &Model) -> Vec<Finding> {
        let options = r#"{"forbidden-extensions": ["dblink", "pg_cron"], "pgaudit-classes": []}"#;
        plugin().check_all(model, &plugin().read_options(options).unwrap())
    }

    #[test]
    fn a_forbidden_extension_is_found() {
        let create = |name: &str, dynamic| Statement {
            kind: "create extension".into(),
            name: Some(SqlName { text: name.into(), dynamic, place: 1 }),
            ..Statement::default()
        };
        let statements = vec![create("dblink", false), create("dblink", true), create("hstore", false)];
        let messages: Vec<_> =
            found(&Model { statements, ..Model::default() }).into_iter().map(|finding| finding.message).collect();
        assert_eq!(messages, ["policy forbids the extension `dblink`"]);
    }

    #[test]
    fn a_forbidden_library_is_taken_out() {
        let line = Definition { text: "PgAudit, $libdir/pg_cron, pg_cron.so".into(), ..Definition::default() };
        let setting = Setting { name: LISTS[0].into(), definitions: vec![line], ..Setting::default() };
        let nodes = vec![Node { settings: vec![setting], ..Node::default() }];
        let found = found(&Model { nodes, files: vec![SourceFile::default()], ..Model::default() });
        assert_eq!(found.len(), 1);
        let fix = found[0].fix.as_ref().unwrap();
        assert_eq!((fix.edits[0].replacement.as_str(), fix.safe), ("'\"PgAudit\"'", false));
    }
}
