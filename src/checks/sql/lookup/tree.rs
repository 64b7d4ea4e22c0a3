//! What else the tree and the file say, besides the name at hand.

use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};

use crate::catalog::Majors;
use crate::catalog::system;
use crate::model::sql::lookup::Named;
use crate::model::sql::{Lookup, What};
use crate::rule::Context;

/// What the SQL of the whole tree brings.
pub(super) struct Tree<'a> {
    /// Names that some statement makes.
    pub(super) made: HashSet<&'a str>,
    /// Extensions that are made in a version that is named.
    pub(super) pinned: HashSet<&'a str>,
    /// Whether there is an extension that may bring anything that is called `pg_...`.
    pub(super) foreign: bool,
    /// What names that no major knows may stand for, by kind and name.
    near: RefCell<HashMap<String, Option<&'static str>>>,
}

/// For so many unknown names it is looked up what they may stand for; files with more are no scripts of people.
const MOST_UNKNOWN: usize = 1000;

impl<'a> Tree<'a> {
    pub(super) fn read(cx: &Context<'a>) -> Self {
        let made = cx.cluster.sql.iter().flat_map(|file| &file.sql.lookups.made).map(String::as_str).collect();
        let extensions = cx.cluster.statements().filter_map(|(_, statement)| match &statement.what {
            What::Extension(extension) => Some(extension),
            _ => None,
        });
        let (mut pinned, mut foreign) = (HashSet::new(), false);
        for extension in extensions {
            let name = extension.name.text.as_str();
            foreign |= name.starts_with("pg_") && !system::has_extension(name);
            if extension.version.is_some() {
                pinned.insert(name);
            }
        }
        Self { made, pinned, foreign, near: RefCell::default() }
    }
}

impl Tree<'_> {
    /// What a name that no major knows may stand for.
    pub(super) fn near(&self, kind: &str, name: &str) -> Option<&'static str> {
        let find = if kind == "function" { system::near_function } else { system::near_relation };
        let mut seen = self.near.borrow_mut();
        if seen.len() >= MOST_UNKNOWN {
            return None;
        }
        *seen.entry(format!("{kind} {name}")).or_insert_with(|| find(name))
    }
}

/// What a file says besides the name at hand.
pub(super) struct Text<'a> {
    bytes: &'a [u8],
    /// By relation, the majors that lack some column of it that the file names.
    pub(super) lacking: HashSet<(&'static str, Majors)>,
    /// Which successors of names stand in it.
    successors: RefCell<HashMap<&'static str, bool>>,
    ours: OnceCell<bool>,
}

impl<'a> Text<'a> {
    pub(super) fn read(bytes: &'a [u8], lookups: &[Lookup]) -> Self {
        let columns = lookups.iter().filter_map(|lookup| match &lookup.what {
            Named::Column { relations, .. } => Some(relations.iter().map(|relation| (*relation, lookup.lacking))),
            _ => None,
        });
        Self { bytes, lacking: columns.flatten().collect(), successors: RefCell::default(), ours: OnceCell::new() }
    }

    /// Whether the file speaks of PostgreSQL or of its catalogue, or has a cast of its form.
    pub(super) fn is_ours(&self) -> bool {
        let has = |word: &[u8]| self.bytes.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
        *self.ours.get_or_init(|| [&b"pg_"[..], b"postgres", b"::"].into_iter().any(has))
    }

    /// Whether a name stands in the file.
    pub(super) fn names(&self, name: &'static str) -> bool {
        let in_word = |at: usize| self.bytes.get(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        let whole = |at: usize| !in_word(at.wrapping_sub(1)) && !in_word(at + name.len());
        let found = || memchr::memmem::find_iter(self.bytes, name).any(whole);
        *self.successors.borrow_mut().entry(name).or_insert_with(found)
    }
}
