//! Modules that policies want to be loaded: those that check passwords, slow down guesses, stand in for superusers, mask
//! data, audit or measure.
//!
//! Which of them is installed is not known, and ALTER SYSTEM and ALTER DATABASE may load them: where SQL of the tree
//! names the setting, nothing is said.

use crate::catalog::hba::{ConnType, Method};
use crate::checks::ask::{finding, is_off, list, majors, quoted};
use crate::checks::conf_extensions::names_library;
use crate::model::Node;
use crate::model::hba::HbaRow;
use crate::model::sql::What;
use crate::rule::{Context, RuleId, Sink, id};

pub(crate) mod delay;
pub(crate) mod set_user;

pub(crate) const SHARED: &str = "shared_preload_libraries";
const SESSION: &str = "session_preload_libraries";

/// Methods that compare with a password that the server keeps.
const STORED: [Method; 3] = [Method::Password, Method::Md5, Method::ScramSha256];

/// Modules, one of which is to be loaded.
struct Wanted<'w> {
    rule: RuleId,
    /// The settings that may load them; the first is the one that a finding is about.
    settings: &'w [&'w str],
    modules: Vec<&'w str>,
    /// What is so without them.
    without: &'w str,
    /// Whether only rows that compare with a password make them matter.
    for_passwords: bool,
}

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let all = [
        Wanted {
            rule: id::PASSWORD_CHECK_NOT_LOADED,
            settings: &[SHARED, SESSION],
            modules: out.list(id::PASSWORD_CHECK_NOT_LOADED, "modules"),
            without: "any password is taken",
            for_passwords: true,
        },
        Wanted {
            rule: id::SET_USER_NOT_LOADED,
            settings: &[SHARED],
            modules: vec!["set_user"],
            without: "superusers log in and are not held back",
            for_passwords: false,
        },
        Wanted {
            rule: id::ANON_NOT_LOADED,
            settings: &[SESSION, SHARED],
            modules: out.list(id::ANON_NOT_LOADED, "modules"),
            without: "no session masks data",
            for_passwords: false,
        },
        Wanted {
            rule: id::PGAUDIT_NOT_LOADED,
            settings: &[SHARED],
            modules: vec!["pgaudit"],
            without: "nothing is audited",
            for_passwords: false,
        },
        Wanted {
            rule: id::PG_STAT_STATEMENTS_NOT_LOADED,
            settings: &[SHARED],
            modules: vec!["pg_stat_statements"],
            without: "which statements take the time is not known",
            for_passwords: false,
        },
    ];
    for wanted in &all {
        if out.wants(wanted.rule) && !wanted.settings.iter().any(|name| by_sql(cx, name)) {
            cx.cluster.nodes.iter().for_each(|node| wanted.missing(node, out));
        }
    }
}

impl Wanted<'_> {
    fn missing(&self, node: &Node, out: &mut Sink<'_>) {
        let row = |major| if self.for_passwords { password_row(node, &STORED, major) } else { None };
        let matters = |major| !self.for_passwords || row(major).is_some();
        let lacks = |major| loads(node, self.settings, &self.modules, major) == Some(false);
        let at_fault = majors(node, self.rule, |major| matters(major) && lacks(major));
        let Some((major, &first)) = at_fault.last().zip(self.settings.first()) else { return };
        let names = self.modules.iter().map(|module| format!("`{module}`")).collect::<Vec<_>>().join(" or ");
        let message = format!("`{first}` is {}, without {names}", quoted(node, first, major));
        let Some(found) = finding(node, self.rule, at_fault, &[(first, self.without)], message) else { return };
        let restart = if first == SHARED { ", which needs a restart" } else { "" };
        let found = found.help(format!("install {names} and add it to `{first}`{restart}"));
        out.push(match row(major) {
            Some(row) => found.related(row.span, "asks for a password"),
            None => found,
        });
    }
}

/// Whether SQL of the tree sets a setting for the server, a database or a role.
pub(crate) fn by_sql(cx: &Context<'_>, name: &str) -> bool {
    cx.cluster.statements().any(|(_, statement)| match &statement.what {
        What::AlterSystem(change) => change.name.as_deref() == Some(name),
        What::AlterSetting(alter) => alter.setting.name.as_deref() == Some(name),
        _ => false,
    })
}

/// Whether one of the modules is loaded by one of the settings, where that is known.
pub(crate) fn loads(node: &Node, settings: &[&str], modules: &[&str], major: u8) -> Option<bool> {
    let names = |item: &String| modules.iter().any(|module| names_library(item, module));
    settings.iter().try_fold(false, |loaded, name| Some(list(node, name, major)?.iter().any(names) || loaded))
}

/// The first row by which a password is asked for.
fn password_row<'n>(node: &'n Node, methods: &[Method], major: u8) -> Option<&'n HbaRow> {
    let matches = |row: &&HbaRow| row.conn_type != ConnType::HostSsl || !is_off(node, "ssl", major);
    let rows = node.hba.iter().flat_map(|hba| &hba.rows).filter(|row| row.majors.contains(major));
    rows.filter(matches).find(|row| methods.contains(&row.method))
}
