//! Values of YAML, JSON and TOML: scalars that know their places, lists and maps.
//!
//! What a value means is said by the readers of what is written in these languages.

use std::rc::Rc;

use crate::syntax::literal::Literal;

/// A value.
#[derive(Debug)]
pub(crate) enum Node {
    /// Text, a number, a Boolean, or nothing at all.
    Scalar(Scalar),
    /// A list.
    List(Vec<Child>),
    /// A map, in the order of the file; of entries with one key the last counts.
    Map(Vec<(Scalar, Child)>),
}

/// A value inside of another.
#[derive(Debug, Clone)]
pub(crate) struct Child {
    /// The value.
    pub(crate) node: Rc<Node>,
    /// Whether it stands elsewhere and is only referred to here.
    pub(crate) alias: bool,
}

/// A scalar.
#[derive(Debug, Clone)]
pub(crate) struct Scalar {
    /// What it says.
    pub(crate) text: Literal,
    /// How it is written.
    pub(crate) form: Form,
}

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Without quotes: what it is depends on its text.
    Plain,
    /// In quotes: it is text.
    Quoted,
    /// In lines of its own.
    Block,
}

impl Child {
    /// A value that stands where it is.
    pub(crate) fn new(node: Node) -> Self {
        Self { node: Rc::new(node), alias: false }
    }
}

impl Scalar {
    /// The text, if all of it is known and UTF-8.
    pub(crate) fn known(&self) -> Option<&str> {
        std::str::from_utf8(self.text.text()).ok().filter(|_| !self.text.is_dynamic())
    }

    /// Whether the text is that, and known.
    pub(crate) fn is(&self, text: &str) -> bool {
        self.text.text() == text.as_bytes() && !self.text.is_dynamic()
    }

    /// Whether nothing is written here.
    pub(crate) fn is_null(&self) -> bool {
        self.form == Form::Plain && matches!(self.text.text(), b"" | b"~" | b"null" | b"Null" | b"NULL")
    }

    /// Whether it has several lines.
    pub(crate) fn has_lines(&self) -> bool {
        self.form == Form::Block || self.text.text().contains(&b'\n')
    }

    /// What a flag says; `None` if it is none.
    pub(crate) fn flag(&self) -> Option<bool> {
        let text = self.known()?;
        let is = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
        if is(&["true", "yes", "on"]) {
            Some(true)
        } else if is(&["false", "no", "off"]) {
            Some(false)
        } else {
            None
        }
    }
}

impl Node {
    /// The value of a key of a map.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        let Self::Map(entries) = self else { return None };
        entries.iter().rev().find(|(name, _)| name.is(key)).map(|(_, child)| &*child.node)
    }

    /// The value below several keys.
    pub(crate) fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The scalar of a key of a map, unless it is null.
    pub(crate) fn scalar(&self, key: &str) -> Option<&Scalar> {
        self.get(key).and_then(Self::as_scalar)
    }

    /// The text of a key of a map, if it is known.
    pub(crate) fn known(&self, key: &str) -> Option<&str> {
        self.scalar(key).and_then(Scalar::known)
    }

    /// The text of a key of a map as the name of something, known or not; nothing if there is none.
    pub(crate) fn name(&self, key: &str) -> Option<String> {
        self.scalar(key).map(|scalar| String::from_utf8_lossy(scalar.text.text()).into_owned())
    }

    /// The scalar that it is, unless it is null.
    pub(crate) fn as_scalar(&self) -> Option<&Scalar> {
        match self {
            Self::Scalar(scalar) if !scalar.is_null() => Some(scalar),
            _ => None,
        }
    }

    /// The values of a list; none for what is no list.
    pub(crate) fn items(&self) -> impl Iterator<Item = &Self> {
        let items: &[Child] = match self {
            Self::List(items) => items,
            _ => &[],
        };
        items.iter().map(|child| &*child.node)
    }

    /// The scalars of a list.
    pub(crate) fn scalars(&self) -> impl Iterator<Item = &Scalar> {
        self.items().filter_map(Self::as_scalar)
    }

    /// The entries of a map, in order; none for what is no map.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&Scalar, &Self)> {
        let entries: &[(Scalar, Child)] = match self {
            Self::Map(entries) => entries,
            _ => &[],
        };
        entries.iter().map(|(key, child)| (key, &*child.node))
    }

    /// Whether it is a map.
    pub(crate) fn is_map(&self) -> bool {
        matches!(self, Self::Map(_))
    }

    /// Whether it is a list.
    pub(crate) fn is_list(&self) -> bool {
        matches!(self, Self::List(_))
    }
}
