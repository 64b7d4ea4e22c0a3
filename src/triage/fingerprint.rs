//! Fingerprints: what stays the same about a finding when lines move and messages are reworded.
//!
//! `pgassay/v1` is the SHA-256 of rule, path, subject and occurrence. Lines, messages, times and absolute paths are no
//! part of it; baselines, SARIF and other reports use it alike.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use camino::Utf8Path;
use sha2::{Digest, Sha256};

use crate::finding::Finding;
use crate::rule::RuleId;
use crate::secret::hide_patterns;
use crate::source::{FileId, SourceMap};

/// The name under which reports give the fingerprint; it changes when its making does.
pub const NAME: &str = "pgassay/v1";

/// Gives fingerprints to the findings of a run. The occurrence counts findings of one rule on one subject in one file,
/// so findings must come in their final order, all of them.
#[derive(Debug, Default)]
pub struct Fingerprints {
    seen: BTreeMap<(RuleId, FileId, String), u32>,
}

impl Fingerprints {
    /// The fingerprint of the next finding: 64 lower-case hexadecimal digits.
    pub fn next(&mut self, finding: &Finding, sources: &SourceMap) -> String {
        let file = finding.primary.span.file;
        let subject = subject(finding);
        let occurrence = self.seen.entry((finding.rule, file, subject.clone())).or_default();
        let digest = digest(finding.rule, sources.file(file).path(), &subject, *occurrence);
        *occurrence += 1;
        digest
    }

    /// The fingerprint that the finding has as the first of its equals, with another path for its file.
    pub(super) fn first(finding: &Finding, path: &Utf8Path) -> String {
        digest(finding.rule, path, &subject(finding), 0)
    }
}

/// What it is about. A digest of a secret could be tried against a list of passwords, so secrets are hidden.
fn subject(finding: &Finding) -> String {
    hide_patterns(&finding.subject.key()).into_owned()
}

fn digest(rule: RuleId, path: &Utf8Path, subject: &str, occurrence: u32) -> String {
    let mut digest = Sha256::new();
    digest.update(rule.name());
    digest.update([0]);
    digest.update(path.as_str());
    digest.update([0]);
    digest.update(subject);
    digest.update([0]);
    digest.update(occurrence.to_string());
    digest.finalize().iter().fold(String::with_capacity(64), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Majors;
    use crate::discover::Kind;
    use crate::finding::{Label, Subject};
    use crate::rule::id;
    use crate::source::Span;

    #[test]
    fn depends_on_rule_path_subject_and_occurrence_alone() {
        let mut sources = SourceMap::default();
        let a = sources.add("a.conf".into(), Kind::PostgresqlConf, b"fsync = off".to_vec()).unwrap();
        let b = sources.add("b.conf".into(), Kind::PostgresqlConf, b"fsync = off".to_vec()).unwrap();
        let make = |rule, file, at, subject: &str| {
            let label = Label::new(Span::new(file, at, at + 1), "");
            Finding::new(rule, Subject::Setting(subject.to_owned()), Majors::HELD, label, format!("message {at}"))
        };
        let first = |finding| Fingerprints::default().next(&finding, &sources);
        let base = first(make(id::FSYNC_OFF, a, 0, "fsync"));
        assert_eq!(base, "d8f5c56636af2e5a99f5193617c9064d5afd6f6df0ca5e9b38721adcea4f2631");
        assert_eq!(base, first(make(id::FSYNC_OFF, a, 7, "fsync")));
        for other in [
            make(id::FSYNC_OFF, b, 0, "fsync"),
            make(id::FSYNC_OFF, a, 0, "fsyncs"),
            make(id::SUPPRESSION_UNUSED, a, 0, "fsync"),
        ] {
            assert_ne!(base, first(other));
        }
        let mut both = Fingerprints::default();
        assert_eq!(both.next(&make(id::FSYNC_OFF, a, 0, "fsync"), &sources), base);
        assert_ne!(both.next(&make(id::FSYNC_OFF, a, 0, "fsync"), &sources), base);
        let secret = |word| first(make(id::FSYNC_OFF, a, 0, word));
        assert_eq!(secret("password=one"), secret("password=two"));
    }
}
