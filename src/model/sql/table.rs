//! Columns and keys of tables, their replica identity and their row level security.

use std::collections::HashSet;

use super::ObjectName;
use crate::source::Span;
use crate::syntax::sql::{Cursor, Name};

/// CREATE TABLE, as far as keys go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateTable {
    /// The table.
    pub name: ObjectName,
    /// Whether it is temporary.
    pub temporary: bool,
    /// Whether it is unlogged.
    pub unlogged: bool,
    /// The columns that are spelled out.
    pub columns: Vec<Column>,
    /// Keys over the table.
    pub keys: Vec<Key>,
    /// The tables that foreign keys lead to.
    pub references: Vec<ObjectName>,
    /// `PARTITION OF`: the table it is part of, whose keys it has.
    pub partition_of: Option<ObjectName>,
    /// Whether it is itself partitioned.
    pub partitioned: bool,
    /// Whether columns come from elsewhere: LIKE, INHERITS, OF, AS. Its keys may then not be known.
    pub derived: bool,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: Name,
    /// Whether it is NOT NULL, by itself or as the primary key.
    pub not_null: bool,
    /// Whether it is computed from other columns: `GENERATED ALWAYS AS (...)`.
    pub generated: bool,
    /// Whether a sequence of its own fills it: `serial` and its like, or `GENERATED ... AS IDENTITY`.
    pub serial: bool,
}

/// A primary key or unique constraint or index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its name, if it has one.
    pub name: Option<Name>,
    /// Whether it is the primary key.
    pub primary: bool,
    /// Whether it may be deferred, which makes it unfit as a replica identity.
    pub deferrable: bool,
    /// Its columns; empty where it uses an index that exists.
    pub columns: Vec<Name>,
    /// The index that it uses.
    pub using_index: Option<Name>,
    /// Where it is written.
    pub span: Span,
}

/// ALTER TABLE, as far as it concerns columns, keys, replica identity and row level security.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlterTable {
    /// The table.
    pub name: ObjectName,
    /// What is changed, in order.
    pub actions: Vec<TableAction>,
}

/// A change of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TableAction {
    /// `ADD PRIMARY KEY` or `ADD UNIQUE`, named or not.
    AddKey(Key),
    /// `ALTER COLUMN x SET NOT NULL`.
    SetNotNull(Name),
    /// `REPLICA IDENTITY`, with its place.
    ReplicaIdentity(ReplicaIdentity, Span),
    /// `ENABLE`, `DISABLE`, `FORCE` or `NO FORCE` `ROW LEVEL SECURITY`, with its place.
    RowSecurity(RowSecurity, Span),
    /// A column that is there from now on: `ADD COLUMN`, or the new name of `RENAME COLUMN`.
    AddColumn(Name),
    /// A column that is no more: `DROP COLUMN`, or the old name of `RENAME COLUMN`.
    DropColumn(Name),
    /// A foreign key: the table that it leads to.
    References(ObjectName),
    /// `OWNER TO`.
    Owner(Name),
    /// `RENAME TO`, `SET SCHEMA`, `INHERIT`, `OF`, a computed column and their like, after which it is another table, or
    /// has other columns.
    Reshape,
}

/// What identifies a row to subscribers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReplicaIdentity {
    /// The primary key.
    Default,
    /// The whole row.
    Full,
    /// Nothing.
    Nothing,
    /// A unique index.
    Index(Name),
}

/// What ALTER TABLE does to row level security.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the words of the statement")]
pub enum RowSecurity {
    Enable,
    Disable,
    Force,
    NoForce,
}

/// CREATE UNIQUE INDEX on plain columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UniqueIndex {
    /// The table.
    pub table: ObjectName,
    /// The key that it makes.
    pub key: Key,
    /// Whether it has a condition or expressions, which make it unfit as a replica identity.
    pub partial: bool,
}

pub(super) fn create(cursor: &mut Cursor<'_>) -> Option<CreateTable> {
    cursor.word("create").then_some(())?;
    let mut temporary = false;
    let mut unlogged = false;
    while let Some(word) = cursor.any_word(&["global", "local", "temporary", "temp", "unlogged"]) {
        temporary |= word.starts_with("temp");
        unlogged |= word == "unlogged";
    }
    cursor.word("table").then_some(())?;
    cursor.words(&["if", "not", "exists"]);
    let mut table = CreateTable {
        name: ObjectName::read(cursor)?,
        temporary,
        unlogged,
        columns: Vec::new(),
        keys: Vec::new(),
        references: Vec::new(),
        partition_of: None,
        partitioned: false,
        derived: false,
    };
    if cursor.words(&["partition", "of"]) {
        table.partition_of = ObjectName::read(cursor);
    } else if cursor.word("of") {
        table.derived = true;
        cursor.dotted();
    }
    if cursor.byte(b'(') {
        while !cursor.is_done() {
            element(cursor, &mut table);
            if !cursor.byte(b',') {
                cursor.byte(b')');
                break;
            }
        }
    }
    while !cursor.is_done() {
        if cursor.word("inherits") || cursor.word("as") {
            table.derived = true;
        } else if cursor.words(&["partition", "by"]) {
            table.partitioned = true;
        } else if !cursor.group() {
            cursor.bump();
        }
    }
    let primary: HashSet<&str> = table
        .keys
        .iter()
        .filter(|key| key.primary)
        .flat_map(|key| &key.columns)
        .map(|name| name.text.as_str())
        .collect();
    for column in &mut table.columns {
        column.not_null |= primary.contains(column.name.text.as_str());
    }
    Some(table)
}

fn at_element_end(cursor: &Cursor<'_>) -> bool {
    cursor.at_byte(b',') || cursor.at_byte(b')')
}

/// A column or a constraint, up to the comma or bracket after it.
fn element(cursor: &mut Cursor<'_>, table: &mut CreateTable) {
    if cursor.at_word("like") {
        table.derived = true;
        cursor.until(at_element_end);
        return;
    }
    let from = cursor.position();
    let constraint = if cursor.word("constraint") { cursor.name() } else { None };
    if let Some(mut key) = key(cursor, constraint, from) {
        key.deferrable = rest_is_deferrable(cursor);
        table.keys.push(key);
        return;
    }
    let begins = ["check", "foreign", "exclude", "unique", "primary", "not"];
    if begins.iter().any(|word| cursor.at_word(word)) {
        table.references.extend(foreign_key(cursor));
        cursor.until(at_element_end);
        return;
    }
    let Some(name) = cursor.name() else {
        cursor.until(at_element_end);
        return;
    };
    let serials = ["serial", "bigserial", "smallserial", "serial4", "serial8", "serial2"];
    let serial = serials.iter().any(|word| cursor.at_word(word));
    let mut column = Column { name, not_null: false, generated: false, serial };
    let mut label = None;
    while !cursor.is_done() && !at_element_end(cursor) {
        let from = cursor.position();
        if cursor.word("constraint") {
            label = cursor.name();
        } else if cursor.words(&["not", "null"]) {
            column.not_null = true;
        } else if cursor.at_words(&["primary", "key"]) || cursor.at_word("unique") {
            let primary = cursor.at_word("primary");
            cursor.bump();
            if primary {
                cursor.bump();
            }
            column.not_null |= primary;
            let span = cursor.since(from);
            let deferrable = cursor.at_word("deferrable");
            table.keys.push(Key {
                name: label.take(),
                primary,
                deferrable,
                columns: vec![column.name.clone()],
                using_index: None,
                span,
            });
        } else if cursor.at_words(&["generated", "always", "as"]) && !cursor.word_ahead(3, "identity") {
            column.generated = true;
            cursor.bump();
        } else if cursor.words(&["as", "identity"]) {
            column.serial = true;
        } else if cursor.word("references") {
            table.references.extend(ObjectName::read(cursor));
        } else if cursor.word("default") {
            // A default may be any expression; its first word is no constraint.
            if !cursor.at_byte(b'(') {
                cursor.bump();
            }
        } else if !cursor.group() {
            cursor.bump();
        }
    }
    table.columns.push(column);
}

/// The table that `FOREIGN KEY (...) REFERENCES table` leads to.
fn foreign_key(cursor: &mut Cursor<'_>) -> Option<ObjectName> {
    cursor.words(&["foreign", "key"]).then_some(())?;
    cursor.group();
    cursor.word("references").then_some(())?;
    ObjectName::read(cursor)
}

fn rest_is_deferrable(cursor: &mut Cursor<'_>) -> bool {
    let mut deferrable = false;
    while !cursor.is_done() && !at_element_end(cursor) {
        if cursor.words(&["not", "deferrable"]) {
            continue;
        }
        if cursor.word("deferrable") {
            deferrable = true;
        } else if !cursor.group() {
            cursor.bump();
        }
    }
    deferrable
}

/// `PRIMARY KEY (...)`, `UNIQUE (...)`, or either with `USING INDEX`.
fn key(cursor: &mut Cursor<'_>, name: Option<Name>, from: usize) -> Option<Key> {
    let mut ahead = *cursor;
    let primary = ahead.words(&["primary", "key"]);
    (primary || ahead.word("unique")).then_some(())?;
    ahead.words(&["nulls", "not", "distinct"]);
    ahead.words(&["nulls", "distinct"]);
    let mut columns = Vec::new();
    let mut using_index = None;
    if ahead.byte(b'(') {
        columns = ahead.names();
        ahead.until(|cursor| cursor.at_byte(b')'));
        ahead.byte(b')');
    } else if ahead.words(&["using", "index"]) {
        using_index = ahead.name();
    } else {
        return None;
    }
    *cursor = ahead;
    Some(Key { name, primary, deferrable: false, columns, using_index, span: cursor.since(from) })
}

pub(super) fn alter(cursor: &mut Cursor<'_>) -> Option<AlterTable> {
    cursor.words(&["alter", "table"]).then_some(())?;
    cursor.words(&["if", "exists"]);
    let only = cursor.word("only");
    let bracket = only && cursor.byte(b'(');
    let name = ObjectName::read(cursor)?;
    if bracket {
        cursor.byte(b')');
    }
    cursor.byte(b'*');
    let mut actions = Vec::new();
    while !cursor.is_done() {
        columns(*cursor, &mut actions);
        actions.extend(action(cursor));
        cursor.until(|cursor| cursor.at_byte(b','));
        cursor.byte(b',');
    }
    (!actions.is_empty()).then_some(AlterTable { name, actions })
}

/// What an action does to the columns there are.
fn columns(mut cursor: Cursor<'_>, actions: &mut Vec<TableAction>) {
    let constraints = ["constraint", "primary", "unique", "check", "foreign", "exclude", "not"];
    let is_constraint = |cursor: &Cursor<'_>| constraints.iter().any(|word| cursor.at_word(word));
    if cursor.word("add") {
        let is_column = cursor.word("column") || !is_constraint(&cursor);
        cursor.words(&["if", "not", "exists"]);
        let Some(name) = cursor.name().filter(|_| is_column) else { return };
        cursor.until(|cursor| cursor.at_byte(b',') || cursor.at_words(&["generated", "always", "as"]));
        // A column that is computed is none that is replicated.
        let computed = cursor.at_word("generated") && !cursor.word_ahead(3, "identity");
        actions.push(if computed { TableAction::Reshape } else { TableAction::AddColumn(name) });
    } else if cursor.word("drop") {
        let is_column = cursor.word("column") || !cursor.at_word("constraint");
        cursor.words(&["if", "exists"]);
        actions.extend(cursor.name().filter(|_| is_column).map(TableAction::DropColumn));
    } else if cursor.word("rename") {
        if cursor.at_word("to") {
            actions.push(TableAction::Reshape);
        } else if cursor.word("column") || !cursor.at_word("constraint") {
            actions.extend(cursor.name().map(TableAction::DropColumn));
            cursor.word("to");
            actions.extend(cursor.name().map(TableAction::AddColumn));
        }
    } else if cursor.at_words(&["set", "schema"])
        || ["inherit", "of", "attach", "detach"].iter().any(|word| cursor.at_word(word))
        || cursor.at_words(&["no", "inherit"])
    {
        actions.push(TableAction::Reshape);
    }
}

fn action(cursor: &mut Cursor<'_>) -> Option<TableAction> {
    let from = cursor.position();
    let row = [
        (&["enable", "row", "level", "security"][..], RowSecurity::Enable),
        (&["disable", "row", "level", "security"], RowSecurity::Disable),
        (&["force", "row", "level", "security"], RowSecurity::Force),
        (&["no", "force", "row", "level", "security"], RowSecurity::NoForce),
    ];
    if let Some((_, what)) = row.iter().find(|(words, _)| cursor.words(words)) {
        return Some(TableAction::RowSecurity(*what, cursor.since(from)));
    }
    if cursor.words(&["replica", "identity"]) {
        let identity = match cursor.any_word(&["nothing", "full", "default"]) {
            Some("nothing") => ReplicaIdentity::Nothing,
            Some("full") => ReplicaIdentity::Full,
            Some(_) => ReplicaIdentity::Default,
            None if cursor.words(&["using", "index"]) => ReplicaIdentity::Index(cursor.name()?),
            None => return None,
        };
        return Some(TableAction::ReplicaIdentity(identity, cursor.since(from)));
    }
    if cursor.word("add") {
        let from = cursor.position();
        if cursor.word("column") {
            cursor.words(&["if", "not", "exists"]);
            return column_key(cursor).map(TableAction::AddKey);
        }
        let name = if cursor.word("constraint") { cursor.name() } else { None };
        if let Some(mut key) = key(cursor, name, from) {
            key.deferrable = rest_is_deferrable(cursor);
            return Some(TableAction::AddKey(key));
        }
        if cursor.at_word("foreign") {
            return foreign_key(cursor).map(TableAction::References);
        }
        if ["check", "exclude", "not"].iter().any(|word| cursor.at_word(word)) {
            return None;
        }
        cursor.words(&["if", "not", "exists"]);
        return column_key(cursor).map(TableAction::AddKey);
    }
    if cursor.words(&["owner", "to"]) {
        return cursor.name().map(TableAction::Owner);
    }
    if cursor.word("alter") {
        cursor.word("column");
        let name = cursor.name()?;
        return cursor.words(&["set", "not", "null"]).then_some(TableAction::SetNotNull(name));
    }
    None
}

/// The key that a new column brings with it.
fn column_key(cursor: &mut Cursor<'_>) -> Option<Key> {
    let name = cursor.name()?;
    cursor.until(|cursor| cursor.at_byte(b',') || cursor.at_words(&["primary", "key"]) || cursor.at_word("unique"));
    let from = cursor.position();
    let primary = cursor.words(&["primary", "key"]);
    (primary || cursor.word("unique")).then_some(())?;
    let span = cursor.since(from);
    let deferrable = cursor.at_word("deferrable");
    Some(Key { name: None, primary, deferrable, columns: vec![name], using_index: None, span })
}

pub(super) fn unique_index(cursor: &mut Cursor<'_>) -> Option<UniqueIndex> {
    let from = cursor.position();
    cursor.words(&["create", "unique", "index"]).then_some(())?;
    cursor.word("concurrently");
    cursor.words(&["if", "not", "exists"]);
    let name = if cursor.at_word("on") { None } else { cursor.name() };
    cursor.word("on").then_some(())?;
    cursor.word("only");
    let table = ObjectName::read(cursor)?;
    if cursor.word("using") {
        cursor.name();
    }
    cursor.byte(b'(').then_some(())?;
    let mut columns = Vec::new();
    let mut partial = false;
    loop {
        match cursor.name() {
            Some(column) if !cursor.at_byte(b'(') => columns.push(column),
            _ => partial = true,
        }
        cursor.until(|cursor| cursor.at_byte(b',') || cursor.at_byte(b')'));
        if !cursor.byte(b',') {
            break;
        }
    }
    partial |= cursor.until(|cursor| cursor.at_word("where"));
    cursor.until(|_| false);
    let key = Key { name, primary: false, deferrable: false, columns, using_index: None, span: cursor.since(from) };
    Some(UniqueIndex { table, key, partial })
}
