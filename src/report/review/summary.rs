//! How much was found: by severity, rule, family and section of a benchmark.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Page, count};
use crate::finding::Severity;
use crate::rule::RuleId;
use crate::triage::Summary;

/// The severities, worst first, and what many of each are called.
const SEVERITIES: [(Severity, &str, &str); 3] = [
    (Severity::Error, "error", "errors"),
    (Severity::Warning, "warning", "warnings"),
    (Severity::Info, "info", "infos"),
];

/// The counts in words, such as `2 errors, 1 warning in 3 files`.
pub(super) fn counted(summary: &Summary) -> String {
    let counts = [summary.errors, summary.warnings, summary.infos];
    let found = counts.into_iter().zip(SEVERITIES).filter(|(number, _)| *number > 0);
    let found = found.map(|(number, (_, one, many))| format!("{number} {}", if number == 1 { one } else { many }));
    let found = found.collect::<Vec<_>>().join(", ");
    let found = if found.is_empty() { "no findings".to_owned() } else { found };
    format!("{found} in {}", count(summary.files, "file"))
}

impl Page<'_> {
    pub(super) fn summary(&mut self) {
        let summary = self.review.report.summary;
        self.out.push_str("<ul class=\"tiles\">");
        for (number, (severity, one, many)) in
            [summary.errors, summary.warnings, summary.infos].into_iter().zip(SEVERITIES)
        {
            let class = if number == 0 { "none" } else { severity.name() };
            let word = if number == 1 { one } else { many };
            let _ = write!(self.out, "<li class=\"{class}\"><strong>{number}</strong> {word}</li>");
        }
        self.out.push_str("</ul>\n");
        let aside = [
            (summary.suppressed, "suppressed by comments"),
            (summary.baselined, "known to the baseline"),
            (summary.unchanged, "not of the change that was asked for"),
            (summary.filtered, "below the confidence or severity asked for"),
        ];
        let aside = aside.into_iter().filter(|(number, _)| *number > 0);
        let aside = aside.map(|(number, what)| format!("{number} {what}")).collect::<Vec<_>>();
        let files = count(summary.files, "file");
        match aside.is_empty() {
            true => self.note(&format!("In {files}. Nothing is suppressed or hidden.")),
            false => self.note(&format!("In {files}. Not counted above: {}.", aside.join(", "))),
        }
        self.by_rule();
        self.by_family();
        self.benchmarks();
    }

    fn by_rule(&mut self) {
        let mut rules: BTreeMap<RuleId, (Severity, usize, usize)> = BTreeMap::new();
        for (finding, _) in self.open() {
            let (worst, number, refused) = rules.entry(finding.rule).or_insert((finding.severity, 0, 0));
            *worst = (*worst).max(finding.severity);
            *number += 1;
            *refused += usize::from(finding.effect == crate::finding::Effect::Refused);
        }
        if rules.is_empty() {
            return;
        }
        let mut rules = rules.into_iter().collect::<Vec<_>>();
        rules.sort_by(|(a, (one, many, _)), (b, (other, more, _))| (other, more, a).cmp(&(one, many, b)));
        self.out.push_str("<h3>By rule</h3>\n");
        self.table("stack counts", &["Severity", "What", "Rule", "Findings"]);
        for (rule, (severity, number, refused)) in rules {
            self.out.push_str("<tr><td>");
            self.severity(severity);
            self.out.push_str("</td>");
            self.prose_cell("What", rule.meta().title);
            self.out.push_str("<td data-of=\"Rule\">");
            self.rule_link(rule);
            self.out.push_str("</td>");
            let refused = match refused {
                0 => String::new(),
                of if of == number => " refused".to_owned(),
                of => format!(", {of} refused"),
            };
            self.cell("Findings", &format!("{number}{refused}"));
            self.out.push_str("</tr>\n");
        }
        self.end_table();
    }

    fn by_family(&mut self) {
        let mut families: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
        for (finding, _) in self.open() {
            let counts = families.entry(finding.rule.meta().family).or_default();
            for (number, (severity, ..)) in counts.iter_mut().zip(SEVERITIES) {
                *number += usize::from(finding.severity == severity);
            }
        }
        if families.is_empty() {
            return;
        }
        self.out.push_str("<h3>By family</h3>\n");
        self.table("numbers", &["Family", "Errors", "Warnings", "Infos"]);
        for (family, counts) in families {
            self.out.push_str("<tr>");
            self.element("th scope=\"row\"", family);
            for number in counts {
                let open = if number == 0 { "td class=\"less\"" } else { "td" };
                self.element(open, &number.to_string());
            }
            self.out.push_str("</tr>\n");
        }
        self.end_table();
    }
}
