//! The questions that the catalogue puts to each server.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;

use anyhow::{Context, Result, anyhow, ensure};

use super::known::{BUILD_WORDS, UNLISTED};
use crate::servers::{Server, majors};
use crate::wire::Connection;

/// A setting as one server describes it.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) name: String,
    /// The module that must be loaded for the setting to exist.
    pub(super) library: Option<String>,
    pub(super) kind: String,
    pub(super) unit: Option<String>,
    pub(super) min: String,
    pub(super) max: String,
    /// Of an enum: the listed values, then the hidden ones.
    pub(super) words: Vec<Word>,
    pub(super) default: String,
    pub(super) context: String,
    /// Whether ALTER SYSTEM may set it.
    pub(super) alter_system: bool,
    /// Whether the views list it.
    pub(super) listed: bool,
}

/// A value of an enum.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Word {
    pub(super) name: String,
    /// What the server shows after it was set.
    pub(super) canonical: String,
    pub(super) hidden: bool,
    /// What a build needs to have the value.
    pub(super) build: Option<&'static str>,
}

/// Values that some enum takes without listing them; every other candidate is a listed value of another major.
const CANDIDATES: &[&str] = &[
    "on",
    "off",
    "true",
    "false",
    "yes",
    "no",
    "1",
    "0",
    "",
    "archive",
    "hot_standby",
    "debug",
    "info",
    "fatal",
    "panic",
    "none",
    "default",
    "auto",
    "always",
    "all",
    "md5",
    "plain",
    "any",
    "posix",
];

/// Modules of later majors (or of other makers) that lie in the package of an earlier one.
const STRAYS: &[(&str, u8)] = &[("basic_archive", 15), ("basebackup_to_shell", 15), ("plugin_debugger", u8::MAX)];

/// Asks the servers of all majors.
pub(super) fn all() -> Result<BTreeMap<u8, Vec<Answer>>> {
    let mut answers = per_major(listed)?;
    let mut union: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for answer in answers.values().flatten().filter(|answer| answer.kind == "enum") {
        union.entry(answer.name.clone()).or_default().extend(answer.words.iter().map(|word| word.name.clone()));
    }
    let found = per_major(|server| {
        let mut answers = answers.get(&server.major).cloned().context("every major has answered")?;
        for answer in answers.iter_mut().filter(|answer| answer.kind == "enum" && answer.context != "internal") {
            let others = union.get(&answer.name).into_iter().flatten().map(String::as_str);
            let candidates: BTreeSet<&str> = CANDIDATES.iter().copied().chain(others).collect();
            synonyms(server, answer, &candidates)?;
            of_other_builds(server.major, answer);
        }
        Ok(answers)
    })?;
    answers = found;
    Ok(answers)
}

/// Puts a question to every server, all at once.
pub(super) fn per_major<T: Send>(question: impl Fn(&Server) -> Result<T> + Sync) -> Result<BTreeMap<u8, T>> {
    let servers: Vec<Server> = majors().map(Server::get).collect::<Result<_>>()?;
    let question = &question;
    thread::scope(|scope| {
        let asked: Vec<_> =
            servers.iter().map(|server| (server.major, scope.spawn(move || question(server)))).collect();
        asked
            .into_iter()
            .map(|(major, answer)| {
                let answer = answer.join().map_err(|_| anyhow!("the thread of major {major} has died"))?;
                Ok((major, answer.with_context(|| format!("major {major}"))?))
            })
            .collect()
    })
}

/// What pg_settings lists: the core's settings, and those of each module that loads.
fn listed(server: &Server) -> Result<Vec<Answer>> {
    let running = server.start(&[])?;
    let mut session = running.connect()?;
    let mut answers = describe(&mut session, None, &BTreeSet::new())?;
    for &(name, since, kind, unit, min, max, default, context) in UNLISTED {
        if server.major < since {
            continue;
        }
        ensure!(answers.iter().all(|answer| answer.name != name), "{name} is listed after all");
        session.query(&format!("show {name}"))?;
        let some = |text: &str| Some(text.to_owned());
        let row =
            [some(name), some(kind), unit.map(str::to_owned), some(min), some(max), None, some(default), some(context)];
        let mut answer = answer(&row).context("the row has the shape of pg_settings")?;
        answer.alter_system = session.query(&format!("alter system set {name} to default")).is_ok();
        answer.listed = false;
        answers.push(answer);
    }
    let core: BTreeSet<String> = answers.iter().map(|answer| answer.name.clone()).collect();
    let stray = |module: &str| STRAYS.iter().any(|&(name, since)| name == module && server.major < since);
    let mut modules = server.modules_with_settings()?;
    modules.retain(|module| !stray(module) && running.loads(module));
    drop(session);
    drop(running);
    for module in &modules {
        let running = server.start(&[format!("shared_preload_libraries={module}")])?;
        answers.extend(describe(&mut running.connect()?, Some(module), &core)?);
    }
    Ok(answers)
}

fn describe(session: &mut Connection, module: Option<&str>, known: &BTreeSet<String>) -> Result<Vec<Answer>> {
    let rows = session.query(
        "select name, vartype, unit, min_val, max_val, array_to_string(enumvals, '|'), boot_val, context from pg_settings order by name",
    )?;
    let mut answers = Vec::new();
    for row in rows {
        let mut answer = answer(&row).context("a row of pg_settings has another shape")?;
        if known.contains(&answer.name) {
            continue;
        }
        answer.library = module.map(str::to_owned);
        if answer.context != "internal" {
            let refused = session.query(&format!("alter system set \"{}\" to default", answer.name));
            answer.alter_system = refused.is_ok();
        }
        if let Some(word) = answer.words.first().filter(|_| answer.library.is_some()) {
            debug_assert!(!word.hidden, "listed values come first");
            for candidate in CANDIDATES {
                let Ok(rows) = session.query(&format!("set {0} = '{candidate}'; show {0}", answer.name)) else {
                    continue;
                };
                let canonical = rows.into_iter().flatten().flatten().next().unwrap_or_default();
                add(&mut answer, candidate, canonical);
            }
        }
        if matches!(answer.name.as_str(), "server_version" | "server_version_num") {
            // Facts of the minor release at hand, not of the major.
            answer.default = if answer.kind == "integer" { "0".to_owned() } else { String::new() };
            (answer.min, answer.max) = ("0".to_owned(), i32::MAX.to_string());
        }
        answers.push(answer);
    }
    Ok(answers)
}

fn answer(row: &[Option<String>]) -> Option<Answer> {
    let [name, kind, unit, min, max, words, default, context] = row else { return None };
    let words = match words {
        Some(words) => words
            .split('|')
            .map(|name| Word { name: name.to_owned(), canonical: name.to_owned(), hidden: false, build: None })
            .collect(),
        None => Vec::new(),
    };
    Some(Answer {
        name: name.clone()?,
        library: None,
        kind: kind.clone()?,
        unit: unit.clone(),
        min: min.clone().unwrap_or_default(),
        max: max.clone().unwrap_or_default(),
        words,
        default: default.clone().unwrap_or_default(),
        context: context.clone()?,
        alter_system: false,
        listed: true,
    })
}

/// Finds the values that the server takes without listing them, and what it shows for each value.
fn synonyms(server: &Server, answer: &mut Answer, candidates: &BTreeSet<&str>) -> Result<()> {
    if answer.library.is_some() {
        return Ok(());
    }
    for candidate in candidates {
        let output = server.judge(&answer.name, candidate)?;
        if !output.status.success() {
            continue;
        }
        let canonical = String::from_utf8(output.stdout)?.trim_end().to_owned();
        match answer.words.iter_mut().find(|word| word.name == *candidate) {
            // A start does not keep this one: every transaction begins with the default.
            Some(_) if answer.name == "transaction_isolation" => {}
            Some(word) => word.canonical = canonical,
            None => add(answer, candidate, canonical),
        }
    }
    Ok(())
}

fn add(answer: &mut Answer, name: &str, canonical: String) {
    if answer.words.iter().all(|word| word.name != name) {
        answer.words.push(Word { name: name.to_owned(), canonical, hidden: true, build: None });
    }
}

/// Adds the values that this build lacks, and marks the listed ones that others lack.
fn of_other_builds(major: u8, answer: &mut Answer) {
    for &(setting, name, first, last, build) in BUILD_WORDS {
        if setting != answer.name || major < first || major > last {
            continue;
        }
        match answer.words.iter_mut().find(|word| word.name == name) {
            Some(word) => word.build = Some(build),
            None => {
                let listed = answer.words.iter().take_while(|word| !word.hidden).count();
                let word =
                    Word { name: name.to_owned(), canonical: name.to_owned(), hidden: false, build: Some(build) };
                answer.words.insert(listed, word);
            }
        }
    }
}
