//! One family that gets in without TLS, where the other needs it.

use super::ask::add;
use super::{Found, How, family};
use crate::catalog::Majors;
use crate::catalog::hba::Method;
use crate::checks::hba_rows::families::Rows;
use crate::reach::Answer;

impl Rows<'_> {
    /// Where both families get in with TLS, and one without it as well.
    pub(super) fn plain(&self, outside: [Option<Answer>; 2], tls: [usize; 2], majors: Majors, found: &mut Found) {
        let accepts = |row: usize| self.hba.rows.get(row).is_some_and(|row| row.method != Method::Reject);
        if !tls.into_iter().all(accepts) {
            return;
        }
        let refused = |answer: Option<Answer>| match answer {
            Some(Answer::NoRow) => true,
            Some(Answer::Row(row)) => !accepts(row),
            None => false,
        };
        for (loose, strict, of_strict) in [(outside[1], outside[0], tls[0]), (outside[0], outside[1], tls[1])] {
            let limits = self.hba.rows.get(of_strict).is_some_and(|row| family(row).is_some());
            if let Some(Answer::Row(row)) = loose
                && accepts(row)
                && refused(strict)
                && limits
            {
                add(found, (row, of_strict, false, How::Plain), majors);
            }
        }
    }
}
