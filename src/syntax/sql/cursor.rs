//! A walk over the tokens of one statement that the grammar took: names, strings and words with their places.
//!
//! The walk asks for what may come next and steps over it; it never steps back further than its caller marked, so
//! reading a statement is linear in its tokens.

use super::lex::{Kind, Token};
use super::string::{self, Guess};
use crate::source::Span;
use crate::syntax::literal::{HOLE, Literal};

/// A name as the server knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// Folded to lower case unless quoted, cut to 63 bytes. A part known only at run time is one
    /// [`HOLE`].
    pub text: String,
    /// Where it stands, quotes included.
    pub span: Span,
    /// Whether it stands in quotes.
    pub quoted: bool,
    /// Whether a part of it is known only at run time.
    pub dynamic: bool,
}

/// A string constant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// What the server reads.
    pub literal: Literal,
    /// Where it stands, quotes included.
    pub span: Span,
}

impl Text {
    /// Whether a part of it is known only at run time.
    #[must_use]
    pub fn is_dynamic(&self) -> bool {
        self.literal.is_dynamic()
    }

    /// The text, with what is no UTF-8 replaced.
    #[must_use]
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(self.literal.text())
    }
}

/// A place in the tokens of a statement.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cursor<'a> {
    code: &'a Literal,
    tokens: &'a [Token],
    at: usize,
    guess: Guess,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(code: &'a Literal, tokens: &'a [Token], guess: Guess) -> Self {
        Self { code, tokens, at: 0, guess }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.at >= self.tokens.len()
    }

    pub(crate) fn position(&self) -> usize {
        self.at
    }

    pub(crate) fn peek(&self) -> Option<Token> {
        self.tokens.get(self.at).copied()
    }

    pub(crate) fn peek_at(&self, ahead: usize) -> Option<Token> {
        self.tokens.get(self.at + ahead).copied()
    }

    pub(crate) fn bump(&mut self) -> Option<Token> {
        let token = self.peek()?;
        self.at += 1;
        Some(token)
    }

    pub(crate) fn bytes(&self, token: Token) -> &'a [u8] {
        token.of(self.code.text())
    }

    pub(crate) fn span(&self, token: Token) -> Span {
        self.code.span(token.start, token.end)
    }

    /// The place from the token at index `from` up to the last one passed.
    pub(crate) fn since(&self, from: usize) -> Span {
        let start = self.tokens.get(from).map_or(self.code.text().len(), |token| token.start);
        let end = self.at.checked_sub(1).and_then(|last| self.tokens.get(last)).map_or(start, |token| token.end);
        self.code.span(start, end.max(start))
    }

    /// The text from the token at index `from` up to the last one passed, as written.
    pub(crate) fn source(&self, from: usize) -> String {
        let start = self.tokens.get(from).map_or(0, |token| token.start);
        let end = self.at.checked_sub(1).and_then(|last| self.tokens.get(last)).map_or(start, |token| token.end);
        let mut bytes = self.code.text().get(start..end).unwrap_or_default().to_vec();
        for hole in self.code.holes_in(start, end) {
            if let Some(slot) = bytes.get_mut(hole.start.max(start) - start) {
                *slot = HOLE;
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn token_is(&self, token: Option<Token>, word: &str) -> bool {
        token.is_some_and(|token| token.kind == Kind::Word && self.bytes(token).eq_ignore_ascii_case(word.as_bytes()))
    }

    /// Whether the next token is this keyword.
    pub(crate) fn at_word(&self, word: &str) -> bool {
        self.token_is(self.peek(), word)
    }

    /// Whether the token `ahead` of the next one is this keyword.
    pub(crate) fn word_ahead(&self, ahead: usize, word: &str) -> bool {
        self.token_is(self.peek_at(ahead), word)
    }

    /// Whether the next tokens are these keywords.
    pub(crate) fn at_words(&self, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(ahead, word)| self.word_ahead(ahead, word))
    }

    /// Steps over this keyword if it is next.
    pub(crate) fn word(&mut self, word: &str) -> bool {
        let found = self.at_word(word);
        self.at += usize::from(found);
        found
    }

    /// Steps over these keywords if they are next, all of them.
    pub(crate) fn words(&mut self, words: &[&str]) -> bool {
        let found = self.at_words(words);
        self.at += if found { words.len() } else { 0 };
        found
    }

    /// Steps over any of these keywords if it is next, and says which.
    pub(crate) fn any_word(&mut self, words: &[&'static str]) -> Option<&'static str> {
        words.iter().copied().find(|word| self.word(word))
    }

    pub(crate) fn at_byte(&self, byte: u8) -> bool {
        self.peek().is_some_and(|token| token.kind == Kind::Byte(byte))
    }

    pub(crate) fn byte(&mut self, byte: u8) -> bool {
        let found = self.at_byte(byte);
        self.at += usize::from(found);
        found
    }

    /// A name: quoted, or any word.
    pub(crate) fn name(&mut self) -> Option<Name> {
        let token = self.peek()?;
        let text = match token.kind {
            Kind::Word => self.word_text(token),
            Kind::Quoted | Kind::UnicodeQuoted => {
                string::decode(self.code, &[token], b'\\', self.guess).text().to_vec()
            }
            _ => return None,
        };
        self.at += 1;
        let quoted = token.kind != Kind::Word;
        let dynamic = self.code.has_hole(token.start, token.end) || text.contains(&HOLE);
        Some(Name { text: String::from_utf8_lossy(&text).into_owned(), span: self.span(token), quoted, dynamic })
    }

    /// A word folded to lower case, each hole as one byte.
    fn word_text(&self, token: Token) -> Vec<u8> {
        let mut text = Vec::with_capacity(token.end - token.start);
        let mut at = token.start;
        let part = |from: usize, to: usize| self.code.text().get(from..to).unwrap_or_default().to_ascii_lowercase();
        for hole in self.code.holes_in(token.start, token.end) {
            text.extend(part(at, hole.start.max(at)));
            text.push(HOLE);
            at = hole.end.min(token.end);
        }
        text.extend(part(at, token.end));
        text
    }

    /// A dotted name, at least one part.
    pub(crate) fn dotted(&mut self) -> Vec<Name> {
        let mut parts: Vec<Name> = self.name().into_iter().collect();
        while !parts.is_empty() && self.at_byte(b'.') {
            self.at += 1;
            match self.name() {
                Some(part) => parts.push(part),
                None => break,
            }
        }
        parts
    }

    /// Names with commas between them.
    pub(crate) fn names(&mut self) -> Vec<Name> {
        let mut names = Vec::new();
        while let Some(name) = self.name() {
            names.push(name);
            if !self.byte(b',') {
                break;
            }
        }
        names
    }

    /// Whether a string constant is next.
    pub(crate) fn at_text(&self) -> bool {
        self.peek().is_some_and(|token| token.kind.is_text())
    }

    /// A string constant, in all its parts.
    pub(crate) fn text(&mut self) -> Option<Text> {
        self.text_as(self.guess)
    }

    /// A string constant whose placeholders are read as `guess` says.
    pub(crate) fn text_as(&mut self, guess: Guess) -> Option<Text> {
        let first = self.at;
        let mut last = self.peek().filter(|token| token.kind.is_text())?;
        self.at += 1;
        while let Some(token) = self.peek()
            && string::goes_on(self.code.text(), last, token)
        {
            // A part of E'...' follows the rules of E''; scan.l stays in its state.
            last = Token { kind: last.kind, ..token };
            self.at += 1;
        }
        let tokens = self.tokens.get(first..self.at).unwrap_or_default();
        let mut escape = b'\\';
        if tokens.first().is_some_and(|token| token.kind == Kind::UnicodeText) && self.at_word("uescape") {
            let mark = self.peek_at(1).map(|token| self.bytes(token));
            if let Some([b'\'', byte, b'\'']) = mark {
                escape = *byte;
                self.at += 2;
            }
        }
        Some(Text { literal: string::decode(self.code, tokens, escape, guess), span: self.since(first) })
    }

    /// Steps over a group in brackets if one is next.
    pub(crate) fn group(&mut self) -> bool {
        if !self.at_byte(b'(') {
            return false;
        }
        let mut depth = 0_usize;
        while let Some(token) = self.bump() {
            match token.kind {
                Kind::Byte(b'(') => depth += 1,
                Kind::Byte(b')') => {
                    depth -= 1;
                    if depth == 0 {
                        return true;
                    }
                }
                _ => {}
            }
        }
        true
    }

    /// Steps to the next place outside brackets where `stop` holds, or to the end. Says whether it holds there.
    pub(crate) fn until(&mut self, stop: impl Fn(&Self) -> bool) -> bool {
        while !self.is_done() {
            if stop(self) {
                return true;
            }
            if !self.group() {
                self.at += 1;
            }
        }
        false
    }
}
