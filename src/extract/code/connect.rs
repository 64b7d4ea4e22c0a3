//! Connections whose keywords are named arguments: `psycopg.connect(host="db", sslmode="disable")`.
//!
//! Drivers that hand them to libpq as they are; what the program computes is a hole, and what libpq does not know is
//! the driver's own.

use tree_sitter::Node;

use super::call::Call;
use super::language::{Code, Role, field, named};
use crate::catalog::conninfo::Keyword;
use crate::extract::draft::{Draft, Quoting};
use crate::syntax::literal::Literal;

/// The connections of a program, as connection strings.
pub(super) fn arguments(code: &Code<'_>, host: &Literal) -> Vec<(usize, Literal)> {
    if code.language.connects.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut cursor = code.root.walk();
    loop {
        if code.role(cursor.node()) == Role::Call
            && let Some(call) = code.call(cursor.node())
            && call.is(code.language.connects)
        {
            found.extend(of_call(code, &call, host).map(|text| (cursor.node().start_byte(), text)));
        }
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return found;
            }
        }
    }
}

fn of_call(code: &Code<'_>, call: &Call<'_>, host: &Literal) -> Option<Literal> {
    let pairs = call.arguments.iter().flat_map(|argument| match argument.kind() {
        "hash" => named(*argument).collect(),
        _ => vec![*argument],
    });
    let mut draft = Draft::new(host, call.arguments.first()?.start_byte());
    let mut named_any = false;
    for argument in pairs {
        match pair(code, argument) {
            Some((name, value)) => {
                let Some(keyword) = keyword(code, name) else { continue };
                named_any = true;
                set(code, keyword, name, value, host, &mut draft);
            }
            // A connection string, or a mapping of which nothing is known.
            None => draft.hole(argument.byte_range()),
        }
        draft.glue(b" ", argument.end_byte());
    }
    named_any.then(|| draft.build())
}

/// The name and the value of an argument.
fn pair<'t>(code: &Code<'t>, argument: Node<'t>) -> Option<(Node<'t>, Node<'t>)> {
    match argument.kind() {
        "keyword_argument" => Some((field(argument, &["name"])?, field(argument, &["value"])?)),
        "pair" => {
            let key = field(argument, &["key"])?;
            matches!(code.of(key).first(), Some(byte) if byte.is_ascii_alphabetic() || *byte == b':')
                .then_some((key, field(argument, &["value"])?))
        }
        _ => None,
    }
}

/// The keyword of libpq that a name stands for. psycopg2 takes `database` for `dbname`.
fn keyword(code: &Code<'_>, name: Node<'_>) -> Option<&'static str> {
    let name = code.of(name);
    let name = std::str::from_utf8(name.strip_prefix(b":").unwrap_or(name)).ok()?;
    Keyword::find(if name == "database" { "dbname" } else { name }).map(|keyword| keyword.name)
}

fn set(code: &Code<'_>, keyword: &str, name: Node<'_>, value: Node<'_>, host: &Literal, draft: &mut Draft<'_>) {
    draft.decoded(keyword.as_bytes(), name.byte_range());
    draft.glue(b"=", name.end_byte());
    match code.read(value) {
        Some(text) => {
            draft.decoded(b"'", value.start_byte()..value.start_byte() + 1);
            draft.quoted(&text.build(host), Quoting::Conninfo);
            draft.decoded(b"'", value.end_byte() - 1..value.end_byte());
        }
        None if value.kind() == "integer" => draft.copy(value.byte_range()),
        None => draft.hole(value.byte_range()),
    }
}
