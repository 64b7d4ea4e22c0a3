//! Databases, views and foreign tables, owners, and what reaches the server's files and programs.

use super::ObjectName;
use crate::source::Span;
use crate::syntax::sql::{Cursor, Kind, Name};

/// CREATE VIEW, CREATE MATERIALIZED VIEW or CREATE FOREIGN TABLE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    /// What it is.
    pub kind: RelationKind,
    /// Its name.
    pub name: ObjectName,
    /// Whether `security_invoker` is or may be on.
    pub invoker: bool,
    /// The names that its query reads from; some of them may be those of `WITH` queries.
    pub reads: Vec<ObjectName>,
}

/// Relations that are no tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum RelationKind {
    View,
    MaterializedView,
    ForeignTable,
}

/// `ALTER ... OWNER TO role`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The word for the kind of the object, in lower case.
    pub kind: String,
    /// The object.
    pub name: ObjectName,
    /// The role.
    pub owner: Name,
}

/// COPY of a file of the server, or of a program that it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    /// Whether it is a program.
    pub program: bool,
    /// Whether the data goes into the file or program.
    pub writes: bool,
    /// Where the file or program stands, with the word before it.
    pub span: Span,
}

/// A call of a function that reaches a file of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileCall {
    /// The function, in lower case.
    pub function: &'static str,
    /// The call.
    pub span: Span,
}

const FILES: [&str; 4] = ["pg_read_file", "pg_read_binary_file", "lo_import", "lo_export"];

pub(super) fn database(cursor: &mut Cursor<'_>) -> Option<Name> {
    cursor.words(&["create", "database"]).then_some(())?;
    cursor.name()
}

pub(super) fn relation(cursor: &mut Cursor<'_>) -> Option<Relation> {
    cursor.word("create").then_some(())?;
    cursor.words(&["or", "replace"]);
    let kind = if cursor.words(&["materialized", "view"]) {
        RelationKind::MaterializedView
    } else if cursor.words(&["foreign", "table"]) {
        RelationKind::ForeignTable
    } else {
        cursor.word("view").then_some(RelationKind::View)?
    };
    cursor.words(&["if", "not", "exists"]);
    let mut relation = Relation { kind, name: ObjectName::read(cursor)?, invoker: false, reads: Vec::new() };
    if kind == RelationKind::ForeignTable {
        return Some(relation);
    }
    cursor.until(|cursor| cursor.at_word("as") || cursor.at_word("with"));
    if cursor.word("with") {
        for item in super::option::definition(cursor) {
            let off = item.value.as_ref().is_some_and(|value| {
                !value.is_dynamic() && crate::model::value::parse_bool(value.text().as_bytes()) == Some(false)
            });
            relation.invoker |= item.name.dynamic || item.name.text == "security_invoker" && !off;
        }
    }
    while !cursor.is_done() {
        let reads = cursor.word("from") || cursor.word("join");
        if !reads {
            cursor.bump();
            continue;
        }
        loop {
            cursor.word("only");
            let Some(name) = ObjectName::read(cursor) else { break };
            // A function is called, and no table is read.
            if !cursor.at_byte(b'(') {
                relation.reads.push(name);
            }
            let mut ahead = *cursor;
            ahead.word("as");
            let alias = ahead.name();
            if alias.is_some() && ahead.byte(b',') {
                *cursor = ahead;
            } else if !cursor.byte(b',') {
                break;
            }
        }
    }
    Some(relation)
}

pub(super) fn owner(cursor: &mut Cursor<'_>) -> Option<Owner> {
    cursor.word("alter").then_some(())?;
    let first = cursor.name()?.text;
    let kind = match first.as_str() {
        "materialized" | "foreign" | "large" | "event" | "text" | "operator" => {
            let second = cursor.name()?.text;
            // OPERATOR has classes and families, and names that are signs.
            if first == "operator" {
                return None;
            }
            format!("{first} {second}")
        }
        _ => first,
    };
    if kind.starts_with("text") || kind.starts_with("large") || kind == "foreign data" {
        return None;
    }
    cursor.words(&["if", "exists"]);
    cursor.word("only");
    let name = ObjectName::read(cursor)?;
    // ALTER TABLE may do several things.
    cursor.until(|cursor| cursor.at_words(&["owner", "to"]));
    cursor.words(&["owner", "to"]).then_some(())?;
    Some(Owner { kind, name, owner: cursor.name()? })
}

pub(super) fn copy(cursor: &mut Cursor<'_>) -> Option<Copy> {
    cursor.word("copy").then_some(())?;
    cursor.until(|cursor| cursor.at_word("from") || cursor.at_word("to"));
    let writes = cursor.any_word(&["from", "to"])? == "to";
    let from = cursor.position();
    let program = cursor.word("program");
    cursor.at_text().then_some(())?;
    let _ = cursor.text()?;
    Some(Copy { program, writes, span: cursor.since(from) })
}

pub(super) fn file_calls(cursor: &mut Cursor<'_>) -> Vec<FileCall> {
    let mut calls = Vec::new();
    while let Some(token) = cursor.peek() {
        let from = cursor.position();
        cursor.bump();
        if token.kind != Kind::Word || !cursor.at_byte(b'(') {
            continue;
        }
        let name = cursor.bytes(token);
        if let Some(function) = FILES.iter().find(|known| name.eq_ignore_ascii_case(known.as_bytes())) {
            let mut ahead = *cursor;
            ahead.group();
            calls.push(FileCall { function, span: ahead.since(from) });
        }
    }
    calls
}
