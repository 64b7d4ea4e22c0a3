//! Attributes that are given twice, or both ways, in one statement.

use crate::finding::{Finding, Label, Subject};
use crate::model::sql::{Attribute, AttributeKind, What};
use crate::rule::id::{ROLE_ATTRIBUTE_REPEATED, ROLE_CONNECTION_LIMIT_VALUE};
use crate::rule::{Context, Sink};

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (site, statement) in cx.cluster.statements() {
        let What::Role(role) = &statement.what else { continue };
        let subject = || Subject::Role(role.name.text.clone());
        let mut seen: Vec<&Attribute> = Vec::new();
        for attribute in &role.attributes {
            if let AttributeKind::ConnectionLimit(Some(limit)) = attribute.kind
                && limit < -1
            {
                let message = format!(
                    "the connection limit of role `{}` is {limit}, below the -1 that means no limit",
                    cx.name(role.name.span)
                );
                let label = Label::new(attribute.span, "the server refuses it");
                out.push(
                    Finding::new(ROLE_CONNECTION_LIMIT_VALUE, subject(), site.majors, label, message)
                        .help("write -1 for no limit"),
                );
            }
            let Some(kind) = word(&attribute.kind) else { continue };
            if let Some(first) = seen.iter().find(|other| word(&other.kind) == Some(kind)) {
                let message = format!("`{kind}` is decided twice for role `{}`", cx.name(role.name.span));
                let label = Label::new(attribute.span, "the server refuses the statement");
                out.push(
                    Finding::new(ROLE_ATTRIBUTE_REPEATED, subject(), site.majors, label, message)
                        .related(first.span, "decided here already")
                        .help("keep one of the two"),
                );
                break;
            }
            seen.push(attribute);
        }
    }
}

/// The attribute as the server counts it (`CreateRole` and `AlterRole` of user.c).
fn word(kind: &AttributeKind) -> Option<&'static str> {
    Some(match kind {
        AttributeKind::Flag(flag, _) => flag,
        AttributeKind::Password(_) => "password",
        AttributeKind::ConnectionLimit(_) => "connection limit",
        AttributeKind::ValidUntil(_) => "valid until",
        AttributeKind::InRole(_) => "in role",
        AttributeKind::Members(_) => "role",
        AttributeKind::Admins(_) => "admin",
        AttributeKind::SysId => return None,
    })
}
