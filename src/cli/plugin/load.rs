//! Loads the plugins of a run: where their compiled code is kept, and what is told of it.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use anyhow::Result;
use camino::Utf8Path;

use crate::cli::args::PluginArgs;
use crate::cli::reporting::variable;
use crate::finding::Severity;
use crate::plugin::{Host, Plugins, Spec};
use crate::triage::Note;

/// Loads plugins. The notes say why the cache is not used, if it is not.
pub(crate) fn load(specs: Vec<Spec>, args: &PluginArgs) -> Result<(Plugins, Vec<Note>)> {
    let folder = if args.no_cache { None } else { cache_folder() };
    let (host, said) = Host::new(folder)?;
    let notes = said.map(|message| Note { path: None, level: Severity::Info, message });
    let plugins = host.load(specs, &compiling)?;
    Ok((plugins, notes.into_iter().collect()))
}

/// Tells who waits that a plugin is compiled, which takes seconds for those of Python.
fn compiling(path: &Utf8Path) {
    let mut err = io::stderr().lock();
    if err.is_terminal() {
        let _ = writeln!(err, "pgassay: compiling {path} (first use)");
    }
}

/// Where compiled plugins of the user are kept; none where the environment names no such place.
pub(crate) fn cache_folder() -> Option<PathBuf> {
    let folder = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(own) = folder("PGASSAY_CACHE_DIR") {
        return Some(own);
    }
    let base = if cfg!(windows) {
        folder("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        folder("HOME").map(|home| home.join("Library/Caches"))
    } else {
        // The specification of XDG base directories passes over relative paths.
        folder("XDG_CACHE_HOME")
            .filter(|path| path.is_absolute())
            .or_else(|| folder("HOME").map(|home| home.join(".cache")))
    };
    base.map(|base| base.join("pgassay").join("plugins"))
}
