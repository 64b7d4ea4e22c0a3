//! The values of what is accepted: `pgassay settings` against `postgres -C`.
//!
//! The server prints numbers in the setting's own unit, pgassay as SHOW does, so numbers are compared with their units.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::ask::Oracle;
use super::compare::{Compared, Disagreement};
use super::dice::Dice;
use super::{Kind, case, grammar};
use crate::wire::Connection;

/// How many settings of a file are asked for.
const ASKED: usize = 3;

/// Settings that the server shows otherwise than they were set: made absolute, by the machine, or not kept.
const REWRITTEN: &[&str] = &[
    "client_encoding",
    "config_file",
    "data_directory",
    "datestyle",
    "external_pid_file",
    "hba_file",
    "ident_file",
    "log_directory",
    "tcp_keepalives_count",
    "tcp_keepalives_idle",
    "tcp_keepalives_interval",
    "tcp_user_timeout",
    "timezone",
    "log_timezone",
    "transaction_deferrable",
    "transaction_isolation",
    "transaction_read_only",
];

/// A file with others that it includes. See [`case`] for its form.
pub(super) fn text(dice: &mut Dice, settings: &[(String, String)]) -> String {
    let mut top = String::new();
    let mut others: BTreeMap<&str, String> = BTreeMap::new();
    let mut names = Vec::new();
    for _ in 0..3 + dice.below(6) {
        match dice.below(8) {
            0 => {
                let (line, name) = dice_include(dice);
                top.push_str(line);
                top.push('\n');
                if let Some(name) = name {
                    others.entry(name).or_default();
                }
            }
            part => {
                // Few names, so that some are set twice.
                if names.len() < 4 {
                    names.push(dice.below(settings.len()));
                }
                let at = names[dice.below(names.len())];
                let line = grammar::conf_of(dice, settings, at, 9);
                let place = match others.len() {
                    count if count > 0 && part > 4 => others.values_mut().nth(dice.below(count)).unwrap_or(&mut top),
                    _ => &mut top,
                };
                place.push_str(&line);
                place.push('\n');
            }
        }
    }
    for (name, text) in others {
        top.push_str(&format!("### {name}\n{text}"));
    }
    top
}

fn dice_include(dice: &mut Dice) -> (&'static str, Option<&'static str>) {
    [
        ("include 'a.conf'", Some("a.conf")),
        ("include = a.conf", Some("a.conf")),
        ("INCLUDE_IF_EXISTS 'b/c.conf'", Some("b/c.conf")),
        ("include_dir 'd'", Some("d/1.conf")),
        ("include_dir = 'd'", Some("d/0.conf")),
        ("include_dir 'd'", Some("d/.hidden.conf")),
        ("include_if_exists 'none.conf'", None),
    ][dice.below(7)]
}

/// What `pgassay settings` says of a folder of cases: by case and lower-case name.
#[derive(Debug, Default)]
pub(super) struct Ours(BTreeMap<String, BTreeMap<String, Option<String>>>);

pub(super) fn ours(binary: &Path, folder: &Path, major: u8) -> Result<Ours> {
    let output = Command::new(binary)
        .args([
            "settings",
            "--all",
            "--no-config",
            "--follow-outside",
            "--format",
            "json",
            "--pg",
            &major.to_string(),
            ".",
        ])
        .current_dir(folder)
        .output()
        .with_context(|| format!("cannot run {}", binary.display()))?;
    ensure!(output.status.success(), "pgassay fails: {}", String::from_utf8_lossy(&output.stderr).trim());
    let listing: Value = serde_json::from_slice(&output.stdout)?;
    let mut ours = Ours::default();
    for node in listing["nodes"].as_array().into_iter().flatten() {
        let case = ours.0.entry(node["name"].as_str().unwrap_or_default().to_owned()).or_default();
        for setting in node["settings"].as_array().into_iter().flatten() {
            let name = setting["name"].as_str().unwrap_or_default().to_ascii_lowercase();
            case.insert(name, setting["values"][0]["value"].as_str().map(str::to_owned));
        }
    }
    Ok(ours)
}

/// Units and types of the settings, by lower-case name.
pub(super) type Units = BTreeMap<String, (Option<String>, String)>;

pub(super) fn units(session: &mut Connection) -> Result<Units> {
    let rows = session.query("select lower(name), unit, vartype from pg_settings")?;
    let unit = |row: Vec<Option<String>>| match row.as_slice() {
        [Some(name), unit, Some(kind)] => Some((name.clone(), (unit.clone(), kind.clone()))),
        _ => None,
    };
    Ok(rows.into_iter().filter_map(unit).collect())
}

impl Ours {
    /// The values of a case, if its file was taken for one of PostgreSQL.
    pub(super) fn of(&self, case: &str) -> Option<&BTreeMap<String, Option<String>>> {
        self.0.get(case)
    }
}

/// Compares some of the settings of a file, or says why it cannot.
pub(super) fn compare(
    oracle: &mut Oracle<'_>,
    folder: &Path,
    bytes: &[u8],
    ours: Option<&BTreeMap<String, Option<String>>>,
) -> Result<Result<Compared, &'static str>> {
    let mut compared = Compared::default();
    let file = folder.join(Kind::Values.file());
    if !oracle.server.judge_file(&file)?.status.success() {
        return Ok(Err("files that the server refuses"));
    }
    let mut names: Vec<String> = case::files(Kind::Values, oracle.server.major, bytes)
        .iter()
        .flat_map(|(_, text)| text.split(|&byte| byte == b'\n').map(name_of).collect::<Vec<_>>())
        .filter(|name| !name.is_empty() && !name.starts_with("include"))
        .collect();
    names.sort();
    names.dedup();
    let mut dice = Dice::new(bytes.len() as u64, names.len() as u64);
    while names.len() > ASKED {
        names.swap_remove(dice.below(names.len()));
    }
    for name in names {
        if REWRITTEN.contains(&name.as_str()) {
            *compared.set_aside.entry("shown in another form".to_owned()).or_default() += 1;
            continue;
        }
        let output = oracle.server.value(&file, &name)?;
        if !output.status.success() {
            *compared.set_aside.entry("settings that the server does not print".to_owned()).or_default() += 1;
            continue;
        }
        let theirs = String::from_utf8_lossy(&output.stdout);
        let theirs = theirs.strip_suffix('\n').unwrap_or(&theirs);
        let own = ours.and_then(|ours| ours.get(&name)).cloned().flatten();
        compared.lines += 1;
        if own.as_deref().is_some_and(|own| own.contains("****")) {
            *compared.set_aside.entry("masked".to_owned()).or_default() += 1;
        } else if !own.as_deref().is_some_and(|own| same(own, theirs, oracle.units.get(&name))) {
            let side = |value: Option<&str>| Some(format!("{name} is {value:?}"));
            let line = 0;
            compared.disagreements.push(Disagreement { line, server: side(Some(theirs)), ours: side(own.as_deref()) });
        }
    }
    Ok(Ok(compared))
}

/// The name of the setting on a line, in lower case.
fn name_of(line: &[u8]) -> String {
    let name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
    let line = line.trim_ascii_start();
    let end = line.iter().position(|byte| !name(byte)).unwrap_or(line.len());
    String::from_utf8_lossy(&line[..end]).to_ascii_lowercase()
}

/// Whether both are one value.
fn same(ours: &str, theirs: &str, unit: Option<&(Option<String>, String)>) -> bool {
    let Some((unit, kind)) = unit else { return ours == theirs };
    if kind != "integer" && kind != "real" {
        return ours == theirs;
    }
    let digits = ours.find(|char: char| char.is_ascii_alphabetic() && char != 'e').unwrap_or(ours.len());
    let (number, written) = ours.split_at(digits);
    // File modes are shown in octal.
    let octal = number.strip_prefix('0').filter(|digits| kind == "integer" && !digits.is_empty());
    let number = match octal {
        Some(digits) => i64::from_str_radix(digits, 8).map(|number| number as f64).ok(),
        None => number.parse::<f64>().ok(),
    };
    let base = unit.as_deref().map_or(Some(1.0), size);
    let factor = if written.is_empty() { base } else { size(written) };
    match (number, factor, base, theirs.parse::<f64>()) {
        (Some(number), Some(factor), Some(base), Ok(theirs)) => {
            // The server prints six digits of a real.
            let ours = number * factor / base;
            (ours - theirs).abs() <= theirs.abs() * if kind == "real" { 1e-5 } else { 0.0 }
        }
        _ => ours == theirs,
    }
}

/// How much a unit is: of memory in bytes, of time in microseconds.
fn size(unit: &str) -> Option<f64> {
    let digits = unit.find(|char: char| !char.is_ascii_digit()).unwrap_or(unit.len());
    let (count, unit) = unit.split_at(digits);
    let count = if count.is_empty() { 1.0 } else { count.parse().ok()? };
    let size = match unit {
        "B" | "us" => 1.0,
        "kB" => 1024.0,
        "MB" => 1024.0 * 1024.0,
        "GB" => 1024.0 * 1024.0 * 1024.0,
        "TB" => 1024.0 * 1024.0 * 1024.0 * 1024.0,
        "ms" => 1e3,
        "s" => 1e6,
        "min" => 60e6,
        "h" => 3600e6,
        "d" => 86_400e6,
        _ => return None,
    };
    Some(count * size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_compared_by_what_they_mean() {
        let of = |unit: Option<&str>, kind: &str| (unit.map(str::to_owned), kind.to_owned());
        let memory = of(Some("8kB"), "integer");
        assert!(same("1GB", "131072", Some(&memory)) && !same("1GB", "131073", Some(&memory)));
        assert!(same("5min", "300", Some(&of(Some("s"), "integer"))) && same("-1", "-1", Some(&memory)));
        assert!(same("0777", "511", Some(&of(None, "integer"))) && same("0", "0", Some(&of(None, "integer"))));
        assert!(same("1.5ms", "1.5", Some(&of(Some("ms"), "real"))) && !same("2", "1", Some(&of(None, "real"))));
        assert!(same("x", "x", None) && !same("on", "off", Some(&of(None, "bool"))));
    }

    #[test]
    fn names_are_read_from_lines() {
        assert_eq!(name_of(b" Work_Mem=1"), "work_mem");
        assert_eq!(name_of(b"# x"), "");
    }
}
