//! Expressions: calls of functions with the number of their arguments, and the queries within them.

use super::scope::Around;
use super::{Named, Range, Walk};
use crate::catalog::Majors;
use crate::catalog::system;
use crate::source::Span;
use crate::syntax::sql::{Kind, Name};

/// Types that are written like functions, to cast a constant.
const TYPES: [&str; 3] = ["pg_lsn", "pg_node_tree", "pg_snapshot"];

/// Words after which a name and a bracket are no call.
const NO_CALL: [&str; 6] = ["into", "update", "table", "function", "on", "as"];

impl Walk<'_> {
    /// Walks over expressions, and the clauses between them.
    pub(super) fn expression(&mut self, range: Range, scopes: Around<'_>) {
        let mut at = range.start;
        while at < range.end {
            if self.opens_query(at) {
                let after = self.skip(at).min(range.end);
                self.query(at + 1..after.saturating_sub(1), scopes);
                at = after;
                continue;
            }
            if at > range.start && self.starts_query(at) {
                let end = self.group_end(at).min(range.end);
                self.query(at..end, scopes);
                at = end.max(at + 1);
                continue;
            }
            if self.is_word(at, "case") {
                self.by_recovery(at);
            }
            if self.name(at).is_none() {
                at += 1;
                continue;
            }
            let (parts, after) = self.dotted(at);
            let before = at.wrapping_sub(1);
            if self.kind(before) == Some(Kind::Cast) || self.any_word(before, &["as", "collate"]) {
                // A type, a label, a collation.
            } else if self.is_byte(after, b'(') {
                if !self.any_word(before, &NO_CALL) {
                    self.call(&parts, after);
                }
            } else {
                self.column(&parts, at, after, scopes);
            }
            at = after;
        }
    }

    /// The name of a function as the catalogue knows it, where the name is one of the catalogue's.
    pub(super) fn function_name<'n>(&self, parts: &'n [Name]) -> Option<&'n str> {
        match parts {
            [name] if !name.dynamic => Some(name.text.as_str()),
            [schema, name] if !name.dynamic && schema.text == "pg_catalog" => Some(name.text.as_str()),
            _ => None,
        }
    }

    fn call(&mut self, parts: &[Name], open: usize) {
        let (Some(last), Some(name)) = (parts.last(), self.function_name(parts)) else { return };
        let span = parts.first().map_or(last.span, |first| first.span.to(last.span));
        if name == "current_setting" || name == "set_config" {
            self.setting_of(name, open);
            return;
        }
        let known = system::function(name).filter(|of| of.extension.is_none() || parts.len() == 1);
        let count = self.arguments(open);
        let ours = name.starts_with("pg_") || parts.len() > 1 || known.is_some_and(|of| of.extension.is_some());
        let cast = count == Some(1) && (TYPES.contains(&name) || system::relation(name).is_some());
        if !ours || cast {
            return;
        }
        let has = known.map_or(Majors::NONE, |known| known.majors());
        let qualified = parts.len() > 1;
        self.found(
            Named::Function { name: name.to_owned(), qualified },
            span,
            super::judged(has, system::former_function(name).is_some()) - has,
        );
        if let (Some(known), Some(count)) = (known, count) {
            let takes = known.takes(count);
            self.found(Named::Arguments(name.to_owned(), count), span, (has & super::judged(takes, false)) - takes);
        }
    }

    /// How many arguments stand in the brackets; `None` if that is told only when it runs.
    fn arguments(&self, open: usize) -> Option<usize> {
        let close = self.skip(open).saturating_sub(1);
        let list = open + 1..close;
        if list.is_empty() || self.is_byte(open + 1, b'*') && list.len() == 1 {
            return Some(0);
        }
        if self.has_hole(list.clone()) {
            return None;
        }
        let mut count = 1;
        let mut at = list.start;
        while at < list.end && !self.is_word(at, "order") {
            if self.is_word(at, "variadic") {
                return None;
            }
            count += usize::from(self.is_byte(at, b','));
            at = self.skip(at);
        }
        Some(count)
    }

    /// The setting that `current_setting` or `set_config` names, unless it may be missing.
    fn setting_of(&mut self, function: &str, open: usize) {
        let mut cursor = self.cursor(open + 1);
        let from = cursor.position();
        let Some(text) = cursor.text().filter(|text| !text.is_dynamic()) else { return };
        let whole: Span = cursor.since(from);
        let quoted = self.kind(open + 1) == Some(Kind::Text) && whole.range().len() == text.literal.text().len() + 2;
        let span = if quoted { whole.slice(1, whole.range().len() - 1) } else { whole };
        let alone = cursor.at_byte(b')') || cursor.at_byte(b',') && cursor.word_ahead(1, "false");
        if alone || function == "set_config" && cursor.at_byte(b',') {
            self.setting(&text.text(), span, false);
        }
    }
}
