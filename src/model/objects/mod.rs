//! What the SQL of a tree makes together: tables with their keys, roles with their attributes and memberships,
//! publications with their tables, subscriptions.
//!
//! Statements are taken in the order of the files' paths, which for migrations is the order in which they run, but
//! nobody promises that; so what is said here is what the tree says *somewhere*, and questions are put so that doubt
//! gives no answer. Names that are known only at run time match nothing. Which database a file is for is not known.

mod publication;
mod role;
mod site;
mod table;

pub(crate) use publication::publish;
pub use publication::{Operations, Publication, Subscription};
pub use role::{Membership, Role};
pub use site::Site;
pub use table::{Created, Identity, Reshape, Table, TableName};

use std::collections::BTreeMap;

use crate::catalog;
use crate::model::sql::{Grant, Granted, Grantee, ObjectKind, SettingChange, Statement, What};
use crate::model::{Cluster, Node, Options, SqlFile};
use crate::source::{SourceMap, Span};
use crate::syntax::sql::Name;

/// The objects that the SQL files speak of, and where the files belong.
#[derive(Debug, Default)]
pub struct Objects {
    /// For each SQL file, in the cluster's order: which server it is for.
    pub sites: Vec<Site>,
    /// Tables by their last name; several of one name lie in several schemas.
    pub tables: BTreeMap<String, Vec<Table>>,
    /// What ALTER TABLE does to columns, by the table's last name.
    pub reshaped: BTreeMap<String, Reshape>,
    /// Whether it does so to a table that is named only at run time.
    pub reshaped_unknown: bool,
    /// Roles by name.
    pub roles: BTreeMap<String, Role>,
    /// Who is made a member of what.
    pub memberships: Vec<Membership>,
    /// Publications by name.
    pub publications: BTreeMap<String, Publication>,
    /// The names that publications get by `RENAME TO`.
    pub renamed_publications: Vec<String>,
    /// Subscriptions by name.
    pub subscriptions: BTreeMap<String, Subscription>,
    /// Functions by their last name, as far as something is said of them after they were made.
    pub functions: BTreeMap<String, Function>,
    /// Whether EXECUTE on functions to come is taken from PUBLIC.
    pub functions_revoked: bool,
    /// What ALTER SYSTEM sets, by the setting's name: the value and its statement; no value where it is reset or known
    /// only at run time.
    pub system: BTreeMap<String, Vec<(Option<String>, Span)>>,
    /// Whether ALTER SYSTEM resets everything, or a setting that is named only at run time.
    pub system_unknown: bool,
    /// Which kinds of objects some statement names in a way that is known only at run time.
    pub dynamic: Dynamic,
}

/// Kinds of objects of which some are named only at run time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Dynamic {
    pub tables: bool,
    pub roles: bool,
    pub publications: bool,
    pub subscriptions: bool,
    pub functions: bool,
}

/// A function or procedure, for what is said of it after it was made.
#[derive(Debug, Clone, Default)]
pub struct Function {
    /// Whether `search_path` is set by ALTER.
    pub search_path: bool,
    /// Whether EXECUTE is taken from PUBLIC.
    pub revoked: bool,
    /// Whether ALTER makes it SECURITY INVOKER.
    pub invoker: bool,
}

/// A name that is known and is a name: not `CURRENT_USER` and its like.
pub(crate) fn role_name(name: &Name) -> Option<&str> {
    let word = ["current_user", "current_role", "session_user", "user"].contains(&name.text.as_str());
    (!name.dynamic && (name.quoted || !word)).then_some(name.text.as_str())
}

impl Objects {
    /// Reads them out of the statements.
    #[must_use]
    pub fn read(files: &[SqlFile], nodes: &[Node], sources: &SourceMap, options: &Options) -> Self {
        let places = site::Places::new(nodes, &options.nodes);
        let mut objects = Self {
            sites: files
                .iter()
                .map(|file| Site {
                    ours: file.sql.evidence,
                    ..places.site(sources.file(file.file).place(), options.pg)
                })
                .collect(),
            ..Self::default()
        };
        for (index, file) in files.iter().enumerate() {
            for statement in &file.sql.statements {
                objects.add(index, statement);
            }
        }
        objects
    }

    /// What some of a cluster's SQL files make, by their indices, in their order.
    pub(crate) fn of(cluster: &Cluster, files: &[usize]) -> Self {
        let mut objects = Self::default();
        for &index in files {
            for statement in cluster.sql.get(index).iter().flat_map(|file| &file.sql.statements) {
                objects.add(index, statement);
            }
        }
        objects
    }

    fn add(&mut self, file: usize, statement: &Statement) {
        match &statement.what {
            What::CreateTable(_) | What::AlterTable(_) | What::UniqueIndex(_) | What::Policy(_) => {
                self.table(file, statement);
            }
            What::Role(role) => self.role(role),
            What::Grant(grant) => {
                self.grant(grant, statement);
                self.function(statement);
            }
            What::AlterSystem(change) => self.system(change),
            What::Function(_) => self.function(statement),
            What::CreatePublication(_) | What::AlterPublication(_) => self.publication(file, statement),
            What::CreateSubscription(_) | What::AlterSubscription(_) | What::DropSubscription(_) => {
                self.subscription(file, statement);
            }
            _ => {}
        }
    }

    fn system(&mut self, change: &SettingChange) {
        let Some(name) = &change.name else {
            self.system_unknown = true;
            return;
        };
        let known = !change.reset && !change.values.is_empty() && !change.values.iter().any(|value| value.dynamic);
        let setting = catalog::setting(name);
        // Of such a list each string is one item, commas and all, and is written with quotes.
        let items = setting.is_some_and(|setting| !setting.quoted_list().is_empty());
        let values = change.values.iter().map(|value| match value.text.contains(',') {
            true if items => format!("\"{}\"", value.text.replace('"', "\"\"")),
            _ => value.text.clone(),
        });
        let values = values.collect::<Vec<_>>();
        let name = setting.map_or(name.as_str(), |setting| setting.name);
        self.system.entry(name.to_owned()).or_default().push((known.then(|| values.join(", ")), change.span));
    }

    /// What is said of functions after they were made.
    fn function(&mut self, statement: &Statement) {
        match &statement.what {
            What::Function(function) if !function.created => {
                if function.name.is_dynamic() {
                    self.dynamic.functions = true;
                    return;
                }
                let entry = self.functions.entry(function.name.name.text.clone()).or_default();
                let sets = |change: &SettingChange| change.name.as_deref() == Some("search_path") && !change.reset;
                entry.search_path |= function.settings.iter().any(sets);
                entry.invoker |= function.security.is_some_and(|(definer, _)| !definer);
            }
            What::Grant(Grant { revoked: true, what, grantees, defaults, .. }) => {
                let Granted::Privileges { kind, objects, all_in_schema, .. } = what else { return };
                let functions = matches!(kind, ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Routine);
                if !functions || !grantees.iter().any(|grantee| matches!(grantee, Grantee::Public(_))) {
                    return;
                }
                if *all_in_schema || defaults.is_some() {
                    self.functions_revoked = true;
                }
                for object in objects {
                    self.dynamic.functions |= object.is_dynamic();
                    self.functions.entry(object.name.text.clone()).or_default().revoked = true;
                }
            }
            _ => {}
        }
    }
}

impl Cluster {
    /// The statements of all SQL files, in order, with where each file belongs.
    pub fn statements(&self) -> impl Iterator<Item = (&Site, &Statement)> {
        let sites = self.sql.iter().zip(&self.objects.sites);
        sites.flat_map(|(file, site)| file.sql.statements.iter().map(move |statement| (site, statement)))
    }
}

#[cfg(test)]
mod tests;
