//! Which rows of a pg_hba.conf can never apply, because one row above takes every connection that they match.
//!
//! The server tries rows in order and stops at the first that matches (`check_hba` in hba.c), whatever its method then
//! says. A row counts as covered only if that is certain: expressions, roles and host names are compared as text, and
//! rows that only together cover another are not found. Nothing is judged here.
//!
//! Rows are looked up by what they share with those above, so that a file of many distinct rows takes time in
//! proportion to its length, not to its square.

use std::collections::HashMap;

use crate::catalog::Majors;
use crate::model::hba::HbaRow;

mod address;
mod shape;

#[cfg(test)]
mod tests;

use address::{Addresses, Key};
pub(crate) use shape::Shape;
use shape::{ALL, Interner, PLAIN};

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

/// The rows of a file, ready for questions.
#[derive(Debug)]
pub(crate) struct Cover {
    shapes: Vec<Shape>,
    index: Index,
    above: Vec<Vec<Above>>,
}

impl Cover {
    /// Compares rows given in the order in which the server tries them.
    pub(crate) fn of(rows: &[HbaRow]) -> Self {
        let mut interner = Interner::default();
        let mut shapes = rows.iter().map(|row| interner.shape(row)).collect::<Vec<_>>();
        interner.mark_rarest(&mut shapes);
        let mut cover = Self { index: Index::default(), above: Vec::with_capacity(rows.len()), shapes };
        for (row, shape) in cover.shapes.iter().enumerate() {
            let above = cover.index.covering(&cover.shapes, shape);
            let covered = above.iter().fold(Majors::NONE, |majors, above| majors | above.majors);
            // What a covered row covers, the row above it covers too.
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

    /// The majors on which the row can never apply.
    pub(crate) fn dead(&self, row: usize) -> Majors {
        self.above(row).iter().fold(Majors::NONE, |majors, above| majors | above.majors)
    }

    /// The rows above that take all of the row's connections that are not encrypted.
    pub(crate) fn above_plain(&self, row: usize) -> Vec<Above> {
        let Some(shape) = self.shapes.get(row) else { return Vec::new() };
        let part = Shape { kinds: shape.kinds & PLAIN, ..shape.clone() };
        if part.kinds == 0 {
            return Vec::new();
        }
        let mut above = self.index.covering(&self.shapes, &part);
        above.retain(|above| above.row < row);
        above
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

    /// The rows that cover `shape`, first those that the server tries first.
    fn covering(&self, shapes: &[Shape], shape: &Shape) -> Vec<Above> {
        // Whatever covers the row covers its rarest database and its rarest user, so only few rows come into question.
        let (database, user) = shape.rarest;
        let mut found: Vec<u32> = Vec::new();
        for key in self.addresses.keys_around(&shape.address) {
            let pairs = [(database, user), (ALL, user), (database, ALL), (ALL, ALL)];
            for (index, pair) in pairs.into_iter().enumerate() {
                if pairs.iter().take(index).any(|&before| before == pair) {
                    continue;
                }
                let rows = self.rows.get(&(key.clone(), pair.0, pair.1));
                found.extend(rows.into_iter().flatten().take(MOST_CANDIDATES));
            }
            let long = self.long.get(&key).into_iter().flatten().take(MOST_CANDIDATES);
            found.extend(long.filter(|&&row| {
                shapes.get(row as usize).is_some_and(|other| {
                    shape::holds(&other.databases, &[database]) && shape::holds(&other.users, &[user])
                })
            }));
        }
        found.sort_unstable();
        found.dedup();
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
