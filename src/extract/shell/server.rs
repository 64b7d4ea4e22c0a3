//! The server's own programs: settings on its command line, what `initdb` writes, the version in a path.

use super::argument::{Argument, Options, Takes, words};
use super::run::Environment;
use super::{Draft, Literal, Reader};
use crate::discover::Kind;
use crate::extract::{Found, Writer};

/// Letters of the server that take a value (`PostmasterMain`).
const SERVER: Takes = Takes { letters: "BbcCDdfhkNprSstvW", names: &[] };

/// Letters that stand for settings, with the value where they take none.
const LETTERS: &[(&str, &str, Option<&str>)] = &[
    ("B", "shared_buffers", None),
    ("F", "fsync", Some("off")),
    ("h", "listen_addresses", None),
    ("i", "listen_addresses", Some("*")),
    ("k", "unix_socket_directories", None),
    ("l", "ssl", Some("on")),
    ("N", "max_connections", None),
    ("p", "port", None),
    ("S", "work_mem", None),
];

const PG_CTL: Takes = Takes { letters: "DelmNopPStU", names: &["pgdata", "log", "mode", "options", "timeout"] };

const INITDB: Takes = Takes {
    letters: "ADEUgXcT",
    names: &[
        "auth",
        "auth-host",
        "auth-local",
        "pgdata",
        "encoding",
        "locale",
        "username",
        "pwfile",
        "waldir",
        "wal-segsize",
        "set",
        "text-search-config",
        "locale-provider",
        "icu-locale",
    ],
};

impl Reader<'_, '_, '_, '_> {
    /// A program of PostgreSQL's; whether the name is one's.
    pub(super) fn postgres(
        &mut self,
        name: &str,
        first: &Argument,
        rest: &[Argument],
        environment: &Environment,
        input: Option<&Literal>,
    ) -> bool {
        if self.client(name, rest, environment, input) {
            return true;
        }
        let found = &mut *self.state.found;
        match name {
            "postgres" | "postmaster" => command_line(rest, found),
            "initdb" => initdb(rest, found),
            "pg_ctl" => {
                let options = Options::read(rest, PG_CTL);
                let starts_anew = options.operands.iter().any(|verb| matches!(verb.bytes(), b"init" | b"initdb"));
                for text in options.values(&["o", "options"]) {
                    if starts_anew {
                        initdb(&words(&text.text), found);
                    } else {
                        command_line(&words(&text.text), found);
                    }
                }
            }
            "pg_ctlcluster" | "pg_createcluster" => {
                let takes = Takes { letters: "omdelpsu", names: &["options", "mode"] };
                let (before, after) =
                    rest.split_at(rest.iter().position(|word| word.bytes() == b"--").unwrap_or(rest.len()));
                let options = Options::read(before, takes);
                if let Some(version) = options.operands.first().filter(|version| is_number(version.bytes())) {
                    found.add(Kind::Major, version.text.clone());
                }
                if name == "pg_createcluster" {
                    initdb(after, found);
                } else {
                    let handed_on = Options::read(after, PG_CTL);
                    for text in options.values(&["o", "options"]).chain(handed_on.values(&["o", "options"])) {
                        command_line(&words(&text.text), found);
                    }
                }
            }
            _ => return false,
        }
        if let Some(range) = major_in_path(first.bytes()) {
            self.state.found.add(Kind::Major, Draft::of(&first.text, range));
        }
        true
    }
}

/// The settings on a server's command line: `-c name=value`, `--name=value`, and letters that stand for them.
pub(in crate::extract) fn command_line(arguments: &[Argument], found: &mut Found<'_>) {
    let Some(first) = arguments.first() else { return };
    let options = Options::read(arguments, SERVER);
    if options.has(&["single", "boot", "check", "C", "describe-config"]) {
        return;
    }
    let mut lines = Writer::new(&first.text);
    for given in &options.given {
        match (&*given.name, &given.value) {
            ("c", Some(setting)) => assignment(&mut lines, setting),
            (letter, value) if letter.len() == 1 => {
                let Some((_, name, fixed)) = LETTERS.iter().find(|(known, ..)| *known == letter) else { continue };
                match (fixed, value) {
                    (Some(fixed), _) => lines.meant(format!("{name} = '{fixed}'\n"), given.place),
                    (None, Some(value)) => {
                        lines.meant(name, given.place);
                        lines.value(&value.text);
                    }
                    (None, None) => {}
                }
            }
            (_, Some(value)) => {
                // The name stands between the dashes and the sign.
                let argument = arguments.iter().find(|argument| argument.text.whole() == given.place);
                let Some(argument) = argument else { continue };
                option(&mut lines, &argument.part(2..2 + given.name.len()).text, &value.text);
            }
            _ => {}
        }
    }
    let known = arguments.iter().all(|argument| !argument.text.is_dynamic());
    if known { found.whole(Kind::CommandLine, lines.build()) } else { found.add(Kind::CommandLine, lines.build()) }
}

/// Adds the setting that is given as `name=value`. The server takes a dash in a name for an underscore
/// (`ParseLongOption`).
fn option(lines: &mut Writer, name: &Literal, value: &Literal) {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
    if name.text().is_empty() || !name.text().iter().all(plain) {
        return;
    }
    let mut meant = Draft::new(name, 0);
    for (at, byte) in name.text().iter().enumerate() {
        match byte {
            b'-' => meant.decoded(b"_", at..at + 1),
            _ => meant.copy(at..at + 1),
        }
    }
    lines.setting(&meant.build(), value);
}

/// The same for an argument of both.
fn assignment(lines: &mut Writer, setting: &Argument) {
    if let Some(sign) = memchr::memchr(b'=', setting.bytes()) {
        option(lines, &setting.part(0..sign).text, &setting.after(sign + 1).text);
    }
}

/// The rows that `initdb` writes for the methods that it is told, and settings that it is given with `-c`.
pub(in crate::extract) fn initdb(arguments: &[Argument], found: &mut Found<'_>) {
    let Some(first) = arguments.first() else { return };
    let options = Options::read(arguments, INITDB);
    let mut rows = Writer::new(&first.text);
    for (names, row) in
        [(["A", "auth", "auth-local"], "local all all "), (["A", "auth", "auth-host"], "host all all 127.0.0.1/32 ")]
    {
        let Some(method) = options.value(&names) else { continue };
        let place = method.text.whole();
        rows.meant(row, place);
        // Each of the two stands for the other where that is the one that works (initdb.c).
        match (row.starts_with("local"), method.bytes()) {
            (true, b"ident") => rows.meant("peer", place),
            (false, b"peer") => rows.meant("ident", place),
            _ => rows.text(&method.text),
        }
        rows.words("\n");
    }
    found.add(Kind::PgHba, rows.build());
    let mut lines = Writer::new(&first.text);
    options.values(&["c", "set"]).for_each(|setting| assignment(&mut lines, setting));
    found.add(Kind::PostgresqlConf, lines.build());
}

fn is_number(text: &[u8]) -> bool {
    !text.is_empty() && text.len() <= 4 && text.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.')
}

/// The version in a path: `/usr/lib/postgresql/16/bin/postgres`, `/usr/pgsql-15/bin/initdb`.
pub(super) fn major_in_path(path: &[u8]) -> Option<std::ops::Range<usize>> {
    let after = [&b"/postgresql/"[..], b"/pgsql/", b"/pgsql-", b"/postgresql-"]
        .iter()
        .find_map(|part| memchr::memmem::find(path, part).map(|at| at + part.len()))?;
    let length = path[after..].iter().take_while(|byte| **byte != b'/').count();
    is_number(&path[after..after + length]).then_some(after..after + length)
}
