//! Versions of TLS that exclude each other or the newest one, and Debian's self-made certificate.

use crate::checks::ask::{is_on, majors, push, push_set, shown, text};
use crate::model::Node;
use crate::rule::{Context, Sink, id};

const MIN: &str = "ssl_min_protocol_version";
const MAX: &str = "ssl_max_protocol_version";

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in &cx.cluster.nodes {
        let reversed = majors(node, id::TLS_VERSION_ORDER, |major| {
            let bound = |name| version(node, name, major);
            is_on(node, "ssl", major) && bound(MIN).zip(bound(MAX)).is_some_and(|(min, max)| max > 0 && min > max)
        });
        let places = [(MIN, "above the maximum"), (MAX, "below the minimum")];
        let bounds = reversed.last().map(|major| (shown(node, MIN, major), shown(node, MAX, major)));
        let (min, max) = bounds.unwrap_or_default();
        let message = format!("`{MIN}` ({min}) is above `{MAX}` ({max}): the server does not start");
        let of = (id::TLS_VERSION_ORDER, reversed);
        push_set((cx, node), of, &places, message, "remove `ssl_max_protocol_version`", &[(MAX, "")], out);

        let old = majors(node, id::TLS_MAX_VERSION, |major| {
            version(node, MAX, major).is_some_and(|max| (1..4).contains(&max))
        });
        let max = old.last().map(|major| shown(node, MAX, major)).unwrap_or_default();
        let message = format!("`{MAX}` is `{max}`, which keeps TLS 1.3 out");
        let place = [(MAX, "forbids the newest version")];
        let of = (id::TLS_MAX_VERSION, old - reversed);
        push_set((cx, node), of, &place, message, "remove the line", &[(MAX, "")], out);

        for name in ["ssl_cert_file", "ssl_key_file"] {
            let snakeoil = majors(node, id::TLS_SNAKEOIL_CERTIFICATE, |major| {
                is_on(node, "ssl", major)
                    && text(node, name, major).is_some_and(|path| path.contains("ssl-cert-snakeoil"))
            });
            if snakeoil.is_empty() {
                continue;
            }
            let message = format!("`{name}` is the self-signed certificate of Debian, which no client can verify");
            let help = "use a certificate of a CA that the clients know";
            push(
                node,
                id::TLS_SNAKEOIL_CERTIFICATE,
                snakeoil,
                &[(name, "made by the `ssl-cert` package")],
                message,
                help,
                out,
            );
            break;
        }
    }
}

/// The version as a number that grows with it; 0 where none is set.
fn version(node: &Node, name: &str, major: u8) -> Option<u8> {
    let known = ["", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];
    let text = text(node, name, major)?;
    known.iter().position(|version| version.eq_ignore_ascii_case(&text)).and_then(|at| u8::try_from(at).ok())
}
