//! What a guide leaves to the reader: names in angle brackets, dots for what is left out, synopses of statements.

use crate::extract::Draft;
use crate::syntax::literal::Literal;

/// A text with `<name>` and `...` outside of quotes as holes.
pub(super) fn filled(text: &Literal) -> Literal {
    let bytes = text.text();
    let mut draft = Draft::new(text, 0);
    let (mut at, mut done, mut quoted) = (0, 0, false);
    while let Some(&byte) = bytes.get(at) {
        let rest = &bytes[at..];
        // A quote that a line does not close is an apostrophe.
        quoted = match byte {
            b'\'' => !quoted,
            b'\n' => false,
            _ => quoted,
        };
        let length = if quoted { None } else { placeholder(rest) };
        match length {
            Some(length) => {
                draft.copy(done..at);
                draft.hole(at..at + length);
                at += length;
                done = at;
            }
            None => at += 1,
        }
    }
    if done == 0 {
        return text.clone();
    }
    draft.copy(done..bytes.len());
    draft.build()
}

/// How long the placeholder is that the text starts with.
fn placeholder(text: &[u8]) -> Option<usize> {
    const LONGEST: usize = 60;
    if text.starts_with(b"...") {
        return Some(3);
    }
    if text.starts_with("…".as_bytes()) {
        return Some("…".len());
    }
    let inner = text.strip_prefix(b"<")?;
    let end = inner.iter().take(LONGEST).position(|&byte| byte == b'>')?;
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b" _-.%/|:".contains(byte) || !byte.is_ascii();
    let inner = &inner[..end];
    let word = inner.first().is_some_and(u8::is_ascii_alphanumeric) && inner.iter().all(plain);
    word.then_some(end + 2)
}

/// Settings with holes for values that say what belongs there: `25% of RAM`, `on/off`, `none|all`, `XGB`, `[value]`.
pub(super) fn without_descriptions(text: &Literal) -> Literal {
    let bytes = text.text();
    let mut draft = Draft::new(text, 0);
    let (mut at, mut done) = (0, 0);
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        let end = at + memchr::memchr(b'#', line).unwrap_or(line.len());
        if let Some(sign) = memchr::memchr(b'=', &bytes[at..end]) {
            let value = &bytes[at + sign + 1..end];
            let start = end - value.trim_ascii_start().len();
            let length = value.trim_ascii().len();
            if describes(value.trim_ascii()) {
                draft.copy(done..start);
                draft.hole(start..start + length);
                done = start + length;
            }
        }
        at += line.len();
    }
    if done == 0 {
        return text.clone();
    }
    draft.copy(done..bytes.len());
    draft.build()
}

fn describes(value: &[u8]) -> bool {
    if value.starts_with(b"'") {
        return false;
    }
    let word =
        |word: &[u8]| !word.is_empty() && word.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(byte));
    let choice = value.contains(&b'|') && value.split(|&byte| byte == b'|').map(<[u8]>::trim_ascii).all(word);
    let digits = value.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let unknown = value.iter().take_while(|byte| b"NxX".contains(byte)).count();
    value.starts_with(b"[")
        || choice
        || [&b"on/off"[..], b"off/on", b"true/false", b"yes/no"].contains(&value)
        || digits > 0 && value[digits..].starts_with(b"%")
        || unknown > 0
            && [&b""[..], b"kB", b"MB", b"GB", b"TB", b"ms", b"s", b"min", b"h", b"d"].contains(&&value[unknown..])
}

/// Whether a text is the description of a statement and not one: `CREATE PUBLICATION name [ FOR ALL TABLES | ... ]`.
pub(super) fn is_one(text: &[u8]) -> bool {
    let has = |word: &[u8]| memchr::memmem::find(text, word).is_some();
    has(b"[ ") && has(b" ]") && (has(b" | ") || has(b"[, "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Span};

    #[test]
    fn placeholders_are_holes() {
        for (text, expected) in [
            ("CREATE ROLE <name> PASSWORD '<pw>';", "CREATE ROLE ${_} PASSWORD '<pw>';"),
            ("FOR TABLE ...;", "FOR TABLE ${_};"),
            ("a < b AND c > d", "a < b AND c > d"),
            ("shared_buffers = <25% of RAM>", "shared_buffers = ${_}"),
            ("-- don't\nhost all all <ip>/32 md5", "-- don't\nhost all all ${_}/32 md5"),
            ("x <> y", "x <> y"),
        ] {
            let literal = Literal::plain(Span::new(FileId(0), 0, text.len()), text.as_bytes());
            assert_eq!(String::from_utf8_lossy(filled(&literal).text()), expected);
        }
    }

    #[test]
    fn descriptions_are_no_values() {
        for (text, expected) in [
            ("shared_buffers = 25% of RAM # x\r\nport = 1\n", "shared_buffers = ${_} # x\r\nport = 1\n"),
            ("ssl = on/off\nlog_statement=none | all", "ssl = ${_}\nlog_statement=${_}"),
            (
                "max_connections = N\nmax_wal_size = xxGB\nwork_mem = [value]",
                "max_connections = ${_}\nmax_wal_size = ${_}\nwork_mem = ${_}",
            ),
            (
                "ssl = no\nport = 5432\nwork_mem = 4 gb\ntimezone = Europe/Berlin\nfsync = n\n",
                "ssl = no\nport = 5432\nwork_mem = 4 gb\ntimezone = Europe/Berlin\nfsync = n\n",
            ),
            ("search_path = '[a]' # = N", "search_path = '[a]' # = N"),
        ] {
            let literal = Literal::plain(Span::new(FileId(0), 0, text.len()), text.as_bytes());
            assert_eq!(String::from_utf8_lossy(without_descriptions(&literal).text()), expected);
        }
    }

    #[test]
    fn descriptions_are_no_statements() {
        assert!(is_one(b"CREATE PUBLICATION name\n [ FOR ALL TABLES | FOR TABLE x [, ... ] ]"));
        assert!(!is_one(b"SELECT ARRAY[1, 2], a[1]"));
    }
}
