//! What the arguments of a command name: standard input, or files and folders.

use std::io;

use anyhow::{Context, Result, anyhow, bail};
use camino::{Utf8Path, Utf8PathBuf};

use crate::cli::args::InputArgs;
use crate::config::Settings;
use crate::discover::{self, Discovered};
use crate::finding::Severity;
use crate::load::{self, Loaded, Text, Texts};
use crate::source;
use crate::triage::Note;

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
                loaded.notes.extend(not_read(found));
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

/// What there is to say of what discovery could not read.
pub(crate) fn not_read(found: &Discovered) -> Vec<Note> {
    let unreadable = found.unreadable.iter().map(|unreadable| Note {
        path: Some(unreadable.path.clone()),
        level: if unreadable.wanted { Severity::Error } else { Severity::Warning },
        message: format!("cannot be read: {}", unreadable.reason),
    });
    let links = found.links.iter().map(|path| Note {
        path: Some(path.clone()),
        level: Severity::Info,
        message: "skipped: it is a symbolic link, which is read only where it is named".to_owned(),
    });
    unreadable.chain(links).collect()
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
