//! Passwords of user mappings.

use crate::catalog::Majors;
use crate::finding::{Confidence, Finding, Label, Severity, Subject};
use crate::model::sql::{OptionItem, UserMapping, What};
use crate::rule::id::{FDW_PASSWORD_REQUIRED_OFF, FDW_USER_MAPPING_PASSWORD};
use crate::rule::{Context, Sink};
use crate::secret::is_placeholder;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (site, statement) in cx.cluster.statements() {
        let What::UserMapping(mapping) = &statement.what else { continue };
        let server = cx.show(mapping.server.span);
        let subject = || Subject::Object(format!("user mapping/{}@{}", mapping.user.text, mapping.server.text));
        if let Some(password) = mapping.password().filter(|password| !password.is_dynamic()) {
            let placeholder = is_placeholder(password.literal.text());
            let message = format!(
                "the password of {} on server `{server}` {} in clear text",
                whom(cx, mapping),
                if placeholder { "belongs here" } else { "stands here" }
            );
            let label = "kept in clear text in `pg_user_mapping`, and in dumps";
            let mut finding = Finding::new(FDW_USER_MAPPING_PASSWORD, subject(), site.majors, Label::new(password.span, label), message)
                .help("use a password file, a client certificate or SCRAM pass-through (`use_scram_passthrough`, 18), or pass a variable");
            if placeholder {
                finding = finding.severity(Severity::Info).confidence(Confidence::Low);
            }
            out.push(finding);
        }
        if let Some(off) = mapping.options.iter().find(|item| is_off(item)) {
            let message = format!("{} may use server `{server}` without a password", whom(cx, mapping));
            let label = Label::new(off.span, "connects with whatever the server's own user has");
            let majors = site.majors & Majors::since(13);
            out.push(
                Finding::new(FDW_PASSWORD_REQUIRED_OFF, subject(), majors, label, message)
                    .help("give the mapping credentials of its own, and leave `password_required` on"),
            );
        }
    }
}

fn whom(cx: &Context<'_>, mapping: &UserMapping) -> String {
    if mapping.user.text == "public" && !mapping.user.quoted {
        "every role".to_owned()
    } else {
        format!("`{}`", cx.name(mapping.user.span))
    }
}

fn is_off(item: &OptionItem) -> bool {
    let value = item.value.as_ref().filter(|value| !value.is_dynamic());
    item.name.text == "password_required"
        && value.is_some_and(|value| {
            ["false", "off", "no", "0", "f", "n"].contains(&value.text().to_ascii_lowercase().as_str())
        })
}
