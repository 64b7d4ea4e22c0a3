//! Libraries that a list does not name, and SQL that makes extensions but not pgcrypto.

use crate::checks::ask::{list, majors};
use crate::checks::cluster::sender::runs_unseen;
use crate::checks::conf_extensions::names_library;
use crate::discover::Kind;
use crate::finding::{Confidence, Finding, Label, Subject};
use crate::model::sql::{Extension, What};
use crate::rule::{Context, Sink, id};

/// Settings that load libraries into every session.
const SETTINGS: [&str; 3] = ["shared_preload_libraries", "session_preload_libraries", "local_preload_libraries"];

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let allowed = out.list(id::LIBRARY_NOT_ALLOWED, "allowed");
    let approved = |item: &str| allowed.iter().any(|library| names_library(item, library));
    for node in &cx.cluster.nodes {
        for name in SETTINGS {
            let others = |major| {
                let items = list(node, name, major)?.into_iter();
                let others = items.filter(|item| !item.is_empty() && !approved(item)).collect::<Vec<_>>();
                (!others.is_empty()).then_some(others)
            };
            let at_fault = majors(node, id::LIBRARY_NOT_ALLOWED, |major| others(major).is_some());
            let Some(place) = node.settings.winner(name) else { continue };
            let Some(others) = at_fault.last().and_then(others) else { continue };
            let named = others.iter().map(|item| format!("`{item}`")).collect::<Vec<_>>().join(", ");
            let message = format!("`{name}` loads {named}, which the policy does not name");
            let label = Label::new(place.span, "not an approved library");
            let subject = Subject::Setting(name.to_owned());
            let found = Finding::new(id::LIBRARY_NOT_ALLOWED, subject, at_fault, label, message);
            out.push(found.help(format!("take it off the list; approved are {}", allowed.join(", "))));
        }
    }
    pgcrypto(cx, out);
}

/// The extensions that SQL makes.
fn made<'a>(cx: &'a Context<'_>) -> impl Iterator<Item = (crate::catalog::Majors, &'a Extension)> {
    cx.cluster.statements().filter_map(|(site, statement)| match &statement.what {
        What::Extension(extension) => Some((site.majors, extension)),
        _ => None,
    })
}

/// Said once for the tree, and only where its SQL makes extensions and all of it is seen.
fn pgcrypto(cx: &Context<'_>, out: &mut Sink<'_>) {
    let may_make = |extension: &Extension| {
        // What `CASCADE` brings along is not known.
        extension.name.dynamic || extension.name.text == "pgcrypto" || extension.cascade.is_some()
    };
    if !out.wants(id::PGCRYPTO_NOT_CREATED) || made(cx).any(|(_, extension)| may_make(extension)) {
        return;
    }
    let Some((majors, first)) = made(cx).next() else { return };
    let unread = cx.cluster.sql.iter().any(|file| !file.sql.errors.is_empty());
    let mut scripts = cx.sources.iter().filter(|(_, file)| file.kind() == Kind::Sql);
    if unread || scripts.any(|(_, file)| runs_unseen(file.bytes())) {
        return;
    }
    let message = "extensions are made and `pgcrypto` is not among them";
    let label = Label::new(first.name.span, "the first extension that is made");
    let subject = Subject::Object("extension/pgcrypto".to_owned());
    let found = Finding::new(id::PGCRYPTO_NOT_CREATED, subject, majors, label, message);
    out.push(found.confidence(Confidence::Medium).help("add `CREATE EXTENSION pgcrypto`, if data has to be encrypted"));
}
