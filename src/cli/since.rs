//! `check --since` and `--diff-only`: the change that findings are asked for, as git or a unified diff tells it.
//!
//! What was found before is found again: the files of the revision are laid into a folder of their own and checked there
//! with today's configuration. The working tree is never touched.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, IsTerminal};

use anyhow::{Context, Result, bail, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use tempfile::TempDir;

use crate::cli::args::{GlobalArgs, InputArgs};
use crate::cli::configuration::{self, Said};
use crate::cli::files::here;
use crate::cli::git::{self, Blob, BlobKind, Repository};
use crate::cli::run::Run;
use crate::discover;
use crate::load::{Texts, clean};
use crate::source::{self, SourceMap};
use crate::triage::{Baseline, Change, FilePatch, Root, patches};

/// Larger files are no configuration, unless their name says so.
const MOST_BYTES: u64 = 4 << 20;

/// So many files of a revision are read.
const MOST_FILES: usize = 100_000;

/// What is known of a change before the files are read.
#[derive(Debug)]
pub(crate) struct Since {
    /// Folders that paths of the diff may be relative to, absolute, the likeliest first.
    folders: Vec<Utf8PathBuf>,
    files: Vec<FilePatch>,
    /// Whether paths may have prefixes such as `b/`.
    prefixed: bool,
    before: Option<(Baseline, Utf8PathBuf)>,
}

impl Since {
    /// Asks git what changed since a revision and, unless only lines count, what was found then.
    pub(crate) fn revision(revision: &str, lines_only: bool, global: &GlobalArgs, said: Said<'_>) -> Result<Self> {
        let Some(input) = said.input else { bail!("there is nothing to check") };
        ensure!(
            !input.paths.iter().any(|path| path == "-"),
            "standard input has no revisions, so `--since` has no use"
        );
        let past = Past::find(revision, input)?;
        let mut parts = vec![Part { below: Utf8PathBuf::new(), tree: past.tree.clone() }];
        let mut files = Vec::new();
        let folder = (!lines_only).then(|| past.lay(input, &mut parts)).transpose()?;
        for part in &parts {
            files.extend(past.changes(part)?);
        }
        let renamed = files.iter().filter_map(|file| file.renamed.clone()).collect();
        let before = folder.map(|folder| past.found(&folder, renamed, global, said)).transpose()?;
        Ok(Self {
            folders: vec![past.top.clone()],
            files,
            prefixed: false,
            before: before.map(|before| (before, past.top)),
        })
    }

    /// Reads a unified diff; `-` is standard input.
    pub(crate) fn diff(path: &Utf8Path) -> Result<Self> {
        let mut text = Vec::new();
        if path == "-" {
            let stdin = io::stdin().lock();
            ensure!(
                !stdin.is_terminal(),
                "`--diff-only` reads a unified diff from standard input, which is a terminal"
            );
            source::read_up_to(stdin, &mut text).context("cannot read standard input")?;
        } else {
            text = source::read(path).with_context(|| format!("cannot read the diff `{path}`"))?;
        }
        let name = if path == "-" { "standard input".to_owned() } else { format!("`{path}`") };
        let files = patches(&text).with_context(|| format!("cannot use the diff of {name}"))?;
        let here = here()?;
        // git writes paths from the top of the repository, other tools from where they were run.
        let top = here.ancestors().find(|folder| folder.join(".git").exists()).map(ToOwned::to_owned);
        Ok(Self { folders: top.into_iter().chain([here]).collect(), files, prefixed: true, before: None })
    }

    /// The change, in the files that were read.
    pub(crate) fn change(self, sources: &SourceMap) -> Result<Change> {
        let here = here()?;
        let mut real = HashMap::<Utf8PathBuf, Utf8PathBuf>::new();
        let mut ids = HashMap::new();
        for (id, file) in sources.iter().filter(|(_, file)| !file.is_fragment()) {
            let absolute = clean(&here.join(file.path()));
            let (Some(parent), Some(name)) = (absolute.parent(), absolute.file_name()) else { continue };
            let parent = real
                .entry(parent.to_owned())
                .or_insert_with(|| parent.canonicalize_utf8().unwrap_or_else(|_| parent.to_owned()));
            ids.insert(parent.join(name), id);
        }
        let mut lines = BTreeMap::<_, Vec<_>>::new();
        for file in &self.files {
            let Some(new) = &file.new else { continue };
            let prefixed = if self.prefixed { file.without_prefix() } else { None };
            let paths = prefixed.into_iter().chain([new.as_path()]);
            let places = paths.flat_map(|path| self.folders.iter().map(move |folder| clean(&folder.join(path))));
            let mut places = places.collect::<Vec<_>>().into_iter();
            if let Some(id) = places.find_map(|place| ids.get(&place)) {
                lines.entry(*id).or_default().extend(file.lines.iter().cloned());
            }
        }
        for ranges in lines.values_mut() {
            ranges.sort_by_key(|range| range.start);
        }
        let before = self.before.map(|(before, base)| (before, Root { here, base, renamed: BTreeMap::new() }));
        Ok(Change { lines, before })
    }
}

/// A repository at a revision: the one that was asked for, or a submodule in it.
struct Part {
    /// Where it lies, from the top.
    below: Utf8PathBuf,
    tree: String,
}

/// A revision of the repository that the working directory lies in.
struct Past {
    /// The top folder, absolute.
    top: Utf8PathBuf,
    /// The working directory, from the top; none if it does not lie below.
    prefix: Option<Utf8PathBuf>,
    tree: String,
}

impl Past {
    fn find(revision: &str, input: &InputArgs) -> Result<Self> {
        let (repository, top) = Self::repository_of(input)?;
        let prefix = here()?.strip_prefix(&top).map(ToOwned::to_owned).ok();
        // What begins like an option would be one.
        ensure!(!revision.starts_with('-'), "`{revision}` is no revision");
        let (name, fork) = revision.strip_suffix("...").map_or((revision, false), |name| (name, true));
        let shallow = || {
            let shallow =
                repository.line(&["rev-parse", "--is-shallow-repository"]).is_ok_and(|answer| answer == "true");
            let advice = "; this is a shallow clone: fetch more of it, with `fetch-depth: 0` in GitHub Actions, \
                          `GIT_DEPTH: 0` in GitLab CI, or `git fetch --unshallow`";
            if shallow { advice } else { "" }
        };
        let Ok(mut commit) = repository.line(&["rev-parse", "--verify", "--quiet", &format!("{name}^{{tree}}")]) else {
            bail!("`{name}` is no revision of the repository in `{top}`{}", shallow());
        };
        if fork {
            let Ok(base) = repository.line(&["merge-base", name, "HEAD"]) else {
                bail!("`{name}` and the current revision have no common past{}", shallow());
            };
            commit = repository.line(&["rev-parse", "--verify", "--quiet", &format!("{base}^{{tree}}")])?;
        }
        Ok(Self { top, prefix, tree: commit })
    }

    /// The repository of the working directory, or of the first path if that lies in another one.
    fn repository_of(input: &InputArgs) -> Result<(Repository, Utf8PathBuf)> {
        let top = |repository: Repository| {
            let top = repository.line(&["rev-parse", "--show-toplevel"]).context("`--since` asks git")?;
            anyhow::Ok((repository, Utf8PathBuf::from(top).canonicalize_utf8()?))
        };
        let first = input.paths.first().and_then(|path| path.canonicalize_utf8().ok());
        match (top(Repository::here()), first) {
            (Ok((_, top)), Some(first)) if first.starts_with(&top) => Ok((Repository::at(top.clone()), top)),
            (_, Some(first)) => {
                let folder = if first.is_dir() { Some(first.as_path()) } else { first.parent() };
                top(Repository::at(folder.unwrap_or(&first).to_owned()))
            }
            (here, None) => here,
        }
    }

    fn repository(&self, part: &Part) -> Repository {
        if part.below.as_str().is_empty() {
            Repository::at(self.top.clone())
        } else {
            Repository::submodule(self.top.join(&part.below))
        }
    }

    /// What changed in a repository, with paths from the top.
    fn changes(&self, part: &Part) -> Result<Vec<FilePatch>> {
        let text = self.repository(part).ask(&[
            "diff",
            "--unified=0",
            "--no-color",
            "--no-ext-diff",
            "--no-textconv",
            "--ignore-submodules=all",
            "--find-renames",
            "--src-prefix=a/",
            "--dst-prefix=b/",
            &part.tree,
            "--",
        ])?;
        let mut files = patches(&text).context("cannot use what git says of the changes")?;
        for file in &mut files {
            let below = |path: Utf8PathBuf| part.below.join(path);
            let unprefixed =
                |path: Utf8PathBuf, prefix: &str| path.strip_prefix(prefix).map(|path| part.below.join(path)).ok();
            file.old = file.old.take().and_then(|path| unprefixed(path, "a"));
            file.new = file.new.take().and_then(|path| unprefixed(path, "b"));
            file.renamed = file.renamed.take().map(|(from, to)| (below(from), below(to)));
        }
        Ok(files)
    }

    /// Lays the files that a check might read into a folder; finds the submodules meanwhile.
    fn lay(&self, input: &InputArgs, parts: &mut Vec<Part>) -> Result<Laid> {
        let folder = tempfile::tempdir()?;
        let root = Utf8PathBuf::from_path_buf(folder.path().to_owned());
        let root = root.map_err(|_| anyhow::anyhow!("the folder for temporary files has an odd name"))?;
        let laid = Laid { root: root.canonicalize_utf8()?, _folder: folder };
        let around = self.around(input)?;
        let (mut next, mut count) = (0, 0);
        while let Some(part) = parts.get(next) {
            let (repository, below) = (self.repository(part), part.below.clone());
            let mut blobs = repository.list(&part.tree, &["--full-tree"])?;
            for blob in blobs.iter().filter(|blob| blob.kind == BlobKind::Submodule) {
                parts.extend(self.submodule(&below.join(&blob.path), blob, &around)?);
            }
            blobs.retain(|blob| is_wanted(&below.join(&blob.path), blob, input, &around));
            count += blobs.len();
            ensure!(
                count <= MOST_FILES,
                "the revision has more than {MOST_FILES} files there; name the folders to check"
            );
            repository.cat(&blobs, |blob, bytes| {
                let path = below.join(&blob.path);
                if blob.kind == BlobKind::Link {
                    link(&laid.root, &path, bytes)
                } else {
                    git::keep(&laid.root, &path, bytes)
                }
            })?;
            next += 1;
        }
        // A checkout is known by it: ignore files above it do not count, and modes are nobody's.
        make_folder(&laid.root.join(".git"))?;
        make_folder(&laid.root.join(self.prefix.as_deref().unwrap_or(Utf8Path::new(""))))?;
        Ok(laid)
    }

    /// The folders that what is to be checked lies in, from the top.
    fn around(&self, input: &InputArgs) -> Result<Vec<Utf8PathBuf>> {
        if input.follow_outside {
            return Ok(vec![Utf8PathBuf::new()]);
        }
        let here = here()?;
        let paths = if input.paths.is_empty() { vec![Utf8PathBuf::from(".")] } else { input.paths.clone() };
        let one = |path: &Utf8PathBuf| {
            let absolute = path.canonicalize_utf8().unwrap_or_else(|_| clean(&here.join(path)));
            let Ok(below) = absolute.strip_prefix(&self.top) else {
                bail!("`{path}` does not lie in the repository in `{}`, so `--since` knows nothing of it", self.top);
            };
            let folder = if absolute.is_dir() { below } else { below.parent().unwrap_or(below) };
            Ok(folder.to_owned())
        };
        paths.iter().map(one).collect()
    }

    /// A submodule that is checked out and that the paths lie in, or that lies in them.
    fn submodule(&self, path: &Utf8Path, blob: &Blob, around: &[Utf8PathBuf]) -> Result<Option<Part>> {
        let concerned = around.iter().any(|folder| path.starts_with(folder) || folder.starts_with(path));
        if !concerned || !self.top.join(path).join(".git").exists() {
            return Ok(None);
        }
        let repository = Repository::submodule(self.top.join(path));
        let Ok(tree) = repository.line(&["rev-parse", "--verify", "--quiet", &format!("{}^{{tree}}", blob.id)]) else {
            bail!(
                "the submodule `{path}` does not have its commit {} of then; `git -C {path} fetch` might bring it",
                blob.id
            );
        };
        Ok(Some(Part { below: path.to_owned(), tree }))
    }

    /// What is found in the files of the revision, by paths from the top as they are now.
    fn found(
        &self,
        laid: &Laid,
        renamed: BTreeMap<Utf8PathBuf, Utf8PathBuf>,
        global: &GlobalArgs,
        said: Said<'_>,
    ) -> Result<Baseline> {
        let mut configured = configuration::configured(global, said)?;
        configured.settings.move_to(&self.top, &laid.root);
        let mut input = said.input.cloned().unwrap_or_default();
        let here = here()?;
        for path in input.paths.iter_mut().filter(|path| path.is_absolute() || self.prefix.is_none()) {
            let absolute = clean(&here.join(&*path));
            let real = absolute.canonicalize_utf8().unwrap_or_else(|_| absolute.clone());
            let below = absolute.strip_prefix(&self.top).or_else(|_| real.strip_prefix(&self.top));
            *path = laid.root.join(below.unwrap_or(Utf8Path::new("")));
        }
        let there = laid.root.join(self.prefix.as_deref().unwrap_or(Utf8Path::new("")));
        let asked = !input.paths.is_empty();
        let _back = Elsewhere::go(&there)?;
        input.paths.retain(|path| path.exists());
        if asked && input.paths.is_empty() {
            return Ok(Baseline::default());
        }
        let (run, plugins) = Run::new(&input, said, configured)?;
        let mut looked = run.look(&Texts::new(), plugins, false)?;
        let report = run.report(&mut looked, None);
        Ok(Baseline::of(&report, looked.sources(), &Root { here: there, base: laid.root.clone(), renamed }))
    }
}

/// A folder with the files of a revision; it is removed with this.
struct Laid {
    root: Utf8PathBuf,
    _folder: TempDir,
}

/// Whether a check might read the file.
fn is_wanted(path: &Utf8Path, blob: &Blob, input: &InputArgs, around: &[Utf8PathBuf]) -> bool {
    let name = path.file_name().unwrap_or_default();
    let parent = path.parent().unwrap_or(Utf8Path::new(""));
    match blob.kind {
        BlobKind::Submodule => false,
        BlobKind::Link => true,
        // Ignore files above hold for all that lies below.
        BlobKind::File if matches!(name, ".gitignore" | ".ignore") => {
            around.iter().any(|folder| folder.starts_with(parent) || parent.starts_with(folder))
        }
        BlobKind::File => {
            let named = || input.paths.iter().any(|path| path.file_name() == Some(name));
            let small = blob.size <= MOST_BYTES || discover::by_name(name).is_some() || named();
            small && around.iter().any(|folder| path.starts_with(folder))
        }
    }
}

/// Makes a symbolic link that stays in the folder; others are left out.
#[cfg(unix)]
fn link(root: &Utf8Path, path: &Utf8Path, target: &[u8]) -> Result<()> {
    let Ok(target) = std::str::from_utf8(target) else { return Ok(()) };
    let (target, parent) = (Utf8Path::new(target), path.parent().unwrap_or(Utf8Path::new("")));
    if target.is_absolute() || !clean(&parent.join(target)).components().all(git::is_plain) {
        return Ok(());
    }
    make_folder(&root.join(parent))?;
    Ok(std::os::unix::fs::symlink(target, root.join(path))?)
}

#[cfg(not(unix))]
fn link(_: &Utf8Path, _: &Utf8Path, _: &[u8]) -> Result<()> {
    Ok(())
}

fn make_folder(path: &Utf8Path) -> Result<()> {
    Ok(std::fs::create_dir_all(path)?)
}

/// Another working directory, until this is dropped: so the same words name the files of the revision.
struct Elsewhere(Utf8PathBuf);

impl Elsewhere {
    fn go(folder: &Utf8Path) -> Result<Self> {
        let back = Self(here()?);
        std::env::set_current_dir(folder)?;
        Ok(back)
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        // It was the working directory a moment ago.
        let _ = std::env::set_current_dir(&self.0);
    }
}
