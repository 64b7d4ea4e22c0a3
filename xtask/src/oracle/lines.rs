//! How the servers count the lines of access files, which is not how an editor does.
//!
//! Up to 13 a line that fills the buffer is read as several. From 14 on a backslash at its end joins a line with the
//! next, and so does, by the way the server measures what it has read, a NUL. A joined line has the number of its
//! first, and the next one follows on the physical lines as far as the server has seen their ends.

use super::Kind;

/// The numbers of the lines, with the offset of each line's first byte, in order.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Numbering(Vec<(usize, u32)>);

impl Numbering {
    pub(crate) fn new(kind: Kind, major: u8, bytes: &[u8]) -> Self {
        let mut lines = Vec::new();
        let (mut at, mut number) = (0, 1);
        let mut buffer = Buffer { size: 1024 };
        while at < bytes.len() {
            lines.push((at, number));
            let (next, count) = match (kind, major) {
                (Kind::Conf, _) => (line_end(bytes, at, usize::MAX), 1),
                (_, 10) => (line_end(bytes, at, 8191), 1),
                (_, 11..=13) => (line_end(bytes, at, 20479), 1),
                _ => buffer.joined(bytes, at),
            };
            number += count;
            at = next;
        }
        Self(lines)
    }

    /// The number of the line that the offset is on.
    pub(crate) fn number(&self, offset: usize) -> u32 {
        let at = self.0.partition_point(|line| line.0 <= offset);
        at.checked_sub(1).and_then(|at| self.0.get(at)).map_or(1, |line| line.1)
    }

    /// The bytes of the line of that number.
    pub(super) fn text<'b>(&self, bytes: &'b [u8], number: u32) -> &'b [u8] {
        let Some(at) = self.0.iter().position(|line| line.1 == number) else { return &[] };
        let end = self.0.get(at + 1).map_or(bytes.len(), |next| next.0);
        bytes.get(self.0[at].0..end).unwrap_or_default()
    }

    /// How many of the lines hold more than blanks and comments, as far as the first character tells.
    pub(super) fn entries(&self, bytes: &[u8]) -> usize {
        let entry = |line: &&(usize, u32)| {
            let text = self.text(bytes, line.1).trim_ascii_start();
            !text.is_empty() && !text.starts_with(b"#")
        };
        self.0.iter().filter(entry).count()
    }
}

/// One past the line feed, or past as many bytes.
fn line_end(bytes: &[u8], at: usize, most: usize) -> usize {
    let end = bytes[at..].iter().position(|&byte| byte == b'\n').map_or(bytes.len(), |end| at + end + 1);
    end.min(at.saturating_add(most))
}

/// The line buffer of 14 and later, which grows and stays. Its size matters only where a NUL is in a line, since
/// `fgets` may stop between the NUL and the line feed.
struct Buffer {
    size: usize,
}

impl Buffer {
    /// As `tokenize_auth_file` reads: one past the lines that are joined, and by how much the server's count goes up.
    fn joined(&mut self, bytes: &[u8], start: usize) -> (usize, u32) {
        let (mut at, mut count) = (start, 0);
        let mut text: Vec<u8> = Vec::new();
        let mut before = 0;
        loop {
            self.line(bytes, &mut at, &mut text);
            count += 1;
            while matches!(text.last(), Some(b'\n' | b'\r')) {
                text.pop();
            }
            if text.len() <= before || text.last() != Some(&b'\\') || at >= bytes.len() {
                return (at, count);
            }
            text.pop();
            before = text.len();
        }
    }

    /// As `pg_get_line_append` reads.
    fn line(&mut self, bytes: &[u8], at: &mut usize, text: &mut Vec<u8>) {
        while *at < bytes.len() {
            let end = line_end(bytes, *at, (self.size - text.len()).saturating_sub(1));
            let read = &bytes[*at..end];
            *at = end;
            let seen = read.split(|&byte| byte == 0).next().unwrap_or_default();
            text.extend_from_slice(seen);
            if seen.last() == Some(&b'\n') {
                return;
            }
            while self.size < text.len() + 129 {
                self.size *= 2;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_as_by_the_server() {
        let text = b"a\nb \\\nc\\\nd\ne\n";
        assert_eq!(Numbering::new(Kind::Hba, 13, text).0, [(0, 1), (2, 2), (6, 3), (9, 4), (11, 5)]);
        let new = Numbering::new(Kind::Hba, 14, text);
        assert_eq!(new.0, [(0, 1), (2, 2), (11, 5)]);
        assert_eq!((new.number(9), new.number(12)), (2, 5));
        assert_eq!(new.text(text, 2), b"b \\\nc\\\nd\n");
        assert_eq!(Numbering::new(Kind::Ident, 16, b"a\0b\nc\nd\n").0, [(0, 1), (6, 2)]);
        assert_eq!(Numbering::new(Kind::Hba, 18, b"a\\\\\n\\\nb\n").0, [(0, 1)]);
        assert_eq!(Numbering::new(Kind::Hba, 10, &[b'a'; 8192]).0, [(0, 1), (8191, 2)]);
        assert_eq!(Numbering::new(Kind::Conf, 18, b"# c\n\nx = 1\n").entries(b"# c\n\nx = 1\n"), 1);
    }
}
