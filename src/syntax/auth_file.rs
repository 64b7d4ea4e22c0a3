//! The lines, fields and tokens of pg_hba.conf, pg_ident.conf and the lists that `@file` names, as
//! `tokenize_auth_file` of PostgreSQL's hba.c reads them.
//!
//! Every byte lies in exactly one line. Nothing is opened here: `@file` tokens and include lines are given as
//! references, and what a field means is said in `model/`.

use std::borrow::Cow;
use std::ops::Range;

use crate::catalog::Majors;
use crate::source::{FileId, Span};

mod lines;

/// A file lexed as one group of majors lexes it.
#[derive(Debug, PartialEq, Eq)]
pub struct AuthFile<'s> {
    file: FileId,
    bytes: &'s [u8],
    majors: Majors,
    lines: Vec<Line>,
    fields: Vec<Field>,
    tokens: Vec<Token<'s>>,
}

/// A logical line: one line of the file, or several that backslashes join.
#[derive(Debug, PartialEq, Eq)]
pub struct Line {
    /// All its bytes, the line feed too.
    pub span: Span,
    /// Its number as the server's log gives it: that of the first of the lines joined, from 1.
    pub number: u32,
    /// From `#` to the end of the line.
    pub comment: Option<Span>,
    /// Why the server gives up on the line before it looks at the fields. Fields before the fault are kept.
    pub error: Option<LexError>,
    fields: Range<u32>,
}

/// A field: tokens joined by commas.
#[derive(Debug, PartialEq, Eq)]
pub struct Field {
    /// From its first token to its last.
    pub span: Span,
    tokens: Range<u32>,
}

/// A word of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token<'s> {
    /// Its bytes, quotes included.
    pub span: Span,
    /// What it says, without quotes.
    pub text: Cow<'s, [u8]>,
    /// Whether its first character is a quote, so that it is no keyword and no `@file`.
    pub quoted: bool,
}

/// What the server refuses while it splits a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LexError {
    /// The bytes that are too many, or the whole token.
    pub span: Span,
    /// What is too long.
    pub kind: LexErrorKind,
}

/// Lengths that older majors limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LexErrorKind {
    /// The line is longer than this many bytes. What follows is read as a new line.
    LineTooLong(usize),
    /// A token is longer than this many bytes.
    TokenTooLong(usize),
}

/// A token `@name`: the tokens of that file stand for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AtFileRef<'a> {
    /// The token, in the file whose folder the name is relative to.
    pub span: Span,
    /// The name, without `@`.
    pub name: &'a [u8],
}

/// A line that includes other files, on 16 and later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IncludeRef<'a> {
    /// Which of the three.
    pub kind: IncludeKind,
    /// The token that names the file or folder, in the file whose folder the name is relative to.
    pub span: Span,
    /// The name.
    pub name: &'a [u8],
    /// The whole line.
    pub line: Span,
}

/// What an include line includes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IncludeKind {
    /// A file that must be there.
    Include,
    /// A file that may be missing.
    IncludeIfExists,
    /// Every file of a folder whose name ends in `.conf`.
    IncludeDir,
}

/// The majors that read include lines; the others take them for entries.
pub const INCLUDE_MAJORS: Majors = Majors::since(16);

/// The target majors in groups that lex these bytes alike; nearly always there is one. Limits are those of the
/// newest minor of each major.
#[must_use]
pub fn dialects(bytes: &[u8], target: Majors) -> Vec<Majors> {
    let mut groups: Vec<Majors> = Vec::with_capacity(1);
    let mut group = Majors::NONE;
    for (majors, differs) in lines::classes(bytes) {
        if differs {
            groups.push(std::mem::take(&mut group));
        }
        group = group | (majors & target);
    }
    groups.push(group);
    groups.retain(|group| !group.is_empty());
    groups
}

/// Lexes the file as the majors of `dialect` do, which is one of the groups that [`dialects`] gave.
#[must_use]
pub fn parse(file: FileId, bytes: &[u8], dialect: Majors) -> AuthFile<'_> {
    lines::parse(file, bytes, dialect)
}

impl<'s> AuthFile<'s> {
    /// The file.
    #[must_use]
    pub fn file(&self) -> FileId {
        self.file
    }

    /// The bytes it was made of.
    #[must_use]
    pub fn bytes(&self) -> &'s [u8] {
        self.bytes
    }

    /// The majors that lex it so.
    #[must_use]
    pub fn majors(&self) -> Majors {
        self.majors
    }

    /// The lines in order; their spans lie side by side and cover the file.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The fields of a line of this file.
    #[must_use]
    pub fn fields(&self, line: &Line) -> &[Field] {
        self.fields.get(line.fields.start as usize..line.fields.end as usize).unwrap_or_default()
    }

    /// The tokens of a field of this file.
    #[must_use]
    pub fn tokens(&self, field: &Field) -> &[Token<'s>] {
        self.tokens.get(field.tokens.start as usize..field.tokens.end as usize).unwrap_or_default()
    }

    /// The tokens of all fields of a line of this file.
    #[must_use]
    pub fn line_tokens(&self, line: &Line) -> &[Token<'s>] {
        let fields = self.fields(line);
        let (Some(first), Some(last)) = (fields.first(), fields.last()) else { return &[] };
        self.tokens.get(first.tokens.start as usize..last.tokens.end as usize).unwrap_or_default()
    }

    /// The bytes of a line up to its comment: all that the fields were made of.
    #[must_use]
    pub fn content(&self, line: &Line) -> &'s [u8] {
        let end = line.comment.map_or(line.span.end, |comment| comment.start);
        self.bytes.get(line.span.start as usize..end as usize).unwrap_or_default()
    }

    /// The line as an include line, if it is one. Majors before 16 take it for an entry.
    #[must_use]
    pub fn include(&self, line: &Line) -> Option<IncludeRef<'_>> {
        let [first, second] = self.fields(line) else { return None };
        let (first, second) = (self.tokens(first).first()?, self.tokens(second).first()?);
        let kind = IncludeKind::named(&first.text)?;
        (line.error.is_none() && first.list_file().is_none() && second.list_file().is_none()).then_some(IncludeRef {
            kind,
            span: second.span,
            name: &second.text,
            line: line.span,
        })
    }

    /// Every include line, in order.
    pub fn includes(&self) -> impl Iterator<Item = IncludeRef<'_>> {
        self.lines.iter().filter_map(|line| self.include(line))
    }

    /// Every `@file` token, in order.
    pub fn name_lists(&self) -> impl Iterator<Item = AtFileRef<'_>> {
        self.tokens.iter().filter_map(Token::list_file)
    }
}

impl Line {
    /// Whether it has no fields: it is blank, or a comment.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.fields.is_empty() && self.error.is_none()
    }
}

impl Token<'_> {
    /// The file that the token stands for, if it is `@file`: not quoted before the `@`, and with a name.
    #[must_use]
    pub fn list_file(&self) -> Option<AtFileRef<'_>> {
        match &*self.text {
            [b'@', name @ ..] if !self.quoted && !name.is_empty() => Some(AtFileRef { span: self.span, name }),
            _ => None,
        }
    }

    /// Whether it is this keyword: keywords are never quoted.
    #[must_use]
    pub fn is_keyword(&self, keyword: &str) -> bool {
        !self.quoted && *self.text == *keyword.as_bytes()
    }

    /// What it says, with bytes that are no UTF-8 replaced.
    #[must_use]
    pub fn lossy(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.text)
    }
}

impl IncludeRef<'_> {
    /// Whether the name is empty or blank; a folder so named is refused.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.name.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
    }
}

impl IncludeKind {
    /// The kind that a first word asks for. Case counts.
    #[must_use]
    pub fn named(word: &[u8]) -> Option<Self> {
        match word {
            b"include" => Some(Self::Include),
            b"include_if_exists" => Some(Self::IncludeIfExists),
            b"include_dir" => Some(Self::IncludeDir),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
