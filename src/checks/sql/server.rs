//! What statements do on the server's machine: programs that COPY runs, files that are read and written.

use crate::finding::{Finding, Label, Subject};
use crate::model::sql::What;
use crate::rule::id::{SQL_COPY_PROGRAM, SQL_SERVER_FILE};
use crate::rule::{Context, Sink};

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (site, statement) in cx.cluster.statements() {
        let (rule, span, label, message, help) = match &statement.what {
            What::Copy(copy) if copy.program => (
                SQL_COPY_PROGRAM,
                copy.span,
                "runs as the operating system user of the server",
                format!("`COPY` runs a program on the server: `{}`", cx.show(copy.span)),
                "run the program outside of the database, and copy over the connection with `\\copy`",
            ),
            What::Copy(copy) => {
                let what = if copy.writes { "writes a file of" } else { "reads a file of" };
                (
                    SQL_SERVER_FILE,
                    copy.span,
                    "a path on the server's machine, not the client's",
                    format!("`COPY` {what} the server: `{}`", cx.show(copy.span)),
                    "copy over the connection with `\\copy`, or `COPY ... STDIN` and `STDOUT`",
                )
            }
            What::FileCall(call) => (
                SQL_SERVER_FILE,
                call.span,
                "a path on the server's machine, not the client's",
                format!("`{}` reaches a file of the server", call.function),
                "hand the contents over from the client",
            ),
            _ => continue,
        };
        let subject = Subject::Object("server file".to_owned());
        out.push(Finding::new(rule, subject, site.majors, Label::new(span, label), message).help(help));
    }
}
