//! Where the options of a plugin stand, so that what is wrong with one is told at its line.

use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

use camino::Utf8PathBuf;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A `[[plugin]]` of a pgassay.toml.
#[derive(Debug, Clone, PartialEq)]
pub struct Origin {
    /// The file.
    pub path: Utf8PathBuf,
    /// What is in it.
    pub text: Arc<str>,
    /// Which of its `[[plugin]]` it is, from 0.
    pub index: usize,
}

impl Origin {
    /// The bytes of an option, by its JSON pointer; as near to it as there is something.
    #[must_use]
    pub fn place(&self, pointer: &str) -> Option<Range<usize>> {
        let file = DeTable::parse(&self.text).ok()?;
        let plugin = file.get_ref().get("plugin")?.get_ref().as_array()?.get(self.index)?;
        let Some(options) = plugin.get_ref().get("options") else { return Some(plugin.span()) };
        let mut found: &Spanned<DeValue<'_>> = options;
        for step in pointer.split('/').skip(1) {
            let step = step.replace("~1", "/").replace("~0", "~");
            let next = match found.get_ref() {
                DeValue::Array(values) => step.parse::<usize>().ok().and_then(|index| values.get(index)),
                DeValue::Table(table) => table.get(step.as_str()),
                _ => None,
            };
            match next {
                Some(next) => found = next,
                None => break,
            }
        }
        Some(found.span())
    }

    /// `pgassay.toml:3:11: `, or nothing if the place is not known. Line and column count from 1, in characters.
    pub(super) fn shown(&self, pointer: &str) -> String {
        let mut out = String::new();
        if let Some(before) = self.place(pointer).and_then(|place| self.text.get(..place.start)) {
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            let _ = write!(out, "{}:{line}:{column}: ", self.path);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_lead_to_bytes() {
        let text =
            "[[plugin]]\npath = \"a\"\n\n[[plugin]]\npath = \"b\"\n[plugin.options]\n\"a/b\" = [1, { c = \"é\" }]\n";
        let of = |index| Origin { path: "pgassay.toml".into(), text: text.into(), index };
        let at = |pointer: &str| of(1).place(pointer).and_then(|place| text.get(place));
        assert_eq!(at("/a~1b/0"), Some("1"));
        assert_eq!(at("/a~1b/1/c"), Some("\"é\""));
        assert_eq!(at("/a~1b/7"), at("/a~1b"));
        assert_eq!(of(1).shown("/a~1b/1/c"), "pgassay.toml:7:19: ");
        assert!(of(0).place("/x").is_some(), "a plugin without options is its own place");
        assert_eq!(of(2).place(""), None);
    }
}
