//! Privileges for PUBLIC, which is every role there is and will be.

use crate::finding::{Finding, Label, Subject};
use crate::model::objects::Site;
use crate::model::sql::{Grant, Granted, Grantee, ObjectKind, ObjectName, Privilege, What};
use crate::rule::id::{
    GRANT_ALL_TO_PUBLIC, GRANT_CREATE_PUBLIC_SCHEMA, GRANT_DEFAULT_PRIVILEGES_PUBLIC, GRANT_TO_PUBLIC,
    GRANT_WRITE_TO_PUBLIC,
};
use crate::rule::{Context, RuleId, Sink};
use crate::source::Span;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (site, statement) in cx.cluster.statements() {
        let What::Grant(grant) = &statement.what else { continue };
        let public = grant.grantees.iter().find_map(|grantee| match grantee {
            Grantee::Public(span) => Some(*span),
            Grantee::Role(_) => None,
        });
        if let (Some(public), false) = (public, grant.revoked) {
            judge(cx, out, site, grant, public);
        }
    }
}

fn judge(cx: &Context<'_>, out: &mut Sink<'_>, site: &Site, grant: &Grant, public: Span) {
    let Granted::Privileges { privileges, kind, objects, objects_span, .. } = &grant.what else { return };
    let [first, ..] = privileges.as_slice() else { return };
    let has = |names: &[&str]| privileges.iter().find(|privilege| names.contains(&privilege.name.as_str()));
    let on = format!("`{}`", cx.show(*objects_span));
    let subject = || Subject::Object(format!("grant/{}", names(objects)));
    let mut push = |rule: RuleId, at: &Privilege, label: &str, message: String, help: &str| {
        let label = Label::new(public, label);
        out.push(Finding::new(rule, subject(), site.majors, label, message).related(at.span, "").help(help));
    };
    let what = cx.show(first.span);
    if grant.defaults.is_some() {
        // EXECUTE on functions and USAGE on types are what PUBLIC has anyway.
        let moot =
            matches!(kind, ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Routine | ObjectKind::Type);
        if !moot {
            let message = format!("`{what}` on objects to come is granted to `PUBLIC`");
            push(
                GRANT_DEFAULT_PRIVILEGES_PUBLIC,
                first,
                "every role gets it, on every new object",
                message,
                "name the roles that need it",
            );
        }
        return;
    }
    if *kind == ObjectKind::Schema {
        let create = has(&["create", "all"]);
        let schema = objects.iter().find(|object| object.name.text == "public" && !object.name.dynamic);
        if let (Some(create), Some(_)) = (create, schema) {
            push(
                GRANT_CREATE_PUBLIC_SCHEMA,
                create,
                "any role can put objects in the way of others' queries",
                "every role may create objects in schema `public`".to_owned(),
                "grant `USAGE` alone; let a role of its own create the objects",
            );
            return;
        }
        if let Some(create) = create {
            let message = format!("every role may create objects in {on}");
            push(
                GRANT_WRITE_TO_PUBLIC,
                create,
                "any role can leave objects there",
                message,
                "grant `CREATE` to the roles that need it",
            );
        }
        return;
    }
    if !matches!(
        kind,
        ObjectKind::Table
            | ObjectKind::Sequence
            | ObjectKind::Database
            | ObjectKind::ForeignServer
            | ObjectKind::ForeignDataWrapper
            | ObjectKind::LargeObject
            | ObjectKind::Tablespace
    ) {
        return;
    }
    if let Some(all) = has(&["all"]) {
        let message = format!("all privileges on {on} are granted to `PUBLIC`");
        push(
            GRANT_ALL_TO_PUBLIC,
            all,
            "every role gets them",
            message,
            "name the privileges and the roles that need them",
        );
        return;
    }
    if let Some(write) = has(&["insert", "update", "delete", "truncate", "trigger", "references", "create", "maintain"])
    {
        let message = format!("`{}` on {on} is granted to `PUBLIC`", cx.show(write.span));
        push(GRANT_WRITE_TO_PUBLIC, write, "every role gets it", message, "name the roles that need it");
        return;
    }
    // CONNECT and TEMPORARY are what PUBLIC has on a database from the start.
    if *kind != ObjectKind::Database {
        let message = format!("`{what}` on {on} is granted to `PUBLIC`");
        push(GRANT_TO_PUBLIC, first, "every role gets it", message, "name the roles that need it");
    }
}

fn names(objects: &[ObjectName]) -> String {
    objects.iter().map(|object| object.name.text.as_str()).collect::<Vec<_>>().join(",")
}
