//! The index of rules in Markdown, with links to their pages in `rules/`.

use std::io;

use super::{by_benchmark, by_family, by_setting};
use crate::rule::{RuleId, Selection};

/// Writes the index of the selected rules: by family, by section of benchmarks, by setting. Links go from `docs/rules/`.
///
/// # Errors
/// What the writer says.
pub fn markdown(selection: &Selection, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "# Rules\n\n[By family](#by-family), [by benchmark](#by-benchmark), [by setting](#by-setting).")?;
    writeln!(out, "`pgassay explain RULE` shows the same pages, and what can be set of a rule.\n\n## By family")?;
    for (family, rules) in by_family(selection) {
        writeln!(out, "\n### {family}\n\n| rule | severity | runs in | what |\n|---|---|---|---|")?;
        for rule in rules {
            let meta = rule.meta();
            let title = meta.title.replace('|', "\\|");
            writeln!(out, "| {} | {} | {} | {title} |", link(rule), meta.severity.name(), meta.level.name())?;
        }
    }
    writeln!(out, "\n## By benchmark\n\n| section | rules |\n|---|---|")?;
    table(&by_benchmark(selection), "", out)?;
    writeln!(out, "\n## By setting\n\n| setting | rules |\n|---|---|")?;
    table(&by_setting(selection), "`", out)
}

fn table(index: &[(String, Vec<RuleId>)], mark: &str, out: &mut dyn io::Write) -> io::Result<()> {
    for (word, rules) in index {
        let links = rules.iter().map(|&rule| link(rule)).collect::<Vec<_>>();
        writeln!(out, "| {mark}{word}{mark} | {} |", links.join(", "))?;
    }
    Ok(())
}

fn link(rule: RuleId) -> String {
    let meta = rule.meta();
    format!("[{}](../../rules/{}/{}.md)", meta.id, meta.family, meta.id)
}
