//! What a sender sees its receivers called: the `application_name` of their connections.
//!
//! Source: `libpqrcv_connect` passes a fallback, which takes the place of that in the connection string and gives way to
//! its `application_name`. For a standby it is `cluster_name` from 12 on, else `walreceiver` (`WalReceiverMain`), for a subscription its own name
//! (`run_apply_worker`). Names are compared without case (`SyncRepGetStandbyPriority`).

use crate::model::Cluster;
use crate::model::topology::{Edge, Link, Member};
use crate::syntax::conninfo::Conninfo;

/// Names longer than this are cut by the server, and so are not judged.
const LONGEST: usize = 63;

/// The name of the connection of an edge in lower case; none where it is not known.
pub(super) fn name(cluster: &Cluster, edge: &Edge, down: &Member, major: u8) -> Option<String> {
    let own = &edge.conninfo(cluster)?.conninfo;
    let name = match given(own, major)? {
        Some(name) => Some(name),
        None if own.get("service").is_some() => given(&cluster.conninfos.get(edge.service?)?.conninfo, major)?,
        None => None,
    };
    let name = match (name, &edge.link) {
        (Some(name), _) => name,
        (None, Link::Logical { .. }) => {
            let create = edge.subscription(cluster)?;
            (!create.name.dynamic).then(|| create.name.text.clone())?
        }
        (None, Link::Physical { .. }) if major >= 12 => {
            let (name, _) = super::side::text(cluster, down, "cluster_name", major)?;
            if name.is_empty() { "walreceiver".to_owned() } else { name }
        }
        (None, Link::Physical { .. }) => "walreceiver".to_owned(),
    };
    (name.is_ascii() && name.len() <= LONGEST).then(|| name.to_ascii_lowercase())
}

/// The `application_name` of a string: none where it is not known, then none where there is none.
fn given(conninfo: &Conninfo, major: u8) -> Option<Option<String>> {
    match conninfo.get("application_name") {
        Some(param) if param.value.dynamic => None,
        Some(param) => {
            let name = String::from_utf8_lossy(param.value.bytes_for(major)).into_owned();
            Some((!name.is_empty()).then_some(name))
        }
        None if conninfo.open || conninfo.dynamic || !conninfo.errors.is_empty() => None,
        None => Some(None),
    }
}
