//! What pgassay refuses in a folder of files: one run of the binary per major.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::Kind;

/// A finding that says that the server refuses something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) rule: String,
    pub(crate) message: String,
    pub(crate) offset: usize,
}

/// Where a refusal is judged, if not when the file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Elsewhere {
    /// By a start, before it locks the data directory.
    Start,
    /// By a start, after that.
    LateStart,
    /// When the value is used.
    Use,
    /// By what only some servers of a major have.
    Varies(&'static str),
    /// When the file has been read, which the view does not show.
    WholeFile,
}

impl Elsewhere {
    pub(crate) fn why(self) -> &'static str {
        match self {
            Self::Start | Self::LateStart => "judged by a start",
            Self::Use => "judged when the value is used",
            Self::Varies(why) => why,
            Self::WholeFile => "about the whole file, which the view does not show",
        }
    }
}

/// Rules about what is judged later than when the file is read, or about the file as a whole, or about more than the
/// one file. They refuse, but not here.
const ELSEWHERE: &[(&str, Elsewhere)] = &[
    ("conf-contradiction", Elsewhere::Start),
    ("conf-recent-minor", Elsewhere::Varies("depends on the minor release")),
    ("conf-special-build", Elsewhere::Varies("depends on the build")),
    ("hba-no-entries", Elsewhere::WholeFile),
    ("huge-pages-sysv", Elsewhere::LateStart),
    ("recovery-several-targets", Elsewhere::Start),
    ("reserved-connections-exceed", Elsewhere::Start),
    ("stack-depth-above-limit", Elsewhere::Varies("depends on the machine")),
    ("tls-cipher-noop", Elsewhere::LateStart),
    ("tls-version-order", Elsewhere::LateStart),
    ("wal-minimal-archive", Elsewhere::Start),
    ("wal-minimal-senders", Elsewhere::Start),
    ("wal-minimal-summarize", Elsewhere::Start),
    ("wal-senders-exceed-connections", Elsewhere::Start),
    ("wal-size-too-small", Elsewhere::LateStart),
];

/// Where a rule is judged, unless it is when the server reads the file.
pub(crate) fn elsewhere(rule: &str) -> Option<Elsewhere> {
    if rule.starts_with("conninfo-") || rule.starts_with("recovery-command") {
        return Some(Elsewhere::Use);
    }
    ELSEWHERE.iter().find(|(name, _)| *name == rule).map(|(_, place)| *place)
}

/// What pgassay says of the files of a folder, by the names of the folders that hold them.
#[derive(Debug, Default)]
pub(crate) struct Ours {
    refusals: BTreeMap<String, Vec<Refusal>>,
    /// Files that it takes for those of another program, and does not judge.
    skipped: BTreeSet<String>,
}

impl Ours {
    /// The refusals of a file; none if the file was not judged.
    pub(crate) fn of(&self, case: &str) -> Option<&[Refusal]> {
        (!self.skipped.contains(case)).then(|| self.refusals.get(case).map_or(&[][..], Vec::as_slice))
    }
}

/// Runs the binary on a folder.
pub(crate) fn refusals(binary: &Path, folder: &Path, kind: Kind, major: u8) -> Result<Ours> {
    let output = Command::new(binary)
        .args([
            "check",
            "--no-config",
            "--exit-zero",
            "--profile",
            "strict",
            "--format",
            "json",
            "--min-confidence",
            "low",
            "--follow-outside",
        ])
        .args(["--pg", &major.to_string()])
        .arg(".")
        .current_dir(folder)
        .output()
        .with_context(|| format!("cannot run {} (build it with `cargo build`)", binary.display()))?;
    ensure!(output.status.success(), "pgassay fails: {}", String::from_utf8_lossy(&output.stderr).trim());
    let case = |path: &str| path.strip_suffix(kind.file()).and_then(|path| path.strip_suffix('/')).map(str::to_owned);
    let mut found = Ours::default();
    for line in String::from_utf8(output.stdout)?.lines() {
        if line.starts_with("{\"level\":") {
            let path = after(line, "\"path\":\"").unwrap_or_default();
            ensure!(
                line.contains("\"message\":\"skipped: named like") || !line.contains("\"error\""),
                "pgassay: {line}"
            );
            if line.contains("\"message\":\"skipped: ") {
                found.skipped.extend(case(path));
            }
        } else if let Some((path, refusal)) = finding(line)
            && let Some(case) = case(&path)
        {
            found.refusals.entry(case).or_default().push(refusal);
        }
    }
    Ok(found)
}

/// A line of the report, if it is a finding that refuses. Every finding is on a line of its own, and quotes in texts are
/// escaped, so a name with its quotes stands only where it is one.
fn finding(line: &str) -> Option<(String, Refusal)> {
    if after(line, "\"effect\":\"")? != "refused" {
        return None;
    }
    let (_, start) = line.split_once("\"start\":{")?;
    let (_, offset) = start.split_once("\"offset\":")?;
    let refusal = Refusal {
        rule: after(line, "\"rule\":\"")?.to_owned(),
        message: after(line, "\"message\":\"")?.to_owned(),
        offset: offset.split('}').next()?.parse().ok()?,
    };
    Some((after(line, "\"path\":\"")?.to_owned(), refusal))
}

/// The string that begins after `before`, with its escapes.
fn after<'l>(line: &'l str, before: &str) -> Option<&'l str> {
    let (_, rest) = line.split_once(before)?;
    let mut escaped = false;
    let end = rest.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })?;
    rest.get(..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_are_read_from_the_report() {
        let line = r#"{"rule":"hba-syntax","severity":"error","confidence":"high","effect":"refused","message":"a \"path\":\"b","help":null,"majors":[15],"path":"00001/pg_hba.conf","start":{"line":1,"column":17,"offset":16},"end":{"line":1,"column":17,"offset":17},"label":""},"#;
        let (path, refusal) = finding(line).unwrap();
        assert_eq!(path, "00001/pg_hba.conf");
        assert_eq!((refusal.rule.as_str(), refusal.offset), ("hba-syntax", 16));
        assert_eq!(refusal.message, r#"a \"path\":\"b"#);
        assert_eq!(finding(&line.replace("refused", "risk")), None);
        assert_eq!(finding("],\"notes\":["), None);
    }

    #[test]
    fn rules_that_are_judged_elsewhere_say_where() {
        assert!(elsewhere("wal-minimal-senders").is_some() && elsewhere("conninfo-syntax").is_some());
        assert_eq!(elsewhere("conf-syntax"), None);
    }
}
