//! Guests in JavaScript: componentize-qjs, which puts QuickJS and the plugin's code into a component.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::bindings::mark;
use super::{Guest, build_project};
use crate::run::{is_installed, root, run, say};

/// The versions. The projects' package.json name the first one too.
const TOOL: (&str, &str) = ("componentize-qjs", "0.4.5");
const TYPES: (&str, &str) = ("@bytecodealliance/jco-transpile", "0.15.0");

const DECLARATIONS: &str = "plugins/sdk-js/pgassay-wit.d.ts";

/// Builds a guest as its author would, with `npm run build`.
pub(crate) fn build(_: &Guest, source: &Path, out: &Path) -> Result<()> {
    build_project(npm().args(["run", "--silent", "build"]), tools()?, source, out)
}

/// Folders for the front of the PATH. Installs what is missing.
pub(crate) fn tools() -> Result<Vec<PathBuf>> {
    Ok(vec![install(TOOL)?.join(".bin")])
}

/// The folder `node_modules` with that package, installed below `target/` if it is not there yet.
fn install((name, version): (&str, &str)) -> Result<PathBuf> {
    ensure!(is_installed("node") && is_installed("npm"), "plugins in JavaScript need Node.js and npm; install them");
    let home = root().join("target/guest-tools/npm").join(name.rsplit('/').next().unwrap_or(name));
    let modules = home.join("node_modules");
    let manifest = modules.join(name).join("package.json");
    let is_right = |text: String| text.contains(&format!("\"version\": \"{version}\""));
    if !fs::read_to_string(&manifest).is_ok_and(is_right) {
        say(&format!("installing {name} {version} from npm below target/guest-tools"));
        fs::create_dir_all(&home).with_context(|| format!("cannot make {}", home.display()))?;
        // Without a manifest of its own, npm would install into a folder further up that has one.
        fs::write(home.join("package.json"), "{ \"private\": true }\n")?;
        let package = format!("{name}@{version}");
        run(npm().args(["install", "--silent", "--no-fund", "--no-audit", &package]).current_dir(&home))?;
    }
    Ok(modules)
}

fn npm() -> Command {
    Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" })
}

/// Writes the contract's types for editors.
pub(super) fn write_declarations() -> Result<()> {
    let modules = install(TYPES)?;
    let mut command = Command::new("node");
    command.current_dir(root()).arg("xtask/src/guests/declarations.mjs").arg(modules.join(TYPES.0));
    let output =
        command.args(["plugins/wit/pgassay.wit"]).output().with_context(|| format!("cannot start {command:?}"))?;
    ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    let head = "// Made from plugins/wit/pgassay.wit by `cargo xtask guests --bindings`; edits are lost.";
    let text = format!("{head}\n{}\n\n{}", comment()?, String::from_utf8_lossy(&output.stdout));
    fs::write(root().join(DECLARATIONS), text).with_context(|| format!("cannot write {DECLARATIONS}"))?;
    say(&format!("wrote {DECLARATIONS}"));
    Ok(())
}

/// Fails where the contract has changed since the declarations were made.
pub(super) fn check_declarations() -> Result<()> {
    let text = fs::read_to_string(root().join(DECLARATIONS)).with_context(|| format!("cannot read {DECLARATIONS}"))?;
    let is_current = text.lines().nth(1) == Some(&comment()?);
    ensure!(is_current, "{DECLARATIONS} is not of the contract that is here; run `cargo xtask guests --bindings`");
    Ok(())
}

fn comment() -> Result<String> {
    let mark = mark()?;
    let contract = mark.trim_start_matches("//! ").split(',').next().unwrap_or_default();
    Ok(format!("// {contract}, by jco-transpile {}.", TYPES.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn projects_use_the_version_that_is_tested() {
        for project in ["plugins/examples/slot-names-js", "plugins/templates/js"] {
            let text = fs::read_to_string(root().join(project).join("package.json")).unwrap();
            assert!(text.contains(&format!("\"{}\": \"{}\"", TOOL.0, TOOL.1)), "{project}");
        }
    }
}
