//! Which majors a node is for: what the user says, else what the files give away, else all.

use camino::Utf8Path;

use crate::catalog::{self, Majors, NEWEST, OLDEST};
use crate::model::settings::Settings;
use crate::source::{SourceMap, Span};

/// The majors a node is judged for, and why.
#[derive(Debug, Clone, Default)]
pub struct Targets {
    /// What every rule is judged for.
    pub majors: Majors,
    /// The same without the evidence of the settings themselves: what rules about the settings' majors are judged
    /// for, since a removed setting is no proof of an old server.
    pub without_settings: Majors,
    /// What was seen, strongest first.
    pub evidence: Vec<Evidence>,
    /// Whether the user named the majors.
    pub said: bool,
    /// The release of the only major, where a manifest names it: major and minor.
    pub release: Option<(u8, u16)>,
}

/// Something that gives a major away.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// The majors it allows.
    pub majors: Majors,
    /// What it is, in words: "the folder `/etc/postgresql/16`".
    pub what: String,
    /// Where it stands, if in a file.
    pub span: Option<Span>,
}

impl Targets {
    /// What the user said: there is no other evidence.
    #[must_use]
    pub fn said(majors: Majors) -> Self {
        Self { majors, without_settings: majors, evidence: Vec::new(), said: true, release: None }
    }

    /// Weighs the evidence: each piece narrows what the stronger ones before it allow, unless it contradicts them.
    #[must_use]
    pub fn weigh(firm: Vec<Evidence>, of_settings: Vec<Evidence>) -> Self {
        let narrow = |start: Majors, evidence: &[Evidence]| {
            evidence.iter().fold(start, |majors, piece| {
                let both = majors & piece.majors;
                if both.is_empty() { majors } else { both }
            })
        };
        // Of what the evidence leaves open, majors that were not held against servers are judged only where nothing else
        // is left.
        let open = narrow(Majors::ALL, &firm);
        let without_settings = open.settled();
        // Settings that contradict each other prove nothing.
        let common = of_settings.iter().fold(open, |majors, piece| majors & piece.majors);
        let majors = if common.is_empty() { without_settings } else { common.settled() };
        Self {
            majors,
            without_settings,
            evidence: firm.into_iter().chain(of_settings).collect(),
            said: false,
            release: None,
        }
    }
}

/// What PG_VERSION says.
#[must_use]
pub fn of_pg_version(bytes: &[u8]) -> Option<Evidence> {
    let text = std::str::from_utf8(bytes).ok()?.trim();
    let major = major(text)?;
    Some(Evidence { majors: Majors::only(major), what: format!("PG_VERSION says {text}"), span: None })
}

/// What the tag of an image or the like says.
pub(crate) fn of_image(bytes: &[u8]) -> Option<Evidence> {
    let text = std::str::from_utf8(bytes).ok()?.trim();
    Some(Evidence { majors: Majors::only(major(text)?), what: format!("the manifest says {text}"), span: None })
}

/// The release that such a tag names, where it names a minor one: `16.4`.
pub(crate) fn release_of_image(bytes: &[u8]) -> Option<(u8, u16)> {
    let text = std::str::from_utf8(bytes).ok()?.trim();
    let (_, minor) = text.split_once('.')?;
    Some((major(text).filter(|&major| major > 9)?, minor.parse().ok()?))
}

/// What a version number follows in the names of folders and files.
const PREFIXES: &[&str] = &[
    "postgresql.conf-",
    "postgresql.conf.",
    "postgresql-",
    "postgresql_",
    "postgres-",
    "postgres_",
    "pg_hba.conf-",
    "pg_hba-",
    "pgsql-",
    "pg-",
    "pg_",
    "pg",
];

/// What a path gives away: `/etc/postgresql/16/main`, `pgsql-15/data`, `postgresql-14.conf`, `postgresql.conf-13.j2`.
#[must_use]
pub fn of_path(path: &Utf8Path) -> Option<Evidence> {
    let parts = path.components().map(|part| part.as_str()).collect::<Vec<_>>();
    for (index, part) in parts.iter().enumerate().rev() {
        let is_file = index + 1 == parts.len();
        let lower = part.to_ascii_lowercase();
        let versioned = PREFIXES.iter().filter_map(|prefix| lower.strip_prefix(prefix)).find_map(leading_major);
        let after_name = index > 0
            && matches!(parts[index - 1].to_ascii_lowercase().as_str(), "postgresql" | "postgres" | "pgsql" | "pg")
            && !is_file;
        let plain = if after_name { whole_major(&lower) } else { None };
        if let Some(major) = plain.or(versioned) {
            let what = format!("the {} `{part}`", if is_file { "file name" } else { "folder" });
            return Some(Evidence { majors: Majors::only(major), what, span: None });
        }
    }
    None
}

/// What a stock sample gives away: most of its settings are commented out, and each major's sample adds and drops names.
#[must_use]
pub fn of_sample(bytes: &[u8]) -> Option<Evidence> {
    let (mut majors, mut known) = (Majors::ALL, 0);
    for line in bytes.split(|&byte| byte == b'\n') {
        let Some(rest) = line.strip_prefix(b"#") else { continue };
        let end = rest.iter().position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_').unwrap_or(rest.len());
        let followed = rest[end..].trim_ascii_start().starts_with(b"=");
        let Some(setting) =
            std::str::from_utf8(&rest[..end]).ok().filter(|_| end > 0 && followed).and_then(catalog::setting)
        else {
            continue;
        };
        known += 1;
        majors = majors & setting.majors();
    }
    // The stock samples hold more than two hundred; a hundred is no list of a few favourites.
    (known >= 100 && !majors.is_empty() && majors != Majors::ALL).then(|| Evidence {
        majors,
        what: format!("the commented-out settings of the file are those of {majors}"),
        span: None,
    })
}

/// What the settings in use give away: the major that first has them all. One that newer majors lack proves nothing, as
/// files outlive the servers they were written for; neither does one that a template may leave out.
#[must_use]
pub fn of_settings(settings: &Settings, sources: &SourceMap) -> Vec<Evidence> {
    let there = settings.definitions.iter().filter(|definition| !definition.conditional);
    let known = there.filter_map(|definition| Some((definition, definition.setting?)));
    let since = known.filter_map(|(definition, setting)| Some((definition, setting, setting.majors().first()?)));
    since
        .filter(|(_, setting, first)| setting.library.is_none() && *first > OLDEST)
        .map(|(definition, _, first)| Evidence {
            majors: Majors::since(first),
            what: format!("`{}` came with {first}", String::from_utf8_lossy(sources.bytes(definition.written))),
            span: Some(definition.written),
        })
        .collect()
}

/// What the header of a stock pg_hba.conf gives away.
#[must_use]
pub fn of_hba_header(bytes: &[u8]) -> Option<Evidence> {
    let head = &bytes[..bytes.len().min(8192)];
    let has = |text: &str| memchr::memmem::find(head, text.as_bytes()).is_some();
    if !has("# PostgreSQL Client Authentication Configuration File") {
        return None;
    }
    let majors = if has("\"oauth\"") {
        Majors::since(18)
    } else if has("include_if_exists") {
        Majors::range(16, 17)
    } else if has("hostgssenc") {
        Majors::range(12, 15)
    } else if has("\"scram-sha-256\"") {
        Majors::range(10, 11)
    } else {
        return None;
    };
    Some(Evidence { majors, what: format!("the file's header is that of {majors}"), span: None })
}

/// The major that a whole word names: `16`, `16.4`, `9.6` (judged as the oldest major known).
fn whole_major(word: &str) -> Option<u8> {
    word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.').then(|| major(word)).flatten()
}

/// The major that a word starts with, where something other than a letter follows.
fn leading_major(word: &str) -> Option<u8> {
    let end = word.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(word.len());
    let next = word[end..].chars().next();
    let number = &word[..end];
    let glued = next.is_some_and(char::is_alphanumeric) && !number.ends_with('.');
    if glued { None } else { major(number.trim_end_matches('.')) }
}

fn major(version: &str) -> Option<u8> {
    let mut numbers = version.split('.');
    let first = numbers.next()?;
    if first.len() > 2 || first.starts_with('0') {
        return None;
    }
    match first.parse::<u8>().ok()? {
        8 | 9 => numbers.next().map(|_| OLDEST),
        major @ OLDEST..=NEWEST => Some(major),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        for (path, expected) in [
            ("etc/postgresql/16/main/postgresql.conf", Some(16)),
            ("templates/postgresql.conf-15.j2", Some(15)),
            ("conf/postgresql-14.conf", Some(14)),
            ("var/lib/pgsql-13/data/postgresql.conf", Some(13)),
            ("pg12/pg_hba.conf", Some(12)),
            ("var/lib/pgsql/9.6/data/postgresql.conf", Some(10)),
            ("a/2024/postgresql.conf", None),
            ("16/postgresql.conf", None),
            ("app-17/postgresql.conf", None),
            ("pg/x86/postgresql.conf", None),
            ("postgresql.conf", None),
            ("postgresql/postgresql.conf", None),
            ("postgresql/99/postgresql.conf", None),
            ("pg16a/postgresql.conf", None),
        ] {
            let found = of_path(Utf8Path::new(path)).and_then(|evidence| evidence.majors.first());
            assert_eq!(found, expected, "{path}");
        }
    }

    #[test]
    fn evidence_narrows_unless_it_contradicts() {
        let piece = |majors| Evidence { majors, what: String::new(), span: None };
        let weighed = Targets::weigh(vec![piece(Majors::only(16)), piece(Majors::until(12))], Vec::new());
        assert_eq!(weighed.majors, Majors::only(16));
        let weighed = Targets::weigh(Vec::new(), vec![piece(Majors::until(12)), piece(Majors::since(11))]);
        assert_eq!((weighed.majors, weighed.without_settings), (Majors::range(11, 12), Majors::HELD));
        let weighed = Targets::weigh(Vec::new(), vec![piece(Majors::until(12)), piece(Majors::since(13))]);
        assert_eq!(weighed.majors, Majors::HELD);
    }

    #[test]
    fn a_major_that_was_not_held_takes_evidence_of_its_own() {
        let piece = |majors| Evidence { majors, what: String::new(), span: None };
        let firm = |majors| Targets::weigh(vec![piece(majors)], Vec::new());
        assert_eq!(firm(Majors::since(18)).majors, Majors::only(18));
        assert_eq!(firm(Majors::only(19)).majors, Majors::only(19));
        let settings = |firm: &[Majors], of: Majors| {
            let weighed = Targets::weigh(firm.iter().copied().map(piece).collect(), vec![piece(of)]);
            (weighed.majors, weighed.without_settings)
        };
        assert_eq!(settings(&[], Majors::since(19)), (Majors::only(19), Majors::HELD));
        assert_eq!(settings(&[], Majors::since(18)), (Majors::only(18), Majors::HELD));
        assert_eq!(settings(&[Majors::only(18)], Majors::since(19)), (Majors::only(18), Majors::only(18)));
        assert_eq!(settings(&[Majors::since(18)], Majors::since(19)), (Majors::only(19), Majors::only(18)));
        assert_eq!(of_pg_version(b"19\n").unwrap().majors, Majors::only(19));
        assert!(of_pg_version(b"20\n").is_none());
    }
}
