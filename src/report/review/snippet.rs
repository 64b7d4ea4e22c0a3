//! The lines of files that a finding shows, with what is said of them below each.

use std::fmt::Write as _;
use std::ops::Range;

use super::Page;
use crate::finding::{Finding, Label};
use crate::report::markup;
use crate::report::text::snippet::Snippet;
use crate::report::text::{MOST_LABELS, apart, by_file};
use crate::source::FileId;

/// A label in the text of a snippet.
struct Mark<'s> {
    range: Range<usize>,
    primary: bool,
    says: &'s str,
}

impl Page<'_> {
    /// The places of a finding: lines of files, and files that lack something.
    pub(super) fn places(&mut self, finding: &Finding) {
        for (file, labels) in by_file(finding) {
            let (absent, present): (Vec<_>, Vec<_>) = labels.into_iter().partition(|(label, _)| label.is_absent());
            for (label, _) in absent {
                self.out.push_str("<p class=\"at\">");
                let path = self.path_of(file);
                self.element("code", &path);
                if !label.text.is_empty() {
                    self.prose("span", &format!(": {}", label.text));
                }
                self.out.push_str("</p>\n");
            }
            for labels in apart(present) {
                self.snippet(file, &labels);
            }
        }
        let hidden = finding.related.len().saturating_sub(MOST_LABELS - 1);
        if hidden > 0 {
            self.note(&format!("and {hidden} more places"));
        }
    }

    fn snippet(&mut self, file: FileId, labels: &[(&Label, bool)]) {
        let snippet = Snippet::new(&self.view, file, labels, &self.lines);
        let mut marks = snippet
            .labels()
            .iter()
            .map(|label| Mark {
                range: label.offset()..label.offset() + label.len(),
                primary: label.primary(),
                says: label.label().unwrap_or_default(),
            })
            .collect::<Vec<_>>();
        marks.sort_by_key(|mark| mark.range.start);
        let Some((first, _)) = labels.iter().find(|(_, primary)| *primary).or(labels.first()) else { return };
        let at = self.view.start(first.span);
        let caption = format!("{}:{}:{}", self.path_of(file), at.line, at.column);
        self.out.push_str("<figure><figcaption>");
        self.element("code", &caption);
        self.out.push_str("</figcaption>\n<div class=\"lines\">\n");
        let mut before = None;
        for (number, range) in snippet.lines() {
            if before.is_some_and(|before| number > before + 1) {
                self.out.push_str("<div class=\"gap\">⋮</div>\n");
            }
            before = Some(number);
            self.line(snippet.text(), number, range, &marks);
        }
        self.out.push_str("</div></figure>\n");
    }

    /// A line with its marks, and what those say that end on it.
    fn line(&mut self, text: &str, number: usize, line: Range<usize>, marks: &[Mark<'_>]) {
        let end = line.start + text.get(line.clone()).unwrap_or_default().trim_end_matches(['\n', '\r']).len();
        let _ = write!(self.out, "<div class=\"line\"><span class=\"n\">{number}</span><code>");
        let mut at = line.start;
        for mark in marks {
            let (from, to) = (mark.range.start.clamp(at, end), mark.range.end.clamp(at, end));
            // One that starts or ends here may be empty; one of other lines is none of this one's.
            if mark.range.start > end || mark.range.end < line.start {
                continue;
            }
            self.piece(text, at..from);
            let class = if mark.primary { "<mark class=\"main\">" } else { "<mark>" };
            self.out.push_str(class);
            self.piece(text, from..to);
            self.out.push_str("</mark>");
            at = to;
        }
        self.piece(text, at..end);
        self.out.push_str("</code></div>\n");
        let ends = |mark: &&Mark<'_>| line.contains(&mark.range.end.max(mark.range.start + 1).saturating_sub(1));
        for mark in marks.iter().filter(|mark| !mark.says.is_empty()).filter(ends) {
            let _ = write!(self.out, "<div class=\"says{}\">", if mark.primary { " main" } else { "" });
            markup::inline(&mut self.out, mark.says);
            self.out.push_str("</div>\n");
        }
    }

    fn piece(&mut self, text: &str, range: Range<usize>) {
        let text = text.get(range).unwrap_or_default();
        markup::push(&mut self.out, &text.replace('\t', "    ").replace('\r', ""));
    }
}
