//! What a change of pg_hba.conf does: connections that gain or lose access, or of which something else is asked.

use std::collections::HashMap;

use crate::catalog::hba::Method;
use crate::model::hba::{AddressKind, HbaRow};
use crate::reach::{
    Change, Columns, Engine, Group, Groups, Kinds, Name, Outcome, Range, Universe, columns, compare, keys,
};

/// One side of the comparison on one major.
#[derive(Debug)]
pub struct Side<'a> {
    /// The rows, ready for questions.
    pub engine: Engine<'a>,
    /// The rows.
    pub rows: &'a [HbaRow],
    /// The kinds of connections there are.
    pub kinds: Kinds,
}

/// Connections with the same change, and the rows that decide before and after.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Difference {
    /// What becomes of them.
    pub change: Change,
    /// Who decides before.
    pub before: Outcome,
    /// Who decides after.
    pub after: Outcome,
}

/// What the rows of both sides say, as numbers that are the same for the same words.
struct Numbers {
    before: Vec<usize>,
    after: Vec<usize>,
}

impl Numbers {
    fn new(before: &[HbaRow], after: &[HbaRow]) -> Self {
        let (mut known, mut lists) = (HashMap::new(), HashMap::new());
        let mut of = |rows: &[HbaRow]| rows.iter().map(|row| number(row, &mut known, &mut lists)).collect::<Vec<_>>();
        Self { before: of(before), after: of(after) }
    }

    fn same(&self, before: &[usize], after: &[usize]) -> bool {
        let numbers = |rows: &[usize], of: &[usize]| rows.iter().map(|&row| of.get(row).copied()).collect::<Vec<_>>();
        numbers(before, &self.before) == numbers(after, &self.after)
    }
}

/// The number of a row's words. Lists that rows share are written out once.
fn number(row: &HbaRow, known: &mut HashMap<String, usize>, lists: &mut HashMap<usize, usize>) -> usize {
    let next = |known: &mut HashMap<String, usize>, text: String| {
        let next = known.len();
        *known.entry(text).or_insert(next)
    };
    let mut list = |at: usize, known: &mut HashMap<String, usize>, text: &dyn Fn() -> String| {
        *lists.entry(at).or_insert_with(|| next(known, text()))
    };
    let databases = list(row.databases.as_ptr().addr(), known, &|| {
        row.databases.iter().map(|item| format!("d {:?}\n", item.kind)).collect()
    });
    let users = list(row.users.as_ptr().addr(), known, &|| {
        row.users.iter().map(|item| format!("u {:?}\n", item.kind)).collect()
    });
    let address = row.address.as_ref().map(|address| match &address.kind {
        AddressKind::Net { ip, mask, .. } => format!("{ip} {mask}"),
        other => format!("{other:?}"),
    });
    let cert = &row.client_cert;
    let text = format!("{:?} {databases} {users} {address:?} {:?} {cert:?} {:?}", row.conn_type, row.method, keys(row));
    next(known, text)
}

/// The differences between two sides on a major for some users and databases, the gravest first. None if it would take
/// too long.
#[must_use]
pub fn differences(
    before: &Side<'_>,
    after: &Side<'_>,
    universe: &Universe,
    major: u8,
) -> Option<Vec<Group<Difference>>> {
    let numbers = Numbers::new(before.rows, after.rows);
    let mut groups = Groups::default();
    let databases = universe.databases().collect::<Vec<_>>();
    let users = universe.users().collect::<Vec<_>>();
    let old = columns(&before.engine, &users, databases.len())?;
    let new = columns(&after.engine, &users, databases.len())?;
    for (of_old, of_new) in old.iter().zip(&new) {
        for database in &databases {
            let columns = (before.kinds | after.kinds).iter().map(|kind| {
                let old = side_column(before, of_old, kind, database);
                let new = side_column(after, of_new, kind, database);
                (kind, pieces(&old, &new, |one, other| difference(before, after, &numbers, one, other, major)))
            });
            groups.add(of_old.user(), database, columns);
        }
    }
    Some(groups.groups())
}

type Column = Vec<(Range, Outcome)>;

fn side_column(side: &Side<'_>, columns: &Columns<'_, '_>, kind: Kinds, database: &Name) -> Column {
    if !side.kinds.covers(kind) {
        return Range::whole(kind).into_iter().map(|range| (range, Outcome::NOBODY)).collect();
    }
    columns.of(kind, database).into_iter().map(|stretch| (stretch.range, stretch.outcome)).collect()
}

/// The ranges in which something differs. Both columns cover the same addresses in the same order.
fn pieces(
    old: &Column,
    new: &Column,
    differ: impl Fn(&Outcome, &Outcome) -> Option<Difference>,
) -> Vec<(Range, Difference)> {
    let mut out = Vec::new();
    let mut first = 0;
    for (range, before) in old {
        // What ends before this range ends before the next ones, too.
        while new.get(first).is_some_and(|(other, _)| range.and(*other).is_none()) {
            first += 1;
        }
        let meeting = new.iter().skip(first).map_while(|(other, after)| Some((range.and(*other)?, after)));
        out.extend(meeting.filter_map(|(common, after)| Some((common, differ(before, after)?))));
    }
    out
}

fn difference(
    before: &Side<'_>,
    after: &Side<'_>,
    numbers: &Numbers,
    old: &Outcome,
    new: &Outcome,
    major: u8,
) -> Option<Difference> {
    let lets_in = |side: &Side<'_>, row: Option<usize>| {
        row.and_then(|row| side.rows.get(row).map(|row| row.method != Method::Reject)).unwrap_or(false)
    };
    let difference = |change| Difference { change, before: old.clone(), after: new.clone() };
    // Where the same rows are in doubt, what comes after them decides the difference.
    let same_doubts = numbers.same(&old.doubtful, &new.doubtful);
    let complete = before.engine.is_complete() && after.engine.is_complete();
    let change = match (lets_in(before, old.row), lets_in(after, new.row)) {
        (false, false) => None,
        (false, true) => Some(Change::Gained),
        (true, false) => Some(Change::Lost),
        (true, true) => {
            let rows = old.row.and_then(|row| before.rows.get(row)).zip(new.row.and_then(|row| after.rows.get(row)));
            rows.and_then(|(old, new)| compare(old, new, major))
        }
    };
    if same_doubts && (complete || change.is_some()) {
        return change.map(difference);
    }
    if same_doubts {
        return None;
    }
    // Rows in doubt that all refuse take nothing from nobody.
    let refuses = |side: &Side<'_>, of: &Outcome| {
        of.doubtful.iter().all(|&row| !lets_in(side, Some(row))) && !lets_in(side, of.row)
    };
    (!(refuses(before, old) && refuses(after, new))).then(|| difference(Change::Unclear))
}

#[cfg(test)]
mod tests {
    use super::super::tests::rows;
    use super::*;
    use crate::catalog::Majors;
    use crate::reach::Known;

    /// The differences in short: change, kinds, ranges and the numbers of the rows.
    fn changes(before: &str, after: &str) -> Vec<String> {
        let (old, new, known) = (rows(before, Majors::only(18)), rows(after, Majors::only(18)), Known::default());
        let side = |rows| Side { engine: Engine::of(rows, true, 18, &known), rows, kinds: Kinds::ALL - Kinds::GSS };
        let mut universe = Universe::default();
        universe.add(&old, 18, &known.roles);
        universe.add(&new, 18, &known.roles);
        let row = |of: &Outcome| of.row.map_or_else(|| "-".to_owned(), |row| (row + 1).to_string());
        let found = differences(&side(&old), &side(&new), &universe, 18).unwrap();
        let show = |group: &Group<Difference>| {
            let ends = group.ranges.iter().map(|range| range.ends().map_or(String::new(), |(low, _)| low.to_string()));
            let (count, value) = (group.users.len() * group.databases.len(), &group.value);
            let ends = ends.collect::<Vec<_>>().join(",");
            format!("{:?} {count} {ends} {} {}", value.change, row(&value.before), row(&value.after))
        };
        found.iter().map(show).collect()
    }

    #[test]
    fn changes_are_told_by_what_they_do() {
        let md5 = "host all all 10.0.0.0/8 md5\n";
        for (before, after, expected) in [
            (md5, md5, &[][..]),
            (md5, "# moved\nhost all all 10.0.0.0/9 md5\nhost all all 10.128.0.0/9 md5\n", &[]),
            (md5, "host all all 10.0.0.0/8 scram-sha-256\n", &["Strengthened 1 10.0.0.0 1 1"]),
            (md5, "host all all 10.0.0.0/8 trust\n", &["Weakened 1 10.0.0.0 1 1"]),
            (md5, "host all all 10.0.0.0/8 pam\n", &["Changed 1 10.0.0.0 1 1"]),
            (md5, "host all all 10.0.0.0/7 md5\n", &["Gained 1 11.0.0.0 - 1"]),
            (md5, "host all all 10.0.0.0/9 md5\n", &["Lost 1 10.128.0.0 1 -"]),
            (md5, "hostssl all all 10.0.0.0/8 md5\n", &["Lost 1 10.0.0.0 1 -"]),
            (md5, "host all x 10.0.0.0/8 reject\nhost all all 10.0.0.0/8 md5\n", &["Lost 1 10.0.0.0 1 1"]),
            (
                md5,
                "host all all samenet trust\nhost all all 10.0.0.0/8 md5\n",
                &["Unclear 1 10.0.0.0 1 2", "Unclear 1 0.0.0.0,11.0.0.0,:: - -"],
            ),
            (
                "host all all samenet md5\n",
                "host all all samenet md5\nhost all all ::1/128 md5\n",
                &["Gained 1 ::1 - 2"],
            ),
            ("host all all samenet reject\n", "local all all reject\n", &[]),
        ] {
            let mut found = changes(before, after);
            let mut expected = expected.iter().map(ToString::to_string).collect::<Vec<_>>();
            found.sort();
            expected.sort();
            assert_eq!(found, expected, "{before} / {after}");
        }
    }
}
