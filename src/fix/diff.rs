//! Unified diffs of what edits make of files, with secrets hidden.

use std::io;
use std::ops::Range;

use crate::secret::{Redactor, printable};
use crate::source::{FileId, SourceMap, Span};

/// Lines shown around a change.
const CONTEXT: usize = 3;

/// More changed lines than this are shown as one change: comparing them would take long.
const MOST_CHANGES: usize = 4000;

/// Lines `old` that become the lines `new`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Change {
    old: Range<usize>,
    new: Range<usize>,
}

/// Writes the difference between a file and what it becomes. Lines are compared as they are and shown without secrets.
///
/// # Errors
/// What the writer says.
pub fn diff(
    old: (&SourceMap, FileId),
    new: (&SourceMap, FileId),
    color: bool,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let (old, new) = (Shown::new(old.0, old.1), Shown::new(new.0, new.1));
    let changes = compare(&old.lines(), &new.lines());
    if changes.is_empty() {
        return Ok(());
    }
    let paint = |code: &str, text: &str| if color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() };
    let path = printable(old.sources.file(old.file).path().as_str()).into_owned();
    writeln!(out, "{}", paint("1", &format!("--- {path}")))?;
    writeln!(out, "{}", paint("1", &format!("+++ {path}")))?;
    for hunk in hunks(&changes) {
        let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else { continue };
        let lead = first.old.start.min(CONTEXT);
        let tail = (old.starts.len() - last.old.end).min(CONTEXT);
        let (from, to) = (first.old.start - lead..last.old.end + tail, first.new.start - lead..last.new.end + tail);
        let place = |range: &Range<usize>| {
            // A range of no lines is named by the line before it.
            let start = if range.is_empty() { range.start } else { range.start + 1 };
            if range.len() == 1 { format!("{start}") } else { format!("{start},{}", range.len()) }
        };
        writeln!(out, "{}", paint("36", &format!("@@ -{} +{} @@", place(&from), place(&to))))?;
        let mut at = from.start;
        for change in hunk {
            for line in at..change.old.start {
                old.line(line, " ", None, out)?;
            }
            for line in change.old.clone() {
                old.line(line, "-", color.then_some("31"), out)?;
            }
            for line in change.new.clone() {
                new.line(line, "+", color.then_some("32"), out)?;
            }
            at = change.old.end;
        }
        for line in at..from.end {
            old.line(line, " ", None, out)?;
        }
    }
    Ok(())
}

/// A file as it may be shown, by lines.
struct Shown<'a> {
    sources: &'a SourceMap,
    file: FileId,
    redactor: Redactor<'a>,
    starts: Vec<usize>,
}

impl<'a> Shown<'a> {
    fn new(sources: &'a SourceMap, file: FileId) -> Self {
        let bytes = sources.file(file).bytes();
        let mut starts = if bytes.is_empty() { Vec::new() } else { vec![0] };
        starts.extend(memchr::memchr_iter(b'\n', bytes).map(|at| at + 1).filter(|at| *at < bytes.len()));
        Self { sources, file, redactor: Redactor::new(sources), starts }
    }

    fn range(&self, line: usize) -> Range<usize> {
        let bytes = self.sources.file(self.file).bytes();
        let start = self.starts.get(line).copied().unwrap_or(bytes.len());
        start..self.starts.get(line + 1).copied().unwrap_or(bytes.len())
    }

    fn lines(&self) -> Vec<&'a [u8]> {
        (0..self.starts.len()).map(|line| &self.sources.file(self.file).bytes()[self.range(line)]).collect()
    }

    fn line(&self, line: usize, sign: &str, color: Option<&str>, out: &mut dyn io::Write) -> io::Result<()> {
        let bytes = self.sources.file(self.file).bytes();
        let range = self.range(line);
        let text = &bytes[range.clone()];
        let ended = text.ends_with(b"\n");
        let end = range.end - usize::from(ended);
        let shown = self.redactor.show(Span::new(self.file, range.start, end));
        let shown = shown.text().trim_end_matches('\r').split('\t').map(printable).collect::<Vec<_>>().join("\t");
        match color {
            Some(code) => writeln!(out, "\x1b[{code}m{sign}{shown}\x1b[0m")?,
            None => writeln!(out, "{sign}{shown}")?,
        }
        if ended { Ok(()) } else { writeln!(out, "\\ No newline at end of file") }
    }
}

/// Changes with few lines between them, together.
fn hunks(changes: &[Change]) -> Vec<Vec<Change>> {
    let mut hunks: Vec<Vec<Change>> = Vec::new();
    for change in changes {
        let near = |last: &Change| change.old.start - last.old.end <= 2 * CONTEXT;
        match hunks.last_mut().filter(|hunk| hunk.last().is_some_and(near)) {
            Some(hunk) => hunk.push(change.clone()),
            None => hunks.push(vec![change.clone()]),
        }
    }
    hunks
}

/// The fewest changes between two lists of lines (Myers, "An O(ND) difference algorithm").
fn compare(old: &[&[u8]], new: &[&[u8]]) -> Vec<Change> {
    let same = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (a, b) = (&old[same..], &new[same..]);
    let tail = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[..a.len() - tail], &b[..b.len() - tail]);
    if a.is_empty() && b.is_empty() {
        return Vec::new();
    }
    let whole = || vec![Change { old: same..same + a.len(), new: same..same + b.len() }];
    let Some(path) = path(a, b) else { return whole() };
    let mut changes: Vec<Change> = Vec::new();
    for (x, y, deletes) in path {
        let (x, y) = (x + same, y + same);
        let (old, new) = if deletes { (x..x + 1, y..y) } else { (x..x, y..y + 1) };
        match changes.last_mut().filter(|last| last.old.end == old.start && last.new.end == new.start) {
            Some(last) => (last.old.end, last.new.end) = (old.end, new.end),
            None => changes.push(Change { old, new }),
        }
    }
    changes
}

/// The steps from the first list to the second: the lines reached in both, and whether one of the first goes.
fn path(a: &[&[u8]], b: &[&[u8]]) -> Option<Vec<(usize, usize, bool)>> {
    let most = (a.len() + b.len()).min(MOST_CHANGES);
    // The furthest line of `a` on each diagonal `x - y`, which is counted from `middle`.
    let middle = most + 1;
    let mut reached = vec![0usize; 2 * most + 3];
    let mut trace = Vec::new();
    for depth in 0..=most {
        trace.push(reached[middle - depth..=middle + depth].to_vec());
        for diagonal in (middle - depth..=middle + depth).step_by(2) {
            let down = diagonal == middle - depth
                || diagonal != middle + depth && reached[diagonal - 1] < reached[diagonal + 1];
            let mut x = if down { reached[diagonal + 1] } else { reached[diagonal - 1] + 1 };
            let mut y = (x + middle).checked_sub(diagonal)?;
            while x < a.len() && y < b.len() && a[x] == b[y] {
                (x, y) = (x + 1, y + 1);
            }
            reached[diagonal] = x;
            if x >= a.len() && y >= b.len() {
                return Some(back(&trace, middle, (a.len(), b.len())));
            }
        }
    }
    None
}

/// Follows the trace back to the start.
fn back(trace: &[Vec<usize>], middle: usize, end: (usize, usize)) -> Vec<(usize, usize, bool)> {
    let (mut x, mut y) = end;
    let mut steps = Vec::new();
    for (depth, reached) in trace.iter().enumerate().rev() {
        if depth == 0 {
            break;
        }
        let at = |diagonal: usize| {
            (diagonal + depth).checked_sub(middle).and_then(|index| reached.get(index)).copied().unwrap_or(0)
        };
        let diagonal = x + middle - y;
        let down = diagonal == middle - depth || diagonal != middle + depth && at(diagonal - 1) < at(diagonal + 1);
        let from = if down { diagonal + 1 } else { diagonal - 1 };
        let before = at(from);
        let (px, py) = (before, before + middle - from);
        steps.push((px, py, !down));
        (x, y) = (px, py);
    }
    steps.reverse();
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover::Kind;

    fn shown(old: &str, new: &str) -> String {
        let map = |text: &str| {
            let mut sources = SourceMap::default();
            let file = sources.add("a.conf".into(), Kind::PostgresqlConf, text.as_bytes().to_vec()).unwrap();
            (sources, file)
        };
        let ((old, a), (new, b)) = (map(old), map(new));
        let mut out = Vec::new();
        diff((&old, a), (&new, b), false, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_change_has_three_lines_around_it() {
        let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        let expected = "--- a.conf\n+++ a.conf\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n";
        assert_eq!(shown(old, &old.replace('5', "five")), expected);
        assert_eq!(shown(old, old), "");
    }

    #[test]
    fn ends_without_a_line_feed() {
        let expected = "--- a.conf\n+++ a.conf\n@@ -1 +1,2 @@\n-1\n\\ No newline at end of file\n+1\n+2\n";
        assert_eq!(shown("1", "1\n2\n"), expected);
        assert_eq!(shown("", "1\n"), "--- a.conf\n+++ a.conf\n@@ -0,0 +1 @@\n+1\n");
        assert_eq!(shown("1\n", ""), "--- a.conf\n+++ a.conf\n@@ -1 +0,0 @@\n-1\n");
    }

    #[test]
    fn secrets_are_hidden() {
        let out =
            shown("primary_conninfo = 'password=hunter2'\nx = 1\n", "primary_conninfo = 'password=hunter2'\nx = 2\n");
        assert!(!out.contains("hunter2") && out.contains("****") && out.contains("+x = 2"), "{out}");
    }

    /// Changes applied to the old lines give the new ones.
    #[test]
    fn changes_lead_from_old_to_new() {
        let mut seed = 7u32;
        let mut random = |below: u32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 16) % below
        };
        for _ in 0..500 {
            let mut list = || (0..random(12)).map(|_| [b'a' + random(4) as u8]).collect::<Vec<_>>();
            let (a, b) = (list(), list());
            let (a, b) = (a.iter().map(<[u8; 1]>::as_slice), b.iter().map(<[u8; 1]>::as_slice));
            let (a, b) = (a.collect::<Vec<_>>(), b.collect::<Vec<_>>());
            let mut made = a.clone();
            for change in compare(&a, &b).into_iter().rev() {
                made.splice(change.old, b[change.new].iter().copied());
            }
            assert_eq!(made, b);
        }
    }
}
