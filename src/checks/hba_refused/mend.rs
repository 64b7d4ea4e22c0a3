//! Edits that mend a refused line.

use super::words;
use crate::catalog::{Majors, hba, nearest};
use crate::checks::rename::rename;
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
        _ => finding,
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
