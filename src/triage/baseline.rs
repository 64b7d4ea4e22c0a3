//! The baseline: findings that are known, in a file that is kept with the files they are about.
//!
//! It counts findings by path, rule and fingerprint, so that moved lines change nothing and of two equal findings one can
//! be known and the other new. Nothing here reads or writes files.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::load::clean;
use crate::secret::Redactor;
use crate::source::SourceMap;
use crate::triage::fingerprint::{self, Fingerprints};
use crate::triage::{Outcome, Report};

/// The version of the file. It changes when an older pgassay could not read it.
const VERSION: u64 = 1;

/// What stands in the file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u64,
    /// How fingerprints are made.
    fingerprint: String,
    /// By path and rule.
    findings: BTreeMap<Utf8PathBuf, BTreeMap<String, Vec<Line>>>,
}

/// The version alone, which every version has.
#[derive(Debug, Deserialize)]
struct Version {
    version: u64,
}

/// Equal findings of a rule in a file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    /// For people who read the file; it tells nothing apart.
    subject: String,
    fingerprint: String,
    count: NonZeroU32,
}

/// What is wrong with a baseline.
#[derive(Debug, Error)]
pub enum BaselineError {
    /// It is no JSON, or not of the form.
    #[error("it is damaged: {0}")]
    Form(#[from] serde_json::Error),
    /// Another pgassay wrote it.
    #[error("it is of version {0}; this pgassay reads version {VERSION}")]
    Version(u64),
    /// Fingerprints were made otherwise.
    #[error("its fingerprints are `{found}`; this pgassay makes `{made}`", made = fingerprint::NAME)]
    Fingerprints {
        /// What the file says.
        found: String,
    },
    /// A line that pgassay does not write.
    #[error("it is damaged: `{0}` is no fingerprint of 64 hexadecimal digits")]
    Fingerprint(String),
    /// A merge left a line twice.
    #[error("it is damaged: `{path}` has `{fingerprint}` of {rule} twice")]
    Twice {
        /// The file.
        path: Utf8PathBuf,
        /// The rule.
        rule: String,
        /// The fingerprint.
        fingerprint: String,
    },
}

/// What tells known findings apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key {
    path: Utf8PathBuf,
    rule: String,
    fingerprint: String,
}

/// How many there are, and what they are about.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    subject: String,
    count: u32,
}

/// Findings that are known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    entries: BTreeMap<Key, Entry>,
}

/// Equal findings of a baseline that are gone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gone {
    /// The file, as the baseline has it.
    pub path: Utf8PathBuf,
    /// The rule.
    pub rule: String,
    /// What they were about.
    pub subject: String,
    /// How many are gone.
    pub count: u32,
}

/// From the paths of a run to those of a baseline, which are relative to the folder that it lies in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// The working directory, absolute.
    pub here: Utf8PathBuf,
    /// The folder of the baseline, absolute.
    pub base: Utf8PathBuf,
    /// Files that have another path since, by the one that they had.
    pub renamed: BTreeMap<Utf8PathBuf, Utf8PathBuf>,
}

impl Root {
    /// The path, relative to the folder of the baseline and with `/`; as it is if it does not lie below.
    #[must_use]
    pub fn place(&self, path: &Utf8Path) -> Utf8PathBuf {
        let absolute = clean(&self.here.join(path));
        let Ok(below) = absolute.strip_prefix(&self.base) else { return path.to_owned() };
        let below = Utf8PathBuf::from(below.components().map(|part| part.as_str()).collect::<Vec<_>>().join("/"));
        self.renamed.get(&below).cloned().unwrap_or(below)
    }
}

impl Baseline {
    /// The findings of a report that stand, or would without what is known.
    #[must_use]
    pub fn of(report: &Report, sources: &SourceMap, root: &Root) -> Self {
        let redactor = Redactor::new(sources);
        let mut baseline = Self::default();
        for (finding, outcome) in &report.findings {
            if matches!(outcome, Outcome::Suppressed { .. } | Outcome::Filtered) {
                continue;
            }
            let path = root.place(sources.file(finding.primary.span.file).path());
            let fingerprint = Fingerprints::first(finding, &path);
            let key = Key { path, rule: finding.rule.name().to_owned(), fingerprint };
            let subject = || redactor.text(&finding.subject.key()).into_owned();
            baseline.entries.entry(key).or_insert_with(|| Entry { subject: subject(), count: 0 }).count += 1;
        }
        baseline
    }

    /// Reads the text of a baseline.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &[u8]) -> Result<Self, BaselineError> {
        let Version { version } = serde_json::from_slice(text)?;
        if version != VERSION {
            return Err(BaselineError::Version(version));
        }
        let file: File = serde_json::from_slice(text)?;
        if file.fingerprint != fingerprint::NAME {
            return Err(BaselineError::Fingerprints { found: file.fingerprint });
        }
        let mut baseline = Self::default();
        for (path, rules) in file.findings {
            for (rule, lines) in rules {
                for Line { subject, fingerprint, count } in lines {
                    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
                    if fingerprint.len() != 64 || !fingerprint.bytes().all(is_digit) {
                        return Err(BaselineError::Fingerprint(fingerprint));
                    }
                    let key = Key { path: path.clone(), rule: rule.clone(), fingerprint: fingerprint.clone() };
                    if baseline.entries.insert(key, Entry { subject, count: count.get() }).is_some() {
                        return Err(BaselineError::Twice { path, rule, fingerprint });
                    }
                }
            }
        }
        Ok(baseline)
    }

    /// The text of the file: by path, rule and subject, a line for each.
    ///
    /// # Errors
    /// None; the type is that of the serializer.
    pub fn text(&self) -> Result<String, serde_json::Error> {
        let mut files: BTreeMap<&Utf8Path, BTreeMap<&str, Vec<_>>> = BTreeMap::new();
        for (key, entry) in &self.entries {
            let lines = files.entry(&key.path).or_default().entry(&key.rule).or_default();
            lines.push((entry.subject.as_str(), key.fingerprint.as_str(), entry.count));
        }
        let head = serde_json::to_string(fingerprint::NAME)?;
        let mut out = format!("{{\n  \"version\": {VERSION},\n  \"fingerprint\": {head},\n  \"findings\": {{");
        let mut comma = "";
        for (path, rules) in files {
            out.push_str(&format!("{comma}\n    {}: {{", serde_json::to_string(path)?));
            comma = "";
            for (rule, mut lines) in rules {
                out.push_str(&format!("{comma}\n      {}: [", serde_json::to_string(rule)?));
                comma = "";
                lines.sort_unstable();
                for (subject, fingerprint, count) in lines {
                    let subject = serde_json::to_string(subject)?;
                    out.push_str(&format!(
                        "{comma}\n        {{ \"subject\": {subject}, \"fingerprint\": \"{fingerprint}\", \"count\": {count} }}"
                    ));
                    comma = ",";
                }
                out.push_str("\n      ]");
                comma = ",";
            }
            out.push_str("\n    }");
            comma = ",";
        }
        out.push_str(if comma.is_empty() { "}\n}\n" } else { "\n  }\n}\n" });
        Ok(out)
    }

    /// How many findings it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.values().map(|entry| entry.count as usize).sum()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The findings that are gone: those that `now` has not, of the files and rules that were looked at.
    #[must_use]
    pub fn gone(&self, now: &Self, looked_at: &dyn Fn(&Utf8Path, &str) -> bool) -> Vec<Gone> {
        let gone = self.entries.iter().filter(|(key, _)| looked_at(&key.path, &key.rule)).filter_map(|(key, entry)| {
            let count = entry.count.saturating_sub(now.count(key));
            let Key { path, rule, .. } = key.clone();
            (count > 0).then(|| Gone { path, rule, subject: entry.subject.clone(), count })
        });
        let mut gone = gone.collect::<Vec<_>>();
        gone.sort();
        gone
    }

    /// Without what is gone, and with nothing new.
    #[must_use]
    pub fn pruned(&self, now: &Self, looked_at: &dyn Fn(&Utf8Path, &str) -> bool) -> Self {
        let mut pruned = self.clone();
        pruned.entries.retain(|key, entry| {
            if looked_at(&key.path, &key.rule) {
                entry.count = entry.count.min(now.count(key));
            }
            entry.count > 0
        });
        pruned
    }

    /// What was found now, and what it had of files and rules that were not looked at.
    #[must_use]
    pub fn renewed(&self, now: &Self, looked_at: &dyn Fn(&Utf8Path, &str) -> bool) -> Self {
        let kept = self.entries.iter().filter(|(key, _)| !looked_at(&key.path, &key.rule));
        let kept = kept.map(|(key, entry)| (key.clone(), entry.clone()));
        Self { entries: kept.chain(now.entries.clone()).collect() }
    }

    fn count(&self, key: &Key) -> u32 {
        self.entries.get(key).map_or(0, |entry| entry.count)
    }

    /// The counts, to be used up by the findings that are met.
    pub(super) fn left(&self) -> BTreeMap<&Key, u32> {
        self.entries.iter().map(|(key, entry)| (key, entry.count)).collect()
    }
}

impl Key {
    pub(super) fn of(finding: &crate::finding::Finding, sources: &SourceMap, root: &Root) -> Self {
        let path = root.place(sources.file(finding.primary.span.file).path());
        let fingerprint = Fingerprints::first(finding, &path);
        Self { path, rule: finding.rule.name().to_owned(), fingerprint }
    }
}
