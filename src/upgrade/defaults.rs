//! Defaults that are other ones on the target, where the tree relies on them.

use crate::catalog::Majors;
use crate::catalog::changes::{Matters, default_change};
use crate::catalog::hba::Method;
use crate::catalog::settings::{self, Context, Setting};
use crate::finding::{Finding, Label, Severity, Subject};
use crate::model::Node;
use crate::model::value::Value;
use crate::rule::id;
use crate::source::{FileId, Span};
use crate::upgrade::View;

/// More places than this say no more.
const MOST_PLACES: usize = 8;

pub(super) fn find(view: &View<'_>, md5: &[Span], out: &mut Vec<Finding>) {
    if !view.wants(id::UPGRADE_DEFAULT) && !view.wants(id::UPGRADE_RECOVERY_TIMELINE) {
        return;
    }
    for node in &view.cluster.nodes {
        let Some(root) = node.settings.root else { continue };
        let from = view.from(root);
        let Some(first) = from.first() else { continue };
        if view.wants(id::UPGRADE_RECOVERY_TIMELINE) {
            timeline(view, node, root, from, out);
        }
        // What may be set out of sight relies on nothing.
        if !node.settings.complete || view.cluster.objects.system_unknown || !view.wants(id::UPGRADE_DEFAULT) {
            continue;
        }
        let own = settings::all().filter(|setting| setting.library.is_none() && setting.build.is_none());
        let said = |name: &str| node.settings.winner(name).is_some() || view.cluster.objects.system.contains_key(name);
        let set = |setting: &&'static Setting| said(setting.name) || said(name_on(setting, view.to));
        for setting in own.filter(|setting| !set(setting)) {
            out.extend(changed(view, node, root, setting, first, md5));
        }
    }
}

/// What a major calls a setting.
fn name_on(setting: &'static Setting, major: u8) -> &'static str {
    settings::setting_on(setting.name, major).map_or(setting.name, |(known, _)| known.name)
}

/// A default as people write it.
fn shown(setting: &Setting, major: u8) -> Option<String> {
    let def = setting.on(major).filter(|def| def.context != Context::Internal)?;
    Some(Value::default_of(def, major).show(setting, def, major))
}

fn changed(
    view: &View<'_>,
    node: &Node,
    root: FileId,
    setting: &'static Setting,
    first: u8,
    md5: &[Span],
) -> Option<Finding> {
    let (old, new) = (shown(setting, first)?, shown(setting, view.to)?);
    if old == new {
        return None;
    }
    let last = (first + 1..=view.to).rev().find(|&major| shown(setting, major - 1) != shown(setting, major))?;
    let change = default_change(setting.name, last)?;
    let mut places = Vec::new();
    match change.matters {
        Matters::Always => {}
        Matters::Tls => {
            if node.settings.effective("ssl", view.to).value() != Some(&Value::Bool(true)) {
                return None;
            }
            places.extend(node.settings.winner("ssl").map(|ssl| (ssl.span, "TLS is on")));
        }
        Matters::Passwords => {
            let rows = node.hba.iter().flat_map(|hba| &hba.rows).filter(|row| row.method == Method::Md5);
            places.extend(rows.map(|row| (row.method_span, "`md5` takes SCRAM passwords as well as MD5 ones")));
            places.extend(md5.iter().map(|span| (*span, "stays an MD5 password")));
        }
    }
    let name = setting.name;
    let quoted = |value: &str| if value.is_empty() { "empty".to_owned() } else { format!("`{value}`") };
    let what = if change.what.is_empty() { String::new() } else { format!(": {}", change.what) };
    let message = format!(
        "`{name}` is not set, and its default goes from {} to {} with {last}{what}",
        quoted(&old),
        quoted(&new)
    );
    let label = Label::absent(root, "relies on the default");
    let breaks = change.breaks && (change.matters != Matters::Passwords || !places.is_empty());
    let severity = if breaks { Severity::Warning } else { Severity::Info };
    let mut finding =
        Finding::new(id::UPGRADE_DEFAULT, Subject::Setting(name.to_owned()), view.holds(last), label, message)
            .severity(severity)
            .help(format!("set `{} = {}` to keep what it was", name_on(setting, view.to), written(&old)));
    for (span, text) in places.into_iter().take(MOST_PLACES) {
        finding = finding.related(span, text);
    }
    finding.step = view.step(last);
    Some(finding)
}

/// The value as a line of the file takes it.
fn written(value: &str) -> String {
    let plain = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
    let lexes = value.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if plain && lexes { value.to_owned() } else { format!("'{value}'") }
}

/// The default of recovery.conf for `recovery_target_timeline` was the timeline of the backup (release notes of 12).
fn timeline(view: &View<'_>, node: &Node, root: FileId, from: Majors, out: &mut Vec<Finding>) {
    let Some(file) = node.recovery.conf else { return };
    let name = "recovery_target_timeline";
    let old = from & Majors::until(11);
    if old.is_empty() || view.to < 12 || !node.recovery.complete || node.recovery.winner(name).is_some() {
        return;
    }
    if node.settings.winner(name).is_some() {
        return;
    }
    let message = format!(
        "`{name}` is not set, and its default goes from the backup's own timeline to `latest` with 12: recovery follows the newest \
         timeline that it finds"
    );
    let label = Label::absent(file, "relies on the default");
    let subject = Subject::Setting(name.to_owned());
    let mut finding = Finding::new(id::UPGRADE_RECOVERY_TIMELINE, subject, view.holds(12), label, message)
        .help(format!("set `{name} = current` in postgresql.conf to keep what it was"))
        .related(Span::new(root, 0, 0), "is where it is set from 12 on");
    finding.step = view.step(12);
    out.push(finding);
}
