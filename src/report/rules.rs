//! `pgassay rules`: the list of rules and what they cover of benchmarks, as a table or with all metadata as JSON.

use std::io;

use serde::Serialize;

use crate::catalog::Majors;
use crate::finding::{Confidence, Effect, Safety, Severity};
use crate::report::Style;
use crate::rule::{Check, OptionKind, OptionMeta, RuleId, RuleMeta, Section, Selection, State};

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
                serde_json::to_writer(&mut *out, &RuleOutput::new(rule, selection))?;
            }
            out.write_all(b"\n]\n")
        }
    }
}

fn table(selection: &Selection, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let width = selection.iter().map(|rule| rule.name().len()).max().unwrap_or_default();
    let (bold, plain) = if style.color { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
    for rule in selection.iter() {
        let RuleMeta { id, title, level, .. } = rule.meta();
        let (kind, level) = (rule.meta().severity.name(), level.name());
        let only = rule.meta().majors;
        let note = if (only & Majors::HELD).is_empty() && !only.is_empty() {
            format!(" ({only} only, by its documentation)")
        } else {
            String::new()
        };
        writeln!(out, "{bold}{id:width$}{plain}  {kind:7}  {level:9}  {title}{note}")?;
    }
    Ok(())
}

/// How far the rules of a run cover a section.
pub(super) struct Coverage {
    /// `files`, `partly`, `off`, `live`, `manual` or `missing`.
    pub(super) how: &'static str,
    /// What is to be said of it.
    why: String,
    /// What files cannot tell of it.
    pub(super) note: Option<&'static str>,
}

impl Coverage {
    pub(super) fn of(section: &Section<'static>, selection: &Selection) -> Self {
        let on = |id: &&str| RuleId::find(id).is_some_and(|rule| selection.contains(rule));
        let rules = || section.rules.iter().filter(on).collect::<Vec<_>>().join(", ");
        let off = !section.rules.iter().any(|id| on(&id));
        let (how, why) = match section.state {
            State::Files | State::Partly(_) if off => ("off", format!("{} left out", section.rules.joined())),
            State::Files => ("files", rules()),
            State::Partly(why) => ("partly", format!("{}; {why}", rules())),
            State::Live(why) => ("live", why.to_owned()),
            State::Manual(why) => ("manual", why.to_owned()),
            State::Missing(why) => ("missing", why.to_owned()),
        };
        let note = match section.state {
            State::Files => None,
            State::Partly(why) | State::Live(why) | State::Manual(why) | State::Missing(why) => Some(why),
        };
        Self { how, why, note }
    }
}

/// What each way of covering a section is called in the summary.
pub(super) const WAYS: [(&str, &str); 6] = [
    ("files", "checked from files"),
    ("partly", "checked in part"),
    ("off", "left out"),
    ("live", "for a running server"),
    ("manual", "for people"),
    ("missing", "not checked yet"),
];

/// Writes what the selected rules cover of the chosen benchmarks.
///
/// # Errors
/// What the writer says.
pub fn coverage(format: RulesFormat, selection: &Selection, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    if format == RulesFormat::Json {
        let benchmarks = selection.benchmarks().iter().map(|profile| BenchmarkOutput {
            profile: profile.name,
            title: profile.title,
            sections: profile.sections.iter().map(|section| SectionOutput::new(section, selection)).collect(),
        });
        serde_json::to_writer_pretty(&mut *out, &benchmarks.collect::<Vec<_>>())?;
        return out.write_all(b"\n");
    }
    let (bold, plain) = if style.color { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
    for profile in selection.benchmarks() {
        let sections =
            profile.sections.iter().map(|section| (section, Coverage::of(section, selection))).collect::<Vec<_>>();
        let count = |how: &str| sections.iter().filter(|(_, coverage)| coverage.how == how).count();
        let counts = WAYS.iter().map(|&(how, words)| (count(how), words)).filter(|&(count, _)| count > 0);
        let counts = counts.map(|(count, words)| format!("{count} {words}")).collect::<Vec<_>>();
        writeln!(
            out,
            "\n{bold}{}{plain} ({}), {} sections: {}",
            profile.title,
            profile.name,
            sections.len(),
            counts.join(", ")
        )?;
        let id = sections.iter().map(|(section, _)| section.id.len()).max().unwrap_or_default();
        let title = sections.iter().map(|(section, _)| section.title.len()).max().unwrap_or_default();
        for (section, Coverage { how, why, .. }) in &sections {
            writeln!(out, "{bold}{:id$}{plain}  {:title$}  {how:7}  {why}", section.id, section.title)?;
        }
    }
    Ok(())
}

#[derive(Debug, Serialize)]
struct BenchmarkOutput {
    profile: &'static str,
    title: &'static str,
    sections: Vec<SectionOutput>,
}

#[derive(Debug, Serialize)]
struct SectionOutput {
    id: &'static str,
    title: &'static str,
    /// `files`, `partly`, `off`, `live`, `manual` or `missing`.
    coverage: &'static str,
    rules: Vec<&'static str>,
    note: Option<&'static str>,
}

impl SectionOutput {
    fn new(section: &Section<'static>, selection: &Selection) -> Self {
        let Coverage { how: coverage, note, .. } = Coverage::of(section, selection);
        Self { id: section.id, title: section.title, coverage, rules: section.rules.iter().collect(), note }
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
    /// Those of them of which no server was asked.
    majors_documented: Vec<u8>,
    security_severity: Option<&'static str>,
    tags: &'static [&'static str],
    cwe: &'static [u32],
    cis: &'static [&'static str],
    stig: &'static [&'static str],
    docs: Vec<String>,
    options: Vec<OptionOutput>,
    fix: Option<Safety>,
    since: &'static str,
    check: &'static str,
}

impl RuleOutput {
    fn new(rule: RuleId, selection: &Selection) -> Self {
        let meta = rule.meta();
        Self {
            id: meta.id,
            family: meta.family,
            title: meta.title,
            severity: meta.severity,
            confidence: meta.confidence,
            effect: meta.effect,
            profile: meta.level.name(),
            selected: selection.contains(rule),
            majors: meta.majors.iter().collect(),
            majors_documented: meta.majors.unheld().iter().collect(),
            security_severity: meta.security_severity,
            tags: meta.tags,
            cwe: meta.cwe,
            cis: meta.cis,
            stig: meta.stig,
            docs: meta.docs.iter().map(|page| docs_url(page)).collect(),
            options: meta.options.iter().map(|option| OptionOutput::new(option, rule, selection)).collect(),
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

#[derive(Debug, Serialize)]
struct OptionOutput {
    name: &'static str,
    help: &'static str,
    /// `text`, `number` or `list`.
    kind: &'static str,
    /// What holds in this run.
    value: Vec<String>,
}

impl OptionOutput {
    fn new(option: &'static OptionMeta, rule: RuleId, selection: &Selection) -> Self {
        let default = || option.default.iter().map(|&word| word.to_owned()).collect();
        Self {
            name: option.name,
            help: option.help,
            kind: match option.kind {
                OptionKind::Text => "text",
                OptionKind::Number => "number",
                OptionKind::List => "list",
            },
            value: selection.given(rule, option.name).map_or_else(default, |given| given.words().to_vec()),
        }
    }
}

/// The address of a page of documentation: PostgreSQL's, unless it is written out.
pub(crate) fn docs_url(page: &str) -> String {
    if page.starts_with("https://") {
        return page.to_owned();
    }
    format!("https://www.postgresql.org/docs/current/{page}")
}
