//! Rows that ask for a client certificate which the connection surely, or perhaps, does not show.
//!
//! Source: `initialize_SSL` in fe-secure-openssl.c: without `sslcert` libpq takes `~/.postgresql/postgresql.crt` of the
//! account that the server runs as, if it is there, so that a string without one says little; `sslcertmode = disable`
//! (16 and later) sends none.

use super::connection::{self, Doors};
use super::ends::ends;
use super::{password, role};
use crate::catalog::Majors;
use crate::catalog::hba::Method;
use crate::finding::{Confidence, Finding, Label, Subject};
use crate::model::hba::ClientCert;
use crate::rule::id::CLUSTER_CONNECTION_NO_CERTIFICATE;
use crate::rule::{Context, Sink, shorten};

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    if !out.wants(CLUSTER_CONNECTION_NO_CERTIFICATE) {
        return;
    }
    let known = connection::known(cx);
    let mut doors = Doors::new(cx, &known);
    for ends in ends(cx) {
        let judged = if ends.is_physical() { ends.physical_majors() } else { ends.up.majors };
        let Some(row) = judged.last().and_then(|newest| password::decides(&ends, &mut doors, newest)) else { continue };
        let asks = |major: &u8| row.method == Method::Cert || row.client_cert_on(*major) != ClientCert::Off;
        let majors: Majors = judged.iter().filter(asks).collect();
        let (Some(newest), Some(place)) = (majors.last(), role::place(&ends)) else { continue };
        let disabled = ends.edge.keyword(cx.cluster, "sslcertmode", newest).is_some_and(|mode| mode == "disable");
        let unset = ends.edge.is_unset(cx.cluster, "sslcert");
        let (what, confidence) = match (disabled, unset) {
            (true, _) => ("turns certificates off with `sslcertmode`", ends.confidence()),
            (false, true) => ("names none with `sslcert`", Confidence::Low),
            (false, false) => continue,
        };
        let user = role::user(&ends).unwrap_or_default();
        let message = format!(
            "pg_hba.conf of {} asks {} for a client certificate, and its connection {what}",
            ends.up.shown(),
            ends.down.shown()
        );
        let subject = Subject::Role(user.clone());
        let label = Label::new(place, format!("connects as `{}`", shorten(&user)));
        let finding = Finding::new(CLUSTER_CONNECTION_NO_CERTIFICATE, subject, majors, label, message);
        let finding = finding.related(row.method_span, "asks for a certificate").confidence(confidence);
        out.push(finding.help("set `sslcert` and `sslkey` in the connection string"));
    }
}
