//! The edit that mends a finding, as the lines that go and the lines that come.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Page, count};
use crate::finding::{Fix, Safety};
use crate::report::markup;
use crate::secret::printable;
use crate::source::{FileId, Span};

/// More lines than these of an edit are counted.
const MOST_LINES: usize = 12;
/// A longer line is cut after so many characters.
const LONGEST: usize = 200;

impl Page<'_> {
    pub(super) fn change(&mut self, fix: &Fix) {
        let safe = match fix.safety {
            Safety::Safe => "safe",
            Safety::Unsafe => "changes what the server does",
        };
        self.out.push_str("<div class=\"edit\">");
        self.prose("p", &format!("Edit ({safe}): {}", fix.title));
        self.out.push('\n');
        let (edits, _) = self.view.edits(fix);
        let mut by_file: BTreeMap<FileId, Vec<(Span, Cow<'_, str>)>> = BTreeMap::new();
        for (span, text) in edits {
            by_file.entry(span.file).or_default().push((span, text));
        }
        for (file, mut edits) in by_file {
            edits.sort_by_key(|(span, _)| *span);
            self.in_file(file, &edits);
        }
        self.out.push_str("</div>\n");
    }

    fn in_file(&mut self, file: FileId, edits: &[(Span, Cow<'_, str>)]) {
        let path = self.path_of(file);
        self.out.push_str("<div class=\"lines\">\n");
        let source = self.review.sources.file(file);
        let (lines, length) = (source.lines(), source.bytes().len());
        let mut rest = edits;
        let mut left = MOST_LINES;
        while let Some((first, _)) = rest.first() {
            // The lines of this edit, and of those after it that start on them.
            let top = lines.line(first.start);
            let (mut last, mut taken) = (top, 0);
            for (span, _) in rest {
                if taken > 0 && lines.line(span.start) > last {
                    break;
                }
                // What ends with a line break does not touch the next line.
                last = last.max(lines.line(span.end.saturating_sub(u32::from(span.end > span.start))));
                taken += 1;
            }
            let (these, others) = rest.split_at(taken);
            rest = others;
            let start = lines.range(top, source.bytes()).start;
            let end = lines.range(last + 1, source.bytes()).start.min(length).max(start);
            let old = self.shown(Span::new(file, start, end));
            let mut new = String::new();
            let mut at = start;
            for (span, text) in these {
                new.push_str(&self.shown(Span::new(file, at, (span.start as usize).max(at))));
                new.push_str(text);
                at = (span.end as usize).max(at);
            }
            new.push_str(&self.shown(Span::new(file, at, end.max(at))));
            let new = self.view.redactor.hide(&new).into_owned();
            for (number, sign, text) in [(Some(top + 1), "del", &old), (None, "ins", &new)] {
                let shown = text.lines().count().min(left);
                for (index, line) in text.lines().take(shown).enumerate() {
                    let number = number.map(|first| (first + index).to_string()).unwrap_or_default();
                    self.changed(&number, sign, line);
                }
                left -= shown;
                let hidden = text.lines().count() - shown;
                if hidden > 0 {
                    let what = if sign == "del" { "that go" } else { "that come" };
                    let _ = write!(self.out, "<div class=\"says\">and {} {what}</div>", count(hidden, "more line"));
                }
            }
        }
        self.out.push_str("</div>");
        self.element("p class=\"less\"", &format!("in {path}"));
    }

    /// Bytes as they may be shown, with their line breaks.
    fn shown(&self, span: Span) -> String {
        self.view.redactor.show(span).text().replace('\t', "    ").replace("\r\n", "\n")
    }

    fn changed(&mut self, number: &str, sign: &str, line: &str) {
        let cut = line.char_indices().nth(LONGEST).map(|(at, _)| at);
        let (line, more) = cut.map_or((line, ""), |at| (&line[..at], "…"));
        let mark = if sign == "del" { "-" } else { "+" };
        let _ = write!(self.out, "<div class=\"line {sign}\"><span class=\"n\">{number}</span><code>{mark} <{sign}>");
        markup::push(&mut self.out, &printable(&line.replace('\t', "    ")));
        let _ = writeln!(self.out, "{more}</{sign}></code></div>");
    }
}
