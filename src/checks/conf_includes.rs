//! Includes that the server cannot follow, and files in an include_dir that it passes over.

use crate::discover::is_template_name;
use crate::finding::{Confidence, Finding, Label, Subject};
use crate::load::Include;
use crate::model::Node;
use crate::model::settings::{Fault, IncludeFault};
use crate::rule::{Context, RuleId, Sink, id};

/// So many files are named.
const MOST_NAMES: usize = 8;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in &cx.cluster.nodes {
        for fault in &node.settings.includes {
            one(cx, node, fault, out);
        }
    }
}

fn one(cx: &Context<'_>, node: &Node, fault: &IncludeFault, out: &mut Sink<'_>) {
    let shown = cx.show(fault.span);
    let name = shown.trim_matches('\'');
    let what = if fault.include == Include::Dir { "folder" } else { "file" };
    let found = |rule: RuleId, message: String, label: &str, help: &str| {
        let label = Label::new(fault.span, label);
        Finding::new(rule, Subject::Entry(name.to_owned()), node.targets.majors, label, message).help(help)
    };
    let mut push = |rule, message, label: &str, help: &str| out.push(found(rule, message, label, help));
    match &fault.fault {
        Fault::Missing if fault.include == Include::IfExists || is_template(cx, fault) => {}
        Fault::Missing => {
            let message = format!("the included {what} `{name}` is not there");
            let rule = id::CONF_INCLUDE_MISSING;
            // Git keeps no empty folder, and Debian's postgresql.conf includes one.
            out.push(if fault.include == Include::Dir {
                let help = "make the folder, or correct the path";
                found(rule, message, "nothing is there", help).confidence(Confidence::Low)
            } else {
                let help = "add it, correct the path, or use `include_if_exists`";
                found(rule, message, "nothing is there", help)
            });
        }
        Fault::Loop => {
            push(
                id::CONF_INCLUDE_LOOP,
                format!("`{name}` leads back to a file that includes it"),
                "a loop",
                "remove one of the includes",
            );
        }
        Fault::TooDeep => {
            push(
                id::CONF_INCLUDE_DEPTH,
                format!("`{name}` is included more than ten levels deep"),
                "too deep",
                "include it from an outer file",
            );
        }
        Fault::Empty => {
            push(
                id::CONF_INCLUDE_EMPTY,
                "the include names no file".to_owned(),
                "empty",
                "name the file, or remove the line",
            );
        }
        Fault::Skipped(names) => {
            let mut meant = names.iter().filter(|name| is_meant(name)).map(|name| format!("`{name}`"));
            let shown = meant.by_ref().take(MOST_NAMES).collect::<Vec<_>>().join(", ");
            if !shown.is_empty() {
                let more = match meant.count() {
                    0 => String::new(),
                    count => format!(" and {count} more"),
                };
                let message = format!("the server does not read {shown}{more} in `{name}`");
                push(
                    id::CONF_INCLUDE_DIR_SKIPPED,
                    message,
                    "reads names that end in `.conf` only",
                    "rename the file to end in `.conf`",
                );
            }
        }
        Fault::Unknown => {}
    }
}

/// Whether the include stands in a template, which is not where the server will read it.
fn is_template(cx: &Context<'_>, fault: &IncludeFault) -> bool {
    cx.sources.file(fault.span.file).path().file_name().is_some_and(is_template_name)
}

/// Whether the name looks like that of a configuration file, and not like one that was switched off on purpose.
fn is_meant(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    [".cnf", ".cfg", ".config", ".conf.txt", ".conf"].iter().any(|end| lower.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (name, expected) in [
            ("memory.cnf", true),
            ("memory.CONF", true),
            (".conf", true),
            ("20-tls.conf.disabled", false),
            ("README", false),
            (".gitkeep", false),
        ] {
            assert_eq!(is_meant(name), expected, "{name}");
        }
    }
}
