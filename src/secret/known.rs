//! The secrets of a run as words to look for in what rules say.
//!
//! Messages are made from the model, which hides secrets itself; this catches what slips through.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use crate::secret::is_placeholder;
use crate::source::SourceMap;

/// Words of every other message. To hide a password there that is one of them, or a part of one such as `pass`, would
/// tell it, by what is missing.
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
    "connection",
    "database",
    "server",
    "string",
    "sslmode",
    "conninfo",
    "subscription",
    "written",
];

/// Shorter secrets are looked for between quotes only: nearly every text holds them by chance.
const SHORT: usize = 4;

/// The marked secrets of all files, in the ways a message may show them.
///
/// They are found by their first bytes among the sorted words, which takes no more memory than the words and, unlike an
/// automaton, as good as no time to make: a password file may have a million of them.
#[derive(Debug)]
pub(super) struct Known {
    /// Sorted, each once.
    words: Vec<Word>,
    /// The words that start with these bytes.
    by_start: HashMap<[u8; START], Range<usize>>,
    /// The first two bytes of words, a bit for each two: most places of a text start none.
    pairs: Vec<u64>,
}

/// So many pairs of bytes there are.
const PAIRS: usize = 1 << 16;

/// Where the bit of a word's first two bytes is, and the bit.
fn place(start: [u8; START]) -> (usize, u64) {
    let pair = usize::from(u16::from_le_bytes([start[0], start[1]]));
    (pair / 64, 1 << (pair % 64))
}

/// So many bytes every word has.
const START: usize = 3;

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Word {
    bytes: Vec<u8>,
    /// Whether it stands between quotes that are no part of the secret.
    quoted: bool,
}

impl Known {
    pub(super) fn new(sources: &SourceMap) -> Self {
        let secrets = sources
            .iter()
            .flat_map(|(id, _)| sources.secrets(id).iter().map(|&span| sources.bytes(span)))
            .flat_map(spellings)
            .filter(|secret| !secret.is_empty() && !is_placeholder(secret) && !is_common(secret));
        let mut words = Vec::new();
        for secret in secrets {
            if secret.len() >= SHORT {
                words.push(Word { bytes: secret, quoted: false });
            } else {
                for quote in [b'`', b'\'', b'"', b'='] {
                    let close = if quote == b'=' { b'`' } else { quote };
                    words.push(Word { bytes: [&[quote], secret.as_slice(), &[close]].concat(), quoted: true });
                }
            }
        }
        words.sort_unstable();
        words.dedup_by(|next, kept| next.bytes == kept.bytes);
        let mut known = Self { words, by_start: HashMap::new(), pairs: Vec::new() };
        if !known.words.is_empty() {
            known.pairs.resize(PAIRS / 64, 0);
        }
        for (index, word) in known.words.iter().enumerate() {
            let Some(&start) = word.bytes.first_chunk() else { continue };
            known.by_start.entry(start).or_insert(index..index).end = index + 1;
            let (pair, bit) = place(start);
            if let Some(bits) = known.pairs.get_mut(pair) {
                *bits |= bit;
            }
        }
        known
    }

    /// Where secrets stand in a text: from each place the longest. The ranges may overlap.
    pub(super) fn find(&self, text: &[u8]) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        if self.words.is_empty() {
            return found;
        }
        for (at, start) in text.array_windows::<START>().enumerate() {
            let (pair, bit) = place(*start);
            if self.pairs.get(pair).is_none_or(|bits| bits & bit == 0) {
                continue;
            }
            let words = self.by_start.get(start).and_then(|range| self.words.get(range.clone()));
            if let Some(word) = words.and_then(|words| longest(words, &text[at..])) {
                let quote = usize::from(word.quoted);
                found.push(at + quote..at + word.bytes.len() - quote);
            }
        }
        found
    }
}

fn is_common(secret: &[u8]) -> bool {
    // A shorter part does no harm: it is looked for between quotes.
    let part = |word: &&str| {
        secret.len() >= SHORT && word.as_bytes().windows(secret.len()).any(|part| part.eq_ignore_ascii_case(secret))
    };
    COMMON.iter().any(|word| word.as_bytes().eq_ignore_ascii_case(secret) || part(word))
}

/// The longest of the words that `text` starts with. The words are sorted.
fn longest<'w>(words: &'w [Word], mut text: &[u8]) -> Option<&'w Word> {
    loop {
        // A word that the text starts with sorts before it, and all in between start with that word too.
        let after = words.partition_point(|word| word.bytes.as_slice() <= text);
        let word = words.get(after.checked_sub(1)?)?;
        if text.starts_with(&word.bytes) {
            return Some(word);
        }
        let common = word.bytes.iter().zip(text).take_while(|(a, b)| a == b).count();
        text = &text[..common];
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
    out.dedup();
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

    fn known(secrets: &[&[u8]]) -> Known {
        let mut sources = SourceMap::default();
        for secret in secrets {
            let file = sources.add(".pgpass".into(), Kind::Passfile, secret.to_vec()).unwrap();
            sources.mark_secret(Span::new(file, 0, secret.len()));
        }
        Known::new(&sources)
    }

    #[test]
    fn every_secret_is_found_where_it_stands() {
        let known = known(&[b"hunter22", b"hunter", b"unte", b"x", b"'it''s'", b"a%20bc", b"password", b"pass"]);
        let find = |text: &str| {
            let mut found = known.find(text.as_bytes());
            found.sort_by_key(|range| (range.start, range.end));
            found.into_iter().map(|range| (range.start, range.end)).collect::<Vec<_>>()
        };
        assert_eq!(find("is hunter22"), [(3, 11), (4, 8)]);
        assert_eq!(find("is hunter2"), [(3, 9), (4, 8)]);
        assert_eq!(find("hunte"), [(1, 5)]);
        assert_eq!(find("x `x` ax"), [(3, 4)]);
        assert_eq!(find("it's"), [(0, 4)]);
        assert_eq!(find("'it''s'"), [(0, 7), (1, 6)]);
        assert_eq!(find("a bc"), [(0, 4)]);
        assert_eq!(find("a password, hun, hu, "), []);
    }

    #[test]
    fn words_take_no_more_memory_than_their_spellings() {
        let secret: Vec<u8> = (0..5000u32).flat_map(u32::to_le_bytes).collect();
        let bytes: usize = known(&[&secret]).words.iter().map(|word| word.bytes.capacity()).sum();
        assert!(bytes < 16 * secret.len(), "{bytes}");
    }
}
