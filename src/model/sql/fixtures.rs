//! Whole scripts, and what is read in them: one line for each statement, `place | transaction | what`.

use super::*;
use crate::source::FileId;
use crate::syntax::sql::Wants;

fn names(names: &[Name]) -> String {
    names.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join(" ")
}

fn shown(what: &What, text: &str) -> String {
    let bytes = |span: Span| &text[span.range()];
    match what {
        What::CreateSubscription(create) => format!(
            "create subscription {} to {:?} of {} with {}",
            bytes(create.name.span),
            create.connection.text(),
            names(&create.publications),
            create.options.iter().map(|item| bytes(item.span)).collect::<Vec<_>>().join("; ")
        ),
        What::CreatePublication(create) => {
            format!("create publication {}, {} objects", create.name.text, create.objects.len())
        }
        What::Role(role) => format!(
            "role {}: {}",
            role.name.text,
            role.attributes.iter().map(|attribute| bytes(attribute.span)).collect::<Vec<_>>().join("; ")
        ),
        What::Grant(grant) => {
            let on = match &grant.what {
                Granted::Roles(roles) => names(roles),
                Granted::Privileges { privileges, objects_span, .. } => {
                    let privileges = privileges.iter().map(|privilege| bytes(privilege.span)).collect::<Vec<_>>();
                    format!("{} on {}", privileges.join("; "), bytes(*objects_span))
                }
            };
            let option = if grant.option.is_some() { " with option" } else { "" };
            format!("grant {on} to {}{option}", grant.grantees.len())
        }
        What::AlterSystem(set) => format!("alter system {}", bytes(set.span)),
        What::Slot(call) => format!("slot {:?} {}", call.slot().map(Text::text), bytes(call.span)),
        What::CreateTable(table) => format!(
            "table {}: {} columns, keys {}",
            bytes(table.name.span),
            table.columns.len(),
            table.keys.iter().map(|key| format!("({})", names(&key.columns))).collect::<Vec<_>>().join(" ")
        ),
        other => format!("{other:?}").split('(').next().unwrap().to_owned(),
    }
}

fn check(text: &str, expected: &str) {
    let sql = read(crate::syntax::sql::read(FileId(0), text.as_bytes(), Wants { tables: true }, None));
    let line = |span: Span| text[..span.range().start].matches('\n').count() + 1;
    let mut found = String::new();
    for statement in &sql.statements {
        let place = match statement.transaction {
            InTransaction::No => "",
            InTransaction::Block(_) | InTransaction::Migration(_) => "block",
            InTransaction::DoBlock(_) => "do",
            InTransaction::Function(_) => "function",
        };
        found += &format!("{} | {place} | {}\n", line(statement.span), shown(&statement.what, text));
    }
    for error in &sql.errors {
        found += &format!("{} | error | {}, certain: {}\n", line(error.span), error.message, error.certain);
    }
    for secret in sql.secrets() {
        found += &format!("{} | secret | {}\n", line(secret), &text[secret.range()]);
    }
    let found = found.replace(['\u{1a}'], "?");
    assert_eq!(found, expected, "found:\n{found}");
}

#[test]
fn migration() {
    check(
        include_str!("../../../fixtures/syntax/sql/migration.sql"),
        include_str!("../../../fixtures/syntax/sql/migration.expected"),
    );
}

#[test]
fn script() {
    check(
        include_str!("../../../fixtures/syntax/sql/script.psql.sql"),
        include_str!("../../../fixtures/syntax/sql/script.psql.expected"),
    );
}
