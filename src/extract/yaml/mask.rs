//! Templates of YAML: tags of Helm, Jinja and ERB are covered, byte for byte, so that what is left is YAML.
//!
//! A tag inside of a line becomes a word. A line of nothing but tags becomes a comment, or a line of the block scalar
//! around it. What was covered is remembered: it is a hole in every value that it touches.

use std::ops::Range;

use crate::syntax::template;

/// The byte that covers a tag; a plain scalar may be made of it.
const COVER: u8 = b'x';

/// A text that a YAML parser can read.
#[derive(Debug)]
pub(super) struct Masked {
    /// As long as the original; UTF-8, with bytes that were not covered too.
    pub(super) text: String,
    /// What was covered, in order.
    pub(super) tags: Vec<Range<usize>>,
    /// Whether there are lines that steer a template, so that entries may be conditional.
    pub(super) steered: bool,
}

/// Covers the tags of a text.
pub(super) fn mask(bytes: &[u8]) -> Masked {
    let mut text = bytes.to_vec();
    let tags = covered(bytes);
    for tag in &tags {
        let first_line = tag.start + bytes[tag.clone()].iter().take_while(|&&byte| byte != b'\n').count();
        text[tag.start..first_line].fill(COVER);
        for byte in text[first_line..tag.end].iter_mut().filter(|byte| !matches!(byte, b'\n' | b'\r')) {
            *byte = b' ';
        }
    }
    let steered = if tags.is_empty() { false } else { cover_lines(&mut text, bytes, &tags) };
    // An editor that speaks another encoding left bytes that YAML has no characters for; they stay in values.
    let text = String::from_utf8(text).unwrap_or_else(|error| only_text(error.into_bytes()));
    Masked { text, tags, steered }
}

/// The parts that are covered: tags, each with the dollar before it in `${{ }}`, and what stands under a condition on
/// PostgreSQL's version, which is right for some majors only.
fn covered(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut covered = Vec::<Range<usize>>::new();
    // Where each block that is open starts, and whether its condition is about the version.
    let mut open: Vec<(usize, bool)> = Vec::new();
    for mut tag in template::tags(bytes) {
        if bytes[tag.start] == b'{' && tag.start.checked_sub(1).is_some_and(|before| bytes[before] == b'$') {
            tag.start -= 1;
        }
        let inner = &bytes[tag.clone()];
        let steers = matches!(inner, [b'{', b'%', ..]) || matches!(inner, [b'<', b'%', next, ..] if *next != b'=');
        let word = inner.iter().position(u8::is_ascii_alphabetic).map_or(&inner[..0], |at| {
            let length = inner[at..].iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
            &inner[at..at + length]
        });
        match word {
            b"if" | b"unless" | b"for" | b"range" | b"with" | b"define" | b"block" | b"macro" => {
                open.push((tag.start, is_of_version(inner)));
            }
            b"elif" | b"elsif" | b"else" => {
                if let Some((_, versioned)) = open.last_mut() {
                    *versioned |= is_of_version(inner);
                }
            }
            _ if word.starts_with(b"end") && (steers || word == b"end") => {
                if let Some((start, true)) = open.pop() {
                    covered.truncate(covered.partition_point(|other| other.end <= start));
                    tag.start = start;
                }
            }
            _ => {}
        }
        covered.push(tag);
    }
    covered
}

/// Whether a condition asks for PostgreSQL's version. That of Kubernetes decides about whole manifests.
fn is_of_version(tag: &[u8]) -> bool {
    let tag = tag.to_ascii_lowercase();
    let has = |word: &[u8]| memchr::memmem::find(&tag, word).is_some();
    has(b"version") && (has(b"pg") || has(b"postgres")) && !has(b"kube") && !has(b"capabilities")
}

fn only_text(mut bytes: Vec<u8>) -> String {
    loop {
        match String::from_utf8(bytes) {
            Ok(text) => return text,
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let rest = error.as_bytes().len() - at;
                let length = error.utf8_error().error_len().unwrap_or(rest).clamp(1, rest);
                bytes = error.into_bytes();
                bytes[at..at + length].fill(COVER);
            }
        }
    }
}

/// A block scalar that the lines being read may belong to.
struct Block {
    /// Its lines are indented further than this.
    parent: usize,
    /// How far they are, once one was read.
    indent: Option<usize>,
}

/// Covers the lines that are nothing but tags. Says whether one of them steers.
fn cover_lines(text: &mut [u8], original: &[u8], tags: &[Range<usize>]) -> bool {
    let mut steered = false;
    let mut block: Option<Block> = None;
    // Lines of tags whose place the next line of text decides.
    let mut waiting: Vec<Range<usize>> = Vec::new();
    let mut next_tag = 0;
    let mut start = 0;
    while start < text.len() {
        let end = memchr::memchr(b'\n', &text[start..]).map_or(text.len(), |at| start + at);
        let line = start..end;
        start = end + 1;
        while tags.get(next_tag).is_some_and(|tag| tag.end <= line.start) {
            next_tag += 1;
        }
        if text[line.clone()].trim_ascii().is_empty() {
            continue;
        }
        if is_only_tags(original, &line, &tags[next_tag..]) {
            steered |= template::is_control_line(&original[line.clone()]);
            waiting.push(line);
            continue;
        }
        let indent = indentation(&text[line.clone()]);
        let inside = block.as_mut().filter(|block| indent > block.parent && block.indent.is_none_or(|of| indent >= of));
        let of_block = inside.map(|block| *block.indent.get_or_insert(indent));
        for line in waiting.drain(..) {
            cover_line(&mut text[line], of_block);
        }
        if of_block.is_none() {
            block = opens_block(&text[line]).map(|parent| Block { parent, indent: None });
        }
    }
    for line in waiting {
        cover_line(&mut text[line], None);
    }
    steered
}

/// Whether the line has nothing but blanks and a comment at its end outside of the tags, of which the first may have
/// started before it.
fn is_only_tags(original: &[u8], line: &Range<usize>, tags: &[Range<usize>]) -> bool {
    let mut at = line.start;
    let mut any = false;
    for tag in tags.iter().take_while(|tag| tag.start < line.end) {
        if !original[at..tag.start.max(at)].trim_ascii().is_empty() {
            return false;
        }
        any = true;
        at = tag.end.min(line.end).max(at);
    }
    any && matches!(original[at..line.end].trim_ascii().first(), None | Some(b'#'))
}

/// Makes a line of tags a line of the block scalar that is indented so far, or a comment.
fn cover_line(line: &mut [u8], of_block: Option<usize>) {
    let end = line.strip_suffix(b"\r").map_or(line.len(), <[u8]>::len);
    let line = &mut line[..end];
    match of_block {
        Some(indent) => {
            let indent = indent.min(line.len());
            line[..indent].fill(b' ');
            line[indent..].fill(COVER);
        }
        None => {
            let blank = indentation(line).min(line.len().saturating_sub(1));
            line[blank..].fill(b' ');
            line[blank] = b'#';
        }
    }
}

fn indentation(line: &[u8]) -> usize {
    line.iter().take_while(|&&byte| byte == b' ').count()
}

/// If a block scalar starts at the end of the line, the column of what holds it.
fn opens_block(line: &[u8]) -> Option<usize> {
    let comment = memchr::memmem::find(line, b" #").unwrap_or(line.len());
    let line = line[..comment].trim_ascii_end();
    let header = line.iter().rposition(|byte| matches!(byte, b' ' | b'\t')).map(|at| &line[at + 1..])?;
    let is_header =
        matches!(header, [b'|' | b'>', rest @ ..] if rest.iter().all(|byte| b"+-0123456789".contains(byte)));
    let before = line[..line.len() - header.len()].trim_ascii();
    let holds = before.ends_with(b":") || before.ends_with(b"-") || memchr::memchr2(b'!', b'&', before).is_some();
    let mut column = indentation(line);
    while line[column..].starts_with(b"- ") && line[column + 2..].trim_ascii() != header {
        column += 2 + indentation(&line[column + 2..]);
    }
    (is_header && holds).then_some(column)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str) -> String {
        let masked = mask(text.as_bytes());
        assert_eq!(masked.text.len(), text.len());
        masked.text
    }

    #[test]
    fn tags_become_words_comments_and_lines() {
        assert_eq!(masked("a: {{ b }}-c\n"), "a: xxxxxxx-c\n");
        assert_eq!(masked("a:\n  {{- if b }}\n  c: d\n  {{- end }}\n"), "a:\n  #          \n  c: d\n  #         \n");
        assert_eq!(
            masked("a: |\n  b\n{{ if c }}\n  d\n{{ end }}\ne: f\n"),
            "a: |\n  b\n  xxxxxxxx\n  d\n#        \ne: f\n"
        );
        assert_eq!(masked("- a: |-\n{{ if c }}\n    d\n"), "- a: |-\n    xxxxxx\n    d\n");
        assert_eq!(masked("a: |\n  {{ if c }}\r\n  b\r\n"), "a: |\n  xxxxxxxxxx\r\n  b\r\n");
        assert_eq!(masked("a:\n  {% else %}  # b\n  c: d\n"), "a:\n  #              \n  c: d\n");
        assert_eq!(masked("{% set a = [\n 'x'\n] %}\nb: c\n"), "#           \n    \n    \nb: c\n");
        assert_eq!(masked("a: '<%m [%p] '\nb: <%= c %>\n"), "a: '<%m [%p] '\nb: xxxxxxxx\n");
    }

    #[test]
    fn what_a_version_decides_is_covered() {
        assert_eq!(
            masked("a: b\n{% if pg_version >= 13 %}\nc: d\n{% else %}\ne: f\n{% endif %}\ng: h\n"),
            "a: b\n#                        \n    \n          \n    \n           \ng: h\n"
        );
        assert_eq!(masked("{% if x %}\na: b\n{% endif %}\n"), "#         \na: b\n#          \n");
        assert_eq!(masked("a: ${{ b }}\n"), "a: xxxxxxxx\n");
    }

    #[test]
    fn bytes_that_are_no_text_are_covered() {
        assert_eq!(mask(b"a: \xe4\xff\nb: \xc3\xa4\xe2\x82").text, "a: xx\nb: \u{e4}xx");
    }
}
