//! Subscriptions that are given to a role which is no superuser.
//!
//! Source: `AlterSubscriptionOwner_internal` in subscriptioncmds.c, by which up to 15 only a superuser may own one, and
//! `libpqrcv_check_conninfo` in libpqwalreceiver.c, by which from 16 on the connection string of another owner must have
//! a password, unless `password_required` is off.

use std::collections::HashMap;

use crate::catalog::Majors;
use crate::finding::{Effect, Finding, Label, Subject};
use crate::model::objects::Role;
use crate::model::sql::{CreateSubscription, SubscriptionAction, What};
use crate::rule::id::SUBSCRIPTION_OWNER;
use crate::rule::{Context, Sink, shorten};
use crate::source::Span;
use crate::syntax::conninfo::Conninfo;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let objects = &cx.cluster.objects;
    let mut made: HashMap<&str, Option<&CreateSubscription>> = HashMap::new();
    for (_, statement) in cx.cluster.statements() {
        if let What::CreateSubscription(create) = &statement.what {
            // Of two subscriptions of one name it is not known which is meant.
            made.entry(&create.name.text).and_modify(|only| *only = None).or_insert(Some(create));
        }
    }
    for (site, statement) in cx.cluster.statements() {
        let What::AlterSubscription(alter) = &statement.what else { continue };
        let SubscriptionAction::Owner(owner) = &alter.action else { continue };
        if alter.name.dynamic || owner.dynamic || objects.dynamic.roles {
            continue;
        }
        let Some(role) = objects.roles.get(&owner.text).and_then(plain) else { continue };
        let (name, shown) = (cx.name(alter.name.span), shorten(&owner.text));
        let mut push = |majors: Majors, message: String, help: &str, effect: Effect| {
            let label = Label::new(owner.span, "is no superuser");
            let subject = Subject::Subscription(alter.name.text.clone());
            let finding = Finding::new(SUBSCRIPTION_OWNER, subject, majors & site.majors, label, message);
            out.push(finding.effect(effect).related(role, "made without `SUPERUSER`").help(help));
        };
        let create = made.get(alter.name.text.as_str()).copied().flatten();
        if create.is_some_and(lacks_password) {
            let message = format!(
                "subscription `{name}` is given to `{shown}`, which is no superuser, and its connection string has no \
                 password"
            );
            push(
                Majors::since(16),
                message,
                "write a password into the connection string of the subscription",
                Effect::Risk,
            );
        }
        if site.known && site.majors.iter().all(|major| major < 16) {
            let message = format!("subscription `{name}` is given to `{shown}`, which is no superuser");
            push(
                Majors::until(15),
                message,
                "give it to a superuser: up to 15 no other role may own one",
                Effect::Refused,
            );
        }
    }
}

/// Where a role is made, if that is seen and nothing makes it a superuser.
fn plain(role: &Role) -> Option<Span> {
    role.created.first().copied().filter(|_| !role.flags.contains_key("superuser"))
}

/// Whether the connection string surely has no password, and needs one.
fn lacks_password(create: &CreateSubscription) -> bool {
    let conninfo = Conninfo::parse(&create.connection.literal);
    let known = !conninfo.dynamic && !conninfo.open && conninfo.errors.is_empty();
    let of_service = conninfo.get("service").is_some();
    let told = create.options.iter().any(|item| item.name.dynamic || item.name.text == "password_required");
    known && !of_service && !told && conninfo.get("password").is_none()
}
