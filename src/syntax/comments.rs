//! Where the comments of a file are and what they can speak of: lines, rows, statements. Asked for few files, since
//! few have a comment that speaks to pgassay.

use crate::catalog::Majors;
use crate::discover::Kind;
use crate::source::{FileId, Span};
use crate::syntax::{auth_file, postgresql_conf, sql};

/// The comments and the entries of a file, each in order.
#[must_use]
pub fn of(file: FileId, kind: Kind, bytes: &[u8]) -> (Vec<Span>, Vec<Span>) {
    match kind {
        Kind::PostgresqlConf | Kind::AutoConf | Kind::RecoveryConf | Kind::RecoveryDone | Kind::CommandLine => {
            let comments = postgresql_conf::comments(file, bytes).collect();
            (comments, postgresql_conf::parse(file, bytes).entries.iter().map(|entry| entry.span).collect())
        }
        Kind::PgHba | Kind::PgIdent | Kind::NameList => {
            // Majors differ in what they make of a line, not in where its comment is, but for joined lines.
            let dialect = auth_file::dialects(bytes, Majors::ALL).pop().unwrap_or_default();
            let auth = auth_file::parse(file, bytes, dialect);
            let comments = auth.lines().iter().filter_map(|line| line.comment).collect();
            let entries = auth.lines().iter().filter(|line| !auth.fields(line).is_empty());
            (comments, entries.map(|line| line.span).collect())
        }
        Kind::Sql => sql::comments(file, bytes),
        Kind::Service | Kind::Passfile | Kind::PgbouncerIni | Kind::Userlist => lines(file, kind, bytes),
        Kind::Conninfo | Kind::Password => (Vec::new(), vec![Span::new(file, 0, bytes.len())]),
        Kind::Host(_) => (of_host(file, bytes), Vec::new()),
        Kind::StandbySignal | Kind::RecoverySignal | Kind::PgVersion | Kind::Major | Kind::HostName => {
            (Vec::new(), Vec::new())
        }
    }
}

/// The lines of another language from a sign on that starts a comment in most, to the end of the line. What a string
/// holds is not told apart; only comments that speak to pgassay are asked for.
fn of_host(file: FileId, bytes: &[u8]) -> Vec<Span> {
    const SIGNS: [&[u8]; 8] = [b"#", b"--", b"//", b"/*", b"<!--", b";", b"*", b"{#"];
    let mut comments = Vec::new();
    let mut start = 0;
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        let opens = |at: usize| {
            (at == 0 || line[at - 1].is_ascii_whitespace()) && SIGNS.iter().any(|sign| line[at..].starts_with(sign))
        };
        if let Some(at) = (0..line.len()).find(|&at| opens(at)) {
            comments.push(Span::new(file, start + at, start + line.trim_ascii_end().len().max(at)));
        }
        start += line.len();
    }
    comments
}

/// Files in which a comment is a line of its own.
fn lines(file: FileId, kind: Kind, bytes: &[u8]) -> (Vec<Span>, Vec<Span>) {
    let (mut comments, mut entries) = (Vec::new(), Vec::new());
    let mut start = 0;
    for line in bytes.split(|&byte| byte == b'\n') {
        let blanks = line.len() - line.trim_ascii_start().len();
        let span = Span::new(file, start + blanks, start + blanks + line.trim_ascii().len());
        let semicolon = matches!(kind, Kind::PgbouncerIni | Kind::Userlist);
        match line.trim_ascii().first() {
            None => {}
            Some(b'#') => comments.push(span),
            Some(b';') if semicolon => comments.push(span),
            Some(_) => entries.push(span),
        }
        start += line.len() + 1;
    }
    (comments, entries)
}
