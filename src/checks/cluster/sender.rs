//! What the tree surely says of the objects of a server, and whether it may make more of them elsewhere.
//!
//! That something is missing is only said where the server's SQL is closed: nothing in it runs text that is made up,
//! reads other scripts or could not be read, and no file that may be the server's too makes the thing. Files of
//! another server of the tree are that server's.

use std::cell::{Cell, OnceCell};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

use regex::bytes::Regex;

use super::ends::Ends;
use super::published::Published;
use crate::discover::Kind;
use crate::model::sql::{Password, Policy, RowSecurity, Statement};
use crate::model::{Cluster, Origin, SqlFile};
use crate::rule::Context;
use crate::source::{FileId, Span};

mod statements;

use statements::matters;

/// What statements make of a role, over all files that may be the server's.
#[derive(Debug, Default)]
pub(super) struct Account<'a> {
    /// Where the server's own SQL makes it.
    pub(super) made: Vec<Span>,
    /// Attributes that are given somewhere, by the positive word.
    pub(super) given: HashSet<&'static str>,
    /// Attributes that are taken, and where.
    pub(super) taken: HashMap<&'static str, Span>,
    pub(super) passwords: Vec<&'a Password>,
    /// The roles that it is made a member of.
    pub(super) groups: HashSet<&'a str>,
}

/// The SQL that may be a server's.
pub(super) struct Sender<'a> {
    /// GRANT and REVOKE.
    pub(super) grants: Vec<&'a Statement>,
    pub(super) accounts: HashMap<&'a str, Account<'a>>,
    pub(super) publications: BTreeMap<&'a str, Published<'a>>,
    /// Subscriptions whose publications are changed later.
    pub(super) changed: HashSet<&'a str>,
    /// Options that subscriptions are given later, by the subscription.
    pub(super) options: HashMap<&'a str, HashSet<&'a str>>,
    /// Columns that ALTER TABLE adds, by the table's last name.
    pub(super) added: HashMap<&'a str, HashSet<&'a str>>,
    /// Tables that ALTER TABLE makes others of.
    pub(super) reshaped: HashSet<&'a str>,
    pub(super) policies: Vec<&'a Policy>,
    /// What is done to row level security, by the table's last name.
    pub(super) row_security: HashMap<&'a str, Vec<(RowSecurity, Span)>>,
    /// Whether its SQL surely says all there is.
    pub(super) closed: bool,
    pub(super) own: HashSet<FileId>,
    files: Vec<FileId>,
}

/// The senders of a run, each read once.
pub(super) struct Senders<'a> {
    cx: &'a Context<'a>,
    all: HashMap<usize, OnceCell<Sender<'a>>>,
    strays: OnceCell<Strays<'a>>,
    tree: OnceCell<Tree<'a>>,
    searches: Cell<usize>,
    looks: Cell<usize>,
}

/// The SQL that is no server's for sure, and so may be any one's.
struct Strays<'a> {
    files: Vec<FileId>,
    /// The statements that matter.
    statements: Vec<&'a Statement>,
    closed: bool,
}

/// What is asked of the whole tree.
struct Tree<'a> {
    /// Names that something is renamed to, in lower case.
    renamed: HashSet<Vec<u8>>,
    /// Whether schemas are carried over by other programs.
    copied: bool,
    /// Users of strings that are no replication's.
    clients: HashSet<Vec<u8>>,
    hosts: Vec<(FileId, &'a [u8])>,
    /// What the connection strings and access rows of the host files take up there.
    seen: Vec<Span>,
}

static RENAMED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"(?i)\brename\s+to\s+"?([^\s";]+)"#).ok());
/// Statements that are made at run time, and scripts that a script reads.
static OPEN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?im)\bexecute\s+(immediate\s+)?(\w+|'|\$)|\\gexec|^\s*\\(i|ir|include|include_relative)\s").ok()
});

impl<'a> Senders<'a> {
    pub(super) fn new(cx: &'a Context<'a>) -> Self {
        let topology = &cx.cluster.topology;
        let ends = topology.edges.iter().flat_map(|edge| [edge.upstream, Some(edge.downstream)]).flatten();
        Self {
            cx,
            all: ends.map(|member| (member, OnceCell::new())).collect(),
            strays: OnceCell::new(),
            tree: OnceCell::new(),
            searches: Cell::new(0),
            looks: Cell::new(0),
        }
    }

    /// The sender of an edge.
    pub(super) fn of(&self, ends: &Ends<'a>) -> Option<&Sender<'a>> {
        let own = &ends.up.sql;
        let cell = self.all.get(&ends.edge.upstream?)?;
        Some(cell.get_or_init(|| Sender::read(self.cx, own, self.strays())))
    }

    /// The receiver of an edge.
    pub(super) fn receiver(&self, ends: &Ends<'a>) -> Option<&Sender<'a>> {
        let own = &ends.down.sql;
        let cell = self.all.get(&ends.edge.downstream)?;
        Some(cell.get_or_init(|| Sender::read(self.cx, own, self.strays())))
    }

    fn strays(&self) -> &Strays<'a> {
        self.strays.get_or_init(|| Strays::read(self.cx))
    }

    fn tree(&self) -> &Tree<'a> {
        self.tree.get_or_init(|| Tree::read(self.cx))
    }

    /// Counts published tables that are looked at, each once for each subscription to it; false once there are too many.
    pub(super) fn spend(&self, tables: usize) -> bool {
        self.looks.set(self.looks.get().saturating_add(tables));
        self.looks.get() <= MOST_LOOKS
    }

    /// Whether something is renamed to a name.
    pub(super) fn is_renamed(&self, name: &str) -> bool {
        self.tree().renamed.contains(name.to_ascii_lowercase().as_bytes())
    }

    /// Whether a dump carries schemas over.
    pub(super) fn is_copied(&self) -> bool {
        self.tree().copied
    }

    /// Whether a string that is no replication's names the user, who may then own tables.
    pub(super) fn is_client(&self, user: &str) -> bool {
        self.tree().clients.contains(user.as_bytes())
    }

    /// Whether a file of another language names a role elsewhere than in connection strings and access rows: it may be
    /// what makes it.
    pub(super) fn is_named_by_hosts(&self, role: &str) -> bool {
        let tree = self.tree();
        self.searches.set(self.searches.get().saturating_add(1));
        if self.searches.get() > MOST_SEARCHES {
            return true;
        }
        let finder = memchr::memmem::Finder::new(role);
        tree.hosts.iter().any(|&(file, bytes)| {
            finder.find_iter(bytes).any(|at| {
                let span = Span::new(file, at, at.saturating_add(role.len()));
                !tree.seen.iter().any(|other| other.contains(span))
            })
        })
    }
}

impl<'a> Strays<'a> {
    fn read(cx: &Context<'a>) -> Self {
        let cluster: &'a Cluster = cx.cluster;
        let members = &cluster.topology.members;
        let owned = members.iter().flat_map(|member| &member.sql).copied().collect::<HashSet<_>>();
        let mut strays = Self { files: Vec::new(), statements: Vec::new(), closed: true };
        for (_, file) in cluster.sql.iter().enumerate().filter(|(index, _)| !owned.contains(index)) {
            strays.files.push(file.file);
            strays.closed &= file.sql.errors.is_empty() && !is_open(file, cx);
            strays.statements.extend(file.sql.statements.iter().filter(|statement| matters(statement)));
        }
        strays
    }
}

impl<'a> Sender<'a> {
    fn read(cx: &Context<'a>, own: &[usize], strays: &Strays<'a>) -> Self {
        let cluster: &'a Cluster = cx.cluster;
        let mut sender = Self {
            grants: Vec::new(),
            accounts: HashMap::new(),
            publications: BTreeMap::new(),
            changed: HashSet::new(),
            options: HashMap::new(),
            added: HashMap::new(),
            reshaped: HashSet::new(),
            policies: Vec::new(),
            row_security: HashMap::new(),
            closed: strays.closed,
            own: HashSet::new(),
            files: Vec::new(),
        };
        let own = own.iter().filter_map(|&index| cluster.sql.get(index)).collect::<Vec<_>>();
        sender.own.extend(own.iter().map(|file| file.file));
        sender.files.extend(own.iter().map(|file| file.file).chain(strays.files.iter().copied()));
        for file in &own {
            sender.closed &= file.sql.errors.is_empty() && !is_open(file, cx);
        }
        let statements = own.iter().flat_map(|file| &file.sql.statements).chain(strays.statements.iter().copied());
        for statement in statements {
            sender.add(statement);
        }
        sender
    }

    /// A role that the sender's own SQL makes.
    pub(super) fn made(&self, role: &str) -> Option<&Account<'a>> {
        self.accounts.get(role).filter(|account| !account.made.is_empty())
    }

    /// A role and all that it is a member of; `None` where one of them is no role of the sender's SQL.
    pub(super) fn with_groups<'s>(&'s self, role: &'s str) -> Option<HashSet<&'s str>> {
        let mut all = HashSet::from([role]);
        let mut waiting = vec![role];
        while let Some(next) = waiting.pop() {
            for group in self.accounts.get(next).into_iter().flat_map(|account| &account.groups) {
                if !group.starts_with("pg_") {
                    self.made(group)?;
                }
                if all.insert(group) {
                    waiting.push(group);
                }
            }
            if all.len() > MOST_GROUPS {
                return None;
            }
        }
        Some(all)
    }

    /// Whether its SQL, or what may be, holds a pattern.
    pub(super) fn says(&self, cx: &Context<'_>, pattern: &Regex) -> bool {
        self.files.iter().any(|&file| pattern.is_match(cx.sources.file(file).bytes()))
    }
}

/// So many roles of a run are looked for in all files; of further ones nothing is said.
const MOST_SEARCHES: usize = 100;

/// So many published tables, and grants for each of them, are looked at in a run.
const MOST_LOOKS: usize = 2_000_000;

/// So many groups of a role are followed.
const MOST_GROUPS: usize = 1_000;

/// Whether SQL runs text that is not seen: computed, or of other files.
pub(in crate::checks) fn is_open(file: &SqlFile, cx: &Context<'_>) -> bool {
    *file.open.get_or_init(|| runs_unseen(cx.sources.file(file.file).bytes()))
}

/// The same of a text.
pub(in crate::checks) fn runs_unseen(bytes: &[u8]) -> bool {
    let Some(pattern) = &*OPEN else { return true };
    pattern.find_iter(bytes).any(|found| {
        let text = found.as_bytes().to_ascii_lowercase();
        // `GRANT EXECUTE ON` and what triggers execute run no text.
        let words = ["on", "function", "procedure"];
        !words.iter().any(|word| text.split(u8::is_ascii_whitespace).next_back() == Some(word.as_bytes()))
    })
}

impl<'a> Tree<'a> {
    fn read(cx: &Context<'a>) -> Self {
        let mut tree = Self {
            renamed: HashSet::new(),
            copied: false,
            clients: HashSet::new(),
            hosts: Vec::new(),
            seen: Vec::new(),
        };
        let dumps = ["pg_dump", "pg_restore"].map(memchr::memmem::Finder::new);
        for (id, file) in cx.sources.iter() {
            let bytes = file.bytes();
            match file.kind() {
                Kind::Host(_) => tree.hosts.push((id, bytes)),
                Kind::Sql => {
                    let found = RENAMED.iter().flat_map(|pattern| pattern.captures_iter(bytes));
                    tree.renamed.extend(found.filter_map(|of| Some(of.get(1)?.as_bytes().to_ascii_lowercase())));
                }
                _ => {}
            }
            tree.copied |= dumps.iter().any(|dump| dump.find(bytes).is_some());
        }
        let rows = cx.cluster.nodes.iter().filter_map(|node| node.hba.as_ref()).flat_map(|hba| &hba.rows);
        tree.seen.extend(rows.map(|row| cx.sources.to_host(row.line)));
        for of in &cx.cluster.conninfos {
            if matches!(of.origin, Origin::Subscription { .. } | Origin::Primary { .. }) {
                tree.seen.push(cx.sources.to_host(of.span));
            } else if let Some(user) = of.conninfo.get("user") {
                tree.clients.insert(user.value.bytes().to_vec());
            }
        }
        tree
    }
}
