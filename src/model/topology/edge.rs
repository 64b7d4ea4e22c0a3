//! What replicates from what: standbys by `primary_conninfo`, subscriptions by `CONNECTION`, and what pgassay.toml says.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::member::{Duty, Member};
use super::resolve::{Directory, Found, Key, Nearest};
use crate::catalog::conninfo::effective::{self, Effective, hosts};
use crate::model::sql::{CreateSubscription, SubscriptionAction, What};
use crate::model::value::Value;
use crate::model::{Cluster, ConninfoUse, Node, Origin};
use crate::source::Span;
use crate::syntax::conninfo::Conninfo;

/// A connection by which a server replicates from another.
#[derive(Debug)]
pub struct Edge {
    /// What kind it is.
    pub link: Link,
    /// The server that receives.
    pub downstream: usize,
    /// The server that sends, where it is told.
    pub upstream: Option<usize>,
    /// Whether the upstream is told by a name, an address, a port or pgassay.toml, and not just the only one that comes
    /// into question.
    pub certain: bool,
    /// Whether it surely is in use: a standby may be prepared on a primary, for the day when it becomes one.
    pub active: bool,
    /// Its connection string, by the index in the cluster; none where only pgassay.toml speaks of it.
    pub conninfo: Option<usize>,
    /// The service that the string names, by the index of its connection string.
    pub service: Option<usize>,
    /// Where the string leads, as it is written.
    pub target: String,
    /// How the upstream was told, or why it was not.
    pub why: String,
}

/// What an edge is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// A standby that streams: the node, by its index, whose settings say so.
    Physical {
        /// The node's index; none where only pgassay.toml says so.
        node: Option<usize>,
    },
    /// A subscription: the statement that makes it.
    Logical {
        /// The SQL file, by its index in the cluster.
        file: usize,
        /// The statement's index in the file.
        statement: usize,
    },
}

impl Edge {
    /// The subscription.
    #[must_use]
    pub fn subscription<'a>(&self, cluster: &'a Cluster) -> Option<&'a CreateSubscription> {
        let Link::Logical { file, statement } = self.link else { return None };
        match &cluster.sql.get(file)?.sql.statements.get(statement)?.what {
            What::CreateSubscription(create) => Some(create),
            _ => None,
        }
    }

    /// The connection string in its place.
    #[must_use]
    pub fn conninfo<'a>(&self, cluster: &'a Cluster) -> Option<&'a ConninfoUse> {
        cluster.conninfos.get(self.conninfo?)
    }

    /// The place that an edge is shown at: the definition or statement of the connection string.
    #[must_use]
    pub fn span(&self, cluster: &Cluster) -> Option<Span> {
        self.subscription(cluster).map(|create| create.name.span).or_else(|| Some(self.conninfo(cluster)?.span))
    }

    /// The hosts that are tried, of its own string or of the service that it names; `None` where they are not known.
    #[must_use]
    pub fn hosts(&self, cluster: &Cluster, major: u8) -> Option<Vec<effective::Host>> {
        let service = self.service.and_then(|index| cluster.conninfos.get(index));
        hosts_of(self.conninfo(cluster)?, service, major)
    }

    /// Whether a keyword is surely not set: neither by the string nor by a service or program.
    #[must_use]
    pub fn is_unset(&self, cluster: &Cluster, keyword: &str) -> bool {
        let unset = |of: &ConninfoUse| of.conninfo.get(keyword).is_none() && !effective::is_open(&of.conninfo);
        self.conninfo(cluster).is_some_and(unset)
    }

    /// The replication slot, where the standby's settings or the subscription's options name one.
    #[must_use]
    pub fn slot(&self, cluster: &Cluster) -> Option<String> {
        if let Some(create) = self.subscription(cluster) {
            let option = create.options.iter().rev().find(|item| item.name.text == "slot_name")?;
            let value = option.value.as_ref().filter(|value| !value.is_dynamic())?;
            return Some(value.text().into_owned()).filter(|slot| slot != "none");
        }
        let Link::Physical { node } = self.link else { return None };
        let node = cluster.nodes.get(node?)?;
        let major = node.targets.majors.last()?;
        let slot = match node.settings.effective("primary_slot_name", major).value() {
            Some(Value::String(slot)) if !slot.is_empty() => slot.clone(),
            _ => {
                let definition = node.recovery.winner("primary_slot_name").filter(|of| !of.value.dynamic)?;
                String::from_utf8_lossy(&definition.text).into_owned()
            }
        };
        Some(slot).filter(|slot| !slot.is_empty())
    }

    /// The value of a keyword of the connection string: its own, else that of the service it names, else libpq's
    /// default. `None` where it is not known, or unset and without a default. Environment variables are taken to be
    /// unset.
    #[must_use]
    pub fn keyword<'a>(&self, cluster: &'a Cluster, keyword: &str, major: u8) -> Option<Cow<'a, str>> {
        let own = &self.conninfo(cluster)?.conninfo;
        let set = |conninfo: &'a Conninfo| match conninfo.get(keyword) {
            Some(param) if param.value.dynamic => Some(None),
            Some(param) => Some(Some(String::from_utf8_lossy(param.value.bytes_for(major)))),
            None if conninfo.open => Some(None),
            None => None,
        };
        if let Some(value) = set(own) {
            return value;
        }
        match self.service.and_then(|index| cluster.conninfos.get(index)) {
            Some(service) => {
                set(&service.conninfo).unwrap_or_else(|| match effective::value(&service.conninfo, keyword, major) {
                    Effective::Default(text) => Some(Cow::Borrowed(text)),
                    _ => None,
                })
            }
            None => match effective::value(own, keyword, major) {
                Effective::Default(text) => Some(Cow::Borrowed(text)),
                _ => None,
            },
        }
    }
}

/// The edges between the members of a cluster.
pub(super) fn edges(cluster: &Cluster, members: &[Member]) -> Vec<Edge> {
    let directory = Directory::new(members, &publishers(cluster, members));
    let finder = Finder { cluster, members, directory, services: services(cluster) };
    let strings = cluster.conninfos.iter().enumerate();
    let of_statements = strings.filter(|(_, of)| matches!(of.origin, Origin::Subscription { .. }));
    let of_statements = of_statements.map(|(index, of)| (of.span, index)).collect::<HashMap<_, _>>();
    let mut edges = Vec::new();
    for (index, member) in members.iter().enumerate() {
        edges.extend(finder.physical(index, member));
        let altered = altered(cluster, member);
        for &file in &member.sql {
            finder.logical(index, file, &of_statements, &altered, &mut edges);
        }
    }
    // Of two servers that name each other, one is a standby.
    let physical = |edge: &&mut Edge| matches!(edge.link, Link::Physical { .. });
    let pairs = edges.iter_mut().filter(physical).map(|edge| (edge.downstream, edge.upstream)).collect::<HashSet<_>>();
    for edge in edges.iter_mut().filter(physical) {
        let mutual = edge.upstream.is_some_and(|upstream| pairs.contains(&(upstream, Some(edge.downstream))));
        let standby = members.get(edge.downstream).is_some_and(|member| member.duty == Some(Duty::Standby));
        edge.active &= !mutual || standby;
    }
    edges
}

/// The connection strings of services by name.
fn services(cluster: &Cluster) -> HashMap<&str, usize> {
    let mut services = HashMap::new();
    for (index, of) in cluster.conninfos.iter().enumerate() {
        if let Origin::Service { name } = &of.origin
            && !of.overridden
        {
            services.entry(name.as_str()).or_insert(index);
        }
    }
    services
}

/// Where subscriptions are given another connection string than the one they are made with, by their names.
fn altered<'a>(cluster: &'a Cluster, member: &Member) -> HashMap<&'a str, Span> {
    let files = member.sql.iter().filter_map(|&file| cluster.sql.get(file));
    let strings = files.flat_map(|file| &file.sql.statements).filter_map(|statement| match &statement.what {
        What::AlterSubscription(alter) if !alter.name.dynamic => {
            let connection = matches!(alter.action, SubscriptionAction::Connection(_));
            connection.then_some((alter.name.text.as_str(), statement.span))
        }
        _ => None,
    });
    strings.collect()
}

/// The members that make a publication, with its name.
fn publishers<'a>(cluster: &'a Cluster, members: &[Member]) -> Vec<(&'a str, Vec<usize>)> {
    let mut of_files = HashMap::new();
    for (index, member) in members.iter().enumerate() {
        of_files.extend(member.sql.iter().map(|&file| (file, index)));
    }
    let of = |(name, publication): (&'a String, &crate::model::objects::Publication)| {
        let mut makers =
            publication.created.iter().filter_map(|(file, _)| of_files.get(file).copied()).collect::<Vec<_>>();
        makers.sort_unstable();
        makers.dedup();
        (name.as_str(), makers)
    };
    cluster.objects.publications.iter().map(of).collect()
}

/// So many publications of a subscription are looked up.
const MOST_PUBLICATIONS: usize = 64;

struct Finder<'a> {
    cluster: &'a Cluster,
    members: &'a [Member],
    directory: Directory<'a>,
    services: HashMap<&'a str, usize>,
}

impl Finder<'_> {
    /// The edge of a standby.
    fn physical(&self, index: usize, member: &Member) -> Option<Edge> {
        let major = member.majors.last()?;
        let of_member = |of: &&ConninfoUse| {
            matches!(of.origin, Origin::Primary { node } if member.nodes.contains(&node)) && !of.overridden
        };
        let uses = || self.cluster.conninfos.iter().enumerate().filter(|(_, of)| of_member(of));
        // Of a string for recovery.conf and another for postgresql.conf, the one that the newest target reads counts.
        let found = uses().find(|(_, of)| of.majors.contains(major)).or_else(|| uses().next());
        let said = self.said(member);
        let Some((conninfo, of)) = found else {
            let subscribes = member.sql.iter().any(|&file| self.subscriptions(file).next().is_some());
            let upstream = said.filter(|_| !subscribes && member.duty != Some(Duty::Subscriber))?;
            let why = "pgassay.toml".to_owned();
            return Some(Edge {
                link: Link::Physical { node: member.nodes.first().copied() },
                downstream: index,
                upstream: Some(upstream),
                certain: true,
                active: true,
                conninfo: None,
                service: None,
                target: String::new(),
                why,
            });
        };
        let Origin::Primary { node } = of.origin else { return None };
        let service = self.service(of, major);
        let mut found = self.lead(index, of, service, major);
        if let Some(upstream) = said {
            found = Found::certain(upstream, "pgassay.toml".to_owned());
        }
        if found.member.is_none() && !found.elsewhere {
            let is_server = |&other: &usize| {
                self.members
                    .get(other)
                    .is_some_and(|other| !other.nodes.is_empty() && other.duty != Some(Duty::Standby))
            };
            let others = self.directory.around(index).filter(is_server).collect::<Vec<_>>();
            if let (&[only], true) = (others.as_slice(), member.duty == Some(Duty::Standby)) {
                found = Found::likely(only, "the only other server here that is no standby".to_owned());
            }
        }
        let signal = self.cluster.nodes.get(node).is_some_and(starts_in_recovery);
        Some(Edge {
            link: Link::Physical { node: Some(node) },
            downstream: index,
            active: signal || member.duty == Some(Duty::Standby) || !matches!(member.duty, Some(Duty::Primary)),
            upstream: found.member,
            certain: found.certain,
            conninfo: Some(conninfo),
            service,
            target: target(of, service.and_then(|index| self.cluster.conninfos.get(index)), major),
            why: found.why,
        })
    }

    /// The subscriptions that a SQL file makes, with the indices of their statements.
    fn subscriptions(&self, file: usize) -> impl Iterator<Item = (usize, &CreateSubscription, Span)> {
        let statements = self.cluster.sql.get(file).into_iter().flat_map(|file| &file.sql.statements).enumerate();
        statements.filter_map(|(index, statement)| match &statement.what {
            What::CreateSubscription(create) => Some((index, create, statement.span)),
            _ => None,
        })
    }

    /// The edges of the subscriptions that a SQL file makes.
    fn logical(
        &self,
        member: usize,
        file: usize,
        of_statements: &HashMap<Span, usize>,
        altered: &HashMap<&str, Span>,
        edges: &mut Vec<Edge>,
    ) {
        let Some(own) = self.members.get(member) else { return };
        let major = own.majors.last().unwrap_or(crate::catalog::NEWEST_HELD);
        for (statement, create, span) in self.subscriptions(file) {
            let span = altered.get(create.name.text.as_str()).copied().unwrap_or(span);
            let Some((index, of)) =
                of_statements.get(&span).and_then(|&index| Some((index, self.cluster.conninfos.get(index)?)))
            else {
                continue;
            };
            let service = self.service(of, major);
            let mut found = self.lead(member, of, service, major);
            if let Some(upstream) = self.said(own) {
                found = Found::certain(upstream, "pgassay.toml".to_owned());
            }
            if found.member.is_none() && !found.elsewhere {
                found = self.by_publications(member, create).unwrap_or(found);
            }
            // One file for both sides: where each statement runs is not known.
            if found.member == Some(member) && !found.certain {
                found = Found::nothing("one file speaks of both servers");
            }
            edges.push(Edge {
                link: Link::Logical { file, statement },
                downstream: member,
                upstream: found.member,
                certain: found.certain,
                active: true,
                conninfo: Some(index),
                service,
                target: target(of, service.and_then(|index| self.cluster.conninfos.get(index)), major),
                why: found.why,
            });
        }
    }

    /// The member that pgassay.toml says the member replicates from, if it is one.
    fn said(&self, member: &Member) -> Option<usize> {
        let [name] = member.replicates_from.as_slice() else { return None };
        self.members.iter().position(|other| other.said.is_some() && other.name == *name)
    }

    fn service(&self, of: &ConninfoUse, major: u8) -> Option<usize> {
        let param = of.conninfo.get("service").filter(|param| !param.value.dynamic)?;
        let name = String::from_utf8_lossy(param.value.bytes_for(major));
        self.services.get(&*name).copied()
    }

    /// Where a string leads.
    fn lead(&self, from: usize, of: &ConninfoUse, service: Option<usize>, major: u8) -> Found {
        let service = service.and_then(|index| self.cluster.conninfos.get(index));
        let Some(hosts) = hosts_of(of, service, major) else {
            return Found::nothing("the host is not known");
        };
        let mut led = hosts.iter().map(|host| self.directory.find(from, host, major));
        let first = led.next().unwrap_or_default();
        match led.find(|other| other.member != first.member || other.member.is_none()) {
            None => first,
            Some(_) => Found::elsewhere("it names several servers"),
        }
    }

    /// The only server around that makes the publications of a subscription.
    fn by_publications(&self, member: usize, create: &CreateSubscription) -> Option<Found> {
        let mut makers: Option<usize> = None;
        for name in create.publications.iter().take(MOST_PUBLICATIONS) {
            let key = Key::Publication(&name.text);
            let Nearest::One(maker) = self.directory.nearest(member, key, |other| other != member) else { return None };
            if name.dynamic || *makers.get_or_insert(maker) != maker {
                return None;
            }
        }
        Some(Found::likely(makers?, "only it makes the publications".to_owned()))
    }
}

/// Whether the server starts as a standby by what lies beside its settings.
fn starts_in_recovery(node: &Node) -> bool {
    let mode = node.recovery.winner("standby_mode").and_then(|mode| crate::model::value::parse_bool(&mode.text));
    node.recovery.standby_signal.is_some() || mode == Some(true)
}

/// The hosts of a string: its own, else those of the service it names.
fn hosts_of(of: &ConninfoUse, service: Option<&ConninfoUse>, major: u8) -> Option<Vec<effective::Host>> {
    let names = |of: &ConninfoUse| of.conninfo.get("host").or_else(|| of.conninfo.get("hostaddr")).is_some();
    match service {
        Some(service) if !names(of) => hosts(&service.conninfo, major),
        _ => hosts(&of.conninfo, major),
    }
}

/// Where a string leads, in words.
fn target(of: &ConninfoUse, service: Option<&ConninfoUse>, major: u8) -> String {
    let Some(hosts) = hosts_of(of, service, major) else { return "…".to_owned() };
    let shown = hosts.iter().map(|host| {
        let name = if host.host.is_empty() { &host.hostaddr } else { &host.host };
        let name = if name.is_empty() { "a socket".into() } else { String::from_utf8_lossy(name) };
        match host.port.as_slice() {
            b"" => name.into_owned(),
            port => format!("{name}:{}", String::from_utf8_lossy(port)),
        }
    });
    shown.collect::<Vec<_>>().join(", ")
}
