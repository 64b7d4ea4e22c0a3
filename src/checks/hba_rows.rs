//! The rows of pg_hba.conf one by one: who gets in from where and how, words that do not mean what they seem to, and
//! rows that never apply or that come to more together than each alone.
//!
//! A row gives at most one finding each about how the login is protected, about where it may come from and whether
//! the way is encrypted, and about who it lets in; an open door without any lock gives only one. What a row above
//! takes away is not judged. What postgresql.conf and pg_ident.conf say is in `hba_settings`.

use std::collections::{BTreeMap, HashSet};

use crate::catalog::Majors;
use crate::catalog::hba::ConnType;
use crate::model::Node;
use crate::model::access::Hba;
use crate::model::hba::HbaRow;
use crate::rule::{Context, Sink};
use crate::source::Span;

use crate::reach::{Cover, Patterns, Roles};

mod address;
mod dual;
mod families;
mod lockout;
mod login;
mod mend;
mod options;
mod order;
mod overlap;
mod people;
mod regex;
mod view;
mod way;
mod words;

pub(crate) use regex::{Anchors, anchors};
use view::Row;
pub(crate) use view::subject;

/// Superusers by name, with the statement that makes each one.
type Superusers = BTreeMap<String, Option<Span>>;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let superusers = super::access::Superusers::read(cx);
    for (index, node) in cx.cluster.nodes.iter().enumerate() {
        if let Some(hba) = &node.hba {
            let topology = &cx.cluster.topology;
            let member = topology.of_node(index).and_then(|member| topology.members.get(member));
            let own = member.into_iter().flat_map(|member| &member.sql).filter_map(|&file| cx.cluster.sql.get(file));
            let groups = people::Groups {
                roles: Roles::of(cx.cluster, index),
                patterns: Patterns::default(),
                own: own.map(|file| file.file).collect(),
            };
            rows(cx, node, hba, (&superusers.of(node), &groups), out);
        }
    }
}

fn rows(
    cx: &Context<'_>,
    node: &Node,
    hba: &Hba,
    (superusers, groups): (&Superusers, &people::Groups),
    out: &mut Sink<'_>,
) {
    let ssl_off = super::hba_settings::ssl_off(node);
    let without_tls = node.targets.majors.iter().filter(|&major| super::tls_off::is_open(node, major)).collect();
    // Which branch of a template is taken is not known, so neither is which rows stand above a row.
    let cover = (!super::access::has_branches(cx, &hba.files)).then(|| Cover::of(&hba.rows));
    let live = |(index, entry): (usize, &HbaRow)| {
        let dead = cover.as_ref().map_or(Majors::NONE, |cover| cover.dead(index));
        // Without TLS on the server no connection can match the row.
        let idle = if entry.conn_type == ConnType::HostSsl { ssl_off } else { Majors::NONE };
        (entry.majors - dead) - idle
    };
    let live = hba.rows.iter().enumerate().map(live).collect::<Vec<_>>();
    let families = cover.as_ref().map(|cover| families::Rows { cx, node, hba, cover, live: &live, groups }.check(out));
    let told_address = families.unwrap_or_default().into_iter().collect::<HashSet<_>>();
    let (mut told, mut known) = (words::Told::default(), people::Known::new());
    for ((index, entry), live) in hba.rows.iter().enumerate().zip(live.iter().copied()) {
        let row = Row { cx, node, hba, entry, index, live, without_tls, cover: cover.as_ref() };
        if let Some(cover) = &cover {
            order::check(&row, cover, out);
        }
        words::check(&row, &mut told, out);
        address::check(&row, out);
        options::check(&row, out);
        if !row.live.is_empty() && row.accepts() {
            login::check(&row, out);
            if !login::is_open(&row) {
                if !told_address.contains(&index) {
                    way::check(&row, out);
                }
                people::check(&row, superusers, groups, &mut known, out);
            }
        }
    }
}
