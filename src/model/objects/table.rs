//! Tables: how they are made, what identifies their rows, and their row level security.

use std::collections::BTreeSet;

use super::Objects;
use crate::model::sql::{
    AlterTable, Key, ObjectName, Policy, ReplicaIdentity, RowSecurity, Statement, TableAction, What,
};
use crate::source::Span;
use crate::syntax::sql::{InTransaction, Name};

/// A table's name without its database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableName {
    /// The schema, if it is written.
    pub schema: Option<String>,
    /// The last part.
    pub name: String,
}

impl TableName {
    /// The name; `None` where a part is known only at run time.
    #[must_use]
    pub fn of(name: &ObjectName) -> Option<Self> {
        (!name.is_dynamic())
            .then(|| Self { schema: name.schema().map(|part| part.text.clone()), name: name.name.text.clone() })
    }

    /// Whether both name the same table as long as nobody changed `search_path`.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.name == other.name && self.schema() == other.schema()
    }

    fn schema(&self) -> &str {
        self.schema.as_deref().unwrap_or("public")
    }

    /// Whether both may name the same table.
    #[must_use]
    pub fn may_be(&self, other: &Self) -> bool {
        self.name == other.name && (self.schema == other.schema || self.schema.is_none() || other.schema.is_none())
    }
}

impl std::fmt::Display for TableName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{schema}.")?;
        }
        f.write_str(&self.name)
    }
}

/// A CREATE TABLE.
#[derive(Debug, Clone)]
pub struct Created {
    /// The SQL file, by its index in the cluster.
    pub file: usize,
    /// The name in the statement.
    pub span: Span,
    /// Whether it is temporary.
    pub temporary: bool,
    /// Whether it is unlogged.
    pub unlogged: bool,
    /// The table that it is a partition of.
    pub partition_of: Option<ObjectName>,
    /// Whether it is partitioned.
    pub partitioned: bool,
    /// Whether its columns or keys come from elsewhere.
    pub derived: bool,
    /// Whether it runs as a statement of its own, not in a function.
    pub outright: bool,
    /// The columns that are spelled out.
    pub columns: Vec<String>,
    /// Those of them that are computed from others.
    pub generated: Vec<String>,
    /// Those of them that a sequence of their own fills.
    pub serial: Vec<String>,
}

/// What ALTER TABLE does to the columns of the tables of one last name.
#[derive(Debug, Clone, Default)]
pub struct Reshape {
    /// Columns that are added, or that others are renamed to.
    pub added: BTreeSet<String>,
    /// Columns that are dropped or renamed.
    pub removed: BTreeSet<String>,
    /// Whether a statement makes it another table, or changes its columns in a way that is not known.
    pub other: bool,
}

/// All that the tree says of a table.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its name.
    pub name: TableName,
    /// Where it is made; empty where the tree only alters it.
    pub created: Vec<Created>,
    /// Its keys, from wherever they are added.
    pub keys: Vec<Key>,
    /// Its replica identity, as often as it is set.
    pub identities: Vec<(ReplicaIdentity, Span)>,
    /// What is done to its row level security.
    pub row_security: Vec<(RowSecurity, Span)>,
    /// The names of its policies.
    pub policies: Vec<Span>,
    /// The tables that its foreign keys lead to, with the places of their names.
    pub references: Vec<(TableName, Span)>,
    /// The roles that it is given to.
    pub owners: Vec<Name>,
}

/// What identifies a row of a table to subscribers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// The tree does not tell.
    Unknown,
    /// Nothing does: there is no primary key. The place is where the table is made.
    Missing(Span),
    /// Nothing does: the primary key may be deferred.
    Deferrable(Span),
    /// Nothing does, by its own word.
    Nothing(Span),
    /// The whole row does.
    Full(Span),
    /// A key does: its columns, if they are known, and its place.
    Key(Option<Vec<String>>, Span),
}

impl Table {
    /// Whether the tree makes it as an ordinary table of its own, once.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        !self.created.is_empty()
            && self.created.iter().all(|created| {
                created.outright && !created.temporary && created.partition_of.is_none() && !created.derived
            })
    }

    /// Whether row level security is ever turned on.
    #[must_use]
    pub fn has_row_security(&self) -> bool {
        self.row_security.iter().any(|(what, _)| *what == RowSecurity::Enable)
    }

    fn key_columns(key: &Key, keys: &[&Key]) -> Option<Vec<String>> {
        if let Some(index) = &key.using_index {
            let used = keys.iter().find(|other| other.name.as_ref().is_some_and(|name| name.text == index.text))?;
            return Some(used.columns.iter().map(|column| column.text.clone()).collect());
        }
        if key.columns.is_empty() || key.columns.iter().any(|column| column.dynamic) {
            return None;
        }
        Some(key.columns.iter().map(|column| column.text.clone()).collect())
    }
}

/// A table's name with its place, where it is known.
fn place(name: &ObjectName) -> Option<(TableName, Span)> {
    Some((TableName::of(name)?, name.span))
}

impl Objects {
    pub(super) fn table(&mut self, file: usize, statement: &Statement) {
        match &statement.what {
            What::CreateTable(create) => {
                let generated = create.columns.iter().filter(|column| column.generated);
                let serial = create.columns.iter().filter(|column| column.serial);
                let created = Created {
                    file,
                    span: create.name.span,
                    temporary: create.temporary,
                    unlogged: create.unlogged,
                    partition_of: create.partition_of.clone(),
                    partitioned: create.partitioned,
                    derived: create.derived || create.columns.is_empty() && create.partition_of.is_none(),
                    outright: !matches!(statement.transaction, InTransaction::Function(_)),
                    columns: create.columns.iter().map(|column| column.name.text.clone()).collect(),
                    generated: generated.map(|column| column.name.text.clone()).collect(),
                    serial: serial.map(|column| column.name.text.clone()).collect(),
                };
                if create.temporary {
                    // It hides a table of its name only within its session.
                    if let Some(table) = self.table_mut(&create.name)
                        && table.created.is_empty()
                    {
                        table.created.push(created);
                    }
                    return;
                }
                if let Some(table) = self.table_mut(&create.name) {
                    // A temporary one is only there alone.
                    if table.created.first().is_some_and(|other| other.temporary) {
                        table.created.clear();
                    }
                    table.created.push(created);
                    table.keys.extend(create.keys.iter().cloned());
                    table.references.extend(create.references.iter().filter_map(place));
                }
            }
            What::AlterTable(alter) => {
                self.reshape(alter);
                // That columns or owners change makes no table that there is else nothing to say of.
                let plain = |action: &TableAction| {
                    matches!(
                        action,
                        TableAction::AddColumn(_)
                            | TableAction::DropColumn(_)
                            | TableAction::Reshape
                            | TableAction::Owner(_)
                            | TableAction::References(_)
                    )
                };
                let known = || TableName::of(&alter.name).is_some_and(|name| self.find_table(&name).is_some());
                if alter.actions.iter().all(plain) && !known() {
                    return;
                }
                let Some(table) = self.table_mut(&alter.name) else { return };
                for action in &alter.actions {
                    match action {
                        TableAction::AddKey(key) => table.keys.push(key.clone()),
                        TableAction::ReplicaIdentity(identity, span) => {
                            table.identities.push((identity.clone(), *span));
                        }
                        TableAction::RowSecurity(what, span) => table.row_security.push((*what, *span)),
                        TableAction::References(to) => table.references.extend(place(to)),
                        TableAction::Owner(role) => table.owners.push(role.clone()),
                        TableAction::SetNotNull(_)
                        | TableAction::AddColumn(_)
                        | TableAction::DropColumn(_)
                        | TableAction::Reshape => {}
                    }
                }
            }
            What::UniqueIndex(index) => {
                if let Some(table) = self.table_mut(&index.table)
                    && !index.partial
                {
                    table.keys.push(index.key.clone());
                }
            }
            What::Policy(Policy { table, name, .. }) => {
                if let Some(table) = self.table_mut(table) {
                    table.policies.push(name.span);
                }
            }
            _ => {}
        }
    }

    fn reshape(&mut self, alter: &AlterTable) {
        let names = alter.actions.iter().filter_map(|action| match action {
            TableAction::AddColumn(name) | TableAction::DropColumn(name) => Some(name),
            _ => None,
        });
        let has_names = names.clone().next().is_some();
        let reshapes = alter.actions.contains(&TableAction::Reshape);
        if !has_names && !reshapes {
            return;
        }
        if alter.name.is_dynamic() {
            self.reshaped_unknown = true;
            return;
        }
        let dynamic = names.clone().any(|name| name.dynamic);
        let entry = self.reshaped.entry(alter.name.name.text.clone()).or_default();
        entry.other |= reshapes || dynamic;
        for action in &alter.actions {
            match action {
                TableAction::AddColumn(name) => {
                    entry.added.insert(name.text.clone());
                }
                TableAction::DropColumn(name) => {
                    entry.removed.insert(name.text.clone());
                }
                _ => {}
            }
        }
    }

    fn table_mut(&mut self, name: &ObjectName) -> Option<&mut Table> {
        let Some(name) = TableName::of(name) else {
            self.dynamic.tables = true;
            return None;
        };
        let of_name = self.tables.entry(name.name.clone()).or_default();
        let index = of_name.iter().position(|table| table.name.is(&name)).unwrap_or(of_name.len());
        if index == of_name.len() {
            of_name.push(Table {
                name,
                created: Vec::new(),
                keys: Vec::new(),
                identities: Vec::new(),
                row_security: Vec::new(),
                policies: Vec::new(),
                references: Vec::new(),
                owners: Vec::new(),
            });
        }
        of_name.get_mut(index)
    }

    /// The table of this name.
    #[must_use]
    pub fn find_table(&self, name: &TableName) -> Option<&Table> {
        self.tables.get(&name.name)?.iter().find(|table| table.name.is(name))
    }

    /// Every table that the name may mean.
    pub fn tables_like<'a>(&'a self, name: &'a TableName) -> impl Iterator<Item = &'a Table> {
        self.tables.get(&name.name).into_iter().flatten().filter(|table| table.name.may_be(name))
    }

    /// What identifies the rows of a table. Only a table that the tree makes itself, without anything about it that
    /// is known only at run time, can lack an identity.
    #[must_use]
    pub fn identity(&self, table: &Table) -> Identity {
        let like = || self.tables_like(&table.name);
        let identities = like().flat_map(|table| &table.identities).collect::<Vec<_>>();
        let keys = like().flat_map(|table| &table.keys).collect::<Vec<_>>();
        let first = identities.first();
        if identities.iter().any(|other| first.is_some_and(|first| first.0 != other.0)) {
            return Identity::Unknown;
        }
        let whole = like().all(Table::is_plain) && !self.dynamic.tables;
        match first {
            Some((ReplicaIdentity::Full, span)) => Identity::Full(*span),
            Some((ReplicaIdentity::Nothing, span)) => Identity::Nothing(*span),
            Some((ReplicaIdentity::Index(name), span)) => {
                let key = keys.iter().find(|key| key.name.as_ref().is_some_and(|other| other.text == name.text));
                Identity::Key(key.and_then(|key| Table::key_columns(key, &keys)), *span)
            }
            Some((ReplicaIdentity::Default, _)) | None => {
                let primary = keys.iter().filter(|key| key.primary).copied().collect::<Vec<_>>();
                match (primary.as_slice(), table.created.first()) {
                    ([key], _) if key.deferrable && whole => Identity::Deferrable(key.span),
                    ([key], _) => Identity::Key(Table::key_columns(key, &keys), key.span),
                    ([], Some(created)) if whole && !created.partitioned => Identity::Missing(created.span),
                    _ => Identity::Unknown,
                }
            }
        }
    }
}
