//! Rows of pg_hba.conf that do not work with what postgresql.conf or pg_ident.conf says.
//!
//! A setting at fault gives one finding per node, at the first row that it touches. What is not known of a setting
//! raises nothing.

use crate::catalog::Majors;
use crate::catalog::hba::{ConnType, Method};
use crate::finding::{Finding, Label, Severity, Subject};
use crate::model::Node;
use crate::model::access::Hba;
use crate::model::hba::{ClientCert, HbaRow};
use crate::model::settings::Effective;
use crate::model::value::Value;
use crate::rule::{Context, RuleId, Sink, id};

use super::access::by_version;
use super::hba_rows::subject;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in &cx.cluster.nodes {
        let Some(hba) = &node.hba else { continue };
        hostssl(node, hba, out);
        client_cert(node, hba, out);
        scram(node, hba, out);
        maps(cx, node, hba, out);
        certificates(cx, node, hba, out);
    }
}

/// The majors on which the server is known to take no TLS connections.
pub(super) fn ssl_off(node: &Node) -> Majors {
    node.settings.majors_where("ssl", node.targets.majors, |value| *value == Value::Bool(false))
}

/// Rows that a setting touches, as one finding.
struct Touched<'h> {
    first: Option<&'h HbaRow>,
    rest: Vec<&'h HbaRow>,
    majors: Majors,
}

/// So many further rows are shown.
const MOST_RELATED: usize = 5;

impl<'h> Touched<'h> {
    fn of(hba: &'h Hba, touched: impl Fn(&HbaRow) -> Majors) -> Self {
        let mut out = Self { first: None, rest: Vec::new(), majors: Majors::NONE };
        for row in &hba.rows {
            let majors = touched(row);
            if majors.is_empty() {
                continue;
            }
            out.majors = out.majors | majors;
            match out.first {
                None => out.first = Some(row),
                Some(_) if out.rest.len() < MOST_RELATED => out.rest.push(row),
                Some(_) => {}
            }
        }
        out
    }

    fn finding(&self, node: &Node, rule: RuleId, setting: &str, message: String, label: &str) -> Option<Finding> {
        let first = self.first?;
        let subject = Subject::Setting(setting.to_owned());
        let mut finding = Finding::new(rule, subject, self.majors, Label::new(first.span, label), message);
        for row in &self.rest {
            finding = finding.related(row.span, "here too");
        }
        if let Some(definition) = node.settings.winner(setting) {
            finding = finding.related(definition.span, "set here");
        }
        Some(by_version(node, finding))
    }
}

fn hostssl(node: &Node, hba: &Hba, out: &mut Sink<'_>) {
    let off = ssl_off(node);
    let touched = Touched::of(hba, |row| match (row.conn_type, row.method) {
        (ConnType::HostSsl, method) if method != Method::Reject => row.majors & off,
        _ => Majors::NONE,
    });
    let how = if node.settings.winner("ssl").is_some() { "off" } else { "not set, and off by default" };
    let message = format!("`hostssl` lines match no connection, as `ssl` is {how}");
    if let Some(finding) = touched.finding(node, id::HBA_HOSTSSL_NO_SSL, "ssl", message, "never matches") {
        out.push(finding.help("set `ssl = on`, with `ssl_cert_file` and `ssl_key_file`"));
    }
}

/// Without a root certificate each login ends with "client certificates can only be checked if a root certificate
/// store is available" (`ClientAuthentication` in auth.c).
fn client_cert(node: &Node, hba: &Hba, out: &mut Sink<'_>) {
    let settings = &node.settings;
    let among = node.targets.majors - ssl_off(node);
    let empty =
        settings.majors_where("ssl_ca_file", among, |value| matches!(value, Value::String(text) if text.is_empty()));
    let touched = Touched::of(hba, |row| {
        let asks = row.majors.iter().filter(|&major| row.client_cert_on(major) != ClientCert::Off).collect::<Majors>();
        if row.method == Method::Reject { Majors::NONE } else { asks & empty }
    });
    let message = "every login that needs a client certificate fails, as `ssl_ca_file` is not set".to_owned();
    if let Some(finding) =
        touched.finding(node, id::HBA_CLIENTCERT_NO_CA, "ssl_ca_file", message, "asks for a certificate")
    {
        out.push(
            finding.help("set `ssl_ca_file` to the certificate of the authority that signs the clients' certificates"),
        );
    }
}

fn scram(node: &Node, hba: &Hba, out: &mut Sink<'_>) {
    let settings = &node.settings;
    let majors = node.targets.majors;
    let md5 = settings.majors_where("password_encryption", majors, |value| matches!(value, Value::Enum("md5" | "on")));
    // Nobody wrote `md5`, and who runs a current major never sees it.
    if settings.winner("password_encryption").is_none() && !md5.covers(majors) {
        return;
    }
    let touched =
        Touched::of(hba, |row| if row.method == Method::ScramSha256 { row.majors & md5 } else { Majors::NONE });
    let how = if settings.winner("password_encryption").is_some() { "is" } else { "is not set, and by default is" };
    let message =
        format!("`scram-sha-256` refuses the passwords that are set from now on, as `password_encryption` {how} `md5`");
    if let Some(finding) =
        touched.finding(node, id::HBA_SCRAM_WITH_MD5_ENCRYPTION, "password_encryption", message, "takes no MD5 hash")
    {
        out.push(finding.help("set `password_encryption = 'scram-sha-256'`, and have the passwords set anew"));
    }
}

fn maps(cx: &Context<'_>, node: &Node, hba: &Hba, out: &mut Sink<'_>) {
    // A pg_ident.conf elsewhere, as `ident_file` may name one, is not known.
    let Some(ident) = node.ident.as_ref().filter(|ident| ident.complete) else { return };
    if !matches!(
        node.settings.effective("ident_file", node.targets.majors.last().unwrap_or_default()),
        Effective::Known(Value::String(_), None) | Effective::Unknown | Effective::Absent
    ) {
        return;
    }
    // Where the file is refused no map is known; that is said there.
    let refused = ident.refusals.iter().fold(Majors::NONE, |majors, refusal| majors | refusal.majors);
    let faults = ident.includes.iter().fold(refused, |majors, fault| majors | fault.majors);
    let mut known = std::collections::HashMap::<&str, Majors>::new();
    for row in &ident.rows {
        let majors = known.entry(&row.map).or_default();
        *majors = *majors | row.majors;
    }
    for row in &hba.rows {
        let Some(map) = row.option("map").filter(|map| !map.value.is_empty()) else { continue };
        let missing = (row.majors - faults) - known.get(map.value.as_str()).copied().unwrap_or_default();
        if missing.is_empty() {
            continue;
        }
        let shown = cx.show(map.value_span);
        let message = format!("every login through the line fails, as pg_ident.conf has no map `{shown}`");
        let label = Label::new(map.value_span, "no such map");
        let finding = Finding::new(id::IDENT_MAP_MISSING, subject(cx, row), missing, label, message);
        let near = crate::catalog::nearest(&map.value, known.keys().copied());
        let help = near.map_or_else(
            || format!("add lines for `{shown}` to pg_ident.conf"),
            |near| format!("write `{near}`, or add lines for `{shown}` to pg_ident.conf"),
        );
        out.push(by_version(node, finding).help(help));
    }
}

fn certificates(cx: &Context<'_>, node: &Node, hba: &Hba, out: &mut Sink<'_>) {
    for row in hba.rows.iter().filter(|row| row.method == Method::Cert && row.option("map").is_none()) {
        let label = Label::new(row.method_span, "compares the names directly");
        let message = "`cert` without a map takes only certificates whose common name is the database user";
        let finding = Finding::new(id::HBA_CERT_NO_MAP, subject(cx, row), row.majors, label, message);
        out.push(
            by_version(node, finding)
                .severity(Severity::Info)
                .help("add `map=`, if the certificates name machines or people"),
        );
    }
}
