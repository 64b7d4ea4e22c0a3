//! Kotlin: strings in both quotes, with templates; migrations of Flyway.

use tree_sitter::Node;

use super::escape::{Escapes, Rules};
use super::format::Style;
use super::language::{Code, Language, Quoted, Role, child_of, field, named};
use super::migration::{Mark, line};

pub(super) static LANGUAGE: Language = Language {
    grammar: || tree_sitter_kotlin_ng::LANGUAGE.into(),
    roles: &[
        ("string_literal", Role::Literal),
        ("multiline_string_literal", Role::Literal),
        ("parenthesized_expression", Role::Wrapper),
        ("value_argument", Role::Wrapper),
        ("binary_expression", Role::Binary),
        ("call_expression", Role::Call),
        ("assignment", Role::Assign),
        ("property_declaration", Role::Assign),
        ("collection_literal", Role::List),
        ("block", Role::Block),
        ("class_body", Role::Block),
        ("lambda_literal", Role::Block),
        ("line_comment", Role::Skip),
        ("block_comment", Role::Skip),
        ("annotation", Role::Skip),
    ],
    literal,
    concat: &["+"],
    percent: false,
    same: &["trim", "trimIndent", "toString", "StringBuilder"],
    formats: &[("format", Style::Percent)],
    joins: &["joinToString"],
    appends: &["append"],
    connects: &[],
    mark,
    prose: |_, _| false,
};

const ESCAPES: Rules = Rules { letters: b"bnrt", octal: false, hex: (0, 0), bytes: false, keeps: false, indent: false };

fn literal<'t>(code: &Code<'t>, node: Node<'t>) -> Option<Quoted<'t>> {
    let raw = node.kind() == "multiline_string_literal";
    let escapes = if raw { Escapes::PLAIN } else { Escapes::full(ESCAPES) };
    // The grammar takes `$name` in a string for plain text.
    code.quoted(node, &["interpolation"], Escapes { dollar: true, ..escapes })
}

/// As in Java.
fn mark<'t>(code: &Code<'t>, node: Node<'t>) -> Option<Mark> {
    match node.kind() {
        "delegation_specifier" => {
            let class = code.of(node);
            [&b"BaseJavaMigration"[..], b"JavaMigration"]
                .iter()
                .any(|name| class.strip_prefix(*name).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"(")))
                .then(|| Mark::Runs(line(code, node), &["execute", "executeUpdate", "prepareStatement", "update"]))
        }
        "function_declaration" => {
            let name = field(node, &["name"]).or_else(|| named(node).find(|child| child.kind() == "identifier"))?;
            let body = code.of(child_of(node, "function_body")?);
            (code.of(name) == b"canExecuteInTransaction" && memchr::memmem::find(body, b"false").is_some())
                .then_some(Mark::Off)
        }
        _ => None,
    }
}
