//! Functions that run with the rights of their owner.

use std::collections::HashMap;

use super::language::UNTRUSTED;
use crate::checks::edit;
use crate::finding::{Finding, Label, Safety, Subject};
use crate::model::objects::Site;
use crate::model::sql::{Function, SettingChange, What};
use crate::rule::id::{
    FUNCTION_SEARCH_PATH_TEMP, FUNCTION_SECURITY_DEFINER, FUNCTION_SECURITY_DEFINER_PUBLIC,
    FUNCTION_SECURITY_DEFINER_SEARCH_PATH, FUNCTION_UNTRUSTED_LANGUAGE,
};
use crate::rule::{Context, Sink};
use crate::source::Span;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (site, function) in definitions(cx) {
        untrusted(cx, out, site, function);
        definer(cx, out, site, function);
    }
}

/// The last definition of each function, in the order of the first ones; none where some are named at run time.
pub(super) fn definitions<'a>(cx: &Context<'a>) -> Vec<(&'a Site, &'a Function)> {
    if cx.cluster.objects.dynamic.functions {
        return Vec::new();
    }
    // Migrations replace functions again and again; only the last definition of each stays.
    let mut last: HashMap<(&str, Vec<u8>), (&Site, &Function)> = HashMap::new();
    let mut order = Vec::new();
    for (site, statement) in cx.cluster.statements() {
        let What::Function(function) = &statement.what else { continue };
        if !function.created || function.name.is_dynamic() {
            continue;
        }
        let arguments = function.arguments.map_or(&b""[..], |span| cx.sources.bytes(span));
        let arguments = arguments.iter().filter(|byte| !byte.is_ascii_whitespace()).map(u8::to_ascii_lowercase);
        let key = (function.name.name.text.as_str(), arguments.collect::<Vec<_>>());
        if last.insert(key.clone(), (site, function)).is_none() {
            order.push(key);
        }
    }
    order.iter().filter_map(|key| last.get(key).copied()).collect()
}

/// Whether it runs with the rights of its owner, and its body is text in which names are looked up.
pub(super) fn is_definer(cx: &Context<'_>, function: &Function) -> bool {
    let after = cx.cluster.objects.functions.get(&function.name.name.text);
    let compiled =
        function.language.as_ref().is_some_and(|language| ["c", "internal"].contains(&language.text.as_str()));
    matches!(function.security, Some((true, _))) && !after.is_some_and(|after| after.invoker) && !compiled
}

/// Functions in C and internal ones are those of extensions, which is another matter.
fn untrusted(cx: &Context<'_>, out: &mut Sink<'_>, site: &Site, function: &Function) {
    let Some(language) = function.language.as_ref().filter(|language| UNTRUSTED.contains(&language.text.as_str()))
    else {
        return;
    };
    let message = format!(
        "function `{}` is written in `{}`, which is not trusted",
        cx.name(function.name.span),
        cx.show(language.span)
    );
    let label = Label::new(language.span, "may do whatever the server's own user can, for whoever calls it");
    let subject = Subject::Object(format!("function/{}", function.name.name.text));
    out.push(
        Finding::new(FUNCTION_UNTRUSTED_LANGUAGE, subject, site.majors, label, message)
            .help("use a trusted language, or take `EXECUTE` from `PUBLIC` and check every argument"),
    );
}

fn definer(cx: &Context<'_>, out: &mut Sink<'_>, site: &Site, function: &Function) {
    let Some((_, security)) = function.security.filter(|_| is_definer(cx, function)) else { return };
    let after = cx.cluster.objects.functions.get(&function.name.name.text);
    let shown = cx.name(function.name.span);
    let kind = if function.procedure { "procedure" } else { "function" };
    let finding = |rule, span: Span, label: &str, message: String| {
        let subject = Subject::Object(format!("function/{}", function.name.name.text));
        Finding::new(rule, subject, site.majors, Label::new(span, label), message)
            .related(function.name.span, format!("the {kind}"))
    };
    let message = format!("{kind} `{shown}` runs with the rights of its owner");
    out.push(
        finding(FUNCTION_SECURITY_DEFINER, security, "whoever may call it has these rights for the call", message)
            .help("keep it short, check its arguments, and let a role with few rights own it"),
    );
    let path = function.settings.iter().rev().find(|setting| setting.name.as_deref() == Some("search_path"));
    match path.filter(|path| !path.reset) {
        None if after.is_some_and(|after| after.search_path) => {}
        None => {
            let message = format!("{kind} `{shown}` is `SECURITY DEFINER` and does not set `search_path`");
            let label = "names in the body are looked up in the caller's schemas, with the owner's rights";
            out.push(
                finding(FUNCTION_SECURITY_DEFINER_SEARCH_PATH, security, label, message)
                    .help("add `SET search_path = <schemas of the owner>, pg_temp` to the definition"),
            );
        }
        Some(path) if path.values.iter().any(|value| value.dynamic) || path.values.is_empty() => {}
        Some(path) => {
            let last = path.values.last().is_some_and(|value| value.text == "pg_temp");
            if !last {
                let message = format!("`search_path` of `SECURITY DEFINER` {kind} `{shown}` does not end in `pg_temp`");
                let label = "temporary tables of the caller come first where `pg_temp` is not named";
                let found = finding(FUNCTION_SEARCH_PATH_TEMP, path.span, label, message)
                    .help("put `pg_temp` at the end of the list");
                let edits = with_temp(cx, path);
                out.push(match edits {
                    Some(edits) => found.fix("put `pg_temp` at the end of the list", Safety::Unsafe, edits),
                    None => found,
                });
            }
        }
    }
    if !after.is_some_and(|after| after.revoked) && !cx.cluster.objects.functions_revoked {
        let message = format!("every role may call `SECURITY DEFINER` {kind} `{shown}`");
        out.push(
            finding(FUNCTION_SECURITY_DEFINER_PUBLIC, security, "runs with the owner's rights for anyone", message)
                .help("`REVOKE EXECUTE ON FUNCTION ... FROM PUBLIC` in the same transaction, then grant it to those who need it"),
        );
    }
}

/// `pg_temp` at the end of the list, and nowhere else.
fn with_temp(cx: &Context<'_>, path: &SettingChange) -> Option<Vec<(Span, String)>> {
    let last = path.values.last()?;
    if path.values.len() == 1 && last.text.is_empty() {
        return Some(vec![(last.span, "pg_temp".to_owned())]);
    }
    let others = path.values.iter().filter(|value| value.text == "pg_temp");
    let mut edits =
        others.map(|value| Some((edit::item(cx, value.span)?, String::new()))).collect::<Option<Vec<_>>>()?;
    edits.push(edit::put(last.span.file, last.span.end, ", pg_temp"));
    Some(edits)
}
