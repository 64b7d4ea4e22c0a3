//! Files that a script writes: which of PostgreSQL's they are, and which server they are for.

use std::ops::Range;

use super::argument::Argument;
use super::server::major_in_path;
use super::{Draft, Literal, Reader};
use crate::discover::{Kind, by_content, by_name};
use crate::extract::{content, role};

impl Reader<'_, '_, '_, '_> {
    /// A text goes to a file. Without a text, that the file starts anew is all that is known.
    pub(super) fn write(&mut self, file: &Argument, append: bool, text: Option<Literal>) {
        let text = text.filter(|text| !text.text().trim_ascii().is_empty());
        let Some(kind) = kind_of(file, text.as_ref().map(Literal::text)) else {
            if let Some(text) = &text {
                self.unmistakable(text);
            }
            return;
        };
        let path = match file.text.is_dynamic() {
            true => file.written.replace(['"', '\''], ""),
            false => String::from_utf8_lossy(file.bytes()).into_owned(),
        };
        let outer = self.state.found.enter(&role::of_name(&file.written));
        let node = self.state.found.node().to_owned();
        // What a file held before is gone: it is another server's, or of another way to set up the same.
        let times = self.state.written.entry((node.clone(), path.clone())).or_default();
        *times += u32::from(!append && !matches!(kind, Kind::Sql | Kind::Host(_)));
        let number = if *times > 1 { format!("file {times}") } else { String::new() };
        match (kind, text) {
            (_, None) => {}
            (Kind::Host(host), Some(text)) => self.state.found.read(host, &text),
            (Kind::Sql, Some(text)) => self.state.found.sql(text, None),
            (kind, Some(text)) => {
                // The first file of a kind is the server's; one at another place is another's.
                let first = self.state.paths.entry((node, kind)).or_insert_with(|| path.clone());
                let folder = path.rsplit_once('/').map_or(&*path, |(folder, _)| folder);
                let folder = if *first == path { "" } else { folder };
                self.state.found.enter(folder);
                self.state.found.enter(&number);
                if let Some(range) = major_in_path(file.bytes()) {
                    self.state.found.add(Kind::Major, Draft::of(&file.text, range));
                }
                self.state.found.add(kind, text);
            }
        }
        self.state.found.leave(outer);
    }

    /// The script changes rows or settings of a file that has more of them.
    pub(super) fn change(&mut self, file: &Argument, text: &Literal, part: Range<usize>) {
        let mut draft = Draft::new(text, part.start);
        draft.copy(part.clone());
        draft.glue(b"\n", part.end);
        self.write(file, true, Some(draft.build()));
    }

    /// SQL that goes to a program which is not known, if nothing but PostgreSQL has such statements.
    pub(super) fn unmistakable(&mut self, text: &Literal) {
        if is_replication_sql(text.text()) {
            self.state.found.sql(text.clone(), None);
        }
    }
}

/// Whether a text starts with SQL and has a statement of logical replication in full.
fn is_replication_sql(text: &[u8]) -> bool {
    if !content::is_sql(text) {
        return false;
    }
    let mut words = text.split(|byte| byte.is_ascii_whitespace() || *byte == b';').filter(|word| !word.is_empty());
    let mut last: &[u8] = b"";
    let is = |word: &[u8], other: &str| word.eq_ignore_ascii_case(other.as_bytes());
    while let Some(word) = words.next() {
        let starts = is(last, "create") || is(last, "alter");
        if starts && (is(word, "subscription") || is(word, "publication")) {
            let after: [&[u8]; 3] = std::array::from_fn(|_| words.next().unwrap_or_default());
            let follows = ["connection", "for", "add", "set", "drop", "refresh", "enable", "disable", "owner"];
            return follows.iter().any(|follow| is(after[1], follow));
        }
        last = word;
    }
    false
}

/// The kind of a file that is written, by its name, the name of the variable that holds it, and the text.
fn kind_of(file: &Argument, text: Option<&[u8]>) -> Option<Kind> {
    let name = String::from_utf8_lossy(file.name()).into_owned();
    if let Some(kind) = by_name(&name) {
        return (kind != Kind::PgVersion).then_some(kind);
    }
    let told = by_content(text?).or_else(|| content::kind_of(text?))?;
    let written = file.written.to_ascii_lowercase();
    let speaks = match told {
        Kind::PgHba => written.contains("hba"),
        Kind::PostgresqlConf => {
            ["postgres", "pgdata", "pgsql", "pg_conf", "pgconf"].iter().any(|word| written.contains(word))
        }
        Kind::Sql => written.contains("sql"),
        _ => false,
    };
    speaks.then_some(told)
}
