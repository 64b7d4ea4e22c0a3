//! Statements that a tool puts together from values, word by word as it does.

use crate::extract::tree::{Node, Scalar};
use crate::extract::{Found, Quoting};
use crate::source::Span;
use crate::syntax::literal::{Builder, Literal};

/// A statement that is being put together.
#[derive(Debug)]
pub(super) struct Statement {
    builder: Builder,
    /// Where in the file the last word stands, for those that are not in it.
    at: usize,
}

impl Statement {
    /// Starts a statement with words that the file does not have; it is about the value there.
    pub(super) fn new(words: &str, about: &Literal) -> Self {
        let at = about.whole().start as usize;
        let mut statement = Self { builder: Literal::builder(about.file()).at(at), at };
        statement.words(words);
        statement
    }

    /// Words that the file does not have.
    pub(super) fn words(&mut self, words: &str) {
        self.builder.push(words.as_bytes(), self.at, self.at);
    }

    /// Words that a value stands for.
    pub(super) fn meant(&mut self, words: &str, by: &Literal) {
        let whole = by.whole();
        self.builder.push(words.as_bytes(), whole.start as usize, whole.end as usize);
        self.at = whole.end as usize;
    }

    /// A value as it stands.
    pub(super) fn text(&mut self, text: &Literal) {
        self.builder.append(text, 0..text.text().len());
        self.at = text.whole().end as usize;
    }

    /// A value as an identifier in quotes.
    pub(super) fn identifier(&mut self, name: &Literal) {
        self.quoted(name, b"\"", Quoting::Name);
    }

    /// A value as a string.
    pub(super) fn string(&mut self, text: &Literal) {
        self.quoted(text, b"'", Quoting::String);
    }

    fn quoted(&mut self, text: &Literal, mark: &[u8], quoting: Quoting) {
        let whole = text.whole();
        self.builder.push(mark, whole.start as usize, whole.start as usize);
        quoting.push(text, &mut self.builder);
        self.builder.push(mark, whole.end as usize, whole.end as usize);
        self.at = whole.end as usize;
    }

    /// `(name = 'value', ...)`, if the map has any.
    pub(super) fn options(&mut self, map: Option<&Node>) {
        let mut opened = false;
        for (name, value) in map.into_iter().flat_map(Node::entries) {
            let Some(value) = value.as_scalar() else { continue };
            self.words(if opened { ", " } else { " WITH (" });
            opened = true;
            self.text(&name.text);
            self.words(" = ");
            self.string(&value.text);
        }
        if opened {
            self.words(")");
        }
    }

    /// What `list` gives, a comma between each.
    pub(super) fn list<'a>(&mut self, list: impl Iterator<Item = &'a Scalar>, add: impl Fn(&mut Self, &Literal)) {
        for (index, item) in list.enumerate() {
            if index > 0 {
                self.words(", ");
            }
            add(self, &item.text);
        }
    }

    /// Ends the statement and adds it.
    pub(super) fn add(mut self, transaction: Option<Span>, found: &mut Found<'_>) {
        self.words(";\n");
        found.sql(self.builder.build(), transaction);
    }
}

/// A connection string of keywords and values, as libpq reads them.
pub(super) fn conninfo<'a>(pairs: impl Iterator<Item = (Keyword<'a>, &'a Literal)>) -> Option<Literal> {
    let mut builder: Option<Builder> = None;
    for (keyword, value) in pairs {
        let whole = value.whole();
        let (start, end) = (whole.start as usize, whole.end as usize);
        let at = match keyword {
            Keyword::Written(name) => name.whole().start as usize,
            Keyword::Meant(_) => start,
        };
        let first = builder.is_none();
        let builder = builder.get_or_insert_with(|| Literal::builder(value.file()).at(at));
        if !first {
            builder.push(b" ", at, at);
        }
        let after = match keyword {
            Keyword::Written(name) => {
                builder.append(name, 0..name.text().len());
                name.whole().end as usize
            }
            Keyword::Meant(name) => {
                builder.push(name.as_bytes(), start, start);
                start
            }
        };
        let text = value.text();
        let bare = !text.is_empty() && text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_./:,".contains(byte));
        if bare {
            builder.push(b"=", after, after);
            builder.append(value, 0..text.len());
            continue;
        }
        builder.push(b"='", after, after);
        Quoting::Conninfo.push(value, builder);
        builder.push(b"'", end, end);
    }
    builder.map(Builder::build)
}

/// A keyword of a connection string.
#[derive(Debug, Clone, Copy)]
pub(super) enum Keyword<'a> {
    /// It stands in the file.
    Written(&'a Literal),
    /// A key of another name stands for it.
    Meant(&'static str),
}
