//! The report of an upgrade: the servers, what is refused, what means something else, defaults, and what is to be done by
//! hand.

use std::collections::BTreeMap;
use std::io;

use crate::catalog;
use crate::finding::{Effect, Finding, Safety, Severity};
use crate::report::Style;
use crate::report::text::{BOLD, CYAN, Printer, handler, paint, tint};
use crate::report::view::View;
use crate::rule::id;
use crate::secret::printable;
use crate::source::SourceMap;
use crate::triage::{Note, Report};
use crate::upgrade::Plan;

/// More servers are counted.
const MOST_SERVERS: usize = 20;

/// What the report of an upgrade says beside its findings.
#[derive(Debug)]
pub struct Upgrade<'a> {
    /// The major to upgrade to.
    pub to: u8,
    /// What is told of the servers; the report has these notes, too.
    pub servers: &'a [Note],
    /// What is refused before and after.
    pub known: &'a Report,
    /// What is to be done by hand.
    pub plans: &'a [Plan],
    /// Findings only.
    pub quiet: bool,
}

/// Writes it.
///
/// # Errors
/// What the writer says.
pub fn upgrade(
    report: &Report,
    sources: &SourceMap,
    upgrade: &Upgrade<'_>,
    style: &Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let printer = Printer { view: View::new(sources), handler: handler(style), style, report };
    let to = upgrade.to;
    let servers = upgrade.servers;
    let told = report.notes.iter().filter(|note| !servers.contains(note)).collect::<Vec<_>>();
    if !upgrade.quiet {
        if servers.len() > MOST_SERVERS {
            let mut alike: BTreeMap<&str, usize> = BTreeMap::new();
            for server in servers {
                // Without what tells so, which differs.
                *alike.entry(server.message.split(": ").next().unwrap_or_default()).or_default() += 1;
            }
            for (message, count) in alike {
                writeln!(out, "{}: {message}", paint(style, BOLD, &format!("{count} servers")))?;
            }
        } else {
            for server in servers {
                let name = server.path.as_ref().map(|path| printable(path.as_str()).into_owned()).unwrap_or_default();
                writeln!(out, "{}: {}", paint(style, BOLD, &name), printer.view.text(&server.message))?;
            }
        }
        writeln!(out)?;
    }
    let refused = |finding: &&Finding| finding.effect == Effect::Refused;
    let default = |finding: &&Finding| finding.rule == id::UPGRADE_DEFAULT;
    let all = report.open().collect::<Vec<_>>();
    let (refusals, rest): (Vec<&Finding>, Vec<&Finding>) = all.iter().copied().partition(refused);
    let (defaults, others): (Vec<&Finding>, Vec<&Finding>) = rest.into_iter().partition(default);
    for (title, findings) in [
        (format!("{to} refuses"), &refusals),
        (format!("{to} takes otherwise, or with a risk"), &others),
        ("Defaults that change, and that the files rely on".to_owned(), &defaults),
    ] {
        if !findings.is_empty() {
            writeln!(out, "{}\n", paint(style, BOLD, &format!("== {title} ({})", findings.len())))?;
        }
        for finding in findings {
            printer.finding(finding, out)?;
        }
    }
    for plan in upgrade.plans {
        writeln!(out, "{}", paint(style, BOLD, &format!("== By hand: {}", printable(&plan.title))))?;
        for (number, (step, lines)) in plan.steps.iter().enumerate() {
            writeln!(out, "  {}. {}", number + 1, printable(step))?;
            for line in lines {
                writeln!(out, "       {}", printable(line))?;
            }
        }
        writeln!(out)?;
    }
    let caveat = catalog::caveat(report.target);
    let is_told =
        |note: &&&Note| style.verbose || note.level == Severity::Error || Some(&note.message) == caveat.as_ref();
    for note in told.iter().filter(is_told) {
        let path = note.path.as_ref().map(|path| format!("{}: ", printable(path.as_str()))).unwrap_or_default();
        let level = paint(style, tint(note.level), note.level.name());
        writeln!(out, "{level}: {path}{}", printer.view.text(&note.message))?;
    }
    if upgrade.quiet {
        return Ok(());
    }
    let count = |number: usize, what: &str| format!("{number} {what}");
    let mut parts = vec![count(refusals.len(), "refused"), count(others.len(), "otherwise")];
    parts.push(count(defaults.len(), if defaults.len() == 1 { "default" } else { "defaults" }));
    let (safe, unsafe_): (Vec<&Safety>, Vec<&Safety>) = all
        .iter()
        .filter_map(|finding| Some(&finding.fix.as_ref()?.safety))
        .partition(|safety| **safety == Safety::Safe);
    writeln!(out, "to {to}: {}", parts.join(", "))?;
    let mut edits = Vec::new();
    if !safe.is_empty() {
        edits.push(format!("{} safe (`--fix`, or `--diff` for a look)", safe.len()));
    }
    if !unsafe_.is_empty() {
        edits.push(format!("{} for you to decide (`--unsafe-fixes`)", unsafe_.len()));
    }
    if !edits.is_empty() {
        writeln!(out, "{}: {}", paint(style, CYAN, "edits"), edits.join(", "))?;
    }
    if let known @ 1.. = upgrade.known.open().count() {
        writeln!(
            out,
            "{}: {known} refused by the present majors as well, see `pgassay check`",
            paint(style, CYAN, "note")
        )?;
    }
    Ok(())
}
