//! PHP: strings, heredocs and nowdocs, and Blade's templates; migrations of Laravel, Doctrine and Phinx.

use tree_sitter::Node;

use super::escape::{Escapes, Rules};
use super::format::Style;
use super::language::{Code, Language, Quoted, Role, field, named};
use super::migration::{Mark, line};
use crate::discover::Host;
use crate::extract::{Draft, Found};
use crate::syntax::literal::Literal;

pub(super) static LANGUAGE: Language = Language {
    grammar: || tree_sitter_php::LANGUAGE_PHP.into(),
    roles: &[
        ("string", Role::Literal),
        ("encapsed_string", Role::Literal),
        ("heredoc", Role::Literal),
        ("nowdoc", Role::Literal),
        ("parenthesized_expression", Role::Wrapper),
        ("argument", Role::Wrapper),
        ("array_element_initializer", Role::Wrapper),
        ("binary_expression", Role::Binary),
        ("function_call_expression", Role::Call),
        ("member_call_expression", Role::Call),
        ("scoped_call_expression", Role::Call),
        ("object_creation_expression", Role::Call),
        ("assignment_expression", Role::Assign),
        ("augmented_assignment_expression", Role::Assign),
        ("const_element", Role::Assign),
        ("property_element", Role::Assign),
        ("array_creation_expression", Role::List),
        ("compound_statement", Role::Block),
        ("declaration_list", Role::Block),
        ("if_statement", Role::Block),
        ("foreach_statement", Role::Block),
        ("for_statement", Role::Block),
        ("while_statement", Role::Block),
        ("else_clause", Role::Block),
        ("comment", Role::Skip),
        ("text", Role::Skip),
    ],
    literal,
    concat: &["."],
    percent: false,
    same: &["trim", "ltrim", "rtrim"],
    formats: &[("sprintf", Style::Percent)],
    joins: &["implode", "join"],
    appends: &[],
    connects: &[],
    mark,
    prose: |_, _| false,
};

const ESCAPES: Rules = Rules { letters: b"efnrtv", octal: true, hex: (1, 2), bytes: true, keeps: true, indent: false };

fn literal<'t>(code: &Code<'t>, node: Node<'t>) -> Option<Quoted<'t>> {
    let holes = |node: Node<'t>| {
        named(node).filter(|child| !matches!(child.kind(), "string_content" | "escape_sequence")).collect()
    };
    match node.kind() {
        "string" => code.quoted(node, &[], Escapes::only(b"'")),
        "encapsed_string" => Some(Quoted { holes: holes(node), ..code.quoted(node, &[], Escapes::full(ESCAPES))? }),
        "nowdoc" => {
            let body = field(node, &["value"])?;
            Some(Quoted { range: body.byte_range(), holes: Vec::new(), escapes: Escapes::PLAIN })
        }
        _ => {
            let body = field(node, &["value"])?;
            Some(Quoted { range: body.byte_range(), holes: holes(body), escapes: Escapes::full(ESCAPES) })
        }
    }
}

/// Laravel runs migrations in a transaction unless `$withinTransaction` is `false`
/// (`Illuminate\Database\Migrations\Migration`), Doctrine unless `isTransactional` says no
/// (<https://www.doctrine-project.org/projects/doctrine-migrations/en/stable/reference/migration-classes.html>).
fn mark<'t>(code: &Code<'t>, node: Node<'t>) -> Option<Mark> {
    match node.kind() {
        "base_clause" => named(node)
            .any(|class| matches!(code.of(class), b"Migration" | b"AbstractMigration"))
            .then(|| Mark::Runs(line(code, node), &["statement", "unprepared", "addSql", "execute"])),
        "property_element" => {
            let assign = code.assign(node)?;
            let off = code.of(assign.name) == b"$withinTransaction" && code.of(assign.value) == b"false";
            off.then_some(Mark::Off)
        }
        "method_declaration" => {
            let (name, body) = (field(node, &["name"])?, field(node, &["body"])?);
            (code.of(name) == b"isTransactional" && memchr::memmem::find(code.of(body), b"false").is_some())
                .then_some(Mark::Off)
        }
        _ => None,
    }
}

/// A template of Blade that makes a script for a shell.
pub(super) fn templates(text: &Literal, found: &mut Found<'_>) {
    let script = text.text().trim_ascii_start();
    if found.host.as_str().ends_with(".blade.php") && (script.starts_with(b"#!") || script.starts_with(b"set -")) {
        found.read(Host::Shell, &filled_in(text));
    }
}

/// The text that a template of Blade makes: what is filled in are holes.
pub(super) fn filled_in(text: &Literal) -> Literal {
    let bytes = text.text();
    let mut draft = Draft::new(text, 0);
    let mut at = 0;
    for start in memchr::memchr_iter(b'{', bytes) {
        let rest = bytes.get(start..).unwrap_or_default();
        let close: &[u8] = match rest {
            [b'{', b'{', ..] => b"}}",
            [b'{', b'!', b'!', ..] => b"!!}",
            _ => continue,
        };
        let line = rest.split(|&byte| byte == b'\n').next().unwrap_or_default();
        if start < at {
            continue;
        }
        let Some(end) = memchr::memmem::find(line, close) else { continue };
        draft.copy(at..start);
        at = start + end + close.len();
        draft.hole(start..at);
    }
    draft.copy(at..bytes.len());
    draft.build()
}
