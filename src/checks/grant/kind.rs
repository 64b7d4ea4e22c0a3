//! Privileges that the kind of object does not have, or that a major does not know.

use crate::catalog::Majors;
use crate::finding::{Finding, Label, Subject};
use crate::model::objects::Site;
use crate::model::sql::{Grant, Granted, Grantee, ObjectKind, Privilege, What};
use crate::rule::id::{GRANT_OPTION_PUBLIC, GRANT_PRIVILEGE_KIND, GRANT_PRIVILEGE_MAJORS};
use crate::rule::{Context, Sink};

/// Every privilege (`string_to_privilege` of aclchk.c) and the majors that know it.
/// RULE means nothing, and is still taken.
const PRIVILEGES: [(&str, Majors); 17] = [
    ("all", Majors::ALL),
    ("alter system", Majors::since(15)),
    ("connect", Majors::ALL),
    ("create", Majors::ALL),
    ("delete", Majors::ALL),
    ("execute", Majors::ALL),
    ("insert", Majors::ALL),
    ("maintain", Majors::since(17)),
    ("references", Majors::ALL),
    ("rule", Majors::ALL),
    ("select", Majors::ALL),
    ("set", Majors::since(15)),
    ("temp", Majors::ALL),
    ("temporary", Majors::ALL),
    ("trigger", Majors::ALL),
    ("truncate", Majors::ALL),
    ("update", Majors::ALL),
];

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (site, statement) in cx.cluster.statements() {
        let What::Grant(grant) = &statement.what else { continue };
        let Granted::Privileges { privileges, kind, .. } = &grant.what else { continue };
        for privilege in privileges {
            one(cx, out, site, (privilege, *kind));
        }
        option(out, site, grant);
    }
}

fn near(name: &str) -> Option<&'static str> {
    let names = PRIVILEGES.iter().map(|(known, _)| *known).chain(["usage"]);
    crate::catalog::nearest(name, names).filter(|near| *near != name)
}

fn one(cx: &Context<'_>, out: &mut Sink<'_>, site: &Site, (privilege, kind): (&Privilege, ObjectKind)) {
    let name = privilege.name.as_str();
    if name.contains(char::from(crate::syntax::literal::HOLE)) {
        return;
    }
    let known = PRIVILEGES.iter().find(|(known, _)| *known == name).map(|(_, majors)| *majors);
    let subject = Subject::Object(format!("grant/{name}"));
    let shown = cx.show(privilege.span);
    let label = |text| Label::new(privilege.span, text);
    // Before 15 the whole form of GRANT ... ON PARAMETER is unknown, which has a rule of its own.
    let lacking = match known {
        Some(majors) if kind != ObjectKind::Parameter => site.refused(Majors::ALL - majors),
        Some(_) => Majors::NONE,
        // What is far from any privilege is a script of another engine.
        None if name == "usage" || near(name).is_none() => Majors::NONE,
        None => site.majors,
    };
    if !lacking.is_empty() {
        let message = match known.and_then(Majors::first) {
            Some(first) => format!("there is no privilege `{shown}` before {first}"),
            None => format!("there is no privilege `{shown}`"),
        };
        out.push(
            Finding::new(GRANT_PRIVILEGE_MAJORS, subject, lacking, label("the server refuses the statement"), message)
                .help(near(name).map_or("run it on newer servers only".to_owned(), |near| {
                    format!("did you mean `{}`?", near.to_uppercase())
                })),
        );
        return;
    }
    if known.is_none() && name != "usage" {
        return;
    }
    let (allowed, what) = allowed(kind);
    if ["all", "rule"].contains(&name) || allowed.contains(&name) {
        let of_columns = ["select", "insert", "update", "references", "all", "rule"];
        if !privilege.columns.is_empty() && !of_columns.contains(&name) {
            let message = format!("`{}` cannot be granted on columns", name.to_uppercase());
            out.push(
                Finding::new(
                    GRANT_PRIVILEGE_KIND,
                    subject,
                    site.majors,
                    label("the server refuses the statement"),
                    message,
                )
                .help("grant it on the table"),
            );
        }
        return;
    }
    let message = format!("`{shown}` is no privilege of a {what}");
    let list = allowed.iter().map(|name| format!("`{}`", name.to_uppercase())).collect::<Vec<_>>().join(", ");
    let help = match kind {
        ObjectKind::Schema => format!("a schema has {list}; for its tables write `ON ALL TABLES IN SCHEMA`"),
        ObjectKind::Database => {
            format!("a database has {list}; privileges on tables are granted in the database itself")
        }
        _ => format!("a {what} has {list}"),
    };
    out.push(
        Finding::new(GRANT_PRIVILEGE_KIND, subject, site.majors, label("the server refuses the statement"), message)
            .help(help),
    );
}

/// The privileges of a kind of object (`acl.h`, `restrict_and_check_grant`). A GRANT on a table may mean a sequence,
/// which has USAGE.
fn allowed(kind: ObjectKind) -> (&'static [&'static str], &'static str) {
    match kind {
        ObjectKind::Table => (
            &["select", "insert", "update", "delete", "truncate", "references", "trigger", "maintain", "usage"],
            "table",
        ),
        ObjectKind::Sequence => (&["usage", "select", "update"], "sequence"),
        ObjectKind::Database => (&["create", "connect", "temporary", "temp"], "database"),
        ObjectKind::Domain => (&["usage"], "domain"),
        ObjectKind::ForeignDataWrapper => (&["usage"], "foreign-data wrapper"),
        ObjectKind::ForeignServer => (&["usage"], "foreign server"),
        ObjectKind::Function => (&["execute"], "function"),
        ObjectKind::Procedure => (&["execute"], "procedure"),
        ObjectKind::Routine => (&["execute"], "routine"),
        ObjectKind::Language => (&["usage"], "language"),
        ObjectKind::LargeObject => (&["select", "update"], "large object"),
        ObjectKind::Parameter => (&["set", "alter system"], "parameter"),
        ObjectKind::Schema => (&["create", "usage"], "schema"),
        ObjectKind::Tablespace => (&["create"], "tablespace"),
        ObjectKind::Type => (&["usage"], "type"),
    }
}

/// "grant options can only be granted to roles" (`grantee` of aclchk.c).
fn option(out: &mut Sink<'_>, site: &Site, grant: &Grant) {
    let (Some(option), false) = (grant.option, grant.revoked) else { return };
    let public = grant.grantees.iter().find_map(|grantee| match grantee {
        Grantee::Public(span) => Some(*span),
        Grantee::Role(_) => None,
    });
    if let Some(public) = public {
        let message = "`WITH GRANT OPTION` cannot be given to `PUBLIC`";
        let label = Label::new(option, "the server refuses the statement");
        out.push(
            Finding::new(GRANT_OPTION_PUBLIC, Subject::Object("grant/option".to_owned()), site.majors, label, message)
                .related(public, "every role")
                .help("grant the privilege without the option, or to a role"),
        );
    }
}
