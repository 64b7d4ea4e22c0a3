//! Holds pgassay's refusals against the verdict of a table on one file.

use std::collections::{BTreeMap, BTreeSet};

use super::table::Verdict;
use crate::oracle::Kind;
use crate::oracle::lines::Numbering;
use crate::oracle::ours::{Elsewhere, Refusal, elsewhere};

/// A line that one refuses and the other does not; line 0 is the whole file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Disagreement {
    pub(super) line: u32,
    /// The server's message, if it refuses the line.
    pub(super) server: Option<String>,
    /// Our rule and message, if we refuse it.
    pub(super) ours: Option<String>,
}

/// What the comparison of a file comes to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Compared {
    pub(super) disagreements: Vec<Disagreement>,
    /// Refusals of ours that the verdict says nothing of, by the reason.
    pub(super) set_aside: BTreeMap<&'static str, usize>,
}

pub(super) fn compare(kind: Kind, major: u8, bytes: &[u8], verdict: &Verdict, ours: &[Refusal]) -> Compared {
    let numbering = Numbering::new(kind, major, bytes);
    let mut compared = Compared::default();
    let mut refused: BTreeMap<u32, String> = BTreeMap::new();
    let mut by_start = Vec::new();
    // Lines that some servers of the major refuse and others do not.
    let mut open = BTreeSet::new();
    for refusal in ours {
        let text = format!("{}: {}", refusal.rule, refusal.message);
        let line = numbering.number(refusal.offset);
        match elsewhere(&refusal.rule) {
            None => drop(refused.entry(line).or_insert(text)),
            Some(Elsewhere::Start) => by_start.push(text),
            Some(place) => {
                if matches!(place, Elsewhere::Varies(_)) {
                    open.insert(line);
                }
                if place == Elsewhere::WholeFile && verdict.refused.contains_key(&0) {
                    refused.insert(0, text);
                } else {
                    *compared.set_aside.entry(place.why()).or_default() += 1;
                }
            }
        }
    }
    let mut theirs = verdict.refused.clone();
    at_the_end(kind, bytes, &mut theirs, &refused);
    for line in theirs.keys().chain(refused.keys()).copied().collect::<BTreeSet<_>>() {
        let (server, own) = (theirs.get(&line), refused.get(&line));
        let agree = server.is_some() == own.is_some()
            || verdict.machine.contains(&line)
            || open.contains(&line) && own.is_none()
            || verdict.cut && server.is_none();
        if !agree {
            compared.disagreements.push(Disagreement { line, server: server.cloned(), ours: own.cloned() });
        }
    }
    match &verdict.start {
        Some(message) if by_start.is_empty() => {
            compared.disagreements.push(Disagreement { line: 0, server: Some(message.clone()), ours: None });
        }
        // A start shows its first complaint only.
        Some(_) => {}
        // It was made without the lines that the server refuses, or on this machine only.
        None if !verdict.refused.is_empty() || !verdict.machine.is_empty() => {
            for _ in by_start {
                *compared.set_aside.entry(Elsewhere::Start.why()).or_default() += 1;
            }
        }
        None => {
            let wrong = |text| Disagreement { line: 0, server: None, ours: Some(text) };
            compared.disagreements.extend(by_start.into_iter().map(wrong));
        }
    }
    compared
}

/// At the end of a postgresql.conf without a line feed the server counts a line too few.
fn at_the_end(kind: Kind, bytes: &[u8], theirs: &mut BTreeMap<u32, String>, ours: &BTreeMap<u32, String>) {
    if kind != Kind::Conf || bytes.last().is_none_or(|&last| last == b'\n') {
        return;
    }
    let Some(before) = ours.keys().next_back().and_then(|last| last.checked_sub(1)) else { return };
    let at_end = bytes.iter().filter(|&&byte| byte == b'\n').count() == before as usize;
    if at_end
        && !ours.contains_key(&before)
        && theirs.get(&before).is_some_and(|message| message.contains("syntax error"))
        && let Some(message) = theirs.remove(&before)
    {
        theirs.insert(before + 1, message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(refused: &[u32]) -> Verdict {
        let refused = refused.iter().map(|&line| (line, "syntax error".to_owned())).collect();
        Verdict { refused, ..Verdict::default() }
    }

    /// The lines of the disagreements, with whether the server refuses them.
    fn differ(bytes: &[u8], verdict: &Verdict, ours: &[(&str, usize)]) -> Vec<(u32, bool)> {
        let refusal =
            |&(rule, offset): &(&str, usize)| Refusal { rule: rule.to_owned(), message: String::new(), offset };
        let ours: Vec<Refusal> = ours.iter().map(refusal).collect();
        let compared = compare(Kind::Conf, 16, bytes, verdict, &ours);
        compared.disagreements.iter().map(|found| (found.line, found.server.is_some())).collect()
    }

    const TEXT: &[u8] = b"a\nb\nc\n";

    #[test]
    fn lines_are_held_against_each_other() {
        assert_eq!(differ(TEXT, &verdict(&[1, 3]), &[("conf-x", 0), ("conf-y", 4)]), []);
        assert_eq!(differ(TEXT, &verdict(&[1]), &[("conf-y", 2)]), [(1, true), (2, false)]);
        let machine = Verdict { machine: BTreeSet::from([2]), ..verdict(&[]) };
        assert_eq!(differ(TEXT, &machine, &[("conf-y", 2)]), []);
        assert_eq!(differ(TEXT, &verdict(&[2]), &[("conf-special-build", 2)]), []);
    }

    #[test]
    fn a_verdict_that_was_cut_may_lack_errors() {
        let cut = Verdict { cut: true, ..verdict(&[1]) };
        assert_eq!(differ(TEXT, &cut, &[("conf-x", 0), ("conf-y", 4)]), []);
        assert_eq!(differ(TEXT, &cut, &[("conf-y", 4)]), [(1, true)]);
    }

    #[test]
    fn starts_are_held_against_rules_on_starts() {
        let fails = Verdict { start: Some("no".to_owned()), ..verdict(&[]) };
        assert_eq!(differ(TEXT, &fails, &[("wal-minimal-senders", 0)]), []);
        assert_eq!(differ(TEXT, &fails, &[]), [(0, true)]);
        assert_eq!(differ(TEXT, &verdict(&[]), &[("wal-minimal-senders", 0)]), [(0, false)]);
        assert_eq!(differ(TEXT, &verdict(&[]), &[("tls-version-order", 0)]), []);
        assert_eq!(differ(TEXT, &verdict(&[1]), &[("conf-x", 0), ("wal-minimal-senders", 2)]), []);
    }

    #[test]
    fn the_whole_file_is_line_0() {
        assert_eq!(differ(b"", &verdict(&[0]), &[("hba-no-entries", 0)]), []);
        assert_eq!(differ(b"", &verdict(&[0]), &[]), [(0, true)]);
        assert_eq!(differ(b"", &verdict(&[]), &[("hba-no-entries", 0)]), []);
    }

    #[test]
    fn the_last_line_may_be_counted_as_the_one_before() {
        assert_eq!(differ(b"a\nb", &verdict(&[1]), &[("conf-x", 2)]), []);
        assert_eq!(differ(b"a\nb\n", &verdict(&[1]), &[("conf-x", 2)]), [(1, true), (2, false)]);
        assert_eq!(differ(b"a\nb", &verdict(&[1]), &[("conf-x", 0)]), []);
    }
}
