//! `--only-named`: files are named one by one, as a hook does before a commit, and what lies around them is read only
//! to judge them.

use anyhow::{Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

use crate::cli::args::InputArgs;
use crate::config::Settings;
use crate::discover::{self, Discovered};

/// The files that are named, relative to the working directory where they lie below it.
#[expect(clippy::disallowed_methods, reason = "the command line knows where it runs")]
pub(crate) fn files(input: &InputArgs) -> Result<Vec<Utf8PathBuf>> {
    let here = std::env::current_dir().unwrap_or_default();
    let plain = |path: &Utf8PathBuf| {
        let below = path.as_std_path().strip_prefix(&here).ok().and_then(Utf8Path::from_path).unwrap_or(path);
        discover::plain(below)
    };
    if input.paths.is_empty() {
        bail!("`--only-named` takes the files to report");
    }
    for path in &input.paths {
        if path == "-" || path.is_dir() {
            bail!("`--only-named` takes files, and `{path}` is none");
        }
    }
    Ok(input.paths.iter().map(plain).collect())
}

/// Discovers the files that are named and those around them, and where includes may lead: to all of the working directory,
/// as where the whole of it is checked.
pub(crate) fn inputs(input: &InputArgs, settings: &Settings) -> Result<(Discovered, Vec<Utf8PathBuf>)> {
    let files = files(input)?;
    let mut found = discover::discover(&files, input.kind, &settings.overrides);
    // A hook is given every file of a name that may be of interest.
    for input in &mut found.inputs {
        input.named &= input.kind.is_some();
    }
    let of_nodes = settings.nodes.iter().filter(|node| files.iter().any(|file| node.names(file) || node.holds(file)));
    let more = of_nodes.flat_map(|node| node.folder.iter().chain(&node.files).cloned()).collect::<Vec<_>>();
    discover::context(&mut found, &more, &settings.overrides);
    let mut roots = vec![Utf8PathBuf::from(".")];
    let elsewhere = files.iter().filter(|file| file.is_absolute() || file.starts_with(".."));
    roots.extend(elsewhere.filter_map(|file| file.parent()).map(Utf8Path::to_owned));
    Ok((found, roots))
}
