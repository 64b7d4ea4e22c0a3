//! Edits of connection strings: a keyword with another value, one more, or one less, in each of the ways to write them.

use crate::checks::edit;
use crate::finding::{Finding, Safety};
use crate::model::{ConninfoUse, Origin};
use crate::rule::Context;
use crate::source::Span;
use crate::syntax::conninfo::{Form, Param};

/// The finding with a fix that sets a keyword: in place of the value that counts, else at the end.
pub(super) fn set(of: &ConninfoUse, keyword: &str, text: &str, cx: &Context<'_>, finding: Finding) -> Finding {
    let edit = match of.conninfo.get(keyword) {
        // An alias such as `requiressl=1` has values of its own.
        Some(param) if param.keyword.text == keyword && !param.value.dynamic => {
            Some((param.value.span, text.to_owned()))
        }
        Some(_) => None,
        None => added(of, keyword, text, cx),
    };
    match edit {
        Some(edit) => finding.fix(format!("set `{keyword}={text}`"), Safety::Unsafe, vec![edit]),
        None => finding,
    }
}

/// `sslmode=verify-full`, where there is a name to verify.
pub(super) fn verify(of: &ConninfoUse, cx: &Context<'_>, finding: Finding) -> Finding {
    let named = of.conninfo.get("host").is_some_and(|param| param.value.dynamic || !param.value.bytes().is_empty());
    if named { set(of, "sslmode", "verify-full", cx, finding) } else { finding }
}

fn added(of: &ConninfoUse, keyword: &str, text: &str, cx: &Context<'_>) -> Option<(Span, String)> {
    let span = of.conninfo.span;
    if of.conninfo.open {
        return None;
    }
    if matches!(of.origin, Origin::Service { .. }) {
        let last = edit::lines(cx, of.conninfo.params.last()?.span);
        let ended = cx.sources.bytes(last).ends_with(b"\n");
        let line = if ended { format!("{keyword}={text}\n") } else { format!("\n{keyword}={text}") };
        return Some(edit::put(last.file, last.end, line));
    }
    // What is put together from several places of its host has no end of its own.
    let bytes = cx.sources.bytes(span);
    if bytes.is_empty() || cx.sources.bytes(cx.sources.to_host(span)) != bytes {
        return None;
    }
    let before = match of.conninfo.form {
        Form::Keyword if bytes.ends_with(b" ") => "",
        Form::Keyword => " ",
        Form::Uri if bytes.ends_with(b"?") || bytes.ends_with(b"&") => "",
        Form::Uri if bytes.contains(&b'?') => "&",
        Form::Uri => "?",
        Form::PgBouncer => return None,
    };
    Some(edit::put(span.file, span.end, format!("{before}{keyword}={text}")))
}

/// The finding with a fix that takes a keyword out.
pub(super) fn without(of: &ConninfoUse, param: &Param, safety: Safety, cx: &Context<'_>, finding: Finding) -> Finding {
    let Some(span) = whole(of, param, cx) else { return finding };
    finding.fix(format!("remove `{}`", param.keyword.text), safety, vec![(span, String::new())])
}

/// A keyword and its value with what parts them from the others.
fn whole(of: &ConninfoUse, param: &Param, cx: &Context<'_>) -> Option<Span> {
    let span = param.span;
    if matches!(of.origin, Origin::Service { .. }) {
        return Some(edit::entry(cx, span));
    }
    let bytes = cx.sources.file(span.file).bytes();
    let string = of.conninfo.span.range();
    let (before, after) = (bytes.get(string.start..span.range().start)?, bytes.get(span.range().end..string.end)?);
    let blanks = |part: &mut dyn Iterator<Item = &u8>| part.take_while(|byte| byte.is_ascii_whitespace()).count();
    let (start, end) = match of.conninfo.form {
        Form::Keyword => match blanks(&mut before.iter().rev()) {
            0 => (0, blanks(&mut after.iter())),
            count => (count, 0),
        },
        Form::Uri => match (before.last()?, after.first()) {
            (b'&', _) | (b'?', None) => (1, 0),
            (b'?', Some(b'&')) => (0, 1),
            // A part before the `?` is no keyword.
            _ => return None,
        },
        Form::PgBouncer => return None,
    };
    Some(Span::new(span.file, span.range().start - start, span.range().end + end))
}
