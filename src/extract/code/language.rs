//! What a language's grammar calls its parts, and a program with its tree.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::ops::Range;

use tree_sitter::{Node, Tree};

use super::engine;
use super::escape::Escapes;
use super::format::Style;
use super::migration::Mark;

/// What a node is, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Anything else; its children are looked at.
    Other,
    /// A string, if [`Language::literal`] says so.
    Literal,
    /// Strings that stand side by side and are one.
    Pasted,
    /// Its first child in other words: brackets, an argument, a cast.
    Wrapper,
    /// An operator between two operands.
    Binary,
    /// A call of a function, a method, a macro or a constructor.
    Call,
    /// Gives a value to a variable, or adds to it.
    Assign,
    /// A list of values.
    List,
    /// Statements that run one after the other.
    Block,
    /// Nothing in it is looked at.
    Skip,
}

/// The table of a language.
pub(super) struct Language {
    pub(super) grammar: fn() -> tree_sitter::Language,
    pub(super) roles: &'static [(&'static str, Role)],
    /// What stands between the quotes of a string; `None` if it is no string after all.
    pub(super) literal: for<'t> fn(&Code<'t>, Node<'t>) -> Option<Quoted<'t>>,
    /// The operators that put strings together.
    pub(super) concat: &'static [&'static str],
    /// Whether `text % values` is a format.
    pub(super) percent: bool,
    /// Methods of a string, and functions of one, that give it back nearly as it is.
    pub(super) same: &'static [&'static str],
    /// Methods and functions that fill in a format.
    pub(super) formats: &'static [(&'static str, Style)],
    /// Methods and functions that put a list together.
    pub(super) joins: &'static [&'static str],
    /// Methods that add to a string.
    pub(super) appends: &'static [&'static str],
    /// Functions that connect with the keywords of libpq as named arguments.
    pub(super) connects: &'static [&'static str],
    /// What a node says of the transactions that a migration runs in.
    pub(super) mark: for<'t> fn(&Code<'t>, Node<'t>) -> Option<Mark>,
    /// Whether a node is documentation.
    pub(super) prose: for<'t> fn(&Code<'t>, Node<'t>) -> bool,
}

/// What stands between the quotes of a string.
pub(super) struct Quoted<'t> {
    pub(super) range: Range<usize>,
    /// What is computed in it, in order.
    pub(super) holes: Vec<Node<'t>>,
    pub(super) escapes: Escapes,
}

/// A program.
pub(super) struct Code<'t> {
    pub(super) language: &'static Language,
    pub(super) bytes: &'t [u8],
    pub(super) root: Node<'t>,
    roles: Vec<Role>,
    /// The bodies of Ruby's heredocs, by the place of what announces them.
    pub(super) heredocs: HashMap<usize, Node<'t>>,
    /// What the program says of transactions.
    pub(super) marks: Vec<Mark>,
    other_engine: OnceCell<bool>,
    strict_driver: OnceCell<bool>,
    commits: OnceCell<bool>,
}

impl<'t> Code<'t> {
    pub(super) fn new(language: &'static Language, bytes: &'t [u8], tree: &'t Tree) -> Self {
        let grammar = tree.language();
        let role = |id: usize| {
            let id = id as u16;
            let name = grammar.node_kind_for_id(id).filter(|_| grammar.node_kind_is_named(id))?;
            language.roles.iter().find(|(kind, _)| *kind == name).map(|(_, role)| *role)
        };
        let roles = (0..grammar.node_kind_count()).map(|id| role(id).unwrap_or(Role::Other)).collect();
        let mut code = Self {
            language,
            bytes,
            root: tree.root_node(),
            roles,
            heredocs: HashMap::new(),
            marks: Vec::new(),
            other_engine: OnceCell::new(),
            strict_driver: OnceCell::new(),
            commits: OnceCell::new(),
        };
        code.survey(tree);
        code
    }

    /// One pass for what stands elsewhere than where it matters.
    fn survey(&mut self, tree: &'t Tree) {
        let mut waiting = std::collections::VecDeque::new();
        let mut cursor = tree.walk();
        loop {
            let node = cursor.node();
            match node.kind() {
                "heredoc_beginning" => waiting.push_back(node.start_byte()),
                "heredoc_body" => {
                    if let Some(start) = waiting.pop_front() {
                        self.heredocs.insert(start, node);
                    }
                }
                _ => {}
            }
            if let Some(mark) = (self.language.mark)(self, node) {
                self.marks.push(mark);
            }
            if cursor.goto_first_child() {
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return;
                }
            }
        }
    }

    /// Whether it is for another database engine.
    pub(super) fn is_of_other_engine(&self) -> bool {
        *self.other_engine.get_or_init(|| engine::is_other(self.bytes))
    }

    /// Whether its driver takes a missing `sslmode` for `require`, where libpq takes it for `prefer`.
    pub(super) fn has_strict_driver(&self) -> bool {
        *self.strict_driver.get_or_init(|| memchr::memmem::find(self.bytes, b"\"github.com/lib/pq\"").is_some())
    }

    /// Whether it ends transactions by itself, with `COMMIT` in a string: what follows is in none, and who runs what
    /// first is not known.
    pub(super) fn ends_transactions(&self) -> bool {
        let is_string = |at: usize| {
            let before = at.checked_sub(1).and_then(|before| self.bytes.get(before));
            let after = self.bytes.get(at + b"commit".len());
            matches!(before, Some(b'"' | b'\'' | b'`')) && matches!(after, Some(b'"' | b'\'' | b'`' | b';'))
        };
        *self.commits.get_or_init(|| {
            let words = [&b"COMMIT"[..], b"commit"];
            words.iter().any(|word| memchr::memmem::find_iter(self.bytes, word).any(is_string))
        })
    }

    pub(super) fn role(&self, node: Node<'_>) -> Role {
        self.roles.get(usize::from(node.kind_id())).copied().unwrap_or(Role::Other)
    }

    /// The bytes of a node.
    pub(super) fn of(&self, node: Node<'_>) -> &'t [u8] {
        self.bytes.get(node.byte_range()).unwrap_or_default()
    }

    /// A string whose first and last child are its quotes, with what is computed in it.
    pub(super) fn quoted(&self, node: Node<'t>, holes: &[&str], escapes: Escapes) -> Option<Quoted<'t>> {
        let (first, last) = (node.child(0)?, node.child(node.child_count().checked_sub(1)?)?);
        if first == last {
            return None;
        }
        let range = first.end_byte()..last.start_byte().max(first.end_byte());
        Some(Quoted { range, holes: children_of(node, holes), escapes })
    }
}

/// The children of some kinds, in order.
pub(super) fn children_of<'t>(node: Node<'t>, kinds: &[&str]) -> Vec<Node<'t>> {
    named(node).filter(|child| kinds.contains(&child.kind())).collect()
}

/// The named children, without comments.
pub(super) fn named<'t>(node: Node<'t>) -> impl Iterator<Item = Node<'t>> {
    let mut cursor = node.walk();
    let mut more = cursor.goto_first_child();
    std::iter::from_fn(move || {
        while more {
            let child = cursor.node();
            more = cursor.goto_next_sibling();
            if child.is_named() && !child.is_extra() {
                return Some(child);
            }
        }
        None
    })
}

/// The first child of a kind.
pub(super) fn child_of<'t>(node: Node<'t>, kind: &str) -> Option<Node<'t>> {
    named(node).find(|child| child.kind() == kind)
}

/// The first of some fields that a node has.
pub(super) fn field<'t>(node: Node<'t>, names: &[&str]) -> Option<Node<'t>> {
    names.iter().find_map(|name| node.child_by_field_name(name))
}
