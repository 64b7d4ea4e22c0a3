//! Password files: lines that libpq cannot use, never gets to, or uses for anything.

use crate::checks::edit;
use crate::finding::{Finding, Label, Safety, Subject};
use crate::rule::{Context, RuleId, Sink, id};
use crate::source::Span;
use crate::syntax::passfile::{Content, Entry, PassfileError};

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (_, file) in &cx.cluster.clients.passfiles {
        // A template may leave the earlier line out.
        let template = file.lines.iter().any(|line| line.content == Content::Template);
        for line in &file.lines {
            match &line.content {
                Content::Broken(error, span) => {
                    let help = match error {
                        PassfileError::Fields(_) => "write `host:port:database:user:password`",
                        PassfileError::Zero => "save the file as plain text without zero bytes",
                    };
                    // The subject cannot show the line, which may be a password.
                    let found = finding(
                        cx,
                        id::PASSFILE_FIELDS,
                        *span,
                        Subject::File,
                        "libpq passes over the line",
                        error.to_string(),
                    );
                    out.push(found.help(help));
                }
                Content::Entry(entry) => {
                    let shadow = entry.shadowed_by.filter(|_| !template).and_then(|index| file.lines.get(index));
                    let shadow = shadow.and_then(|line| match &line.content {
                        Content::Entry(entry) => Some(key(entry)),
                        _ => None,
                    });
                    check_entry(entry, shadow, cx, out);
                }
                Content::Blank | Content::Comment(_) | Content::Template => {}
            }
        }
    }
}

fn check_entry(entry: &Entry, shadow: Option<Span>, cx: &Context<'_>, out: &mut Sink<'_>) {
    let subject = Subject::Entry(cx.show(key(entry)));
    let find = |rule, at, label: &str, message: String| finding(cx, rule, at, subject.clone(), label, message);
    let shown = cx.show(key(entry));
    if let Some(earlier) = shadow {
        let message = format!("the line for `{shown}` is never used, since an earlier one matches all that it does");
        let found = find(id::PASSFILE_SHADOWED, key(entry), "is never reached", message);
        return out
            .push(found.help("put the more specific line first").related(earlier, "the first line that matches wins"));
    }
    if let Some(rest) = entry.rest {
        let message = format!("the password for `{shown}` ends at a colon, and the rest of the line is not read");
        let found = find(id::PASSFILE_UNESCAPED_COLON, rest, "is not read", message);
        let bytes = cx.sources.bytes(rest);
        let colons = memchr::memchr_iter(b':', bytes).filter(|&at| at == 0 || bytes[at - 1] != b'\\');
        let edits = colons.map(|at| edit::put(rest.file, rest.start + at as u32, "\\")).collect();
        let found = found.help("write `\\:` for a colon in the password");
        out.push(found.fix("escape the colons of the password", Safety::Unsafe, edits));
    }
    if let Some(backslash) = entry.dropped.filter(|_| !entry.dynamic) {
        let message = format!("the password for `{shown}` has a backslash that libpq drops");
        let found = find(id::PASSFILE_UNESCAPED_BACKSLASH, backslash, "makes the next character plain", message);
        let found = found.help("write `\\\\` for a backslash in the password");
        let edits = backslashes(cx, entry.password_span);
        out.push(found.fix("escape the backslashes of the password", Safety::Unsafe, edits));
    }
    if entry.password.is_empty() && !entry.dynamic {
        let message = format!("the line for `{shown}` has an empty password, and libpq looks no further");
        let found = find(id::PASSFILE_EMPTY_PASSWORD, key(entry), "ends the search", message);
        out.push(found.help("add the password, or remove the line"));
    }
    if entry.dynamic || !entry.host.wildcard {
        return;
    }
    if entry.port.wildcard && entry.database.wildcard && entry.user.wildcard {
        let message = "one password is used for every user of every database on every host".to_owned();
        let found = find(id::PASSFILE_ALL_WILDCARDS, key(entry), "is offered to any server that asks", message);
        out.push(found.help("name at least the host and the user"));
    } else {
        let message = format!("the password for `{shown}` is offered to every host");
        let found = find(id::PASSFILE_ANY_HOST, entry.host.span, "matches any host", message);
        out.push(found.help("name the host"));
    }
}

/// A second backslash for each that stands before neither a colon nor another.
fn backslashes(cx: &Context<'_>, password: Span) -> Vec<(Span, String)> {
    let bytes = cx.sources.bytes(password);
    let (mut at, mut edits) = (0, Vec::new());
    while let Some(next) = bytes.get(at..).and_then(|rest| memchr::memchr(b'\\', rest)) {
        at += next;
        if matches!(bytes.get(at + 1), Some(b':' | b'\\')) {
            at += 2;
            continue;
        }
        edits.push(edit::put(password.file, password.start + at as u32, "\\"));
        at += 1;
    }
    edits
}

/// The four fields that are matched, without the password.
fn key(entry: &Entry) -> Span {
    entry.host.span.to(entry.user.span)
}

fn finding(cx: &Context<'_>, rule: RuleId, at: Span, subject: Subject, label: &str, message: String) -> Finding {
    Finding::new(rule, subject, cx.cluster.majors, Label::new(at, label), message)
}
