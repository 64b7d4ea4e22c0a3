//! Which of a guide's servers a block is for: by the headings above it, and by words such as "on the publisher".

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::discover::Kind;
use crate::extract::role::role;

/// The servers of a guide, as far as it was read.
#[derive(Debug, Default)]
pub(super) struct Servers {
    /// The headings above, outermost first, each with its level.
    headings: Vec<(u8, String)>,
    /// The role that the prose below the last heading named last.
    said: Option<&'static str>,
    /// What each server's blocks define so far, by kind: one that repeats something is for another server, or for
    /// another way to set up the same, and gets the next number.
    defined: BTreeMap<(String, Kind), (u32, BTreeSet<String>)>,
    /// Where the title names the major that the guide is for.
    version: Option<Range<usize>>,
    /// The folders that were handed out.
    nodes: BTreeSet<String>,
}

impl Servers {
    pub(super) fn heading(&mut self, level: u8, title: &str) {
        self.headings.retain(|(above, _)| *above < level);
        self.headings.push((level, title.trim().to_owned()));
        self.said = None;
    }

    /// Takes prose into account: "on the publisher".
    pub(super) fn prose(&mut self, text: &str) {
        let mut words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).peekable();
        while let Some(word) = words.next() {
            if !word.eq_ignore_ascii_case("on") {
                continue;
            }
            let article = |word: &&str| word.eq_ignore_ascii_case("the") || word.eq_ignore_ascii_case("your");
            let _ = words.next_if(article);
            let role = words.peek().and_then(|word| role(word));
            self.said = role.or(self.said);
        }
    }

    /// The name of the server that the text is about: a heading with a role in it, a role that the prose named, or
    /// nothing.
    pub(super) fn node(&self) -> String {
        if let Some(role) = self.said {
            return role.to_owned();
        }
        let named = self
            .headings
            .iter()
            .rev()
            .find(|(_, title)| title.split(|c: char| !c.is_alphanumeric()).any(|word| role(word).is_some()));
        named.map_or_else(String::new, |(_, title)| title.clone())
    }

    /// The folder for a block that defines `names`.
    pub(super) fn place(&mut self, kind: Kind, names: BTreeSet<String>) -> String {
        let node = self.node();
        let (number, defined) = self.defined.entry((node.clone(), kind)).or_insert((1, BTreeSet::new()));
        if !defined.is_disjoint(&names) {
            *number += 1;
            defined.clear();
        }
        defined.extend(names);
        let folder = match (*number, node.as_str()) {
            (1, _) => node,
            (number, "") => format!("block {number}"),
            (number, _) => format!("{node} {number}"),
        };
        self.nodes.insert(folder.clone());
        folder
    }

    /// The folder for statements, which may be repeated.
    pub(super) fn of_sql(&mut self) -> String {
        let node = self.node();
        self.nodes.insert(node.clone());
        node
    }

    /// Whether the title has named a major.
    pub(super) fn is_versioned(&self) -> bool {
        self.version.is_some()
    }

    /// Looks for the major in the title at `range` of the text: "for PostgreSQL 16". Several are none.
    pub(super) fn version(&mut self, text: &str, range: Range<usize>) {
        let Some(title) = text.get(range.clone()) else { return };
        let mut found = Vec::new();
        for name in ["postgresql", "postgres", "pg"] {
            for (at, _) in title.to_ascii_lowercase().match_indices(name) {
                let after = at + name.len();
                let rest = title.get(after..).unwrap_or_default();
                let gap = rest.len() - rest.trim_start_matches([' ', '-']).len();
                let digits = rest[gap..].bytes().take_while(u8::is_ascii_digit).count();
                if digits == 2 {
                    found.push(range.start + after + gap..range.start + after + gap + digits);
                }
            }
        }
        found.sort_by_key(|range| range.start);
        found.dedup();
        if let [only] = found.as_slice() {
            self.version = Some(only.clone());
        }
    }

    /// The place of the major that the title names, and the folders that it is about.
    pub(super) fn versions(&mut self) -> Option<(Range<usize>, BTreeSet<String>)> {
        Some((self.version.take()?, std::mem::take(&mut self.nodes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_and_prose_name_servers() {
        let mut servers = Servers::default();
        servers.heading(1, "Logical replication");
        assert_eq!(servers.node(), "");
        servers.heading(2, "The Primary");
        servers.heading(3, "Settings");
        assert_eq!(servers.node(), "The Primary");
        servers.prose("Now, on the replica, run");
        assert_eq!(servers.node(), "replica");
        servers.heading(2, "Clean up");
        assert_eq!(servers.node(), "");
    }

    #[test]
    fn the_title_names_the_major() {
        let version = |title: &str| {
            let mut servers = Servers::default();
            servers.version(title, 0..title.len());
            servers.version.map(|range| title[range].to_owned())
        };
        assert_eq!(version("# Replication for PostgreSQL 15"), Some("15".to_owned()));
        assert_eq!(version("# PG-16 notes"), Some("16".to_owned()));
        assert_eq!(version("# From PostgreSQL 12 to PostgreSQL 16"), None);
        assert_eq!(version("# PostgreSQL 9.6"), None);
        assert_eq!(version("# PostgreSQL"), None);
    }

    #[test]
    fn what_is_repeated_is_for_another_server() {
        let mut servers = Servers::default();
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let mut place = |of: &[&str]| servers.place(Kind::PostgresqlConf, names(of));
        assert_eq!(place(&["wal_level"]), "");
        assert_eq!(place(&["max_wal_senders"]), "");
        assert_eq!(place(&["wal_level"]), "block 2");
        assert_eq!(place(&["wal_level"]), "block 3");
    }
}
