//! Privileges that the kind of object does not have, or that a major does not know.

use crate::catalog::Majors;
use crate::checks::edit;
use crate::finding::{Finding, Label, Safety, Subject};
use crate::model::objects::{Site, TableName};
use crate::model::sql::{Grant, Granted, Grantee, ObjectKind, Privilege, What};
use crate::rule::id::{GRANT_OPTION_PUBLIC, GRANT_PRIVILEGE_KIND, GRANT_PRIVILEGE_MAJORS};
use crate::rule::{Context, Sink};

/// Every privilege (`string_to_privilege` of aclchk.c) and the majors that know it.
/// RULE means nothing, and is taken up to 17.
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
    ("rule", Majors::until(17)),
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
            one(cx, out, site, grant, (privilege, *kind));
        }
        option(cx, out, site, grant);
    }
}

fn near(name: &str) -> Option<&'static str> {
    let names = PRIVILEGES.iter().map(|(known, _)| *known).chain(["usage"]);
    crate::catalog::nearest(name, names).filter(|near| *near != name)
}

fn one(cx: &Context<'_>, out: &mut Sink<'_>, site: &Site, grant: &Grant, (privilege, kind): (&Privilege, ObjectKind)) {
    let name = privilege.name.as_str();
    if name.contains(char::from(crate::syntax::literal::HOLE)) {
        return;
    }
    let known = PRIVILEGES.iter().find(|(known, _)| *known == name).map(|(_, majors)| *majors);
    let subject = Subject::Object(format!("grant/{name}"));
    let shown = cx.show(privilege.span);
    let label = |text| Label::new(privilege.span, text);
    if wrong_kind(cx, site, grant, privilege) {
        let (allowed, what) = allowed(kind);
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
            Finding::new(
                GRANT_PRIVILEGE_KIND,
                subject,
                site.majors,
                label("the server refuses the statement"),
                message,
            )
            .help(help),
        );
        return;
    }
    // Before 15 the whole form of GRANT ... ON PARAMETER is unknown, which has a rule of its own.
    let lacking = match known {
        Some(majors) if kind != ObjectKind::Parameter || name == "rule" => site.refused(Majors::ALL - majors),
        Some(_) => Majors::NONE,
        // What is far from any privilege is a script of another engine.
        None if name == "usage" || near(name).is_none() => Majors::NONE,
        None => site.majors,
    };
    if !lacking.is_empty() {
        let message = match known {
            Some(majors) if majors.contains(crate::catalog::NEWEST) => {
                format!("there is no privilege `{shown}` before {}", majors.first().unwrap_or_default())
            }
            Some(_) => format!("there is no privilege `{shown}` any more"),
            None => format!("there is no privilege `{shown}`"),
        };
        let label = label("the server refuses the statement");
        let found = Finding::new(GRANT_PRIVILEGE_MAJORS, subject, lacking, label, message);
        out.push(match near(name).filter(|_| known.is_none()) {
            Some(near) => {
                let near = near.to_uppercase();
                let found = found.help(format!("did you mean `{near}`?"));
                edit::rename(cx, found, (privilege.span, name), &near, Safety::Unsafe)
            }
            None => found.help("run it on other majors only"),
        });
        return;
    }
    let of_columns = ["select", "insert", "update", "references", "all", "rule"];
    if !privilege.columns.is_empty() && !of_columns.contains(&name) && known.is_some() {
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
}

/// Whether the privilege is one, but of another kind of object.
fn wrong_kind(cx: &Context<'_>, site: &Site, grant: &Grant, privilege: &Privilege) -> bool {
    let Granted::Privileges { kind, objects, all_in_schema, .. } = &grant.what else { return false };
    let name = privilege.name.as_str();
    if name == "usage" && *kind == ObjectKind::Table {
        // Without a word of its kind a sequence may be meant.
        let table = |object| {
            TableName::of(object)
                .is_some_and(|name| cx.cluster.objects.find_table(&name).is_some_and(|table| !table.created.is_empty()))
        };
        return grant.defaults.is_some() || *all_in_schema || !objects.is_empty() && objects.iter().all(table);
    }
    let real = name == "usage" || PRIVILEGES.iter().any(|(known, _)| *known == name);
    // Other engines grant EXECUTE on procedures without saying what they are.
    real && !["all", "rule"].contains(&name)
        && !allowed(*kind).0.contains(&name)
        && (site.ours || *kind != ObjectKind::Table)
}

/// The privileges of a kind of object (`acl.h`, `restrict_and_check_grant`).
fn allowed(kind: ObjectKind) -> (&'static [&'static str], &'static str) {
    match kind {
        ObjectKind::Table => {
            (&["select", "insert", "update", "delete", "truncate", "references", "trigger", "maintain"], "table")
        }
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
fn option(cx: &Context<'_>, out: &mut Sink<'_>, site: &Site, grant: &Grant) {
    let (Some(option), false) = (grant.option, grant.revoked) else { return };
    let public = grant.grantees.iter().find_map(|grantee| match grantee {
        Grantee::Public(span) => Some(*span),
        Grantee::Role(_) => None,
    });
    if let Some(public) = public {
        let message = "`WITH GRANT OPTION` cannot be given to `PUBLIC`";
        let label = Label::new(option, "the server refuses the statement");
        let subject = Subject::Object("grant/option".to_owned());
        let found = Finding::new(GRANT_OPTION_PUBLIC, subject, site.majors, label, message)
            .related(public, "every role")
            .help("grant the privilege without the option, or to a role");
        // Another role may be meant to have the option.
        let edit = vec![(edit::after_blanks(cx, option), String::new())];
        let alone = grant.grantees.len() == 1;
        out.push(if alone { found.fix("remove the option", Safety::Unsafe, edit) } else { found });
    }
}
