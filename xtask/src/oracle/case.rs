//! The files of an input. Most inputs are one file; a line `### name` begins another one.
//!
//! For a start `### standby.signal` and `### recovery.signal` begin the settings of recovery, which up to 11 are in
//! recovery.conf, and from 12 on in postgresql.conf beside the empty file of that name.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::Kind;

/// Writes the files of an input.
pub(super) fn write(folder: &Path, kind: Kind, major: u8, bytes: &[u8]) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for (name, bytes) in files(kind, major, bytes) {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// The files that an input stands for, with their names.
pub(super) fn files(kind: Kind, major: u8, bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    match kind {
        Kind::Conninfo => {
            let literal = text(bytes).replace('\'', "''");
            let statement =
                format!("CREATE SUBSCRIPTION s CONNECTION '{literal}' PUBLICATION p WITH (connect = false);\n");
            vec![(kind.file().to_owned(), statement.into_bytes())]
        }
        // The first statement says that the file is PostgreSQL's.
        Kind::Sql => {
            let text = [b"CREATE EXTENSION pgcrypto;\n", bytes, b";\n"].concat();
            vec![(kind.file().to_owned(), text)]
        }
        Kind::Values => sections(kind, bytes),
        Kind::Recovery => recovery(kind, major, bytes),
        Kind::Hba | Kind::Ident | Kind::Conf => vec![(kind.file().to_owned(), bytes.to_vec())],
    }
}

/// The input as a C string in UTF-8 can hold it.
pub(super) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace('\0', "")
}

fn sections(kind: Kind, bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut files = vec![(kind.file().to_owned(), Vec::new())];
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        let name = line.strip_prefix(b"### ").map(|name| text(name.trim_ascii_end()));
        // A name that leads elsewhere is none.
        match name.filter(|name| !name.is_empty() && !name.contains("..") && !name.starts_with('/')) {
            Some(name) => files.push((name, Vec::new())),
            None => {
                if let Some((_, text)) = files.last_mut() {
                    text.extend_from_slice(line);
                }
            }
        }
    }
    files
}

fn recovery(kind: Kind, major: u8, bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut sections = sections(kind, bytes).into_iter();
    let mut settings = sections.next().map(|(_, text)| text).unwrap_or_default();
    let (mut recovery, mut signals) = (Vec::new(), Vec::new());
    for (name, text) in sections.filter(|(name, _)| name.ends_with(".signal")) {
        if name == "standby.signal" && major < 12 {
            recovery.extend_from_slice(b"standby_mode = on\n");
        }
        recovery.extend(text);
        signals.push((name, Vec::new()));
    }
    if signals.is_empty() {
        return vec![(kind.file().to_owned(), settings)];
    }
    if major < 12 {
        return vec![(kind.file().to_owned(), settings), ("recovery.conf".to_owned(), recovery)];
    }
    if settings.last().is_some_and(|&last| last != b'\n') {
        settings.push(b'\n');
    }
    settings.extend(recovery);
    signals.insert(0, (kind.file().to_owned(), settings));
    signals
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(kind: Kind, major: u8, text: &str) -> Vec<(String, String)> {
        let shown = |(name, bytes): (String, Vec<u8>)| (name, String::from_utf8(bytes).unwrap());
        files(kind, major, text.as_bytes()).into_iter().map(shown).collect()
    }

    #[test]
    fn an_input_may_be_several_files() {
        let found = shown(Kind::Values, 15, "a=1\n### b/c.conf\nb=2\n### ../x\n");
        let expected = [("postgresql.conf", "a=1\n"), ("b/c.conf", "b=2\n### ../x\n")];
        assert_eq!(found, expected.map(|(name, text)| (name.to_owned(), text.to_owned())));
    }

    #[test]
    fn settings_of_recovery_are_where_the_major_looks_for_them() {
        let text = "a=1\n### standby.signal\nb=2\n";
        let old = [("postgresql.conf", "a=1\n"), ("recovery.conf", "standby_mode = on\nb=2\n")];
        assert_eq!(shown(Kind::Recovery, 11, text), old.map(|(name, text)| (name.to_owned(), text.to_owned())));
        let new = [("postgresql.conf", "a=1\nb=2\n"), ("standby.signal", "")];
        assert_eq!(shown(Kind::Recovery, 12, text), new.map(|(name, text)| (name.to_owned(), text.to_owned())));
    }

    #[test]
    fn connection_strings_are_quoted() {
        assert!(shown(Kind::Conninfo, 15, "host='a'\0")[0].1.contains("CONNECTION 'host=''a''' PUBLICATION"));
    }
}
