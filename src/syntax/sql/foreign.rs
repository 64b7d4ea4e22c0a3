//! Tells statements of PostgreSQL that are wrong from statements of other engines, and from prose.
//!
//! Only asked about what the grammar refused. `CREATE SUBSCRIPTION` is InfluxQL and RisingWave too, `CREATE USER`
//! and `GRANT` belong to every engine there is.

use super::Statement;
use super::lex::Kind;
use super::words::Subject;

/// Whose statement it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Surely meant for PostgreSQL.
    Ours,
    /// Perhaps; what else the file holds decides.
    Doubtful,
    /// Of another engine, or no statement at all, or of a major whose grammar is not asked.
    Foreign,
}

/// Whether a statement that the grammar took shows that the file is for PostgreSQL.
pub(crate) fn is_evidence(statement: &Statement) -> bool {
    match statement.subject {
        Subject::CreateSubscription
        | Subject::AlterSubscription
        | Subject::CreatePublication
        | Subject::AlterPublication
        | Subject::CreateExtension
        | Subject::CreatePolicy
        | Subject::AlterDefaultPrivileges
        | Subject::Do => true,
        Subject::CreateFunction => statement.tokens.iter().any(|token| token.kind == Kind::Dollar),
        _ => false,
    }
}

/// Judges a statement that the grammar refused at byte `fault` of its text.
pub(crate) fn verdict(statement: &Statement, fault: usize) -> Verdict {
    let text = statement.code.text();
    let word = |index: usize| {
        let token = statement.tokens.get(index).filter(|token| token.kind == Kind::Word);
        token.map(|token| token.of(text).to_ascii_lowercase()).unwrap_or_default()
    };
    let has = |wanted: &str| {
        statement
            .tokens
            .iter()
            .any(|token| token.kind == Kind::Word && token.of(text).eq_ignore_ascii_case(wanted.as_bytes()))
    };
    let pair = |first: &str, second: &str| {
        statement.tokens.windows(2).any(|pair| {
            pair[0].of(text).eq_ignore_ascii_case(first.as_bytes())
                && pair[1].of(text).eq_ignore_ascii_case(second.as_bytes())
        })
    };
    // MySQL: `a`, 'a'@'b', *.*; SQL Server: schema::dbo, [dbo]; Oracle and MySQL: IDENTIFIED BY.
    let engine = statement.tokens.iter().any(|token| token.kind == Kind::Byte(b'`'))
        || statement.tokens.windows(2).any(|pair| {
            pair[1].kind == Kind::Byte(b'@') && pair[1].start == pair[0].end
                || pair[0].kind == Kind::Byte(b'.') && pair[1].kind == Kind::Byte(b'*')
        })
        || has("identified");
    // What 10 to 12 still take, and the grammar of 18 does not.
    let old = match statement.subject {
        Subject::CreateExtension => has("from"),
        // Up to 13 the name may be a string.
        Subject::CreateLanguage => statement.tokens.iter().any(|token| token.kind.is_text()),
        Subject::CreateTable => pair("with", "oids"),
        Subject::CreateFunction => has("isstrict") || has("iscachable"),
        _ => false,
    };
    if old {
        return Verdict::Foreign;
    }
    // What is not known by its words is ours if the rest of the file is.
    let certain_if = |condition| match condition {
        true => Verdict::Ours,
        false if engine => Verdict::Foreign,
        false => Verdict::Doubtful,
    };
    match statement.subject {
        // InfluxQL: CREATE SUBSCRIPTION s ON d; RisingWave: CREATE SUBSCRIPTION s FROM t.
        Subject::CreateSubscription if matches!(word(3).as_slice(), b"on" | b"from") => Verdict::Foreign,
        Subject::CreateSubscription => certain_if(has("connection") || has("publication")),
        Subject::AlterSubscription => certain_if(
            ["connection", "set", "add", "drop", "refresh", "enable", "disable", "skip", "owner", "rename"]
                .iter()
                .any(|known| word(3) == known.as_bytes()),
        ),
        Subject::CreatePublication => certain_if(["for", "with"].iter().any(|known| word(3) == known.as_bytes())),
        Subject::AlterPublication => {
            certain_if(["set", "add", "drop", "owner", "rename"].iter().any(|known| word(3) == known.as_bytes()))
        }
        Subject::DropSubscription | Subject::DropPublication => {
            if statement.tokens.len() <= 5 {
                Verdict::Doubtful
            } else {
                Verdict::Foreign
            }
        }
        Subject::CreateRole | Subject::AlterRole | Subject::DropRole => {
            let foreign = engine
                || pair("for", "login")
                || pair("from", "login")
                || pair("without", "login")
                || pair("default", "tablespace")
                || ["default_schema", "profile", "default_role", "default_warehouse", "must_change_password", "host"]
                    .iter()
                    .any(|known| has(known));
            // Prose stops at the third or fourth word.
            let options = ["with", "password", "encrypted", "login", "nologin", "superuser", "in", "createdb", "set"];
            let known = options.iter().any(|known| has(known))
                || statement.tokens.get(3).is_none_or(|token| fault >= token.end);
            if foreign || !known { Verdict::Foreign } else { Verdict::Doubtful }
        }
        Subject::Grant | Subject::AlterDefaultPrivileges => {
            let foreign = engine
                || has("warehouse")
                || has("future")
                || has("scheme")
                || pair("to", "role") && !has("option")
                || pair("to", "share")
                || statement.tokens.iter().any(|token| token.kind == Kind::Cast);
            let whole = has("to") || has("from");
            if foreign || !whole { Verdict::Foreign } else { Verdict::Doubtful }
        }
        Subject::CreateFunction | Subject::AlterFunction => {
            if engine
                || has("deterministic")
                || pair("sql", "security")
                || has("definer") && !pair("security", "definer")
            {
                Verdict::Foreign
            } else {
                Verdict::Doubtful
            }
        }
        // System statements of Oracle: ALTER SYSTEM KILL SESSION, ALTER SYSTEM SET x = y SCOPE = SPFILE.
        Subject::AlterSystem => {
            let ours = word(2) == b"set" || word(2) == b"reset";
            if !ours || has("scope") || has("sid") { Verdict::Foreign } else { Verdict::Doubtful }
        }
        Subject::AlterDatabase => {
            let option = word(3) == b"set" || word(3) == b"reset";
            if option && (has("to") || pair("=", "on")) { Verdict::Doubtful } else { Verdict::Foreign }
        }
        Subject::CreatePolicy
        | Subject::CreateExtension
        | Subject::UserMapping
        | Subject::CreateServer
        | Subject::AlterServer
        | Subject::Do => Verdict::Doubtful,
        _ if engine => Verdict::Foreign,
        _ => Verdict::Doubtful,
    }
}
