//! The groups that a role is in, as far as the SQL of the tree shows it.

use std::collections::BTreeSet;

use pgassay_plugin::types::{Grant, Model, SqlName};

/// Every group of a role on a node, also through other groups. A membership that is taken away anywhere is none: the
/// files have no order.
pub(super) fn groups<'a>(model: &'a Model, node: u32, role: &'a str) -> BTreeSet<&'a str> {
    let runs_here = |statement: u32| model.statement(statement).is_none_or(|it| it.node.is_none_or(|it| it == node));
    let mut pairs: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut revoked = BTreeSet::new();
    let memberships = model.grants.iter().filter(|grant| grant.kind == "role" && runs_here(grant.statement));
    for grant in memberships {
        let of_grant = pairs_of(grant);
        match (grant.revoked, grant.grant_option) {
            (false, _) => pairs.extend(of_grant),
            (true, false) => revoked.extend(of_grant),
            // Only the right to hand it on is taken away.
            (true, true) => {}
        }
    }
    for it in model.roles.iter().filter(|it| known(&&it.name) && runs_here(it.statement)) {
        let name = it.name.text.as_str();
        for attribute in &it.attributes {
            let others = attribute.roles.iter().filter(known).map(|role| role.text.as_str());
            match attribute.name.as_str() {
                "in role" => pairs.extend(others.map(|group| (name, group))),
                "role" | "admin" => pairs.extend(others.map(|member| (member, name))),
                _ => {}
            }
        }
    }
    let mut found = BTreeSet::new();
    let mut next = vec![role];
    while let Some(member) = next.pop() {
        let of_member = pairs.iter().filter(|pair| pair.0 == member && !revoked.contains(*pair));
        next.extend(of_member.map(|pair| pair.1).filter(|group| found.insert(*group)));
    }
    found
}

fn known(name: &&SqlName) -> bool {
    !name.dynamic
}

/// Member and group, for each pair whose names are known.
fn pairs_of(grant: &Grant) -> impl Iterator<Item = (&str, &str)> {
    let groups = move || grant.objects.iter().filter(known);
    grant
        .grantees
        .iter()
        .filter(known)
        .flat_map(move |member| groups().map(|group| (member.text.as_str(), group.text.as_str())))
}
