//! pg_hba.conf and pg_ident.conf: their lines and words, their rows, and the regular expressions in them.

use super::{FILE, cover, inside};
use crate::catalog::Majors;
use crate::model::hba::{self, HbaContext, NameList};
use crate::model::ident;
use crate::source::Span;
use crate::syntax::auth_file::{dialects, parse};
use crate::syntax::pg_regex::check;

pub(super) const HBA: &[&str] = &[
    "host",
    "local",
    "hostssl",
    " all",
    " 10.0.0.0/8",
    " ::1",
    " /(",
    " md5",
    " cert",
    " radius",
    " ldap",
    " map=x",
    " clientcert=1",
    " ldapurl=ldap://h",
    "radiusservers=\"a,b\"",
    ",",
    "\"",
    "#",
    "\n",
    "\\\n",
    "\\\r\n",
    "\r\n",
    "\0",
    "{{",
    "}}",
    " @x",
    "include x",
    " ",
    "\t",
    " trust",
    " reject",
    " 255.0.255.0",
    " +g",
];
pub(super) const IDENT: &[&str] = &[
    "m",
    " sys",
    " pg",
    " /(",
    " /^(.*)@x$",
    " \\1",
    " /[\\W]",
    " +r",
    ",",
    "\"",
    "#",
    "\n",
    "\\\n",
    " @x",
    "include x",
    " ",
    "{{",
    "}}",
    "\0",
];
pub(super) const REGEX: &[&str] = &[
    "\\",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "*",
    "+",
    "?",
    "|",
    "^",
    "$",
    ".",
    ":",
    "=",
    "a",
    "-",
    "0",
    "1",
    "9",
    ",",
    "[:alpha:]",
    "[[.a.]]",
    "(?i)",
    "(?x)",
    "(?=",
    "(?<!",
    "(?#",
    "***:",
    "\\w",
    "\\m",
    "\\y",
    "\\1",
    "\\xff",
    "\\u",
];

/// Lines cover the file and hold their parts in order; majors that are said to lex alike do.
pub fn auth_file(bytes: &[u8]) {
    let groups = dialects(bytes, Majors::ALL);
    assert_eq!(groups.iter().fold(Majors::NONE, |all, &group| all | group), Majors::ALL);
    for group in groups {
        let file = parse(FILE, bytes, group);
        cover(file.lines().iter().map(|line| line.span), bytes);
        for line in file.lines() {
            let mut before = line.span.start;
            for field in file.fields(line) {
                assert!(line.span.contains(field.span) && !file.tokens(field).is_empty());
                for token in file.tokens(field) {
                    assert!(field.span.contains(token.span) && token.span.start >= before);
                    before = token.span.end;
                }
            }
            if let Some(comment) = line.comment {
                assert!(line.span.contains(comment) && comment.start >= before);
                assert_eq!(bytes[comment.start as usize], b'#');
            }
            if let Some(error) = line.error {
                assert!(line.span.contains(error.span));
            }
        }
        for major in group.iter() {
            let one = parse(FILE, bytes, Majors::only(major));
            assert_eq!(file.lines(), one.lines());
            for (line, of_one) in file.lines().iter().zip(one.lines()) {
                assert_eq!(file.line_tokens(line), one.line_tokens(of_one));
            }
        }
    }
}

/// Each line is judged once per major, and its places lie in it.
pub fn pg_hba(bytes: &[u8]) {
    for group in dialects(bytes, Majors::ALL) {
        let file = parse(FILE, bytes, group);
        let read = hba::read(&file, Majors::ALL, 0, &HbaContext::default(), &|_| NameList::Missing);
        inside(&read.rows, bytes);
        let refusals = read.refusals.iter().map(|refusal| (refusal.line, refusal.majors, refusal.span));
        let rows = read.rows.iter().map(|row| (row.line, row.majors, row.span));
        judged_once(group, refusals, rows);
        for refusal in &read.refusals {
            let _ = refusal.message();
        }
    }
}

/// Each line is judged once per major, and its places lie in it.
pub fn pg_ident(bytes: &[u8]) {
    for group in dialects(bytes, Majors::ALL) {
        let file = parse(FILE, bytes, group);
        let read = ident::read(&file, Majors::ALL, 0, &|_| NameList::Missing);
        inside(&read.rows, bytes);
        let refusals = read.refusals.iter().map(|refusal| (refusal.line, refusal.majors, refusal.span));
        let rows = read.rows.iter().map(|row| (row.line, row.majors, row.span));
        judged_once(group, refusals, rows);
    }
}

/// Each verdict is one for a line, majors and a place in the line. Both kinds come in the order of the lines.
fn judged_once(
    group: Majors,
    refusals: impl Iterator<Item = (Span, Majors, Span)>,
    rows: impl Iterator<Item = (Span, Majors, Span)>,
) {
    let once = |verdicts: &mut dyn Iterator<Item = (Span, Majors, Span)>| {
        let (mut line, mut seen) = (None, Majors::NONE);
        for (of, majors, place) in verdicts {
            if line != Some(of) {
                (line, seen) = (Some(of), Majors::NONE);
            }
            assert!(of.contains(place), "{place:?} is not in {of:?}");
            assert!((seen & majors).is_empty() && group.covers(majors) && !majors.is_empty());
            seen = seen | majors;
        }
    };
    once(&mut { refusals });
    once(&mut { rows });
}

/// No major finds two faults.
pub fn pg_regex(bytes: &[u8]) {
    let mut seen = Majors::NONE;
    for (majors, fault) in check(bytes).faults {
        assert!((seen & majors).is_empty() && !majors.is_empty() && !fault.text().is_empty());
        seen = seen | majors;
    }
}
