//! What pgassay refuses in a folder of files: one run of the binary per major.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::Kind;

/// A finding that says that the server refuses something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) rule: String,
    pub(super) message: String,
    pub(super) offset: usize,
}

/// Rules about what the server does not judge here, or not alone. They refuse, but not what is compared.
const ELSEWHERE: &[(&str, &str)] = &[
    ("conf-recent-minor", "depends on the minor release"),
    ("conf-special-build", "depends on the build"),
    ("hba-no-entries", "about the whole file, which the view does not show"),
    ("stack-depth-above-limit", "depends on the machine"),
];

/// Rules about what only a start refuses.
const AT_START: &[&str] = &[
    "conf-contradiction",
    "huge-pages-sysv",
    "recovery-several-targets",
    "recovery-signal-without-restore-command",
    "reserved-connections-exceed",
    "tls-cipher-noop",
    "tls-version-order",
    "wal-minimal-archive",
    "wal-minimal-senders",
    "wal-minimal-summarize",
    "wal-senders-exceed-connections",
    "wal-size-too-small",
];

/// Rules about connection strings that are read and begun.
const AT_LOGIN: &[&str] = &[
    "conninfo-channel-binding-without-tls",
    "conninfo-service-undefined",
    "conninfo-system-root",
    "conninfo-verify-full-without-host",
];

/// Why a rule is not held against the server's verdict on an input.
pub(super) fn elsewhere(kind: Kind, rule: &str) -> Option<&'static str> {
    let conninfo = rule.starts_with("conninfo-");
    let later = match kind {
        Kind::Conninfo if !conninfo => return Some("about the statement around the string"),
        Kind::Conninfo => AT_LOGIN.contains(&rule),
        // The server reads the string, and looks at values only when it connects.
        Kind::Sql => AT_LOGIN.contains(&rule) || matches!(rule, "conninfo-bad-value" | "conninfo-conflict"),
        _ => conninfo || rule.starts_with("recovery-command"),
    };
    if later {
        return Some("judged when the value is used");
    }
    if kind != Kind::Recovery && AT_START.contains(&rule) {
        return Some("judged by a start");
    }
    ELSEWHERE.iter().find(|(name, _)| *name == rule).map(|(_, why)| *why)
}

/// What pgassay says of the files of a folder, by the names of the folders that hold them.
#[derive(Debug, Default)]
pub(super) struct Ours {
    refusals: BTreeMap<String, Vec<Refusal>>,
    /// Files that it takes for those of another program, and does not judge.
    skipped: BTreeSet<String>,
}

impl Ours {
    /// The refusals of a file; none if the file was not judged.
    pub(super) fn of(&self, case: &str) -> Option<&[Refusal]> {
        (!self.skipped.contains(case)).then(|| self.refusals.get(case).map_or(&[][..], Vec::as_slice))
    }
}

/// Runs the binary on a folder.
pub(super) fn refusals(binary: &Path, folder: &Path, major: u8) -> Result<Ours> {
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
    // Cases are folders.
    let case = |path: &str| path.split_once('/').map(|(case, _)| case.to_owned());
    let mut found = Ours::default();
    for line in String::from_utf8(output.stdout)?.lines() {
        let Ok(line) = serde_json::from_str::<Value>(line.trim_end_matches(',')) else { continue };
        let path = line["path"].as_str().unwrap_or_default();
        if let (Some(_), Some(message)) = (line["level"].as_str(), line["message"].as_str()) {
            ensure!(message.starts_with("skipped: named like") || line["level"] != "error", "pgassay: {line}");
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
