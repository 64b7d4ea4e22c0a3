//! Fields with the tokens of `@file` put in their place, as `tokenize_expand_file` of hba.c does.
//!
//! Majors before 16 read an include line in a list as two names; from 16 on it includes a file, which is not followed
//! here but makes the line undecided.

use crate::catalog::Majors;
use crate::model::hba::{NameList, Reason};
use crate::source::Span;
use crate::syntax::auth_file::{AtFileRef, AuthFile, INCLUDE_MAJORS, Line, Token};

/// How the caller finds the file of an `@file`.
pub(crate) type Resolve<'r, 'a> = &'r dyn Fn(&AtFileRef<'_>) -> NameList<'a>;

/// A line's fields, each with its tokens; a field that a list leaves empty is gone.
pub(crate) type Fields<'a> = Vec<Vec<&'a Token<'a>>>;

/// How deep lists may nest: `CONF_FILE_MAX_DEPTH`. Older majors run out of open files or stack on a cycle.
const MAX_DEPTH: usize = 10;

/// The most tokens and lines of lists that are read for one line; beyond it the line counts as undecided. Lists that
/// name others twice each grow with the power of their depth.
const MAX_STEPS: usize = 1_000_000;

/// What a line with lists comes to on some majors.
#[derive(Debug)]
pub(crate) enum Expanded<'a> {
    /// These fields.
    Fields(Fields<'a>),
    /// The server gives up here.
    Refused(Span, Reason),
    /// It cannot be told.
    Unknown,
}

/// The fields of a line for the majors, in groups that see the same.
pub(crate) fn line<'a>(
    file: &'a AuthFile<'a>,
    line: &Line,
    majors: Majors,
    resolve: Resolve<'_, 'a>,
) -> Vec<(Majors, Expanded<'a>)> {
    if majors.is_empty() {
        return Vec::new();
    }
    let mut expander = Expander { resolve, includes: false, left: MAX_STEPS };
    let result = expander.line(file, line);
    if !expander.includes {
        return vec![(majors, result)];
    }
    let mut groups = vec![(majors - INCLUDE_MAJORS, result), (majors & INCLUDE_MAJORS, Expanded::Unknown)];
    groups.retain(|(majors, _)| !majors.is_empty());
    groups
}

struct Expander<'r, 'a> {
    resolve: Resolve<'r, 'a>,
    /// Whether a list has an include line.
    includes: bool,
    left: usize,
}

/// Why expanding stopped.
enum Stop {
    Refused(Span, Reason),
    Unknown,
}

impl<'a> Expander<'_, 'a> {
    fn line(&mut self, file: &'a AuthFile<'a>, line: &Line) -> Expanded<'a> {
        let mut fields = Vec::new();
        for field in file.fields(line) {
            let mut tokens = Vec::new();
            for token in file.tokens(field) {
                match self.token(token, token.span, 1, &mut tokens) {
                    Ok(()) => {}
                    Err(Stop::Refused(span, reason)) => return Expanded::Refused(span, reason),
                    Err(Stop::Unknown) => return Expanded::Unknown,
                }
            }
            if !tokens.is_empty() {
                fields.push(tokens);
            }
        }
        match line.error {
            Some(error) => Expanded::Refused(error.span, Reason::Length(error.kind)),
            None => Expanded::Fields(fields),
        }
    }

    /// Adds a token, or the tokens of its list. `at` is the token of the line itself, which a fault is laid to.
    fn token(
        &mut self,
        token: &'a Token<'a>,
        at: Span,
        depth: usize,
        out: &mut Vec<&'a Token<'a>>,
    ) -> Result<(), Stop> {
        let Some(list) = token.list_file() else {
            self.left = self.left.checked_sub(1).ok_or(Stop::Unknown)?;
            out.push(token);
            return Ok(());
        };
        let name = || String::from_utf8_lossy(list.name).into_owned();
        if depth > MAX_DEPTH {
            return Err(Stop::Refused(at, Reason::ListTooDeep { name: name() }));
        }
        match (self.resolve)(&list) {
            NameList::Missing => Err(Stop::Refused(at, Reason::ListMissing { name: name() })),
            NameList::Unknown => Err(Stop::Unknown),
            NameList::Found(file) => self.list(file, at, depth, out),
        }
    }

    fn list(
        &mut self,
        file: &'a AuthFile<'a>,
        at: Span,
        depth: usize,
        out: &mut Vec<&'a Token<'a>>,
    ) -> Result<(), Stop> {
        for line in file.lines() {
            self.left = self.left.checked_sub(1).ok_or(Stop::Unknown)?;
            self.includes |= file.include(line).is_some();
            for token in file.line_tokens(line) {
                self.token(token, at, depth + 1, out)?;
            }
            if let Some(error) = line.error {
                return Err(Stop::Refused(at, Reason::Length(error.kind)));
            }
        }
        Ok(())
    }
}
