//! Connections whose keywords are named arguments: `psycopg.connect(host="db", sslmode="disable")`.
//!
//! Drivers that hand them to libpq as they are; what the program computes is a hole, and what libpq does not know is
//! the driver's own.

use tree_sitter::Node;

use super::call::Call;
use super::language::{Code, Role, field, named};
use crate::catalog::conninfo::Keyword;
use crate::extract::{Draft, Writer};
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
    let mut writer: Option<Writer> = None;
    let mut named_any = false;
    for argument in pairs {
        let whole = Draft::of(host, argument.byte_range());
        let writer = writer.get_or_insert_with(|| Writer::new(&whole));
        match pair(code, argument) {
            Some((name, value)) => {
                let Some(keyword) = keyword(code, name) else { continue };
                named_any = true;
                let place = host.span(value.start_byte(), value.end_byte());
                writer.pair_at(&meant(keyword, name, host), &read(code, value, host), place);
            }
            // A connection string, or a mapping of which nothing is known.
            None => {
                writer.words(" ");
                writer.hole(whole.whole());
            }
        }
    }
    writer.filter(|_| named_any).map(Writer::build)
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

fn meant(keyword: &str, name: Node<'_>, host: &Literal) -> Literal {
    let mut draft = Draft::new(host, name.start_byte());
    draft.decoded(keyword.as_bytes(), name.byte_range());
    draft.build()
}

/// What a value is, which is a hole where it is computed.
fn read(code: &Code<'_>, value: Node<'_>, host: &Literal) -> Literal {
    match code.read(value) {
        Some(text) => text.build(host),
        None if value.kind() == "integer" => Draft::of(host, value.byte_range()),
        None => Draft::computed(host, value.byte_range()),
    }
}
