//! Foreign servers, user mappings, extensions, functions and policies.

use super::ObjectName;
use super::option::{OptionItem, generic};
use super::role::{SettingChange, setting};
use crate::source::Span;
use crate::syntax::sql::{Cursor, Kind, Name, Text};

/// CREATE SERVER or ALTER SERVER.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// The server.
    pub name: Name,
    /// The wrapper; `None` for ALTER.
    pub wrapper: Option<Name>,
    /// The options that are set or dropped.
    pub options: Vec<OptionItem>,
    /// Whether the statement is CREATE.
    pub created: bool,
}

/// CREATE USER MAPPING or ALTER USER MAPPING.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserMapping {
    /// The role: a name, or the word `public`, `user`, `current_user`.
    pub user: Name,
    /// The foreign server.
    pub server: Name,
    /// The options that are set or dropped.
    pub options: Vec<OptionItem>,
    /// Whether the statement is CREATE.
    pub created: bool,
}

impl UserMapping {
    /// The password, if one is given as a string.
    #[must_use]
    pub fn password(&self) -> Option<&Text> {
        let item = self.options.iter().find(|item| item.name.text == "password")?;
        match &item.value.as_ref()?.kind {
            super::ValueKind::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// CREATE EXTENSION.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// The extension.
    pub name: Name,
    /// Whether it may be there already.
    pub if_not_exists: bool,
    /// `SCHEMA`.
    pub schema: Option<Name>,
    /// `VERSION`: a string or a word.
    pub version: Option<String>,
    /// The place of `CASCADE`.
    pub cascade: Option<Span>,
}

/// CREATE LANGUAGE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Language {
    /// The language.
    pub name: Name,
    /// Whether it says `TRUSTED`.
    pub trusted: bool,
    /// Whether it names a handler; without one it is `CREATE EXTENSION`.
    pub handler: bool,
}

/// CREATE or ALTER FUNCTION, PROCEDURE, ROUTINE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: ObjectName,
    /// Whether the statement is CREATE.
    pub created: bool,
    /// Whether it is a procedure; unknown for ALTER ROUTINE, where it is `false`.
    pub procedure: bool,
    /// Whether it replaces another.
    pub or_replace: bool,
    /// The place of its arguments, brackets included; `None` where ALTER names none.
    pub arguments: Option<Span>,
    /// Its language.
    pub language: Option<Name>,
    /// `SECURITY DEFINER` (true) or `SECURITY INVOKER` (false), with its place.
    pub security: Option<(bool, Span)>,
    /// Its SET clauses.
    pub settings: Vec<SettingChange>,
    /// `OWNER TO` of ALTER.
    pub owner: Option<Name>,
    /// The body's string with its quotes.
    pub body: Option<Span>,
}

/// CREATE POLICY.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Its name.
    pub name: Name,
    /// Its table.
    pub table: ObjectName,
    /// Whether it is `AS PERMISSIVE`, which is the default.
    pub permissive: bool,
    /// The command in lower case; `all` without `FOR`.
    pub command: String,
    /// Who it is for; empty without `TO`, which means PUBLIC.
    pub roles: Vec<Name>,
    /// The condition of `USING`, in its brackets.
    pub using: Option<Span>,
    /// The condition of `WITH CHECK`, in its brackets.
    pub check: Option<Span>,
    /// Whether the condition of `USING` is nothing but `true`.
    pub using_true: bool,
    /// Whether the condition of `WITH CHECK` is nothing but `true`.
    pub check_true: bool,
}

pub(super) fn server(cursor: &mut Cursor<'_>) -> Option<Server> {
    let created = cursor.any_word(&["create", "alter"])? == "create";
    cursor.word("server").then_some(())?;
    cursor.words(&["if", "not", "exists"]);
    let name = cursor.name()?;
    let mut wrapper = None;
    cursor.until(|cursor| cursor.at_word("foreign") || cursor.at_word("options"));
    if cursor.words(&["foreign", "data", "wrapper"]) {
        wrapper = cursor.name();
    }
    let options = generic(cursor);
    (created || !options.is_empty()).then_some(Server { name, wrapper, options, created })
}

pub(super) fn user_mapping(cursor: &mut Cursor<'_>) -> Option<UserMapping> {
    let created = cursor.any_word(&["create", "alter"])? == "create";
    cursor.words(&["user", "mapping"]).then_some(())?;
    cursor.words(&["if", "not", "exists"]);
    cursor.word("for").then_some(())?;
    let user = cursor.name()?;
    cursor.word("server").then_some(())?;
    Some(UserMapping { user, server: cursor.name()?, options: generic(cursor), created })
}

pub(super) fn extension(cursor: &mut Cursor<'_>) -> Option<Extension> {
    cursor.words(&["create", "extension"]).then_some(())?;
    let if_not_exists = cursor.words(&["if", "not", "exists"]);
    let mut extension = Extension { name: cursor.name()?, if_not_exists, schema: None, version: None, cascade: None };
    cursor.word("with");
    while !cursor.is_done() {
        let from = cursor.position();
        if cursor.word("schema") {
            extension.schema = cursor.name();
        } else if cursor.word("version") {
            extension.version = match cursor.text() {
                Some(text) => Some(text.text().into_owned()),
                None => cursor.name().map(|name| name.text),
            };
        } else if cursor.word("cascade") {
            extension.cascade = Some(cursor.since(from));
        } else {
            cursor.bump();
        }
    }
    Some(extension)
}

pub(super) fn language(cursor: &mut Cursor<'_>) -> Option<Language> {
    cursor.word("create").then_some(())?;
    cursor.words(&["or", "replace"]);
    let trusted = cursor.word("trusted");
    cursor.word("procedural");
    cursor.word("language").then_some(())?;
    Some(Language { name: cursor.name()?, trusted, handler: cursor.word("handler") })
}

pub(super) fn function(cursor: &mut Cursor<'_>) -> Option<Function> {
    let created = cursor.any_word(&["create", "alter"])? == "create";
    let or_replace = cursor.words(&["or", "replace"]);
    let procedure = cursor.any_word(&["function", "procedure", "routine"])? == "procedure";
    let name = ObjectName::read(cursor)?;
    let from = cursor.position();
    let arguments = cursor.group().then(|| cursor.since(from));
    let mut function = Function {
        name,
        created,
        procedure,
        or_replace,
        arguments,
        language: None,
        security: None,
        settings: Vec::new(),
        owner: None,
        body: None,
    };
    while !cursor.is_done() {
        let from = cursor.position();
        if cursor.word("language") {
            function.language = cursor.name();
        } else if cursor.at_word("security") && (cursor.word_ahead(1, "definer") || cursor.word_ahead(1, "invoker")) {
            let definer = cursor.word_ahead(1, "definer");
            cursor.bump();
            cursor.bump();
            function.security = Some((definer, cursor.since(from)));
        } else if cursor.at_word("set") && !cursor.word_ahead(1, "schema") || cursor.at_word("reset") {
            function.settings.extend(setting(cursor));
        } else if cursor.words(&["owner", "to"]) {
            function.owner = cursor.name();
        } else if cursor.at_word("as") && cursor.peek_at(1).is_some_and(|token| token.kind.is_text()) {
            cursor.bump();
            function.body = cursor.text_as(crate::syntax::sql::Guess::Never).map(|text| text.span);
        } else if cursor.at_words(&["begin", "atomic"]) {
            break;
        } else if !cursor.group() {
            cursor.bump();
        }
    }
    let concerned = created || function.security.is_some() || !function.settings.is_empty() || function.owner.is_some();
    concerned.then_some(function)
}

pub(super) fn policy(cursor: &mut Cursor<'_>) -> Option<Policy> {
    cursor.words(&["create", "policy"]).then_some(())?;
    let name = cursor.name()?;
    cursor.word("on").then_some(())?;
    let mut policy = Policy {
        name,
        table: ObjectName::read(cursor)?,
        permissive: true,
        command: "all".to_owned(),
        roles: Vec::new(),
        using: None,
        check: None,
        using_true: false,
        check_true: false,
    };
    while !cursor.is_done() {
        if cursor.word("as") {
            policy.permissive = cursor.name()?.text == "permissive";
        } else if cursor.word("for") {
            policy.command = cursor.name()?.text;
        } else if cursor.word("to") {
            policy.roles = cursor.names();
        } else if cursor.word("using") {
            (policy.using, policy.using_true) = condition(cursor);
        } else if cursor.words(&["with", "check"]) {
            (policy.check, policy.check_true) = condition(cursor);
        } else {
            cursor.bump();
        }
    }
    Some(policy)
}

fn condition(cursor: &mut Cursor<'_>) -> (Option<Span>, bool) {
    let from = cursor.position();
    let only_true =
        cursor.word_ahead(1, "true") && cursor.peek_at(2).is_some_and(|token| token.kind == Kind::Byte(b')'));
    let found = cursor.group();
    (found.then(|| cursor.since(from)), found && only_true)
}
