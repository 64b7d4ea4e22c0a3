//! The secrets of a run as words to look for in what rules say.
//!
//! Messages are made from the model, which hides secrets itself; this catches what slips through.

use std::borrow::Cow;
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use crate::secret::is_placeholder;
use crate::source::SourceMap;

/// Passwords that are also words of every other message. To hide them there would tell them, by what is missing.
const COMMON: &[&str] = &[
    "postgres",
    "postgresql",
    "password",
    "passwd",
    "replication",
    "replica",
    "replicator",
    "repl",
    "repuser",
    "admin",
    "root",
    "user",
    "test",
    "secret",
    "trust",
    "peer",
    "ident",
    "scram-sha-256",
    "all",
    "public",
    "host",
    "none",
    "true",
    "false",
    "default",
    "localhost",
    "changeme",
    "standby",
    "primary",
    "example",
    "pgbouncer",
];

/// Shorter secrets are looked for between quotes only: nearly every text holds them by chance.
const SHORT: usize = 4;

/// The marked secrets of all files, in the ways a message may show them.
#[derive(Debug)]
pub(super) struct Known {
    automaton: Option<AhoCorasick>,
    /// Whether the word stands between quotes that are no part of the secret, per pattern of the automaton.
    quoted: Vec<bool>,
}

impl Known {
    pub(super) fn new(sources: &SourceMap) -> Self {
        let mut secrets = sources
            .iter()
            .flat_map(|(id, _)| sources.secrets(id).iter().map(|&span| sources.bytes(span)))
            .flat_map(spellings)
            .filter(|secret| {
                !secret.is_empty()
                    && !is_placeholder(secret)
                    && !COMMON.iter().any(|word| secret.eq_ignore_ascii_case(word.as_bytes()))
            })
            .collect::<Vec<_>>();
        secrets.sort_unstable();
        secrets.dedup();
        let mut words = Vec::with_capacity(secrets.len());
        let mut quoted = Vec::with_capacity(secrets.len());
        for secret in secrets {
            if secret.len() >= SHORT {
                words.push(secret);
                quoted.push(false);
            } else {
                for quote in [b'`', b'\'', b'"', b'='] {
                    let close = if quote == b'=' { b'`' } else { quote };
                    words.push([&[quote], secret.as_slice(), &[close]].concat());
                    quoted.push(true);
                }
            }
        }
        // A table of all transitions would take a kilobyte, and its time, for every byte of a secret.
        let mut builder = AhoCorasick::builder();
        let automaton = builder.kind(Some(AhoCorasickKind::ContiguousNFA)).build(&words).ok();
        let automaton = automaton.filter(|_| !words.is_empty());
        Self { automaton, quoted }
    }

    /// Where secrets stand in a text; the ranges may overlap.
    pub(super) fn find(&self, text: &[u8]) -> Vec<Range<usize>> {
        let Some(automaton) = &self.automaton else { return Vec::new() };
        automaton
            .find_overlapping_iter(text)
            .map(|found| {
                let quote = usize::from(self.quoted.get(found.pattern().as_usize()).copied().unwrap_or_default());
                found.start() + quote..found.end() - quote
            })
            .collect()
    }
}

/// The ways in which a message may show a secret: as written, without its quotes and escapes, decoded.
fn spellings(raw: &[u8]) -> Vec<Vec<u8>> {
    let bare = match raw {
        [first @ (b'\'' | b'"'), inner @ .., last] if first == last => inner,
        _ => raw,
    };
    let mut out = vec![raw.to_vec(), bare.to_vec()];
    for quote in [b'\'', b'"'] {
        out.push(without(bare, |byte, next| byte == quote && next == Some(quote)));
    }
    out.push(without(bare, |byte, next| byte == b'\\' && next.is_some()));
    out.push(percent_decoded(bare));
    for index in 0..out.len() {
        if let Cow::Owned(text) = String::from_utf8_lossy(&out[index]) {
            out.push(text.into_bytes());
        }
    }
    out
}

/// The bytes without those that stand before another and are dropped; what follows one is kept as it is.
fn without(bytes: &[u8], dropped: impl Fn(u8, Option<u8>) -> bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut bytes = bytes.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match bytes.peek().copied() {
            Some(next) if dropped(byte, Some(next)) => {
                out.push(next);
                bytes.next();
            }
            _ => out.push(byte),
        }
    }
    out
}

fn percent_decoded(bytes: &[u8]) -> Vec<u8> {
    let digit = |byte: Option<&u8>| byte.and_then(|&byte| (byte as char).to_digit(16));
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match (byte, digit(bytes.get(at + 1)), digit(bytes.get(at + 2))) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 3;
            }
            _ => {
                out.push(byte);
                at += 1;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover::Kind;
    use crate::source::Span;

    #[test]
    fn the_table_of_a_long_secret_is_not_much_longer() {
        let secret: Vec<u8> = (0..5000u32).flat_map(u32::to_le_bytes).collect();
        let mut sources = SourceMap::default();
        let file = sources.add(".pgpass".into(), Kind::Passfile, secret.clone()).unwrap();
        sources.mark_secret(Span::new(file, 0, secret.len()));
        let automaton = Known::new(&sources).automaton.unwrap();
        // The spellings make several words of one secret.
        assert!(automaton.memory_usage() < 500 * secret.len(), "{}", automaton.memory_usage());
    }
}
