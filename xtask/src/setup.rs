//! Installs what building needs: a C compiler and libclang, with which pg_query builds PostgreSQL's parser.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::run::{is_installed, run, say};

/// A package manager and the packages that bring a C compiler and libclang.
struct Manager {
    program: &'static str,
    /// Commands that come before the installation.
    refresh: &'static [&'static str],
    install: &'static [&'static str],
    packages: &'static [&'static str],
    /// The package of a browser that needs no window, if it has one.
    browser: Option<&'static str>,
    /// Whether it wants to be run by root.
    root: bool,
}

const MANAGERS: &[Manager] = &[
    Manager {
        program: "apt-get",
        refresh: &["update", "-qq"],
        install: &["install", "-y", "-qq", "--no-install-recommends"],
        packages: &["gcc", "libc6-dev", "make", "libclang-dev"],
        browser: Some("chromium-headless-shell"),
        root: true,
    },
    Manager {
        program: "dnf",
        refresh: &[],
        install: &["install", "-y", "-q"],
        packages: &["gcc", "glibc-devel", "make", "clang-devel"],
        browser: Some("chromium-headless"),
        root: true,
    },
    Manager {
        program: "apk",
        refresh: &[],
        install: &["add", "--quiet"],
        packages: &["gcc", "musl-dev", "make", "linux-headers", "clang-dev"],
        browser: Some("chromium"),
        root: true,
    },
    Manager {
        program: "pacman",
        refresh: &[],
        install: &["-S", "--noconfirm", "--needed", "--quiet"],
        packages: &["gcc", "make", "clang"],
        browser: Some("chromium"),
        root: true,
    },
    Manager {
        program: "brew",
        refresh: &[],
        install: &["install", "--quiet"],
        packages: &["llvm"],
        browser: None,
        root: false,
    },
];

/// Installs what is missing; says and does nothing where nothing is.
pub(crate) fn setup() -> Result<()> {
    let mut missing = Vec::new();
    if !is_installed("cc") && !is_installed("clang") {
        missing.push("a C compiler");
    }
    if !is_installed("make") {
        missing.push("make");
    }
    if libclang().is_none() {
        missing.push("libclang");
    }
    if missing.is_empty() {
        return Ok(());
    }
    let missing = missing.join(", ");
    let Some(manager) = MANAGERS.iter().find(|manager| is_installed(manager.program)) else {
        bail!(
            "{missing} must be installed to build PostgreSQL's parser, and none of {} is here; install them by hand \
             (LIBCLANG_PATH may name the folder of libclang)",
            MANAGERS.iter().map(|manager| manager.program).collect::<Vec<_>>().join(", ")
        );
    };
    say(&format!("missing: {missing}; installing {} with {}", manager.packages.join(" "), manager.program));
    if !manager.refresh.is_empty() {
        run(manager.command()?.args(manager.refresh))?;
    }
    run(manager.command()?.args(manager.install).args(manager.packages))?;
    if libclang().is_none() {
        bail!("{} was run, but libclang is still not found; set LIBCLANG_PATH to its folder", manager.program);
    }
    Ok(())
}

/// The names under which systems have a browser that the tests can drive; the same as in tests/it/browser.rs.
const BROWSERS: [&str; 6] =
    ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/// Installs a browser where `CI` is set and none is there. Elsewhere the test that wants one looks at nothing.
pub(crate) fn browser() -> Result<()> {
    let ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty());
    if !ci || BROWSERS.iter().any(|name| is_installed(name)) {
        return Ok(());
    }
    install(|manager| manager.browser, "a browser, to look at pages")
}

/// Installs valgrind, which counts instructions, where it is missing.
pub(crate) fn valgrind() -> Result<()> {
    if is_installed("valgrind") {
        return Ok(());
    }
    install(|manager| manager.root.then_some("valgrind"), "valgrind, to count instructions")
}

/// Installs a package with the system's package manager.
fn install(package: impl Fn(&Manager) -> Option<&'static str>, what: &str) -> Result<()> {
    let found = MANAGERS.iter().find(|manager| is_installed(manager.program));
    let Some((manager, package)) = found.and_then(|manager| Some((manager, package(manager)?))) else {
        bail!("missing: {what}; install it by hand");
    };
    say(&format!("missing: {what}; installing {package} with {}", manager.program));
    if !manager.refresh.is_empty() {
        run(manager.command()?.args(manager.refresh))?;
    }
    run(manager.command()?.args(manager.install).arg(package))
}

impl Manager {
    fn command(&self) -> Result<Command> {
        let mut command = if self.root && !is_root() {
            if !is_installed("sudo") {
                bail!("{} must be run as root, and sudo is not here; run this task as root", self.program);
            }
            let mut command = Command::new("sudo");
            command.arg(self.program);
            command
        } else {
            Command::new(self.program)
        };
        command.env("DEBIAN_FRONTEND", "noninteractive");
        Ok(command)
    }
}

/// Whether this process is root's, as `id -u` says.
pub(crate) fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// The folder of libclang, looked for where the `clang-sys` crate looks.
fn libclang() -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = std::env::var_os("LIBCLANG_PATH").map(PathBuf::from).into_iter().collect();
    if let Ok(output) = Command::new("llvm-config").arg("--libdir").output() {
        folders.push(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    }
    for base in ["/usr/lib", "/usr/lib64", "/usr/local/lib", "/opt/homebrew/opt/llvm/lib", "/usr/local/opt/llvm/lib"] {
        folders.push(base.into());
        folders.extend(below(Path::new(base), |name| name.contains("-linux-gnu") || name.starts_with("llvm")));
    }
    let llvm = below(Path::new("/usr/lib"), |name| name.starts_with("llvm"));
    folders.extend(llvm.into_iter().map(|folder| folder.join("lib")));
    folders.into_iter().find(|folder| !below(folder, is_libclang).is_empty())
}

/// Whether a file is the library that `clang-sys` loads; `libclang-cpp` is another one, which may be there without it.
fn is_libclang(name: &str) -> bool {
    let numbered = name.starts_with("libclang-") && !name.starts_with("libclang-cpp") && name.contains(".so");
    name == "libclang.dylib" || name.starts_with("libclang.so") || numbered
}

fn below(folder: &Path, is_wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| path.file_name().and_then(|name| name.to_str()).is_some_and(&is_wanted))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::is_libclang;

    #[test]
    fn the_library_of_cplusplus_is_another() {
        for (name, is) in [
            ("libclang.so", true),
            ("libclang.so.1", true),
            ("libclang-14.so.14", true),
            ("libclang.dylib", true),
            ("libclang-cpp.so.14", false),
            ("libclang-cpp14.so", false),
            ("libclang_rt.so", false),
        ] {
            assert_eq!(is_libclang(name), is, "{name}");
        }
    }
}
