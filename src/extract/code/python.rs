//! Python: strings of all prefixes, adjacent and formatted; migrations of Alembic and Django.

use tree_sitter::Node;

use super::escape::{Escapes, Rules};
use super::format::Style;
use super::language::{Code, Language, Quoted, Role, field, named};
use super::migration::{Mark, line};

pub(super) static LANGUAGE: Language = Language {
    grammar: || tree_sitter_python::LANGUAGE.into(),
    roles: &[
        ("string", Role::Literal),
        ("concatenated_string", Role::Pasted),
        ("parenthesized_expression", Role::Wrapper),
        ("await", Role::Wrapper),
        ("keyword_argument", Role::Wrapper),
        ("binary_operator", Role::Binary),
        ("call", Role::Call),
        ("assignment", Role::Assign),
        ("augmented_assignment", Role::Assign),
        ("list", Role::List),
        ("tuple", Role::List),
        ("block", Role::Block),
        ("comment", Role::Skip),
    ],
    literal,
    concat: &["+"],
    percent: true,
    same: &[
        "strip",
        "lstrip",
        "rstrip",
        "dedent",
        "textwrap.dedent",
        "inspect.cleandoc",
        "cleandoc",
        "encode",
        "decode",
        // SQLAlchemy and psycopg have types of their own for SQL.
        "text",
        "DDL",
        "SQL",
    ],
    formats: &[("format", Style::Brace)],
    joins: &["join"],
    appends: &[],
    connects: &["psycopg.connect", "psycopg2.connect", "psycopg.AsyncConnection.connect", "psycopg.Connection.connect"],
    mark,
    prose,
};

const ESCAPES: Rules =
    Rules { letters: b"abfnrtv", octal: true, hex: (2, 2), bytes: false, keeps: true, indent: false };

fn literal<'t>(code: &Code<'t>, node: Node<'t>) -> Option<Quoted<'t>> {
    let start = code.of(node.child(0)?).to_ascii_lowercase();
    let mut escapes = if start.contains(&b'r') { Escapes::PLAIN } else { Escapes::full(ESCAPES) };
    if start.contains(&b'f') || start.contains(&b't') {
        escapes.doubled = b"{}";
    }
    code.quoted(node, &["interpolation"], escapes)
}

/// A string that is a statement is documentation, or a comment.
fn prose<'t>(code: &Code<'t>, node: Node<'t>) -> bool {
    let only = || named(node).next().filter(|_| node.named_child_count() == 1);
    node.kind() == "expression_statement"
        && only().is_some_and(|child| matches!(code.role(child), Role::Literal | Role::Pasted))
}

/// What runs SQL in a migration of Alembic: the connection that `op.get_bind()` gives goes by some names.
const ALEMBIC: &[&str] =
    &["op.execute", "connection.execute", "conn.execute", "bind.execute", "get_bind().execute", "session.execute"];

/// Alembic runs migrations in a transaction where the database can, but for what stands below
/// `with op.get_context().autocommit_block()` (<https://alembic.sqlalchemy.org/en/latest/api/runtime.html>). Django does
/// so unless the class says `atomic = False` (<https://docs.djangoproject.com/en/stable/howto/writing-migrations/>).
fn mark<'t>(code: &Code<'t>, node: Node<'t>) -> Option<Mark> {
    match node.kind() {
        "import_from_statement" => {
            let is = |name: &str, text: &[u8]| field(node, &[name]).is_some_and(|part| code.of(part) == text);
            (is("module_name", b"alembic") && is("name", b"op")).then(|| Mark::Runs(line(code, node), ALEMBIC))
        }
        "with_statement" => {
            let clause = named(node).next().map_or(&b""[..], |clause| code.of(clause));
            memchr::memmem::find(clause, b"autocommit_block()").map(|_| Mark::OffIn(node.byte_range()))
        }
        // `execution_options(isolation_level="AUTOCOMMIT")`.
        "keyword_argument" => {
            let name = code.of(field(node, &["name"])?);
            let value = code.of(field(node, &["value"])?);
            (name == b"isolation_level" && memchr::memmem::find(value, b"AUTOCOMMIT").is_some()).then_some(Mark::Off)
        }
        "class_definition" => {
            let bases = field(node, &["superclasses"])?;
            named(bases)
                .any(|base| code.of(base) == b"migrations.Migration")
                .then(|| Mark::Runs(line(code, node), &["RunSQL", "execute"]))
        }
        "assignment" => {
            let assign = code.assign(node)?;
            (code.of(assign.name) == b"atomic" && code.of(assign.value) == b"False").then_some(Mark::Off)
        }
        _ => None,
    }
}
