//! ALTER SYSTEM in SQL that is kept.

use crate::checks::migration;
use crate::finding::{Finding, Label, Subject};
use crate::model::objects::Site;
use crate::model::sql::SettingChange;
use crate::rule::id::{SQL_ALTER_SYSTEM, SQL_ALTER_SYSTEM_IN_TRANSACTION};
use crate::rule::{Context, Sink};
use crate::source::Span;
use crate::syntax::sql::InTransaction;

pub(super) fn check(
    cx: &Context<'_>,
    out: &mut Sink<'_>,
    site: &Site,
    setting: &SettingChange,
    within: InTransaction,
    refused: bool,
) {
    if refused {
        return;
    }
    let (shown, subject) = (cx.show(setting.name_span), Subject::Setting(setting.name.clone().unwrap_or_default()));
    let (block, text) = match within {
        InTransaction::No => {
            let message = format!("`ALTER SYSTEM` changes `{shown}` for the whole server");
            let label = Label::new(setting.span, "goes to postgresql.auto.conf, which overrides postgresql.conf");
            out.push(
                Finding::new(SQL_ALTER_SYSTEM, subject, site.majors, label, message)
                    .help("keep settings of the server in its configuration files, where reviews see them"),
            );
            return;
        }
        InTransaction::Block(block) => (block, "the transaction block begins here"),
        InTransaction::Migration(span) => (span, "this runs it in a transaction"),
        InTransaction::DoBlock(block) | InTransaction::Function(block) => (head(block), "runs inside this"),
    };
    let message = format!("`ALTER SYSTEM` on `{shown}` is refused inside a transaction block or function");
    let label = Label::new(setting.span, "refused here");
    let finding = Finding::new(SQL_ALTER_SYSTEM_IN_TRANSACTION, subject, site.majors, label, message)
        .related(block, text)
        .help("run `ALTER SYSTEM` as a statement of its own, outside of `BEGIN` and of functions");
    out.push(match within {
        InTransaction::Migration(place) => migration::outside(cx, finding, place),
        _ => finding,
    });
}

/// The first line or so of a statement that may be long.
fn head(span: Span) -> Span {
    span.slice(0, span.range().len().min(20))
}
