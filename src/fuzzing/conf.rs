//! postgresql.conf, the values in it, and pgassay.toml.

use camino::Utf8Path;

use super::{FILE, choice};
use crate::catalog::settings::{self, Kind};
use crate::catalog::{Majors, NEWEST, OLDEST};
use crate::config::{ConfigFile, Flags, PluginFlags};
use crate::model::list;
use crate::model::value::{self, Value};
use crate::rule::Registry;
use crate::syntax::postgresql_conf::{EntryKind, comments, parse};
use crate::triage::Date;

pub(super) const CONF: &[&str] = &[
    "\n",
    "'",
    "''",
    "=",
    " = ",
    "\\",
    "#",
    "x",
    "include ",
    "a.b",
    "fsync",
    "on",
    "0x1F",
    "1.5e",
    "-",
    "+",
    ".",
    "\\101",
    "\\n",
    "\0",
    "\r\n",
    "{% if a %}",
    "{{ x }}",
    "${X}",
    "é",
    "kB",
    " ",
    "\t",
];
pub(super) const CONFIG: &[&str] = &[
    "pg = ",
    "16",
    "\"14..18\"",
    "[14, 16]",
    "\n",
    "profile = ",
    "\"strict\"",
    "select = [",
    "]",
    "\"fsync-off\"",
    "[files]\n",
    "\"*.cfg\" = ",
    "\"**/{a,b\"",
    "\"skip\"",
    "[rules.fsync-off]\n",
    "severity = ",
    "\"error\"",
    "[[node]]\n",
    "path = ",
    "\".\"",
    "[[plugin]]\n",
    "limits = { time = ",
    "\"1s\"",
    "memory = \"",
    "99999999999GiB",
    "options = { a = ",
    "{",
    "}",
    ",",
    "[",
    "'",
    "\"",
    "\\u",
    "#",
    "1e999",
    "nan",
    "2027-01-31",
];
pub(super) const VALUE: &[&str] = &[
    "1",
    "0x",
    "-",
    "+",
    ".",
    "e",
    "9223372036854775807",
    "kB",
    "MB",
    "TB",
    "ms",
    "min",
    "d",
    " ",
    "on",
    "tru",
    "inf",
    "nan",
    "2024-01-01",
    " 12:00:00",
    "+02",
    "J2451187",
    "first 2 (a, b)",
    "ANY 1 (*)",
    "\"",
    ",",
    "'",
    "%m",
    "\0",
];

/// Entries ascend, hold no line end and leave only blanks and comments between them; a value maps to what it says.
pub fn postgresql_conf(bytes: &[u8]) {
    let parsed = parse(FILE, bytes);
    let mut last = 0;
    for entry in &parsed.entries {
        assert!(entry.span.start >= last && entry.span.start < entry.span.end);
        assert!(!bytes[entry.span.range()].contains(&b'\n'));
        let gap = parse(FILE, &bytes[last as usize..entry.span.start as usize]);
        assert!(gap.entries.is_empty());
        last = entry.comment.map_or(entry.span.end, |comment| comment.end);
        match &entry.kind {
            EntryKind::Setting { name, value } => {
                assert!(entry.span.contains(*name) && entry.span.contains(value.span));
                let literal = value.literal(bytes);
                assert_eq!(literal.text(), &*value.text(bytes));
                assert!(value.span.contains(literal.whole()));
            }
            EntryKind::Error { at, .. } => assert!(entry.span.contains(*at)),
            EntryKind::Template => {}
        }
    }
    let mut last = 0;
    for comment in comments(FILE, bytes) {
        assert!(comment.start >= last && bytes[comment.range()].starts_with(b"#"));
        last = comment.end;
    }
}

/// A value that is taken lies in the setting's range, and what is shown of it is taken again.
pub fn value(bytes: &[u8]) {
    let (high, rest) = choice(bytes);
    let (low, text) = choice(rest);
    let all = settings::all().count();
    let Some(setting) = settings::all().nth((high << 8 | low) % all) else { return };
    for major in OLDEST..=NEWEST {
        let Some(def) = setting.on(major) else { continue };
        if let (Ok(value), Kind::Int { min, max, .. }) = (value::parse(def, text, major), def.kind) {
            assert!(value.number().is_some_and(|number| (f64::from(min)..=f64::from(max)).contains(&number)));
        }
        let Some(Ok(value)) = value::judge(setting, text, major) else { continue };
        let _ = value.show(setting, def, major);
        if matches!(value, Value::Bool(_) | Value::Enum(_) | Value::Int(_)) {
            assert_eq!(value::parse(def, value.raw().as_bytes(), major), Ok(value.clone()), "{}", setting.name);
        }
    }
    if let Ok(text) = std::str::from_utf8(text) {
        let _ = Date::parse(text).map(|date| assert_eq!(date.to_string(), text));
        let _ = text.parse::<Majors>();
    }
    let _ = (list::identifiers(text), list::words(text));
}

/// A fault in pgassay.toml has a place in it, between characters.
pub fn config(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let folder = Utf8Path::new("conf");
    let flags = PluginFlags { profile: Vec::new(), plugins: &[], in_folder: &|_| Ok(Vec::new()) };
    let read = ConfigFile::parse(text).and_then(|file| {
        file.plugins(&folder.join("pgassay.toml"), text, &flags)?;
        file.settings(folder, &Flags::default(), &Registry::default())
    });
    if let Err(error) = read {
        assert!(error.span.is_none_or(|span| text.get(span).is_some()), "{}", error.message);
    }
}
