//! From the parser's events to trees, one for each document.
//!
//! What stands before an error in a document is kept; documents after it are read. Aliases refer to what they name, so
//! that a tree is never larger than its text; merged entries are bounded.

use std::collections::BTreeMap;
use std::rc::Rc;

use granit_parser::{Event, Parser, ScalarStyle};

use super::mask::Masked;
use super::scalar;
use crate::extract::tree::{Child, Form, Node, Scalar};
use crate::syntax::literal::Literal;

/// So many entries come from merge keys at most: a file of merges of merges would fill the memory.
const MOST_MERGED: usize = 50_000;

/// The documents of a file.
pub(super) fn documents(host: &Literal, masked: &Masked) -> Vec<Child> {
    let options = granit_parser::options! { emit_unresolved_aliases: true };
    let mut parser = Parser::new_from_str_with_options(&masked.text, options);
    let mut trees = Trees { done: Vec::new(), open: Vec::new(), anchors: BTreeMap::new(), merged: 0 };
    while let Some(event) = parser.next_event() {
        let Ok((event, span)) = event else {
            trees.end();
            if matches!(parser.proceed_next_document(), Ok(true)) {
                continue;
            }
            break;
        };
        let range = || span.byte_range().unwrap_or_default();
        match event {
            Event::SequenceStart(_, anchor, _) => trees.open.push(Open::new(Node::List(Vec::new()), anchor)),
            Event::MappingStart(_, anchor, _) => trees.open.push(Open::new(Node::Map(Vec::new()), anchor)),
            Event::SequenceEnd | Event::MappingEnd => trees.close(),
            Event::Scalar(value, style, anchor, _) => {
                let range = range();
                // The parser says `~` where nothing stands.
                let value = if range.is_empty() { "" } else { &*value };
                let text = scalar::read(host, masked, range, value, style);
                let form = match style {
                    ScalarStyle::Plain => Form::Plain,
                    ScalarStyle::Literal | ScalarStyle::Folded => Form::Block,
                    _ => Form::Quoted,
                };
                let child = Child::new(Node::Scalar(Scalar { text, form }));
                trees.name(anchor, &child);
                trees.add(child);
            }
            Event::Alias(anchor) => {
                let named = trees.anchors.get(&anchor).cloned();
                trees.add(named.map_or_else(|| nothing(host, range().start), |node| Child { node, alias: true }));
            }
            Event::UnresolvedAlias(_) => trees.add(nothing(host, range().start)),
            Event::DocumentEnd => trees.end(),
            _ => {}
        }
    }
    trees.end();
    trees.done
}

fn nothing(host: &Literal, at: usize) -> Child {
    let text = crate::extract::Draft::new(host, at).build();
    Child::new(Node::Scalar(Scalar { text, form: Form::Plain }))
}

/// A list or map that is being read.
struct Open {
    node: Node,
    anchor: usize,
    /// The key whose value comes next.
    key: Option<Child>,
}

impl Open {
    fn new(node: Node, anchor: usize) -> Self {
        Self { node, anchor, key: None }
    }
}

struct Trees {
    done: Vec<Child>,
    open: Vec<Open>,
    anchors: BTreeMap<usize, Rc<Node>>,
    merged: usize,
}

impl Trees {
    fn name(&mut self, anchor: usize, child: &Child) {
        if anchor > 0 {
            self.anchors.insert(anchor, Rc::clone(&child.node));
        }
    }

    fn add(&mut self, child: Child) {
        let Some(open) = self.open.last_mut() else {
            return self.done.push(child);
        };
        match &mut open.node {
            Node::List(items) => items.push(child),
            Node::Map(entries) => match open.key.take() {
                None => open.key = Some(child),
                Some(key) => match &*key.node {
                    Node::Scalar(key) if key.is("<<") && key.form == Form::Plain => self.merge(&child),
                    Node::Scalar(key) => entries.push((key.clone(), child)),
                    _ => {}
                },
            },
            Node::Scalar(_) => {}
        }
    }

    /// Adds the entries of a map, or of the maps of a list, whose keys are not there yet.
    fn merge(&mut self, from: &Child) {
        let Some(Open { node: Node::Map(entries), .. }) = self.open.last_mut() else { return };
        let maps: Vec<&Node> = match &*from.node {
            Node::List(items) => items.iter().map(|child| &*child.node).collect(),
            node => vec![node],
        };
        for map in maps {
            let Node::Map(others) = map else { continue };
            self.merged += others.len();
            if self.merged > MOST_MERGED {
                return;
            }
            let known =
                entries.iter().map(|(key, _)| key.text.text().to_vec()).collect::<std::collections::BTreeSet<_>>();
            let new = others.iter().filter(|(key, _)| !known.contains(key.text.text()));
            let new = new.map(|(key, child)| (key.clone(), Child { alias: true, ..child.clone() })).collect::<Vec<_>>();
            // What is merged gives way to what is written, before or after it.
            entries.splice(0..0, new);
        }
    }

    fn close(&mut self) {
        let Some(open) = self.open.pop() else { return };
        let child = Child::new(open.node);
        self.name(open.anchor, &child);
        self.add(child);
    }

    /// Ends a document, and what is open in it.
    fn end(&mut self) {
        while !self.open.is_empty() {
            self.close();
        }
        self.anchors.clear();
    }
}
