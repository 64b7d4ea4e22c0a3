//! `cargo xtask guests`: builds the example plugins from source into `target/guests/<plugin>.wasm`.
//!
//! Each language's module knows its tools and fetches them below `target/`; only C's compiler comes from the system's
//! packages. A guest whose sources are those of its last build is left alone. Nothing is run here: what a component does
//! is the host's business.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::run::{root, run, say};

mod bindings;
mod c;
mod javascript;
mod python;
mod rust;

pub(crate) use bindings::write as write_bindings;

/// A plugin that is built here.
#[derive(Debug)]
pub(crate) struct Guest {
    /// The plugin's name, which is also that of its file in `target/guests`.
    pub(crate) name: &'static str,
    /// The folder of its sources, from the root.
    pub(crate) folder: &'static str,
}

/// How guests of a language are built.
struct Language {
    /// Builds the guest from the folder of its sources into the file `out`, whose folder is there.
    build: fn(guest: &Guest, source: &Path, out: &Path) -> Result<()>,
    /// What goes into each of its guests beside the guest's own folder: files and folders, from the root.
    inputs: &'static [&'static str],
}

const RUST: Language = Language {
    build: rust::build,
    inputs: &["plugins/sdk", "plugins/Cargo.toml", "plugins/Cargo.lock", "plugins/.cargo", "xtask/src/guests/rust.rs"],
};

const C: Language = Language { build: c::build, inputs: &["plugins/sdk-c", "xtask/src/guests/c.rs"] };

const JAVASCRIPT: Language =
    Language { build: javascript::build, inputs: &["plugins/sdk-js", "xtask/src/guests/javascript.rs"] };

const PYTHON: Language =
    Language { build: python::build, inputs: &["plugins/sdk-python", "xtask/src/guests/python.rs"] };

const GUESTS: &[(Guest, Language)] = &[
    (Guest { name: "acme", folder: "plugins/examples/acme-policy" }, RUST),
    (Guest { name: "slots-rust", folder: "plugins/examples/slot-names-rust" }, RUST),
    (Guest { name: "slots-c", folder: "plugins/examples/slot-names-c" }, C),
    (Guest { name: "slots-js", folder: "plugins/examples/slot-names-js" }, JAVASCRIPT),
    (Guest { name: "slots-python", folder: "plugins/examples/slot-names-python" }, PYTHON),
];

/// Folders that hold what tools make, and cases, which go into no component.
const NOT_SOURCES: &[&str] = &["target", "build", "node_modules", "__pycache__", "fixtures"];

/// Builds the guests of these names, or all of them if there are none.
pub(crate) fn guests(names: &[&str]) -> Result<()> {
    if let Some(unknown) = names.iter().find(|name| GUESTS.iter().all(|(guest, _)| guest.name != **name)) {
        let known: Vec<&str> = GUESTS.iter().map(|(guest, _)| guest.name).collect();
        bail!("there is no guest `{unknown}`; there are {}", known.join(", "));
    }
    bindings::check()?;
    let folder = root().join("target/guests");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for (guest, language) in GUESTS.iter().filter(|(guest, _)| names.is_empty() || names.contains(&guest.name)) {
        let out = folder.join(format!("{}.wasm", guest.name));
        let stamp = out.with_extension("stamp");
        let now = inputs_digest(guest, language)?;
        if out.exists() && fs::read_to_string(&stamp).is_ok_and(|last| last == now) {
            continue;
        }
        say(&format!("building the plugin {}", guest.name));
        // A build that fails leaves no stamp, so that the next run tries again.
        let _ = fs::remove_file(&stamp);
        (language.build)(guest, &root().join(guest.folder), &out)
            .with_context(|| format!("cannot build the plugin {}", guest.name))?;
        fs::write(&stamp, now).with_context(|| format!("cannot write {}", stamp.display()))?;
    }
    Ok(())
}

/// Prints what a shell needs to build plugin projects in any language on this machine: the environment of `cargo build`
/// for Rust, and the PATH with all tools, which are installed if they are missing.
pub(crate) fn print_environment() -> Result<()> {
    for (name, value) in rust::environment()? {
        println!("export {name}={}", quoted(&value));
    }
    let mut tools = c::tools()?;
    tools.extend(javascript::tools()?);
    tools.extend(python::tools()?);
    for folder in tools {
        println!("export PATH={}:\"$PATH\"", quoted(&folder.to_string_lossy()));
    }
    Ok(())
}

/// A word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Runs a project's own build, with these folders in front of the PATH, and takes the component that it makes.
fn build_project(command: &mut Command, tools: Vec<PathBuf>, source: &Path, out: &Path) -> Result<()> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = tools.into_iter().chain(std::env::split_paths(&path));
    let path = std::env::join_paths(folders).context("a folder of the PATH cannot stand there")?;
    run(command.current_dir(source).env("PATH", path))?;
    let made = component(source)?;
    fs::copy(&made, out).with_context(|| format!("cannot copy {}", made.display()))?;
    Ok(())
}

/// Where a project's own build puts its component, as its plugin.toml says.
fn component(source: &Path) -> Result<PathBuf> {
    let manifest = source.join("plugin.toml");
    let text = fs::read_to_string(&manifest).with_context(|| format!("cannot read {}", manifest.display()))?;
    let path = text.lines().find_map(|line| line.strip_prefix("component = \"")?.strip_suffix('"'));
    Ok(source.join(path.with_context(|| format!("{} has no line `component = \"...\"`", manifest.display()))?))
}

/// A digest of everything that goes into a guest.
fn inputs_digest(guest: &Guest, language: &Language) -> Result<String> {
    let mut digest = Digest::new();
    for input in ["plugins/wit", guest.folder].iter().chain(language.inputs) {
        digest_tree(&mut digest, &root().join(input))?;
    }
    Ok(digest.to_string())
}

fn digest_tree(digest: &mut Digest, path: &Path) -> Result<()> {
    let failed = || format!("cannot read {}", path.display());
    if path.is_dir() {
        let entries: std::io::Result<Vec<_>> = fs::read_dir(path).with_context(failed)?.collect();
        let mut entries = entries.with_context(failed)?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries.iter().filter(|entry| !NOT_SOURCES.iter().any(|name| entry.file_name() == *name)) {
            digest_tree(digest, &entry.path())?;
        }
        return Ok(());
    }
    // The lengths keep the end of one file from being taken for the start of the next.
    for bytes in [path.as_os_str().as_encoded_bytes(), &fs::read(path).with_context(failed)?] {
        digest.add(&bytes.len().to_le_bytes());
        digest.add(bytes);
    }
    Ok(())
}

/// FNV-1a with 64 bits: it tells that something changed, and guards against nothing.
struct Digest(u64);

impl Digest {
    const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}
