//! Names of settings: unknown ones, and those that the majors in question do not have, or not any more.
//!
//! Names with a dot belong to modules and are the business of `conf_extensions`.

use crate::catalog::settings::{self, Context as When};
use crate::catalog::{self, Majors, Setting};
use crate::checks::{conf_text, edit};
use crate::finding::{Finding, Label, Safety, Severity, Subject};
use crate::model::{Definition, Node};
use crate::rule::{Context, RuleId, Sink, id};

mod contradiction;
mod removed;

use contradiction::contradiction;

/// With more unknown names than this the file is no misspelt postgresql.conf, and comparing each of them with every
/// setting would take long.
const MISSPELT: usize = 100;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in &cx.cluster.nodes {
        let contradiction = contradiction(node, out);
        let mut unknowns = 0;
        for definition in &node.settings.definitions {
            match definition.setting {
                Some(setting) if setting.library.is_none() => known(cx, node, definition, setting, contradiction, out),
                Some(_) => {}
                None if definition.name.contains('.') || conf_text::in_name(cx, definition) => {}
                None => match settings::removed(&definition.name) {
                    Some(_) if definition.conditional => {}
                    Some(entry) => removed::push(cx, node, definition, entry, node.targets.majors, out),
                    None => {
                        unknowns += 1;
                        unknown(cx, node, definition, unknowns <= MISSPELT, out);
                    }
                },
            }
        }
    }
}

fn new(
    cx: &Context<'_>,
    definition: &Definition,
    rule: RuleId,
    majors: Majors,
    label: &str,
    message: impl Fn(&str) -> String,
) -> Finding {
    let name = cx.show(definition.written);
    let label = Label::new(definition.written, label);
    Finding::new(rule, Subject::Setting(definition.name.clone()), majors, label, message(&name))
}

fn unknown(cx: &Context<'_>, node: &Node, definition: &Definition, search: bool, out: &mut Sink<'_>) {
    let finding = new(cx, definition, id::CONF_UNKNOWN_SETTING, node.targets.majors, "no such setting", |name| {
        format!("there is no setting `{name}`")
    });
    let near = if search { nearest(&definition.name, node.targets.majors) } else { None };
    out.push(match near {
        Some(near) => {
            let edit = vec![(definition.written, near.to_owned())];
            finding.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), Safety::Unsafe, edit)
        }
        None => finding.help("remove the line, or write the name as the documentation has it"),
    });
}

/// The setting that was probably meant: a few letters off, or with a part of the name left out.
fn nearest(name: &str, majors: Majors) -> Option<&'static str> {
    // A longer name cannot be near to any, and comparing it would take long.
    if name.len() > 80 {
        return None;
    }
    let names = || settings::names(majors).filter(|known| !known.contains('.'));
    let parts = name.split('_').collect::<Vec<_>>();
    let has_all =
        |known: &&str| parts.len() > 2 && parts.iter().all(|part| known.split('_').any(|other| other == *part));
    catalog::nearest(name, names()).or_else(|| names().filter(has_all).min_by_key(|known| known.len()))
}

fn known(
    cx: &Context<'_>,
    node: &Node,
    definition: &Definition,
    setting: &'static Setting,
    contradiction: Option<Majors>,
    out: &mut Sink<'_>,
) {
    let (targets, has) = (node.targets.majors, setting.majors());
    let is_internal = |major: &u8| setting.on(*major).is_some_and(|def| def.context == When::Internal);
    let internal: Majors = targets.iter().filter(is_internal).collect();
    if !internal.is_empty() {
        let finding = new(cx, definition, id::CONF_READ_ONLY_SETTING, internal, "shows a fact", |name| {
            format!("`{name}` is set by the server alone and cannot be changed")
        });
        let finding = finding.help("remove the line");
        return out.push(match edit::commented_out(cx, definition).filter(|_| internal.covers(targets)) {
            Some(edits) => finding.fix(format!("turn `{}` into a comment", setting.name), Safety::Safe, edits),
            None => finding,
        });
    }
    if !definition.name.eq_ignore_ascii_case(&String::from_utf8_lossy(cx.sources.bytes(definition.written))) {
        let finding = new(cx, definition, id::CONF_OBSOLETE_NAME, targets & has, "an old name", |name| {
            format!("`{name}` is an old name of `{}`", setting.name)
        });
        let edit = vec![(definition.written, setting.name.to_owned())];
        out.push(finding.help(format!("write `{}`", setting.name)).fix(
            format!("write `{}`", setting.name),
            Safety::Safe,
            edit,
        ));
        return;
    }
    minors(cx, node, definition, setting, out);
    // What the packages of a distribution add is there wherever they are.
    if let Some(build) = setting.build.filter(|build| !build.starts_with("the packages")) {
        let finding = new(cx, definition, id::CONF_SPECIAL_BUILD, targets & has, "not in every build", |name| {
            format!("only servers built with {build} know `{name}`; others refuse the line")
        });
        out.push(finding.help("remove the line unless the server is such a build"));
    }
    // A template that asks for the major leaves out what the server does not know.
    if definition.conditional {
        return;
    }
    // Where the tree contradicts itself that is said once, not again for each of the settings.
    if contradiction.is_some_and(|judged| !(judged & has).is_empty()) {
        return;
    }
    let gone = node.targets.without_settings - Majors::until(has.last().unwrap_or(0));
    if !gone.is_empty()
        && let Some(entry) = settings::removed(setting.name)
    {
        removed::push(cx, node, definition, entry, gone, out);
    }
    let early = targets & (Majors::until(has.first().unwrap_or(0)) - has);
    if !early.is_empty() {
        let finding = new(cx, definition, id::CONF_TOO_NEW_SETTING, early, "not there yet", |name| {
            format!("`{name}` came with {}; older servers refuse it", has.first().unwrap_or_default())
        });
        out.push(finding.help("remove the line, or upgrade first"));
    }
}

fn minors(cx: &Context<'_>, node: &Node, definition: &Definition, setting: &Setting, out: &mut Sink<'_>) {
    if setting.first_minors().is_empty() {
        return;
    }
    let of = |minor: &str| minor.split('.').next().and_then(|major| major.parse::<u8>().ok());
    let of_targets = |minor: &&&str| of(minor).is_some_and(|major| node.targets.majors.contains(major));
    let mut minors = setting.first_minors().iter().filter(of_targets).copied().collect::<Vec<_>>();
    // A manifest that names the release settles it.
    if let Some((major, minor)) = node.targets.release {
        let first = minors.iter().find(|first| of(first) == Some(major)).copied();
        let number = first.and_then(|first| first.split_once('.')?.1.parse::<u16>().ok());
        if let (Some(first), Some(number)) = (first, number) {
            if minor < number {
                let majors = Majors::only(major);
                let finding = new(cx, definition, id::CONF_RECENT_MINOR, majors, "not there yet", |name| {
                    format!("`{name}` came with {first}, and {major}.{minor} refuses it")
                });
                let help = format!("use {first} or a later release of {major}, or remove the line");
                out.push(finding.severity(Severity::Error).help(help));
                return;
            }
            minors.retain(|first| of(first) != Some(major));
        }
    }
    if minors.is_empty() {
        return;
    }
    let majors = minors.iter().filter_map(|minor| of(minor)).collect();
    let finding = new(cx, definition, id::CONF_RECENT_MINOR, majors, "not in older minor releases", |name| {
        format!("`{name}` came with {}; older minor releases refuse it", minors.join(", "))
    });
    out.push(finding.help("update the server before the line is rolled out"));
}
