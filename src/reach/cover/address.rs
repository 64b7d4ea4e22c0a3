//! Finds the addresses above that may hold an address, without a look at each.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::shape::Place;
use crate::reach::matching::bits;

/// What rows with the same address share.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Socket,
    All,
    SameHost,
    SameNet,
    /// Family, mask and network.
    Net(bool, u128, u128),
    Name(String),
}

/// The masks in use.
#[derive(Debug, Default)]
pub(super) struct Addresses {
    /// Family and mask, with how many rows have it.
    masks: BTreeMap<(bool, u128), u32>,
    has_names: bool,
}

/// More masks than there are lengths can only be masks with holes; rows with further ones cover nothing.
const MOST_MASKS: usize = 256;

impl Addresses {
    /// The key of an address, from now on found from those that it holds.
    pub(super) fn add(&mut self, place: &Place) -> Option<Key> {
        match place {
            Place::Net(ip, mask) => {
                let key = (ip.is_ipv4(), bits(*mask));
                if self.masks.len() >= MOST_MASKS && !self.masks.contains_key(&key) {
                    return None;
                }
                *self.masks.entry(key).or_default() += 1;
            }
            Place::Name(_) => self.has_names = true,
            _ => {}
        }
        Some(match place {
            Place::Socket => Key::Socket,
            Place::All => Key::All,
            Place::SameHost => Key::SameHost,
            Place::SameNet => Key::SameNet,
            Place::Net(ip, mask) => net(*ip, bits(*mask)),
            Place::Name(name) => Key::Name(name.clone()),
        })
    }

    /// The keys under which rows that hold the address were added.
    pub(super) fn keys_around(&self, place: &Place) -> Vec<Key> {
        let mut keys = match place {
            Place::Socket => return vec![Key::Socket],
            Place::All => Vec::new(),
            Place::SameHost => vec![Key::SameHost, Key::SameNet],
            Place::SameNet => vec![Key::SameNet],
            Place::Net(ip, mask) => {
                let wider = self
                    .masks
                    .keys()
                    .filter(|(is_four, wider)| *is_four == ip.is_ipv4() && wider & bits(*mask) == *wider);
                wider.map(|&(_, wider)| net(*ip, wider)).collect()
            }
            Place::Name(name) if self.has_names => {
                let suffixes = name.match_indices('.').map(|(at, _)| name.get(at..).unwrap_or_default());
                // A name has few labels; one with more is no name.
                let mut keys = suffixes.rev().take(32).map(|suffix| Key::Name(suffix.to_owned())).collect::<Vec<_>>();
                keys.push(Key::Name(name.clone()));
                keys
            }
            Place::Name(_) => Vec::new(),
        };
        keys.push(Key::All);
        keys
    }
}

fn net(ip: IpAddr, mask: u128) -> Key {
    Key::Net(ip.is_ipv4(), mask, bits(ip) & mask)
}
