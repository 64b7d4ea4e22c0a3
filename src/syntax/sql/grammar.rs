//! Whether the server's own grammar (that of major 18, through libpg_query) takes a statement, and where it stops.
//!
//! Only acceptance is asked for. pgassay itself reads no tree: the tree has no places for names and options, and to
//! encode and decode it recurses, which refuses chains that the server takes. What a statement says is read from its
//! tokens. Plugins may ask for the tree all the same.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::lex::{self, Dialect, Kind, Token};

/// Brackets and CASE nested deeper than this are not parsed. The parser takes about 3,300 on its own (bison's
/// stack ends at 10,000 entries); no statement written by people comes near.
pub(crate) const DEEPEST: usize = 1000;

/// Statements longer than this many bytes are not parsed.
pub(crate) const LONGEST: usize = 8 << 20;

/// libpg_query points the process's standard error at a pipe during each call and puts it back afterwards. Two
/// calls at once would put back each other's pipe and lose standard error for good.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Why a statement is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The grammar does not know it.
    Fault(Fault),
    /// The parser gives up on it, or would take too long.
    TooComplex,
}

/// What the grammar does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// What the parser says.
    pub(crate) message: String,
    /// The bytes it stops at.
    pub(crate) at: Range<usize>,
}

fn accepts(text: &str) -> Result<(), String> {
    let guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let result = pg_query::split_with_parser(text).map(|_| ());
    drop(guard);
    result.map_err(|error| match error {
        pg_query::Error::Split(message) => message,
        other => other.to_string(),
    })
}

/// The parse tree of one statement as JSON: libpg_query's protobuf messages, field for field.
///
/// # Errors
/// Why there is none: the grammar refuses the text, or it is too long or nested too deeply.
pub(crate) fn tree(text: &str) -> Result<String, String> {
    if text.len() > LONGEST_TREE || long_operator(&tokens(text.as_bytes())).is_some() || depth(text) > DEEPEST {
        return Err("the statement is too complex".to_owned());
    }
    // Decoding and writing recurse; decoding refuses more than a hundred levels, whose frames may take megabytes.
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(TREE_STACK).spawn_scoped(scope, || json(text));
        let thread = thread.map_err(|error| format!("no thread can be had: {error}"))?;
        thread.join().unwrap_or_else(|_| Err("the statement is too complex".to_owned()))
    })
}

fn json(text: &str) -> Result<String, String> {
    let guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let result = pg_query::parse(text, pg_query::ParserOptions::default());
    drop(guard);
    let tree = result.map_err(|error| match error {
        pg_query::Error::Parse(message) => message,
        _ => "the statement is too complex".to_owned(),
    })?;
    serde_json::to_string(&tree.protobuf).map_err(|error| error.to_string())
}

/// The stack of the thread that makes a tree, in bytes.
const TREE_STACK: usize = 64 << 20;

/// Trees of longer texts, in bytes, are not made: they take some fifty times as much memory.
const LONGEST_TREE: usize = 1 << 20;

/// How deep brackets and CASE are nested at the most.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for token in tokens(text.as_bytes()) {
        let bytes = token.of(text.as_bytes());
        if matches!(bytes, b"(" | b"[") || bytes.eq_ignore_ascii_case(b"case") {
            depth += 1;
            deepest = deepest.max(depth);
        } else if matches!(bytes, b")" | b"]") || bytes.eq_ignore_ascii_case(b"end") {
            depth = depth.saturating_sub(1);
        }
    }
    deepest
}

/// No operator may be longer (scan.l: `operator too long`); to find that out takes the scanner quadratic time.
const LONGEST_OPERATOR: usize = 63;

/// The first run of operator characters that is too long for an operator.
fn long_operator(tokens: &[Token]) -> Option<Range<usize>> {
    let mut start = 0;
    let mut end = 0;
    for token in tokens {
        let operator = matches!(token.kind, Kind::Byte(byte) if b"~!@#^&|`?+-*/%<>=".contains(&byte));
        if operator && token.start == end {
            end = token.end;
        } else if operator {
            (start, end) = (token.start, token.end);
        }
        if end - start > 2 * LONGEST_OPERATOR {
            return Some(start..end);
        }
    }
    None
}

/// The parser warns of each `GLOBAL TEMPORARY`, and for each counts the characters before it, which takes quadratic time.
const MOST_WARNINGS: usize = 100;

/// Whether the parser has more to warn of.
fn warns_much(text: &[u8], tokens: &[Token]) -> bool {
    let is = |token: &Token, words: &[&str]| {
        token.kind == Kind::Word && words.iter().any(|word| token.of(text).eq_ignore_ascii_case(word.as_bytes()))
    };
    let warned = |pair: &&[Token]| matches!(pair, [a, b] if is(a, &["global"]) && is(b, &["temp", "temporary"]));
    tokens.windows(2).filter(warned).count() > MOST_WARNINGS
}

/// How the parser says that it gives up: bison's stack and the C stack have an end, and each call takes a pipe.
const GIVES_UP: [&str; 3] = ["memory exhausted", "stack depth limit exceeded", "Failed to open pipe"];

/// Asks the grammar about one statement without its `;`, whose comments are blank.
pub(crate) fn check(text: &[u8]) -> Result<(), Refused> {
    let fault = |message: &str, at| Err(Refused::Fault(Fault { message: message.to_owned(), at }));
    let tokens = tokens(text);
    if let Some(at) = long_operator(&tokens) {
        return fault("operator too long", at);
    }
    if warns_much(text, &tokens) {
        return Err(Refused::TooComplex);
    }
    let Ok(text) = std::str::from_utf8(text) else {
        return fault("not valid UTF-8", 0..text.len());
    };
    match accepts(text) {
        Ok(()) => Ok(()),
        Err(message) if GIVES_UP.iter().any(|known| message.starts_with(known)) => Err(Refused::TooComplex),
        Err(message) => fault(&message, position(text, &tokens, &message)),
    }
}

/// Where the parser stops. The bindings do not hand on its position, but an LALR parser that is given the text only
/// up to some token complains of that token if and only if it is the one, so the place is found by bisection.
fn position(text: &str, tokens: &[Token], message: &str) -> Range<usize> {
    let whole = 0..text.len();
    if message.ends_with("at end of input") {
        let end = text.trim_end().len();
        return end..end;
    }
    let Some(near) = message.split_once('"').and_then(|(_, rest)| rest.rsplit_once('"')).map(|(near, _)| near) else {
        return whole;
    };
    let unquoted = |token: &Token| {
        let bytes = token.of(text.as_bytes());
        bytes.get(1..bytes.len().saturating_sub(1)).unwrap_or_default()
    };
    let same = |token: &&Token| {
        let bytes = token.of(text.as_bytes());
        bytes.eq_ignore_ascii_case(near.as_bytes())
            || near.as_bytes().starts_with(bytes) && !matches!(token.kind, Kind::Word | Kind::Number)
            || (matches!(token.kind, Kind::Quoted) && unquoted(token) == near.as_bytes())
    };
    let candidates: Vec<&Token> = tokens.iter().filter(same).collect();
    // Messages that name no place, such as `unrecognized role option "x"`, name their word.
    let complains =
        |token: &Token| text.get(..token.end).is_some_and(|part| accepts(part).is_err_and(|m| m == message));
    let found = match candidates.as_slice() {
        [] => return whole,
        [only] => only,
        [first, ..] => {
            let index = candidates.partition_point(|token| !complains(token));
            candidates.get(index).unwrap_or(first)
        }
    };
    found.start..found.end
}

/// The tokens of a statement without the gaps between them.
pub(crate) fn tokens(text: &[u8]) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let token = lex::next(text, at, Dialect::Server);
        at = token.end;
        if !token.kind.is_gap() {
            tokens.push(token);
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> Fault {
        match check(text.as_bytes()) {
            Err(Refused::Fault(fault)) => fault,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn says_where_the_parser_stops() {
        for (text, message, at) in [
            ("create subscription s connection", "syntax error at end of input", ""),
            ("create role a a a", "unrecognized role option \"a\"", "a"),
            ("grant select on t to to b", "syntax error at or near \"to\"", "to"),
            ("create role x password password 'a'", "syntax error at or near \"password\"", "password"),
            ("create role x passwd 'a'", "unrecognized role option \"passwd\"", "passwd"),
            ("create role x 'a'", "syntax error at or near \"'a'\"", "'a'"),
        ] {
            let fault = fault(text);
            assert_eq!((fault.message.as_str(), &text[fault.at.clone()]), (message, at), "{text}");
        }
        assert_eq!(fault("grant to to to to b").at, 6..8);
        assert_eq!(check(b"create subscription s connection 'a' publication p with (enabled = false)"), Ok(()));
    }

    #[test]
    fn nesting_up_to_the_limit_is_parsed_on_a_small_stack() {
        let text = format!("select {}1{}", "(".repeat(DEEPEST), ")".repeat(DEEPEST));
        let case = format!("select {}1{}", "case when ".repeat(DEEPEST), " then 1 end".repeat(DEEPEST));
        let chain = format!("select 1{}", " || 1".repeat(100_000));
        let thread = thread::Builder::new().stack_size(1 << 20);
        let all = thread.spawn(move || [text, case, chain].map(|text| check(text.as_bytes()))).unwrap();
        assert_eq!(all.join().unwrap(), [Ok(()), Ok(()), Ok(())]);
    }

    #[test]
    fn trees_are_made_or_a_reason_is_given() {
        let long = format!("select {}", vec!["a"; 10_000].join(", "));
        assert!(tree(&long).is_ok_and(|json| json.len() > long.len()));
        let made = tree("create subscription s connection 'a' publication p").unwrap();
        assert!(made.contains("\"CreateSubscriptionStmt\":{\"subname\":\"s\",\"conninfo\":\"a\""), "{made}");
        assert_eq!(tree("create subscription s s"), Err("syntax error at or near \"s\"".to_owned()));
        for deep in [
            format!("select {}1{}", "(".repeat(5000), ")".repeat(5000)),
            format!("select 1{}", " + 1".repeat(1000)),
            format!("select 1{}", " + 1".repeat(200_000)),
            format!("select {}1", "- ".repeat(200_000)),
            format!("select {}", vec!["a"; 200_000].join(" and ")),
            format!("select '{}'", "x".repeat(LONGEST_TREE)),
        ] {
            assert!(tree(&deep).is_err(), "{}", &deep[..40]);
        }
    }

    #[test]
    fn operators_have_an_end() {
        let fault = fault(&format!("select 1 {} 2", "+-".repeat(500_000)));
        assert_eq!((fault.message.as_str(), fault.at.start), ("operator too long", 9));
        assert_eq!(check(b"select 1 <> 2 and - - - - 1 = 1"), Ok(()));
    }

    /// What no stack of the parser holds, whether a server would take it or not, is no fault of the grammar.
    #[test]
    fn what_the_parser_gives_up_on_is_no_fault() {
        for text in [
            format!("select {}", "(".repeat(200_000)),
            format!("select {}", "array[".repeat(200_000)),
            format!("select {}true", "not ".repeat(100_000)),
            format!("select {}1", "- ".repeat(100_000)),
            format!("select 1{}", " + (1".repeat(100_000)),
            format!("select 1 into global temp a{}", " union select 1 into Global\nTemporary b".repeat(200_000)),
        ] {
            assert_eq!(check(text.as_bytes()), Err(Refused::TooComplex), "{}", &text[..40]);
        }
        assert_eq!(check(b"select 1 into global temp a"), Ok(()));
    }
}
