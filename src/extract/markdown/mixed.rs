//! Blocks of several things: sessions of psql with their output, commands with the lines that they add to a file.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::discover::Kind;
use crate::extract::{Draft, content};
use crate::syntax::literal::Literal;

/// The names of the settings that a text defines.
pub(super) fn settings(text: &[u8]) -> BTreeSet<String> {
    let lines = text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    let named = lines.filter(|line| !line.starts_with(b"#")).filter_map(|line| {
        let length = line.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.')).count();
        (length > 0).then(|| String::from_utf8_lossy(&line[..length]).to_ascii_lowercase())
    });
    named.collect()
}

/// Whether a line has the form of a setting, known or not.
pub(super) fn may_be_setting(line: &[u8]) -> bool {
    let length = line.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.')).count();
    let after = line[length..].trim_ascii_start();
    length > 0 && line[0].is_ascii_lowercase() && after.starts_with(b"=") && !after.starts_with(b"==")
}

/// Whether a line starts as a row of pg_hba.conf and has as many words.
pub(super) fn may_be_row(line: &[u8]) -> bool {
    let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let kinds = [&b"local"[..], b"host", b"hostssl", b"hostnossl", b"hostgssenc", b"hostnogssenc"];
    words.next().is_some_and(|first| kinds.contains(&first)) && words.count() >= 3
}

/// The lines of a text with their places, without the line feeds.
fn lines(text: &[u8]) -> impl Iterator<Item = (Range<usize>, &[u8])> {
    let mut at = 0;
    text.split_inclusive(|&byte| byte == b'\n').map(move |line| {
        let range = at..at + line.len();
        at = range.end;
        (range, line.trim_ascii())
    })
}

/// Where the code after a prompt of psql begins: `app=# `, `app-> `, `postgres(# `.
fn prompt(line: &[u8]) -> Option<usize> {
    let blanks = line.len() - line.trim_ascii_start().len();
    let name = line[blanks..]
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'@' | b':'))
        .count();
    // The sign before `#` or `>` may have been taken for a part of the name.
    let sign = [blanks + name, blanks + name.saturating_sub(1)].into_iter().find(|&at| {
        matches!(
            line.get(at..at + 2),
            Some([b'=' | b'-' | b'(' | b'\'' | b'"' | b'!' | b'^' | b'*' | b'$', b'#' | b'>'])
        )
    })?;
    let after = line.get(sign + 2..)?;
    (sign > blanks && after.first().is_none_or(u8::is_ascii_whitespace)).then_some(sign + 2)
}

/// What was typed in a session of psql, without prompts and output; a text that is none, as it stands.
pub(super) fn of_session(text: &Literal) -> Literal {
    let bytes = text.text();
    if !bytes.split(|&byte| byte == b'\n').any(|line| prompt(line).is_some()) {
        return text.clone();
    }
    // The lines of each statement.
    let mut statements: Vec<Vec<Range<usize>>> = Vec::new();
    let mut open = false;
    for (range, line) in lines(bytes) {
        let whole = &bytes[range.clone()];
        let typed = match prompt(whole) {
            Some(from) => Some(range.start + from..range.end),
            // The server refused it, as the guide shows.
            None if line.starts_with(b"ERROR:") => {
                statements.pop();
                open = false;
                None
            }
            // A statement that was pasted goes on without prompts.
            None if open => Some(range),
            None => None,
        };
        let Some(typed) = typed else { continue };
        let code = bytes[typed.clone()].trim_ascii();
        // A command of psql's is one line.
        let ends = code.ends_with(b";") || !open && (code.is_empty() || code.starts_with(b"\\"));
        match statements.last_mut().filter(|_| open) {
            Some(statement) => statement.push(typed),
            None => statements.push(vec![typed]),
        }
        open = !ends;
    }
    let mut draft = Draft::new(text, 0);
    for line in statements.into_iter().flatten() {
        draft.copy(line);
    }
    draft.build()
}

/// The parts of a text whose lines tell by themselves what they are.
pub(super) fn parts(text: &Literal) -> Vec<(Kind, Literal)> {
    let bytes = text.text();
    if bytes.split(|&byte| byte == b'\n').any(|line| prompt(line).is_some()) {
        return vec![(Kind::Sql, text.clone())];
    }
    let mut parts: Vec<(Kind, Range<usize>)> = Vec::new();
    let (mut statement, mut named) = (false, false);
    for (range, line) in lines(bytes) {
        if line.starts_with(b"#") && memchr::memmem::find(line, b".conf").is_some() {
            named = memchr::memmem::find(line, b"postgresql").is_some();
        }
        let kind = if statement || is_statement(line) {
            statement = !line.ends_with(b";");
            Some(Kind::Sql)
        } else if may_be_row(line) && !line.ends_with(b"\\") && ends_in_method(line) {
            Some(Kind::PgHba)
        } else if named && content::is_setting(line) && is_apart(line) {
            Some(Kind::PostgresqlConf)
        } else {
            None
        };
        let Some(kind) = kind else { continue };
        match parts.last_mut() {
            Some((last, part)) if *last == kind && part.end == range.start => part.end = range.end,
            _ => parts.push((kind, range)),
        }
    }
    // A statement that nothing ends is none, or one of another language.
    if statement && parts.last().is_some_and(|(kind, _)| *kind == Kind::Sql) {
        parts.pop();
    }
    parts.into_iter().map(|(kind, range)| (kind, Draft::of(text, range))).collect()
}

/// Whether a line starts a statement of SQL and is no command of a shell, of which some have the same names.
fn is_statement(line: &[u8]) -> bool {
    let upper = line.iter().take_while(|byte| byte.is_ascii_alphabetic()).all(u8::is_ascii_uppercase);
    upper && content::is_sql(line)
}

/// Whether there is room around the sign, which an assignment of a shell does not have.
fn is_apart(line: &[u8]) -> bool {
    memchr::memmem::find(line, b" = ").is_some()
}

fn ends_in_method(line: &[u8]) -> bool {
    let methods =
        [&b"trust"[..], b"reject", b"md5", b"scram-sha-256", b"password", b"peer", b"ident", b"cert", b"gss", b"ldap"];
    line.split(u8::is_ascii_whitespace).skip(3).any(|word| methods.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Span};

    fn text(text: &str) -> Literal {
        Literal::plain(Span::new(FileId(0), 0, text.len()), text.as_bytes())
    }

    fn shown(literal: &Literal) -> String {
        String::from_utf8(literal.text().to_vec()).unwrap()
    }

    #[test]
    fn sessions_lose_prompts_and_output() {
        let session = "app=# CREATE ROLE r\napp-#   LOGIN;\nCREATE ROLE\napp=> SELECT 1;\n ?column?\n----\n 1\n";
        assert_eq!(shown(&of_session(&text(session))), " CREATE ROLE r\n   LOGIN;\n SELECT 1;\n");
        assert_eq!(shown(&of_session(&text("SELECT a -> b;\n"))), "SELECT a -> b;\n");
        let refused =
            "app=# SELECT 1;\n 1\napp=# ALTER SYSTEM\n SET x = 1;\nERROR:  no\nDETAIL:  why\napp=# SELECT 2;\n";
        assert_eq!(shown(&of_session(&text(refused))), " SELECT 1;\n SELECT 2;\n");
    }

    #[test]
    fn lines_tell_what_they_are() {
        let block = "psql -U postgres\nCREATE PUBLICATION p\n  FOR ALL TABLES;\n# pg_hba.conf\nhost all all 10.0.0.0/8 md5\nport = 1\n# postgresql.conf\nexport wal_level=logical\nwal_level = logical\nset -e\nselect x in a b\n";
        let parts = parts(&text(block));
        let parts: Vec<_> = parts.iter().map(|(kind, part)| (*kind, shown(part))).collect();
        assert_eq!(
            parts,
            [
                (Kind::Sql, "CREATE PUBLICATION p\n  FOR ALL TABLES;\n".to_owned()),
                (Kind::PgHba, "host all all 10.0.0.0/8 md5\n".to_owned()),
                (Kind::PostgresqlConf, "wal_level = logical\n".to_owned()),
            ]
        );
    }
}
