//! The chosen benchmarks, section by section: whether files can tell, and what was found.

use std::collections::BTreeMap;

use super::{Page, count};
use crate::report::rules::{Coverage, WAYS};
use crate::rule::{Profile, RuleId};
use crate::triage::Outcome;

/// What a rule found.
#[derive(Debug, Clone, Copy, Default)]
struct Found {
    open: usize,
    /// Suppressed, or known to the baseline.
    accepted: usize,
    /// Below what was asked for, or none of the change.
    hidden: usize,
}

impl Page<'_> {
    pub(super) fn benchmarks(&mut self) {
        let mut found: BTreeMap<&str, Found> = BTreeMap::new();
        for (finding, outcome) in &self.review.report.findings {
            let of_rule = found.entry(finding.rule.name()).or_default();
            match outcome {
                Outcome::Open => of_rule.open += 1,
                Outcome::Suppressed { .. } | Outcome::Baselined => of_rule.accepted += 1,
                Outcome::Unchanged | Outcome::Filtered => of_rule.hidden += 1,
            }
        }
        for profile in &self.review.style.benchmarks {
            self.benchmark(profile, &found);
        }
    }

    fn benchmark(&mut self, profile: &Profile<'static>, found: &BTreeMap<&str, Found>) {
        let selection = &self.review.report.selection;
        let sections = profile.sections.iter().map(|section| (section, Coverage::of(section, selection)));
        let sections = sections.collect::<Vec<_>>();
        self.element("h3", profile.title);
        self.out.push('\n');
        let count_of = |how: &str| sections.iter().filter(|(_, coverage)| coverage.how == how).count();
        let counts = WAYS.iter().map(|&(how, words)| (count_of(how), words)).filter(|(number, _)| *number > 0);
        let counts = counts.map(|(number, words)| format!("{number} {words}")).collect::<Vec<_>>().join(", ");
        self.note(&format!(
            "{}: {counts}. That nothing was found says what the files show, not that a server complies: it may run with \
             other files, and a section on files that were not read finds nothing.",
            count(sections.len(), "section")
        ));
        self.table("stack sections", &["Section", "About", "How it is checked", "Found"]);
        for (section, coverage) in sections {
            let checked = matches!(coverage.how, "files" | "partly");
            let mut all = Found::default();
            for of_rule in section.rules.iter().filter_map(|rule| found.get(rule)) {
                all.open += of_rule.open;
                all.accepted += of_rule.accepted;
                all.hidden += of_rule.hidden;
            }
            self.out.push_str("<tr>");
            self.element("th scope=\"row\"", section.id);
            self.prose_cell("About", section.title);
            self.out.push_str("<td data-of=\"How it is checked\">");
            let way = WAYS.iter().find(|(how, _)| *how == coverage.how).map_or("", |(_, words)| words);
            self.element("span", way);
            self.how(section.rules.iter(), &coverage, found);
            self.out.push_str("</td>");
            let mut said = Vec::new();
            match all.open {
                0 if checked => said.push("nothing found in files".to_owned()),
                0 => {}
                open => said.push(count(open, "finding")),
            }
            said.extend((all.accepted > 0).then(|| format!("{} accepted", all.accepted)));
            said.extend((all.hidden > 0).then(|| format!("{} hidden", all.hidden)));
            let class = match (all.open, checked) {
                (0, true) => "clear",
                (0, false) => "less",
                _ => "found",
            };
            let said = if said.is_empty() { "—".to_owned() } else { said.join(", ") };
            self.element(&format!("td class=\"{class}\" data-of=\"Found\""), &said);
            self.out.push_str("</tr>\n");
        }
        self.end_table();
    }

    /// The rules that check a section, or why none does.
    fn how<'r>(&mut self, rules: impl Iterator<Item = &'r str>, coverage: &Coverage, found: &BTreeMap<&str, Found>) {
        let selection = &self.review.report.selection;
        let mut separator = ": ";
        if matches!(coverage.how, "files" | "partly") {
            for rule in rules.filter_map(RuleId::find).filter(|rule| selection.contains(*rule)) {
                self.out.push_str(separator);
                separator = ", ";
                // Only rules that found something have a place on the page.
                match found.get(rule.name()).is_some_and(|of| of.open > 0) {
                    true => self.rule_link(rule),
                    false => self.element("span class=\"rule\"", rule.name()),
                }
            }
        }
        if let Some(note) = coverage.note {
            self.prose("span class=\"less\"", &format!("; {note}"));
        }
    }
}
