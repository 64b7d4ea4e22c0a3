//! JavaScript and TypeScript, with JSX: strings and templates; migrations of TypeORM, Knex and node-pg-migrate.

use tree_sitter::Node;

use super::escape::{Escapes, Rules};
use super::language::{Code, Language, Quoted, Role, field, named};
use super::migration::{Mark, line};

pub(super) static JAVASCRIPT: Language = Language { grammar: || tree_sitter_javascript::LANGUAGE.into(), ..LANGUAGE };
pub(super) static TYPESCRIPT: Language =
    Language { grammar: || tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(), ..LANGUAGE };
pub(super) static TSX: Language = Language { grammar: || tree_sitter_typescript::LANGUAGE_TSX.into(), ..LANGUAGE };

const LANGUAGE: Language = Language {
    grammar: || tree_sitter_javascript::LANGUAGE.into(),
    roles: &[
        ("string", Role::Literal),
        ("template_string", Role::Literal),
        ("parenthesized_expression", Role::Wrapper),
        ("as_expression", Role::Wrapper),
        ("satisfies_expression", Role::Wrapper),
        ("non_null_expression", Role::Wrapper),
        ("binary_expression", Role::Binary),
        ("call_expression", Role::Call),
        ("assignment_expression", Role::Assign),
        ("augmented_assignment_expression", Role::Assign),
        ("variable_declarator", Role::Assign),
        ("array", Role::List),
        ("statement_block", Role::Block),
        ("class_body", Role::Block),
        ("else_clause", Role::Block),
        ("if_statement", Role::Block),
        ("for_statement", Role::Block),
        ("for_in_statement", Role::Block),
        ("while_statement", Role::Block),
        ("comment", Role::Skip),
        ("jsx_text", Role::Skip),
        ("type_annotation", Role::Skip),
        ("type_alias_declaration", Role::Skip),
        ("interface_declaration", Role::Skip),
        ("enum_declaration", Role::Skip),
        ("import_statement", Role::Skip),
    ],
    literal,
    concat: &["+"],
    percent: false,
    same: &["trim", "trimStart", "trimEnd", "toString", "dedent", "stripIndent"],
    formats: &[],
    joins: &["join"],
    appends: &["concat"],
    connects: &[],
    mark,
    prose,
};

const ESCAPES: Rules =
    Rules { letters: b"0bfnrtv", octal: true, hex: (2, 2), bytes: false, keeps: false, indent: false };

fn literal<'t>(code: &Code<'t>, node: Node<'t>) -> Option<Quoted<'t>> {
    code.quoted(node, &["template_substitution"], Escapes::full(ESCAPES))
}

/// A text that a page shows.
fn prose<'t>(code: &Code<'t>, node: Node<'t>) -> bool {
    matches!(node.kind(), "jsx_attribute" | "jsx_expression")
        && named(node).last().is_some_and(|shown| code.role(shown) == Role::Literal)
}

/// TypeORM runs migrations in a transaction unless the class says `transaction = false`
/// (<https://typeorm.io/docs/migrations/executing>), Knex unless the module exports
/// `config = { transaction: false }` (<https://knexjs.org/guide/migrations.html>), and node-pg-migrate unless the
/// migration calls `pgm.noTransaction()` (<https://salsita.github.io/node-pg-migrate/migrations/>).
fn mark<'t>(code: &Code<'t>, node: Node<'t>) -> Option<Mark> {
    let parameter = |function: Node<'t>| {
        let first = match field(function, &["parameter"]) {
            Some(only) => only,
            None => named(field(function, &["parameters"])?).next()?,
        };
        Some(code.of(field(first, &["pattern"]).unwrap_or(first)))
    };
    let steps = |name: &[u8]| [&b"up"[..], b"down", b"exports.up", b"exports.down"].contains(&name);
    let of_function = |function: Node<'t>, at: Node<'t>| match parameter(function)? {
        b"knex" | b"Knex" => Some(Mark::Runs(line(code, at), &["raw"])),
        b"pgm" => Some(Mark::Runs(line(code, at), &["pgm.sql"])),
        _ => None,
    };
    match node.kind() {
        "implements_clause" => named(node)
            .any(|name| code.of(name) == b"MigrationInterface")
            .then(|| Mark::Runs(line(code, node), &["query"])),
        "public_field_definition" | "field_definition" => {
            let (name, value) = (field(node, &["name", "property"])?, field(node, &["value"])?);
            (code.of(name) == b"transaction" && code.of(value).starts_with(b"false")).then_some(Mark::Off)
        }
        "function_declaration" => steps(code.of(field(node, &["name"])?)).then(|| of_function(node, node))?,
        "assignment_expression" | "variable_declarator" => {
            let assign = code.assign(node)?;
            let name = code.of(assign.name);
            if matches!(assign.value.kind(), "arrow_function" | "function_expression") {
                return steps(name).then(|| of_function(assign.value, node))?;
            }
            let off = named(assign.value).any(|pair| {
                field(pair, &["key"]).is_some_and(|key| code.of(key) == b"transaction")
                    && field(pair, &["value"]).is_some_and(|value| code.of(value) == b"false")
            });
            (off && (name == b"config" || name.ends_with(b"exports.config"))).then_some(Mark::Off)
        }
        "call_expression" => (code.call(node)?.path == b"pgm.noTransaction").then_some(Mark::Off),
        _ => None,
    }
}
