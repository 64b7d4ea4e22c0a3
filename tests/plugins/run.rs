//! Runs pgassay on a tree with plugins.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::guest::Guest;

/// A folder with files to check and plugins, and a cache of its own.
#[derive(Debug)]
pub(crate) struct Tree {
    folder: tempfile::TempDir,
}

/// What a run printed, its exit code, and how long it took.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) code: i32,
    pub(crate) time: Duration,
}

/// A setting that a built-in rule finds, to see that it still does.
pub(crate) const WEAK: &str = "fsync = off\n";

impl Tree {
    /// A tree with one weak setting.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let tree = Self { folder };
        tree.write("conf/postgresql.conf", WEAK.as_bytes());
        tree
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("the folder can be made");
        fs::write(&path, bytes).expect("the file can be written");
        path
    }

    /// Puts a plugin at `<name>.wasm`.
    pub(crate) fn plugin(&self, name: &str, guest: &Guest) -> PathBuf {
        self.write(&format!("{name}.wasm"), &guest.build())
    }

    pub(crate) fn cache(&self) -> PathBuf {
        self.path().join("cache")
    }

    pub(crate) fn run(&self, args: &[&str]) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pgassay"));
        command.args(args).current_dir(self.path()).env("PGASSAY_CACHE_DIR", self.cache());
        command.env_remove("NO_COLOR").env_remove("PGASSAY_CONFIG");
        Run::of(&mut command)
    }

    /// Checks the tree with the plugins in these files, in the concise format.
    pub(crate) fn check(&self, plugins: &[&str]) -> Run {
        let mut args = vec!["check", "conf", "--format", "concise"];
        for plugin in plugins {
            args.extend(["--plugin", plugin]);
        }
        self.run(&args)
    }
}

impl Run {
    pub(crate) fn of(command: &mut Command) -> Self {
        let start = Instant::now();
        let output = command.output().expect("it starts");
        Self {
            out: String::from_utf8(output.stdout).expect("the output is UTF-8"),
            err: String::from_utf8(output.stderr).expect("errors are UTF-8"),
            code: output.status.code().expect("it is not killed"),
            time: start.elapsed(),
        }
    }

    /// The run did its other work: the built-in rule found what it finds, and pgassay says that something failed.
    #[track_caller]
    pub(crate) fn failed_with(&self, message: &str) {
        assert_eq!(self.code, 2, "{self:?}");
        assert!(self.out.contains("error[fsync-off]"), "other findings are lost: {self:?}");
        assert!(self.err.contains(message), "`{message}` is not in {self:?}");
        assert!(!self.err.contains('\u{1b}') && !self.out.contains('\u{1b}'), "an escape sequence: {self:?}");
    }
}
