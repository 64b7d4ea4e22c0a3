//! Statements that the grammar refuses, and statements that were not read at all.

use crate::catalog::Majors;
use crate::finding::{Finding, Subject};
use crate::model::objects::Site;
use crate::rule::id::{SQL_SYNTAX, SQL_UNREAD};
use crate::rule::{Context, Sink};
use crate::source::Span;
use crate::syntax::sql::{ErrorKind, SyntaxError};

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (file, site) in cx.cluster.sql.iter().zip(&cx.cluster.objects.sites) {
        for error in &file.sql.errors {
            match error.kind {
                ErrorKind::Grammar if error.certain => refused(cx, out, site, error),
                ErrorKind::Grammar => {}
                ErrorKind::TooDeep | ErrorKind::TooLong => {
                    let label = crate::finding::Label::new(start(error.span), "is not checked");
                    let message = format!("the statement is {}, so nothing in it was looked at", error.message);
                    out.push(
                        Finding::new(SQL_UNREAD, Subject::Object("statement".to_owned()), site.majors, label, message)
                            .help("split the statement, or keep what was generated out of the tree that is checked"),
                    );
                }
            }
        }
    }
}

/// The first bytes of a long span.
fn start(span: Span) -> Span {
    span.slice(0, span.range().len().min(16))
}

fn refused(cx: &Context<'_>, out: &mut Sink<'_>, site: &Site, error: &SyntaxError) {
    let rest = cx.sources.file(error.span.file).bytes().get(error.span.range().end..).unwrap_or_default();
    let by = accepted_before(cx.sources.bytes(error.span), rest);
    // The grammar is that of the newest major with a server.
    let majors = site.refused(by) & Majors::HELD;
    if majors.is_empty() {
        return;
    }
    let shown = cx.show(error.span);
    // The parser's message quotes the file; only the words before the quotation are its own.
    let message = match error.message.split_once('"') {
        _ if error.span.range().is_empty() => "syntax error: the statement ends too early".to_owned(),
        Some((own, _)) => format!("{} `{shown}`", own.trim_end()),
        None => error.message.clone(),
    };
    let label = crate::finding::Label::new(error.span, "the server stops reading here");
    out.push(
        Finding::new(SQL_SYNTAX, Subject::Object(format!("syntax/{shown}")), majors, label, message)
            .help("correct the statement; the server refuses it whole"),
    );
}

/// The majors that refuse a statement at that word: all, but for the clause WITH OIDS, which there was up to 11.
fn accepted_before(at: &[u8], rest: &[u8]) -> Majors {
    let is = |text: &[u8], word: &[u8]| text.get(..word.len()).is_some_and(|text| text.eq_ignore_ascii_case(word));
    let oids = is(at, b"oids") || is(at, b"with") && is(rest.trim_ascii_start(), b"oids");
    if oids { Majors::since(12) } else { Majors::ALL }
}
