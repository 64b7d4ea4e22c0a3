//! Variables that a script sets once, to a value that it spells out.

use std::collections::HashMap;
use std::ops::Range;

use super::lex::{Piece, Word};
use super::syntax::{Command, Pipeline, Redirect, What};
use super::{Draft, Literal, Reader};

/// How many times each variable is set anywhere in the commands; one that a command fills in counts twice.
pub(super) fn assigned(text: &[u8], commands: &[Pipeline]) -> HashMap<Vec<u8>, u32> {
    let mut counter = Counter { text, counts: HashMap::new() };
    counter.list(commands);
    counter.counts
}

struct Counter<'t> {
    text: &'t [u8],
    counts: HashMap<Vec<u8>, u32>,
}

impl Counter<'_> {
    fn add(&mut self, name: &[u8], times: u32) {
        *self.counts.entry(name.to_vec()).or_default() += times;
    }

    fn list(&mut self, list: &[Pipeline]) {
        list.iter().flatten().for_each(|command| self.command(command));
    }

    fn command(&mut self, command: &Command) {
        match &command.what {
            What::Simple(words) => self.words(words),
            What::Group(list) => self.list(list),
            What::For(words, list) => {
                if let Some(name) = words.first().and_then(|word| word.plain(self.text)) {
                    self.add(name, 2);
                }
                words.iter().for_each(|word| self.inside(word));
                self.list(list);
            }
            What::Branches(branches) => branches.iter().for_each(|list| self.list(list)),
            What::Function(_, body) => self.command(body),
        }
        for redirect in &command.redirects {
            match redirect {
                Redirect::Output { file: word, .. } | Redirect::Text { text: word, .. } => self.inside(word),
                Redirect::Input => {}
            }
        }
    }

    fn words(&mut self, words: &[Word]) {
        /// What follows is the name of a variable that gets a value which is not seen.
        const SETTERS: [&[u8]; 6] = [b"read", b"mapfile", b"readarray", b"unset", b"getopts", b"printf"];
        const DECLARES: [&[u8]; 5] = [b"export", b"readonly", b"declare", b"typeset", b"local"];
        let mut fills = false;
        // What stands before a program holds for that alone.
        let before = words.iter().take_while(|word| word.assignment(self.text).is_some()).count();
        let declares =
            words.get(before).and_then(|word| word.plain(self.text)).is_some_and(|name| DECLARES.contains(&name));
        let sets = declares || before == words.len();
        for word in words {
            let plain = word.plain(self.text);
            if let Some(name) = plain.filter(|_| fills) {
                self.add(name, 2);
            }
            if let Some((name, _)) = word.assignment(self.text).filter(|_| sets) {
                self.add(name, 1);
            }
            fills |= plain.is_some_and(|plain| SETTERS.contains(&plain));
            self.inside(word);
        }
    }

    fn inside(&mut self, word: &Word) {
        for piece in &word.pieces {
            if let Piece::Command(_, list) = piece {
                self.list(list);
            }
        }
    }
}

impl Reader<'_, '_, '_, '_> {
    /// What a word is once it is expanded. Commands in it are read.
    pub(super) fn literal(&mut self, word: &Word) -> Literal {
        self.part(word, 0)
    }

    /// The same without the first bytes of the word.
    pub(super) fn part(&mut self, word: &Word, skip: usize) -> Literal {
        let from = word.range.start + skip;
        if let [Piece::Variable(_, name)] = &word.pieces[..]
            && let Some(value) = self.value(name)
        {
            return value;
        }
        let mut draft = Draft::new(self.host, from);
        for piece in &word.pieces {
            match piece {
                Piece::Variable(range, name) => match self.value(name) {
                    Some(value) => put_in(&mut draft, &value, range),
                    None => draft.hole(range.clone()),
                },
                Piece::Command(range, list) => match self.output_of(list) {
                    Some(output) => {
                        let line_break = |byte: &&u8| matches!(byte, b'\n' | b'\r');
                        let breaks = output.text().iter().rev().take_while(line_break).count();
                        draft.append(&output, 0..output.text().len() - breaks);
                    }
                    None => draft.hole(range.clone()),
                },
                _ => fixed(&mut draft, piece, from),
            }
        }
        draft.build()
    }

    /// A value that may be put in for a variable.
    fn value(&mut self, name: &Range<usize>) -> Option<Literal> {
        let value = self.host.text().get(name.clone()).and_then(|name| self.known.get(name))?;
        self.state.room = self.state.room.checked_sub(value.text().len())?;
        Some(value.clone())
    }

    /// Remembers the value of a variable that is set nowhere else.
    pub(super) fn remember(&mut self, name: &[u8], value: Literal) {
        if self.assigned.get(name) == Some(&1) {
            self.known.insert(name.to_vec(), value);
            self.set.push(name.to_vec());
        }
    }

    /// Forgets the variables that became known after the first `count` ones.
    pub(super) fn forget(&mut self, count: usize) {
        for name in self.set.drain(count.min(self.set.len())..) {
            self.known.remove(&name);
        }
    }
}

/// A word with all that a shell would put in as holes.
pub(super) fn spelled(host: &Literal, word: &Word) -> Literal {
    let mut draft = Draft::new(host, word.range.start);
    for piece in &word.pieces {
        fixed(&mut draft, piece, word.range.start);
    }
    draft.build()
}

/// Adds what of a piece comes after `from`; one that depends on anything is a hole.
fn fixed(draft: &mut Draft<'_>, piece: &Piece, from: usize) {
    match piece {
        Piece::Plain(range) if range.end <= from => {}
        Piece::Plain(range) => draft.copy(range.start.max(from)..range.end),
        Piece::Escape(range, decoded) => draft.decoded(decoded, range.clone()),
        Piece::Variable(range, _) | Piece::Command(range, _) | Piece::Hole(range) => draft.hole(range.clone()),
    }
}

/// Adds the value of a variable, at the place where it is put in.
fn put_in(draft: &mut Draft<'_>, value: &Literal, range: &Range<usize>) {
    let mut at = 0;
    for hole in value.holes() {
        draft.decoded(&value.text()[at..hole.start], range.clone());
        draft.hole(range.clone());
        at = hole.end;
    }
    draft.decoded(&value.text()[at..], range.clone());
}
