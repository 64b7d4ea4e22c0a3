//! Names of roles that the server keeps for itself, and memberships that go in a circle.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::Majors;
use crate::finding::{Finding, Label, Subject};
use crate::model::objects::Site;
use crate::model::sql::{AlterSetting, Granted, What};
use crate::rule::id::{GRANT_CIRCULAR, GRANT_PREDEFINED_UNKNOWN, ROLE_RESERVED_NAME};
use crate::rule::{Context, Sink};
use crate::syntax::sql::Name;

/// The roles that initdb makes, by the majors that have them.
pub(crate) const PREDEFINED: [(&str, Majors); 16] = [
    ("pg_checkpoint", Majors::since(15)),
    ("pg_create_subscription", Majors::since(16)),
    ("pg_database_owner", Majors::since(14)),
    ("pg_execute_server_program", Majors::since(11)),
    ("pg_maintain", Majors::since(17)),
    ("pg_monitor", Majors::ALL),
    ("pg_read_all_data", Majors::since(14)),
    ("pg_read_all_settings", Majors::ALL),
    ("pg_read_all_stats", Majors::ALL),
    ("pg_read_server_files", Majors::since(11)),
    ("pg_signal_autovacuum_worker", Majors::since(18)),
    ("pg_signal_backend", Majors::ALL),
    ("pg_stat_scan_tables", Majors::ALL),
    ("pg_use_reserved_connections", Majors::since(16)),
    ("pg_write_all_data", Majors::since(14)),
    ("pg_write_server_files", Majors::since(11)),
];

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (site, statement) in cx.cluster.statements() {
        match &statement.what {
            What::Role(role) => reserved(cx, out, site, &role.name, role.created),
            What::AlterSetting(AlterSetting { role: Some(role), .. }) => reserved(cx, out, site, role, false),
            What::Grant(grant) => {
                let Granted::Roles(roles) = &grant.what else { continue };
                for role in roles.iter().filter(|role| !role.dynamic && role.text.starts_with("pg_")) {
                    let known = PREDEFINED.iter().find(|(name, _)| *name == role.text);
                    let has = known.map_or(Majors::NONE, |(_, majors)| *majors);
                    let majors = site.refused(Majors::ALL - has);
                    if majors.is_empty() {
                        continue;
                    }
                    let shown = cx.name(role.span);
                    let (message, help) = if has.is_empty() {
                        let near = crate::catalog::nearest(&role.text, PREDEFINED.iter().map(|(name, _)| *name));
                        let help = near.map_or("see the list of predefined roles".to_owned(), |near| {
                            format!("did you mean `{near}`?")
                        });
                        (format!("there is no predefined role `{shown}`"), help)
                    } else {
                        let help =
                            "grant the single privileges there, or run the statement on newer servers only".to_owned();
                        (
                            format!(
                                "there is no predefined role `{shown}` in {majors}; {has} {} it",
                                if has.len() == 1 { "has" } else { "have" }
                            ),
                            help,
                        )
                    };
                    let label = Label::new(role.span, "no such role");
                    out.push(
                        Finding::new(
                            GRANT_PREDEFINED_UNKNOWN,
                            Subject::Role(role.text.clone()),
                            majors,
                            label,
                            message,
                        )
                        .help(help),
                    );
                }
            }
            _ => {}
        }
    }
    circles(cx, out);
}

fn reserved(cx: &Context<'_>, out: &mut Sink<'_>, site: &Site, role: &Name, created: bool) {
    let name = role.text.as_str();
    // "public" and "none" are words of the grammar for what is no role (gram.y RoleSpec).
    if role.dynamic || !(name.starts_with("pg_") || created && ["public", "none"].contains(&name)) {
        return;
    }
    let message = format!("the role name `{}` is reserved", cx.name(role.span));
    let label = Label::new(role.span, "the server refuses the statement");
    let help =
        if created { "choose a name that does not start with `pg_`" } else { "predefined roles cannot be altered" };
    out.push(Finding::new(ROLE_RESERVED_NAME, Subject::Role(name.to_owned()), site.majors, label, message).help(help));
}

/// Trees with more memberships than this are not searched, since the search takes their square.
const MOST: usize = 2000;

/// A role cannot be a member of itself, not even by way of others (`AddRoleMems` of user.c).
fn circles(cx: &Context<'_>, out: &mut Sink<'_>) {
    let memberships = &cx.cluster.objects.memberships;
    if memberships.len() > MOST || memberships.iter().any(|membership| membership.revoked) {
        return;
    }
    let mut groups: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (index, membership) in memberships.iter().enumerate() {
        let (group, member) = (membership.group.as_str(), membership.member.as_str());
        // Whether the group is already, by way of others, a member of what is to be its member.
        let mut seen = BTreeSet::from([group]);
        let mut open = vec![group];
        while let Some(at) = open.pop() {
            for next in groups.get(at).into_iter().flatten() {
                if seen.insert(next) {
                    open.push(next);
                }
            }
        }
        if !seen.contains(member) {
            groups.entry(member).or_default().insert(group);
            continue;
        }
        let message = format!("`{member}` cannot be a member of `{group}`, which is a member of `{member}`");
        let mut finding = Finding::new(
            GRANT_CIRCULAR,
            Subject::Role(member.to_owned()),
            cx.cluster.majors,
            Label::new(membership.span, "the server refuses the statement"),
            if group == member { format!("`{member}` cannot be a member of itself") } else { message },
        )
        .help("decide which of the two is the group, and drop the other grant");
        let earlier = memberships.get(..index).unwrap_or_default();
        if let Some(other) = earlier.iter().find(|other| other.group == member && seen.contains(other.member.as_str()))
        {
            finding = finding.related(other.span, "the other direction");
        }
        out.push(finding);
    }
}
