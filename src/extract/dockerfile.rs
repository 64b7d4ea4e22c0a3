//! Dockerfile and Containerfile: the commands that are run, the variables that are set, the image that all starts from.
//!
//! Files that are copied are files of their own, and stand for nothing here.

use std::ops::Range;

use super::shell::{self, Argument};
use super::{Draft, Found, docker_image, driver, image};
use crate::discover::{Host, Kind};
use crate::syntax::literal::Literal;

mod json;

pub(super) fn extract(text: &Literal, found: &mut Found<'_>) {
    let mut file = File { text, server: false, stages: 0 };
    let instructions = instructions(text);
    for stage in instructions.chunk_by(|_, (verb, ..)| verb != "FROM") {
        let Some((verb, _, from)) = stage.first() else { continue };
        let name = if verb == "FROM" { file.stage(from) } else { String::new() };
        found.within(&name, |found| {
            // What is set holds when a container starts, wherever it stands.
            let of = |wanted: &str| {
                let set = stage.iter().filter(|(verb, ..)| verb == wanted);
                set.flat_map(|(_, _, text)| variables(text)).collect::<Vec<_>>()
            };
            let (variables, arguments) = (of("ENV"), of("ARG"));
            for text in variables.iter().chain(&arguments).filter_map(|(_, value)| driver::conninfo(value)) {
                found.add(Kind::Conninfo, text);
            }
            docker_image::container(&variables, found);
            for (verb, start, instruction) in stage {
                file.instruction(verb, *start, instruction, found);
            }
        });
    }
}

/// An instruction's name in upper case, where its text starts, and the text: the lines without comments between them,
/// then its here-documents.
type Instruction = (String, usize, Literal);

fn instructions(text: &Literal) -> Vec<Instruction> {
    let bytes = text.text();
    let mut instructions = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let line = line_at(bytes, at);
        at = line.end;
        let content = bytes[line.clone()].trim_ascii();
        if content.is_empty() || content.starts_with(b"#") {
            continue;
        }
        let start = line.start + bytes[line.clone()].len() - bytes[line.clone()].trim_ascii_start().len();
        let mut verb = word_at(bytes, start);
        let mut rest = start + verb.len();
        if verb == "ONBUILD" {
            rest += bytes[rest..line.end].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            verb = word_at(bytes, rest);
            rest += verb.len();
        }
        let mut draft = Draft::new(text, rest);
        let mut part = rest.min(line.end)..line.end;
        loop {
            let comment = part.start > rest && bytes[part.clone()].trim_ascii_start().starts_with(b"#");
            let blank = part.start > rest && bytes[part.clone()].trim_ascii().is_empty();
            if !comment {
                draft.copy(part.clone());
            }
            let goes_on = comment || blank || bytes[part.clone()].trim_ascii_end().ends_with(b"\\");
            if !goes_on || at >= bytes.len() {
                break;
            }
            part = line_at(bytes, at);
            at = part.end;
        }
        if draft.is_empty() {
            continue;
        }
        let instruction = draft.build();
        let may_have_text = matches!(&*verb, "RUN" | "COPY" | "ADD");
        let delimiters = if may_have_text { shell::heredocs(instruction.text()) } else { Vec::new() };
        for (delimiter, tabs) in delimiters {
            while at < bytes.len() {
                let line = line_at(bytes, at);
                at = line.end;
                let text = bytes[line].trim_ascii_end();
                let text = if tabs { text.trim_ascii_start() } else { text };
                if text == delimiter {
                    break;
                }
            }
        }
        let whole = match at > part.end {
            true => {
                let mut draft = Draft::new(text, rest);
                draft.append(&instruction, 0..instruction.text().len());
                draft.copy(part.end..at.min(bytes.len()));
                draft.build()
            }
            false => instruction,
        };
        instructions.push((verb, rest, whole));
    }
    instructions
}

/// A line with its line feed.
fn line_at(bytes: &[u8], start: usize) -> Range<usize> {
    start..memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |end| start + end + 1)
}

fn word_at(bytes: &[u8], start: usize) -> String {
    let letters = bytes[start..].iter().take_while(|byte| byte.is_ascii_alphabetic());
    letters.map(|byte| byte.to_ascii_uppercase() as char).collect()
}

struct File<'t> {
    text: &'t Literal,
    /// Whether the stage is made from an image of a PostgreSQL server.
    server: bool,
    stages: u32,
}

impl File<'_> {
    /// The name of a stage that is not the first.
    fn stage(&mut self, from: &Literal) -> String {
        self.stages += 1;
        let words = shell::words(from);
        let name = words.windows(2).find(|pair| pair[0].text.text().eq_ignore_ascii_case(b"as"));
        match name {
            _ if self.stages == 1 => String::new(),
            Some(pair) => pair[1].written.clone(),
            None => format!("stage {}", self.stages),
        }
    }

    fn instruction(&mut self, verb: &str, start: usize, text: &Literal, found: &mut Found<'_>) {
        match verb {
            "FROM" => {
                let words = shell::words(text);
                let image = words.iter().find(|word| !word.text.text().starts_with(b"--"));
                self.server = image.is_some_and(|image| image::server(image.text.text()).is_some());
                if let Some(image) = image.filter(|_| self.server) {
                    image::major(&image.text, found);
                }
            }
            "RUN" | "CMD" | "ENTRYPOINT" => {
                let flags = flags(text.text());
                let text = Draft::of(text, flags..text.text().len());
                match json::strings(&text) {
                    Some(arguments) => self.command(&arguments, found),
                    None if is_script(text.text()) => {
                        let mut script = Draft::new(self.text, start);
                        script.glue(b"sh ", start);
                        script.append(&text, 0..text.text().len());
                        found.read(Host::Shell, &script.build());
                    }
                    None => found.read(Host::Shell, &text),
                }
            }
            "HEALTHCHECK" => {
                let command = flags(text.text());
                if word_at(text.text(), command) == "CMD" {
                    self.instruction("CMD", start, &Draft::of(text, command + 3..text.text().len()), found);
                }
            }
            "COPY" | "ADD" => {
                let text = Draft::of(text, flags(text.text())..text.text().len());
                let name = text.text().iter().take_while(|byte| !byte.is_ascii_whitespace()).count();
                if text.text().starts_with(b"<<") {
                    let mut script = Draft::new(self.text, start);
                    script.glue(b"cat ", start);
                    script.append(&text, 0..name);
                    script.glue(b" >", start);
                    script.append(&text, name..text.text().len());
                    found.read(Host::Shell, &script.build());
                }
            }
            _ => {}
        }
    }

    fn command(&self, arguments: &[Argument], found: &mut Found<'_>) {
        let options = arguments.first().is_some_and(|first| first.text.text().starts_with(b"-"));
        if options && self.server {
            shell::command_line(arguments, found);
        } else {
            shell::run(arguments, found);
        }
    }
}

/// Whether a here-document is all that a line has, and so is the script itself.
fn is_script(text: &[u8]) -> bool {
    let line = text.split(|&byte| byte == b'\n').next().unwrap_or_default().trim_ascii();
    line.starts_with(b"<<") && !line.iter().any(u8::is_ascii_whitespace)
}

/// The length of the blanks and options before what counts: `--mount=type=cache,target=/x`.
fn flags(text: &[u8]) -> usize {
    let mut at = 0;
    loop {
        at += text[at..].iter().take_while(|byte| byte.is_ascii_whitespace() || **byte == b'\\').count();
        if !text[at..].starts_with(b"--") {
            return at;
        }
        at += text[at..].iter().take_while(|byte| !byte.is_ascii_whitespace()).count();
    }
}

/// The variables of `ENV a=b c="d e"` and of the older `ENV a b`.
fn variables(text: &Literal) -> Vec<(Vec<u8>, Literal)> {
    let words = shell::words(text);
    match words.split_first() {
        Some((first, [value])) if first.assignment().is_none() => {
            vec![(first.text.text().to_vec(), value.text.clone())]
        }
        Some((first, rest)) if first.assignment().is_none() && !rest.is_empty() => {
            let bytes = text.text();
            let name = first.text.text().to_vec();
            let start = memchr::memmem::find(bytes, &name).map_or(0, |at| at + name.len());
            let blanks = bytes[start..].len() - bytes[start..].trim_ascii_start().len();
            vec![(name, Draft::of(text, start + blanks..bytes.trim_ascii_end().len().max(start + blanks)))]
        }
        _ => {
            words.iter().filter_map(|word| word.assignment().map(|(name, value)| (name.to_vec(), value.text))).collect()
        }
    }
}
