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
    /// How it was told, or why it was not.
    pub(super) why: String,
}

impl Found {
    pub(super) fn certain(member: usize, why: String) -> Self {
        Self { member: Some(member), certain: true, why }
    }

    pub(super) fn likely(member: usize, why: String) -> Self {
        Self { member: Some(member), certain: false, why }
    }

    pub(super) fn nothing(why: &str) -> Self {
        Self { member: None, certain: false, why: why.to_owned() }
    }
}

/// Servers by the names and addresses that they go by.
#[derive(Debug, Default)]
pub(super) struct Directory<'a> {
    members: &'a [Member],
    /// By first label, in lower case.
    hosts: HashMap<String, Vec<usize>>,
    addresses: HashMap<IpAddr, Vec<usize>>,
    ports: HashMap<u16, Vec<usize>>,
    /// By the folder that theirs lies in.
    folders: HashMap<&'a Utf8Path, Vec<usize>>,
}

/// What Kubernetes operators append to a cluster's name for its services, and controllers for its pods.
const SERVICES: [&str; 6] = ["-rw", "-ro", "-r", "-primary", "-replicas", "-0"];

/// Servers whose nearest common folder is further above either than this are of different projects.
const FARTHEST: usize = 3;

impl<'a> Directory<'a> {
    pub(super) fn new(members: &'a [Member]) -> Self {
        let mut directory = Self { members, ..Self::default() };
        for (index, member) in members.iter().enumerate() {
            for host in &member.identity.hosts {
                directory.hosts.entry(label(host).to_owned()).or_default().push(index);
            }
            for address in &member.identity.addresses {
                directory.addresses.entry(*address).or_default().push(index);
            }
            if let Some(port) = member.identity.port {
                directory.ports.entry(port).or_default().push(index);
            }
            directory.folders.entry(parent(&member.folder)).or_default().push(index);
        }
        directory
    }

    /// Where one host of a string leads that `from` uses.
    pub(super) fn find(&self, from: usize, host: &Host, major: u8) -> Found {
        let target = if host.hostaddr.is_empty() { &host.host } else { &host.hostaddr };
        let target = String::from_utf8_lossy(target).into_owned();
        let port = match host.port.as_slice() {
            b"" => Some(5432),
            digits => std::str::from_utf8(digits).ok().and_then(|digits| digits.trim().parse().ok()),
        };
        let Some(port) = port else { return Found::nothing("its port is not known") };
        if host.is_local(major) {
            return self.local(from, port);
        }
        let named = match target.parse::<IpAddr>() {
            Ok(address) => self.addresses.get(&address),
            Err(_) => self.hosts.get(label(&target.to_ascii_lowercase())),
        };
        let mut named = named.cloned().unwrap_or_default();
        named.retain(|&index| {
            let own = self.members.get(index);
            own.is_some_and(|own| target.parse::<IpAddr>().is_ok() || own.identity.is_called(&target))
        });
        if named.is_empty() {
            let service = SERVICES.iter().find_map(|service| label(&target).strip_suffix(service));
            let pods = service.and_then(|name| self.hosts.get(&name.to_ascii_lowercase())).into_iter().flatten();
            named.extend(pods.copied().filter(|&index| self.members.get(index).is_some_and(|of| of.contained)));
        }
        let others = named.iter().copied().filter(|&index| index != from).collect::<Vec<_>>();
        let Some(index) = self.nearest(from, &others) else {
            let why = match others.as_slice() {
                [] => "no server is called so",
                [_] => "the server that is called so is of another project",
                _ => "several servers are called so",
            };
            return Found::nothing(why);
        };
        let own = self.members.get(index).and_then(|member| member.identity.port);
        if own.is_some_and(|own| own != port) {
            return Found::nothing("the server of that name listens on another port");
        }
        Found::certain(index, format!("host `{target}`"))
    }

    /// What listens on a port of the machine that `from` is on.
    fn local(&self, from: usize, port: u16) -> Found {
        let own = self.members.get(from);
        if own.is_some_and(|own| own.contained || own.identity.port == Some(port)) {
            return if own.is_some_and(|own| own.identity.port == Some(port)) {
                Found::certain(from, format!("port {port} of its own machine"))
            } else {
                Found::nothing("it leads to the container itself")
            };
        }
        let others = self.ports.get(&port).map(Vec::as_slice).unwrap_or_default();
        match self.nearest(from, others) {
            Some(index) => Found::certain(index, format!("port {port} of the same machine")),
            None => Found::nothing("it leads to its own machine, where no server is known to have that port"),
        }
    }

    /// The nearest of several servers, unless another is as near or all are too far.
    pub(super) fn nearest(&self, from: usize, of: &[usize]) -> Option<usize> {
        let home = &self.members.get(from)?.folder;
        let near = |&index: &usize| {
            let other = self.members.get(index)?;
            let said = other.said.is_some() && self.members.get(from)?.said.is_some();
            Some((distance(home, &other.folder).filter(|&far| said || far <= FARTHEST)?, index))
        };
        let mut near = of.iter().filter_map(near).collect::<Vec<_>>();
        near.sort_unstable();
        near.dedup();
        match near.as_slice() {
            [(_, index)] => Some(*index),
            [(first, index), (second, _), ..] if first < second => Some(*index),
            _ => None,
        }
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

/// How many folders the further of two lies below the nearest common one.
fn distance(one: &Utf8Path, other: &Utf8Path) -> Option<usize> {
    let common = one.components().zip(other.components()).take_while(|(one, other)| one == other).count();
    Some(one.components().count().max(other.components().count()).saturating_sub(common))
}

fn label(host: &str) -> &str {
    host.split('.').next().unwrap_or_default()
}
