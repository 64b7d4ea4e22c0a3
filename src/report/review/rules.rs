//! The rules that found something, each told once: why it matters, how to mend it, when to leave it, and where to read more.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use pulldown_cmark::HeadingLevel;

use super::Page;
use crate::report::prose;
use crate::rule::RuleId;

/// The sections of a rule's page that are shown.
const SHOWN: [&str; 5] = ["What it does", "Why it matters", "Fixing it", "When to ignore it", "References"];

impl Page<'_> {
    pub(super) fn rules(&mut self) {
        let found = self.open().map(|(finding, _)| finding.rule).collect::<BTreeSet<_>>();
        if found.is_empty() {
            self.note("No rule found anything.");
        }
        for &rule in &found {
            self.rule(rule, &found);
        }
        let ran = self.review.report.selection.iter().collect::<Vec<_>>();
        let _ = writeln!(self.out, "<details>\n<summary>All {} rules that ran</summary>", ran.len());
        self.table("stack", &["Rule", "Severity", "What"]);
        for rule in ran {
            self.out.push_str("<tr><td>");
            match found.contains(&rule) {
                true => self.rule_link(rule),
                false => self.element("span class=\"rule\"", rule.name()),
            }
            self.out.push_str("</td>");
            self.cell("Severity", rule.meta().severity.name());
            self.prose_cell("What", rule.meta().title);
            self.out.push_str("</tr>\n");
        }
        self.end_table();
        self.out.push_str("</details>\n");
    }

    fn rule(&mut self, rule: RuleId, found: &BTreeSet<RuleId>) {
        let meta = rule.meta();
        let _ = write!(self.out, "<article id=\"rule-{}\" class=\"about\">\n<h3>", rule.name());
        self.element("span class=\"rule\"", rule.name());
        self.out.push_str("</h3>\n");
        self.prose("p class=\"title\"", meta.title);
        self.out.push('\n');
        let inner = |page: &str| {
            let name = page.trim_start_matches(['.', '/', '#']).trim_end_matches(".md");
            RuleId::find(name).filter(|rule| found.contains(rule)).map(|rule| format!("#rule-{}", rule.name()))
        };
        prose::push(&mut self.out, &chosen(meta.page), HeadingLevel::H4, &inner);
        self.out.push_str("</article>\n");
    }
}

/// The sections of a page that are shown. Examples are not: the page has lines of its own.
fn chosen(page: &str) -> String {
    let (mut out, mut wanted, mut code) = (String::new(), false, false);
    for line in page.lines() {
        code ^= line.starts_with("```");
        if let Some(title) = line.strip_prefix("## ").filter(|_| !code) {
            wanted = SHOWN.contains(&title.trim());
        }
        if wanted {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}
