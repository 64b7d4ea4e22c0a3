//! What holds in a run, each value with what said it: as TOML that could be a pgassay.toml, or as JSON.

use std::fmt::Write as _;
use std::io;

use serde::Serialize;

use crate::config::{Held, Origin, json, toml_string};
use crate::secret::{Redactor, hide_patterns};
use crate::source::SourceMap;

/// How it is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ConfigFormat {
    /// As pgassay.toml has it, with comments that say what said each value.
    #[default]
    Toml,
    /// The same as JSON.
    Json,
}

#[derive(Serialize)]
struct Listing<'a> {
    version: u32,
    file: Option<&'a str>,
    values: Vec<Value<'a>>,
}

#[derive(Serialize)]
struct Value<'a> {
    key: &'a [String],
    value: serde_json::Value,
    origins: Vec<From<'a>>,
}

/// What said a value.
#[derive(Serialize)]
#[serde(tag = "from", rename_all = "kebab-case")]
enum From<'a> {
    CommandLine { flag: &'a str },
    File { line: usize },
    Profile { name: &'a str },
    Default,
}

/// Writes what holds. `file` is the configuration file that was read, as it is named.
///
/// # Errors
/// What the writer says.
pub fn config(format: ConfigFormat, file: Option<&str>, held: &[Held], out: &mut dyn io::Write) -> io::Result<()> {
    match format {
        ConfigFormat::Toml => out.write_all(toml(file, held).as_bytes()),
        ConfigFormat::Json => {
            let values = held.iter().map(|held| Value {
                key: &held.key,
                value: json_of(held),
                origins: held.origins.iter().map(from).collect(),
            });
            serde_json::to_writer_pretty(&mut *out, &Listing { version: 1, file, values: values.collect() })?;
            writeln!(out)
        }
    }
}

fn from(origin: &Origin) -> From<'_> {
    match origin {
        Origin::Flag(flag) => From::CommandLine { flag },
        Origin::File(line) => From::File { line: *line },
        Origin::Profile(name) => From::Profile { name },
        Origin::Default => From::Default,
    }
}

fn toml(file: Option<&str>, held: &[Held]) -> String {
    let sources = SourceMap::default();
    let redactor = Redactor::new(&sources);
    let mut out = match file {
        Some(file) => format!("# of {}\n\n", redactor.text(file)),
        None => "# no pgassay.toml was read\n\n".to_owned(),
    };
    let mut table: &[String] = &[];
    for value in held {
        let Some((key, above)) = value.key.split_last() else { continue };
        if above != table {
            let _ = writeln!(out, "\n{}", heading(above, &redactor));
            table = above;
        }
        let origins = value.origins.iter().map(|origin| match origin {
            Origin::Flag(flag) => (*flag).to_owned(),
            Origin::File(line) => format!("{}:{line}", redactor.text(file.unwrap_or_default())),
            Origin::Profile(name) => format!("profile {}", redactor.text(name)),
            Origin::Default => "default".to_owned(),
        });
        let origins = origins.collect::<Vec<_>>().join(", ");
        let _ = writeln!(out, "{} = {}  # {origins}", bare(key, &redactor), written(&masked(value), &redactor));
    }
    out
}

/// The header of a table; of several of one name, which are called by their numbers, that of an array.
fn heading(key: &[String], redactor: &Redactor<'_>) -> String {
    let is_number = |part: &String| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    match key {
        [name, number] if is_number(number) => format!("[[{}]]", bare(name, redactor)),
        _ => {
            let names = key.iter().enumerate().filter(|(at, part)| *at != 1 || !is_number(part));
            let names = names.map(|(_, part)| bare(part, redactor)).collect::<Vec<_>>();
            format!("[{}]", names.join("."))
        }
    }
}

fn bare(key: &str, redactor: &Redactor<'_>) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if !key.is_empty() && key.bytes().all(plain) { key.to_owned() } else { toml_string(key, redactor) }
}

/// The value, hidden where its key says that it is a secret, as the option of a plugin may be.
fn masked(held: &Held) -> toml::Value {
    let hidden = |text: &String| {
        let pair = format!("{}={text}", held.key.last().map_or("", String::as_str));
        hide_patterns(&pair) != pair
    };
    match &held.value {
        toml::Value::String(text) if hidden(text) => "****".into(),
        value => value.clone(),
    }
}

fn json_of(held: &Held) -> serde_json::Value {
    fn hide(value: &mut serde_json::Value) {
        match value {
            serde_json::Value::String(text) => *text = hide_patterns(text).into_owned(),
            serde_json::Value::Array(values) => values.iter_mut().for_each(hide),
            serde_json::Value::Object(values) => values.values_mut().for_each(hide),
            _ => {}
        }
    }
    let table = toml::Table::from_iter([(String::new(), masked(held))]);
    let mut value = json(&table)[""].take();
    hide(&mut value);
    value
}

fn written(value: &toml::Value, redactor: &Redactor<'_>) -> String {
    match value {
        toml::Value::String(text) => toml_string(text, redactor),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Float(number) => format!("{number:?}"),
        toml::Value::Boolean(value) => value.to_string(),
        toml::Value::Datetime(date) => date.to_string(),
        toml::Value::Array(values) => {
            let values = values.iter().map(|value| written(value, redactor)).collect::<Vec<_>>();
            format!("[{}]", values.join(", "))
        }
        toml::Value::Table(table) => {
            let pairs = table.iter();
            let pairs = pairs.map(|(key, value)| format!("{} = {}", bare(key, redactor), written(value, redactor)));
            format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", "))
        }
    }
}
