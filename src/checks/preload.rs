//! Modules that policies want to be loaded: those that check passwords, slow down guesses, stand in for superusers or
//! mask data.
//!
//! Which of them is installed is not known, and ALTER SYSTEM and ALTER DATABASE may load them: where SQL of the tree
//! names the setting, nothing is said.

use crate::catalog::hba::{ConnType, Method};
use crate::checks::ask::{finding, is_off, list, majors, quoted};
use crate::checks::conf_extensions::names_library;
use crate::finding::{Finding, Label, Subject};
use crate::model::Node;
use crate::model::hba::HbaRow;
use crate::model::sql::What;
use crate::model::value::parse_bool;
use crate::rule::{Context, RuleId, Sink, id};

const SHARED: &str = "shared_preload_libraries";
const SESSION: &str = "session_preload_libraries";

/// Methods that compare with a password that the server keeps.
const STORED: [Method; 3] = [Method::Password, Method::Md5, Method::ScramSha256];
/// Methods that ask the client for a password.
const GUESSED: [Method; 7] =
    [Method::Password, Method::Md5, Method::ScramSha256, Method::Ldap, Method::Pam, Method::Radius, Method::Bsd];
/// Settings that slow guesses down or end them, with their modules; all are 0, which is off, by default.
const DELAYS: [(&str, &str); 3] = [
    ("auth_delay", "auth_delay.milliseconds"),
    ("credcheck", "credcheck.auth_delay_ms"),
    ("credcheck", "credcheck.max_auth_failure"),
];
/// What set_user keeps superusers from doing; all are on by default.
const BLOCKS: [&str; 3] =
    ["set_user.block_alter_system", "set_user.block_copy_program", "set_user.block_log_statement"];

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in &cx.cluster.nodes {
        let modules = out.list(id::PASSWORD_CHECK_NOT_LOADED, "modules");
        let row = |major| password_row(node, &STORED, major);
        let why = "any password is taken";
        missing(cx, node, id::PASSWORD_CHECK_NOT_LOADED, &[SHARED, SESSION], &modules, why, row, out);
        let none = |_| Some(None);
        let why = "superusers log in and are not held back";
        missing(cx, node, id::SET_USER_NOT_LOADED, &[SHARED], &["set_user"], why, none, out);
        let modules = out.list(id::ANON_NOT_LOADED, "modules");
        let why = "no session masks data";
        missing(cx, node, id::ANON_NOT_LOADED, &[SESSION, SHARED], &modules, why, none, out);
        delay(cx, node, out);
        blocks(node, out);
    }
}

/// Whether SQL of the tree sets a setting for the server, a database or a role.
fn by_sql(cx: &Context<'_>, name: &str) -> bool {
    cx.cluster.statements().any(|(_, statement)| match &statement.what {
        What::AlterSystem(change) => change.name.as_deref() == Some(name),
        What::AlterSetting(alter) => alter.setting.name.as_deref() == Some(name),
        _ => false,
    })
}

/// Whether one of the modules is loaded by one of the settings, where that is known.
fn loads(node: &Node, settings: &[&str], modules: &[&str], major: u8) -> Option<bool> {
    let names = |item: &String| modules.iter().any(|module| names_library(item, module));
    settings.iter().try_fold(false, |loaded, name| Some(list(node, name, major)?.iter().any(names) || loaded))
}

/// The first row by which a password is asked for.
fn password_row<'n>(node: &'n Node, methods: &[Method], major: u8) -> Option<Option<&'n HbaRow>> {
    let matches = |row: &&HbaRow| row.conn_type != ConnType::HostSsl || !is_off(node, "ssl", major);
    let rows = node.hba.iter().flat_map(|hba| &hba.rows).filter(|row| row.majors.contains(major));
    rows.filter(matches).find(|row| methods.contains(&row.method)).map(Some)
}

/// A finding where `asks` wants one of the modules, with the row that does, and none of them is loaded.
#[allow(clippy::too_many_arguments, reason = "three rules differ in these and in nothing else")]
fn missing<'n>(
    cx: &Context<'_>,
    node: &'n Node,
    rule: RuleId,
    settings: &[&str],
    modules: &[&str],
    why: &str,
    asks: impl Fn(u8) -> Option<Option<&'n HbaRow>>,
    out: &mut Sink<'_>,
) {
    if !out.wants(rule) || settings.iter().any(|name| by_sql(cx, name)) {
        return;
    }
    let at_fault =
        majors(node, rule, |major| asks(major).is_some() && loads(node, settings, modules, major) == Some(false));
    let Some((major, &first)) = at_fault.last().zip(settings.first()) else { return };
    let wanted = modules.iter().map(|module| format!("`{module}`")).collect::<Vec<_>>().join(" or ");
    let message = format!("`{first}` is {}, without {wanted}", quoted(node, first, major));
    let Some(found) = finding(node, rule, at_fault, &[(first, why)], message) else { return };
    let found = found.help(format!("install {wanted} and add it to `{first}`"));
    out.push(match asks(major).flatten() {
        Some(row) => found.related(row.span, "asks for a password"),
        None => found,
    });
}

/// Whether a setting of a module is known to be 0.
fn is_zero(node: &Node, name: &str) -> bool {
    match node.settings.winner(name) {
        Some(definition) if definition.value.dynamic => false,
        // A unit may follow.
        Some(definition) => {
            let digits = |byte: &u8| !byte.is_ascii_alphabetic() && !byte.is_ascii_whitespace();
            definition.text.iter().copied().filter(digits).all(|byte| byte == b'0')
        }
        None => node.settings.complete,
    }
}

fn delay(cx: &Context<'_>, node: &Node, out: &mut Sink<'_>) {
    let rule = id::AUTH_DELAY_MISSING;
    if !out.wants(rule) || by_sql(cx, SHARED) || DELAYS.iter().any(|(_, name)| by_sql(cx, name)) {
        return;
    }
    let row = |major| password_row(node, &GUESSED, major).flatten();
    let loaded = |module: &str, major| loads(node, &[SHARED], &[module], major);
    let none = |major| DELAYS.iter().all(|(module, name)| loaded(module, major) == Some(false) || is_zero(node, name));
    let at_fault = majors(node, rule, |major| row(major).is_some() && none(major));
    let Some((major, row)) = at_fault.last().and_then(|major| Some((major, row(major)?))) else { return };
    let message = match DELAYS.iter().find(|(module, _)| loaded(module, major) == Some(true)) {
        Some((_, name)) => format!("passwords may be guessed without a delay: `{name}` is 0"),
        None => {
            let libraries = quoted(node, SHARED, major);
            format!(
                "passwords may be guessed without a delay: `{SHARED}` is {libraries}, without `auth_delay` or `credcheck`"
            )
        }
    };
    let places = [(SHARED, "nothing slows guesses down"), (DELAYS[0].1, "no delay"), (DELAYS[1].1, "no delay")];
    if let Some(found) = finding(node, rule, at_fault, &places, message) {
        let help =
            "load `auth_delay` and set `auth_delay.milliseconds`, or use `credcheck` with `credcheck.auth_delay_ms`";
        out.push(found.help(help).related(row.span, "asks for a password"));
    }
}

fn blocks(node: &Node, out: &mut Sink<'_>) {
    for name in BLOCKS {
        let Some(definition) = node.settings.winner(name).filter(|definition| !definition.value.dynamic) else {
            continue;
        };
        let at_fault =
            majors(node, id::SET_USER_BLOCK_OFF, |major| loads(node, &[SHARED], &["set_user"], major) == Some(true));
        if parse_bool(&definition.text) == Some(false) {
            let label = Label::new(definition.span, "superusers are not held back");
            let message = format!("`{name}` is off");
            let subject = Subject::Setting(name.to_owned());
            let found = Finding::new(id::SET_USER_BLOCK_OFF, subject, at_fault, label, message);
            out.push(found.help(format!("remove the line, or set `{name} = on`")));
        }
    }
}
