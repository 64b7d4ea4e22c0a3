//! The role of a connection, on the server that sends: that it is there, may log in, and may replicate.
//!
//! Only a server whose own SQL makes roles for replication is looked at, and only roles that no other file may make.

use super::ends::{Ends, ends};
use super::sender::{Account, Sender, Senders};
use crate::catalog::Majors;
use crate::finding::{Confidence, Finding, Label, Subject};
use crate::rule::id::{CLUSTER_ROLE_MISSING, CLUSTER_ROLE_NO_LOGIN, CLUSTER_ROLE_NO_REPLICATION};
use crate::rule::{Context, RuleId, Sink, shorten};
use crate::source::Span;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let senders = Senders::new(cx);
    for ends in ends(cx) {
        let (Some(user), Some(sender)) = (user(&ends), senders.of(&ends)) else { continue };
        match sender.made(&user) {
            Some(account) => attributes(&ends, sender, &user, account, out),
            None => missing(cx, &ends, &senders, sender, &user, out),
        }
    }
}

/// The user of an edge's connection, where it is named.
pub(super) fn user(ends: &Ends<'_>) -> Option<String> {
    let newest = ends.up.majors.last()?;
    // No other database has a superuser of this name, and it may do everything.
    let user = ends.edge.keyword(ends.cluster, "user", newest)?.into_owned();
    (!user.is_empty() && user != "postgres").then_some(user)
}

/// The place of the user in the connection string.
pub(super) fn place(ends: &Ends<'_>) -> Option<Span> {
    let of = ends.edge.conninfo(ends.cluster)?;
    Some(of.conninfo.get("user").map_or(of.span, |param| param.value.span))
}

fn judged(ends: &Ends<'_>) -> Majors {
    if ends.is_physical() { ends.physical_majors() } else { ends.up.majors }
}

fn finding(ends: &Ends<'_>, rule: RuleId, user: &str, label: Label, message: String) -> Finding {
    let subject = Subject::Role(user.to_owned());
    Finding::new(rule, subject, judged(ends), label, message).confidence(ends.confidence())
}

fn missing(
    cx: &Context<'_>,
    ends: &Ends<'_>,
    senders: &Senders<'_>,
    sender: &Sender<'_>,
    user: &str,
    out: &mut Sink<'_>,
) {
    // Without roles for replication in its SQL, they are made elsewhere.
    let mut made = sender.accounts.iter().filter(|(_, account)| !account.made.is_empty());
    let Some(other) =
        made.by_ref().filter(|(_, account)| account.given.contains("replication")).min_by_key(|(name, _)| *name)
    else {
        return;
    };
    let (name, account) = other;
    if !sender.closed || senders.is_renamed(user) || sender.accounts.contains_key(user) {
        return;
    }
    let (Some(place), Some(span)) = (place(ends), account.made.first()) else { return };
    if senders.is_named_by_hosts(user) {
        return;
    }
    // Another server of the tree may share its roles, as the one that is copied does.
    let elsewhere = cx.cluster.objects.roles.get(user).and_then(|role| role.created.first());
    let up = ends.up.shown();
    let message =
        format!("role `{}` is not made on {up}, which makes `{}` for replication", shorten(user), shorten(name));
    let mut found =
        finding(ends, CLUSTER_ROLE_MISSING, user, Label::new(place, "connects as a role that is not there"), message)
            .related(*span, "made here");
    if let Some(elsewhere) = elsewhere {
        found = found.related(*elsewhere, "made on another server").confidence(Confidence::Medium);
    }
    out.push(found.help(format!("connect as `{}`, or make the role on {up}", shorten(name))));
}

fn attributes(ends: &Ends<'_>, sender: &Sender<'_>, user: &str, account: &Account<'_>, out: &mut Sink<'_>) {
    let (Some(place), Some(made), true) = (place(ends), account.made.first(), sender.closed) else { return };
    let (up, shown) = (ends.up.shown(), shorten(user));
    let at = |flag: &str| account.taken.get(flag).copied().unwrap_or(*made);
    if !account.given.contains("login") {
        let message = format!("role `{shown}` of {up} may not log in, and {} connects as it", ends.down.shown());
        let label = Label::new(at("login"), "has no `LOGIN`");
        out.push(
            finding(ends, CLUSTER_ROLE_NO_LOGIN, user, label, message)
                .related(place, "connects as it")
                .help(format!("make it with `CREATE ROLE {shown} LOGIN`")),
        );
    }
    // Managed services give the right to replicate by roles of their own.
    let may = account.given.contains("replication") || account.given.contains("superuser");
    if !may && sender.with_groups(user).is_some() {
        let message = format!("role `{shown}` of {up} may not replicate, and {} replicates as it", ends.down.shown());
        let label = Label::new(at("replication"), "has no `REPLICATION`");
        out.push(
            finding(ends, CLUSTER_ROLE_NO_REPLICATION, user, label, message)
                .related(place, "replicates as it")
                .help("give it `REPLICATION`; a superuser may replicate, but has no need to"),
        );
    }
}
