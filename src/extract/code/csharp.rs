//! C#: plain, verbatim, raw and interpolated strings; migrations of Entity Framework.

use tree_sitter::Node;

use super::escape::{Escapes, Rules};
use super::format::Style;
use super::language::{Code, Language, Quoted, Role, child_of, children_of, named};
use super::migration::{Mark, line};

pub(super) static LANGUAGE: Language = Language {
    grammar: || tree_sitter_c_sharp::LANGUAGE.into(),
    roles: &[
        ("string_literal", Role::Literal),
        ("verbatim_string_literal", Role::Literal),
        ("raw_string_literal", Role::Literal),
        ("interpolated_string_expression", Role::Literal),
        ("parenthesized_expression", Role::Wrapper),
        ("argument", Role::Wrapper),
        ("binary_expression", Role::Binary),
        ("invocation_expression", Role::Call),
        ("object_creation_expression", Role::Call),
        ("assignment_expression", Role::Assign),
        ("variable_declarator", Role::Assign),
        ("initializer_expression", Role::List),
        ("block", Role::Block),
        ("declaration_list", Role::Block),
        ("if_statement", Role::Block),
        ("for_statement", Role::Block),
        ("foreach_statement", Role::Block),
        ("while_statement", Role::Block),
        ("comment", Role::Skip),
        ("attribute_list", Role::Skip),
    ],
    literal,
    concat: &["+"],
    percent: false,
    same: &["Trim", "TrimStart", "TrimEnd", "ToString", "StringBuilder"],
    formats: &[("string.Format", Style::Brace), ("String.Format", Style::Brace), ("AppendFormat", Style::Brace)],
    joins: &["string.Join", "String.Join"],
    appends: &["Append", "AppendLine"],
    connects: &[],
    mark,
    prose: |_, _| false,
};

const ESCAPES: Rules =
    Rules { letters: b"0abefnrtv", octal: false, hex: (1, 4), bytes: false, keeps: true, indent: false };

fn literal<'t>(code: &Code<'t>, node: Node<'t>) -> Option<Quoted<'t>> {
    let verbatim = Escapes { doubled: b"\"", ..Escapes::PLAIN };
    match node.kind() {
        "verbatim_string_literal" => {
            let range = node.start_byte() + 2..node.end_byte().checked_sub(1)?;
            (range.start <= range.end).then(|| Quoted { range, holes: Vec::new(), escapes: verbatim })
        }
        "raw_string_literal" => {
            let content = child_of(node, "raw_string_content")?;
            Some(Quoted { range: content.byte_range(), holes: Vec::new(), escapes: Escapes::PLAIN })
        }
        "interpolated_string_expression" => {
            // `$`, `$@` or `$$`, then the quotes.
            let (start, quotes) = (node.child(0)?, node.child(1)?);
            let last = node.child(node.child_count().checked_sub(1)?).filter(|last| *last != quotes)?;
            let escapes = match (code.of(start), code.of(quotes)) {
                (_, quotes) if quotes.starts_with(b"\"\"\"") => Escapes::PLAIN,
                (start, _) if start.contains(&b'@') => Escapes { doubled: b"\"{}", ..Escapes::PLAIN },
                _ => Escapes { doubled: b"{}", ..Escapes::full(ESCAPES) },
            };
            let range = quotes.end_byte()..last.start_byte().max(quotes.end_byte());
            Some(Quoted { range, holes: children_of(node, &["interpolation"]), escapes })
        }
        _ => code.quoted(node, &[], Escapes::full(ESCAPES)),
    }
}

/// Entity Framework runs a migration in a transaction, but for what `Sql` is told to suppress it
/// (<https://learn.microsoft.com/en-us/ef/core/managing-schemas/migrations/operations>).
fn mark<'t>(code: &Code<'t>, node: Node<'t>) -> Option<Mark> {
    let migration = |class: Node<'t>| matches!(code.of(class), b"Migration" | b"DbMigration");
    (node.kind() == "base_list" && named(node).any(migration))
        .then(|| Mark::Runs(line(code, node), &["migrationBuilder.Sql"]))
}
