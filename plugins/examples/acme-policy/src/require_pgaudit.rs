//! `acme/require-pgaudit`: every server loads pgaudit and logs the classes of statements that policy wants.

use pgassay_plugin::prelude::*;
use pgassay_plugin::types::{Definition, Node, Place, Setting};

use crate::options::Options;
use crate::preload;

pub(crate) const RULE: Rule<Options> = Rule::new(
    "require-pgaudit",
    "pgaudit is missing or logs too little",
    include_str!("../rules/require-pgaudit.md"),
    check,
)
.reads(&["setting:shared_preload_libraries", "setting:pgaudit.log"])
.tags(&["security", "audit"])
.security_severity("5.0")
.references(&[
    Reference::Url("https://github.com/pgaudit/pgaudit#settings"),
    Reference::Docs("runtime-config-client.html#GUC-SHARED-PRELOAD-LIBRARIES"),
    Reference::Docs("runtime-config-custom.html"),
])
.fixes(Fixes::Unsafe);

const PRELOAD: &str = "shared_preload_libraries";

fn check(input: &Input<'_, Options>, findings: &mut Findings) {
    let wanted = &input.options.pgaudit_classes;
    for node in input.model.nodes.iter().filter(|_| !wanted.is_empty()) {
        // A server that does not load the library logs nothing, whatever its settings say.
        if let Some(found) = not_loaded(input.model, node).or_else(|| too_little(input.model, node, wanted)) {
            findings.push(found.on(node.majors));
        }
    }
}

fn not_loaded(model: &Model, node: &Node) -> Option<Finding> {
    let help = "add `pgaudit` to `shared_preload_libraries`, and restart the server";
    let Some(line) = node.setting(PRELOAD).and_then(Setting::winner) else {
        let message = "`shared_preload_libraries` is not set, so pgaudit is not loaded";
        return Some(Finding::at(main_file(model, node)?, message).subject(PRELOAD).help(help));
    };
    if !preload::lacks(line, "pgaudit") {
        return None;
    }
    let message = format!("`shared_preload_libraries` is `{}` and does not load pgaudit", line.text);
    let found = Finding::at(line.value_place, message).label("without `pgaudit`").subject(PRELOAD).help(help);
    let title = "add `pgaudit` to `shared_preload_libraries`".to_owned();
    Some(extended(found, model, line, title, list::paths(&line.text)?, &["pgaudit"]))
}

fn too_little(model: &Model, node: &Node, wanted: &[String]) -> Option<Finding> {
    let all = wanted.join(", ");
    let help = format!("set `pgaudit.log` to `{all}`, or to more");
    let preload = node.setting(PRELOAD).and_then(Setting::winner)?;
    let related = |found: Finding| found.related(preload.value_place, "pgaudit is loaded here").help(help);
    let Some(line) = node.setting("pgaudit.log").and_then(Setting::winner) else {
        let message = format!("`pgaudit.log` is not set, so pgaudit logs no session; policy wants `{all}`");
        return Some(related(Finding::at(main_file(model, node)?, message).subject("pgaudit.log")));
    };
    let tokens = list::identifiers(&line.text).filter(|_| !line.dynamic)?;
    let missing: Vec<&str> = wanted.iter().map(String::as_str).filter(|class| !logs(&tokens, class)).collect();
    if missing.is_empty() {
        return None;
    }
    let lacking = format!("`{}`", missing.join("`, `"));
    let message = format!("`pgaudit.log` is `{}` and lacks {lacking}", line.text);
    let found = Finding::at(line.value_place, message).label(format!("without {lacking}")).subject("pgaudit.log");
    Some(extended(related(found), model, line, format!("add {lacking} to `pgaudit.log`"), tokens, &missing))
}

/// Adds the fix that adds to a list.
fn extended(
    found: Finding,
    model: &Model,
    line: &Definition,
    title: String,
    mut items: Vec<String>,
    more: &[&str],
) -> Finding {
    items.extend(more.iter().map(|item| (*item).to_owned()));
    match preload::edit(model, line, title, &items) {
        Some(fix) => found.fix(fix),
        None => found,
    }
}

/// Whether a class is logged: pgaudit takes the words in order, a minus takes away, and `none` does nothing.
fn logs(tokens: &[String], class: &str) -> bool {
    tokens.iter().fold(false, |logged, token| {
        let (named, adds) = token.strip_prefix('-').map_or((token.as_str(), true), |named| (named, false));
        if named.eq_ignore_ascii_case(class) || named.eq_ignore_ascii_case("all") { adds } else { logged }
    })
}

/// Where to say that a setting is missing; none where it may be set in a place that is not seen. A file of another name
/// may be a part of a configuration.
fn main_file(model: &Model, node: &Node) -> Option<Place> {
    let file = model.file(node.config_file.filter(|_| node.settings_complete)?)?;
    (file.path.rsplit('/').next() == Some("postgresql.conf")).then_some(file.place)
}

#[cfg(test)]
mod tests;
