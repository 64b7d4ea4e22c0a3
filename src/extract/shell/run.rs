//! Follows the commands of a script: what they print, where it goes, and which program gets it.

use super::argument::{self, Argument};
use super::lex::{Piece, Word};
use super::syntax::{Command, Pipeline, Redirect, What};
use super::{DEEPEST, Draft, Literal, Reader, connection};
use crate::extract::{Writer, driver, role};

/// What stands before a command for it alone: `PGUSER=app psql`.
pub(super) type Environment = Vec<(Vec<u8>, Literal)>;

impl Reader<'_, '_, '_, '_> {
    /// Reads commands one after the other; what they print is given back as far as it is known.
    pub(super) fn list(&mut self, list: &[Pipeline], input: Option<&Literal>) -> Option<Literal> {
        let mut printed: Option<Writer> = None;
        for pipeline in list {
            match self.pipeline(pipeline, input) {
                Some(output) => {
                    printed.get_or_insert_with(|| Writer::new(&output)).text(&output);
                }
                // What is not known may go on in the middle of a line.
                None => {
                    if let Some(printed) = printed.as_mut().filter(|printed| !printed.is_at_line()) {
                        printed.gap();
                    }
                }
            }
        }
        printed.map(Writer::build)
    }

    /// What a command in a word prints, if it is one command that is known.
    pub(super) fn output_of(&mut self, list: &[Pipeline]) -> Option<Literal> {
        let outer = self.set.len();
        let output = self.list(list, None);
        self.forget(outer);
        output.filter(|_| list.len() == 1)
    }

    fn pipeline(&mut self, pipeline: &[Command], input: Option<&Literal>) -> Option<Literal> {
        if self.state.depth >= DEEPEST || self.state.left == 0 {
            return None;
        }
        self.state.depth += 1;
        self.state.left -= 1;
        let mut flow = None;
        for (index, command) in pipeline.iter().enumerate() {
            flow = self.command(command, if index == 0 { input } else { flow.as_ref() });
        }
        self.state.depth -= 1;
        flow
    }

    fn command(&mut self, command: &Command, input: Option<&Literal>) -> Option<Literal> {
        let mut input = input;
        let mut text = None;
        for redirect in &command.redirects {
            match redirect {
                Redirect::Text { text: word, line } => text = Some(self.text(word, *line)),
                Redirect::Input => input = None,
                Redirect::Output { .. } => {}
            }
        }
        let input = text.as_ref().or(input);
        let mut output = match &command.what {
            What::Simple(words) => self.simple(words, input),
            What::Group(list) => self.scope(list, input),
            What::For(words, list) => {
                for word in words {
                    self.literal(word);
                }
                self.scope(list, input)
            }
            What::Branches(branches) => self.branches(branches, input),
            What::Function(name, body) => {
                self.function(name, body);
                None
            }
        };
        for redirect in &command.redirects {
            if let Redirect::Output { file, append } = redirect {
                let written = self.written(file);
                let file = Argument::new(self.literal(file), &written);
                self.write(&file, *append, output.take());
            }
        }
        output
    }

    /// The text of a here-document or here-string.
    fn text(&mut self, word: &Word, line: bool) -> Literal {
        let text = self.literal(word);
        if !line {
            return text;
        }
        let mut draft = Draft::new(self.host, word.range.start);
        draft.append(&text, 0..text.text().len());
        draft.glue(b"\n", word.range.end);
        draft.build()
    }

    fn written(&self, word: &Word) -> Vec<u8> {
        self.host.text().get(word.range.clone()).unwrap_or_default().to_vec()
    }

    fn scope(&mut self, list: &[Pipeline], input: Option<&Literal>) -> Option<Literal> {
        let outer = self.set.len();
        let output = self.list(list, input);
        self.forget(outer);
        output
    }

    /// Reads the branches of which one runs. What all but the first say is kept apart, since they may say the
    /// opposite.
    fn branches(&mut self, branches: &[Vec<Pipeline>], input: Option<&Literal>) -> Option<Literal> {
        let mut first = None;
        for (index, branch) in branches.iter().enumerate() {
            let name = if index == 0 { String::new() } else { format!("branch {}", index + 1) };
            let outer = self.state.found.enter(&name);
            let output = self.scope(branch, input);
            self.state.found.leave(outer);
            if index == 0 {
                first = output;
            }
        }
        first
    }

    fn function(&mut self, name: &Word, body: &Command) {
        let name = self.written(name);
        if let What::Group(list) = &body.what
            && list.iter().flatten().any(|command| self.calls_psql(command))
        {
            self.clients.insert(name.clone());
        }
        let server = role::of_name(&String::from_utf8_lossy(&name));
        self.within(&server, |reader| {
            let outer = reader.set.len();
            reader.command(body, None);
            reader.forget(outer);
        });
    }

    /// Whether a command of a function names psql.
    fn calls_psql(&self, command: &Command) -> bool {
        match &command.what {
            What::Simple(words) => words.iter().any(|word| self.written(word).ends_with(b"psql")),
            What::Group(list) => list.iter().flatten().any(|command| self.calls_psql(command)),
            _ => false,
        }
    }

    fn simple(&mut self, words: &[Word], input: Option<&Literal>) -> Option<Literal> {
        let text = self.host.text();
        let mut environment = Environment::new();
        let mut rest = words;
        while let Some((word, after)) = rest.split_first()
            && let Some((name, skip)) = word.assignment(text)
        {
            let value = self.part(word, skip);
            // What `+=` adds to is not known.
            if skip == name.len() + 1 {
                environment.push((name.to_vec(), value));
            }
            rest = after;
        }
        for (_, value) in &environment {
            self.uri(value);
        }
        if rest.is_empty() {
            for (name, value) in environment {
                self.set(&name, value);
            }
            return None;
        }
        let mut arguments = Vec::with_capacity(rest.len());
        for word in rest {
            let written = self.written(word);
            let literal = self.literal(word);
            // A value that is put in without quotes is taken apart.
            if !word.quoted && matches!(word.pieces[..], [Piece::Variable(..)]) && !literal.is_dynamic() {
                arguments.extend(argument::words(&literal));
            } else {
                arguments.push(Argument::new(literal, &written));
            }
        }
        self.program(&arguments, environment, input)
    }

    /// A variable gets a value for all that follows.
    pub(super) fn set(&mut self, name: &[u8], value: Literal) {
        if let Some(keyword) = connection::keyword(name) {
            let once = self.assigned.get(name) == Some(&1);
            if once {
                self.state.exports.add(keyword, value.clone());
            } else if keyword == "password" {
                let mut alone = connection::Connection::default();
                alone.add(keyword, value.clone());
                alone.add_to(self.state.found);
            }
        }
        self.remember(name, value);
    }

    /// A value that is a connection string of its own, for whatever program.
    pub(super) fn uri(&mut self, value: &Literal) {
        if connection::is_uri(value.text()) {
            self.conninfo(&driver::uri(value));
        }
    }

    /// Adds a connection string, once for each place.
    pub(super) fn conninfo(&mut self, text: &Literal) {
        let place = text.whole();
        if self.state.connections.insert((place.start, place.end)) {
            self.state.found.add(crate::discover::Kind::Conninfo, text.clone());
        }
    }
}
