//! Rows of pg_hba.conf and pg_ident.conf that the target reads otherwise.
//!
//! Told only where every major that the tree may be of reads them in the old way: a row that was written for the new one
//! is right as it is.

use std::collections::BTreeMap;

use crate::catalog::Majors;
use crate::finding::{Finding, Label, Subject};
use crate::model::Cluster;
use crate::model::hba::{DbKind, HbaRow, UserKind};
use crate::model::ident::{DatabaseUserKind, IdentRow};
use crate::rule::{RuleId, id};
use crate::source::{FileId, Span};
use crate::upgrade::View;

/// The lines that are rows, by file and major.
#[derive(Debug, Default)]
pub(super) struct Rows(BTreeMap<(FileId, u8), Vec<Span>>);

impl Rows {
    pub(super) fn note(&mut self, cluster: &Cluster, major: u8) {
        for node in &cluster.nodes {
            let rows = node.hba.iter().flat_map(|hba| hba.rows.iter().map(|row| row.line));
            for line in rows.chain(node.ident.iter().flat_map(|ident| ident.rows.iter().map(|row| row.line))) {
                self.0.entry((line.file, major)).or_default().push(line);
            }
        }
    }

    fn of(&self, file: FileId, major: u8) -> &[Span] {
        self.0.get(&(file, major)).map(Vec::as_slice).unwrap_or_default()
    }
}

pub(super) fn find(view: &View<'_>, rows: &Rows, out: &mut Vec<Finding>) {
    for node in &view.cluster.nodes {
        if let Some(hba) = node.hba.as_ref().filter(|_| view.wants(id::UPGRADE_ACCESS_ROW)) {
            let lines = hba.rows.iter().map(|row| row.line).collect::<Vec<_>>();
            let refused = hba.refusals.iter().map(|refusal| refusal.line).collect::<Vec<_>>();
            for &file in &hba.files {
                joined(view, file, rows, &lines, &refused, out);
            }
            for row in &hba.rows {
                words(view, row, out);
            }
        }
        if let Some(ident) = node.ident.as_ref().filter(|_| view.wants(id::UPGRADE_ACCESS_ROW)) {
            let lines = ident.rows.iter().map(|row| row.line).collect::<Vec<_>>();
            let refused = ident.refusals.iter().map(|refusal| refusal.line).collect::<Vec<_>>();
            for &file in &ident.files {
                joined(view, file, rows, &lines, &refused, out);
            }
            for row in &ident.rows {
                user(view, row, out);
            }
        }
    }
}

/// Whether a file is of majors below `first` only, and the target is not.
fn crosses(view: &View<'_>, file: FileId, first: u8) -> bool {
    let from = view.from(file);
    view.to >= first && !from.is_empty() && (from & Majors::since(first)).is_empty()
}

fn push(
    view: &View<'_>,
    first: u8,
    subject: Subject,
    at: (Span, &str),
    message: String,
    help: &str,
    out: &mut Vec<Finding>,
) {
    const RULE: fn() -> RuleId = || id::UPGRADE_ACCESS_ROW;
    let mut finding = Finding::new(RULE(), subject, view.holds(first), Label::new(at.0, at.1), message).help(help);
    finding.step = view.step(first);
    out.push(finding);
}

fn line(view: &View<'_>, span: Span) -> String {
    let text = String::from_utf8_lossy(view.sources.bytes(span)).trim().chars().take(60).collect::<String>();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// From 14 on a backslash at the very end of a line, also of a comment, joins the next one to it.
fn joined(view: &View<'_>, file: FileId, rows: &Rows, now: &[Span], refused: &[Span], out: &mut Vec<Finding>) {
    if !crosses(view, file, 14) {
        return;
    }
    let Some(last) = view.from(file).last() else { return };
    let overlaps = |a: &Span, b: Span| a.file == b.file && a.start < b.end && b.start < a.end;
    for &row in rows.of(file, last) {
        let same = now.iter().any(|other| (other.file, other.start, other.end) == (row.file, row.start, row.end));
        let told = refused.iter().any(|other| overlaps(other, row));
        let starts = now.iter().any(|other| other.file == row.file && other.start == row.start);
        if same || told || starts {
            continue;
        }
        let message =
            "the line is joined to the one above, which ends in a backslash, and is no row of its own any more";
        let help = "remove the backslash at the end of the line above";
        let subject = Subject::HbaRow(line(view, row));
        push(view, 14, subject, (row, "a part of the line above"), message.to_owned(), help, out);
    }
}

/// From 16 on a word that starts with a slash is a regular expression.
fn words(view: &View<'_>, row: &HbaRow, out: &mut Vec<Finding>) {
    let databases = row.databases.iter().filter(|item| matches!(item.kind, DbKind::Regex(_))).map(|item| item.span);
    let users = row.users.iter().filter(|item| matches!(item.kind, UserKind::Regex(_))).map(|item| item.span);
    for span in databases.chain(users).filter(|span| crosses(view, span.file, 16)) {
        let word = String::from_utf8_lossy(view.sources.bytes(span)).into_owned();
        let message =
            format!("`{word}` is the name of one database or role up to 15, and a regular expression from 16 on");
        let help = "write an expression that matches the name alone, such as `\"/^/name$\"`";
        let subject = Subject::HbaRow(line(view, row.line));
        push(view, 16, subject, (span, "matches more than the name"), message, help, out);
    }
}

/// From 16 on the database user may be `all`, `+role` or a regular expression.
fn user(view: &View<'_>, row: &IdentRow, out: &mut Vec<Finding>) {
    let span = row.database_user_span;
    let becomes = match &row.database_user.kind {
        DatabaseUserKind::Name => return,
        DatabaseUserKind::All => "stands for every role",
        DatabaseUserKind::Member(_) => "stands for the members of the role",
        DatabaseUserKind::Regex(_) => "is a regular expression",
    };
    if !crosses(view, span.file, 16) {
        return;
    }
    let word = String::from_utf8_lossy(view.sources.bytes(span)).into_owned();
    let message = format!("`{word}` is the name of one role up to 15, and {becomes} from 16 on");
    let subject = Subject::IdentRow(line(view, row.line));
    let help =
        "put the name in double quotes, or, of one that starts with a slash, write an expression that matches it alone";
    push(view, 16, subject, (span, "maps to more roles than before"), message, help, out);
}
