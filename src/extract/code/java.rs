//! Java: strings and text blocks; migrations of Flyway.

use tree_sitter::Node;

use super::escape::{Escapes, Rules};
use super::format::Style;
use super::language::{Code, Language, Quoted, Role, field, named};
use super::migration::{Mark, line};

pub(super) static LANGUAGE: Language = Language {
    grammar: || tree_sitter_java::LANGUAGE.into(),
    roles: &[
        ("string_literal", Role::Literal),
        ("parenthesized_expression", Role::Wrapper),
        ("binary_expression", Role::Binary),
        ("method_invocation", Role::Call),
        ("object_creation_expression", Role::Call),
        ("assignment_expression", Role::Assign),
        ("variable_declarator", Role::Assign),
        ("array_initializer", Role::List),
        ("block", Role::Block),
        ("class_body", Role::Block),
        ("if_statement", Role::Block),
        ("for_statement", Role::Block),
        ("enhanced_for_statement", Role::Block),
        ("while_statement", Role::Block),
        ("line_comment", Role::Skip),
        ("block_comment", Role::Skip),
    ],
    literal,
    concat: &["+"],
    percent: false,
    same: &["strip", "trim", "stripIndent", "toString", "StringBuilder", "StringBuffer", "translateEscapes"],
    formats: &[("String.format", Style::Percent), ("formatted", Style::Percent)],
    joins: &["String.join"],
    appends: &["append", "concat"],
    connects: &[],
    mark,
    prose: |_, _| false,
};

const ESCAPES: Rules = Rules { letters: b"bfnrst", octal: true, hex: (0, 0), bytes: false, keeps: true, indent: false };

fn literal<'t>(code: &Code<'t>, node: Node<'t>) -> Option<Quoted<'t>> {
    code.quoted(node, &["string_interpolation"], Escapes::full(ESCAPES))
}

/// Flyway runs a migration in a transaction unless `canExecuteInTransaction` says no
/// (<https://documentation.red-gate.com/flyway/flyway-concepts/migrations/migration-transaction-handling>).
fn mark<'t>(code: &Code<'t>, node: Node<'t>) -> Option<Mark> {
    match node.kind() {
        "superclass" | "super_interfaces" => {
            let flyway = |name: &Node<'t>| matches!(code.of(*name), b"BaseJavaMigration" | b"JavaMigration");
            let names = |node: Node<'t>| named(node).any(|name| flyway(&name) || named(name).any(|name| flyway(&name)));
            names(node)
                .then(|| Mark::Runs(line(code, node), &["execute", "executeUpdate", "prepareStatement", "update"]))
        }
        "method_declaration" => {
            let name = code.of(field(node, &["name"])?);
            let body = code.of(field(node, &["body"])?);
            (name == b"canExecuteInTransaction" && memchr::memmem::find(body, b"false").is_some()).then_some(Mark::Off)
        }
        _ => None,
    }
}
