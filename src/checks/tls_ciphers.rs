//! What `ssl_ciphers` and `ssl_tls13_ciphers` let in, read as OpenSSL reads cipher strings.
//!
//! Which suites a library really offers depends on its version and build; the list alone is judged. Source: the
//! manual page openssl-ciphers and `ssl_create_cipher_list` of OpenSSL.

use crate::checks::ask::{finding, is_on, majors, push_set, text};
use crate::finding::{Effect, Severity};
use crate::rule::{Context, Sink, id};

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in &cx.cluster.nodes {
        let (old, new) = ("ssl_ciphers", "ssl_tls13_ciphers");
        let set = |name, major| text(node, name, major).filter(|_| node.settings.winner(name).is_some());
        let weakness = |major| weakness(&set(old, major)?);
        let at_fault = majors(node, id::TLS_WEAK_CIPHERS, |major| weakness(major).is_some());
        if let Some(why) = at_fault.last().and_then(weakness) {
            let message = format!("`ssl_ciphers` {why}");
            let help = "remove the line, or set `HIGH:!aNULL`";
            let (of, place) = ((id::TLS_WEAK_CIPHERS, at_fault), [(old, "lets weak suites in")]);
            push_set((cx, node), of, &place, message, help, &[(old, "HIGH:!aNULL")], out);
        }
        let misplaced = |major| tokens(&set(old, major)?).find(|token| is_tls13(token)).map(str::to_owned);
        let at_fault = majors(node, id::TLS_CIPHER_NOOP, |major| misplaced(major).is_some());
        if let Some(token) = at_fault.last().and_then(misplaced) {
            let message = format!("`ssl_ciphers` has `{token}`, a suite of TLS 1.3, which has no effect there");
            let help = "take the suites of TLS 1.3 out; from 18 on `ssl_tls13_ciphers` chooses them";
            let list = at_fault.last().and_then(|major| set(old, major)).unwrap_or_default();
            let left = list.split(':').filter(|token| !is_tls13(token.trim())).collect::<Vec<_>>().join(":");
            // A list without suites of its own would be another one.
            let values = [(old, left.as_str())];
            let values = if tokens(&left).next().is_some() { values.as_slice() } else { &[] };
            let place = [(old, "for TLS 1.2 and below")];
            push_set((cx, node), (id::TLS_CIPHER_NOOP, at_fault), &place, message, help, values, out);
        }
        // Without a single suite of TLS 1.3 the list is refused (tried on 18).
        let refused = |major| {
            let list = set(new, major)?;
            (!list.trim().is_empty() && !tokens(&list).any(is_tls13)).then_some(list)
        };
        let at_fault = majors(node, id::TLS_CIPHER_NOOP, |major| is_on(node, "ssl", major) && refused(major).is_some());
        let message = "`ssl_tls13_ciphers` names no suite of TLS 1.3: the server does not start".to_owned();
        let place = [(new, "for TLS 1.3 only")];
        if !at_fault.is_empty()
            && let Some(found) = finding(node, id::TLS_CIPHER_NOOP, at_fault, &place, message)
        {
            let found = found.help("name suites such as `TLS_AES_256_GCM_SHA384`, or remove the line");
            out.push(found.effect(Effect::Refused).severity(Severity::Error));
        }
    }
}

pub(super) fn tokens(list: &str) -> impl Iterator<Item = &str> {
    list.split([':', ',', ' ', ';']).filter(|token| !token.is_empty())
}

fn is_tls13(token: &str) -> bool {
    token.starts_with("TLS_")
}

/// Kinds of weak suites: how they are written, and what is wrong with them.
const WEAK: [(&[&str], &str); 8] = [
    (&["NULL", "ENULL"], "suites without encryption"),
    (&["ANULL", "ADH", "AECDH"], "suites without authentication"),
    (&["EXP", "EXPORT", "EXPORT40", "EXPORT56"], "export suites"),
    (&["LOW"], "suites with keys of 64 bits or less"),
    (&["RC4", "RC2"], "suites with broken RC4 or RC2"),
    (&["DES", "3DES", "CBC3"], "suites with outdated DES or 3DES"),
    (&["MD5"], "suites with MD5"),
    (&["IDEA", "SEED"], "suites with outdated IDEA or SEED"),
];

/// What the list lets in that it must not, as a clause that follows its name.
fn weakness(list: &str) -> Option<String> {
    let mut broad = None;
    let mut weak = Vec::new();
    let mut forbidden = Vec::new();
    for token in tokens(list) {
        let upper = token.to_ascii_uppercase();
        match upper.as_bytes() {
            [b'!' | b'-', ..] => forbidden.push(upper.get(1..).unwrap_or_default().to_owned()),
            // `+` only changes the order.
            [b'+', ..] => {}
            [b'@', ..] if upper == "@SECLEVEL=0" => {
                return Some("has `@SECLEVEL=0`, which allows everything".to_owned());
            }
            [b'@', ..] => {}
            _ if is_tls13(token) => {}
            _ if ["ALL", "COMPLEMENTOFALL", "HIGH", "MEDIUM"].contains(&upper.as_str()) => {
                broad = broad.or(Some(token));
            }
            _ => {
                // A suite is named by its parts, `ECDHE-RSA-RC4-SHA`; with `+` a token means several at once.
                let parts = upper.split(['-', '+']).collect::<Vec<_>>();
                weak.extend(
                    WEAK.iter()
                        .filter(|(names, _)| names.iter().any(|name| parts.contains(name)))
                        .map(|kind| (token, kind)),
                );
            }
        }
    }
    let is_forbidden = |names: &[&str]| names.iter().any(|name| forbidden.iter().any(|token| token == name));
    if let Some((token, (_, what))) = weak.into_iter().find(|(_, (names, _))| !is_forbidden(names)) {
        return Some(format!("has `{token}`: {what}"));
    }
    let anonymous = broad.filter(|_| !is_forbidden(&["ANULL"]));
    anonymous.map(|token| format!("has `{token}` without `!aNULL`: suites without authentication come along"))
}

#[cfg(test)]
mod tests;
