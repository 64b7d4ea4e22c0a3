//! Lines of pg_ident.conf that do less than they seem to.

use super::Row;
use crate::checks::edit;
use crate::finding::Safety;
use crate::model::ident::{DATABASE_USER_MAJORS, DatabaseUserKind, SystemUser};
use crate::rule::{Sink, id};
use crate::syntax::pg_ident;

pub(super) fn check(row: &Row<'_>, out: &mut Sink<'_>) {
    let &Row { cx, row: entry, .. } = row;
    let database = cx.show(entry.database_user_span);
    if let Some(ignored) = entry.ignored {
        let message = format!("`{}` has no effect, as a line has three fields", cx.show(ignored));
        let finding = row.finding(id::IDENT_EXTRA_FIELDS, entry.majors, ignored, "not read", message);
        let finding = finding.help("write a line for each database user; start comments with `#`");
        let edit = vec![edit::put(ignored.file, ignored.start, "# ")];
        out.push(finding.fix("turn the rest of the line into a comment", Safety::Safe, edit));
    }
    let refers = pg_ident::back_reference(entry.database_user.text.as_bytes()).is_some();
    let without_group = match &entry.system_user {
        SystemUser::Regex { groups, .. } => (*groups == 0).then_some("the expression has no parentheses"),
        SystemUser::Name(_) => Some("the system user is not an expression, which starts with `/`"),
    };
    if let Some(reason) = without_group.filter(|_| refers) {
        let message = format!("`{database}` refers to nothing, as {reason}, so that no login succeeds with this line");
        let finding =
            row.finding(id::IDENT_BACKREFERENCE, entry.majors, entry.database_user_span, "refers to nothing", message);
        out.push(finding.help("put the part that is meant in parentheses, as in `/^(.*)@example\\.com$`"));
    }
    let form = match entry.database_user.kind {
        DatabaseUserKind::Name => return,
        DatabaseUserKind::All => "`all`",
        DatabaseUserKind::Member(_) => "`+role`",
        DatabaseUserKind::Regex(_) => "an expression",
    };
    let message = format!("`{database}` is the plain name of a user before 16, not {form}");
    let before = entry.majors - DATABASE_USER_MAJORS;
    let finding = row.finding(id::IDENT_VERSION, before, entry.database_user_span, "a plain name before 16", message);
    out.push(finding.help("write a line for each database user"));
}
