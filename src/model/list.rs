//! Lists of names in values of settings, and the settings whose lists hold known words.
//!
//! Follows `SplitIdentifierString` and `SplitGUCList` of varlena.c.

use super::check_hook::Verdict;

/// A blank between tokens (`scanner_isspace`).
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0C)
}

/// The names of a list separated by commas, or `None` where its syntax is wrong (`SplitIdentifierString`). Names
/// without double quotes are folded to lower case.
#[must_use]
pub fn identifiers(text: &[u8]) -> Option<Vec<String>> {
    split(text, true)
}

/// The same without folding (`SplitGUCList`).
#[must_use]
pub fn words(text: &[u8]) -> Option<Vec<String>> {
    split(text, false)
}

fn split(text: &[u8], fold: bool) -> Option<Vec<String>> {
    let mut names = Vec::new();
    let mut rest = skip_blanks(text);
    if rest.is_empty() {
        return Some(names);
    }
    loop {
        let name;
        (name, rest) = match rest {
            [b'"', quoted @ ..] => quoted_name(quoted)?,
            _ => {
                let length = rest.iter().take_while(|&&byte| byte != b',' && !is_space(byte)).count();
                let (name, rest) = rest.split_at(length);
                if name.is_empty() {
                    return None;
                }
                let name = String::from_utf8_lossy(name);
                (if fold { name.to_ascii_lowercase() } else { name.into_owned() }, rest)
            }
        };
        names.push(name);
        rest = match skip_blanks(rest) {
            [] => return Some(names),
            [b',', rest @ ..] => skip_blanks(rest),
            _ => return None,
        };
    }
}

fn quoted_name(text: &[u8]) -> Option<(String, &[u8])> {
    let mut name = Vec::new();
    let mut rest = text;
    loop {
        let end = memchr::memchr(b'"', rest)?;
        let (part, after) = rest.split_at(end);
        name.extend(part);
        rest = after.get(1..)?;
        match rest {
            [b'"', after @ ..] => {
                name.push(b'"');
                rest = after;
            }
            _ => return Some((String::from_utf8_lossy(&name).into_owned(), rest)),
        }
    }
}

fn skip_blanks(text: &[u8]) -> &[u8] {
    let blanks = text.iter().take_while(|&&byte| is_space(byte)).count();
    text.get(blanks..).unwrap_or_default()
}

/// A list of known words, in any case.
pub(super) fn of_words(text: &[u8], known: &[&str]) -> Verdict {
    known_words(identifiers(text), known)
}

/// Likewise for the hooks that use `SplitGUCList`.
pub(super) fn of_words_kept(text: &[u8], known: &[&str]) -> Verdict {
    known_words(words(text), known)
}

fn known_words(names: Option<Vec<String>>, known: &[&str]) -> Verdict {
    let Some(names) = names else { return Verdict::Refused("not a list separated by commas".to_owned()) };
    match names.iter().find(|name| known.iter().all(|word| !word.eq_ignore_ascii_case(name))) {
        Some(name) => {
            let known: Vec<String> = known.iter().map(|word| format!("`{word}`")).collect();
            Verdict::Refused(format!("not a list of {}: it has `{name}`", known.join(", ")))
        }
        None => Verdict::Accepted,
    }
}

/// `validate_log_connections_options` of 18: the words of a boolean stand alone and in full.
pub(super) fn log_connections(text: &[u8]) -> Verdict {
    const OPTIONS: &[&str] = &["receipt", "authentication", "authorization", "setup_durations", "all"];
    const BOOLEANS: &[&str] = &["on", "off", "true", "false", "yes", "no", "1", "0"];
    match identifiers(text).as_deref() {
        Some([word]) if BOOLEANS.iter().any(|known| known.eq_ignore_ascii_case(word)) => Verdict::Accepted,
        _ => of_words(text, OPTIONS),
    }
}

/// `log_min_messages` from 19 on (the documentation, section "When to Log"): a level, and levels of kinds of processes,
/// `type:level`. That the level alone may not be left out is not judged, nor which kinds there are.
pub(super) fn log_min_messages(text: &[u8]) -> Verdict {
    const LEVELS: [&str; 13] = [
        "debug5", "debug4", "debug3", "debug2", "debug1", "debug", "info", "notice", "warning", "error", "log",
        "fatal", "panic",
    ];
    let Some(words) = words(text).filter(|words| !words.is_empty()) else {
        return Verdict::Refused("not a list of levels separated by commas".to_owned());
    };
    let level = |word: &str| LEVELS.iter().any(|level| level.eq_ignore_ascii_case(word.trim()));
    let unknown = words.iter().find(|word| !level(word.split_once(':').map_or(word.as_str(), |(_, level)| level)));
    match unknown {
        Some(word) => Verdict::Refused(format!("`{word}` names no level of messages")),
        None if words.iter().all(|word| !word.contains(':')) && words.len() == 1 => Verdict::Accepted,
        None => Verdict::Unknown,
    }
}

/// `check_pgaudit_log` of pgaudit.c: classes, of which those with a minus sign are taken away again.
pub(super) fn pgaudit_classes(text: &[u8]) -> Verdict {
    const CLASSES: &[&str] = &["none", "all", "ddl", "function", "misc", "misc_set", "read", "role", "write"];
    let bare = |name: String| name.strip_prefix('-').map_or_else(|| name.clone(), str::to_owned);
    known_words(identifiers(text).map(|names| names.into_iter().map(bare).collect()), CLASSES)
}

/// `check_datestyle`: at most one style and one order of the fields.
pub(super) fn date_style(text: &[u8]) -> Verdict {
    let Some(names) = identifiers(text) else { return Verdict::Refused("not a list separated by commas".to_owned()) };
    let (mut style, mut order) = (None, None);
    let mut conflict = false;
    for name in &names {
        let starts = |word: &str| name.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
        let is = |word: &str| name.eq_ignore_ascii_case(word);
        let (slot, value) = if is("iso") || is("sql") || is("german") {
            (&mut style, name.to_ascii_lowercase())
        } else if starts("postgres") {
            (&mut style, "postgres".to_owned())
        } else if is("ymd") {
            (&mut order, "ymd".to_owned())
        } else if is("dmy") || starts("euro") {
            (&mut order, "dmy".to_owned())
        } else if is("mdy") || is("us") || starts("noneuro") {
            (&mut order, "mdy".to_owned())
        } else if is("default") {
            continue;
        } else {
            return Verdict::Refused(format!("not a style and an order of dates: it has `{name}`"));
        };
        conflict |= slot.as_ref().is_some_and(|known| *known != value);
        *slot = Some(value);
    }
    if conflict { Verdict::Refused("two styles or two orders of dates at once".to_owned()) } else { Verdict::Accepted }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_follow_the_servers_syntax() {
        let names = |text: &str| identifiers(text.as_bytes());
        let some = |names: &[&str]| Some(names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>());
        assert_eq!(names(""), some(&[]));
        assert_eq!(names(" A ,\"B \"\"c\", d"), some(&["a", "B \"c", "d"]));
        for wrong in ["a,", ",a", "a b", "\"a", "a,,b", "\"a\"b"] {
            assert_eq!(names(wrong), None, "{wrong}");
        }
        assert_eq!(names("a\"b"), some(&["a\"b"]));
        assert_eq!(words(b"Data"), some(&["Data"]));
    }
}
