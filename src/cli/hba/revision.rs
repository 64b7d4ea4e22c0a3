//! The files of a git revision: read from git's own store, never checked out, into a folder that is removed again.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context, Result, bail, ensure};
use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use tempfile::TempDir;

/// A folder with the files of a revision.
#[derive(Debug)]
pub(super) struct Revision {
    folder: TempDir,
    /// The paths that were asked for, in the folder.
    pub(super) paths: Vec<Utf8PathBuf>,
}

/// Larger files are no configuration, unless they are named.
const MOST_BYTES: u64 = 4 << 20;

/// So many files of a revision are read.
const MOST_FILES: usize = 100_000;

impl Revision {
    /// Reads the folders in which the paths lie, at a revision. Symbolic links are left out.
    #[expect(clippy::disallowed_methods, reason = "the command line keeps the files of a revision for the run")]
    pub(super) fn read(revision: &str, paths: &[Utf8PathBuf]) -> Result<Self> {
        // What begins like an option would be one.
        ensure!(!revision.starts_with('-'), "`{revision}` is no revision");
        let tree = git(&["rev-parse", "--verify", "--quiet", &format!("{revision}^{{tree}}")])
            .with_context(|| format!("`{revision}` is no revision"))?;
        let tree = String::from_utf8(tree)?.trim().to_owned();
        let folder = tempfile::tempdir()?;
        let root = Utf8Path::from_path(folder.path()).context("the folder for temporary files has an odd name")?;
        let mut blobs = Vec::new();
        for path in paths {
            blobs.extend(list(&tree, path)?);
        }
        blobs.sort();
        blobs.dedup();
        ensure!(blobs.len() <= MOST_FILES, "the revision has too many files there");
        cat(&blobs, |path, bytes| {
            let to = root.join(path);
            if let Some(parent) = to.parent() {
                std::fs::create_dir_all(parent)?;
            }
            Ok(std::fs::write(to, bytes)?)
        })?;
        let paths = paths.iter().map(|path| root.join(path)).collect::<Vec<_>>();
        if let Some(missing) = paths.iter().find(|path| !path.exists()) {
            bail!("`{}` is not in `{revision}`", missing.strip_prefix(root).unwrap_or(missing));
        }
        Ok(Self { paths, folder })
    }

    /// Where the files lie.
    pub(super) fn root(&self) -> String {
        self.folder.path().to_string_lossy().into_owned()
    }
}

/// The files beside a path and below, with their names in git's store.
fn list(tree: &str, path: &Utf8Path) -> Result<Vec<(String, Utf8PathBuf)>> {
    ensure!(path.is_relative() && path.components().all(is_plain), "`{path}` does not lie below the current folder");
    let out = git(&["ls-tree", "-r", "-z", "-l", tree])?;
    // A path may be a folder itself.
    let around = path.parent().unwrap_or(Utf8Path::new(""));
    let mut blobs = Vec::new();
    let mut is_folder = false;
    let mut all = Vec::new();
    for entry in out.split(|&byte| byte == 0).filter(|entry| !entry.is_empty()) {
        let Ok(entry) = std::str::from_utf8(entry) else { continue };
        let Some((meta, name)) = entry.split_once('\t') else { continue };
        let [mode, "blob", id, size] = meta.split_whitespace().collect::<Vec<_>>()[..] else { continue };
        let name = Utf8PathBuf::from(name);
        let small = name == path || size.parse::<u64>().is_ok_and(|size| size <= MOST_BYTES);
        if mode == "120000" || !small || !name.components().all(is_plain) {
            continue;
        }
        is_folder |= name.starts_with(path) && name != path;
        all.push((id.to_owned(), name));
    }
    for (id, name) in all {
        if name.starts_with(if is_folder { path } else { around }) {
            blobs.push((id, name));
        }
    }
    Ok(blobs)
}

fn is_plain(component: Utf8Component<'_>) -> bool {
    matches!(component, Utf8Component::Normal(_) | Utf8Component::CurDir)
}

fn git(args: &[&str]) -> Result<Vec<u8>> {
    let output = Command::new("git").args(args).stdin(Stdio::null()).output().context("cannot run git")?;
    ensure!(output.status.success(), "git {}: {}", args[0], String::from_utf8_lossy(&output.stderr).trim());
    Ok(output.stdout)
}

/// Reads files by their names in the store.
fn cat(blobs: &[(String, Utf8PathBuf)], mut take: impl FnMut(&Utf8Path, &[u8]) -> Result<()>) -> Result<()> {
    let mut command = Command::new("git");
    command.args(["cat-file", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().context("cannot run git")?;
    let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        bail!("git has no pipes");
    };
    let result = thread::scope(|scope| {
        scope.spawn(move || {
            for (id, _) in blobs {
                // Git is gone if it cannot be asked, which its answers show.
                if writeln!(input, "{id}").is_err() {
                    break;
                }
            }
        });
        let mut output = BufReader::new(output);
        for (_, path) in blobs {
            let mut head = String::new();
            output.read_line(&mut head)?;
            let size = head.trim_end().rsplit(' ').next().and_then(|size| size.parse::<usize>().ok());
            let Some(size) = size else { bail!("git does not give `{path}`") };
            let mut bytes = vec![0; size + 1];
            output.read_exact(&mut bytes)?;
            take(path, bytes.get(..size).unwrap_or_default())?;
        }
        Ok(())
    });
    child.wait()?;
    result
}
