//! Unified diffs of what fixes make of files, as `git apply` and `patch -p1` take them.
//!
//! Secrets are hidden, and a line with a `****` does not apply. So lines that stay and hold a secret are kept out of
//! the context where that can be; where it cannot, the caller is told.

use std::borrow::Cow;
use std::io;
use std::ops::Range;

use camino::Utf8Path;

use super::lines::{Change, compare};
use crate::secret::{Redactor, printable};
use crate::source::{FileId, SourceMap, Span};

/// Lines shown around a change.
const CONTEXT: usize = 3;

/// How differences are shown.
#[derive(Debug, Clone, Copy, Default)]
pub struct Difference {
    /// With colours.
    pub color: bool,
    /// To a terminal: nothing that could drive it, and no carriage returns.
    pub terminal: bool,
    /// With secrets.
    pub secrets: bool,
}

/// A file of a [`SourceMap`].
pub type Side<'a> = (&'a SourceMap, FileId);

/// Writes the difference between a file and what it becomes; one of the two is missing where a file comes or goes. Says
/// whether it can be applied, which it cannot where a secret had to be hidden in it.
///
/// # Errors
/// What the writer says.
pub fn diff(
    path: &Utf8Path,
    old: Option<Side<'_>>,
    new: Option<Side<'_>>,
    look: Difference,
    out: &mut dyn io::Write,
) -> io::Result<bool> {
    let redactor = old.map(|(sources, _)| Redactor::new(sources));
    let pair = Pair { old: Shown::old(old), new: Shown::new(new), before: redactor, look };
    let changes = compare(&pair.old.lines(), &pair.new.lines());
    if changes.is_empty() && old.is_some() && new.is_some() {
        return Ok(true);
    }
    pair.head(path, old.is_some(), new.is_some(), changes.is_empty(), out)?;
    let mut applies = true;
    for hunk in pair.hunks(&changes) {
        applies &= pair.hunk(&hunk, out)?;
    }
    Ok(applies)
}

/// Both texts, and how they are shown.
struct Pair<'a> {
    old: Shown<'a>,
    new: Shown<'a>,
    /// Knows the secrets of before, which the new text may have elsewhere.
    before: Option<Redactor<'a>>,
    look: Difference,
}

/// Changes with the lines around them.
struct Hunk {
    changes: Vec<Change>,
    /// How many lines stand before the first one, and after the last one.
    lead: usize,
    tail: usize,
}

impl Pair<'_> {
    fn paint(&self, code: &str, text: &str) -> String {
        if self.look.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// The names of the file. Only git's own lines can say that an empty file comes or goes.
    fn head(&self, path: &Utf8Path, old: bool, new: bool, empty: bool, out: &mut dyn io::Write) -> io::Result<()> {
        let name = |side: &str| quoted(&format!("{side}/{}", path.as_str().trim_start_matches('/')));
        let ended = |name: String| if name.contains([' ', '\t']) { format!("{name}\t") } else { name };
        if !old || !new {
            writeln!(out, "{}", self.paint("1", &format!("diff --git {} {}", name("a"), name("b"))))?;
            let what = if old { "deleted" } else { "new" };
            writeln!(out, "{}", self.paint("1", &format!("{what} file mode 100644")))?;
        }
        if empty {
            return Ok(());
        }
        let from = if old { ended(name("a")) } else { "/dev/null".to_owned() };
        let to = if new { ended(name("b")) } else { "/dev/null".to_owned() };
        writeln!(out, "{}", self.paint("1", &format!("--- {from}")))?;
        writeln!(out, "{}", self.paint("1", &format!("+++ {to}")))
    }

    /// Whether an unchanged line is shown other than it is.
    fn is_hidden(&self, line: usize) -> bool {
        !self.look.secrets && self.old.hides(line)
    }

    /// Changes with few lines between them, together, with as many lines around them as can be applied.
    fn hunks(&self, changes: &[Change]) -> Vec<Hunk> {
        let mut hunks: Vec<Vec<Change>> = Vec::new();
        for change in changes {
            let near = |last: &Change| {
                let between = last.old.end..change.old.start;
                between.len() <= 2 * CONTEXT && !between.clone().any(|line| self.is_hidden(line))
            };
            match hunks.last_mut().filter(|hunk| hunk.last().is_some_and(near)) {
                Some(hunk) => hunk.push(change.clone()),
                None => hunks.push(vec![change.clone()]),
            }
        }
        let mut out = Vec::with_capacity(hunks.len());
        let mut shown = 0;
        for (index, changes) in hunks.iter().enumerate() {
            let (Some(first), Some(last)) = (changes.first(), changes.last()) else { continue };
            let next = hunks.get(index + 1).and_then(|next| next.first());
            let next = next.map_or(self.old.starts.len(), |next| next.old.start);
            let (before, after) = (first.old.start - shown, next - last.old.end);
            let plain = |line: &usize| !self.is_hidden(*line);
            let (mut lead, mut tail) = (before.min(CONTEXT), after.min(CONTEXT));
            let plain_lead = (first.old.start - lead..first.old.start).rev().take_while(plain).count();
            let plain_tail = (last.old.end..last.old.end + tail).take_while(plain).count();
            // Git takes a hunk without lines after its changes for one at the end of the file.
            if plain_tail > 0 || tail == 0 {
                // Programs that apply differences take a side that is far shorter than the other for an end of the file.
                if plain_tail < tail {
                    lead = lead.min(plain_tail);
                }
                if plain_lead < lead {
                    tail = tail.min(plain_lead.max(1));
                }
                (lead, tail) = (lead.min(plain_lead), tail.min(plain_tail));
            }
            shown = last.old.end + tail;
            out.push(Hunk { changes: changes.clone(), lead, tail });
        }
        out
    }

    /// Writes a hunk, and says whether it can be applied.
    fn hunk(&self, hunk: &Hunk, out: &mut dyn io::Write) -> io::Result<bool> {
        let (Some(first), Some(last)) = (hunk.changes.first(), hunk.changes.last()) else { return Ok(true) };
        let from = first.old.start - hunk.lead..last.old.end + hunk.tail;
        let to = first.new.start - hunk.lead..last.new.end + hunk.tail;
        let place = |range: &Range<usize>| {
            // A range of no lines is named by the line before it.
            let start = if range.is_empty() { range.start } else { range.start + 1 };
            if range.len() == 1 { format!("{start}") } else { format!("{start},{}", range.len()) }
        };
        writeln!(out, "{}", self.paint("36", &format!("@@ -{} +{} @@", place(&from), place(&to))))?;
        let (mut at, mut whole) = (from.start, true);
        for change in &hunk.changes {
            for line in at..change.old.start {
                whole &= self.line(&self.old, line, " ", None, out)?;
            }
            for line in change.old.clone() {
                whole &= self.line(&self.old, line, "-", Some("31"), out)?;
            }
            for line in change.new.clone() {
                whole &= self.line(&self.new, line, "+", Some("32"), out)?;
            }
            at = change.old.end;
        }
        for line in at..from.end {
            whole &= self.line(&self.old, line, " ", None, out)?;
        }
        Ok(whole)
    }

    /// Writes a line, and says whether it is as it is in the file.
    fn line(
        &self,
        side: &Shown<'_>,
        line: usize,
        sign: &str,
        color: Option<&str>,
        out: &mut dyn io::Write,
    ) -> io::Result<bool> {
        let bytes = side.bytes(line);
        let ended = bytes.ends_with(b"\n");
        let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        let masked = if self.look.secrets { None } else { self.masked(side, line, bytes) };
        let whole = masked.is_none();
        let shown: Cow<'_, [u8]> = match masked {
            Some(masked) => Cow::Owned(harmless(&masked).into_bytes()),
            None if self.look.terminal => Cow::Owned(harmless(&String::from_utf8_lossy(bytes)).into_bytes()),
            None => Cow::Borrowed(bytes),
        };
        match color.filter(|_| self.look.color) {
            Some(code) => {
                write!(out, "\x1b[{code}m{sign}")?;
                out.write_all(&shown)?;
                writeln!(out, "\x1b[0m")?;
            }
            None => {
                out.write_all(sign.as_bytes())?;
                out.write_all(&shown)?;
                writeln!(out)?;
            }
        }
        if !ended {
            writeln!(out, "\\ No newline at end of file")?;
        }
        Ok(whole)
    }

    /// The line with its secrets hidden, if it has any.
    fn masked(&self, side: &Shown<'_>, line: usize, bytes: &[u8]) -> Option<String> {
        if side.hides(line) {
            return side.show(line);
        }
        // A fix may have put a secret of the old text where nothing marks it.
        let text = String::from_utf8_lossy(bytes);
        let hidden = self.before.as_ref()?.hide(&text);
        (hidden != text && side.is_new).then(|| hidden.into_owned())
    }
}

/// A line for a terminal.
fn harmless(text: &str) -> String {
    text.trim_end_matches('\r').split('\t').map(printable).collect::<Vec<_>>().join("\t")
}

/// A name as git writes it: in quotes where it has signs that would end it or mean something else.
fn quoted(name: &str) -> String {
    if !name.contains(|sign: char| sign.is_control() || matches!(sign, '"' | '\\')) {
        return name.to_owned();
    }
    let mut out = String::from('"');
    for byte in name.bytes() {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(byte)]),
            b'\n' => out.push_str("\\n"),
            b'\t' => out.push_str("\\t"),
            b' '..=b'~' => out.push(char::from(byte)),
            other => out.push_str(&format!("\\{other:03o}")),
        }
    }
    out.push('"');
    out
}

/// A text by lines; none where there is no file.
struct Shown<'a> {
    side: Option<(Side<'a>, Redactor<'a>)>,
    starts: Vec<usize>,
    is_new: bool,
}

impl<'a> Shown<'a> {
    fn old(side: Option<Side<'a>>) -> Self {
        let bytes = side.map_or(&[][..], |(sources, file)| sources.file(file).bytes());
        let mut starts = if bytes.is_empty() { Vec::new() } else { vec![0] };
        starts.extend(memchr::memchr_iter(b'\n', bytes).map(|at| at + 1).filter(|at| *at < bytes.len()));
        Self { side: side.map(|side| (side, Redactor::new(side.0))), starts, is_new: false }
    }

    fn new(side: Option<Side<'a>>) -> Self {
        Self { is_new: true, ..Self::old(side) }
    }

    fn all(&self) -> &'a [u8] {
        self.side.as_ref().map_or(&[][..], |((sources, file), _)| sources.file(*file).bytes())
    }

    fn range(&self, line: usize) -> Range<usize> {
        let length = self.all().len();
        let start = self.starts.get(line).copied().unwrap_or(length);
        start..self.starts.get(line + 1).copied().unwrap_or(length)
    }

    fn bytes(&self, line: usize) -> &'a [u8] {
        &self.all()[self.range(line)]
    }

    fn lines(&self) -> Vec<&'a [u8]> {
        (0..self.starts.len()).map(|line| self.bytes(line)).collect()
    }

    /// The bytes of a line without the line feed.
    fn span(&self, file: FileId, line: usize) -> Span {
        let range = self.range(line);
        let feed = usize::from(self.bytes(line).ends_with(b"\n"));
        Span::new(file, range.start, range.end - feed)
    }

    /// Whether a secret is hidden in a line.
    fn hides(&self, line: usize) -> bool {
        self.side.as_ref().is_some_and(|((_, file), redactor)| redactor.hides(self.span(*file, line)))
    }

    fn show(&self, line: usize) -> Option<String> {
        let ((_, file), redactor) = self.side.as_ref()?;
        Some(redactor.show(self.span(*file, line)).text().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover::Kind;

    fn of(old: &str, new: &str, look: Difference) -> (String, bool) {
        let map = |text: &str| {
            let mut sources = SourceMap::default();
            let file = sources.add("a.conf".into(), Kind::PostgresqlConf, text.as_bytes().to_vec()).unwrap();
            (sources, file)
        };
        let ((old, a), (new, b)) = (map(old), map(new));
        let mut out = Vec::new();
        let applies = diff("a.conf".into(), Some((&old, a)), Some((&new, b)), look, &mut out).unwrap();
        (String::from_utf8(out).unwrap(), applies)
    }

    fn shown(old: &str, new: &str) -> String {
        of(old, new, Difference::default()).0
    }

    #[test]
    fn a_change_has_three_lines_around_it() {
        let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        let expected = "--- a/a.conf\n+++ b/a.conf\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n";
        assert_eq!(shown(old, &old.replace('5', "five")), expected);
        assert_eq!(shown(old, old), "");
    }

    #[test]
    fn ends_without_a_line_feed() {
        let expected = "--- a/a.conf\n+++ b/a.conf\n@@ -1 +1,2 @@\n-1\n\\ No newline at end of file\n+1\n+2\n";
        assert_eq!(shown("1", "1\n2\n"), expected);
        assert_eq!(shown("", "1\n"), "--- a/a.conf\n+++ b/a.conf\n@@ -0,0 +1 @@\n+1\n");
        assert_eq!(shown("1\n", ""), "--- a/a.conf\n+++ b/a.conf\n@@ -1 +0,0 @@\n-1\n");
    }

    const SECRET: &str = "primary_conninfo = 'password=hunter2'\n";

    #[test]
    fn lines_with_secrets_stay_out_of_the_context() {
        let text = |x: &str| format!("a = 1\nb = 1\n{SECRET}c = 1\nx = {x}\nd = 1\ne = 1\n{SECRET}f = 1\n");
        let (out, applies) = of(&text("1"), &text("2"), Difference::default());
        assert!(applies, "{out}");
        assert!(out.ends_with("@@ -4,3 +4,3 @@\n c = 1\n-x = 1\n+x = 2\n d = 1\n"), "{out}");
        let near = |x: &str| format!("a = 1\nx = {x}\n{SECRET}y = {x}\nb = 1\nc = 1\n");
        let (out, applies) = of(&near("1"), &near("2"), Difference::default());
        // Git would take the first change for one at the end of the file, were the line not shown.
        assert!(!applies && !out.contains("hunter2") && out.contains("****"), "{out}");
        let (out, applies) = of(&near("1"), &near("2"), Difference { secrets: true, ..Difference::default() });
        assert!(applies && out.contains("hunter2"), "{out}");
    }

    #[test]
    fn secrets_that_change_or_move_are_hidden() {
        let (out, applies) = of(SECRET, &SECRET.replace("hunter2", "hunter3"), Difference::default());
        assert!(!applies && !out.contains("hunter") && out.contains("****"), "{out}");
    }

    #[test]
    fn only_what_goes_to_a_terminal_is_made_harmless() {
        let (old, new) = ("a\r\nb\x1b[1m\r\n", "a\r\nc\x1b[1m\r\n");
        assert!(shown(old, new).ends_with(" a\r\n-b\x1b[1m\r\n+c\x1b[1m\r\n"));
        let (out, _) = of(old, new, Difference { terminal: true, ..Difference::default() });
        assert!(!out.contains('\r') && !out.contains('\x1b'), "{out:?}");
    }

    #[test]
    fn names_are_those_of_git() {
        assert_eq!(quoted("a/b c"), "a/b c");
        assert_eq!(quoted("a/\"\u{e4}\n"), "\"a/\\\"\\303\\244\\n\"");
    }

    #[test]
    fn files_that_come_and_go_have_the_lines_of_git() {
        let mut sources = SourceMap::default();
        let file = sources.add("d/standby.signal".into(), Kind::StandbySignal, Vec::new()).unwrap();
        let mut out = Vec::new();
        diff("d/standby.signal".into(), None, Some((&sources, file)), Difference::default(), &mut out).unwrap();
        let expected = "diff --git a/d/standby.signal b/d/standby.signal\nnew file mode 100644\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
