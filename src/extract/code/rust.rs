//! Rust: strings in all quotes, and the macros of `format!`'s kind.

use tree_sitter::Node;

use super::escape::{Escapes, Rules};
use super::format::Style;
use super::language::{Code, Language, Quoted, Role, child_of};

pub(super) static LANGUAGE: Language = Language {
    grammar: || tree_sitter_rust::LANGUAGE.into(),
    roles: &[
        ("string_literal", Role::Literal),
        ("raw_string_literal", Role::Literal),
        ("parenthesized_expression", Role::Wrapper),
        ("reference_expression", Role::Wrapper),
        ("await_expression", Role::Wrapper),
        ("try_expression", Role::Wrapper),
        ("binary_expression", Role::Binary),
        ("call_expression", Role::Call),
        ("macro_invocation", Role::Call),
        ("let_declaration", Role::Assign),
        ("const_item", Role::Assign),
        ("static_item", Role::Assign),
        ("assignment_expression", Role::Assign),
        ("compound_assignment_expr", Role::Assign),
        ("array_expression", Role::List),
        ("block", Role::Block),
        ("line_comment", Role::Skip),
        ("block_comment", Role::Skip),
        ("attribute_item", Role::Skip),
        ("inner_attribute_item", Role::Skip),
        ("macro_definition", Role::Skip),
    ],
    literal,
    concat: &["+"],
    percent: false,
    same: &[
        "String::from",
        "to_string",
        "to_owned",
        "into",
        "trim",
        "as_str",
        "trim_start",
        "trim_end",
        "indoc",
        "as_bytes",
    ],
    formats: &[
        ("format", Style::Brace),
        ("println", Style::Brace),
        ("print", Style::Brace),
        ("eprintln", Style::Brace),
        ("formatdoc", Style::Brace),
        ("panic", Style::Brace),
    ],
    joins: &["join", "concat"],
    appends: &["push_str"],
    connects: &[],
    mark: |_, _| None,
    prose: |_, _| false,
};

const ESCAPES: Rules = Rules { letters: b"0nrt", octal: false, hex: (2, 2), bytes: true, keeps: true, indent: true };

fn literal<'t>(code: &Code<'t>, node: Node<'t>) -> Option<Quoted<'t>> {
    if node.kind() == "raw_string_literal" {
        let content = child_of(node, "string_content")?;
        return Some(Quoted { range: content.byte_range(), holes: Vec::new(), escapes: Escapes::PLAIN });
    }
    code.quoted(node, &[], Escapes::full(ESCAPES))
}
