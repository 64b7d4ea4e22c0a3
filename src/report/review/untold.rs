//! What the files do not tell, and what somebody decided to accept: without these a short list of findings says little.

use super::{Page, count};
use crate::model::{Cluster, Effective};
use crate::secret::printable;
use crate::source::Span;
use crate::triage::{Note, Outcome};

/// More entries of a list than these are counted.
const MOST: usize = 300;

/// Something that is not known of a server, or of all of them.
struct Unknown<'a> {
    of: Option<&'a str>,
    what: String,
    place: Option<Span>,
}

impl Page<'_> {
    pub(super) fn untold(&mut self) {
        let report = self.review.report;
        let mut said = false;
        if report.summary.filtered > 0 {
            said = true;
            self.note(&format!(
                "{} below the confidence asked for: what may be wrong, and cannot be told for certain. `pgassay check \
                 --min-confidence low` shows them.",
                count(report.summary.filtered, "finding")
            ));
        }
        if let Some(cluster) = self.review.cluster {
            said |= self.unknown(cluster);
        }
        if !report.notes.is_empty() {
            said = true;
            self.element("h3", "Notes of the run");
            self.out.push_str("\n<ul>\n");
            let mut notes = report.notes.iter().collect::<Vec<_>>();
            // A file that could not be read matters more than one that was passed over.
            notes.sort_by_key(|note| std::cmp::Reverse(note.level));
            for note in notes.iter().take(MOST) {
                self.run_note(note);
            }
            self.out.push_str("</ul>\n");
            self.rest(notes.len());
        }
        if !said {
            self.note("Nothing: every file was read, every value is known, and no finding is hidden.");
        }
        self.note("What pgassay does not see in any run is listed in docs/limits.md of its sources.");
    }

    fn run_note(&mut self, note: &Note) {
        self.out.push_str("<li>");
        self.severity(note.level);
        self.out.push(' ');
        if let Some(path) = &note.path {
            let path = self.path(path);
            self.element("code", &path);
            self.out.push_str(": ");
        }
        self.prose("span", &note.message);
        self.out.push_str("</li>\n");
    }

    /// Values that are computed, and files of which a part is not known.
    fn unknown(&mut self, cluster: &Cluster) -> bool {
        let mut lines = Vec::<Unknown<'_>>::new();
        for node in &cluster.nodes {
            let mut say = |what: String, place| lines.push(Unknown { of: Some(&node.name), what, place });
            if node.settings.root.is_some() && !node.settings.complete {
                let what = "settings that its files do not show may be set elsewhere: an include cannot be followed, or a \
                            template or a part of a configuration stands here";
                say(what.to_owned(), None);
            }
            if node.hba.as_ref().is_some_and(|hba| !hba.complete) {
                say("not all lines of pg_hba.conf are known".to_owned(), None);
            }
            for span in node.hba.iter().flat_map(|hba| &hba.undecided) {
                say("a line of pg_hba.conf cannot be judged as it stands".to_owned(), Some(*span));
            }
            let Some(major) = node.targets.majors.iter().last() else { continue };
            for definition in node.settings.definitions.iter().filter(|of| of.overridden_by.is_none()) {
                if matches!(node.settings.effective(&definition.name, major), Effective::Dynamic(_)) {
                    say(format!("the value of `{}` is computed", definition.name), Some(definition.span));
                }
            }
        }
        let dynamic = cluster.objects.dynamic;
        let kinds = [
            (dynamic.tables, "tables"),
            (dynamic.roles, "roles"),
            (dynamic.publications, "publications"),
            (dynamic.subscriptions, "subscriptions"),
            (dynamic.functions, "functions"),
        ];
        let kinds = kinds.into_iter().filter(|(some, _)| *some).map(|(_, kind)| kind).collect::<Vec<_>>();
        if !kinds.is_empty() {
            let what = format!("SQL names some {} only at run time", kinds.join(", "));
            lines.push(Unknown { of: None, what, place: None });
        }
        if lines.is_empty() {
            return false;
        }
        self.element("h3", "Values and lines that the files do not tell");
        self.out.push_str("\n<ul>\n");
        for line in lines.iter().take(MOST) {
            self.out.push_str("<li>");
            if let Some(of) = line.of {
                self.element("code", &printable(of));
                self.out.push_str(": ");
            }
            self.prose("span", &line.what);
            if let Some(place) = line.place {
                let place = self.place(place);
                self.out.push_str(", ");
                self.element("code", &place);
            }
            self.out.push_str("</li>\n");
        }
        self.out.push_str("</ul>\n");
        self.rest(lines.len());
        true
    }

    fn rest(&mut self, all: usize) {
        if all > MOST {
            self.note(&format!("and {} more", all - MOST));
        }
    }

    pub(super) fn suppressed(&mut self) {
        let report = self.review.report;
        if report.summary.baselined > 0 {
            let known = count(report.summary.baselined, "finding");
            self.note(&format!("The baseline has {known} that stand in the files and are not shown."));
        }
        let findings = report.findings.iter().zip(&self.anchors);
        let suppressed = findings.filter_map(|((finding, outcome), anchor)| match outcome {
            Outcome::Suppressed { by, reason } => Some((finding, *by, reason.clone(), anchor.clone())),
            _ => None,
        });
        let suppressed = suppressed.collect::<Vec<_>>();
        if suppressed.is_empty() {
            self.note("No comment suppresses a finding.");
            return;
        }
        self.table("stack", &["Severity", "Finding", "Place", "Reason", "Comment"]);
        for (finding, by, reason, anchor) in suppressed.iter().take(MOST) {
            self.out.push_str(&format!("<tr id=\"{anchor}\"><td>"));
            self.severity(finding.severity);
            self.out.push_str("</td><td data-of=\"Finding\">");
            self.prose("span", &finding.message);
            self.out.push(' ');
            self.element("span class=\"rule\"", finding.rule.name());
            self.out.push_str("</td>");
            let place = self.place(finding.primary.span);
            self.code_cell("Place", &place);
            self.prose_cell("Reason", reason.as_deref().unwrap_or("none is given"));
            // The comment has the day until which it holds.
            let comment = self.view.redactor.show(*by).text().to_owned();
            let comment = self.view.text(&comment).into_owned();
            self.code_cell("Comment", &comment);
            self.out.push_str("</tr>\n");
        }
        self.end_table();
        self.rest(suppressed.len());
    }
}
