//! Connection strings as libpq reads them: `keyword = value` pairs and URIs, and the near-relative in pgbouncer.ini.
//!
//! The rules are those of `conninfo_parse` and `conninfo_uri_parse` (interfaces/libpq/fe-connect.c), held to the real
//! libraries of every major by `fixtures/oracle/conninfo.tsv`. libpq stops at the first error; here the rest is read
//! where it still has a meaning. Which keywords exist and which values they take is the catalog's business.

use std::fmt;

use crate::catalog::Majors;
use crate::secret::MASK;
use crate::source::Span;
use crate::syntax::literal::Literal;
use crate::syntax::template;

pub(in crate::syntax) mod holes;
mod keyword;
mod pgbouncer;
mod uri;

/// How the string is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `host=a port=5432`.
    Keyword,
    /// `postgresql://a:5432/`.
    Uri,
    /// A value of `[databases]` in pgbouncer.ini: like the keyword form, with other rules for blanks and quotes.
    PgBouncer,
}

/// A connection string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conninfo {
    /// How it is written.
    pub form: Form,
    /// The whole string, without the quotes around it.
    pub span: Span,
    /// What it sets, in the order of the string; in a URI user, password, host, port and database come first.
    pub params: Vec<Param>,
    /// What libpq refuses to read, with the place.
    pub errors: Vec<(Span, ConninfoError)>,
    /// Nothing is known: the whole string is filled in by a program.
    pub dynamic: bool,
    /// Parts that a program fills in may set more than `params` says.
    pub open: bool,
    /// Stretches outside of `params` that likely hold a piece of a password.
    exposed: Vec<Span>,
}

/// One setting of a connection string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Param {
    /// The keyword.
    pub keyword: Keyword,
    /// The value.
    pub value: Value,
    /// Keyword and value with all between and around that belongs to them.
    pub span: Span,
    /// No later setting of the same keyword takes its place.
    pub winner: bool,
}

/// The keyword of a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyword {
    /// As written, percent-decoded. For the parts of a URI before the `?` the keyword that they stand for.
    pub text: String,
    /// What it sets: `sslmode` for `requiressl=1` and, in a URI, `ssl=true`; else `text`.
    pub name: String,
    /// The place; for the parts of a URI before the `?` that of the value.
    pub span: Span,
    /// The majors that take blanks around the keyword for a part of it. Only in URIs.
    pub blanks: Majors,
}

/// The value of a setting.
#[derive(Clone, PartialEq, Eq)]
pub struct Value {
    text: Vec<u8>,
    trimmed: Option<Vec<u8>>,
    /// The place, without quotes.
    pub span: Span,
    /// All or a part is filled in by a program.
    pub dynamic: bool,
    /// It must not be shown.
    pub secret: bool,
}

impl Value {
    /// A value that was read elsewhere than in a connection string, such as in a service file.
    #[must_use]
    pub fn new(keyword: &str, text: &[u8], span: Span) -> Self {
        Self {
            dynamic: template::is_dynamic(text),
            secret: is_secret(keyword),
            text: text.to_vec(),
            trimmed: None,
            span,
        }
    }

    /// The decoded bytes, also those of a secret: what this returns must not be shown before asking `secret`.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.text
    }

    /// The value as a major reads it: from 18 on, blanks around a value in a URI are dropped.
    #[must_use]
    pub fn bytes_for(&self, major: u8) -> &[u8] {
        match &self.trimmed {
            Some(trimmed) if major >= 18 => trimmed,
            _ => &self.text,
        }
    }

    /// Whether 18 and later read it otherwise than the majors before.
    #[must_use]
    pub fn differs_by_major(&self) -> bool {
        self.trimmed.is_some()
    }

    /// Whether the value is `text`, and known.
    #[must_use]
    pub fn is(&self, text: &str) -> bool {
        !self.dynamic && self.text == text.as_bytes()
    }
}

/// As it may be shown: `****` for a secret.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.secret { f.write_str(MASK) } else { f.write_str(&String::from_utf8_lossy(&self.text)) }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Value")
            .field("text", &format_args!("{self}"))
            .field("span", &self.span)
            .field("dynamic", &self.dynamic)
            .finish()
    }
}

/// Why the string cannot be read. The text of the string is not repeated, as it may be a piece of a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ConninfoError {
    /// A word without `=` after it.
    #[error("`=` is missing after this word of the connection string")]
    MissingEquals,
    /// A quote that nothing ends.
    #[error("a quoted value of the connection string is not ended")]
    UnterminatedQuote,
    /// Nothing before `=` (PgBouncer; libpq calls it an unknown keyword).
    #[error("the keyword before `=` is empty")]
    EmptyKeyword,
    /// Nothing after `=` (PgBouncer; libpq takes an empty value).
    #[error("PgBouncer takes no empty value in a connection string")]
    EmptyValue,
    /// `[` without `]`.
    #[error("`]` is missing after the IPv6 address")]
    MissingBracket,
    /// `[]`.
    #[error("the IPv6 address is empty")]
    EmptyBracket,
    /// Something other than a port, a database, parameters or another host after `]`.
    #[error("only `:`, `,`, `/` or `?` may follow an IPv6 address")]
    AfterBracket,
    /// A parameter of a URI with two `=`.
    #[error("a second `=` in a parameter of the URI must be written `%3D`")]
    ExtraEquals,
    /// A parameter of a URI without `=`.
    #[error("a parameter of the URI has no `=`")]
    MissingSeparator,
    /// `%` without two hexadecimal digits.
    #[error("`%` must be followed by two hexadecimal digits; a plain `%` is written `%25`")]
    BadPercent,
    /// `%00`.
    #[error("`%00` may not be in a URI")]
    ZeroPercent,
    /// Blanks inside a part of a URI.
    #[error("a blank in a URI must be written `%20`")]
    Blank,
}

impl ConninfoError {
    /// The majors whose libpq refuses it.
    #[must_use]
    pub fn majors(self) -> Majors {
        match self {
            Self::Blank => Majors::since(18),
            _ => Majors::ALL,
        }
    }
}

impl Conninfo {
    /// Reads a connection string of libpq.
    #[must_use]
    pub fn parse(literal: &Literal) -> Self {
        let holes = holes::find(literal);
        let mut reader = Reader::new(literal, &holes);
        if let Some(prefix) = uri_prefix(reader.text) {
            uri::read(&mut reader, prefix);
        } else {
            keyword::read(&mut reader);
        }
        reader.finish()
    }

    /// Reads the value of an entry of `[databases]`, `[users]` or `[peers]` in pgbouncer.ini.
    #[must_use]
    pub fn parse_pgbouncer(literal: &Literal) -> Self {
        let holes = holes::find(literal);
        let mut reader = Reader::new(literal, &holes);
        pgbouncer::read(&mut reader);
        reader.finish()
    }

    /// A connection string that is none: settings that stand apart, as in a service file. Which of them win is the
    /// caller's business.
    #[must_use]
    pub fn from_params(span: Span, params: Vec<Param>, open: bool) -> Self {
        Self { form: Form::Keyword, span, params, errors: Vec::new(), dynamic: false, open, exposed: Vec::new() }
    }

    /// The setting of a keyword that counts, by the name of what it sets.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Param> {
        self.params.iter().find(|param| param.winner && param.keyword.name == name)
    }

    /// What must not be shown.
    pub fn secrets(&self) -> impl Iterator<Item = Span> + '_ {
        let values = self.params.iter().filter(|param| param.value.secret).map(|param| param.value.span);
        values.chain(self.exposed.iter().copied()).filter(|span| span.start < span.end)
    }
}

/// Whether libpq would take a database name for a connection string, where it expands those (psql, pg_dump,
/// primary_conninfo, subscriptions): `recognized_connection_string`.
#[must_use]
pub fn is_connection_string(text: &[u8]) -> bool {
    uri_prefix(text).is_some() || text.contains(&b'=')
}

/// Whether the value of a keyword is a secret. Keywords that libpq does not know count when they look it, since
/// what stands there is a password all the same.
#[must_use]
pub fn is_secret(keyword: &str) -> bool {
    let keyword = keyword.trim().to_ascii_lowercase();
    matches!(keyword.as_str(), "scram_client_key" | "scram_server_key" | "pass" | "pwd")
        || ["password", "passwd", "secret"].iter().any(|part| keyword.contains(part))
}

/// The length of the scheme that makes a string a URI; case counts and nothing may stand before it.
fn uri_prefix(text: &[u8]) -> Option<usize> {
    [b"postgresql://".as_slice(), b"postgres://"].into_iter().find(|prefix| text.starts_with(prefix)).map(<[u8]>::len)
}

/// `isspace` of the C locale.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\x0b' | b'\x0c' | b'\r')
}

/// What the three readers share: the text, the holes in it and the result so far.
struct Reader<'a> {
    literal: &'a Literal,
    text: &'a [u8],
    holes: &'a [holes::Hole],
    next: usize,
    at: usize,
    result: Conninfo,
}

impl<'a> Reader<'a> {
    fn new(literal: &'a Literal, holes: &'a [holes::Hole]) -> Self {
        // C stops at a zero byte.
        let text = literal.text();
        let text = &text[..memchr::memchr(0, text).unwrap_or(text.len())];
        let dynamic = holes::cover(holes, text);
        let result = Conninfo {
            form: Form::Keyword,
            span: literal.whole(),
            params: Vec::new(),
            errors: Vec::new(),
            dynamic,
            open: dynamic,
            exposed: Vec::new(),
        };
        Self { literal, text, holes, next: 0, at: 0, result }
    }

    /// The byte at the reading position.
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// The hole at the reading position, which only ever moves forward.
    fn hole(&mut self) -> Option<&'a holes::Hole> {
        let holes = self.holes;
        while holes.get(self.next).is_some_and(|hole| hole.end <= self.at) {
            self.next += 1;
        }
        holes.get(self.next).filter(|hole| hole.start <= self.at && self.at < self.text.len())
    }

    /// Whether a hole lies in a range.
    fn has_hole(&self, start: usize, end: usize) -> bool {
        let first = self.holes.partition_point(|hole| hole.end <= start);
        self.holes.get(first).is_some_and(|hole| hole.start < end)
    }

    fn error(&mut self, start: usize, end: usize, error: ConninfoError) {
        self.result.errors.push((self.literal.span(start, end), error));
    }

    fn expose(&mut self, start: usize, end: usize) {
        self.result.exposed.push(self.literal.span(start, end));
    }

    /// Moves on while bytes are no terminator, taking a hole as one byte that is none.
    fn skip_until(&mut self, terminators: &[u8]) {
        while let Some(byte) = self.peek() {
            if let Some(hole) = self.hole() {
                self.at = hole.end.min(self.text.len());
            } else if terminators.contains(&byte) {
                break;
            } else {
                self.at += 1;
            }
        }
    }

    fn push(&mut self, keyword: &str, mut value: Value, keyword_at: (usize, usize), whole: (usize, usize)) {
        value.dynamic |= template::is_dynamic(&value.text);
        let name = match keyword {
            "requiressl" if self.result.form != Form::PgBouncer => {
                value.text = if value.text.first() == Some(&b'1') { b"require".to_vec() } else { b"prefer".to_vec() };
                value.trimmed = None;
                "sslmode"
            }
            _ => keyword,
        };
        self.result.params.push(Param {
            keyword: Keyword {
                text: keyword.to_owned(),
                name: name.to_owned(),
                span: self.literal.span(keyword_at.0, keyword_at.1),
                blanks: Majors::NONE,
            },
            value,
            span: self.literal.span(whole.0, whole.1),
            winner: true,
        });
    }

    fn finish(mut self) -> Conninfo {
        let params = &mut self.result.params;
        let mut seen = std::collections::HashSet::new();
        let winners: Vec<bool> = params.iter().rev().map(|param| seen.insert(param.keyword.name.as_str())).collect();
        for (param, winner) in params.iter_mut().zip(winners.into_iter().rev()) {
            param.winner = winner;
        }
        self.result
    }
}

/// A value on its way.
#[derive(Default)]
struct Scan {
    text: Vec<u8>,
    dynamic: bool,
    /// Where control holes start that nothing of the value has followed yet: `port=1{% endif %}`.
    tail: Option<usize>,
}

impl Scan {
    fn byte(&mut self, byte: u8) {
        self.dynamic |= self.tail.take().is_some();
        self.text.push(byte);
    }

    /// Takes a hole at the reading position and moves past it.
    fn hole(&mut self, hole: &holes::Hole, reader: &mut Reader<'_>) {
        let end = hole.end.min(reader.text.len());
        if hole.control {
            self.tail.get_or_insert(reader.at);
            reader.result.open = true;
        } else {
            self.tail = None;
            self.dynamic = true;
            self.text.extend_from_slice(reader.text.get(reader.at..end).unwrap_or_default());
        }
        reader.at = end;
    }

    /// The value from `from` to `to`, without control holes at its end.
    fn finish(mut self, reader: &Reader<'_>, from: usize, to: usize, secret: bool) -> Value {
        let to = match self.tail {
            Some(tail) if tail > from => tail,
            Some(_) => {
                self.dynamic = true;
                to
            }
            None => to,
        };
        let span = reader.literal.span(from, to);
        Value { text: self.text, trimmed: None, span, dynamic: self.dynamic, secret }
    }
}

#[cfg(test)]
mod tests;
