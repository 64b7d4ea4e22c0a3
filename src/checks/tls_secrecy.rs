//! Cipher lists of TLS 1.2 that let in key exchange by RSA, which has no forward secrecy.
//!
//! Source: the manual page openssl-ciphers, and `openssl ciphers -s -tls1_2 -v LIST` of OpenSSL 3.0, where it is the
//! suites with `Kx=RSA`. Suites of PSK and SRP are none that the server can use; static DH and ECDH left OpenSSL with
//! 1.1.0.

use crate::checks::ask::{is_on, majors, push, text};
use crate::checks::tls_ciphers::tokens;
use crate::rule::{Context, Sink, id};

/// Words that stand for suites with key exchange by RSA, among others.
const BROAD: [&str; 28] = [
    "ALL",
    "COMPLEMENTOFDEFAULT",
    "DEFAULT",
    "FIPS",
    "HIGH",
    "KRSA",
    "RSA",
    "ARSA",
    "AES",
    "AES128",
    "AES256",
    "AESCCM",
    "AESCCM8",
    "AESGCM",
    "ARIA",
    "ARIA128",
    "ARIA256",
    "ARIAGCM",
    "CAMELLIA",
    "CAMELLIA128",
    "CAMELLIA256",
    "SHA",
    "SHA1",
    "SHA256",
    "SSLV3",
    "TLSV1.2",
    "3DES",
    "RC4",
];

/// How names of suites with key exchange by RSA begin: with the cipher.
const CIPHERS: [&str; 10] =
    ["AES128", "AES256", "ARIA128", "ARIA256", "CAMELLIA128", "CAMELLIA256", "DES", "IDEA", "RC4", "SEED"];

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in &cx.cluster.nodes {
        let rule = id::TLS_CIPHERS_NO_FORWARD_SECRECY;
        let found = |major| {
            // The list says nothing of TLS 1.3, of which all suites have forward secrecy.
            let newer = text(node, "ssl_min_protocol_version", major).is_some_and(|least| least == "TLSv1.3");
            if newer || !is_on(node, "ssl", major) {
                return None;
            }
            without(&text(node, "ssl_ciphers", major)?)
        };
        let at_fault = majors(node, rule, |major| found(major).is_some());
        let Some(token) = at_fault.last().and_then(found) else { continue };
        let set = if node.settings.winner("ssl_ciphers").is_some() { "" } else { ", the default," };
        let message = format!("`ssl_ciphers`{set} has `{token}`, which lets in suites without forward secrecy");
        let help = "add `!kRSA`, or name suites with ECDHE only";
        push(node, rule, at_fault, &[("ssl_ciphers", "key exchange by RSA")], message, help, out);
    }
}

/// The first token that lets in key exchange by RSA and is not taken back.
fn without(list: &str) -> Option<String> {
    let all = tokens(list).map(str::to_ascii_uppercase).collect::<Vec<_>>();
    // From level 3 on OpenSSL offers no suite without forward secrecy (SSL_CTX_set_security_level).
    if all.iter().any(|token| ["@SECLEVEL=3", "@SECLEVEL=4", "@SECLEVEL=5"].contains(&token.as_str())) {
        return None;
    }
    let mut open: Vec<(&str, &str)> = Vec::new();
    for (token, upper) in tokens(list).zip(&all).filter(|(_, upper)| brings(upper)) {
        open.push((token, upper));
    }
    open.retain(|(_, upper)| {
        let position = all.iter().rposition(|token| token == upper);
        let later = |index: usize| position.is_none_or(|position| index > position);
        // `!` holds for good, `-` for what stands before it.
        !all.iter().enumerate().any(|(index, token)| {
            let taken = token.strip_prefix('!').or_else(|| token.strip_prefix('-').filter(|_| later(index)));
            taken.is_some_and(|taken| takes(taken, upper))
        })
    });
    open.first().map(|(token, _)| (*token).to_owned())
}

/// Whether a token adds suites with key exchange by RSA.
fn brings(token: &str) -> bool {
    if token.split('+').all(|part| BROAD.contains(&part)) {
        return true;
    }
    token.split_once('-').is_some_and(|(cipher, _)| CIPHERS.contains(&cipher)) && !token.contains('+')
}

/// Whether taking `taken` away leaves nothing of a token's that has no forward secrecy.
fn takes(taken: &str, token: &str) -> bool {
    let same = |part: &str| part == taken || part == "SHA" && taken == "SHA1";
    // A name's parts are all true of the one suite that it means.
    ["KRSA", "RSA", "ARSA", token].contains(&taken) || token.split(['-', '+']).any(same)
}

#[cfg(test)]
mod tests;
