//! Publications, logical slots and standbys of a server whose WAL does not carry what they need.

use crate::catalog::Majors;
use crate::checks::{cluster, edit};
use crate::finding::{Confidence, Finding, Label, Subject};
use crate::model::Definition;
use crate::model::objects::Site;
use crate::model::sql::{SlotFunction, What};
use crate::model::topology::Said;
use crate::model::value::Value;
use crate::rule::id::REPLICATION_WAL_LEVEL;
use crate::rule::{Context, Sink};
use crate::source::Span;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    cluster::wal_level::primaries(cx, out);
    let subscribes =
        cx.cluster.statements().any(|(_, statement)| matches!(statement.what, What::CreateSubscription(_)));
    let mut told = Vec::new();
    for (site, statement) in cx.cluster.statements() {
        let (span, what) = match &statement.what {
            What::CreatePublication(create) => {
                (create.name.span, format!("publication `{}`", cx.name(create.name.span)))
            }
            What::Slot(call) if matches!(call.function, SlotFunction::CreateLogical | SlotFunction::CopyLogical) => {
                (call.span, "a logical replication slot".to_owned())
            }
            _ => continue,
        };
        // The only node of a tree that also subscribes may be the subscriber.
        let Some(node) = site.node.filter(|_| site.inside || !subscribes) else { continue };
        if told.contains(&node) {
            continue;
        }
        if judge(cx, out, site, node, (span, &what)) {
            told.push(node);
        }
    }
}

fn judge(cx: &Context<'_>, out: &mut Sink<'_>, site: &Site, node: usize, (span, what): (Span, &str)) -> bool {
    let topology = &cx.cluster.topology;
    let Some(member) = topology.of_node(node).and_then(|index| topology.members.get(index)) else { return false };
    let level = |major: u8| member.setting(cx.cluster, "wal_level", major);
    let low = |major: &u8| {
        level(*major).is_some_and(|said| match said.value {
            Value::Enum("minimal") => true,
            // From 19 on the first logical slot makes the server write what it needs (the documentation, section
            // "Configuration Settings" of logical replication).
            Value::Enum("replica") => *major < 19,
            _ => false,
        })
    };
    let majors: Majors = site.majors.iter().filter(low).collect();
    let Some(Said { value, span: set }) = majors.first().and_then(level) else { return false };
    let wanted =
        if majors.first() >= Some(19) { "`wal_level = replica` or `logical`" } else { "`wal_level = logical`" };
    let message = match set {
        Some(_) => format!("{what} needs {wanted}, and it is `{}`", value.raw()),
        None => format!("{what} needs {wanted}, which is not set"),
    };
    let mut finding = Finding::new(
        REPLICATION_WAL_LEVEL,
        Subject::Setting("wal_level".to_owned()),
        majors,
        Label::new(span, "cannot be subscribed to"),
        message,
    )
    .help("set `wal_level = logical` in postgresql.conf and restart the server");
    match set {
        Some(set) => finding = finding.related(set, "too low"),
        None => {
            // The command line may set it too.
            finding = finding.confidence(Confidence::Medium);
            if let Some(root) = member.root(cx.cluster) {
                finding = finding.related(Span::new(root, 0, 0), "the default is `replica`");
            }
        }
    }
    // What ALTER SYSTEM or a command line sets, postgresql.conf does not change.
    let counts = |definition: &Definition| set.is_none_or(|set| set.file == definition.value.span.file);
    if let Some(node) = cx.cluster.nodes.get(node)
        && node.settings.winner("wal_level").map_or(set.is_none(), counts)
    {
        finding = edit::set(cx, node, finding, &[("wal_level", "logical")]);
    }
    out.push(finding);
    true
}
