//! Commands on subscriptions that cannot run inside a transaction block.

use crate::catalog::Majors;
use crate::checks::migration;
use crate::finding::{Finding, Label, Subject};
use crate::model::sql::{AlterSubscription, CreateSubscription, OptionItem, SubscriptionAction, What};
use crate::rule::id::SUBSCRIPTION_IN_TRANSACTION;
use crate::rule::{Context, Sink};
use crate::syntax::sql::{InTransaction, Name};

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (site, statement) in cx.cluster.statements() {
        let (block, label) = match statement.transaction {
            InTransaction::No => continue,
            InTransaction::Block(span) => (span, "the transaction block begins here"),
            InTransaction::Migration(span) => (span, "this runs it in a transaction"),
            InTransaction::DoBlock(span) => {
                (span.slice(0, span.range().len().min(20)), "a `DO` block is one transaction")
            }
            InTransaction::Function(span) => {
                (span.slice(0, span.range().len().min(20)), "a function runs inside a transaction")
            }
        };
        let found: Option<(&Name, &str, Majors, &str)> = match &statement.what {
            What::CreateSubscription(create) => creates_slot(create).then_some((
                &create.name,
                "making subscription `{}` with its replication slot",
                Majors::ALL,
                "take the statement out of the transaction, or make the slot beforehand and say `create_slot = false`",
            )),
            What::DropSubscription(drop) => {
                let facts = cx.cluster.objects.subscriptions.get(&drop.name.text);
                let parted = facts.is_some_and(|facts| !facts.parted.is_empty());
                (!parted && !cx.cluster.objects.dynamic.subscriptions).then_some((
                    &drop.name,
                    "dropping subscription `{}` with its replication slot",
                    Majors::ALL,
                    "take the statement out of the transaction, or run `ALTER SUBSCRIPTION ... SET (slot_name = NONE)` first and drop the slot on the publisher",
                ))
            }
            What::AlterSubscription(alter) => altered(alter).map(|(what, majors)| {
                (
                    &alter.name,
                    what,
                    majors,
                    "take the statement out of the transaction, or say `refresh = false` where it has that option",
                )
            }),
            _ => None,
        };
        let Some((name, what, majors, help)) = found else { continue };
        let majors = majors & if site.known { site.majors } else { Majors::HELD };
        let what = what.replace("{}", cx.name(name.span).as_str());
        let message = format!("{what} is refused inside a transaction block");
        let finding = Finding::new(
            SUBSCRIPTION_IN_TRANSACTION,
            Subject::Subscription(name.text.clone()),
            majors,
            Label::new(name.span, "refused here"),
            message,
        );
        let finding = finding.related(block, label).help(help);
        out.push(match statement.transaction {
            InTransaction::Migration(place) => migration::outside(cx, finding, place),
            _ => finding,
        });
    }
}

/// The value of a Boolean option: `Some(default)` without one, `None` if it is known only at run time.
fn boolean(options: &[OptionItem], name: &str, default: bool) -> Option<bool> {
    if options.iter().any(|item| item.name.dynamic) {
        return None;
    }
    let Some(item) = options.iter().rev().find(|item| item.name.text == name) else { return Some(default) };
    let Some(value) = &item.value else { return Some(true) };
    match value.text().to_ascii_lowercase().as_str() {
        _ if value.is_dynamic() => None,
        "true" | "on" | "1" => Some(true),
        "false" | "off" | "0" => Some(false),
        _ => None,
    }
}

fn creates_slot(create: &CreateSubscription) -> bool {
    let connect = boolean(&create.options, "connect", true);
    let slot = boolean(&create.options, "create_slot", true);
    let named = create.options.iter().find(|item| item.name.text == "slot_name");
    let none = named.is_some_and(|item| item.value.as_ref().is_none_or(|value| value.text() == "none"));
    connect == Some(true) && slot == Some(true) && !none
}

fn altered(alter: &AlterSubscription) -> Option<(&'static str, Majors)> {
    let refreshes = boolean(&alter.options, "refresh", true) == Some(true);
    match alter.action {
        SubscriptionAction::Refresh => Some(("`REFRESH PUBLICATION` of subscription `{}`", Majors::since(14))),
        SubscriptionAction::SetPublication(_) if refreshes => {
            Some(("`SET PUBLICATION` of subscription `{}` with refresh", Majors::since(14)))
        }
        SubscriptionAction::AddPublication(_) if refreshes => {
            Some(("`ADD PUBLICATION` of subscription `{}` with refresh", Majors::since(14)))
        }
        SubscriptionAction::DropPublication(_) if refreshes => {
            Some(("`DROP PUBLICATION` of subscription `{}` with refresh", Majors::since(14)))
        }
        SubscriptionAction::Set => {
            let has = |name: &str| alter.options.iter().any(|item| item.name.text == name);
            if has("failover") {
                Some(("`SET (failover)` of subscription `{}`", Majors::since(17)))
            } else if has("two_phase") {
                Some(("`SET (two_phase)` of subscription `{}`", Majors::since(18)))
            } else {
                None
            }
        }
        _ => None,
    }
}
