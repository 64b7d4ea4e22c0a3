//! What set_user is told not to keep superusers from.

use super::{SHARED, loads};
use crate::checks::ask::majors;
use crate::finding::{Finding, Label, Subject};
use crate::model::Node;
use crate::model::value::parse_bool;
use crate::rule::{Context, Sink, id};

/// What set_user keeps superusers from doing; all are on by default.
const BLOCKS: [&str; 3] =
    ["set_user.block_alter_system", "set_user.block_copy_program", "set_user.block_log_statement"];

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    cx.cluster.nodes.iter().for_each(|node| blocks(node, out));
}

fn blocks(node: &Node, out: &mut Sink<'_>) {
    for name in BLOCKS {
        let Some(definition) = node.settings.winner(name).filter(|definition| !definition.value.dynamic) else {
            continue;
        };
        let at_fault =
            majors(node, id::SET_USER_BLOCK_OFF, |major| loads(node, &[SHARED], &["set_user"], major) == Some(true));
        if parse_bool(&definition.text) == Some(false) {
            let label = Label::new(definition.span, "superusers are not held back");
            let message = format!("`{name}` is off");
            let subject = Subject::Setting(name.to_owned());
            let found = Finding::new(id::SET_USER_BLOCK_OFF, subject, at_fault, label, message);
            out.push(found.help(format!("remove the line, or set `{name} = on`")));
        }
    }
}
