//! Which files make a node: those of one folder, by the part of their names that they share.

use std::collections::{BTreeMap, HashSet};

use camino::{Utf8Path, Utf8PathBuf};

use crate::catalog::Majors;
use crate::discover::Kind;
use crate::load::{Include, Loaded, Target, Tree};
use crate::model::hba::HbaContext;
use crate::model::node::{Node, Recovery};
use crate::model::settings::{self, Settings};
use crate::model::target::{self, Targets};
use crate::model::value::Value;
use crate::model::{Options, access};
use crate::source::FileId;

/// The name that files without a variant share: `postgresql.conf`, `pg_hba.conf`.
const PLAIN: &str = ".conf";

/// The files of one folder, by kind and by what their names share.
#[derive(Debug, Default)]
struct Folder {
    conf: BTreeMap<String, FileId>,
    auto: Option<FileId>,
    hba: BTreeMap<String, FileId>,
    ident: BTreeMap<String, FileId>,
    recovery_conf: BTreeMap<String, FileId>,
    done: Option<FileId>,
    standby_signal: Option<FileId>,
    recovery_signal: Option<FileId>,
    version: Option<FileId>,
    command_line: Option<FileId>,
    major: Option<FileId>,
}

/// The nodes of a run, by folder.
pub(crate) fn nodes(loaded: &Loaded, options: &Options) -> Vec<Node> {
    let mut taken = included(loaded);
    taken.extend(loaded.mounts.iter().map(|mount| mount.file));
    let files = loaded.sources.iter().filter(|(id, _)| !taken.contains(id));
    let files = files.map(|(id, file)| (id, file.kind(), file.place()));
    let mounted = loaded.mounts.iter().map(|mount| (mount.file, mount.kind, mount.place.as_path()));
    let mut folders: BTreeMap<&Utf8Path, Folder> = BTreeMap::new();
    for (id, kind, place) in files.chain(mounted) {
        let name = place.file_name().unwrap_or_default();
        let said = options.nodes.iter().find(|said| said.names(loaded.sources.file(id).path()));
        let folder = || said.map_or_else(|| place.parent().unwrap_or(Utf8Path::new("")), |said| &said.key);
        let mut of = |take: fn(&mut Folder) -> &mut BTreeMap<String, FileId>, words: &[&str]| {
            take(folders.entry(folder()).or_default()).insert(variant(name, words), id);
        };
        match kind {
            Kind::PostgresqlConf => of(|folder| &mut folder.conf, &["postgresql", "postgres"]),
            Kind::PgHba => of(|folder| &mut folder.hba, &["pg_hba"]),
            Kind::PgIdent => of(|folder| &mut folder.ident, &["pg_ident"]),
            Kind::RecoveryConf => of(|folder| &mut folder.recovery_conf, &["recovery"]),
            Kind::AutoConf => folders.entry(folder()).or_default().auto = Some(id),
            Kind::RecoveryDone => folders.entry(folder()).or_default().done = Some(id),
            Kind::StandbySignal => folders.entry(folder()).or_default().standby_signal = Some(id),
            Kind::RecoverySignal => folders.entry(folder()).or_default().recovery_signal = Some(id),
            Kind::PgVersion => folders.entry(folder()).or_default().version = Some(id),
            Kind::CommandLine => folders.entry(folder()).or_default().command_line = Some(id),
            Kind::Major => folders.entry(folder()).or_default().major = Some(id),
            _ => {}
        }
    }
    folders.into_iter().flat_map(|(path, folder)| folder.nodes(path, loaded, options)).collect()
}

/// The files that others include. Of files that include each other, one is not: where its server starts to read,
/// which is postgresql.conf if there is one among them.
fn included(loaded: &Loaded) -> HashSet<FileId> {
    let mut edges: BTreeMap<FileId, Vec<&[FileId]>> = BTreeMap::new();
    let mut lists = HashSet::new();
    for (place, target) in &loaded.targets {
        if let Target::Files { files, .. } = target
            && lists.insert((place.file, files.as_ptr()))
        {
            edges.entry(place.file).or_default().push(files);
        }
    }
    let named = edges.values().flatten().copied().flatten().copied().collect::<HashSet<_>>();
    let mut included = HashSet::new();
    let mut roots = edges.keys().copied().collect::<Vec<_>>();
    let starts = |file: FileId| loaded.sources.file(file).place().file_name() == Some("postgresql.conf");
    roots.sort_by_key(|&file| (named.contains(&file), !starts(file)));
    for root in roots {
        if included.contains(&root) {
            continue;
        }
        let mut waiting = vec![root];
        while let Some(file) = waiting.pop() {
            let next = edges.get(&file).into_iter().flatten().copied().flatten().copied();
            let next = next.filter(|&next| next != root);
            waiting.extend(next.filter(|&next| included.insert(next)));
        }
    }
    included
}

/// What is left of a file's name without the word that says its kind: `.conf`, `.primary.conf`, `.conf.j2`.
fn variant(name: &str, words: &[&str]) -> String {
    match words.iter().find_map(|word| name.split_once(word)) {
        Some((before, after)) => format!("{before}{after}"),
        None => name.to_owned(),
    }
}

impl Folder {
    fn nodes(&self, path: &Utf8Path, loaded: &Loaded, options: &Options) -> Vec<Node> {
        // The configuration files decide which nodes there are; access files that go with none are nodes too.
        let mut keys = self.conf.keys().collect::<Vec<_>>();
        if keys.is_empty() {
            keys = self.hba.keys().chain(self.ident.keys()).chain(self.recovery_conf.keys()).collect();
            keys.sort_unstable();
            keys.dedup();
        }
        let plain = PLAIN.to_owned();
        let alone = self.auto.or(self.command_line).or(self.standby_signal).or(self.recovery_signal).or(self.done);
        let alone = alone.is_some();
        if keys.is_empty() && alone {
            keys.push(&plain);
        }
        let main =
            if keys.contains(&&plain) { Some(&plain) } else { keys.first().copied().filter(|_| keys.len() == 1) };
        let mut nodes = keys
            .iter()
            .map(|key| self.node(key, main == Some(*key), keys.len() > 1, path, loaded, options))
            .collect::<Vec<_>>();
        let used = nodes.iter().flat_map(|node: &Node| {
            [node.hba.as_ref().map(|hba| hba.file), node.ident.as_ref().map(|ident| ident.file)]
        });
        let used = used.flatten().collect::<HashSet<_>>();
        let spare = self.hba.iter().chain(&self.ident).filter(|(_, file)| !used.contains(file)).map(|(key, _)| key);
        let spare = spare.collect::<std::collections::BTreeSet<_>>();
        for key in spare {
            let folder = Self {
                hba: self
                    .hba
                    .get_key_value(key)
                    .filter(|(_, file)| !used.contains(file))
                    .map(|(key, &file)| (key.clone(), file))
                    .into_iter()
                    .collect(),
                ident: self
                    .ident
                    .get_key_value(key)
                    .filter(|(_, file)| !used.contains(file))
                    .map(|(key, &file)| (key.clone(), file))
                    .into_iter()
                    .collect(),
                version: self.version,
                major: self.major,
                ..Self::default()
            };
            nodes.push(folder.node(key, false, true, path, loaded, options));
        }
        nodes
    }

    /// The node of the files whose names share `key`. `main` gets the files that have no variants.
    fn node(&self, key: &str, main: bool, several: bool, path: &Utf8Path, loaded: &Loaded, options: &Options) -> Node {
        let root = self.conf.get(key).copied();
        let settings = Settings::read(loaded, root, self.auto.filter(|_| main), self.command_line.filter(|_| main));
        let hba = self.pick(&self.hba, key, "hba_file", &settings, loaded);
        let ident = self.pick(&self.ident, key, "ident_file", &settings, loaded);
        let recovery_conf =
            self.recovery_conf.get(key).copied().or_else(|| self.recovery_conf.get(PLAIN).copied().filter(|_| main));
        // A sample in which everything is commented out is no file of a server.
        let says = |file: &FileId| {
            let source = loaded.sources.file(*file);
            let active = matches!(&loaded.documents[file.index()].tree, Tree::Conf(conf) if !conf.entries.is_empty());
            active || source.place().file_name() == Some("recovery.conf")
        };
        let recovery_conf = recovery_conf.filter(says);
        // A mounted file lies elsewhere than the service that reads it.
        let home = root.map(|file| loaded.sources.file(file).place());
        let known = options
            .nodes
            .iter()
            .filter(|said| said.key == path || said.holds(path) || home.is_some_and(|home| said.holds(home)))
            .max_by_key(|said| (said.key == path, said.key.as_str().len()));
        let first = root.or(hba).or(ident).or(recovery_conf).or(self.command_line);
        let targets = match options.pg.or_else(|| known.and_then(|node| node.pg)) {
            Some(majors) => Targets::said(majors),
            None => self.targets(first, root, hba, path, &settings, loaded),
        };
        let majors = targets.majors;
        let known_on =
            |setting: &str, among: Majors| settings.effective(setting, (majors & among).last()?).value().cloned();
        let libraries = known_on("oauth_validator_libraries", Majors::since(18));
        let context = HbaContext {
            ssl: known_on("ssl", Majors::ALL).map(|value| value == Value::Bool(true)),
            db_user_namespace: known_on("db_user_namespace", Majors::until(16)).map(|value| value == Value::Bool(true)),
            oauth_validator_libraries: match &libraries {
                Some(Value::String(text)) => Some(text),
                _ => None,
            },
        };
        let name = match (known.and_then(|node| node.name.clone()), first) {
            (Some(name), _) => name,
            (None, Some(file)) if several => loaded.sources.file(file).place().to_string(),
            (None, _) if path.as_str().is_empty() => ".".to_owned(),
            (None, _) => path.to_string(),
        };
        let (definitions, errors) =
            recovery_conf.map(|file| settings::of_recovery_conf(loaded, file)).unwrap_or_default();
        Node {
            data_directory: main && (self.version.is_some() || self.auto.is_some()),
            name,
            said: known.map(|said| said.key.clone()),
            folder: path.to_owned(),
            hba: hba.map(|file| access::hba(loaded, file, majors, &context)),
            ident: ident.map(|file| access::ident(loaded, file, majors)),
            recovery: Recovery {
                conf: recovery_conf,
                complete: recovery_conf.is_some_and(|file| !loaded.documents[file.index()].template)
                    && errors.is_empty()
                    && !definitions.iter().any(|definition| Include::of(definition.name.as_bytes()).is_some()),
                definitions,
                errors,
                done: self.done.filter(|_| main),
                standby_signal: self.standby_signal.filter(|_| main),
                recovery_signal: self.recovery_signal.filter(|_| main),
            },
            settings,
            targets,
        }
    }

    /// The access file of a node: the one that the setting names, if it lies in the folder, else the one of the same
    /// variant, else the plain one, else the only one.
    fn pick(
        &self,
        files: &BTreeMap<String, FileId>,
        key: &str,
        setting: &str,
        settings: &Settings,
        loaded: &Loaded,
    ) -> Option<FileId> {
        let named = settings.winner(setting).filter(|definition| !definition.value.dynamic).and_then(|definition| {
            let name = String::from_utf8_lossy(&definition.text);
            let name = Utf8PathBuf::from(name.into_owned());
            files.values().copied().find(|&file| loaded.sources.file(file).place().file_name() == name.file_name())
        });
        let only = files.values().next().copied().filter(|_| files.len() == 1 && self.conf.len() <= 1);
        named
            .or_else(|| files.get(key).copied())
            .or_else(|| files.get(PLAIN).copied().filter(|_| self.conf.contains_key(key)))
            .or(only)
    }

    fn targets(
        &self,
        first: Option<FileId>,
        root: Option<FileId>,
        hba: Option<FileId>,
        path: &Utf8Path,
        settings: &Settings,
        loaded: &Loaded,
    ) -> Targets {
        let bytes = |file: FileId| loaded.sources.file(file).bytes();
        let by_version = self.version.and_then(|file| target::of_pg_version(bytes(file)));
        let by_image = self.major.and_then(|file| target::of_image(bytes(file)));
        let by_path = target::of_path(first.map_or(path, |file| loaded.sources.file(file).place()));
        let by_sample = root.and_then(|file| target::of_sample(bytes(file)));
        let by_header = hba.and_then(|file| target::of_hba_header(bytes(file)));
        let firm = by_version.into_iter().chain(by_image).chain(by_path).chain(by_sample).chain(by_header).collect();
        let release = self.major.and_then(|file| target::release_of_image(bytes(file)));
        let targets = Targets::weigh(firm, target::of_settings(settings, &loaded.sources));
        let only = |&(major, _): &(u8, u16)| targets.without_settings == Majors::only(major);
        Targets { release: release.filter(only), ..targets }
    }
}
