//! Fields with the tokens of `@file` put in their place, as `tokenize_expand_file` of hba.c does.
//!
//! Majors before 16 read an include line in a list as two names; from 16 on it includes a file, which is not followed
//! here but makes the line undecided.

use std::collections::HashMap;
use std::rc::Rc;

use crate::catalog::Majors;
use crate::model::hba::{NameList, Reason};
use crate::source::Span;
use crate::syntax::auth_file::{AtFileRef, AuthFile, INCLUDE_MAJORS, Line, Token};

/// How the caller finds the file of an `@file`.
pub(crate) type Resolve<'r, 'a> = &'r dyn Fn(&AtFileRef<'_>) -> NameList<'a>;

/// A line's fields, each with its tokens; a field that a list leaves empty is gone.
pub(crate) type Fields<'a> = Vec<Field<'a>>;

/// The tokens of a field. Those that one list alone gives are shared by all fields that name it.
#[derive(Debug, Clone)]
pub(crate) struct Field<'a> {
    pub(crate) tokens: Rc<[&'a Token<'a>]>,
    /// Whether they come from a list alone, so that none lies in the line.
    pub(crate) shared: bool,
}

/// How deep lists may nest: `CONF_FILE_MAX_DEPTH`. Older majors run out of open files or stack on a cycle.
const MAX_DEPTH: usize = 10;

/// The most tokens and lines of lists that are read for one line; beyond it the line counts as undecided. Lists that
/// name others twice each grow with the power of their depth.
const MAX_STEPS: usize = 1_000_000;

/// The most for all lines of a file, where lists stand beside other names and so are not shared.
const MAX_STEPS_OF_FILE: usize = 10_000_000;

/// What the lines of a file share.
#[derive(Debug)]
pub(crate) struct Lists<'a> {
    /// What a list alone comes to, by its address, and whether it has an include line.
    whole: HashMap<*const AuthFile<'a>, (Rc<[&'a Token<'a>]>, bool)>,
    left: usize,
    /// How deep the file is included: its lists lie one level deeper (`tokenize_auth_file` of 16 and later).
    depth: usize,
}

impl Lists<'_> {
    pub(crate) fn new(depth: usize) -> Self {
        Self { whole: HashMap::new(), left: MAX_STEPS_OF_FILE, depth }
    }
}

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
    lists: &mut Lists<'a>,
) -> Vec<(Majors, Expanded<'a>)> {
    if majors.is_empty() {
        return Vec::new();
    }
    let most = MAX_STEPS.min(lists.left);
    let mut expander = Expander { resolve, includes: false, left: most, lists };
    let result = expander.line(file, line);
    expander.lists.left -= most - expander.left;
    if !expander.includes {
        return vec![(majors, result)];
    }
    let mut groups = vec![(majors - INCLUDE_MAJORS, result), (majors & INCLUDE_MAJORS, Expanded::Unknown)];
    groups.retain(|(majors, _)| !majors.is_empty());
    groups
}

struct Expander<'r, 'a> {
    resolve: Resolve<'r, 'a>,
    lists: &'r mut Lists<'a>,
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
            match self.field(file.tokens(field)) {
                Ok(field) if field.tokens.is_empty() => {}
                Ok(field) => fields.push(field),
                Err(Stop::Refused(span, reason)) => return Expanded::Refused(span, reason),
                Err(Stop::Unknown) => return Expanded::Unknown,
            }
        }
        match line.error {
            Some(error) => Expanded::Refused(error.span, Reason::Length(error.kind)),
            None => Expanded::Fields(fields),
        }
    }

    fn field(&mut self, written: &'a [Token<'a>]) -> Result<Field<'a>, Stop> {
        let list = match written {
            [token] => token.list_file().and_then(|list| match (self.resolve)(&list) {
                NameList::Found(list) => Some(std::ptr::from_ref(list)),
                _ => None,
            }),
            _ => None,
        };
        if let Some((tokens, includes)) = list.and_then(|list| self.lists.whole.get(&list)) {
            self.includes |= includes;
            return Ok(Field { tokens: tokens.clone(), shared: true });
        }
        let before = std::mem::take(&mut self.includes);
        let mut tokens = Vec::new();
        for token in written {
            self.token(token, token.span, None, &mut tokens)?;
        }
        let tokens = Rc::<[_]>::from(tokens);
        if let Some(list) = list {
            self.lists.whole.insert(list, (tokens.clone(), self.includes));
        }
        self.includes |= before;
        Ok(Field { tokens, shared: list.is_some() })
    }

    /// Adds a token, or the tokens of its list. `at` is the token of the line itself, which a fault is laid to; `depth`
    /// is that of the list in which the token stands, if it stands in one.
    fn token(
        &mut self,
        token: &'a Token<'a>,
        at: Span,
        depth: Option<usize>,
        out: &mut Vec<&'a Token<'a>>,
    ) -> Result<(), Stop> {
        let Some(list) = token.list_file() else {
            if depth.is_some() {
                self.left = self.left.checked_sub(1).ok_or(Stop::Unknown)?;
            }
            out.push(token);
            return Ok(());
        };
        let name = || String::from_utf8_lossy(list.name).into_owned();
        let depth = depth.unwrap_or(self.lists.depth) + 1;
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
                self.token(token, at, Some(depth), out)?;
            }
            if let Some(error) = line.error {
                return Err(Stop::Refused(at, Reason::Length(error.kind)));
            }
        }
        Ok(())
    }
}
