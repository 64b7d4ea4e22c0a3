//! Every connection string of the tree, with where it stands.
//!
//! How libpq reads one is in `syntax::conninfo`, what its keywords are in `catalog::conninfo`.

use crate::catalog::Majors;
use crate::discover::Kind;
use crate::load::Loaded;
use crate::model::client::Clients;
use crate::model::sql::{AlterSubscription, SubscriptionAction, What};
use crate::model::{Definition, Node, SqlFile};
use crate::source::Span;
use crate::syntax::conninfo::Conninfo;
use crate::syntax::literal::{HOLE, Literal};

/// A connection string in its place.
#[derive(Debug)]
pub struct ConninfoUse {
    /// What it is for.
    pub origin: Origin,
    /// The entry or statement that holds it.
    pub span: Span,
    /// What it says.
    pub conninfo: Conninfo,
    /// The majors whose libpq reads it.
    pub majors: Majors,
    /// Whether a later definition takes its place.
    pub overridden: bool,
}

/// What a connection string is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// `primary_conninfo` of a node, by its index in the cluster: in postgresql.conf or recovery.conf.
    Primary {
        /// The node's index.
        node: usize,
    },
    /// A service of pg_service.conf.
    Service {
        /// Its name.
        name: String,
    },
    /// A database of pgbouncer.ini.
    PgBouncer {
        /// The name that clients use.
        database: String,
    },
    /// `CONNECTION` of a subscription.
    Subscription {
        /// The subscription.
        name: String,
    },
    /// A string of a client's, such as one in a program or in `DATABASE_URL`.
    Client,
}

impl Origin {
    /// What the string is, in words: "`primary_conninfo`".
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::Primary { .. } => "`primary_conninfo`".to_owned(),
            Self::Service { name } => format!("service `{name}`"),
            Self::PgBouncer { database } => format!("database `{database}`"),
            Self::Subscription { name } if name.is_empty() => "a subscription".to_owned(),
            Self::Subscription { name } => format!("subscription `{name}`"),
            Self::Client => "the connection string".to_owned(),
        }
    }

    /// A short name that does not change when lines move, for the subject of a finding.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Primary { .. } => "primary_conninfo".to_owned(),
            Self::Service { name } => format!("service/{name}"),
            Self::PgBouncer { database } => format!("pgbouncer/{database}"),
            Self::Subscription { name } => format!("subscription/{name}"),
            Self::Client => "client".to_owned(),
        }
    }
}

/// The connection strings of subscriptions.
pub(crate) fn of_sql(files: &[SqlFile], majors: Majors) -> Vec<ConninfoUse> {
    let statements = files.iter().flat_map(|file| &file.sql.statements);
    statements
        .filter_map(|statement| {
            let (name, connection) = match &statement.what {
                What::CreateSubscription(create) => (&create.name, &create.connection),
                What::AlterSubscription(AlterSubscription {
                    name,
                    action: SubscriptionAction::Connection(text),
                    ..
                }) => (name, text),
                _ => return None,
            };
            Some(ConninfoUse {
                origin: Origin::Subscription { name: name.text.replace(char::from(HOLE), "…") },
                span: statement.span,
                conninfo: Conninfo::parse(&connection.literal),
                majors,
                overridden: false,
            })
        })
        .collect()
}

/// The connection strings of service files and poolers.
pub(crate) fn of_clients(clients: &Clients, majors: Majors) -> Vec<ConninfoUse> {
    let services = clients.services.iter().flat_map(|(_, file)| {
        file.services.iter().map(|service| {
            let first = service.duplicate_of.and_then(|index| file.services.get(index));
            ConninfoUse {
                origin: Origin::Service { name: service.name.clone() },
                span: service.span,
                conninfo: service.conninfo.clone(),
                majors,
                // A template may leave the first one out.
                overridden: first.is_some_and(|first| !first.conninfo.open),
            }
        })
    });
    let databases = clients.poolers.iter().flat_map(|(_, pooler)| &pooler.databases).map(|database| ConninfoUse {
        origin: Origin::PgBouncer { database: database.name.clone() },
        span: database.name_span.to(database.conninfo.span),
        conninfo: database.conninfo.clone(),
        majors,
        overridden: !database.winner,
    });
    services.chain(databases).collect()
}

/// The connection strings that stand by themselves in other files.
pub(crate) fn of_fragments(loaded: &Loaded, majors: Majors) -> Vec<ConninfoUse> {
    let fragments = loaded.sources.iter().filter(|(_, file)| file.kind() == Kind::Conninfo);
    fragments
        .map(|(id, file)| {
            let span = Span::new(id, 0, file.bytes().len());
            ConninfoUse {
                origin: Origin::Client,
                span,
                conninfo: Conninfo::parse(&Literal::plain(span, file.bytes())),
                majors,
                overridden: false,
            }
        })
        .collect()
}

/// The connection strings of the nodes' settings and recovery files.
pub(crate) fn of_nodes(nodes: &[Node], loaded: &Loaded) -> Vec<ConninfoUse> {
    let mut uses = Vec::new();
    for (index, node) in nodes.iter().enumerate() {
        // 10 and 11 read recovery.conf, later majors postgresql.conf. Where no target reads the file, its strings are
        // judged for the targets all the same, since they will be moved.
        let of_majors = |reading: Majors| {
            let majors = node.targets.majors & reading;
            if majors.is_empty() { node.targets.majors } else { majors }
        };
        let in_settings = node.settings.definitions_of("primary_conninfo");
        let in_recovery = node.recovery.definitions.iter().filter(|definition| definition.name == "primary_conninfo");
        let in_settings = in_settings.map(|definition| (definition, of_majors(Majors::since(12))));
        let in_recovery = in_recovery.map(|definition| (definition, of_majors(Majors::until(11))));
        for (definition, majors) in in_settings.chain(in_recovery) {
            uses.extend(of_definition(index, majors, definition, loaded));
        }
    }
    uses
}

fn of_definition(node: usize, majors: Majors, definition: &Definition, loaded: &Loaded) -> Option<ConninfoUse> {
    if definition.text.is_empty() {
        return None;
    }
    let literal = definition.value.literal(loaded.sources.file(definition.span.file).bytes());
    Some(ConninfoUse {
        origin: Origin::Primary { node },
        span: definition.span,
        conninfo: Conninfo::parse(&literal),
        majors,
        overridden: definition.overridden_by.is_some(),
    })
}
