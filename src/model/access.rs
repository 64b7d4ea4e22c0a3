//! A node's pg_hba.conf and pg_ident.conf with the files they include, as one list of rows each.
//!
//! Which lines a server takes and what they mean is said in `hba` and `ident`; here includes are put in their places
//! and the lists that `@file` names are looked up.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::catalog::Majors;
use crate::load::{Loaded, Target};
use crate::model::hba::{self, HbaContext, HbaFile, HbaRow, NameList, Refusal};
use crate::model::ident::{self, IdentFile, IdentRow};
use crate::model::reread::{Reading, Reread};
use crate::source::{FileId, Span};
use crate::syntax::auth_file::{self, AtFileRef, AuthFile, INCLUDE_MAJORS, IncludeKind};

/// The rows of a pg_hba.conf or pg_ident.conf and of what it includes.
#[derive(Debug)]
pub struct Access<Row> {
    /// The file itself.
    pub file: FileId,
    /// It and every file read for it.
    pub files: Vec<FileId>,
    /// The rows in the order in which the server tries them. For one major, those whose `majors` have it.
    pub rows: Vec<Row>,
    /// Lines that are refused, with whether that refuses the whole file.
    pub refusals: Vec<Refusal>,
    /// Include lines that lead nowhere.
    pub includes: Vec<AccessInclude>,
    /// Lines that cannot be judged, as text in them is filled in later or a list is out of reach.
    pub undecided: Vec<Span>,
    /// Whether every line and include could be read, so that what is not there is known not to be there.
    pub complete: bool,
}

/// pg_hba.conf.
pub type Hba = Access<HbaRow>;
/// pg_ident.conf.
pub type Ident = Access<IdentRow>;

/// An include line of 16 and later that could not be followed.
#[derive(Debug, Clone)]
pub struct AccessInclude {
    /// The name in the line.
    pub span: Span,
    /// Which of the three includes it is.
    pub kind: IncludeKind,
    /// What is wrong.
    pub fault: AccessFault,
    /// The majors that read the line as an include.
    pub majors: Majors,
}

/// Why an include line could not be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessFault {
    /// Nothing is there.
    Missing,
    /// Files include each other, or are nested more deeply than the server allows.
    TooDeep,
}

/// The server follows includes this deep (`CONF_FILE_MAX_DEPTH`).
const MAX_DEPTH: usize = 10;

/// What one file gives: rows with their places, and the rest of it.
struct Part<Row> {
    rows: Vec<(Span, Row)>,
    refusals: Vec<Refusal>,
    undecided: Vec<Span>,
}

/// Reads a pg_hba.conf for the target majors.
#[must_use]
pub fn hba(loaded: &Loaded, file: FileId, target: Majors, context: &HbaContext<'_>) -> Hba {
    let mut reader = Reader::new(loaded, file);
    reader.file(file, target, &mut Vec::new(), &|auth, majors, depth, resolve| {
        let HbaFile { rows, refusals, undecided, .. } = hba::read(auth, majors, depth, context, resolve);
        Part { rows: rows.into_iter().map(|row| (row.line, row)).collect(), refusals, undecided }
    });
    // Majors that refuse a line, or an include, have another reason not to start.
    let access = &reader.access;
    let entries = access.rows.iter().map(|row| row.majors);
    let refused =
        access.refusals.iter().map(|refusal| refusal.majors).chain(access.includes.iter().map(|fault| fault.majors));
    let empty = entries.chain(refused).fold(target, |empty, majors| empty - majors);
    if reader.access.complete && !empty.is_empty() {
        let span = Span::new(file, 0, 0);
        reader.access.refusals.push(Refusal { majors: empty, span, line: span, reason: hba::Reason::NoEntries });
    }
    reader.access
}

/// Reads a pg_ident.conf for the target majors.
#[must_use]
pub fn ident(loaded: &Loaded, file: FileId, target: Majors) -> Ident {
    let mut reader = Reader::new(loaded, file);
    reader.file(file, target, &mut Vec::new(), &|auth, majors, depth, resolve| {
        let IdentFile { rows, refusals, undecided } = ident::read(auth, majors, depth, resolve);
        let rows = rows.into_iter().map(|row| (row.line, row)).collect();
        Part { rows, refusals, undecided }
    });
    reader.access
}

type Resolve<'a, 'r> = &'r dyn Fn(&AtFileRef<'_>) -> NameList<'a>;
type Judge<'j, Row> = &'j dyn for<'a> Fn(&'a AuthFile<'a>, Majors, usize, Resolve<'a, '_>) -> Part<Row>;

/// The lists that a file's `@file` tokens lead to.
type Lists<'l> = BTreeMap<FileId, Rc<AuthFile<'l>>>;

struct Reader<'l, Row> {
    loaded: &'l Loaded,
    access: Access<Row>,
    reread: Reread,
    /// The lists that were lexed, by file and majors.
    lists: BTreeMap<(FileId, Majors), Rc<AuthFile<'l>>>,
}

impl<'l, Row> Reader<'l, Row> {
    fn new(loaded: &'l Loaded, file: FileId) -> Self {
        let access = Access {
            file,
            files: Vec::new(),
            rows: Vec::new(),
            refusals: Vec::new(),
            includes: Vec::new(),
            undecided: Vec::new(),
            complete: true,
        };
        Self { loaded, access, reread: Reread::new(), lists: BTreeMap::new() }
    }

    /// Reads a file and what it includes.
    fn file(&mut self, file: FileId, target: Majors, stack: &mut Vec<FileId>, judge: Judge<'_, Row>) {
        let bytes = self.loaded.sources.file(file).bytes();
        match self.reread.read(file, bytes.len()) {
            Reading::First => self.access.files.push(file),
            Reading::Again => {}
            Reading::No => {
                self.access.complete = false;
                return;
            }
        }
        for group in auth_file::dialects(bytes, target) {
            let auth = auth_file::parse(file, bytes, group);
            let lists = self.lists(&auth, group);
            let part = judge(&auth, group, stack.len(), &|at| self.list(&lists, at));
            self.access.complete &= part.undecided.is_empty();
            self.access.undecided.extend(part.undecided);
            self.access.refusals.extend(part.refusals);
            let mut rows = part.rows.into_iter().peekable();
            let on = group & INCLUDE_MAJORS;
            for include in auth.includes().filter(|_| !on.is_empty()) {
                while let Some((_, row)) = rows.next_if(|(line, _)| line.start < include.line.start) {
                    self.access.rows.push(row);
                }
                self.include(include.span, include.kind, on, stack, judge);
            }
            self.access.rows.extend(rows.map(|(_, row)| row));
        }
    }

    fn include(&mut self, span: Span, kind: IncludeKind, on: Majors, stack: &mut Vec<FileId>, judge: Judge<'_, Row>) {
        let mut fault = |fault| self.access.includes.push(AccessInclude { span, kind, fault, majors: on });
        match self.loaded.targets.get(&span) {
            Some(Target::Files { files, unread, .. }) if stack.len() < MAX_DEPTH => {
                self.access.complete &= !unread;
                stack.push(span.file);
                for &file in files.iter() {
                    if self.reread.is_spent() {
                        self.access.complete = false;
                        break;
                    } else if stack.contains(&file) {
                        // A loop ends at the greatest depth; the way there may be very long.
                        let fault = AccessFault::TooDeep;
                        self.access.includes.push(AccessInclude { span, kind, fault, majors: on });
                    } else {
                        self.file(file, on, stack, judge);
                    }
                }
                stack.pop();
            }
            Some(Target::Files { .. }) => fault(AccessFault::TooDeep),
            Some(Target::Missing(_)) => {
                if kind != IncludeKind::IncludeIfExists {
                    fault(AccessFault::Missing);
                }
            }
            _ => self.access.complete = false,
        }
    }

    /// Every list that the file's `@file` tokens lead to, lexed.
    fn lists(&mut self, auth: &AuthFile<'l>, group: Majors) -> Lists<'l> {
        let mut lists = BTreeMap::new();
        let mut waiting = self.list_files(auth);
        while let Some(file) = waiting.pop_first() {
            if lists.contains_key(&file) {
                continue;
            }
            let list = match self.lists.get(&(file, group)) {
                Some(list) => list.clone(),
                None => {
                    let bytes = self.loaded.sources.file(file).bytes();
                    if self.reread.read(file, 0) == Reading::First {
                        self.access.files.push(file);
                    }
                    let list = Rc::new(auth_file::parse(file, bytes, group));
                    self.lists.insert((file, group), list.clone());
                    list
                }
            };
            waiting.extend(self.list_files(&list));
            lists.insert(file, list);
        }
        lists
    }

    fn list_files(&self, auth: &AuthFile<'_>) -> BTreeSet<FileId> {
        let targets = auth.name_lists().filter_map(|at| self.loaded.targets.get(&at.span));
        targets
            .filter_map(|target| if let Target::Files { files, .. } = target { files.first().copied() } else { None })
            .collect()
    }

    fn list<'a>(&self, lists: &'a Lists<'l>, at: &AtFileRef<'_>) -> NameList<'a>
    where
        'l: 'a,
    {
        match self.loaded.targets.get(&at.span) {
            Some(Target::Files { files, .. }) => {
                files.first().and_then(|file| lists.get(file)).map_or(NameList::Unknown, |list| NameList::Found(list))
            }
            Some(Target::Missing(_)) => NameList::Missing,
            _ => NameList::Unknown,
        }
    }
}
