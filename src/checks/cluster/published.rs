//! What a publication of a server holds, as far as its SQL surely says it.

use std::collections::HashSet;

use crate::model::objects::{Operations, publish};
use crate::model::sql::{
    AlterPublication, CreatePublication, OptionItem, PublicationAction, PublicationObject, PublishedTable,
};
use crate::model::value;
use crate::source::Span;

/// A publication.
#[derive(Debug, Default)]
pub(super) struct Published<'a> {
    /// Where the server's own SQL makes it.
    pub(super) made: Vec<Span>,
    /// Whether a file makes it that belongs to no server.
    pub(super) stray: bool,
    /// Whether its tables may be other ones than those here: some are taken from it or set anew, or are named at run
    /// time.
    pub(super) shifting: bool,
    pub(super) dropped: bool,
    /// Where it is made for all tables.
    pub(super) all: Option<Span>,
    pub(super) tables: Vec<&'a PublishedTable>,
    /// Whether schemas are in it.
    pub(super) schemas: bool,
    /// What it hands on, where that is known.
    pub(super) operations: Option<Operations>,
    /// Whether partitions are published as their root, where that is known.
    pub(super) via_root: Option<bool>,
}

impl<'a> Published<'a> {
    pub(super) fn created(&mut self, create: &'a CreatePublication, own: bool) {
        if own {
            self.made.push(create.name.span);
        } else {
            self.stray = true;
        }
        self.objects(&create.objects);
        self.operations = given(&create.options);
        self.via_root = via_root(&create.options);
    }

    pub(super) fn altered(&mut self, alter: &'a AlterPublication) {
        match &alter.action {
            PublicationAction::Add(objects) => self.objects(objects),
            PublicationAction::Set(_) | PublicationAction::Drop(_) | PublicationAction::Options(_) => {
                self.shifting = true;
            }
            PublicationAction::Owner(_) => {}
            PublicationAction::Rename(_) => self.dropped = true,
        }
    }

    fn objects(&mut self, objects: &'a [PublicationObject]) {
        for object in objects {
            match object {
                PublicationObject::AllTables(span) => self.all = self.all.or(Some(*span)),
                PublicationObject::Table(table) => {
                    self.shifting |= table.name.is_dynamic();
                    self.tables.push(table);
                }
                PublicationObject::Schema { .. } => self.schemas = true,
            }
        }
    }

    /// Whether the server makes it once and what it holds is known.
    pub(super) fn is_known(&self) -> bool {
        self.made.len() == 1 && !self.stray && !self.shifting && !self.dropped
    }
}

/// A table in a publication.
#[derive(Debug, Clone, Copy)]
pub(super) enum Entry<'a> {
    /// By its name.
    Table(&'a PublishedTable),
    /// As one of all.
    All(Span),
}

impl<'a> Entry<'a> {
    pub(super) fn span(self) -> Span {
        match self {
            Self::Table(table) => table.span,
            Self::All(span) => span,
        }
    }

    /// The columns of its list; `None` without one, and an inner `None` where one of them is computed.
    pub(super) fn columns(self) -> Option<Option<HashSet<&'a str>>> {
        let Self::Table(table) = self else { return None };
        let (names, _) = table.columns.as_ref()?;
        Some(names.iter().map(|name| (!name.dynamic).then_some(name.text.as_str())).collect())
    }

    pub(super) fn filter(self) -> Option<Span> {
        match self {
            Self::Table(table) => table.filter,
            Self::All(_) => None,
        }
    }
}

fn given(options: &[OptionItem]) -> Option<Operations> {
    if options.iter().any(|item| item.name.dynamic) {
        return None;
    }
    publish(options).unwrap_or(Some(Operations::ALL))
}

fn via_root(options: &[OptionItem]) -> Option<bool> {
    if options.iter().any(|item| item.name.dynamic) {
        return None;
    }
    match options.iter().find(|item| item.name.text == "publish_via_partition_root").map(|item| &item.value) {
        None => Some(false),
        Some(None) => Some(true),
        Some(Some(value)) if value.is_dynamic() => None,
        Some(Some(value)) => value::parse_bool(value.text().as_bytes()),
    }
}
