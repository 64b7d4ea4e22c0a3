//! Unified diffs, as `git diff`, `diff -u` and review tools write them: which lines of which files are new.

use std::borrow::Cow;
use std::ops::Range;

use camino::{Utf8Path, Utf8PathBuf};
use thiserror::Error;

/// What a diff says of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FilePatch {
    /// Its path before, as written; none of a file that is new.
    pub old: Option<Utf8PathBuf>,
    /// Its path after, as written; none of a file that is gone.
    pub new: Option<Utf8PathBuf>,
    /// Where git says that it was renamed: from which path, to which. These have no prefix.
    pub renamed: Option<(Utf8PathBuf, Utf8PathBuf)>,
    /// The lines that were added or changed, from 0, in ascending order.
    pub lines: Vec<Range<u32>>,
}

impl FilePatch {
    /// The path after without the letter that git puts before it: `b/`, or another one by its settings. A folder of one
    /// letter stands before the old path as well.
    #[must_use]
    pub fn without_prefix(&self) -> Option<&Utf8Path> {
        let letter = |path: &Utf8PathBuf| {
            let first = path.components().next().map(|part| part.as_str().to_owned());
            first.filter(|first| ["a", "b", "c", "i", "o", "w", "1", "2"].contains(&first.as_str()))
        };
        let new = self.new.as_ref()?;
        let prefix = letter(new)?;
        let is_prefix = self.old.as_ref().is_none_or(|old| letter(old).is_some_and(|letter| letter != prefix));
        is_prefix.then(|| new.strip_prefix(prefix).ok()).flatten()
    }
}

/// Why something is no unified diff.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum PatchError {
    /// It has text and no file.
    #[error("it is no unified diff")]
    NoDiff,
    /// A diff of a merge with several parents.
    #[error("line {0} is of a combined diff of a merge, which says nothing of single lines; make it of two revisions")]
    Combined(usize),
    /// A hunk without a file, or one that is no hunk.
    #[error("line {0} is no hunk of a unified diff")]
    Hunk(usize),
    /// A hunk with fewer lines than it says.
    #[error("the hunk at line {0} ends before it should; the diff is cut off")]
    Cut(usize),
}

/// The files of a unified diff.
///
/// # Errors
/// Why it is none. No text at all is a diff without changes.
pub fn patches(text: &[u8]) -> Result<Vec<FilePatch>, PatchError> {
    let whole = text.strip_suffix(b"\n").unwrap_or(text);
    let mut reader = Reader { lines: whole.split(|byte| *byte == b'\n').enumerate().peekable(), files: Vec::new() };
    let mut old = None;
    while let Some((number, line)) = reader.lines.next() {
        if line.starts_with(b"diff --cc ") || line.starts_with(b"diff --combined ") || line.starts_with(b"@@@") {
            return Err(PatchError::Combined(number + 1));
        } else if line.starts_with(b"diff --git ") {
            reader.files.push(FilePatch::default());
        } else if let Some(path) = line.strip_prefix(b"rename from ") {
            old = Some(unquoted(path));
        } else if let Some(path) = line.strip_prefix(b"rename to ") {
            if let (Some(from), Some(file)) = (old.take(), reader.files.last_mut()) {
                file.renamed = from.zip(unquoted(path));
            }
        } else if let Some(before) = line.strip_prefix(b"--- ") {
            let after = reader.lines.next_if(|(_, line)| line.starts_with(b"+++ "));
            let Some((_, after)) = after else { continue };
            // What git says of a file above belongs to it.
            let begun = reader.files.last().is_some_and(|file| file.new.is_none() && file.old.is_none());
            if !begun || !reader.is_git() {
                reader.files.push(FilePatch::default());
            }
            if let Some(file) = reader.files.last_mut() {
                (file.old, file.new) = (named(before), named(&after[4..]));
            }
        } else if line.starts_with(b"@@ ") {
            reader.hunk(number, line)?;
        }
    }
    if reader.files.is_empty() && text.iter().any(|byte| !byte.is_ascii_whitespace()) {
        return Err(PatchError::NoDiff);
    }
    Ok(reader.files)
}

struct Reader<'t, I: Iterator<Item = (usize, &'t [u8])>> {
    lines: std::iter::Peekable<I>,
    files: Vec<FilePatch>,
}

impl<'t, I: Iterator<Item = (usize, &'t [u8])>> Reader<'t, I> {
    /// Whether the last file was begun by a line of git's that nothing followed.
    fn is_git(&self) -> bool {
        self.files.last().is_some_and(|file| file.lines.is_empty())
    }

    /// Reads the lines of a hunk: as many as its head says.
    fn hunk(&mut self, number: usize, head: &[u8]) -> Result<(), PatchError> {
        let (mut before, mut at, mut after) = ranges(head).ok_or(PatchError::Hunk(number + 1))?;
        let file = self.files.last_mut().ok_or(PatchError::Hunk(number + 1))?;
        while before > 0 || after > 0 {
            let Some((_, line)) = self.lines.next() else { return Err(PatchError::Cut(number + 1)) };
            match line.first() {
                Some(b'+') if after > 0 => {
                    match file.lines.last_mut().filter(|last| last.end == at) {
                        Some(last) => last.end = at + 1,
                        None => file.lines.push(at..at + 1),
                    }
                    at += 1;
                    after -= 1;
                }
                Some(b'-') if before > 0 => before -= 1,
                // Some tools take the blank of an empty line away.
                Some(b' ' | b'\r') | None if before > 0 && after > 0 => {
                    at += 1;
                    before -= 1;
                    after -= 1;
                }
                // `\ No newline at end of file`, in any language.
                Some(b'\\') => {}
                _ => return Err(PatchError::Cut(number + 1)),
            }
        }
        Ok(())
    }
}

/// Of `@@ -1,2 +3,4 @@`: how many lines before, the first line after from 0, and how many lines after.
fn ranges(head: &[u8]) -> Option<(u32, u32, u32)> {
    let head = std::str::from_utf8(head.get(3..)?.split(|byte| *byte == b'@').next()?).ok()?;
    let (before, after) = head.trim_end().split_once(' ')?;
    let pair = |text: &str| -> Option<(u32, u32)> {
        match text.split_once(',') {
            Some((start, count)) => Some((start.parse().ok()?, count.parse().ok()?)),
            None => Some((text.parse().ok()?, 1)),
        }
    };
    let (_, before) = pair(before.strip_prefix('-')?)?;
    let (start, after) = pair(after.strip_prefix('+')?)?;
    // The sum must not run over, whatever the numbers say.
    start.checked_add(after)?;
    Some((before, start.saturating_sub(1), after))
}

/// The path of a `---` or `+++` line. What follows a tab is a time.
fn named(text: &[u8]) -> Option<Utf8PathBuf> {
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    let path = if text.starts_with(b"\"") { text } else { text.split(|byte| *byte == b'\t').next().unwrap_or(text) };
    unquoted(path).filter(|path| path != "/dev/null")
}

/// A path as git writes it: in quotes with the escapes of C where it has odd characters. None of one that is not UTF-8.
fn unquoted(text: &[u8]) -> Option<Utf8PathBuf> {
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    let bytes = match text.strip_prefix(b"\"") {
        Some(quoted) => Cow::Owned(unescaped(quoted)),
        None => Cow::Borrowed(text),
    };
    std::str::from_utf8(&bytes).ok().map(Utf8PathBuf::from)
}

/// What stands before the closing quote.
fn unescaped(quoted: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(quoted.len());
    let mut bytes = quoted.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => break,
            b'\\' => match bytes.next() {
                Some(digit @ b'0'..=b'7') => {
                    let mut value = u32::from(digit - b'0');
                    for _ in 0..2 {
                        if let Some(digit) = bytes.next_if(|byte| matches!(byte, b'0'..=b'7')) {
                            value = value * 8 + u32::from(digit - b'0');
                        }
                    }
                    out.push(value as u8);
                }
                Some(letter) => out.push(match letter {
                    b'a' => 7,
                    b'b' => 8,
                    b't' => b'\t',
                    b'n' => b'\n',
                    b'v' => 11,
                    b'f' => 12,
                    b'r' => b'\r',
                    other => other,
                }),
                None => {}
            },
            byte => out.push(byte),
        }
    }
    out
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init, reason = "one range of lines is meant")]
mod tests {
    use super::*;

    fn one(text: &str) -> FilePatch {
        let mut files = patches(text.as_bytes()).unwrap();
        assert_eq!(files.len(), 1, "{files:?}");
        files.remove(0)
    }

    #[test]
    fn added_lines_are_counted_on_the_new_side() {
        let file =
            one("diff --git a/x b/x\nindex 1..2 100644\n--- a/x\n+++ b/x\n@@ -1,3 +1,4 @@ fn\n a\n-b\n+B\n+C\n c\n\
             @@ -9 +10,0 @@\n-gone\n@@ -20,0 +20,2 @@\n++++ y\n+--- z\n");
        assert_eq!(file.new.as_deref(), Some("b/x".into()));
        assert_eq!(file.lines, [1..3, 19..21]);
        assert_eq!(one("--- x\t2026-01-01\n+++ x\t2026-01-02\r\n@@ -1 +1 @@\n-a\n+b\n\\ No newline\n").lines, [0..1]);
        assert_eq!(one("--- x\n+++ x\n@@ -1,3 +1,4 @@\n a\n\n c\n+d\n").lines, [3..4]);
    }

    #[test]
    fn files_come_go_and_move() {
        let text = "diff --git a/a b/b\nsimilarity index 100%\nrename from a\nrename to \"b\\303\\244\\n\"\n\
             diff --git a/c b/c\nnew file mode 100644\n--- /dev/null\n+++ b/c\n@@ -0,0 +1 @@\n+x\n\
             diff --git a/d b/d\ndeleted file mode 100644\n--- a/d\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n\
             diff --git a/e b/e\nBinary files a/e and b/e differ\n--- \"a/f g\"\n+++ \"b/f\\tg\"\n@@ -1 +1 @@\n-x\n+y\n";
        let files = patches(text.as_bytes()).unwrap();
        assert_eq!(files[0].renamed, Some(("a".into(), "bä\n".into())));
        assert_eq!((files[1].old.as_deref(), files[1].new.as_deref()), (None, Some("b/c".into())));
        assert_eq!((files[2].new.as_deref(), files[2].lines.len()), (None, 0));
        assert_eq!(files.last().unwrap().new.as_deref(), Some("b/f\tg".into()));
        assert_eq!(patches(b"\n"), Ok(Vec::new()));
    }

    #[test]
    fn a_prefix_is_a_letter_that_changes() {
        for (old, new, expected) in [
            (Some("a/x/y"), "b/x/y", Some("x/y")),
            (Some("i/x"), "w/x", Some("x")),
            (None, "b/x", Some("x")),
            (Some("b/x"), "b/x", None),
            (Some("db/x"), "db/x", None),
            (Some("x"), "x", None),
        ] {
            let file = FilePatch { old: old.map(Into::into), new: Some(new.into()), ..FilePatch::default() };
            assert_eq!(file.without_prefix().map(Utf8Path::as_str), expected, "{new}");
        }
    }

    #[test]
    fn what_is_no_diff_is_refused() {
        for (text, error) in [
            ("fsync = off\n", PatchError::NoDiff),
            ("diff --cc x\n", PatchError::Combined(1)),
            ("--- a\n+++ b\n@@@ -1 -1 +1 @@@\n", PatchError::Combined(3)),
            ("@@ -1 +1 @@\n-a\n+b\n", PatchError::Hunk(1)),
            ("--- a\n+++ b\n@@ -x +1 @@\n", PatchError::Hunk(3)),
            ("--- a\n+++ b\n@@ -1 +4294967295,4294967295 @@\n", PatchError::Hunk(3)),
            ("--- a\n+++ b\n@@ -1,2 +1,2 @@\n-a\n+b\n", PatchError::Cut(3)),
            ("--- a\n+++ b\n@@ -1 +1,2 @@\n-a\n-b\n", PatchError::Cut(3)),
        ] {
            assert_eq!(patches(text.as_bytes()), Err(error), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(text in "([-+@ \\\\\"0-9,a]{0,12}\n|--- a\n\\+\\+\\+ b\n|@@ -[0-9]{1,2} \\+[0-9]{1,2},?[0-9]? @@\n){0,12}") {
            let _ = patches(text.as_bytes());
        }
    }
}
