//! What holds for the fix of every rule: made on the rule's own examples, it takes the finding away and brings no other one.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use pgassay::finding::Finding;
use pgassay::rule::RuleId;
use pgassay::source::Span;

use super::Run;

/// Makes the rule's fixes in a folder that `run` looked at, and looks again. Says what changed, by lines.
pub(crate) fn made(
    rule: RuleId,
    root: &Utf8Path,
    run: &Run,
    again: &dyn Fn() -> Result<Run, String>,
) -> Result<String, String> {
    if let Some(other) = run.findings.iter().find(|finding| finding.fix.is_some() && finding.rule.meta().fix.is_none())
    {
        return Err(format!("the rule file of `{}` says nothing of a fix", other.rule));
    }
    let fixed = run.findings.iter().filter(|finding| finding.rule == rule && finding.fix.is_some()).collect::<Vec<_>>();
    if fixed.is_empty() {
        return Ok(String::new());
    }
    let before = counts(run);
    let mut out = String::new();
    for (path, text) in apply(run, &fixed) {
        let old = fs::read(&path).map_err(|error| error.to_string())?;
        changed(path.strip_prefix(root).unwrap_or(&path), &old, &text, &mut out);
        fs::write(&path, text).map_err(|error| error.to_string())?;
    }
    let after = again()?;
    let told = || format!("{out}\nbefore:\n{}after:\n{}", run.concise(), after.concise());
    if after.findings.iter().any(|finding| finding.rule == rule && finding.fix.is_some()) {
        return Err(format!("`{rule}` is still found once its fix is made\n{}", told()));
    }
    let counts = counts(&after);
    let worse = counts.iter().find(|(key, count)| before.get(*key).is_none_or(|known| known < *count));
    if let Some(((path, other), _)) = worse {
        return Err(format!("the fix of `{rule}` brings `{other}` in {path}\n{}", told()));
    }
    Ok(out)
}

/// How often each rule is found in each file.
fn counts(run: &Run) -> BTreeMap<(Utf8PathBuf, &'static str), usize> {
    let mut out = BTreeMap::new();
    for finding in &run.findings {
        let path = run.sources.file(finding.primary.span.file).path().to_owned();
        *out.entry((path, finding.rule.name())).or_default() += 1;
    }
    out
}

/// The texts of files with the fixes made, as far as none overlaps another.
fn apply(run: &Run, fixed: &[&Finding]) -> BTreeMap<Utf8PathBuf, Vec<u8>> {
    let mut edits: Vec<(Span, &str)> = Vec::new();
    for finding in fixed {
        let fix = finding.fix.iter().flat_map(|fix| &fix.edits);
        let apart = |(span, text): &&(Span, String)| {
            edits.iter().all(|(other, known)| {
                other.file != span.file
                    || other.end < span.start
                    || span.end < other.start
                    || (*other, *known) == (*span, text)
            })
        };
        if fix.clone().all(|edit| apart(&edit)) {
            let new =
                fix.map(|(span, text)| (*span, text.as_str())).filter(|edit| !edits.contains(edit)).collect::<Vec<_>>();
            edits.extend(new);
        }
    }
    edits.sort();
    let mut out: BTreeMap<Utf8PathBuf, Vec<u8>> = BTreeMap::new();
    for (span, text) in edits.into_iter().rev() {
        let file = run.sources.file(span.file);
        let bytes = out.entry(file.path().to_owned()).or_insert_with(|| file.bytes().to_vec());
        bytes.splice(span.range(), text.bytes());
    }
    out
}

/// The lines that change, without those around them.
fn changed(path: &Utf8Path, old: &[u8], new: &[u8], out: &mut String) {
    let lines =
        |text: &[u8]| String::from_utf8_lossy(text).split_inclusive('\n').map(ToOwned::to_owned).collect::<Vec<_>>();
    let (old, new) = (lines(old), lines(new));
    let start = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let end = old[start..].iter().rev().zip(new[start..].iter().rev()).take_while(|(a, b)| a == b).count();
    let _ = writeln!(out, "{path}");
    for (sign, lines) in [("-", &old[start..old.len() - end]), ("+", &new[start..new.len() - end])] {
        for line in lines {
            let _ = writeln!(out, "{sign}{}", line.trim_end_matches('\n'));
        }
    }
}
