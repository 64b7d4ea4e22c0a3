//! Makes the fixes of a folder in memory, one by one and all together, and says what is wrong with them.

use std::collections::BTreeMap;
use std::convert::Infallible;

use camino::{Utf8Path, Utf8PathBuf};
use pgassay::catalog::Majors;
use pgassay::discover::{self, Kind, Overrides};
use pgassay::finding::{Confidence, Effect, Finding, Safety, Severity};
use pgassay::fix::{self, Checked, Mended};
use pgassay::load::{Text, Texts};
use pgassay::rule::Selection;
use pgassay::source::SourceMap;
use pgassay::triage::{self, Date, Triage};
use pgassay::{load, model, rule};

/// Fixes that are rightly left out, and a part of the reason.
const LEFT_OUT: [(&str, &str); 19] = [
    // The network that the server takes the row for is a door that is open to all.
    ("hba-host-bits", "`hba-any-address`"),
    // The new name is one of a setting that `SET` cannot change.
    ("sql-setting-unknown", "holds for the whole server"),
    // The folder is read for all majors, of which the older ones do not know the word.
    ("hba-clientcert", "`hba-clientcert-ignored`"),
    // A role has an MD5 hash still, or gets one.
    ("hba-md5", "has an MD5 password"),
    ("hba-md5", "`hba-scram-with-md5-encryption`"),
    ("hba-trust-local", "`hba-scram-with-md5-encryption`"),
    // The standby would differ from its primary, which has another row or value there.
    ("hba-md5", "`cluster-drift-hba`"),
    ("hba-shadowed", "`cluster-drift-hba`"),
    ("hba-replication-nontls", "`cluster-drift-hba`"),
    ("hba-trust-local", "`cluster-drift-hba`"),
    ("hba-trust-remote", "`cluster-drift-hba`"),
    ("log-connections-off", "`cluster-drift-log`"),
    // With anchors the expression has no more of the roles.
    ("hba-regex-anchor", ""),
    // What is written is weak, or has an effect that it had not.
    ("conninfo-bad-value", "`conninfo-sslmode-weak`"),
    ("log-statement-all", "`log-statement-passwords`"),
    ("log-lost", "`log-path-empty`"),
    ("hba-nontls", "`hba-shadowed`"),
    ("hba-password-method", "`hba-shadowed`"),
    ("hba-host-over-hostssl", "`hba-all-all`"),
];

/// How the files of a folder are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// As they are.
    AsTheyAre,
    /// PostgreSQL's own files with CRLF for line feeds.
    WithReturns,
    /// Without a line feed at the end.
    WithoutEnd,
}

/// A folder that is looked at again and again.
pub(crate) struct Folder<'a> {
    pub(crate) root: &'a Utf8Path,
    pub(crate) pg: Option<Majors>,
    pub(crate) selection: &'a Selection,
    pub(crate) written: Written,
}

impl Folder<'_> {
    /// What is found with some texts in place of files.
    pub(crate) fn look(&self, texts: &Texts) -> Checked {
        let paths = [self.root.to_owned()];
        let found = discover::discover(&paths, None, &Overrides::default());
        let mut all = self.texts(&found.inputs);
        all.extend(texts.clone());
        let mut loaded = load::load_with(found.inputs, &paths, false, all);
        let cluster = model::build(&mut loaded, &model::Options { pg: self.pg, nodes: Vec::new() });
        let asked = self.selection.and(|rule| rule.meta().effect == Effect::Refused);
        let findings = rule::check(&cluster, &loaded.sources, &asked);
        let triage = Triage {
            sources: &loaded.sources,
            selection: &asked,
            target: cluster.targets(),
            severities: &BTreeMap::new(),
            min_severity: Severity::Info,
            min_confidence: Confidence::Low,
            comments: &triage::comments(&loaded.sources),
            baseline: None,
            today: Date::new(2026, 11, 21).expect("that day is in the calendar"),
        };
        let judged = triage.report(findings, Vec::new()).open().cloned().collect::<Vec<_>>();
        let findings = judged.iter().filter(|found| self.selection.contains(found.rule)).cloned().collect();
        Checked { sources: loaded.sources, findings, judged }
    }

    fn texts(&self, inputs: &[discover::Input]) -> Texts {
        let mut texts = Texts::new();
        for input in inputs {
            let Ok(bytes) = std::fs::read(&input.path) else { continue };
            let own = !matches!(input.kind, None | Some(Kind::Host(_)));
            let plain = own && !bytes.contains(&b'\r');
            let bytes = match self.written {
                Written::WithReturns if plain => {
                    let mut out = Vec::new();
                    bytes.split_inclusive(|byte| *byte == b'\n').for_each(|line| match line.strip_suffix(b"\n") {
                        Some(line) => out.extend([line, b"\r\n"].concat()),
                        None => out.extend_from_slice(line),
                    });
                    out
                }
                Written::WithoutEnd => bytes.strip_suffix(b"\n").unwrap_or(&bytes).to_vec(),
                _ => continue,
            };
            texts.insert(input.path.clone(), Text::Changed(bytes));
        }
        texts
    }

    fn mend(&self, first: Checked) -> Mended {
        let may = |path: &Utf8Path, text: &Text| match text {
            Text::Created { .. } => !path.exists(),
            Text::Changed(_) | Text::Removed => true,
        };
        fix::mend(first, Safety::Unsafe, &may, &mut |texts| Ok::<_, Infallible>(self.look(texts)))
            .unwrap_or_else(|never| match never {})
    }

    /// What is wrong with the fixes; and how many were made.
    pub(crate) fn faults(&self) -> (Vec<String>, usize) {
        let first = self.look(&Texts::new());
        let mut faults = Vec::new();
        let fixes = first.findings.iter().filter(|finding| finding.fix.is_some()).cloned().collect::<Vec<_>>();
        if fixes.is_empty() {
            return (faults, 0);
        }
        for finding in &fixes {
            self.alone(finding, &first.sources, &mut faults);
        }
        let refused = |checked: &Checked| checked.judged.iter().filter(|found| found.effect == Effect::Refused).count();
        let before = refused(&first);
        let mended = self.mend(first);
        for dropped in &mended.dropped {
            let fix::Made { rule, title, .. } = &dropped.made;
            if !LEFT_OUT.iter().any(|(known, why)| known == rule && dropped.why.contains(why)) {
                faults.push(format!("left out: {rule}: {title}: {}", dropped.why));
            }
        }
        if refused(&mended.checked) > before {
            faults.push(format!("{before} findings were refused before, {} are after", refused(&mended.checked)));
        }
        // All is in memory still, so what is looked at again is that.
        let texts = mended.texts.clone();
        let again = self.look(&texts);
        let mut second = fix::mend(
            again,
            Safety::Unsafe,
            &|path, text| !matches!(text, Text::Created { .. }) || !path.exists(),
            &mut |more| {
                let mut all = texts.clone();
                all.extend(more.clone());
                Ok::<_, Infallible>(self.look(&all))
            },
        )
        .unwrap_or_else(|never| match never {});
        second.made.retain(|made| !mended.dropped.iter().any(|dropped| dropped.made == *made));
        if !second.made.is_empty() {
            faults.push(format!("a second run makes {:?}", second.made));
        }
        (faults, mended.made.len())
    }

    /// Makes one fix, and compares what becomes of the files with what its edits say.
    fn alone(&self, finding: &Finding, sources: &SourceMap, faults: &mut Vec<String>) {
        let Some(fix) = &finding.fix else { return };
        let only = Checked { findings: vec![finding.clone()], judged: Vec::new(), ..self.look(&Texts::new()) };
        let nothing = || Checked { findings: Vec::new(), judged: Vec::new(), sources: SourceMap::default() };
        let mended = fix::mend(only, Safety::Unsafe, &|_, _| true, &mut |_| Ok::<_, Infallible>(nothing()));
        let mended = mended.unwrap_or_else(|never| match never {});
        let mut by_path: BTreeMap<Utf8PathBuf, Vec<(std::ops::Range<usize>, &str)>> = BTreeMap::new();
        for (span, text) in &fix.edits {
            let path = sources.file(span.file).path().to_owned();
            by_path.entry(path).or_default().push((span.range(), text));
        }
        for (path, mut edits) in by_path {
            edits.sort_by_key(|(range, _)| range.start);
            let (_, old) = sources.iter().find(|(_, file)| file.path() == path).expect("the file is there");
            let mut wanted = old.bytes().to_vec();
            for (range, text) in edits.iter().rev() {
                wanted.splice(range.clone(), text.bytes());
            }
            let name = finding.rule.name();
            match mended.texts.get(&path) {
                Some(Text::Changed(new)) if *new == wanted => {}
                other => {
                    faults
                        .push(format!("{name}: {path} becomes {other:?}, not {:?}", String::from_utf8_lossy(&wanted)));
                }
            }
            let lone = |bytes: &[u8]| bytes.windows(2).filter(|pair| pair[1] == b'\n' && pair[0] != b'\r').count();
            let returns = old.bytes().windows(2).any(|pair| pair == b"\r\n");
            if returns && lone(old.bytes()) == 0 && (lone(&wanted) > 0 || wanted.first() == Some(&b'\n')) {
                faults.push(format!("{name}: a line ends otherwise: {:?}", String::from_utf8_lossy(&wanted)));
            }
            let mark = b"\xef\xbb\xbf";
            let meant = finding.message.contains("byte order mark");
            if old.bytes().starts_with(mark) && !wanted.starts_with(mark) && !meant {
                faults.push(format!("{name}: the byte order mark is gone"));
            }
            if !old.bytes().is_empty()
                && !old.bytes().ends_with(b"\n")
                && wanted.ends_with(b"\n")
                && !edits.iter().any(|(range, _)| range.end == old.bytes().len())
            {
                faults.push(format!("{name}: the file ends with a line feed"));
            }
        }
    }
}
