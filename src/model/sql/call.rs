//! Calls of functions that make, copy or drop replication slots, and changes of `session_replication_role`.

use crate::source::Span;
use crate::syntax::sql::{Cursor, Kind, Text};

use super::option::{Value, value};

/// A call of a replication slot function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotCall {
    /// Which function.
    pub function: SlotFunction,
    /// Its arguments as written.
    pub arguments: Vec<Argument>,
    /// The call with its brackets.
    pub span: Span,
}

/// The functions that change replication slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of the functions")]
pub enum SlotFunction {
    CreateLogical,
    CreatePhysical,
    CopyLogical,
    CopyPhysical,
    Drop,
}

/// An argument of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// Its name, if it is given as `name => value` or `name := value`.
    pub name: Option<String>,
    /// Its value; a text that is no constant is [`super::ValueKind::Other`].
    pub value: Option<Value>,
}

impl SlotCall {
    /// The argument with this name, or at this position if arguments go by position.
    #[must_use]
    pub fn argument(&self, name: &str, position: usize) -> Option<&Value> {
        let named = self.arguments.iter().find(|argument| argument.name.as_deref() == Some(name));
        let placed = || self.arguments.get(position).filter(|argument| argument.name.is_none());
        named.or_else(placed)?.value.as_ref()
    }

    /// The slot's name as a constant.
    #[must_use]
    pub fn slot(&self) -> Option<&Text> {
        let name = match self.function {
            SlotFunction::CopyLogical | SlotFunction::CopyPhysical => "dst_slot_name",
            _ => "slot_name",
        };
        let position = usize::from(name == "dst_slot_name");
        match &self.argument(name, position)?.kind {
            super::ValueKind::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// A change of `session_replication_role` for the session or transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplicaRole {
    /// The value in lower case; `None` if it is known only at run time or is the default.
    pub value: Option<String>,
    /// Where the change stands.
    pub span: Span,
}

const FUNCTIONS: [(&[u8], SlotFunction); 5] = [
    (b"pg_create_logical_replication_slot", SlotFunction::CreateLogical),
    (b"pg_create_physical_replication_slot", SlotFunction::CreatePhysical),
    (b"pg_copy_logical_replication_slot", SlotFunction::CopyLogical),
    (b"pg_copy_physical_replication_slot", SlotFunction::CopyPhysical),
    (b"pg_drop_replication_slot", SlotFunction::Drop),
];

/// Every slot call and every `set_config` of `session_replication_role` in a statement.
pub(super) fn calls(cursor: &mut Cursor<'_>) -> (Vec<SlotCall>, Vec<ReplicaRole>) {
    let mut slots = Vec::new();
    let mut roles = Vec::new();
    while let Some(token) = cursor.peek() {
        let from = cursor.position();
        cursor.bump();
        if token.kind != Kind::Word || !cursor.at_byte(b'(') {
            continue;
        }
        let name = cursor.bytes(token).to_ascii_lowercase();
        if let Some((_, function)) = FUNCTIONS.iter().find(|(known, _)| *known == name) {
            let arguments = arguments(cursor);
            slots.push(SlotCall { function: *function, arguments, span: cursor.since(from) });
        } else if name == b"set_config" {
            let arguments = arguments(cursor);
            let text = |index: usize| match &arguments.get(index)?.value.as_ref()?.kind {
                super::ValueKind::Text(text) if !text.is_dynamic() => Some(text.text().to_ascii_lowercase()),
                _ => None,
            };
            if text(0).as_deref() == Some("session_replication_role") {
                roles.push(ReplicaRole { value: text(1), span: cursor.since(from) });
            }
        }
    }
    (slots, roles)
}

fn arguments(cursor: &mut Cursor<'_>) -> Vec<Argument> {
    let mut arguments = Vec::new();
    if !cursor.byte(b'(') || cursor.byte(b')') {
        return arguments;
    }
    loop {
        let mut ahead = *cursor;
        let name = ahead
            .name()
            .map(|name| name.text)
            .filter(|_| (ahead.byte(b':') || ahead.byte(b'=')) && (ahead.byte(b'=') || ahead.byte(b'>')));
        if name.is_some() {
            *cursor = ahead;
        }
        arguments.push(Argument { name, value: value(cursor) });
        if !cursor.byte(b',') {
            cursor.byte(b')');
            return arguments;
        }
    }
}
