//! Lists of options: `WITH (name = value, ...)` and `OPTIONS (name 'value', ...)`.

use std::borrow::Cow;

use crate::source::Span;
use crate::syntax::sql::{Cursor, Kind, Name, Text};

/// An option of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionItem {
    /// Its name, as the server folds it.
    pub name: Name,
    /// Its value; `None` where only the name is given.
    pub value: Option<Value>,
    /// Name and value together.
    pub span: Span,
}

/// The value of an option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// Where it stands, quotes included.
    pub span: Span,
    /// What it is.
    pub kind: ValueKind,
}

/// The forms of a value that the server tells apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueKind {
    /// A word or a quoted name.
    Name(Name),
    /// A string constant.
    Text(Text),
    /// A number without fraction, with its sign.
    Integer(String),
    /// Anything else: a fraction, a dotted name, an operator.
    Other(String),
}

impl Value {
    /// The text that the server's `defGetString` gives.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        match &self.kind {
            ValueKind::Name(name) => Cow::Borrowed(&name.text),
            ValueKind::Text(text) => text.text(),
            ValueKind::Integer(text) | ValueKind::Other(text) => Cow::Borrowed(text),
        }
    }

    /// Whether a part of it is known only at run time.
    #[must_use]
    pub fn is_dynamic(&self) -> bool {
        match &self.kind {
            ValueKind::Name(name) => name.dynamic,
            ValueKind::Text(text) => text.is_dynamic(),
            ValueKind::Integer(_) => false,
            ValueKind::Other(text) => text.contains(char::from(crate::syntax::literal::HOLE)),
        }
    }
}

/// Reads `( name [= value], ... )`.
pub(super) fn definition(cursor: &mut Cursor<'_>) -> Vec<OptionItem> {
    let mut items = Vec::new();
    if !cursor.byte(b'(') {
        return items;
    }
    loop {
        let from = cursor.position();
        if let Some(name) = cursor.name() {
            let value = if cursor.byte(b'=') { value(cursor) } else { None };
            items.push(OptionItem { name, value, span: cursor.since(from) });
        }
        cursor.until(|cursor| cursor.at_byte(b',') || cursor.at_byte(b')'));
        if !cursor.byte(b',') {
            cursor.byte(b')');
            return items;
        }
    }
}

/// A value up to the comma or bracket after it.
pub(super) fn value(cursor: &mut Cursor<'_>) -> Option<Value> {
    let from = cursor.position();
    let ends = |cursor: &Cursor<'_>| cursor.is_done() || cursor.at_byte(b',') || cursor.at_byte(b')');
    let kind = if cursor.at_text() {
        ValueKind::Text(cursor.text()?)
    } else if let Some(name) = cursor.name() {
        ValueKind::Name(name)
    } else {
        let negative = cursor.byte(b'-');
        let _plus = !negative && cursor.byte(b'+');
        match cursor.peek() {
            Some(token) if token.kind == Kind::Number => {
                cursor.bump();
                let digits = String::from_utf8_lossy(cursor.bytes(token)).into_owned();
                let text = if negative { format!("-{digits}") } else { digits };
                if text.parse::<i32>().is_ok() { ValueKind::Integer(text) } else { ValueKind::Other(text) }
            }
            _ => ValueKind::Other(String::new()),
        }
    };
    if ends(cursor) && cursor.position() > from {
        return Some(Value { span: cursor.since(from), kind });
    }
    cursor.until(ends);
    let span = cursor.since(from);
    (cursor.position() > from).then(|| Value { span, kind: ValueKind::Other(cursor.source(from)) })
}

/// Reads `OPTIONS ( [ADD | SET | DROP] name 'value', ... )`.
pub(super) fn generic(cursor: &mut Cursor<'_>) -> Vec<OptionItem> {
    let mut items = Vec::new();
    if !cursor.word("options") || !cursor.byte(b'(') {
        return items;
    }
    loop {
        let from = cursor.position();
        // An option may itself be called `set`; then its value follows at once.
        let action = ["add", "set", "drop"].iter().any(|word| cursor.at_word(word));
        if action && !cursor.peek_at(1).is_some_and(|token| token.kind.is_text()) {
            cursor.bump();
        }
        if let Some(name) = cursor.name() {
            let value = cursor.text().map(|text| Value { span: text.span, kind: ValueKind::Text(text) });
            items.push(OptionItem { name, value, span: cursor.since(from) });
        }
        cursor.until(|cursor| cursor.at_byte(b',') || cursor.at_byte(b')'));
        if !cursor.byte(b',') {
            cursor.byte(b')');
            return items;
        }
    }
}
