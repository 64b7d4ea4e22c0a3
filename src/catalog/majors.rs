//! PostgreSQL's major versions, one and many.

use std::fmt;
use std::ops::{BitAnd, BitOr, Sub};

use super::generated;

/// The oldest major that pgassay knows.
pub const OLDEST: u8 = 10;
/// The newest major that pgassay knows.
pub const NEWEST: u8 = 19;
/// The newest major whose facts come from servers; those of later ones come from the documentation.
pub const NEWEST_HELD: u8 = generated::HELD.1;

/// A set of majors within 10 to 19.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct Majors(u16);

impl Majors {
    /// No major.
    pub const NONE: Self = Self(0);
    /// Every major that pgassay knows.
    pub const ALL: Self = Self::range(OLDEST, NEWEST);
    /// The majors whose facts were read off servers. What is not told is judged for these.
    pub const HELD: Self = Self::range(generated::HELD.0, generated::HELD.1);

    /// The majors from `first` to `last`, both included. Majors outside 10 to 19 are left out.
    #[must_use]
    pub const fn range(first: u8, last: u8) -> Self {
        let mut bits = 0;
        let mut major = OLDEST;
        while major <= NEWEST {
            if major >= first && major <= last {
                bits |= 1 << (major - OLDEST);
            }
            major += 1;
        }
        Self(bits)
    }

    /// The majors from `first` on.
    #[must_use]
    pub const fn since(first: u8) -> Self {
        Self::range(first, NEWEST)
    }

    /// The majors up to `last`, which is included.
    #[must_use]
    pub const fn until(last: u8) -> Self {
        Self::range(OLDEST, last)
    }

    /// One major.
    #[must_use]
    pub const fn only(major: u8) -> Self {
        Self::range(major, major)
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many there are.
    #[must_use]
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether `major` is one of them.
    #[must_use]
    pub const fn contains(self, major: u8) -> bool {
        !self.and(Self::only(major)).is_empty()
    }

    /// Whether the set is as wide as where nothing tells the majors.
    #[must_use]
    pub const fn is_untold(self) -> bool {
        self.covers(Self::HELD)
    }

    /// Those of which only the documentation tells.
    #[must_use]
    pub const fn unheld(self) -> Self {
        self.without(Self::HELD)
    }

    /// Without the majors that were never held against a server, unless only such are left.
    #[must_use]
    pub const fn settled(self) -> Self {
        let held = self.and(Self::HELD);
        if held.is_empty() { self } else { held }
    }

    /// Whether every major of `other` is in this set.
    #[must_use]
    pub const fn covers(self, other: Self) -> bool {
        other.without(self).is_empty()
    }

    /// The majors of both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The majors of either set.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The majors of this set that are not in `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The majors in ascending order.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = u8> {
        (OLDEST..=NEWEST).filter(move |&major| self.contains(major))
    }

    /// The lowest major.
    #[must_use]
    pub fn first(self) -> Option<u8> {
        self.iter().next()
    }

    /// The highest major.
    #[must_use]
    pub fn last(self) -> Option<u8> {
        self.iter().next_back()
    }
}

impl BitAnd for Majors {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        self.and(other)
    }
}

impl BitOr for Majors {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        self.or(other)
    }
}

impl Sub for Majors {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self.without(other)
    }
}

impl FromIterator<u8> for Majors {
    fn from_iter<I: IntoIterator<Item = u8>>(majors: I) -> Self {
        majors.into_iter().fold(Self::NONE, |set, major| set | Self::only(major))
    }
}

impl fmt::Debug for Majors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Majors({self})")
    }
}

/// As people write it: `14`, `14 to 16`, `10, 12 to 14`.
impl fmt::Display for Majors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = *self;
        let mut separator = "";
        while let Some(first) = rest.first() {
            let last = (first..=NEWEST).take_while(|&major| rest.contains(major)).last().unwrap_or(first);
            match last - first {
                0 => write!(f, "{separator}{first}")?,
                1 => write!(f, "{separator}{first}, {last}")?,
                _ => write!(f, "{separator}{first} to {last}")?,
            }
            rest = rest - Self::range(first, last);
            separator = ", ";
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_runs_of_majors() {
        assert_eq!(Majors::ALL.to_string(), "10 to 19");
        assert_eq!(Majors::HELD.to_string(), "10 to 18");
        assert_eq!(
            (Majors::only(10) | Majors::range(12, 13) | Majors::range(15, 17)).to_string(),
            "10, 12, 13, 15 to 17"
        );
        assert_eq!(Majors::NONE.to_string(), "");
    }

    #[test]
    fn set_operations() {
        assert_eq!(Majors::ALL - Majors::until(13), Majors::since(14));
        assert!(Majors::ALL.covers(Majors::only(18)));
        assert!(!Majors::since(14).contains(13));
        assert_eq!(Majors::since(18).settled(), Majors::only(18));
        assert_eq!(Majors::since(19).settled(), Majors::only(19));
        assert!(Majors::ALL.is_untold() && Majors::HELD.is_untold() && !Majors::since(11).is_untold());
        assert_eq!([10, 11, 99].into_iter().collect::<Majors>(), Majors::range(10, 11));
        assert_eq!(Majors::range(12, 14).iter().collect::<Vec<_>>(), [12, 13, 14]);
    }
}
