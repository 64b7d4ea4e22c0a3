//! Markdown: code blocks, fenced and indented, and statements in inline code.
//!
//! The info string says first what a block is, then a file's name in it or before it, then its content. A block of
//! another language goes to that language's extractor.

use std::collections::BTreeSet;
use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use super::content::{self, kind_of};
use super::{Draft, Found};
use crate::discover::{Host, Kind, by_name};
use crate::source::Span;
use crate::syntax::literal::Literal;

mod label;
mod mixed;
mod server;
mod synopsis;

use label::Label;

pub(super) fn extract(text: &Literal, found: &mut Found<'_>) {
    // The parser takes a byte order mark for a letter of the first line.
    let mark = "\u{feff}".as_bytes();
    let marked = text.text().starts_with(mark).then(|| Draft::of(text, mark.len()..text.text().len()));
    let text = marked.as_ref().unwrap_or(text);
    let Ok(markdown) = std::str::from_utf8(text.text()) else { return };
    let mut reader = Reader { text, found, servers: server::Servers::default(), hint: Hint::default() };
    let options = Options::ENABLE_TABLES | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS | Options::ENABLE_GFM;
    let mut block: Option<Block> = None;
    let mut heading: Option<(u8, String)> = None;
    for (event, range) in Parser::new_ext(markdown, options).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                let label = match kind {
                    CodeBlockKind::Fenced(info) => Label::read(&info),
                    CodeBlockKind::Indented => Label::default(),
                };
                block = Some(Block { label, pieces: Vec::new() });
            }
            Event::End(TagEnd::CodeBlock) => {
                if let Some(block) = block.take() {
                    reader.block(&block);
                }
            }
            Event::Text(part) if block.is_some() => {
                if let Some(block) = &mut block {
                    // What the parser gives may be its own, such as a line break for CRLF.
                    if !part.is_empty() && !range.is_empty() {
                        block.pieces.push(range);
                    }
                }
            }
            Event::Start(Tag::Heading { level, .. }) => heading = Some((level as u8, String::new())),
            Event::End(TagEnd::Heading(_)) => {
                if let Some((level, title)) = heading.take() {
                    if level == 1 && !reader.servers.is_versioned() {
                        reader.servers.version(markdown, range);
                    }
                    reader.servers.heading(level, &title);
                    reader.hint = Hint::default();
                    reader.hint.names_in(&title);
                }
            }
            Event::Start(Tag::Paragraph | Tag::Item) => reader.hint = Hint::default(),
            Event::Code(code) => {
                if let Some((_, title)) = &mut heading {
                    title.push_str(&code);
                } else {
                    reader.hint.name(&code);
                    reader.inline(&code, range);
                }
            }
            Event::Text(part) => match &mut heading {
                Some((_, title)) => title.push_str(&part),
                None => {
                    reader.servers.prose(&part);
                    reader.hint.names_in(&part);
                }
            },
            _ => {}
        }
    }
    reader.majors();
}

/// A code block: its info string, and where its text stands.
struct Block {
    label: Label,
    pieces: Vec<Range<usize>>,
}

/// The file that the text before a block names.
#[derive(Default)]
struct Hint(Option<Kind>);

impl Hint {
    /// Takes a word that may be a file's name; of several the last counts.
    fn name(&mut self, word: &str) {
        let name = word.rsplit('/').next().unwrap_or(word);
        // A document or program is named for other reasons than to say what a block is.
        let hosts = [
            Host::Repmgr,
            Host::Barman,
            Host::Pgbackrest,
            Host::PgAutoFailover,
            Host::Env,
            Host::Dockerfile,
            Host::Yaml,
            Host::Systemd,
        ];
        let tells = |kind: &Kind| match kind {
            Kind::Host(host) => hosts.contains(host),
            kind => *kind != Kind::PgVersion,
        };
        if let Some(kind) = by_name(name).filter(tells) {
            self.0 = Some(kind);
        }
    }

    fn names_in(&mut self, prose: &str) {
        let ends = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"' | '\'' | '`' | ',' | ':' | '*');
        for word in prose.split(ends) {
            self.name(word.trim_end_matches('.'));
        }
    }
}

struct Reader<'a, 'b, 'c> {
    text: &'a Literal,
    found: &'b mut Found<'c>,
    servers: server::Servers,
    hint: Hint,
}

impl Reader<'_, '_, '_> {
    fn block(&mut self, block: &Block) {
        let Some(first) = block.pieces.first() else { return };
        let mut draft = Draft::new(self.text, first.start);
        for piece in &block.pieces {
            draft.copy(piece.clone());
        }
        let text = draft.build();
        let named = block.label.file.or_else(|| first_comment(text.text())).or(self.hint.0);
        if let (Some(Kind::Host(host)), label::Language::Config | label::Language::Unknown) =
            (named, block.label.language)
        {
            return self.host(host, &text);
        }
        let text =
            if matches!(block.label.language, label::Language::Host(_)) { text } else { synopsis::filled(&text) };
        let content = kind_of(text.text());
        match block.label.language {
            label::Language::Sql if matches!(content, Some(Kind::PgHba | Kind::PostgresqlConf)) => {
                self.of_kind(content.unwrap_or(Kind::Sql), text);
            }
            label::Language::Sql => self.sql(&text),
            // A block of configuration that a comment or the text before it says the file of.
            label::Language::Config => match named.or(content) {
                Some(Kind::Sql) => self.sql(&text),
                Some(kind) if plausible(kind, text.text()) => self.of_kind(kind, text),
                _ => {}
            },
            label::Language::Host(Host::Shell) if content.is_some() && content != Some(Kind::Sql) => {
                self.of_kind(content.unwrap_or(Kind::PostgresqlConf), text);
            }
            label::Language::Host(Host::Shell) => {
                let shell = label::without_prompts(&text);
                let before = self.found.count();
                self.host(Host::Shell, &shell);
                // What a command takes was read with it.
                let taken = self.found.places_after(before);
                self.parts(&text, |place| {
                    let next = taken.partition_point(|other| other.start <= place.start);
                    next.checked_sub(1).is_none_or(|last| taken[last].end < place.end)
                });
            }
            label::Language::Host(host) => self.host(host, &text),
            label::Language::Unknown => match named.filter(|kind| plausible(*kind, text.text())).or(content) {
                Some(Kind::Sql) => self.sql(&text),
                Some(kind) => self.of_kind(kind, text),
                None => self.mixed(&text),
            },
            label::Language::Other => {}
        }
    }

    /// A block of some kind of configuration file, which is one of several of the same server if it repeats a setting.
    fn of_kind(&mut self, kind: Kind, text: Literal) {
        let names = match kind {
            Kind::PostgresqlConf | Kind::AutoConf | Kind::RecoveryConf => mixed::settings(text.text()),
            _ => BTreeSet::from([kind.to_string()]),
        };
        let text = if kind == Kind::PostgresqlConf { synopsis::without_descriptions(&text) } else { text };
        let node = self.servers.place(kind, names);
        self.found.within(&node, |found| found.add(kind, text));
    }

    fn host(&mut self, host: Host, text: &Literal) {
        let node = self.servers.node();
        self.found.within(&node, |found| found.read(host, text));
    }

    /// Says of every server of the guide which major its title names.
    fn majors(&mut self) {
        let Some((version, nodes)) = self.servers.versions() else { return };
        for node in nodes {
            let major = Draft::of(self.text, version.clone());
            self.found.within(&node, |found| found.add(Kind::Major, major));
        }
    }

    fn sql(&mut self, text: &Literal) {
        let text = mixed::of_session(text);
        if synopsis::is_one(text.text()) {
            return;
        }
        let node = self.servers.of_sql();
        self.found.within(&node, |found| found.sql(text, None));
    }

    /// A block of several things, such as a terminal session: the lines that are SQL, access rows or settings.
    fn mixed(&mut self, text: &Literal) {
        self.parts(text, |_| true);
    }

    /// The same for the parts at places that count.
    fn parts(&mut self, text: &Literal, counts: impl Fn(Span) -> bool) {
        for (kind, part) in mixed::parts(text).into_iter().filter(|(_, part)| counts(part.whole())) {
            if kind == Kind::Sql {
                self.sql(&part);
            } else {
                self.of_kind(kind, part);
            }
        }
    }

    /// Inline code that is a whole statement about replication or access, not a mention of one.
    fn inline(&mut self, code: &str, range: Range<usize>) {
        const SHORTEST: usize = 5;
        if code.split_ascii_whitespace().count() < SHORTEST || !content::is_sql(code.as_bytes()) {
            return;
        }
        let source = self.text.text().get(range.clone()).unwrap_or_default();
        let Some(start) = memchr::memmem::find(source, code.as_bytes()) else { return };
        let start = range.start + start;
        let text = Draft::of(self.text, start..start + code.len());
        self.sql(&text);
    }
}

/// Whether a text may well be of the kind that a name before it says; a guide also shows commands and output there.
fn plausible(kind: Kind, text: &[u8]) -> bool {
    let mut lines = text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    let active = |line: &&[u8]| !line.is_empty() && !line.starts_with(b"#");
    let mut active = lines.by_ref().filter(active);
    match kind {
        Kind::PostgresqlConf | Kind::AutoConf | Kind::RecoveryConf | Kind::RecoveryDone => {
            active.all(|line| content::is_setting(line) || mixed::may_be_setting(line))
        }
        Kind::PgHba => active.all(mixed::may_be_row),
        Kind::PgIdent => {
            active.all(|line| line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).count() == 3)
        }
        Kind::Passfile => active.all(|line| line.iter().filter(|&&byte| byte == b':').count() >= 4),
        Kind::Service | Kind::PgbouncerIni => active.next().is_some_and(|line| line.starts_with(b"[")),
        Kind::Userlist => active.all(|line| line.starts_with(b"\"")),
        Kind::Sql => content::is_sql(text),
        _ => false,
    }
}

/// The file that the first line of a block names in a comment: `# /etc/postgresql/16/main/pg_hba.conf`.
fn first_comment(text: &[u8]) -> Option<Kind> {
    let line = text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).find(|line| !line.is_empty())?;
    let comment = [&b"#"[..], b"--", b"//", b";"].iter().find_map(|mark| line.strip_prefix(*mark))?;
    let mut hint = Hint::default();
    hint.names_in(std::str::from_utf8(comment).ok()?);
    hint.0
}
