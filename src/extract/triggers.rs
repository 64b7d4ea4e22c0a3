//! Whether a text may hold anything of PostgreSQL's at all, told by one scan for words, before it is parsed.

use std::sync::OnceLock;

use aho_corasick::AhoCorasick;

use crate::syntax::sql::scanner;

/// Words that tell by themselves.
const SURE: &[&str] = &[
    "postgres",
    "psql",
    "pg_",
    "pghost",
    "pgpass",
    "pgsslmode",
    "pgservice",
    "sslmode",
    "conninfo",
    "wal_level",
    "repmgr",
    "session_replication_role",
    "_replication_slot",
    "replica identity",
    "security definer",
    "row level security",
    "timescaledb",
    "postgis",
    "pgvector",
];

/// First words of statements, each with the words of which one follows.
const VERBS: &[(&str, &[&str])] = &[
    ("create", OBJECTS),
    ("alter", OBJECTS),
    ("drop", &["subscription", "publication", "role", "user"]),
    (
        "grant",
        &[
            "select",
            "insert",
            "update",
            "delete",
            "truncate",
            "references",
            "trigger",
            "usage",
            "create",
            "connect",
            "temporary",
            "temp",
            "execute",
            "all",
            "maintain",
        ],
    ),
    ("revoke", &["select", "insert", "usage", "create", "connect", "execute", "all", "temporary", "temp"]),
];

const OBJECTS: &[&str] = &[
    "subscription",
    "publication",
    "role",
    "user",
    "group",
    "system",
    "server",
    "extension",
    "policy",
    "default",
    "database",
];

fn automaton() -> Option<&'static AhoCorasick> {
    static AUTOMATON: OnceLock<Option<AhoCorasick>> = OnceLock::new();
    AUTOMATON.get_or_init(|| scanner(SURE.iter().chain(VERBS.iter().map(|(verb, _)| verb)).copied())).as_ref()
}

/// Whether the text is worth a closer look. Wrong only in saying yes.
pub(super) fn any(text: &[u8]) -> bool {
    let Some(automaton) = automaton() else { return true };
    automaton.find_iter(text).any(|found| {
        let verb = found.pattern().as_usize().checked_sub(SURE.len()).and_then(|index| VERBS.get(index));
        verb.is_none_or(|(_, objects)| follows(text.get(found.end()..).unwrap_or_default(), objects))
    })
}

/// Whether one of the words comes next, after blanks, or quotes and signs where a string is put together.
fn follows(text: &[u8], words: &[&str]) -> bool {
    const WIDEST: usize = 48;
    let gap = text.iter().take(WIDEST).take_while(|byte| !byte.is_ascii_alphanumeric() && **byte != b'_').count();
    let rest = text.get(gap..).unwrap_or_default();
    // The letter of an escaped line break stands before the word.
    let starts = |text: &[u8]| {
        words.iter().any(|word| text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes())))
    };
    gap > 0 && (starts(rest) || rest.first() == Some(&b'n') && starts(rest.get(1..).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_and_names_are_told_from_prose() {
        for text in [
            "CREATE SUBSCRIPTION s",
            "create\n  publication p",
            "\"ALTER \" + \"ROLE x\"",
            "CREATE\\nROLE x",
            "GRANT SELECT ON t TO u",
            "image: postgres:16",
            "PGPASSWORD=x",
            "echo '*:*:*:*:x' > ~/.pgpass",
            "host=a sslmode=disable",
        ] {
            assert!(any(text.as_bytes()), "{text}");
        }
        for text in ["created roles", "we create a new user", "grant_type=password", "drop database", "recreate it", ""]
        {
            assert!(!any(text.as_bytes()), "{text}");
        }
    }
}
