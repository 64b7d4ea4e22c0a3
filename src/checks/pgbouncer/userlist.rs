//! PgBouncer's list of users.

use crate::checks::pgbouncer::finding;
use crate::finding::{Confidence, Subject};
use crate::rule::{Context, Sink, id};
use crate::syntax::userlist::{ItemKind, PasswordForm, Userlist};

pub(super) fn check(list: &Userlist, cx: &Context<'_>, out: &mut Sink<'_>) {
    // PgBouncer reads nothing after the first error, so only that one is told.
    let broken = list.items.iter().find_map(|item| match item.kind {
        ItemKind::Broken(error, span) => Some((error, span)),
        _ => None,
    });
    if let Some((error, span)) = broken {
        let label = "the users from here on cannot log in";
        let found = finding(cx, id::USERLIST_SYNTAX, Subject::File, span, label, error.to_string());
        out.push(found.help("write `\"user\" \"password\"`; comments start with `;`"));
    }
    for user in list.users() {
        let name = String::from_utf8_lossy(&user.name).into_owned();
        let subject = Subject::Entry(format!("user {name}"));
        match user.form {
            PasswordForm::Plain => {
                let message = format!("the password of `{name}` stands in userlist.txt as it is");
                let label = "everyone who reads the file can log in";
                let found = finding(cx, id::USERLIST_PLAIN_PASSWORD, subject, user.password_span, label, message);
                let found = if user.password.is_placeholder() { found.confidence(Confidence::Low) } else { found };
                out.push(found.help("store the SCRAM secret of the role, as `rolpassword` in `pg_authid` has it"));
            }
            PasswordForm::Md5 => {
                let message = format!("the password of `{name}` is stored in userlist.txt as an MD5 hash");
                let label = "the hash alone is enough to log in with `md5`";
                let found = finding(cx, id::USERLIST_MD5, subject, user.password_span, label, message);
                out.push(found.help("store the SCRAM secret of the role, as `rolpassword` in `pg_authid` has it"));
            }
            PasswordForm::Empty | PasswordForm::Scram | PasswordForm::Dynamic => {}
        }
    }
}
