//! `pgassay plugin new`: writes a plugin project from a template, with the SDK and the contract in it, so that it builds
//! without anything else of pgassay.

use std::io::{self, Write};

use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

use super::{Language, NewArgs};
use crate::cli::CLEAN;

include!(concat!(env!("OUT_DIR"), "/templates.rs"));

/// The folders below `plugins/` that go into a project: of which, and where to.
fn sources(language: Language) -> [(&'static str, &'static str); 3] {
    match language {
        Language::Rust => [("templates/rust/", ""), ("sdk/", "sdk/"), ("wit/", "wit/")],
        Language::Python => [("templates/python/", ""), ("sdk-python/", "sdk/"), ("wit/", "wit/")],
        Language::Js => [("templates/js/", ""), ("sdk-js/", "sdk/"), ("wit/", "wit/")],
        Language::C => [("templates/c/", ""), ("sdk-c/", "sdk/"), ("wit/", "wit/")],
    }
}

pub(super) fn new(args: &NewArgs) -> Result<u8> {
    let name = args.name.as_str();
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let starts = name.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
    if !starts || name.len() > 64 || name.ends_with('-') || !name.bytes().all(inner) {
        bail!("`{name}` is no name of a plugin: lower-case letters, digits and hyphens, starting with a letter");
    }
    let folder = args.path.clone().unwrap_or_else(|| Utf8PathBuf::from(name));
    if folder.read_dir_utf8().is_ok_and(|mut entries| entries.next().is_some()) || folder.is_file() {
        bail!("{folder} is there already");
    }
    for (from, to) in sources(args.lang) {
        for (path, bytes) in FILES {
            let Some(path) = path.strip_prefix(from) else { continue };
            let path = folder.join(to).join(path);
            // SDKs are taken over as they are.
            if to.is_empty() { write(&path, &filled(bytes, name))? } else { write(&path, bytes)? }
        }
    }
    writeln!(io::stdout().lock(), "{folder} is written; {folder}/README.md says how to build and test it")?;
    Ok(CLEAN)
}

/// A file of a template with the plugin's name in it.
fn filled(bytes: &[u8], name: &str) -> Vec<u8> {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.replace("{{name}}", name).replace("{{snake}}", &name.replace('-', "_")).into_bytes(),
        Err(_) => bytes.to_vec(),
    }
}

#[expect(clippy::disallowed_methods, reason = "the command writes a project")]
fn write(path: &Utf8Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {folder}"))?;
    }
    std::fs::write(path, bytes).with_context(|| format!("cannot write {path}"))
}
