//! `session_replication_role = replica` that is left on.

use crate::finding::{Finding, Label, Subject};
use crate::model::sql::What;
use crate::rule::id::SESSION_REPLICATION_ROLE;
use crate::rule::{Context, Sink};

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (file, site) in cx.cluster.sql.iter().zip(&cx.cluster.objects.sites) {
        let statements = &file.sql.statements;
        let last = statements.iter().rposition(|other| match &other.what {
            What::ReplicaRole(other) => other.value.as_deref() != Some("replica"),
            _ => false,
        });
        for (index, statement) in statements.iter().enumerate() {
            let What::ReplicaRole(role) = &statement.what else { continue };
            if role.value.as_deref() != Some("replica") {
                continue;
            }
            // Within a transaction it ends with it; `set_config(..., true)` is the same as SET LOCAL.
            let text = cx.sources.bytes(role.span).to_ascii_lowercase();
            let local = ["local", "true"].iter().any(|word| memchr::memmem::find(&text, word.as_bytes()).is_some());
            let back = last.is_some_and(|last| last > index);
            if local || back {
                continue;
            }
            let message = "`session_replication_role` is set to `replica` and never set back";
            let label = Label::new(role.span, "triggers and foreign keys are not checked from here on");
            out.push(
                Finding::new(
                    SESSION_REPLICATION_ROLE,
                    Subject::Setting("session_replication_role".to_owned()),
                    site.majors,
                    label,
                    message,
                )
                .help("use `SET LOCAL` in a transaction, or `RESET session_replication_role` after the load"),
            );
        }
    }
}
