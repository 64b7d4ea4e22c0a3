//! What the fixes of one rule make of a folder, as lines to be read.

use std::convert::Infallible;
use std::fmt::Write as _;

use camino::Utf8Path;
use pgassay::finding::Safety;
use pgassay::fix::{self, Checked};
use pgassay::load::{Text, Texts};
use pgassay::rule::RuleId;

use super::fixes::Folder;

/// Makes the rule's fixes in memory. Gives the lines that change, and why a fix is left out where one is.
///
/// # Errors
/// A finding has a fix, and the file of its rule says nothing of it.
pub(crate) fn made(folder: &Folder<'_>, rule: RuleId) -> Result<String, String> {
    let look = |texts: &Texts| {
        let mut checked = folder.look(texts);
        checked.findings.retain(|finding| finding.rule == rule);
        checked
    };
    let first = folder.look(&Texts::new());
    if let Some(other) = first.findings.iter().find(|found| found.fix.is_some() && found.rule.meta().fix.is_none()) {
        return Err(format!("the rule file of `{}` says nothing of a fix", other.rule));
    }
    let findings = first.findings.iter().filter(|finding| finding.rule == rule).cloned().collect();
    let mended = fix::mend(Checked { findings, ..first }, Safety::Unsafe, &|_, _| true, &mut |texts| {
        Ok::<_, Infallible>(look(texts))
    })
    .unwrap_or_else(|never| match never {});
    let mut out = String::new();
    for (path, text) in &mended.texts {
        let name = path.strip_prefix(folder.root).unwrap_or(path);
        let old = std::fs::read(path).unwrap_or_default();
        match text {
            Text::Changed(new) => changed(name, &old, new, &mut out),
            Text::Created { bytes, .. } => changed(name, b"", bytes, &mut out),
            Text::Removed => drop(writeln!(out, "{name} goes")),
        }
    }
    for dropped in &mended.dropped {
        let _ = writeln!(out, "left out: {}, since {}", dropped.made.title, dropped.why);
    }
    Ok(out)
}

/// The lines that change, without those around them: what is in no longest list of lines that both have.
fn changed(path: &Utf8Path, old: &[u8], new: &[u8], out: &mut String) {
    let lines =
        |text: &[u8]| String::from_utf8_lossy(text).split_inclusive('\n').map(ToOwned::to_owned).collect::<Vec<_>>();
    let (old, new) = (lines(old), lines(new));
    // The length of such a list from each pair of lines on.
    let mut common = vec![vec![0; new.len() + 1]; old.len() + 1];
    for (a, line) in old.iter().enumerate().rev() {
        for (b, other) in new.iter().enumerate().rev() {
            let next = common[a + 1][b].max(common[a][b + 1]);
            common[a][b] = if line == other { common[a + 1][b + 1] + 1 } else { next };
        }
    }
    let _ = writeln!(out, "{path}");
    let (mut a, mut b) = (0, 0);
    while a < old.len() || b < new.len() {
        if a < old.len() && b < new.len() && old[a] == new[b] {
            (a, b) = (a + 1, b + 1);
        } else if a < old.len() && (b == new.len() || common[a + 1][b] >= common[a][b + 1]) {
            let _ = writeln!(out, "-{}", old[a].trim_end_matches('\n'));
            a += 1;
        } else {
            let _ = writeln!(out, "+{}", new[b].trim_end_matches('\n'));
            b += 1;
        }
    }
}
