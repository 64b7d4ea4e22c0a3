//! The files of a git revision: read from git's own store, never checked out, into a folder that is removed again.

use anyhow::{Context, Result, bail, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use tempfile::TempDir;

use crate::cli::git::{self, Blob, BlobKind, Repository};

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
    pub(super) fn read(revision: &str, paths: &[Utf8PathBuf]) -> Result<Self> {
        // What begins like an option would be one.
        ensure!(!revision.starts_with('-'), "`{revision}` is no revision");
        let repository = Repository::here();
        let tree = repository
            .line(&["rev-parse", "--verify", "--quiet", &format!("{revision}^{{tree}}")])
            .with_context(|| format!("`{revision}` is no revision"))?;
        let folder = tempfile::tempdir()?;
        let root = Utf8Path::from_path(folder.path()).context("the folder for temporary files has an odd name")?;
        let mut blobs = Vec::new();
        for path in paths {
            blobs.extend(list(&repository, &tree, path)?);
        }
        blobs.sort();
        blobs.dedup();
        ensure!(blobs.len() <= MOST_FILES, "the revision has too many files there");
        repository.cat(&blobs, |blob, bytes| git::keep(root, &blob.path, bytes))?;
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
fn list(repository: &Repository, tree: &str, path: &Utf8Path) -> Result<Vec<Blob>> {
    let below = path.is_relative() && path.components().all(git::is_plain);
    ensure!(below, "`{path}` does not lie below the current folder");
    let mut blobs = repository.list(tree, &[])?;
    blobs.retain(|blob| blob.kind == BlobKind::File && (blob.path == path || blob.size <= MOST_BYTES));
    // A path may be a folder itself.
    let around = path.parent().unwrap_or(Utf8Path::new(""));
    let is_folder = blobs.iter().any(|blob| blob.path.starts_with(path) && blob.path != path);
    blobs.retain(|blob| blob.path.starts_with(if is_folder { path } else { around }));
    Ok(blobs)
}
