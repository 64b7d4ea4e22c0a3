//! Passwords of superusers in the variables of a container.

use crate::finding::{Confidence, Finding, Label, Subject};
use crate::rule::id::ROLE_PASSWORD_ENVIRONMENT;
use crate::rule::{Context, Sink};
use crate::secret::is_placeholder;
use crate::syntax::template;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for &span in &cx.cluster.passwords {
        let password = cx.sources.bytes(span);
        if template::is_dynamic(password) {
            continue;
        }
        let label = Label::new(span, "everyone who reads the file can log in as superuser");
        let message = "the password of the container's superuser stands here in clear text";
        let found =
            Finding::new(ROLE_PASSWORD_ENVIRONMENT, Subject::File, cx.cluster.majors, label, message.to_owned());
        let found = found.help("name a file of secrets with `POSTGRES_PASSWORD_FILE`, or take it from the environment");
        out.push(if is_placeholder(password) { found.confidence(Confidence::Low) } else { found });
    }
}
