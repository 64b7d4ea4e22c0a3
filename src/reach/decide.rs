//! The rows that decide for the connections of a question.

use std::collections::HashMap;
use std::net::IpAddr;

use crate::model::access::Hba;
use crate::model::hba::{AddressKind, HbaRow};
use crate::reach::matching::Matcher;
use crate::reach::{Judged, Known, Question, Verdict, Wanted};

/// What becomes of connections, where it is certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The row decides, by its index.
    Row(usize),
    /// No row matches: the server refuses.
    NoRow,
}

/// A row that may decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its index among the rows of the file.
    pub row: usize,
    /// How it stands to the question: it matches, or may match.
    pub judged: Judged,
}

/// Who may decide for the connections of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The rows that may decide, in the order in which the server tries them. Only the last may be certain to match.
    pub rows: Vec<Candidate>,
    /// Whether every row may pass the connections by, which the server then refuses.
    pub may_fall_through: bool,
    /// Whether every row of the file is known. If not, one that is not known may stand before any of these.
    pub complete: bool,
}

impl Decision {
    /// The answer for all of the connections, if it is one and certain.
    #[must_use]
    pub fn certain(&self) -> Option<Answer> {
        match (&*self.rows, self.may_fall_through) {
            _ if !self.complete => None,
            ([], true) => Some(Answer::NoRow),
            ([only], false) => Some(Answer::Row(only.row)),
            _ => None,
        }
    }
}

/// The rows that a major reads, ready for questions.
#[derive(Debug)]
pub struct Engine<'h> {
    rows: Vec<(usize, &'h HbaRow)>,
    complete: bool,
    matcher: Matcher<'h>,
}

impl<'h> Engine<'h> {
    /// Takes the rows of a file.
    #[must_use]
    pub fn new(hba: &'h Hba, major: u8, known: &'h Known) -> Self {
        Self::of(&hba.rows, hba.complete, major, known)
    }

    /// Of a server that lets nobody in.
    #[must_use]
    pub fn nobody(major: u8, known: &'h Known) -> Self {
        Self::of(&[], true, major, known)
    }

    /// Takes rows in the order in which the server tries them, and whether they are all.
    pub(crate) fn of(rows: &'h [HbaRow], complete: bool, major: u8, known: &'h Known) -> Self {
        let rows = rows.iter().enumerate().filter(|(_, row)| row.majors.contains(major)).collect();
        Self { rows, complete, matcher: Matcher::new(known, major) }
    }

    /// The rows that decide for a question.
    #[must_use]
    pub fn decide(&self, question: &Question<'_>) -> Decision {
        let mut decision = Decision { rows: Vec::new(), may_fall_through: true, complete: self.complete };
        for &(index, row) in &self.rows {
            let judged = self.matcher.judge(row, question);
            if judged.verdict == Verdict::No {
                continue;
            }
            decision.may_fall_through = judged.verdict != Verdict::Yes;
            decision.rows.push(Candidate { row: index, judged });
            if !decision.may_fall_through {
                break;
            }
        }
        decision
    }

    /// The rows that match, or may match, a user.
    pub(crate) fn of_user(&self, user: Wanted<'_>) -> Vec<(usize, &'h HbaRow)> {
        // Rows may share long lists.
        let mut known = HashMap::new();
        let mut may = |row: &HbaRow| {
            let may = known.entry(row.users.as_ptr().addr());
            *may.or_insert_with(|| self.matcher.users(&row.users, user) != Ok(false))
        };
        self.rows.iter().filter(|(_, row)| may(row)).copied().collect()
    }

    /// Those of the rows that match, or may match, a question's kinds, database and user.
    pub(crate) fn of_people(
        &self,
        rows: &[(usize, &'h HbaRow)],
        question: &Question<'_>,
    ) -> Vec<(usize, &'h HbaRow, Verdict)> {
        let judged = rows.iter().map(|&(index, row)| (index, row, self.matcher.judge_people(row, question).verdict));
        judged.filter(|(.., verdict)| *verdict != Verdict::No).collect()
    }

    /// Those of the rows that match, or may match, a database and a user.
    pub(crate) fn of_names(
        &self,
        rows: &[(usize, &'h HbaRow)],
        database: Wanted<'_>,
        user: Wanted<'_>,
    ) -> Vec<(usize, &'h HbaRow, Verdict)> {
        let judged = rows.iter().map(|&(index, row)| (index, row, self.matcher.judge_names(row, database, user)));
        judged.filter(|(.., verdict)| *verdict != Verdict::No).collect()
    }

    /// What becomes of connections from one address whose name is not known, if it is certain. Of the rows it is known how
    /// they match in all else.
    pub(crate) fn at(&self, rows: &[(usize, &'h HbaRow, Verdict)], ip: IpAddr) -> Option<Answer> {
        if !self.complete {
            return None;
        }
        for &(index, row, verdict) in rows {
            match self.matcher.takes(row, ip) {
                Ok(false) => {}
                Ok(true) if verdict == Verdict::Yes => return Some(Answer::Row(index)),
                Ok(true) | Err(_) => return None,
            }
        }
        Some(Answer::NoRow)
    }

    /// The ranges of a family that a row for `samehost` or `samenet` takes, if the server's addresses are known.
    pub(crate) fn own_ranges(&self, row: &HbaRow, four: bool) -> Option<Vec<(u128, u128, bool)>> {
        match row.address.as_ref()?.kind {
            AddressKind::SameHost => self.matcher.own_ranges(true, four),
            AddressKind::SameNet => self.matcher.own_ranges(false, four),
            _ => None,
        }
    }

    /// How many rows the major reads.
    #[must_use]
    pub fn count(&self) -> usize {
        self.rows.len()
    }

    /// Whether every row of the file is known.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// How each row of the major stands to a question, with its index.
    pub fn judge<'q>(&'q self, question: &'q Question<'q>) -> impl Iterator<Item = (usize, Judged)> + 'q {
        self.rows.iter().map(move |&(index, row)| (index, self.matcher.judge(row, question)))
    }
}

/// Every row that may decide on a major, in order, and whether none may: exactly one answer where all is known.
#[must_use]
pub fn decide(hba: &Hba, question: &Question<'_>, major: u8, known: &Known) -> Decision {
    Engine::new(hba, major, known).decide(question)
}
