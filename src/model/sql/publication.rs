//! CREATE, ALTER and DROP PUBLICATION.

use super::ObjectName;
use super::option::{OptionItem, definition};
use crate::source::Span;
use crate::syntax::sql::{Cursor, Name};

/// `CREATE PUBLICATION name [FOR ...] [WITH (option, ...)]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatePublication {
    /// The publication.
    pub name: Name,
    /// What `FOR` names; empty without one.
    pub objects: Vec<PublicationObject>,
    /// The options, as written.
    pub options: Vec<OptionItem>,
}

/// What a publication publishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicationObject {
    /// `ALL TABLES`, with its place.
    AllTables(Span),
    /// A table of a `TABLE` list.
    Table(PublishedTable),
    /// A schema of a `TABLES IN SCHEMA` list; `CURRENT_SCHEMA` is a word like others.
    Schema {
        /// The schema.
        name: Name,
        /// The words `TABLES IN SCHEMA` before it, or before the list that it stands in.
        keyword: Span,
    },
}

/// A table in a publication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedTable {
    /// The table.
    pub name: ObjectName,
    /// Whether `ONLY` stands before it.
    pub only: bool,
    /// The columns, and the place of the list with its brackets.
    pub columns: Option<(Vec<Name>, Span)>,
    /// The place of the row filter, from `WHERE` on.
    pub filter: Option<Span>,
    /// The word `TABLE` right before it; `None` for the further ones of a list.
    pub keyword: Option<Span>,
    /// All of it, without the keyword.
    pub span: Span,
}

/// `ALTER PUBLICATION name ...`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlterPublication {
    /// The publication.
    pub name: Name,
    /// What is changed.
    pub action: PublicationAction,
}

/// What ALTER PUBLICATION changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicationAction {
    /// `ADD TABLE ...`.
    Add(Vec<PublicationObject>),
    /// `SET TABLE ...`.
    Set(Vec<PublicationObject>),
    /// `DROP TABLE ...`.
    Drop(Vec<PublicationObject>),
    /// `SET (option, ...)`.
    Options(Vec<OptionItem>),
    /// `OWNER TO role`.
    Owner(Name),
    /// `RENAME TO name`.
    Rename(Name),
}

/// `DROP PUBLICATION [IF EXISTS] name, ...`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DropPublication {
    /// The publications.
    pub names: Vec<Name>,
    /// Whether they may be missing.
    pub if_exists: bool,
}

pub(super) fn create(cursor: &mut Cursor<'_>) -> Option<CreatePublication> {
    cursor.words(&["create", "publication"]).then_some(())?;
    let name = cursor.name()?;
    let objects = if cursor.word("for") { objects(cursor) } else { Vec::new() };
    let options = if cursor.word("with") { definition(cursor) } else { Vec::new() };
    Some(CreatePublication { name, objects, options })
}

pub(super) fn alter(cursor: &mut Cursor<'_>) -> Option<AlterPublication> {
    cursor.words(&["alter", "publication"]).then_some(())?;
    let name = cursor.name()?;
    let action = if cursor.word("add") {
        PublicationAction::Add(objects(cursor))
    } else if cursor.word("drop") {
        PublicationAction::Drop(objects(cursor))
    } else if cursor.words(&["owner", "to"]) {
        PublicationAction::Owner(cursor.name()?)
    } else if cursor.words(&["rename", "to"]) {
        PublicationAction::Rename(cursor.name()?)
    } else if cursor.word("set") {
        if cursor.at_byte(b'(') {
            PublicationAction::Options(definition(cursor))
        } else {
            PublicationAction::Set(objects(cursor))
        }
    } else {
        return None;
    };
    Some(AlterPublication { name, action })
}

pub(super) fn drop(cursor: &mut Cursor<'_>) -> Option<DropPublication> {
    cursor.words(&["drop", "publication"]).then_some(())?;
    let if_exists = cursor.words(&["if", "exists"]);
    Some(DropPublication { names: cursor.names(), if_exists })
}

/// The list after FOR, ADD, SET or DROP (gram.y `pub_obj_list`).
fn objects(cursor: &mut Cursor<'_>) -> Vec<PublicationObject> {
    let mut objects = Vec::new();
    let mut schemas = None;
    loop {
        let from = cursor.position();
        let mut keyword = None;
        if cursor.words(&["all", "tables"]) {
            objects.push(PublicationObject::AllTables(cursor.since(from)));
        } else {
            if cursor.words(&["tables", "in", "schema"]) {
                schemas = Some(cursor.since(from));
            } else if cursor.at_word("table") && !is_listed_name(cursor) {
                cursor.bump();
                keyword = Some(cursor.since(from));
                schemas = None;
            }
            match schemas {
                Some(keyword) => objects.extend(cursor.name().map(|name| PublicationObject::Schema { name, keyword })),
                None => objects.extend(table(cursor, keyword).map(PublicationObject::Table)),
            }
        }
        if !cursor.byte(b',') {
            return objects;
        }
    }
}

/// `table` is reserved, so as a word it never is a name; only what follows could tell otherwise.
fn is_listed_name(cursor: &Cursor<'_>) -> bool {
    cursor.peek_at(1).is_none()
}

fn table(cursor: &mut Cursor<'_>, keyword: Option<Span>) -> Option<PublishedTable> {
    let from = cursor.position();
    let only = cursor.word("only");
    let bracket = only && cursor.byte(b'(');
    let name = ObjectName::read(cursor)?;
    if bracket {
        cursor.byte(b')');
    }
    cursor.byte(b'*');
    let mut columns = None;
    if cursor.at_byte(b'(') {
        let start = cursor.position();
        cursor.bump();
        let names = cursor.names();
        cursor.byte(b')');
        columns = Some((names, cursor.since(start)));
    }
    let mut filter = None;
    let start = cursor.position();
    if cursor.word("where") && cursor.group() {
        filter = Some(cursor.since(start));
    }
    Some(PublishedTable { name, only, columns, filter, keyword, span: cursor.since(from) })
}
