//! Curves and groups of the key exchange: weak ones, and names that the server refuses.
//!
//! Tried on 10, 15, 17 and 18: up to 17 `ssl_ecdh_curve` is one curve by OpenSSL's short name, from 18 on a list with
//! colons. What a library or its policy knows beside that is the machine's affair.

use crate::checks::ask::{is_on, majors, push, push_set, text};
use crate::rule::{Context, Sink, id};

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in &cx.cluster.nodes {
        for name in ["ssl_ecdh_curve", "ssl_groups"] {
            let Some(definition) = node.settings.winner(name).filter(|definition| definition.name == name) else {
                continue;
            };
            let of =
                |major| definition.setting.and_then(|setting| setting.on(major)).and_then(|_| text(node, name, major));
            let refused =
                |major: u8| of(major).and_then(|list| refusal(&list, major)).filter(|_| is_on(node, "ssl", major));
            let at_fault = majors(node, id::TLS_CURVE_REFUSED, |major| refused(major).is_some());
            if let Some((major, why)) = at_fault.last().and_then(|major| Some((major, refused(major)?))) {
                let message =
                    format!("`{name}` is `{}`, {why}: the server does not start", of(major).unwrap_or_default());
                let help = if major < 18 {
                    "name one curve, such as `prime256v1`"
                } else {
                    "write a list such as `X25519:prime256v1`"
                };
                push(node, id::TLS_CURVE_REFUSED, at_fault, &[(name, "refused")], message, help, out);
            }
            let weak =
                |major: u8| of(major).and_then(|list| list.split(':').find(|curve| is_weak(curve)).map(str::to_owned));
            let at_fault = majors(node, id::TLS_WEAK_CURVE, |major| weak(major).is_some()) - at_fault;
            if let Some(curve) = at_fault.last().and_then(weak) {
                let message = format!("`{name}` has `{curve}`, a curve of less than 224 bits");
                let help = "remove the line, or use `prime256v1`";
                let left = at_fault.last().and_then(of).unwrap_or_default();
                let left = left.split(':').filter(|curve| !is_weak(curve)).collect::<Vec<_>>().join(":");
                let set = [(name, if left.is_empty() { "prime256v1" } else { &left })];
                let places = [(name, "too small a curve")];
                push_set((cx, node), (id::TLS_WEAK_CURVE, at_fault), &places, message, help, &set, out);
            }
        }
    }
}

/// Why the value is certainly refused where TLS is on.
fn refusal(list: &str, major: u8) -> Option<&'static str> {
    let lower = list.to_ascii_lowercase();
    if list.is_empty() {
        return Some("no curve at all");
    }
    if list.contains(',') {
        return Some("with a comma");
    }
    let elsewhere = ["x25519", "x448", "p-192", "p-224", "p-256", "p-384", "p-521", "secp256r1", "secp192r1"];
    match major {
        18.. => None,
        _ if list.contains(':') => Some("a list, which only 18 and later take"),
        _ if elsewhere.contains(&lower.as_str()) => Some("a name that 17 and older do not know"),
        _ => None,
    }
}

/// Whether the name is of a curve over a field of less than 224 bits: half of that is what an attack takes.
fn is_weak(curve: &str) -> bool {
    let lower = curve.trim().to_ascii_lowercase();
    let families = ["secp", "sect", "prime", "p-", "k-", "b-", "c2pnb", "c2tnb", "brainpoolp"];
    let rest = families.iter().find_map(|family| lower.strip_prefix(family)).unwrap_or_default();
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    rest.get(..digits).and_then(|bits| bits.parse::<u32>().ok()).is_some_and(|bits| (100..224).contains(&bits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves() {
        for (curve, expected) in [
            ("prime256v1", false),
            ("prime192v1", true),
            ("secp160r1", true),
            ("sect163k1", true),
            ("secp224r1", false),
            ("X25519", false),
            ("ffdhe2048", false),
            ("P-192", true),
            ("X25519MLKEM768", false),
            ("brainpoolP256r1", false),
        ] {
            assert_eq!(is_weak(curve), expected, "{curve}");
        }
    }

    #[test]
    fn names() {
        for (list, of_17, of_18) in [
            ("prime256v1", false, false),
            ("X25519:prime256v1", true, false),
            ("X25519,prime256v1", true, true),
            ("P-256", true, false),
            ("", true, true),
        ] {
            assert_eq!((refusal(list, 17).is_some(), refusal(list, 18).is_some()), (of_17, of_18), "{list}");
        }
    }
}
