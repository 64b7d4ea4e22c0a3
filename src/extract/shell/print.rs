//! What `echo`, `printf` and `cat` print.

use super::argument::Argument;
use super::{Literal, Reader};
use crate::extract::Writer;

/// A format is used so many times for the arguments that it has no place for.
const MOST_ROUNDS: usize = 1000;

/// Whether `echo` of a script's shell reads escapes: that of dash and zsh does, that of bash and ksh does not. Without
/// a first line that tells it is not known, and a script that has them is likely right.
pub(super) fn echo_escapes(script: &[u8]) -> bool {
    let line = script.split(|&byte| byte == b'\n').next().unwrap_or_default();
    !(line.starts_with(b"#!") && (memchr::memmem::find(line, b"bash").is_some() || line.ends_with(b"ksh")))
}

impl Reader<'_, '_, '_, '_> {
    /// `echo`.
    pub(super) fn echo(&mut self, arguments: &[Argument]) -> Option<Literal> {
        let option = |argument: &Argument| {
            argument.bytes().strip_prefix(b"-").filter(|letters| !letters.is_empty()).map(<[u8]>::to_vec)
        };
        let is_flag = |letters: &Vec<u8>| letters.iter().all(|letter| b"neE".contains(letter));
        let mut rest = arguments;
        let (mut escapes, mut line) = (self.state.escapes, true);
        while let Some(letters) = rest.first().and_then(option).filter(is_flag) {
            for letter in letters {
                match letter {
                    b'n' => line = false,
                    b'e' => escapes = true,
                    _ => escapes = false,
                }
            }
            rest = &rest[1..];
        }
        let mut out = Writer::new(arguments.first().map_or(self.host, |argument| &argument.text));
        out.list(rest.iter().map(|argument| &argument.text), " ", |out, text| {
            if escapes { unescaped(out, text, 0..text.text().len()) } else { out.text(text) }
        });
        if line {
            out.words("\n");
        }
        Some(out.build())
    }

    /// `printf`.
    pub(super) fn printf(&mut self, arguments: &[Argument]) -> Option<Literal> {
        let rest = match arguments.first()?.bytes() {
            b"--" => &arguments[1..],
            b"-v" => return None,
            _ => arguments,
        };
        let (format, mut values) = rest.split_first()?;
        let mut out = Writer::new(&format.text);
        for _ in 0..MOST_ROUNDS {
            let before = values.len();
            values = formatted(&mut out, &format.text, values);
            if values.is_empty() || values.len() == before {
                break;
            }
        }
        Some(out.build())
    }

    /// `cat`: what it reads, if that is its standard input alone.
    pub(super) fn cat(&mut self, arguments: &[Argument], input: Option<&Literal>) -> Option<Literal> {
        let file = |argument: &Argument| !argument.bytes().starts_with(b"-") && argument.bytes() != b"/dev/stdin";
        input.filter(|_| !arguments.iter().any(file)).cloned()
    }
}

/// Adds a part of a text with its escapes decoded.
fn unescaped(out: &mut Writer, text: &Literal, part: std::ops::Range<usize>) {
    let bytes = text.text();
    let mut at = part.start;
    while at < part.end {
        let length = memchr::memchr(b'\\', &bytes[at..part.end]).unwrap_or(part.end - at);
        out.part(text, at..at + length);
        at += length;
        if at < part.end {
            let (length, decoded) = escape(&bytes[at + 1..part.end]);
            out.meant(decoded, text.span(at, at + 1 + length));
            at += 1 + length;
        }
    }
}

/// Prints a format once, and gives the values that are left over.
fn formatted<'a>(out: &mut Writer, format: &Literal, values: &'a [Argument]) -> &'a [Argument] {
    let bytes = format.text();
    let mut values = values;
    let mut at = 0;
    while at < bytes.len() {
        let length = memchr::memchr(b'%', &bytes[at..]).unwrap_or(bytes.len() - at);
        unescaped(out, format, at..at + length);
        at += length;
        if at == bytes.len() {
            break;
        }
        let start = at;
        at += 1;
        at += bytes[at..].iter().take_while(|byte| b"0123456789.-+ #*".contains(byte)).count();
        let conversion = bytes.get(at).copied().unwrap_or(b'%');
        at = (at + 1).min(bytes.len());
        if conversion == b'%' {
            out.meant("%", format.span(start, at));
            continue;
        }
        let value = values.first();
        values = values.get(1..).unwrap_or_default();
        match (conversion, value) {
            (_, None) => {}
            (b's' | b'd' | b'i' | b'u', Some(value)) if at == start + 2 => out.text(&value.text),
            (b'b', Some(value)) => unescaped(out, &value.text, 0..value.bytes().len()),
            _ => out.hole(format.span(start, at)),
        }
    }
    values
}

/// The length of an escape after its backslash, and what it stands for.
fn escape(after: &[u8]) -> (usize, Vec<u8>) {
    let byte = match after.first() {
        Some(b'n') => b'\n',
        Some(b't') => b'\t',
        Some(b'r') => b'\r',
        Some(b'\\') => b'\\',
        Some(b'"') => b'"',
        Some(b'\'') => b'\'',
        Some(b'0'..=b'7') => {
            let digits = after.iter().take(4).take_while(|byte| matches!(byte, b'0'..=b'7'));
            let (length, value) =
                digits.fold((0, 0u32), |(length, value), digit| (length + 1, value * 8 + u32::from(digit - b'0')));
            return (length, vec![value as u8]);
        }
        Some(&other) => return (1, vec![b'\\', other]),
        None => return (0, vec![b'\\']),
    };
    (1, vec![byte])
}
