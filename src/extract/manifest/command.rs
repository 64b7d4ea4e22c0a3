//! Command lines in manifests: the words of one, the settings of a server in it, and the shell or psql that it starts.

use super::settings::Lines;
use crate::discover::{Host, Kind};
use crate::extract::tree::Node;
use crate::extract::{Draft, Found};
use crate::syntax::literal::{Builder, Literal};

/// What a server's command line says of its files.
#[derive(Debug, Default)]
pub(super) struct Files {
    pub(super) conf: Option<String>,
    pub(super) hba: Option<String>,
    pub(super) ident: Option<String>,
}

/// The words of a command that is written as one text or as a list.
pub(super) fn of_node(node: &Node) -> Vec<Literal> {
    match node.as_scalar() {
        Some(scalar) => words(&scalar.text),
        None => node.scalars().map(|scalar| scalar.text.clone()).collect(),
    }
}

/// Reads a command. `is_server` says that words which start with a dash are a server's even if none is named.
pub(super) fn read(words: &[Literal], is_server: bool, found: &mut Found<'_>) -> Files {
    let wrapper = |word: &&Literal| is_entrypoint(word) || word.text() == b"exec";
    let wrappers = words.iter().take_while(wrapper).count();
    let mut rest = words.get(wrappers..).unwrap_or_default();
    if let [first, _, after @ ..] = rest
        && matches!(program(first.text()), b"gosu" | b"su-exec" | b"setpriv")
    {
        rest = after;
    }
    match rest {
        [first, rest @ ..] if matches!(program(first.text()), b"postgres" | b"postmaster") => server(rest, found),
        [first, ..] if is_server && first.text().starts_with(b"-") => server(rest, found),
        [first, rest @ ..] if is_shell(program(first.text())) => {
            let script = rest.iter().skip_while(|word| !is_shell_command(word.text())).nth(1);
            if let Some(script) = script {
                found.read(Host::Shell, script);
            }
            Files::default()
        }
        [first, rest @ ..] if program(first.text()) == b"psql" => {
            psql(rest, found);
            Files::default()
        }
        _ => Files::default(),
    }
}

/// Whether the word is a script of an image that hands the words after it to the server.
pub(super) fn is_entrypoint(word: &Literal) -> bool {
    matches!(program(word.text()), b"docker-entrypoint.sh" | b"entrypoint.sh" | b"run.sh")
}

fn program(word: &[u8]) -> &[u8] {
    memchr::memrchr(b'/', word).map_or(word, |at| &word[at + 1..])
}

fn is_shell(program: &[u8]) -> bool {
    matches!(program, b"sh" | b"bash" | b"ash" | b"dash" | b"ksh" | b"zsh")
}

/// `-c`, alone or among other letters.
fn is_shell_command(word: &[u8]) -> bool {
    matches!(word, [b'-', letters @ .., b'c'] if letters.iter().all(u8::is_ascii_alphabetic))
}

/// Adds the statements that psql is given.
fn psql(words: &[Literal], found: &mut Found<'_>) {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let text = word.text();
        if matches!(text, b"-c" | b"--command") {
            if let Some(sql) = words.next() {
                found.sql(sql.clone(), None);
            }
        } else if let Some(rest) = text.strip_prefix(b"--command=") {
            found.sql(Draft::of(word, text.len() - rest.len()..text.len()), None);
        }
    }
}

/// Adds the settings among the options of `postgres` (the documentation's page of the program tells what they mean).
pub(super) fn server(words: &[Literal], found: &mut Found<'_>) -> Files {
    let mut lines = Lines::default();
    let mut files = Files::default();
    let mut whole = true;
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let text = word.text();
        if let Some(long) = text.strip_prefix(b"--") {
            if long.contains(&b'=') {
                assignment(word, 2, &mut lines, &mut files);
            }
            continue;
        }
        let Some(&[b'-', option]) = text.get(..2) else {
            whole &= !word.is_dynamic();
            if word.is_dynamic() {
                lines.unknown(word);
            }
            continue;
        };
        if !b"BcCdDfhkNoprStvWj".contains(&option) {
            for &flag in &text[1..] {
                let said = match flag {
                    b'F' => ("fsync", "off"),
                    b'i' => ("listen_addresses", "*"),
                    b'l' => ("ssl", "on"),
                    _ => continue,
                };
                let mut draft = Draft::new(word, 0);
                draft.decoded(said.1.as_bytes(), 0..text.len());
                lines.named(said.0, &draft.build());
            }
            continue;
        }
        let value = if text.len() > 2 { Some(Draft::of(word, 2..text.len())) } else { words.next().cloned() };
        let Some(value) = value else { break };
        match option {
            b'c' => assignment(&value, 0, &mut lines, &mut files),
            b'B' => lines.named("shared_buffers", &value),
            b'h' => lines.named("listen_addresses", &value),
            b'k' => lines.named("unix_socket_directories", &value),
            b'N' => lines.named("max_connections", &value),
            b'p' => lines.named("port", &value),
            b'S' => lines.named("work_mem", &value),
            _ => {}
        }
    }
    if let Some(text) = lines.build() {
        if whole { found.whole(Kind::CommandLine, text) } else { found.add(Kind::CommandLine, text) }
    }
    files
}

/// Takes `name=value`, in whose name a dash stands for an underscore (`ParseLongOption`).
fn assignment(word: &Literal, start: usize, lines: &mut Lines, files: &mut Files) {
    let text = word.text();
    let Some(equals) = memchr::memchr(b'=', text) else {
        if word.is_dynamic() {
            lines.unknown(word);
        }
        return;
    };
    let mut name = Draft::new(word, start);
    for (at, byte) in text.iter().enumerate().take(equals).skip(start) {
        match byte {
            b'-' => name.decoded(b"_", at..at + 1),
            _ => name.copy(at..at + 1),
        }
    }
    let name = name.build();
    let value = Draft::of(word, equals + 1..text.len());
    let file = match name.text() {
        b"config_file" => Some(&mut files.conf),
        b"hba_file" => Some(&mut files.hba),
        b"ident_file" => Some(&mut files.ident),
        _ => None,
    };
    if let Some(file) = file {
        *file = std::str::from_utf8(value.text()).ok().filter(|_| !value.is_dynamic()).map(str::to_owned);
    }
    lines.setting(&name, &value);
}

/// The words of a command line in one text: quotes and backslashes as shells know them, and nothing else of theirs.
pub(super) fn words(text: &Literal) -> Vec<Literal> {
    let bytes = text.text();
    let mut words = Vec::new();
    let mut word: Option<Builder> = None;
    let mut quote = None;
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        let start = text.span(at, at).start as usize;
        let new = || Literal::builder(text.file()).at(start);
        match (quote, byte) {
            (None, b' ' | b'\t' | b'\n' | b'\r') => words.extend(word.take().map(Builder::build)),
            (None, b'\'' | b'"') => {
                quote = Some(byte);
                word.get_or_insert_with(new);
            }
            (Some(open), _) if byte == open => quote = None,
            (None, b'\\') | (Some(b'"'), b'\\')
                if quote.is_none() || matches!(bytes.get(at + 1), Some(b'"' | b'\\' | b'$' | b'`' | b'\n')) =>
            {
                at += 1;
                match bytes.get(at) {
                    // A line that goes on.
                    None | Some(b'\n') => {}
                    Some(_) => word.get_or_insert_with(new).append(text, at..at + 1),
                }
            }
            _ => {
                let hole = text.holes_in(at, at + 1).next();
                let end = hole.map_or(at + 1, |hole| hole.end);
                word.get_or_insert_with(new).append(text, at..end);
                at = end - 1;
            }
        }
        at += 1;
    }
    words.extend(word.map(Builder::build));
    words
}

#[cfg(test)]
mod tests {
    use camino::Utf8Path;

    use super::*;
    use crate::source::{FileId, Span};

    fn literal(text: &str) -> Literal {
        Literal::plain(Span::new(FileId(0), 0, text.len()), text.as_bytes())
    }

    #[test]
    fn words_lose_their_quotes() {
        let said = words(&literal("postgres -c 'a=b c' \"d\\\"e\" f\\ g ''"));
        let texts = said.iter().map(|word| std::str::from_utf8(word.text()).unwrap()).collect::<Vec<_>>();
        assert_eq!(texts, ["postgres", "-c", "a=b c", "d\"e", "f g", ""]);
        assert_eq!(said[2].span(2, 3), Span::new(FileId(0), 15, 16));
    }

    #[test]
    fn options_of_the_server_are_settings() {
        let lines = |text: &str| {
            let mut found = Found::new(Utf8Path::new("x"));
            read(&words(&literal(text)), true, &mut found);
            found
                .joined()
                .iter()
                .map(|fragment| String::from_utf8_lossy(fragment.text.text()).into_owned())
                .collect::<String>()
        };
        assert_eq!(
            lines("postgres -c fsync=off -cwork-mem=4MB --log_line_prefix='%m it''s'"),
            "fsync = off\nwork_mem = 4MB\nlog_line_prefix = '%m its'\n"
        );
        assert_eq!(
            lines("-N 20 -h0.0.0.0 -F -D /x"),
            "max_connections = 20\nlisten_addresses = '0.0.0.0'\nfsync = off\n"
        );
        assert_eq!(lines("/bin/true -c fsync=off"), "");
        assert_eq!(
            lines("docker-entrypoint.sh postgres -c archive_command=\"cp %p 'x'\""),
            "archive_command = 'cp %p ''x'''\n"
        );
    }
}
