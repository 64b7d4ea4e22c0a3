//! Publications with their tables and operations, subscriptions with their slots.

use super::Objects;
use crate::model::sql::{
    AlterPublication, OptionItem, PublicationAction, PublicationObject, PublishedTable, Statement, SubscriptionAction,
    What,
};
use crate::source::Span;

/// All that the tree says of a publication.
#[derive(Debug, Clone, Default)]
pub struct Publication {
    /// Where it is made: the SQL file by its index, and its name there.
    pub created: Vec<(usize, Span)>,
    /// How many of the statements that make it say `FOR ALL TABLES`, and where the first does.
    pub all_tables: Option<(usize, Span)>,
    /// The tables that are added to it, from wherever, with the index of the file.
    pub tables: Vec<(usize, PublishedTable)>,
    /// Schemas whose tables are added to it.
    pub schemas: Vec<Span>,
    /// Whether what it holds is known: nothing about it is known only at run time.
    pub known: bool,
    /// The values of `publish` that are given, `None` where one is known only at run time.
    pub publish: Vec<Option<Operations>>,
    /// Where tables or schemas are added later.
    pub added: Vec<Span>,
    /// Whether tables are taken off it, its list is set anew, or it is renamed or dropped.
    pub changed: bool,
}

/// The operations that a publication hands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Operations {
    pub insert: bool,
    pub update: bool,
    pub delete: bool,
    pub truncate: bool,
}

impl Operations {
    /// What is published without the option `publish`.
    pub const ALL: Self = Self { insert: true, update: true, delete: true, truncate: true };

    /// What the option's value says.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let has = |word: &str| text.split(',').any(|part| part.trim().trim_matches('"').eq_ignore_ascii_case(word));
        Self { insert: has("insert"), update: has("update"), delete: has("delete"), truncate: has("truncate") }
    }
}

impl Publication {
    /// The operations that are surely published: those of every value that is given.
    #[must_use]
    pub fn operations(&self) -> Operations {
        self.publish.iter().fold(Operations::ALL, |all, given| match given {
            None => Operations { insert: false, update: false, delete: false, truncate: false },
            Some(given) => Operations {
                insert: all.insert && given.insert,
                update: all.update && given.update,
                delete: all.delete && given.delete,
                truncate: all.truncate && given.truncate,
            },
        })
    }
}

/// All that the tree says of a subscription.
#[derive(Debug, Clone, Default)]
pub struct Subscription {
    /// Where it is made: the SQL file by its index, and its name there.
    pub created: Vec<(usize, Span)>,
    /// Where it is parted from its slot: `slot_name = NONE`.
    pub parted: Vec<Span>,
    /// Whether a statement gives it a slot by name.
    pub named_slot: bool,
    /// Where it is enabled after it was made.
    pub enabled: Vec<Span>,
    /// Where it is told of new tables.
    pub refreshed: Vec<Span>,
    /// Where it is dropped.
    pub dropped: Vec<Span>,
}

/// The value of `publish` in a list of options.
pub(crate) fn publish(options: &[OptionItem]) -> Option<Option<Operations>> {
    let item = options.iter().find(|item| !item.name.dynamic && item.name.text == "publish")?;
    Some(item.value.as_ref().filter(|value| !value.is_dynamic()).map(|value| Operations::read(&value.text())))
}

impl Objects {
    pub(super) fn publication(&mut self, file: usize, statement: &Statement) {
        let (name, objects, options, created) = match &statement.what {
            What::CreatePublication(create) => {
                (&create.name, create.objects.as_slice(), create.options.as_slice(), true)
            }
            What::AlterPublication(AlterPublication { name, action }) => match action {
                PublicationAction::Add(objects) | PublicationAction::Set(objects) => {
                    (name, objects.as_slice(), [].as_slice(), false)
                }
                PublicationAction::Options(options) => (name, [].as_slice(), options.as_slice(), false),
                PublicationAction::Drop(_) | PublicationAction::Owner(_) => (name, [].as_slice(), [].as_slice(), false),
                PublicationAction::Rename(new) => {
                    self.dynamic.publications |= new.dynamic;
                    self.renamed_publications.push(new.text.clone());
                    (name, [].as_slice(), [].as_slice(), false)
                }
            },
            _ => return,
        };
        if name.dynamic {
            self.dynamic.publications = true;
            return;
        }
        let entry = self
            .publications
            .entry(name.text.clone())
            .or_insert_with(|| Publication { known: true, ..Publication::default() });
        if created {
            entry.created.push((file, name.span));
        }
        let changes = |action: &PublicationAction| {
            matches!(action, PublicationAction::Set(_) | PublicationAction::Drop(_) | PublicationAction::Rename(_))
        };
        entry.changed |= matches!(&statement.what, What::AlterPublication(alter) if changes(&alter.action));
        if options.iter().any(|item| item.name.dynamic) {
            entry.publish.push(None);
        }
        entry.publish.extend(publish(options));
        if !created && !objects.is_empty() {
            entry.added.push(statement.span);
        }
        for object in objects {
            match object {
                PublicationObject::AllTables(span) => entry.all_tables = entry.all_tables.or(Some((file, *span))),
                PublicationObject::Table(table) if table.name.is_dynamic() => entry.known = false,
                PublicationObject::Table(table) => entry.tables.push((file, table.clone())),
                PublicationObject::Schema { keyword, .. } => entry.schemas.push(*keyword),
            }
        }
        entry.known &= !statement.dynamic;
    }

    pub(super) fn subscription(&mut self, file: usize, statement: &Statement) {
        let name = match &statement.what {
            What::CreateSubscription(create) => &create.name,
            What::AlterSubscription(alter) => &alter.name,
            What::DropSubscription(drop) => &drop.name,
            _ => return,
        };
        if name.dynamic {
            self.dynamic.subscriptions |= matches!(statement.what, What::AlterSubscription(_));
            return;
        }
        let entry = self.subscriptions.entry(name.text.clone()).or_default();
        let mut slot = |options: &[OptionItem]| {
            for item in options.iter().filter(|item| item.name.text == "slot_name") {
                match item.value.as_ref().filter(|value| !value.is_dynamic()) {
                    Some(value) if value.text() == "none" => entry.parted.push(item.span),
                    _ => entry.named_slot = true,
                }
            }
        };
        match &statement.what {
            What::CreateSubscription(create) => {
                slot(&create.options);
                entry.created.push((file, name.span));
            }
            What::AlterSubscription(alter) => {
                slot(&alter.options);
                let span = statement.span;
                match &alter.action {
                    SubscriptionAction::Enable => entry.enabled.push(span),
                    SubscriptionAction::Refresh
                    | SubscriptionAction::SetPublication(_)
                    | SubscriptionAction::AddPublication(_) => entry.refreshed.push(span),
                    _ => {}
                }
            }
            What::DropSubscription(_) => entry.dropped.push(statement.span),
            _ => {}
        }
    }
}
