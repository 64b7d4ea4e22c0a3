//! Sets of PostgreSQL majors.

use std::fmt;
use std::ops::{BitAnd, BitOr, Sub};

/// A set of PostgreSQL majors: the bits of the contract's `majors` with a name.
///
/// The records have the bits; `Majors::from(row.majors)` is the set.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Majors(u32);

impl Majors {
    /// No major.
    pub const NONE: Self = Self(0);

    /// One major.
    #[must_use]
    pub const fn only(major: u8) -> Self {
        Self::range(major, major)
    }

    /// The majors from `first` to `last`, both included. 31 is the largest that a set can hold.
    #[must_use]
    pub const fn range(first: u8, last: u8) -> Self {
        let mut bits = 0;
        let mut major = first;
        while major <= last && major < 32 {
            bits |= 1 << major;
            major += 1;
        }
        Self(bits)
    }

    /// The majors from `first` on.
    #[must_use]
    pub const fn since(first: u8) -> Self {
        Self::range(first, 31)
    }

    /// The majors up to `last`, which is included.
    #[must_use]
    pub const fn until(last: u8) -> Self {
        Self::range(0, last)
    }

    /// The set as the contract has it.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether `major` is one of them.
    #[must_use]
    pub const fn contains(self, major: u8) -> bool {
        major < 32 && self.0 & (1 << major) != 0
    }

    /// Whether every major of `other` is in this set.
    #[must_use]
    pub const fn covers(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// The majors in ascending order.
    pub fn iter(self) -> impl Iterator<Item = u8> {
        (0..32).filter(move |major| self.contains(*major))
    }
}

impl From<u32> for Majors {
    fn from(bits: u32) -> Self {
        Self(bits)
    }
}

/// The majors of both sets.
impl BitAnd for Majors {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

/// The majors of either set.
impl BitOr for Majors {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The majors of this set that the other lacks.
impl Sub for Majors {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl fmt::Debug for Majors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl FromIterator<u8> for Majors {
    fn from_iter<I: IntoIterator<Item = u8>>(majors: I) -> Self {
        majors.into_iter().fold(Self::NONE, |all, major| all | Self::only(major))
    }
}

/// The majors of any of the sets.
impl FromIterator<Self> for Majors {
    fn from_iter<I: IntoIterator<Item = Self>>(sets: I) -> Self {
        sets.into_iter().fold(Self::NONE, |all, set| all | set)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_the_bits_of_its_majors() {
        assert_eq!(Majors::only(16).bits(), 1 << 16);
        assert_eq!(Majors::range(10, 18).iter().count(), 9);
        assert_eq!(Majors::since(17).iter().next(), Some(17));
        assert!(Majors::since(17).contains(31) && !Majors::since(17).contains(32));
        assert_eq!(Majors::until(11) & Majors::since(10), Majors::range(10, 11));
        assert_eq!(Majors::range(10, 12) - Majors::only(11), [10, 12].into_iter().collect());
        assert!(Majors::range(10, 18).covers(Majors::only(10) | Majors::only(18)));
        assert_eq!([Majors::only(10), Majors::range(11, 12)].into_iter().collect::<Majors>(), Majors::range(10, 12));
        assert!(Majors::range(12, 11).is_empty());
        assert_eq!(format!("{:?}", Majors::from(3 << 14)), "{14, 15}");
    }
}
