//! What holds for any input, said once: the tests here try it on what they make up and on what fuzzing found, and
//! the targets in `fuzz/` on what libFuzzer makes up.
//!
//! Each function takes any bytes and panics where a property does not hold. That a reader ends soon is asked by
//! [`repeated`], whose caller keeps the time.

#![allow(clippy::expect_used, reason = "what does not hold must stop the run")]

mod access;
mod client;
mod conf;
mod hosts;
mod pipeline;
mod secrets;
mod sql;

pub use self::access::{auth_file, pg_hba, pg_ident, pg_regex};
pub use self::client::{conninfo, ini, passfile, quoting, userlist};
pub use self::conf::{config, postgresql_conf, value};
pub use self::hosts::host;
pub use self::pipeline::{pipeline, plugin_answer, suppression};
pub use self::secrets::secret;
pub use self::sql::{sql, sql_split};

use crate::source::{FileId, Span};

/// A target: its name, what it asks, and words that make its input likely to mean something.
pub type Target = (&'static str, fn(&[u8]), &'static [&'static str]);

/// Every target but [`repeated`], by name.
pub const TARGETS: &[Target] = &[
    ("auth_file", auth_file, access::HBA),
    ("config", config, conf::CONFIG),
    ("conninfo", conninfo, client::CONNINFO),
    ("host", host, hosts::WORDS),
    ("ini", ini, client::INI),
    ("passfile", passfile, client::PASSFILE),
    ("pg_hba", pg_hba, access::HBA),
    ("pg_ident", pg_ident, access::IDENT),
    ("pg_regex", pg_regex, access::REGEX),
    ("pipeline", pipeline, pipeline::WORDS),
    ("plugin_answer", plugin_answer, pipeline::ANSWER),
    ("postgresql_conf", postgresql_conf, conf::CONF),
    ("quoting", quoting, client::CONNINFO),
    ("secret", secret, secrets::WORDS),
    ("sql", sql, sql::WORDS),
    ("sql_split", sql_split, sql::WORDS),
    ("suppression", suppression, pipeline::SUPPRESSION),
    ("userlist", userlist, client::USERLIST),
    ("value", value, conf::VALUE),
];

/// Any target on a long text that repeats a part of the input: what takes quadratic time stands out.
pub fn repeated(bytes: &[u8]) {
    const LENGTH: usize = 32 << 10;
    let [target, before, part, rest @ ..] = bytes else { return };
    let (_, holds, _) = TARGETS[usize::from(*target) % TARGETS.len()];
    let (before, rest) = rest.split_at(usize::from(*before).min(rest.len()));
    let (part, after) = rest.split_at(usize::from(*part).min(rest.len()));
    if !part.is_empty() {
        holds(&[before, &part.repeat(LENGTH / part.len()), after].concat());
    }
}

const FILE: FileId = FileId(0);

/// Whether the spans lie side by side and cover `bytes`.
fn cover(spans: impl IntoIterator<Item = Span>, bytes: &[u8]) {
    let mut at = 0;
    for span in spans {
        assert!(span.start == at && span.end > at, "{span:?} does not go on at {at}");
        at = span.end;
    }
    assert_eq!(at as usize, bytes.len(), "the end is not covered");
}

/// Takes the first byte off, to choose with it.
fn choice(bytes: &[u8]) -> (usize, &[u8]) {
    bytes.split_first().map_or((0, bytes), |(&first, rest)| (usize::from(first), rest))
}

/// Every span in what `Debug` shows of a tree, so that none is forgotten when the tree grows.
fn spans(tree: &dyn std::fmt::Debug) -> Vec<Span> {
    let text = format!("{tree:?}");
    let number = |rest: &str| {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        rest.get(..digits).and_then(|digits| digits.parse::<u32>().ok())
    };
    let after = |text: &str, mark: &str| text.strip_prefix(mark).and_then(number);
    text.split("Span { file: FileId(")
        .skip(1)
        .filter_map(|rest| {
            let (file, rest) = rest.split_once("), ")?;
            let start = after(rest, "start: ")?;
            let (_, rest) = rest.split_once(", ")?;
            Some(Span { file: FileId(file.parse().ok()?), start, end: after(rest, "end: ")? })
        })
        .collect()
}

/// Whether every span of a tree lies in the file.
fn inside(tree: &dyn std::fmt::Debug, bytes: &[u8]) {
    for span in spans(tree) {
        assert!(span.start <= span.end && span.end as usize <= bytes.len(), "{span:?} leaves the file");
    }
}

#[cfg(test)]
mod tests;
