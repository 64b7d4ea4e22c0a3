//! Functions that run with the rights of their owner, and look names up in schemas where others may create objects.

use super::function::{definitions, is_definer};
use crate::catalog::Majors;
use crate::checks::grant::left_open::is_public_open;
use crate::finding::{Confidence, Finding, Label, Subject};
use crate::model::sql::{Function, Grant, Granted, Grantee, ObjectKind, What};
use crate::rule::id::FUNCTION_SEARCH_PATH_WRITABLE;
use crate::rule::{Context, Sink};
use crate::source::Span;

/// Who may create objects in a schema.
struct Right<'a> {
    schema: &'a str,
    /// The role; `None` for everybody.
    role: Option<&'a str>,
    span: Span,
}

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let functions = definitions(cx).into_iter().filter(|(_, function)| is_definer(cx, function)).collect::<Vec<_>>();
    if functions.is_empty() {
        return;
    }
    let rights = rights(cx);
    let mut open = None;
    for (site, function) in functions {
        let path = function.settings.iter().rev().find(|setting| setting.name.as_deref() == Some("search_path"));
        let Some(path) = path.filter(|path| !path.reset && !path.values.iter().any(|value| value.dynamic)) else {
            continue;
        };
        let owner = owner(cx, function);
        for value in &path.values {
            let right = rights.iter().filter(|right| right.schema == value.text);
            let right = right.into_iter().find(|right| match (right.role, owner) {
                (None, _) => true,
                // Where the tree does not say who owns the function, it may be the role.
                (Some(role), Some(owner)) => role != owner,
                (Some(_), None) => false,
            });
            let old = site.majors & Majors::until(14);
            let (majors, who, granted) = if let Some(right) = right {
                (site.majors, right.role, Some(right.span))
            } else if value.text == "public"
                && site.known
                && !old.is_empty()
                && *open.get_or_insert_with(|| is_public_open(cx))
            {
                (old, None, None)
            } else {
                continue;
            };
            out.push(finding(cx, function, (&value.text, path.span), majors, who, granted));
            break;
        }
    }
}

fn finding(
    cx: &Context<'_>,
    function: &Function,
    (schema, at): (&str, Span),
    majors: Majors,
    who: Option<&str>,
    granted: Option<Span>,
) -> Finding {
    let who = who.map_or_else(|| "every role".to_owned(), |role| format!("role `{role}`"));
    let kind = if function.procedure { "procedure" } else { "function" };
    let message = format!(
        "`SECURITY DEFINER` {kind} `{}` looks names up in schema `{schema}`, where {who} may create objects",
        cx.name(function.name.span)
    );
    let label = Label::new(at, "what is put there can be called in place of another, with the owner's rights");
    let subject = Subject::Object(format!("function/{}", function.name.name.text));
    let finding = Finding::new(FUNCTION_SEARCH_PATH_WRITABLE, subject, majors, label, message);
    match granted {
        Some(span) => finding.related(span, "granted here").help(format!(
            "take `{schema}` off the path and qualify what is in it, or revoke `CREATE` on schema `{schema}`"
        )),
        None => finding.confidence(Confidence::Medium).help(format!(
            "take `{schema}` off the path, or run `REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC`, which everybody has up to 14"
        )),
    }
}

/// The role that the tree gives the function to, if it is one.
fn owner<'a>(cx: &Context<'a>, function: &Function) -> Option<&'a str> {
    let mut owners = cx.cluster.statements().filter_map(|(_, statement)| match &statement.what {
        What::Owner(owner) if owner.name.name.text == function.name.name.text && !owner.owner.dynamic => {
            ["function", "procedure", "routine"].contains(&owner.kind.as_str()).then_some(owner.owner.text.as_str())
        }
        _ => None,
    });
    let first = owners.next()?;
    owners.all(|other| other == first).then_some(first)
}

/// The rights to create objects in schemas that are granted and not revoked anywhere.
fn rights<'a>(cx: &Context<'a>) -> Vec<Right<'a>> {
    let (mut given, mut taken) = (Vec::new(), Vec::new());
    for (_, statement) in cx.cluster.statements() {
        let What::Grant(Grant { revoked, what, grantees, defaults: None, .. }) = &statement.what else { continue };
        let Granted::Privileges { privileges, kind: ObjectKind::Schema, objects, .. } = what else { continue };
        let Some(privilege) = privileges.iter().find(|of| of.name == "create" || of.name == "all") else { continue };
        for object in objects.iter().filter(|object| !object.is_dynamic()) {
            for grantee in grantees {
                let role = match grantee {
                    Grantee::Public(_) => None,
                    Grantee::Role(name) if name.dynamic => continue,
                    Grantee::Role(name) => Some(name.text.as_str()),
                };
                let list = if *revoked { &mut taken } else { &mut given };
                list.push(Right { schema: &object.name.text, role, span: privilege.span });
            }
        }
    }
    given.retain(|right| !taken.iter().any(|other| (other.schema, other.role) == (right.schema, right.role)));
    given
}
