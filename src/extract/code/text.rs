//! A text that a program puts together, as pieces of the program's own bytes.

use std::ops::Range;

use tree_sitter::Node;

use crate::extract::Draft;
use crate::syntax::literal::Literal;

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// Bytes of the program as they stand.
    Copy(Range<usize>),
    /// What an escape stands for.
    Decoded(Vec<u8>, Range<usize>),
    /// What is known only at run time.
    Hole(Range<usize>),
}

/// A text, and what is computed in it.
#[derive(Debug, Default)]
pub(super) struct Text<'t> {
    pub(super) pieces: Vec<Piece>,
    /// The expressions in its holes.
    pub(super) inner: Vec<Node<'t>>,
}

impl<'t> Text<'t> {
    /// Adds bytes of the program as they stand.
    pub(super) fn copy(&mut self, range: Range<usize>) {
        if !range.is_empty() {
            self.pieces.push(Piece::Copy(range));
        }
    }

    /// Adds text that the program does not have, at a place in it.
    pub(super) fn glue(&mut self, text: &[u8], at: usize) {
        if !text.is_empty() {
            self.pieces.push(Piece::Decoded(text.to_vec(), at..at));
        }
    }

    /// Adds an expression that is computed.
    pub(super) fn computed(&mut self, node: Node<'t>) {
        self.pieces.push(Piece::Hole(node.byte_range()));
        self.inner.push(node);
    }

    /// The text without the blanks and the sign `|` that start its lines.
    pub(super) fn without_margin(self, program: &[u8]) -> Self {
        let mut out = Self { pieces: Vec::new(), inner: self.inner };
        for piece in self.pieces {
            let Piece::Copy(range) = piece else {
                out.pieces.push(piece);
                continue;
            };
            let mut start = range.start;
            for line in program.get(range.clone()).unwrap_or_default().split_inclusive(|&byte| byte == b'\n') {
                let blanks = line.len() - line.trim_ascii_start().len();
                let fresh = start > range.start || out.pieces.is_empty();
                let margin = if fresh && line.get(blanks) == Some(&b'|') { blanks + 1 } else { 0 };
                out.copy(start + margin..start + line.len());
                start += line.len();
            }
        }
        out
    }

    /// Adds another text.
    pub(super) fn append(&mut self, other: Self) {
        self.pieces.extend(other.pieces);
        self.inner.extend(other.inner);
    }

    /// Where it starts in the program.
    pub(super) fn start(&self) -> Option<usize> {
        self.pieces.first().map(|piece| match piece {
            Piece::Copy(range) | Piece::Decoded(_, range) | Piece::Hole(range) => range.start,
        })
    }

    /// Where it ends in the program.
    pub(super) fn end(&self) -> Option<usize> {
        self.pieces.last().map(|piece| match piece {
            Piece::Copy(range) | Piece::Decoded(_, range) | Piece::Hole(range) => range.end,
        })
    }

    /// Whether it starts with a blank of the program's.
    pub(super) fn starts_blank(&self, program: &[u8]) -> bool {
        let first = match self.pieces.first() {
            Some(Piece::Copy(range)) => program.get(range.start),
            Some(Piece::Decoded(bytes, _)) => bytes.first(),
            _ => None,
        };
        first.is_some_and(u8::is_ascii_whitespace)
    }

    /// The bytes, if they are all known.
    pub(super) fn fixed(&self, program: &[u8]) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        for piece in &self.pieces {
            match piece {
                Piece::Copy(range) => out.extend_from_slice(program.get(range.clone())?),
                Piece::Decoded(bytes, _) => out.extend_from_slice(bytes),
                Piece::Hole(_) => return None,
            }
        }
        Some(out)
    }

    /// Adds it to a draft.
    pub(super) fn draw(&self, draft: &mut Draft<'_>) {
        for piece in &self.pieces {
            match piece {
                Piece::Copy(range) => draft.copy(range.clone()),
                Piece::Decoded(bytes, range) => draft.decoded(bytes, range.clone()),
                Piece::Hole(range) => draft.hole(range.clone()),
            }
        }
    }

    /// The text with its way back to the host.
    pub(super) fn build(&self, host: &Literal) -> Literal {
        let mut draft = Draft::new(host, self.start().unwrap_or_default());
        self.draw(&mut draft);
        draft.build()
    }
}
