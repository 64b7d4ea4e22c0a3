//! Passwords in CREATE ROLE and ALTER ROLE.

use crate::finding::{Confidence, Finding, Label, Safety, Severity, Subject};
use crate::model::objects::Site;
use crate::model::sql::{AttributeKind, Password, PasswordForm, Role, What};
use crate::rule::id::{
    ROLE_PASSWORD_EMPTY, ROLE_PASSWORD_EQUALS_NAME, ROLE_PASSWORD_LITERAL, ROLE_PASSWORD_MD5, ROLE_PASSWORD_NO_LOGIN,
};
use crate::rule::{Context, Sink};
use crate::secret::is_placeholder;
use crate::source::Span;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (site, statement) in cx.cluster.statements() {
        let What::Role(role) = &statement.what else { continue };
        for attribute in &role.attributes {
            if let AttributeKind::Password(password) = &attribute.kind {
                judge(cx, out, site, role, (password, attribute.span));
            }
        }
    }
}

fn judge(cx: &Context<'_>, out: &mut Sink<'_>, site: &Site, role: &Role, (password, whole): (&Password, Span)) {
    let shown = cx.name(role.name.span);
    let subject = || Subject::Role(role.name.text.clone());
    let at = |rule, label: &str, message: String| {
        let span = password.text.as_ref().map_or(whole, |text| text.span);
        Finding::new(rule, subject(), site.majors, Label::new(span, label), message)
    };
    match (password.form, &password.text) {
        (PasswordForm::Plain, Some(text)) => {
            let bytes = text.literal.text();
            if bytes.is_empty() {
                let message = format!("the password of role `{shown}` is empty, so the role gets none");
                let found = at(ROLE_PASSWORD_EMPTY, "the server takes an empty string for no password", message)
                    .help("write `PASSWORD NULL` to take the password away");
                // Behind `ENCRYPTED` the grammar has strings only.
                let plain = cx.sources.bytes(whole).to_ascii_lowercase().starts_with(b"password");
                let edit = vec![(text.span, "NULL".to_owned())];
                out.push(if plain { found.fix("write `PASSWORD NULL`", Safety::Safe, edit) } else { found });
                return;
            }
            if bytes.eq_ignore_ascii_case(role.name.text.as_bytes()) && !role.name.dynamic {
                let message = format!("the password of role `{shown}` is the role's name");
                let help = "give it a random password, with `\\password` or from outside of the script";
                out.push(at(ROLE_PASSWORD_EQUALS_NAME, "the first guess of anyone", message).help(help));
                return;
            }
            let placeholder = is_placeholder(bytes);
            let message = if placeholder {
                format!("a password of role `{shown}` in clear text belongs here")
            } else {
                format!("the password of role `{shown}` stands here in clear text")
            };
            let label = "goes over the wire and into logs and histories as it stands";
            let mut finding = at(ROLE_PASSWORD_LITERAL, label, message)
                .help("set it with `\\password`, or pass a variable or a SCRAM verifier");
            if placeholder {
                finding = finding.severity(Severity::Info).confidence(Confidence::Low);
            }
            out.push(finding);
        }
        (PasswordForm::Md5, _) => {
            let message = format!("the password of role `{shown}` is an MD5 hash");
            out.push(
                at(ROLE_PASSWORD_MD5, "whoever reads it can log in with it, without the password", message)
                    .help("give a SCRAM verifier, and set `password_encryption = scram-sha-256`"),
            );
        }
        (PasswordForm::Null, _) | (_, None) if password.form == PasswordForm::Null => return,
        _ => {}
    }
    // A password is of use only to a role that may log in.
    let known = cx.cluster.objects.roles.get(&role.name.text);
    let says = known.is_some_and(|known| known.flags.contains_key("login"));
    if role.created && !role.name.dynamic && known.is_some() && !says && !cx.cluster.objects.dynamic.roles {
        let message = format!("role `{shown}` has a password and may not log in");
        let label = Label::new(role.name.span, "`CREATE ROLE` means `NOLOGIN` unless it says `LOGIN`");
        out.push(
            Finding::new(ROLE_PASSWORD_NO_LOGIN, subject(), site.majors, label, message)
                .help("add `LOGIN`, or leave the password out"),
        );
    }
}
