//! What pgassay refuses in a folder of files: one run of the binary per major.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

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
    /// In the statement around a string that alone is asked about.
    Around,
}

impl Elsewhere {
    pub(crate) fn why(self) -> &'static str {
        match self {
            Self::Start | Self::LateStart => "judged by a start",
            Self::Use => "judged when the value is used",
            Self::Varies(why) => why,
            Self::WholeFile => "about the whole file, which the view does not show",
            Self::Around => "about the statement around the string",
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
    ("recovery-signal-without-restore-command", Elsewhere::LateStart),
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

/// Rules about connection strings that are read and begun.
const AT_LOGIN: &[&str] = &[
    "conninfo-channel-binding-without-tls",
    "conninfo-service-undefined",
    "conninfo-system-root",
    "conninfo-verify-full-without-host",
];

/// Where a rule is judged, unless it is by the server's verdict on an input of that kind.
pub(crate) fn elsewhere(kind: Kind, rule: &str) -> Option<Elsewhere> {
    let conninfo = rule.starts_with("conninfo-");
    let later = match kind {
        Kind::Conninfo if !conninfo => return Some(Elsewhere::Around),
        Kind::Conninfo => AT_LOGIN.contains(&rule),
        // The server reads the string, and looks at values only when it connects.
        Kind::Sql => AT_LOGIN.contains(&rule) || matches!(rule, "conninfo-bad-value" | "conninfo-conflict"),
        _ => conninfo || rule.starts_with("recovery-command"),
    };
    if later {
        return Some(Elsewhere::Use);
    }
    let place = ELSEWHERE.iter().find(|(name, _)| *name == rule).map(|(_, place)| *place)?;
    let starts = kind == Kind::Recovery && matches!(place, Elsewhere::Start | Elsewhere::LateStart);
    (!starts).then_some(place)
}

/// How a note begins about a file that is there and cannot be read.
const UNREAD: &str = "cannot be read: ";

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
pub(crate) fn refusals(binary: &Path, folder: &Path, major: u8) -> Result<Ours> {
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
    // A file that an input names and that cannot be read, such as a folder, makes the exit code 2; all else is judged.
    let said = String::from_utf8_lossy(&output.stderr);
    let unread = output.status.code() == Some(2) && said.lines().all(|line| line.contains(UNREAD));
    ensure!(output.status.success() || unread, "pgassay fails: {}", said.trim());
    // Cases are folders.
    let case = |path: &str| path.split_once('/').map(|(case, _)| case.to_owned());
    let mut found = Ours::default();
    for line in String::from_utf8(output.stdout)?.lines() {
        let Ok(line) = serde_json::from_str::<Value>(line.trim_end_matches(',')) else { continue };
        let path = line["path"].as_str().unwrap_or_default();
        if let (Some(_), Some(message)) = (line["level"].as_str(), line["message"].as_str()) {
            let told = message.starts_with("skipped: named like") || message.starts_with(UNREAD);
            ensure!(told || line["level"] != "error", "pgassay: {line}");
            if message.starts_with("skipped: ") {
                found.skipped.extend(case(path));
            }
        } else if let (Some(refusal), Some(case)) = (refusal(&line), case(path)) {
            found.refusals.entry(case).or_default().push(refusal);
        }
    }
    Ok(found)
}

/// A finding of the report, which stands on a line of its own, if it refuses.
fn refusal(finding: &Value) -> Option<Refusal> {
    if finding["effect"] != "refused" {
        return None;
    }
    Some(Refusal {
        rule: finding["rule"].as_str()?.to_owned(),
        message: finding["message"].as_str()?.to_owned(),
        offset: usize::try_from(finding["start"]["offset"].as_u64()?).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_are_read_from_the_report() {
        let line = r#"{"rule":"hba-syntax","severity":"error","confidence":"high","effect":"refused","message":"a \"path\"","majors":[15],"path":"00001/pg_hba.conf","start":{"line":1,"column":17,"offset":16}}"#;
        let found = |line: &str| refusal(&serde_json::from_str(line).unwrap());
        let expected = Refusal { rule: "hba-syntax".to_owned(), message: "a \"path\"".to_owned(), offset: 16 };
        assert_eq!(found(line), Some(expected));
        assert_eq!(found(&line.replace("refused", "risk")), None);
    }

    #[test]
    fn rules_that_are_judged_elsewhere_say_where() {
        assert!(elsewhere(Kind::Conf, "wal-minimal-senders").is_some());
        assert!(elsewhere(Kind::Conf, "conninfo-syntax").is_some());
        assert_eq!(elsewhere(Kind::Conninfo, "conninfo-syntax"), None);
        assert!(elsewhere(Kind::Conninfo, "subscription-option").is_some());
        assert_eq!(elsewhere(Kind::Recovery, "wal-minimal-senders"), None);
        assert_eq!(elsewhere(Kind::Conf, "conf-syntax"), None);
    }
}
