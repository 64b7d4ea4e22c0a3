//! The arguments of a program: words with what they are written as, and options.

use std::ops::Range;

use super::lex::{self, Token};
use super::variable::spelled;
use super::{Draft, Literal};
use crate::source::Span;

/// An argument.
#[derive(Debug, Clone)]
pub(in crate::extract) struct Argument {
    /// What the program gets.
    pub(in crate::extract) text: Literal,
    /// What the script says, where the names of variables tell something.
    pub(in crate::extract) written: String,
}

impl Argument {
    pub(in crate::extract) fn new(text: Literal, written: &[u8]) -> Self {
        Self { text, written: String::from_utf8_lossy(written).into_owned() }
    }

    /// The bytes that the program gets.
    pub(super) fn bytes(&self) -> &[u8] {
        self.text.text()
    }

    /// The last part of a path, such as the name of a program.
    pub(super) fn name(&self) -> &[u8] {
        self.bytes().rsplit(|&byte| byte == b'/').next().unwrap_or_default()
    }

    /// A part of it, which is written as the whole.
    pub(super) fn part(&self, range: Range<usize>) -> Self {
        Self { text: Draft::of(&self.text, range), written: self.written.clone() }
    }

    /// What follows the first bytes.
    pub(in crate::extract) fn after(&self, bytes: usize) -> Self {
        self.part(bytes.min(self.bytes().len())..self.bytes().len())
    }

    /// The name and value of `NAME=value`.
    pub(in crate::extract) fn assignment(&self) -> Option<(&[u8], Self)> {
        let length = lex::name_length(self.bytes());
        (length > 0 && self.bytes().get(length) == Some(&b'='))
            .then(|| (&self.bytes()[..length], self.after(length + 1)))
    }
}

/// What a program was started with, read as `getopt` reads it.
#[derive(Debug, Default)]
pub(super) struct Options {
    /// Options in order.
    pub(super) given: Vec<Given>,
    /// The arguments that are no options.
    pub(super) operands: Vec<Argument>,
}

/// An option.
#[derive(Debug)]
pub(super) struct Given {
    /// `c` of `-c`, `command` of `--command`.
    pub(super) name: String,
    pub(super) value: Option<Argument>,
    /// Where it stands.
    pub(super) place: Span,
}

/// Which options of a program take a value: letters, and names without dashes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Takes {
    pub(super) letters: &'static str,
    pub(super) names: &'static [&'static str],
}

impl Options {
    /// Reads all arguments; options may stand anywhere, up to `--`.
    pub(super) fn read(arguments: &[Argument], takes: Takes) -> Self {
        let mut options = Self::default();
        let rest = options.leading(arguments, takes, true);
        options.operands.extend_from_slice(rest);
        options
    }

    /// Reads the options before the first operand, and gives what follows them.
    pub(super) fn before(arguments: &[Argument], takes: Takes) -> (Self, &[Argument]) {
        let mut options = Self::default();
        let rest = options.leading(arguments, takes, false);
        (options, rest)
    }

    fn leading<'a>(&mut self, arguments: &'a [Argument], takes: Takes, anywhere: bool) -> &'a [Argument] {
        let mut at = 0;
        while let Some(argument) = arguments.get(at) {
            let bytes = argument.bytes();
            at += 1;
            if bytes == b"--" {
                break;
            } else if let Some(long) = bytes.strip_prefix(b"--") {
                let sign = memchr::memchr(b'=', long);
                let name = String::from_utf8_lossy(&long[..sign.unwrap_or(long.len())]).into_owned();
                let value = match sign {
                    Some(sign) => Some(argument.after(sign + 3)),
                    None if takes.names.contains(&name.as_str()) => {
                        at += 1;
                        arguments.get(at - 1).cloned()
                    }
                    None => None,
                };
                self.given.push(Given { name, value, place: argument.text.whole() });
            } else if bytes.len() > 1 && bytes.starts_with(b"-") {
                let mut letter = 1;
                while let Some(&byte) = bytes.get(letter) {
                    letter += 1;
                    let takes = takes.letters.as_bytes().contains(&byte);
                    let value = match takes {
                        true if letter < bytes.len() => Some(argument.after(letter)),
                        true => {
                            at += 1;
                            arguments.get(at - 1).cloned()
                        }
                        false => None,
                    };
                    let name = (byte as char).to_string();
                    self.given.push(Given { name, value, place: argument.text.whole() });
                    if takes {
                        break;
                    }
                }
            } else if anywhere {
                self.operands.push(argument.clone());
            } else {
                at -= 1;
                break;
            }
        }
        arguments.get(at..).unwrap_or_default()
    }

    fn named<'a>(&'a self, names: &'a [&str]) -> impl DoubleEndedIterator<Item = &'a Given> {
        self.given.iter().filter(|given| names.contains(&given.name.as_str()))
    }

    /// The values of an option under one of its names, in order, each with the option's place.
    pub(super) fn given_values<'a>(&'a self, names: &'a [&str]) -> impl Iterator<Item = (Span, &'a Argument)> {
        self.named(names).filter_map(|given| Some((given.place, given.value.as_ref()?)))
    }

    /// The values alone.
    pub(super) fn values<'a>(&'a self, names: &'a [&str]) -> impl Iterator<Item = &'a Argument> {
        self.given_values(names).map(|(_, value)| value)
    }

    /// The last value of an option.
    pub(super) fn value<'a>(&'a self, names: &'a [&str]) -> Option<&'a Argument> {
        self.named(names).rev().find_map(|given| given.value.as_ref())
    }

    /// Where an option is given.
    pub(super) fn place(&self, names: &[&str]) -> Option<Span> {
        self.named(names).next().map(|given| given.place)
    }

    pub(super) fn has(&self, names: &[&str]) -> bool {
        self.place(names).is_some()
    }
}

/// The words of a text that is split as a shell does, with nothing known of its variables.
pub(in crate::extract) fn words(text: &Literal) -> Vec<Argument> {
    let words = lex::tokens(text.text()).into_iter().filter_map(|token| match token {
        Token::Word(word) => Some(word),
        _ => None,
    });
    words.map(|word| Argument::new(spelled(text, &word), &text.text()[word.range.clone()])).collect()
}
