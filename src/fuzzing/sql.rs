//! SQL scripts: cut into pieces and tokens, made fit for the parser, read.

use super::{FILE, inside, spans};
use crate::model::sql;
use crate::syntax;
use crate::syntax::sql::lex::{self, Dialect};
use crate::syntax::sql::split::Splitter;
use crate::syntax::sql::{Source, Token, Wants};

/// Words and signs that make statements of interest likely, well formed or not.
pub(super) const WORDS: &[&str] = &[
    "create ",
    "alter ",
    "drop ",
    "grant ",
    "revoke ",
    "subscription ",
    "publication ",
    "role ",
    "user mapping ",
    "for ",
    "table ",
    "all tables ",
    "connection ",
    "'host=a'",
    "''",
    "'",
    "E'\\'",
    "$$",
    "$b$",
    "\"q\"",
    "\"",
    ";",
    ";\n",
    "(",
    ")",
    ",",
    "=",
    "with ",
    "(a = 1)",
    "to ",
    "from ",
    "on ",
    "set ",
    "do ",
    "begin ",
    "end ",
    "execute ",
    "format('%I ",
    "||",
    "password ",
    "select ",
    "pg_drop_replication_slot(",
    ":x ",
    ":'x' ",
    "::",
    "\\gexec\n",
    "\\if ",
    "\\copy t from stdin\n",
    "copy t from stdin;\n",
    "\\.\n",
    "{{ x }}",
    "${x}",
    "%s ",
    "-- x\n",
    "/*",
    "*/",
    "create function f() returns int as ",
    "as ",
    "E'a\\x41'",
    "U&'\\0041'",
    "uescape '!'",
    "case ",
    "when ",
    "x",
    "\0",
    "[",
    "]",
];

/// Pieces cover a script, tokens cover a piece, and what the parser is given is text as long as the piece.
pub fn sql_split(bytes: &[u8]) {
    for dialect in [Dialect::Psql, Dialect::Server] {
        let source = Source::file(FILE, bytes);
        assert_eq!(source.text().len(), bytes.len());
        let mut at = 0;
        for piece in Splitter::new(source.text(), dialect) {
            assert!(piece.start == at && piece.end > at && piece.code_end <= piece.end);
            at = piece.end;
            let code = source.code(piece.start, piece.end);
            assert_eq!(code.text().len(), piece.end - piece.start);
            assert!(std::str::from_utf8(code.text()).is_ok_and(|text| !text.contains('\0')));
            let mut last = 0;
            for hole in code.holes() {
                assert!(hole.start >= last && hole.start < hole.end && hole.end <= code.text().len());
                last = hole.end;
            }
        }
        assert_eq!(at, bytes.len());
        let mut at = 0;
        while at < bytes.len() {
            let Token { start, end, .. } = lex::next(bytes, at, dialect);
            assert!(start == at && end > at && end <= bytes.len());
            at = end;
        }
    }
    let (comments, statements) = syntax::sql::comments(FILE, bytes);
    inside(&(comments, statements), bytes);
}

/// Whatever is read of a script lies in it.
pub fn sql(bytes: &[u8]) {
    for tables in [false, true] {
        let script = syntax::sql::read(FILE, bytes, Wants { tables }, None);
        inside(&script.errors, bytes);
        let read = sql::read(script);
        inside(&read, bytes);
        for secret in read.secrets() {
            assert!(secret.start <= secret.end && secret.end as usize <= bytes.len());
        }
        // Between characters, where the file has characters.
        if let Ok(text) = std::str::from_utf8(bytes) {
            for span in spans(&read) {
                assert!(text.get(span.range()).is_some(), "{span:?} cuts a character");
            }
        }
    }
}
