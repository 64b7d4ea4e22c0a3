//! Transaction blocks that a script opens and closes itself.
//!
//! Both branches of psql's `\if` are followed: a block that either leaves open counts as open.

use super::InTransaction;
use super::grammar;
use super::lex::Kind;
use crate::source::Span;

/// How many `\if` may be nested before further ones are passed over.
const DEEPEST: usize = 64;

#[derive(Debug, Default)]
pub(crate) struct State {
    open: Option<Span>,
    /// What runs the script in a transaction, until the script ends it.
    migration: Option<Span>,
    /// For each `\if`: the state before it, and what its branches so far leave open.
    branches: Vec<(Option<Span>, Option<Span>)>,
}

impl State {
    /// The state at the start of a script that `migration` runs in a transaction, if it is given.
    pub(crate) fn within(migration: Option<Span>) -> Self {
        Self { migration, ..Self::default() }
    }

    pub(crate) fn now(&self) -> InTransaction {
        match (self.open, self.migration) {
            (Some(block), _) => InTransaction::Block(block),
            (None, Some(migration)) => InTransaction::Migration(migration),
            (None, None) => InTransaction::No,
        }
    }

    /// Whether an `\if` decides over what comes now.
    pub(crate) fn is_conditional(&self) -> bool {
        !self.branches.is_empty()
    }

    pub(crate) fn meta(&mut self, name: &[u8]) {
        match name {
            b"if" if self.branches.len() < DEEPEST => self.branches.push((self.open, None)),
            b"elif" | b"else" => {
                if let Some((before, left)) = self.branches.last_mut() {
                    *left = left.or(self.open);
                    self.open = *before;
                }
            }
            b"endif" => {
                if let Some((_, left)) = self.branches.pop() {
                    self.open = self.open.or(left);
                }
            }
            // A new session.
            b"c" | b"connect" => self.open = None,
            _ => {}
        }
    }

    /// Follows a statement that starts with BEGIN, START, COMMIT, END, ROLLBACK, ABORT or PREPARE.
    pub(crate) fn statement(&mut self, code: &[u8], span: Span) {
        let mut words: Vec<Vec<u8>> = Vec::new();
        for token in grammar::tokens(code.get(..code.len().min(400)).unwrap_or_default()) {
            match token.kind {
                Kind::Word => words.push(token.of(code).to_ascii_lowercase()),
                _ => words.push(Vec::new()),
            }
        }
        let word = |index: usize| words.get(index).map_or(b"".as_slice(), Vec::as_slice);
        let chain = words.windows(2).any(|pair| pair[0] == b"and" && pair[1] == b"chain");
        match word(0) {
            b"begin" => self.open = self.open.or(Some(span)),
            b"start" if word(1) == b"transaction" => self.open = self.open.or(Some(span)),
            b"rollback" if words.iter().any(|word| word == b"to") || word(1) == b"prepared" => {}
            b"commit" if word(1) == b"prepared" => {}
            b"prepare" if word(1) != b"transaction" => {}
            b"commit" | b"end" | b"rollback" | b"abort" if chain => {}
            b"commit" | b"end" | b"rollback" | b"abort" | b"prepare" => (self.open, self.migration) = (None, None),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    fn after(steps: &[&str]) -> bool {
        let mut state = State::default();
        for step in steps {
            match step.strip_prefix('\\') {
                Some(name) => state.meta(name.as_bytes()),
                None => state.statement(step.as_bytes(), Span::new(FileId(0), 0, 1)),
            }
        }
        state.now() != InTransaction::No
    }

    #[test]
    fn blocks() {
        for (steps, open) in [
            (&["begin"][..], true),
            (&["start transaction isolation level serializable"], true),
            (&["begin", "commit work"], false),
            (&["begin", "rollback to savepoint a"], true),
            (&["begin", "commit and chain"], true),
            (&["begin", "commit and no chain"], false),
            (&["begin", "prepare transaction 'x'"], false),
            (&["begin", "prepare x as select 1"], true),
            (&["begin", "\\c"], false),
            (&["\\if", "begin", "\\else", "\\endif"], true),
            (&["\\if", "\\else", "begin", "commit", "\\endif"], false),
            (&["begin", "\\if", "commit", "\\else", "\\endif"], true),
        ] {
            assert_eq!(after(steps), open, "{steps:?}");
        }
    }
}
