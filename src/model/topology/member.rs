//! The servers: which nodes and SQL files are one server's.
//!
//! A node is one. Parts of a guide whose headings name one role are one server. SQL that lies in no node's folder and
//! makes a publication or a subscription shows that there is a server of which no configuration is seen.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::OnceLock;

use camino::{Utf8Path, Utf8PathBuf};

use super::identity::{Identity, home};
use crate::catalog::{self, Majors};
use crate::discover::{Host, Kind};
use crate::extract::role;
use crate::load::Loaded;
use crate::model::sql::What;
use crate::model::value::{self, Value};
use crate::model::{Cluster, Effective, Hba, Node, NodeSettings, Objects, SqlFile};
use crate::source::{FileId, SourceMap, Span};
use crate::syntax::conninfo::Conninfo;

/// A server.
#[derive(Debug)]
pub struct Member {
    /// How reports call it.
    pub name: String,
    /// The folder that tells which others are near: that of its files, or one below a host file.
    pub folder: Utf8PathBuf,
    /// Its configuration, by the indices of nodes. Several where a guide shows it in pieces; none where only SQL is
    /// seen.
    pub nodes: Vec<usize>,
    /// The SQL files that run on it, by their indices in the cluster, in order.
    pub sql: Vec<usize>,
    /// How others reach it.
    pub identity: Identity,
    /// Its part in replication, where something says it.
    pub duty: Option<Duty>,
    /// The entry of pgassay.toml that speaks of it, by its key.
    pub said: Option<Utf8PathBuf>,
    /// What pgassay.toml says it replicates from, by the names of nodes.
    pub replicates_from: Vec<String>,
    /// The majors it is judged for.
    pub majors: Majors,
    /// Whether it is a container or pod, whose loopback leads to itself only.
    pub contained: bool,
    objects: OnceLock<Objects>,
}

/// A server's part in replication.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Duty {
    /// It takes writes; standbys follow it.
    Primary,
    /// It is in recovery and follows another.
    Standby,
    /// It publishes to subscribers.
    Publisher,
    /// It subscribes to a publisher.
    Subscriber,
}

/// The value of a setting of a server.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// The value.
    pub value: Value,
    /// Where it is set, in a file or by ALTER SYSTEM; nowhere where it is the default.
    pub span: Option<Span>,
}

/// The access rows of a server.
#[derive(Debug, Clone, Copy)]
pub struct Access<'a> {
    /// The rows.
    pub hba: &'a Hba,
    /// The node that has them, by its index.
    pub node: usize,
    /// Whether these are all the rows there are. Rows that a guide shows are taken for additions to those of initdb,
    /// which let in this machine only.
    pub whole: bool,
}

impl Duty {
    /// The part that a role's word names: `master` is a primary.
    fn of_word(word: &str) -> Option<Self> {
        Some(match word.trim_end_matches(|c: char| c.is_ascii_digit()) {
            "primary" | "master" | "leader" => Self::Primary,
            "replica" | "standby" | "secondary" | "slave" | "follower" => Self::Standby,
            "publisher" | "provider" | "source" => Self::Publisher,
            "subscriber" | "target" | "destination" => Self::Subscriber,
            _ => return None,
        })
    }

    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Standby => "standby",
            Self::Publisher => "publisher",
            Self::Subscriber => "subscriber",
        }
    }
}

impl Member {
    fn new(name: String, folder: Utf8PathBuf) -> Self {
        Self {
            name,
            folder,
            nodes: Vec::new(),
            sql: Vec::new(),
            identity: Identity::default(),
            duty: None,
            said: None,
            replicates_from: Vec::new(),
            majors: Majors::NONE,
            contained: false,
            objects: OnceLock::new(),
        }
    }

    /// Takes over what pgassay.toml says.
    fn say(&mut self, settings: &NodeSettings) {
        self.identity.said(settings);
        self.said = Some(settings.key.clone());
        self.duty = settings.role.or(self.duty);
        self.majors = settings.pg.unwrap_or(self.majors);
        self.replicates_from.clone_from(&settings.replicates_from);
    }

    /// The last part of its name that is no folder's usual one; `None` where files lie in no folder.
    fn last(&self) -> Option<&str> {
        let name = Utf8Path::new(&self.name);
        let last = if self.said.is_some() { name } else { home(name) };
        last.file_name().filter(|name| *name != ".")
    }

    /// Its name alone.
    #[must_use]
    pub fn called(&self) -> String {
        self.last().unwrap_or("this server").to_owned()
    }

    /// How messages speak of it: its name, or that it is this one.
    #[must_use]
    pub fn shown(&self) -> String {
        self.last().map_or_else(|| "this server".to_owned(), |name| format!("`{name}`"))
    }

    /// How messages speak of it as a standby.
    #[must_use]
    pub fn standby(&self) -> String {
        self.last().map_or_else(|| "this standby".to_owned(), |name| format!("standby `{name}`"))
    }

    /// What its SQL makes. Files that are not told to be its own are not in it.
    pub fn objects<'a>(&'a self, cluster: &Cluster) -> &'a Objects {
        self.objects.get_or_init(|| Objects::of(cluster, &self.sql))
    }

    /// Its nodes.
    pub fn nodes<'a>(&self, cluster: &'a Cluster) -> impl Iterator<Item = (usize, &'a Node)> {
        self.nodes.iter().filter_map(|&index| Some((index, cluster.nodes.get(index)?)))
    }

    /// The value of a setting on a major: what ALTER SYSTEM in its SQL says, else what a piece of its configuration
    /// sets, else the default where all of it is seen. `None` where it is computed, refused, set in several ways or
    /// may be set elsewhere, and where the major has no such setting.
    #[must_use]
    pub fn setting(&self, cluster: &Cluster, name: &str, major: u8) -> Option<Said> {
        let setting = catalog::setting(name)?;
        let objects = self.objects(cluster);
        if objects.system_unknown {
            return None;
        }
        if let Some(changes) = objects.system.get(setting.name) {
            let (first, span) = changes.first()?;
            if changes.iter().any(|(text, _)| text != first) {
                return None;
            }
            let value = value::judge(setting, first.as_ref()?.as_bytes(), major)?.ok()?;
            return Some(Said { value, span: Some(*span) });
        }
        let mut found: Option<Said> = None;
        for (_, piece) in self.nodes(cluster) {
            match piece.settings.effective(name, major) {
                Effective::Known(value, definition) => match &found {
                    Some(other) if other.value != value => return None,
                    Some(_) => {}
                    None => found = Some(Said { value, span: definition.map(|definition| definition.span) }),
                },
                Effective::Dynamic(_) | Effective::Refused(..) => return None,
                Effective::Unknown | Effective::Absent => {}
            }
        }
        found
    }

    /// The file that a setting which nothing sets would stand in.
    #[must_use]
    pub fn root(&self, cluster: &Cluster) -> Option<FileId> {
        self.nodes(cluster).find_map(|(_, node)| node.settings.root)
    }

    /// Its access rows; none where none or several files of them are seen.
    #[must_use]
    pub fn access<'a>(&self, cluster: &'a Cluster, sources: &SourceMap) -> Option<Access<'a>> {
        let mut all = self.nodes(cluster).filter_map(|(node, piece)| Some((node, piece.hba.as_ref()?)));
        let (node, hba) = all.next()?;
        let whole = hba.complete && !sources.file(hba.file).is_part();
        all.next().is_none().then_some(Access { hba, node, whole })
    }
}

/// The servers of a cluster.
pub(super) fn members(cluster: &Cluster, loaded: &Loaded, said: &[NodeSettings]) -> Vec<Member> {
    let mut making = Making::new(loaded);
    for (index, node) in cluster.nodes.iter().enumerate() {
        making.node(index, node, said);
    }
    for settings in said {
        making.said(settings);
    }
    for (index, file) in cluster.sql.iter().enumerate() {
        making.sql(index, file, cluster, said);
    }
    making.strays(cluster);
    making.split(cluster);
    for member in &mut making.members {
        member.sql.sort_unstable();
        let of_nodes = member.nodes(cluster).fold(Majors::NONE, |majors, (_, node)| majors | node.targets.majors);
        let sites = member.sql.iter().filter_map(|&file| cluster.objects.sites.get(file));
        let of_sql = sites.fold(Majors::NONE, |majors, site| majors | site.majors);
        let known = [of_nodes, member.majors, of_sql, cluster.majors].into_iter().find(|majors| !majors.is_empty());
        member.majors = known.unwrap_or(Majors::HELD);
    }
    making.members
}

struct Making<'a> {
    loaded: &'a Loaded,
    /// What others call the server of a folder by, told by a manifest.
    names: HashMap<&'a Utf8Path, FileId>,
    /// The files that may hold fragments, by path.
    hosts: HashMap<&'a Utf8Path, Host>,
    members: Vec<Member>,
    by_key: BTreeMap<Utf8PathBuf, usize>,
    /// The members of the nodes.
    of_nodes: Vec<usize>,
    /// SQL that no node's folder holds: the folder that it is called by, and the file.
    strays: BTreeMap<Utf8PathBuf, Vec<usize>>,
}

impl<'a> Making<'a> {
    fn new(loaded: &'a Loaded) -> Self {
        let hosts = loaded.sources.iter().filter_map(|(_, file)| match file.kind() {
            Kind::Host(host) => Some((file.path(), host)),
            _ => None,
        });
        let names = loaded.sources.iter().filter(|(_, file)| file.kind() == Kind::HostName);
        Self {
            loaded,
            names: names.filter_map(|(id, file)| Some((file.place().parent()?, id))).collect(),
            hosts: hosts.collect(),
            members: Vec::new(),
            by_key: BTreeMap::new(),
            of_nodes: Vec::new(),
            strays: BTreeMap::new(),
        }
    }

    /// The host file that a folder lies in, with its language.
    fn host<'f>(&self, folder: &'f Utf8Path) -> Option<(&'f Utf8Path, Host)> {
        folder.ancestors().find_map(|above| Some((above, *self.hosts.get(above)?)))
    }

    /// What a folder within a guide is told to be one server's by: the role in the heading.
    fn role(&self, folder: &Utf8Path) -> Option<(Utf8PathBuf, Duty)> {
        let (guide, Host::Markdown) = self.host(folder)? else { return None };
        let heading = folder.strip_prefix(guide).ok()?.components().next()?;
        let word = role::of_name(heading.as_str());
        let duty = Duty::of_word(&word)?;
        Some((of_role(guide, duty, word.trim_start_matches(|c: char| !c.is_ascii_digit())), duty))
    }

    /// The folder that a server is called by. A manifest names its servers, whatever the name is.
    fn home<'f>(&self, folder: &'f Utf8Path) -> &'f Utf8Path {
        match self.host(folder) {
            Some((path, host)) if host != Host::Markdown && path != folder => folder,
            _ => home(folder),
        }
    }

    /// The member of a key, by its index.
    fn at(&mut self, key: &Utf8Path, name: &str) -> usize {
        let new = self.members.len();
        let index = *self.by_key.entry(key.to_owned()).or_insert(new);
        if index == new {
            self.members.push(Member::new(name.to_owned(), self.home(key).to_owned()));
        }
        index
    }

    fn node(&mut self, index: usize, node: &Node, said: &[NodeSettings]) {
        let settings = said.iter().find(|said| node.said.as_ref() == Some(&said.key));
        let role = self.role(&node.folder);
        let key = match &role {
            Some((key, _)) => key.clone(),
            // Several nodes of a folder are called by their files.
            None if self.by_key.contains_key(&node.folder) => node.folder.join(format!("{}-{index}", node.name)),
            None => node.folder.clone(),
        };
        let contained = self.host(&node.folder).is_some_and(|(_, host)| host != Host::Markdown);
        let own = self.home(&node.folder).file_name().unwrap_or_default();
        let at = self.at(&key, &node.name);
        self.of_nodes.push(at);
        let Some(member) = self.members.get_mut(at) else { return };
        member.nodes.push(index);
        member.contained |= contained;
        member.identity.settings(node);
        if let Some(&names) = self.names.get(node.folder.as_path()) {
            let text = String::from_utf8_lossy(self.loaded.sources.file(names).bytes());
            text.lines().for_each(|name| member.identity.host(name));
        }
        let last = node.name.rsplit('/').next().unwrap_or_default();
        if role.is_some() {
            member.identity.heading(own, |word| Duty::of_word(&word.to_ascii_lowercase()).is_some());
        } else {
            member.identity.name(own);
        }
        if node.folder != node.name {
            member.identity.name(last);
        }
        let standby = node.recovery.standby_signal.is_some() || node.recovery.conf.is_some();
        let by_name = [last, own].into_iter().find_map(|name| Duty::of_word(&role::of_name(name)));
        let shown = role.map(|(_, duty)| duty).or(standby.then_some(Duty::Standby)).or(by_name);
        member.duty = member.duty.or(shown);
        if let Some(settings) = settings {
            member.say(settings);
        }
    }

    /// A node of pgassay.toml of which no configuration is seen.
    fn said(&mut self, settings: &NodeSettings) {
        let name = settings.name.clone().unwrap_or_else(|| settings.key.to_string());
        if self.members.iter().any(|member| member.said.as_ref() == Some(&settings.key)) {
            return;
        }
        let own = self.home(&settings.key).file_name().unwrap_or_default();
        let at = self.at(&settings.key, &name);
        if let Some(member) = self.members.get_mut(at) {
            member.say(settings);
            member.identity.name(own.strip_suffix(".sql").unwrap_or(own));
        }
    }

    fn sql(&mut self, index: usize, file: &SqlFile, cluster: &Cluster, said: &[NodeSettings]) {
        let source = self.loaded.sources.file(file.file);
        let folder = source.place().parent().unwrap_or(Utf8Path::new(""));
        let named = said.iter().find(|said| said.names(source.path()));
        let held = || said.iter().filter(|said| said.holds(source.path())).max_by_key(|said| said.key.as_str().len());
        if let Some(settings) = named.or_else(held) {
            let at = self.members.iter_mut().find(|member| member.said.as_ref() == Some(&settings.key));
            at.into_iter().for_each(|member| member.sql.push(index));
            return;
        }
        let speech = Speech::of(file);
        let site = cluster.objects.sites.get(index).filter(|site| site.inside);
        if let Some(at) = site.and_then(|site| self.of_nodes.get(site.node?).copied()) {
            self.members.get_mut(at).into_iter().for_each(|member| member.sql.push(index));
            return;
        }
        let (key, name) = match (self.host(folder), self.role(folder)) {
            (_, Some((key, _))) => (key, folder.to_string()),
            // Where a guide does not say on which server, the statements do.
            (Some((guide, Host::Markdown)), None) => match speech.duty() {
                Some(duty) => (of_role(guide, duty, ""), format!("{guide}/{}", duty.word())),
                None => return,
            },
            (Some((host, _)), None) if host == folder => {
                let folder = host.parent().unwrap_or(Utf8Path::new(""));
                self.strays.entry(home(folder).to_owned()).or_default().push(index);
                return;
            }
            (Some(_), None) => (folder.to_owned(), folder.to_string()),
            (None, None) => {
                self.strays.entry(home(folder).to_owned()).or_default().push(index);
                return;
            }
        };
        let role = self.role(folder).map(|(_, duty)| duty);
        let at = self.at(&key, &name);
        if let Some(member) = self.members.get_mut(at) {
            member.sql.push(index);
            member.duty = member.duty.or(role).or_else(|| speech.duty());
            let own = folder.file_name().unwrap_or_default();
            match role {
                Some(_) => member.identity.heading(own, |word| Duty::of_word(&word.to_ascii_lowercase()).is_some()),
                None if folder.extension().is_none() => member.identity.name(own),
                None => {}
            }
        }
    }

    /// SQL outside of the nodes' folders: a folder that publishes or subscribes is a server, unless others lie below.
    fn strays(&mut self, cluster: &Cluster) {
        let strays = std::mem::take(&mut self.strays);
        let keys = self.by_key.keys().cloned().collect::<Vec<_>>();
        for (folder, files) in &strays {
            let speeches = files.iter().filter_map(|&index| Some((index, Speech::of(cluster.sql.get(index)?))));
            let speaking = speeches.filter(|(_, speech)| speech.is_some()).map(|(index, _)| index).collect::<Vec<_>>();
            if speaking.is_empty() {
                continue;
            }
            // In the order of paths, what lies below a folder comes right after it.
            let next = keys.get(keys.partition_point(|key| key <= folder));
            let after = (Bound::Excluded(folder.as_path()), Bound::Unbounded);
            let other = strays.range::<Utf8Path, _>(after).next().map(|(other, _)| other);
            let is_below = |other: &Utf8PathBuf| other.starts_with(folder);
            let alone = !next.into_iter().chain(other).any(is_below) && !folder.as_str().is_empty();
            if alone {
                let at = self.at(folder, folder.as_str());
                if let Some(member) = self.members.get_mut(at) {
                    member.sql.extend(files);
                    member.identity.name(folder.file_name().unwrap_or_default());
                    member.duty = Duty::of_word(&role::of_name(folder.file_name().unwrap_or_default()));
                }
            } else {
                speaking.into_iter().for_each(|index| self.lone(index, cluster));
            }
        }
    }

    /// A SQL file as a server of its own.
    fn lone(&mut self, index: usize, cluster: &Cluster) {
        let Some(file) = cluster.sql.get(index) else { return };
        let place = self.loaded.sources.file(file.file).place();
        let stem = place.file_stem().unwrap_or_default();
        let at = self.at(place, place.as_str());
        if let Some(member) = self.members.get_mut(at) {
            member.sql.push(index);
            member.identity.name(stem);
            member.duty = Duty::of_word(&role::of_name(stem)).or_else(|| Speech::of(file).duty());
        }
    }

    /// A file that subscribes to what other files of the same server publish is for another server, unless its
    /// connection says otherwise: it leads to a third server by name, or from a folder that is called by a server's part
    /// to the port of that server.
    fn split(&mut self, cluster: &Cluster) {
        let mut moved = Vec::new();
        let label = |host: &str| host.split('.').next().unwrap_or_default().to_owned();
        let names = self.members.iter().flat_map(|member| &member.identity.hosts).map(|host| label(host));
        let names = names.collect::<BTreeSet<_>>();
        for member in self.members.iter_mut().filter(|member| member.said.is_none()) {
            let speech = |&index: &usize| Some((index, Speech::of(cluster.sql.get(index)?)));
            let speeches = member.sql.iter().filter_map(speech).collect::<Vec<_>>();
            let foreign = |&(index, ref speech): &(usize, Speech<'_>)| {
                speech.makes.is_empty()
                    && speech.wants.iter().any(|name| {
                        speeches.iter().any(|(other, speech)| *other != index && speech.makes.contains(name))
                    })
            };
            let (identity, duty) = (&member.identity, Duty::of_word(member.folder.file_name().unwrap_or_default()));
            let stays = |index: usize| {
                let own = |host: &str, port: &str| {
                    duty.is_some() && is_loopback(host) && port.parse().ok() == identity.port && !port.is_empty()
                };
                let third = |host: &str| names.contains(&label(host)) && !identity.is_called(host);
                let mut leads = cluster.sql.get(index).into_iter().flat_map(leads).peekable();
                leads.peek().is_some() && leads.all(|(host, port)| own(&host, &port) || third(&host))
            };
            let away = speeches.iter().filter(|speech| foreign(speech) && !stays(speech.0)).map(|(index, _)| *index);
            let away = away.collect::<Vec<_>>();
            member.sql.retain(|index| !away.contains(index));
            moved.extend(away);
        }
        moved.into_iter().for_each(|index| self.lone(index, cluster));
    }
}

/// The hosts and ports of the subscriptions that a file makes; empty where they are not known.
fn leads(file: &SqlFile) -> impl Iterator<Item = (String, String)> {
    file.sql.statements.iter().filter_map(|statement| {
        let What::CreateSubscription(create) = &statement.what else { return None };
        let conninfo = Conninfo::parse(&create.connection.literal);
        let text = |keyword: &str| {
            let known = conninfo.get(keyword).filter(|param| !param.value.dynamic);
            known.map_or_else(String::new, |param| String::from_utf8_lossy(param.value.bytes()).to_ascii_lowercase())
        };
        Some((text("host"), text("port")))
    })
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The key of the server of a guide that has a role.
fn of_role(guide: &Utf8Path, duty: Duty, number: &str) -> Utf8PathBuf {
    guide.join(format!("{}{number}", duty.word()))
}

/// The publications that a SQL file makes and those that it subscribes to.
#[derive(Default)]
struct Speech<'a> {
    makes: BTreeSet<&'a str>,
    wants: BTreeSet<&'a str>,
    subscribes: bool,
}

impl<'a> Speech<'a> {
    fn of(file: &'a SqlFile) -> Self {
        let mut speech = Self::default();
        for statement in &file.sql.statements {
            match &statement.what {
                What::CreatePublication(create) => {
                    speech.makes.insert(&create.name.text);
                }
                What::CreateSubscription(create) => {
                    speech.subscribes = true;
                    speech.wants.extend(create.publications.iter().map(|name| name.text.as_str()));
                }
                _ => {}
            }
        }
        speech
    }

    fn is_some(&self) -> bool {
        self.subscribes || !self.makes.is_empty()
    }

    fn duty(&self) -> Option<Duty> {
        match (self.subscribes, self.makes.is_empty()) {
            (true, true) => Some(Duty::Subscriber),
            (false, false) => Some(Duty::Publisher),
            _ => None,
        }
    }
}
