//! Units of systemd: the commands and variables of services (systemd.syntax, systemd.exec, systemd.service).

use std::ops::Range;

use super::shell::{self, Argument};
use super::{Draft, Found, docker_image, driver};
use crate::discover::Kind;
use crate::syntax::literal::Literal;

pub(super) fn extract(text: &Literal, found: &mut Found<'_>) {
    let mut variables = Vec::new();
    for (key, value) in entries(text) {
        match &*key {
            b"ExecStart" | b"ExecStartPre" | b"ExecStartPost" | b"ExecReload" | b"ExecStop" | b"ExecStopPost"
            | b"ExecCondition" => {
                for command in commands(&value) {
                    shell::run(&command, found);
                }
            }
            b"Environment" => {
                for word in words(&value) {
                    if let Some((name, value)) = word.assignment() {
                        let name = name.to_vec();
                        if let Some(text) = driver::conninfo(&value.text) {
                            found.add(Kind::Conninfo, text);
                        }
                        variables.push((name, value.text));
                    }
                }
            }
            _ => {}
        }
    }
    docker_image::container(&variables, found);
}

/// Keys with their values, lines put together.
fn entries(text: &Literal) -> Vec<(Vec<u8>, Literal)> {
    let bytes = text.text();
    let mut entries = Vec::new();
    let mut lines = lines(bytes).peekable();
    while let Some(line) = lines.next() {
        if is_comment(&bytes[line.clone()]) {
            continue;
        }
        let Some(sign) = memchr::memchr(b'=', &bytes[line.clone()]) else { continue };
        let key = bytes[line.start..line.start + sign].trim_ascii().to_vec();
        let mut draft = Draft::new(text, line.start + sign + 1);
        let mut part = line.start + sign + 1..line.end;
        // A backslash at the end of a line stands for a blank; comments between the lines are left out.
        while bytes[part.clone()].ends_with(b"\\") {
            draft.copy(part.start..part.end - 1);
            draft.decoded(b" ", part.end - 1..part.end);
            let next = lines.by_ref().find(|line| !is_comment(&bytes[line.clone()]));
            part = next.unwrap_or(part.end..part.end);
        }
        draft.copy(part);
        entries.push((key, draft.build()));
    }
    entries
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    bytes.split(|&byte| byte == b'\n').map(move |line| {
        let start = at;
        at += line.len() + 1;
        start..start + line.strip_suffix(b"\r").unwrap_or(line).len()
    })
}

fn is_comment(line: &[u8]) -> bool {
    matches!(line.trim_ascii_start().first(), Some(b'#' | b';'))
}

/// The commands of a value, which `;` as a word of its own divides; without the signs before a program.
fn commands(value: &Literal) -> Vec<Vec<Argument>> {
    let words = words(value);
    let parts = words.split(|word| word.text.text() == b";").filter_map(|command| {
        let (first, rest) = command.split_first()?;
        let signs = first.text.text().iter().take_while(|byte| b"@-:+!|".contains(byte)).count();
        // `@` is followed by what the program is told that it is called.
        let skip = usize::from(first.text.text()[..signs].contains(&b'@'));
        let mut command = vec![first.after(signs)];
        command.extend_from_slice(rest.get(skip..).unwrap_or_default());
        Some(command)
    });
    parts.collect()
}

/// The words of a value. Specifiers and variables are only known to systemd.
fn words(value: &Literal) -> Vec<Argument> {
    let bytes = value.text();
    let mut words = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at].is_ascii_whitespace() {
            at += 1;
            continue;
        }
        let start = at;
        let mut draft = Draft::new(value, at);
        let mut quote = None;
        while let Some(&byte) = bytes.get(at) {
            match (byte, bytes.get(at + 1)) {
                (b'"' | b'\'', _) if quote.is_none() => {
                    quote = Some(byte);
                    at += 1;
                }
                (byte, _) if quote == Some(byte) => {
                    quote = None;
                    at += 1;
                }
                (byte, _) if quote.is_none() && byte.is_ascii_whitespace() => break,
                (b'\\', Some(next)) => {
                    let decoded = match next {
                        b'n' => b'\n',
                        b't' => b'\t',
                        b'r' => b'\r',
                        b's' => b' ',
                        other => *other,
                    };
                    draft.decoded(&[decoded], at..at + 2);
                    at += 2;
                }
                (b'%' | b'$', Some(next)) if *next == byte => {
                    draft.decoded(&[byte], at..at + 2);
                    at += 2;
                }
                (b'%', Some(next)) if next.is_ascii_alphabetic() => {
                    draft.hole(at..at + 2);
                    at += 2;
                }
                (b'$', Some(b'{')) => {
                    let length = memchr::memchr(b'}', &bytes[at..]).map_or(bytes.len() - at, |end| end + 1);
                    draft.hole(at..at + length);
                    at += length;
                }
                (b'$', Some(next)) if next.is_ascii_alphabetic() || *next == b'_' => {
                    let name = bytes[at + 1..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_');
                    let length = 1 + name.count();
                    draft.hole(at..at + length);
                    at += length;
                }
                _ => {
                    draft.copy(at..at + 1);
                    at += 1;
                }
            }
        }
        words.push(Argument::new(draft.build(), &bytes[start..at]));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Span};

    #[test]
    fn words_and_their_places() {
        let text = r#"-/bin/a "x y"\x20 'q\'r' %i $$ ${A}b %% 100%"#;
        let host = Literal::plain(Span::new(FileId(0), 0, text.len()), text.as_bytes());
        let words = words(&host);
        let shown = words.iter().map(|word| String::from_utf8_lossy(word.text.text()).into_owned()).collect::<Vec<_>>();
        assert_eq!(shown, ["-/bin/a", "x yx20", "q'r", "${_}", "$", "${_}b", "%", "100%"]);
        assert_eq!(words[2].text.span(1, 2), Span::new(FileId(0), 20, 22));
    }

    #[test]
    fn lines_are_put_together() {
        let text = "[Service]\n# ExecStart=no\nExecStart=/usr/bin/postgres \\\n  # not this\n  -c a=b\nX\n";
        let host = Literal::plain(Span::new(FileId(0), 0, text.len()), text.as_bytes());
        let entries = entries(&host);
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0].1.text(), b"/usr/bin/postgres    -c a=b");
    }
}
