//! Slots of subscriptions: used twice, or left behind; publications that are not there.

use std::collections::{HashMap, HashSet};

use crate::finding::{Finding, Label, Subject};
use crate::model::sql::{CreateSubscription, SlotFunction, What};
use crate::rule::id::{SUBSCRIPTION_DROP_ORPHAN_SLOT, SUBSCRIPTION_DUPLICATE_SLOT, SUBSCRIPTION_UNKNOWN_PUBLICATION};
use crate::rule::{Context, Sink};
use crate::source::Span;
use crate::syntax::conninfo::Conninfo;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    duplicates(cx, out);
    publications(cx, out);
    orphans(cx, out);
}

/// The slot that a subscription uses, and where that is said.
pub(crate) fn slot(create: &CreateSubscription) -> Option<(String, Span)> {
    if create.name.dynamic || create.options.iter().any(|item| item.name.dynamic) {
        return None;
    }
    match create.options.iter().rev().find(|item| item.name.text == "slot_name") {
        None => Some((create.name.text.clone(), create.name.span)),
        Some(item) => {
            let value = item.value.as_ref().filter(|value| !value.is_dynamic())?;
            (value.text() != "none").then(|| (value.text().into_owned(), item.span))
        }
    }
}

/// Where a subscription connects: host and port; `None` if any of it is known only at run time or not said.
pub(crate) type Publisher = (String, String);

pub(crate) fn publisher(create: &CreateSubscription) -> Option<Publisher> {
    let conninfo = Conninfo::parse(&create.connection.literal);
    let value = |keyword: &str| -> Option<String> {
        match conninfo.get(keyword) {
            Some(found) if found.value.dynamic => None,
            Some(found) => Some(String::from_utf8_lossy(found.value.bytes()).to_ascii_lowercase()),
            None => (!conninfo.dynamic && !conninfo.open).then(String::new),
        }
    };
    let host = value("host")?;
    let host = if host.is_empty() { value("hostaddr")? } else { host };
    let port = value("port").map(|port| if port.is_empty() { "5432".to_owned() } else { port })?;
    (!host.is_empty()).then_some((host, port))
}

fn duplicates(cx: &Context<'_>, out: &mut Sink<'_>) {
    let mut seen: HashMap<_, (&CreateSubscription, Span)> = HashMap::new();
    for (site, statement) in cx.cluster.statements() {
        let What::CreateSubscription(create) = &statement.what else { continue };
        let (Some((name, span)), Some(publisher)) = (slot(create), publisher(create)) else { continue };
        match seen.get::<(Publisher, String)>(&(publisher.clone(), name.clone())) {
            // The same statement twice is a script and its copy.
            Some((first, _)) if first.name.text == create.name.text => {}
            Some((first, other)) => {
                let message = format!(
                    "subscriptions `{}` and `{}` use one replication slot, `{}`, of one publisher",
                    cx.name(first.name.span),
                    cx.name(create.name.span),
                    name
                );
                let label = Label::new(span, "the slot is taken");
                let subject = Subject::Subscription(create.name.text.clone());
                out.push(
                    Finding::new(SUBSCRIPTION_DUPLICATE_SLOT, subject, site.majors, label, message)
                        .related(*other, "taken here")
                        .help("give each subscription a slot of its own with `slot_name`"),
                );
            }
            None => {
                seen.insert((publisher, name), (create, span));
            }
        }
    }
}

/// So many publications are looked through for a name that is near.
const MOST: usize = 200;

/// A publication that the tree never makes, while it makes another of the same subscription, of the same publisher, or
/// of nearly that name.
fn publications(cx: &Context<'_>, out: &mut Sink<'_>) {
    let objects = &cx.cluster.objects;
    if objects.dynamic.publications {
        return;
    }
    let made = |name: &str| objects.publications.get(name).is_some_and(|publication| !publication.created.is_empty());
    let subscriptions = || {
        cx.cluster.statements().filter_map(|(site, statement)| match &statement.what {
            What::CreateSubscription(create) => Some((site, create)),
            _ => None,
        })
    };
    // The publishers whose publications the tree makes.
    let held = subscriptions().filter(|(_, create)| create.publications.iter().any(|name| made(&name.text)));
    let held = held.filter_map(|(_, create)| publisher(create)).collect::<HashSet<_>>();
    let all = objects.publications.iter().filter(|(_, publication)| !publication.created.is_empty());
    let all = all.map(|(name, _)| name.as_str()).take(MOST).collect::<Vec<_>>();
    // Where it is known which server is meant, another rule says more.
    let told = crate::checks::cluster::publication::told(cx);
    for (site, create) in subscriptions() {
        if create.publications.iter().any(|name| name.dynamic) {
            continue;
        }
        let held = publisher(create).is_some_and(|publisher| held.contains(&publisher));
        let sibling = held || create.publications.iter().any(|other| made(&other.text));
        for name in create.publications.iter().filter(|name| !made(&name.text) && !told.contains(&name.span)) {
            // Names that are numbered differ by one character and are not mistaken for each other.
            let letters = |name: &str| name.chars().filter(|char| !char.is_ascii_digit()).collect::<String>();
            let near = crate::catalog::nearest(&name.text, all.iter().copied());
            let near = near.filter(|near| letters(near) != letters(&name.text));
            if !sibling && near.is_none() {
                continue;
            }
            let shown = cx.name(name.span);
            let message = format!(
                "subscription `{}` names publication `{shown}`, which the tree never makes",
                cx.name(create.name.span)
            );
            let help = near.map_or("make the publication, or take it off the list".to_owned(), |near| {
                format!("did you mean `{near}`?")
            });
            let label = Label::new(name.span, "no such publication");
            let subject = Subject::Subscription(create.name.text.clone());
            out.push(Finding::new(SUBSCRIPTION_UNKNOWN_PUBLICATION, subject, site.majors, label, message).help(help));
        }
    }
}

/// A subscription that is parted from its slot and dropped, while nothing drops the slot.
fn orphans(cx: &Context<'_>, out: &mut Sink<'_>) {
    let drops = cx
        .cluster
        .statements()
        .any(|(_, statement)| matches!(&statement.what, What::Slot(call) if call.function == SlotFunction::Drop));
    if drops {
        return;
    }
    // What is made with `slot_name = NONE` never had one.
    let without = cx.cluster.statements().filter_map(|(_, statement)| match &statement.what {
        What::CreateSubscription(create) if slot(create).is_none() => Some(create.name.text.as_str()),
        _ => None,
    });
    let without = without.collect::<HashSet<_>>();
    for (site, statement) in cx.cluster.statements() {
        let What::DropSubscription(drop) = &statement.what else { continue };
        let Some(facts) = cx.cluster.objects.subscriptions.get(&drop.name.text).filter(|_| !drop.name.dynamic) else {
            continue;
        };
        let never = without.contains(drop.name.text.as_str()) && !facts.named_slot;
        let Some(parted) = facts.parted.first().filter(|_| !never) else { continue };
        let message = format!(
            "subscription `{}` is dropped and its replication slot stays on the publisher",
            cx.name(drop.name.span)
        );
        let label = Label::new(drop.name.span, "the slot holds back WAL until the disk is full");
        let subject = Subject::Subscription(drop.name.text.clone());
        out.push(
            Finding::new(SUBSCRIPTION_DROP_ORPHAN_SLOT, subject, site.majors, label, message)
                .related(*parted, "parted from its slot here")
                .help("run `SELECT pg_drop_replication_slot('...')` on the publisher"),
        );
    }
}
