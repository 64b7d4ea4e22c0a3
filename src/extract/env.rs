//! Files of environment variables, as docker compose and the dotenv libraries read them. Of a sample only what it says
//! of a server counts.

use std::ops::Range;

use super::{Draft, Found, docker_image, driver};
use crate::discover::{Kind, is_template_name};
use crate::syntax::literal::Literal;

pub(super) fn extract(text: &Literal, found: &mut Found<'_>) {
    let variables = variables(text);
    // A sample shows how strings look, with passwords that nobody has.
    if found.host.file_name().is_some_and(is_template_name) {
        for (name, value) in &variables {
            docker_image::environment(std::str::from_utf8(name).unwrap_or_default(), value, found);
        }
        return;
    }
    for text in variables.iter().filter_map(|(_, value)| driver::conninfo(value)) {
        found.add(Kind::Conninfo, text);
    }
    docker_image::container(&variables, found);
}

/// The variables of a file with their values.
fn variables(text: &Literal) -> Vec<(Vec<u8>, Literal)> {
    let bytes = text.text();
    let mut variables = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let line = at..at + memchr::memchr(b'\n', &bytes[at..]).unwrap_or(bytes.len() - at);
        at = line.end + 1;
        let Some((name, start)) = assignment(bytes, line.clone()) else { continue };
        let value = match bytes.get(start) {
            Some(&quote @ (b'"' | b'\'')) => match closing(bytes, start + 1, quote) {
                // A value in quotes may go on over lines.
                Some(end) => {
                    at = end + memchr::memchr(b'\n', &bytes[end..]).map_or(bytes.len() - end, |length| length + 1);
                    if quote == b'"' { expanded(text, start + 1..end, true) } else { Draft::of(text, start + 1..end) }
                }
                None => continue,
            },
            _ => {
                let value = &bytes[start..line.end];
                let comment = value.windows(2).position(|pair| pair[0].is_ascii_whitespace() && pair[1] == b'#');
                let length = value[..comment.unwrap_or(value.len())].trim_ascii_end().len();
                expanded(text, start..start + length, false)
            }
        };
        variables.push((bytes[name].to_vec(), value));
    }
    variables
}

/// The name on a line, and where the value starts.
fn assignment(bytes: &[u8], line: Range<usize>) -> Option<(Range<usize>, usize)> {
    let blanks = |from: usize| bytes[from..line.end].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let mut start = line.start + blanks(line.start);
    if bytes[start..line.end].starts_with(b"export ") {
        start += 7 + blanks(start + 7);
    }
    let length =
        bytes[start..line.end].iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    let sign = start + length + blanks(start + length);
    let value = sign + 1;
    (length > 0 && bytes.get(sign) == Some(&b'=')).then(|| (start..start + length, value + blanks(value)))
}

/// Where the quote stands that closes a value.
fn closing(bytes: &[u8], from: usize, quote: u8) -> Option<usize> {
    let mut at = from;
    loop {
        match *bytes.get(at)? {
            b'\\' if quote == b'"' => at += 2,
            byte if byte == quote => return Some(at),
            _ => at += 1,
        }
    }
}

/// A value in which variables are put in, and escapes where it is in quotes.
fn expanded(text: &Literal, range: Range<usize>, escapes: bool) -> Literal {
    let bytes = text.text();
    let mut draft = Draft::new(text, range.start);
    let mut at = range.start;
    while at < range.end {
        let rest = &bytes[at..range.end];
        let length = match rest {
            [b'\\', next, ..] if escapes => {
                let decoded: &[u8] = match next {
                    b'n' => b"\n",
                    b'r' => b"\r",
                    b't' => b"\t",
                    b'"' | b'\\' | b'$' => &rest[1..2],
                    _ => &rest[..2],
                };
                draft.decoded(decoded, at..at + 2);
                2
            }
            [b'$', b'{', ..] => {
                let end = memchr::memchr(b'}', rest).map_or(rest.len(), |end| end + 1);
                draft.hole(at..at + end);
                end
            }
            [b'$', next, ..] if next.is_ascii_alphabetic() || *next == b'_' => {
                let name = rest[1..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
                draft.hole(at..at + 1 + name);
                1 + name
            }
            _ => {
                let length = memchr::memchr2(b'\\', b'$', &rest[1..]).map_or(rest.len(), |length| length + 1);
                draft.copy(at..at + length);
                length
            }
        };
        at += length;
    }
    draft.build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Span};

    #[test]
    fn values_and_their_places() {
        let text = "# A=0\nA=1 # one\nexport B = \"x\\\"y\\n${Z}$W\"\nC='a$b'\nD=a#b\r\nE=\nF=\"two\nlines\" # x\nG=\"open\nH h\n";
        let host = Literal::plain(Span::new(FileId(0), 0, text.len()), text.as_bytes());
        let found = variables(&host);
        let shown = found.iter().map(|(name, value)| {
            let place = value.whole().range();
            let name = String::from_utf8_lossy(name).into_owned();
            (name, String::from_utf8_lossy(value.text()).into_owned(), &text[place])
        });
        let shown = shown.collect::<Vec<_>>();
        let expected = [
            ("A", "1", "1"),
            ("B", "x\"y\n${_}${_}", "x\\\"y\\n${Z}$W"),
            ("C", "a$b", "a$b"),
            ("D", "a#b", "a#b"),
            ("E", "", ""),
            ("F", "two\nlines", "two\nlines"),
        ];
        let shown = shown.iter().map(|(name, value, place)| (&**name, &**value, *place)).collect::<Vec<_>>();
        assert_eq!(shown, expected);
        assert_eq!(found[1].1.span(1, 2), Span::new(FileId(0), 29, 31));
    }
}
