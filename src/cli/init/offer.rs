//! What runs pgassay in a repository: the hook of pre-commit, and jobs of CI services.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};

use crate::cli::args::{CiService, InitArgs};
use crate::cli::tell;

/// A file that runs pgassay.
struct Offer {
    /// Where it lies, from the top of the repository.
    path: &'static str,
    text: String,
}

/// The files that were asked for.
fn offers(args: &InitArgs) -> Vec<Offer> {
    let offer = |path, text: &str| Offer { path, text: text.replace("VERSION", env!("CARGO_PKG_VERSION")) };
    let hook = args.pre_commit.then(|| offer(".pre-commit-config.yaml", include_str!("pre-commit.yaml")));
    let jobs = args.ci.iter().map(|service| match service {
        CiService::Github => offer(".github/workflows/pgassay.yml", include_str!("github.yaml")),
        CiService::Gitlab => offer(".gitlab-ci.yml", include_str!("gitlab.yaml")),
    });
    hook.into_iter().chain(jobs).collect()
}

/// Prints the files that were asked for.
pub(super) fn print(args: &InitArgs) -> Result<()> {
    let mut out = io::stdout().lock();
    for Offer { path, text } in offers(args) {
        write!(out, "\n# {path}\n{text}")?;
    }
    Ok(())
}

/// Writes the files that were asked for into the repository that `folder` lies in. One that is there is its owner's, so
/// what would stand in it is printed.
pub(super) fn write(args: &InitArgs, folder: &Utf8Path, quiet: bool) -> Result<()> {
    let top = top(folder);
    for Offer { path, text } in offers(args) {
        let path = top.join(path);
        if path.symlink_metadata().is_ok() {
            tell(&format!("`{path}` is there already and was left alone; this belongs into it:"))?;
            io::stdout().lock().write_all(text.as_bytes())?;
            continue;
        }
        let parent = path.parent().unwrap_or(&top);
        fs::create_dir_all(parent).with_context(|| format!("cannot make the folder `{parent}`"))?;
        let file = OpenOptions::new().write(true).create_new(true).open(&path);
        file.and_then(|mut file| file.write_all(text.as_bytes())).with_context(|| format!("cannot write `{path}`"))?;
        if !quiet {
            tell(&format!("wrote `{path}`"))?;
        }
    }
    Ok(())
}

/// Says what else there is.
pub(super) fn hint(args: &InitArgs) -> Result<()> {
    if !args.pre_commit && args.ci.is_empty() {
        tell("`pgassay init --pre-commit` adds a hook, `--ci github` or `--ci gitlab` a job")?;
    }
    Ok(())
}

/// The top of the repository that the folder lies in, or the folder itself.
fn top(folder: &Utf8Path) -> Utf8PathBuf {
    let absolute = folder.canonicalize_utf8().unwrap_or_else(|_| folder.to_owned());
    let found = absolute.ancestors().position(|folder| folder.join(".git").exists());
    match found {
        // The way there, as short as it can be said.
        Some(0) | None => folder.strip_prefix(".").map_or(folder.to_owned(), Utf8Path::to_owned),
        Some(up) => (0..up).fold(folder.to_owned(), |path, _| path.join("..")),
    }
}
