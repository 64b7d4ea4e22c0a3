//! Majors of which there is no server yet: what their documentation changes is laid over what the major before says.
//!
//! The facts stand in `src/catalog/documented/<major>.toml`. A major that has a server is asked, and its file, if
//! there still is one, is not looked at; the answers have the same form either way.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::ask::{Answer, Word};
use super::known::BUILD_WORDS;
use super::system;
use crate::libpq::ConnDefault;
use crate::servers;

/// What one major changes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Documented {
    pub(super) major: u8,
    pub(super) before: u8,
    /// Where the facts are from.
    notes: String,
    /// Where those are from that are marked so.
    snapshot: String,
    #[serde(default)]
    removed: Vec<Removed>,
    #[serde(default)]
    changed: Vec<Fact>,
    #[serde(default)]
    added: Vec<Fact>,
    #[serde(default)]
    keyword: Vec<Keyword>,
    #[serde(default)]
    pub(super) relation: Vec<Relation>,
    #[serde(default)]
    pub(super) function: Vec<Function>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Removed {
    setting: String,
    from: Option<From>,
}

/// A setting: all of it, or what is different.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fact {
    setting: String,
    kind: Option<String>,
    unit: Option<String>,
    min: Option<String>,
    max: Option<String>,
    words: Option<Vec<String>>,
    default: Option<String>,
    context: Option<String>,
    from: Option<From>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Keyword {
    name: String,
    environment: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Relation {
    pub(super) name: String,
    /// Whether the major before lacks it.
    #[serde(default)]
    pub(super) new: bool,
    pub(super) columns: Vec<String>,
    #[serde(default)]
    pub(super) gone: Vec<String>,
    from: Option<From>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Function {
    pub(super) name: String,
    /// Least and most numbers of arguments.
    pub(super) counts: BTreeSet<(u8, u8)>,
}

/// Where a fact is from, if not from the release notes.
#[derive(Debug, Deserialize, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
enum From {
    /// Sources of the branch's development alone.
    Snapshot,
}

/// The majors that only documentation tells of, in ascending order.
pub(super) fn all() -> Result<Vec<Documented>> {
    let folder = super::repository("src/catalog/documented");
    let mut found = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        let documented: Documented =
            toml::from_str(&fs::read_to_string(&path)?).with_context(|| format!("reading {}", path.display()))?;
        if servers::majors().any(|major| major == documented.major) {
            println!("{} is told by its server; {} is not looked at", documented.major, path.display());
        } else {
            found.push(documented);
        }
    }
    found.sort_by_key(|documented| documented.major);
    Ok(found)
}

/// Adds the documented majors to what the servers answered.
pub(super) fn extend<T>(
    answers: &mut BTreeMap<u8, T>,
    of: &[Documented],
    derive: impl Fn(&Documented, &T) -> Result<T>,
) -> Result<()> {
    for documented in of {
        let before =
            answers.get(&documented.before).with_context(|| format!("nobody tells of {}", documented.before))?;
        let derived = derive(documented, before).with_context(|| format!("major {}", documented.major))?;
        answers.insert(documented.major, derived);
    }
    Ok(())
}

impl Documented {
    /// The settings, as a server would describe them.
    pub(super) fn settings(&self, before: &[Answer]) -> Result<Vec<Answer>> {
        ensure!(!self.notes.is_empty(), "the source of the facts is not named");
        let mut marks = self.added.iter().chain(&self.changed).map(|fact| fact.from);
        let marked = marks.any(|from| from.is_some())
            || self.removed.iter().any(|removed| removed.from.is_some())
            || self.relation.iter().any(|relation| relation.from.is_some());
        ensure!(!marked || !self.snapshot.is_empty(), "the snapshot is not named");
        let mut answers = before.to_vec();
        for removed in &self.removed {
            let count = answers.len();
            answers.retain(|answer| answer.name != removed.setting);
            ensure!(answers.len() + 1 == count, "{} was not there before", removed.setting);
        }
        for fact in &self.changed {
            let answer = answers.iter_mut().find(|answer| answer.name == fact.setting);
            fact.lay_over(answer.with_context(|| format!("{} was not there before", fact.setting))?, self.major);
        }
        for fact in &self.added {
            ensure!(answers.iter().all(|answer| answer.name != fact.setting), "{} was there before", fact.setting);
            ensure!(
                fact.kind.is_some() && fact.default.is_some() && fact.context.is_some(),
                "{} is not described",
                fact.setting
            );
            let internal = fact.context.as_deref() == Some("internal");
            let mut answer = Answer {
                name: fact.setting.clone(),
                library: None,
                kind: String::new(),
                unit: None,
                min: String::new(),
                max: String::new(),
                words: Vec::new(),
                default: String::new(),
                context: String::new(),
                alter_system: !internal,
                listed: true,
            };
            fact.lay_over(&mut answer, self.major);
            answers.push(answer);
        }
        Ok(answers)
    }

    /// The connection keywords, as the library would list them.
    pub(super) fn keywords(&self, before: &[ConnDefault]) -> Result<Vec<ConnDefault>> {
        let mut keywords = before.to_vec();
        for keyword in &self.keyword {
            ensure!(before.iter().all(|known| known.keyword != keyword.name), "{} was there before", keyword.name);
            keywords.push(ConnDefault {
                keyword: keyword.name.clone(),
                environment: keyword.environment.clone(),
                default: None,
                display: String::new(),
            });
        }
        Ok(keywords)
    }

    /// The system's objects, as a server would list them.
    pub(super) fn objects(&self, before: &system::Answer) -> Result<system::Answer> {
        let mut answer = before.clone();
        for relation in &self.relation {
            answer.change(relation)?;
        }
        for function in &self.function {
            answer.put(function);
        }
        Ok(answer)
    }
}

impl Fact {
    fn lay_over(&self, answer: &mut Answer, major: u8) {
        let put = |into: &mut String, value: &Option<String>| {
            if let Some(value) = value {
                into.clone_from(value);
            }
        };
        if self.kind.as_ref().is_some_and(|kind| *kind != answer.kind) {
            // What belongs to another type is not inherited.
            (answer.unit, answer.words) = (None, Vec::new());
            (answer.min, answer.max) = (String::new(), String::new());
        }
        put(&mut answer.kind, &self.kind);
        put(&mut answer.min, &self.min);
        put(&mut answer.max, &self.max);
        put(&mut answer.default, &self.default);
        put(&mut answer.context, &self.context);
        if self.unit.is_some() {
            answer.unit.clone_from(&self.unit);
        }
        if let Some(words) = &self.words {
            let build = |name: &str| {
                BUILD_WORDS
                    .iter()
                    .find(|word| word.0 == self.setting && word.1 == name && (word.2..=word.3).contains(&major))
                    .map(|word| word.4)
            };
            let word =
                |name: &String| Word { name: name.clone(), canonical: name.clone(), hidden: false, build: build(name) };
            answer.words = words.iter().map(word).collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(name: &str, kind: &str, unit: Option<&str>, default: &str, context: &str) -> Answer {
        let number = kind == "integer";
        Answer {
            name: name.to_owned(),
            library: None,
            kind: kind.to_owned(),
            unit: unit.map(str::to_owned),
            min: if number { "0".to_owned() } else { String::new() },
            max: if number { "9".to_owned() } else { String::new() },
            words: Vec::new(),
            default: default.to_owned(),
            context: context.to_owned(),
            alter_system: context != "internal",
            listed: true,
        }
    }

    fn documented(text: &str) -> Documented {
        toml::from_str(&format!("major = 19\nbefore = 18\nnotes = \"a\"\nsnapshot = \"b\"\n{text}")).unwrap()
    }

    /// What the documentation tells of a major has the form of what its server says.
    #[test]
    fn documentation_gives_what_a_server_would() {
        let before = [
            asked("kept", "bool", None, "on", "user"),
            asked("gone", "bool", None, "on", "user"),
            asked("other", "integer", Some("ms"), "1", "sighup"),
            asked("list", "integer", Some("ms"), "1", "sighup"),
        ];
        let server = vec![
            asked("kept", "bool", None, "on", "user"),
            asked("other", "integer", Some("ms"), "5", "user"),
            asked("list", "string", None, "warning", "sighup"),
            asked("new", "integer", Some("s"), "7", "postmaster"),
            asked("shown", "bool", None, "off", "internal"),
        ];
        let documented = documented(
            "[[removed]]\nsetting = \"gone\"\n\
             [[changed]]\nsetting = \"other\"\ndefault = \"5\"\ncontext = \"user\"\n\
             [[changed]]\nsetting = \"list\"\nkind = \"string\"\ndefault = \"warning\"\n\
             [[added]]\nsetting = \"new\"\nkind = \"integer\"\nunit = \"s\"\nmin = \"0\"\nmax = \"9\"\ndefault = \"7\"\n\
             context = \"postmaster\"\n\
             [[added]]\nsetting = \"shown\"\nkind = \"bool\"\ndefault = \"off\"\ncontext = \"internal\"\nfrom = \"snapshot\"\n",
        );
        let derived = documented.settings(&before).unwrap();
        let sorted = |mut answers: Vec<Answer>| {
            answers.sort_by(|a, b| a.name.cmp(&b.name));
            answers.iter().map(|answer| format!("{answer:?}")).collect::<Vec<_>>()
        };
        assert_eq!(sorted(derived), sorted(server));
    }

    #[test]
    fn documentation_that_contradicts_the_major_before_is_refused() {
        let before = [asked("kept", "bool", None, "on", "user")];
        for text in [
            "[[removed]]\nsetting = \"kep\"\n",
            "[[changed]]\nsetting = \"kep\"\ndefault = \"off\"\n",
            "[[added]]\nsetting = \"kept\"\nkind = \"bool\"\ndefault = \"off\"\ncontext = \"user\"\n",
            "[[added]]\nsetting = \"new\"\nkind = \"bool\"\n",
        ] {
            assert!(documented(text).settings(&before).is_err(), "{text}");
        }
    }

    #[test]
    fn every_documented_major_follows_the_newest_server() {
        let mut before = servers::majors().last().unwrap();
        for documented in all().unwrap() {
            assert_eq!((documented.before, documented.major), (before, before + 1));
            before = documented.major;
        }
    }
}
