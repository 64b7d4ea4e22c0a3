//! `sed`: lines that it puts into PostgreSQL's files.

use std::ops::Range;

use super::Reader;
use super::argument::{Argument, Options, Takes};
use crate::extract::content;

const TAKES: Takes = Takes { letters: "efl", names: &["expression", "file", "line-length"] };

impl Reader<'_, '_, '_, '_> {
    /// `sed -i`, whose scripts change the files after them.
    pub(super) fn sed(&mut self, arguments: &[Argument]) {
        let options = Options::read(arguments, TAKES);
        if !options.has(&["i", "in-place"]) {
            return;
        }
        let mut files = &options.operands[..];
        let mut scripts = options.values(&["e", "expression"]).cloned().collect::<Vec<_>>();
        if scripts.is_empty() {
            // BSD's sed takes the ending of backups as an argument of its own.
            let skip = usize::from(files.first().is_some_and(|file| file.bytes().is_empty()));
            let Some(script) = files.get(skip) else { return };
            scripts.push(script.clone());
            files = &files[skip + 1..];
        }
        for script in scripts {
            for line in lines(script.bytes()) {
                for file in files {
                    self.change(file, &script.text, line.clone());
                }
            }
        }
    }
}

/// The whole lines that a script puts in: settings and rows that replace all of a line, or are added.
fn lines(script: &[u8]) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut at = 0;
    while let Some(command) = next_command(script, at) {
        at = match script.get(command) {
            Some(b's') => match substitution(script, command + 1) {
                Some((pattern, replacement, end)) => {
                    if is_line(&script[replacement.clone()])
                        && covers_line(&script[pattern], &script[replacement.clone()])
                    {
                        lines.push(replacement);
                    }
                    end
                }
                None => return lines,
            },
            Some(b'a' | b'i' | b'c') => {
                // The text follows on the line, or on the next one after a backslash.
                let blank = |byte: &&u8| byte.is_ascii_whitespace() || **byte == b'\\';
                let start = command + 1 + script[command + 1..].iter().take_while(blank).count();
                let end = start + memchr::memchr(b'\n', &script[start..]).unwrap_or(script.len() - start);
                if is_line(&script[start..end]) {
                    lines.push(start..end);
                }
                end
            }
            Some(_) => command + 1,
            None => return lines,
        };
    }
    lines
}

/// Where the next command's letter stands, after its addresses.
fn next_command(script: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    while let Some(&byte) = script.get(at) {
        match byte {
            b'/' => at = delimited(script, at + 1, b'/')? + 1,
            b'0'..=b'9' | b'$' | b',' | b'!' | b'~' | b'+' | b';' | b'{' | b'}' | b'I' => at += 1,
            _ if byte.is_ascii_whitespace() => at += 1,
            _ => return Some(at),
        }
    }
    None
}

/// Where the delimiter stands that ends what starts here.
fn delimited(script: &[u8], from: usize, delimiter: u8) -> Option<usize> {
    let mut at = from;
    loop {
        match *script.get(at)? {
            b'\\' => at += 2,
            byte if byte == delimiter => return Some(at),
            _ => at += 1,
        }
    }
}

/// Pattern and replacement of `s/.../.../`, and where the next command may start.
fn substitution(script: &[u8], from: usize) -> Option<(Range<usize>, Range<usize>, usize)> {
    let delimiter = *script.get(from)?;
    let pattern = from + 1..delimited(script, from + 1, delimiter)?;
    let replacement = pattern.end + 1..delimited(script, pattern.end + 1, delimiter)?;
    let flags = script[replacement.end + 1..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let end = replacement.end + 1 + flags;
    Some((pattern, replacement, end))
}

/// Whether a text is a setting or a row by itself: it has nothing that sed fills in or unescapes.
fn is_line(text: &[u8]) -> bool {
    let own = text.iter().any(|byte| matches!(byte, b'\\' | b'&' | b'\n'));
    let row = || crate::discover::by_content(text) == Some(crate::discover::Kind::PgHba);
    !own && (content::is_setting(text.trim_ascii_start()) || row())
}

/// Whether a pattern takes in all of a line that counts, so that the replacement is the line. What follows a value in
/// quotes is a comment, and so is what follows that of a line of the stock sample: `#wal_level = replica`.
fn covers_line(pattern: &[u8], replacement: &[u8]) -> bool {
    let sample = pattern.strip_prefix(b"^").unwrap_or(pattern).starts_with(b"#")
        && memchr::memmem::find(pattern, b" = ").is_some();
    let whole = sample || pattern.ends_with(b"$") || pattern.ends_with(b".*") || pattern.ends_with(b"'");
    let name = |text: &[u8]| {
        let start = text.iter().position(u8::is_ascii_alphabetic).unwrap_or(text.len());
        let name = text[start..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_');
        text[start..start + name.count()].to_vec()
    };
    whole && (pattern == b".*" || pattern == b"^.*$" || !name(pattern).is_empty() && name(pattern) == name(replacement))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_lines_are_taken() {
        for (script, expected) in [
            ("s/^#*wal_level.*/wal_level = logical/", vec!["wal_level = logical"]),
            ("s|#\\?listen_addresses = 'localhost'|listen_addresses = '*'|g", vec!["listen_addresses = '*'"]),
            ("/^#fsync/s/.*/fsync = off/;s/^port.*$/port = 1/", vec!["fsync = off", "port = 1"]),
            ("$a host all all 0.0.0.0/0 trust", vec!["host all all 0.0.0.0/0 trust"]),
            ("1i\\\nhost all all 0.0.0.0/0 trust", vec!["host all all 0.0.0.0/0 trust"]),
            ("s/#wal_level = replica/wal_level = logical/g", vec!["wal_level = logical"]),
            ("s/#max_wal_senders =.*/max_wal_senders = 10/", vec!["max_wal_senders = 10"]),
            ("s/max_connections = 10/max_connections = 20/", vec![]),
            ("s/#wal_level/wal_level/", vec![]),
            ("s/^\\(wal_level\\).*/\\1 = logical/", vec![]),
            ("s/^port.*/port = &/", vec![]),
            ("s/a/b", vec![]),
            ("s", vec![]),
            ("", vec![]),
        ] {
            let found = lines(script.as_bytes());
            let found = found.into_iter().map(|line| &script[line]).collect::<Vec<_>>();
            assert_eq!(found, expected, "{script}");
        }
    }
}
