//! `acme/role-networks`: pg_hba.conf lets a role in only from the networks that policy gives it.
//!
//! A row reaches a role that it names, and also by `all` and by a group that the SQL of the tree shows the role to be in,
//! unless rows above it take all of those connections first. What the files do not decide reaches nobody: regular
//! expressions, host names, `samenet`, and groups whose members are not seen.

use pgassay_plugin::prelude::*;
use pgassay_plugin::types::{HbaName, Node};

use crate::options::Options;

mod cover;
mod groups;
mod role;

use cover::takes;
use groups::groups;
use role::Role;

pub(crate) const RULE: Rule<Options> = Rule::new(
    "role-networks",
    "role may log in from outside its networks",
    include_str!("../rules/role-networks.md"),
    check,
)
.severity(Severity::Error)
.reads(&["access", "statements", "setting:ssl"])
.tags(&["security", "access"])
.security_severity("7.0")
.references(&[Reference::Docs("auth-pg-hba-conf.html"), Reference::Cwe("284")]);

fn check(input: &Input<'_, Options>, findings: &mut Findings) {
    for node in &input.model.nodes {
        let without_tls = node.majors_with("ssl", "off");
        for (name, networks) in &input.options.role_networks {
            let role = Role { name, networks, groups: groups(input.model, node.number, name) };
            of_role(node, without_tls, &role, findings);
        }
    }
}

fn of_role(node: &Node, without_tls: Majors, role: &Role<'_>, findings: &mut Findings) {
    let Some(hba) = &node.hba else { return };
    for (index, row) in hba.rows.iter().enumerate().filter(|(_, row)| !row.rejects()) {
        let (Some(address), Some(user)) = (&row.address, role.reached_by(row)) else { continue };
        let named = user.kind == "name";
        // Where a line cannot be read, it may turn the role away before `all` is tried.
        if !role.is_outside(address) || !named && !hba.complete {
            continue;
        }
        let majors = Majors::from(row.majors);
        // Without TLS no connection is one of `hostssl`.
        let tried = if row.connection == "hostssl" { majors - without_tls } else { majors };
        let reached_on = |database| {
            let above = hba.rows[..index].iter().filter(|above| takes(above, row, address, database, role));
            tried - above.map(|above| Majors::from(above.majors)).collect()
        };
        // Whether a role that comes by `all` may replicate is not in pg_hba.conf.
        let databases = row.databases.iter().filter(|database| named || database.kind != "replication");
        let majors: Majors = databases.map(reached_on).collect();
        let outside = role.outside();
        let by = if named { String::new() } else { format!(" by `{}`", written(user)) };
        let message = format!("`{}` may log in{by} from `{}`, {outside}", role.name, address.text);
        let found = Finding::at(address.place, message).label(outside).subject(role.name).on(majors);
        findings.push(if named {
            found.help(format!("narrow the address to the networks of `{}`", role.name))
        } else {
            found
                .related(user.place, format!("`{}` is one of them", role.name))
                .help(format!("put `host all {} all reject` above, below the lines that let `{0}` in", role.name))
        });
    }
}

/// A user as pg_hba.conf has it.
fn written(user: &HbaName) -> String {
    if user.kind == "member" { format!("+{}", user.name) } else { "all".to_owned() }
}

#[cfg(test)]
mod tests;
