//! Guests in Rust: cargo, and a standard library for WebAssembly.
//!
//! Where rustup's target `wasm32-unknown-unknown` is installed, this is a plain build. Elsewhere, on a Debian that has
//! it, the distribution's own compiler is unpacked to `target/wasm-toolchain` together with the sources of its standard
//! library, which cargo then builds first. rustup's linkers serve both: they are part of every toolchain.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use super::{Guest, build_project};
use crate::run::{cargo, is_installed, root, run};
use crate::setup::is_root;

const TARGET: &str = "wasm32-unknown-unknown";

/// The oldest compiler that builds the plugins, as `rust-version` of the SDK says.
const OLDEST: (u32, u32) = (1, 88);

/// Builds a guest as its author would.
pub(crate) fn build(_: &Guest, source: &Path, out: &Path) -> Result<()> {
    let mut command = cargo();
    command.args(["build", "--release", "--locked", "--target", TARGET]).envs(environment()?);
    // plugin.toml says where the build puts the component, so nothing else may.
    command.env_remove("CARGO_TARGET_DIR").env_remove("CARGO_BUILD_TARGET_DIR");
    build_project(&mut command, Vec::new(), source, out)
}

/// What `cargo build --release --target wasm32-unknown-unknown` needs in its environment on this machine: nothing where
/// rustup's target is installed.
///
/// Messages go to the standard error here, since a shell may evaluate what is printed.
pub(crate) fn environment() -> Result<Vec<(&'static str, String)>> {
    let library = PathBuf::from(output(rustc().args(["--print", "target-libdir", "--target", TARGET]))?);
    if library.exists() {
        return Ok(Vec::new());
    }
    let rustc = toolchain()?;
    Ok(vec![
        ("RUSTC", rustc.to_string_lossy().into_owned()),
        // Cargo builds a standard library only for a compiler that says it is a nightly one.
        ("RUSTC_BOOTSTRAP", "1".to_owned()),
        ("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort".to_owned()),
    ])
}

/// The compiler of `target/wasm-toolchain`, fetched if it is not there yet.
fn toolchain() -> Result<PathBuf> {
    let home = root().join("target/wasm-toolchain");
    let compiler = home.join("bin/rustc");
    if !compiler.exists() {
        for program in ["apt-get", "apt-cache", "dpkg-deb"] {
            ensure!(is_installed(program), "{TARGET} is not installed: run `rustup target add {TARGET}`");
        }
        // Nothing stands at its final place before it is whole.
        let part = home.with_extension("part");
        let _ = fs::remove_dir_all(&part);
        fetch(&part)?;
        fs::rename(&part, &home).with_context(|| format!("cannot make {}", home.display()))?;
    }
    lend_linkers(&home)?;
    let version = output(Command::new(&compiler).arg("-vV"))?;
    let release = version.lines().find_map(|line| line.strip_prefix("release: ")).unwrap_or_default();
    ensure!(is_new_enough(release), "Debian's compiler is {release}, and plugins need {}.{}", OLDEST.0, OLDEST.1);
    Ok(compiler)
}

fn is_new_enough(version: &str) -> bool {
    let mut numbers = version.split('.').map_while(|number| number.parse().ok());
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= OLDEST
}

/// Downloads and unpacks Debian's compiler. Its version is whatever the distribution has: it moves with its browsers.
fn fetch(home: &Path) -> Result<()> {
    let debs = home.join("debs");
    fs::create_dir_all(&debs).with_context(|| format!("cannot make {}", debs.display()))?;
    let packages = match packages() {
        Some(packages) if download(&packages, &debs).is_ok() => packages,
        // The lists are missing, or older than what the archive still has.
        _ => {
            let mut update = Command::new(if is_root() { "apt-get" } else { "sudo" });
            if !is_root() {
                update.arg("apt-get");
            }
            run(update.args(["update", "-qq"]).stdout(Stdio::null()))?;
            let Some(packages) = packages() else {
                bail!(
                    "{TARGET} is not installed, and this distribution has no rustc-web of {}.{} or later: run \
                     `rustup target add {TARGET}`",
                    OLDEST.0,
                    OLDEST.1
                );
            };
            download(&packages, &debs)?;
            packages
        }
    };
    eprintln!("xtask: unpacking {} below target/wasm-toolchain", packages.join(" "));
    for deb in fs::read_dir(&debs)? {
        run(Command::new("dpkg-deb").arg("-x").arg(deb?.path()).arg(home.join("root")))?;
    }
    fs::remove_dir_all(&debs)?;
    let wrapper = home.join("bin/rustc");
    fs::create_dir_all(home.join("bin"))?;
    fs::write(
        &wrapper,
        format!(
            "#!/bin/sh\nhome=${{0%/bin/rustc}}\nLD_LIBRARY_PATH=$home/root/usr/lib/{} exec \"$home/root/usr/bin/rustc\" \"$@\"\n",
            host()?.replace("-unknown-", "-")
        ),
    )?;
    fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755))?;
    Ok(())
}

/// The packages of Debian's compiler, its libraries and the sources of its standard library; none if apt's lists have
/// none that is new enough.
fn packages() -> Option<Vec<String>> {
    let policy = output(Command::new("apt-cache").args(["policy", "rustc-web"])).ok()?;
    let candidate = policy.lines().find_map(|line| line.trim().strip_prefix("Candidate: "))?;
    if !is_new_enough(candidate) {
        return None;
    }
    let needed = output(Command::new("apt-cache").args([
        "depends",
        "--recurse",
        "--important",
        "--no-pre-depends",
        "--no-conflicts",
        "--no-breaks",
        "--no-replaces",
        "--no-enhances",
        "rustc-web",
    ]));
    let mut packages: Vec<String> = needed
        .ok()?
        .lines()
        .filter(|line| ["rustc-web", "libstd-rust-web", "libllvm"].iter().any(|start| line.starts_with(start)))
        .map(str::to_owned)
        .collect();
    packages.push("rust-web-src".to_owned());
    Some(packages)
}

fn download(packages: &[String], folder: &Path) -> Result<()> {
    eprintln!("xtask: downloading Debian's {}, since {TARGET} is not installed", packages.join(" "));
    run(Command::new("apt-get").args(["download", "-qq"]).args(packages).current_dir(folder).stdout(Stdio::null()))
}

/// Puts rustup's linkers where Debian's compiler looks for linkers by their bare names. Debian has no
/// wasm-component-ld, which makes the module a component.
fn lend_linkers(home: &Path) -> Result<()> {
    let sysroot = PathBuf::from(output(rustc().args(["--print", "sysroot"]))?);
    let tools = Path::new("lib/rustlib").join(host()?).join("bin");
    let to = home.join("root/usr").join(&tools);
    fs::create_dir_all(&to)?;
    for name in ["wasm-component-ld", "rust-lld"] {
        let linker = sysroot.join(&tools).join(name);
        ensure!(linker.exists(), "{} is not there; rustup's toolchain brings it", linker.display());
        let link = to.join(name);
        if fs::read_link(&link).is_ok_and(|aim| aim == linker) {
            continue;
        }
        let _ = fs::remove_file(&link);
        symlink(&linker, &link).with_context(|| format!("cannot make {}", link.display()))?;
    }
    Ok(())
}

/// The compiler of the toolchain in use, whatever `RUSTC` says of another.
fn rustc() -> Command {
    let mut command = Command::new("rustc");
    command.current_dir(root());
    command
}

fn host() -> Result<String> {
    let version = output(rustc().arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("`rustc -vV` names no host")?.to_owned())
}

fn output(command: &mut Command) -> Result<String> {
    let output = command.stderr(Stdio::inherit()).output().with_context(|| format!("cannot start {command:?}"))?;
    ensure!(output.status.success(), "{command:?} ended with {}", output.status);
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
