//! `primaryLocationLineHash`, the one fingerprint that GitHub heeds.
//!
//! A rolling hash over the hundred UTF-16 units from the start of a line on, blanks left out, as the upload action of
//! GitHub computes it (`src/fingerprints.ts` of codeql-action); a value that differs from its own makes it warn.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::source::{FileId, SourceMap, Span};

const WINDOW: usize = 100;
const FACTOR: u64 = 37;
const END: u16 = 0xffff;

/// At least the bytes that the hash of a 1-based line is made from.
pub(super) fn hashed(file: FileId, sources: &SourceMap, line: u32) -> Span {
    let source = sources.file(file);
    let start = source.lines().range(line as usize - 1, source.bytes()).start;
    // Every character has a byte that continues none; it counts for one unit, though some have two.
    let counted = |byte: &u8| !matches!(byte, b' ' | b'\t' | b'\r' | 0x80..0xc0);
    let units = source.bytes()[start..].iter().enumerate().filter(|(_, byte)| counted(byte));
    let end = units.map(|(at, _)| start + at).nth(WINDOW).unwrap_or(source.bytes().len());
    Span::new(file, start, end)
}

/// The hashes of the 1-based `lines` of a file.
pub(super) fn line_hashes(bytes: &[u8], lines: &BTreeSet<u32>) -> BTreeMap<u32, String> {
    let mut state = Hasher {
        window: [0; WINDOW],
        starts: [0; WINDOW],
        at: 0,
        hash: 0,
        // What a unit that leaves the window weighs.
        leaving: FACTOR.wrapping_pow(WINDOW as u32),
        line: 0,
        line_start: true,
        after_return: false,
        counts: HashMap::new(),
        lines,
        out: BTreeMap::new(),
    };
    for chunk in bytes.utf8_chunks() {
        chunk.valid().encode_utf16().for_each(|unit| state.unit(unit));
        if !chunk.invalid().is_empty() {
            state.unit(0xfffd);
        }
    }
    state.unit(END);
    for _ in 0..WINDOW {
        state.flush();
        state.roll(0);
    }
    state.out
}

struct Hasher<'a> {
    window: [u16; WINDOW],
    /// The line that starts at each unit of the window, 0 for none.
    starts: [u32; WINDOW],
    at: usize,
    hash: u64,
    leaving: u64,
    line: u32,
    line_start: bool,
    after_return: bool,
    counts: HashMap<u64, u32>,
    lines: &'a BTreeSet<u32>,
    out: BTreeMap<u32, String>,
}

impl Hasher<'_> {
    fn unit(&mut self, mut unit: u16) {
        let feed = u16::from(b'\n');
        if unit == u16::from(b' ') || unit == u16::from(b'\t') || self.after_return && unit == feed {
            self.after_return = false;
            return;
        }
        self.after_return = unit == u16::from(b'\r');
        if self.after_return {
            unit = feed;
        }
        self.flush();
        if self.line_start {
            self.line += 1;
            self.starts[self.at] = self.line;
        }
        self.line_start = unit == feed;
        self.roll(unit);
    }

    /// Gives out the hash of the line that starts at the unit about to leave.
    fn flush(&mut self) {
        let line = std::mem::take(&mut self.starts[self.at]);
        if line == 0 {
            return;
        }
        let count = self.counts.entry(self.hash).or_default();
        *count += 1;
        if self.lines.contains(&line) {
            self.out.insert(line, format!("{:x}:{count}", self.hash));
        }
    }

    fn roll(&mut self, unit: u16) {
        let left = std::mem::replace(&mut self.window[self.at], unit);
        self.hash = self
            .hash
            .wrapping_mul(FACTOR)
            .wrapping_add(u64::from(unit))
            .wrapping_sub(self.leaving.wrapping_mul(u64::from(left)));
        self.at = (self.at + 1) % WINDOW;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashes(text: &str, lines: u32) -> String {
        let hashes = line_hashes(text.as_bytes(), &(1..=lines).collect());
        hashes.into_values().collect::<Vec<_>>().join(" ")
    }

    /// The vectors of the upload action's own tests.
    #[test]
    fn agrees_with_the_upload_action() {
        assert_eq!(hashes("", 9), "c129715d7a2bc9a3:1");
        let want = "271789c17abda88f:1 54703d4cd895b18:1 180aee12dab6264:1 a23a3dc5e078b07b:1";
        assert_eq!(hashes(" a\nb\n  \t\tc\n d", 9), want);
        assert_eq!(hashes(" a\r\nb\r\n  \t\tc\r\n d", 9), want);
        assert_eq!(hashes(" a\rb\r  \t\tc\r d", 9), want);
        assert_eq!(
            hashes(&"Lorem ipsum dolor sit amet.\n".repeat(10), 6),
            (1..=6).map(|n| format!("a7f2ff13bc495cf2:{n}")).collect::<Vec<_>>().join(" ")
        );
    }

    #[test]
    fn any_bytes_have_hashes() {
        let hashes = line_hashes(b"\xff\n\xe2\x82\r\n\n", &(1..=9).collect());
        assert_eq!(hashes.keys().copied().collect::<Vec<_>>(), [1, 2, 3, 4]);
    }
}
