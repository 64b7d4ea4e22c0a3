//! What a row matches, in a form that is quick to compare.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use crate::catalog::Majors;
use crate::model::hba::{AddressKind, DbKind, HbaRow, UserKind};
use crate::reach::Kinds;
use crate::reach::matching::{bits, host_matches};

/// Every database but replication, and every user.
pub(super) const ALL: u32 = 0;
const SAME_USER: u32 = 1;
const SAME_ROLE: u32 = 2;
/// Physical replication, which only the keyword matches (`check_db` in hba.c).
pub(super) const REPLICATION: u32 = 3;

/// What a row matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shape {
    /// The kinds of connection.
    pub(super) kinds: Kinds,
    /// The majors that take the row.
    pub(super) majors: Majors,
    /// Its databases, sorted. Rows that share a list share this.
    pub(super) databases: Arc<[u32]>,
    /// Its users, likewise.
    pub(super) users: Arc<[u32]>,
    /// Its addresses.
    pub(super) address: Place,
    /// The database and the user that the fewest rows name.
    pub(super) rarest: (u32, u32),
}

/// Where a connection comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// A Unix socket.
    Socket,
    /// Any address.
    All,
    /// One of the server's own addresses.
    SameHost,
    /// The networks of the server's addresses.
    SameNet,
    /// An address, already without the bits that the mask hides, and the mask.
    Net(IpAddr, IpAddr),
    /// A host name in lower case, as names are compared without regard to it; a leading dot makes it a suffix.
    Name(String),
}

impl Shape {
    /// Whether every connection that `other` matches is matched here as well.
    pub(super) fn covers(&self, other: &Self) -> bool {
        self.kinds.covers(other.kinds)
            && self.address.covers(&other.address)
            && holds(&self.databases, &other.databases)
            && holds(&self.users, &other.users)
    }
}

impl Shape {
    /// Whether there surely are connections that both match.
    pub(super) fn meets(&self, other: &Self) -> bool {
        !(self.kinds & other.kinds).is_empty()
            && self.address.meets(&other.address)
            && share(&self.databases, &other.databases)
            && share(&self.users, &other.users)
    }
}

impl Shape {
    /// The connections that both match; none where there are none for sure, or they are not of one address.
    pub(super) fn shared(&self, other: &Self) -> Option<Self> {
        let address = match () {
            () if self.address.covers(&other.address) => other.address.clone(),
            () if other.address.covers(&self.address) => self.address.clone(),
            () => return None,
        };
        let databases = common(&self.databases, &other.databases);
        let users = common(&self.users, &other.users);
        let rarest = (*databases.first()?, *users.first()?);
        let (kinds, majors) = (self.kinds & other.kinds, self.majors & other.majors);
        Some(Self { kinds, majors, databases: databases.into(), users: users.into(), address, rarest })
    }
}

/// The words that both lists hold, or that are a part of the other's `all`; sorted.
fn common(one: &[u32], other: &[u32]) -> Vec<u32> {
    let mut words = one.iter().filter(|word| holds(other, &[**word])).copied().collect::<Vec<_>>();
    words.extend(other.iter().filter(|word| holds(one, &[**word])));
    words.sort_unstable();
    words.dedup();
    words
}

/// Whether a word is in both lists, or a part of the other's `all`.
fn share(one: &[u32], other: &[u32]) -> bool {
    one.iter().any(|&word| holds(other, &[word])) || other.iter().any(|&word| holds(one, &[word]))
}

/// A list that is short enough to be read.
const SHORT: usize = 16;

/// Whether each of `parts` is among `whole`, or is part of its `all`. Both are sorted.
pub(super) fn holds(whole: &[u32], parts: &[u32]) -> bool {
    let all = whole.first() == Some(&ALL);
    if std::ptr::eq(whole, parts) {
        return true;
    }
    if !all && whole.len() < parts.len() {
        return false;
    }
    let listed = |part: &u32| {
        // Long lists are searched, short ones read.
        if whole.len() > SHORT { whole.binary_search(part).is_ok() } else { whole.contains(part) }
    };
    parts.iter().all(|part| all && *part != REPLICATION || listed(part))
}

impl Place {
    fn meets(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Net(net, mask), Self::Net(other, other_mask)) => {
                let common = bits(*mask) & bits(*other_mask);
                net.is_ipv4() == other.is_ipv4() && bits(*net) & common == bits(*other) & common
            }
            _ => self.covers(other) || other.covers(self),
        }
    }

    pub(super) fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Socket, Self::Socket) => true,
            (Self::Socket, _) | (_, Self::Socket) => false,
            (Self::All, _) => true,
            (Self::SameNet, Self::SameNet | Self::SameHost) | (Self::SameHost, Self::SameHost) => true,
            (Self::Net(net, mask), Self::Net(part, smaller)) => {
                net.is_ipv4() == part.is_ipv4()
                    && bits(*mask) & bits(*smaller) == bits(*mask)
                    && bits(*part) & bits(*mask) == bits(*net)
            }
            // `hostname_match` in hba.c.
            (Self::Name(name), Self::Name(part)) => name == part || name.starts_with('.') && host_matches(name, part),
            _ => false,
        }
    }
}

/// The address without the bits that the mask hides.
fn masked(ip: IpAddr, mask: IpAddr) -> IpAddr {
    match (ip, mask) {
        (IpAddr::V4(ip), IpAddr::V4(mask)) => IpAddr::V4((ip.to_bits() & mask.to_bits()).into()),
        (IpAddr::V6(ip), IpAddr::V6(mask)) => IpAddr::V6((ip.to_bits() & mask.to_bits()).into()),
        (ip, _) => ip,
    }
}

/// Numbers for the words of a file's rows.
#[derive(Debug, Default)]
pub(super) struct Interner {
    words: HashMap<String, u32>,
    /// The numbers of long lists, by the list's address.
    lists: HashMap<usize, Arc<[u32]>>,
    /// In how many rows a word stands, by its number less those of the keywords.
    counts: Vec<u32>,
}

impl Interner {
    pub(super) fn shape(&mut self, row: &HbaRow) -> Shape {
        let databases = self.list(&row.databases, |interner, item| interner.database(&item.kind));
        let users = self.list(&row.users, |interner, item| interner.user(&item.kind));
        let address = match row.address.as_ref().map(|address| &address.kind) {
            None => Place::Socket,
            Some(AddressKind::All) => Place::All,
            Some(AddressKind::SameHost) => Place::SameHost,
            Some(AddressKind::SameNet) => Place::SameNet,
            Some(AddressKind::Net { ip, mask, .. }) => Place::Net(masked(*ip, *mask), *mask),
            Some(AddressKind::HostName(name)) => Place::Name(name.to_ascii_lowercase()),
        };
        Shape { kinds: Kinds::of(row.conn_type), majors: row.majors, databases, users, address, rarest: (ALL, ALL) }
    }

    /// The numbers of a list's words, sorted, each once.
    fn list<Item>(&mut self, list: &[Item], number: fn(&mut Self, &Item) -> u32) -> Arc<[u32]> {
        let key = list.as_ptr().addr();
        if let Some(known) = self.lists.get(&key) {
            return known.clone();
        }
        let mut numbers = list.iter().map(|item| number(self, item)).collect::<Vec<_>>();
        numbers.sort_unstable();
        numbers.dedup();
        let numbers = Arc::<[u32]>::from(numbers);
        if list.len() > SHORT {
            self.lists.insert(key, numbers.clone());
        }
        numbers
    }

    fn database(&mut self, kind: &DbKind) -> u32 {
        match kind {
            DbKind::All => ALL,
            DbKind::SameUser => SAME_USER,
            DbKind::SameRole => SAME_ROLE,
            DbKind::Replication => REPLICATION,
            DbKind::Regex(pattern) => self.word('/', pattern),
            DbKind::Name(name) => self.word('=', name),
        }
    }

    fn user(&mut self, kind: &UserKind) -> u32 {
        match kind {
            UserKind::All => ALL,
            UserKind::Member(role) => self.word('+', role),
            // Majors before 16 take it for a name, and it is the same name in every row.
            UserKind::Regex(pattern) => self.word('/', pattern),
            UserKind::Name(name) => self.word('=', name),
        }
    }

    fn word(&mut self, sort: char, word: &str) -> u32 {
        let next = self.counts.len();
        let number = *self.words.entry(format!("{sort}{word}")).or_insert(next as u32 + REPLICATION + 1);
        let index = (number - REPLICATION - 1) as usize;
        match self.counts.get_mut(index) {
            Some(count) => *count += 1,
            None => self.counts.push(1),
        }
        number
    }

    /// Says which of the shapes' words stand in the fewest rows, once all shapes are there.
    pub(super) fn mark_rarest(&self, shapes: &mut [Shape]) {
        let mut known = HashMap::new();
        let mut rarest = |words: &Arc<[u32]>| *known.entry(words.as_ptr()).or_insert_with(|| self.rarest(words));
        for shape in shapes {
            shape.rarest = (rarest(&shape.databases), rarest(&shape.users));
        }
    }

    fn rarest(&self, words: &[u32]) -> u32 {
        let count = |word: u32| word.checked_sub(REPLICATION + 1).and_then(|at| self.counts.get(at as usize)).copied();
        words.iter().copied().min_by_key(|&word| count(word).unwrap_or(u32::MAX)).unwrap_or(ALL)
    }
}
