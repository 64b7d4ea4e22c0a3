//! Findings and how they are put together.

use crate::Majors;
use crate::types::{Confidence, Edit, Finding, Fix, Label, Place, Severity};

/// What the rules of a plugin found.
#[derive(Debug, Default)]
pub struct Findings {
    rule: String,
    found: Vec<Finding>,
}

impl Findings {
    /// Of a rule, by its whole id.
    pub(crate) fn for_rule(&mut self, id: String) -> &mut Self {
        self.rule = id;
        self
    }

    /// Adds a finding of the rule that is running. One that holds on no major is none, and is left out.
    pub fn push(&mut self, mut finding: Finding) {
        if finding.majors != Some(0) {
            finding.rule.clone_from(&self.rule);
            self.found.push(finding);
        }
    }

    pub(crate) fn into_vec(self) -> Vec<Finding> {
        self.found
    }
}

/// The rule, the severity and the confidence come from the rule that pushes the finding, and it holds on every major that
/// its place is judged for, until said otherwise.
impl Finding {
    /// A finding at a place. The message is lower case, without a full stop, and names the thing and the value.
    #[must_use]
    pub fn at(place: Place, message: impl Into<String>) -> Self {
        Self { message: message.into(), primary: Label { place, text: String::new() }, ..Self::default() }
    }

    /// What is to be said of the place itself: a short phrase.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.primary.text = text.into();
        self
    }

    /// What to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Another place that belongs to it, in any file.
    #[must_use]
    pub fn related(mut self, place: Place, text: impl Into<String>) -> Self {
        self.related.push(Label { place, text: text.into() });
        self
    }

    /// The majors on which it holds, where those are not all that its place is judged for: a line that only some of them
    /// read. With an empty set it is no finding.
    #[must_use]
    pub fn on(mut self, majors: impl Into<Majors>) -> Self {
        self.majors = Some(majors.into().bits());
        self
    }

    /// Another severity than the rule's.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    /// Another confidence than the rule's.
    #[must_use]
    pub fn confidence(mut self, confidence: Confidence) -> Self {
        self.confidence = Some(confidence);
        self
    }

    /// What it is about, where one place has several findings of one rule. It stays the same when lines move.
    #[must_use]
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// The edit that mends it.
    #[must_use]
    pub fn fix(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }
}

impl Fix {
    /// A fix that means the same to the server, or mends what it refuses. The title is an imperative.
    #[must_use]
    pub fn safe(title: impl Into<String>) -> Self {
        Self { title: title.into(), safe: true, edits: Vec::new() }
    }

    /// A fix that changes what the server does. The title is an imperative: "set `ssl` to `on`".
    #[must_use]
    pub fn risky(title: impl Into<String>) -> Self {
        Self { safe: false, ..Self::safe(title) }
    }

    /// Replaces the bytes of a place. Edits do not overlap.
    #[must_use]
    pub fn edit(mut self, place: Place, replacement: impl Into<String>) -> Self {
        self.edits.push(Edit { place, replacement: replacement.into() });
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_gets_the_rule_that_pushes_it() {
        let mut findings = Findings::default();
        let one = Finding::at(3, "`a` is `b`").label("here").help("set it").related(4, "and here").on(Majors::only(16));
        findings.for_rule("acme/one".to_owned()).push(one.fix(Fix::safe("set it").edit(3, "c")));
        findings.for_rule("acme/two".to_owned()).push(Finding::at(5, "x"));
        let found = findings.into_vec();
        assert_eq!([&found[0].rule, &found[1].rule], ["acme/one", "acme/two"]);
        assert_eq!((found[0].majors, found[1].majors), (Some(1 << 16), None));
        assert_eq!((found[0].primary.text.as_str(), found[0].related[0].place), ("here", 4));
        assert!(found[0].fix.as_ref().is_some_and(|fix| fix.safe && fix.edits.len() == 1));
    }

    #[test]
    fn what_holds_on_no_major_is_no_finding() {
        let mut findings = Findings::default();
        findings.push(Finding::at(1, "x").on(Majors::NONE));
        assert!(findings.into_vec().is_empty());
    }
}
