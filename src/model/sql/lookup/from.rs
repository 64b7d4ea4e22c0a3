//! The items of FROM: relations with their aliases, functions, queries, joins.

use super::scope::{Around, Scope, Scopes};
use super::{DEEPEST, Range, Walk};
use crate::catalog::system;
use crate::syntax::sql::Kind;

impl Walk<'_> {
    /// Reads the list of a FROM into `scope`. Conditions of joins are handed back: they are read once all sources are
    /// known.
    pub(super) fn from(&mut self, range: Range, around: Around<'_>, scope: &mut Scope, conditions: &mut Vec<Range>) {
        let mut at = range.start;
        let mut lateral = false;
        while at < range.end {
            let start = at;
            if self.is_word(at, "lateral") {
                lateral = true;
                at += 1;
                continue;
            }
            if self.is_word(at, "on") {
                at = self.until(at + 1..range.end, |at| self.is_byte(at, b',') || self.joins(at));
                conditions.push(start + 1..at);
            } else if self.is_word(at, "using") || self.is_word(at, "tablesample") {
                at = self.skip(self.until(at + 1..range.end, |at| self.is_byte(at, b'(')));
                if self.is_word(at, "as") {
                    scope.add(self.name(at + 1).map_or_else(String::new, |name| name.text), None);
                    at += 2;
                }
            } else if self.is_byte(at, b',') || self.joins(at) || self.any_word(at, &["join", "only", "outer"]) {
                at += 1;
            } else {
                at = self.item(at, range.end, around, scope, conditions, lateral).max(at + 1);
                lateral = false;
            }
        }
    }

    fn joins(&self, index: usize) -> bool {
        self.any_word(index, &["join", "inner", "left", "right", "full", "cross", "natural"])
    }

    /// One source with its alias; says where it ends.
    fn item(
        &mut self,
        start: usize,
        end: usize,
        around: Around<'_>,
        scope: &mut Scope,
        conditions: &mut Vec<Range>,
        lateral: bool,
    ) -> usize {
        if self.is_byte(start, b'(') {
            let after = self.skip(start).min(end);
            let inside = start + 1..after.saturating_sub(1);
            if self.opens_query(start) {
                let beside = Scopes { scope, around };
                self.query(inside, if lateral { Some(&beside) } else { around });
                return self.source(after, end, scope, None, String::new());
            }
            if self.depth >= DEEPEST {
                scope.add(String::new(), None);
                return after;
            }
            self.depth += 1;
            self.from(inside, around, scope, conditions);
            self.depth -= 1;
            // A join in brackets with an alias hides the names of its parts.
            return if self.alias(after, end).is_some() {
                scope.add(String::new(), None);
                self.source(after, end, scope, None, String::new())
            } else {
                after
            };
        }
        if self.is_word(start, "rows") && self.is_word(start + 1, "from") {
            let after = self.skip(start + 2).min(end);
            self.function_item(start + 3..after.saturating_sub(1), around, scope);
            return self.source(after, end, scope, None, String::new());
        }
        let (parts, after) = self.dotted(start);
        let Some(last) = parts.last() else { return start + 1 };
        if self.is_byte(after, b'(') {
            let close = self.skip(after).min(end);
            let name = last.text.clone();
            self.function_item(start..close, around, scope);
            let close =
                if self.is_word(close, "with") && self.is_word(close + 1, "ordinality") { close + 2 } else { close };
            return self.source(close, end, scope, None, name);
        }
        let span = parts.first().map_or(last.span, |first| first.span.to(last.span));
        let name = last.text.clone();
        let relation = self.relation(&parts, span, around);
        let after = if self.is_byte(after, b'*') { after + 1 } else { after };
        self.source(after, end, scope, relation, name)
    }

    /// The arguments of a function see what stands before it.
    fn function_item(&mut self, range: Range, around: Around<'_>, scope: &Scope) {
        self.expression(range, Some(&Scopes { scope, around }));
    }

    /// The index of the name of an alias, if one stands here.
    fn alias(&self, at: usize, end: usize) -> Option<usize> {
        if at < end && self.is_word(at, "as") {
            return Some(at + 1);
        }
        let word = at < end && self.name(at).is_some_and(|name| name.quoted || !system::is_reserved(&name.text));
        word.then_some(at)
    }

    /// Adds a source, with its alias if it has one; says where that ends.
    fn source(
        &self,
        at: usize,
        end: usize,
        scope: &mut Scope,
        relation: Option<system::Relation>,
        name: String,
    ) -> usize {
        let Some(place) = self.alias(at, end) else {
            scope.add(name, relation);
            return at;
        };
        let alias = self.name(place);
        let mut after = if alias.is_some() { place + 1 } else { place };
        let mut relation = relation;
        if self.kind(after) == Some(Kind::Byte(b'(')) {
            // New names for the columns, or the columns of a function.
            relation = None;
            after = self.skip(after).min(end);
        }
        let name = alias.map_or(name, |alias| alias.text);
        scope.add(name, relation);
        after
    }
}
