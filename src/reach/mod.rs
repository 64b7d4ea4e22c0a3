//! Who can get in: which row of a pg_hba.conf decides for a connection, as `check_hba` in hba.c does it.
//!
//! A question names a connection, or a set of connections of which parts may be unknown; the answer is every row that
//! may decide, in order, and whether all rows may pass it by. Rows that can never decide, because those above take
//! all their connections, are found by the same sets. The effective table, expectations and the difference of two
//! files are made of such answers. Nothing is read here, and what is not known is never guessed: it makes an answer
//! uncertain.

mod cover;
mod decide;
mod diff;
mod expect;
mod group;
pub(crate) mod matching;
mod pattern;
mod proof;
mod question;
mod roles;
mod strength;
mod table;

pub(crate) use cover::{Cover, Together};
pub use decide::{Answer, Candidate, Decision, Engine, decide};
pub use diff::{Difference, Side, differences};
pub use expect::{Against, Database, Expectation};
pub use group::{Group, Groups, names};
pub use matching::{Doubt, Field, Judged, Verdict};
pub(crate) use pattern::Patterns;
pub use proof::proof;
pub use question::{From, HostName, Kinds, Known, Question, Wanted};
pub use roles::Roles;
pub use strength::{Change, compare, keys};
pub use table::{Columns, Name, Outcome, Range, Stretch, Universe, columns, kinds};

#[cfg(test)]
mod tests;
