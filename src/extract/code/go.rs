//! Go: strings in both quotes and what `fmt` fills in; migrations of goose.

use tree_sitter::Node;

use super::escape::{Escapes, Rules};
use super::format::Style;
use super::language::{Code, Language, Quoted, Role};
use super::migration::Mark;

pub(super) static LANGUAGE: Language = Language {
    grammar: || tree_sitter_go::LANGUAGE.into(),
    roles: &[
        ("interpreted_string_literal", Role::Literal),
        ("raw_string_literal", Role::Literal),
        ("parenthesized_expression", Role::Wrapper),
        ("expression_list", Role::Wrapper),
        ("literal_element", Role::Wrapper),
        ("type_conversion_expression", Role::Wrapper),
        ("binary_expression", Role::Binary),
        ("call_expression", Role::Call),
        ("assignment_statement", Role::Assign),
        ("short_var_declaration", Role::Assign),
        ("const_spec", Role::Assign),
        ("var_spec", Role::Assign),
        ("literal_value", Role::List),
        ("block", Role::Block),
        ("expression_case", Role::Block),
        ("default_case", Role::Block),
        ("comment", Role::Skip),
        ("import_declaration", Role::Skip),
    ],
    literal,
    concat: &["+"],
    percent: false,
    same: &["strings.TrimSpace"],
    formats: &[("fmt.Sprintf", Style::Percent), ("fmt.Errorf", Style::Percent), ("fmt.Printf", Style::Percent)],
    joins: &["strings.Join"],
    appends: &["WriteString"],
    connects: &[],
    mark,
    prose: |_, _| false,
};

const ESCAPES: Rules = Rules { letters: b"abfnrtv", octal: true, hex: (2, 2), bytes: true, keeps: true, indent: false };

fn literal<'t>(code: &Code<'t>, node: Node<'t>) -> Option<Quoted<'t>> {
    let raw = node.kind() == "raw_string_literal";
    code.quoted(node, &[], if raw { Escapes::PLAIN } else { Escapes::full(ESCAPES) })
}

/// goose gives a transaction to functions that are added without `NoTx` (<https://pressly.github.io/goose/>).
fn mark<'t>(code: &Code<'t>, node: Node<'t>) -> Option<Mark> {
    if node.kind() != "call_expression" {
        return None;
    }
    let call = code.call(node)?;
    match call.path {
        b"goose.AddMigration" | b"goose.AddMigrationContext" => {
            Some(Mark::Runs(node.byte_range(), &["Exec", "ExecContext"]))
        }
        b"goose.AddMigrationNoTx" | b"goose.AddMigrationNoTxContext" => Some(Mark::Off),
        _ => None,
    }
}
