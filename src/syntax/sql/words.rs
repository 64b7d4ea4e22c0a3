//! Which statements are of interest, told before any of them is parsed.
//!
//! One scan over the file tells whether any word that matters occurs at all; then the first words of each statement
//! tell its subject, and only queries and bodies are scanned for words of their own.

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::split::HEAD;

/// Classes of words, as a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Words(u32);

impl Words {
    /// `subscription`.
    pub(crate) const SUBSCRIPTION: Self = Self(1);
    /// `publication`.
    pub(crate) const PUBLICATION: Self = Self(1 << 1);
    /// `role`, `user`, `group`.
    pub(crate) const ROLE: Self = Self(1 << 2);
    /// `grant`, `revoke`.
    pub(crate) const GRANT: Self = Self(1 << 3);
    /// `system`.
    pub(crate) const SYSTEM: Self = Self(1 << 4);
    /// `database`.
    pub(crate) const DATABASE: Self = Self(1 << 5);
    /// `server`.
    pub(crate) const SERVER: Self = Self(1 << 6);
    /// `extension`.
    pub(crate) const EXTENSION: Self = Self(1 << 7);
    /// `security` (definer or a policy's row level security).
    pub(crate) const SECURITY: Self = Self(1 << 8);
    /// `policy`.
    pub(crate) const POLICY: Self = Self(1 << 9);
    /// `replica identity`.
    pub(crate) const IDENTITY: Self = Self(1 << 10);
    /// A function that makes, copies or drops a replication slot.
    pub(crate) const SLOT: Self = Self(1 << 11);
    /// `session_replication_role`.
    pub(crate) const REPLICA_ROLE: Self = Self(1 << 12);
    /// Names of the system catalogue, and functions and statements that name settings.
    pub(crate) const CATALOG: Self = Self(1 << 13);
    /// Procedural languages that are not trusted, and `handler`, by which they are made.
    pub(crate) const LANGUAGE: Self = Self(1 << 14);
    /// `program`, and functions that reach the server's files.
    pub(crate) const FILE: Self = Self(1 << 15);
    /// `copy`.
    pub(crate) const COPY: Self = Self(1 << 16);
    /// `owner`.
    pub(crate) const OWNER: Self = Self(1 << 17);
    /// Every class of words that says something of access and replication.
    pub(crate) const MEANING: Self = Self((Self::CATALOG.0 - 1) | Self::FILE.0 | Self::COPY.0);

    /// Whether any class of `other` is in this set.
    pub(crate) const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Both sets.
    pub(crate) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

const TABLE: &[(&str, Words)] = &[
    ("subscription", Words::SUBSCRIPTION),
    ("publication", Words::PUBLICATION),
    ("role", Words::ROLE),
    ("user", Words::ROLE),
    ("group", Words::ROLE),
    ("grant", Words::GRANT),
    ("revoke", Words::GRANT),
    ("system", Words::SYSTEM),
    ("database", Words::DATABASE),
    ("server", Words::SERVER),
    ("extension", Words::EXTENSION),
    ("security", Words::SECURITY),
    ("policy", Words::POLICY),
    ("identity", Words::IDENTITY),
    ("_replication_slot", Words::SLOT),
    ("session_replication_role", Words::REPLICA_ROLE),
    ("program", Words::FILE),
    ("pg_read_file", Words::FILE),
    ("pg_read_binary_file", Words::FILE),
    ("lo_import", Words::FILE),
    ("lo_export", Words::FILE),
    ("copy ", Words::COPY),
    ("owner", Words::OWNER),
    ("plperlu", Words::LANGUAGE),
    ("plpython", Words::LANGUAGE),
    ("pltclu", Words::LANGUAGE),
    ("plluau", Words::LANGUAGE),
    ("plsh", Words::LANGUAGE),
    ("plr", Words::LANGUAGE),
    ("javau", Words::LANGUAGE),
    ("handler", Words::LANGUAGE),
    ("pg_", Words::CATALOG),
    ("pgstat", Words::CATALOG),
    ("pgrowlocks", Words::CATALOG),
    ("information_schema", Words::CATALOG),
    ("current_setting", Words::CATALOG),
    ("set_config", Words::CATALOG),
    ("show", Words::CATALOG),
];

/// Whether a word outside of strings names something of the system catalogue or calls what names a setting.
pub(crate) fn is_catalog(word: &[u8]) -> bool {
    match word.first() {
        Some(b'p' | b'P') => [&b"pg_"[..], b"pgstat", b"pgrowlocks"]
            .iter()
            .any(|start| word.get(..start.len()).is_some_and(|of| of.eq_ignore_ascii_case(start))),
        Some(b'i' | b'I') => word.eq_ignore_ascii_case(b"information_schema"),
        Some(b'c' | b'C') => word.eq_ignore_ascii_case(b"current_setting"),
        Some(b's' | b'S') => word.eq_ignore_ascii_case(b"set_config"),
        _ => false,
    }
}

fn automaton() -> Option<&'static AhoCorasick> {
    static AUTOMATON: OnceLock<Option<AhoCorasick>> = OnceLock::new();
    AUTOMATON.get_or_init(|| scanner(TABLE.iter().map(|(word, _)| *word))).as_ref()
}

/// What finds words of any case in one pass; `None` where it would be too large.
pub(crate) fn scanner(words: impl Iterator<Item = &'static str>) -> Option<AhoCorasick> {
    let mut builder = AhoCorasick::builder();
    builder.ascii_case_insensitive(true).match_kind(MatchKind::Standard).kind(Some(AhoCorasickKind::DFA));
    builder.build(words).ok()
}

/// Whether a text holds any word that matters. Wrong only in saying yes.
pub(crate) fn any(text: &[u8]) -> bool {
    automaton().is_none_or(|automaton| automaton.is_match(text))
}

/// The classes of words in a text.
pub(crate) fn of(text: &[u8]) -> Words {
    let Some(automaton) = automaton() else { return Words(u32::MAX) };
    automaton
        .find_overlapping_iter(text)
        .filter_map(|found| TABLE.get(found.pattern().as_usize()))
        .fold(Words::default(), |set, (_, words)| set.or(*words))
}

/// What a statement is, by its first words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    CreateSubscription,
    AlterSubscription,
    DropSubscription,
    CreatePublication,
    AlterPublication,
    DropPublication,
    CreateRole,
    AlterRole,
    DropRole,
    Grant,
    AlterDefaultPrivileges,
    AlterSystem,
    AlterDatabase,
    CreateServer,
    AlterServer,
    UserMapping,
    CreateExtension,
    CreateLanguage,
    CreateFunction,
    AlterFunction,
    CreatePolicy,
    AlterTable,
    CreateTable,
    CreateIndex,
    /// SELECT, WITH, VALUES, PERFORM, CALL: looked into for calls.
    Query,
    Set,
    Do,
    /// BEGIN, COMMIT and their like.
    Transaction,
    /// EXECUTE in a body.
    Execute,
    CreateDatabase,
    /// CREATE VIEW and CREATE MATERIALIZED VIEW.
    CreateView,
    CreateForeignTable,
    Copy,
    /// ALTER of what has no other subject: of interest for `OWNER TO` alone.
    AlterOther,
    /// SHOW.
    Show,
    /// What may hold a query, and is of interest for it alone.
    Holder,
}

/// What the statement with these first words is; `None` if it is of no interest whatever else it says.
pub(crate) fn subject(text: &[u8], head: &[(usize, usize); HEAD]) -> Option<Subject> {
    let mut lower = [[0_u8; 14]; HEAD];
    let mut words: [&[u8]; HEAD] = [b""; HEAD];
    for ((&(start, end), buffer), word) in head.iter().zip(&mut lower).zip(&mut words) {
        let bytes = text.get(start..end).unwrap_or_default();
        // No keyword asked for below is longer than the buffer.
        if let Some(target) = buffer.get_mut(..bytes.len()) {
            target.copy_from_slice(bytes);
            target.make_ascii_lowercase();
            *word = target;
        }
    }
    let rest = &words[1..];
    Some(match words[0] {
        b"create" => create(rest)?,
        b"alter" => match rest {
            [b"subscription", ..] => Subject::AlterSubscription,
            [b"publication", ..] => Subject::AlterPublication,
            [b"user", b"mapping", ..] => Subject::UserMapping,
            [b"role" | b"user" | b"group", ..] => Subject::AlterRole,
            [b"default", b"privileges", ..] => Subject::AlterDefaultPrivileges,
            [b"system", ..] => Subject::AlterSystem,
            [b"database", ..] => Subject::AlterDatabase,
            [b"server", ..] => Subject::AlterServer,
            [b"function" | b"procedure" | b"routine", ..] => Subject::AlterFunction,
            [b"table", ..] => Subject::AlterTable,
            [
                b"view" | b"materialized" | b"foreign" | b"sequence" | b"schema" | b"type" | b"domain" | b"aggregate"
                | b"event" | b"language" | b"operator" | b"collation" | b"conversion" | b"tablespace" | b"statistics"
                | b"text" | b"large",
                ..,
            ] => Subject::AlterOther,
            _ => return None,
        },
        b"drop" => match rest {
            [b"subscription", ..] => Subject::DropSubscription,
            [b"publication", ..] => Subject::DropPublication,
            [b"user", b"mapping", ..] => return None,
            [b"role" | b"user" | b"group", ..] => Subject::DropRole,
            _ => return None,
        },
        b"grant" | b"revoke" => Subject::Grant,
        b"select" | b"with" | b"values" | b"perform" | b"call" => Subject::Query,
        b"set" | b"reset" => Subject::Set,
        b"do" => Subject::Do,
        b"begin" | b"start" | b"commit" | b"end" | b"rollback" | b"abort" | b"prepare" => Subject::Transaction,
        b"execute" => Subject::Execute,
        b"show" => Subject::Show,
        b"copy" => Subject::Copy,
        b"insert" | b"update" | b"delete" | b"merge" | b"explain" | b"declare" => Subject::Holder,
        _ => return None,
    })
}

fn create(rest: &[&[u8]]) -> Option<Subject> {
    Some(match rest {
        [b"or", b"replace", b"function" | b"procedure", ..] | [b"function" | b"procedure", ..] => {
            Subject::CreateFunction
        }
        [b"subscription", ..] => Subject::CreateSubscription,
        [b"publication", ..] => Subject::CreatePublication,
        [b"user", b"mapping", ..] => Subject::UserMapping,
        [b"role" | b"user" | b"group", ..] => Subject::CreateRole,
        [b"server", ..] => Subject::CreateServer,
        [b"extension", ..] => Subject::CreateExtension,
        [b"or", b"replace", rest @ ..] if is_language(rest) => Subject::CreateLanguage,
        rest if is_language(rest) => Subject::CreateLanguage,
        [b"policy", ..] => Subject::CreatePolicy,
        [b"unique", b"index", ..] => Subject::CreateIndex,
        [b"or", b"replace", b"view", ..] | [b"view" | b"materialized", ..] => Subject::CreateView,
        [b"or", b"replace", b"temp" | b"temporary" | b"recursive", ..]
        | [b"temp" | b"temporary" | b"recursive", b"view" | b"recursive", ..]
        | [b"rule", ..] => Subject::Holder,
        [b"database", ..] => Subject::CreateDatabase,
        [b"foreign", b"table", ..] => Subject::CreateForeignTable,
        [b"table", ..]
        | [b"unlogged" | b"temp" | b"temporary", b"table", ..]
        | [b"global" | b"local", b"temp" | b"temporary", b"table", ..] => Subject::CreateTable,
        _ => return None,
    })
}

/// Whether these words, after those of CREATE, begin a language.
fn is_language(words: &[&[u8]]) -> bool {
    matches!(
        words,
        [b"language", ..]
            | [b"trusted" | b"procedural", b"language", ..]
            | [b"trusted", b"procedural", b"language", ..]
    )
}

#[cfg(test)]
mod tests {
    use super::super::lex::Dialect;
    use super::super::split::{Part, Splitter};
    use super::*;

    fn subject_of(text: &str) -> Option<Subject> {
        let piece = Splitter::new(text.as_bytes(), Dialect::Psql).find(|piece| piece.part != Part::Gap).unwrap();
        subject(text.as_bytes(), &piece.head)
    }

    #[test]
    fn subjects() {
        for (text, expected) in [
            ("CREATE /* x */ SUBSCRIPTION s", Some(Subject::CreateSubscription)),
            ("create user mapping for a", Some(Subject::UserMapping)),
            ("create user \"mapping\"", Some(Subject::CreateRole)),
            ("create user mapping_x", Some(Subject::CreateRole)),
            ("create or replace procedure p()", Some(Subject::CreateFunction)),
            ("create local temporary table t()", Some(Subject::CreateTable)),
            ("create language plperlu", Some(Subject::CreateLanguage)),
            ("create or replace trusted procedural language l", Some(Subject::CreateLanguage)),
            ("create trusted table t", None),
            ("create index i on t (a)", None),
            ("create unique index i on t (a)", Some(Subject::CreateIndex)),
            ("insert into user values (1)", Some(Subject::Holder)),
            ("create or replace temp view v as select 1", Some(Subject::Holder)),
            ("create temp table t as select 1", Some(Subject::CreateTable)),
            ("show wal_level", Some(Subject::Show)),
            ("drop user mapping for a", None),
            ("create a_name_that_is_longer_than_any_keyword", None),
        ] {
            assert_eq!(subject_of(text), expected, "{text}");
        }
    }

    #[test]
    fn words_in_a_text() {
        assert!(!any(b"insert into t values (1)"));
        assert!(any(b"select PG_DROP_Replication_Slot('x')"));
        let found = of(b"create user x in role y");
        assert!(found.intersects(Words::ROLE) && !found.intersects(Words::GRANT));
        assert!(of(b"set session_replication_role = x").intersects(Words::ROLE.or(Words::REPLICA_ROLE)));
        assert!(of(b"select 1 from PG_stat_activity").intersects(Words::CATALOG));
        assert!(Words::MEANING.intersects(Words::REPLICA_ROLE) && !Words::MEANING.intersects(Words::CATALOG));
        assert!(
            is_catalog(b"Pg_stat_activity")
                && is_catalog(b"SET_CONFIG")
                && is_catalog(b"pgstattuple")
                && !is_catalog(b"pgs")
        );
    }
}
