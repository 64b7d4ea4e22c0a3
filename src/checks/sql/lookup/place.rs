//! How a name at its place is judged, and what is said of it.

use super::tree::{Text, Tree};
use crate::catalog::Majors;
use crate::catalog::system::{self, Former};
use crate::checks::edit::rename;
use crate::finding::{Finding, Label, Safety, Severity, Subject};
use crate::model::objects::Site;
use crate::model::sql::Lookup;
use crate::model::sql::lookup::Named;
use crate::rule::{Context, RuleId};

/// A name at its place, with what it is judged by.
pub(super) struct Place<'a> {
    pub(super) cx: &'a Context<'a>,
    pub(super) site: &'a Site,
    pub(super) lookup: &'a Lookup,
    pub(super) majors: Majors,
    pub(super) text: &'a Text<'a>,
    pub(super) tree: &'a Tree<'a>,
}

impl Place<'_> {
    pub(super) fn finding(
        &self,
        rule: RuleId,
        subject: String,
        former: Option<&Former>,
        message: String,
        help: String,
    ) -> Finding {
        let label = Label::new(self.lookup.span, "the server refuses the statement");
        let mut finding = Finding::new(rule, Subject::Object(subject), self.majors, label, message);
        if !help.is_empty() {
            finding = finding.help(help);
        }
        if former.is_some_and(|former| self.has_successor(former)) || self.has_predecessor() {
            finding.severity = Severity::Info;
        } else if !self.majors.covers(self.site.majors) {
            finding.severity = Severity::Warning;
        }
        finding
    }

    /// The finding with a fix that writes the name that took the place of this one, or that was meant. It is for people to
    /// look at: programs may know a column of the result by its name.
    pub(super) fn renamed(&self, finding: Finding, name: &str, former: Option<&Former>, near: Option<&str>) -> Finding {
        let now = match former {
            Some(former) => former.now.filter(|_| former.advice.is_empty()).and_then(|now| match now.split_once('.') {
                None => Some(now),
                Some((relation, column)) => (former.relation == Some(relation)).then_some(column),
            }),
            None => near,
        };
        match now {
            Some(now) => rename(self.cx, finding, (self.lookup.span, name), now, Safety::Unsafe),
            None => finding,
        }
    }

    /// Where else the name is, after a message that it is not here.
    pub(super) fn where_it_is(&self, has: Option<Majors>, former: Option<&Former>) -> String {
        match (has, former) {
            (Some(has), _) => {
                format!(" in {}; {has} {} it", self.majors, if has.len() == 1 { "has" } else { "have" })
            }
            (None, Some(former)) => format!(" since {}", former.since),
            (None, None) => String::new(),
        }
    }

    pub(super) fn instead(&self, former: Option<&Former>, near: Option<&str>, has: Option<Majors>) -> String {
        match (former, near, has) {
            (Some(Former { now: Some(now), advice: "", .. }), ..) => format!("write `{now}`"),
            (Some(Former { now: Some(now), advice, .. }), ..) => format!("write `{now}`; {advice}"),
            (Some(former), ..) => former.advice.to_owned(),
            (None, _, Some(has)) => format!("run it on {has} only"),
            (None, Some(near), None) => format!("did you mean `{near}`?"),
            (None, None, None) => String::new(),
        }
    }

    /// Whether what took the place of a name stands in the file too, so that it serves several majors. Short names
    /// (`pid`, `query`) stand everywhere.
    fn has_successor(&self, former: &Former) -> bool {
        let now = former.now.map(|now| now.rsplit_once('.').map_or(now, |(_, column)| column));
        now.is_some_and(|now| now.len() > "query".len() && self.text.names(now))
    }

    /// Whether the name in whose place this one came stands in the file too.
    fn has_predecessor(&self) -> bool {
        let named = |relation, name: &str| system::predecessors(relation, name).any(|of| self.text.names(of.name));
        match &self.lookup.what {
            Named::Relation { name, .. } | Named::Function { name, .. } => named(None, name),
            Named::Column { name, relations } => relations.iter().any(|relation| named(Some(relation), name)),
            _ => false,
        }
    }

    /// Whether the file names another column of the same relation that is there exactly where this one is not.
    pub(super) fn has_counterpart(&self, relations: &[&'static str]) -> bool {
        relations.iter().any(|relation| self.text.lacking.contains(&(*relation, Majors::ALL - self.lookup.lacking)))
    }

    pub(super) fn is_pinned(&self, extension: Option<&str>) -> bool {
        extension.is_some_and(|extension| self.tree.pinned.contains(extension))
    }
}
