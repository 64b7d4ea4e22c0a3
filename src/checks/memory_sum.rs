//! Settings of memory against the memory that the machine is said to have.
//!
//! What the server may ask for at once is a guess from below: a session may use `work_mem` several times, and other
//! memory is not counted.

use crate::catalog;
use crate::checks::ask::{finding, int, majors, shown};
use crate::finding::{Finding, Label, Subject};
use crate::model::{Node, value};
use crate::rule::{Context, Sink, id};

/// The unit of `shared_buffers`, in kB; `block_size` differs in special builds only.
const BLOCK: i64 = 8;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let rule = id::MEMORY_SUM_EXCEEDS_RAM;
    let said = out.text(rule, "ram");
    if said.is_empty() {
        return;
    }
    let ram = ram(said);
    for node in &cx.cluster.nodes {
        let Some(ram) = ram else {
            let Some(root) = node.settings.root else { continue };
            let message = format!("the option `ram` is `{said}`, which is no amount of memory");
            let label = Label::absent(root, "not judged");
            let subject = Subject::Setting("shared_buffers".to_owned());
            let found = Finding::new(rule, subject, node.targets.majors, label, message);
            out.push(found.help("write it as PostgreSQL does, such as `16GB`"));
            continue;
        };
        let at_fault = majors(node, rule, |major| sum(node, major).is_some_and(|sum| sum > ram));
        let Some((major, sum)) = at_fault.last().and_then(|major| Some((major, sum(node, major)?))) else { continue };
        let show = |name| format!("`{name}` ({})", shown(node, name, major));
        let message = format!(
            "{}, {} times {} and {} times {} come to {} MB, and the machine has {said}",
            show("shared_buffers"),
            show("max_connections"),
            show("work_mem"),
            show("autovacuum_max_workers"),
            show(of_autovacuum(node, major)),
            sum / 1024,
        );
        let places = [
            ("work_mem", "for each sort and hash of each session"),
            ("shared_buffers", "taken at the start"),
            ("max_connections", "so many sessions"),
            ("maintenance_work_mem", "for each worker"),
            ("autovacuum_work_mem", "for each worker"),
        ];
        if let Some(found) = finding(node, rule, at_fault, &places, message) {
            out.push(found.help("lower `work_mem` or `max_connections`, and put a pooler in front"));
        }
    }
}

/// Memory in kB, written as the server reads amounts.
fn ram(text: &str) -> Option<i64> {
    let blocks = value::quantity(catalog::setting("shared_buffers")?.on(18)?, text, 18)?;
    (blocks > 0.0).then_some(blocks as i64 * BLOCK)
}

/// The setting that says how much a worker of autovacuum may use.
fn of_autovacuum(node: &Node, major: u8) -> &'static str {
    match int(node, "autovacuum_work_mem", major) {
        Some(-1) => "maintenance_work_mem",
        _ => "autovacuum_work_mem",
    }
}

/// What the server may use, in kB, where all of it is known.
fn sum(node: &Node, major: u8) -> Option<i64> {
    let get = |name| int(node, name, major);
    let sessions = get("max_connections")?.checked_mul(get("work_mem")?)?;
    let workers = get("autovacuum_max_workers")?.checked_mul(get(of_autovacuum(node, major))?)?;
    get("shared_buffers")?.checked_mul(BLOCK)?.checked_add(sessions)?.checked_add(workers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_written_as_the_server_writes_it() {
        for (text, expected) in [
            ("16GB", Some(16 * 1024 * 1024)),
            ("1536MB", Some(1536 * 1024)),
            ("4TB", Some(4 * 1024 * 1024 * 1024)),
            ("16 gb", None),
            ("-1", None),
            ("much", None),
        ] {
            assert_eq!(ram(text), expected, "{text}");
        }
    }
}
