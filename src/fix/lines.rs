//! The fewest changes between two lists of lines (Myers, "An O(ND) difference algorithm").

use std::ops::Range;

/// More changed lines than this are shown as one change: comparing them would take long.
const MOST_CHANGES: usize = 4000;

/// Lines `old` that become the lines `new`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) old: Range<usize>,
    pub(super) new: Range<usize>,
}

/// What leads from one list to the other.
pub(super) fn compare(old: &[&[u8]], new: &[&[u8]]) -> Vec<Change> {
    let same = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (a, b) = (&old[same..], &new[same..]);
    let tail = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[..a.len() - tail], &b[..b.len() - tail]);
    if a.is_empty() && b.is_empty() {
        return Vec::new();
    }
    let whole = || vec![Change { old: same..same + a.len(), new: same..same + b.len() }];
    let Some(path) = path(a, b) else { return whole() };
    let mut changes: Vec<Change> = Vec::new();
    for (x, y, deletes) in path {
        let (x, y) = (x + same, y + same);
        let (old, new) = if deletes { (x..x + 1, y..y) } else { (x..x, y..y + 1) };
        match changes.last_mut().filter(|last| last.old.end == old.start && last.new.end == new.start) {
            Some(last) => (last.old.end, last.new.end) = (old.end, new.end),
            None => changes.push(Change { old, new }),
        }
    }
    changes
}

/// The steps from the first list to the second: the lines reached in both, and whether one of the first goes.
fn path(a: &[&[u8]], b: &[&[u8]]) -> Option<Vec<(usize, usize, bool)>> {
    let most = (a.len() + b.len()).min(MOST_CHANGES);
    // The furthest line of `a` on each diagonal `x - y`, which is counted from `middle`.
    let middle = most + 1;
    let mut reached = vec![0usize; 2 * most + 3];
    let mut trace = Vec::new();
    for depth in 0..=most {
        trace.push(reached[middle - depth..=middle + depth].to_vec());
        for diagonal in (middle - depth..=middle + depth).step_by(2) {
            let down = diagonal == middle - depth
                || diagonal != middle + depth && reached[diagonal - 1] < reached[diagonal + 1];
            let mut x = if down { reached[diagonal + 1] } else { reached[diagonal - 1] + 1 };
            let mut y = (x + middle).checked_sub(diagonal)?;
            while x < a.len() && y < b.len() && a[x] == b[y] {
                (x, y) = (x + 1, y + 1);
            }
            reached[diagonal] = x;
            if x >= a.len() && y >= b.len() {
                return Some(back(&trace, middle, (a.len(), b.len())));
            }
        }
    }
    None
}

/// Follows the trace back to the start.
fn back(trace: &[Vec<usize>], middle: usize, end: (usize, usize)) -> Vec<(usize, usize, bool)> {
    let (mut x, mut y) = end;
    let mut steps = Vec::new();
    for (depth, reached) in trace.iter().enumerate().rev() {
        if depth == 0 {
            break;
        }
        let at = |diagonal: usize| {
            (diagonal + depth).checked_sub(middle).and_then(|index| reached.get(index)).copied().unwrap_or(0)
        };
        let diagonal = x + middle - y;
        let down = diagonal == middle - depth || diagonal != middle + depth && at(diagonal - 1) < at(diagonal + 1);
        let from = if down { diagonal + 1 } else { diagonal - 1 };
        let before = at(from);
        let (px, py) = (before, before + middle - from);
        steps.push((px, py, !down));
        (x, y) = (px, py);
    }
    steps.reverse();
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Changes applied to the old lines give the new ones.
    #[test]
    fn changes_lead_from_old_to_new() {
        let mut seed = 7u32;
        let mut random = |below: u32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 16) % below
        };
        for _ in 0..500 {
            let mut list = || (0..random(12)).map(|_| [b'a' + random(4) as u8]).collect::<Vec<_>>();
            let (a, b) = (list(), list());
            let (a, b) = (a.iter().map(<[u8; 1]>::as_slice), b.iter().map(<[u8; 1]>::as_slice));
            let (a, b) = (a.collect::<Vec<_>>(), b.collect::<Vec<_>>());
            let mut made = a.clone();
            for change in compare(&a, &b).into_iter().rev() {
                made.splice(change.old, b[change.new].iter().copied());
            }
            assert_eq!(made, b);
        }
    }
}
