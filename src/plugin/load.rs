//! From files to plugins that can be asked: read, checked against their hash, compiled or found in the cache, linked,
//! and asked what they are.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use camino::{Utf8Path, Utf8PathBuf};
use sha2::{Digest, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

use super::cache::Cache;
use super::component::Shape;
use super::error::PluginError;
use super::limits::LARGEST_FILE;
use super::v0_1::{Prepared, Running};
use super::{Description, Spec, Trouble, engine, pool};
use crate::rule::{Registry, RuleId};

/// What plugins run in: the engine, and where compiled code is kept.
pub struct Host {
    pub(super) engine: Engine,
    cache: Option<(Cache, String)>,
}

/// A plugin that told what it is. Its instance waits for the check.
pub struct Plugin {
    /// What the user says of it.
    pub spec: Spec,
    /// What it says of itself.
    pub description: Description,
    /// The SHA-256 of its file.
    pub sha256: String,
    pub(super) prepared: Prepared,
    pub(super) running: Option<Running>,
}

/// The plugins of a run.
#[derive(Debug)]
pub struct Plugins {
    pub(super) host: Host,
    /// In the order in which they were named.
    pub plugins: Vec<Plugin>,
    /// What could not be loaded.
    pub troubles: Vec<Trouble>,
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host").field("cache", &self.cache).finish_non_exhaustive()
    }
}

impl fmt::Debug for Plugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plugin")
            .field("spec", &self.spec)
            .field("description", &self.description)
            .finish_non_exhaustive()
    }
}

impl Host {
    /// Makes the engine and opens the cache in `folder`, if one is given. A cache that cannot be used is none: code is
    /// then compiled anew, and the reason is told.
    ///
    /// # Errors
    /// There is no engine for this machine.
    pub fn new(folder: Option<PathBuf>) -> Result<(Self, Option<String>), PluginError> {
        let engine = engine::engine().map_err(|error| PluginError::Engine(error.to_string()))?;
        let mut said = None;
        let cache = folder.and_then(|folder| match Cache::open(folder.clone()) {
            Ok(cache) => Some((cache, engine::compatibility(&engine))),
            Err(error) => {
                said = Some(format!("the cache of plugins in {} is not used: {error}", folder.display()));
                None
            }
        });
        Ok((Self { engine, cache }, said))
    }

    /// Loads plugins, several at once. `compiling` is told when one has to be compiled, which takes a while.
    ///
    /// # Errors
    /// No thread can be had.
    pub fn load(self, specs: Vec<Spec>, compiling: &(dyn Fn(&Utf8Path) + Sync)) -> Result<Plugins, PluginError> {
        let _clock = engine::Clock::start(&self.engine)?;
        let loaded = pool::run(once(specs), |spec| {
            let path = spec.path.clone();
            self.one(spec, compiling).map_err(|error| (path, error))
        })?;
        let mut plugins = Vec::<Plugin>::new();
        let mut troubles = Vec::new();
        for one in loaded {
            match one {
                Err((path, error)) => troubles.push(Trouble { path, name: None, rules: Vec::new(), error }),
                Ok(plugin) => {
                    let name = plugin.description.meta.name;
                    match plugins.iter().find(|other| other.description.meta.name == name) {
                        None => plugins.push(plugin),
                        Some(other) => troubles.push(Trouble {
                            error: PluginError::Twice { name: name.to_owned(), other: other.spec.path.to_string() },
                            path: plugin.spec.path,
                            name: None,
                            rules: Vec::new(),
                        }),
                    }
                }
            }
        }
        Ok(Plugins { host: self, plugins, troubles })
    }

    fn one(&self, spec: Spec, compiling: &(dyn Fn(&Utf8Path) + Sync)) -> Result<Plugin, PluginError> {
        let (component, sha256) = self.component(&spec, compiling)?;
        let prepared = Prepared::new(&self.engine, &component)?;
        let mut running = prepared.start(&spec.limits)?;
        let description = running.describe()?;
        Ok(Plugin { spec, description, sha256, prepared, running: Some(running) })
    }

    /// The compiled component, from the cache if it is there, and the hash of what it is compiled from.
    fn component(
        &self,
        spec: &Spec,
        compiling: &(dyn Fn(&Utf8Path) + Sync),
    ) -> Result<(Component, String), PluginError> {
        if let Some((cache, compatible)) = &self.cache {
            let sha256 = hash(&spec.path)?;
            pinned(spec, &sha256)?;
            if let Some(component) = cache.load(&self.engine, &key(&sha256, compatible)) {
                return Ok((component, sha256));
            }
        }
        // The file may have changed by now; what counts is what is compiled.
        let (bytes, sha256) = read(&spec.path)?;
        pinned(spec, &sha256)?;
        // What is in the cache has passed this.
        Shape::read(&bytes)?.accept()?;
        compiling(&spec.path);
        let component = Component::from_binary(&self.engine, &bytes)
            .map_err(|error| PluginError::NoComponent(super::short(&error.root_cause().to_string())))?;
        if let Some((cache, compatible)) = &self.cache {
            // A cache that cannot be written costs time, and nothing else.
            let _ = component.serialize().map(|code| cache.store(&key(&sha256, compatible), &code));
        }
        Ok((component, sha256))
    }
}

/// The plugins without those that the configuration names already: by a folder, by the command line, or by another path
/// to the same file. Configured ones come first.
fn once(specs: Vec<Spec>) -> Vec<Spec> {
    let mut known = BTreeSet::new();
    let mut out = Vec::with_capacity(specs.len());
    for spec in specs {
        let file = spec.path.canonicalize_utf8().unwrap_or_else(|_| spec.path.clone());
        if known.insert(file) || spec.origin.is_some() {
            out.push(spec);
        }
    }
    out
}

/// The name of an entry of the cache.
fn key(sha256: &str, compatible: &str) -> String {
    format!("{sha256}-{compatible}")
}

impl Plugins {
    /// The rules of the run: pgassay's own and those of the plugins.
    #[must_use]
    pub fn registry(&self) -> Registry {
        let rules = self.plugins.iter().flat_map(|plugin| plugin.description.rules.iter().copied());
        Registry::new(rules, !self.troubles.is_empty())
    }

    /// The same plugins once more, with other options if these are given, to be asked again.
    #[must_use]
    pub fn again(&self, options: Option<&serde_json::Value>) -> Self {
        let plugin = |plugin: &Plugin| Plugin {
            spec: Spec { options: options.unwrap_or(&plugin.spec.options).clone(), ..plugin.spec.clone() },
            description: plugin.description.clone(),
            sha256: plugin.sha256.clone(),
            prepared: plugin.prepared.clone(),
            running: None,
        };
        let host = Host { engine: self.host.engine.clone(), cache: None };
        Self { host, plugins: self.plugins.iter().map(plugin).collect(), troubles: Vec::new() }
    }

    /// The rules of each plugin as the registry numbers them, by the plugin's name.
    pub(super) fn rules(registry: &Registry) -> BTreeMap<&'static str, Vec<RuleId>> {
        let mut rules = BTreeMap::<_, Vec<_>>::new();
        for rule in registry.iter() {
            if let crate::rule::Check::Plugin(plugin) = rule.meta().check {
                rules.entry(plugin.name).or_default().push(rule);
            }
        }
        rules
    }
}

/// The plugins in a folder, sorted by name.
///
/// # Errors
/// The folder cannot be read.
#[expect(clippy::disallowed_methods, reason = "plugins are no input; only this module looks for them")]
pub fn in_folder(folder: &Utf8Path) -> std::io::Result<Vec<Utf8PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name();
        match name.to_str() {
            Some(name) if name.ends_with(".wasm") => found.push(folder.join(name)),
            None if name.as_encoded_bytes().ends_with(b".wasm") => {
                return Err(std::io::Error::other(format!("the name of {} is not UTF-8", name.display())));
            }
            _ => {}
        }
    }
    found.sort();
    Ok(found)
}

/// Opens a plugin's file.
#[expect(clippy::disallowed_methods, reason = "plugins are no input; only this module reads them")]
fn open(path: &Utf8Path) -> Result<File, PluginError> {
    // A pipe would be waited for.
    if !std::fs::metadata(path)?.is_file() {
        return Err(PluginError::Read(std::io::Error::other("it is no file")));
    }
    Ok(File::open(path)?)
}

/// Reads a plugin's file, and gives its SHA-256 in lower-case hexadecimal digits with it.
///
/// # Errors
/// It cannot be read, is no file or is too long.
pub fn read(path: &Utf8Path) -> Result<(Vec<u8>, String), PluginError> {
    let mut bytes = Vec::new();
    open(path)?.take(LARGEST_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(PluginError::TooLarge);
    }
    let sha256 = engine::hex(&Sha256::digest(&bytes));
    Ok((bytes, sha256))
}

/// The SHA-256 of a plugin's file, which is not held in memory.
fn hash(path: &Utf8Path) -> Result<String, PluginError> {
    let mut hasher = Sha256::new();
    let length = super::each_block(&mut open(path)?.take(LARGEST_FILE + 1), |block| hasher.update(block))?;
    if length > LARGEST_FILE { Err(PluginError::TooLarge) } else { Ok(engine::hex(&hasher.finalize())) }
}

fn pinned(spec: &Spec, sha256: &str) -> Result<(), PluginError> {
    match &spec.sha256 {
        Some(wanted) if wanted != sha256 => Err(PluginError::Hash { found: sha256.to_owned(), wanted: wanted.clone() }),
        None if spec.pinned => Err(PluginError::Unpinned(sha256.to_owned())),
        _ => Ok(()),
    }
}
