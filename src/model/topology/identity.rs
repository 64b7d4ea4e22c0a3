//! By which names, addresses and port the others reach a server.

use std::collections::BTreeSet;
use std::net::IpAddr;

use camino::Utf8Path;

use crate::model::value::Value;
use crate::model::{Effective, Node, NodeSettings};

/// How others reach a server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// Its names in lower case: what pgassay.toml says, its folder, its service, words of a heading.
    pub hosts: BTreeSet<String>,
    /// Its addresses: what pgassay.toml says, addresses in `listen_addresses`, and in a heading.
    pub addresses: BTreeSet<IpAddr>,
    /// Its port, where it is known: a default counts only where all of the configuration is seen.
    pub port: Option<u16>,
    /// The addresses that pgassay.toml says, from which it connects to others as well.
    pub said: BTreeSet<IpAddr>,
}

/// Folders that are called by what is in them, not by the server.
const CONVENTIONAL: &[&str] = &[
    "conf",
    "conf.d",
    "config",
    "configs",
    "data",
    "db",
    "database",
    "docker-entrypoint-initdb.d",
    "etc",
    "init",
    "initdb",
    "initdb.d",
    "lib",
    "main",
    "migrate",
    "migrations",
    "pgdata",
    "pgsql",
    "postgres",
    "postgresql",
    "priv",
    "repo",
    "schema",
    "scripts",
    "sql",
    "src",
    "templates",
    "var",
    "versions",
];

/// The folder that a server is called by: without the conventional ones at its end, unless there is nothing else.
pub(super) fn home(folder: &Utf8Path) -> &Utf8Path {
    let conventional = |name: &str| {
        let name = name.to_ascii_lowercase();
        CONVENTIONAL.contains(&name.as_str()) || name.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    };
    let named = folder.ancestors().find(|folder| folder.file_name().is_some_and(|name| !conventional(name)));
    named.unwrap_or(folder)
}

impl Identity {
    /// Takes over what a name says: the words that may be host names, and the addresses.
    pub(super) fn name(&mut self, name: &str) {
        let name = name.to_ascii_lowercase();
        for word in name.split(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':'))) {
            let word = word.trim_matches(['.', ':', '-']);
            match word.parse::<IpAddr>() {
                Ok(address) => {
                    self.addresses.insert(address);
                }
                Err(_) if !word.is_empty() => {
                    self.hosts.insert(word.to_owned());
                }
                Err(_) => {}
            }
        }
    }

    /// Takes over a name or an address as it is.
    pub(super) fn host(&mut self, name: &str) {
        match name.trim().parse::<IpAddr>() {
            Ok(address) => {
                self.addresses.insert(address);
            }
            Err(_) if !name.trim().is_empty() => {
                self.hosts.insert(name.trim().to_ascii_lowercase());
            }
            Err(_) => {}
        }
    }

    /// Takes over what a heading says, of whose words only few are names: those that have a digit, a dot or a dash
    /// besides letters, and roles.
    pub(super) fn heading(&mut self, title: &str, is_role: impl Fn(&str) -> bool) {
        for word in title.split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '`' | '"' | ',' | ';')) {
            let letters = word.contains(char::is_alphabetic);
            let odd = word.contains(|c: char| c.is_ascii_digit() || c == '.' || c == '-') && !word.ends_with(".conf");
            if odd && letters || word.parse::<IpAddr>().is_ok() || is_role(word) {
                self.name(word);
            }
        }
    }

    /// Takes over what a node's settings say.
    pub(super) fn settings(&mut self, node: &Node) {
        let Some(major) = node.targets.majors.last() else { return };
        if let Effective::Known(Value::String(text), Some(_)) = node.settings.effective("listen_addresses", major) {
            for word in text.split(',').map(str::trim) {
                match word.parse::<IpAddr>() {
                    Ok(address) if !address.is_loopback() && !address.is_unspecified() => {
                        self.addresses.insert(address);
                    }
                    Err(_) if !matches!(word, "" | "*" | "localhost") => {
                        self.hosts.insert(word.to_ascii_lowercase());
                    }
                    _ => {}
                }
            }
        }
        if let Effective::Known(Value::Int(port), _) = node.settings.effective("port", major) {
            self.port = u16::try_from(port).ok();
        }
    }

    /// Takes over what pgassay.toml says.
    pub(super) fn said(&mut self, said: &NodeSettings) {
        self.hosts.extend(said.hosts.iter().map(|host| host.to_ascii_lowercase()));
        self.hosts.extend(said.name.iter().map(|name| name.to_ascii_lowercase()));
        self.addresses.extend(&said.addresses);
        self.said.extend(&said.addresses);
    }

    /// Whether a host name is one of its own: the same, or one is the first label of the other.
    #[must_use]
    pub fn is_called(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let label = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
        self.hosts.iter().any(|own| {
            let bare = !own.contains('.') || !host.contains('.');
            *own == host || bare && label(own) == label(&host)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_and_headings_name_servers() {
        for (folder, name) in [
            ("primary", "primary"),
            ("db1.example.com/etc/postgresql/16/main", "db1.example.com"),
            ("x/analytics/priv/repo/migrations", "x/analytics"),
            ("sql", "sql"),
            ("", ""),
        ] {
            assert_eq!(home(Utf8Path::new(folder)), Utf8Path::new(name), "{folder}");
        }
        let mut identity = Identity::default();
        identity.name("Primary server (10.0.0.5, PG1.example.com)");
        assert!(identity.addresses.contains(&IpAddr::from([10, 0, 0, 5])));
        assert!(identity.is_called("primary") && identity.is_called("pg1") && identity.is_called("PG1.example.com."));
        assert!(!identity.is_called("pg1.example.org") && !identity.is_called("pg2"));
    }
}
