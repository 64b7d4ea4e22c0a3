//! Statements inside bodies: DO blocks, functions, procedures, and the strings that they execute.
//!
//! PL/pgSQL is not parsed: its text is walked token by token, and a statement is looked for wherever one may start.
//! What an expression yields is known only for string constants joined with `||` and for format() of one; all else
//! in it is a hole. Other languages than SQL and PL/pgSQL are not read.

use std::collections::HashSet;

use super::grammar;
use super::lex::{Kind, Token};
use super::mask::{Source, placeholder};
use super::split::{HEAD, Part, Splitter};
use super::string::Guess;
use super::words::{self, Subject, Words};
use super::{Cursor, Found, Statement};
use crate::syntax::literal::{HOLE, Literal};

/// What a body is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Sql,
    PlPgSql,
}

/// A body's text with its way back to the file.
#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) text: Literal,
    pub(crate) language: Language,
}

fn language(name: &str) -> Option<Language> {
    match name {
        "sql" => Some(Language::Sql),
        "plpgsql" => Some(Language::PlPgSql),
        _ => None,
    }
}

/// The body of a DO statement.
pub(crate) fn of_do(statement: &Statement) -> Option<Body> {
    let mut cursor = statement.cursor();
    let mut written = Some(Language::PlPgSql);
    let mut text = None;
    cursor.bump();
    while !cursor.is_done() {
        if cursor.word("language") {
            written = language_name(&mut cursor);
        } else if cursor.at_text() {
            text = cursor.text_as(Guess::Never);
        } else {
            cursor.bump();
        }
    }
    Some(Body { text: text?.literal, language: written? })
}

/// The body of a function or procedure in a string; one in BEGIN ATOMIC holds no statement of interest.
pub(crate) fn of_function(statement: &Statement) -> Option<Body> {
    let mut cursor = statement.cursor();
    let mut written = None;
    let mut text = None;
    while !cursor.is_done() {
        if cursor.group() {
            continue;
        }
        if cursor.word("language") {
            written = language_name(&mut cursor);
        } else if cursor.at_word("as") && cursor.peek_at(1).is_some_and(|token| token.kind.is_text()) {
            cursor.bump();
            text = cursor.text_as(Guess::Never);
        } else {
            cursor.bump();
        }
    }
    Some(Body { text: text?.literal, language: written? })
}

fn language_name(cursor: &mut Cursor<'_>) -> Option<Language> {
    let name = match cursor.name() {
        Some(name) => name.text,
        None => cursor.text()?.text().to_ascii_lowercase(),
    };
    language(&name)
}

/// The statements of a body that may be of interest; what EXECUTE runs has the place of its expression.
pub(crate) fn statements(source: &Source<'_>, language: Language) -> Vec<Found> {
    match language {
        Language::Sql => Splitter::new(source.text(), source.dialect)
            .filter(|piece| matches!(piece.part, Part::Statement(_)))
            .filter_map(|piece| Some(Found::new(words::subject(source.text(), &piece.head)?, &piece)))
            .collect(),
        Language::PlPgSql => Walk::new(source.text()).run(),
    }
}

/// Words after which a statement starts, if the words before them are no statement of SQL.
const OPENERS: [&[u8]; 5] = [b"begin", b"then", b"else", b"loop", b"declare"];
/// Words that start what OPENERS end.
const CONTROL: [&[u8]; 14] = [
    b"begin",
    b"declare",
    b"if",
    b"elsif",
    b"elseif",
    b"else",
    b"case",
    b"when",
    b"exception",
    b"for",
    b"foreach",
    b"while",
    b"loop",
    b"then",
];

/// A walk over the text of a PL/pgSQL body.
struct Walk<'a> {
    text: &'a [u8],
    tokens: Vec<Token>,
    /// Variables that are executed somewhere in the body.
    executed: HashSet<Vec<u8>>,
    found: Vec<Found>,
}

impl<'a> Walk<'a> {
    fn new(text: &'a [u8]) -> Self {
        let tokens = grammar::tokens(text);
        let executed = tokens
            .windows(3)
            .filter(|three| three[0].of(text).eq_ignore_ascii_case(b"execute") && three[1].kind == Kind::Word)
            .filter(|three| three[2].kind == Kind::Byte(b';') || three[2].kind == Kind::Word)
            .map(|three| three[1].of(text).to_ascii_lowercase())
            .collect();
        Self { text, tokens, executed, found: Vec::new() }
    }

    fn is(&self, index: usize, word: &[u8]) -> bool {
        self.tokens
            .get(index)
            .is_some_and(|token| token.kind == Kind::Word && token.of(self.text).eq_ignore_ascii_case(word))
    }

    fn run(mut self) -> Vec<Found> {
        let mut first = 0;
        let mut depth = 0_usize;
        let mut deepest = 0;
        for index in 0..self.tokens.len() {
            let Some(token) = self.tokens.get(index).copied() else { break };
            match token.kind {
                Kind::Byte(b'(' | b'[') => {
                    depth += 1;
                    deepest = deepest.max(depth);
                }
                Kind::Byte(b')' | b']') => depth = depth.saturating_sub(1),
                Kind::Byte(b';') => {
                    self.statement(first, index, deepest);
                    (first, depth, deepest) = (index + 1, 0, 0);
                }
                Kind::Word if depth == 0 && OPENERS.iter().any(|word| self.is(index, word)) => {
                    let control = first == index
                        || CONTROL.iter().any(|word| self.is(first, word))
                        || self.tokens.get(first).is_some_and(|token| token.kind == Kind::Byte(b'<'));
                    if control {
                        first = index + 1;
                    }
                }
                _ => {}
            }
        }
        self.statement(first, self.tokens.len(), deepest);
        self.found
    }

    fn statement(&mut self, first: usize, last: usize, depth: usize) {
        let tokens = self.tokens.get(first..last).unwrap_or_default();
        let (Some(head), Some(tail)) = (tokens.first(), tokens.last()) else { return };
        let (start, code_end) = (head.start, tail.end);
        let end = self.tokens.get(last).map_or(code_end, |semicolon| semicolon.end);
        let mut places = [(0, 0); HEAD];
        for (place, token) in places.iter_mut().zip(tokens) {
            if token.kind == Kind::Word {
                *place = (token.start, token.end);
            }
        }
        let catalog = tokens.iter().any(|token| token.kind == Kind::Word && words::is_catalog(token.of(self.text)));
        let whole = Found { subject: Subject::Query, start, code_end, end, depth, judged: true, catalog };
        match words::subject(self.text, &places) {
            Some(Subject::Execute) => {
                if let Some(expression) = tokens.get(1) {
                    self.expression(first + 1, last, expression.start, whole);
                }
            }
            Some(subject) if subject != Subject::Holder => {
                // PERFORM is PL/pgSQL's SELECT without a result; SELECT INTO may say STRICT or name several variables.
                let judged = subject != Subject::Query;
                self.found.push(Found { subject, judged, ..whole });
            }
            _ => {
                let assigned = tokens
                    .get(1..3)
                    .is_some_and(|pair| pair[0].kind == Kind::Byte(b':') && pair[1].kind == Kind::Byte(b'='))
                    || tokens.get(1).is_some_and(|token| token.kind == Kind::Byte(b'='));
                if assigned && self.executed.contains(&head.of(self.text).to_ascii_lowercase()) {
                    let skip = if tokens.get(1).is_some_and(|token| token.kind == Kind::Byte(b'=')) { 2 } else { 3 };
                    if let Some(expression) = tokens.get(skip) {
                        self.expression(first + skip, last, expression.start, whole);
                    }
                } else if catalog
                    || words::of(self.text.get(start..code_end).unwrap_or_default()).intersects(Words::SLOT)
                {
                    self.found.push(Found { judged: false, ..whole });
                }
            }
        }
    }

    /// An expression whose value is executed, up to INTO or USING.
    fn expression(&mut self, first: usize, last: usize, start: usize, whole: Found) {
        let mut depth = 0_usize;
        let mut end = whole.code_end;
        for index in first..last {
            let Some(token) = self.tokens.get(index).copied() else { break };
            match token.kind {
                Kind::Byte(b'(') => depth += 1,
                Kind::Byte(b')') => depth = depth.saturating_sub(1),
                Kind::Word if depth == 0 && (self.is(index, b"into") || self.is(index, b"using")) => {
                    end = token.start;
                    break;
                }
                _ => {}
            }
        }
        self.found.push(Found { subject: Subject::Execute, start, code_end: end, ..whole });
    }
}

/// What a query in front of `\gexec` runs: the columns of its select list that have constant text.
pub(crate) fn executed_columns(statement: &Statement) -> Vec<Literal> {
    let mut cursor = statement.cursor();
    let mut columns = Vec::new();
    if !cursor.word("select") {
        return columns;
    }
    while !cursor.is_done() {
        let from = cursor.position();
        let more = cursor.until(|cursor| {
            cursor.at_byte(b',')
                || ["from", "where", "as", "order", "limit", "union"].iter().any(|word| cursor.at_word(word))
        });
        let tokens = statement.tokens.get(from..cursor.position()).unwrap_or_default();
        columns.extend(value(&statement.code, tokens));
        if !more || !cursor.byte(b',') {
            break;
        }
    }
    columns
}

/// The text that an expression yields, as far as it is constant.
pub(crate) fn executed(code: &Literal) -> Option<Literal> {
    value(code, &grammar::tokens(code.text()))
}

/// Joins the operands of `||`; `None` if no part is constant.
fn value(code: &Literal, tokens: &[Token]) -> Option<Literal> {
    let mut cursor = Cursor::new(code, tokens, Guess::Never);
    let mut out = Literal::builder(code.file());
    let mut constant = false;
    while !cursor.is_done() {
        let from = cursor.position();
        let text = cursor.text();
        let whole = cursor.is_done() || cursor.at_byte(b'|');
        if let Some(text) = text.filter(|_| whole) {
            constant = true;
            let length = text.literal.text().len();
            out.append(&text.literal, 0..length);
        } else if let Some(format) = format_of(code, tokens, from, &mut cursor) {
            constant = true;
            out.append(&format, 0..format.text().len());
        } else {
            let literal = cursor_at(code, tokens, from).at_word("quote_literal")
                || cursor_at(code, tokens, from).at_word("quote_nullable");
            cursor.until(|cursor| cursor.at_byte(b'|'));
            let span = cursor.since(from);
            let stand_in: &[u8] = if literal { &[b'\'', HOLE, b'\''] } else { &[HOLE] };
            out.stand_in(stand_in, span.start as usize, span.end as usize);
        }
        if !(cursor.byte(b'|') && cursor.byte(b'|')) {
            break;
        }
    }
    constant.then(|| out.build())
}

fn cursor_at<'a>(code: &'a Literal, tokens: &'a [Token], at: usize) -> Cursor<'a> {
    Cursor::new(code, tokens.get(at..).unwrap_or_default(), Guess::Never)
}

/// format('...', ...): its text with a hole for each placeholder. Moves the cursor past it only if it is one.
fn format_of(code: &Literal, tokens: &[Token], from: usize, cursor: &mut Cursor<'_>) -> Option<Literal> {
    let mut ahead = cursor_at(code, tokens, from);
    if ahead.words(&["pg_catalog"]) {
        ahead.byte(b'.').then_some(())?;
    }
    let text = (ahead.word("format") && ahead.byte(b'(')).then(|| ahead.text()).flatten()?;
    if !(ahead.at_byte(b',') || ahead.at_byte(b')')) {
        return None;
    }
    cursor.until(|cursor| cursor.at_byte(b'|'));
    let literal = &text.literal;
    let bytes = literal.text();
    let mut out = Literal::builder(code.file());
    let mut at = 0;
    while at < bytes.len() {
        let plain = memchr::memchr(b'%', bytes.get(at..).unwrap_or_default()).map_or(bytes.len(), |skip| at + skip);
        out.append(literal, at..plain);
        if plain >= bytes.len() {
            break;
        }
        if bytes.get(plain + 1) == Some(&b'%') {
            out.append(literal, plain..plain + 1);
            at = plain + 2;
            continue;
        }
        let end = format_placeholder(bytes, plain);
        let span = literal.span(plain, end);
        let stand_in: &[u8] = if bytes.get(end - 1) == Some(&b'L') { &[b'\'', HOLE, b'\''] } else { &[HOLE] };
        out.stand_in(stand_in, span.start as usize, span.end as usize);
        at = end;
    }
    Some(out.build())
}

/// The end of a placeholder of format(); unlike printf's it may be followed by a letter at once.
fn format_placeholder(bytes: &[u8], start: usize) -> usize {
    if let Some(end) = placeholder(bytes, start) {
        return end;
    }
    let rest = bytes.get(start + 1..).unwrap_or_default();
    let flags =
        rest.iter().take(12).take_while(|byte| byte.is_ascii_digit() || matches!(byte, b'$' | b'-' | b'*')).count();
    (start + 2 + flags).min(bytes.len())
}
