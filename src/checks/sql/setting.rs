//! Settings in SQL: ALTER SYSTEM, ALTER ROLE and ALTER DATABASE ... SET, SET clauses of functions, parameters of GRANT.

use crate::catalog::settings::{self, Context as When};
use crate::catalog::{Majors, nearest, successor};
use crate::checks::conf_values::meant;
use crate::checks::rename::rename;
use crate::finding::{Finding, Label, Safety, Severity, Subject};
use crate::model::objects::Site;
use crate::model::sql::{Granted, ObjectKind, SettingChange, What};
use crate::model::value::judge;
use crate::rule::id::{
    SQL_ALTER_SYSTEM, SQL_ALTER_SYSTEM_IN_TRANSACTION, SQL_LIST_QUOTED, SQL_SEARCH_PATH_QUOTED, SQL_SETTING_PLACE,
    SQL_SETTING_UNKNOWN, SQL_SETTING_VALUE,
};
use crate::rule::{Context, Sink};
use crate::source::Span;
use crate::syntax::literal::HOLE;
use crate::syntax::sql::InTransaction;

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
                alter_system(cx, out, site, setting, statement.transaction, refused);
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

fn alter_system(
    cx: &Context<'_>,
    out: &mut Sink<'_>,
    site: &Site,
    setting: &SettingChange,
    within: InTransaction,
    refused: bool,
) {
    if refused {
        return;
    }
    let (shown, subject) = (cx.show(setting.name_span), Subject::Setting(setting.name.clone().unwrap_or_default()));
    let (block, text) = match within {
        InTransaction::No => {
            let message = format!("`ALTER SYSTEM` changes `{shown}` for the whole server");
            let label = Label::new(setting.span, "goes to postgresql.auto.conf, which overrides postgresql.conf");
            out.push(
                Finding::new(SQL_ALTER_SYSTEM, subject, site.majors, label, message)
                    .help("keep settings of the server in its configuration files, where reviews see them"),
            );
            return;
        }
        InTransaction::Block(block) => (block, "the transaction block begins here"),
        InTransaction::Migration(span) => (span, "this runs it in a transaction"),
        InTransaction::DoBlock(block) | InTransaction::Function(block) => (head(block), "runs inside this"),
    };
    let message = format!("`ALTER SYSTEM` on `{shown}` is refused inside a transaction block or function");
    out.push(
        Finding::new(
            SQL_ALTER_SYSTEM_IN_TRANSACTION,
            subject,
            site.majors,
            Label::new(setting.span, "refused here"),
            message,
        )
        .related(block, text)
        .help("run `ALTER SYSTEM` as a statement of its own, outside of `BEGIN` and of functions"),
    );
}

/// The first line or so of a statement that may be long.
fn head(span: Span) -> Span {
    span.slice(0, span.range().len().min(20))
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
    let gone = !name.contains('.') && unknown_in(cx, out, site, (name, change.name_span), lacking, Some(change));
    let shown = cx.show(change.name_span);
    let having = site.majors - lacking;
    let mut misplaced = (Majors::NONE, "");
    let mut refused: Vec<(Majors, String)> = Vec::new();
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
                    let error = error.to_string();
                    match refused.iter_mut().find(|(_, known)| *known == error) {
                        Some((majors, _)) => *majors = *majors | Majors::only(major),
                        None => refused.push((Majors::only(major), error)),
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
    let all = refused.iter().fold(Majors::NONE, |majors, (of, _)| majors | *of);
    if let Some((_, reason)) = refused.first()
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
            None => finding.help("give a value that the setting takes"),
        });
        return true;
    }
    quoted_path(cx, out, site, change);
    quoted_list(out, site, change);
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

pub(super) fn unknown(cx: &Context<'_>, out: &mut Sink<'_>, site: &Site, at: (&str, Span), lacking: Majors) -> bool {
    unknown_in(cx, out, site, at, lacking, None)
}

/// The same of a SET, whose value may go over to the setting that took the place.
fn unknown_in(
    cx: &Context<'_>,
    out: &mut Sink<'_>,
    site: &Site,
    (name, span): (&str, Span),
    lacking: Majors,
    change: Option<&SettingChange>,
) -> bool {
    let majors = site.refused(lacking);
    if majors.is_empty() {
        return false;
    }
    let shown = cx.show(span);
    let (message, help) = match settings::setting(name) {
        Some(setting) => {
            let has = setting.majors();
            let message = format!(
                "there is no setting `{shown}` in {majors}; {has} {} it",
                if has.len() == 1 { "has" } else { "have" }
            );
            (
                message,
                settings::removed(name)
                    .map_or("remove the statement or run it on other majors only", |gone| gone.advice)
                    .to_owned(),
            )
        }
        None => {
            let near = nearest(name, settings::names(site.majors));
            // Other engines have ALTER SYSTEM and ALTER USER ... SET too.
            if near.is_none() && settings::removed(name).is_none() && !site.ours {
                return false;
            }
            let help = match (settings::removed(name), near) {
                (Some(gone), _) => gone.advice.to_owned(),
                (None, Some(near)) => format!("did you mean `{near}`?"),
                (None, None) => "settings of your own need a dot in their name, such as `app.mode`".to_owned(),
            };
            (format!("there is no setting `{shown}`"), help)
        }
    };
    let label = Label::new(span, "the server refuses the statement");
    let mut finding = Finding::new(SQL_SETTING_UNKNOWN, Subject::Setting(name.to_owned()), majors, label, message);
    let as_written = cx.sources.bytes(span).eq_ignore_ascii_case(name.as_bytes());
    let went_over = change.filter(|_| as_written).and_then(|change| went_over(cx, name, change));
    if let Some((successor, value, edits)) = went_over {
        let safety = if majors.covers(site.majors) { Safety::Safe } else { Safety::Unsafe };
        finding = finding.help(format!("set `{successor}` to `{value}`; {help}")).fix(
            format!("set `{successor}` to `{value}`"),
            safety,
            edits,
        );
    } else {
        finding = finding.help(help);
        let near = nearest(name, settings::names(site.majors)).filter(|_| settings::setting(name).is_none());
        if let Some(near) = near.filter(|_| settings::removed(name).is_none()) {
            finding = rename(cx, finding, (span, name), near, Safety::Unsafe);
        }
    }
    out.push(finding);
    true
}

/// The setting that took the place of one, its value, and the edits that write both.
type WentOver = (&'static str, String, Vec<(Span, String)>);

/// What a SET becomes whose setting another one took the place of.
fn went_over(cx: &Context<'_>, name: &str, change: &SettingChange) -> Option<WentOver> {
    let gone = settings::removed(name)?;
    let successor = gone.successor?;
    let [value] = change.values.as_slice() else { return None };
    if value.dynamic {
        return None;
    }
    let written = String::from_utf8_lossy(cx.sources.bytes(value.span)).into_owned();
    let now = successor::converted(name, &written, &value.text, successor::SEGMENT)?;
    let mut edits = vec![(change.name_span, successor.to_owned())];
    // SQL takes a size in quotes only.
    let quoted = if now.starts_with('\'') || now == written { now.clone() } else { format!("'{now}'") };
    if now != written {
        edits.push((value.span, quoted));
    }
    let shown = if now == written { cx.show(value.span) } else { now };
    Some((successor, shown.trim_matches('\'').to_owned(), edits))
}

/// `SET search_path = 'a, b'` names one schema that is called `a, b`.
fn quoted_path(cx: &Context<'_>, out: &mut Sink<'_>, site: &Site, change: &SettingChange) {
    let ([value], Some("search_path")) = (change.values.as_slice(), change.name.as_deref()) else { return };
    if value.dynamic || !value.text.contains(',') {
        return;
    }
    let message = format!("`search_path` is set to one schema called {}", cx.show(value.span).replace('\'', "`"));
    let label = Label::new(value.span, "one string is one name, commas and all");
    out.push(
        Finding::new(SQL_SEARCH_PATH_QUOTED, Subject::Setting("search_path".to_owned()), site.majors, label, message)
            .help("write the schemas without the quotes around the list: `SET search_path = a, b`"),
    );
}

/// Of a list of libraries or the like one string is one item, as of `search_path`; what then fails depends on the list.
fn quoted_list(out: &mut Sink<'_>, site: &Site, change: &SettingChange) {
    let ([value], Some(name)) = (change.values.as_slice(), change.name.as_deref()) else { return };
    let Some(setting) = settings::setting(name).filter(|setting| setting.name != "search_path") else { return };
    let majors = site.majors & setting.quoted_list();
    // Before 14 the socket folders were split at commas.
    if value.dynamic || !value.text.contains(',') || majors.is_empty() || !(site.known || majors == site.majors) {
        return;
    }
    let what = match setting.name {
        "shared_preload_libraries" => "one library, and the server does not start",
        "session_preload_libraries" | "local_preload_libraries" => "one library, and nobody can log in",
        "unix_socket_directories" => "one folder, and the server does not start",
        "temp_tablespaces" => "one tablespace",
        _ => "one library",
    };
    let message = format!("`{}` is set to one string with commas: {what}", setting.name);
    let label = Label::new(value.span, "one string is one item, commas and all");
    let found = Finding::new(SQL_LIST_QUOTED, Subject::Setting(setting.name.to_owned()), majors, label, message)
        .help(format!("quote each item by itself, or none: `{} = a, b`", setting.name));
    // A tablespace that is not there is passed over; the default one is used.
    out.push(if setting.name == "temp_tablespaces" { found.severity(Severity::Warning) } else { found });
}
