//! Suppressions: which comment covers which finding, and which comments are wrong, unneeded or out of date.
//!
//! Parsers say where comments and entries are; this module reads no grammar.

use std::collections::BTreeMap;
use std::ops::Range;

use memchr::memmem;

use crate::finding::{Finding, Label, Safety, Subject};
use crate::rule::{RuleId, id};
use crate::source::{FileId, SourceFile, SourceMap, Span};
use crate::triage::directive::{self, Directive, Mistake};
use crate::triage::{Outcome, Triage};

/// The comments of a file that speak to pgassay, and what they may speak of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commented {
    /// The file.
    pub file: FileId,
    /// The comments that hold `pgassay:`, ascending, with their marks (`#`, `--`).
    pub comments: Vec<Span>,
    /// The lines of settings, rows and statements, ascending and apart; broken ones too. May be left empty where there
    /// is no such comment.
    pub entries: Vec<Span>,
}

/// Whether a file needs to be looked at for suppressions at all.
#[must_use]
pub fn mentioned(bytes: &[u8]) -> bool {
    memmem::find(bytes, directive::WORD).is_some()
}

/// A suppression that holds, and what it covers.
#[derive(Debug)]
struct Held {
    directive: Directive,
    comment: Span,
    /// The bytes in which findings must start; nothing for the whole file.
    covers: Vec<Range<u32>>,
    /// Whether it covers what the file lacks.
    absent: bool,
    /// Per rule, whether it was needed.
    used: Vec<bool>,
}

/// The suppressions of a run.
#[derive(Debug)]
pub(super) struct Suppressions {
    held: Vec<Held>,
    /// By file and rule.
    by_rule: BTreeMap<(FileId, RuleId), Index>,
}

/// A rule's suppressions in a file, found by where a finding starts.
#[derive(Debug, Default)]
struct Index {
    /// By start and end of the comment.
    comments: BTreeMap<(u32, u32), Same>,
    /// By start and end of the entry, or of a line's entries.
    entries: BTreeMap<(u32, u32), Same>,
    /// Those of the whole file.
    file: Same,
    /// Those that cover what the file lacks, the whole file's last.
    absent: Same,
}

/// No more ranges hold a place: those of its entry and of the lines on which that starts and ends, and as many that end
/// there.
const MOST_AROUND: usize = 6;

/// Suppressions that cover the same, in order, each as its place in `Suppressions::held` and among its rules.
#[derive(Debug, Default)]
struct Same {
    of: Vec<(usize, usize)>,
    /// Whether they are known to be needed.
    used: bool,
}

impl Same {
    /// Notes that all are needed; gives the first.
    fn used(&mut self, held: &mut [Held]) -> Option<usize> {
        if !std::mem::replace(&mut self.used, true) {
            for &(index, place) in &self.of {
                if let Some(used) = held.get_mut(index).and_then(|one| one.used.get_mut(place)) {
                    *used = true;
                }
            }
        }
        self.of.first().map(|&(index, _)| index)
    }
}

impl Index {
    fn add(&mut self, one: &Held, at: (usize, usize)) {
        if one.absent {
            self.absent.of.push(at);
        }
        if one.directive.whole_file {
            self.file.of.push(at);
        }
        for (sort, range) in one.covers.iter().enumerate() {
            let ranges = if sort == 0 { &mut self.comments } else { &mut self.entries };
            ranges.entry((range.start, range.end)).or_default().of.push(at);
        }
    }

    /// Notes that all that cover the place are needed; gives the one that comes first, those of single entries before
    /// those of whole files.
    fn covering(&mut self, label: &Label, held: &mut [Held]) -> Option<usize> {
        let span = label.span;
        if label.is_absent() {
            return self.absent.used(held);
        }
        let mut first: Option<usize> = None;
        for ranges in [&mut self.comments, &mut self.entries] {
            for (&(_, end), same) in ranges.range_mut(..=(span.start, u32::MAX)).rev().take(MOST_AROUND) {
                let within = span.start < end || span.start == end && span.end == end;
                if within && let Some(found) = same.used(held) {
                    first = Some(first.map_or(found, |first| first.min(found)));
                }
            }
        }
        let of_file = self.file.used(held);
        first.or(of_file)
    }
}

impl Suppressions {
    /// Reads the comments; what is wrong with them goes to `findings`.
    pub(super) fn read(triage: &Triage<'_>, findings: &mut Vec<Finding>) -> Self {
        let registry = triage.selection.registry();
        let mut held = Vec::new();
        let mut mistakes = Vec::new();
        for commented in triage.comments {
            let source = triage.sources.file(commented.file);
            let bytes = source.bytes();
            let head = head(bytes);
            let secrets = triage.sources.secrets(commented.file);
            // What may be a secret is read for nothing else: findings say what a comment says.
            let open = |comment: &&Span| {
                let first = secrets.partition_point(|secret| secret.end <= comment.start);
                secrets.get(first).is_none_or(|secret| secret.start >= comment.end)
            };
            for &comment in commented.comments.iter().filter(open) {
                for directive in directive::read(comment, bytes, registry, &mut mistakes) {
                    match directive.until {
                        Some((date, span)) if date < triage.today => {
                            let finding = expired(triage, &directive, &date.to_string(), span);
                            push(triage, findings, finding);
                        }
                        _ => held.push(Held::new(directive, comment, commented, source, head)),
                    }
                }
            }
        }
        for mistake in mistakes {
            push(triage, findings, wrong(triage, mistake));
        }
        let mut by_rule = BTreeMap::<_, Index>::new();
        for whole_file in [false, true] {
            for (index, one) in held.iter().enumerate().filter(|(_, one)| one.directive.whole_file == whole_file) {
                for (place, (rule, _)) in one.directive.rules.iter().enumerate() {
                    by_rule.entry((one.directive.span.file, *rule)).or_default().add(one, (index, place));
                }
            }
        }
        Self { held, by_rule }
    }

    /// Gives each finding its outcome, as far as comments decide it. The findings are in order.
    pub(super) fn judge(&mut self, findings: Vec<Finding>) -> Vec<(Finding, Outcome)> {
        findings
            .into_iter()
            .map(|finding| {
                let outcome = self.outcome(&finding);
                (finding, outcome)
            })
            .collect()
    }

    fn outcome(&mut self, finding: &Finding) -> Outcome {
        let index = self.by_rule.get_mut(&(finding.primary.span.file, finding.rule));
        let first = index.and_then(|index| index.covering(&finding.primary, &mut self.held));
        match first.and_then(|first| self.held.get(first)) {
            Some(Held { directive, .. }) => {
                Outcome::Suppressed { by: directive.span, reason: directive.reason.clone() }
            }
            None => Outcome::Open,
        }
    }

    /// Findings about suppressions that nothing needed.
    pub(super) fn unused(&self, triage: &Triage<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for one in &self.held {
            // A rule that did not run may find something the next time. `suppression-unused` is about to be judged.
            let idle = |&(place, (rule, _)): &(usize, &(RuleId, Span))| {
                one.used.get(place) == Some(&false)
                    && triage.selection.contains(*rule)
                    && !(rule.meta().majors & triage.target).is_empty()
                    && *rule != id::SUPPRESSION_UNUSED
                    // These are found on the way from one major to another only.
                    && rule.meta().family != crate::upgrade::FAMILY
            };
            let idle = one.directive.rules.iter().enumerate().filter(idle).map(|(place, _)| place).collect::<Vec<_>>();
            if !idle.is_empty() {
                push(triage, &mut findings, unneeded(triage, one, &idle));
            }
        }
        findings
    }
}

impl Held {
    fn new(directive: Directive, comment: Span, commented: &Commented, source: &SourceFile, head: usize) -> Self {
        let used = vec![false; directive.rules.len()];
        let line = line_of(comment.start, source);
        let own_line = source.bytes()[line.start..comment.start as usize].trim_ascii().is_empty();
        let absent = directive.whole_file || own_line && (comment.start as usize) < head;
        let mut covers = Vec::new();
        if !directive.whole_file {
            // Findings about the comment itself are covered by it.
            covers.push(comment.start..comment.end);
            let entries = &commented.entries;
            if own_line {
                let next = entries.partition_point(|entry| entry.end <= comment.start);
                covers.extend(entries.get(next).map(|entry| entry.start..entry.end));
            } else {
                let first = entries.partition_point(|entry| entry.end as usize <= line.start);
                let after = entries.partition_point(|entry| (entry.start as usize) < line.end);
                covers.push(match entries.get(first..after) {
                    Some([first, .., last]) => first.start..last.end,
                    Some([one]) => one.start..one.end,
                    _ => line.start as u32..line.end as u32,
                });
            }
        }
        Self { directive, comment, covers, absent, used }
    }
}

/// Adds a finding of the engine's own, if its rule runs.
fn push(triage: &Triage<'_>, findings: &mut Vec<Finding>, finding: Finding) {
    if triage.selection.contains(finding.rule) && !finding.majors.is_empty() {
        findings.push(finding);
    }
}

fn quoted(sources: &SourceMap, span: Span) -> String {
    String::from_utf8_lossy(sources.bytes(span)).into_owned()
}

fn wrong(triage: &Triage<'_>, mistake: Mistake) -> Finding {
    let registry = triage.selection.registry();
    let make = |span, message, label| {
        let subject = Subject::Entry(quoted(triage.sources, span));
        Finding::new(id::SUPPRESSION_UNKNOWN, subject, triage.target, Label::new(span, label), message)
    };
    match mistake {
        Mistake::Form(span, why) => make(span, format!("a comment is no suppression: {why}"), "suppresses nothing")
            .help("write `pgassay: ignore[id] -- reason`"),
        Mistake::Unknown(span, word) => {
            let finding = make(span, format!("no rule is called `{word}`"), "suppresses nothing");
            if registry.iter().any(|rule| rule.meta().family == word || rule.meta().tags.contains(&word.as_str())) {
                return finding.help(format!("`{word}` is a group of rules; name the rules one by one"));
            }
            match registry.nearest(&word) {
                Some(near) => finding.help(format!("did you mean `{near}`?")).fix(
                    format!("name `{near}`"),
                    Safety::Safe,
                    vec![(span, near.to_owned())],
                ),
                None => finding.help("`pgassay rules` lists the ids"),
            }
        }
    }
}

fn expired(triage: &Triage<'_>, directive: &Directive, date: &str, place: Span) -> Finding {
    let rules = names(directive.rules.iter().map(|(rule, _)| *rule));
    let what = if rules.is_empty() { String::new() } else { format!(" of {rules}") };
    let label = Label::new(place, "suppresses nothing since");
    let subject = Subject::Entry(quoted(triage.sources, directive.span));
    Finding::new(
        id::SUPPRESSION_EXPIRED,
        subject,
        triage.target,
        label,
        format!("the suppression{what} ended on {date}"),
    )
    .help("solve what it hid, or set a new date")
}

fn unneeded(triage: &Triage<'_>, one: &Held, idle: &[usize]) -> Finding {
    let Held { directive, comment, .. } = one;
    let idle_rule = |place: &usize| directive.rules.get(*place).copied();
    let rules = names(idle.iter().filter_map(idle_rule).map(|(rule, _)| rule));
    let verb = if idle.len() == 1 { "finds" } else { "find" };
    let place = if directive.whole_file { "in this file" } else { "here" };
    let all = idle.len() == directive.rules.len() && !directive.strange;
    let span = match idle.first().and_then(idle_rule) {
        Some((_, span)) if idle.len() == 1 => span,
        _ => directive.span,
    };
    let subject = Subject::Entry(quoted(triage.sources, directive.span));
    let message = format!("{rules} {verb} nothing {place} to suppress");
    let finding =
        Finding::new(id::SUPPRESSION_UNUSED, subject, triage.target, Label::new(span, "suppresses nothing"), message);
    let source = triage.sources.file(comment.file);
    let bytes = source.bytes();
    if !all {
        let edits = idle.iter().filter_map(|&place| removal(directive, place, bytes)).collect::<Vec<_>>();
        let whole = edits.len() == idle.len();
        let finding = finding.help("remove what finds nothing");
        return if whole { finding.fix(format!("remove {rules}"), Safety::Safe, edits) } else { finding };
    }
    let finding = finding.help("remove the comment");
    match alone(directive, *comment, source) {
        Some(span) => finding.fix("remove the comment", Safety::Safe, vec![(span, String::new())]),
        None => finding,
    }
}

/// The bytes to remove for an id of a list: with the comma and blanks after it, or for the last with those before it.
fn removal(directive: &Directive, place: usize, bytes: &[u8]) -> Option<(Span, String)> {
    let (_, id) = directive.rules.get(place)?;
    let after = &bytes[id.end as usize..directive.span.end as usize];
    let blanks = |bytes: &[u8]| bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let comma = blanks(after);
    if after.get(comma) == Some(&b',') {
        let end = comma + 1 + blanks(&after[comma + 1..]);
        return Some((Span { end: id.end + end as u32, ..*id }, String::new()));
    }
    let before = bytes[directive.span.start as usize..id.start as usize].trim_ascii_end().strip_suffix(b",")?;
    Some((Span { start: directive.span.start + before.len() as u32, ..*id }, String::new()))
}

/// The bytes to remove for a whole comment that holds nothing but the suppression: its line, or what follows the entry.
fn alone(directive: &Directive, comment: Span, source: &SourceFile) -> Option<Span> {
    let bytes = source.bytes();
    let mark = bytes[comment.start as usize..directive.span.start as usize].trim_ascii();
    let rest = bytes[directive.span.end as usize..comment.end as usize].trim_ascii();
    if !matches!((mark, rest), (b"#" | b"--" | b";" | b"//", b"") | (b"/*", b"*/") | (b"<!--", b"-->")) {
        return None;
    }
    let line = line_of(comment.start, source);
    let before = bytes[line.start..comment.start as usize].trim_ascii_end().len();
    if !bytes[comment.end as usize..line.end.max(comment.end as usize)].trim_ascii().is_empty() {
        return None;
    }
    if before == 0 {
        return Some(Span::new(comment.file, line.start, (line.end + 1).min(bytes.len())));
    }
    // The comment of a line that ends with CRLF may have its carriage return.
    let end = comment.start as usize + bytes[comment.range()].trim_ascii_end().len();
    Some(Span::new(comment.file, line.start + before, end))
}

fn names(rules: impl Iterator<Item = RuleId>) -> String {
    rules.map(|rule| format!("`{rule}`")).collect::<Vec<_>>().join(", ")
}

/// The line of a byte, without its line feed.
fn line_of(at: u32, source: &SourceFile) -> Range<usize> {
    source.lines().range(source.lines().line(at), source.bytes())
}

/// Where the first block of comments of a file ends: the lines of comments with which it starts, blank lines before
/// them aside.
fn head(bytes: &[u8]) -> usize {
    let mut at = 0;
    let mut started = false;
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        let text = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii();
        let comment = [&b"#"[..], b"--", b";", b"/*", b"*", b"//", b"<!--"].iter().any(|mark| text.starts_with(mark));
        if !comment && (started || !text.is_empty()) {
            break;
        }
        started |= comment;
        at += line.len();
    }
    at
}
