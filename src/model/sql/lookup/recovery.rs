//! Queries that say themselves whether they run on a standby: `CASE WHEN pg_is_in_recovery() THEN ... ELSE ... END` and
//! `WHERE pg_is_in_recovery()`.

use super::{Named, Range, Walk};
use crate::catalog::Majors;
use crate::catalog::system;

/// How many tokens of a branch are looked at.
const LONGEST: usize = 10_000;

/// Which server a part of a query is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Primary,
    Standby,
}

impl Side {
    fn other(self) -> Self {
        match self {
            Self::Primary => Self::Standby,
            Self::Standby => Self::Primary,
        }
    }
}

impl Walk<'_> {
    /// The CASE at an index.
    pub(super) fn by_recovery(&mut self, case: usize) {
        let Some((side, then)) = self.test(case + 1).filter(|_| self.is_word(case + 1, "when")) else { return };
        if !self.is_word(then, "then") {
            return;
        }
        let stop = self.branch_end(then + 1);
        self.calls_on(then + 1..stop, side);
        if self.is_word(stop, "else") {
            self.calls_on(stop + 1..self.branch_end(stop + 1), side.other());
        }
    }

    /// The list of a SELECT whose WHERE begins with the test.
    pub(super) fn filtered(&mut self, list: Range, rest: Range) {
        let Some((side, end)) = self.test(rest.start).filter(|_| self.is_word(rest.start, "where")) else { return };
        if end >= rest.end || self.is_word(end, "and") {
            self.calls_on(list, side);
        }
    }

    /// `[NOT] pg_is_in_recovery()` after the keyword at an index: which side it lets pass, and where it ends.
    fn test(&self, keyword: usize) -> Option<(Side, usize)> {
        let not = self.is_word(keyword + 1, "not");
        let start = keyword + 1 + usize::from(not);
        let (parts, after) = self.dotted(start);
        let named = self.function_name(&parts) == Some("pg_is_in_recovery");
        let side = if not { Side::Primary } else { Side::Standby };
        (named && self.is_byte(after, b'(') && self.is_byte(after + 1, b')')).then_some((side, after + 2))
    }

    /// The WHEN, ELSE or END that ends a branch of a CASE, unless the branch is very long.
    fn branch_end(&self, start: usize) -> usize {
        let mut cases = 0_usize;
        let mut at = start;
        while at < self.tokens.len().min(start + LONGEST) {
            if self.is_word(at, "case") {
                cases += 1;
            } else if self.is_word(at, "end") && cases > 0 {
                cases -= 1;
            } else if cases == 0 && self.any_word(at, &["when", "else", "end"]) {
                return at;
            }
            at = self.skip(at);
        }
        at
    }

    fn calls_on(&mut self, range: Range, side: Side) {
        let mut at = range.start;
        while at < range.end {
            // What stands in a CASE of its own may be for the other side.
            if self.is_word(at, "case") {
                return;
            }
            let (parts, after) = self.dotted(at);
            if let (Some(name), Some(last)) = (self.function_name(&parts), parts.last())
                && self.is_byte(after, b'(')
            {
                let fails = system::fails_on(name, side == Side::Standby);
                let has = system::function(name).map_or(Majors::NONE, |of| of.majors());
                self.found(Named::Recovery(name.to_owned(), side), last.span, fails & has);
            }
            at = after.max(at + 1);
        }
    }
}
