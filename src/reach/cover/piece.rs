//! What is left of a row when others have taken their part: a product of kinds, a range of addresses, databases and
//! users.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use super::address::{Addresses, Key};
use super::shape::{self, Place, Shape};
use crate::reach::Kinds;
use crate::reach::matching::bits;

/// A part of what a row matches, never empty.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    kinds: Kinds,
    area: Area,
    pub(super) databases: Arc<[u32]>,
    pub(super) users: Arc<[u32]>,
    /// One of the databases and one of the users, if possible such as few rows name.
    pub(super) point: (u32, u32),
}

/// Addresses.
#[derive(Debug, Clone)]
enum Area {
    /// That of Unix sockets.
    Socket,
    /// Those from `low` to `high` of one family, or those among them that `place` has.
    Tcp { four: bool, low: u128, high: u128, place: Option<Place> },
}

impl Piece {
    /// The parts that make a row, as far as its connections are of some kinds.
    pub(super) fn of(shape: &Shape, kinds: Kinds) -> Vec<Self> {
        let piece = |area| Self {
            kinds: shape.kinds & kinds,
            area,
            databases: shape.databases.clone(),
            users: shape.users.clone(),
            point: shape.rarest,
        };
        let both = |place: Option<&Place>| {
            // Whoever comes over TCP has an address of one of the two families.
            [true, false].map(|four| Area::Tcp { four, low: 0, high: whole(four), place: place.cloned() }).map(piece)
        };
        match &shape.address {
            Place::Socket => vec![piece(Area::Socket)],
            Place::All => both(None).into(),
            place @ (Place::SameHost | Place::SameNet | Place::Name(_)) => both(Some(place)).into(),
            place @ Place::Net(ip, mask) => {
                let (four, low, free) = (ip.is_ipv4(), bits(*ip), whole(ip.is_ipv4()) & !bits(*mask));
                let has_holes = free & free.wrapping_add(1) != 0;
                let place = has_holes.then(|| place.clone());
                vec![piece(Area::Tcp { four, low, high: low | free, place })]
            }
        }
    }

    /// The keys of rows that may take its lowest address.
    pub(super) fn keys(&self, addresses: &Addresses) -> Vec<Key> {
        let Area::Tcp { four, low, place, .. } = &self.area else { return addresses.keys_around(&Place::Socket) };
        let mut keys = addresses.keys_around(&match four {
            true => Place::Net(Ipv4Addr::from_bits(*low as u32).into(), Ipv4Addr::BROADCAST.into()),
            false => Place::Net(Ipv6Addr::from_bits(*low).into(), Ipv6Addr::from_bits(u128::MAX).into()),
        });
        if let Some(place) = place {
            keys.extend(addresses.keys_around(place).into_iter().filter(|key| *key != Key::All));
        }
        keys
    }

    /// Whether a row takes the piece's point.
    pub(super) fn is_met_by(&self, row: &Shape) -> bool {
        !(row.kinds & self.kinds).is_empty() && self.area.taken(&row.address).is_some()
    }

    /// Whether a row takes all of it.
    pub(super) fn is_taken_by(&self, row: &Shape) -> bool {
        row.kinds.covers(self.kinds)
            && self.area.taken(&row.address).is_some_and(|taken| self.area.range() == taken)
            && shape::holds(&row.databases, &self.databases)
            && shape::holds(&row.users, &self.users)
    }

    /// What is left when a row has taken its part.
    pub(super) fn less(mut self, row: &Shape) -> Vec<Self> {
        let mut left = Vec::new();
        let Some((low, high)) = self.area.taken(&row.address) else { return vec![self] };
        let kinds = self.kinds - row.kinds;
        if !kinds.is_empty() {
            left.push(Self { kinds, ..self.clone() });
        }
        self.kinds = self.kinds & row.kinds;
        if let Area::Tcp { four, low: first, high: last, place } = self.area.clone() {
            let mut rest = |low, high| {
                left.push(Self { area: Area::Tcp { four, low, high, place: place.clone() }, ..self.clone() });
            };
            if first < low {
                rest(first, low - 1);
            }
            if high < last {
                rest(high + 1, last);
            }
            self.area = Area::Tcp { four, low, high, place };
        }
        let (databases, others) = part(&self.databases, &row.databases);
        if let [first, ..] = *others {
            left.push(Self { databases: others, point: (first, self.point.1), ..self.clone() });
        }
        self.databases = databases;
        let (_, others) = part(&self.users, &row.users);
        if let (Some(&database), [first, ..]) = (self.databases.first(), &*others) {
            left.push(Self { point: (database, *first), users: others.clone(), ..self });
        }
        left
    }
}

/// The words that a list holds, and those that it does not.
fn part(words: &Arc<[u32]>, list: &[u32]) -> (Arc<[u32]>, Arc<[u32]>) {
    if shape::holds(list, words) {
        return (words.clone(), Arc::new([]));
    }
    let (held, others): (Vec<u32>, Vec<u32>) = words.iter().partition(|&&word| shape::holds(list, &[word]));
    (held.into(), others.into())
}

impl Area {
    fn range(&self) -> (u128, u128) {
        match self {
            Self::Socket => (0, 0),
            Self::Tcp { low, high, .. } => (*low, *high),
        }
    }

    /// The range of it that a row's address takes wholly, if that holds the lowest address.
    fn taken(&self, by: &Place) -> Option<(u128, u128)> {
        let Self::Tcp { four, low, high, place } = self else { return (*by == Place::Socket).then_some((0, 0)) };
        let all = Some((*low, *high));
        match by {
            Place::Socket => None,
            Place::All => all,
            _ if place.as_ref().is_some_and(|place| by.covers(place)) => all,
            Place::Net(ip, mask) if ip.is_ipv4() == *four => {
                let (net, mask) = (bits(*ip), bits(*mask));
                let free = whole(*four) & !mask;
                if free & free.wrapping_add(1) == 0 {
                    return (net <= *low && *low <= net | free).then(|| (*low, (*high).min(net | free)));
                }
                // Behind a mask with holes, all addresses count if they differ only in bits that the mask hides.
                let differ = (low ^ high).checked_ilog2().map_or(0, |at| (2_u128 << at).wrapping_sub(1));
                (mask & differ == 0 && low & mask == net).then_some((*low, *high))
            }
            _ => None,
        }
    }
}

/// The highest address of a family.
fn whole(four: bool) -> u128 {
    if four { u128::from(u32::MAX) } else { u128::MAX }
}
