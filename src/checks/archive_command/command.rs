//! What is wrong with the text of an `archive_command`.

use crate::rule::{RuleId, id};

/// A fault and what is said of it.
pub(super) struct Fault {
    pub(super) rule: RuleId,
    pub(super) message: &'static str,
    pub(super) label: &'static str,
    pub(super) help: &'static str,
    /// Whether it is a known way to turn archiving off without a restart.
    pub(super) on_purpose: bool,
}

impl Fault {
    pub(super) fn of(command: &str) -> Option<Self> {
        let new = |rule, message, label, help| Self { rule, message, label, help, on_purpose: false };
        let command = command.trim();
        if succeeds(command) {
            let fault = new(
                id::ARCHIVE_COMMAND_ALWAYS_SUCCEEDS,
                "`archive_command` does nothing and reports success: WAL is removed without having been archived",
                "every segment counts as archived",
                "archive the file; to pause archiving, set the command to nothing, which keeps WAL",
            );
            return Some(Self { on_purpose: true, ..fault });
        }
        let end = command.rsplit_once("||").or_else(|| command.rsplit_once(';'));
        if end.is_some_and(|(_, last)| succeeds(last.trim())) {
            return Some(new(
                id::ARCHIVE_COMMAND_ALWAYS_SUCCEEDS,
                "`archive_command` reports success even when it failed: WAL is removed without having been archived",
                "a failure is not reported",
                "let the command fail when the file is not safely stored",
            ));
        }
        let escapes = command.replace("%%", "");
        if !escapes.contains("%p") {
            return Some(new(
                id::ARCHIVE_COMMAND_PLACEHOLDERS,
                "`archive_command` has no `%p`, so it is not told which file to archive",
                "no `%p`",
                "pass `%p`, the path of the file, and `%f`, its name",
            ));
        }
        if !escapes.contains("%f") && escapes.contains('>') {
            return Some(new(
                id::ARCHIVE_COMMAND_PLACEHOLDERS,
                "`archive_command` writes into a file without `%f` in its name: every segment overwrites the last one",
                "no `%f`",
                "put `%f` into the name of the destination",
            ));
        }
        overwrites(&escapes).then(|| {
            new(
                id::ARCHIVE_COMMAND_OVERWRITES,
                "`archive_command` overwrites files that are archived already",
                "does not look whether the file is there",
                "test first, as in `test ! -f /archive/%f && cp %p /archive/%f`, or use a backup tool",
            )
        })
    }
}

/// Whether the whole command does nothing but succeed.
fn succeeds(command: &str) -> bool {
    let mut words = command.split_ascii_whitespace();
    let first = words.next().unwrap_or_default();
    match first.rsplit('/').next() {
        Some("true" | ":") => !command.contains(['&', '|', ';', '>']),
        Some("exit") => words.next().is_none_or(|code| code == "0"),
        Some("echo") => !command.contains(['&', '|', ';', '>']),
        _ => false,
    }
}

/// A plain `cp %p PATH` that looks first whether the file is there, as the documentation has it. What else the command
/// does, and other programs, are left to people.
pub(super) fn guarded(command: &str) -> Option<String> {
    let words = command.split_ascii_whitespace().collect::<Vec<_>>();
    let (&program, rest) = words.split_first()?;
    let copies = matches!(program, "cp" | "/bin/cp" | "/usr/bin/cp");
    let (&target, rest) = rest.split_last()?;
    let (&source, flags) = rest.split_last()?;
    let flag = |flag: &&str| flag.starts_with('-') && flag[1..].bytes().all(|byte| byte.is_ascii_alphabetic());
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-%\"".contains(&byte);
    let path = target.trim_matches('"');
    let is_whole = path.ends_with("/%f") && !path.contains('"') && target.bytes().all(plain);
    let known = copies && matches!(source, "%p" | "\"%p\"") && flags.iter().all(flag) && is_whole;
    // `-f` is there to write over what is there.
    let flags = flags.iter().filter(|flag| **flag != "-f").map(|flag| format!("{flag} ")).collect::<String>();
    known.then(|| format!("test ! -f {target} && {program} {flags}{source} {target}"))
}

/// Whether a plain copying program writes over what is there.
fn overwrites(command: &str) -> bool {
    let guards = [
        "test ",
        "[ ",
        "[[",
        " -n",
        " -i",
        "--no-clobber",
        "--update=none",
        "--ignore-existing",
        "noclobber",
        "if ",
        "set -C",
    ];
    let copies = |word: &str| matches!(word.rsplit('/').next(), Some("cp" | "mv" | "scp" | "rsync" | "install"));
    command.split_ascii_whitespace().any(copies) && !guards.iter().any(|guard| command.contains(guard))
}

#[cfg(test)]
mod tests;
