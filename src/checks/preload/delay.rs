//! Whether anything slows down who guesses passwords.

use super::{SHARED, by_sql, loads, password_row};
use crate::catalog::hba::Method;
use crate::checks::ask::{finding, majors, quoted};
use crate::model::Node;
use crate::rule::{Context, Sink, id};

/// Methods that ask the client for a password.
const GUESSED: [Method; 7] =
    [Method::Password, Method::Md5, Method::ScramSha256, Method::Ldap, Method::Pam, Method::Radius, Method::Bsd];
/// Settings that slow guesses down or end them, with their modules; all are 0, which is off, by default.
const DELAYS: [(&str, &str); 3] = [
    ("auth_delay", "auth_delay.milliseconds"),
    ("credcheck", "credcheck.auth_delay_ms"),
    ("credcheck", "credcheck.max_auth_failure"),
];

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    if !by_sql(cx, SHARED) && !DELAYS.iter().any(|(_, name)| by_sql(cx, name)) {
        cx.cluster.nodes.iter().for_each(|node| delay(node, out));
    }
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

fn delay(node: &Node, out: &mut Sink<'_>) {
    let rule = id::AUTH_DELAY_MISSING;
    let row = |major| password_row(node, &GUESSED, major);
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
