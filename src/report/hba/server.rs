//! A server with a pg_hba.conf, as questions on access are asked of it.

use ipnet::IpNet;
use thiserror::Error;

use super::Shower;
use crate::catalog::Majors;
use crate::model::value::Value;
use crate::model::{Cluster, Hba, Node};
use crate::reach::{Kinds, Known, Roles};

/// A node that has a pg_hba.conf.
pub(crate) struct Server<'a> {
    pub(crate) node: &'a Node,
    pub(crate) hba: &'a Hba,
    pub(crate) known: Known,
    /// The majors on which it takes no TLS.
    pub(crate) ssl_off: Majors,
}

/// Why there is no table: it would take too long.
#[derive(Debug, Error)]
#[error("{rows} rows with {users} users and {databases} databases are too many; narrow it with --user and --db")]
pub(crate) struct TooMuch {
    pub(crate) users: usize,
    pub(crate) databases: usize,
    pub(crate) rows: usize,
}

impl<'a> Server<'a> {
    /// The node of that index, if it has a pg_hba.conf. `own` are the server's addresses, where they are known.
    pub(crate) fn of(cluster: &'a Cluster, index: usize, own: Option<&[IpNet]>) -> Option<Self> {
        let node = cluster.nodes.get(index)?;
        let hba = node.hba.as_ref()?;
        let roles = Roles::of(cluster, index).closed(cluster.objects.dynamic.roles);
        let ssl_off = node.settings.majors_where("ssl", node.targets.majors, |value| *value == Value::Bool(false));
        Some(Server { node, hba, known: Known { roles, addresses: own.map(<[IpNet]>::to_vec) }, ssl_off })
    }
}

impl Server<'_> {
    /// The kinds among `kinds` that connections can have on a major.
    pub(crate) fn kinds(&self, kinds: Kinds, major: u8) -> Kinds {
        let kinds = if self.ssl_off.contains(major) { kinds - Kinds::TLS } else { kinds };
        if major < 12 { kinds - Kinds::GSS } else { kinds }
    }

    /// Why a major cannot use the file, or this cannot be told of it.
    pub(crate) fn refused(&self, major: u8, shower: &Shower<'_>) -> Option<String> {
        let at = |span, what: &str| {
            let (path, line) = shower.place(span);
            format!("the server refuses the file: {path}:{line}: {}", shower.text(what))
        };
        if let Some(refusal) = self.hba.refusals.iter().find(|refusal| refusal.majors.contains(major)) {
            return Some(at(refusal.span, &refusal.message()));
        }
        if let Some(include) = self.hba.includes.iter().find(|include| include.majors.contains(major)) {
            return Some(at(include.span, "the file cannot be included"));
        }
        let namespace = Majors::only(major) & Majors::until(16);
        let on = self.node.settings.majors_where("db_user_namespace", namespace, |value| *value == Value::Bool(true));
        (!on.is_empty()).then(|| "`db_user_namespace` is on, which changes the names of users".to_owned())
    }
}
