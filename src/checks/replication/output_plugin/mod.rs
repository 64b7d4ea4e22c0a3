//! Output plugins of logical slots against `output_plugin_libraries`, the list of those that the server loads for them.
//!
//! Source: the documentation of the setting, which minor releases of August 2026 brought; tried on 15.20. Names are
//! compared to the letter, nobody is exempt, and slots that exist already are refused too. The list may be set in
//! a session: where a file does that, nothing is said of its slots.

use crate::catalog::Majors;
use crate::finding::{Confidence, Finding, Label, Severity, Subject};
use crate::model::list::words;
use crate::model::sql::{SlotCall, SlotFunction, ValueKind, What};
use crate::model::topology::{Link, Member, Said};
use crate::model::value::Value;
use crate::rule::{Context, Sink, id};
use crate::source::Span;

mod entries;

const NAME: &str = "output_plugin_libraries";
const DEFAULT: [&str; 2] = ["pgoutput", "test_decoding"];
const MINORS: &str = "14.24, 15.19, 16.15, 17.11 and 18.6";

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in &cx.cluster.nodes {
        entries::check(node, out);
    }
    slots(cx, out);
    for (index, member) in cx.cluster.topology.members.iter().enumerate() {
        pgoutput(cx, index, member, out);
    }
}

/// The list of a server on a major, and where it is set.
fn allowed(cx: &Context<'_>, member: &Member, major: u8) -> Option<(Vec<String>, Option<Span>)> {
    match member.setting(cx.cluster, NAME, major)? {
        Said { value: Value::String(text), span } => Some((words(text.as_bytes())?, span)),
        _ => None,
    }
}

/// The plugin that a call names.
fn plugin(call: &SlotCall) -> Option<(String, Span)> {
    let position = match call.function {
        SlotFunction::CreateLogical => 1,
        SlotFunction::CopyLogical => 3,
        _ => return None,
    };
    let value = call.argument("plugin", position).filter(|value| !value.is_dynamic())?;
    matches!(value.kind, ValueKind::Text(_)).then(|| (value.text().into_owned(), value.span))
}

fn slots(cx: &Context<'_>, out: &mut Sink<'_>) {
    let cluster = cx.cluster;
    let topology = &cluster.topology;
    let subscribes = cluster.statements().any(|(_, statement)| matches!(statement.what, What::CreateSubscription(_)));
    for (index, (file, site)) in cluster.sql.iter().zip(&cluster.objects.sites).enumerate() {
        // The only node of a tree that also subscribes may be the subscriber.
        let node = site.node.filter(|_| site.inside || !subscribes);
        let member = topology.of_sql(index).or_else(|| topology.of_node(node?));
        let member = member.and_then(|member| topology.members.get(member));
        let calls = file.sql.statements.iter().filter_map(|statement| match &statement.what {
            What::Slot(call) => plugin(call),
            _ => None,
        });
        for (plugin, span) in calls {
            if memchr::memmem::find(cx.sources.file(file.file).bytes(), NAME.as_bytes()).is_some() {
                break;
            }
            slot(cx, member, site.majors & Majors::since(14), (&plugin, span), out);
        }
    }
}

fn slot(cx: &Context<'_>, member: Option<&Member>, among: Majors, (plugin, span): (&str, Span), out: &mut Sink<'_>) {
    let list = |major: u8| allowed(cx, member?, major);
    let lacks = |major: &u8| list(*major).is_some_and(|(list, _)| !list.iter().any(|item| item == plugin));
    let at_fault: Majors = among.iter().filter(lacks).collect();
    let shown = cx.show(span).trim_matches('\'').to_owned();
    let subject = Subject::Setting(NAME.to_owned());
    let help = format!(
        "if every role with REPLICATION may load it, add `{shown}` to `{NAME}`; what that is set to replaces the default"
    );
    let Some((list, set)) = at_fault.last().and_then(list) else {
        let seen = among.iter().any(|major| list(major).is_some());
        if !among.is_empty() && !seen && !DEFAULT.contains(&plugin) {
            let message = format!("the output plugin `{shown}` is not in `{NAME}` by default, which {MINORS} brought");
            let label = Label::new(span, "newer minor releases refuse this plugin unless it is listed");
            out.push(Finding::new(id::REPLICATION_PLUGIN_BY_DEFAULT, subject, among, label, message).help(help));
        }
        return;
    };
    let near = list.iter().find(|item| item.eq_ignore_ascii_case(plugin));
    let message = match (set, near) {
        (Some(_), Some(near)) => {
            format!("the output plugin `{shown}` is refused: `{NAME}` has `{near}`, and case counts")
        }
        (Some(_), None) => format!("the output plugin `{shown}` is refused: `{NAME}` is `{}`", list.join(", ")),
        (None, _) => format!(
            "the output plugin `{shown}` is refused from {MINORS} on: `{NAME}` is `{}` by default",
            list.join(", ")
        ),
    };
    let label = Label::new(span, "not in the list");
    let found = Finding::new(id::REPLICATION_PLUGIN_NOT_LISTED, subject, at_fault, label, message).help(help);
    out.push(match set {
        Some(set) => found.related(set, "the list"),
        None => found.severity(Severity::Warning).confidence(Confidence::Medium),
    });
}

/// A list without `pgoutput` on a server that publishes.
fn pgoutput(cx: &Context<'_>, index: usize, member: &Member, out: &mut Sink<'_>) {
    let set = |major: u8| {
        allowed(cx, member, major).filter(|(list, set)| set.is_some() && !list.iter().any(|item| item == "pgoutput"))
    };
    let at_fault: Majors = (member.majors & Majors::since(14)).iter().filter(|&major| set(major).is_some()).collect();
    let Some((list, Some(place))) = at_fault.last().and_then(set) else { return };
    let made = member.objects(cx.cluster).publications.values();
    let made = made.filter_map(|publication| publication.created.first()).map(|(_, span)| *span).next();
    let mut fed = cx
        .cluster
        .topology
        .downstreams(index)
        .filter(|edge| edge.active && !matches!(edge.link, Link::Physical { .. }));
    let Some(user) = made.or_else(|| fed.find_map(|edge| edge.span(cx.cluster))) else { return };
    let shown = if list.is_empty() { "empty".to_owned() } else { format!("`{}`", list.join(", ")) };
    let message = format!("`{NAME}` is {shown}, without `pgoutput`: no subscription can use this server");
    let label = Label::new(place, "replaces the default, which has `pgoutput`");
    let subject = Subject::Setting(NAME.to_owned());
    out.push(
        Finding::new(id::REPLICATION_PGOUTPUT_NOT_LISTED, subject, at_fault, label, message)
            .related(user, "needs `pgoutput`")
            .help("add `pgoutput` to the list"),
    );
}
