//! Whether a row matches the connections of a question: the checks of `check_hba` in hba.c, in its order.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::model::hba::{AddressKind, DbItem, DbKind, HbaRow, REGEX_MAJORS, UserItem, UserKind};
use crate::reach::pattern::Patterns;
use crate::reach::{From, HostName, Kinds, Known, Question, Wanted};

/// Whether a row matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// All of the connections.
    Yes,
    /// Some of them, or it is not known.
    Maybe,
    /// None.
    No,
}

/// The field of a row that decides that it does not match, or may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The connection type.
    Kind,
    /// The address.
    Address,
    /// The databases.
    Database,
    /// The users.
    User,
}

/// Why it is not known whether a field matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// The question has connections that match and others that do not.
    Part,
    /// The name of the client's address is not known.
    HostName,
    /// The server's own addresses are not known.
    OwnAddresses,
    /// Whether the user is a member of the role is not known.
    Member(String),
    /// What the expression matches is not known.
    Regex(String),
    /// The question does not say the name.
    Unsaid,
}

/// How a row stands to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// Whether it matches.
    pub verdict: Verdict,
    /// The first field that does not match; or else the first of which it is not known.
    pub field: Option<Field>,
    /// Why that is not known.
    pub doubt: Option<Doubt>,
}

/// One field's answer.
pub(crate) type Answer = Result<bool, Doubt>;

/// The bytes of a name that count: `NAMEDATALEN` less one.
const NAME_BYTES: usize = 63;

/// Judges rows for one major.
#[derive(Debug)]
pub(crate) struct Matcher<'k> {
    known: &'k Known,
    /// Whether a word that starts with a slash is an expression.
    has_regex: bool,
    patterns: Patterns,
}

impl<'k> Matcher<'k> {
    pub(crate) fn new(known: &'k Known, major: u8) -> Self {
        Self { known, has_regex: REGEX_MAJORS.contains(major), patterns: Patterns::default() }
    }

    pub(crate) fn judge(&self, row: &HbaRow, question: &Question<'_>) -> Judged {
        self.judge_fields(row, question, true)
    }

    /// Judges a row by all but its address.
    pub(crate) fn judge_people(&self, row: &HbaRow, question: &Question<'_>) -> Judged {
        self.judge_fields(row, question, false)
    }

    /// Judges a row by its databases and users alone.
    pub(crate) fn judge_names(&self, row: &HbaRow, database: Wanted<'_>, user: Wanted<'_>) -> Verdict {
        match (self.databases(&row.databases, database, user), || self.users(&row.users, user)) {
            (Ok(false), _) => Verdict::No,
            (of_database, of_user) => match of_user() {
                Ok(false) => Verdict::No,
                Ok(true) if of_database.is_ok() => Verdict::Yes,
                _ => Verdict::Maybe,
            },
        }
    }

    /// Whether a row takes one address whose name is not known.
    pub(crate) fn takes(&self, row: &HbaRow, ip: IpAddr) -> Answer {
        let (database, user) = (Wanted::Other, Wanted::Other);
        let question = Question { kinds: Kinds::TCP, from: From::Ip(ip), host: HostName::Unknown, database, user };
        self.address(row, &question)
    }

    fn judge_fields(&self, row: &HbaRow, question: &Question<'_>, by_address: bool) -> Judged {
        let mut doubt = None;
        let fields: [(Field, &dyn Fn() -> Answer); 4] = [
            (Field::Kind, &|| kind(row, question.kinds)),
            (Field::Address, &|| if by_address { self.address(row, question) } else { Ok(true) }),
            (Field::Database, &|| self.databases(&row.databases, question.database, question.user)),
            (Field::User, &|| self.users(&row.users, question.user)),
        ];
        for (field, check) in fields {
            match check() {
                Ok(true) => {}
                Ok(false) => return Judged { verdict: Verdict::No, field: Some(field), doubt: None },
                Err(why) => doubt = doubt.or(Some((field, why))),
            }
        }
        match doubt {
            None => Judged { verdict: Verdict::Yes, field: None, doubt: None },
            Some((field, why)) => Judged { verdict: Verdict::Maybe, field: Some(field), doubt: Some(why) },
        }
    }

    fn address(&self, row: &HbaRow, question: &Question<'_>) -> Answer {
        // Rows without an address are for sockets, as their kind says.
        let Some(address) = &row.address else { return Ok(true) };
        let (low, high) = match question.from {
            From::Socket => return Ok(false),
            From::Ip(ip) => (ip, ip),
            From::Range(low, high) => (low, high),
            From::Anywhere => {
                let whole = matches!(address.kind, AddressKind::All);
                return if whole { Ok(true) } else { Err(Doubt::Part) };
            }
        };
        match &address.kind {
            AddressKind::All => Ok(true),
            AddressKind::SameHost => self.own(low, high, true),
            AddressKind::SameNet => self.own(low, high, false),
            AddressKind::Net { ip, mask, .. } => within(*ip, *mask, low, high),
            AddressKind::HostName(name) => match question.host {
                HostName::Unknown => Err(Doubt::HostName),
                HostName::Nameless => Ok(false),
                HostName::Is(host) => Ok(host_matches(name, host)),
            },
        }
    }

    /// Whether addresses are the server's own, or in its networks.
    fn own(&self, low: IpAddr, high: IpAddr, host: bool) -> Answer {
        // What comes from these can only come from the machine itself, whose loopback interface has them.
        let loopback = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
        if low == high && loopback.contains(&low) {
            return Ok(true);
        }
        let Some(own) = &self.known.addresses else { return Err(Doubt::OwnAddresses) };
        let mut part = false;
        for net in own {
            let bits = if host { net.max_prefix_len() } else { net.prefix_len() };
            let Ok(net) = ipnet::IpNet::new(net.addr(), bits) else { continue };
            match within(net.addr(), net.netmask(), low, high) {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(_) => part = true,
            }
        }
        if part { Err(Doubt::Part) } else { Ok(false) }
    }

    /// The ranges of one family that a row for the server's own addresses surely or perhaps takes.
    pub(crate) fn own_ranges(&self, host: bool, four: bool) -> Option<Vec<(u128, u128, bool)>> {
        let own = self.known.addresses.as_ref()?.iter().filter(|net| net.addr().is_ipv4() == four);
        let range = |net: &ipnet::IpNet| match host {
            true => (bits(net.addr()), bits(net.addr()), true),
            false => (bits(net.network()), bits(net.broadcast()), true),
        };
        Some(own.map(range).collect())
    }

    pub(crate) fn databases(&self, items: &[DbItem], database: Wanted<'_>, user: Wanted<'_>) -> Answer {
        any(items, |item| self.database(&item.kind, database, user))
    }

    fn database(&self, kind: &DbKind, database: Wanted<'_>, user: Wanted<'_>) -> Answer {
        if database == Wanted::Replication {
            return Ok(*kind == DbKind::Replication);
        }
        match (kind, database) {
            (DbKind::All, _) => Ok(true),
            (DbKind::Replication, _) => Ok(false),
            (DbKind::SameUser, _) => match (database, user) {
                (Wanted::Name(database), Wanted::Name(user)) => Ok(cut(database) == cut(user)),
                (Wanted::Other, Wanted::Name(_)) | (Wanted::Name(_), Wanted::Other) => Ok(false),
                _ => Err(Doubt::Unsaid),
            },
            (DbKind::SameRole, _) => match (database, user) {
                (Wanted::Name(database), Wanted::Name(user)) => self.member(user, database),
                (Wanted::Name(database), _) => Err(Doubt::Member(database.to_owned())),
                _ => Err(Doubt::Unsaid),
            },
            (DbKind::Regex(pattern), Wanted::Name(name)) => self.regex(pattern, name),
            (DbKind::Regex(pattern), Wanted::Other) if self.has_regex => Err(Doubt::Regex(pattern.clone())),
            (DbKind::Name(word), Wanted::Name(name)) => Ok(word.as_bytes() == cut(name)),
            (DbKind::Regex(_) | DbKind::Name(_), Wanted::Other) => Ok(false),
            (DbKind::Regex(_) | DbKind::Name(_), _) => Err(Doubt::Unsaid),
        }
    }

    pub(crate) fn users(&self, items: &[UserItem], user: Wanted<'_>) -> Answer {
        any(items, |item| match (&item.kind, user) {
            (UserKind::All, _) => Ok(true),
            (UserKind::Member(role), Wanted::Name(name)) => self.member(name, role),
            (UserKind::Member(role), _) => Err(Doubt::Member(role.clone())),
            (UserKind::Regex(pattern), Wanted::Name(name)) => self.regex(pattern, name),
            (UserKind::Regex(pattern), Wanted::Other) if self.has_regex => Err(Doubt::Regex(pattern.clone())),
            (UserKind::Name(word), Wanted::Name(name)) => Ok(word.as_bytes() == cut(name)),
            (UserKind::Regex(_) | UserKind::Name(_), Wanted::Other) => Ok(false),
            (UserKind::Regex(_) | UserKind::Name(_), _) => Err(Doubt::Unsaid),
        })
    }

    fn member(&self, user: &str, role: &str) -> Answer {
        self.known.roles.is_member(user, role).ok_or_else(|| Doubt::Member(role.to_owned()))
    }

    /// A word that starts with a slash, which is not part of `pattern`.
    fn regex(&self, pattern: &str, name: &str) -> Answer {
        if !self.has_regex {
            let plain = [b"/", pattern.as_bytes()].concat();
            return Ok(plain == cut(name));
        }
        let name = name.get(..NAME_BYTES).unwrap_or(name);
        self.patterns.matches(pattern, name).ok_or_else(|| Doubt::Regex(pattern.to_owned()))
    }
}

fn kind(row: &HbaRow, kinds: Kinds) -> Answer {
    let of = Kinds::of(row.conn_type);
    match (of.covers(kinds), (of & kinds).is_empty()) {
        (_, true) => Ok(false),
        (true, _) => Ok(true),
        _ => Err(Doubt::Part),
    }
}

/// Whether one of the items matches, as a list does.
fn any<Item>(items: &[Item], mut matches: impl FnMut(&Item) -> Answer) -> Answer {
    let mut doubt = None;
    for item in items {
        match matches(item) {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err(why) => doubt = doubt.or(Some(why)),
        }
    }
    doubt.map_or(Ok(false), Err)
}

/// The bytes of a name that the server looks at.
fn cut(name: &str) -> &[u8] {
    name.as_bytes().get(..NAME_BYTES).unwrap_or(name.as_bytes())
}

/// `hostname_match` in hba.c.
pub(crate) fn host_matches(pattern: &str, host: &str) -> bool {
    if pattern.starts_with('.') {
        let at = host.len().checked_sub(pattern.len());
        return at.and_then(|at| host.get(at..)).is_some_and(|end| end.eq_ignore_ascii_case(pattern));
    }
    pattern.eq_ignore_ascii_case(host)
}

/// Whether the addresses from `low` to `high` are in a network, as `pg_range_sockaddr` compares them: within one
/// family.
pub(crate) fn within(ip: IpAddr, mask: IpAddr, low: IpAddr, high: IpAddr) -> Answer {
    if ip.is_ipv4() != low.is_ipv4() || low.is_ipv4() != high.is_ipv4() {
        return Ok(false);
    }
    let width = if ip.is_ipv4() { 32 } else { 128 };
    let (mask, low, high) = (bits(mask), bits(low), bits(high));
    let net = bits(ip) & mask;
    if low == high {
        return Ok(low & mask == net);
    }
    let free = !mask & (u128::MAX >> (128 - width));
    if free & free.wrapping_add(1) == 0 {
        // Without holes the network is a range, too.
        let last = net | free;
        return match (net <= low && high <= last, last < low || high < net) {
            (true, _) => Ok(true),
            (_, true) => Ok(false),
            _ => Err(Doubt::Part),
        };
    }
    // The bits that all addresses of the range share.
    let shared = !((low ^ high).checked_ilog2().map_or(0, |at| (2_u128 << at).wrapping_sub(1)));
    match (low & mask & shared == net & shared, mask & !shared == 0) {
        (false, _) => Ok(false),
        (true, true) => Ok(true),
        (true, false) => Err(Doubt::Part),
    }
}

/// The bits of an address; both families fit.
pub(crate) fn bits(ip: IpAddr) -> u128 {
    match ip {
        IpAddr::V4(ip) => u128::from(ip.to_bits()),
        IpAddr::V6(ip) => ip.to_bits(),
    }
}
