//! Calls and assignments, alike for all languages.

use tree_sitter::Node;

use super::language::{Code, Role, child_of, field, named};

/// A call of a function, a method, a macro or a constructor.
pub(super) struct Call<'t> {
    /// What stands before the name: an object, a module, a class.
    pub(super) receiver: Option<Node<'t>>,
    /// The last name: `format`.
    pub(super) name: &'t [u8],
    /// All names: `String.format`.
    pub(super) path: &'t [u8],
    pub(super) arguments: Vec<Node<'t>>,
    /// The node that holds the arguments.
    pub(super) list: Option<Node<'t>>,
}

impl Call<'_> {
    /// Whether it is one of these, written as a last name (`format`) or as a path (`String.format`).
    pub(super) fn is(&self, names: &[&str]) -> bool {
        names
            .iter()
            .any(|name| name.as_bytes() == self.name || name.contains(['.', ':']) && name.as_bytes() == self.path)
    }
}

/// A value that a variable gets, or that is added to it.
pub(super) struct Assign<'t> {
    pub(super) name: Node<'t>,
    pub(super) value: Node<'t>,
    pub(super) adds: bool,
}

const ARGUMENTS: [&str; 4] = ["arguments", "argument_list", "value_arguments", "token_tree"];

impl<'t> Code<'t> {
    pub(super) fn call(&self, node: Node<'t>) -> Option<Call<'t>> {
        if self.role(node) != Role::Call {
            return None;
        }
        let list = field(node, &["arguments"]).or_else(|| ARGUMENTS.iter().find_map(|kind| child_of(node, kind)));
        let arguments = match list {
            // A template with a tag: sql`...`.
            Some(list) if self.role(list) == Role::Literal => vec![list],
            Some(list) => named(list).collect(),
            None => Vec::new(),
        };
        // Ruby, Java and PHP have a field for each part of a method's call.
        if let Some(name) = field(node, &["method", "name"]) {
            let receiver = field(node, &["object", "receiver", "scope"]);
            let start = receiver.map_or(name.start_byte(), |receiver| receiver.start_byte());
            let path = self.bytes.get(start..name.end_byte()).unwrap_or_default();
            return Some(Call { receiver, name: self.of(name), path, arguments, list });
        }
        let callee = field(node, &["function", "target", "macro", "type"]).or_else(|| named(node).next())?;
        let (receiver, name) = match (named(callee).next(), named(callee).last()) {
            (Some(first), Some(last)) if first != last => (Some(first), last),
            _ => (None, callee),
        };
        Some(Call { receiver, name: self.of(name), path: self.of(callee), arguments, list })
    }

    pub(super) fn assign(&self, node: Node<'t>) -> Option<Assign<'t>> {
        let binary = self.role(node) == Role::Binary;
        if !binary && self.role(node) != Role::Assign {
            return None;
        }
        let operator = field(node, &["operator"]).map_or(&b"="[..], |operator| self.of(operator));
        let adds = match operator {
            b"=" | b":=" => false,
            // `<<` of Ruby adds to a string; elsewhere it shifts.
            b"+=" | b".=" | b"<<" => true,
            _ => return None,
        };
        let name = field(node, &["left", "name", "pattern"]).or_else(|| named(node).next())?;
        let value = field(node, &["right", "value", "default_value"]).or_else(|| named(node).last())?;
        (name != value).then_some(Assign { name: self.unwrapped(name), value, adds })
    }

    /// The operator between two operands.
    pub(super) fn operator(&self, node: Node<'t>) -> &'t [u8] {
        let anonymous = || {
            let mut cursor = node.walk();
            node.children(&mut cursor).find(|child| !child.is_named())
        };
        field(node, &["operator"]).or_else(anonymous).map_or(b"", |operator| self.of(operator))
    }

    /// The operands of a chain of operators that put strings together, from left to right.
    pub(super) fn operands(&self, node: Node<'t>) -> Option<Vec<Node<'t>>> {
        let mut operands = Vec::new();
        let mut left = node;
        while self.role(left) == Role::Binary
            && self.language.concat.iter().any(|known| known.as_bytes() == self.operator(left))
        {
            let (first, last) = (named(left).next()?, named(left).last()?);
            if first == last {
                break;
            }
            operands.push(last);
            left = first;
        }
        if operands.is_empty() {
            return None;
        }
        operands.push(left);
        operands.reverse();
        // Elixir's operator binds to the right.
        while let Some(last) = operands.pop() {
            let nested = self.role(last) == Role::Binary
                && self.language.concat.iter().any(|known| known.as_bytes() == self.operator(last));
            match (named(last).next(), named(last).last()) {
                (Some(first), Some(second)) if nested && first != second => operands.extend([first, second]),
                _ => {
                    operands.push(last);
                    break;
                }
            }
        }
        Some(operands)
    }

    /// The node in brackets, arguments and the like.
    pub(super) fn unwrapped(&self, mut node: Node<'t>) -> Node<'t> {
        while let Some(inner) = self.wrapped(node) {
            node = inner;
        }
        node
    }

    /// What a wrapper holds: of an argument what follows its name, of a cast what stands before the type.
    pub(super) fn wrapped(&self, node: Node<'t>) -> Option<Node<'t>> {
        if self.role(node) != Role::Wrapper {
            return None;
        }
        match node.kind() {
            "argument" | "value_argument" | "keyword_argument" => named(node).last(),
            "expression_list" => named(node).next().filter(|_| node.named_child_count() == 1),
            _ => named(node).next(),
        }
    }
}
