//! What the entries of pg_ident.conf mean: typed rows, and what each major refuses and why.
//!
//! As in [`crate::model::hba`], files are not opened here. A file that is refused does not keep a server from
//! starting: no map in it is known then.

use crate::catalog::Majors;
use crate::model::hba::{NameList, Reason, Refusal, expand, judge};
use crate::source::Span;
use crate::syntax::auth_file::{AtFileRef, AuthFile, INCLUDE_MAJORS, IncludeKind, Token};
use crate::syntax::{pg_ident, pg_regex};

/// A pg_ident.conf, or a file that one includes, as the target majors read it. It may be empty.
#[derive(Debug, Default)]
pub struct IdentFile {
    /// Entries that some target major takes, in the order of their lines.
    pub rows: Vec<IdentRow>,
    /// What is refused, in the order of the lines; per line and major at most one.
    pub refusals: Vec<Refusal>,
    /// Lines that cannot be judged because text in them is filled in later or a list is unknown.
    pub undecided: Vec<Span>,
}

/// An entry that some majors take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentRow {
    /// From the map to the database user.
    pub span: Span,
    /// The whole line.
    pub line: Span,
    /// The target majors that take it.
    pub majors: Majors,
    /// The map.
    pub map: String,
    /// The map's token.
    pub map_span: Span,
    /// Who the operating system, or another authority, says it is.
    pub system_user: SystemUser,
    /// The system user's token.
    pub system_user_span: Span,
    /// Who that may be in the database.
    pub database_user: DatabaseUser,
    /// The database user's token.
    pub database_user_span: Span,
    /// From the first to the last of the fields that are not read, if there are any.
    pub ignored: Option<Span>,
}

/// The system user of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SystemUser {
    /// A name.
    Name(String),
    /// A regular expression, without the slash before it.
    Regex {
        /// The expression.
        pattern: String,
        /// How many groups it has.
        groups: usize,
    },
}

/// The database user of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseUser {
    /// The word itself, which is what it means before 16 and, where it is a name, after.
    pub text: String,
    /// What it means from 16 on.
    pub kind: DatabaseUserKind,
    /// Whether `\1` stands in it and the system user is a regular expression, so that its first group takes the
    /// place. Where that has no group, the login fails.
    pub refers_back: bool,
}

/// What a database user means from 16 on; before, every word is a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUserKind {
    /// A name.
    Name,
    /// Any user.
    All,
    /// A member of a role, written `+role`.
    Member(String),
    /// A regular expression, without the slash before it.
    Regex(String),
}

/// The majors on which the database user may be more than a name.
pub const DATABASE_USER_MAJORS: Majors = Majors::since(16);

/// Judges a file for the target majors, which lex it alike (see [`crate::syntax::auth_file::dialects`]). `depth` is how
/// deep it is included.
#[must_use]
pub fn read<'a>(
    file: &'a AuthFile<'a>,
    target: Majors,
    depth: usize,
    resolve: &dyn Fn(&AtFileRef<'_>) -> NameList<'a>,
) -> IdentFile {
    let target = target & file.majors();
    let mut out = IdentFile::default();
    let mut marks = judge::Template::new(file);
    let mut lists = expand::Lists::new(depth);
    for line in file.lines() {
        match marks.line(file, line) {
            judge::Text::Blank => continue,
            judge::Text::Dynamic => {
                out.undecided.push(line.span);
                continue;
            }
            judge::Text::Fixed => {}
        }
        let mut majors = target;
        if let Some(include) = file.include(line) {
            let on = majors & INCLUDE_MAJORS;
            if include.kind == IncludeKind::IncludeDir && include.is_blank() && !on.is_empty() {
                let reason = Reason::EmptyIncludeDir;
                out.refusals.push(Refusal { majors: on, span: include.span, line: line.span, reason });
            }
            majors = majors - INCLUDE_MAJORS;
        }
        for (majors, expanded) in expand::line(file, line, majors, resolve, &mut lists) {
            match expanded {
                expand::Expanded::Fields(fields) if fields.is_empty() => {}
                expand::Expanded::Fields(fields) => {
                    let mut judge = judge::Judge::new(file, line.span, majors, &mut out.refusals);
                    out.rows.extend(row(&mut judge, &fields).ok());
                }
                expand::Expanded::Refused(span, reason) => {
                    judge::Judge::new(file, line.span, majors, &mut out.refusals).fail(span, || reason);
                }
                expand::Expanded::Unknown => out.undecided.push(line.span),
            }
        }
    }
    out
}

/// The checks of `parse_ident_line` in hba.c, in its order.
fn row(judge: &mut judge::Judge<'_>, fields: &expand::Fields<'_>) -> Result<IdentRow, judge::Refused> {
    let mut rest = fields.iter();
    let first = fields.first().and_then(|field| field.tokens.first()).map_or(judge.line, |token| token.span);
    let mut last = first;
    let mut next = |judge: &mut judge::Judge<'_>, field: &'static str| -> Result<_, judge::Refused> {
        let Some(expand::Field { tokens, .. }) = rest.next() else {
            let end = Span { start: last.end, ..last };
            return Err(judge.fail(end, || Reason::IdentMissing { field }));
        };
        let [token] = **tokens else {
            return Err(judge.fail(judge::span_of(tokens, judge.line), || Reason::IdentMany { field }));
        };
        if judge.line.contains(token.span) {
            last = token.span;
        }
        Ok(token)
    };
    let map = next(judge, "map")?;
    let system = next(judge, "system user")?;
    let database = next(judge, "database user")?;
    let span = if judge.line.contains(first) && judge.line.contains(last) { first.to(last) } else { judge.line };
    let beyond = rest.filter(|field| !field.shared).flat_map(|field| field.tokens.iter());
    let mut beyond = beyond.map(|token| token.span).filter(|span| judge.line.contains(*span));
    let ignored = beyond.next().map(|first| beyond.fold(first, Span::to));

    let system_user = match &*system.text {
        [b'/', pattern @ ..] => {
            let checked = pg_regex::check(pattern);
            let shown = String::from_utf8_lossy(pattern).into_owned();
            for &(majors, fault) in &checked.faults {
                judge.refuse(majors, system.span, || Reason::Regex { pattern: shown.clone(), fault })?;
            }
            SystemUser::Regex { pattern: shown, groups: checked.groups }
        }
        _ => SystemUser::Name(system.lossy().into_owned()),
    };
    let kind = database_user(judge, database)?;
    let refers_back =
        matches!(system_user, SystemUser::Regex { .. }) && pg_ident::back_reference(&database.text).is_some();
    Ok(IdentRow {
        span,
        line: judge.line,
        majors: judge.remaining,
        map: map.lossy().into_owned(),
        map_span: map.span,
        system_user,
        system_user_span: system.span,
        database_user: DatabaseUser { text: database.lossy().into_owned(), kind, refers_back },
        database_user_span: database.span,
        ignored,
    })
}

fn database_user(judge: &mut judge::Judge<'_>, token: &Token<'_>) -> Result<DatabaseUserKind, judge::Refused> {
    match &*token.text {
        [b'/', pattern @ ..] => {
            let shown = String::from_utf8_lossy(pattern).into_owned();
            for (majors, fault) in pg_regex::check(pattern).faults {
                let reason = || Reason::Regex { pattern: shown.clone(), fault };
                judge.refuse(majors & DATABASE_USER_MAJORS, token.span, reason)?;
            }
            Ok(DatabaseUserKind::Regex(shown))
        }
        b"all" if !token.quoted => Ok(DatabaseUserKind::All),
        [b'+', role @ ..] if !token.quoted => Ok(DatabaseUserKind::Member(String::from_utf8_lossy(role).into_owned())),
        _ => Ok(DatabaseUserKind::Name),
    }
}

#[cfg(test)]
mod tests;
