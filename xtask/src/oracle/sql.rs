//! Statements about publications and subscriptions: by grammar, and what a server says of them.
//!
//! All are run in one transaction that is never committed, each behind a savepoint. Subscriptions connect to nothing,
//! unless a defect makes them, and then only to this machine.

use anyhow::{Context, Result};

use super::ask::Verdict;
use super::case;
use super::dice::Dice;
use crate::wire::{Connection, Refused};

/// What is there before each statement.
const SETUP: &str = "begin; create table t (a int primary key, b int); create table u (a int primary key, b int); \
    create table w (a int primary key); create schema x; create publication p for table t; create publication q; \
    create subscription s connection 'dbname=x' publication p, p0 with (connect = false); savepoint before";

const VALUES: &[&str] = &[
    "true",
    "false",
    "on",
    "off",
    "1",
    "0",
    "none",
    "any",
    "'any'",
    "local",
    "parallel",
    "'insert'",
    "'insert, update'",
    "'truncate'",
    "'insert,,delete'",
    "'all'",
    "2",
    "yes",
    "''",
    "\"S\"",
    "'slot'",
    "'Bad-Slot'",
    "'0/1'",
    "'0/0'",
    "stored",
    "'stored'",
    "bad",
    "-1",
    "1.5",
    "remote_apply",
    "'ON'",
    "TRUE",
    "None",
    "NONE",
    "'none'",
];

/// Names of options, each with values that some major takes.
type Options = &'static [(&'static str, &'static [&'static str])];

const SUBSCRIPTION: Options = &[
    ("binary", BOOLEANS),
    ("connect", &["false"]),
    ("copy_data", &["false", "off", "0"]),
    ("create_slot", &["false"]),
    ("disable_on_error", BOOLEANS),
    ("enabled", &["false"]),
    ("failover", &["false", "true"]),
    ("origin", &["none", "any", "'any'", "'NONE'"]),
    ("password_required", BOOLEANS),
    ("run_as_owner", BOOLEANS),
    ("slot_name", &["none", "'slot'", "slot", "\"slot\""]),
    ("streaming", &["on", "off", "parallel", "'parallel'"]),
    ("synchronous_commit", &["off", "on", "local", "remote_apply", "'remote_write'"]),
    ("two_phase", &["false", "true"]),
    ("refresh", &["false"]),
    ("lsn", &["none", "'0/1'"]),
    ("retain_dead_tuples", &["false"]),
    ("nope", &["1"]),
];

/// Those of them that ALTER SUBSCRIPTION takes in SET.
const SET: Options = &[
    ("binary", BOOLEANS),
    ("disable_on_error", BOOLEANS),
    ("origin", &["none", "any"]),
    ("password_required", BOOLEANS),
    ("run_as_owner", BOOLEANS),
    ("slot_name", &["none", "'slot'"]),
    ("streaming", &["on", "off", "parallel"]),
    ("synchronous_commit", &["off", "local"]),
];

const REFRESH: Options = &[("refresh", &["false"]), ("copy_data", BOOLEANS)];

const PUBLICATION: Options = &[
    ("publish", &["'insert'", "'insert, update'", "''", "'truncate'", "'INSERT'", "insert"]),
    ("publish_via_partition_root", BOOLEANS),
    ("publish_generated_columns", &["none", "stored", "'stored'"]),
];

const BOOLEANS: &[&str] = &["true", "false", "on", "off", "1", "0", "'on'", "TRUE"];

/// What a token may turn into.
const TOKENS: &[&str] = &[
    "table",
    "tables",
    "in",
    "schema",
    "all",
    "for",
    "add",
    "set",
    "drop",
    "publication",
    "with",
    "(",
    ")",
    ",",
    "=",
    "where",
    "only",
    "*",
    "none",
    "true",
    "t",
    "u",
    "x",
    "p",
    "a",
    "b",
    "'x'",
    "\"x\"",
    "1",
    "refresh",
    "skip",
    "enable",
    "disable",
    "except",
    "current_schema",
    "public.t",
    "if",
    "exists",
    "not",
    "owner",
    "to",
    "rename",
    "connection",
    "sequences",
];

/// A statement, without a semicolon.
pub(super) fn statement(dice: &mut Dice, odd: bool) -> String {
    match dice.below(4) {
        0 => create_publication(dice, odd),
        1 => alter_publication(dice, odd),
        2 => create_subscription(dice),
        _ => alter_subscription(dice),
    }
}

/// Turns some tokens of a statement into something else.
pub(super) fn mutate(text: &mut Vec<u8>, dice: &mut Dice) {
    let statement = case::text(text);
    let mut tokens = tokens(&statement);
    // The first two say what the statement is about.
    let other_than_first = tokens.len().saturating_sub(2);
    let at = 2 + dice.below(other_than_first);
    let other = 2 + dice.below(other_than_first);
    if let Some(token) = tokens.get(at).copied() {
        let quoted;
        match dice.below(7) {
            0 => drop(tokens.remove(at)),
            1 => tokens.insert(at, token),
            2 if other < tokens.len() => tokens.swap(at, other),
            3 => tokens.insert(at, dice.pick(TOKENS)),
            4 => tokens[at] = dice.pick(TOKENS),
            5 => tokens[at] = dice.pick(VALUES),
            _ => {
                let quote = if dice.once_in(2) { '"' } else { '\'' };
                quoted =
                    if token.contains(['\'', '"']) { token.to_uppercase() } else { format!("{quote}{token}{quote}") };
                tokens[at] = &quoted;
            }
        }
        *text = tokens.join(" ").into_bytes();
    }
}

/// Words, strings and marks.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let word = |char: char| char.is_alphanumeric() || matches!(char, '_' | '.' | '-' | '/');
        let end = match first {
            '\'' | '"' => rest[1..].find(first).map_or(rest.len(), |end| end + 2),
            first if word(first) => rest.find(|char: char| !word(char)).unwrap_or(rest.len()),
            first => first.len_utf8(),
        };
        tokens.push(&rest[..end]);
        rest = rest[end..].trim_start();
    }
    tokens
}

fn options(dice: &mut Dice, known: Options, first: &[&str]) -> String {
    let mut options: Vec<String> = first.iter().map(|&option| option.to_owned()).collect();
    for _ in 0..dice.below(4) {
        let (name, values) = known[dice.below(known.len())];
        let name = match dice.below(40) {
            0 => name.to_uppercase(),
            1 => format!("\"{name}\""),
            _ => name.to_owned(),
        };
        let value = if dice.once_in(8) { dice.pick(VALUES) } else { dice.pick(values) };
        let bare = dice.once_in(16);
        options.push(if bare { name } else { format!("{name} = {value}") });
    }
    if options.is_empty() { String::new() } else { format!("({})", options.join(", ")) }
}

fn with(options: &str) -> String {
    if options.is_empty() { String::new() } else { format!(" with {options}") }
}

/// What a publication is of.
fn objects(dice: &mut Dice, odd: bool) -> String {
    let mut items = Vec::new();
    for _ in 0..=dice.below(3) {
        if dice.once_in(4) {
            items.push(format!("tables in schema {}", dice.pick(&["x", "public", "current_schema", "x, public"])));
            continue;
        }
        let table = dice.pick(&["t", "u", "w", "public.t", "only u", "t *", "\"u\""]);
        let columns = dice.pick(&["", "", "", " (a)", " (a, b)", " (a, a)", " ()", " (ctid)", " (nope)", " (\"a\")"]);
        let filter =
            ["", "", "", " where (a > 1)", " where (b is null)", " where a > 1", " where (now() > 'x')", " where (1)"];
        let filter = dice.pick(&filter);
        let (columns, filter) = if odd || dice.once_in(3) { (columns, filter) } else { ("", "") };
        let keyword = if dice.once_in(3) { "" } else { "table " };
        items.push(format!("{keyword}{table}{columns}{filter}"));
    }
    let text = items.join(", ");
    if text.starts_with("table") { text } else { format!("table {text}") }
}

fn create_publication(dice: &mut Dice, odd: bool) -> String {
    let of = match dice.below(6) {
        0 => String::new(),
        1 => dice
            .pick(&[
                " for all tables",
                " for all tables, all sequences",
                " for all sequences",
                " for tables in schema x",
            ])
            .to_owned(),
        _ => format!(" for {}", objects(dice, odd)),
    };
    let options = options(dice, PUBLICATION, &[]);
    format!("create publication n{of}{}", with(&options))
}

fn alter_publication(dice: &mut Dice, odd: bool) -> String {
    let what = match dice.below(8) {
        0 => format!("set {}", options(dice, PUBLICATION, &["publish = 'insert'"])),
        1 => format!("set {}", options(dice, PUBLICATION, &[])),
        2 => dice
            .pick(&["rename to n", "owner to current_user", "set all tables", "add all tables", "rename to \"N\""])
            .to_owned(),
        verb => format!("{} {}", ["add", "set", "drop"][verb % 3], objects(dice, odd)),
    };
    format!("alter publication p {what}")
}

fn publications(dice: &mut Dice) -> &'static str {
    dice.pick(&["p", "p", "q", "p, q", "p, p", "\"P\"", "q, p, q"])
}

fn create_subscription(dice: &mut Dice) -> String {
    let connection = dice.pick(&[
        "dbname=x",
        "dbname=x",
        "dbname=x",
        "host=/nonexistent nope=1",
        "host",
        "postgresql://h/d",
        "sslmode=x",
    ]);
    let name = dice.pick(&["n", "n", "n", "\"N\"", "\"a b\""]);
    let publications = publications(dice);
    let options = options(dice, SUBSCRIPTION, &["connect = false"]);
    format!("create subscription {name} connection '{connection}' publication {publications}{}", with(&options))
}

fn alter_subscription(dice: &mut Dice) -> String {
    let any = dice.once_in(4);
    let (set, refresh) = if any { (SUBSCRIPTION, SUBSCRIPTION) } else { (SET, REFRESH) };
    let what = match dice.below(8) {
        0 => format!("connection '{}'", dice.pick(&["dbname=x", "dbname", "nope=1", ""])),
        1 => dice.pick(&["enable", "disable", "rename to n", "owner to current_user", "refresh sequences"]).to_owned(),
        2 => format!(
            "skip {}",
            dice.pick(&[
                "(lsn = '0/1')",
                "(lsn = none)",
                "(lsn = 'x')",
                "(lsn = '0/0')",
                "(lsn)",
                "(a = 1)",
                "('0/1')"
            ])
        ),
        3 => format!("refresh publication{}", with(&options(dice, REFRESH, &[]))),
        4 => format!("set {}", options(dice, SET, &["slot_name = none"])),
        5 => format!("set {}", options(dice, set, &[])),
        _ => {
            let verb = dice.pick(&["set", "set", "add", "drop"]);
            let publications = publications(dice);
            format!("{verb} publication {publications}{}", with(&options(dice, refresh, &["refresh = false"])))
        }
    };
    format!("alter subscription s {what}")
}

/// Makes a session one in which statements are tried.
pub(super) fn prepare(mut session: Connection) -> Result<Connection> {
    session.query(SETUP).context("what the statements need cannot be made")?;
    Ok(session)
}

/// What the server says of a statement.
pub(super) fn verdict(session: &mut Connection, bytes: &[u8]) -> Result<Verdict> {
    let text = case::text(bytes);
    let words = tokens(&text);
    let about = |at: usize, known: [&str; 2]| {
        words.get(at).is_some_and(|word| known.iter().any(|known| word.eq_ignore_ascii_case(known)))
    };
    if !about(0, ["create", "alter"]) || !about(1, ["publication", "subscription"]) {
        return Ok(Verdict::unknown("about something else"));
    }
    let said = session.query(&text);
    session.query("rollback to savepoint before")?;
    let Err(error) = said else { return Ok(Verdict::default()) };
    let refused = error.downcast::<Refused>()?;
    Ok(of_objects(&refused).map_or_else(|| Verdict::refused(refused.message), Verdict::unknown))
}

/// Why a refusal says something about what is there, and not about the statement.
fn of_objects(refused: &Refused) -> Option<&'static str> {
    let says = |part: &str| refused.message.contains(part);
    match refused.code.as_str() {
        "25001" => Some("cannot be run in a transaction"),
        // Older majors have no code of their own for these.
        _ if says("could not connect to the publisher") => Some("connects"),
        _ if says("not allowed for disabled subscriptions") || says("in subscription \"") => {
            Some("depends on what is in the database")
        }
        code if code.starts_with("08") => Some("connects"),
        "22007" | "22P02" | "3F000" | "42501" | "42703" | "42704" | "42710" | "42804" | "42883" | "42P01" | "42P07"
        | "55000" => Some("depends on what is in the database"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_cut_into_tokens() {
        assert_eq!(tokens("set (a = 'b c',x)"), ["set", "(", "a", "=", "'b c'", ",", "x", ")"]);
        let mut text = Vec::new();
        for index in 0..200 {
            mutate(&mut text, &mut Dice::new(1, index));
        }
    }

    #[test]
    fn what_is_not_there_is_no_fault_of_the_statement() {
        let refused = |code: &str| Refused { code: code.to_owned(), message: String::new() };
        assert!(of_objects(&refused("42P01")).is_some() && of_objects(&refused("42601")).is_none());
    }
}
