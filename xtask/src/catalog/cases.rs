//! `cargo xtask catalog --cases [FILE]`: asks every server what it makes of the values of a table.
//!
//! The table (`fixtures/oracle/values.tsv` unless named) is read for its first two columns, setting and value, and
//! written anew: setting, value, majors, verdict, value as `postgres -C` prints it, value as SHOW prints it. New
//! cases are added as lines of two columns. Bytes other than printable ASCII are written as `\xNN`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::ask::per_major;
use super::repository;
use crate::servers::{Running, Server};
use crate::wire::Connection;

const HEAD: &str = "setting\tvalue\tmajors\tverdict\traw\tshown\n";

/// What a server says: verdict, raw value, shown value.
type Said = (&'static str, String, String);

pub(crate) fn write(file: Option<&str>) -> Result<()> {
    let path = file.map_or_else(|| repository("fixtures/oracle/values.tsv"), |file| Path::new(file).to_owned());
    let mut cases: Vec<(String, String)> = Vec::new();
    let mut seen = BTreeSet::new();
    for line in fs::read_to_string(&path)?.lines().filter(|line| !line.starts_with("setting\t")) {
        let mut columns = line.split('\t');
        let (Some(name), Some(value)) = (columns.next(), columns.next()) else {
            bail!("a line without a value: {line}")
        };
        if seen.insert((name, value)) {
            cases.push((name.to_owned(), unescape(value)?));
        }
    }
    let answers = per_major(|server| {
        let running = server.start(&[])?;
        cases.iter().map(|(name, value)| ask(server, &running, name, value)).collect::<Result<Vec<Said>>>()
    })?;
    let mut out = String::from(HEAD);
    for (at, (name, value)) in cases.iter().enumerate() {
        let mut groups: Vec<(Vec<String>, &Said)> = Vec::new();
        for (major, said) in &answers {
            let said = said.get(at).context("every case has an answer")?;
            match groups.iter_mut().find(|group| group.1 == said) {
                Some(group) => group.0.push(major.to_string()),
                None => groups.push((vec![major.to_string()], said)),
            }
        }
        for (majors, (verdict, raw, shown)) in groups {
            let _ = writeln!(out, "{name}\t{}\t{}\t{verdict}\t{raw}\t{shown}", escape(value), majors.join(","));
        }
    }
    fs::write(&path, out)?;
    println!("wrote {}", path.display());
    Ok(())
}

fn ask(server: &Server, running: &Running, name: &str, value: &str) -> Result<Said> {
    let output = server.judge(name, value)?;
    if !output.status.success() {
        let unknown = String::from_utf8_lossy(&output.stderr).contains("unrecognized configuration parameter");
        return Ok((if unknown { "unknown" } else { "refuse" }, String::new(), String::new()));
    }
    let raw = String::from_utf8_lossy(&output.stdout);
    let raw = escape(raw.strip_suffix('\n').unwrap_or(&raw));
    // Only what a session may set is shown; the rest would need a start each.
    let shown = running.connect().and_then(|mut session| show(&mut session, name, value)).unwrap_or_default();
    Ok(("accept", raw, escape(&shown)))
}

fn show(session: &mut Connection, name: &str, value: &str) -> Result<String> {
    session.query(&format!("set {name} = '{}'", value.replace('\'', "''")))?;
    let rows = session.query(&format!("show {name}"))?;
    Ok(rows.into_iter().flatten().flatten().next().unwrap_or_default())
}

fn escape(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'\\' => out.push_str("\\\\"),
            b' '..=b'~' => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "\\x{byte:02x}");
            }
        }
    }
    out
}

fn unescape(text: &str) -> Result<String> {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match (byte, if byte == b'\\' { bytes.next() } else { None }) {
            (b'\\', Some(b'x')) => {
                let digits: String = bytes.by_ref().take(2).map(char::from).collect();
                out.push(u8::from_str_radix(&digits, 16)?);
            }
            (b'\\', Some(b'\\')) => out.push(b'\\'),
            (b'\\', _) => bail!("an unknown escape in {text}"),
            (byte, _) => out.push(byte),
        }
    }
    Ok(String::from_utf8(out)?)
}
