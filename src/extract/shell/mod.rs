//! Scripts of POSIX shells, bash and zsh: what they hand to psql, write into PostgreSQL's files and start servers with.
//!
//! A script is followed as far as its text goes: assignments of fixed values, here-documents, pipes and redirections.
//! Nothing is run, and what depends on the machine or the arguments is a hole.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use camino::Utf8PathBuf;

use super::{Draft, Found};
use crate::discover::{Kind, is_template_name};
use crate::syntax::literal::Literal;

mod argument;
mod client;
mod connection;
mod container;
mod edit;
mod file;
mod lex;
mod print;
mod run;
mod server;
mod syntax;
mod variable;
mod wrapper;

pub(super) use argument::{Argument, words};
pub(super) use connection::{Connection, is_uri};
pub(super) use server::{command_line, initdb};

/// Scripts are followed this deep into strings that are scripts, commands in words and groups.
const DEEPEST: u8 = 40;

/// A script is not followed any more once this many commands were, counting those in strings of strings.
const MOST_COMMANDS: u32 = 200_000;

/// So many bytes are put in for variables in a file; values of values could double without end.
const ROOM: usize = 8 << 20;

pub(super) fn extract(text: &Literal, found: &mut Found<'_>) {
    // A sample of direnv's file shows how strings look, with passwords that nobody has.
    if found.host.file_name().is_some_and(|name| name.starts_with(".envrc") && is_template_name(name)) {
        return;
    }
    let mut state = State::new(found, text.text());
    script(text, None, &mut state);
    let exports = std::mem::take(&mut state.exports);
    exports.add_to(state.found);
}

/// Reads a command that no shell takes apart, such as that of a unit.
pub(super) fn run(arguments: &[Argument], found: &mut Found<'_>) {
    let Some(first) = arguments.first() else { return };
    let mut state = State::new(found, b"");
    let mut reader = Reader::new(&first.text, &mut state, HashMap::new());
    reader.program(arguments, Vec::new(), None);
}

/// The delimiters of the here-documents that a line of a script starts, and whether tabs may stand before them.
pub(super) fn heredocs(line: &[u8]) -> Vec<(Vec<u8>, bool)> {
    lex::heredocs(line)
}

/// What is known while a file is read.
struct State<'f, 'c> {
    found: &'f mut Found<'c>,
    depth: u8,
    left: u32,
    room: usize,
    /// Whether `echo` reads escapes without being told.
    escapes: bool,
    /// Variables of libpq that the script sets for all that follows.
    exports: Connection,
    /// The connection strings that were found.
    connections: BTreeSet<(u32, u32)>,
    /// How many times each file of a server was written from its start.
    written: BTreeMap<(Utf8PathBuf, String), u32>,
    /// Where the first file of each kind of a server was written.
    paths: BTreeMap<(Utf8PathBuf, Kind), String>,
}

impl<'f, 'c> State<'f, 'c> {
    fn new(found: &'f mut Found<'c>, script: &[u8]) -> Self {
        Self {
            found,
            depth: 0,
            left: MOST_COMMANDS,
            room: ROOM,
            escapes: print::echo_escapes(script),
            exports: Connection::default(),
            connections: BTreeSet::new(),
            written: BTreeMap::new(),
            paths: BTreeMap::new(),
        }
    }
}

/// Reads the commands in a text. `input` is their standard input; what they print is given back.
fn script(host: &Literal, input: Option<&Literal>, state: &mut State<'_, '_>) -> Option<Literal> {
    let commands = syntax::parse(host.text(), lex::tokens(host.text()));
    let assigned = variable::assigned(host.text(), &commands);
    Reader::new(host, state, assigned).list(&commands, input)
}

/// Reads one text.
struct Reader<'h, 's, 'f, 'c> {
    host: &'h Literal,
    state: &'s mut State<'f, 'c>,
    /// How many times each variable is set.
    assigned: HashMap<Vec<u8>, u32>,
    /// Variables whose values are known here.
    known: HashMap<Vec<u8>, Literal>,
    /// Their names in the order in which they became known.
    set: Vec<Vec<u8>>,
    /// Functions that hand their arguments to psql.
    clients: HashSet<Vec<u8>>,
}

impl<'h, 's, 'f, 'c> Reader<'h, 's, 'f, 'c> {
    fn new(host: &'h Literal, state: &'s mut State<'f, 'c>, assigned: HashMap<Vec<u8>, u32>) -> Self {
        Self { host, state, assigned, known: HashMap::new(), set: Vec::new(), clients: HashSet::new() }
    }

    /// Reads a text that is a script by itself, such as the argument of `sh -c`.
    fn nested(&mut self, text: &Literal, input: Option<&Literal>) -> Option<Literal> {
        if self.state.depth >= DEEPEST {
            return None;
        }
        self.state.depth += 1;
        let output = script(text, input, self.state);
        self.state.depth -= 1;
        output
    }

    /// Does something with all that is found in it taken for the server that a name speaks of, if it does.
    fn within<T>(&mut self, name: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        let outer = self.state.found.enter(name);
        let read = read(self);
        self.state.found.leave(outer);
        read
    }
}
