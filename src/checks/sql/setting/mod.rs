//! Settings in SQL: ALTER SYSTEM, ALTER ROLE and ALTER DATABASE ... SET, SET clauses of functions, parameters of GRANT.

use crate::catalog::Majors;
use crate::catalog::settings::{self, Context as When};
use crate::checks::conf_values::meant;
use crate::finding::{Finding, Label, Safety, Subject};
use crate::model::objects::Site;
use crate::model::sql::{Granted, ObjectKind, SettingChange, What};
use crate::model::value::judge;
use crate::rule::id::{SQL_SETTING_PLACE, SQL_SETTING_VALUE};
use crate::rule::{Context, Sink};
use crate::syntax::literal::HOLE;

mod quoted;
mod system;
mod unknown;

pub(super) use unknown::unknown;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (site, statement) in cx.cluster.statements() {
        match &statement.what {
            What::AlterSetting(alter) => {
                change(cx, out, site, &alter.setting, Place::Stored);
            }
            What::Function(function) => {
                let place = if function.created { Place::Created } else { Place::Stored };
                for setting in &function.settings {
                    change(cx, out, site, setting, place);
                }
            }
            What::AlterSystem(setting) => {
                let refused = change(cx, out, site, setting, Place::System);
                system::check(cx, out, site, setting, statement.transaction, refused);
            }
            What::Grant(grant) => {
                let Granted::Privileges { kind: ObjectKind::Parameter, objects, .. } = &grant.what else { continue };
                for object in objects.iter().filter(|object| !object.is_dynamic() && object.qualifiers.is_empty()) {
                    let newer = (site.majors & Majors::since(15)).iter();
                    let lacking =
                        newer.filter(|&major| settings::setting_on(&object.name.text, major).is_none()).collect();
                    unknown(cx, out, site, (&object.name.text, object.span), lacking);
                }
            }
            _ => {}
        }
    }
}

/// Where a SET stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// ALTER SYSTEM.
    System,
    /// ALTER ROLE, DATABASE or FUNCTION, which keep a list of what was set before.
    Stored,
    /// CREATE FUNCTION.
    Created,
}

/// Judges a SET; `true` if it was refused or is not known.
fn change(cx: &Context<'_>, out: &mut Sink<'_>, site: &Site, change: &SettingChange, place: Place) -> bool {
    let Some(name) = change.name.as_deref() else { return false };
    if name.contains(char::from(HOLE)) {
        return true;
    }
    // What is not set can be taken back, whatever its name.
    if change.reset && place == Place::Stored {
        return false;
    }
    let system = place == Place::System;
    let exists = |major: u8| settings::setting_on(name, major);
    let lacking: Majors = site.majors.iter().filter(|&major| exists(major).is_none()).collect();
    let gone =
        !name.contains('.') && unknown::unknown_in(cx, out, site, (name, change.name_span), lacking, Some(change));
    let shown = cx.show(change.name_span);
    let having = site.majors - lacking;
    let mut misplaced = (Majors::NONE, "");
    let mut refused: Vec<(Majors, String, String)> = Vec::new();
    let value = value_of(name, change);
    for (major, (setting, def)) in having.iter().filter_map(|major| exists(major).map(|known| (major, known))) {
        let reason = match def.context {
            // The settings of a module that is not loaded are taken on trust.
            _ if setting.library.is_some() => continue,
            When::Internal => "is set by the server alone",
            _ if system && !def.alter_system => "may not be set by `ALTER SYSTEM`",
            When::Postmaster if !system => "is read at the start of the server only",
            When::Sighup if !system => "holds for the whole server, not for single sessions",
            When::SuperuserBackend | When::Backend if !system => "is fixed before a session looks up its role",
            _ => {
                if let Some(Err(error)) = value.as_ref().and_then(|value| judge(setting, value.as_bytes(), major)) {
                    let (help, error) = (crate::checks::conf_values::explain::instead(&error), error.to_string());
                    match refused.iter_mut().find(|(_, known, _)| *known == error) {
                        Some((majors, ..)) => *majors = *majors | Majors::only(major),
                        None => refused.push((Majors::only(major), error, help)),
                    }
                }
                continue;
            }
        };
        misplaced = (misplaced.0 | Majors::only(major), reason);
    }
    let certain = |by: Majors| site.known || by.covers(having);
    let subject = || Subject::Setting(name.to_owned());
    if !misplaced.0.is_empty() && certain(misplaced.0) {
        let kind = if system { "`ALTER SYSTEM`" } else { "`SET` for a role, database or function" };
        let message = format!("`{shown}` {}, and {kind} is refused", misplaced.1);
        let help = if system { "remove the statement" } else { "set it in postgresql.conf or by `ALTER SYSTEM`" };
        let label = Label::new(change.name_span, "refused here");
        out.push(Finding::new(SQL_SETTING_PLACE, subject(), misplaced.0, label, message).help(help));
        return true;
    }
    let all = refused.iter().fold(Majors::NONE, |majors, (of, ..)| majors | *of);
    if let Some((_, reason, help)) = refused.first()
        && certain(all)
    {
        let value = change.values.first().map(|value| cx.show(value.span)).unwrap_or_default();
        let value = value.trim_matches('\'');
        let message = format!("`{shown}` cannot be set to `{value}`: {reason}");
        let span = change.values.first().map_or(change.span, |value| value.span);
        let label = Label::new(span, "the server refuses this value");
        let finding = Finding::new(SQL_SETTING_VALUE, subject(), all, label, message);
        let word = change.values.first().and_then(|value| meant(name, &value.text));
        out.push(match word {
            Some(word) => {
                let edit = vec![(span, format!("'{word}'"))];
                finding.help(format!("write `{word}`, which is what it meant")).fix(
                    format!("write `{word}`"),
                    Safety::Safe,
                    edit,
                )
            }
            None => finding.help(help.clone()),
        });
        return true;
    }
    quoted::path(cx, out, site, change);
    quoted::list(cx, out, site, change);
    gone
}

/// The value as one text; `None` where it is not known or there is none.
fn value_of(name: &str, change: &SettingChange) -> Option<String> {
    let known = !change.values.is_empty() && !change.values.iter().any(|value| value.dynamic);
    let list = settings::setting(name).is_some_and(settings::Setting::is_list);
    match change.values.as_slice() {
        [value] if known && (!list || value.text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')) => {
            Some(value.text.clone())
        }
        _ => None,
    }
}
