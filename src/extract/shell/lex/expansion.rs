//! What starts with `$` or a backquote: variables, commands, arithmetic.

use super::{DEEPEST, Lexer, Piece, Word, name_length, syntax};

/// Arithmetic is short; a text that looks like its start is not searched for its end further than this.
const LONGEST_ARITHMETIC: usize = 512;

impl Lexer<'_> {
    /// Reads an expansion, which between double quotes may not be a quote itself.
    pub(super) fn expansion(&mut self, word: &mut Word, in_double_quotes: bool) {
        let start = self.at;
        match self.rest() {
            [b'`', ..] => self.backquoted(word),
            [b'$', b'\'', ..] if !in_double_quotes => {
                word.quoted = true;
                self.ansi_quoted(word);
            }
            [b'$', b'"', ..] if !in_double_quotes => {
                word.quoted = true;
                self.at += 1;
                self.double_quoted(word);
            }
            [b'$', b'(', b'(', ..] => match self.arithmetic(3) {
                Some(arithmetic) => word.pieces.extend(arithmetic.pieces),
                None => {
                    self.at += 1;
                    let piece = self.command(start);
                    word.pieces.push(piece);
                }
            },
            [b'$', b'(', ..] => {
                self.at += 1;
                let piece = self.command(start);
                word.pieces.push(piece);
            }
            [b'$', b'{', ..] => self.braces(word),
            [b'$', rest @ ..] => {
                let name = name_length(rest);
                if name > 0 {
                    self.at += 1 + name;
                    word.pieces.push(Piece::Variable(start..self.at, start + 1..self.at));
                } else if rest.first().is_some_and(|byte| byte.is_ascii_digit() || b"@*#?$!-".contains(byte)) {
                    self.at += 2;
                    word.pieces.push(Piece::Hole(start..self.at));
                } else {
                    self.plain(word, 1);
                }
            }
            _ => {}
        }
    }

    /// Reads the commands between parentheses, from the opening one on; `start` is where the piece begins.
    pub(super) fn command(&mut self, start: usize) -> Piece {
        self.at += 1;
        if self.depth >= DEEPEST {
            self.skip_to(b'(', b')');
            return Piece::Hole(start..self.at);
        }
        self.depth += 1;
        let tokens = self.tokens(true);
        self.depth -= 1;
        Piece::Command(start..self.at, syntax::parse(self.text, tokens))
    }

    /// Reads `((...))` or `$((...))`, of which `opening` bytes come before the first operand.
    pub(super) fn arithmetic(&mut self, opening: usize) -> Option<Word> {
        let start = self.at;
        let rest = self.rest();
        let mut open = 2usize;
        for (at, byte) in rest.iter().enumerate().take(LONGEST_ARITHMETIC).skip(opening) {
            match byte {
                b'(' => open += 1,
                b')' if open == 2 => {
                    let end = start + at + 2;
                    return (rest.get(at + 1) == Some(&b')')).then(|| {
                        self.at = end;
                        Word { range: start..end, pieces: vec![Piece::Hole(start..end)], quoted: false }
                    });
                }
                b')' => open -= 1,
                b'\'' | b'"' | b'\n' | b';' => return None,
                _ => {}
            }
        }
        None
    }

    fn backquoted(&mut self, word: &mut Word) {
        let start = self.at;
        let mut end = start + 1;
        let mut escapes = false;
        while let Some(&byte) = self.text.get(end).filter(|byte| **byte != b'`') {
            escapes |= byte == b'\\';
            end += if byte == b'\\' { 2 } else { 1 };
        }
        if end >= self.text.len() {
            return self.lost(word, start);
        }
        self.at = end + 1;
        // Escapes in it would have to be taken out first.
        word.pieces.push(if escapes || self.depth >= DEEPEST {
            Piece::Hole(start..self.at)
        } else {
            let mut inner = Lexer { at: start + 1, depth: self.depth + 1, ..Lexer::new(&self.text[..end]) };
            let tokens = inner.tokens(false);
            Piece::Command(start..self.at, syntax::parse(self.text, tokens))
        });
    }

    /// Reads `${...}`, which is a variable by itself or something that only the shell can work out.
    fn braces(&mut self, word: &mut Word) {
        let start = self.at;
        let name = name_length(&self.rest()[2..]);
        if name > 0 && self.rest().get(2 + name) == Some(&b'}') {
            self.at += name + 3;
            word.pieces.push(Piece::Variable(start..self.at, start + 2..start + 2 + name));
            return;
        }
        self.at += 2;
        self.skip_to(b'{', b'}');
        word.pieces.push(Piece::Hole(start..self.at));
    }

    /// Skips to one past the bracket that closes one already open, over quotes and brackets between.
    fn skip_to(&mut self, opening: u8, closing: u8) {
        let mut open = 1usize;
        let mut quoted = false;
        while let Some(&byte) = self.rest().first() {
            self.at += 1;
            match byte {
                b'\\' => self.at = (self.at + 1).min(self.text.len()),
                b'"' => quoted = !quoted,
                _ if byte == opening && !quoted => open += 1,
                _ if byte == closing && !quoted => open -= 1,
                _ => {}
            }
            if open == 0 {
                return;
            }
        }
    }
}
