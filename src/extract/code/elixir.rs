//! Elixir: strings, heredocs and the sigils `~s` and `~S`; Ecto's migrations.

use tree_sitter::Node;

use super::escape::{Escapes, Rules};
use super::language::{Code, Language, Quoted, Role, children_of, field, named};
use super::migration::{Mark, line};

pub(super) static LANGUAGE: Language = Language {
    grammar: || tree_sitter_elixir::LANGUAGE.into(),
    roles: &[
        ("string", Role::Literal),
        ("sigil", Role::Literal),
        ("block", Role::Wrapper),
        ("binary_operator", Role::Binary),
        ("call", Role::Call),
        ("list", Role::List),
        ("do_block", Role::Block),
        ("stab_clause", Role::Block),
        ("else_block", Role::Block),
        ("comment", Role::Skip),
        ("charlist", Role::Skip),
    ],
    literal,
    concat: &["<>"],
    percent: false,
    same: &["String.trim", "String.trim_leading", "String.trim_trailing", "to_string", "IO.iodata_to_binary"],
    formats: &[],
    joins: &["Enum.join"],
    appends: &[],
    connects: &[],
    mark,
    prose,
};

const ESCAPES: Rules =
    Rules { letters: b"0abefnrstv", octal: false, hex: (1, 2), bytes: false, keeps: false, indent: false };

fn literal<'t>(code: &Code<'t>, node: Node<'t>) -> Option<Quoted<'t>> {
    let sigil = named(node).find(|child| child.kind() == "sigil_name").map(|name| code.of(name));
    let escapes = match sigil {
        None | Some(b"s") => Escapes::full(ESCAPES),
        Some(b"S") => Escapes::PLAIN,
        Some(_) => return None,
    };
    let (start, end) = (field(node, &["quoted_start"])?, field(node, &["quoted_end"])?);
    let range = start.end_byte()..end.start_byte().max(start.end_byte());
    Some(Quoted { range, holes: children_of(node, &["interpolation"]), escapes })
}

/// `@doc "..."` and its like.
fn prose<'t>(code: &Code<'t>, node: Node<'t>) -> bool {
    const DOCUMENTATION: [&[u8]; 4] = [b"doc", b"moduledoc", b"typedoc", b"shortdoc"];
    node.kind() == "unary_operator"
        && code.operator(node) == b"@"
        && field(node, &["operand"])
            .and_then(|operand| field(operand, &["target"]))
            .is_some_and(|name| DOCUMENTATION.contains(&code.of(name)))
}

/// A migration runs in a transaction unless the module says `@disable_ddl_transaction true`
/// (<https://hexdocs.pm/ecto_sql/Ecto.Migration.html>).
fn mark<'t>(code: &Code<'t>, node: Node<'t>) -> Option<Mark> {
    if node.kind() != "call" {
        return None;
    }
    let call = code.call(node)?;
    let first = || call.arguments.first().map(|argument| code.of(*argument));
    match call.name {
        b"use" if first() == Some(b"Ecto.Migration") => Some(Mark::Runs(line(code, node), &[])),
        b"disable_ddl_transaction" if first() == Some(b"true") => Some(Mark::Off),
        _ => None,
    }
}
