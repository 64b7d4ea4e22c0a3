//! `$'...'`, in which a backslash spells control characters and bytes (bash, "ANSI-C Quoting").

use super::{Lexer, Piece, Word};

impl Lexer<'_> {
    pub(super) fn ansi_quoted(&mut self, word: &mut Word) {
        let start = self.at;
        self.at += 2;
        loop {
            match self.rest() {
                [] => return self.lost(word, start),
                [b'\'', ..] => {
                    self.at += 1;
                    return;
                }
                [b'\\', escape @ ..] => {
                    let (length, decoded) = escaped(escape);
                    let end = (self.at + 1 + length).min(self.text.len());
                    word.pieces.push(Piece::Escape(self.at..end, decoded));
                    self.at = end;
                }
                rest => {
                    let length = memchr::memchr2(b'\'', b'\\', rest).unwrap_or(rest.len());
                    self.plain(word, length);
                }
            }
        }
    }
}

/// The length of an escape after its backslash, and what it stands for.
fn escaped(escape: &[u8]) -> (usize, Vec<u8>) {
    let Some(&first) = escape.first() else { return (0, b"\\".to_vec()) };
    let digits = |from: usize, most: usize, radix: u32| {
        let digits = escape.get(from..).unwrap_or_default().iter().take(most);
        let digits = digits.map_while(|byte| (*byte as char).to_digit(radix));
        digits.fold((0usize, 0u32), |(length, value), digit| (length + 1, value.wrapping_mul(radix) + digit))
    };
    let one = |byte: u8| (1, vec![byte]);
    match first {
        b'n' => one(b'\n'),
        b't' => one(b'\t'),
        b'r' => one(b'\r'),
        b'a' => one(7),
        b'b' => one(8),
        b'e' | b'E' => one(0x1b),
        b'f' => one(0x0c),
        b'v' => one(0x0b),
        b'\\' | b'\'' | b'"' | b'?' => one(first),
        b'0'..=b'7' => {
            let (length, value) = digits(0, 3, 8);
            (length, vec![value as u8])
        }
        b'x' | b'u' | b'U' => {
            let (length, value) = digits(1, [2, 4, 8][usize::from(first == b'u') + 2 * usize::from(first == b'U')], 16);
            match char::from_u32(value).filter(|_| length > 0) {
                Some(_) if first == b'x' => (length + 1, vec![value as u8]),
                Some(character) => (length + 1, character.to_string().into_bytes()),
                None => (1, vec![b'\\', first]),
            }
        }
        _ => (1, vec![b'\\', first]),
    }
}
