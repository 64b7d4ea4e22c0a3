//! Which server a connection string leads to.
//!
//! Of several servers that go by one name, as in a repository with many examples, the one nearest to where the string
//! stands is meant; two equally near ones are none.

use std::collections::HashMap;
use std::net::IpAddr;

use camino::Utf8Path;

use super::member::Member;
use crate::catalog::conninfo::effective::Host;

/// Where a string leads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// The server.
    pub(super) member: Option<usize>,
    /// Whether a name, an address or a port says so, not just that no other comes into question.
    pub(super) certain: bool,
    /// Whether it surely leads to none of the servers that come into question otherwise.
    pub(super) elsewhere: bool,
    /// How it was told, or why it was not.
    pub(super) why: String,
}

impl Found {
    pub(super) fn certain(member: usize, why: String) -> Self {
        Self { member: Some(member), certain: true, why, ..Self::default() }
    }

    pub(super) fn likely(member: usize, why: String) -> Self {
        Self { member: Some(member), why, ..Self::default() }
    }

    pub(super) fn nothing(why: &str) -> Self {
        Self { why: why.to_owned(), ..Self::default() }
    }

    pub(super) fn elsewhere(why: &str) -> Self {
        Self { elsewhere: true, ..Self::nothing(why) }
    }
}

/// By what servers are looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Key<'a> {
    /// The first label of a host name, in lower case.
    Host(&'a str),
    Address(IpAddr),
    Port(u16),
    /// The name of a publication that it makes.
    Publication(&'a str),
}

/// What a key leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nearest {
    None,
    One(usize),
    /// Equally near ones.
    Several,
}

/// Servers by what they go by.
#[derive(Debug, Default)]
pub(super) struct Directory<'a> {
    members: &'a [Member],
    /// For each key and folder, the servers of that key in or below the folder.
    places: HashMap<(Key<'a>, &'a Utf8Path), Vec<usize>>,
    /// The servers that pgassay.toml speaks of, wherever they lie.
    said: HashMap<Key<'a>, Vec<usize>>,
    /// By the folder that theirs lies in.
    folders: HashMap<&'a Utf8Path, Vec<usize>>,
}

/// Where more servers than this have one key in a folder, none of them is meant.
const MOST: usize = 64;

/// What Kubernetes operators append to a cluster's name for its services, and controllers for its pods.
const SERVICES: [&str; 6] = ["-rw", "-ro", "-r", "-primary", "-replicas", "-0"];

/// Servers whose nearest common folder is further above either than this are of different projects, unless
/// pgassay.toml speaks of both.
const FARTHEST: usize = 3;

impl<'a> Directory<'a> {
    /// `publications` are names of publications with the servers that make them.
    pub(super) fn new(members: &'a [Member], publications: &[(&'a str, Vec<usize>)]) -> Self {
        let mut directory = Self { members, ..Self::default() };
        for (index, member) in members.iter().enumerate() {
            for host in &member.identity.hosts {
                directory.add(Key::Host(label(host)), index, member);
            }
            for address in &member.identity.addresses {
                directory.add(Key::Address(*address), index, member);
            }
            if let Some(port) = member.identity.port {
                directory.add(Key::Port(port), index, member);
            }
            directory.folders.entry(parent(&member.folder)).or_default().push(index);
        }
        for (name, makers) in publications {
            for (index, member) in makers.iter().filter_map(|&index| Some((index, members.get(index)?))) {
                directory.add(Key::Publication(name), index, member);
            }
        }
        directory
    }

    fn add(&mut self, key: Key<'a>, index: usize, member: &'a Member) {
        let push = |of: &mut Vec<usize>| {
            if of.last() != Some(&index) {
                of.push(index);
            }
        };
        for folder in member.folder.ancestors().take(FARTHEST + 1) {
            push(self.places.entry((key, folder)).or_default());
        }
        if member.said.is_some() {
            push(self.said.entry(key).or_default());
        }
    }

    /// Where one host of a string leads that `from` uses.
    pub(super) fn find(&self, from: usize, host: &Host, major: u8) -> Found {
        let target = if host.hostaddr.is_empty() { &host.host } else { &host.hostaddr };
        let target = String::from_utf8_lossy(target).to_ascii_lowercase();
        let port = match host.port.as_slice() {
            b"" => Some(5432),
            digits => std::str::from_utf8(digits).ok().and_then(|digits| digits.trim().parse().ok()),
        };
        let Some(port) = port else { return Found::nothing("its port is not known") };
        if host.is_local(major) {
            return self.local(from, port);
        }
        let other = |index: usize| index != from;
        let led = match target.parse::<IpAddr>() {
            Ok(address) => self.nearest(from, Key::Address(address), other),
            Err(_) => {
                let named = |member: &Member| member.identity.is_called(&target);
                let is_named = |index| other(index) && self.members.get(index).is_some_and(named);
                match self.nearest(from, Key::Host(label(&target)), is_named) {
                    Nearest::None => self.service(from, label(&target)),
                    led => led,
                }
            }
        };
        match led {
            Nearest::One(index) => {
                let own = self.members.get(index).and_then(|member| member.identity.port);
                if own.is_some_and(|own| own != port) {
                    return Found::elsewhere("the server of that name listens on another port");
                }
                Found::certain(index, format!("host `{target}`"))
            }
            Nearest::Several => Found::elsewhere("several servers are called so"),
            Nearest::None => Found::nothing("no server near is called so"),
        }
    }

    /// The server of a service of Kubernetes.
    fn service(&self, from: usize, name: &str) -> Nearest {
        let Some(name) = SERVICES.iter().find_map(|service| name.strip_suffix(service)) else { return Nearest::None };
        let pod = |index: usize| index != from && self.members.get(index).is_some_and(|of| of.contained);
        self.nearest(from, Key::Host(name), pod)
    }

    /// What listens on a port of the machine that `from` is on.
    fn local(&self, from: usize, port: u16) -> Found {
        let Some(own) = self.members.get(from) else { return Found::default() };
        if own.identity.port == Some(port) {
            return Found::certain(from, format!("port {port} of its own machine"));
        }
        if own.contained {
            return Found::elsewhere("it leads to the container's own machine");
        }
        match self.nearest(from, Key::Port(port), |index| index != from) {
            Nearest::One(index) => Found::certain(index, format!("port {port} of the same machine")),
            _ => Found::elsewhere("it leads to its own machine, where no server is known to have that port"),
        }
    }

    /// The nearest server of a key among those that `fit`: one that pgassay.toml speaks of, as the asking one, else
    /// one below the nearest folder around.
    pub(super) fn nearest(&self, from: usize, key: Key<'_>, fit: impl Fn(usize) -> bool) -> Nearest {
        let Some(home) = self.members.get(from) else { return Nearest::None };
        let said = self.said.get(&key).filter(|_| home.said.is_some()).map(Vec::as_slice).unwrap_or_default();
        let said = said.iter().copied().take(MOST).filter(|&index| fit(index)).collect::<Vec<_>>();
        if let [only] = said.as_slice() {
            return Nearest::One(*only);
        }
        for folder in home.folder.ancestors().take(FARTHEST + 1) {
            let below = self.places.get(&(key, folder)).map(Vec::as_slice).unwrap_or_default();
            if below.len() > MOST {
                return Nearest::Several;
            }
            let depth = |index: usize| self.members.get(index).map_or(0, |of| of.folder.components().count());
            let mut fitting = below.iter().filter(|&&index| fit(index)).map(|&index| (depth(index), index));
            let Some(first) = fitting.next() else { continue };
            let rest = fitting.collect::<Vec<_>>();
            let best = rest.iter().copied().fold(first, Ord::min);
            let alone = rest.iter().chain([&first]).filter(|(depth, _)| *depth == best.0).count() == 1;
            return if alone { Nearest::One(best.1) } else { Nearest::Several };
        }
        Nearest::None
    }

    /// The other servers whose folders lie beside that of one.
    pub(super) fn around(&self, from: usize) -> impl Iterator<Item = usize> {
        let folder = self.members.get(from).map(|member| parent(&member.folder));
        let beside = folder.and_then(|folder| self.folders.get(folder)).into_iter().flatten();
        beside.copied().filter(move |&index| index != from)
    }
}

fn parent(folder: &Utf8Path) -> &Utf8Path {
    folder.parent().unwrap_or(folder)
}

fn label(host: &str) -> &str {
    host.split('.').next().unwrap_or_default()
}
