//! The findings that stand, by file, each with its lines, what to do and an anchor that stays when lines move.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::{Page, count};
use crate::finding::{Confidence, Effect, Finding};
use crate::report::where_it_holds;
use crate::rule::RuleId;

/// So many findings of a rule are shown whole, so that the page stays one that can be read.
const WHOLE: usize = 100;
/// So many more of a rule are listed with their place and message; the rest is counted.
const LISTED: usize = 1000;

impl Page<'_> {
    pub(super) fn findings(&mut self) {
        let open = self.open().map(|(finding, anchor)| (finding, anchor.to_owned())).collect::<Vec<_>>();
        if open.is_empty() {
            self.note("Nothing was found.");
            return;
        }
        let mut seen: HashMap<RuleId, usize> = HashMap::new();
        let mut at = 0;
        while let Some((first, _)) = open.get(at) {
            let file = first.primary.span.file;
            let path = self.review.sources.file(file).path();
            let same = |finding: &Finding| self.review.sources.file(finding.primary.span.file).path() == path;
            let of_file = open.iter().skip(at).take_while(|(finding, _)| same(finding)).count();
            let Some(group) = open.get(at..at + of_file) else { break };
            at += of_file;
            let shown = self.path(path);
            self.out.push_str("<div class=\"file\">\n<h3>");
            self.element("code", &shown);
            let _ = writeln!(self.out, " <span class=\"less\">{}</span></h3>", count(of_file, "finding"));
            if let Some(server) = self.servers.get(&file).cloned() {
                self.note(&server);
            }
            let mut brief = Vec::new();
            for (finding, anchor) in group {
                let number = seen.entry(finding.rule).or_default();
                *number += 1;
                match *number {
                    ..=WHOLE => self.finding(finding, anchor),
                    number if number <= WHOLE + LISTED => brief.push((*finding, anchor.as_str())),
                    _ => {}
                }
            }
            self.brief(&brief);
            self.out.push_str("</div>\n");
        }
        self.counted(&seen);
    }

    fn finding(&mut self, finding: &Finding, anchor: &str) {
        let _ = write!(self.out, "<article id=\"{anchor}\" class=\"finding {}\">\n<h4>", finding.severity.name());
        self.severity(finding.severity);
        self.out.push(' ');
        self.prose("span", &finding.message);
        self.out.push_str("</h4>\n<ul class=\"facts\"><li>");
        self.rule_link(finding.rule);
        self.out.push_str("</li>");
        let effect = match finding.effect {
            Effect::Refused => Some("refused by the server"),
            Effect::Ignored => Some("has no effect, or another one"),
            Effect::Risk | Effect::Style => None,
        };
        let confidence = match finding.confidence {
            Confidence::High => None,
            Confidence::Medium => Some("likely"),
            Confidence::Low => Some("a hint"),
        };
        let benchmarks = self.review.style.benchmarks.iter();
        let sections = benchmarks.flat_map(|profile| profile.sections_of(finding.rule)).collect::<Vec<_>>();
        let holds = where_it_holds(finding, self.review.report.target);
        let facts = effect.into_iter().chain(confidence).map(ToOwned::to_owned).chain(holds).chain(sections);
        for fact in facts {
            self.prose("li", &fact);
        }
        self.anchor(anchor);
        self.out.push_str("</ul>\n");
        self.places(finding);
        if let Some(help) = &finding.help {
            self.out.push_str("<p class=\"help\"><strong>To mend it:</strong> ");
            self.prose("span", help);
            self.out.push_str("</p>\n");
        }
        if let Some(fix) = finding.fix.as_ref().filter(|fix| !fix.edits.is_empty()) {
            self.change(fix);
        }
        self.out.push_str("</article>\n");
    }

    fn anchor(&mut self, anchor: &str) {
        let id = anchor.trim_start_matches("f-");
        let _ = write!(
            self.out,
            "<li><a class=\"anchor\" href=\"#{anchor}\" aria-label=\"Link to this finding\">#{id}</a></li>"
        );
    }

    /// Findings of rules that were shown often enough: place and message.
    fn brief(&mut self, findings: &[(&Finding, &str)]) {
        if findings.is_empty() {
            return;
        }
        self.out.push_str("<ul class=\"brief\">\n");
        for (finding, anchor) in findings {
            let line = self.view.start(finding.primary.span).line;
            let _ = write!(self.out, "<li id=\"{anchor}\">");
            self.severity(finding.severity);
            let place = if finding.primary.is_absent() { String::new() } else { format!(" line {line}: ") };
            self.element("span", &place);
            self.prose("span", &finding.message);
            self.out.push(' ');
            self.rule_link(finding.rule);
            self.out.push_str("</li>\n");
        }
        self.out.push_str("</ul>\n");
    }

    /// What is said of findings that are not shown whole.
    fn counted(&mut self, seen: &HashMap<RuleId, usize>) {
        let mut many = seen.iter().filter(|(_, number)| **number > WHOLE).collect::<Vec<_>>();
        many.sort();
        for (rule, number) in many {
            let listed = (number - WHOLE).min(LISTED);
            let rest = number - WHOLE - listed;
            let rest = match rest {
                0 => String::new(),
                rest => format!(", and {rest} are not on this page: `pgassay check --select {rule}` shows them"),
            };
            self.note(&format!(
                "`{rule}` found {number}: the first {WHOLE} are shown with their lines, {listed} more with their place{rest}."
            ));
        }
    }
}
