//! The source distribution, the wheel that pip makes of it, and the wheel in an empty environment.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, Result, ensure};

use super::tools::{self, Tools};
use super::{empty, folder, only, version};
use crate::run::{root, run, say};

/// Files that the source distribution must hold, as an example of their folders.
const NEEDED: &[&str] = &[
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "PKG-INFO",
    "README.md",
    "build.rs",
    "packaging/wheel/data/share/man/man1/pgassay.1",
    "plugins/sdk/Cargo.toml",
    "plugins/templates/rust/Cargo.toml",
    "plugins/wit/pgassay.wit",
    "pyproject.toml",
    "rules/hba/hba-trust-remote.toml",
    "rules/profiles/cis-17.toml",
    "src/catalog/generated.rs",
    "src/main.rs",
    "xtask/src/main.rs",
];

/// Files that the wheel must install, below the environment.
const INSTALLED: &[&str] = &[
    "share/man/man1/pgassay.1",
    "share/man/man1/pgassay-check.1",
    "share/bash-completion/completions/pgassay",
    "share/fish/vendor_completions.d/pgassay.fish",
    "share/zsh/site-functions/_pgassay",
];

pub(super) fn make(tools: &Tools) -> Result<()> {
    let version = version()?;
    let (sdist, wheels) = (folder().join("sdist"), folder().join("wheels"));
    empty(&sdist)?;
    empty(&wheels)?;
    run(tools.command("maturin").args(["sdist", "--out"]).arg(&sdist).current_dir(root()))?;
    let archive = only(&sdist, ".tar.gz")?;
    run(Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(&sdist))?;
    let source = sdist.join(format!("pgassay-{version}"));
    for name in NEEDED {
        ensure!(source.join(name).is_file(), "the source distribution lacks {name}");
    }
    let size = fs::metadata(&archive)?.len();
    ensure!(size < 8 << 20 && !source.join("fixtures").exists(), "the source distribution has {size} bytes");
    // Times in the archive are fixed; cargo would take what it built of an earlier one for new.
    touch(&source)?;
    say("building the wheel from the source distribution");
    let mut pip = tools.command("python");
    pip.args(["-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir"]).arg(&wheels).arg(&source);
    pip.env("MATURIN_PEP517_ARGS", "--profile dev").env("CARGO_TARGET_DIR", root().join("target"));
    run(pip.env("CARGO_INCREMENTAL", "0"))?;
    let wheel = only(&wheels, ".whl")?;
    install(&wheel, &version)?;
    let uvx = tools
        .command("uv")
        .args(["tool", "run", "--offline", "--from"])
        .arg(&wheel)
        .args(["pgassay", "-V"])
        .output()?;
    ensure!(
        String::from_utf8_lossy(&uvx.stdout) == format!("pgassay {version}\n"),
        "uvx says {}",
        String::from_utf8_lossy(&uvx.stderr)
    );
    Ok(())
}

/// Installs the wheel into an empty environment, and runs what is there then.
fn install(wheel: &Path, version: &str) -> Result<()> {
    let home = folder().join("environment");
    let environment = tools::environment(&home)?;
    run(environment.command("python").args(["-m", "pip", "install", "--quiet", "--no-index"]).arg(wheel))?;
    let said = environment.command("pgassay").arg("--version").output().context("the wheel brings no pgassay")?;
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    ensure!(said == format!("pgassay {version}\n"), "the wheel's pgassay says {said:?}");
    for name in INSTALLED {
        ensure!(home.join(name).is_file(), "the wheel does not install {name}");
    }
    let tree = root().join("fixtures/clusters/debian");
    let found =
        environment.command("pgassay").args(["check", "--format", "concise", "."]).current_dir(tree).output()?;
    let text = String::from_utf8_lossy(&found.stdout).into_owned();
    ensure!(found.status.code() == Some(1) && text.contains("[conf-extension-not-loaded]"), "it finds {text:?}");
    // What the build script puts into the binary came along.
    let plugin = folder().join("plugin");
    empty(&plugin)?;
    run(environment.command("pgassay").args(["plugin", "new", "acme", "--lang", "rust"]).current_dir(&plugin))?;
    ensure!(plugin.join("acme/Cargo.toml").is_file(), "the wheel's pgassay makes no plugin");
    Ok(())
}

fn touch(path: &Path) -> Result<()> {
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            touch(&entry.path())?;
        } else {
            File::options().append(true).open(entry.path())?.set_modified(SystemTime::now())?;
        }
    }
    Ok(())
}
