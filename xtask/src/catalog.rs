//! `cargo xtask catalog`: asks servers of every major for their settings and system objects, and their libraries for
//! the connection keywords, and writes `src/catalog/generated.rs`, `system/*.txt` and `conninfo_generated.rs` there.
//!
//! What a server cannot tell (values of other builds, settings of other minor releases and of modules that are not at
//! hand) is written by hand in `src/catalog/extra.rs`. Of a major that has no server yet, its documentation tells:
//! `src/catalog/documented/`.

mod ask;
pub(crate) mod cases;
mod documented;
mod known;
pub(crate) mod queries;
mod system;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use ask::{Answer, Word};
use documented::Documented;

use crate::libpq;
use crate::servers::{self, Server};

/// Writes the generated files.
pub(crate) fn write() -> Result<()> {
    for (path, text) in generated()? {
        fs::write(&path, text)?;
        println!("wrote {}", path.display());
    }
    Ok(())
}

/// Compares the generated files with what the servers and their libraries say now.
pub(crate) fn check() -> Result<()> {
    for (path, text) in generated()? {
        if fs::read_to_string(&path)? != text {
            bail!("{} is not what the servers say; run `cargo xtask catalog`", path.display());
        }
        println!("{} agrees with the servers", path.display());
    }
    Ok(())
}

/// The generated files with their texts: settings and system objects from the servers, connection keywords from their
/// libpq.
fn generated() -> Result<Vec<(PathBuf, String)>> {
    let mut keywords = BTreeMap::new();
    for major in servers::majors() {
        keywords.insert(major, libpq::conn_defaults(&Server::get(major)?.libpq())?);
    }
    let documented = documented::all()?;
    documented::extend(&mut keywords, &documented, |of, before| of.keywords(before))?;
    let mut files = vec![
        (repository("src/catalog/generated.rs"), generate(&documented)?),
        (repository("src/catalog/conninfo_generated.rs"), libpq::render(&keywords)?),
    ];
    for (name, text) in system::texts(&documented)? {
        files.push((repository("src/catalog/system").join(name), text));
    }
    Ok(files)
}

/// A path below the repository's top folder.
fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn generate(documented: &[Documented]) -> Result<String> {
    let mut answers = ask::all()?;
    let held = answers.keys().next().copied().zip(answers.keys().next_back().copied());
    let (first, last) = held.context("there are servers")?;
    documented::extend(&mut answers, documented, |of, before| of.settings(before))?;
    let mut enums: BTreeMap<&[Word], usize> = BTreeMap::new();
    for answer in answers.values().flatten() {
        if !answer.words.is_empty() {
            let next = enums.len();
            enums.entry(&answer.words).or_insert(next);
        }
    }
    // Numbered by content, so that the numbers do not depend on the order of the answers.
    for (number, value) in enums.values_mut().enumerate() {
        *value = number;
    }
    let mut by_name: BTreeMap<String, Vec<(u8, &Answer)>> = BTreeMap::new();
    for (&major, answers) in &answers {
        for answer in answers {
            by_name.entry(answer.name.to_ascii_lowercase()).or_default().push((major, answer));
        }
    }
    let mut out = String::from(
        "//! Settings as real servers of every major describe them, and as documentation describes majors without a server.\n\
         //! Written by `cargo xtask catalog`; not edited by hand.\n\
         \n\
         use super::settings::short::*;\n\
         use super::settings::{EnumValue, Setting};\n\n",
    );
    let _ = write!(
        out,
        "/// The first and the last major whose servers were asked.\npub(super) const HELD: (u8, u8) = ({first}, {last});\n"
    );
    for (words, number) in &enums {
        let _ = write!(out, "const E{number}: &[EnumValue] = &[");
        for word in *words {
            let _ = match word {
                Word { build: Some(build), name, .. } => write!(out, "built({name:?}, {build:?}), "),
                Word { hidden: true, name, canonical, .. } => write!(out, "hide({name:?}, {canonical:?}), "),
                Word { name, canonical, .. } if name != canonical => write!(out, "same({name:?}, {canonical:?}), "),
                Word { name, .. } => write!(out, "word({name:?}), "),
            };
        }
        out.push_str("];\n");
    }
    out.push_str("\n/// Every setting that a server lists, sorted by name in lower case.\npub(super) static SETTINGS: &[Setting] = &[\n");
    for answers in by_name.values() {
        emit(&mut out, answers, &enums)?;
    }
    out.push_str("];\n");
    format(&out)
}

fn emit(out: &mut String, answers: &[(u8, &Answer)], enums: &BTreeMap<&[Word], usize>) -> Result<()> {
    let mut versions: Vec<(Vec<u8>, String)> = Vec::new();
    for &(major, answer) in answers {
        let definition = definition(answer, enums)?;
        match versions.iter_mut().find(|version| version.1 == definition) {
            Some(version) => version.0.push(major),
            None => versions.push((vec![major], definition)),
        }
    }
    let (_, newest) = answers.last().context("a setting stems from some server")?;
    ensure!(
        answers.iter().all(|(_, answer)| answer.library == newest.library && answer.name == newest.name),
        "{} is of different modules or spellings in different majors",
        newest.name
    );
    let head = match &newest.library {
        Some(library) => format!("of({library:?}, {:?}", newest.name),
        None => format!("set({:?}", newest.name),
    };
    let _ = write!(out, "{head}, &[");
    for (majors, definition) in versions {
        let _ = write!(out, "({}, {definition}), ", set_of(&majors));
    }
    out.push_str("]),\n");
    Ok(())
}

fn set_of(majors: &[u8]) -> String {
    let runs = majors.chunk_by(|a, b| a + 1 == *b);
    let runs: Vec<String> = runs.map(|run| format!("pg({}, {})", run[0], run[run.len() - 1])).collect();
    runs.join(".or(") + &")".repeat(runs.len() - 1)
}

fn definition(answer: &Answer, enums: &BTreeMap<&[Word], usize>) -> Result<String> {
    let unit = match answer.unit.as_deref() {
        None => "NONE",
        Some("B") => "B",
        Some("kB") => "KB",
        Some("MB") => "MB",
        Some("8kB") => "BLOCKS",
        Some("ms") => "MS",
        Some("s") => "S",
        Some("min") => "MIN",
        Some(other) => bail!("{} has the unit {other}", answer.name),
    };
    let real = |text: &str| -> Result<String> { Ok(format!("{:?}", text.parse::<f64>()?)) };
    let kind = match answer.kind.as_str() {
        "bool" => "bool(".to_owned(),
        "string" => "string(".to_owned(),
        "enum" => format!("one_of(E{}, ", enums.get(answer.words.as_slice()).context("every list is numbered")?),
        "integer" => format!("int({}, {}, {unit}, ", answer.min, answer.max),
        "real" => format!("real({}, {}, {unit}, ", real(&answer.min)?, real(&answer.max)?),
        other => bail!("{} has the type {other}", answer.name),
    };
    let context = answer.context.replace('-', "_").to_uppercase();
    let file_only = if answer.alter_system || answer.context == "internal" { "" } else { ".no_alter_system()" };
    let unlisted = if answer.listed { "" } else { ".unlisted()" };
    Ok(format!("{kind}{:?}, {context}){file_only}{unlisted}", answer.default))
}

/// As `cargo fmt` would have it, so that the two do not fight.
fn format(source: &str) -> Result<String> {
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024", "--config-path"])
        .arg(repository("rustfmt.toml"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot run rustfmt")?;
    child.stdin.take().context("rustfmt takes its input from us")?.write_all(source.as_bytes())?;
    let output = child.wait_with_output()?;
    ensure!(output.status.success(), "rustfmt refuses the generated source");
    Ok(String::from_utf8(output.stdout)?)
}
