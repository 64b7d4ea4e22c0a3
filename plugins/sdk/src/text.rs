//! What stands beside a place in its file: the rest of a line, a comment.
//!
//! The text of each file is asked for once. There is none in native tests, where every function here gives nothing:
//! test what a rule makes of a [`Part`], and the rule as a whole with `pgassay plugin test`.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::host;
use crate::types::Place;

/// A part of what [`host::file_text`] gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The file's number.
    pub file: u32,
    /// Where it starts, in bytes of the file's text.
    pub start: usize,
    /// The bytes from there on that belong to it.
    pub text: String,
}

impl Part {
    /// Its place, by which a finding or an edit points at it.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        host::locate(self.file, self.start, self.start + self.text.len())
    }

    /// The part of it from the first `mark` on: what follows a `#`, with the sign.
    #[must_use]
    pub fn from_mark(&self, mark: &str) -> Option<Self> {
        let at = self.text.find(mark)?;
        Some(Self { file: self.file, start: self.start + at, text: self.text[at..].to_owned() })
    }
}

/// What follows a place, up to the end of the line and without that. Empty at the end of a line. None for a place that
/// the plugin was not shown.
#[must_use]
pub fn line_after(place: Place) -> Option<Part> {
    let host::Extent { file, end, .. } = host::text_range(place)?;
    part(file, &of_file(file)?, end as usize)
}

/// The comment behind a whole row or definition, from its `#` on; none if the line has no comment. It is for the
/// server's configuration files: in them a `#` that is not in quotes starts a comment, and no quote is open there.
#[must_use]
pub fn comment_after(place: Place) -> Option<Part> {
    line_after(place)?.from_mark("#")
}

fn part(file: u32, text: &str, start: usize) -> Option<Part> {
    let rest = text.get(start..)?.lines().next().unwrap_or_default();
    Some(Part { file, start, text: rest.to_owned() })
}

thread_local! {
    static TEXTS: RefCell<BTreeMap<u32, Rc<str>>> = const { RefCell::new(BTreeMap::new()) };
}

fn of_file(file: u32) -> Option<Rc<str>> {
    if let Some(text) = TEXTS.with_borrow(|texts| texts.get(&file).cloned()) {
        return Some(text);
    }
    let text: Rc<str> = host::file_text(file)?.into();
    TEXTS.with_borrow_mut(|texts| texts.insert(file, Rc::clone(&text)));
    Some(text)
}

/// Forgets the texts, which are those of one model.
pub(crate) fn forget() {
    TEXTS.take();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_ends_with_its_line() {
        let text = "a = 1 # über\r\nb = 2\n\n";
        let rest = |start| part(0, text, start).map(|part| part.text);
        assert_eq!(rest(5).as_deref(), Some(" # über"));
        assert_eq!([rest(13), rest(text.len())], [Some(String::new()), Some(String::new())]);
        assert_eq!([rest(text.len() + 1), rest(9)], [None, None]);
    }

    #[test]
    fn a_comment_starts_with_its_sign() {
        let comment = part(3, "host all all all md5 # one # two\n", 20).and_then(|rest| rest.from_mark("#"));
        assert_eq!(comment, Some(Part { file: 3, start: 21, text: "# one # two".to_owned() }));
        assert_eq!(part(3, "ssl = on\n# next\n", 8).and_then(|rest| rest.from_mark("#")), None);
    }
}
