//! Edits that mend a refused line.

use super::words;
use std::net::IpAddr;

use crate::catalog::hba::ValidWith;
use crate::catalog::{Majors, hba, nearest};
use crate::checks::edit::{self, rename};
use crate::checks::hba_settings;
use crate::finding::{Finding, Safety};
use crate::model::Node;
use crate::model::hba::{Reason, Refusal};
use crate::rule::Context;
use crate::source::Span;

/// The finding with the edit that mends the line, where there is one.
pub(super) fn mend(cx: &Context<'_>, node: &Node, refusal: &Refusal, finding: Finding) -> Finding {
    let (span, majors) = (refusal.span, refusal.majors);
    match &refusal.reason {
        Reason::ConnType { word } => match words::conn_type(word, majors) {
            Some(kind) => rename(cx, finding, (span, word), kind.name(), Safety::Unsafe),
            None => finding,
        },
        Reason::Method { word } => match words::method(word, majors) {
            Some(method) => rename(cx, finding, (span, word), method.name(), Safety::Unsafe),
            None => finding,
        },
        Reason::OptionName { name } => option(cx, (span, name), majors, finding),
        // With `cert` a certificate with the user's name is always asked for.
        Reason::ClientCert { .. } | Reason::ClientCertOff | Reason::ClientCertLevel if is_cert(cx, refusal) => {
            remove(cx, span, finding)
        }
        // To 12 and 13 `1` is `verify-ca`, and `0` and `no-verify` are what no option is.
        Reason::ClientCert { value } if value == "1" => {
            let safe = (node.targets.majors & Majors::until(11)).is_empty();
            let safety = if safe { Safety::Safe } else { Safety::Unsafe };
            rename(cx, finding, (span, value), "verify-ca", safety)
        }
        Reason::ClientCert { value } if matches!(value.as_str(), "0" | "no-verify") => remove(cx, span, finding),
        // `cert` and `clientcert` work with no other type.
        Reason::CertWithoutTls => tls(cx, node, refusal, finding),
        Reason::OptionPlace { option, .. } if option.valid_with == ValidWith::HostSsl => {
            tls(cx, node, refusal, finding)
        }
        Reason::Mask { address, .. } | Reason::NoMask { address } => one_address(cx, refusal, address, finding),
        Reason::NameWithMask { address } => without_mask(cx, span, address, finding),
        _ => finding,
    }
}

/// `hostssl` as the type of the line, unless the server has no TLS.
fn tls(cx: &Context<'_>, node: &Node, refusal: &Refusal, finding: Finding) -> Finding {
    let line = cx.sources.bytes(refusal.line);
    let start = line.len() - line.trim_ascii_start().len();
    let bare = line[start..].strip_prefix(b"host").is_some_and(|rest| matches!(rest, [b' ' | b'\t', ..]));
    if !bare || !hba_settings::ssl_off(node).is_empty() {
        return finding;
    }
    let at = refusal.line.range().start + start;
    let span = Span::new(refusal.line.file, at, at + "host".len());
    finding.fix("write `hostssl`", Safety::Unsafe, vec![(span, "hostssl".to_owned())])
}

/// The length of a single address behind it. One that ends in a zero may be a network.
fn one_address(cx: &Context<'_>, refusal: &Refusal, address: &str, finding: Finding) -> Finding {
    let bits = match words::ip(address) {
        Some(IpAddr::V4(ip)) if ip.octets()[3] != 0 => 32,
        Some(IpAddr::V6(ip)) if ip.segments()[7] != 0 => 128,
        _ => return finding,
    };
    let line = cx.sources.bytes(refusal.line);
    let mut places = memchr::memmem::find_iter(line, address.as_bytes());
    let (Some(at), None) = (places.next(), places.next()) else { return finding };
    let end = at + address.len();
    let apart = |byte: Option<&u8>| byte.is_none_or(|byte| matches!(byte, b' ' | b'\t' | b'\r'));
    if at == 0 || !apart(line.get(at - 1)) || !apart(line.get(end)) {
        return finding;
    }
    let edit = edit::put(refusal.line.file, refusal.line.start + end as u32, format!("/{bits}"));
    finding.fix(format!("write `{address}/{bits}`"), Safety::Unsafe, vec![edit])
}

/// A host name without the length of a mask.
fn without_mask(cx: &Context<'_>, span: Span, address: &str, finding: Finding) -> Finding {
    let name = address.split_once('/').map(|(name, _)| name).filter(|_| !words::is_placeholder(address));
    match name.filter(|name| name.contains('.') && !name.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')) {
        Some(name) => rename(cx, finding, (span, address), name, Safety::Unsafe),
        None => finding,
    }
}

/// Whether the line's method is `cert`: the word before the options.
fn is_cert(cx: &Context<'_>, refusal: &Refusal) -> bool {
    let fields = words::fields(cx.sources.bytes(refusal.line));
    fields.iter().rev().find(|field| !field.contains('=')).is_some_and(|field| field == "cert")
}

fn option(cx: &Context<'_>, at: (Span, &str), majors: Majors, finding: Finding) -> Finding {
    let name = at.1;
    // The plural took their place in 10.
    if ["radiusserver", "radiussecret", "radiusport", "radiusidentifier"].contains(&name) {
        return rename(cx, finding, at, &format!("{name}s"), Safety::Safe);
    }
    if hba::option(name.as_bytes()).is_some() {
        return finding;
    }
    let known = hba::OPTIONS.iter().filter(|option| option.majors.covers(majors)).map(|option| option.name);
    match nearest(&name.to_ascii_lowercase(), known) {
        Some(meant) => rename(cx, finding, at, meant, Safety::Unsafe),
        None => finding,
    }
}

/// Takes the option `clientcert` with the value at `span` out of its line.
fn remove(cx: &Context<'_>, span: Span, finding: Finding) -> Finding {
    const NAME: &[u8] = b"clientcert=";
    let bytes = cx.sources.file(span.file).bytes();
    let (before, after) = bytes.split_at(span.range().start);
    let ends = after.get(span.range().len()).is_none_or(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'#'));
    // An option in quotes, or one of several with commas between them, is left to people.
    let Some(line) = before.strip_suffix(NAME).filter(|_| ends) else { return finding };
    let blanks = line.iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    if blanks == 0 {
        return finding;
    }
    let whole = Span { start: span.start - (NAME.len() + blanks) as u32, ..span };
    finding.fix("remove `clientcert`", Safety::Safe, vec![(whole, String::new())])
}
