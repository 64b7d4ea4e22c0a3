//! What the arguments of a command name: standard input, or files and folders.

use std::io;

use anyhow::{Context, Result, anyhow, bail};
use camino::{Utf8Path, Utf8PathBuf};

use crate::cli::args::InputArgs;
use crate::cli::named;
use crate::config::Settings;
use crate::discover::{self, Discovered};
use crate::load::{self, Loaded, Text, Texts};
use crate::source;

/// What is read.
pub(crate) enum Files {
    /// Standard input, which can be read once.
    Stdin(discover::Input, Vec<u8>),
    /// Files, and the folders that includes may lead to.
    Named(Discovered, Vec<Utf8PathBuf>),
}

impl Files {
    /// Finds what the arguments name.
    pub(crate) fn find(input: &InputArgs, settings: &Settings) -> Result<Self> {
        if input.paths.iter().any(|path| path == "-") {
            if input.paths.len() > 1 {
                bail!("`-` stands for standard input and goes with no other path");
            }
            return stdin(input);
        }
        let (found, roots) = inputs(input, settings);
        Ok(Self::Named(found, roots))
    }

    /// Finds the files that the arguments name and those around them.
    pub(crate) fn around(input: &InputArgs, settings: &Settings) -> Result<Self> {
        let (found, roots) = named::inputs(input, settings)?;
        Ok(Self::Named(found, roots))
    }

    /// Reads them, with some texts in place of those of files.
    pub(crate) fn load(&self, follow_outside: bool, texts: &Texts) -> Loaded {
        match self {
            Self::Stdin(input, bytes) => {
                let text = match texts.get(&input.path) {
                    Some(Text::Changed(text)) => text,
                    _ => bytes,
                };
                load::of_text(input.clone(), text.clone())
            }
            Self::Named(found, roots) => {
                let mut loaded = load::load_with(found.inputs.clone(), roots, follow_outside, texts.clone());
                loaded.notes.extend(found.notes());
                loaded
            }
        }
    }
}

/// Discovers and loads what the arguments name.
pub(crate) fn read(input: &InputArgs, settings: &Settings) -> Result<Loaded> {
    Ok(Files::find(input, settings)?.load(input.follow_outside, &Texts::new()))
}

/// Discovers what the arguments name; standard input is no part of it.
pub(crate) fn inputs(input: &InputArgs, settings: &Settings) -> (Discovered, Vec<Utf8PathBuf>) {
    let here = [Utf8PathBuf::from(".")];
    let paths: &[Utf8PathBuf] = if input.paths.is_empty() { &here } else { &input.paths };
    let found = discover::discover(paths, input.kind, &settings.overrides);
    (found, paths.iter().map(|path| folder_of(path)).collect())
}

/// The working directory.
#[expect(clippy::disallowed_methods, reason = "the command line knows where it was started")]
pub(crate) fn here() -> Result<Utf8PathBuf> {
    let here = std::env::current_dir().context("cannot tell the current folder")?;
    Utf8PathBuf::from_path_buf(here).map_err(|path| anyhow!("the current folder `{}` is not UTF-8", path.display()))
}

/// The folder itself, or the one that a file lies in.
fn folder_of(path: &Utf8Path) -> Utf8PathBuf {
    if path.is_dir() {
        return path.to_owned();
    }
    match path.parent() {
        Some(parent) if !parent.as_str().is_empty() => parent.to_owned(),
        _ => Utf8PathBuf::from("."),
    }
}

fn stdin(input: &InputArgs) -> Result<Files> {
    let mut bytes = Vec::new();
    source::read_up_to(io::stdin().lock(), &mut bytes).context("cannot read standard input")?;
    let path = input.stdin_filename.clone().unwrap_or_else(|| Utf8PathBuf::from("<stdin>"));
    let kind = input.kind.or_else(|| discover::by_path(&path));
    Ok(Files::Stdin(discover::Input { path, kind, named: true }, bytes))
}
