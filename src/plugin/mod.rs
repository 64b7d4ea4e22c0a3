//! Plugins: rules as WebAssembly components, loaded, kept within their limits, and asked about the model.
//!
//! A plugin is code from elsewhere. It gets no capability but the functions of `plugins/wit`, it sees the model with
//! secrets masked, and nothing it does keeps another rule from reporting. Whatever goes wrong is a [`Trouble`] that names
//! the plugin. Which plugins there are is `config`'s business.

mod bench;
mod cache;
mod component;
mod engine;
mod error;
pub mod limits;
mod load;
mod origin;
mod places;
mod pool;
mod reads;
mod run;
mod v0_1;

use camino::Utf8PathBuf;

use crate::catalog::Majors;
use crate::finding::{Finding, Severity};
use crate::rule::{PluginMeta, RuleId, RuleMeta};
use crate::secret::printable;
use crate::triage::Note;

pub use bench::{Bench, bench};
pub use component::Shape;
pub use error::PluginError;
pub use limits::Limits;
pub use load::{Host, Plugin, Plugins, in_folder, read};
pub use origin::Origin;
pub use run::{Input, Outcome};
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use v0_1::fuzzing;

/// A plugin that is to be loaded.
#[derive(Debug, Clone, PartialEq)]
pub struct Spec {
    /// Its file.
    pub path: Utf8PathBuf,
    /// The SHA-256 that its bytes must have, in lower-case hexadecimal digits.
    pub sha256: Option<String>,
    /// Whether it must have one.
    pub pinned: bool,
    /// Its options: a JSON object.
    pub options: serde_json::Value,
    /// What it may use up.
    pub limits: Limits,
    /// Where it is configured.
    pub origin: Option<Origin>,
}

impl Spec {
    /// A plugin without options, with the limits that hold for all.
    #[must_use]
    pub fn new(path: impl Into<Utf8PathBuf>) -> Self {
        Self {
            path: path.into(),
            sha256: None,
            pinned: false,
            options: serde_json::Value::Object(serde_json::Map::new()),
            limits: Limits::default(),
            origin: None,
        }
    }
}

/// What a plugin says of itself.
#[derive(Debug, Clone)]
pub struct Description {
    /// Its name and version.
    pub meta: &'static PluginMeta,
    /// The majors that it knows.
    pub majors: Majors,
    /// Its rules.
    pub rules: Vec<RuleMeta>,
    /// The parts of the model that each of them looks at, in the words of the contract.
    pub reads: Vec<Vec<String>>,
    /// The JSON Schema of its options.
    pub schema: Option<serde_json::Value>,
}

/// What a check gave.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    findings: Vec<Finding>,
    /// Findings that could not be taken over, by rule where it is known.
    bad: Vec<(String, PluginError)>,
    /// Why there are no more.
    cut: Option<PluginError>,
}

/// Something that a plugin did not do.
#[derive(Debug)]
pub struct Trouble {
    /// The plugin's file.
    pub path: Utf8PathBuf,
    /// Its name, once it has told it.
    pub name: Option<&'static str>,
    /// The rules that found nothing because of it, or did not find all.
    pub rules: Vec<String>,
    /// What went wrong.
    pub error: PluginError,
}

impl Trouble {
    /// The message about it: it means that the job was not done.
    #[must_use]
    pub fn note(&self) -> Note {
        let name = self.name.map_or_else(|| "the plugin".to_owned(), |name| format!("plugin `{name}`"));
        let rules = match self.rules.as_slice() {
            [] => String::new(),
            [rule] => format!(" of the rule `{rule}`"),
            rules => {
                format!(" of the rules {}", rules.iter().map(|rule| format!("`{rule}`")).collect::<Vec<_>>().join(", "))
            }
        };
        let separator = if self.error.is_predicate() { " " } else { ": " };
        let message = format!("{name}{rules}{separator}{}", self.error);
        Note { path: Some(self.path.clone()), level: Severity::Error, message }
    }
}

/// The rules, by name, for a message.
fn names(rules: &[RuleId]) -> Vec<String> {
    rules.iter().map(|rule| rule.name().to_owned()).collect()
}

/// Reads a file to its end, block by block, without holding it in memory. Gives its length in bytes.
fn each_block(file: &mut impl std::io::Read, mut take: impl FnMut(&[u8])) -> std::io::Result<u64> {
    // Small enough for the stack: fresh memory for each file would cost more than reading it.
    let mut buffer = [0; 64 << 10];
    let mut length = 0;
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(length),
            Ok(read) => {
                length += read as u64;
                take(&buffer[..read]);
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// A text from a plugin as one line that fits into a message. A stack trace says at its end what happened, so of a long
/// text both ends are kept.
fn short(text: &str) -> String {
    const HEAD: usize = 150;
    const TAIL: usize = 350;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>();
    let line = printable(&lines.join(" / ")).into_owned();
    if line.len() <= HEAD + TAIL {
        return line;
    }
    let (head, tail) = (line.floor_char_boundary(HEAD), line.ceil_char_boundary(line.len() - TAIL));
    format!("{} … {}", &line[..head], &line[tail..])
}
