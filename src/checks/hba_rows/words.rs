//! Words in the database and user fields that are names where a keyword was meant, or the other way round.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use crate::catalog::Majors;
use crate::catalog::hba::ConnType;
use crate::checks::edit;
use crate::finding::{Label, Safety, Severity};
use crate::model::access::Hba;
use crate::model::hba::{DbKind, REGEX_MAJORS, UserKind};
use crate::rule::{Sink, id};
use crate::source::Span;

use super::regex::{self, Anchors};
use super::view::{Reach, Row};

const DATABASE_WORDS: &[&str] = &["all", "sameuser", "samerole", "samegroup", "replication"];
const USER_WORDS: &[&str] = &["all"];

/// `NAMEDATALEN` less its closing zero; the server cuts what a client sends to so many bytes (`ProcessStartupPacket`).
const MOST_NAME_BYTES: usize = 63;

/// What was said of the lists of a node. Rows may share one, and what is wrong with a word is said at the first.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// The majors for which a list of databases or users was looked at, by its address.
    words: HashMap<usize, Majors>,
    /// The same for what is said of replication.
    replication: HashMap<usize, Majors>,
    /// Who may replicate from elsewhere.
    replicators: OnceCell<Replicators>,
}

/// The users of the `replication` lines that let in from elsewhere.
#[derive(Debug, Default)]
struct Replicators {
    names: HashSet<String>,
    /// Whether others than those named may be among them.
    others: bool,
}

/// The row on those of its majors for which the list was not looked at yet.
fn fresh<'r, T>(row: &Row<'r>, list: &[T], known: &mut HashMap<usize, Majors>) -> Row<'r> {
    let known = known.entry(list.as_ptr().addr()).or_default();
    let live = row.live - *known;
    *known = *known | row.live;
    Row { live, ..*row }
}

fn looked_at<'l, T>(row: &Row<'_>, list: &'l [T]) -> &'l [T] {
    if row.live.is_empty() { &[] } else { list }
}

pub(super) fn check(row: &Row<'_>, told: &mut Told, out: &mut Sink<'_>) {
    let entry = row.entry;
    let part = fresh(row, &entry.databases, &mut told.words);
    for item in looked_at(&part, &entry.databases) {
        match &item.kind {
            DbKind::Name(name) => name_checks(&part, name, item.span, "database", DATABASE_WORDS, out),
            DbKind::Regex(pattern) => regex_checks(&part, pattern, item.span, "database", out),
            DbKind::SameRole if row.cx.sources.bytes(item.span) == b"samegroup" => {
                let label = Label::new(item.span, "the old spelling");
                let finding =
                    part.finding(id::HBA_SAMEGROUP, part.live, label, "`samegroup` is the old spelling of `samerole`");
                let edit = (item.span, "samerole".to_owned());
                out.push(finding.help("write `samerole`").fix("write `samerole`", Safety::Safe, vec![edit]));
            }
            _ => {}
        }
    }
    let part = fresh(row, &entry.users, &mut told.words);
    for item in looked_at(&part, &entry.users) {
        match &item.kind {
            UserKind::Name(name) => name_checks(&part, name, item.span, "user", USER_WORDS, out),
            UserKind::Member(name) => too_long(&part, name, item.span, "role", out),
            UserKind::Regex(pattern) => regex_checks(&part, pattern, item.span, "user", out),
            UserKind::All => {}
        }
    }
    replication_roles(row, told, out);
}

fn name_checks(row: &Row<'_>, name: &str, span: Span, field: &str, keywords: &[&str], out: &mut Sink<'_>) {
    let written = row.cx.sources.bytes(span);
    let is_quoted = written.first() == Some(&b'"');
    let label = |text: &str| Label::new(span, text);
    let member = field == "user" && name.len() > 1 && name.starts_with('+');
    if is_quoted && (keywords.contains(&name) || member) {
        let kept = if member { "the members of the role" } else { "the keyword" };
        let message = format!("`\"{name}\"` in quotes is the {field} of that name, not {kept}");
        let finding =
            row.finding(id::HBA_QUOTED_KEYWORD, row.live, label("a plain name, because of the quotes"), message);
        let edit = (span, name.to_owned());
        out.push(finding.help("remove the quotes, unless the name is meant").fix(
            "remove the quotes",
            Safety::Unsafe,
            vec![edit],
        ));
    } else if !is_quoted && let Some(word) = keywords.iter().find(|word| name.eq_ignore_ascii_case(word)) {
        let message = format!("`{name}` is the {field} of that name, as keywords are in lower case");
        let finding =
            row.finding(id::HBA_UPPERCASE_KEYWORD, row.live, label("a plain name, because of the case"), message);
        let edit = (span, (*word).to_owned());
        out.push(finding.help(format!("write `{word}`")).fix(format!("write `{word}`"), Safety::Unsafe, vec![edit]));
    }
    too_long(row, name, span, field, out);
}

fn too_long(row: &Row<'_>, name: &str, span: Span, field: &str, out: &mut Sink<'_>) {
    if name.len() > MOST_NAME_BYTES {
        let message = format!(
            "the name of the {field} has {} bytes, and names have at most {MOST_NAME_BYTES}, so that it never matches",
            name.len()
        );
        let finding = row.finding(id::HBA_NAME_TOO_LONG, row.live, Label::new(span, "never matches"), message);
        let finding = finding.help("write the name as the server keeps it: its first 63 bytes");
        let cut = name.get(..MOST_NAME_BYTES).filter(|_| row.cx.sources.bytes(span) == name.as_bytes());
        out.push(match cut {
            Some(cut) => finding.fix("write its first 63 bytes", Safety::Unsafe, vec![(span, cut.to_owned())]),
            None => finding,
        });
    }
}

fn regex_checks(row: &Row<'_>, pattern: &str, span: Span, field: &str, out: &mut Sink<'_>) {
    let shown = row.show(span);
    let before = row.live - REGEX_MAJORS;
    let message = format!("`{shown}` is a plain name before 16, which no {field} has");
    let finding =
        row.finding(id::HBA_REGEX_VERSION, before, Label::new(span, "an expression from 16 on only"), message);
    out.push(finding.help(format!("list the {field}s, or use a group role with `+`")));

    let (severity, message) = match regex::anchors(pattern) {
        Anchors::Both => return,
        Anchors::Start => {
            (Severity::Info, format!("`{shown}` matches every {field} that starts so, as no `$` ends it"))
        }
        Anchors::End => {
            (Severity::Warning, format!("`{shown}` matches every {field} that ends so, as no `^` starts it"))
        }
        Anchors::None => (Severity::Warning, format!("`{shown}` matches every {field} that holds it anywhere")),
    };
    let finding =
        row.finding(id::HBA_REGEX_ANCHOR, row.live & REGEX_MAJORS, Label::new(span, "matches parts of names"), message);
    let finding = finding.severity(severity).help("write `^` at the start and `$` at the end");
    out.push(match anchored(row, pattern, span) {
        Some(edits) => finding.fix("write the anchors", Safety::Unsafe, edits),
        None => finding,
    });
}

/// The anchors that an expression lacks, put in where they cannot change how its parts go together.
fn anchored(row: &Row<'_>, pattern: &str, span: Span) -> Option<Vec<(Span, String)>> {
    let written = std::str::from_utf8(row.cx.sources.bytes(span)).ok()?;
    let lead = written.len() - written.trim_start_matches('"').len();
    let (body, tail) = (written.get(lead..)?, if lead > 0 { 1 } else { 0 });
    let simple = body.strip_prefix('/')?.strip_suffix(&"\""[..tail])? == pattern
        && !pattern.contains(['|', '\\'])
        && !pattern.starts_with(['*', '(']);
    let start = span.start + lead as u32 + 1;
    let mut edits = Vec::new();
    if !pattern.starts_with('^') {
        edits.push(edit::put(span.file, start, "^"));
    }
    if !pattern.ends_with('$') {
        edits.push(edit::put(span.file, start + pattern.len() as u32, "$"));
    }
    (simple && !pattern.is_empty()).then_some(edits)
}

/// Roles named for replication that may not replicate, as `all` leaves replication out.
fn replication_roles(row: &Row<'_>, told: &mut Told, out: &mut Sink<'_>) {
    let remote = row.entry.conn_type != ConnType::Local && row.reach() == Reach::Remote;
    let only_all = row.entry.databases.iter().all(|item| item.kind == DbKind::All);
    if !only_all || !remote || !row.accepts() || !row.hba.complete {
        return;
    }
    let row = fresh(row, &row.entry.users, &mut told.replication);
    if row.live.is_empty() {
        return;
    }
    let names = row.entry.users.iter().filter_map(|item| match &item.kind {
        UserKind::Name(name) if name.to_ascii_lowercase().contains("repl") => Some((name, item.span)),
        _ => None,
    });
    for (name, span) in names {
        let replicators = told.replicators.get_or_init(|| Replicators::of(row.hba));
        if replicators.others || replicators.names.contains(name) {
            continue;
        }
        // Logical replication connects to a database, which `all` covers.
        let logical = |value: &crate::model::value::Value| *value == crate::model::value::Value::Enum("logical");
        let replica = |value: &crate::model::value::Value| *value == crate::model::value::Value::Enum("replica");
        let settings = &row.node.settings;
        // From 19 on a server with `replica` may do logical replication too.
        let majors = row.live
            - settings.majors_where("wal_level", row.live, logical)
            - settings.majors_where("wal_level", row.live & Majors::since(19), replica);
        let message = format!("`all` leaves replication out, so `{name}` cannot replicate with this line");
        let finding = row.finding(
            id::HBA_REPLICATION_KEYWORD,
            majors,
            Label::new(span, "no `replication` line lets it in"),
            message,
        );
        out.push(finding.help("write `replication` as the database, unless the role is for logical replication"));
    }
}

impl Replicators {
    fn of(hba: &Hba) -> Self {
        let mut out = Self::default();
        let mut lists = HashSet::new();
        for row in hba.rows.iter().filter(|row| row.is_replication() && super::view::reach(row) == Reach::Remote) {
            if !lists.insert(row.users.as_ptr().addr()) {
                continue;
            }
            for item in row.users.iter() {
                match &item.kind {
                    UserKind::Name(name) => drop(out.names.insert(name.clone())),
                    _ => out.others = true,
                }
            }
        }
        out
    }
}
