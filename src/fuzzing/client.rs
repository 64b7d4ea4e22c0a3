//! The files of clients and poolers, connection strings, and the way from a connection string back through the
//! quoting around it.

use super::{FILE, choice, cover, inside, spans};
use crate::catalog::Majors;
use crate::catalog::conninfo::check;
use crate::model::client::{PgBouncer, ServiceFile};
use crate::model::sql::{self, What};
use crate::source::Span;
use crate::syntax;
use crate::syntax::conninfo::Conninfo;
use crate::syntax::ini::{Dialect, IniFile, ItemKind, common_reading};
use crate::syntax::literal::Literal;
use crate::syntax::passfile::Passfile;
use crate::syntax::postgresql_conf::{self, EntryKind};
use crate::syntax::sql::Wants;
use crate::syntax::userlist::Userlist;

pub(super) const CONNINFO: &[&str] = &[
    "postgresql://",
    "postgres://",
    "@",
    ":",
    "?",
    "&",
    "=",
    "[",
    "]",
    ",",
    "%",
    "%40",
    "%00",
    " ",
    "'",
    "\\",
    "{{ x }}",
    "${X}",
    "<",
    ">",
    "\t",
    "host",
    "password=",
    "sslmode=require",
    "port=5432",
    "/",
    "é",
    "\0",
    "h1,h2",
    "%s",
    ":x",
];
pub(super) const INI: &[&str] = &[
    "[",
    "]",
    "=",
    "a",
    " ",
    "\t",
    "\n",
    "\r\n",
    "\0",
    "#",
    ";",
    "%include x",
    "{{ x }}",
    "{% if a %}",
    "$",
    "ldap://h",
    "[databases]\n",
    "* = host=a password=b",
    "[pgbouncer]\n",
    "auth_type = trust",
    "'",
    "\"",
    "\\",
];
pub(super) const PASSFILE: &[&str] =
    &["h", ":", "*", "\\", "#", "\n", "\r\n", "\0", "{{ x }}", "${X}", " ", "1", "é", "h:1:d:u:p\n", "*:*:*:*:"];
pub(super) const USERLIST: &[&str] =
    &["\"", "u", ";", "\n", " ", "\0", "{{ x }}", "#", "\"\"", "md5", "SCRAM-SHA-256$", "\"a\" \"b\"\n", "é"];

/// Places of settings and faults lie in the string, those of a setting's parts in it.
pub fn conninfo(bytes: &[u8]) {
    let start = 7;
    let whole = Span::new(FILE, start, start + bytes.len());
    let literal = Literal::plain(whole, bytes);
    for conninfo in [Conninfo::parse(&literal), Conninfo::parse_pgbouncer(&literal)] {
        for param in &conninfo.params {
            assert!(whole.contains(param.span));
            assert!(param.span.contains(param.value.span) && param.span.contains(param.keyword.span));
        }
        let errors = conninfo.errors.iter().map(|(span, _)| *span);
        let refusals = check(&conninfo, Majors::ALL);
        let refused = refusals.iter().map(|refusal| refusal.span);
        for span in errors.chain(conninfo.secrets()).chain(refused) {
            assert!(whole.contains(span), "{span:?} leaves the string");
        }
    }
}

/// A connection string is read alike in every quoting, and its places are those of the bytes that make it up.
pub fn quoting(bytes: &[u8]) {
    let (quoting, rest) = choice(bytes);
    let (mut seed, rest) = choice(rest);
    // These cannot be written in all of them, or stand for what is not known.
    let text = String::from_utf8_lossy(rest).replace(['\0', '\x1a', '$'], "_");
    let mut encoded = Vec::new();
    let (before, quote, after) = QUOTINGS[quoting % QUOTINGS.len()];
    let mut host = before.as_bytes().to_vec();
    for &byte in text.as_bytes() {
        let start = host.len();
        quote(byte, seed, &mut host);
        encoded.push(start..host.len());
        seed = seed.rotate_right(1) ^ usize::from(byte);
    }
    host.extend(after.as_bytes());
    let Some(literal) = read(&host, quoting % QUOTINGS.len() < CONF) else { return };
    if literal.is_dynamic() {
        return;
    }
    assert_eq!(String::from_utf8_lossy(literal.text()), text);
    for (at, range) in encoded.iter().enumerate() {
        assert_eq!(literal.span(at, at + 1).range(), *range, "byte {at} of {text:?}");
    }
    let plain = Conninfo::parse(&Literal::plain(Span::new(FILE, 0, text.len()), text.as_bytes()));
    let quoted = Conninfo::parse(&literal);
    let (plain, quoted) = (spans(&plain), spans(&quoted));
    assert_eq!(plain.len(), quoted.len());
    for (plain, quoted) in plain.into_iter().zip(quoted) {
        assert_eq!(literal.span(plain.start as usize, plain.end as usize), quoted);
    }
}

/// What stands before a string, how a byte of it is written, and what stands after it. A seed chooses between ways.
type Quoting = (&'static str, fn(u8, usize, &mut Vec<u8>), &'static str);

/// So many of the quotings are of postgresql.conf; the others are of SQL.
const CONF: usize = 1;

const QUOTINGS: [Quoting; 6] = [
    ("primary_conninfo = '", conf, "'\n"),
    ("create subscription s connection '", |byte, _, out| doubled(byte, 2, out), "' publication p;\n"),
    ("create subscription s connection E'", escaped, "' publication p;\n"),
    ("create subscription s connection U&'", unicode, "' publication p;\n"),
    ("create subscription s connection $q$", |byte, _, out| out.push(byte), "$q$ publication p;\n"),
    (
        "do $d$ begin execute 'create subscription s connection ''",
        |byte, _, out| doubled(byte, 4, out),
        "'' publication p'; end $d$;\n",
    ),
];

fn doubled(byte: u8, quotes: usize, out: &mut Vec<u8>) {
    out.extend(std::iter::repeat_n(byte, if byte == b'\'' { quotes } else { 1 }));
}

fn conf(byte: u8, seed: usize, out: &mut Vec<u8>) {
    match byte {
        b'\n' => out.extend(b"\\n"),
        b'\\' => out.extend(b"\\\\"),
        b'\'' if seed.is_multiple_of(2) => out.extend(b"\\'"),
        b'\'' => out.extend(b"''"),
        _ if seed.is_multiple_of(3) => out.extend(format!("\\{byte:03o}").bytes()),
        _ => out.push(byte),
    }
}

fn escaped(byte: u8, seed: usize, out: &mut Vec<u8>) {
    match byte {
        b'\\' => out.extend(b"\\\\"),
        b'\'' if seed.is_multiple_of(2) => out.extend(b"\\'"),
        b'\'' => out.extend(b"''"),
        _ if seed.is_multiple_of(3) => out.extend(format!("\\{byte:03o}").bytes()),
        _ if seed.is_multiple_of(5) => out.extend(format!("\\x{byte:02x}").bytes()),
        _ => out.push(byte),
    }
}

fn unicode(byte: u8, seed: usize, out: &mut Vec<u8>) {
    match byte {
        b'\\' => out.extend(b"\\\\"),
        b'\'' => out.extend(b"''"),
        _ if byte.is_ascii() && seed.is_multiple_of(2) => out.extend(format!("\\{byte:04x}").bytes()),
        _ if byte.is_ascii() && seed.is_multiple_of(3) => out.extend(format!("\\+{byte:06x}").bytes()),
        _ => out.push(byte),
    }
}

/// The connection string in a file of one setting or one statement.
fn read(host: &[u8], conf: bool) -> Option<Literal> {
    if conf {
        let parsed = postgresql_conf::parse(FILE, host);
        let [entry] = parsed.entries.as_slice() else { return None };
        let EntryKind::Setting { value, .. } = &entry.kind else { return None };
        return Some(value.literal(host)).filter(|_| !value.dynamic);
    }
    let read = sql::read(syntax::sql::read(FILE, host, Wants::default(), None));
    let statement = read.statements.into_iter().next()?;
    match statement.what {
        What::CreateSubscription(create) => Some(create.connection.literal).filter(|_| !statement.dynamic),
        _ => None,
    }
}

/// Items cover the file, and an entry's key stands before its value.
pub fn ini(bytes: &[u8]) {
    for dialect in [Dialect::Service, Dialect::PgBouncer] {
        let file = IniFile::parse(dialect, FILE, bytes);
        cover(file.items.iter().map(|item| item.span), bytes);
        for item in &file.items {
            if let ItemKind::Entry { key, value, .. } = &item.kind {
                assert!(item.span.contains(key.span) && item.span.contains(value.span));
                assert!(key.span.end < value.span.start);
            }
        }
        let _ = file.properties(bytes);
    }
    let _ = common_reading(bytes);
    let service = ServiceFile::parse(FILE, bytes);
    inside(&service.secrets().collect::<Vec<_>>(), bytes);
    let pgbouncer = PgBouncer::parse(FILE, bytes);
    inside(&pgbouncer.secrets().collect::<Vec<_>>(), bytes);
}

/// Lines cover the file, the password is the last field, and what is secret lies in the file.
pub fn passfile(bytes: &[u8]) {
    let passfile = Passfile::parse(FILE, bytes);
    cover(passfile.lines.iter().map(|line| line.span), bytes);
    for entry in passfile.entries() {
        for field in [&entry.host, &entry.port, &entry.database, &entry.user] {
            assert!(field.span.end <= entry.password_span.start);
        }
    }
    inside(&passfile.secrets().collect::<Vec<_>>(), bytes);
}

/// Items cover the file, and what is secret lies in it.
pub fn userlist(bytes: &[u8]) {
    let list = Userlist::parse(FILE, bytes);
    cover(list.items.iter().map(|item| item.span), bytes);
    inside(&list.secrets().collect::<Vec<_>>(), bytes);
}
