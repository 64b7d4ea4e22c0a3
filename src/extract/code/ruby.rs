//! Ruby: strings, heredocs and percent literals; migrations of Active Record.

use tree_sitter::Node;

use super::escape::{Backslash, Escapes, Rules};
use super::format::Style;
use super::language::{Code, Language, Quoted, Role, child_of, children_of};
use super::migration::Mark;

pub(super) static LANGUAGE: Language = Language {
    grammar: || tree_sitter_ruby::LANGUAGE.into(),
    roles: &[
        ("string", Role::Literal),
        ("heredoc_beginning", Role::Literal),
        ("heredoc_body", Role::Skip),
        ("chained_string", Role::Pasted),
        ("parenthesized_statements", Role::Wrapper),
        ("binary", Role::Binary),
        ("call", Role::Call),
        ("assignment", Role::Assign),
        ("operator_assignment", Role::Assign),
        ("array", Role::List),
        ("body_statement", Role::Block),
        ("do_block", Role::Block),
        ("block", Role::Block),
        ("block_body", Role::Block),
        ("then", Role::Block),
        ("else", Role::Block),
        ("do", Role::Block),
        ("comment", Role::Skip),
    ],
    literal,
    concat: &["+"],
    percent: true,
    same: &[
        "strip",
        "squish",
        "chomp",
        "freeze",
        "lstrip",
        "rstrip",
        "strip_heredoc",
        "dup",
        "html_safe",
        "to_s",
        "squeeze",
    ],
    formats: &[("format", Style::Percent), ("sprintf", Style::Percent)],
    joins: &["join"],
    appends: &["concat"],
    connects: &["PG.connect", "PG::Connection.new", "PG::Connection.open", "PG.new"],
    mark,
    prose: |_, _| false,
};

const ESCAPES: Rules =
    Rules { letters: b"abefnrstv", octal: true, hex: (1, 2), bytes: true, keeps: false, indent: false };

fn literal<'t>(code: &Code<'t>, node: Node<'t>) -> Option<Quoted<'t>> {
    if node.kind() == "heredoc_beginning" {
        let body = *code.heredocs.get(&node.start_byte())?;
        let end = child_of(body, "heredoc_end")?.start_byte();
        // The body starts with the end of the line that announces it.
        let start = (body.start_byte() + 1).min(end);
        let plain = code.of(node).contains(&b'\'');
        let escapes = if plain { Escapes::PLAIN } else { Escapes::full(ESCAPES) };
        return Some(Quoted { range: start..end, holes: children_of(body, &["interpolation"]), escapes });
    }
    let quote = code.of(node.child(0)?);
    let plain = quote == b"'" || quote.starts_with(b"%q");
    let escapes = if plain { Escapes::only(b"'()[]{}|!") } else { Escapes::full(ESCAPES) };
    let escapes = match escapes.backslash {
        Backslash::Only(_) if quote == b"'" => Escapes::only(b"'"),
        _ => escapes,
    };
    code.quoted(node, &["interpolation"], escapes)
}

/// Migrations run in a transaction where the database can, unless the class says `disable_ddl_transaction!`
/// (<https://api.rubyonrails.org/classes/ActiveRecord/Migration.html>, "Transactional Migrations").
fn mark<'t>(code: &Code<'t>, node: Node<'t>) -> Option<Mark> {
    let text = || code.of(node);
    match node.kind() {
        "superclass" => {
            let class = text().strip_prefix(b"<")?.trim_ascii_start();
            class.starts_with(b"ActiveRecord::Migration").then(|| Mark::Runs(node.byte_range(), &[]))
        }
        "identifier" if text() == b"disable_ddl_transaction!" => Some(Mark::Off),
        _ => None,
    }
}
