//! Which rows of a pg_hba.conf can never apply, because the rows above, one or several together, take every connection
//! that they match.
//!
//! The server tries rows in order and stops at the first that matches (`check_hba` in hba.c), whatever its method then
//! says. A row counts as covered only if that is certain: expressions, roles and host names are compared as text. Nothing
//! is judged here.
//!
//! Rows are looked up by what they share with those above, so that a file of many distinct rows takes time in
//! proportion to its length, not to its square. To find rows that together cover another, what the first of them takes
//! is cut off (`piece`), then what takes a part of the rest, and so on until nothing or something is left; a row that
//! takes more than [`MOST_CUTS`] of that, or what exceeds [`MOST_WORK`] for all rows, counts as not covered.

use std::cell::Cell;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::catalog::Majors;
use crate::model::hba::HbaRow;
use crate::reach::Kinds;

mod address;
mod piece;
mod shape;

#[cfg(test)]
pub(crate) mod tests;

use address::{Addresses, Key};
use piece::Piece;
use shape::Shape;
use shape::{ALL, Interner, REPLICATION};

/// A row above that takes all that a row matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Above {
    /// Its index.
    pub(crate) row: usize,
    /// The majors on which it does.
    pub(crate) majors: Majors,
    /// Whether the row matches exactly what it matches.
    pub(crate) is_same: bool,
}

/// Rows above that take all that a row matches only together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Together {
    /// Their indices, ascending.
    pub(crate) rows: Vec<usize>,
    /// The majors on which they do.
    pub(crate) majors: Majors,
}

/// Databases and users as words of the file.
pub(crate) type People = (Arc<[u32]>, Arc<[u32]>);

/// So many cuts are tried at one row.
const MOST_CUTS: usize = 300;

/// So many look-ups and comparisons of names are spent on rows that together cover others.
const MOST_WORK: u64 = 100_000_000;

/// The rows of a file, ready for questions.
#[derive(Debug)]
pub(crate) struct Cover {
    shapes: Vec<Shape>,
    index: Index,
    above: Vec<Vec<Above>>,
    together: HashMap<usize, Together>,
    /// What is left of [`MOST_WORK`].
    work: Cell<u64>,
}

impl Cover {
    /// Compares rows given in the order in which the server tries them.
    pub(crate) fn of(rows: &[HbaRow]) -> Self {
        let mut interner = Interner::default();
        let mut shapes = rows.iter().map(|row| interner.shape(row)).collect::<Vec<_>>();
        interner.mark_rarest(&mut shapes);
        let mut cover = Self {
            index: Index::default(),
            above: Vec::with_capacity(rows.len()),
            together: HashMap::new(),
            work: Cell::new(MOST_WORK),
            shapes,
        };
        for (row, shape) in cover.shapes.iter().enumerate() {
            let above = cover.index.covering(&cover.shapes, shape);
            let mut covered = above.iter().fold(Majors::NONE, |majors, above| majors | above.majors);
            if covered != shape.majors {
                let left = shape.majors - covered;
                if let Some(rows) = cover.union(row, shape.kinds, left) {
                    covered = shape.majors;
                    cover.together.insert(row, Together { rows, majors: left });
                }
            }
            // What a covered row covers, the rows above it cover too.
            if covered != shape.majors {
                cover.index.add(row, shape);
            }
            cover.above.push(above);
        }
        cover
    }

    /// The rows above that cover a row, each with other majors.
    pub(crate) fn above(&self, row: usize) -> &[Above] {
        self.above.get(row).map_or(&[], Vec::as_slice)
    }

    /// The rows above that only together cover a row, on the majors on which none does alone.
    pub(crate) fn together(&self, row: usize) -> Option<&Together> {
        self.together.get(&row)
    }

    /// The databases and users of a row, as words that are the same in all rows of the file.
    pub(crate) fn people(&self, row: usize) -> Option<People> {
        self.shapes.get(row).map(|shape| (shape.databases.clone(), shape.users.clone()))
    }

    /// The majors on which the row can never apply.
    pub(crate) fn dead(&self, row: usize) -> Majors {
        let alone = self.above(row).iter().fold(Majors::NONE, |majors, above| majors | above.majors);
        alone | self.together(row).map_or(Majors::NONE, |together| together.majors)
    }

    /// The majors on which two rows surely share connections, and each has some that the other has not.
    pub(crate) fn crossing(&self, one: usize, other: usize) -> Majors {
        match (self.shapes.get(one), self.shapes.get(other)) {
            (Some(one), Some(other)) if one.meets(other) && !one.covers(other) && !other.covers(one) => {
                one.majors & other.majors
            }
            _ => Majors::NONE,
        }
    }

    /// Whether the databases, users and addresses of one row are all among those of the other.
    pub(crate) fn is_part(&self, one: usize, other: usize) -> bool {
        let both = self.shapes.get(one).zip(self.shapes.get(other));
        both.is_some_and(|(one, other)| other.covers(&Shape { kinds: other.kinds, ..one.clone() }))
    }

    /// Those of [`Self::crossing`] on which the connections that both match are not all taken by rows above the first of
    /// the two, so that it decides for some of them.
    pub(crate) fn crossing_live(&self, first: usize, other: usize) -> Majors {
        let majors = self.crossing(first, other);
        let shared = self.shapes.get(first).zip(self.shapes.get(other)).and_then(|(one, other)| one.shared(other));
        let Some(shared) = shared.filter(|_| !majors.is_empty()) else { return Majors::NONE };
        let above = self.index.covering(&self.shapes, &shared);
        let alone = above.iter().filter(|above| above.row < first);
        let left = alone.fold(majors, |majors, above| majors - above.majors);
        if left.is_empty() || self.union_of(&shared, first, shared.kinds, left).is_some() { Majors::NONE } else { left }
    }

    /// The majors on which rows above take all of the row's connections that are not encrypted.
    pub(crate) fn takes_plain(&self, row: usize) -> Majors {
        let Some(shape) = self.shapes.get(row) else { return Majors::NONE };
        if (shape.kinds & Kinds::PLAIN).is_empty() {
            return Majors::NONE;
        }
        let part = Shape { kinds: Kinds::PLAIN, ..shape.clone() };
        let above = self.index.covering(&self.shapes, &part);
        let alone = above.iter().filter(|above| above.row < row);
        let alone = alone.fold(Majors::NONE, |majors, above| majors | above.majors);
        let left = shape.majors - alone;
        if left.is_empty() || self.union(row, Kinds::PLAIN, left).is_some() { shape.majors } else { alone }
    }

    /// The rows above `row` that together take all of its connections of some kinds on all of some majors.
    fn union(&self, row: usize, kinds: Kinds, majors: Majors) -> Option<Vec<usize>> {
        self.union_of(self.shapes.get(row)?, row, kinds, majors)
    }

    /// The rows above `row` that together take all that `shape` matches of some kinds on all of some majors.
    fn union_of(&self, shape: &Shape, row: usize, kinds: Kinds, majors: Majors) -> Option<Vec<usize>> {
        let mut waiting = Piece::of(shape, kinds);
        let mut used = BTreeSet::new();
        for _ in 0..MOST_CUTS {
            let Some(piece) = waiting.pop() else { return Some(used.into_iter().collect()) };
            let taking = self.taking(row, &piece, majors)?;
            used.insert(taking);
            waiting.extend(piece.less(self.shapes.get(taking)?));
        }
        None
    }

    /// A row above that takes one point of a piece, at best all of it.
    fn taking(&self, row: usize, piece: &Piece, majors: Majors) -> Option<usize> {
        let (candidates, work) = self.index.around(&self.shapes, piece);
        let names = piece.databases.len() + piece.users.len();
        let work = work + candidates.len() + names;
        self.work.set(self.work.get().checked_sub(work as u64)?);
        let mut first = None;
        for candidate in candidates.into_iter().map(|candidate| candidate as usize).filter(|&above| above < row) {
            let other = self.shapes.get(candidate)?;
            if !other.majors.covers(majors) || !piece.is_met_by(other) {
                continue;
            }
            self.work.set(self.work.get().checked_sub(names as u64)?);
            if piece.is_taken_by(other) {
                return Some(candidate);
            }
            first = first.or(Some(candidate));
        }
        first
    }
}

/// Rows by an address, one of their databases and one of their users.
#[derive(Debug, Default)]
struct Index {
    addresses: Addresses,
    rows: HashMap<(Key, u32, u32), Vec<u32>>,
    /// Rows whose lists are too long for an entry each, by address.
    long: HashMap<Key, Vec<u32>>,
}

/// Rows whose databases times users are more than this go into `Index::long`.
const MOST_PAIRS: usize = 64;

/// The most rows of one place that are compared; beyond it, some cover may be missed.
const MOST_CANDIDATES: usize = 256;

impl Index {
    fn add(&mut self, row: usize, shape: &Shape) {
        let row = row as u32;
        let Some(key) = self.addresses.add(&shape.address) else { return };
        if shape.databases.len() * shape.users.len() > MOST_PAIRS {
            self.long.entry(key).or_default().push(row);
            return;
        }
        for &database in shape.databases.iter() {
            for &user in shape.users.iter() {
                self.rows.entry((key.clone(), database, user)).or_default().push(row);
            }
        }
    }

    /// The rows under any of the keys whose lists hold the database and the user, ascending, and how many places were
    /// looked at.
    fn at(&self, shapes: &[Shape], keys: &[Key], database: u32, user: u32) -> (Vec<u32>, usize) {
        let mut found: Vec<u32> = Vec::new();
        // Replication is not one of all databases.
        let databases = [Some(database), (database != REPLICATION && database != ALL).then_some(ALL)];
        let users = [Some(user), (user != ALL).then_some(ALL)];
        let mut looked = 0;
        for key in keys {
            for database in databases.iter().flatten() {
                for user in users.iter().flatten() {
                    let rows = self.rows.get(&(key.clone(), *database, *user));
                    found.extend(rows.into_iter().flatten().take(MOST_CANDIDATES));
                    looked += 1;
                }
            }
            let long = self.long.get(key).into_iter().flatten().take(MOST_CANDIDATES);
            found.extend(long.filter(|&&row| {
                looked += 1;
                shapes.get(row as usize).is_some_and(|other| {
                    shape::holds(&other.databases, &[database]) && shape::holds(&other.users, &[user])
                })
            }));
        }
        found.sort_unstable();
        found.dedup();
        (found, looked)
    }

    /// The rows that may take a point of a piece.
    fn around(&self, shapes: &[Shape], piece: &Piece) -> (Vec<u32>, usize) {
        let (database, user) = piece.point;
        self.at(shapes, &piece.keys(&self.addresses), database, user)
    }

    /// The rows that cover `shape`, first those that the server tries first.
    fn covering(&self, shapes: &[Shape], shape: &Shape) -> Vec<Above> {
        // Whatever covers the row covers its rarest database and its rarest user, so only few rows come into question.
        let (database, user) = shape.rarest;
        let (found, _) = self.at(shapes, &self.addresses.keys_around(&shape.address), database, user);
        let mut left = shape.majors;
        let mut above = Vec::new();
        for row in found {
            let Some(other) = shapes.get(row as usize) else { continue };
            let majors = other.majors & left;
            if !majors.is_empty() && other.covers(shape) {
                above.push(Above { row: row as usize, majors, is_same: shape.covers(other) });
                left = left - majors;
            }
            if left.is_empty() {
                break;
            }
        }
        above
    }
}
