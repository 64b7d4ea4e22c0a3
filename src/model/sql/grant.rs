//! GRANT, REVOKE and ALTER DEFAULT PRIVILEGES.

use super::ObjectName;
use crate::source::Span;
use crate::syntax::sql::{Cursor, Name};

/// GRANT or REVOKE, also within ALTER DEFAULT PRIVILEGES.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Whether it takes away.
    pub revoked: bool,
    /// What is granted.
    pub what: Granted,
    /// Who gets it.
    pub grantees: Vec<Grantee>,
    /// `WITH GRANT OPTION`, `GRANT OPTION FOR`, `WITH ADMIN ...`, `ADMIN OPTION FOR`: its words, if it is given.
    pub option: Option<Span>,
    /// Whether the members may become the role by SET ROLE: not with `SET FALSE` (16 and later).
    pub set: bool,
    /// `GRANTED BY`.
    pub granted_by: Option<Name>,
    /// For ALTER DEFAULT PRIVILEGES: whose future objects, and in which schemas.
    pub defaults: Option<Defaults>,
}

/// `ALTER DEFAULT PRIVILEGES [FOR ROLE ...] [IN SCHEMA ...]`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Defaults {
    /// `FOR ROLE`; empty for the current role.
    pub roles: Vec<Name>,
    /// `IN SCHEMA`; empty for all.
    pub schemas: Vec<Name>,
}

/// What a GRANT is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Granted {
    /// Membership in these roles.
    Roles(Vec<Name>),
    /// Privileges on objects.
    Privileges {
        /// The privileges; one of them may be `all`.
        privileges: Vec<Privilege>,
        /// The kind of the objects.
        kind: ObjectKind,
        /// Whether these are schemas, and all objects of that kind in them are meant.
        all_in_schema: bool,
        /// The objects; empty within ALTER DEFAULT PRIVILEGES.
        objects: Vec<ObjectName>,
        /// Their place with the word of their kind.
        objects_span: Span,
    },
}

/// A privilege.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Privilege {
    /// In lower case: `select`, `all`, `alter system`.
    pub name: String,
    /// Its columns, if they are named.
    pub columns: Vec<Name>,
    /// Where it stands.
    pub span: Span,
}

/// Who gets a privilege.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grantee {
    /// `PUBLIC`, with its place.
    Public(Span),
    /// A role; `CURRENT_USER` and its like are words like others.
    Role(Name),
}

/// Kinds of objects that privileges are given on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum ObjectKind {
    Table,
    Sequence,
    Database,
    Domain,
    ForeignDataWrapper,
    ForeignServer,
    Function,
    Procedure,
    Routine,
    Language,
    LargeObject,
    Parameter,
    Schema,
    Tablespace,
    Type,
}

const KINDS: [(&[&str], ObjectKind); 16] = [
    (&["foreign", "data", "wrapper"], ObjectKind::ForeignDataWrapper),
    (&["foreign", "server"], ObjectKind::ForeignServer),
    (&["large", "objects"], ObjectKind::LargeObject),
    (&["large", "object"], ObjectKind::LargeObject),
    (&["table"], ObjectKind::Table),
    (&["sequence"], ObjectKind::Sequence),
    (&["database"], ObjectKind::Database),
    (&["domain"], ObjectKind::Domain),
    (&["function"], ObjectKind::Function),
    (&["procedure"], ObjectKind::Procedure),
    (&["routine"], ObjectKind::Routine),
    (&["language"], ObjectKind::Language),
    (&["parameter"], ObjectKind::Parameter),
    (&["schema"], ObjectKind::Schema),
    (&["tablespace"], ObjectKind::Tablespace),
    (&["type"], ObjectKind::Type),
];

/// The words of `ALL ... IN SCHEMA` and of ALTER DEFAULT PRIVILEGES.
const PLURALS: [(&str, ObjectKind); 7] = [
    ("tables", ObjectKind::Table),
    ("sequences", ObjectKind::Sequence),
    ("functions", ObjectKind::Function),
    ("procedures", ObjectKind::Procedure),
    ("routines", ObjectKind::Routine),
    ("types", ObjectKind::Type),
    ("schemas", ObjectKind::Schema),
];

pub(super) fn read(cursor: &mut Cursor<'_>) -> Option<Grant> {
    grant(cursor, None)
}

pub(super) fn defaults(cursor: &mut Cursor<'_>) -> Option<Grant> {
    cursor.words(&["alter", "default", "privileges"]).then_some(())?;
    let mut defaults = Defaults::default();
    loop {
        if cursor.words(&["for", "role"]) || cursor.words(&["for", "user"]) {
            defaults.roles = cursor.names();
        } else if cursor.words(&["in", "schema"]) {
            defaults.schemas = cursor.names();
        } else {
            return grant(cursor, Some(defaults));
        }
    }
}

fn grant(cursor: &mut Cursor<'_>, defaults: Option<Defaults>) -> Option<Grant> {
    let revoked = cursor.any_word(&["grant", "revoke"])? == "revoke";
    let mut option = None;
    let from = cursor.position();
    // REVOKE [GRANT | ADMIN | INHERIT | SET] OPTION FOR.
    if revoked && cursor.word_ahead(1, "option") && cursor.word_ahead(2, "for") {
        cursor.bump();
        cursor.bump();
        cursor.bump();
        option = Some(cursor.since(from));
    }
    let privileges = privileges(cursor);
    let what = if cursor.word("on") {
        objects(cursor, privileges, defaults.is_some())?
    } else {
        Granted::Roles(privileges.into_iter().map(|(_, name)| name).collect::<Option<_>>()?)
    };
    (cursor.word("to") || cursor.word("from")).then_some(())?;
    let grantees = grantees(cursor);
    let from = cursor.position();
    let mut set = true;
    if cursor.at_word("with") && !revoked {
        cursor.bump();
        let mut given = false;
        loop {
            set &= !(cursor.at_word("set") && cursor.word_ahead(1, "false"));
            let passes_on = cursor.at_word("grant") || cursor.at_word("admin");
            if cursor.bump().is_none() {
                break;
            }
            given |= passes_on && !cursor.at_word("false");
            cursor.bump();
            if !cursor.byte(b',') {
                break;
            }
        }
        option = given.then(|| cursor.since(from));
    }
    let granted_by = if cursor.words(&["granted", "by"]) { cursor.name() } else { None };
    Some(Grant { revoked, what, grantees, option, set, granted_by, defaults })
}

/// Privileges or roles: which of them is told only by the ON after them.
fn privileges(cursor: &mut Cursor<'_>) -> Vec<(Privilege, Option<Name>)> {
    let mut privileges = Vec::new();
    loop {
        let from = cursor.position();
        let Some(name) = cursor.name() else { return privileges };
        let mut text = name.text.clone();
        if text == "all" {
            cursor.word("privileges");
        } else if text == "alter" && cursor.word("system") {
            text.push_str(" system");
        }
        let mut columns = Vec::new();
        if cursor.byte(b'(') {
            columns = cursor.names();
            cursor.byte(b')');
        }
        let span = cursor.since(from);
        privileges.push((Privilege { name: text, columns, span }, Some(name)));
        if !cursor.byte(b',') {
            return privileges;
        }
    }
}

fn objects(cursor: &mut Cursor<'_>, privileges: Vec<(Privilege, Option<Name>)>, defaults: bool) -> Option<Granted> {
    let privileges = privileges.into_iter().map(|(privilege, _)| privilege).collect();
    let from = cursor.position();
    let mut all_in_schema = false;
    let mut kind = None;
    if cursor.at_word("all") && cursor.word_ahead(2, "in") && cursor.word_ahead(3, "schema") {
        cursor.bump();
        all_in_schema = true;
    }
    if defaults || all_in_schema {
        kind = PLURALS.iter().find(|(word, _)| cursor.word(word)).map(|(_, kind)| *kind);
        cursor.words(&["in", "schema"]);
    }
    if kind.is_none() {
        kind = KINDS.iter().find(|(words, _)| cursor.words(words)).map(|(_, kind)| *kind);
    }
    let mut objects = Vec::new();
    while !defaults && !cursor.at_word("to") && !cursor.at_word("from") {
        match ObjectName::read(cursor) {
            Some(name) => objects.push(name),
            // Large objects go by number.
            None => {
                cursor.bump()?;
            }
        }
        // Arguments of functions.
        cursor.group();
        if !cursor.byte(b',') {
            break;
        }
    }
    let objects_span = cursor.since(from);
    Some(Granted::Privileges {
        privileges,
        kind: kind.unwrap_or(ObjectKind::Table),
        all_in_schema,
        objects,
        objects_span,
    })
}

fn grantees(cursor: &mut Cursor<'_>) -> Vec<Grantee> {
    let mut grantees = Vec::new();
    loop {
        if cursor.at_word("group")
            && cursor.peek_at(1).is_some_and(|next| next.kind != crate::syntax::sql::Kind::Byte(b','))
        {
            cursor.bump();
        }
        let Some(name) = cursor.name() else { return grantees };
        // gram.y compares the text, so `"public"` is PUBLIC too.
        grantees.push(if name.text == "public" { Grantee::Public(name.span) } else { Grantee::Role(name) });
        if !cursor.byte(b',') {
            return grantees;
        }
    }
}
