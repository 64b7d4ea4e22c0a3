//! Values that the tree sets and that the target reads as other ones.

use crate::catalog::changes::io_concurrency;
use crate::catalog::settings::{Kind, Setting, Unit};
use crate::finding::{Finding, Label, Severity, Subject};
use crate::model::Definition;
use crate::model::value::{self, Value};
use crate::rule::id;
use crate::upgrade::View;

pub(super) fn find(view: &View<'_>, out: &mut Vec<Finding>) {
    if !view.wants(id::UPGRADE_VALUE) {
        return;
    }
    for node in &view.cluster.nodes {
        for definition in node.settings.definitions.iter() {
            let read = !definition.unread && !definition.value.dynamic && !definition.conditional;
            let Some(setting) = definition.setting.filter(|setting| read && setting.library.is_none()) else {
                continue;
            };
            let from = view.from(definition.span.file);
            let (Some(first), Some(last)) = (from.first(), from.last()) else { continue };
            out.extend(differs(view, definition, setting, first));
            out.extend(concurrency(view, definition, setting, last));
            out.extend(md5(view, definition, setting, last));
        }
    }
}

fn finding(view: &View<'_>, definition: &Definition, first: u8, label: &str, message: String, help: String) -> Finding {
    let label = Label::new(definition.value.span, label);
    let subject = Subject::Setting(definition.name.clone());
    let mut finding = Finding::new(id::UPGRADE_VALUE, subject, view.holds(first), label, message).help(help);
    finding.step = view.step(first);
    finding
}

/// What a major makes of a value: a number in the least unit of its kind, or a word. Of other types there is nothing to
/// compare.
#[derive(Debug, PartialEq)]
enum Read {
    Number(f64),
    Word(&'static str),
}

fn read(setting: &Setting, text: &[u8], major: u8) -> Option<(Read, String)> {
    let def = setting.on(major)?;
    let value = value::judge(setting, text, major)?.ok()?;
    let unit = match def.kind {
        Kind::Int { unit, .. } | Kind::Real { unit, .. } => unit,
        Kind::Bool | Kind::Enum(_) | Kind::String => None,
    };
    let factor = match unit {
        None | Some(Unit::Byte | Unit::Millisecond) => 1.0,
        Some(Unit::Kilobyte) => 1024.0,
        Some(Unit::Megabyte) => 1024.0 * 1024.0,
        Some(Unit::Block) => 8192.0,
        Some(Unit::Second) => 1000.0,
        Some(Unit::Minute) => 60_000.0,
    };
    let shown = value.show(setting, def, major);
    match value {
        Value::Int(_) | Value::Real(_) => Some((Read::Number(value.number()? * factor), shown)),
        Value::Enum(word) => Some((Read::Word(word), shown)),
        Value::Bool(_) | Value::String(_) => None,
    }
}

fn differs(view: &View<'_>, definition: &Definition, setting: &Setting, first: u8) -> Option<Finding> {
    let of = |major: u8| read(setting, &definition.text, major);
    let ((old, was), (new, is)) = (of(first)?, of(view.to)?);
    if old == new || std::mem::discriminant(&old) != std::mem::discriminant(&new) {
        return None;
    }
    let brings = (first + 1..=view.to).rev().find(|&major| of(major - 1).is_none_or(|(read, _)| read != new))?;
    let name = setting.name;
    let written = String::from_utf8_lossy(&definition.text);
    let message = format!("`{name} = {written}` is read as `{is}` from {brings} on, and was read as `{was}` before");
    let help = format!("write `{name} = {was}` to keep what it was, or `{is}` to say what it is");
    Some(finding(view, definition, brings, "read otherwise", message, help))
}

/// From 13 on the number is used as it is (release notes of 13).
fn concurrency(view: &View<'_>, definition: &Definition, setting: &Setting, last: u8) -> Option<Finding> {
    if setting.name != "effective_io_concurrency" || last >= 13 || view.to < 13 {
        return None;
    }
    let Ok(Value::Int(old)) = value::judge(setting, &definition.text, view.to)? else { return None };
    let new = io_concurrency(old).min(1000);
    if new == old {
        return None;
    }
    let name = setting.name;
    let message =
        format!("`{name}` is `{old}`, which 12 and older turn into {new} requests, and 13 and later take as it is");
    let help = format!("write `{name} = {new}` when the server is upgraded, to keep what it was");
    Some(finding(view, definition, 13, "fewer requests than before", message, help))
}

/// 18 warns of MD5 passwords, which a later major is to refuse (release notes of 18).
fn md5(view: &View<'_>, definition: &Definition, setting: &Setting, last: u8) -> Option<Finding> {
    if setting.name != "password_encryption" || last >= 18 || view.to < 18 || definition.overridden_by.is_some() {
        return None;
    }
    if value::judge(setting, &definition.text, view.to)? != Ok(Value::Enum("md5")) {
        return None;
    }
    let message = "`password_encryption` is `md5`, of which 18 warns at each password that is set, as a later major is not to \
                   have it";
    let help = "set `password_encryption = scram-sha-256`, and set the passwords anew; rows with `md5` take both kinds";
    let found = finding(view, definition, 18, "on its way out", message.to_owned(), help.to_owned());
    Some(found.severity(Severity::Info))
}
