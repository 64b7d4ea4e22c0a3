//! Command lines in manifests: the words of one, and the files that a server's names. What a command does is told by
//! `shell`.

use crate::extract::shell::{self, Argument};
use crate::extract::tree::Node;
use crate::extract::{Draft, Found};
use crate::syntax::literal::Literal;

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
        rest => {
            shell::run(&arguments(rest), found);
            Files::default()
        }
    }
}

fn arguments(words: &[Literal]) -> Vec<Argument> {
    words.iter().map(|word| Argument::new(word.clone(), word.text())).collect()
}

/// Whether the word is a script of an image that hands the words after it to the server.
pub(super) fn is_entrypoint(word: &Literal) -> bool {
    matches!(program(word.text()), b"docker-entrypoint.sh" | b"entrypoint.sh" | b"run.sh")
}

fn program(word: &[u8]) -> &[u8] {
    memchr::memrchr(b'/', word).map_or(word, |at| &word[at + 1..])
}

/// Reads the options of a server, and gives the files that they name.
pub(super) fn server(words: &[Literal], found: &mut Found<'_>) -> Files {
    shell::command_line(&arguments(words), found);
    let mut files = Files::default();
    for word in words.iter().filter(|word| !word.is_dynamic()) {
        let Ok(text) = std::str::from_utf8(word.text()) else { continue };
        let setting = text.strip_prefix("--").or_else(|| text.strip_prefix("-c")).unwrap_or(text);
        let Some((name, path)) = setting.split_once('=') else { continue };
        let file = match name {
            "config_file" | "config-file" => &mut files.conf,
            "hba_file" | "hba-file" => &mut files.hba,
            "ident_file" | "ident-file" => &mut files.ident,
            _ => continue,
        };
        *file = Some(path.to_owned());
    }
    files
}

/// The words of a command line in one text: quotes and backslashes as shells know them, and nothing else of theirs.
pub(super) fn words(text: &Literal) -> Vec<Literal> {
    let bytes = text.text();
    let mut words = Vec::new();
    let mut word: Option<Draft<'_>> = None;
    let mut quote = None;
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        let start = at;
        let new = || Draft::new(text, start);
        match (quote, byte) {
            (None, b' ' | b'\t' | b'\n' | b'\r') => words.extend(word.take().map(Draft::build)),
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
                    Some(_) => word.get_or_insert_with(new).copy(at..at + 1),
                }
            }
            _ => {
                let hole = text.holes_in(at, at + 1).next();
                let end = hole.map_or(at + 1, |hole| hole.end);
                word.get_or_insert_with(new).copy(at..end);
                at = end - 1;
            }
        }
        at += 1;
    }
    words.extend(word.map(Draft::build));
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
            "fsync = 'off'\nwork_mem = '4MB'\nlog_line_prefix = '%m its'\n"
        );
        assert_eq!(
            lines("-N 20 -h0.0.0.0 -F -D /x"),
            "max_connections = '20'\nlisten_addresses = '0.0.0.0'\nfsync = 'off'\n"
        );
        assert_eq!(lines("/bin/true -c fsync=off"), "");
        assert_eq!(
            lines("docker-entrypoint.sh postgres -c archive_command=\"cp %p 'x'\""),
            "archive_command = 'cp %p ''x'''\n"
        );
    }
}
