//! What statements name of the system catalogue that not every major has: relations, columns, functions, settings.
//!
//! Names are resolved as the server does, as far as the statement alone tells; where a name may be the user's own,
//! nothing is said. What every major has is dropped here, so most queries leave nothing behind.

mod call;
mod column;
mod from;
mod recovery;
mod scope;

pub(crate) use recovery::Side;

use super::ObjectName;
use crate::catalog::Majors;
use crate::catalog::system;
use crate::source::Span;
use crate::syntax::sql::{Conditions, Cursor, Kind, Name, Statement, Subject, Token};
use scope::{Around, Scope, Scopes};

/// Queries nested deeper than this are not looked into.
const DEEPEST: usize = 100;

/// Something that a statement names and that some majors refuse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    /// What is named.
    pub(crate) what: Named,
    /// Where.
    pub(crate) span: Span,
    /// The majors that refuse it.
    pub(crate) lacking: Majors,
    /// The majors that comments before or in the statement name; 9 stands for every release before 10.
    pub(crate) versions: Vec<u8>,
}

/// What is named. Relations of `information_schema` have its name and a dot before theirs. What is `qualified` is named
/// with a schema of the server's, where nobody else's can be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Named {
    Relation {
        name: String,
        qualified: bool,
    },
    /// A column and the relations that it was looked for in.
    Column {
        name: String,
        relations: Vec<&'static str>,
    },
    /// A function that is not there.
    Function {
        name: String,
        qualified: bool,
    },
    /// A function that does not take so many arguments.
    Arguments(String, usize),
    /// A setting in SHOW or in a function.
    Setting {
        name: String,
        show: bool,
    },
    /// A function that fails on this side, where the query says that it is run there.
    Recovery(String, Side),
}

/// What a file says of the system catalogue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lookups {
    /// In the order of the statements.
    pub(crate) found: Vec<Lookup>,
    /// Views, tables and functions that it makes and that are called like those of the server.
    pub(crate) made: Vec<String>,
}

/// Reads one statement.
pub(super) fn read(statement: &Statement, conditions: &Conditions, out: &mut Lookups) {
    if let Some(name) = made(&mut statement.cursor()) {
        out.made.push(name);
    }
    if conditions.guarded {
        return;
    }
    let first = out.found.len();
    let mut walk = Walk::new(statement, &mut out.found);
    match statement.subject {
        Subject::Show => walk.show(),
        Subject::Grant => walk.granted(),
        Subject::Query if !walk.holds() && !walk.starts_query(0) => {
            let scope = Scope::unknown();
            walk.expression(0..walk.tokens.len(), Some(&Scopes { scope: &scope, around: None }));
        }
        _ => walk.held(),
    }
    for lookup in out.found.iter_mut().skip(first) {
        lookup.versions.clone_from(&conditions.versions);
    }
}

/// The name of a view, table or function that a statement makes, if it is like those of the server.
fn made(cursor: &mut Cursor<'_>) -> Option<String> {
    cursor.word("create").then_some(())?;
    const KINDS: [&str; 8] =
        ["view", "table", "function", "procedure", "aggregate", "sequence", "materialized", "foreign"];
    cursor.until(|cursor| KINDS.iter().any(|kind| cursor.at_word(kind)));
    while cursor.any_word(&KINDS).is_some() {}
    cursor.words(&["if", "not", "exists"]);
    let name = ObjectName::read(cursor)?.name;
    (!name.dynamic).then_some(name.text)
}

/// A walk over the tokens of a statement.
struct Walk<'a> {
    statement: &'a Statement,
    tokens: &'a [Token],
    /// For each opening bracket the index of the one that closes it.
    closing: Vec<usize>,
    /// Whether bare names may be variables or parameters.
    variables: bool,
    depth: usize,
    out: &'a mut Vec<Lookup>,
}

type Range = std::ops::Range<usize>;

impl<'a> Walk<'a> {
    fn new(statement: &'a Statement, out: &'a mut Vec<Lookup>) -> Self {
        let tokens = statement.tokens.as_slice();
        let mut closing = vec![tokens.len(); tokens.len()];
        let mut open = Vec::new();
        for (index, token) in tokens.iter().enumerate() {
            match token.kind {
                Kind::Byte(b'(' | b'[') => open.push(index),
                Kind::Byte(b')' | b']') => {
                    if let Some(slot) = open.pop().and_then(|start: usize| closing.get_mut(start)) {
                        *slot = index;
                    }
                }
                _ => {}
            }
        }
        let body = statement.guess == crate::syntax::sql::Guess::Never;
        let variables = body || statement.subject == Subject::CreateFunction;
        Self { statement, tokens, closing, variables, depth: 0, out }
    }

    fn kind(&self, index: usize) -> Option<Kind> {
        self.tokens.get(index).map(|token| token.kind)
    }

    fn is_byte(&self, index: usize, byte: u8) -> bool {
        self.kind(index) == Some(Kind::Byte(byte))
    }

    fn bytes(&self, index: usize) -> &'a [u8] {
        self.tokens.get(index).map_or(&[], |token| token.of(self.statement.code.text()))
    }

    fn is_word(&self, index: usize, word: &str) -> bool {
        self.kind(index) == Some(Kind::Word) && self.bytes(index).eq_ignore_ascii_case(word.as_bytes())
    }

    fn any_word(&self, index: usize, words: &[&str]) -> bool {
        words.iter().any(|word| self.is_word(index, word))
    }

    fn cursor(&self, index: usize) -> Cursor<'a> {
        let tokens = self.tokens.get(index..).unwrap_or_default();
        Cursor::new(&self.statement.code, tokens, self.statement.guess)
    }

    fn name(&self, index: usize) -> Option<Name> {
        self.cursor(index).name()
    }

    /// The dotted name at an index, and the index after it. A dot that `*` follows is no part of it.
    fn dotted(&self, start: usize) -> (Vec<Name>, usize) {
        let (mut parts, mut at) = (Vec::new(), start);
        while let Some(name) = self.name(at) {
            parts.push(name);
            at += 1;
            if !self.is_byte(at, b'.') || self.name(at + 1).is_none() {
                break;
            }
            at += 1;
        }
        (parts, at)
    }

    /// The index after the token at `index`, or after the group in brackets that it opens.
    fn skip(&self, index: usize) -> usize {
        match self.kind(index) {
            Some(Kind::Byte(b'(' | b'[')) => self.closing.get(index).map_or(index, |end| *end) + 1,
            _ => index + 1,
        }
    }

    /// The first index in a range, outside of brackets, where `stop` holds; else the end of the range.
    fn until(&self, range: Range, stop: impl Fn(usize) -> bool) -> usize {
        let mut at = range.start;
        while at < range.end {
            if stop(at) {
                return at;
            }
            at = self.skip(at);
        }
        range.end
    }

    fn found(&mut self, what: Named, span: Span, lacking: Majors) {
        if !lacking.is_empty() {
            self.out.push(Lookup { what, span, lacking, versions: Vec::new() });
        }
    }

    /// Whether the statement only holds queries: names in it are those of what it makes or writes to.
    fn holds(&self) -> bool {
        self.any_word(0, &["insert", "update", "delete", "merge", "copy", "explain", "declare", "create", "for"])
    }

    /// Looks for the queries within a statement.
    fn held(&mut self) {
        let mut at = 0;
        while at < self.tokens.len() {
            if !self.starts_query(at) {
                at += 1;
                continue;
            }
            let end = self.group_end(at);
            self.query(at..end, None);
            at = end.max(at + 1);
        }
    }

    /// Whether SELECT, or WITH and the name of a common table expression, stands here.
    fn starts_query(&self, index: usize) -> bool {
        if !self.is_word(index, "with") {
            return self.is_word(index, "select");
        }
        let name = if self.is_word(index + 1, "recursive") { index + 2 } else { index + 1 };
        let after = self.skip_columns(name + 1);
        self.name(name).is_some() && self.is_word(after, "as")
    }

    /// Whether the bracket at an index opens a query, or brackets around one.
    fn opens_query(&self, index: usize) -> bool {
        let mut at = index;
        while self.is_byte(at, b'(') {
            at += 1;
        }
        at > index && (self.starts_query(at) || self.is_word(at, "values"))
    }

    /// Whether a part is known only at run time.
    fn has_hole(&self, range: Range) -> bool {
        let tokens = self.tokens.get(range).unwrap_or_default();
        let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else { return false };
        self.statement.code.has_hole(first.start, last.end)
    }

    /// The index after a list in brackets, if one is here.
    fn skip_columns(&self, index: usize) -> usize {
        if self.is_byte(index, b'(') { self.skip(index) } else { index }
    }

    /// The end of the brackets around a token, or of its statement.
    fn group_end(&self, index: usize) -> usize {
        self.until(index..self.tokens.len(), |at| {
            self.is_byte(at, b')') || self.is_byte(at, b']') || self.is_byte(at, b';')
        })
    }

    /// A query with its common table expressions, within the scopes around it.
    fn query(&mut self, range: Range, around: Around<'_>) {
        if self.depth >= DEEPEST {
            return;
        }
        self.depth += 1;
        let mut common = Scope::default();
        let mut at = range.start;
        if self.is_word(at, "with") {
            at += 1;
            at += usize::from(self.is_word(at, "recursive"));
            while let Some(name) = self.name(at) {
                common.hides.insert(name.text);
                at = self.until(at + 1..range.end, |at| self.is_word(at, "as")) + 1;
                at = self.until(at..range.end, |at| self.is_byte(at, b'('));
                let end = self.skip(at).min(range.end);
                // One that recurs, or that comes before, hides a relation of its name as well.
                self.query(at + 1..end.saturating_sub(1), Some(&Scopes { scope: &common, around }));
                // SEARCH and CYCLE of a recursive one have no bearing on names here.
                at = self.until(end..range.end, |at| {
                    self.is_byte(at, b',') || self.any_word(at, &["select", "values", "insert", "update", "delete"])
                });
                if !self.is_byte(at, b',') {
                    break;
                }
                at += 1;
            }
        }
        let scopes = Scopes { scope: &common, around };
        let is_set = |at: usize| self.any_word(at, &["union", "intersect", "except"]);
        let several = self.until(at..range.end, is_set) < range.end;
        while at < range.end {
            let end = self.until(at..range.end, |at| self.any_word(at, &["union", "intersect", "except"]));
            self.block(at..end, Some(&scopes), several);
            at = end + 1;
            at += usize::from(self.any_word(at, &["all", "distinct"]));
        }
        self.depth -= 1;
    }

    /// One SELECT, or a query in brackets.
    fn block(&mut self, range: Range, around: Around<'_>, several: bool) {
        if self.is_byte(range.start, b'(') {
            let end = self.skip(range.start).min(range.end);
            self.query(range.start + 1..end.saturating_sub(1), around);
            return;
        }
        if !self.is_word(range.start, "select") {
            self.expression(range, around);
            return;
        }
        let from = self.until(range.clone(), |at| {
            // `IS DISTINCT FROM` is no end of the list.
            self.is_word(at, "from") && !self.is_word(at.wrapping_sub(1), "distinct")
        });
        let listed = if from < range.end { from } else { self.until(range.clone(), |at| self.ends_from(at)) };
        let list = range.start..listed;
        let mut scope = Scope::default();
        let mut conditions = Vec::new();
        let mut rest = listed;
        if from < range.end {
            rest = self.until(from..range.end, |at| self.ends_from(at));
            self.from(from + 1..rest, around, &mut scope, &mut conditions);
            if self.has_hole(from..rest) {
                scope.add(String::new(), None);
            }
        }
        self.labels(list.clone(), &mut scope);
        // What stands in ORDER BY behind UNION is a column of the result.
        let ordered = self.until(rest..range.end, |at| self.is_word(at, "order"));
        let end = if several { ordered } else { range.end };
        self.windows(rest..range.end, &mut scope);
        let scopes = Scopes { scope: &scope, around };
        self.expression(list.clone(), Some(&scopes));
        for condition in conditions {
            self.expression(condition, Some(&scopes));
        }
        self.expression(rest..end, Some(&scopes));
        self.filtered(list, rest..range.end);
    }

    fn ends_from(&self, index: usize) -> bool {
        self.any_word(
            index,
            &["where", "group", "having", "window", "order", "limit", "offset", "fetch", "for", "into", "returning"],
        )
    }

    /// GRANT and REVOKE: the functions or relations that they name.
    fn granted(&mut self) {
        let mut at = self.until(0..self.tokens.len(), |at| self.is_word(at, "on")) + 1;
        let functions = self.any_word(at, &["function", "procedure", "routine"]);
        let kind = self.name(at + 1).is_some() && !self.any_word(at + 1, &["to", "from"]);
        if kind && !functions && !self.is_word(at, "table") {
            return;
        }
        at += usize::from(functions || self.is_word(at, "table"));
        loop {
            let (parts, end) = self.dotted(at);
            let (Some(first), Some(last)) = (parts.first(), parts.last()) else { return };
            let span = first.span.to(last.span);
            if !functions {
                self.relation(&parts, span, None);
            } else if let Some(name) = self.function_name(&parts).filter(|name| name.starts_with("pg_")) {
                let has = system::function(name).map_or(Majors::NONE, |of| of.majors());
                let what = Named::Function { name: name.to_owned(), qualified: parts.len() > 1 };
                self.found(what, span, judged(has, system::former_function(name).is_some()) - has);
            }
            at = self.skip_columns(end);
            if !self.is_byte(at, b',') {
                return;
            }
            at += 1;
        }
    }

    /// SHOW: a name of one word or with a dot, not the forms of two words.
    fn show(&mut self) {
        let (parts, end) = self.dotted(1);
        if let [name] = parts.as_slice()
            && end == self.tokens.len()
            && !name.dynamic
        {
            self.setting(&name.text, name.span, true);
        }
    }

    fn setting(&mut self, name: &str, span: Span, show: bool) {
        let lower = name.to_ascii_lowercase();
        if lower.contains('.') || lower == "all" {
            return;
        }
        let has = |major: &u8| crate::catalog::settings::setting_on(&lower, *major).is_some();
        let having: Majors = Majors::ALL.iter().filter(has).collect();
        self.found(Named::Setting { name: lower, show }, span, Majors::ALL - having);
    }

    /// The relation of the catalogue that a name in FROM stands for, with how the catalogue calls it.
    fn relation(&mut self, parts: &[Name], span: Span, around: Around<'_>) -> Option<system::Relation> {
        let (name, schema) = match parts {
            [name] => (name, None),
            [schema, name] => (name, Some(schema.text.as_str())),
            _ => return None,
        };
        if parts.iter().any(|part| part.dynamic) || schema.is_none() && scope::hides(around, &name.text) {
            return None;
        }
        let own = matches!(schema, None | Some("pg_catalog"));
        let key = match schema {
            Some("information_schema") => format!("information_schema.{}", name.text),
            _ => name.text.clone(),
        };
        let known = system::relation(&key).filter(|of| match of.extension {
            // An extension lies in a schema of the user's choice.
            Some(_) => schema != Some("pg_catalog"),
            None => own || schema == Some("information_schema"),
        });
        let qualified = schema.is_some();
        let looked_for = own && (name.text.starts_with("pg_") || qualified) || schema == Some("information_schema");
        if known.is_some() || looked_for {
            let has = known.map_or(Majors::NONE, |relation| relation.majors);
            let former = system::former_relation(&key).is_some();
            self.found(Named::Relation { name: key, qualified }, span, judged(has, former) - has);
        }
        known
    }
}

/// The majors of which it is known whether they have a name: documentation does not list all that a new major adds, so
/// that a name that none is known to have, and none ever had, may be new in a major without a server.
fn judged(has: Majors, former: bool) -> Majors {
    if has.is_empty() && !former { Majors::HELD } else { Majors::ALL }
}

#[cfg(test)]
mod tests;
