//! Client certificates that are taken though nobody can take them back.

use crate::catalog::hba::Method;
use crate::checks::ask::{finding, is_empty, is_off, majors};
use crate::model::Node;
use crate::model::hba::{ClientCert, HbaRow};
use crate::rule::{Context, Sink, id};

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in &cx.cluster.nodes {
        let at_fault = majors(node, id::TLS_CRL_MISSING, |major| lacks_list(node, major) && row(node, major).is_some());
        let Some(row) = at_fault.last().and_then(|major| row(node, major)) else { continue };
        let message = "client certificates are asked for, and no revocation list is set: one that was stolen is taken \
                       until it expires";
        let places =
            [("ssl_crl_file", "empty"), ("ssl_crl_dir", "empty"), ("ssl_ca_file", "no list of revocations beside it")];
        if let Some(found) = finding(node, id::TLS_CRL_MISSING, at_fault, &places, message.to_owned()) {
            let help = "set `ssl_crl_file`, or `ssl_crl_dir` from 14 on, and keep the list current";
            out.push(found.help(help).related(row.span, "asks for a certificate"));
        }
    }
}

/// Whether certificates are checked and no list is set. Without an authority every login fails, which another rule says.
fn lacks_list(node: &Node, major: u8) -> bool {
    let empty = |name| is_empty(node, name, major);
    empty("ssl_crl_file") && empty("ssl_crl_dir") && !empty("ssl_ca_file") && !is_off(node, "ssl", major)
}

/// The first row that asks for a certificate.
fn row(node: &Node, major: u8) -> Option<&HbaRow> {
    let rows = node.hba.iter().flat_map(|hba| &hba.rows).filter(|row| row.majors.contains(major));
    rows.filter(|row| row.method != Method::Reject).find(|row| row.client_cert_on(major) != ClientCert::Off)
}
