//! The interpreter of declarative checks: settings by type, everything else as text.

use crate::rule::{Context, Declarative, Looked, RuleId, Sink};

mod setting;
mod text;

/// Runs one declarative check over the cluster.
pub(crate) fn check(rule: RuleId, check: &Declarative, cx: &Context<'_>, out: &mut Sink<'_>) {
    match check.looked {
        Looked::Setting(name) => {
            for node in &cx.cluster.nodes {
                setting::check(rule, check, name, node, cx, out);
            }
        }
        Looked::Hba(field) => text::hba(rule, check, field, cx, out),
        Looked::Conninfo(keyword) => text::conninfo(rule, check, keyword, cx, out),
        Looked::SqlOption(option) => text::sql_option(rule, check, option, cx, out),
    }
}
