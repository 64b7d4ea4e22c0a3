//! Source text and places in it: files, byte spans, and the index from bytes to lines.
//!
//! Everything before `report/` speaks of places as [`Span`]s only. This module reads files (it is one of the
//! few that may) but knows nothing of what is in them.

use std::collections::HashMap;
use std::io;
use std::sync::OnceLock;

use camino::{Utf8Path, Utf8PathBuf};

use crate::discover::Kind;
use crate::extract::{Fragment, Shows};
use crate::syntax::literal::Literal;

/// A file of this run, as an index into its [`SourceMap`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub(crate) u32);

impl FileId {
    /// The file's index in its [`SourceMap`].
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A half-open range of bytes in a file. The only type for places before `report/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte; never below `start`.
    pub end: u32,
}

impl Span {
    /// A span from byte offsets.
    #[must_use]
    pub fn new(file: FileId, start: usize, end: usize) -> Self {
        debug_assert!(start <= end, "a span ends before it starts");
        Self { file, start: start as u32, end: end as u32 }
    }

    /// The bytes of the span as a range of indices.
    #[must_use]
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Whether `other` lies wholly inside this span.
    #[must_use]
    pub fn contains(self, other: Self) -> bool {
        self.file == other.file && self.start <= other.start && other.end <= self.end
    }

    /// The smallest span that holds both; both must be of one file.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        debug_assert_eq!(self.file, other.file, "a span lies in one file");
        Self { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The part from `start` to `end`, both counted in bytes from the start of this span.
    #[must_use]
    pub fn slice(self, start: usize, end: usize) -> Self {
        debug_assert!(start <= end && end <= self.range().len(), "a slice lies inside its span");
        Self { file: self.file, start: self.start + start as u32, end: self.start + end as u32 }
    }
}

/// A file that was read: its path as shown to the user, its kind and its bytes. Or a fragment: text of one of these
/// kinds that was found inside of another file, its host, to which every place in it can be led back.
#[derive(Debug)]
pub struct SourceFile {
    path: Utf8PathBuf,
    kind: Kind,
    bytes: Vec<u8>,
    secrets: Vec<Span>,
    lines: OnceLock<LineIndex>,
    fragment: Option<Box<Embedded>>,
}

/// What is known of a fragment beside its text.
#[derive(Debug)]
struct Embedded {
    place: Utf8PathBuf,
    map: Literal,
    transaction: Option<Span>,
    part: bool,
}

impl SourceFile {
    /// The path as reports show it: relative to the working directory where it lies below it, with `/`. That of a
    /// fragment is its host's.
    #[must_use]
    pub fn path(&self) -> &Utf8Path {
        &self.path
    }

    /// The path by which files are told to be of one server: of a fragment, one below its host's, such as
    /// `guide.md/primary/postgresql.conf`.
    #[must_use]
    pub fn place(&self) -> &Utf8Path {
        self.fragment.as_ref().map_or(&self.path, |fragment| &fragment.place)
    }

    /// Whether it is a text inside of another file.
    #[must_use]
    pub fn is_fragment(&self) -> bool {
        self.fragment.is_some()
    }

    /// Whether it is perhaps only a part of what the server reads.
    #[must_use]
    pub(crate) fn is_part(&self) -> bool {
        self.fragment.as_ref().is_some_and(|fragment| fragment.part)
    }

    /// What runs the SQL of a fragment in a transaction, if something does: a place in the host.
    #[must_use]
    pub fn transaction(&self) -> Option<Span> {
        self.fragment.as_ref()?.transaction
    }

    /// What the file is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The bytes as read; any bytes at all.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The index from bytes to lines, made on first use.
    #[must_use]
    pub fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| LineIndex::new(&self.bytes))
    }
}

/// All files of a run.
#[derive(Debug, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

impl SourceMap {
    /// Adds a file whose bytes are at hand. Bytes past 4 GiB cannot be addressed: `None`.
    pub fn add(&mut self, path: Utf8PathBuf, kind: Kind, bytes: Vec<u8>) -> Option<FileId> {
        u32::try_from(bytes.len()).ok()?;
        let id = FileId(u32::try_from(self.files.len()).ok()?);
        let (secrets, lines) = (Vec::new(), OnceLock::new());
        self.files.push(SourceFile { path, kind, bytes, secrets, lines, fragment: None });
        Some(id)
    }

    /// Adds text that was found in a file of this map. `None` if there is no room for it.
    pub(crate) fn add_fragment(&mut self, fragment: Fragment) -> Option<FileId> {
        let Fragment { kind, text, place, transaction, shows } = fragment;
        let part = shows != Shows::Whole;
        let path = self.file(text.file()).path.clone();
        let id = self.add(path.clone(), kind, text.text().to_vec())?;
        self.files[id.index()].fragment =
            Some(Box::new(Embedded { place: path.join(place), map: text, transaction, part }));
        Some(id)
    }

    /// The fragments of each host, in the order of their places.
    pub(crate) fn fragments(&self) -> HashMap<FileId, Vec<FileId>> {
        let mut of_hosts: HashMap<FileId, Vec<FileId>> = HashMap::new();
        for (id, file) in self.iter() {
            if let Some(fragment) = &file.fragment {
                of_hosts.entry(fragment.map.file()).or_default().push(id);
            }
        }
        of_hosts
    }

    /// The place in a file that a user knows: of a place in a fragment, the bytes of the host that it was read from. Of
    /// a line that was put together from a name and a value in different lines, it is the value.
    #[must_use]
    pub fn to_host(&self, span: Span) -> Span {
        let file = self.file(span.file);
        let Some(fragment) = &file.fragment else { return span };
        let host = fragment.map.span(span.start as usize, span.end as usize);
        let breaks = |span: Span| memchr::memchr(b'\n', self.bytes(span)).is_some();
        if file.kind == Kind::Sql || !breaks(host) || breaks(span) {
            return host;
        }
        let parts = fragment.map.parts().map(|(_, part)| part).filter(|part| host.contains(*part));
        parts.filter(|part| part.start < part.end).last().unwrap_or(host)
    }

    /// An edit as it is made in the host: of bytes that stand there as they are, with a text that means the same in any
    /// language. Blanks and signs that end a word or a list somewhere are put in only where the same piece of the host has
    /// them already. Quotes that only the fragment has are left out. An edit in no fragment is given back.
    #[must_use]
    pub(crate) fn to_editable(&self, span: Span, text: String) -> Option<(Span, String)> {
        let file = self.file(span.file);
        let Some(fragment) = &file.fragment else { return Some((span, text)) };
        let (start, end) = fragment.map.within(span.start as usize, span.end as usize);
        let host = fragment.map.span(start, end);
        if self.bytes(host) != file.bytes.get(start..end)? {
            return None;
        }
        let bare =
            text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')).filter(|_| start > span.start as usize);
        if let Some(bare) = bare {
            // Without those quotes a blank might end the value.
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.:/".contains(&byte);
            return bare.bytes().all(plain).then(|| (host, bare.to_owned()));
        }
        let piece = fragment.map.parts().map(|(_, part)| part).find(|part| part.contains(host));
        let piece = piece.map(|part| self.bytes(part)).unwrap_or_default();
        let has = |sign: &[u8]| memchr::memmem::find(piece, sign).is_some();
        let plain = |byte: u8| {
            byte.is_ascii_alphanumeric() || b"_-.:=+".contains(&byte) || b" ,()/".contains(&byte) && has(&[byte])
        };
        // In YAML it makes a key of what is before.
        let key = text.contains(": ") && !has(b": ");
        (!key && text.bytes().all(plain)).then_some((host, text))
    }

    /// A text to be put in at a place, with CRLF at the ends of its lines if those around the place have it.
    #[must_use]
    pub(crate) fn with_line_ends_of(&self, place: Span, text: String) -> String {
        let bytes = self.file(place.file).bytes();
        let at = place.range().start;
        // The line before tells it, or of the first line its own end.
        let feed = memchr::memrchr(b'\n', &bytes[..at]);
        let feed = feed.or_else(|| memchr::memchr(b'\n', &bytes[at..]).map(|after| at + after));
        let returns = feed.is_some_and(|feed| feed > 0 && bytes[feed - 1] == b'\r');
        if returns { text.replace("\r\n", "\n").replace('\n', "\r\n") } else { text }
    }

    /// The file of an id of this map.
    #[must_use]
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.index()]
    }

    /// The bytes of a span.
    #[must_use]
    pub fn bytes(&self, span: Span) -> &[u8] {
        &self.file(span.file).bytes[span.range()]
    }

    /// The span with the characters whole that it starts or ends within. Servers cut lines and words at a byte.
    #[must_use]
    pub fn whole_characters(&self, span: Span) -> Span {
        let bytes = self.file(span.file).bytes();
        let start = character_around(bytes, span.start).map_or(span.start, |character| character.start);
        let end = character_around(bytes, span.end).map_or(span.end, |character| character.end);
        Span { start, end: if span.start == span.end { start } else { end }, ..span }
    }

    /// Marks bytes that no report may show, in a fragment and its host alike. What lies outside the file is left out.
    pub fn mark_secret(&mut self, span: Span) {
        if self.files.get(span.file.index()).is_some_and(SourceFile::is_fragment) {
            self.mark_secret(self.to_host(span));
        }
        let Some(file) = self.files.get_mut(span.file.index()) else { return };
        let mut span = Span { end: span.end.min(file.bytes.len() as u32), ..span };
        if span.start >= span.end {
            return;
        }
        // Spans that overlap or touch become one; parsers mark in ascending order, so this is a push most of the time.
        let first = file.secrets.partition_point(|other| other.end < span.start);
        let last = first + file.secrets[first..].partition_point(|other| other.start <= span.end);
        for other in &file.secrets[first..last] {
            span = span.to(*other);
        }
        file.secrets.splice(first..last, [span]);
    }

    /// The marked bytes of a file, in ascending order; no two overlap or touch.
    #[must_use]
    pub fn secrets(&self, id: FileId) -> &[Span] {
        &self.file(id).secrets
    }

    /// The ids and files in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(index, file)| (FileId(index as u32), file))
    }

    /// How many files there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

/// The character of several bytes of which some stand before `at` and some after.
fn character_around(bytes: &[u8], at: u32) -> Option<std::ops::Range<u32>> {
    let at = at as usize;
    (at.saturating_sub(3)..at).rev().find_map(|start| {
        let first = bytes.get(start..bytes.len().min(start + 4))?.utf8_chunks().next()?.valid().chars().next()?;
        let end = start + first.len_utf8();
        (end > at).then_some(start as u32..end as u32)
    })
}

/// The most bytes that a file may have: places are counted in 32 bits.
pub(crate) const MOST_BYTES: u64 = u32::MAX as u64;

/// Reads a file whole, however it grows or shrinks meanwhile. A pipe, a socket or a device is never waited for: it is
/// no file, and might have no end.
///
/// # Errors
/// What the system says: the file is missing, or may not be read. Or it is no file, or is too large.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads input files")]
pub(crate) fn read(path: &Utf8Path) -> io::Result<Vec<u8>> {
    // Some devices act when they are opened, so the first look is at the name.
    check(&std::fs::metadata(path)?)?;
    let file = open(path)?;
    let metadata = file.metadata()?;
    check(&metadata)?;
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(metadata.len() as usize)?;
    read_up_to(file, &mut bytes)?;
    Ok(bytes)
}

/// Reads what fits into [`MOST_BYTES`].
///
/// # Errors
/// What the system says, and that there is more.
pub(crate) fn read_up_to(from: impl io::Read, bytes: &mut Vec<u8>) -> io::Result<()> {
    io::Read::read_to_end(&mut io::Read::take(from, MOST_BYTES + 1), bytes)?;
    if bytes.len() as u64 > MOST_BYTES { Err(too_large()) } else { Ok(()) }
}

fn check(metadata: &std::fs::Metadata) -> io::Result<()> {
    if metadata.is_dir() {
        Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"))
    } else if !metadata.is_file() {
        Err(io::Error::new(io::ErrorKind::Unsupported, "it is a pipe, a socket or a device, not a file"))
    } else if metadata.len() > MOST_BYTES {
        Err(too_large())
    } else {
        Ok(())
    }
}

fn too_large() -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than 4 GiB")
}

/// Who owns a file or folder of a Unix system, and who may do what with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rights {
    /// The bits for the owner, the group and all others.
    pub mode: u32,
    /// The user who owns it, by number.
    pub owner: u32,
}

/// The rights of a file or folder; none where the system has no such modes, or it cannot be looked at.
#[cfg(unix)]
#[expect(clippy::disallowed_methods, reason = "this is the one place that looks at input files")]
pub(crate) fn rights(path: &Utf8Path) -> Option<Rights> {
    use std::os::unix::fs::MetadataExt;
    let metadata = std::fs::metadata(path).ok()?;
    Some(Rights { mode: metadata.mode() & 0o777, owner: metadata.uid() })
}

#[cfg(not(unix))]
pub(crate) fn rights(_: &Utf8Path) -> Option<Rights> {
    None
}

/// Opens a file without waiting, should a pipe have taken its place.
#[cfg(unix)]
fn open(path: &Utf8Path) -> io::Result<std::fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    std::fs::OpenOptions::new().read(true).custom_flags(flags.bits() as i32).open(path)
}

#[cfg(not(unix))]
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads input files")]
fn open(path: &Utf8Path) -> io::Result<std::fs::File> {
    std::fs::File::open(path)
}

/// Where each line of a file starts.
#[derive(Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
    marks: OnceLock<Vec<Mark>>,
}

/// How many characters and UTF-16 units lie before a byte; at every [`STRIDE`] bytes, so that columns in a line of
/// many megabytes do not cost a walk over the line each.
#[derive(Debug, Clone, Copy, Default)]
struct Mark {
    offset: u32,
    chars: u32,
    utf16: u32,
}

const STRIDE: usize = 8192;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A position for people: 1-based line and column, and the byte offset behind them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1. A byte that is no UTF-8 counts as one character.
    pub column: u32,
    /// Bytes from the start of the file, from 0.
    pub offset: u32,
}

impl LineIndex {
    fn new(bytes: &[u8]) -> Self {
        let mut starts = vec![0];
        starts.extend(memchr::memchr_iter(b'\n', bytes).map(|at| at as u32 + 1));
        Self { starts, marks: OnceLock::new() }
    }

    /// The 0-based line that holds byte `offset`.
    #[must_use]
    pub fn line(&self, offset: u32) -> usize {
        self.starts.partition_point(|&start| start <= offset).saturating_sub(1)
    }

    /// The bytes of a 0-based line, without its line feed (a carriage return before it is kept).
    #[must_use]
    pub fn range(&self, line: usize, bytes: &[u8]) -> std::ops::Range<usize> {
        let start = self.starts.get(line).map_or(bytes.len(), |&start| start as usize);
        let end = self.starts.get(line + 1).map_or(bytes.len(), |&next| next as usize - 1);
        start..end
    }

    /// The position of byte `offset`, with the column counted in characters. A byte order mark is no column.
    #[must_use]
    pub fn position(&self, offset: u32, bytes: &[u8]) -> Position {
        self.position_by(offset, bytes, |mark| mark.chars)
    }

    /// The position of byte `offset`, with the column counted in UTF-16 code units.
    #[must_use]
    pub fn position_utf16(&self, offset: u32, bytes: &[u8]) -> Position {
        self.position_by(offset, bytes, |mark| mark.utf16)
    }

    fn position_by(&self, offset: u32, bytes: &[u8], unit: impl Fn(Mark) -> u32) -> Position {
        let offset = offset.min(bytes.len() as u32);
        let line = self.line(offset);
        let mut start = self.starts.get(line).map_or(0, |&start| start as usize);
        if start == 0 && bytes.starts_with(BYTE_ORDER_MARK) {
            start = BYTE_ORDER_MARK.len().min(offset as usize);
        }
        let column = if offset as usize - start <= STRIDE {
            unit(Mark::default().over(&bytes[start..offset as usize]))
        } else {
            unit(self.mark(offset, bytes)) - unit(self.mark(start as u32, bytes))
        };
        Position { line: line as u32 + 1, column: column + 1, offset }
    }

    /// The counts at a byte, from the nearest mark before it.
    fn mark(&self, offset: u32, bytes: &[u8]) -> Mark {
        let marks = self.marks.get_or_init(|| marks(bytes));
        let nearest = marks.partition_point(|mark| mark.offset <= offset).checked_sub(1);
        let mark = nearest.and_then(|index| marks.get(index)).copied().unwrap_or_default();
        mark.over(&bytes[mark.offset as usize..offset as usize])
    }
}

impl Mark {
    /// The counts after `bytes`, which follow this mark.
    fn over(self, bytes: &[u8]) -> Self {
        bytes.utf8_chunks().fold(self, |mark, chunk| {
            let (valid, invalid) = (chunk.valid(), chunk.invalid().len());
            let (chars, utf16) = if valid.is_ascii() {
                (valid.len(), valid.len())
            } else {
                (valid.chars().count(), valid.encode_utf16().count())
            };
            Self {
                offset: mark.offset + (valid.len() + invalid) as u32,
                chars: mark.chars + (chars + invalid) as u32,
                utf16: mark.utf16 + (utf16 + invalid) as u32,
            }
        })
    }
}

fn marks(bytes: &[u8]) -> Vec<Mark> {
    let mut marks = vec![Mark::default()];
    let mut mark = Mark::default();
    let mut rest = bytes;
    while rest.len() > STRIDE + 4 {
        // A character is at most four bytes, so one of the next three starts one, or belongs to none.
        let tail = rest[STRIDE..STRIDE + 3].iter().take_while(|byte| (0x80..0xc0).contains(*byte)).count();
        let (before, after) = rest.split_at(STRIDE + tail);
        mark = mark.over(before);
        marks.push(mark);
        rest = after;
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_not_cut() {
        let mut sources = SourceMap::default();
        let file =
            sources.add("a".into(), Kind::Sql, "a€\u{1f600}b\u{e9}".bytes().chain([0xe2, 0x82]).collect()).unwrap();
        for (start, end, whole) in [
            (0, 1, (0, 1)),
            (2, 3, (1, 4)),
            (1, 4, (1, 4)),
            (2, 2, (1, 1)),
            (7, 10, (4, 11)),
            (3, 5, (1, 8)),
            (11, 12, (11, 12)),
            (12, 13, (12, 13)),
        ] {
            let span = sources.whole_characters(Span::new(file, start, end));
            assert_eq!((span.start, span.end), whole, "{start}..{end}");
        }
    }

    #[test]
    fn positions_count_characters_and_utf16_units() {
        let bytes = "a = 'é𝄞x'\nb\n".as_bytes();
        let index = LineIndex::new(bytes);
        let x = bytes.iter().position(|&byte| byte == b'x').unwrap() as u32;
        assert_eq!(index.position(x, bytes), Position { line: 1, column: 8, offset: x });
        assert_eq!(index.position_utf16(x, bytes).column, 9);
        let b = bytes.iter().position(|&byte| byte == b'b').unwrap() as u32;
        assert_eq!(index.position(b, bytes), Position { line: 2, column: 1, offset: b });
        assert_eq!(index.range(1, bytes), b as usize..b as usize + 1);
        assert_eq!(index.position(bytes.len() as u32, bytes).line, 3);
    }

    #[test]
    fn bytes_that_are_no_utf8_count_one_each() {
        let bytes = b"\xff\xfe=1";
        assert_eq!(LineIndex::new(bytes).position(2, bytes).column, 3);
    }

    #[test]
    fn columns_of_long_lines_are_those_of_a_walk() {
        let line = "é𝄞x\u{ff}".bytes().chain(*b"\xff\x80\xe2\x82").collect::<Vec<_>>().repeat(9000);
        let index = LineIndex::new(&line);
        for offset in (STRIDE - 5..STRIDE + 40).chain(9 * STRIDE - 20..9 * STRIDE + 20).chain([line.len()]) {
            let walk = Mark::default().over(&line[..offset]);
            assert_eq!(index.position(offset as u32, &line).column, walk.chars + 1, "at {offset}");
            assert_eq!(index.position_utf16(offset as u32, &line).column, walk.utf16 + 1, "at {offset}");
        }
    }

    #[test]
    fn a_byte_order_mark_is_no_column() {
        let bytes = b"\xef\xbb\xbfa = 1\n";
        let index = LineIndex::new(bytes);
        assert_eq!(index.position(3, bytes).column, 1);
        assert_eq!(index.position_utf16(4, bytes).column, 2);
        assert_eq!(index.position(0, bytes).column, 1);
    }

    #[test]
    fn secrets_are_sorted_and_merged() {
        let mut sources = SourceMap::default();
        let file = sources.add("a".into(), Kind::Sql, vec![b'x'; 20]).unwrap();
        for (start, end) in [(10, 12), (2, 4), (4, 5), (11, 14), (7, 7), (18, 99)] {
            sources.mark_secret(Span { file, start, end });
        }
        let spans = sources.secrets(file).iter().map(|span| (span.start, span.end)).collect::<Vec<_>>();
        assert_eq!(spans, [(2, 5), (10, 14), (18, 20)]);
    }
}
