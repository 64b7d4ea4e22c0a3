//! What git knows: revisions, their files, and what changed. It is asked as a program; nothing is ever checked out.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context, Result, bail, ensure};
use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

/// A file of a revision.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Blob {
    /// Its path, as git was asked for it.
    pub(crate) path: Utf8PathBuf,
    /// Its name in git's store.
    pub(crate) id: String,
    pub(crate) kind: BlobKind,
    /// Bytes.
    pub(crate) size: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum BlobKind {
    File,
    Link,
    /// The commit of another repository.
    Submodule,
}

/// A repository: the folder that git is run in.
#[derive(Debug, Clone)]
pub(crate) struct Repository {
    folder: Utf8PathBuf,
    /// Whether what a hook was told of the outer repository must not be passed on.
    inner: bool,
}

impl Repository {
    /// The one of the working directory, asked from there.
    pub(crate) fn here() -> Self {
        Self { folder: Utf8PathBuf::from("."), inner: false }
    }

    /// The same, asked from its top folder.
    pub(crate) fn at(folder: Utf8PathBuf) -> Self {
        Self { folder, inner: false }
    }

    /// A submodule.
    pub(crate) fn submodule(folder: Utf8PathBuf) -> Self {
        Self { folder, inner: true }
    }

    fn command(&self) -> Command {
        let mut command = Command::new("git");
        command.arg("-C").arg(self.folder.as_str()).env("GIT_OPTIONAL_LOCKS", "0").stdin(Stdio::null());
        if self.inner {
            for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR"] {
                command.env_remove(name);
            }
        }
        command
    }

    /// What git answers.
    pub(crate) fn ask(&self, args: &[&str]) -> Result<Vec<u8>> {
        let output = self.command().args(args).output().context("cannot run git")?;
        ensure!(output.status.success(), "git {}: {}", args[0], String::from_utf8_lossy(&output.stderr).trim());
        Ok(output.stdout)
    }

    /// What git answers in one line.
    pub(crate) fn line(&self, args: &[&str]) -> Result<String> {
        Ok(String::from_utf8(self.ask(args)?)?.trim_end_matches(['\n', '\r']).to_owned())
    }

    /// The files of a tree, and its submodules. Those whose names are not UTF-8 or lead out of it are left out.
    pub(crate) fn list(&self, tree: &str, args: &[&str]) -> Result<Vec<Blob>> {
        let out = self.ask(&[&["ls-tree", "-r", "-z", "-l"], args, &[tree]].concat())?;
        let entries = out.split(|&byte| byte == 0).filter_map(|entry| {
            let (meta, name) = std::str::from_utf8(entry).ok()?.split_once('\t')?;
            let [mode, kind, id, size] = meta.split_whitespace().collect::<Vec<_>>()[..] else { return None };
            let kind = match (kind, mode) {
                ("commit", _) => BlobKind::Submodule,
                (_, "120000") => BlobKind::Link,
                _ => BlobKind::File,
            };
            let path = Utf8PathBuf::from(name);
            path.components().all(is_plain).then(|| Blob {
                path,
                id: id.to_owned(),
                kind,
                size: size.parse().unwrap_or(0),
            })
        });
        Ok(entries.collect())
    }

    /// Reads files by their names in the store.
    pub(crate) fn cat(&self, blobs: &[Blob], mut take: impl FnMut(&Blob, &[u8]) -> Result<()>) -> Result<()> {
        let mut command = self.command();
        command.args(["cat-file", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().context("cannot run git")?;
        let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            bail!("git has no pipes");
        };
        let result = thread::scope(|scope| {
            scope.spawn(move || {
                for blob in blobs {
                    // Git is gone if it cannot be asked, which its answers show.
                    if writeln!(input, "{}", blob.id).is_err() {
                        break;
                    }
                }
            });
            let mut output = BufReader::new(output);
            for blob in blobs {
                let mut head = String::new();
                output.read_line(&mut head)?;
                let size = head.trim_end().rsplit(' ').next().and_then(|size| size.parse::<usize>().ok());
                let Some(size) = size else { bail!("git does not give `{}`", blob.path) };
                let mut bytes = vec![0; size + 1];
                output.read_exact(&mut bytes)?;
                take(blob, bytes.get(..size).unwrap_or_default())?;
            }
            Ok(())
        });
        child.wait()?;
        result
    }
}

/// Whether a component leads nowhere else.
pub(crate) fn is_plain(component: Utf8Component<'_>) -> bool {
    matches!(component, Utf8Component::Normal(_) | Utf8Component::CurDir)
}

/// Writes a file of a revision below a folder.
#[expect(clippy::disallowed_methods, reason = "the command line keeps the files of a revision for the run")]
pub(crate) fn keep(root: &Utf8Path, path: &Utf8Path, bytes: &[u8]) -> Result<()> {
    let to = root.join(path);
    if let Some(parent) = to.parent() {
        std::fs::create_dir_all(parent)?;
    }
    Ok(std::fs::write(to, bytes)?)
}
