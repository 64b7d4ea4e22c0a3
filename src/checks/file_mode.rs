//! Log files that every user of the system can read.

use crate::checks::ask::{int, majors, push_set, quoted};
use crate::rule::{Context, Sink, id};

/// The rights of users outside of the group.
const OTHERS: i64 = 0o007;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in &cx.cluster.nodes {
        let at_fault = majors(node, id::LOG_FILE_MODE_OPEN, |major| {
            int(node, "log_file_mode", major).is_some_and(|mode| mode & OTHERS != 0)
        });
        let Some(major) = at_fault.last() else { continue };
        let message = format!(
            "`log_file_mode` is {}: every user of the system has rights on the log",
            quoted(node, "log_file_mode", major)
        );
        let place = [("log_file_mode", "rights for users outside of the group")];
        let mode = int(node, "log_file_mode", major).unwrap_or_default() & !OTHERS;
        let (of, set) = ((id::LOG_FILE_MODE_OPEN, at_fault), format!("{mode:04o}"));
        let help = "set `log_file_mode = 0640` or `0600`";
        push_set((cx, node), of, &place, message, help, &[("log_file_mode", &set)], out);
    }
}
