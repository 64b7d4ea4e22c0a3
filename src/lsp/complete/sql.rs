//! SQL on subscriptions and publications, and settings.

use lsp_types::CompletionItemKind;

use super::{Choice, Found, Here, LONGEST, conf, conninfo, settings, word};
use crate::catalog::Majors;
use crate::catalog::sql_options::{Command, PUBLICATION, PUBLISH, SUBSCRIPTION, ValueType};
use crate::lsp::describe;

/// What the end of a text of SQL stands in.
struct Open<'a> {
    /// The statement so far.
    statement: &'a str,
    /// Where a string began that is not ended.
    string: Option<usize>,
    /// Where the innermost bracket began that is not closed.
    bracket: Option<usize>,
}

/// The last statement, without knowing more of it than strings, comments and brackets.
fn open(text: &str) -> Option<Open<'_>> {
    let bytes = text.as_bytes();
    let (mut start, mut at, mut string, mut brackets) = (0, 0, None, Vec::new());
    while at < bytes.len() {
        match bytes[at] {
            b'\'' => string = if string.is_some() { None } else { Some(at + 1) },
            _ if string.is_some() => {}
            b'-' if bytes.get(at + 1) == Some(&b'-') => match memchr::memchr(b'\n', &bytes[at..]) {
                Some(line) => at += line,
                // The cursor stands in a comment.
                None => return None,
            },
            b'(' => brackets.push(at + 1),
            b')' => drop(brackets.pop()),
            b';' => (start, brackets) = (at + 1, Vec::new()),
            _ => {}
        }
        at += 1;
    }
    let inside = |from: Option<usize>| from.map(|from| from - start);
    let statement = text.get(start..).filter(|statement| statement.len() <= LONGEST)?;
    Some(Open { statement, string: inside(string), bracket: inside(brackets.pop()) })
}

pub(super) fn complete(here: &Here<'_>) -> Found {
    let open = open(here.before)?;
    let head = &open.statement[..open.string.or(open.bracket).unwrap_or(open.statement.len())];
    let words = head.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty());
    let words = words.map(str::to_ascii_lowercase).collect::<Vec<_>>();
    let begins = |with: &[&str]| words.len() >= with.len() && words.iter().zip(with).all(|(a, b)| a == b);
    let last = |back: usize| words.len().checked_sub(back).and_then(|at| words.get(at)).map_or("", String::as_str);
    let of_subscription = begins(&["create", "subscription"]) || begins(&["alter", "subscription"]);
    let of_publication = begins(&["create", "publication"]) || begins(&["alter", "publication"]);
    if let Some(string) = open.string
        && of_subscription
        && last(1) == "connection"
    {
        return conninfo::complete(&open.statement[string..], here.majors);
    }
    if let (Some(bracket), None) = (open.bracket, open.string)
        && (of_subscription || of_publication)
        && ["with", "set", "skip"].contains(&last(1))
    {
        let item = open.statement[bracket..].rsplit(',').next().unwrap_or_default().trim_start();
        let typed = item.split_once('=').map_or(item, |(_, value)| value.trim_start());
        if typed.contains(char::is_whitespace) {
            return None;
        }
        let command = if begins(&["create"]) { Command::Create } else { command(&words) };
        return if of_subscription { subscription(item, command, here.majors) } else { publication(item, here.majors) };
    }
    if open.string.is_some() || open.bracket.is_some() {
        return None;
    }
    let typed = word(here.before, |c| c.is_alphanumeric() || matches!(c, '_' | '.'));
    let back = if typed.is_empty() { 1 } else { 2 };
    if of_subscription && last(back) == "publication" {
        let snapshot = here.snapshot?;
        let names = snapshot.input.cluster.objects.publications.keys();
        let plain = |name: &&String| {
            name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        };
        let all = names.filter(plain).map(|name| Choice::new(name, CompletionItemKind::REFERENCE, "publication"));
        return Some((typed.len(), all.collect()));
    }
    change(here, open.statement, typed)
}

/// `SET name`, `SET name = value` and their like, which end what is written.
fn change(here: &Here<'_>, statement: &str, typed: &str) -> Found {
    let before = statement[..statement.len() - typed.len()].trim_end().to_ascii_lowercase();
    let words = before.split_whitespace().collect::<Vec<_>>();
    let then = |at: usize| matches!(words.get(at..), Some([]));
    let starts = match words.as_slice() {
        ["set" | "reset" | "show"] => true,
        ["set", "local" | "session"] => then(2),
        ["alter", "system", "set" | "reset"] => then(3),
        ["alter", "role" | "user" | "database", _, "set" | "reset"] => then(4),
        ["alter", "role" | "user", _, "in", "database", _, "set" | "reset"] => then(7),
        _ => false,
    };
    if starts {
        return Some((typed.len(), settings(here, "")));
    }
    let assigned = before.strip_suffix('=').or_else(|| before.strip_suffix(" to"))?.trim_end();
    let name = assigned.split_whitespace().next_back()?;
    let set = assigned[..assigned.len() - name.len()].split_whitespace().next_back()?;
    ["set", "local", "session"].contains(&set).then(|| conf::values(here, name, typed))?
}

/// What an ALTER SUBSCRIPTION does, before its list of options.
fn command(words: &[String]) -> Command {
    let has = |word: &str| words.iter().skip(2).any(|known| known == word);
    if has("refresh") {
        Command::Refresh
    } else if has("skip") {
        Command::Skip
    } else if has("publication") && has("set") {
        Command::SetPublication
    } else if has("publication") {
        Command::AddDropPublication
    } else {
        Command::Set
    }
}

fn subscription(item: &str, command: Command, majors: Majors) -> Found {
    if let Some((name, value)) = item.split_once('=') {
        let option = SUBSCRIPTION.iter().find(|option| option.name == name.trim())?;
        return values(option.value, value.trim_start(), majors);
    }
    let known = SUBSCRIPTION.iter().filter(|option| !(option.majors(command) & majors).is_empty());
    let choice = |option: &crate::catalog::sql_options::SubscriptionOption| {
        Choice::keyword(option.name, describe::subscription_option(option)).insert(format!("{} = ", option.name))
    };
    Some((item.len(), known.map(choice).collect()))
}

fn publication(item: &str, majors: Majors) -> Found {
    if let Some((name, value)) = item.split_once('=') {
        let option = PUBLICATION.iter().find(|option| option.name == name.trim())?;
        return values(option.value, value.trim_start(), majors);
    }
    let known = PUBLICATION.iter().filter(|option| !(option.majors & majors).is_empty());
    let choice = |option: &crate::catalog::sql_options::PublicationOption| {
        Choice::keyword(option.name, describe::publication_option(option)).insert(format!("{} = ", option.name))
    };
    Some((item.len(), known.map(choice).collect()))
}

fn values(of: ValueType, typed: &str, majors: Majors) -> Found {
    let words: Vec<String> = match of {
        ValueType::Bool => vec!["true".to_owned(), "false".to_owned()],
        ValueType::Streaming if (majors & Majors::since(16)).is_empty() => vec!["on".to_owned(), "off".to_owned()],
        ValueType::Streaming => vec!["on".to_owned(), "off".to_owned(), "parallel".to_owned()],
        ValueType::Origin => vec!["any".to_owned(), "none".to_owned()],
        ValueType::GeneratedColumns => vec!["none".to_owned(), "stored".to_owned()],
        ValueType::SynchronousCommit => {
            ["on", "off", "local", "remote_write", "remote_apply"].map(ToOwned::to_owned).to_vec()
        }
        ValueType::SlotName | ValueType::Lsn => vec!["NONE".to_owned()],
        ValueType::Publish => {
            let known = PUBLISH.iter().filter(|(_, of)| !(*of & majors).is_empty()).map(|(word, _)| *word);
            vec![format!("'{}'", known.collect::<Vec<_>>().join(", "))]
        }
        ValueType::Any => return None,
    };
    Some((typed.len(), words.into_iter().map(Choice::word).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_text_of_sql() {
        let of = |text: &str| open(text).map(|open| (open.statement.to_owned(), open.string, open.bracket));
        assert_eq!(of("SELECT 1; SET "), Some((" SET ".to_owned(), None, None)));
        assert_eq!(of("a ('x', "), Some(("a ('x', ".to_owned(), None, Some(3))));
        assert_eq!(of("; CONNECTION 'ho"), Some((" CONNECTION 'ho".to_owned(), Some(13), None)));
        assert_eq!(of("a -- b;\nc"), Some(("a -- b;\nc".to_owned(), None, None)));
        assert_eq!(of("a -- b"), None);
    }
}
