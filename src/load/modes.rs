//! The modes of files on a host: those of data directories, of `/etc/postgresql`, and of password files in the homes of
//! users.
//!
//! A checkout is no host: version control keeps no modes, so that every file there has that of the umask. Neither is a data
//! directory that a server would not start in.

use std::collections::{BTreeMap, HashMap};

use camino::{Utf8Path, Utf8PathBuf};

use crate::discover::Kind;
use crate::load::{Loaded, clean, is_inside};
use crate::source::{self, FileId, Rights, SourceFile};
use crate::syntax::postgresql_conf::EntryKind;

use super::Tree;

/// The modes of files that servers and libpq look at.
#[derive(Debug, Clone, Default)]
pub struct Modes {
    /// Of files that were read.
    pub files: BTreeMap<FileId, Rights>,
    /// Of private keys, by their paths.
    pub keys: BTreeMap<Utf8PathBuf, Key>,
}

/// A private key in a data directory, or named there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Its rights.
    pub rights: Rights,
    /// The user who owns the data directory, as whom the server runs.
    pub server: u32,
}

impl Modes {
    /// The private key that a server in a data directory reads.
    #[must_use]
    pub fn key(&self, data_directory: &Utf8Path, name: &str) -> Option<Key> {
        self.keys.get(&clean(&data_directory.join(name))).copied()
    }
}

/// What a folder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Folder {
    /// A data directory, with its owner.
    Data(u32),
    Etc,
    Home,
    Other,
}

/// The modes that count among those of the files that were read.
pub(super) fn read(loaded: &Loaded, roots: &[Utf8PathBuf], follow_outside: bool) -> Modes {
    let mut modes = Modes::default();
    let mut folders: HashMap<&Utf8Path, Folder> = HashMap::new();
    for (id, file) in loaded.sources.iter().filter(|(_, file)| !file.is_fragment() && is_looked_at(file)) {
        let Some(parent) = file.path().parent() else { continue };
        let folder = *folders.entry(parent).or_insert_with(|| tell(parent));
        let is_home = file.kind() == Kind::Passfile;
        if folder == Folder::Other || is_home != (folder == Folder::Home) {
            continue;
        }
        modes.files.extend(source::rights(file.path()).map(|rights| (id, rights)));
        // The server looks for a key in its data directory (`check_ssl_key_file_permissions`).
        let Folder::Data(server) = folder else { continue };
        let mut names = vec!["server.key".to_owned()];
        if let Some(Tree::Conf(conf)) = loaded.documents.get(id.index()).map(|document| &document.tree) {
            names.extend(conf.entries.iter().filter_map(|entry| match &entry.kind {
                EntryKind::Setting { name, value } if !value.dynamic => {
                    let is_key = file.bytes().get(name.range())?.eq_ignore_ascii_case(b"ssl_key_file");
                    is_key.then(|| String::from_utf8_lossy(&value.text(file.bytes())).into_owned())
                }
                _ => None,
            }));
        }
        for name in names.into_iter().filter(|name| !name.is_empty()) {
            let path = clean(&parent.join(name));
            if !modes.keys.contains_key(&path)
                && (follow_outside || is_inside(&path, roots))
                && let Some(rights) = source::rights(&path)
            {
                modes.keys.insert(path, Key { rights, server });
            }
        }
    }
    modes
}

/// Whether a server or libpq reads a file of this name.
fn is_looked_at(file: &SourceFile) -> bool {
    match file.kind() {
        Kind::PostgresqlConf | Kind::AutoConf | Kind::RecoveryConf | Kind::PgHba | Kind::PgIdent => {
            file.path().extension() == Some("conf")
        }
        Kind::Passfile => file.path().file_name() == Some(".pgpass"),
        _ => false,
    }
}

fn tell(folder: &Utf8Path) -> Folder {
    let folder = if folder.as_str().is_empty() { Utf8Path::new(".") } else { folder };
    let Ok(path) = folder.canonicalize_utf8() else { return Folder::Other };
    // etckeeper keeps the modes of what lies in /etc.
    let is_checkout = |folder: &Utf8Path| {
        folder != "/etc" && [".git", ".hg", ".svn", ".jj"].iter().any(|name| folder.join(name).exists())
    };
    if path.ancestors().any(is_checkout) {
        return Folder::Other;
    }
    let names = path.components().map(|part| part.as_str()).collect::<Vec<_>>();
    match *names {
        // The server starts in no data directory with another mode (`checkDataDir`).
        _ if path.join("PG_VERSION").is_file() => {
            let private = source::rights(&path).filter(|rights| matches!(rights.mode, 0o700 | 0o750));
            private.map_or(Folder::Other, |rights| Folder::Data(rights.owner))
        }
        _ if names.windows(2).any(|pair| *pair == ["etc", "postgresql"]) => Folder::Etc,
        [.., "home", _] | [.., "root"] | [.., "var", "lib", "postgresql" | "pgsql"] => Folder::Home,
        _ => Folder::Other,
    }
}
