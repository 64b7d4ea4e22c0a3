//! Holds the verdicts on postgresql.conf, pg_hba.conf and pg_ident.conf against those of real servers, per major.
//!
//! `fixtures/oracle/*.tsv` has one row per input and group of majors that agree: file, case, build, majors, input,
//! verdict, view, messages, note. `view` is what `pg_hba_file_rules` or `pg_ident_file_mappings` shows (before 15, the
//! log), as `line:row` or `line:ERR message`; `note` may give the files that `@file` names, as `@name=text`.
//! The environment variable `PGASSAY_ORACLE_CASES` names a further file of the same form.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test binary of its own"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use pgassay::catalog::Majors;
use pgassay::catalog::hba::ConnType;
use pgassay::discover::Kind;
use pgassay::finding::Effect;
use pgassay::model::hba::{self, AddressKind, ClientCert, DbKind, HbaContext, HbaRow, NameList, Refusal, UserKind};
use pgassay::model::ident;
use pgassay::rule::{Registry, Selection};
use pgassay::source::{FileId, SourceMap};
use pgassay::syntax::auth_file::{self, AtFileRef, AuthFile, IncludeKind};

mod support;

/// The kinds of files that the cases are about; other tables in the folder have tests of their own.
const KINDS: [&str; 3] = ["pg_hba.conf", "pg_ident.conf", "postgresql.conf"];

/// Rules on what only a start of the server refuses; the verdicts on postgresql.conf are without one.
const AT_START: [&str; 8] = [
    "conf-contradiction",
    "huge-pages-sysv",
    "reserved-connections-exceed",
    "wal-minimal-archive",
    "wal-minimal-senders",
    "wal-minimal-summarize",
    "wal-senders-exceed-connections",
    "wal-size-too-small",
];

/// A row of a file of cases.
#[derive(Debug, Clone)]
struct Case {
    file: String,
    name: String,
    build: String,
    majors: Majors,
    input: String,
    accepted: bool,
    view: String,
    messages: String,
    note: String,
    /// Whether it comes from the file that the environment names. Its inputs had a valid last line added.
    foreign: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut skipped: BTreeMap<&'static str, usize> = BTreeMap::new();
    let mut trials = Vec::new();
    for case in cases() {
        if let Some(why) = skip(&case) {
            *skipped.entry(why).or_default() += 1;
            continue;
        }
        let name = format!("{}/{}/{}/{}", case.file, case.name, case.build, case.majors);
        let trial = match case.file.as_str() {
            "pg_hba.conf" => Trial::test(name, move || check(&case, hba_verdict)),
            "pg_ident.conf" => Trial::test(name, move || check(&case, ident_verdict)),
            "postgresql.conf" => Trial::test(name, move || check_conf(&case)),
            _ => {
                *skipped.entry("kind of file not judged yet").or_default() += 1;
                continue;
            }
        };
        trials.push(trial);
    }
    for (why, count) in skipped {
        eprintln!("skipped {count} rows: {why}");
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn cases() -> Vec<Case> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/oracle");
    let mut paths = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{folder}: {error}"))
        .map(|entry| (entry.unwrap().path(), false))
        .filter(|(path, _)| {
            path.file_stem()
                .is_some_and(|stem| KINDS.iter().any(|kind| stem == kind.trim_end_matches(".conf") || stem == *kind))
        })
        .collect::<Vec<_>>();
    paths.sort();
    paths.extend(std::env::var_os("PGASSAY_ORACLE_CASES").map(|path| (path.into(), true)));
    let mut cases = Vec::new();
    for (path, foreign) in paths {
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for line in text.lines().skip(1) {
            let columns = line.split('\t').collect::<Vec<_>>();
            let [file, name, build, majors, input, verdict, view, messages, note] = columns[..] else {
                panic!("{}: not nine columns: {line}", path.display());
            };
            let accepted = match verdict {
                "accept" | "loaded" => true,
                "reject" | "rejected" => false,
                other => panic!("{}: verdict {other}", path.display()),
            };
            cases.push(Case {
                file: file.to_owned(),
                name: name.to_owned(),
                build: build.to_owned(),
                majors: majors_of(majors),
                input: input.to_owned(),
                accepted,
                view: view.to_owned(),
                messages: messages.to_owned(),
                note: note.to_owned(),
                foreign,
            });
        }
    }
    cases
}

/// `10-13,15` as a set.
fn majors_of(text: &str) -> Majors {
    text.split(',').fold(Majors::NONE, |set, part| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        set | Majors::range(first.parse().unwrap(), last.parse().unwrap())
    })
}

/// Why a row says nothing about the newest minor of a build with everything.
fn skip(case: &Case) -> Option<&'static str> {
    if case.messages.contains("not supported by this build") {
        return Some("the server's build lacks the method");
    }
    let optional = [" ldap", " gss", " pam"].iter().any(|method| case.input.contains(method));
    if case.build.starts_with("12.2") && !optional {
        return Some("an old minor");
    }
    if case.messages.contains("could not translate RADIUS server name") {
        return Some("depends on name resolution");
    }
    if ["\"TimeZone\"", "\"lc_messages\""].iter().any(|name| case.messages.contains(name)) {
        return Some("depends on the time zones or locales of the machine");
    }
    (case.input.ends_with(']') && case.input.contains("...[")).then_some("the input is cut")
}

/// Undoes `\n`, `\r`, `\t`, `\0`, `\f`, `\\`, `\xHH`, `\uHHHH`, and `\{text*count}`.
fn unescape(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.extend_from_slice(&rest.as_bytes()[..at]);
        let mut tail = rest[at + 1..].chars();
        let kind = tail.next().unwrap();
        rest = tail.as_str();
        match kind {
            'n' => out.push(b'\n'),
            'r' => out.push(b'\r'),
            't' => out.push(b'\t'),
            '0' => out.push(0),
            'f' => out.push(12),
            '\\' => out.push(b'\\'),
            'x' => {
                out.push(u8::from_str_radix(&rest[..2], 16).unwrap());
                rest = &rest[2..];
            }
            'u' => {
                let char = char::from_u32(u32::from_str_radix(&rest[..4], 16).unwrap()).unwrap();
                out.extend_from_slice(char.to_string().as_bytes());
                rest = &rest[4..];
            }
            '{' => {
                let (inner, after) = rest[1..].split_once('}').unwrap();
                let first = rest.chars().next().unwrap();
                let (word, count) = inner.split_once('*').unwrap();
                out.extend_from_slice(format!("{first}{word}").repeat(count.parse().unwrap()).as_bytes());
                rest = after;
            }
            other => panic!("escape {other} in {text}"),
        }
    }
    out.extend_from_slice(rest.as_bytes());
    out
}

/// What we say of a file: the refused lines with our reasons, and the rows as the view shows them.
#[derive(Debug, Default)]
struct Verdict {
    refused: BTreeMap<u32, String>,
    rows: Vec<(u32, String)>,
    undecided: usize,
}

type Judge = for<'a> fn(&'a AuthFile<'a>, u8, &dyn Fn(&AtFileRef<'_>) -> NameList<'a>) -> Verdict;

/// Asks the whole pipeline, once for each major. The server stops at the first kind of error (syntax, names, values),
/// so that of two kinds in one file it names the lines of one.
fn check_conf(case: &Case) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let root = camino::Utf8Path::from_path(folder.path()).ok_or("the folder's path is not UTF-8")?;
    // The servers were given the input under this name, which a file that includes itself has to know.
    std::fs::write(root.join("postgresql.conf"), unescape(&case.input.replace("case.conf", "postgresql.conf")))?;
    let reported = case.messages.split("line ").skip(1).filter_map(|rest| {
        let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
        digits.parse::<u32>().ok().filter(|line| *line > 0)
    });
    let reported = reported.collect::<BTreeSet<_>>();
    for major in case.majors.iter() {
        let run = support::check(root, Some(Majors::only(major)), &Selection::all(&Registry::default()))?;
        let refused = run
            .findings
            .iter()
            .filter(|finding| finding.effect == Effect::Refused && !AT_START.contains(&finding.rule.name()));
        let lines = refused
            .map(|finding| {
                let file = run.sources.file(finding.primary.span.file);
                file.lines().position(finding.primary.span.start, file.bytes()).line
            })
            .collect::<BTreeSet<_>>();
        if lines.is_empty() != case.accepted {
            return Err(format!(
                "on {major}: refused lines {lines:?}\ninput: {}\nserver: {}",
                case.input, case.messages
            )
            .into());
        }
        // At the end of a file without a line feed the server counts one too few.
        if case.input.ends_with("\\n") && !reported.is_subset(&lines) {
            return Err(format!("on {major}: lines {lines:?}, server {reported:?}\ninput: {}", case.input).into());
        }
    }
    Ok(())
}

fn check(case: &Case, judge: Judge) -> Result<(), Failed> {
    let mut bytes = unescape(&case.input);
    if case.foreign && case.file == "pg_hba.conf" {
        if bytes.last() != Some(&b'\n') {
            bytes.push(b'\n');
        }
        bytes.extend_from_slice(b"local all all trust\n");
    }
    let mut sources = SourceMap::default();
    let top = sources.add("top".into(), Kind::PgHba, bytes).unwrap();
    let mut lists = Vec::new();
    for list in case.note.split(" || ").filter_map(|list| list.strip_prefix('@')) {
        let (name, text) = list.split_once('=').unwrap();
        lists.push((name.as_bytes(), sources.add(name.into(), Kind::NameList, unescape(text)).unwrap()));
    }
    // All the case's majors at once, as the pipeline judges, and each by itself must come to the same.
    for target in case.majors.iter().map(Majors::only).chain([case.majors]) {
        let groups = auth_file::dialects(sources.file(top).bytes(), target);
        if groups.iter().fold(Majors::NONE, |all, &group| all | group) != target {
            return Err(format!("the groups {groups:?} are not {target}").into());
        }
        for group in groups {
            let parse = |id: FileId| auth_file::parse(id, sources.file(id).bytes(), group);
            let parsed = lists.iter().map(|&(name, id)| (name, parse(id))).collect::<Vec<_>>();
            let resolve = |list: &AtFileRef<'_>| {
                let found = parsed.iter().find(|(name, _)| *name == list.name);
                found.map_or(NameList::Missing, |(_, file)| NameList::Found(file))
            };
            let file = parse(top);
            for major in group.iter() {
                compare(case, major, &judge(&file, major, &resolve)).map_err(|error| {
                    format!("on {major} of {target}: {error}\ninput: {}\nserver: {}", case.input, case.view)
                })?;
            }
        }
    }
    Ok(())
}

fn compare(case: &Case, major: u8, ours: &Verdict) -> Result<(), String> {
    if ours.undecided > 0 {
        return Err("we cannot tell".to_owned());
    }
    if ours.refused.is_empty() != case.accepted {
        return Err(format!("the server's verdict is {}, ours: {:?}", case.accepted, ours.refused));
    }
    if case.view.starts_with('(') || case.view.is_empty() {
        return Ok(());
    }
    let mut refused = BTreeSet::new();
    let mut rows = Vec::new();
    for entry in case.view.split(" ## ") {
        let Some((line, text)) = entry.split_once(':') else { continue };
        let Ok(line) = line.parse::<u32>() else { continue };
        if text.starts_with("ERR") || text.starts_with("ALL-NULL") || text == "CRASH" {
            refused.insert(line);
        } else {
            rows.push((line, text));
        }
    }
    let lines = ours.refused.keys().copied().collect::<BTreeSet<_>>();
    if refused != lines && !refused.is_empty() {
        return Err(format!("the server refuses the lines {refused:?}, we: {:?}", ours.refused));
    }
    // Long names are cut in the view, and what cannot be printed is shown otherwise.
    if ["...", "\\r", "\\x", "\\ufeff"].iter().any(|mark| case.view.contains(mark)) {
        return Ok(());
    }
    for (line, text) in rows {
        let text = text.split(" WARN ").next().unwrap_or_default().replace("samegroup", "samerole");
        let shown = ours
            .rows
            .iter()
            .filter(|(at, _)| *at == line)
            .map(|(_, row)| row.replace("samegroup", "samerole"))
            .collect::<Vec<_>>();
        let known = |row: &String| match row.split_once('\u{1}') {
            Some((row, options)) => text.starts_with(row) && text.contains(options),
            None => text == *row || (text.starts_with(&format!("{row} {{")) && !text.contains("clientcert=")),
        };
        let alike = shown.iter().any(known) || (case.foreign && shown.is_empty());
        if !alike {
            return Err(format!("on {major} the server reads line {line} as `{text}`, we: {shown:?}"));
        }
    }
    Ok(())
}

fn hba_verdict<'a>(file: &'a AuthFile<'a>, major: u8, resolve: &dyn Fn(&AtFileRef<'_>) -> NameList<'a>) -> Verdict {
    let context = HbaContext { ssl: Some(true), db_user_namespace: Some(false), oauth_validator_libraries: Some("") };
    let read = hba::read(file, Majors::only(major), 0, &context, resolve);
    let mut verdict = verdict_of(file, major, &read.refusals);
    verdict.undecided = read.undecided.len();
    verdict.rows = read.rows.iter().map(|row| (number(file, row.line), shown(row, major))).collect();
    verdict
}

fn ident_verdict<'a>(file: &'a AuthFile<'a>, major: u8, resolve: &dyn Fn(&AtFileRef<'_>) -> NameList<'a>) -> Verdict {
    let read = ident::read(file, Majors::only(major), 0, resolve);
    let mut verdict = verdict_of(file, major, &read.refusals);
    verdict.undecided = read.undecided.len();
    verdict.rows = read
        .rows
        .iter()
        .map(|row| {
            let system = match &row.system_user {
                ident::SystemUser::Name(name) => name.clone(),
                ident::SystemUser::Regex { pattern, .. } => format!("/{pattern}"),
            };
            (number(file, row.line), format!("{} {system} {}", row.map, row.database_user.text))
        })
        .collect();
    verdict
}

/// The refused lines. Files that include lines name are all missing here, which only `include_if_exists` may be.
fn verdict_of(file: &AuthFile<'_>, major: u8, refusals: &[Refusal]) -> Verdict {
    let mut verdict = Verdict::default();
    for refusal in refusals {
        assert!(refusal.majors.contains(major));
        let before = verdict.refused.insert(number(file, refusal.line), refusal.message());
        assert_eq!(before, None, "one reason per line and major");
    }
    if auth_file::INCLUDE_MAJORS.contains(major) {
        for include in file.includes().filter(|include| include.kind != IncludeKind::IncludeIfExists) {
            verdict.refused.entry(number(file, include.line)).or_insert_with(|| "missing include".to_owned());
        }
    }
    verdict
}

fn number(file: &AuthFile<'_>, line: pgassay::source::Span) -> u32 {
    file.lines().iter().find(|candidate| candidate.span == line).unwrap().number
}

/// A row as the view shows it, up to the method; `clientcert` follows after a mark where it is asked for.
fn shown(row: &HbaRow, major: u8) -> String {
    let databases = row.databases.iter().map(|item| match &item.kind {
        DbKind::All => "all".to_owned(),
        DbKind::SameUser => "sameuser".to_owned(),
        DbKind::SameRole => "samerole".to_owned(),
        DbKind::Replication => "replication".to_owned(),
        DbKind::Regex(pattern) => format!("/{pattern}"),
        DbKind::Name(name) => name.clone(),
    });
    let users = row.users.iter().map(|item| match &item.kind {
        UserKind::All => "all".to_owned(),
        UserKind::Member(role) => format!("+{role}"),
        UserKind::Regex(pattern) => format!("/{pattern}"),
        UserKind::Name(name) => name.clone(),
    });
    let address = row.address.as_ref().map_or_else(
        || "-".to_owned(),
        |address| match &address.kind {
            AddressKind::All => "all".to_owned(),
            AddressKind::SameHost => "samehost".to_owned(),
            AddressKind::SameNet => "samenet".to_owned(),
            AddressKind::Net { ip, mask, .. } => format!("{ip}/{mask}"),
            AddressKind::HostName(name) if name.is_empty() => "-".to_owned(),
            AddressKind::HostName(name) => name.clone(),
        },
    );
    assert_eq!(row.address.is_none(), row.conn_type == ConnType::Local);
    let cert = match row.client_cert_on(major) {
        ClientCert::Off => String::new(),
        ClientCert::VerifyCa if major < 12 => "\u{1}clientcert=true".to_owned(),
        ClientCert::VerifyCa => "\u{1}clientcert=verify-ca".to_owned(),
        ClientCert::VerifyFull => "\u{1}clientcert=verify-full".to_owned(),
    };
    let list = |items: &mut dyn Iterator<Item = String>| items.collect::<Vec<_>>().join(",");
    format!(
        "{} {{{}}} {{{}}} {address} {}{cert}",
        row.conn_type.name(),
        list(&mut databases.into_iter()),
        list(&mut users.into_iter()),
        row.method.name()
    )
}
