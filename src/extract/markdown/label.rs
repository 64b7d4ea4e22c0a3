//! The info string of a code block: its language, and the file it may name.

use crate::discover::{Host, Kind, by_name};
use crate::extract::Draft;
use crate::syntax::literal::Literal;

/// What a block is in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Language {
    /// It is not said.
    #[default]
    Unknown,
    /// SQL, perhaps as a session of psql.
    Sql,
    /// Configuration of some program.
    Config,
    /// A language of its own extractor.
    Host(Host),
    /// One that holds nothing of PostgreSQL's.
    Other,
}

/// The language of a block and the file that it shows.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Label {
    pub(super) language: Language,
    pub(super) file: Option<Kind>,
}

/// Names of languages beside those of hosts and the endings of their files.
const ALIASES: &[(&str, Language)] = &[
    ("sql", Language::Sql),
    ("pgsql", Language::Sql),
    ("postgres", Language::Sql),
    ("postgresql", Language::Sql),
    ("plpgsql", Language::Sql),
    ("psql", Language::Sql),
    ("postgres-console", Language::Sql),
    ("ini", Language::Config),
    ("conf", Language::Config),
    ("config", Language::Config),
    ("cfg", Language::Config),
    ("properties", Language::Config),
    ("apacheconf", Language::Config),
    ("text", Language::Unknown),
    ("txt", Language::Unknown),
    ("plain", Language::Unknown),
    ("plaintext", Language::Unknown),
    ("none", Language::Unknown),
    ("console", Language::Host(Host::Shell)),
    ("shell-session", Language::Host(Host::Shell)),
    ("sh-session", Language::Host(Host::Shell)),
    ("terminal", Language::Host(Host::Shell)),
    ("shellscript", Language::Host(Host::Shell)),
    ("node", Language::Host(Host::JavaScript)),
    ("golang", Language::Host(Host::Go)),
    ("c#", Language::Host(Host::CSharp)),
    ("hcl", Language::Host(Host::Terraform)),
    ("docker", Language::Host(Host::Dockerfile)),
    ("dotenv", Language::Host(Host::Env)),
    ("jsonc", Language::Host(Host::Json)),
    ("json5", Language::Host(Host::Json)),
];

impl Label {
    /// Reads `sql`, `{.sql}`, `ini title="postgresql.conf"`, `bash:setup.sh` and their like.
    pub(super) fn read(info: &str) -> Self {
        let ends = |c: char| {
            c.is_whitespace() || matches!(c, '{' | '}' | '=' | '"' | '\'' | ':' | ',' | '[' | ']' | '(' | ')')
        };
        let mut words = info.split(ends).filter(|word| !word.is_empty()).peekable();
        let first = words.peek().map_or("", |word| word.trim_start_matches('.')).to_ascii_lowercase();
        let mut file = info.split(ends).filter_map(|word| by_name(word.rsplit('/').next().unwrap_or(word)));
        let file = file.rfind(|kind| !matches!(kind, Kind::Host(_) | Kind::PgVersion));
        Self { language: language(&first, file.is_some()), file }
    }
}

fn language(word: &str, is_file: bool) -> Language {
    let alias = ALIASES.iter().find(|(name, _)| *name == word).map(|(_, language)| *language);
    let host = || Host::all().find(|host| host.name() == word).or_else(|| Host::of_ending(word)).map(Language::Host);
    match alias.or_else(host) {
        Some(language) => language,
        None if word.is_empty() => Language::Unknown,
        // The name of the file stands where the language would.
        None if is_file => Language::Config,
        None => Language::Other,
    }
}

/// A session without its prompts `$` and `#`: only the lines that were typed, if there are prompts.
pub(super) fn without_prompts(text: &Literal) -> Literal {
    let bytes = text.text();
    let prompt = |line: &[u8]| {
        let blanks = line.len() - line.trim_ascii_start().len();
        line.get(blanks..).filter(|rest| rest.starts_with(b"$ ")).map(|_| blanks + 2)
    };
    if !bytes.split(|&byte| byte == b'\n').any(|line| prompt(line).is_some()) {
        return text.clone();
    }
    let mut draft = Draft::new(text, 0);
    let (mut at, mut continued) = (0, false);
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        let skip = prompt(line);
        if let Some(from) = skip.or(continued.then_some(0)) {
            draft.copy(at + from..at + line.len());
            continued = line.trim_ascii_end().ends_with(b"\\");
        }
        at += line.len();
    }
    draft.build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_info_strings() {
        for (info, language, file) in [
            ("", Language::Unknown, None),
            ("sql", Language::Sql, None),
            ("SQL", Language::Sql, None),
            ("{.sql .numberLines}", Language::Sql, None),
            ("ini title=\"postgresql.conf\"", Language::Config, Some(Kind::PostgresqlConf)),
            ("conf:/etc/postgresql/pg_hba.conf", Language::Config, Some(Kind::PgHba)),
            ("pg_hba.conf", Language::Config, Some(Kind::PgHba)),
            ("bash", Language::Host(Host::Shell), None),
            ("exs", Language::Host(Host::Elixir), None),
            ("yml", Language::Host(Host::Yaml), None),
            ("mermaid", Language::Other, None),
        ] {
            assert_eq!(Label::read(info), Label { language, file }, "{info}");
        }
    }
}
