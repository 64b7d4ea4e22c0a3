//! Settings by which a standby and its primary differ, though one takes the place of the other after a failover: TLS and
//! passwords, and what is logged.
//!
//! Only values that are known on both sides are compared. Files are named differently on two machines, so of them only
//! counts whether there is one.

use std::collections::BTreeSet;

use crate::catalog::Majors;
use crate::checks::cluster::ends::{Ends, ends};
use crate::checks::cluster::side::{place, shown};
use crate::finding::{Confidence, Finding, Label, Subject};
use crate::model::topology::{Member, Said};
use crate::model::value::Value;

use crate::rule::id::{CLUSTER_DRIFT_LOG, CLUSTER_DRIFT_TLS};
use crate::rule::{Context, RuleId, Sink, shorten};
use crate::source::Span;

/// What is compared, and how: as it is, as a list, or by whether it is empty.
const TLS: [(&str, Compared); 5] = [
    ("ssl", Compared::Value),
    ("ssl_min_protocol_version", Compared::Value),
    ("ssl_ciphers", Compared::Value),
    ("ssl_ca_file", Compared::Presence),
    ("password_encryption", Compared::Value),
];
const LOG: [(&str, Compared); 6] = [
    ("shared_preload_libraries", Compared::List),
    ("log_connections", Compared::Value),
    ("log_disconnections", Compared::Value),
    ("log_statement", Compared::Value),
    ("log_line_prefix", Compared::Value),
    ("log_min_duration_statement", Compared::Value),
];

/// Settings of pgAudit, of which no defaults are known: not set on one side is a difference too.
const AUDIT: [&str; 4] = ["pgaudit.log", "pgaudit.log_parameter", "pgaudit.log_relation", "pgaudit.role"];

#[derive(Clone, Copy)]
enum Compared {
    Value,
    List,
    Presence,
}

/// A setting that differs: the standby's value and the primary's.
struct Difference {
    name: &'static str,
    here: Side,
    there: Side,
}

struct Side {
    text: String,
    span: Option<Span>,
}

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for ends in ends(cx).filter(Ends::is_physical) {
        group(cx, &ends, CLUSTER_DRIFT_TLS, &TLS, out);
        group(cx, &ends, CLUSTER_DRIFT_LOG, &LOG, out);
    }
}

fn group(cx: &Context<'_>, ends: &Ends<'_>, rule: RuleId, names: &[(&'static str, Compared)], out: &mut Sink<'_>) {
    let majors = ends.physical_majors();
    let Some(major) = majors.last().filter(|_| out.wants(rule)) else { return };
    let mut found = differences(cx, ends, names, major);
    if rule == CLUSTER_DRIFT_LOG {
        found.extend(AUDIT.iter().filter_map(|name| audit(cx, ends, name)));
    }
    let same = |other: &u8| {
        let others = differences(cx, ends, names, *other);
        let known = found.iter().filter(|of| !AUDIT.contains(&of.name));
        others.iter().map(|of| of.name).eq(known.map(|of| of.name))
    };
    let Some(first) = found.first() else { return };
    let parts = found.iter().map(|of| format!("`{}` ({}, there {})", of.name, of.here.text, of.there.text));
    let parts = parts.collect::<Vec<_>>();
    let list = match parts.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, front)) => format!("{} and {last}", front.join(", ")),
        None => return,
    };
    let message = format!("the standby differs from its primary {} in {list}", ends.up.shown());
    let Some(label) = place(cx.cluster, ends.down, first.here.span, "holds after a failover", "not set here") else {
        return;
    };
    let stated = found.iter().all(|of| of.here.span.is_some() && of.there.span.is_some());
    let majors: Majors = majors.iter().filter(same).collect();
    let mut finding = Finding::new(rule, Subject::Setting(first.name.to_owned()), majors, label, message)
        .confidence(if stated { ends.confidence() } else { Confidence::Medium })
        .help("set both servers alike, so that a failover changes nothing");
    for (index, of) in found.iter().enumerate() {
        finding.related.extend(of.there.span.map(|span| Label::new(span, "the primary's")));
        if index > 0 {
            finding.related.extend(of.here.span.map(|span| Label::new(span, "the standby's")));
        }
    }
    out.push(finding);
}

fn differences(cx: &Context<'_>, ends: &Ends<'_>, names: &[(&'static str, Compared)], major: u8) -> Vec<Difference> {
    let set = |member: &Member, name: &str| member.setting(cx.cluster, name, major);
    let off = |member: &Member| set(member, "ssl").is_some_and(|said| said.value == Value::Bool(false));
    let mut found = Vec::new();
    for &(name, compared) in names {
        // Without TLS on one side the rest of it does not matter there.
        if name.starts_with("ssl_") && (off(ends.up) || off(ends.down)) {
            continue;
        }
        let Some((here, there)) = set(ends.down, name).zip(set(ends.up, name)) else { continue };
        if differs(&here, &there, compared) {
            let side = |said: &Said| Side { text: quoted(&shown(name, said, major)), span: said.span };
            found.push(Difference { name, here: side(&here), there: side(&there) });
        }
    }
    found
}

/// A setting of pgAudit that differs, where both sides set it or one is known not to.
fn audit(cx: &Context<'_>, ends: &Ends<'_>, name: &'static str) -> Option<Difference> {
    let side = |member: &Member| {
        let [node] = member.nodes.as_slice() else { return None };
        let settings = &cx.cluster.nodes.get(*node)?.settings;
        match settings.winner(name) {
            Some(definition) if definition.value.dynamic => None,
            Some(definition) => {
                let text = String::from_utf8_lossy(&definition.text).trim().to_ascii_lowercase();
                Some(Side { text, span: Some(definition.span) })
            }
            None => settings.complete.then(|| Side { text: String::new(), span: None }),
        }
    };
    let (here, there) = (side(ends.down)?, side(ends.up)?);
    let show =
        |side: Side| Side { text: if side.text.is_empty() { "empty".to_owned() } else { quoted(&side.text) }, ..side };
    (items(&here.text) != items(&there.text)).then(|| Difference { name, here: show(here), there: show(there) })
}

fn quoted(text: &str) -> String {
    if text == "empty" { text.to_owned() } else { format!("`{}`", shorten(text)) }
}

fn differs(here: &Said, there: &Said, compared: Compared) -> bool {
    let text = |said: &Said| match &said.value {
        Value::String(text) => text.clone(),
        other => other.raw(),
    };
    match compared {
        Compared::Value => here.value != there.value,
        Compared::List => items(&text(here)) != items(&text(there)),
        Compared::Presence => text(here).trim().is_empty() != text(there).trim().is_empty(),
    }
}

fn items(text: &str) -> BTreeSet<String> {
    let items = text.split(',').map(|item| item.trim().trim_matches('"').to_owned());
    items.filter(|item| !item.is_empty()).collect()
}
