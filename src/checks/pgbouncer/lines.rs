//! Lines that keep PgBouncer from starting, and lines that a later one takes the place of.

use crate::catalog::nearest;
use crate::catalog::pgbouncer::SETTINGS;
use crate::checks::edit::{self, rename};
use crate::checks::pgbouncer::{finding, of_setting};
use crate::finding::{Finding, Label, Safety, Subject};
use crate::model::client::{PgBouncer, PgBouncerProblem};
use crate::rule::{Context, Sink, id};
use crate::source::FileId;

pub(super) fn check(file: FileId, pooler: &PgBouncer, cx: &Context<'_>, out: &mut Sink<'_>) {
    unknown(pooler, cx, out);
    // A file of another name is one that pgbouncer.ini may include, in which a section may go on.
    let main = cx.sources.file(file).place().file_name() == Some("pgbouncer.ini");
    for &(span, problem) in &pooler.problems {
        if !main && matches!(problem, PgBouncerProblem::NoMainSection | PgBouncerProblem::Outside) {
            continue;
        }
        let label = "PgBouncer does not start";
        let found = finding(cx, id::PGBOUNCER_SYNTAX, Subject::File, span, label, problem.to_string());
        out.push(match problem {
            PgBouncerProblem::Syntax(_) => found.help("write `name = value`"),
            PgBouncerProblem::Outside => found.help("put the entry below `[databases]` or `[pgbouncer]`"),
            PgBouncerProblem::Section => {
                found.help("the sections are `[databases]`, `[pgbouncer]`, `[users]` and `[peers]`")
            }
            PgBouncerProblem::NoMainSection => found.help("add the section `[pgbouncer]`"),
            PgBouncerProblem::Reserved => found.help("give the database another name"),
        });
    }
    for database in &pooler.databases {
        let subject = || Subject::Conninfo(format!("pgbouncer/{}", database.name));
        for &(span, error) in &database.conninfo.errors {
            let message = format!("the entry of database `{}` cannot be read: {error}", database.name);
            out.push(finding(cx, id::PGBOUNCER_DATABASE_SYNTAX, subject(), span, "PgBouncer does not start", message));
        }
        if let Some(winner) =
            pooler.database(&database.name).filter(|_| !database.winner && !database.dynamic && !pooler.open)
        {
            let message =
                format!("the database `{}` stands twice in pgbouncer.ini, and only the last counts", database.name);
            let at = database.name_span;
            let found = finding(cx, id::PGBOUNCER_DATABASE_REPEATED, subject(), at, "has no effect", message);
            let found = found.help("keep one of the two").related(winner.name_span, "this one counts");
            let line = edit::lines(cx, database.name_span.to(database.conninfo.span));
            out.push(found.fix("remove the line, which has no effect", Safety::Unsafe, vec![(line, String::new())]));
        }
    }
    // A template may choose one of the two.
    for setting in pooler.settings.iter().filter(|setting| !setting.winner && !pooler.open) {
        let Some(winner) = pooler.get(&setting.name).filter(|winner| winner.value.bytes() != setting.value.bytes())
        else {
            continue;
        };
        let message = format!("`{}` stands twice in pgbouncer.ini, and only the last counts", setting.name);
        let found = of_setting(cx, id::PGBOUNCER_SETTING_REPEATED, setting, "has no effect", message);
        let found = found.help("keep one of the two").related(winner.span, "this one counts");
        let line = edit::lines(cx, setting.span);
        out.push(found.fix("remove the line, which has no effect", Safety::Unsafe, vec![(line, String::new())]));
    }
}

/// Settings that no PgBouncer has (PgBouncer 1.18: "unknown parameter", "cannot load config file").
fn unknown(pooler: &PgBouncer, cx: &Context<'_>, out: &mut Sink<'_>) {
    let written = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    for setting in pooler.settings.iter().filter(|setting| written(&setting.name)) {
        if SETTINGS.binary_search(&setting.name.as_str()).is_ok() {
            continue;
        }
        let shown = cx.show(setting.name_span);
        let label = Label::new(setting.name_span, "PgBouncer does not start");
        let subject = Subject::Setting(setting.name.clone());
        let message = format!("PgBouncer has no setting `{shown}`");
        let found = Finding::new(id::PGBOUNCER_SETTING_UNKNOWN, subject, cx.cluster.majors, label, message);
        out.push(match nearest(&setting.name.to_ascii_lowercase(), SETTINGS.iter().copied()) {
            Some(near) => {
                let found = found.help(format!("did you mean `{near}`?"));
                rename(cx, found, (setting.name_span, &setting.name), near, Safety::Unsafe)
            }
            None => found.help("remove the line, or write the name as PgBouncer's documentation has it"),
        });
    }
}
