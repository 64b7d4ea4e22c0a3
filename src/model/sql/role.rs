//! CREATE, ALTER and DROP of ROLE, USER and GROUP, and the settings that roles and databases are given.

use crate::source::Span;
use crate::syntax::sql::{Cursor, Name, Text};

/// The word that a role statement uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoleKind {
    /// `ROLE`: may not log in unless said so.
    Role,
    /// `USER`: may log in.
    User,
    /// `GROUP`.
    Group,
}

/// CREATE ROLE or ALTER ROLE with attributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// The word used.
    pub kind: RoleKind,
    /// The role; `CURRENT_USER` and its like are words like others, not quoted.
    pub name: Name,
    /// Whether the statement is CREATE.
    pub created: bool,
    /// The attributes, as written.
    pub attributes: Vec<Attribute>,
}

/// An attribute of a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Which, and its value.
    pub kind: AttributeKind,
    /// All of its words.
    pub span: Span,
}

/// What an attribute says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttributeKind {
    /// `SUPERUSER` or `NOSUPERUSER` and so on: the positive word in lower case, and whether it is given.
    Flag(&'static str, bool),
    /// `PASSWORD`.
    Password(Password),
    /// `CONNECTION LIMIT n`; `None` where the number is known only at run time.
    ConnectionLimit(Option<i32>),
    /// `VALID UNTIL 'time'`.
    ValidUntil(Text),
    /// `IN ROLE` or `IN GROUP`.
    InRole(Vec<Name>),
    /// `ROLE` or `USER`, or `ADD USER` and `DROP USER` of ALTER GROUP.
    Members(Vec<Name>),
    /// `ADMIN`.
    Admins(Vec<Name>),
    /// `SYSID n`, which does nothing.
    SysId,
}

/// The password of a role or user mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Password {
    /// The string; `None` for `NULL`.
    pub text: Option<Text>,
    /// Its form.
    pub form: PasswordForm,
}

/// The forms of a password that the server tells apart (crypt.c `get_password_type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordForm {
    /// In clear text; the server hashes it.
    Plain,
    /// `md5` and 32 hexadecimal digits.
    Md5,
    /// A SCRAM-SHA-256 verifier.
    Scram,
    /// No password.
    Null,
    /// Known only at run time.
    Dynamic,
}

/// ALTER ROLE or ALTER DATABASE ... SET or RESET.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlterSetting {
    /// The role; `None` for `ALL` and for ALTER DATABASE.
    pub role: Option<Name>,
    /// The database, if one is named.
    pub database: Option<Name>,
    /// What is set.
    pub setting: SettingChange,
}

/// `SET name = value`, `SET name FROM CURRENT` or `RESET name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingChange {
    /// The setting in lower case, dots included; `None` for `ALL`.
    pub name: Option<String>,
    /// Where the name stands.
    pub name_span: Span,
    /// The values; empty for RESET, DEFAULT and FROM CURRENT.
    pub values: Vec<SettingValue>,
    /// Whether the setting is taken back: RESET or DEFAULT.
    pub reset: bool,
    /// Whether it stands after `LOCAL`.
    pub local: bool,
    /// All of it, from SET or RESET on.
    pub span: Span,
}

/// One value of a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingValue {
    /// What the server reads.
    pub text: String,
    /// Where it stands.
    pub span: Span,
    /// Whether a part of it is known only at run time.
    pub dynamic: bool,
}

/// DROP ROLE, USER or GROUP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DropRole {
    /// The roles.
    pub names: Vec<Name>,
    /// Whether they may be missing.
    pub if_exists: bool,
}

const FLAGS: [(&str, &str); 7] = [
    ("superuser", "nosuperuser"),
    ("inherit", "noinherit"),
    ("createrole", "nocreaterole"),
    ("createdb", "nocreatedb"),
    ("login", "nologin"),
    ("replication", "noreplication"),
    ("bypassrls", "nobypassrls"),
];

fn kind(cursor: &mut Cursor<'_>) -> Option<RoleKind> {
    match cursor.any_word(&["role", "user", "group"])? {
        "role" => Some(RoleKind::Role),
        "user" => Some(RoleKind::User),
        _ => Some(RoleKind::Group),
    }
}

pub(super) fn create(cursor: &mut Cursor<'_>) -> Option<Role> {
    cursor.word("create").then_some(())?;
    let kind = kind(cursor)?;
    let name = cursor.name()?;
    cursor.word("with");
    Some(Role { kind, name, created: true, attributes: attributes(cursor) })
}

/// ALTER ROLE, in either of its meanings.
pub(super) enum Altered {
    Role(Role),
    Setting(AlterSetting),
}

pub(super) fn alter(cursor: &mut Cursor<'_>) -> Option<Altered> {
    cursor.word("alter").then_some(())?;
    let kind = kind(cursor)?;
    let name = cursor.name()?;
    let database = if cursor.words(&["in", "database"]) { Some(cursor.name()?) } else { None };
    if let Some(setting) = setting(cursor) {
        let role = (name.quoted || name.text != "all").then_some(name);
        return Some(Altered::Setting(AlterSetting { role, database, setting }));
    }
    let from = cursor.position();
    if cursor.words(&["add", "user"]) {
        let members = AttributeKind::Members(cursor.names());
        let attributes = vec![Attribute { kind: members, span: cursor.since(from) }];
        return Some(Altered::Role(Role { kind, name, created: false, attributes }));
    }
    if cursor.at_word("rename") || cursor.at_word("drop") {
        return None;
    }
    cursor.word("with");
    Some(Altered::Role(Role { kind, name, created: false, attributes: attributes(cursor) }))
}

pub(super) fn alter_database(cursor: &mut Cursor<'_>) -> Option<AlterSetting> {
    cursor.words(&["alter", "database"]).then_some(())?;
    let database = Some(cursor.name()?);
    let setting = setting(cursor)?;
    // SET TABLESPACE moves the database.
    (setting.name.as_deref() != Some("tablespace")).then_some(AlterSetting { role: None, database, setting })
}

pub(super) fn drop(cursor: &mut Cursor<'_>) -> Option<DropRole> {
    cursor.word("drop").then_some(())?;
    kind(cursor)?;
    let if_exists = cursor.words(&["if", "exists"]);
    Some(DropRole { names: cursor.names(), if_exists })
}

fn attributes(cursor: &mut Cursor<'_>) -> Vec<Attribute> {
    let mut attributes = Vec::new();
    while !cursor.is_done() {
        let from = cursor.position();
        let Some(kind) = attribute(cursor) else {
            cursor.bump();
            continue;
        };
        attributes.push(Attribute { kind, span: cursor.since(from) });
    }
    attributes
}

fn attribute(cursor: &mut Cursor<'_>) -> Option<AttributeKind> {
    for (yes, no) in FLAGS {
        if cursor.word(yes) {
            return Some(AttributeKind::Flag(yes, true));
        }
        if cursor.word(no) {
            return Some(AttributeKind::Flag(yes, false));
        }
    }
    if cursor.at_word("password") || cursor.at_words(&["encrypted", "password"]) {
        cursor.word("encrypted");
        cursor.bump();
        return Some(AttributeKind::Password(password(cursor)));
    }
    if cursor.words(&["connection", "limit"]) {
        let negative = cursor.byte(b'-');
        let token = cursor.bump()?;
        let number = std::str::from_utf8(cursor.bytes(token)).ok().and_then(|text| text.parse::<i32>().ok());
        return Some(AttributeKind::ConnectionLimit(number.map(|number| if negative { -number } else { number })));
    }
    if cursor.words(&["valid", "until"]) {
        return cursor.text().map(AttributeKind::ValidUntil);
    }
    if cursor.words(&["in", "role"]) || cursor.words(&["in", "group"]) {
        return Some(AttributeKind::InRole(cursor.names()));
    }
    if cursor.word("role") || cursor.word("user") {
        return Some(AttributeKind::Members(cursor.names()));
    }
    if cursor.word("admin") {
        return Some(AttributeKind::Admins(cursor.names()));
    }
    if cursor.word("sysid") {
        cursor.bump();
        return Some(AttributeKind::SysId);
    }
    None
}

fn password(cursor: &mut Cursor<'_>) -> Password {
    if cursor.word("null") {
        return Password { text: None, form: PasswordForm::Null };
    }
    match cursor.text() {
        Some(text) => Password { form: form(&text), text: Some(text) },
        None => {
            // A variable stands in the place of the string.
            cursor.bump();
            Password { text: None, form: PasswordForm::Dynamic }
        }
    }
}

fn form(text: &Text) -> PasswordForm {
    if text.is_dynamic() {
        return PasswordForm::Dynamic;
    }
    let bytes = text.literal.text();
    let hex = |bytes: &[u8]| bytes.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    match bytes.strip_prefix(b"md5") {
        Some(rest) if rest.len() == 32 && hex(rest) => PasswordForm::Md5,
        _ if is_scram(bytes) => PasswordForm::Scram,
        _ => PasswordForm::Plain,
    }
}

/// `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>` (auth-scram.c `parse_scram_secret`).
fn is_scram(bytes: &[u8]) -> bool {
    let Some(rest) = bytes.strip_prefix(b"SCRAM-SHA-256$") else { return false };
    let parts: Vec<&[u8]> = rest.split(|byte| matches!(byte, b'$' | b':')).collect();
    let base64 = |part: &[u8]| {
        part.len().is_multiple_of(4)
            && part.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='))
    };
    match parts.as_slice() {
        [iterations, salt, stored, server] => {
            !iterations.is_empty()
                && iterations.iter().all(u8::is_ascii_digit)
                && [*salt, *stored, *server].into_iter().all(base64)
                && stored.len() == 44
                && server.len() == 44
        }
        _ => false,
    }
}

/// SET or RESET, if one is next.
pub(super) fn setting(cursor: &mut Cursor<'_>) -> Option<SettingChange> {
    let from = cursor.position();
    let reset = cursor.any_word(&["set", "reset"])? == "reset";
    let local = !reset && cursor.word("local");
    if !reset && !local && cursor.at_word("session") && !cursor.word_ahead(1, "authorization") {
        cursor.bump();
    }
    let start = cursor.position();
    // TIME ZONE and its like are written without a sign.
    let (name, bare) = if cursor.words(&["time", "zone"]) {
        (Some("timezone".to_owned()), true)
    } else if reset && cursor.word("all") {
        (None, true)
    } else {
        let parts = cursor.dotted();
        let name = parts.iter().map(|part| part.text.to_ascii_lowercase()).collect::<Vec<_>>().join(".");
        ((!name.is_empty()).then_some(name), false)
    };
    let name_span = cursor.since(start);
    let mut change = SettingChange { name, name_span, values: Vec::new(), reset, local, span: name_span };
    if !reset {
        let signed = cursor.word("to") || cursor.byte(b'=');
        if cursor.word("default") {
            change.reset = true;
        } else if signed || bare {
            change.values = values(cursor);
        } else {
            cursor.words(&["from", "current"]);
        }
    }
    change.span = cursor.since(from);
    Some(change)
}

fn values(cursor: &mut Cursor<'_>) -> Vec<SettingValue> {
    let mut values = Vec::new();
    loop {
        let from = cursor.position();
        if cursor.at_text() {
            if let Some(text) = cursor.text() {
                let dynamic = text.is_dynamic();
                values.push(SettingValue { text: text.text().into_owned(), span: text.span, dynamic });
            }
        } else if let Some(name) = cursor.name() {
            values.push(SettingValue { text: name.text, span: name.span, dynamic: name.dynamic });
        } else {
            cursor.byte(b'-');
            cursor.bump();
            let text = cursor.source(from);
            let dynamic = text.contains(char::from(crate::syntax::literal::HOLE));
            values.push(SettingValue { text, span: cursor.since(from), dynamic });
        }
        if !cursor.byte(b',') {
            return values;
        }
    }
}
