//! What clients and the pooler are told: connection service files, password files, pgbouncer.ini and its users.
//!
//! Built from the syntax of one file each; what one file says of another (`auth_file`, `%include`) is left to whoever
//! loads them. Secrets are marked, and every type tells where they are.

mod pgbouncer;
mod service;

pub use pgbouncer::{Database, PgBouncer, PgBouncerProblem, Setting};
pub use service::{Service, ServiceFile, ServiceProblem};

pub use crate::syntax::passfile::Passfile;
pub use crate::syntax::userlist::Userlist;

use crate::discover::Kind;
use crate::load::Loaded;
use crate::source::{FileId, Span};
use crate::syntax::conninfo::is_secret;
use crate::syntax::ini::{Item, ItemKind};

/// The files of clients and poolers, in the order in which they were read.
#[derive(Debug, Default)]
pub struct Clients {
    /// The connection service files.
    pub services: Vec<(FileId, ServiceFile)>,
    /// The password files.
    pub passfiles: Vec<(FileId, Passfile)>,
    /// The configurations of poolers.
    pub poolers: Vec<(FileId, PgBouncer)>,
    /// Their lists of users.
    pub userlists: Vec<(FileId, Userlist)>,
}

impl Clients {
    /// Reads the files of these kinds.
    pub(crate) fn read(loaded: &Loaded) -> Self {
        let mut clients = Self::default();
        for (id, file) in loaded.sources.iter() {
            match file.kind() {
                Kind::Service => clients.services.push((id, ServiceFile::parse(id, file.bytes()))),
                Kind::Passfile => clients.passfiles.push((id, Passfile::parse(id, file.bytes()))),
                Kind::PgbouncerIni => clients.poolers.push((id, PgBouncer::parse(id, file.bytes()))),
                Kind::Userlist => clients.userlists.push((id, Userlist::parse(id, file.bytes()))),
                _ => {}
            }
        }
        clients
    }

    /// What must not be shown.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = Span> + '_ {
        let services = self.services.iter().flat_map(|(_, file)| file.secrets());
        let passfiles = self.passfiles.iter().flat_map(|(_, file)| file.secrets());
        let poolers = self.poolers.iter().flat_map(|(_, file)| file.secrets());
        let userlists = self.userlists.iter().flat_map(|(_, file)| file.secrets());
        services.chain(passfiles).chain(poolers).chain(userlists)
    }
}

/// Secrets in what the program does not read: comments that turn a setting off, and lines that are broken.
fn unread_secrets<'a>(items: &'a [Item], bytes: &'a [u8]) -> impl Iterator<Item = Span> + 'a {
    items.iter().filter_map(move |item| {
        let span = match &item.kind {
            ItemKind::Comment | ItemKind::Template => item.span,
            ItemKind::Broken(_, span) => *span,
            _ => return None,
        };
        let line = bytes.get(span.range())?;
        let start = hidden(line)?;
        let end = line.trim_ascii_end().len();
        (start < end).then(|| span.slice(start, end))
    })
}

/// Where what follows `password =` or the like starts, if there is such a thing.
fn hidden(line: &[u8]) -> Option<usize> {
    let mut start = 0;
    for (at, &byte) in line.iter().enumerate() {
        let word = byte.is_ascii_alphanumeric() || byte == b'_';
        if byte == b'=' {
            let keyword = line.get(start..at).unwrap_or_default().trim_ascii();
            if std::str::from_utf8(keyword).is_ok_and(|keyword| !keyword.is_empty() && is_secret(keyword)) {
                return Some(at + 1);
            }
            start = at + 1;
        } else if !word && !byte.is_ascii_whitespace() {
            start = at + 1;
        } else if word && at > start && line.get(at - 1).is_some_and(u8::is_ascii_whitespace) {
            // Only the word right before `=` is the keyword.
            start = at;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_in_lines_that_are_not_read() {
        for (line, start) in [
            (&b"# password=x"[..], Some(11)),
            (b"#password = x", Some(11)),
            (b";a = host=h user=u password=x", Some(28)),
            (b"# the password is x", None),
            (b"# passfile=/x", None),
            (b"\"a b\" = host=h password='x'", Some(24)),
            (b"# see a=b", None),
        ] {
            assert_eq!(hidden(line), start, "{}", String::from_utf8_lossy(line));
        }
    }
}
