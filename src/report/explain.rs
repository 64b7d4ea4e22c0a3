//! `pgassay explain`: the page of a rule, and what is known of it.

use std::io;

use crate::report::Style;
use crate::report::reference::facts;
use crate::rule::RuleId;

/// Writes a rule's page, below its title what is known of it: Markdown as it is, or with headings in bold and code set apart where colours are on.
///
/// # Errors
/// What the writer says.
pub fn explain(rule: RuleId, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let meta = rule.meta();
    if !style.color {
        let (title, page) = meta.page.split_once('\n').unwrap_or((meta.page, ""));
        writeln!(out, "{title}\n\n{}\n", meta.title)?;
        for (name, text) in facts(meta) {
            writeln!(out, "- {name}: {text}")?;
        }
        return out.write_all(page.as_bytes());
    }
    let mut code = false;
    for line in meta.page.lines() {
        if line.starts_with("```") {
            code = !code;
        } else if code {
            writeln!(out, "    \x1b[36m{line}\x1b[0m")?;
        } else if line.starts_with("# ") {
            let kind = meta.severity.name();
            writeln!(out, "\x1b[1m{}\x1b[0m ({kind}): {}", meta.id, meta.title)?;
            for (name, text) in facts(meta) {
                writeln!(out, "  {name}: {}", spans(&text))?;
            }
        } else if let Some(heading) = line.strip_prefix("## ") {
            writeln!(out, "\x1b[1m{heading}\x1b[0m")?;
        } else {
            writeln!(out, "{}", spans(line))?;
        }
    }
    Ok(())
}

/// A line with what stands between backticks in colour.
fn spans(line: &str) -> String {
    let parts = line.split('`').collect::<Vec<_>>();
    if parts.len() % 2 == 0 {
        return line.to_owned();
    }
    let part = |(index, part): (usize, &&str)| {
        if index % 2 == 0 { (*part).to_owned() } else { format!("\x1b[36m{part}\x1b[0m") }
    };
    parts.iter().enumerate().map(part).collect()
}
