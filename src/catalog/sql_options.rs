//! The options of CREATE and ALTER SUBSCRIPTION and PUBLICATION, and what each major says to a list of them.
//!
//! After `parse_subscription_options` (subscriptioncmds.c) and `parse_publication_options` (publicationcmds.c),
//! tried on servers 10 to 18; what 19 adds is from its documentation. Only what can be told from the list: nothing is known of the catalog, of the publisher
//! or of who runs the statement. What a subscription's connection string says is judged elsewhere.

use std::collections::{HashMap, HashSet};

use super::Majors;
use crate::source::Span;

/// A form of a statement, as options know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// `CREATE SUBSCRIPTION ... WITH (...)`.
    Create,
    /// `ALTER SUBSCRIPTION ... SET (...)`.
    Set,
    /// `ALTER SUBSCRIPTION ... SET PUBLICATION ... WITH (...)`.
    SetPublication,
    /// `ALTER SUBSCRIPTION ... ADD PUBLICATION` or `DROP PUBLICATION ... WITH (...)`.
    AddDropPublication,
    /// `ALTER SUBSCRIPTION ... REFRESH PUBLICATION WITH (...)`.
    Refresh,
    /// `ALTER SUBSCRIPTION ... SKIP (...)`.
    Skip,
}

/// What an option's value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueType {
    /// A Boolean; true if left out.
    Bool,
    /// A Boolean, from 16 on also `parallel`.
    Streaming,
    /// The name of a replication slot, or `none`.
    SlotName,
    /// A value of the setting `synchronous_commit`.
    SynchronousCommit,
    /// `none` or `any`.
    Origin,
    /// A position in the WAL, or `none`.
    Lsn,
    /// Any text.
    Any,
    /// A list of commands.
    Publish,
    /// `none` or `stored`.
    GeneratedColumns,
}

/// An option of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubscriptionOption {
    /// Its name.
    pub name: &'static str,
    /// What its value is.
    pub value: ValueType,
    /// The majors whose CREATE takes it.
    pub create: Majors,
    /// The majors whose ALTER ... SET takes it.
    pub set: Majors,
    /// The default, and the first major that has it; later ones follow.
    pub defaults: &'static [(u8, &'static str)],
}

const fn subscription_option(
    name: &'static str,
    value: ValueType,
    create: Majors,
    set: Majors,
    defaults: &'static [(u8, &'static str)],
) -> SubscriptionOption {
    SubscriptionOption { name, value, create, set, defaults }
}

/// Every option of subscriptions. The default of `slot_name` is the subscription's name and stands here as empty.
pub const SUBSCRIPTION: [SubscriptionOption; 19] = {
    use ValueType::{Any, Bool, Lsn, Origin, SlotName, Streaming, SynchronousCommit};
    const ALL: Majors = Majors::ALL;
    const NONE: Majors = Majors::NONE;
    [
        subscription_option("connect", Bool, ALL, NONE, &[(10, "true")]),
        subscription_option("enabled", Bool, ALL, NONE, &[(10, "true")]),
        subscription_option("create_slot", Bool, ALL, NONE, &[(10, "true")]),
        subscription_option("slot_name", SlotName, ALL, ALL, &[(10, "")]),
        subscription_option("copy_data", Bool, ALL, NONE, &[(10, "true")]),
        subscription_option("synchronous_commit", SynchronousCommit, ALL, ALL, &[(10, "off")]),
        subscription_option("binary", Bool, Majors::since(14), Majors::since(14), &[(14, "false")]),
        subscription_option(
            "streaming",
            Streaming,
            Majors::since(14),
            Majors::since(14),
            &[(14, "off"), (18, "parallel")],
        ),
        subscription_option("two_phase", Bool, Majors::since(15), Majors::since(18), &[(15, "false")]),
        subscription_option("disable_on_error", Bool, Majors::since(15), Majors::since(15), &[(15, "false")]),
        subscription_option("password_required", Bool, Majors::since(16), Majors::since(16), &[(16, "true")]),
        subscription_option("run_as_owner", Bool, Majors::since(16), Majors::since(16), &[(16, "false")]),
        subscription_option("origin", Origin, Majors::since(16), Majors::since(16), &[(16, "any")]),
        subscription_option("failover", Bool, Majors::since(17), Majors::since(17), &[(17, "false")]),
        // The documentation of CREATE and ALTER SUBSCRIPTION of 19; not held against a server.
        subscription_option("retain_dead_tuples", Bool, Majors::since(19), Majors::since(19), &[(19, "false")]),
        subscription_option("max_retention_duration", Any, Majors::since(19), Majors::since(19), &[(19, "0")]),
        subscription_option("wal_receiver_timeout", Any, Majors::since(19), Majors::since(19), &[(19, "-1")]),
        subscription_option("refresh", Bool, NONE, NONE, &[(10, "true")]),
        subscription_option("lsn", Lsn, NONE, NONE, &[]),
    ]
};

impl SubscriptionOption {
    /// The option of this name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        SUBSCRIPTION.iter().find(|option| option.name == name)
    }

    /// The majors in which a command takes it.
    #[must_use]
    pub fn majors(&self, command: Command) -> Majors {
        match (command, self.name) {
            (Command::Create, _) => self.create,
            (Command::Set, _) => self.set,
            (Command::SetPublication, "refresh" | "copy_data") | (Command::Refresh, "copy_data") => Majors::ALL,
            (Command::AddDropPublication, "refresh" | "copy_data") => Majors::since(14),
            (Command::Skip, "lsn") => Majors::since(15),
            _ => Majors::NONE,
        }
    }

    /// The default in a major; `None` if the major does not have the option.
    #[must_use]
    pub fn default(&self, major: u8) -> Option<&'static str> {
        self.defaults.iter().rev().find(|(since, _)| *since <= major).map(|(_, value)| *value)
    }
}

/// An option of a publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicationOption {
    /// Its name.
    pub name: &'static str,
    /// What its value is.
    pub value: ValueType,
    /// The majors that have it.
    pub majors: Majors,
    /// The default. That of `publish` is every command that the major knows.
    pub default: &'static str,
}

/// Every option of publications.
pub const PUBLICATION: [PublicationOption; 3] = [
    PublicationOption {
        name: "publish",
        value: ValueType::Publish,
        majors: Majors::ALL,
        default: "insert, update, delete, truncate",
    },
    PublicationOption {
        name: "publish_via_partition_root",
        value: ValueType::Bool,
        majors: Majors::since(13),
        default: "false",
    },
    PublicationOption {
        name: "publish_generated_columns",
        value: ValueType::GeneratedColumns,
        majors: Majors::since(18),
        default: "none",
    },
];

/// The values of `publish`, and the majors that know them.
pub const PUBLISH: [(&str, Majors); 4] =
    [("insert", Majors::ALL), ("update", Majors::ALL), ("delete", Majors::ALL), ("truncate", Majors::since(11))];

/// An option as a statement gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Given<'a> {
    /// The name as the server folds it; `None` if it is known only at run time.
    pub name: Option<&'a str>,
    /// The value.
    pub value: GivenValue<'a>,
    /// Name and value.
    pub span: Span,
}

/// The value that a statement gives an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GivenValue<'a> {
    /// Only the name is given.
    None,
    /// A whole number.
    Integer(&'a str),
    /// A word, string or fraction.
    Text(&'a str),
    /// Known only at run time.
    Unknown,
}

/// A value that the server does not take for a boolean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotBoolean;

impl<'a> GivenValue<'a> {
    /// As the server's `defGetBoolean` reads it; `Ok(None)` for what is not known.
    ///
    /// # Errors
    /// What the server refuses.
    pub fn boolean(self) -> Result<Option<bool>, NotBoolean> {
        match self {
            Self::None => Ok(Some(true)),
            Self::Unknown => Ok(None),
            Self::Integer("0") => Ok(Some(false)),
            Self::Integer("1") => Ok(Some(true)),
            Self::Text(text) if ["true", "on"].iter().any(|word| text.eq_ignore_ascii_case(word)) => Ok(Some(true)),
            Self::Text(text) if ["false", "off"].iter().any(|word| text.eq_ignore_ascii_case(word)) => Ok(Some(false)),
            Self::Integer(_) | Self::Text(_) => Err(NotBoolean),
        }
    }

    /// As the server's `defGetString` reads it.
    fn string(self) -> Option<&'a str> {
        match self {
            Self::Integer(text) | Self::Text(text) => Some(text),
            Self::None | Self::Unknown => None,
        }
    }
}

/// Why a statement is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The major's grammar does not have it.
    Syntax,
    /// There is no such option for this command.
    UnknownOption,
    /// The option needs another value.
    BadValue,
    /// The option is given twice.
    Duplicate,
    /// Two options exclude each other.
    Conflict,
    /// The name of a slot is too short, too long or has a character that it may not have.
    SlotName,
    /// A publication is named twice.
    DuplicatePublication,
    /// A table, column list or row filter that does not go with another.
    Objects,
}

/// What majors refuse in a statement, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The majors that refuse it.
    pub majors: Majors,
    /// What they refuse.
    pub span: Span,
    /// Why.
    pub reason: Reason,
    /// Why, for people.
    pub message: String,
}

/// Collects refusals; the same refusal of several majors is one.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    all: Vec<Refusal>,
    /// Those of a place, by index.
    by_span: HashMap<Span, Vec<usize>>,
}

impl Refusals {
    pub(crate) fn add(&mut self, majors: Majors, span: Span, reason: Reason, message: impl Into<String>) {
        if majors.is_empty() {
            return;
        }
        let message = message.into();
        let here = self.by_span.entry(span).or_default();
        for &index in here.iter() {
            if let Some(known) =
                self.all.get_mut(index).filter(|known| known.reason == reason && known.message == message)
            {
                known.majors = known.majors | majors;
                return;
            }
        }
        here.push(self.all.len());
        self.all.push(Refusal { majors, span, reason, message });
    }

    pub(crate) fn done(self) -> Vec<Refusal> {
        self.all
    }
}

/// What is wrong with the name of a replication slot (slot.c `ReplicationSlotValidateName`), if anything is.
#[must_use]
pub fn slot_name_fault(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        Some("is too short")
    } else if name.len() >= 64 {
        Some("is too long")
    } else if !name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_')) {
        Some("contains an invalid character: only lower-case letters, digits and `_` are allowed")
    } else {
        None
    }
}

/// What each major says to the options of a subscription command.
#[must_use]
pub fn judge_subscription(command: Command, given: &[Given<'_>]) -> Vec<Refusal> {
    let mut out = Refusals::default();
    let mut seen = HashSet::new();
    for item in given {
        let Some(name) = item.name else { continue };
        let option = SubscriptionOption::find(name);
        let known = option.map_or(Majors::NONE, |option| option.majors(command));
        out.add(Majors::ALL - known, item.span, Reason::UnknownOption, unknown("subscription", name, known));
        if !seen.insert(name) {
            out.add(known, item.span, Reason::Duplicate, format!("`{name}` is given more than once"));
        }
        if let Some(option) = option {
            value(&mut out, known, name, option.value, item);
        }
    }
    conflicts(&mut out, command, given);
    out.done()
}

fn unknown(what: &str, name: &str, known: Majors) -> String {
    match known.first() {
        Some(first) => format!("{what} option `{name}` is not taken here before {first}"),
        None => format!("`{name}` is no {what} option that this command takes"),
    }
}

fn value(out: &mut Refusals, majors: Majors, name: &str, kind: ValueType, item: &Given<'_>) {
    let bool_only = |out: &mut Refusals, majors, also: &str| {
        if item.value.boolean().is_err() {
            out.add(majors, item.span, Reason::BadValue, format!("`{name}` needs a Boolean value{also}"));
        }
    };
    match kind {
        ValueType::Bool => return bool_only(out, majors, ""),
        ValueType::Streaming => {
            bool_only(out, majors & Majors::until(15), "");
            if !item.value.string().is_some_and(|text| text.eq_ignore_ascii_case("parallel")) {
                bool_only(out, majors & Majors::since(16), " or `parallel`");
            }
            return;
        }
        _ => {}
    }
    let Some(text) = item.value.string() else {
        // Of the options with a string, only this one looks at the value before it asks whether there is one.
        if item.value == GivenValue::None {
            out.add(majors, item.span, Reason::BadValue, format!("`{name}` needs a value"));
        }
        return;
    };
    let one_of = |out: &mut Refusals, words: &[&str]| {
        if !words.iter().any(|word| text.eq_ignore_ascii_case(word)) {
            out.add(majors, item.span, Reason::BadValue, format!("`{text}` is no value of `{name}`"));
        }
    };
    match kind {
        ValueType::SlotName if text != "none" => {
            if let Some(fault) = slot_name_fault(text) {
                out.add(majors, item.span, Reason::SlotName, format!("replication slot name `{text}` {fault}"));
            }
        }
        ValueType::SynchronousCommit => {
            one_of(
                out,
                &["on", "off", "local", "remote_write", "remote_apply", "true", "false", "yes", "no", "1", "0"],
            );
        }
        ValueType::Origin => one_of(out, &["none", "any"]),
        ValueType::GeneratedColumns => one_of(out, &["none", "stored"]),
        ValueType::Lsn if text != "none" && !is_lsn(text) => {
            out.add(majors, item.span, Reason::BadValue, format!("`{text}` is no position in the WAL"));
        }
        ValueType::Publish => publish(out, majors, item.span, text),
        _ => {}
    }
}

/// `pg_lsn_in`: two hexadecimal numbers of up to eight digits; 0/0 is not a position to skip.
fn is_lsn(text: &str) -> bool {
    let part = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    text.split_once('/').is_some_and(|(high, low)| {
        part(high) && part(low) && (high.bytes().any(|byte| byte != b'0') || low.bytes().any(|byte| byte != b'0'))
    })
}

fn publish(out: &mut Refusals, majors: Majors, span: Span, text: &str) {
    let Some(words) = identifiers(text) else {
        out.add(majors, span, Reason::BadValue, format!("`publish` needs a list with commas, not `{text}`"));
        return;
    };
    for word in words {
        let known = PUBLISH.iter().find(|(name, _)| *name == word).map_or(Majors::NONE, |(_, majors)| *majors);
        out.add(majors - known, span, Reason::BadValue, format!("`{word}` is no value of `publish`"));
    }
}

/// The names of a list (varlena.c `SplitIdentifierString` with a comma); `None` if it is none.
pub(crate) fn identifiers(text: &str) -> Option<Vec<String>> {
    let space = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0c');
    let mut names = Vec::new();
    let mut rest = text.trim_start_matches(space);
    if rest.is_empty() {
        return Some(names);
    }
    loop {
        if let Some(inside) = rest.strip_prefix('"') {
            let mut name = String::new();
            rest = inside;
            loop {
                let (part, after) = rest.split_once('"')?;
                name.push_str(part);
                rest = after;
                match rest.strip_prefix('"') {
                    Some(after) => {
                        name.push('"');
                        rest = after;
                    }
                    None => break,
                }
            }
            names.push(name);
        } else {
            let end = rest.find(|c| c == ',' || space(c)).unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            if name.is_empty() {
                return None;
            }
            names.push(name.to_ascii_lowercase());
            rest = after;
        }
        rest = rest.trim_start_matches(space);
        if rest.is_empty() {
            return Some(names);
        }
        rest = rest.strip_prefix(',')?.trim_start_matches(space);
    }
}

/// Options that exclude each other.
fn conflicts(out: &mut Refusals, command: Command, given: &[Given<'_>]) {
    let find = |name: &str| given.iter().rev().find(|item| item.name == Some(name));
    let boolean = |name: &str| find(name).map(|item| (item, item.value.boolean().ok().flatten()));
    let no_slot = find("slot_name").filter(|item| item.value.string() == Some("none"));
    if command == Command::Set {
        // The slot is looked up by its name to take two_phase from it.
        if let (Some(slot), Some((_, Some(false)))) = (find("slot_name"), boolean("two_phase")) {
            let message = "`slot_name` cannot be changed together with `two_phase = false`";
            out.add(Majors::since(18), slot.span, Reason::Conflict, message);
        }
        return;
    }
    if command != Command::Create {
        return;
    }
    let offline = boolean("connect").filter(|(_, value)| *value == Some(false));
    if offline.is_some() {
        for name in ["enabled", "create_slot", "copy_data"] {
            if let Some((item, Some(true))) = boolean(name) {
                let message = format!("`connect = false` excludes `{name} = true`");
                out.add(Majors::ALL, item.span, Reason::Conflict, message);
            }
        }
    }
    let Some(slot) = no_slot else { return };
    // A value of connect that is not known may make false the defaults of the others.
    let defaults_hold = boolean("connect").is_none_or(|(_, value)| value == Some(true));
    for name in ["enabled", "create_slot"] {
        match boolean(name) {
            Some((item, Some(true))) => {
                let message = format!("`slot_name = NONE` excludes `{name} = true`");
                out.add(Majors::ALL, item.span, Reason::Conflict, message);
            }
            None if defaults_hold && given.iter().all(|item| item.name.is_some()) => {
                let message = format!("`slot_name = NONE` needs `{name} = false`");
                out.add(Majors::ALL, slot.span, Reason::Conflict, message);
            }
            _ => {}
        }
    }
}

/// What each major says to the options of a publication.
#[must_use]
pub fn judge_publication(given: &[Given<'_>]) -> Vec<Refusal> {
    let mut out = Refusals::default();
    let mut seen = HashSet::new();
    for item in given {
        let Some(name) = item.name else { continue };
        let option = PUBLICATION.iter().find(|option| option.name == name);
        let known = option.map_or(Majors::NONE, |option| option.majors);
        out.add(Majors::ALL - known, item.span, Reason::UnknownOption, unknown("publication", name, known));
        if !seen.insert(name) {
            out.add(known, item.span, Reason::Duplicate, format!("`{name}` is given more than once"));
        }
        if let Some(option) = option {
            value(&mut out, known, name, option.value, item);
        }
    }
    out.done()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_change_with_the_major() {
        let streaming = SubscriptionOption::find("streaming").unwrap();
        assert_eq!(
            [13, 14, 17, 18].map(|major| streaming.default(major)),
            [None, Some("off"), Some("off"), Some("parallel")]
        );
        assert_eq!(SubscriptionOption::find("connect").unwrap().default(10), Some("true"));
        assert_eq!(SubscriptionOption::find("Connect"), None);
    }

    #[test]
    fn lists_of_names() {
        for (text, expected) in [
            ("", Some(vec![])),
            (" a ,\tB", Some(vec!["a", "b"])),
            ("\"A\"\"b\"", Some(vec!["A\"b"])),
            ("a,", None),
            ("a b", None),
            ("\"a", None),
        ] {
            assert_eq!(
                identifiers(text),
                expected.map(|names: Vec<&str>| names.into_iter().map(str::to_owned).collect()),
                "{text}"
            );
        }
    }
}
