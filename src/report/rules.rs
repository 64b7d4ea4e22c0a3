//! `pgassay rules`: the list of rules, as a table or with all metadata as JSON.

use std::io;

use serde::Serialize;

use crate::finding::{Confidence, Effect, Safety, Severity};
use crate::report::{Style, severity};
use crate::rule::{Check, Profile, RuleMeta, Selection};

/// How rules are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RulesFormat {
    /// A table for people.
    Text,
    /// An array with all metadata.
    Json,
}

/// Writes the rules; JSON has them all and says which are on, the table has those of `selection` alone.
///
/// # Errors
/// What the writer says.
pub fn rules(format: RulesFormat, selection: &Selection, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    match format {
        RulesFormat::Text => table(selection, style, out),
        RulesFormat::Json => {
            out.write_all(b"[")?;
            let mut separator = "\n";
            for rule in selection.registry().iter() {
                out.write_all(separator.as_bytes())?;
                separator = ",\n";
                serde_json::to_writer(&mut *out, &RuleOutput::new(rule.meta(), selection.contains(rule)))?;
            }
            out.write_all(b"\n]\n")
        }
    }
}

fn table(selection: &Selection, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let width = selection.iter().map(|rule| rule.name().len()).max().unwrap_or_default();
    let (bold, plain) = if style.color { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
    for rule in selection.iter() {
        let RuleMeta { id, title, profile, .. } = rule.meta();
        let (kind, profile) = (severity(rule.meta().severity), name(*profile));
        writeln!(out, "{bold}{id:width$}{plain}  {kind:7}  {profile:7}  {title}")?;
    }
    Ok(())
}

fn name(profile: Profile) -> &'static str {
    match profile {
        Profile::Default => "default",
        Profile::Strict => "strict",
        Profile::Benchmark => "benchmark",
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
struct RuleOutput {
    id: &'static str,
    family: &'static str,
    title: &'static str,
    severity: Severity,
    confidence: Confidence,
    effect: Effect,
    profile: &'static str,
    selected: bool,
    majors: Vec<u8>,
    security_severity: Option<&'static str>,
    tags: &'static [&'static str],
    cwe: &'static [u32],
    cis: &'static [&'static str],
    stig: &'static [&'static str],
    docs: Vec<String>,
    fix: Option<Safety>,
    since: &'static str,
    check: &'static str,
}

impl RuleOutput {
    fn new(meta: &'static RuleMeta, selected: bool) -> Self {
        Self {
            id: meta.id,
            family: meta.family,
            title: meta.title,
            severity: meta.severity,
            confidence: meta.confidence,
            effect: meta.effect,
            profile: name(meta.profile),
            selected,
            majors: meta.majors.iter().collect(),
            security_severity: meta.security_severity,
            tags: meta.tags,
            cwe: meta.cwe,
            cis: meta.cis,
            stig: meta.stig,
            docs: meta.docs.iter().map(|page| docs_url(page)).collect(),
            fix: meta.fix,
            since: meta.since,
            check: match meta.check {
                Check::Native(_) => "native",
                Check::Engine => "engine",
                Check::Declarative(_) => "declarative",
                Check::Plugin(_) => "plugin",
            },
        }
    }
}

/// The address of a page of documentation: PostgreSQL's, unless it is written out.
pub(super) fn docs_url(page: &str) -> String {
    if page.starts_with("https://") {
        return page.to_owned();
    }
    format!("https://www.postgresql.org/docs/current/{page}")
}
