//! The text of a suppression: `pgassay: ignore[id, id] until 2027-01-31 -- reason`.
//!
//! Reads one comment. What the suppression covers, and whether it was needed, is decided elsewhere.

use memchr::memmem;

use crate::catalog;
use crate::rule::{Registry, RuleId};
use crate::source::Span;
use crate::triage::Date;

/// The word that starts a suppression.
pub(super) const WORD: &[u8] = b"pgassay:";

/// A suppression.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Directive {
    /// From the word to the end of what belongs to it.
    pub(super) span: Span,
    /// Whether it speaks of the whole file.
    pub(super) whole_file: bool,
    /// The rules that exist, each with the place of its id.
    pub(super) rules: Vec<(RuleId, Span)>,
    /// Whether it names words that are no rules.
    pub(super) strange: bool,
    /// The last day on which it holds.
    pub(super) until: Option<(Date, Span)>,
    /// Why.
    pub(super) reason: Option<String>,
}

/// What is wrong with a suppression.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Mistake {
    /// It is not of the form; the text says why.
    Form(Span, String),
    /// A word that is no rule.
    Unknown(Span, String),
}

/// The suppressions in a comment, one to a line, and their mistakes. `bytes` are the file's.
pub(super) fn read(comment: Span, bytes: &[u8], registry: &Registry, mistakes: &mut Vec<Mistake>) -> Vec<Directive> {
    let mut out = Vec::new();
    let mut at = comment.start as usize;
    let end = (comment.end as usize).min(bytes.len());
    while let Some(found) = memmem::find(&bytes[at.min(end)..end], WORD) {
        let start = at + found;
        let marked = start == comment.start as usize
            || bytes[start - 1].is_ascii_whitespace()
            || matches!(bytes[start - 1], b'#' | b'-' | b'*' | b'/' | b';' | b'!');
        if marked {
            let line = memchr::memchr(b'\n', &bytes[start..end]).map_or(end, |line| start + line);
            match (Reader {
                bytes,
                registry,
                at: start + WORD.len(),
                end: line,
                span: Span::new(comment.file, start, line),
            })
            .directive(mistakes)
            {
                Ok(directive) => out.push(directive),
                Err(mistake) => mistakes.push(mistake),
            }
            at = line;
        } else {
            at = start + WORD.len();
        }
    }
    out
}

struct Reader<'a> {
    bytes: &'a [u8],
    registry: &'a Registry,
    at: usize,
    end: usize,
    span: Span,
}

impl<'a> Reader<'a> {
    fn directive(&mut self, mistakes: &mut Vec<Mistake>) -> Result<Directive, Mistake> {
        self.blanks();
        let word = self.word(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        let whole_file = match self.text(word).as_str() {
            "ignore" => false,
            "ignore-file" => true,
            other => {
                let near = catalog::nearest(other, ["ignore", "ignore-file"]);
                return Err(self.form(near.map_or_else(
                    || "`ignore[...]` or `ignore-file[...]` must follow".to_owned(),
                    |near| format!("`{other}` is not `{near}`"),
                )));
            }
        };
        self.blanks();
        let list = self.rest();
        let Some(close) = list.iter().position(|&byte| byte == b']').filter(|_| list.first() == Some(&b'[')) else {
            return Err(self.form("the ids of rules must follow in brackets".to_owned()));
        };
        let (mut rules, mut strange) = (Vec::new(), false);
        let mut start = self.at + 1;
        self.at += close + 1;
        for id in list[1..close].split(|&byte| byte == b',') {
            let trimmed = id.trim_ascii();
            let from = start + (id.len() - id.trim_ascii_start().len());
            start += id.len() + 1;
            if trimmed.is_empty() {
                continue;
            }
            let span = Span::new(self.span.file, from, from + trimmed.len());
            let text = self.text(span);
            match self.registry.find(&text) {
                Some(rule) => rules.push((rule, span)),
                None if self.registry.may_be_missing(&text) => strange = true,
                None => {
                    strange = true;
                    mistakes.push(Mistake::Unknown(span, text));
                }
            }
        }
        if rules.is_empty() && !strange {
            return Err(self.form("it names no rule".to_owned()));
        }
        let until = self.until()?;
        let reason = self.reason()?;
        let span = Span { end: self.at as u32, ..self.span };
        Ok(Directive { span, whole_file, rules, strange, until, reason })
    }

    fn until(&mut self) -> Result<Option<(Date, Span)>, Mistake> {
        let before = self.at;
        self.blanks();
        let word = self.word(|byte| byte.is_ascii_alphabetic());
        if self.text(word) != "until" {
            self.at = before;
            return Ok(None);
        }
        self.blanks();
        let span = self.word(|byte| !byte.is_ascii_whitespace());
        let text = self.text(span);
        match Date::parse(&text) {
            Some(date) => Ok(Some((date, span))),
            None => Err(self.form(format!("`{text}` is no date such as `2027-01-31`"))),
        }
    }

    fn reason(&mut self) -> Result<Option<String>, Mistake> {
        let before = self.at;
        self.blanks();
        let rest = self.rest();
        let text = ["*/", "-->", "%>"].iter().fold(rest.trim_ascii_end(), |text, close| {
            text.strip_suffix(close.as_bytes()).map_or(text, <[u8]>::trim_ascii_end)
        });
        if text.is_empty() {
            self.at = before;
            return Ok(None);
        }
        let Some(reason) = text.strip_prefix(b"--") else {
            return Err(self.form("a reason must follow after `--`".to_owned()));
        };
        self.at += text.len();
        let reason = reason.trim_ascii();
        Ok((!reason.is_empty()).then(|| String::from_utf8_lossy(reason).into_owned()))
    }

    fn form(&self, why: String) -> Mistake {
        let end = self.span.start as usize + self.bytes[self.span.start as usize..self.end].trim_ascii_end().len();
        Mistake::Form(Span { end: end as u32, ..self.span }, why)
    }

    fn rest(&self) -> &'a [u8] {
        &self.bytes[self.at.min(self.end)..self.end]
    }

    fn blanks(&mut self) {
        self.at += self.rest().iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    }

    fn word(&mut self, accept: impl Fn(u8) -> bool) -> Span {
        let start = self.at;
        self.at += self.rest().iter().take_while(|&&byte| accept(byte)).count();
        Span::new(self.span.file, start, self.at)
    }

    fn text(&self, span: Span) -> String {
        String::from_utf8_lossy(&self.bytes[span.range()]).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::id;
    use crate::source::FileId;

    fn all(text: &str) -> (Vec<Directive>, Vec<Mistake>) {
        let mut mistakes = Vec::new();
        let span = Span::new(FileId(0), 0, text.len());
        let directives = read(span, text.as_bytes(), &Registry::default(), &mut mistakes);
        (directives, mistakes)
    }

    #[test]
    fn reads_every_form() {
        for (text, whole_file, until, reason) in [
            ("# pgassay: ignore[fsync-off]", false, None, None),
            ("#pgassay:ignore [ fsync-off ]", false, None, None),
            ("-- pgassay: ignore[fsync-off] -- a test", false, None, Some("a test")),
            ("/* pgassay: ignore-file[fsync-off] -- a test */", true, None, Some("a test")),
            ("<!-- pgassay: ignore[fsync-off] -->", false, None, None),
            ("# off for now. pgassay: ignore[fsync-off] until 2027-01-31", false, Some("2027-01-31"), None),
            ("# pgassay: ignore[fsync-off,] until 2027-01-31 -- why", false, Some("2027-01-31"), Some("why")),
            ("# pgassay: ignore[fsync-off] --", false, None, None),
        ] {
            let (directives, mistakes) = all(text);
            assert_eq!(mistakes, [], "{text}");
            let [directive] = directives.as_slice() else { panic!("{text}: {directives:?}") };
            assert_eq!(directive.whole_file, whole_file, "{text}");
            assert_eq!(directive.rules.iter().map(|(rule, _)| *rule).collect::<Vec<_>>(), [id::FSYNC_OFF], "{text}");
            assert_eq!(&text[directive.rules[0].1.range()], "fsync-off");
            assert_eq!(directive.until.map(|(date, _)| date), until.and_then(Date::parse), "{text}");
            assert_eq!(directive.reason.as_deref(), reason, "{text}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, place, why) in [
            ("# pgassay: ignroe[fsync-off]", "pgassay: ignroe[fsync-off]", "`ignroe` is not `ignore`"),
            ("# pgassay: is a linter ", "pgassay: is a linter", "`ignore[...]` or `ignore-file[...]` must follow"),
            ("# pgassay:", "pgassay:", "`ignore[...]` or `ignore-file[...]` must follow"),
            ("# pgassay: ignore", "pgassay: ignore", "the ids of rules must follow in brackets"),
            ("# pgassay: ignore[fsync-off", "pgassay: ignore[fsync-off", "the ids of rules must follow in brackets"),
            ("# pgassay: ignore fsync-off]", "pgassay: ignore fsync-off]", "the ids of rules must follow in brackets"),
            ("# pgassay: ignore[ ]", "pgassay: ignore[ ]", "it names no rule"),
            ("# pgassay: ignore[fsync-off] why", "pgassay: ignore[fsync-off] why", "a reason must follow after `--`"),
            (
                "# pgassay: ignore[fsync-off] until 2027-02-30",
                "pgassay: ignore[fsync-off] until 2027-02-30",
                "`2027-02-30` is no date such as `2027-01-31`",
            ),
        ] {
            let (directives, mistakes) = all(text);
            assert_eq!(directives, [], "{text}");
            let [Mistake::Form(span, got)] = mistakes.as_slice() else { panic!("{text}: {mistakes:?}") };
            assert_eq!((&text[span.range()], got.as_str()), (place, why));
        }
        let (directives, mistakes) = all("# pgassay: ignore[fsync-of, fsync-off]");
        assert!(directives[0].strange);
        assert_eq!(mistakes, [Mistake::Unknown(Span::new(FileId(0), 18, 26), "fsync-of".to_owned())]);
    }

    #[test]
    fn block_comments_may_hold_several() {
        let (directives, mistakes) = all(
            "/* pgassay: ignore[fsync-off] -- a pgassay: b\n * xpgassay: ignore\n * pgassay: ignore-file[fsync-off] */",
        );
        assert_eq!(mistakes, []);
        assert_eq!(directives.iter().map(|directive| directive.whole_file).collect::<Vec<_>>(), [false, true]);
    }
}
