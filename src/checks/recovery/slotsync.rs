//! What the synchronisation of slots to a standby needs (`ValidateSlotSyncParams`, `CheckAndGetDbnameFromConninfo`).

use crate::catalog::Majors;
use crate::catalog::conninfo::effective;
use crate::checks::recovery::{is_standby, of_definition, text};
use crate::model::value::Value;
use crate::model::{Node, Origin};
use crate::rule::{Context, Sink, id};

pub(super) fn check(node: &Node, cx: &Context<'_>, out: &mut Sink<'_>) {
    let majors = node.targets.majors & Majors::since(17);
    let Some(definition) = node.settings.winner("sync_replication_slots").filter(|_| !majors.is_empty()) else {
        return;
    };
    let Some(major) = majors.last() else { return };
    let on = node.settings.majors_where("sync_replication_slots", majors, |value| *value == Value::Bool(true));
    let empty = |name: &str| text(node, name, major).is_some_and(|text| text.is_empty());
    // A primary may be prepared to become a standby; without either sign it is none.
    if on.is_empty() || !is_standby(node, major) && node.settings.winner("primary_conninfo").is_none() {
        return;
    }
    let is = |name: &str, wanted: Value| node.settings.effective(name, major).value() == Some(&wanted);
    let mut missing = Vec::new();
    if empty("primary_slot_name") {
        missing.push("`primary_slot_name`");
    }
    if is("hot_standby_feedback", Value::Bool(false)) {
        missing.push("`hot_standby_feedback = on`");
    }
    // From 19 on `replica` is enough.
    if major < 19 && is("wal_level", Value::Enum("replica")) || is("wal_level", Value::Enum("minimal")) {
        missing.push("`wal_level = logical`");
    }
    if empty("primary_conninfo") {
        missing.push("`primary_conninfo`");
    } else if lacks_dbname(node, cx) {
        missing.push("`dbname` in `primary_conninfo`");
    }
    let Some((last, front)) = missing.split_last() else { return };
    let list = if front.is_empty() { (*last).to_owned() } else { format!("{} and {last}", front.join(", ")) };
    let message = format!("`sync_replication_slots` is on, but the standby lacks {list}");
    let label = "no slot is synchronised, so a failover loses them";
    let found = of_definition(id::RECOVERY_SLOTSYNC_INCOMPLETE, definition, on, label, message);
    out.push(found.help(format!("set {list}")));
}

fn lacks_dbname(node: &Node, cx: &Context<'_>) -> bool {
    let mut of_node = cx.cluster.conninfos.iter().filter(|of| {
        let own = matches!(of.origin, Origin::Primary { node: index } if cx.cluster.nodes.get(index).is_some_and(|other| std::ptr::eq(other, node)));
        own && !of.overridden && !(of.majors & Majors::since(17)).is_empty()
    });
    of_node.any(|of| {
        of.conninfo.get("dbname").is_none() && of.conninfo.errors.is_empty() && !effective::is_open(&of.conninfo)
    })
}
