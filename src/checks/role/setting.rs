//! Settings of roles and databases that take protections away.

use crate::finding::{Finding, Label, Subject};
use crate::model::sql::{AlterSetting, What};
use crate::rule::id::{ROLE_SETTING_DANGER, ROLE_SETTING_UNLOGGED};
use crate::rule::{Context, Sink};

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (site, statement) in cx.cluster.statements() {
        let What::AlterSetting(alter) = &statement.what else { continue };
        let setting = &alter.setting;
        let ([value], Some(name)) = (setting.values.as_slice(), setting.name.as_deref()) else { continue };
        if value.dynamic {
            continue;
        }
        let (rule, why) = match (danger(name, &value.text), unlogged(name, &value.text)) {
            (Some(why), _) => (ROLE_SETTING_DANGER, why),
            (None, Some(why)) => (ROLE_SETTING_UNLOGGED, why),
            (None, None) => continue,
        };
        let message =
            format!("`{name}` is set to `{}` for {}", cx.show(value.span).trim_matches('\''), whom(cx, alter));
        let label = Label::new(setting.span, why);
        out.push(
            Finding::new(rule, Subject::Setting(name.to_owned()), site.majors, label, message)
                .help("remove it; set it in the one session that needs it"),
        );
    }
}

fn whom(cx: &Context<'_>, alter: &AlterSetting) -> String {
    match (&alter.role, &alter.database) {
        (Some(role), _) => format!("every session of role `{}`", cx.name(role.span)),
        (None, Some(database)) => format!("every session in database `{}`", cx.show(database.span)),
        (None, None) => "every session of every role".to_owned(),
    }
}

/// Why a value is dangerous where it holds for every session.
fn danger(name: &str, value: &str) -> Option<&'static str> {
    let value = value.trim().to_ascii_lowercase();
    let off = ["off", "false", "no", "0"].contains(&value.as_str());
    let on = ["on", "true", "yes", "1"].contains(&value.as_str());
    match name {
        "session_replication_role" if value == "replica" => Some("triggers and foreign keys are not checked"),
        "zero_damaged_pages" if on => Some("damaged pages are wiped as soon as they are read"),
        "ignore_checksum_failure" if on => Some("damaged pages are read as if they were whole"),
        "allow_system_table_mods" if on => Some("system catalogs can be changed by hand"),
        "event_triggers" if off => Some("event triggers, which audit and guard, do not run"),
        "lo_compat_privileges" if on => Some("privileges on large objects are not checked"),
        "backslash_quote" if on => Some("lets `\\'` end a string, which opens ways to inject SQL"),
        "standard_conforming_strings" if off => {
            Some("backslashes escape in plain strings, which opens ways to inject SQL")
        }
        "session_preload_libraries" | "local_preload_libraries" if value.starts_with('/') || value.contains("/tmp") => {
            Some("loads a library from a path of its own into every session")
        }
        "pgaudit.log" if value == "none" => Some("nothing is audited"),
        _ => None,
    }
}

/// What such a setting takes out of the log for those sessions, whatever postgresql.conf says.
fn unlogged(name: &str, value: &str) -> Option<&'static str> {
    let value = value.trim().to_ascii_lowercase();
    let off = ["off", "false", "no", "0"].contains(&value.as_str());
    match name {
        "log_statement" if value == "none" => Some("its statements are not logged"),
        "log_min_error_statement" if value == "panic" => Some("statements that fail are not logged"),
        "log_min_messages" if ["fatal", "panic"].contains(&value.as_str()) => Some("errors are not logged"),
        "log_duration" if off => Some("how long its statements take is not logged"),
        _ => None,
    }
}
