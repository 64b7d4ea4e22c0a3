//! CREATE, ALTER and DROP SUBSCRIPTION.

use super::option::{OptionItem, definition};
use crate::source::Span;
use crate::syntax::sql::{Cursor, Name, Text};

/// `CREATE SUBSCRIPTION name CONNECTION 'conninfo' PUBLICATION name, ... [WITH (option, ...)]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateSubscription {
    /// The subscription.
    pub name: Name,
    /// The connection string.
    pub connection: Text,
    /// The publications, as written.
    pub publications: Vec<Name>,
    /// The options, as written.
    pub options: Vec<OptionItem>,
}

/// `ALTER SUBSCRIPTION name ...`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlterSubscription {
    /// The subscription.
    pub name: Name,
    /// What is changed.
    pub action: SubscriptionAction,
    /// The action's words.
    pub action_span: Span,
    /// What stands in `WITH (...)`, `SET (...)` or `SKIP (...)`.
    pub options: Vec<OptionItem>,
}

/// What ALTER SUBSCRIPTION changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SubscriptionAction {
    /// `CONNECTION 'conninfo'`.
    Connection(Text),
    /// `SET PUBLICATION name, ...`.
    SetPublication(Vec<Name>),
    /// `ADD PUBLICATION name, ...`.
    AddPublication(Vec<Name>),
    /// `DROP PUBLICATION name, ...`.
    DropPublication(Vec<Name>),
    /// `REFRESH PUBLICATION`.
    Refresh,
    /// `ENABLE`.
    Enable,
    /// `DISABLE`.
    Disable,
    /// `SET (option, ...)`.
    Set,
    /// `SKIP (lsn = ...)`.
    Skip,
    /// `OWNER TO role`.
    Owner(Name),
    /// `RENAME TO name`.
    Rename(Name),
}

/// `DROP SUBSCRIPTION [IF EXISTS] name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DropSubscription {
    /// The subscription.
    pub name: Name,
    /// Whether it may be missing.
    pub if_exists: bool,
}

pub(super) fn create(cursor: &mut Cursor<'_>) -> Option<CreateSubscription> {
    cursor.words(&["create", "subscription"]).then_some(())?;
    let name = cursor.name()?;
    cursor.word("connection").then_some(())?;
    let connection = cursor.text()?;
    cursor.word("publication").then_some(())?;
    let publications = cursor.names();
    let options = if cursor.word("with") { definition(cursor) } else { Vec::new() };
    Some(CreateSubscription { name, connection, publications, options })
}

pub(super) fn alter(cursor: &mut Cursor<'_>) -> Option<AlterSubscription> {
    cursor.words(&["alter", "subscription"]).then_some(())?;
    let name = cursor.name()?;
    let from = cursor.position();
    let action = if cursor.word("connection") {
        SubscriptionAction::Connection(cursor.text()?)
    } else if cursor.words(&["set", "publication"]) {
        SubscriptionAction::SetPublication(cursor.names())
    } else if cursor.words(&["add", "publication"]) {
        SubscriptionAction::AddPublication(cursor.names())
    } else if cursor.words(&["drop", "publication"]) {
        SubscriptionAction::DropPublication(cursor.names())
    } else if cursor.words(&["refresh", "publication"]) {
        SubscriptionAction::Refresh
    } else if cursor.word("enable") {
        SubscriptionAction::Enable
    } else if cursor.word("disable") {
        SubscriptionAction::Disable
    } else if cursor.word("skip") {
        SubscriptionAction::Skip
    } else if cursor.words(&["owner", "to"]) {
        SubscriptionAction::Owner(cursor.name()?)
    } else if cursor.words(&["rename", "to"]) {
        SubscriptionAction::Rename(cursor.name()?)
    } else if cursor.word("set") {
        SubscriptionAction::Set
    } else {
        return None;
    };
    let action_span = cursor.since(from);
    cursor.word("with");
    let options = definition(cursor);
    Some(AlterSubscription { name, action, action_span, options })
}

pub(super) fn drop(cursor: &mut Cursor<'_>) -> Option<DropSubscription> {
    cursor.words(&["drop", "subscription"]).then_some(())?;
    let if_exists = cursor.words(&["if", "exists"]);
    Some(DropSubscription { name: cursor.name()?, if_exists })
}
