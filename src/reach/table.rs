//! What a file comes to after first match: for each kind, database and user, which rows decide for which addresses.
//!
//! Names stand for themselves, and one `Other` for all that nothing names. Where a row may match and may not, it stands
//! in doubt before those below it. Rows are laid over the addresses one after another, each taking what those above left
//! of them, so that a column takes time in proportion to its rows.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::catalog::Majors;
use crate::model::hba::{AddressKind, DbKind, HbaRow, REGEX_MAJORS, UserKind};
use crate::reach::matching::bits;
use crate::reach::{Engine, From, HostName, Kinds, Question, Roles, Verdict, Wanted};

/// The names that a table is made for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Universe {
    /// Users. All others are one more.
    pub users: BTreeSet<String>,
    /// Databases. All others are one more, and replication another.
    pub databases: BTreeSet<String>,
}

/// A user or database of a table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Name {
    /// The one of this name.
    Named(String),
    /// Any that is not named.
    Other,
    /// Physical replication, in place of a database.
    Replication,
}

impl Name {
    /// As a question has it.
    #[must_use]
    pub fn wanted(&self) -> Wanted<'_> {
        match self {
            Self::Named(name) => Wanted::Name(name),
            Self::Other => Wanted::Other,
            Self::Replication => Wanted::Replication,
        }
    }
}

/// Addresses of one family from `low` to `high`, or the socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Range {
    /// A Unix socket.
    Socket,
    /// IPv4.
    Four(u32, u32),
    /// IPv6.
    Six(u128, u128),
}

/// Who decides for a range of addresses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Outcome {
    /// Rows that may match, in order.
    pub doubtful: Vec<usize>,
    /// The row that does; none where no row does, so that the server refuses.
    pub row: Option<usize>,
}

impl Outcome {
    /// No row matches.
    pub const NOBODY: Self = Self { doubtful: Vec::new(), row: None };
}

/// A range and who decides for it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stretch {
    /// The addresses.
    pub range: Range,
    /// Who decides.
    pub outcome: Outcome,
}

/// So many rows in doubt are kept for one range; more of them change nothing that is said.
const MOST_DOUBTFUL: usize = 16;

impl Universe {
    /// Adds the names of rows on a major, and of roles that they may ask for.
    pub fn add(&mut self, rows: &[HbaRow], major: u8, roles: &Roles) {
        let slash = |pattern: &str| (!REGEX_MAJORS.contains(major)).then(|| format!("/{pattern}"));
        let (mut members, mut same) = (false, false);
        let mut seen = BTreeSet::new();
        for row in rows.iter().filter(|row| row.majors.contains(major)) {
            // Rows may share long lists.
            if seen.insert(row.databases.as_ptr().addr()) {
                for item in row.databases.iter() {
                    match &item.kind {
                        DbKind::Name(name) => drop(self.databases.insert(name.clone())),
                        DbKind::Regex(pattern) => self.databases.extend(slash(pattern)),
                        DbKind::SameUser => same = true,
                        DbKind::SameRole => (members, same) = (true, true),
                        DbKind::All | DbKind::Replication => {}
                    }
                }
            }
            if seen.insert(row.users.as_ptr().addr()) {
                for item in row.users.iter() {
                    match &item.kind {
                        UserKind::Name(name) => drop(self.users.insert(name.clone())),
                        UserKind::Regex(pattern) => self.users.extend(slash(pattern)),
                        UserKind::Member(role) => {
                            members = true;
                            self.users.insert(role.clone());
                        }
                        UserKind::All => {}
                    }
                }
            }
        }
        if members {
            self.users.extend(roles.names().map(ToOwned::to_owned));
        }
        if same {
            self.databases.extend(self.users.iter().cloned());
        }
    }

    /// The users, with all others.
    pub fn users(&self) -> impl Iterator<Item = Name> {
        self.users.iter().cloned().map(Name::Named).chain([Name::Other])
    }

    /// The databases, with all others and replication.
    pub fn databases(&self) -> impl Iterator<Item = Name> {
        self.databases.iter().cloned().map(Name::Named).chain([Name::Other, Name::Replication])
    }
}

impl Range {
    /// Every address of the families, as a connection of a kind may have.
    #[must_use]
    pub fn whole(kind: Kinds) -> Vec<Self> {
        if kind == Kinds::LOCAL { vec![Self::Socket] } else { vec![Self::Four(0, u32::MAX), Self::Six(0, u128::MAX)] }
    }

    /// The range of two addresses of one family; none if they are not.
    #[must_use]
    pub fn between(low: IpAddr, high: IpAddr) -> Option<Self> {
        match (low, high) {
            (IpAddr::V4(low), IpAddr::V4(high)) => Some(Self::Four(low.to_bits(), high.to_bits())),
            (IpAddr::V6(low), IpAddr::V6(high)) => Some(Self::Six(low.to_bits(), high.to_bits())),
            _ => None,
        }
    }

    /// Its first and last address; none of a socket.
    #[must_use]
    pub fn ends(self) -> Option<(IpAddr, IpAddr)> {
        match self {
            Self::Socket => None,
            Self::Four(low, high) => Some((Ipv4Addr::from_bits(low).into(), Ipv4Addr::from_bits(high).into())),
            Self::Six(low, high) => Some((Ipv6Addr::from_bits(low).into(), Ipv6Addr::from_bits(high).into())),
        }
    }

    /// Both as one range, if `next` begins where this ends.
    #[must_use]
    pub fn joined(self, next: Self) -> Option<Self> {
        match (self, next) {
            (Self::Four(low, end), Self::Four(start, high)) if end.checked_add(1) == Some(start) => {
                Some(Self::Four(low, high))
            }
            (Self::Six(low, end), Self::Six(start, high)) if end.checked_add(1) == Some(start) => {
                Some(Self::Six(low, high))
            }
            _ => None,
        }
    }

    /// What is in both.
    #[must_use]
    pub fn and(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Socket, Self::Socket) => Some(Self::Socket),
            (Self::Four(low, high), Self::Four(from, to)) => {
                let (low, high) = (low.max(from), high.min(to));
                (low <= high).then_some(Self::Four(low, high))
            }
            (Self::Six(low, high), Self::Six(from, to)) => {
                let (low, high) = (low.max(from), high.min(to));
                (low <= high).then_some(Self::Six(low, high))
            }
            _ => None,
        }
    }
}

/// What a table says of one user.
#[derive(Debug)]
pub struct Columns<'e, 'h> {
    engine: &'e Engine<'h>,
    user: &'e Name,
    /// The rows that match, or may match, the user.
    rows: Vec<(usize, &'h HbaRow)>,
}

impl<'e, 'h> Columns<'e, 'h> {
    /// Looks for the rows of a user.
    #[must_use]
    pub fn new(engine: &'e Engine<'h>, user: &'e Name) -> Self {
        Self { engine, user, rows: engine.of_user(user.wanted()) }
    }

    /// The user.
    #[must_use]
    pub fn user(&self) -> &Name {
        self.user
    }

    /// The rows that match, or may match, connections to a database, of whatever kind and from wherever.
    pub(crate) fn rows_for(&self, database: &Name) -> Vec<(usize, &'h HbaRow, Verdict)> {
        self.engine.of_names(&self.rows, database.wanted(), self.user.wanted())
    }

    /// Who decides, by address, where these rows match, or may match, in all else.
    pub(crate) fn laid(&self, kind: Kinds, rows: &[(usize, &'h HbaRow, Verdict)]) -> Vec<Stretch> {
        column(self.engine, kind, rows)
    }

    /// Who decides for connections of a kind to a database, by address: ranges in order that leave nothing out.
    #[must_use]
    pub fn of(&self, kind: Kinds, database: &Name) -> Vec<Stretch> {
        let question = Question {
            kinds: kind,
            from: if kind == Kinds::LOCAL { From::Socket } else { From::Anywhere },
            host: HostName::Unknown,
            database: database.wanted(),
            user: self.user.wanted(),
        };
        column(self.engine, kind, &self.engine.of_people(&self.rows, &question))
    }
}

fn column(engine: &Engine<'_>, kind: Kinds, rows: &[(usize, &HbaRow, Verdict)]) -> Vec<Stretch> {
    let families: &[Option<bool>] = if kind == Kinds::LOCAL { &[None] } else { &[Some(true), Some(false)] };
    families.iter().flat_map(|&family| Line::new(family).laid(engine, rows)).collect()
}

/// What no row has taken yet, as ranges by their low end, with the rows that may take them.
struct Line {
    /// Whether it is IPv4; none for the socket.
    four: Option<bool>,
    open: BTreeMap<u128, (u128, Vec<usize>)>,
    done: Vec<(u128, u128, Outcome)>,
}

impl Line {
    fn new(four: Option<bool>) -> Self {
        let last = match four {
            None => 0,
            Some(true) => u128::from(u32::MAX),
            Some(false) => u128::MAX,
        };
        Self { four, open: BTreeMap::from([(0, (last, Vec::new()))]), done: Vec::new() }
    }

    fn laid(mut self, engine: &Engine<'_>, rows: &[(usize, &HbaRow, Verdict)]) -> Vec<Stretch> {
        for &(index, row, verdict) in rows {
            if self.open.is_empty() {
                break;
            }
            for (low, high, certain) in self.ranges(engine, row) {
                self.lay(index, low, high, certain && verdict == Verdict::Yes);
            }
        }
        let rest = std::mem::take(&mut self.open);
        self.done.extend(rest.into_iter().map(|(low, (high, doubtful))| (low, high, Outcome { doubtful, row: None })));
        self.done.sort_unstable();
        let mut out = Vec::<Stretch>::new();
        let mut before: Option<(u128, u128, Outcome)> = None;
        for (low, high, outcome) in self.done.drain(..) {
            match &mut before {
                Some((_, end, same)) if *same == outcome => *end = high,
                _ => out.extend(before.replace((low, high, outcome)).map(|piece| stretch(self.four, piece))),
            }
        }
        out.extend(before.map(|piece| stretch(self.four, piece)));
        out
    }

    /// The ranges that a row may take, and whether it surely does.
    fn ranges(&self, engine: &Engine<'_>, row: &HbaRow) -> Vec<(u128, u128, bool)> {
        let Some(four) = self.four else { return vec![(0, 0, true)] };
        let whole = if four { u128::from(u32::MAX) } else { u128::MAX };
        match row.address.as_ref().map(|address| &address.kind) {
            None => Vec::new(),
            Some(AddressKind::All) => vec![(0, whole, true)],
            Some(AddressKind::Net { ip, .. }) if ip.is_ipv4() != four => Vec::new(),
            Some(AddressKind::Net { ip, mask, .. }) => {
                let free = whole & !bits(*mask);
                let low = bits(*ip) & bits(*mask);
                vec![(low, low | free, free & free.wrapping_add(1) == 0)]
            }
            Some(AddressKind::SameHost | AddressKind::SameNet | AddressKind::HostName(_)) => {
                engine.own_ranges(row, four).unwrap_or_else(|| vec![(0, whole, false)])
            }
        }
    }

    /// Lays a row over a range: what is open of it is taken, or comes in doubt.
    fn lay(&mut self, row: usize, low: u128, high: u128, certain: bool) {
        // The range before may reach into this one.
        let start = self.open.range(..=low).next_back().map_or(low, |(&start, _)| start);
        let touched = self.open.range(start..=high).map(|(&low, (high, _))| (low, *high)).collect::<Vec<_>>();
        for (first, last) in touched {
            if last < low {
                continue;
            }
            let Some((_, mut doubtful)) = self.open.remove(&first) else { continue };
            if first < low {
                self.open.insert(first, (low - 1, doubtful.clone()));
            }
            if last > high {
                self.open.insert(high + 1, (last, doubtful.clone()));
            }
            let (first, last) = (first.max(low), last.min(high));
            if certain {
                self.done.push((first, last, Outcome { doubtful, row: Some(row) }));
            } else {
                if doubtful.len() < MOST_DOUBTFUL {
                    doubtful.push(row);
                }
                self.open.insert(first, (last, doubtful));
            }
        }
    }
}

fn stretch(four: Option<bool>, (low, high, outcome): (u128, u128, Outcome)) -> Stretch {
    let range = match four {
        None => Range::Socket,
        Some(true) => Range::Four(low as u32, high as u32),
        Some(false) => Range::Six(low, high),
    };
    Stretch { range, outcome }
}

/// The kinds that rows of a major tell apart, among those that there may be.
#[must_use]
pub fn kinds(rows: &[HbaRow], among: Kinds, major: u8) -> Kinds {
    use crate::catalog::hba::ConnType::{HostGssEnc, HostNoGssEnc};
    let of_gss = |row: &HbaRow| matches!(row.conn_type, HostGssEnc | HostNoGssEnc) && row.majors.contains(major);
    let speaks_of_gss = Majors::since(12).contains(major) && rows.iter().any(of_gss);
    if speaks_of_gss { among } else { among - Kinds::GSS }
}

/// The most comparisons of rows with names that are made for a table of one major. A column has at most as many ranges
/// as comparisons, so that memory is bounded, too.
const MOST_WORK: usize = 10_000_000;

/// The columns of users for some databases; none if a table of them would take too long.
#[must_use]
pub fn columns<'e, 'h>(engine: &'e Engine<'h>, users: &'e [Name], databases: usize) -> Option<Vec<Columns<'e, 'h>>> {
    let mut left = MOST_WORK.checked_sub(engine.count().checked_mul(users.len())?)?;
    let mut out = Vec::with_capacity(users.len());
    for user in users {
        let columns = Columns::new(engine, user);
        left = left.checked_sub((columns.rows.len() + 1).checked_mul(databases)?.checked_mul(Kinds::EACH.len())?)?;
        out.push(columns);
    }
    Some(out)
}
