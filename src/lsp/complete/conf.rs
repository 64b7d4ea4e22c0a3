//! Settings and their values, in postgresql.conf, in SQL and in pgbouncer.ini.

use lsp_types::CompletionItemKind;

use super::{Choice, Found, Here, conninfo, settings, word};
use crate::catalog;
use crate::catalog::settings::Kind;

const MEMORY: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
const TIME: [&str; 6] = ["us", "ms", "s", "min", "h", "d"];

/// A line of postgresql.conf or recovery.conf.
pub(super) fn complete(here: &Here<'_>) -> Found {
    let text = here.before.trim_start();
    let end = text.find(|c: char| !is_name(c)).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if rest.is_empty() {
        let then = if here.after.trim().is_empty() { " = " } else { "" };
        let mut all = settings(here, then);
        for include in ["include", "include_if_exists", "include_dir"] {
            all.push(Choice::new(include, CompletionItemKind::KEYWORD, "").insert(format!("{include} '")));
        }
        return Some((name.len(), all));
    }
    let value = rest.trim_start();
    let value = value.strip_prefix('=').map_or(value, str::trim_start);
    if name.is_empty() || value.len() == rest.len() {
        return None;
    }
    let quoted = value.strip_prefix('\'');
    if let (Some(text), "primary_conninfo") = (quoted, name.to_ascii_lowercase().as_str()) {
        return conninfo::complete(text, here.majors);
    }
    // A comment, or a second word.
    let open = quoted.unwrap_or(value);
    if open.contains(['\'', '#']) || quoted.is_none() && open.contains(char::is_whitespace) {
        return None;
    }
    values(here, name, open)
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '$') || !c.is_ascii()
}

/// The values of a setting of which `text` is written.
pub(super) fn values(here: &Here<'_>, name: &str, text: &str) -> Found {
    let setting = catalog::setting(name)?;
    let mut choices: Vec<Choice> = Vec::new();
    let mut typed = text.len();
    for major in here.majors.iter().rev() {
        let Some(def) = setting.on(major) else { continue };
        let words: Vec<String> = match def.kind {
            Kind::Bool => vec!["on".to_owned(), "off".to_owned()],
            Kind::Enum(words) => words.iter().filter(|word| !word.hidden).map(|word| word.name.to_owned()).collect(),
            Kind::Int { unit: Some(unit), .. } | Kind::Real { unit: Some(unit), .. } => {
                let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
                if digits.trim().is_empty() {
                    return None;
                }
                typed = text.len() - digits.len();
                let units: &[&str] = if unit.is_time() { &TIME } else { &MEMORY };
                units.iter().map(ToString::to_string).collect()
            }
            _ => continue,
        };
        let is_default = |word: &String| *word == def.default;
        for word in words {
            if !choices.iter().any(|known| known.label == word) {
                let detail = if is_default(&word) { "default" } else { "" };
                choices.push(Choice::new(word, CompletionItemKind::VALUE, detail));
            }
        }
    }
    Some((typed, choices))
}

/// A line of pgbouncer.ini below `above`.
pub(super) fn of_pgbouncer(here: &Here<'_>, above: &str) -> Found {
    let sections = above.lines().rev().map(str::trim);
    let section = sections.filter_map(|line| line.strip_prefix('[')?.strip_suffix(']')).next()?;
    match section.trim().to_ascii_lowercase().as_str() {
        "pgbouncer" => {
            let typed = word(here.before, |c| c.is_ascii_alphanumeric() || c == '_');
            let of = |name: &&str| Choice::new(*name, CompletionItemKind::PROPERTY, "").insert(format!("{name} = "));
            let first = here.before.trim_start() == typed;
            first.then(|| (typed.len(), catalog::pgbouncer::SETTINGS.iter().map(of).collect()))
        }
        "databases" => conninfo::complete(here.before.split_once('=')?.1, here.majors),
        _ => None,
    }
}
