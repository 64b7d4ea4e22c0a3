//! Tokens of a shell script: words with their quoting, operators, here-documents.
//!
//! The lexical rules are those of POSIX (XCU 2.2, 2.3, 2.6) with bash's additions. A reader of its own rather than a
//! grammar, since a script is often only a part of one: a block of a guide, a command of a manifest, a template. It
//! gives tokens for any bytes; what a broken part of a script means is unknown.

use std::ops::Range;

use super::syntax::{self, Pipeline};

mod ansi;
mod expansion;

/// A token.
#[derive(Debug)]
pub(super) enum Token {
    Word(Word),
    /// `;`, `|`, `>>`, `2>` and their like.
    Operator(Range<usize>),
    Newline,
    /// A here-document with its text, once that was read.
    Heredoc(Option<Word>),
}

/// A word, or the text of a here-document.
#[derive(Debug, Default)]
pub(super) struct Word {
    /// The bytes of the script.
    pub(super) range: Range<usize>,
    pub(super) pieces: Vec<Piece>,
    /// Whether a part is quoted.
    pub(super) quoted: bool,
}

/// A part of a word.
#[derive(Debug)]
pub(super) enum Piece {
    /// Bytes that stand for themselves.
    Plain(Range<usize>),
    /// What an escape stands for.
    Escape(Range<usize>, Vec<u8>),
    /// A variable that is put in as it is, with the place of its name.
    Variable(Range<usize>, Range<usize>),
    /// `$(...)`.
    Command(Range<usize>, Vec<Pipeline>),
    /// What only the shell knows.
    Hole(Range<usize>),
}

/// Commands are followed this deep into `$(...)`.
const DEEPEST: u8 = 12;

/// The tokens of a script.
pub(super) fn tokens(text: &[u8]) -> Vec<Token> {
    Lexer::new(text).tokens(false)
}

/// The delimiters of here-documents in a line, and whether tabs may stand before them.
pub(super) fn heredocs(line: &[u8]) -> Vec<(Vec<u8>, bool)> {
    let mut lexer = Lexer::new(line);
    lexer.tokens(false);
    lexer.delimiters
}

impl Word {
    /// The word as written, if nothing in it is quoted or expanded: a keyword or a name.
    pub(super) fn plain<'t>(&self, text: &'t [u8]) -> Option<&'t [u8]> {
        match &self.pieces[..] {
            [Piece::Plain(range)] if !self.quoted => text.get(range.clone()),
            _ => None,
        }
    }

    /// The name and the value of `NAME=value`.
    pub(super) fn assignment<'t>(&self, text: &'t [u8]) -> Option<(&'t [u8], usize)> {
        let Some(Piece::Plain(range)) = self.pieces.first() else { return None };
        let bytes = text.get(range.clone()).filter(|_| range.start == self.range.start)?;
        let length = name_length(bytes);
        let sign = bytes.get(length..)?;
        let skip = if sign.starts_with(b"=") { 1 } else { 2 };
        (length > 0 && (skip == 1 || sign.starts_with(b"+="))).then(|| (&bytes[..length], length + skip))
    }
}

/// How many bytes at the start are a name.
pub(super) fn name_length(bytes: &[u8]) -> usize {
    let length = bytes.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    if bytes.first().is_some_and(u8::is_ascii_digit) { 0 } else { length }
}

struct Lexer<'t> {
    text: &'t [u8],
    at: usize,
    /// How many `$(` are open.
    depth: u8,
    /// What ends the here-documents outside of those.
    delimiters: Vec<(Vec<u8>, bool)>,
}

impl<'t> Lexer<'t> {
    fn new(text: &'t [u8]) -> Self {
        Self { text, at: 0, depth: 0, delimiters: Vec::new() }
    }
    fn rest(&self) -> &[u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The tokens to the end, or up to and with the parenthesis that closes what was opened before.
    fn tokens(&mut self, closes: bool) -> Vec<Token> {
        let mut tokens: Vec<Token> = Vec::new();
        let mut waiting: Vec<(usize, Delimiter)> = Vec::new();
        let (mut parens, mut cases) = (0usize, 0usize);
        while let Some(&byte) = self.rest().first() {
            match byte {
                b'\n' => {
                    self.at += 1;
                    for (index, delimiter) in waiting.drain(..) {
                        tokens[index] = Token::Heredoc(Some(self.heredoc(&delimiter)));
                    }
                    tokens.push(Token::Newline);
                }
                b'\\' if self.line_joint() > 0 => self.at += self.line_joint(),
                _ if byte.is_ascii_whitespace() => self.at += 1,
                b'#' => self.at += memchr::memchr(b'\n', self.rest()).unwrap_or(self.rest().len()),
                b'(' if self.rest().starts_with(b"((") && !is_word(tokens.last()) => match self.arithmetic(2) {
                    Some(word) => tokens.push(Token::Word(word)),
                    None => {
                        parens += 1;
                        tokens.push(self.operator());
                    }
                },
                b'<' | b'>' if self.rest().get(1) == Some(&b'(') => {
                    let start = self.at;
                    self.at += 1;
                    let piece = self.command(start);
                    tokens.push(Token::Word(Word { range: start..self.at, pieces: vec![piece], quoted: false }));
                }
                b'<' if self.rest().starts_with(b"<<") && !self.rest().starts_with(b"<<<") => {
                    if let Some(delimiter) = self.delimiter() {
                        if self.depth == 0 {
                            self.delimiters.push((delimiter.text.clone(), delimiter.tabs));
                        }
                        waiting.push((tokens.len(), delimiter));
                        tokens.push(Token::Heredoc(None));
                    }
                }
                b')' if closes && parens == 0 && cases == 0 => {
                    self.at += 1;
                    return tokens;
                }
                b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')' => {
                    match byte {
                        b'(' => parens += 1,
                        b')' => parens = parens.saturating_sub(1),
                        _ => {}
                    }
                    tokens.push(self.operator());
                }
                b'0'..=b'9' if self.is_descriptor() => tokens.push(self.operator()),
                _ => {
                    let starts = !is_word(tokens.last()) || self.follows_keyword(tokens.last());
                    let word = self.word();
                    match word.plain(self.text) {
                        Some(b"case") if starts => cases += 1,
                        Some(b"esac") if starts => cases = cases.saturating_sub(1),
                        _ => {}
                    }
                    tokens.push(Token::Word(word));
                }
            }
        }
        tokens
    }

    fn follows_keyword(&self, last: Option<&Token>) -> bool {
        let Some(Token::Word(word)) = last else { return false };
        matches!(word.plain(self.text), Some(b"then" | b"do" | b"else" | b"{" | b"!"))
    }

    /// The length of a backslash and the line break after it.
    fn line_joint(&self) -> usize {
        match self.rest() {
            [b'\\', b'\r', b'\n', ..] => 3,
            [b'\\', b'\n', ..] => 2,
            _ => 0,
        }
    }

    /// Whether digits stand right before a redirection.
    fn is_descriptor(&self) -> bool {
        let digits = self.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
        let before = self.at.checked_sub(1).and_then(|at| self.text.get(at));
        digits < 4
            && before.is_none_or(|byte| byte.is_ascii_whitespace() || b";&|()".contains(byte))
            && matches!(self.rest().get(digits), Some(b'<' | b'>'))
            && !self.rest()[digits..].starts_with(b"<<")
    }

    fn operator(&mut self) -> Token {
        const LONG: [&[u8]; 16] = [
            b"<<<", b"&>>", b";;&", b"&&", b"||", b"|&", b";;", b";&", b">>", b">&", b">|", b"<&", b"<>", b"&>", b">",
            b"<",
        ];
        let start = self.at;
        self.at += self.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
        let long = LONG.iter().find(|long| self.rest().starts_with(long)).map_or(1, |long| long.len());
        self.at += long;
        Token::Operator(start..self.at)
    }

    fn word(&mut self) -> Word {
        let mut word = Word { range: self.at..self.at, ..Word::default() };
        while let Some(&byte) = self.rest().first() {
            match byte {
                b'\'' => {
                    word.quoted = true;
                    self.single_quoted(&mut word);
                }
                b'"' => {
                    word.quoted = true;
                    self.double_quoted(&mut word);
                }
                b'\\' => match self.line_joint() {
                    0 => {
                        word.quoted = true;
                        let end = (self.at + 2).min(self.text.len());
                        let escaped = self.text.get(self.at + 1..end).unwrap_or_default().to_vec();
                        word.pieces.push(Piece::Escape(self.at..end, escaped));
                        self.at = end;
                    }
                    joint => self.at += joint,
                },
                b'$' | b'`' => self.expansion(&mut word, false),
                b'(' if matches!(word.assignment(self.text), Some((_, end)) if word.range.start + end == self.at) => {
                    // The elements of an array.
                    let start = self.at;
                    self.command(start);
                    word.pieces.push(Piece::Hole(start..self.at));
                }
                _ if byte.is_ascii_whitespace() || b";&|<>()".contains(&byte) => break,
                _ => {
                    let ends = |byte: &u8| byte.is_ascii_whitespace() || b"'\"\\$`;&|<>()".contains(byte);
                    let length = self.rest().iter().position(ends).unwrap_or(self.rest().len());
                    self.plain(&mut word, length);
                }
            }
        }
        word.range.end = self.at;
        word
    }

    /// Adds bytes that stand for themselves.
    fn plain(&mut self, word: &mut Word, length: usize) {
        let range = self.at..self.at + length;
        self.at = range.end;
        match word.pieces.last_mut() {
            Some(Piece::Plain(last)) if last.end == range.start => last.end = range.end,
            _ => word.pieces.push(Piece::Plain(range)),
        }
    }

    /// The rest of the text, of which nothing is known: a quote or bracket is not closed.
    fn lost(&mut self, word: &mut Word, start: usize) {
        self.at = self.text.len();
        word.pieces.push(Piece::Hole(start..self.at));
    }

    fn single_quoted(&mut self, word: &mut Word) {
        let start = self.at;
        match memchr::memchr(b'\'', &self.rest()[1..]) {
            Some(length) => {
                self.at += 1;
                self.plain(word, length);
                self.at += 1;
            }
            None => self.lost(word, start),
        }
    }

    fn double_quoted(&mut self, word: &mut Word) {
        let start = self.at;
        self.at += 1;
        loop {
            match self.rest().first() {
                None => return self.lost(word, start),
                Some(b'"') => {
                    self.at += 1;
                    return;
                }
                Some(_) => self.expanding(word, b"$`\"\\"),
            }
        }
    }

    /// The next part of text in which variables are expanded and a backslash escapes only some bytes.
    fn expanding(&mut self, word: &mut Word, escaped: &[u8]) {
        match self.rest() {
            [b'$' | b'`', ..] => self.expansion(word, true),
            [b'\\', ..] if self.line_joint() > 0 => self.at += self.line_joint(),
            [b'\\', next, ..] if escaped.contains(next) => {
                word.pieces.push(Piece::Escape(self.at..self.at + 2, vec![*next]));
                self.at += 2;
            }
            rest => {
                let quote = escaped.contains(&b'"');
                let ends = |byte: &u8| matches!(byte, b'$' | b'`' | b'\\') || quote && *byte == b'"';
                let line = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
                let length = rest[..line].iter().skip(1).position(ends).map_or(line, |length| length + 1);
                self.plain(word, length);
            }
        }
    }
}

/// What ends a here-document, and how it is read.
struct Delimiter {
    text: Vec<u8>,
    /// Whether nothing in it is expanded.
    quoted: bool,
    /// Whether tabs at the starts of lines are dropped.
    tabs: bool,
}

impl Lexer<'_> {
    /// Reads `<<-'EOF'`; `None` where no word follows.
    fn delimiter(&mut self) -> Option<Delimiter> {
        self.at += 2;
        let tabs = self.rest().starts_with(b"-");
        self.at += usize::from(tabs);
        self.at += self.rest().iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let word = self.word();
        if word.range.is_empty() {
            return None;
        }
        let mut text = Vec::new();
        for piece in &word.pieces {
            match piece {
                Piece::Escape(_, escaped) => text.extend_from_slice(escaped),
                Piece::Plain(range) | Piece::Hole(range) | Piece::Command(range, _) | Piece::Variable(range, _) => {
                    text.extend_from_slice(&self.text[range.clone()]);
                }
            }
        }
        Some(Delimiter { text, quoted: word.quoted, tabs })
    }

    /// Reads the lines up to the delimiter. Without one the text goes on to the end, as bash takes it.
    fn heredoc(&mut self, delimiter: &Delimiter) -> Word {
        let start = self.at;
        let tabs_of =
            |line: &[u8]| if delimiter.tabs { line.iter().take_while(|byte| **byte == b'\t').count() } else { 0 };
        let mut word = Word { range: start..start, quoted: delimiter.quoted, ..Word::default() };
        let mut lines = Vec::new();
        let text = self.text;
        while let Some(rest) = text.get(self.at..).filter(|rest| !rest.is_empty()) {
            let length = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
            let line = &rest[..length];
            let tabs = tabs_of(line);
            let bare = line[tabs..].strip_suffix(b"\n").unwrap_or(&line[tabs..]);
            let (from, to) = (self.at + tabs, self.at + length);
            self.at = to;
            if bare.strip_suffix(b"\r").unwrap_or(bare) == delimiter.text {
                break;
            }
            word.range.end = to;
            lines.push(from..to);
        }
        let after = self.at;
        let mut inner = Lexer { at: start, depth: self.depth, ..Lexer::new(&self.text[..word.range.end]) };
        for line in lines {
            // An expansion may reach over lines.
            inner.at = inner.at.max(line.start);
            while inner.at < line.end {
                if delimiter.quoted {
                    inner.plain(&mut word, line.end - inner.at);
                } else {
                    inner.expanding(&mut word, b"$`\\");
                }
            }
        }
        self.at = after;
        word
    }
}

fn is_word(token: Option<&Token>) -> bool {
    matches!(token, Some(Token::Word(_)))
}

#[cfg(test)]
mod tests {
    use super::super::variable::spelled;
    use super::*;
    use crate::source::{FileId, Span};
    use crate::syntax::literal::Literal;

    fn host(text: &str) -> Literal {
        Literal::plain(Span::new(FileId(0), 0, text.len()), text.as_bytes())
    }

    /// The words of a text, here-documents too, and the text behind each byte of the first.
    fn words(text: &str) -> Vec<String> {
        let host = host(text);
        let words = tokens(text.as_bytes()).into_iter().filter_map(|token| match token {
            Token::Word(word) | Token::Heredoc(Some(word)) => Some(spelled(&host, &word)),
            _ => None,
        });
        words.map(|word| String::from_utf8_lossy(word.text()).into_owned()).collect()
    }

    #[test]
    fn quoting() {
        // What bash gives to `printf '%s\n'`, where nothing is expanded.
        for (text, expected) in [
            (r#"a 'b c' "d e" f\ g"#, vec!["a", "b c", "d e", "f g"]),
            (r#"a'b'"c"\d"#, vec!["abcd"]),
            (r#""a\"b\\c\$d\`e\f""#, vec![r#"a"b\c$d`e\f"#]),
            (r"'a\'b", vec![r"a\b"]),
            (r"$'a\'b\n\x41\101\u00e9\\\q'", vec!["a'b\nAA\u{e9}\\\\q"]),
            ("a\\\nb c \\\n d", vec!["ab", "c", "d"]),
            ("\"a\\\nb\"", vec!["ab"]),
            ("a#b #c\nd", vec!["a#b", "d"]),
            ("'' \"\"", vec!["", ""]),
            ("a;b&c|d>e<f(g)", vec!["a", "b", "c", "d", "e", "f", "g"]),
            ("2>x 10>y a2>z", vec!["x", "y", "a2", "z"]),
            (
                "\"$a${b}c\" ${d:-\"}\"}e $(f \")\" ')' `g`)h $((1 << (2)))i $1j",
                vec!["${_}${_}c", "${_}e", "${_}h", "${_}i", "${_}j"],
            ),
            ("$ a$ \"$\" $.", vec!["$", "a$", "$", "$."]),
            ("$(case x in a) echo ')';; esac) b", vec!["${_}", "b"]),
            ("x=(a b) c", vec!["x=${_}", "c"]),
        ] {
            assert_eq!(words(text), expected, "{text}");
        }
    }

    #[test]
    fn here_documents() {
        for (text, expected) in [
            ("a <<E b\n1 $x \\$y \"\\\\z\\\"\nE\nc", vec!["a", "1 ${_} $y \"\\z\\\"\n", "b", "c"]),
            ("a <<'E'\n$x \\$y\nE\nb", vec!["a", "$x \\$y\n", "b"]),
            ("a <<\\E\n$x\nE\nb", vec!["a", "$x\n", "b"]),
            ("a <<-E\n\t\tx\n\ty\n\tE\nb", vec!["a", "x\ny\n", "b"]),
            ("a <<E\n x\n E\nE\nb", vec!["a", " x\n E\n", "b"]),
            ("a <<E <<F\n1\nE\n2\nF\nb", vec!["a", "1\n", "2\n", "b"]),
            ("a <<E\nx\\\ny\nE\nb", vec!["a", "xy\n", "b"]),
            ("a <<E\n$(b \"\nc\")d\nE\ne", vec!["a", "${_}d\n", "e"]),
            ("a <<E | b; c\nx\nE\nd", vec!["a", "x\n", "b", "c", "d"]),
            ("a <<E\nx", vec!["a", "x"]),
            ("a <<E\nE\nb", vec!["a", "", "b"]),
            ("a <<E\r\nx\r\nE\r\nb", vec!["a", "x\r\n", "b"]),
            ("a $(b <<E\nit's\nE\n) c", vec!["a", "${_}", "c"]),
        ] {
            assert_eq!(words(text), expected, "{text}");
        }
    }

    #[test]
    fn places() {
        let text = "psql <<-E\n\ta\\$b\n\tc$x\n\tE\n";
        let host = host(text);
        let token = tokens(text.as_bytes()).into_iter().nth(1);
        let Some(Token::Heredoc(Some(word))) = token else { panic!("a here-document is the second token") };
        let literal = spelled(&host, &word);
        assert_eq!(literal.text(), b"a$b\nc${_}\n");
        assert_eq!(literal.span(0, 1), Span::new(FileId(0), 11, 12));
        assert_eq!(literal.span(1, 2), Span::new(FileId(0), 12, 14));
        assert_eq!(literal.span(2, 5), Span::new(FileId(0), 14, 18));
        assert_eq!(literal.span(5, 9), Span::new(FileId(0), 18, 20));
    }

    #[test]
    fn what_is_not_closed_is_a_hole() {
        for text in ["a 'b c", "a \"b c", "a `b", "a $'b", "a ${b", "a $(b"] {
            let words = words(text);
            assert_eq!(words.len(), 2, "{text}");
            assert!(words[1].ends_with("${_}"), "{text}: {words:?}");
        }
    }
}
