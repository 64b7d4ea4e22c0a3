//! Holds pgassay's refusals against a server's verdict, line by line.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::Kind;
use super::ask::Verdict;
use super::lines::Numbering;
use super::ours::{Elsewhere, Refusal, elsewhere};

/// What the comparison of one file comes to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Compared {
    /// Lines that are entries.
    pub(super) lines: usize,
    /// Lines that the server refuses.
    pub(super) refused: usize,
    pub(super) disagreements: Vec<Disagreement>,
    /// What could not be compared, and how often.
    pub(super) set_aside: BTreeMap<String, usize>,
}

/// A line that one refuses and the other does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Disagreement {
    pub(super) line: u32,
    /// The server's message, if it refuses the line.
    pub(super) server: Option<String>,
    /// Our rule and message, if we refuse it.
    pub(super) ours: Option<String>,
}

impl Disagreement {
    /// What it is about, without the words of the file: disagreements that look alike have most likely one cause.
    pub(super) fn signature(&self) -> String {
        let shape = |text: &str| {
            let mut shape = String::new();
            // Quoted parts and numbers are the file's own.
            for (at, part) in text.split(['"', '`']).enumerate() {
                if at % 2 == 0 {
                    shape.extend(part.chars().filter(|char| !char.is_ascii_digit()));
                }
            }
            shape
        };
        let side = |side: &Option<String>| side.as_deref().map_or_else(|| "accepts".to_owned(), shape);
        format!("server: {} / pgassay: {}", side(&self.server), side(&self.ours))
    }
}

pub(super) fn compare(kind: Kind, major: u8, bytes: &[u8], server: &Verdict, ours: &[Refusal]) -> Compared {
    let numbering = Numbering::new(kind, major, bytes);
    let mut compared =
        Compared { lines: numbering.entries(bytes), refused: server.refused.len(), ..Compared::default() };
    let mut refused: BTreeMap<u32, String> = BTreeMap::new();
    // Lines that we say some servers refuse and others do not.
    let mut open = BTreeSet::new();
    for refusal in ours {
        match elsewhere(&refusal.rule) {
            Some(place) => {
                *compared.set_aside.entry(place.why().to_owned()).or_default() += 1;
                if matches!(place, Elsewhere::Varies(_)) {
                    open.insert(numbering.number(refusal.offset));
                }
            }
            None => {
                let text = format!("{}: {}", refusal.rule, refusal.message);
                refused.entry(numbering.number(refusal.offset)).or_insert(text);
            }
        }
    }
    for (&line, &why) in &server.unknown {
        *compared.set_aside.entry(why.to_owned()).or_default() += 1;
        refused.remove(&line);
    }
    // Where the server names no line, any line that we refuse may be it.
    let lines: BTreeSet<u32> = server.refused.keys().chain(refused.keys()).copied().collect();
    let mut unplaced = server.unplaced.iter();
    for line in lines {
        let (theirs, own) = (server.refused.get(&line), refused.get(&line));
        if theirs.is_some() == own.is_some()
            || open.contains(&line) && own.is_none()
            || theirs.is_none() && unplaced.next().is_some()
        {
            continue;
        }
        let text = numbering.text(bytes, line);
        if let Some(why) = theirs.and_then(|message| explained(kind, major, message, text, bytes)) {
            *compared.set_aside.entry(why.to_owned()).or_default() += 1;
            continue;
        }
        if own.is_some_and(|own| own.contains("-regex: ")) && by_view(kind, major) && !text.is_ascii() {
            *compared.set_aside.entry(NOT_ASCII.to_owned()).or_default() += 1;
            continue;
        }
        compared.disagreements.push(Disagreement { line, server: theirs.cloned(), ours: own.cloned() });
    }
    for message in unplaced {
        if is_template(bytes, bytes) {
            *compared.set_aside.entry("looks like a template".to_owned()).or_default() += 1;
        } else {
            compared.disagreements.push(Disagreement { line: 0, server: Some(message.clone()), ours: None });
        }
    }
    compared
}

const NOT_ASCII: &str = "an expression that is not ASCII, which the view reads otherwise than a start";

/// Whether the lines are judged by a view, and not by a reload.
fn by_view(kind: Kind, major: u8) -> bool {
    kind == Kind::Hba || major >= 15
}

/// Why the server may refuse a line that pgassay is silent about.
fn explained(kind: Kind, major: u8, message: &str, line: &[u8], file: &[u8]) -> Option<&'static str> {
    if is_template(line, file) {
        return Some("looks like a template");
    }
    if let Some(why) = settled_by_machine(kind, message, line) {
        return Some(why);
    }
    // The view is filled by a session, in whose database's encoding expressions are read; a start reads single bytes.
    if by_view(kind, major) && message.starts_with("invalid regular expression") && !line.is_ascii() {
        return Some(NOT_ASCII);
    }
    // The message gets lost in the view, or gives way to that on ssl.
    let silent = message.is_empty() || message.contains("SSL is disabled");
    let start = line.windows(14).position(|window| window == b"radiusservers=");
    let value = start.and_then(|at| line.get(at + 14..)).unwrap_or_default();
    let value = value.split(u8::is_ascii_whitespace).next().unwrap_or_default();
    let value = String::from_utf8_lossy(value);
    let numeric = value.split(['"', ',']).all(|part| part.is_empty() || part.parse::<IpAddr>().is_ok());
    if silent && start.is_some() && !numeric {
        return Some("depends on name resolution");
    }
    None
}

/// Whether pgassay may take the line for one that a tool fills in later, and so be silent: it has such a mark, or a
/// mark that reaches over several lines is somewhere in the file.
fn is_template(line: &[u8], file: &[u8]) -> bool {
    let has = |text: &[u8], mark: &[u8]| text.windows(mark.len()).any(|window| window == mark);
    let spans = [&b"{{"[..], b"{%", b"{#", b"<%"].iter().any(|mark| has(file, mark));
    spans || has(line, b"${") || has(line, b"%(") || has_between(line, b'@') || shell(line)
}

/// What another machine or build may take. An empty name of a locale or time zone is taken by none.
fn settled_by_machine(kind: Kind, message: &str, line: &[u8]) -> Option<&'static str> {
    const BUILD: &[&str] =
        &["bonjour", "default_toast_compression", "io_method", "ssl", "syslog_facility", "wal_compression"];
    const MACHINE: &[&str] = &["lc_", "log_timezone", "timezone", "timezone_abbreviations"];
    let has = |part: &[u8]| line.windows(part.len()).any(|window| window == part);
    let any = |names: &[&str]| names.iter().any(|name| begins(line, name.as_bytes()));
    match kind {
        // Debian's packages have it, the servers at hand do not.
        Kind::Conf if message.contains("unrecognized") => any(&["extension_destdir"]).then_some("depends on the build"),
        Kind::Conf if any(BUILD) => Some("depends on the build"),
        Kind::Conf if any(MACHINE) && !has(b"''") => Some("depends on the machine's locales and time zones"),
        // An address with a zone is numeric only where there is an interface of that name.
        Kind::Hba if message.contains("host name and CIDR mask") && has(b"%") => {
            Some("depends on the machine's interfaces")
        }
        _ => None,
    }
}

/// Whether the line sets the setting of that name.
fn begins(line: &[u8], name: &[u8]) -> bool {
    line.trim_ascii_start().get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
}

/// `@name@`.
fn has_between(line: &[u8], mark: u8) -> bool {
    let word = |part: &[u8]| !part.is_empty() && part.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let parts: Vec<&[u8]> = line.split(|&byte| byte == mark).collect();
    parts.len() > 2 && parts[1..parts.len() - 1].iter().any(|part| word(part))
}

/// `$NAME`.
fn shell(line: &[u8]) -> bool {
    line.windows(3).any(|window| window[0] == b'$' && window[1..].iter().all(|byte| matches!(byte, b'A'..=b'Z' | b'_')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(rule: &str, offset: usize) -> Refusal {
        Refusal { rule: rule.to_owned(), message: "`x` is wrong".to_owned(), offset }
    }

    fn refuses(lines: &[u32]) -> Verdict {
        let refused = lines.iter().map(|&line| (line, "bad \"x\"".to_owned())).collect();
        Verdict { refused, ..Verdict::default() }
    }

    #[test]
    fn lines_are_held_against_each_other() {
        let text = b"# c\na\nb\nc\n";
        let same = compare(Kind::Hba, 16, text, &refuses(&[2, 4]), &[refusal("hba-a", 4), refusal("hba-b", 8)]);
        assert_eq!((same.lines, same.disagreements), (3, Vec::new()));
        let other = compare(Kind::Hba, 16, text, &refuses(&[2]), &[refusal("hba-b", 6)]);
        let found = other.disagreements.iter().map(|found| (found.line, found.server.is_some(), found.ours.is_some()));
        assert_eq!(found.collect::<Vec<_>>(), [(2, true, false), (3, false, true)]);
        assert_eq!(other.disagreements[1].signature(), "server: accepts / pgassay: hba-b:  is wrong");
    }

    #[test]
    fn what_cannot_be_compared_is_counted() {
        let mut server = refuses(&[]);
        server.unknown.insert(1, "why");
        let found =
            compare(Kind::Hba, 16, b"a\nb\n", &server, &[refusal("hba-a", 0), refusal("wal-size-too-small", 2)]);
        assert_eq!(found.disagreements, []);
        assert_eq!(found.set_aside, BTreeMap::from([("judged by a start".to_owned(), 1), ("why".to_owned(), 1)]));
        let found = compare(Kind::Hba, 16, b"{{ x }}\n", &refuses(&[1]), &[]);
        assert_eq!(found.set_aside.get("looks like a template"), Some(&1));
    }

    #[test]
    fn an_empty_name_is_taken_by_no_machine() {
        let by_machine = |text: &[u8]| settled_by_machine(Kind::Conf, "setting could not be applied", text).is_some();
        assert!(by_machine(b" TimeZone = 'u'\n") && by_machine(b"wal_compression=lz4") && by_machine(b"lc_time = x"));
        assert!(!by_machine(b"TimeZone = ''\n") && !by_machine(b"work_mem = x"));
    }

    #[test]
    fn messages_without_a_line_match_any_line() {
        let server = Verdict { unplaced: vec!["bad".to_owned()], ..Verdict::default() };
        assert_eq!(compare(Kind::Ident, 10, b"a\n", &server, &[refusal("ident-regex", 0)]).disagreements, []);
        assert_eq!(compare(Kind::Ident, 10, b"a\n", &server, &[]).disagreements.len(), 1);
    }
}
