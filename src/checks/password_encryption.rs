//! MD5 as the default for stored passwords, where nobody chose it.

use crate::checks::ask::{finding, majors, text};
use crate::checks::edit;
use crate::rule::{Context, Sink, id};

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in &cx.cluster.nodes {
        if node.settings.winner("password_encryption").is_some() {
            continue;
        }
        let at_fault = majors(node, id::PASSWORD_ENCRYPTION_DEFAULT, |major| {
            text(node, "password_encryption", major).as_deref() == Some("md5")
        });
        let message = "`password_encryption` is not set; its default is `md5` up to 13".to_owned();
        let place = [("password_encryption", "new passwords are stored as MD5 hashes")];
        if !at_fault.is_empty()
            && let Some(finding) = finding(node, id::PASSWORD_ENCRYPTION_DEFAULT, at_fault, &place, message)
        {
            let finding = finding.help("set `password_encryption = scram-sha-256`");
            out.push(edit::set(cx, node, finding, &[("password_encryption", "scram-sha-256")]));
        }
    }
}
