//! What each major says to a CREATE or ALTER of a subscription or publication, as far as the statement alone tells.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::option::{OptionItem, ValueKind};
use super::publication::{AlterPublication, CreatePublication, PublicationAction, PublicationObject, PublishedTable};
use super::subscription::{AlterSubscription, CreateSubscription, SubscriptionAction};
use crate::catalog::Majors;
use crate::catalog::sql_options::{
    Command, Given, GivenValue, Reason, Refusal, Refusals, judge_publication, judge_subscription, slot_name_fault,
};
use crate::source::Span;
use crate::syntax::sql::Name;

/// The options in the form that the catalog judges.
fn given<'a>(items: &'a [OptionItem], texts: &'a [Option<Cow<'a, str>>]) -> Vec<Given<'a>> {
    items
        .iter()
        .zip(texts)
        .map(|(item, text)| Given {
            name: (!item.name.dynamic).then_some(item.name.text.as_str()),
            value: match (&item.value, text.as_deref()) {
                (None, _) | (_, None) => GivenValue::None,
                (Some(value), _) if value.is_dynamic() => GivenValue::Unknown,
                (Some(value), Some(text)) if matches!(value.kind, ValueKind::Integer(_)) => GivenValue::Integer(text),
                (Some(_), Some(text)) => GivenValue::Text(text),
            },
            span: item.span,
        })
        .collect()
}

fn texts(items: &[OptionItem]) -> Vec<Option<Cow<'_, str>>> {
    items.iter().map(|item| item.value.as_ref().map(super::Value::text)).collect()
}

fn twice(out: &mut Refusals, majors: Majors, names: &[Name]) {
    let mut seen = HashSet::new();
    for name in names.iter().filter(|name| !name.dynamic) {
        if !seen.insert(name.text.as_str()) {
            let message = format!("publication `{}` is named more than once", name.text);
            out.add(majors, name.span, Reason::DuplicatePublication, message);
        }
    }
}

fn all(out: Refusals, more: Vec<Refusal>) -> Vec<Refusal> {
    let mut refusals = out.done();
    refusals.extend(more);
    refusals
}

/// What each major says to a CREATE SUBSCRIPTION. A statement that passes may still fail at the publisher.
#[must_use]
pub fn create_subscription(statement: &CreateSubscription) -> Vec<Refusal> {
    let texts = texts(&statement.options);
    let given = given(&statement.options, &texts);
    let mut refusals = judge_subscription(Command::Create, &given);
    let mut out = Refusals::default();
    twice(&mut out, Majors::ALL, &statement.publications);
    // The slot is made on the publisher under the subscription's own name.
    let has = |name: &str| given.iter().any(|item| item.name == Some(name));
    let holds = |name: &str| {
        given
            .iter()
            .rev()
            .find(|item| item.name == Some(name))
            .is_none_or(|item| item.value.boolean() == Ok(Some(true)))
    };
    let known = given.iter().all(|item| item.name.is_some()) && !statement.name.dynamic;
    if known
        && !has("slot_name")
        && holds("connect")
        && holds("create_slot")
        && let Some(fault) = slot_name_fault(&statement.name.text)
    {
        let message = format!(
            "the slot takes the subscription's name, and replication slot name `{}` {fault}",
            statement.name.text
        );
        out.add(Majors::ALL, statement.name.span, Reason::SlotName, message);
    }
    refusals.extend(out.done());
    refusals
}

/// What each major says to an ALTER SUBSCRIPTION, whatever state the subscription is in.
#[must_use]
pub fn alter_subscription(statement: &AlterSubscription) -> Vec<Refusal> {
    let mut out = Refusals::default();
    let (command, names, since) = match &statement.action {
        SubscriptionAction::Set => (Command::Set, None, 10),
        SubscriptionAction::SetPublication(names) => (Command::SetPublication, Some(names), 10),
        SubscriptionAction::AddPublication(names) | SubscriptionAction::DropPublication(names) => {
            (Command::AddDropPublication, Some(names), 14)
        }
        SubscriptionAction::Refresh => (Command::Refresh, None, 10),
        SubscriptionAction::Skip => (Command::Skip, None, 15),
        _ => return Vec::new(),
    };
    let have = Majors::since(since);
    let message = format!("this form of `ALTER SUBSCRIPTION` is not there before {since}");
    out.add(Majors::ALL - have, statement.action_span, Reason::Syntax, message);
    if let Some(names) = names {
        twice(&mut out, have, names);
    }
    let texts = texts(&statement.options);
    let mut options = judge_subscription(command, &given(&statement.options, &texts));
    for refusal in &mut options {
        refusal.majors = refusal.majors & have;
    }
    options.retain(|refusal| !refusal.majors.is_empty());
    all(out, options)
}

/// What each major says to a CREATE PUBLICATION, whatever the tables are like.
#[must_use]
pub fn create_publication(statement: &CreatePublication) -> Vec<Refusal> {
    let mut out = Refusals::default();
    objects(&mut out, &statement.objects);
    let texts = texts(&statement.options);
    all(out, judge_publication(&given(&statement.options, &texts)))
}

/// What each major says to an ALTER PUBLICATION, whatever is in the publication.
#[must_use]
pub fn alter_publication(statement: &AlterPublication) -> Vec<Refusal> {
    let mut out = Refusals::default();
    match &statement.action {
        PublicationAction::Add(list) | PublicationAction::Set(list) => objects(&mut out, list),
        PublicationAction::Drop(list) => {
            grammar(&mut out, list);
            for table in tables(list) {
                if let Some((_, span)) = &table.columns {
                    let message = "a column list has no place where a table is dropped from a publication";
                    out.add(Majors::since(15), *span, Reason::Objects, message);
                }
                if let Some(span) = table.filter {
                    let message = "a row filter has no place where a table is dropped from a publication";
                    out.add(Majors::since(15), span, Reason::Objects, message);
                }
            }
        }
        PublicationAction::Options(options) => {
            let texts = texts(options);
            return judge_publication(&given(options, &texts));
        }
        PublicationAction::Owner(_) | PublicationAction::Rename(_) => {}
    }
    out.done()
}

fn tables(list: &[PublicationObject]) -> impl Iterator<Item = &PublishedTable> {
    list.iter().filter_map(|object| match object {
        PublicationObject::Table(table) => Some(table),
        _ => None,
    })
}

/// What the grammar up to 14 does not have.
fn grammar(out: &mut Refusals, list: &[PublicationObject]) {
    let mut add = |span: Span, what: &str| {
        out.add(Majors::until(14), span, Reason::Syntax, format!("{what} are not there before 15"));
    };
    for (index, object) in list.iter().enumerate() {
        match object {
            PublicationObject::AllTables(_) => {}
            PublicationObject::Schema { keyword, .. } => add(*keyword, "publications of the tables in a schema"),
            PublicationObject::Table(table) => {
                if let Some(keyword) = table.keyword.filter(|_| index > 0) {
                    add(keyword, "further words `TABLE` in the list");
                }
                if let Some((_, span)) = &table.columns {
                    add(*span, "column lists");
                }
                if let Some(span) = table.filter {
                    add(span, "row filters");
                }
            }
        }
    }
}

/// Columns that every table has (catalog/heap.c).
const SYSTEM_COLUMNS: [&str; 6] = ["tableoid", "cmax", "xmax", "cmin", "xmin", "ctid"];

/// The table's name as written; `None` if it is known only at run time.
fn key(table: &PublishedTable) -> Option<Vec<&str>> {
    let parts = table.name.qualifiers.iter().chain([&table.name.name]);
    parts.map(|part| (!part.dynamic).then_some(part.text.as_str())).collect()
}

fn objects(out: &mut Refusals, list: &[PublicationObject]) {
    grammar(out, list);
    let since = Majors::since(15);
    let schemas = list.iter().any(|object| matches!(object, PublicationObject::Schema { .. }));
    let mut seen: HashMap<Vec<&str>, (bool, bool)> = HashMap::new();
    for table in tables(list) {
        if let Some((columns, span)) = &table.columns {
            if schemas {
                let message = "a column list does not go with `TABLES IN SCHEMA` in one publication";
                out.add(since, *span, Reason::Objects, message);
            }
            let mut names = HashSet::new();
            for column in columns.iter().filter(|column| !column.dynamic) {
                if SYSTEM_COLUMNS.contains(&column.text.as_str()) {
                    let message = format!("`{}` is a system column, which is not published", column.text);
                    out.add(since, column.span, Reason::Objects, message);
                }
                if !names.insert(column.text.as_str()) {
                    let message = format!("column `{}` is named more than once", column.text);
                    out.add(since, column.span, Reason::Objects, message);
                }
            }
        }
        let Some(key) = key(table) else { continue };
        let (columns, filter) = (table.columns.is_some(), table.filter.is_some());
        if let Some((had_columns, had_filter)) = seen.get(&key).copied() {
            // publicationcmds.c OpenTableList: a table may be named twice only if neither time says more.
            for (clash, what) in [(filter || had_filter, "row filter"), (columns || had_columns, "column list")] {
                if clash {
                    let message = format!("table `{}` is named twice, and one time with a {what}", key.join("."));
                    out.add(since, table.span, Reason::Objects, message);
                }
            }
        }
        let entry = seen.entry(key).or_default();
        *entry = (entry.0 || columns, entry.1 || filter);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{What, read};
    use super::*;
    use crate::source::FileId;
    use crate::syntax::sql::Wants;

    fn verdict(text: &str) -> Option<Vec<Refusal>> {
        let sql = read(crate::syntax::sql::read(FileId(0), text.as_bytes(), Wants::default(), None));
        match &sql.statements.first()?.what {
            What::CreateSubscription(statement) => Some(create_subscription(statement)),
            What::AlterSubscription(statement) => Some(alter_subscription(statement)),
            What::CreatePublication(statement) => Some(create_publication(statement)),
            What::AlterPublication(statement) => Some(alter_publication(statement)),
            _ => None,
        }
    }

    /// The reason behind a message of the server.
    fn reason(message: &str) -> Reason {
        let table = [
            ("syntax error", Reason::Syntax),
            ("unrecognized subscription parameter", Reason::UnknownOption),
            ("unrecognized publication parameter", Reason::UnknownOption),
            ("conflicting or redundant options", Reason::Duplicate),
            ("conflicting or redundant", Reason::Objects),
            ("replication slot name", Reason::SlotName),
            ("used more than once", Reason::DuplicatePublication),
            ("mutually exclusive", Reason::Conflict),
            ("must also set", Reason::Conflict),
            ("cannot be altered at the same time", Reason::Conflict),
            ("cannot use column list", Reason::Objects),
            ("duplicate column", Reason::Objects),
            ("column list must not", Reason::Objects),
            ("cannot use a WHERE", Reason::Objects),
            ("cannot use system column", Reason::Objects),
            ("negative bitmapset member", Reason::Objects),
        ];
        table.iter().find(|(part, _)| message.contains(part)).map_or(Reason::BadValue, |(_, reason)| *reason)
    }

    /// Every row: the majors, what servers of them said, the statement. `ok`: it ran; `error`: refused for what it
    /// says; `later`: refused for what is or is not there (the publisher, a column, a subscription's state). The
    /// tables `t (a, b)`, `u (a, b)`, `w (a)`, the publications `p` of `t` and `q`, and the subscription `s` to `p`
    /// and `p0`, made with `connect = false`, were there before each.
    const ORACLE: &str = include_str!("../../../fixtures/oracle/subscription.tsv");

    /// Refused only because of the search path, which makes two names one table.
    const BEYOND: [&str; 1] = ["create publication n for table t (a), public.t (b)"];

    #[test]
    fn agrees_with_real_servers() {
        let mut wrong = Vec::new();
        let mut rows = 0;
        for row in ORACLE.lines().skip(1) {
            let [majors, said, text] = row.splitn(3, '\t').collect::<Vec<_>>()[..] else { panic!("{row}") };
            let majors: Majors = majors.split(',').map(|major| major.parse::<u8>().unwrap()).collect();
            let refused = said.strip_prefix("error ");
            rows += 1;
            let Some(refusals) = verdict(text) else {
                // The grammar of 18 is asked first, and what it refuses is refused before.
                if !(refused.is_some_and(|said| reason(said) == Reason::Syntax || said.contains("object list"))) {
                    wrong.push(format!("not read: {row}"));
                }
                continue;
            };
            for major in majors.iter().filter(|&major| major < 15 || !BEYOND.contains(&text)) {
                let here: Vec<&Refusal> = refusals.iter().filter(|refusal| refusal.majors.contains(major)).collect();
                let right = match refused {
                    None => here.is_empty(),
                    Some(said) => here.iter().any(|refusal| refusal.reason == reason(said)),
                };
                if !right {
                    wrong.push(format!("{major}: {said}: {text}: {here:?}"));
                }
            }
        }
        assert!(rows > 600, "{rows}");
        assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    }

    #[test]
    fn what_is_not_known_is_not_judged() {
        for text in [
            "create subscription s connection 'x' publication p with (slot_name = :slot, enabled = :on)",
            "create subscription s connection 'x' publication :a, :a with (:option = 1)",
            "create subscription s connection 'x' publication p with (slot_name = none, enabled = :on, create_slot = false)",
            "create subscription s connection 'x' publication p with (slot_name = none, connect = :on)",
        ] {
            assert_eq!(verdict(text), Some(vec![]), "{text}");
        }
    }

    #[test]
    fn says_where_and_why() {
        let text = "create subscription \"S\" connection 'x' publication p";
        let refusals = verdict(text).unwrap();
        assert_eq!(refusals.len(), 1);
        assert_eq!((&text[refusals[0].span.range()], refusals[0].reason), ("\"S\"", Reason::SlotName));
        let text = "create subscription s connection 'x' publication p with (streaming = parallel)";
        let refusals = verdict(text).unwrap();
        let shown: Vec<(String, &str)> =
            refusals.iter().map(|refusal| (refusal.majors.to_string(), refusal.message.as_str())).collect();
        assert_eq!(
            shown,
            [
                ("10 to 13".to_owned(), "subscription option `streaming` is not taken here before 14"),
                ("14, 15".to_owned(), "`streaming` needs a Boolean value"),
            ]
        );
    }
}
