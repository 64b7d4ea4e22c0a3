//! Runs the binary as a user does.

#![allow(clippy::disallowed_methods, clippy::expect_used, clippy::panic, reason = "a test binary of its own")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

mod baseline;
#[cfg(unix)]
mod browser;
mod cli;
mod clusters;
mod config;
mod discovery;
mod docs;
mod files;
mod fix;
mod hba;
mod hostile;
mod hosts;
#[cfg(unix)]
mod init;
mod lsp;
mod manifests;
#[cfg(unix)]
mod modes;
mod named;
mod names;
mod outputs;
mod picture;
mod profiles;
mod readme;
#[cfg(unix)]
mod review;
mod scale;
mod schema;
mod secrets;
mod since;
mod stock;
mod topology;
mod upgrade;

/// A folder of files that is removed when dropped.
struct Tree(tempfile::TempDir);

impl Tree {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("the folder can be made");
            fs::write(path, text).expect("the file can be written");
        }
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Gives a file a mode, where there are modes.
    #[cfg_attr(not(unix), allow(unused_variables, clippy::unused_self, reason = "there are none"))]
    fn set_mode(&self, name: &str, mode: u32) {
        #[cfg(unix)]
        fs::set_permissions(self.path().join(name), std::os::unix::fs::PermissionsExt::from_mode(mode))
            .expect("the mode can be set");
    }

    /// Runs pgassay in the folder.
    fn run(&self, args: &[&str]) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pgassay"));
        command.args(args).current_dir(self.path()).env_remove("NO_COLOR").env_remove("PGASSAY_CONFIG");
        Run::of(command.output().expect("pgassay starts"))
    }
}

/// What a run printed, and its exit code.
#[derive(Debug)]
struct Run {
    out: String,
    err: String,
    code: i32,
}

impl Run {
    fn of(output: Output) -> Self {
        Self {
            out: String::from_utf8(output.stdout).expect("the output is UTF-8"),
            err: String::from_utf8(output.stderr).expect("errors are UTF-8"),
            code: output.status.code().expect("pgassay is not killed"),
        }
    }
}
