//! The commands of a script: pipelines, groups, branches and functions, each with its redirections.
//!
//! What has no place in the grammar is passed over, so that a part of a script is read as far as it can be.

use std::iter::Peekable;
use std::vec::IntoIter;

use super::lex::{Token, Word};

/// Commands joined by `|`.
pub(super) type Pipeline = Vec<Command>;

/// A command with its redirections.
#[derive(Debug)]
pub(super) struct Command {
    pub(super) what: What,
    pub(super) redirects: Vec<Redirect>,
}

/// What a command is.
#[derive(Debug)]
pub(super) enum What {
    /// A program or builtin with its arguments, and assignments before it.
    Simple(Vec<Word>),
    /// Commands that run one after the other: a group, a subshell, a loop.
    Group(Vec<Pipeline>),
    /// A loop over words, the first of which is the variable's name.
    For(Vec<Word>, Vec<Pipeline>),
    /// Commands of which some run: `if` and `case`.
    Branches(Vec<Vec<Pipeline>>),
    /// A function.
    Function(Word, Box<Command>),
}

/// Where input comes from or output goes.
#[derive(Debug)]
pub(super) enum Redirect {
    /// Standard output goes to a file, whose content is replaced or added to.
    Output { file: Word, append: bool },
    /// Standard input is a text; a here-string gets a line feed.
    Text { text: Word, line: bool },
    /// Standard input is a file.
    Input,
}

/// Compound commands are followed this deep.
const DEEPEST: u8 = 24;

/// The commands of a script.
pub(super) fn parse(text: &[u8], tokens: Vec<Token>) -> Vec<Pipeline> {
    Parser { text, tokens: tokens.into_iter().peekable(), depth: 0 }.list(&[])
}

struct Parser<'t> {
    text: &'t [u8],
    tokens: Peekable<IntoIter<Token>>,
    depth: u8,
}

impl Parser<'_> {
    /// The next token as a keyword or an operator.
    fn sign(&mut self) -> &[u8] {
        match self.tokens.peek() {
            Some(Token::Word(word)) => word.plain(self.text).unwrap_or_default(),
            Some(Token::Operator(range)) => self.text.get(range.clone()).unwrap_or_default(),
            Some(Token::Newline) => b"\n",
            Some(Token::Heredoc(_)) | None => b"",
        }
    }

    fn is_operator(&mut self) -> bool {
        matches!(self.tokens.peek(), Some(Token::Operator(_) | Token::Newline))
    }

    /// The pipelines up to and with one of the signs that end the list.
    fn list(&mut self, ends: &[&[u8]]) -> Vec<Pipeline> {
        let mut list = Vec::new();
        while self.tokens.peek().is_some() {
            let sign = self.sign();
            if ends.contains(&sign) {
                break;
            }
            // Separators, and closing signs that have no place here.
            let stray: [&[u8]; 9] = [b"then", b"elif", b"else", b"fi", b"do", b"done", b"esac", b"}", b"in"];
            if stray.contains(&sign) || self.is_operator() && !matches!(self.sign(), b"(") && !self.redirects() {
                self.tokens.next();
                continue;
            }
            let pipeline = self.pipeline();
            if !pipeline.is_empty() {
                list.push(pipeline);
            }
        }
        list
    }

    fn pipeline(&mut self) -> Pipeline {
        let mut pipeline = Vec::new();
        loop {
            pipeline.extend(self.command());
            if !matches!(self.sign(), b"|" | b"|&") || !self.is_operator() {
                return pipeline;
            }
            self.tokens.next();
            while matches!(self.tokens.peek(), Some(Token::Newline)) {
                self.tokens.next();
            }
        }
    }

    fn command(&mut self) -> Option<Command> {
        if self.depth >= DEEPEST {
            return self.simple();
        }
        self.depth += 1;
        let command = self.compound();
        self.depth -= 1;
        command
    }

    fn compound(&mut self) -> Option<Command> {
        let what = match self.sign() {
            b"!" | b"time" | b"coproc" => {
                self.tokens.next();
                return self.compound_or_simple();
            }
            b"{" => {
                self.tokens.next();
                What::Group(self.closed(&[b"}"]))
            }
            b"(" => {
                self.tokens.next();
                What::Group(self.closed(&[b")"]))
            }
            b"if" => {
                self.tokens.next();
                let mut branches = Vec::new();
                loop {
                    let branch = self.list(&[b"elif", b"else", b"fi"]);
                    branches.push(branch);
                    let last = matches!(self.sign(), b"fi" | b"");
                    self.tokens.next();
                    if last {
                        break What::Branches(branches);
                    }
                }
            }
            b"while" | b"until" => {
                self.tokens.next();
                What::Group(self.closed(&[b"done"]))
            }
            b"for" | b"select" => {
                self.tokens.next();
                let mut words = Vec::new();
                while !matches!(self.sign(), b"do" | b"{" | b"\n" | b";") {
                    match self.tokens.next() {
                        Some(Token::Word(word)) => words.push(word),
                        Some(_) => {}
                        None => break,
                    }
                }
                What::For(words, self.closed(&[b"done"]))
            }
            b"case" => self.case(),
            b"function" => {
                self.tokens.next();
                let Some(Token::Word(name)) = self.tokens.next_if(|token| matches!(token, Token::Word(_))) else {
                    return None;
                };
                return self.function(name);
            }
            b"[[" => {
                while self.sign() != b"]]" && self.sign() != b"\n" && self.tokens.next().is_some() {}
                self.tokens.next();
                What::Simple(Vec::new())
            }
            _ => return self.simple(),
        };
        let mut command = Command { what, redirects: Vec::new() };
        while self.redirect(&mut command) {}
        Some(command)
    }

    /// What follows a word that changes nothing of a command's meaning; more of them are taken one by one.
    fn compound_or_simple(&mut self) -> Option<Command> {
        match self.sign() {
            b"!" | b"time" | b"coproc" => self.simple(),
            _ => self.compound(),
        }
    }

    fn closed(&mut self, ends: &[&[u8]]) -> Vec<Pipeline> {
        let list = self.list(ends);
        self.tokens.next();
        list
    }

    fn case(&mut self) -> What {
        while !matches!(self.sign(), b"in" | b"\n" | b";") && self.tokens.next().is_some() {}
        self.tokens.next();
        let mut branches = Vec::new();
        loop {
            while matches!(self.sign(), b"\n" | b"(" | b";;" | b";&" | b";;&") {
                self.tokens.next();
            }
            if matches!(self.sign(), b"esac") || self.tokens.peek().is_none() {
                self.tokens.next();
                return What::Branches(branches);
            }
            // The patterns.
            while self.sign() != b")" && self.tokens.next().is_some() {}
            self.tokens.next();
            branches.push(self.list(&[b";;", b";&", b";;&", b"esac"]));
        }
    }

    /// What follows the name of a function.
    fn function(&mut self, name: Word) -> Option<Command> {
        while matches!(self.sign(), b"(" | b")" | b"\n") {
            self.tokens.next();
        }
        let body = self.command()?;
        Some(Command { what: What::Function(name, Box::new(body)), redirects: Vec::new() })
    }

    fn simple(&mut self) -> Option<Command> {
        let mut words = Vec::new();
        let mut command = Command { what: What::Group(Vec::new()), redirects: Vec::new() };
        loop {
            if self.redirect(&mut command) {
                continue;
            }
            match self.tokens.next_if(|token| matches!(token, Token::Word(_))) {
                Some(Token::Word(word)) => words.push(word),
                _ => break,
            }
        }
        if self.sign() == b"(" && words.len() == 1 && command.redirects.is_empty() {
            return words.pop().and_then(|name| self.function(name));
        }
        if words.is_empty() && command.redirects.is_empty() {
            // Nothing that a command starts with.
            self.tokens.next();
            return None;
        }
        command.what = What::Simple(words);
        Some(command)
    }

    /// Whether a redirection comes next.
    fn redirects(&mut self) -> bool {
        match self.tokens.peek() {
            Some(Token::Heredoc(_)) => true,
            Some(Token::Operator(range)) => {
                self.text.get(range.clone()).is_some_and(|sign| sign.iter().any(|byte| matches!(byte, b'<' | b'>')))
            }
            _ => false,
        }
    }

    /// Takes a redirection, if one comes next.
    fn redirect(&mut self, command: &mut Command) -> bool {
        if !self.redirects() {
            return false;
        }
        let sign = match self.tokens.next() {
            Some(Token::Heredoc(text)) => {
                command.redirects.extend(text.map(|text| Redirect::Text { text, line: false }));
                return true;
            }
            Some(Token::Operator(range)) => self.text.get(range).unwrap_or_default(),
            _ => return false,
        };
        let Some(Token::Word(word)) = self.tokens.next_if(|token| matches!(token, Token::Word(_))) else {
            return true;
        };
        let descriptor = sign.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (descriptor, operator) = sign.split_at(descriptor);
        command.redirects.extend(match (descriptor, operator) {
            (b"" | b"1", b">" | b">|" | b"&>") => Some(Redirect::Output { file: word, append: false }),
            (b"" | b"1", b">>" | b"&>>") => Some(Redirect::Output { file: word, append: true }),
            (b"" | b"0", b"<<<") => Some(Redirect::Text { text: word, line: true }),
            (b"" | b"0", b"<") => Some(Redirect::Input),
            _ => None,
        });
        true
    }
}
