//! What a check sees and where its findings go.

use crate::extract::HOLE;
use crate::finding::Finding;
use crate::model::Cluster;
use crate::rule::{Operator, RuleId, Selection, Words};
use crate::secret::Redactor;
use crate::source::{SourceMap, Span};

/// What a check sees: the model, and the sources behind its spans.
#[derive(Debug)]
pub struct Context<'a> {
    /// The cluster under check.
    pub cluster: &'a Cluster,
    /// The files that spans point into.
    pub sources: &'a SourceMap,
    redactor: Redactor<'a>,
}

/// Values longer than this many characters are cut in messages.
const SHOWN: usize = 60;

/// More bytes than [`SHOWN`] characters and one more have.
pub(crate) const MOST_BYTES: u32 = 4 * (SHOWN as u32 + 2);

impl<'a> Context<'a> {
    /// A context of a cluster and the sources it was read from.
    #[must_use]
    pub fn new(cluster: &'a Cluster, sources: &'a SourceMap) -> Self {
        Self { cluster, sources, redactor: Redactor::new(sources) }
    }

    /// The text of a span for a message: secrets masked, control characters escaped, cut where it is long.
    #[must_use]
    pub fn show(&self, span: Span) -> String {
        // What is cut away below need not be redacted first: a span may be a whole file.
        let end = span.end.min(span.start.saturating_add(MOST_BYTES));
        let computed = memchr::memmem::find(self.sources.bytes(Span { end, ..span }), HOLE).is_some();
        // What a program computes is shown as the program says it.
        let span = if computed { self.sources.to_host(span) } else { span };
        let end = span.end.min(span.start.saturating_add(MOST_BYTES));
        shorten(&self.redactor.text(self.redactor.show(Span { end, ..span }).text()))
    }

    /// The same for a name of SQL, without the quotes around it: a message has its own.
    pub fn name(&self, span: Span) -> String {
        let shown = self.show(span);
        let inner = shown.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        inner.filter(|name| !name.is_empty() && !name.contains('"')).map_or_else(|| shown.clone(), str::to_owned)
    }
}

/// A text cut to what a message shows of a value.
pub(crate) fn shorten(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

/// Where findings go. Findings of rules that were not selected are dropped here.
#[derive(Debug)]
pub struct Sink<'a> {
    selection: &'a Selection,
    findings: Vec<Finding>,
}

impl<'a> Sink<'a> {
    /// An empty sink for the selected rules.
    #[must_use]
    pub fn new(selection: &'a Selection) -> Self {
        Self { selection, findings: Vec::new() }
    }

    /// Whether the rule is selected; a check may ask before it does costly work.
    #[must_use]
    pub fn wants(&self, rule: RuleId) -> bool {
        self.selection.contains(rule)
    }

    /// An option of a rule that is one word.
    pub(crate) fn text(&self, rule: RuleId, option: &str) -> &'a str {
        let words = self.option(rule, option);
        words.iter().next().unwrap_or_default()
    }

    /// An option of a rule that is a list.
    pub(crate) fn list(&self, rule: RuleId, option: &str) -> Vec<&'a str> {
        self.option(rule, option).iter().collect()
    }

    /// An option of a rule that is a whole number.
    pub(crate) fn number(&self, rule: RuleId, option: &str) -> u64 {
        self.text(rule, option).parse().unwrap_or_default()
    }

    fn option(&self, rule: RuleId, name: &str) -> Words<'a> {
        let default = rule.meta().option(name);
        debug_assert!(default.is_some(), "the rule file of `{rule}` has no option `{name}`");
        match self.selection.given(rule, name) {
            Some(given) => Words::Given(given.words()),
            None => Words::Fixed(default.map_or(&[], |option| option.default)),
        }
    }

    /// The operator of a declarative rule, with the operand of this run.
    pub(crate) fn operator(&self, rule: RuleId, operator: Operator<'static>) -> Operator<'a> {
        self.selection.operator(rule, operator)
    }

    /// Takes a finding, unless it holds on no major of its rule or its rule is not selected.
    pub fn push(&mut self, mut finding: Finding) {
        finding.majors = finding.majors & finding.rule.meta().majors;
        if !finding.majors.is_empty() && self.wants(finding.rule) {
            self.findings.push(finding);
        }
    }

    /// What was found.
    #[must_use]
    pub fn into_findings(self) -> Vec<Finding> {
        self.findings
    }
}
