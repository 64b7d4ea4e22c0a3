//! Whether the server takes a regular expression: the lexer and parser of its regex library (`regc_lex.c`,
//! `regcomp.c`) without the automaton.
//!
//! Only faults that are certain are told. Basic and plain extended expressions (`(?b)`, `(?e)`), names of collating
//! elements and expressions that are merely too large count as valid. Nothing is ever matched here.

use crate::catalog::Majors;

/// What is wrong with an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A parenthesis without its counterpart.
    Parenthesis,
    /// A bracket that is not closed.
    Bracket,
    /// A brace that is not closed.
    Brace,
    /// A repetition count that is no number from 0 to 255, or a range of them that runs backwards.
    Count,
    /// A quantifier with nothing to repeat.
    Quantifier,
    /// An escape that does not exist, or not there.
    Escape,
    /// A character class that does not exist.
    Class,
    /// An empty name of a collating element.
    Collation,
    /// A range that runs backwards, or an end of one that is no character.
    Range,
    /// A back reference to a group that is not closed before it.
    BackReference,
    /// An option in `(?...)` that does not exist.
    Option,
    /// The prefix `***?`.
    Pattern,
}

impl Fault {
    /// As the server names it.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Parenthesis => "parentheses () not balanced",
            Self::Bracket => "brackets [] not balanced",
            Self::Brace => "braces {} not balanced",
            Self::Count => "invalid repetition count(s)",
            Self::Quantifier => "quantifier operand invalid",
            Self::Escape => "invalid escape \\ sequence",
            Self::Class => "invalid character class",
            Self::Collation => "invalid collating element",
            Self::Range => "invalid character range",
            Self::BackReference => "invalid backreference number",
            Self::Option => "invalid embedded option",
            Self::Pattern => "invalid regexp (reg version 0.8)",
        }
    }
}

/// What was found out about an expression.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Checked {
    /// The first fault on each major; no major stands twice.
    pub faults: Vec<(Majors, Fault)>,
    /// The number of capturing groups, if there is no fault on any major.
    pub groups: usize,
}

/// Checks an advanced regular expression.
#[must_use]
pub fn check(pattern: &[u8]) -> Checked {
    let mut checker = Checker {
        text: pattern,
        at: 0,
        valid: Majors::ALL,
        faults: Vec::new(),
        expanded: false,
        groups: 0,
        closed: Vec::new(),
    };
    let end = checker.run();
    if let Err(fault) = end {
        checker.refuse(Majors::ALL, fault);
    }
    Checked { faults: checker.faults, groups: checker.groups }
}

/// The largest repetition count, `DUPMAX`.
const MOST_REPEATS: u32 = 255;

#[derive(Debug)]
struct Checker<'t> {
    text: &'t [u8],
    at: usize,
    valid: Majors,
    faults: Vec<(Majors, Fault)>,
    expanded: bool,
    /// Capturing groups opened so far.
    groups: usize,
    /// For each capturing group, whether it was closed.
    closed: Vec<bool>,
}

#[derive(Debug)]
struct Group {
    capture: Option<usize>,
    /// The group is a lookaround, which takes no quantifier.
    lookaround: bool,
    /// It lies in a lookaround, where nothing captures and nothing refers back.
    inside: bool,
}

#[derive(Debug)]
enum Escape {
    Character(u32),
    Class { complement: bool },
    Constraint,
    Back(usize),
}

impl Checker<'_> {
    fn refuse(&mut self, majors: Majors, fault: Fault) {
        let majors = majors & self.valid;
        if !majors.is_empty() {
            self.faults.push((majors, fault));
            self.valid = self.valid - majors;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn take(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn eat(&mut self, prefix: &[u8]) -> bool {
        let found = self.rest().starts_with(prefix);
        if found {
            self.at += prefix.len();
        }
        found
    }

    fn rest(&self) -> &[u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Blanks and comments, which count only where `(?x)` is on.
    fn skip(&mut self) {
        while self.expanded {
            match self.peek() {
                Some(b' ' | 9..=13) => self.at += 1,
                Some(b'#') => {
                    let line = self.rest().iter().take_while(|&&byte| byte != b'\n').count();
                    self.at += line;
                }
                _ => return,
            }
        }
    }

    /// `(?#...)` and, where `(?x)` is on, blanks.
    fn skip_to_token(&mut self) {
        self.skip();
        while self.eat(b"(?#") {
            let comment = self.rest().iter().take_while(|&&byte| byte != b')').count();
            self.at += comment;
            self.eat(b")");
            self.skip();
        }
    }

    /// The prefixes; whether what follows is an advanced expression.
    fn prefixes(&mut self) -> Result<bool, Fault> {
        if self.text.len() >= 4 && self.eat(b"***") {
            match self.take() {
                Some(b'?') => return Err(Fault::Pattern),
                Some(b'=') => return Ok(false),
                Some(b':') => {}
                _ => return Err(Fault::Quantifier),
            }
        }
        if !matches!(self.rest(), [b'(', b'?', letter, ..] if letter.is_ascii_alphabetic()) {
            return Ok(true);
        }
        self.at += 2;
        let (mut advanced, mut extended) = (true, false);
        while let Some(letter) = self.peek().filter(u8::is_ascii_alphabetic) {
            match letter {
                b'b' | b'e' | b'q' => (advanced, extended) = (false, letter == b'e'),
                b'x' => self.expanded = true,
                b't' => self.expanded = false,
                b'c' | b'i' | b'm' | b'n' | b'p' | b's' | b'w' => {}
                _ => return Err(Fault::Option),
            }
            self.at += 1;
        }
        if !self.eat(b")") {
            return Err(Fault::Option);
        }
        // Basic and literal expressions take these for themselves.
        let first = self.rest().iter().find(|byte| **byte != b'(');
        if extended && matches!(first, Some(b'*' | b'+' | b'?')) {
            return Err(Fault::Quantifier);
        }
        Ok(advanced)
    }

    fn run(&mut self) -> Result<(), Fault> {
        if !self.prefixes()? {
            return Ok(());
        }
        let mut open: Vec<Group> = Vec::new();
        loop {
            self.skip_to_token();
            let inside = open.last().is_some_and(|group| group.inside);
            let Some(byte) = self.take() else {
                return if open.is_empty() { Ok(()) } else { Err(Fault::Parenthesis) };
            };
            match byte {
                b'|' | b'^' | b'$' => continue,
                b'*' | b'+' | b'?' => return Err(Fault::Quantifier),
                b'{' if self.opens_bound() => return Err(Fault::Quantifier),
                b'(' => {
                    open.push(self.open_group(inside)?);
                    continue;
                }
                b')' => {
                    let group = open.pop().ok_or(Fault::Parenthesis)?;
                    if let Some(closed) = group.capture.and_then(|index| self.closed.get_mut(index)) {
                        *closed = true;
                    }
                    if group.lookaround {
                        continue;
                    }
                }
                b'[' => {
                    if self.eat(b"[:<:]]") || self.eat(b"[:>:]]") {
                        continue;
                    }
                    self.bracket()?;
                }
                b'\\' => match self.escape()? {
                    Escape::Constraint => continue,
                    Escape::Back(_) if inside => return Err(Fault::BackReference),
                    Escape::Back(number) => {
                        let known = number.checked_sub(1).and_then(|index| self.closed.get(index));
                        if known != Some(&true) {
                            return Err(Fault::BackReference);
                        }
                    }
                    Escape::Character(_) | Escape::Class { .. } => {}
                },
                _ => {}
            }
            self.quantifier()?;
        }
    }

    fn open_group(&mut self, inside: bool) -> Result<Group, Fault> {
        if !self.eat(b"?") {
            let capture = (!inside).then(|| {
                self.groups += 1;
                self.closed.push(false);
                self.closed.len() - 1
            });
            return Ok(Group { capture, lookaround: false, inside });
        }
        if self.eat(b":") {
            return Ok(Group { capture: None, lookaround: false, inside });
        }
        if self.eat(b"=") || self.eat(b"!") || self.eat(b"<=") || self.eat(b"<!") {
            return Ok(Group { capture: None, lookaround: true, inside: true });
        }
        Err(Fault::Quantifier)
    }

    fn quantifier(&mut self) -> Result<(), Fault> {
        self.skip_to_token();
        match self.peek() {
            Some(b'*' | b'+' | b'?') => {
                self.at += 1;
                self.eat(b"?");
            }
            Some(b'{') => {
                self.at += 1;
                if self.opens_bound() {
                    self.bound()?;
                } else {
                    self.at -= 1;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether the brace just taken starts a bound: a digit follows.
    fn opens_bound(&mut self) -> bool {
        self.skip();
        self.peek().is_some_and(|byte| byte.is_ascii_digit())
    }

    fn bound(&mut self) -> Result<(), Fault> {
        let least = self.count()?;
        self.skip();
        if self.eat(b",") {
            self.skip();
            if self.peek().is_some_and(|byte| byte.is_ascii_digit()) && self.count()? < least {
                return Err(Fault::Count);
            }
            self.skip();
        }
        match self.take() {
            Some(b'}') => {
                self.eat(b"?");
                Ok(())
            }
            Some(_) => Err(Fault::Count),
            None => Err(Fault::Brace),
        }
    }

    fn count(&mut self) -> Result<u32, Fault> {
        let mut value = 0;
        loop {
            self.skip();
            let Some(digit) = self.peek().filter(u8::is_ascii_digit) else { break };
            if value >= MOST_REPEATS {
                return Err(Fault::Count);
            }
            value = value * 10 + u32::from(digit - b'0');
            self.at += 1;
        }
        if value > MOST_REPEATS { Err(Fault::Count) } else { Ok(value) }
    }

    /// A bracket expression, after its opening bracket.
    fn bracket(&mut self) -> Result<(), Fault> {
        self.eat(b"^");
        let mut first = true;
        loop {
            if !first && self.eat(b"]") {
                return Ok(());
            }
            let is_word = self.rest().starts_with(br"\w");
            let start = match self.bracket_item(first)? {
                Some(start) => start,
                // Until 13 `\w` is written out as `[:alnum:]_`, and the underscore starts a range.
                None if is_word && self.peek() == Some(b'-') && self.text.get(self.at + 1) != Some(&b']') => {
                    self.refuse(Majors::since(14), Fault::Range);
                    End::Character(u32::from(b'_'))
                }
                None => {
                    first = false;
                    continue;
                }
            };
            first = false;
            // A hyphen before the closing bracket is a character.
            if self.peek() != Some(b'-') || self.text.get(self.at + 1) == Some(&b']') {
                continue;
            }
            self.at += 1;
            let end = if self.peek() == Some(b'-') {
                self.at += 1;
                End::Character(u32::from(b'-'))
            } else {
                self.bracket_item(false)?.ok_or(Fault::Range)?
            };
            if let (End::Character(start), End::Character(end)) = (start, end)
                && start > end
            {
                return Err(Fault::Range);
            }
        }
    }

    /// One item of a bracket expression: an end of a range, or `None` for what cannot be one.
    fn bracket_item(&mut self, first: bool) -> Result<Option<End>, Fault> {
        let byte = self.take().ok_or(Fault::Bracket)?;
        match byte {
            b'\\' => match self.escape()? {
                Escape::Character(value) => Ok(Some(End::Character(value))),
                Escape::Class { complement } => {
                    if complement {
                        self.refuse(Majors::until(13), Fault::Escape);
                    }
                    Ok(None)
                }
                Escape::Constraint | Escape::Back(_) => Err(Fault::Escape),
            },
            b'-' if !first && self.peek() != Some(b']') => Err(Fault::Range),
            b'[' => match self.peek() {
                None => Err(Fault::Bracket),
                Some(kind @ (b'.' | b'=' | b':')) => {
                    self.at += 1;
                    self.named(kind)
                }
                Some(_) => Ok(Some(End::Character(u32::from(byte)))),
            },
            // The server reads the files before it has an encoding, so that each byte is a character.
            _ => Ok(Some(End::Character(u32::from(byte)))),
        }
    }

    /// `[.name.]`, `[=name=]` and `[:name:]`.
    fn named(&mut self, kind: u8) -> Result<Option<End>, Fault> {
        let length = super::template::find(self.rest(), &[kind, b']']).ok_or(Fault::Bracket)?;
        let name = self.rest().get(..length).unwrap_or_default().to_vec();
        self.at += length + 2;
        if kind == b':' {
            match &*name {
                b"alnum" | b"alpha" | b"ascii" | b"blank" | b"cntrl" | b"digit" | b"graph" | b"lower" | b"print"
                | b"punct" | b"space" | b"upper" | b"xdigit" => {}
                b"word" => self.refuse(Majors::until(13), Fault::Class),
                _ => return Err(Fault::Class),
            }
            return Ok(None);
        }
        match &*name {
            [] => Err(Fault::Collation),
            _ if kind == b'=' => Ok(None),
            [byte] if byte.is_ascii() => Ok(Some(End::Character(u32::from(*byte)))),
            _ => Ok(Some(End::Unknown)),
        }
    }

    /// An escape, after its backslash.
    fn escape(&mut self) -> Result<Escape, Fault> {
        let byte = self.take().ok_or(Fault::Escape)?;
        let class = |complement| Ok(Escape::Class { complement });
        let character = |value: u8| Ok(Escape::Character(u32::from(value)));
        match byte {
            b'a' => character(7),
            b'b' => character(8),
            b'B' => character(b'\\'),
            b'e' => character(27),
            b'f' => character(12),
            b'n' => character(10),
            b'r' => character(13),
            b't' => character(9),
            b'v' => character(11),
            b'A' | b'm' | b'M' | b'y' | b'Y' | b'Z' => Ok(Escape::Constraint),
            b'd' | b's' | b'w' => class(false),
            b'D' | b'S' | b'W' => class(true),
            b'c' => self.take().map(|byte| Escape::Character(u32::from(byte & 0x1f))).ok_or(Fault::Escape),
            b'u' => self.digits(16, 4, 4),
            b'U' => self.digits(16, 8, 8),
            b'x' => self.digits(16, 1, 255),
            b'0' => self.octal(),
            b'1'..=b'9' => self.back_reference(),
            byte if byte.is_ascii_alphanumeric() => Err(Fault::Escape),
            byte => character(byte),
        }
    }

    /// The number of a group, or octal digits if there is no such group and more digits follow.
    fn back_reference(&mut self) -> Result<Escape, Fault> {
        let first = self.at;
        self.at -= 1;
        let mut value: u32 = 0;
        for _ in 0..255 {
            let Some(digit) = self.peek().filter(u8::is_ascii_digit) else { break };
            value = value.wrapping_mul(10).wrapping_add(u32::from(digit - b'0'));
            self.at += 1;
        }
        if self.at == first || (value.cast_signed() > 0 && value as usize <= self.groups) {
            return Ok(Escape::Back(value as usize));
        }
        self.at = first;
        self.octal()
    }

    /// One to three octal digits, the first of which was taken.
    fn octal(&mut self) -> Result<Escape, Fault> {
        self.at -= 1;
        let escape = self.digits(8, 1, 3)?;
        match escape {
            // Out of range, so the last digit is not part of it.
            Escape::Character(value @ 0x100..) => {
                self.at -= 1;
                Ok(Escape::Character(value >> 3))
            }
            escape => Ok(escape),
        }
    }

    fn digits(&mut self, radix: u32, least: usize, most: usize) -> Result<Escape, Fault> {
        let mut value: u32 = 0;
        let mut count = 0;
        while count < most {
            let Some(digit) = self.peek().and_then(|byte| char::from(byte).to_digit(radix)) else { break };
            value = value.wrapping_mul(radix).wrapping_add(digit);
            self.at += 1;
            count += 1;
        }
        // `CHR_IS_IN_RANGE`.
        if count < least || value > 0x7fff_fffe { Err(Fault::Escape) } else { Ok(Escape::Character(value)) }
    }
}

#[derive(Debug, Clone, Copy)]
enum End {
    Character(u32),
    Unknown,
}

#[cfg(test)]
mod tests;
