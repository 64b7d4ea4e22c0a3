//! What a server has to provide for others: slots, and WAL senders.
//!
//! Only what the tree surely makes is here, so that the numbers are lower bounds. A subscription that is dropped, parted
//! from its slot, or made without connecting is left out; so is a slot that some statement drops.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::catalog::Majors;
use crate::checks::subscription::slot;
use crate::model::sql::{CreateSubscription, OptionItem, SlotCall, SlotFunction, SubscriptionAction, What};
use crate::model::topology::{Edge, Link, Member};
use crate::model::{Cluster, value};
use crate::source::Span;

/// Who uses a slot or a WAL sender of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum User {
    Subscription,
    Standby,
    /// A call that makes a slot, for whomever.
    Call {
        logical: bool,
    },
}

/// A slot, a WAL sender or both.
#[derive(Debug)]
pub(super) struct Use {
    pub(super) user: User,
    /// What the user is called: the subscription, the standby, the slot.
    pub(super) name: String,
    pub(super) span: Span,
    /// The slot, where it is known that there is one.
    pub(super) slot: Option<String>,
    /// Whether it keeps a connection.
    pub(super) streams: bool,
    /// Whether the slot is to be carried over to standbys, where that is known.
    pub(super) failover: Option<bool>,
    /// The server that uses it; none for a call.
    pub(super) down: Option<usize>,
    /// Whether it surely leads to this server.
    pub(super) certain: bool,
    /// The majors on which it is so.
    pub(super) majors: Majors,
    /// The edge of a standby, by its index.
    pub(super) edge: Option<usize>,
    /// The statement of a subscription: its file and its number there.
    statement: Option<(usize, usize)>,
}

impl Use {
    /// The statement that makes the subscription.
    pub(super) fn create<'a>(&self, cluster: &'a Cluster) -> Option<&'a CreateSubscription> {
        let (file, statement) = self.statement?;
        match &cluster.sql.get(file)?.sql.statements.get(statement)?.what {
            What::CreateSubscription(create) => Some(create),
            _ => None,
        }
    }
}

/// What statements say of subscriptions and slots after they were made.
#[derive(Debug, Default)]
struct Later<'a> {
    disabled: HashSet<&'a str>,
    /// Those that are given another slot, or none.
    moved: HashSet<&'a str>,
    /// The values of `failover` that a subscription is given; none where it is computed.
    failover: HashMap<&'a str, Vec<Option<bool>>>,
    calls: Vec<&'a SlotCall>,
}

/// The uses of every server, by its index.
pub(super) fn uses(cluster: &Cluster) -> Vec<Vec<Use>> {
    let topology = &cluster.topology;
    let later = topology.members.iter().map(|member| later(cluster, member)).collect::<Vec<_>>();
    let (dropped, dropped_unknown) = dropped(cluster);
    let mut all = topology.members.iter().map(|_| Vec::new()).collect::<Vec<_>>();
    let mut likely: HashMap<usize, &str> = HashMap::new();
    for (index, edge) in topology.edges.iter().enumerate().filter(|(_, edge)| edge.active) {
        let Some(up) = edge.upstream.filter(|&up| up != edge.downstream) else { continue };
        let Some((from, down)) = topology.members.get(up).zip(topology.members.get(edge.downstream)) else { continue };
        let Some(list) = all.get_mut(up) else { continue };
        // Strings that name different hosts are not all for the one server that is only the likeliest.
        if !edge.certain && likely.entry(up).or_insert(&edge.target) != &edge.target.as_str() {
            continue;
        }
        match edge.link {
            Link::Physical { .. } => standby(cluster, (index, edge), (from, down), list),
            Link::Logical { .. } => {
                let Some(later) = later.get(edge.downstream) else { continue };
                let made = subscription(cluster, edge, down, later);
                list.extend(made.filter(|of| of.slot.as_deref().is_none_or(|slot| !dropped.contains(slot))));
            }
        }
    }
    for (list, later) in all.iter_mut().zip(&later) {
        let made = later.calls.iter().filter(|_| !dropped_unknown).filter_map(|call| made(call));
        list.extend(made.filter(|of| of.slot.as_deref().is_some_and(|slot| !dropped.contains(slot))));
    }
    all
}

/// The subscriptions of every server, wherever they lead.
pub(super) fn received(cluster: &Cluster) -> Vec<Vec<Use>> {
    let topology = &cluster.topology;
    let mut all = topology.members.iter().map(|_| Vec::new()).collect::<Vec<_>>();
    let mut last: Option<(usize, Later<'_>)> = None;
    for edge in topology.edges.iter().filter(|edge| matches!(edge.link, Link::Logical { .. })) {
        let Some(down) = topology.members.get(edge.downstream) else { continue };
        // The edges of a server stand together.
        if last.as_ref().is_none_or(|(of, _)| *of != edge.downstream) {
            last = Some((edge.downstream, later(cluster, down)));
        }
        let made = last.as_ref().and_then(|(_, later)| subscription(cluster, edge, down, later));
        if let Some(list) = all.get_mut(edge.downstream) {
            list.extend(made);
        }
    }
    all
}

/// The option of a list, where it is given.
pub(super) fn option<'a>(options: &'a [OptionItem], name: &str) -> Option<&'a OptionItem> {
    options.iter().find(|item| item.name.text == name)
}

/// The boolean of an option; none where it is computed or no boolean.
fn boolean(item: &OptionItem) -> Option<bool> {
    match &item.value {
        None => Some(true),
        Some(value) if value.is_dynamic() => None,
        Some(value) => value::parse_bool(value.text().as_bytes()),
    }
}

/// The boolean of an option of a subscription; its default where it is not given.
pub(super) fn flag(create: &CreateSubscription, name: &str, default: bool) -> Option<bool> {
    option(&create.options, name).map_or(Some(default), boolean)
}

fn later<'a>(cluster: &'a Cluster, member: &Member) -> Later<'a> {
    let mut later = Later::default();
    let files = member.sql.iter().filter_map(|&file| cluster.sql.get(file));
    for statement in files.flat_map(|file| &file.sql.statements) {
        match &statement.what {
            What::AlterSubscription(alter) => match alter.action {
                SubscriptionAction::Disable => {
                    later.disabled.insert(&alter.name.text);
                }
                SubscriptionAction::Set => {
                    if option(&alter.options, "slot_name").is_some() {
                        later.moved.insert(&alter.name.text);
                    }
                    if let Some(item) = option(&alter.options, "failover") {
                        later.failover.entry(&alter.name.text).or_default().push(boolean(item));
                    }
                }
                _ => {}
            },
            What::Slot(call) => later.calls.push(call),
            _ => {}
        }
    }
    later
}

/// The slots that some statement drops, and whether one drops a slot that it does not name.
fn dropped(cluster: &Cluster) -> (HashSet<String>, bool) {
    let (mut names, mut unknown) = (HashSet::new(), false);
    for (_, statement) in cluster.statements() {
        let What::Slot(call) = &statement.what else { continue };
        if call.function == SlotFunction::Drop {
            match call.slot().filter(|slot| !slot.is_dynamic()) {
                Some(slot) => {
                    names.insert(slot.text().into_owned());
                }
                None => unknown = true,
            }
        }
    }
    (names, unknown)
}

/// A subscription that surely exists and is not parted from its slot.
fn subscription(cluster: &Cluster, edge: &Edge, down: &Member, later: &Later<'_>) -> Option<Use> {
    let create = edge.subscription(cluster)?;
    let objects = down.objects(cluster);
    let said = objects.subscriptions.get(&create.name.text)?;
    let name = create.name.text.as_str();
    if !said.dropped.is_empty() || later.moved.contains(name) || objects.dynamic.subscriptions {
        return None;
    }
    let (slot, _) = slot::slot(create)?;
    let connects = flag(create, "connect", true)?;
    let begins = connects && flag(create, "enabled", true)?;
    let enabled = (begins || !said.enabled.is_empty()) && !later.disabled.contains(name);
    // A slot that is not made here is made by hand, at the latest when the subscription is enabled.
    let has_slot = enabled || connects && flag(create, "create_slot", true)?;
    let failover = match later.failover.get(name).map(Vec::as_slice) {
        None => flag(create, "failover", false),
        Some([only]) => *only,
        Some(_) => None,
    };
    has_slot.then(|| Use {
        user: User::Subscription,
        name: name.to_owned(),
        span: create.name.span,
        slot: Some(slot),
        streams: enabled,
        failover,
        down: Some(edge.downstream),
        certain: edge.certain,
        majors: Majors::ALL,
        edge: None,
        statement: match edge.link {
            Link::Logical { file, statement } => Some((file, statement)),
            Link::Physical { .. } => None,
        },
    })
}

/// The slots that a standby names, each with the majors on which it does; and that it streams without one.
fn standby(cluster: &Cluster, (index, edge): (usize, &Edge), (up, down): (&Member, &Member), list: &mut Vec<Use>) {
    let mut slots: BTreeMap<Option<(String, Span)>, Majors> = BTreeMap::new();
    for major in (up.majors & down.majors).iter() {
        let slot = standby_slot(cluster, down, edge, major);
        let majors = slots.entry(slot).or_default();
        *majors = *majors | Majors::only(major);
    }
    for (slot, majors) in slots {
        let Some(span) = slot.as_ref().map(|(_, span)| *span).or_else(|| edge.span(cluster)) else { continue };
        list.push(Use {
            user: User::Standby,
            name: down.called(),
            span,
            slot: slot.map(|(slot, _)| slot),
            streams: true,
            failover: Some(false),
            down: Some(edge.downstream),
            certain: edge.certain,
            majors,
            edge: Some(index),
            statement: None,
        });
    }
}

/// The slot of `primary_slot_name`, wherever the major reads it.
pub(super) fn standby_slot(cluster: &Cluster, down: &Member, edge: &Edge, major: u8) -> Option<(String, Span)> {
    if major >= 12 {
        let (slot, span) = super::side::text(cluster, down, "primary_slot_name", major)?;
        return Some((slot, span?)).filter(|(slot, _)| !slot.is_empty());
    }
    let Link::Physical { node } = edge.link else { return None };
    let definition = cluster.nodes.get(node?)?.recovery.winner("primary_slot_name")?;
    let known = !definition.value.dynamic && !definition.text.is_empty();
    known.then(|| (String::from_utf8_lossy(&definition.text).into_owned(), definition.span))
}

/// A slot that a call makes to stay.
fn made(call: &SlotCall) -> Option<Use> {
    let (logical, temporary) = match call.function {
        SlotFunction::CreatePhysical => (false, 2),
        SlotFunction::CreateLogical => (true, 2),
        SlotFunction::CopyPhysical => (false, 2),
        SlotFunction::CopyLogical => (true, 2),
        SlotFunction::Drop => return None,
    };
    let literal = |name: &str, at: usize| match call.argument(name, at) {
        None => (call.arguments.len() <= at || call.arguments.iter().any(|of| of.name.is_some())).then_some(false),
        Some(value) if value.is_dynamic() => None,
        Some(value) => value::parse_bool(value.text().as_bytes()),
    };
    if literal("temporary", temporary)? {
        return None;
    }
    let slot = call.slot().filter(|slot| !slot.is_dynamic())?.text().into_owned();
    let failover = if call.function == SlotFunction::CreateLogical { literal("failover", 4) } else { Some(false) };
    Some(Use {
        user: User::Call { logical },
        name: slot.clone(),
        span: call.span,
        slot: Some(slot),
        streams: false,
        failover,
        down: None,
        certain: true,
        majors: Majors::ALL,
        edge: None,
        statement: None,
    })
}
