//! Attributes that are given twice, or both ways, in one statement.

use crate::checks::edit;
use crate::finding::{Finding, Label, Safety, Subject};
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
                let found = Finding::new(ROLE_CONNECTION_LIMIT_VALUE, subject(), site.majors, label, message)
                    .help("write -1 for no limit");
                let words = String::from_utf8_lossy(cx.sources.bytes(attribute.span)).into_owned();
                let number = limit.to_string();
                out.push(match words.strip_suffix(&number) {
                    Some(before) => {
                        let span = attribute.span.slice(before.len(), words.len());
                        found.fix("write `-1`", Safety::Unsafe, vec![(span, "-1".to_owned())])
                    }
                    None => found,
                });
            }
            let Some(kind) = word(&attribute.kind) else { continue };
            if let Some(first) = seen.iter().find(|other| word(&other.kind) == Some(kind)) {
                let message = format!("`{kind}` is decided twice for role `{}`", cx.name(role.name.span));
                let label = Label::new(attribute.span, "the server refuses the statement");
                let found = Finding::new(ROLE_ATTRIBUTE_REPEATED, subject(), site.majors, label, message)
                    .related(first.span, "decided here already")
                    .help("keep one of the two");
                let same = matches!((&first.kind, &attribute.kind), (AttributeKind::Flag(_, a), AttributeKind::Flag(_, b)) if a == b);
                let edit = vec![(edit::after_blanks(cx, attribute.span), String::new())];
                out.push(if same { found.fix("remove the second one", Safety::Safe, edit) } else { found });
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
