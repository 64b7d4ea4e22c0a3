//! A script cut into statements, meta-commands and COPY data, the way psql cuts it (psqlscan.l, mainloop.c).
//!
//! The pieces cover the text without gap or overlap. Where brackets are never closed psql would read on to the end
//! of the file; the splitter then starts over at that statement and lets every `;` end one, so that what follows
//! still counts.

use memchr::memmem;

use super::lex::{self, Dialect, Kind};
use super::words;

/// What a piece of a script is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Blanks and comments between statements.
    Gap,
    /// A statement with the `;` that ends it, if one does.
    Statement(End),
    /// A meta-command of psql, up to the end of its line or the next command on it.
    Meta,
    /// The lines after `COPY ... FROM STDIN`, with the `\.` that ends them.
    CopyData,
}

/// What ended a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// `;` or `\;`.
    Semicolon,
    /// `\g`, `\gx`, `\gset`, `\gdesc`, `\watch`, `\crosstabview`, `\bind`, `\parse`.
    Sent,
    /// `\gexec`: the values of the result are run as statements.
    Executed,
    /// The end of the text, or `\r`, which throws the statement away.
    Missing,
}

/// How many words at the start of a statement are remembered.
pub(crate) const HEAD: usize = 8;

/// A piece of a script.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece {
    pub(crate) part: Part,
    pub(crate) start: usize,
    /// One past the last byte, the `;` included.
    pub(crate) end: usize,
    /// One past the last byte that is not the `;`.
    pub(crate) code_end: usize,
    /// The words at the start, as ranges; a place that holds no word is empty.
    pub(crate) head: [(usize, usize); HEAD],
    /// Deepest nesting of brackets and CASE.
    pub(crate) depth: usize,
    /// Whether a word in it may name something of the system catalogue.
    pub(crate) catalog: bool,
}

/// Cuts a text into pieces.
pub(crate) struct Splitter<'a> {
    text: &'a [u8],
    at: usize,
    dialect: Dialect,
    /// Whether brackets count. Off once a bracket turned out to be open at the end of the text.
    brackets: bool,
    /// Whether the last statement was `COPY ... FROM STDIN`.
    copying: bool,
}

impl<'a> Splitter<'a> {
    pub(crate) fn new(text: &'a [u8], dialect: Dialect) -> Self {
        Self { text, at: 0, dialect, brackets: true, copying: false }
    }

    /// Lines of data up to one that is `\.`, from the line after this one (copy.c handleCopyIn).
    fn data_end(&self) -> usize {
        let mut at = self.at;
        while let Some(skip) = self.text.get(at..).and_then(|rest| memmem::find(rest, b"\n\\.")) {
            at += skip + 3;
            match self.text.get(at..) {
                Some([b'\n', ..]) => return at + 1,
                Some([b'\r', b'\n', ..]) => return at + 2,
                Some([] | [b'\r']) => return self.text.len(),
                _ => at -= 2,
            }
        }
        self.text.len()
    }

    /// Where a meta-command ends, and whether lines of data follow it.
    fn meta_end(&self, start: usize) -> (usize, bool) {
        let rest = self.text.get(start..).unwrap_or_default();
        let line = || memchr::memchr(b'\n', rest).map_or(rest, |length| rest.get(..=length).unwrap_or(rest));
        let name = meta_name(rest);
        if name.eq_ignore_ascii_case(b"copy") {
            let lower = line().to_ascii_lowercase();
            let words: Vec<&[u8]> = lower.split(|byte| !lex::in_word(*byte)).filter(|word| !word.is_empty()).collect();
            return (start + lower.len(), words.windows(2).any(|pair| pair == [b"from".as_slice(), b"stdin"]));
        }
        // psqlscanslash.l: these take the rest of the line as it stands.
        if [b"!".as_slice(), b"h", b"help", b"ef", b"ev", b"sf", b"sv"].contains(&name) {
            return (start + line().len(), false);
        }
        let mut quote = None;
        let mut at = 1 + name.len();
        while let Some(&byte) = rest.get(at) {
            match (quote, byte) {
                (_, b'\n') => return (start + at + 1, false),
                (Some(b'\''), b'\\') if rest.get(at + 1) != Some(&b'\n') => at += 1,
                (Some(open), _) if open == byte => quote = None,
                (None, b'\'' | b'"' | b'`') => quote = Some(byte),
                (None, b'\\') if rest.get(at + 1) == Some(&b'\\') => return (start + at + 2, false),
                (None, b'\\') => return (start + at, false),
                _ => {}
            }
            at += 1;
        }
        (self.text.len(), false)
    }

    /// Where the meta-command at `start`, which stands within a statement, ends.
    pub(super) fn skip_meta(&self, start: usize) -> usize {
        match self.text.get(start + 1) {
            Some(b';' | b':') => start + 1,
            _ => self.meta_end(start).0.max(start + 1),
        }
    }

    fn piece(&mut self, part: Part, end: usize) -> Piece {
        let start = self.at;
        self.at = end;
        Piece { part, start, end, code_end: end, head: [(0, 0); HEAD], depth: 0, catalog: false }
    }

    fn gap(&mut self) -> Option<Piece> {
        let mut at = self.at;
        if at == 0 && self.text.starts_with(b"\xef\xbb\xbf") {
            at = 3;
        }
        while at < self.text.len() {
            let token = lex::next(self.text, at, self.dialect);
            if !token.kind.is_gap() {
                break;
            }
            at = token.end;
        }
        (at > self.at).then(|| self.piece(Part::Gap, at))
    }

    fn statement(&mut self) -> Piece {
        let mut scan = Scan::new(self.text, self.at);
        let start = self.at;
        while scan.at < self.text.len() {
            let token = lex::next(self.text, scan.at, self.dialect);
            match token.kind {
                Kind::Byte(b'\\') if self.dialect == Dialect::Psql => {
                    if self.text.get(scan.at + 1) == Some(&b';') {
                        return self.finish(&scan, scan.at, scan.at + 2, End::Semicolon);
                    }
                    if self.text.get(scan.at + 1) == Some(&b':') {
                        scan.at += 2;
                        continue;
                    }
                    match meta_effect(meta_name(self.text.get(scan.at..).unwrap_or_default())) {
                        Some(end) => return self.finish(&scan, scan.at, scan.at, end),
                        None => {
                            scan.at = self.meta_end(scan.at).0.max(scan.at + 1);
                            continue;
                        }
                    }
                }
                Kind::Byte(b';') if !self.brackets || scan.is_whole() => {
                    return self.finish(&scan, token.start, token.end, End::Semicolon);
                }
                _ => scan.take(token),
            }
        }
        if self.brackets && !scan.is_whole() {
            self.brackets = false;
            self.at = start;
            return self.statement();
        }
        self.finish(&scan, self.text.len(), self.text.len(), End::Missing)
    }

    fn finish(&mut self, scan: &Scan<'_>, code_end: usize, end: usize, how: End) -> Piece {
        self.copying = how != End::Missing && scan.from_stdin && scan.head_is(0, b"copy");
        let piece = self.piece(Part::Statement(how), end);
        Piece { code_end, head: scan.head, depth: scan.deepest, catalog: scan.catalog, ..piece }
    }
}

impl Iterator for Splitter<'_> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        if self.at >= self.text.len() {
            return None;
        }
        if std::mem::take(&mut self.copying) && self.dialect == Dialect::Psql {
            let end = self.data_end();
            return Some(self.piece(Part::CopyData, end));
        }
        if let Some(gap) = self.gap() {
            return Some(gap);
        }
        if self.dialect == Dialect::Psql && self.text.get(self.at) == Some(&b'\\') {
            let (end, data) = self.meta_end(self.at);
            let piece = self.piece(Part::Meta, end.max(self.at + 1));
            if data {
                // The data of \copy starts on the next line, which is where `at` is: step back over its end.
                self.at = piece.end;
                self.copying = true;
                if self.text.get(piece.end.wrapping_sub(1)) == Some(&b'\n') {
                    self.at = piece.end - 1;
                    return Some(Piece { end: piece.end - 1, code_end: piece.end - 1, ..piece });
                }
            }
            return Some(piece);
        }
        Some(self.statement())
    }
}

/// The name of the meta-command at the start of `text`, without its backslash.
pub(crate) fn meta_name(text: &[u8]) -> &[u8] {
    let rest = text.get(1..).unwrap_or_default();
    let end = rest.iter().position(|&byte| lex::is_space(byte) || matches!(byte, b'\\' | b'\'' | b'"' | b';'));
    let name = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
    // `\!cmd` and `\g|cmd` need no blank.
    match name {
        [b'!', ..] => &name[..1],
        [b'g', b'|' | b'(', ..] => &name[..1],
        _ => name,
    }
}

/// What a meta-command does to the statement before it (command.c): `None` leaves it to be gone on with.
fn meta_effect(name: &[u8]) -> Option<End> {
    match name {
        b"g" | b"gx" | b"gset" | b"gdesc" | b"watch" | b"crosstabview" | b"bind" | b"bind_named" | b"parse" => {
            Some(End::Sent)
        }
        b"gexec" => Some(End::Executed),
        b"r" | b"reset" => Some(End::Missing),
        _ => None,
    }
}

/// The state of psql's scanner within one statement.
struct Scan<'a> {
    text: &'a [u8],
    at: usize,
    depth: usize,
    begins: usize,
    cases: usize,
    deepest: usize,
    head: [(usize, usize); HEAD],
    words: usize,
    /// Whether nothing but words came so far.
    heading: bool,
    from: bool,
    from_stdin: bool,
    catalog: bool,
}

impl<'a> Scan<'a> {
    fn new(text: &'a [u8], at: usize) -> Self {
        Self {
            text,
            at,
            depth: 0,
            begins: 0,
            cases: 0,
            deepest: 0,
            head: [(0, 0); HEAD],
            words: 0,
            heading: true,
            from: false,
            from_stdin: false,
            catalog: false,
        }
    }

    fn is_whole(&self) -> bool {
        self.depth == 0 && self.begins == 0
    }

    fn head_is(&self, index: usize, word: &[u8]) -> bool {
        self.head.get(index).is_some_and(|&(start, end)| {
            self.text.get(start..end).is_some_and(|found| found.eq_ignore_ascii_case(word))
        })
    }

    /// Whether the statement creates a function or procedure (psqlscan.l, `identifiers`).
    fn creates_routine(&self) -> bool {
        let at = if self.head_is(1, b"or") && self.head_is(2, b"replace") { 3 } else { 1 };
        self.head_is(0, b"create") && (self.head_is(at, b"function") || self.head_is(at, b"procedure"))
    }

    fn take(&mut self, token: lex::Token) {
        self.at = token.end;
        match token.kind {
            Kind::Space | Kind::Comment => return,
            Kind::Word => self.word(token),
            Kind::Quoted => {
                self.catalog |= token.of(self.text).strip_prefix(b"\"").is_some_and(words::is_catalog);
            }
            Kind::Byte(b'(' | b'[') => {
                if token.kind == Kind::Byte(b'(') {
                    self.depth += 1;
                }
                self.cases += usize::from(token.kind == Kind::Byte(b'['));
            }
            Kind::Byte(b')') => self.depth = self.depth.saturating_sub(1),
            Kind::Byte(b']') => self.cases = self.cases.saturating_sub(1),
            _ => {}
        }
        if token.kind != Kind::Word {
            if self.heading && self.words < HEAD {
                // A quoted name or a sign takes a place, so that `create user "mapping"` is no user mapping.
                self.words += 1;
            }
            self.from = false;
        }
        self.deepest = self.deepest.max(self.depth + self.cases);
        self.heading &= self.words < HEAD;
    }

    fn word(&mut self, token: lex::Token) {
        let word = token.of(self.text);
        self.catalog |= words::is_catalog(word);
        if self.heading {
            if let Some(place) = self.head.get_mut(self.words) {
                *place = (token.start, token.end);
            }
            self.words += 1;
        }
        match word.len() {
            3 if word.eq_ignore_ascii_case(b"end") => {
                self.begins = self.begins.saturating_sub(1);
                self.cases = self.cases.saturating_sub(1);
            }
            4 if word.eq_ignore_ascii_case(b"case") => {
                self.cases += 1;
                if self.begins > 0 {
                    self.begins += 1;
                }
            }
            4 if word.eq_ignore_ascii_case(b"from") => {
                self.from = true;
                return;
            }
            5 if word.eq_ignore_ascii_case(b"begin") && self.depth == 0 && self.creates_routine() => self.begins += 1,
            5 if self.from && word.eq_ignore_ascii_case(b"stdin") && self.depth == 0 => self.from_stdin = true,
            _ => {}
        }
        self.from = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Vec<(Part, &str)> {
        let mut at = 0;
        let mut parts = Vec::new();
        for piece in Splitter::new(text.as_bytes(), Dialect::Psql) {
            assert_eq!(piece.start, at, "no gap, no overlap in {text:?}");
            at = piece.end;
            if piece.part != Part::Gap {
                parts.push((piece.part, &text[piece.start..piece.end]));
            }
        }
        assert_eq!(at, text.len());
        parts
    }

    const SEMI: Part = Part::Statement(End::Semicolon);
    const LAST: Part = Part::Statement(End::Missing);

    #[test]
    fn statements() {
        let cases: &[(&str, &[(Part, &str)])] = &[
            ("a; -- b;\n c /* ; */ ;d", &[(SEMI, "a;"), (SEMI, "c /* ; */ ;"), (LAST, "d")]),
            ("do $$ a; b $$; c", &[(SEMI, "do $$ a; b $$;"), (LAST, "c")]),
            ("create rule r as on x do (a; b); c;", &[(SEMI, "create rule r as on x do (a; b);"), (SEMI, "c;")]),
            ("a 'x;''' \"y;\" E'\\';' ;b", &[(SEMI, "a 'x;''' \"y;\" E'\\';' ;"), (LAST, "b")]),
            (
                "create function f() returns int begin atomic select case when a then b end; end; c",
                &[
                    (SEMI, "create function f() returns int begin atomic select case when a then b end; end;"),
                    (LAST, "c"),
                ],
            ),
            ("begin; create table t(); end;", &[(SEMI, "begin;"), (SEMI, "create table t();"), (SEMI, "end;")]),
            (
                "select 'a' \\gexec\nb;",
                &[(Part::Statement(End::Executed), "select 'a' "), (Part::Meta, "\\gexec\n"), (SEMI, "b;")],
            ),
            ("select 1 \\; select 2;", &[(SEMI, "select 1 \\;"), (SEMI, "select 2;")]),
            ("\\set a 'x;\\'y' \\\\ select 1;", &[(Part::Meta, "\\set a 'x;\\'y' \\\\"), (SEMI, "select 1;")]),
            ("select \\echo it's\n 1; b", &[(SEMI, "select \\echo it's\n 1;"), (LAST, "b")]),
            (
                "select 1 \\g | cat\nb",
                &[(Part::Statement(End::Sent), "select 1 "), (Part::Meta, "\\g | cat\n"), (LAST, "b")],
            ),
            ("a :'x;y' ;b", &[(SEMI, "a :'x;y' ;"), (LAST, "b")]),
            ("a (b; c; d", &[(SEMI, "a (b;"), (SEMI, "c;"), (LAST, "d")]),
        ];
        for (text, expected) in cases {
            assert_eq!(parts(text), *expected, "{text}");
        }
    }

    #[test]
    fn copy_data_is_skipped() {
        let cases: &[(&str, &[(Part, &str)])] = &[
            (
                "COPY t (a) FROM stdin;\n'1\n\\.x\n\\.\ngrant;",
                &[(SEMI, "COPY t (a) FROM stdin;"), (Part::CopyData, "\n'1\n\\.x\n\\.\n"), (SEMI, "grant;")],
            ),
            (
                "copy t from stdin with csv;\r\n\\.\r\na;",
                &[(SEMI, "copy t from stdin with csv;"), (Part::CopyData, "\r\n\\.\r\n"), (SEMI, "a;")],
            ),
            (
                "copy (select 1 from stdin) to stdout; a;",
                &[(SEMI, "copy (select 1 from stdin) to stdout;"), (SEMI, "a;")],
            ),
            (
                "\\copy t from stdin\n;'\n\\.\na;",
                &[(Part::Meta, "\\copy t from stdin"), (Part::CopyData, "\n;'\n\\.\n"), (SEMI, "a;")],
            ),
            ("copy t from stdin;\n1", &[(SEMI, "copy t from stdin;"), (Part::CopyData, "\n1")]),
        ];
        for (text, expected) in cases {
            assert_eq!(parts(text), *expected, "{text}");
        }
    }

    #[test]
    fn nesting_is_counted() {
        let depth = |text: &str| Splitter::new(text.as_bytes(), Dialect::Psql).map(|piece| piece.depth).max();
        assert_eq!(depth("select ((a[b[1]]))"), Some(4));
        assert_eq!(depth("select case when case when a then b end then c end, (1)"), Some(2));
    }
}
