//! Options that do not do what they seem to do, and secrets in them.

use crate::catalog::Majors;
use crate::checks::edit;
use crate::finding::{Label, Safety};
use crate::model::hba::HbaOption;
use crate::rule::{Sink, id};
use crate::secret;

use super::view::Row;

/// Options that are on if they are `1`, and off for every other text (`parse_hba_auth_opt` in hba.c).
const SWITCHES: &[&str] =
    &["ldaptls", "pam_use_hostname", "include_realm", "compat_realm", "upn_username", "delegate_ident_mapping"];

pub(super) fn check(row: &Row<'_>, out: &mut Sink<'_>) {
    for (index, option) in row.entry.options.iter().enumerate() {
        let name = option.info.name;
        let rest = row.entry.options.get(index + 1..).unwrap_or_default();
        if let Some(later) = rest.iter().find(|later| later.info.name == name) {
            let message = format!("`{name}` stands twice, and only the last counts");
            let finding =
                row.finding(id::HBA_OPTION_TWICE, row.entry.majors, Label::new(option.span, "has no effect"), message);
            let finding = finding.help("remove one of them").related(later.name_span, "this one counts");
            out.push(match edit::with_blanks(row.cx, option.span) {
                Some(span) => {
                    let title = format!("remove the first `{name}`");
                    finding.fix(title, Safety::Safe, vec![(span, String::new())])
                }
                None => finding,
            });
            continue;
        }
        if SWITCHES.contains(&name) && !matches!(option.value.as_str(), "0" | "1") {
            switch(row, option, out);
        }
        if name == "clientcert" {
            client_cert(row, option, out);
        }
        if option.info.secret && !option.value.is_empty() && !is_placeholder(&option.value) {
            let message = format!("the value of `{name}` is a secret that everyone who reads the file has");
            let finding = row.finding(
                id::HBA_SECRET,
                row.entry.majors,
                Label::new(option.name_span, "a secret in plain text"),
                message,
            );
            out.push(
                finding.help(
                    "keep the file out of version control, fill the value in at deployment, and change the secret",
                ),
            );
        }
    }
}

fn switch(row: &Row<'_>, option: &HbaOption, out: &mut Sink<'_>) {
    let (name, value) = (option.info.name, row.show(option.value_span));
    let message = format!("`{name}={value}` turns `{name}` off, as only `1` turns it on");
    let finding = row.finding(id::HBA_OPTION_SWITCH, row.entry.majors, Label::new(option.value_span, "off"), message);
    let on = ["on", "yes", "true", "t", "y", "enabled"].iter().any(|word| option.value.eq_ignore_ascii_case(word));
    let wanted = if on { "1" } else { "0" };
    let finding = finding.help(format!("write `{name}={wanted}`"));
    out.push(finding.fix(
        format!("write `{name}={wanted}`"),
        Safety::Unsafe,
        vec![(option.value_span, wanted.to_owned())],
    ));
}

/// 10 and 11 know `clientcert=1` only and take everything else for off.
fn client_cert(row: &Row<'_>, option: &HbaOption, out: &mut Sink<'_>) {
    if matches!(option.value.as_str(), "0" | "1" | "no-verify") {
        return;
    }
    let value = row.show(option.value_span);
    let message = format!("`clientcert={value}` asks for no certificate before 12, which knows `clientcert=1` only");
    let label = Label::new(option.value_span, "off on 10 and 11");
    let finding = row.finding(id::HBA_CLIENTCERT_IGNORED, row.entry.majors & Majors::until(11), label, message);
    let finding = finding.help("write `clientcert=1`");
    // 14 and later refuse it.
    let old = (row.entry.majors - Majors::until(11)).is_empty();
    let edit = edit::word(row.cx, option.value_span, "1");
    out.push(if old { finding.fix("write `clientcert=1`", Safety::Unsafe, vec![edit]) } else { finding });
}

fn is_placeholder(value: &str) -> bool {
    secret::is_placeholder(value.as_bytes())
}
