//! Where reports go, in which colours, and the exit code that they come to.

use std::collections::BTreeSet;
use std::io::{self, BufWriter, IsTerminal, Write};

use anyhow::{Context, Result, bail};
use camino::Utf8Path;

use crate::cli::args::{ColorChoice, GlobalArgs, ReportArgs};
use crate::cli::{CLEAN, ERROR, FINDINGS, tell};
use crate::finding::Severity;
use crate::fix;
use crate::report::{Format, Style};
use crate::secret::Redactor;
use crate::source::SourceMap;
use crate::triage::Report;

/// Writes a report in one format.
pub(crate) type Writer<'a> = dyn Fn(Format, &Report, &SourceMap, &Style, &mut dyn Write) -> io::Result<()> + 'a;

/// Writes the report to the files and to standard output.
pub(crate) fn write(
    report: &Report,
    sources: &SourceMap,
    args: &ReportArgs,
    base: &Style,
    global: &GlobalArgs,
    writer: &Writer<'_>,
) -> Result<()> {
    write_files(report, sources, args, base, writer)?;
    let mut out = BufWriter::new(io::stdout().lock());
    writer(args.format, report, sources, &style(global.color, base.clone()), &mut out)?;
    out.flush()?;
    // The text report ends with them; the other formats are for programs.
    if args.format != Format::Text {
        tell_errors(report, sources)?;
    }
    Ok(())
}

/// Tells what could not be done.
pub(crate) fn tell_errors(report: &Report, sources: &SourceMap) -> Result<()> {
    for note in report.notes.iter().filter(|note| note.level == Severity::Error) {
        let path = note.path.as_ref().map(|path| format!("{path}: ")).unwrap_or_default();
        tell(&format!("{path}{}", Redactor::new(sources).text(&note.message)))?;
    }
    Ok(())
}

/// Whether all reports can be written, before anything is read.
pub(crate) fn ready(args: &ReportArgs) -> Result<()> {
    let mut seen = BTreeSet::new();
    for (_, path) in &args.output {
        if path == "-" {
            bail!("`--output` writes files; standard output is what `--format` is for");
        }
        fix::can_put(path).with_context(|| format!("cannot write `{path}`"))?;
        let folder = path.parent().filter(|folder| !folder.as_str().is_empty()).unwrap_or(Utf8Path::new("."));
        let place = (folder.canonicalize_utf8().with_context(|| format!("cannot write `{path}`"))?, path.file_name());
        if !seen.insert(place) {
            bail!("two reports would be written to `{path}`");
        }
    }
    Ok(())
}

/// Writes the report to the files that were asked for.
pub(crate) fn write_files(
    report: &Report,
    sources: &SourceMap,
    args: &ReportArgs,
    base: &Style,
    writer: &Writer<'_>,
) -> Result<()> {
    for (format, path) in &args.output {
        fix::put(path, &mut |out| writer(*format, report, sources, base, out))
            .with_context(|| format!("cannot write `{path}`"))?;
    }
    Ok(())
}

/// The exit code of a run; `failed` says that a part of the job could not be done.
pub(crate) fn code(failed: bool, report: &Report, args: &ReportArgs, fail_on: Severity) -> u8 {
    match (failed, report.worst() >= Some(fail_on)) {
        (true, _) => ERROR,
        (false, true) if !args.exit_zero => FINDINGS,
        _ => CLEAN,
    }
}

/// `base` with the colour and width that standard output takes: `--color`, then NO_COLOR, CLICOLOR_FORCE and the
/// terminal.
pub(crate) fn style(choice: ColorChoice, base: Style) -> Style {
    let terminal = io::stdout().is_terminal();
    let color = match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto if is_set("NO_COLOR") => false,
        ColorChoice::Auto if is_set("CLICOLOR_FORCE") || is_set("FORCE_COLOR") => true,
        ColorChoice::Auto => terminal && variable("TERM").is_none_or(|term| term != "dumb"),
    };
    let columns = variable("COLUMNS").and_then(|columns| columns.to_str().and_then(|columns| columns.parse().ok()));
    Style { color, unicode: terminal, width: columns.unwrap_or(base.width).clamp(40, 200), ..base }
}

fn is_set(name: &str) -> bool {
    variable(name).is_some_and(|value| !value.is_empty() && value != "0")
}

#[expect(clippy::disallowed_methods, reason = "the command line asks the environment about colour")]
pub(crate) fn variable(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name)
}
