//! Columns: names with the source they are of, and bare ones where every source is of the catalogue.

use super::scope::{self, Around, Scope};
use super::{Named, Range, Walk};
use crate::catalog::Majors;
use crate::catalog::system::{self, Relation};
use crate::source::Span;
use crate::syntax::sql::{Kind, Name};

/// Keywords after which an expression starts.
const BEFORE: [&str; 32] = [
    "select",
    "distinct",
    "all",
    "where",
    "and",
    "or",
    "not",
    "when",
    "then",
    "else",
    "case",
    "on",
    "by",
    "having",
    "between",
    "in",
    "like",
    "ilike",
    "limit",
    "offset",
    "from",
    "to",
    "escape",
    "return",
    "returning",
    "perform",
    "symmetric",
    "any",
    "some",
    "array",
    "filter",
    "over",
];

impl Walk<'_> {
    /// Whether an expression starts at an index, told by the token before it.
    fn starts_expression(&self, index: usize) -> bool {
        let Some(before) = index.checked_sub(1) else { return false };
        match self.kind(before) {
            Some(Kind::Byte(byte)) => b"(,=<>+-*/%|!~&^#[".contains(&byte),
            Some(Kind::Word) => self.any_word(before, &BEFORE),
            _ => false,
        }
    }

    /// A name that is no call, from `start` to `end`.
    pub(super) fn column(&mut self, parts: &[Name], start: usize, end: usize, scopes: Around<'_>) {
        if parts.iter().any(|part| part.dynamic) {
            return;
        }
        match parts {
            [name] if self.is_bare_column(start, end) => self.bare(name, scopes),
            [source, name] => self.qualified(source, name, scopes),
            [schema, source, name] if ["pg_catalog", "information_schema"].contains(&schema.text.as_str()) => {
                self.qualified(source, name, scopes);
            }
            _ => {}
        }
    }

    fn is_bare_column(&self, start: usize, end: usize) -> bool {
        let follows = self.kind(end);
        // A type before a constant, a field of EXTRACT, the name of an argument.
        let other = follows.is_some_and(Kind::is_text)
            || self.is_word(end, "from") && self.is_byte(start.wrapping_sub(1), b'(')
            || self.is_byte(end, b'.')
            || self.is_byte(end, b':') && self.is_byte(end + 1, b'=')
            || self.is_byte(end, b'=') && self.is_byte(end + 1, b'>');
        !other && self.starts_expression(start)
    }

    fn bare(&mut self, name: &Name, scopes: Around<'_>) {
        if self.variables || scope::knows(scopes, &name.text) {
            return;
        }
        let Some(relations) = scope::relations(scopes).filter(|relations| !relations.is_empty()) else { return };
        // A keyword is a column only if some major has one of that name.
        let keyword = !name.quoted && system::is_keyword(&name.text);
        if keyword && relations.iter().all(|relation| relation.column(&name.text).is_none()) {
            return;
        }
        self.lacking(name.text.clone(), name.span, &relations);
    }

    fn qualified(&mut self, source: &Name, name: &Name, scopes: Around<'_>) {
        let Some(relation) = scope::source(scopes, &source.text) else { return };
        // `row.function` calls a function of one argument.
        if relation.column(&name.text).is_none() && system::function(&name.text).is_some() {
            return;
        }
        self.lacking(name.text.clone(), name.span, &[relation]);
    }

    fn lacking(&mut self, name: String, span: Span, relations: &[Relation]) {
        let there = relations.iter().fold(Majors::ALL, |majors, relation| majors & relation.majors);
        let having = relations.iter().filter_map(|of| of.column(&name)).fold(Majors::NONE, Majors::or);
        let former = relations.iter().any(|of| system::former_column(of.name, &name).is_some());
        let there = there & super::judged(having, former);
        let mut names: Vec<&'static str> = Vec::new();
        for relation in relations {
            if !names.contains(&relation.name) {
                names.push(relation.name);
            }
        }
        self.found(Named::Column { name, relations: names }, span, there - having);
    }

    /// Notes the names that results may have: aliases, and for want of one functions, types, and names out of a query in
    /// brackets (`FigureColname` of the server).
    pub(super) fn labels(&self, list: Range, scope: &mut Scope) {
        for at in list {
            if !self.starts_expression(at) || self.is_byte(at + 1, b'(') {
                scope.labels.extend(self.name(at).map(|name| name.text));
            }
        }
    }

    /// Notes the names of windows.
    pub(super) fn windows(&self, range: Range, scope: &mut Scope) {
        let mut at = self.until(range.clone(), |at| self.is_word(at, "window"));
        while at < range.end {
            scope.labels.extend(self.name(at + 1).map(|name| name.text));
            at = self.until(at + 1..range.end, |at| self.is_byte(at, b','));
        }
    }
}
