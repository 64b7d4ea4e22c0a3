//! The connection of an edge as the sender sees it: kinds, addresses, database and user, and the rows that decide.
//!
//! libpq tries what `sslmode` allows, one after the other. GSSAPI is taken for not tried: it needs a ticket of the
//! server's operating system user. Rows of a guide are taken for additions to those of initdb.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::ends::Ends;
use super::side;
use crate::catalog::conninfo::effective::Host;
use crate::catalog::hba::Method;
use crate::model::hba::{AddressKind, DbKind, HbaRow, UserKind};
use crate::model::topology::Access;
use crate::reach::{Answer, Engine, Field, From, HostName, Judged, Kinds, Known, Question, Roles, Wanted};
use crate::rule::Context;

/// What a connection asks the sender for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Dial {
    /// The kinds that libpq tries. None where the string asks for TLS that the sender is known not to have.
    pub(super) kinds: Vec<Kinds>,
    /// The addresses that it may come from.
    pub(super) from: Vec<From>,
    /// The database; none for physical replication.
    pub(super) database: Option<String>,
    pub(super) user: String,
    /// Whether it leads to the machine that it comes from.
    pub(super) local: bool,
}

/// The row that decides for every try of a connection, or that there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    NoRow,
    /// The rows of the tries, by their indices in the file: the first of them.
    Rejected(usize),
    /// One row lets every try in, if what it asks for is given.
    Row(usize),
}

/// What the connection of an edge is on a major of the sender; `None` where a part of it is not known.
pub(super) fn dial(ends: &Ends<'_>, major: u8) -> Option<Dial> {
    let Ends { cluster, edge, up, down } = *ends;
    let word = |keyword: &str| edge.keyword(cluster, keyword, major).map(std::borrow::Cow::into_owned);
    let user = word("user").filter(|user| !user.is_empty())?;
    let database = match word("dbname").filter(|name| !name.is_empty()) {
        _ if ends.is_physical() => None,
        Some(name) => Some(name),
        None if edge.is_unset(cluster, "dbname") => Some(user.clone()),
        None => return None,
    };
    let hosts = edge.hosts(cluster, major)?;
    let sockets = hosts.iter().filter(|host| host.is_socket(major)).count();
    let local = hosts.iter().all(|host| host.is_local(major));
    if word("gssencmode").is_some_and(|mode| mode == "require") || sockets != 0 && sockets != hosts.len() {
        return None;
    }
    if sockets != 0 {
        return Some(Dial { kinds: vec![Kinds::LOCAL], from: vec![From::Socket], database, user, local });
    }
    let mut kinds = match word("sslmode")?.as_str() {
        "disable" => vec![Kinds::PLAIN],
        "allow" => vec![Kinds::PLAIN, Kinds::TLS],
        "prefer" => vec![Kinds::TLS, Kinds::PLAIN],
        "require" | "verify-ca" | "verify-full" => vec![Kinds::TLS],
        _ => return None,
    };
    if side::is_on(cluster, up, "ssl", major).is_some_and(|(on, _)| !on) {
        kinds.retain(|&kind| kind != Kinds::TLS);
    }
    let loopback = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    let literal = |host: &Host| {
        let target = if host.hostaddr.is_empty() { &host.host } else { &host.hostaddr };
        std::str::from_utf8(target).ok()?.parse::<IpAddr>().ok()
    };
    let from = match hosts.as_slice() {
        [only] if local => match literal(only) {
            Some(address) if loopback.contains(&address) => vec![From::Ip(address)],
            Some(_) => return None,
            None => loopback.into_iter().map(From::Ip).collect(),
        },
        _ if local => return None,
        _ if down.identity.said.is_empty() => vec![From::Anywhere],
        _ => down.identity.said.iter().copied().map(From::Ip).collect(),
    };
    Some(Dial { kinds, from, database, user, local })
}

/// The connection that the worker of `sync_replication_slots` makes beside that of the WAL receiver: to a database.
pub(super) fn slotsync(ends: &Ends<'_>, major: u8) -> Option<Dial> {
    let database = ends.edge.keyword(ends.cluster, "dbname", major).filter(|name| !name.is_empty())?;
    Some(Dial { database: Some(database.into_owned()), ..dial(ends, major)? })
}

/// So many times a row is held against a connection in one run; further connections are not judged.
const MOST_TRIES: usize = 5_000_000;

/// The access rows of the senders, ready for questions.
pub(super) struct Doors<'a> {
    cx: &'a Context<'a>,
    access: HashMap<usize, Option<Access<'a>>>,
    known: HashMap<usize, &'a Known>,
    engines: HashMap<(usize, u8), Engine<'a>>,
    tries: usize,
}

/// What is known of the senders beside their rows, which [`Doors`] borrows.
pub(super) fn known(cx: &Context<'_>) -> HashMap<usize, Known> {
    let topology = &cx.cluster.topology;
    let mut known = HashMap::new();
    for edge in &topology.edges {
        let Some(up) = edge.upstream.filter(|up| !known.contains_key(up)) else { continue };
        let access = topology.members.get(up).and_then(|member| member.access(cx.cluster, cx.sources));
        if let Some(access) = access {
            known.insert(up, Known { roles: Roles::of(cx.cluster, access.node), addresses: None });
        }
    }
    known
}

impl<'a> Doors<'a> {
    pub(super) fn new(cx: &'a Context<'a>, known: &'a HashMap<usize, Known>) -> Self {
        let known = known.iter().map(|(&member, known)| (member, known)).collect();
        Self { cx, access: HashMap::new(), known, engines: HashMap::new(), tries: 0 }
    }

    /// The rows of the sender.
    pub(super) fn access(&mut self, ends: &Ends<'a>) -> Option<Access<'a>> {
        let (cx, up) = (self.cx, ends.edge.upstream?);
        *self.access.entry(up).or_insert_with(|| ends.up.access(cx.cluster, cx.sources))
    }

    fn engine(&mut self, ends: &Ends<'a>, major: u8) -> Option<&Engine<'a>> {
        let (access, up) = (self.access(ends)?, ends.edge.upstream?);
        let known = self.known.get(&up)?;
        self.tries = self.tries.saturating_add(access.hba.rows.len());
        if self.tries > MOST_TRIES {
            return None;
        }
        Some(self.engines.entry((up, major)).or_insert_with(|| Engine::new(access.hba, major, known)))
    }

    /// What becomes of a connection on a major; `None` where it is not certain, or where a first try may end otherwise
    /// than a second.
    pub(super) fn outcome(&mut self, ends: &Ends<'a>, dial: &Dial, major: u8) -> Option<Outcome> {
        let access = self.access(ends)?;
        // A line that is refused may be the one that is meant for this connection.
        let refused = access.hba.refusals.iter().map(|refusal| refusal.majors);
        let mut refused = refused.chain(access.hba.includes.iter().map(|fault| fault.majors));
        if refused.any(|majors| majors.contains(major)) {
            return None;
        }
        let mut all: Option<Outcome> = None;
        for &kinds in &dial.kinds {
            for &from in &dial.from {
                let outcome = match self.engine(ends, major)?.decide(&question(dial, kinds, from)).certain()? {
                    Answer::NoRow => Outcome::NoRow,
                    Answer::Row(row) => {
                        let rejects = access.hba.rows.get(row)?.method == Method::Reject;
                        if rejects { Outcome::Rejected(row) } else { Outcome::Row(row) }
                    }
                };
                all = Some(match (all, outcome) {
                    (None, outcome) => outcome,
                    (Some(Outcome::Rejected(row)), Outcome::NoRow | Outcome::Rejected(_))
                    | (Some(Outcome::NoRow), Outcome::Rejected(row)) => Outcome::Rejected(row),
                    (Some(Outcome::NoRow), Outcome::NoRow) => Outcome::NoRow,
                    (Some(Outcome::Row(row)), Outcome::Row(other)) if row == other => Outcome::Row(row),
                    _ => return None,
                });
            }
        }
        // Rows of a guide come on top of those of initdb, which let in what comes from the machine itself.
        let unseen = !access.whole && (dial.local || !access.hba.rows.iter().any(is_for_others));
        all.filter(|_| !unseen)
    }

    /// The row that comes nearest to letting the connection in, and how it stands to it.
    pub(super) fn nearest(&mut self, ends: &Ends<'a>, dial: &Dial, major: u8) -> Option<(&'a HbaRow, Judged)> {
        let access = self.access(ends)?;
        let (&kinds, &from) = (dial.kinds.first()?, dial.from.first()?);
        let question = question(dial, kinds, from);
        let rank = |judged: &Judged| match judged.field {
            Some(Field::User) => 4,
            Some(Field::Database) => 3,
            Some(Field::Address) => 2,
            Some(Field::Kind) => 1,
            None => 5,
        };
        let named = |row: &HbaRow| {
            let user = row.users.iter().any(|item| matches!(&item.kind, UserKind::Name(name) if *name == dial.user));
            let database = row
                .databases
                .iter()
                .any(|item| matches!(&item.kind, DbKind::Name(name) if Some(name) == dial.database.as_ref()));
            i32::from(user) * 4 + i32::from(database) * 2
        };
        let engine = self.engine(ends, major)?;
        let mut best: Option<((i32, i32), &HbaRow, Judged)> = None;
        for (index, judged) in engine.judge(&question) {
            let Some(row) = access.hba.rows.get(index) else { continue };
            let near = (named(row), rank(&judged));
            // Of rows that come equally near, the first.
            if (near.0 > 0 || near.1 > 2) && best.as_ref().is_none_or(|(other, ..)| *other < near) {
                best = Some((near, row, judged));
            }
        }
        best.map(|(_, row, judged)| (row, judged))
    }
}

fn question(dial: &Dial, kinds: Kinds, from: From) -> Question<'_> {
    let database = dial.database.as_deref().map_or(Wanted::Replication, Wanted::Name);
    Question { kinds, from, host: HostName::Unknown, database, user: Wanted::Name(&dial.user) }
}

/// Whether a row is for other machines.
fn is_for_others(row: &HbaRow) -> bool {
    match row.address.as_ref().map(|address| &address.kind) {
        None | Some(AddressKind::SameHost) => false,
        Some(AddressKind::Net { ip, .. }) => !ip.is_loopback(),
        Some(AddressKind::HostName(name)) => name != "localhost",
        Some(AddressKind::All | AddressKind::SameNet) => true,
    }
}
