//! What a string of a program is: SQL that matters here, a connection string, or nothing.

use std::ops::Range;

use super::format::verb;
use super::language::Code;
use super::migration;
use super::text::Text;
use super::walk::Part;
use crate::discover::Kind;
use crate::extract::content::is_sql;
use crate::extract::{Draft, Found, driver, shell};
use crate::source::FileId;
use crate::syntax::literal::Literal;
use crate::syntax::sql::{self, Wants, Words};

/// Hands a string over to those that read its kind.
pub(super) fn hand_over(code: &Code<'_>, part: &Part<'_>, host: &Literal, found: &mut Found<'_>) {
    let text = part.text.build(host);
    if matters(text.text(), code) {
        let open = !part.whole && !text.text().trim_ascii_end().ends_with(b";");
        let text = if open { with_open_end(&part.text, host) } else { text };
        let place = migration::around(code, part).map(|at| host.span(at.start, at.end));
        found.sql(text, place);
    } else if let Some(text) = conninfo(&text, code) {
        found.add(Kind::Conninfo, text);
    }
}

/// A text that may go on: what follows is not known.
fn with_open_end(text: &Text<'_>, host: &Literal) -> Literal {
    let mut draft = Draft::new(host, text.start().unwrap_or_default());
    text.draw(&mut draft);
    let end = text.end().unwrap_or_default();
    draft.glue(b" ", end);
    draft.hole(end..end);
    draft.build()
}

/// Whether a text is SQL that says something of access or replication, or of the tables that are replicated.
fn matters(text: &[u8], code: &Code<'_>) -> bool {
    if !is_sql(text) || is_prose(text) {
        return false;
    }
    let words = sql::words(text);
    let ours = Words::SUBSCRIPTION.or(Words::PUBLICATION).or(Words::POLICY).or(Words::SLOT).or(Words::REPLICA_ROLE);
    if !words.intersects(ours) && code.is_of_other_engine() {
        return false;
    }
    let starts = |verbs: &[&str]| {
        let word = text.trim_ascii_start();
        verbs.iter().any(|verb| word.get(..verb.len()).is_some_and(|word| word.eq_ignore_ascii_case(verb.as_bytes())))
    };
    if starts(&["select", "with", "insert", "update", "delete", "explain", "copy", "call", "show", "comment"]) {
        return words.intersects(Words::SLOT.or(Words::REPLICA_ROLE))
            || names_catalog(text)
            || memchr::memchr(b';', text).is_some() && words != Words::default();
    }
    words != Words::default() || starts(&["create table", "alter table", "create unique"])
}

/// Whether a query may name something that only some majors have: of the system catalogue, or a setting.
fn names_catalog(text: &[u8]) -> bool {
    let has = |word: &[u8]| text.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
    [&b"pg_"[..], b"information_schema", b"current_setting"].into_iter().any(has)
        || text.trim_ascii_start().get(..5).is_some_and(|word| word.eq_ignore_ascii_case(b"show "))
}

/// Whether a text that starts like SQL in lower case is a sentence: nothing is quoted in it, and the
/// grammar refuses it or it says nothing that matters.
fn is_prose(text: &[u8]) -> bool {
    let first = text.trim_ascii_start().first();
    if !first.is_some_and(u8::is_ascii_lowercase) {
        return false;
    }
    let quotes =
        text.windows(2).any(|pair| pair[1] == b'\'' && (pair[0].is_ascii_whitespace() || b"(=,".contains(&pair[0])));
    if quotes || text.contains(&b';') {
        return false;
    }
    let script = sql::read(FileId(0), text, Wants { tables: true }, None);
    !script.errors.is_empty() || script.statements.is_empty()
}

/// Connection strings are not longer.
const LONGEST: usize = 4096;

/// A connection string that libpq or a driver like it reads, with the parts that only drivers know as holes.
fn conninfo(text: &Literal, code: &Code<'_>) -> Option<Literal> {
    if text.text().len() > LONGEST {
        return None;
    }
    let of_pdo = pdo(text);
    let text = of_pdo.as_ref().unwrap_or(text);
    let bytes = text.text();
    let uri = is_uri(bytes);
    let mut parts = if uri { driver::parameters(bytes) } else { driver::pairs(text)? };
    parts.extend(placeholders(bytes));
    parts.sort_by_key(|part| (part.start, part.end));
    let mut draft = Draft::new(text, 0);
    let mut at = 0;
    for part in parts.into_iter() {
        if part.start < at {
            continue;
        }
        draft.copy(at..part.start);
        at = part.end;
        draft.hole(part);
    }
    let end = bytes.len();
    draft.copy(at..end);
    if code.has_strict_driver() {
        let sign: &[u8] = if !uri {
            b" "
        } else if bytes.contains(&b'?') {
            b"&"
        } else {
            b"?"
        };
        draft.glue(sign, end);
        draft.hole(end..end);
    }
    Some(draft.build())
}

/// The connection string in a data source name of PHP's PDO, which may have semicolons between its settings; user and
/// password are arguments beside it (<https://www.php.net/manual/en/ref.pdo-pgsql.connection.php>).
fn pdo(text: &Literal) -> Option<Literal> {
    const SCHEME: &[u8] = b"pgsql:";
    let bytes = text.text();
    let settings = bytes.strip_prefix(SCHEME)?;
    let mut draft = Draft::new(text, 0);
    let mut at = SCHEME.len();
    for setting in settings.split_inclusive(|&byte| byte == b';') {
        let end = at + setting.len();
        let sign = usize::from(setting.ends_with(b";"));
        draft.copy(at..end - sign);
        draft.decoded(&b" "[..sign], end - sign..end);
        at = end;
    }
    draft.glue(b" ", at);
    draft.hole(at..at);
    Some(draft.build())
}

/// Whether it is a URI that libpq takes, and nothing else. `jdbc:postgresql:` and `postgresql+asyncpg:` are others.
fn is_uri(bytes: &[u8]) -> bool {
    shell::is_uri(bytes) && !bytes.iter().any(|byte| matches!(byte, b'<' | b'>' | b'"'))
}

/// The places of formats, which may be filled in anywhere in the program: `%s`, `%d`, `{}`, `{host}`.
fn placeholders(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    for at in memchr::memchr2_iter(b'%', b'{', bytes) {
        let rest = bytes.get(at..).unwrap_or_default();
        let length = match rest {
            // In a URI `%d0` is a byte.
            [b'%', b's' | b'v' | b'q' | b'w', ..] => Some(2),
            [b'%', b'd', next, ..] if !next.is_ascii_hexdigit() => Some(2),
            [b'%', b'd'] => Some(2),
            [b'%', b'(' | b'[' | b'<', ..] => verb(rest),
            [b'{', ..] if at.checked_sub(1).and_then(|before| bytes.get(before)) != Some(&b'$') => {
                let name = |byte: &&u8| byte.is_ascii_alphanumeric() || b"_.:!".contains(byte);
                let length = 1 + rest.iter().skip(1).take(64).take_while(name).count();
                (rest.get(length) == Some(&b'}')).then_some(length + 1)
            }
            _ => None,
        };
        parts.extend(length.map(|length| at..at + length));
    }
    parts
}
