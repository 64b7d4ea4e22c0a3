//! All strings of a program, each with what is added to it.
//!
//! One walk over the tree without recursion, in the order of the text. A string that a variable gets is kept until
//! the end, since the same block may add to it; what another block adds is a hole, for it may run never or often.

use std::collections::{HashMap, HashSet};

use tree_sitter::Node;

use super::call::Call;
use super::language::{Code, Role, named};
use super::migration;
use super::text::{Piece, Text};

/// A string of the program.
#[derive(Debug)]
pub(super) struct Part<'t> {
    pub(super) text: Text<'t>,
    /// Whether nothing comes after it, as far as can be seen.
    pub(super) whole: bool,
    /// The function that it is an argument of.
    pub(super) function: Option<Function<'t>>,
}

/// A function that is called.
#[derive(Debug, Clone, Copy)]
pub(super) struct Function<'t> {
    /// How it is named: `migrationBuilder.Sql`.
    pub(super) path: &'t [u8],
    /// Whether it takes a text piece by piece.
    writes: bool,
    /// Whether an argument says that no transaction is to be opened.
    pub(super) plain: bool,
}

/// Calls whose first argument is the title of a test.
const TITLES: &[&str] = &[
    "describe", "it", "test", "context", "specify", "scenario", "feature", "t.Run", "Describe", "It", "Context",
    "When", "suite",
];

/// Calls that take a text piece by piece.
const WRITES: &[&str] = &[
    "write",
    "Write",
    "WriteString",
    "Fprintf",
    "fprintf",
    "Fprint",
    "append",
    "Append",
    "add",
    "Add",
    "push",
    "push_str",
    "print",
    "puts",
    "concat",
    "insert",
    "extend",
    "list_append",
    "write_str",
];

/// Longer chains of calls are not followed.
const LONGEST_CHAIN: usize = 32;

/// What is around a node.
#[derive(Clone, Copy)]
struct Place<'t> {
    /// The function that it is an argument of.
    function: Option<Function<'t>>,
    /// The statements that it stands among.
    block: usize,
}

/// A text that a variable holds.
struct Held<'t> {
    part: Part<'t>,
    block: usize,
}

struct Walk<'t, 'c> {
    code: &'c Code<'t>,
    waiting: Vec<(Node<'t>, Place<'t>)>,
    held: HashMap<&'t [u8], Held<'t>>,
    /// Names of variables whose text became a part of another.
    embedded: HashSet<&'t [u8]>,
    done: Vec<(Option<&'t [u8]>, Part<'t>)>,
}

/// The strings of a program, in the order of their places.
pub(super) fn strings<'t>(code: &Code<'t>) -> Vec<Part<'t>> {
    let root = Place { function: None, block: code.root.id() };
    let mut walk = Walk {
        code,
        waiting: vec![(code.root, root)],
        held: HashMap::new(),
        embedded: HashSet::new(),
        done: Vec::new(),
    };
    while let Some((node, place)) = walk.waiting.pop() {
        walk.visit(node, place);
    }
    let held = std::mem::take(&mut walk.held);
    walk.done.extend(held.into_iter().map(|(name, held)| (Some(name), held.part)));
    for (name, part) in &mut walk.done {
        part.whole &= name.is_none_or(|name| !walk.embedded.contains(name));
    }
    let mut parts = walk.done.into_iter().map(|(_, part)| part).collect::<Vec<_>>();
    parts.sort_by_key(|part| part.text.start());
    parts
}

impl<'t> Walk<'t, '_> {
    fn visit(&mut self, node: Node<'t>, place: Place<'t>) {
        let code = self.code;
        let role = code.role(node);
        if role == Role::Skip || node.is_extra() || (code.language.prose)(code, node) {
            return;
        }
        if let Some(assign) = code.assign(node) {
            let name = code.of(assign.name);
            if assign.adds {
                self.add(name, &[assign.value], b"", place, false);
            } else {
                self.give(name, assign.value, place);
            }
            self.push(assign.name, Place { function: None, ..place });
            return;
        }
        if let Some(text) = code.read(node) {
            let part = self.part(text, node, place);
            self.note(&part.text);
            self.done.push((None, part));
            return;
        }
        let none = Place { function: None, ..place };
        if let Some(call) = code.call(node) {
            self.called(node, &call, place);
        } else if let Some(operands) = (role == Role::Binary).then(|| code.operands(node)).flatten() {
            self.push_all(operands, none);
        } else {
            let block = if role == Role::Block { node.id() } else { place.block };
            let function = place.function.filter(|_| role == Role::Wrapper);
            self.push_all(named(node).collect(), Place { function, block });
        }
    }

    /// A string in its place.
    fn part(&self, text: Text<'t>, node: Node<'t>, place: Place<'t>) -> Part<'t> {
        let whole = place.function.is_some_and(|function| !function.writes) && !node.has_error();
        Part { text, whole, function: place.function }
    }

    fn called(&mut self, node: Node<'t>, call: &Call<'t>, place: Place<'t>) {
        let code = self.code;
        let none = Place { function: None, ..place };
        if call.is(code.language.appends)
            && let Some((name, pieces)) = self.chain(call)
        {
            let starts = call.name != b"<<";
            let glue: &[u8] = if call.name == b"AppendLine" { b"\n" } else { b"" };
            self.add(name, &pieces, glue, place, starts);
            return;
        }
        let title = usize::from(call.is(TITLES)).min(call.arguments.len());
        let mut parts = Vec::new();
        for child in named(node) {
            if Some(child) == call.list {
                let plain = call.arguments.iter().any(|argument| migration::suppresses(code, *argument));
                let function = Function { path: call.path, writes: call.is(WRITES), plain };
                let place = Place { function: Some(function), ..place };
                parts.extend(call.arguments.iter().skip(title).map(|argument| (*argument, place)));
            } else {
                parts.push((child, none));
            }
        }
        self.waiting.extend(parts.into_iter().rev());
    }

    /// The variable and what is added to it in `b.append(x).append(y)`.
    fn chain(&self, call: &Call<'t>) -> Option<(&'t [u8], Vec<Node<'t>>)> {
        let mut pieces = call.arguments.iter().rev().copied().collect::<Vec<_>>();
        let mut receiver = self.code.unwrapped(call.receiver?);
        while let Some(inner) = self.code.call(receiver) {
            if !inner.is(self.code.language.appends) || pieces.len() > LONGEST_CHAIN {
                return None;
            }
            pieces.extend(inner.arguments.iter().rev());
            receiver = self.code.unwrapped(inner.receiver?);
        }
        pieces.reverse();
        Some((self.code.of(receiver), pieces))
    }

    /// A variable gets a value.
    fn give(&mut self, name: &'t [u8], value: Node<'t>, place: Place<'t>) {
        if let Some(old) = self.held.remove(name) {
            self.done.push((Some(name), old.part));
        }
        let Some(text) = self.code.read(value) else {
            self.push(value, Place { function: None, ..place });
            return;
        };
        self.note(&text);
        let part = Part { text, whole: !value.has_error(), function: None };
        self.held.insert(name, Held { part, block: place.block });
    }

    /// Something is added to what a variable holds; `starts` says that it may hold nothing yet.
    fn add(&mut self, name: &'t [u8], values: &[Node<'t>], glue: &[u8], place: Place<'t>, starts: bool) {
        for value in values {
            let text = self.code.read(*value);
            if text.is_none() {
                self.push(*value, Place { function: None, ..place });
            }
            if starts && !self.held.contains_key(name) {
                let part = Part { text: Text::default(), whole: true, function: None };
                self.held.insert(name, Held { part, block: place.block });
            }
            match (self.held.get_mut(name), text) {
                (Some(held), Some(mut text)) if held.block == place.block => {
                    self.embedded.extend(names(self.code, &text));
                    self.waiting.extend(text.inner.drain(..).map(|inner| (inner, Place { function: None, ..place })));
                    held.part.text.append(text);
                    held.part.text.glue(glue, value.end_byte());
                }
                (Some(held), text) => {
                    let blank = |text: &Text<'t>| text.starts_blank(self.code.bytes);
                    if text.as_ref().is_some_and(blank) {
                        held.part.text.glue(b" ", value.start_byte());
                    }
                    held.part.text.pieces.push(Piece::Hole(value.byte_range()));
                    // It is a piece of something all the same.
                    if let Some(text) = text {
                        self.note(&text);
                        let part = Part { text, whole: false, function: None };
                        self.done.push((None, part));
                    }
                }
                (None, Some(text)) => {
                    self.note(&text);
                    let part = Part { text, whole: false, function: None };
                    self.done.push((None, part));
                }
                (None, None) => {}
            }
        }
    }

    /// Looks at what is computed in a text: variables, and other texts.
    fn note(&mut self, text: &Text<'t>) {
        self.embedded.extend(names(self.code, text));
        let place = Place { function: None, block: self.code.root.id() };
        self.waiting.extend(text.inner.iter().rev().map(|inner| (*inner, place)));
    }

    fn push(&mut self, node: Node<'t>, place: Place<'t>) {
        self.waiting.push((node, place));
    }

    fn push_all(&mut self, nodes: Vec<Node<'t>>, place: Place<'t>) {
        self.waiting.extend(nodes.into_iter().rev().map(|node| (node, place)));
    }
}

/// The variables that a text takes in.
fn names<'t>(code: &Code<'t>, text: &Text<'t>) -> Vec<&'t [u8]> {
    let inside = |node: &Node<'t>| {
        let mut node = *node;
        while matches!(node.kind(), "interpolation" | "template_substitution") {
            let Some(child) = named(node).next() else { break };
            node = child;
        }
        code.of(code.unwrapped(node))
    };
    text.inner.iter().map(inside).collect()
}
