//! `--fix` and `--diff`: which edits a run may make, showing and writing them, and what is told of it. Commands say what
//! is found with them.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, IsTerminal, Write};

use anyhow::{Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

use crate::cli::args::{EditArgs, GlobalArgs};
use crate::cli::reporting::style;
use crate::cli::tell;
use crate::finding::{FileChange, Finding, Safety};
use crate::fix::{self, Checked, Difference, Dropped, Made, Mended, WriteError};
use crate::load::{Text, Texts};
use crate::report::Style;
use crate::secret::{Redactor, printable};
use crate::source::SourceMap;

impl EditArgs {
    /// The edits that may be made, if any may.
    pub(crate) fn allowed(&self) -> Result<Option<Safety>> {
        if self.show_secrets && !self.diff {
            bail!("`--show-secrets` goes with `--diff`");
        }
        if !self.fix && !self.diff {
            if self.unsafe_fixes {
                bail!("`--unsafe-fixes` goes with `--fix`, which makes the edits, or `--diff`, which shows them");
            }
            return Ok(None);
        }
        Ok(Some(if self.unsafe_fixes { Safety::Unsafe } else { Safety::Safe }))
    }

    /// Tries the edits in memory. `files` says whether the texts are those of files.
    pub(crate) fn mend(
        &self,
        first: Checked,
        allowed: Safety,
        files: bool,
        check: &mut dyn FnMut(&Texts) -> Result<Checked>,
    ) -> Result<Mended> {
        let may_become = |path: &Utf8Path, text: &Text| match text {
            Text::Changed(_) if !files => true,
            _ => files && self.why_not(path, text).is_none(),
        };
        fix::mend(first, allowed, &may_become, check)
    }

    /// Why a file cannot become a text. What is only shown need not be writable.
    fn why_not(&self, path: &Utf8Path, text: &Text) -> Option<WriteError> {
        let error = fix::check(path, text).err()?;
        let is_of_place = matches!(error, WriteError::Link | WriteError::NoFile | WriteError::Exists);
        (self.fix || is_of_place).then_some(error)
    }

    /// Tells which files have edits that cannot be made, and says whether there are any.
    pub(crate) fn tell_unwritable<'f>(
        &self,
        findings: impl Iterator<Item = &'f Finding>,
        allowed: Safety,
        sources: &SourceMap,
    ) -> Result<bool> {
        let mut errors: BTreeMap<Utf8PathBuf, WriteError> = BTreeMap::new();
        for fix in findings.filter_map(|finding| finding.fix.as_ref()).filter(|fix| fix.safety <= allowed) {
            let edited = fix.edits.iter().map(|(span, _)| (sources.file(span.file).path(), Text::Changed(Vec::new())));
            let mut wanted = edited.map(|(path, text)| (path.to_owned(), text)).collect::<Vec<_>>();
            wanted.extend(fix.files.iter().map(|change| {
                let like = || sources.file(change.file()).path().to_owned();
                let text = match change {
                    FileChange::Create { .. } => Text::Created { bytes: Vec::new(), like: like() },
                    FileChange::Remove(_) => Text::Removed,
                };
                (change.path(sources), text)
            }));
            for (path, text) in wanted {
                if !errors.contains_key(&path)
                    && let Some(error) = self.why_not(&path, &text)
                {
                    errors.insert(path, error);
                }
            }
        }
        for (path, error) in &errors {
            tell(&format!("{path}: not changed: {error}"))?;
        }
        Ok(!errors.is_empty())
    }

    /// Prints the differences.
    pub(crate) fn show(&self, mended: &Mended, global: &GlobalArgs) -> Result<()> {
        let (old, new) = (&mended.before().sources, &mended.checked.sources);
        let terminal = io::stdout().is_terminal();
        let look =
            Difference { color: style(global.color, Style::default()).color, terminal, secrets: self.show_secrets };
        let mut out = BufWriter::new(io::stdout().lock());
        let of = |sources: &SourceMap, path: &Utf8Path| {
            sources.iter().find(|(_, file)| !file.is_fragment() && file.path() == path).map(|(id, _)| id)
        };
        let mut masked = Vec::new();
        for path in mended.texts.keys() {
            let before = of(old, path).map(|id| (old, id));
            let after = of(new, path).map(|id| (new, id));
            if !fix::diff(path, before, after, look, &mut out)? {
                masked.push(path);
            }
        }
        out.flush()?;
        if !global.quiet {
            for line in left_out(mended) {
                tell(&line)?;
            }
        }
        for path in masked {
            tell(&format!(
                "{path}: the difference has `****` in place of a secret and does not apply; `--show-secrets` prints it"
            ))?;
        }
        Ok(())
    }
}

/// Writes what became of the files, and tells which could not be. The paths are those that could.
pub(crate) fn write(mended: &Mended) -> Result<(Vec<Utf8PathBuf>, bool)> {
    let written = fix::write(&mended.texts, &mended.before().sources);
    for (path, error) in &written.failed {
        tell(&format!("{path}: not changed: {error}"))?;
    }
    Ok((written.files, !written.failed.is_empty()))
}

/// Says how many edits were made and are left, and which were left out.
pub(crate) fn say_made(mended: &Mended, written: &[Utf8PathBuf], left: usize) -> Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    let is_written = |made: &&Made| {
        made.files.iter().all(|path| {
            // What a later edit took back is in no file.
            written.contains(path) || !mended.texts.contains_key(path)
        })
    };
    let made = mended.made.iter().filter(is_written).count();
    let plural = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let left = if left == 0 { String::new() } else { format!("; {left} more with `--unsafe-fixes`") };
    match made {
        0 => writeln!(out, "no edits made{left}")?,
        _ => writeln!(out, "{} made in {}{left}", plural(made, "edit"), plural(written.len(), "file"))?,
    }
    for line in left_out(mended) {
        writeln!(out, "{line}")?;
    }
    out.flush()?;
    Ok(())
}

/// A line for each edit that was left out.
fn left_out(mended: &Mended) -> Vec<String> {
    let redactor = Redactor::new(&mended.checked.sources);
    let line = |dropped: &Dropped| {
        let Made { path, title, .. } = &dropped.made;
        let (path, title) = (printable(path.as_str()), redactor.text(title));
        format!("left out in {path}: {title}; {}", redactor.text(&dropped.why))
    };
    mended.dropped.iter().map(line).collect()
}
