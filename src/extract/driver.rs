//! Connection strings that a driver reads, which may know more than libpq does: such parts are holes.

use std::ops::Range;

use super::Draft;
use super::shell::is_uri;
use crate::catalog::conninfo::Keyword;
use crate::source::Span;
use crate::syntax::conninfo::Conninfo;
use crate::syntax::literal::Literal;

/// Keywords that only PostgreSQL's connection strings have. Those of `host=... port=...` may be for anything.
const TELLING: &[&str] =
    &["dbname", "sslmode", "sslrootcert", "sslcert", "target_session_attrs", "hostaddr", "gssencmode"];

/// A value that is a connection string, in either form.
pub(super) fn conninfo(value: &Literal) -> Option<Literal> {
    if is_uri(value.text()) { Some(uri(value)) } else { Some(with_holes(value, pairs(value)?)) }
}

/// A URI.
pub(super) fn uri(text: &Literal) -> Literal {
    with_holes(text, parameters(text.text()))
}

fn with_holes(text: &Literal, holes: Vec<Range<usize>>) -> Literal {
    let mut draft = Draft::new(text, 0);
    let mut at = 0;
    for hole in holes {
        draft.copy(at..hole.start);
        at = hole.end;
        draft.hole(hole);
    }
    draft.copy(at..text.text().len());
    draft.build()
}

/// The parameters of a URI that libpq does not know: `schema=public`, `pool_max_conns=10`.
pub(super) fn parameters(bytes: &[u8]) -> Vec<Range<usize>> {
    let Some(query) = memchr::memchr(b'?', bytes) else { return Vec::new() };
    let mut parts = Vec::new();
    let mut start = query + 1;
    for part in bytes[start..].split(|&byte| byte == b'&') {
        let range = start..start + part.len();
        start = range.end + 1;
        let (name, value) = part.split_at(part.iter().position(|&byte| byte == b'=').unwrap_or(part.len()));
        let plain = !name.is_empty() && name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(byte));
        let known = std::str::from_utf8(name).is_ok_and(|name| Keyword::find(name).is_some() || name == "ssl");
        // node-postgres has a mode and a way to say yes of its own.
        let own = matches!(value, b"=no-verify") || name == b"ssl" && value != b"=true";
        if plain && (!known || own) {
            parts.push(range);
        }
    }
    parts
}

/// The settings of a keyword string that libpq does not know, `None` if it is no connection string.
pub(super) fn pairs(text: &Literal) -> Option<Vec<Range<usize>>> {
    let bytes = text.text();
    let word = bytes.trim_ascii_start();
    let length = word.iter().take_while(|byte| byte.is_ascii_lowercase() || **byte == b'_').count();
    let first = std::str::from_utf8(word.get(..length)?).ok()?;
    Keyword::find(first)?;
    word.get(length..)?.trim_ascii_start().starts_with(b"=").then_some(())?;
    let whole = Span::new(text.file(), 0, bytes.len());
    let read = Conninfo::parse(&Literal::plain(whole, bytes));
    let known = |name: &str| Keyword::find(name).is_some();
    let telling = |name: &str| TELLING.contains(&name);
    let names = || read.params.iter().map(|param| param.keyword.text.as_str());
    let semicolon = read.params.iter().any(|param| param.value.bytes().ends_with(b";"));
    let told =
        read.errors.is_empty() && !semicolon && names().any(telling) && names().filter(|name| known(name)).count() > 1;
    let others = read.params.iter().filter(|param| !known(&param.keyword.text));
    told.then(|| others.map(|param| param.span.range()).collect())
}
