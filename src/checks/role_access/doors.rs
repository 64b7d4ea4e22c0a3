//! Which lines may let a user in.

use crate::catalog::Majors;
use crate::catalog::hba::Method;
use crate::model::topology::Access;
use crate::reach::{Engine, From, HostName, Kinds, Known, Question, Wanted};

/// The lines of a server.
pub(super) struct Doors<'a, 't> {
    pub(super) access: Access<'a>,
    pub(super) known: &'a Known,
    pub(super) majors: Majors,
    pub(super) tries: &'t mut usize,
}

impl Doors<'_, '_> {
    /// On each major the lines that may let a user in, in their order; none where that would take too long.
    pub(super) fn ways(
        &mut self,
        kinds: &[Kinds],
        databases: &[Wanted<'_>],
        user: &str,
    ) -> Option<Vec<(u8, Vec<usize>)>> {
        let hba = self.access.hba;
        let count = hba.rows.len().saturating_mul(kinds.len() * databases.len()).saturating_mul(self.majors.len());
        *self.tries = self.tries.checked_sub(count)?;
        let ways = self.majors.iter().map(|major| {
            let engine = Engine::new(hba, major, self.known);
            let mut rows = Vec::new();
            for &kinds in kinds {
                let from = if kinds == Kinds::LOCAL { From::Socket } else { From::Anywhere };
                for &database in databases {
                    let question =
                        Question { kinds, from, host: HostName::Unknown, database, user: Wanted::Name(user) };
                    rows.extend(engine.decide(&question).rows.iter().map(|candidate| candidate.row));
                }
            }
            rows.retain(|&row| hba.rows.get(row).is_some_and(|row| row.method != Method::Reject));
            rows.sort_unstable();
            (major, rows)
        });
        Some(ways.collect())
    }
}
