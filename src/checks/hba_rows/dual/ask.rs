//! Who decides for each kind, database and user, of each family.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Found, How, family};
use crate::catalog::Majors;
use crate::catalog::hba::Method;
use crate::checks::hba_rows::families::Rows;
use crate::checks::hba_rows::view::{Reach, reach};
use crate::reach::{Answer, Change, Engine, Kinds, Known, Range, Stretch, Universe, Verdict, columns, compare};

/// So many times a row is held against names at most.
const MOST_WORK: usize = 200_000;

/// The addresses of the internet: all of IPv4 but the first and the last networks, and the global ones of IPv6.
const FOUR: Range = Range::Four(0x0100_0000, 0xdfff_ffff);
const SIX: Range = Range::Six(0x2000 << 112, (0x4000 << 112) - 1);

impl Rows<'_> {
    pub(super) fn ask(&self, facts: &Known, major: u8, majors: Majors, found: &mut Found) {
        let rows = &self.hba.rows;
        let engine = Engine::new(self.hba, major, facts);
        let mut universe = Universe::default();
        universe.add(rows, major, &facts.roles);
        let (users, databases) = (universe.users().collect::<Vec<_>>(), universe.databases().collect::<Vec<_>>());
        let names = users.len().saturating_mul(databases.len());
        if names.saturating_mul(rows.len()) > MOST_WORK {
            return;
        }
        let Some(columns) = columns(&engine, &users, databases.len()) else { return };
        let kinds = if self.has_tls(major) { vec![Kinds::TLS, Kinds::PLAIN] } else { vec![Kinds::PLAIN] };
        // Many names have the same rows.
        let mut known = HashMap::<Vec<(usize, Verdict)>, [[Option<Answer>; 2]; 2]>::new();
        for column in &columns {
            for database in &databases {
                let rows = column.rows_for(database);
                let mut tls = [None; 2];
                for &kind in &kinds {
                    let rows = rows.iter().filter(|(_, row, _)| Kinds::of(row.conn_type).covers(kind)).copied();
                    let rows = rows.collect::<Vec<_>>();
                    let key = rows.iter().map(|&(index, _, verdict)| (index, verdict)).collect();
                    let [own, outside] = *known.entry(key).or_insert_with(|| {
                        let at = |ip: IpAddr| engine.at(&rows, ip);
                        let stretches = column.laid(kind, &rows);
                        [
                            [at(Ipv4Addr::LOCALHOST.into()), at(Ipv6Addr::LOCALHOST.into())],
                            [most(&stretches, FOUR), most(&stretches, SIX)],
                        ]
                    });
                    for (home, [four, six]) in [(true, own), (false, outside)] {
                        let (Some(four), Some(six)) = (four, six) else { continue };
                        for (loose, strict) in [(six, four), (four, six)] {
                            if let Some((key, how)) = self.pair(loose, strict, home, major) {
                                add(found, (key.0, key.1, home, how), majors);
                            }
                        }
                    }
                    if kind == Kinds::TLS {
                        tls = outside;
                    } else if let [Some(Answer::Row(four)), Some(Answer::Row(six))] = tls {
                        self.plain(outside, [four, six], majors, found);
                    }
                }
            }
        }
    }

    /// Whether one answer is looser than the other, where rows of one family each say so.
    fn pair(&self, loose: Answer, strict: Answer, home: bool, major: u8) -> Option<((usize, usize), How)> {
        let (Answer::Row(loose), Answer::Row(strict)) = (loose, strict) else { return None };
        let (of_loose, of_strict) = (self.hba.rows.get(loose)?, self.hba.rows.get(strict)?);
        // A door without any lock is told as such.
        if of_loose.method == Method::Trust {
            return None;
        }
        // What is written for all addresses is meant for both families.
        let limits = family(of_strict)?;
        if of_loose.method == Method::Reject || loose == strict || home && reach(of_strict) != Reach::Loopback {
            return None;
        }
        if of_strict.method == Method::Reject {
            // Who turns IPv6 off leaves IPv4 as it is.
            return (home || limits).then_some(((loose, strict), How::LetsIn));
        }
        let weaker = compare(of_strict, of_loose, major) == Some(Change::Weakened);
        weaker.then_some(((loose, strict), How::Less))
    }
}

pub(super) fn add(found: &mut Found, key: (usize, usize, bool, How), majors: Majors) {
    let entry = found.entry(key).or_insert(Majors::NONE);
    *entry = *entry | majors;
}

/// Who decides for more than half of the addresses of a range.
fn most(stretches: &[Stretch], of: Range) -> Option<Answer> {
    let mut sums = BTreeMap::<Option<usize>, u128>::new();
    for stretch in stretches.iter().filter(|stretch| stretch.outcome.doubtful.is_empty()) {
        let size = stretch.range.and(of).map_or(0, size);
        *sums.entry(stretch.outcome.row).or_default() += size;
    }
    let (row, _) = sums.into_iter().find(|(_, sum)| *sum > size(of) / 2)?;
    Some(row.map_or(Answer::NoRow, Answer::Row))
}

fn size(range: Range) -> u128 {
    match range {
        Range::Socket => 0,
        Range::Four(low, high) => u128::from(high - low) + 1,
        Range::Six(low, high) => (high - low).saturating_add(1),
    }
}
