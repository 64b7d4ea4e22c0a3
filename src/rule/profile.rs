//! Profiles: which rules run, with which thresholds and severities. Several may be chosen; what they extend is theirs too.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Range;

use thiserror::Error;

use crate::catalog;
use crate::finding::Severity;
use crate::rule::select::named;
use crate::rule::{Level, OptionValue, PROFILES, Registry, RuleId, Words};

/// A profile: one of `rules/profiles/`, or of pgassay.toml.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile<'a> {
    /// Its name.
    pub name: &'a str,
    /// One line.
    pub title: &'a str,
    /// What stands before a colon and the number of a section where rules name the benchmark, such as `CIS17`.
    pub prefix: Option<&'a str>,
    /// All rules up to this level are on.
    pub level: Option<Level>,
    /// Profiles whose rules and thresholds it has too.
    pub extends: Words<'a>,
    /// Rules, families and tags that are on.
    pub select: Words<'a>,
    /// Rules, families and tags that are off.
    pub ignore: Words<'a>,
    /// Options and severities of rules.
    pub given: &'a [Given<'a>],
    /// The sections of its benchmark; rules that check one are on.
    pub sections: &'a [Section<'a>],
}

/// One option of one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given<'a> {
    /// The rule.
    pub rule: &'a str,
    /// The option; `severity` is one of every rule.
    pub key: &'a str,
    /// Its value.
    pub value: Value<'a>,
    /// Where pgassay.toml says so.
    pub place: Option<Range<usize>>,
}

/// A value as it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// One word.
    Text(&'a str),
    /// A list.
    List(Words<'a>),
}

/// A section of a benchmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Section<'a> {
    /// Its number or name, as the benchmark has it.
    pub id: &'a str,
    /// What it is about, in a few words.
    pub title: &'a str,
    /// The rules that check it.
    pub rules: Words<'a>,
    /// Whether files can tell.
    pub state: State<'a>,
}

/// Whether files can tell what a section asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State<'a> {
    /// They do.
    Files,
    /// In part; the rest needs what is said here.
    Partly(&'a str),
    /// A running server or its host can.
    Live(&'a str),
    /// People can.
    Manual(&'a str),
    /// They could, and no rule does yet.
    Missing(&'a str),
}

/// A profile that somebody named.
#[derive(Debug, Clone)]
pub struct Named<'a> {
    /// Its name.
    pub name: &'a str,
    /// Where pgassay.toml names it.
    pub place: Option<Range<usize>>,
}

/// What is wrong with a profile, or with naming one.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{message}")]
pub struct ProfileError {
    /// What.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// Where pgassay.toml says it.
    pub place: Option<Range<usize>>,
}

/// What the chosen profiles make of the rules.
#[derive(Debug, Clone, Default)]
pub struct Chosen {
    /// The names of the profiles, as they were chosen.
    pub(super) names: Vec<String>,
    /// By [`RuleId::index`].
    pub(super) on: Vec<bool>,
    /// Severities in place of the rules' own, and the profile that set them.
    pub(super) severities: BTreeMap<RuleId, (Severity, String)>,
    /// Options in place of the rules' defaults, and the profile that set them.
    pub(super) options: BTreeMap<(RuleId, &'static str), (OptionValue, String)>,
    /// Options on which two profiles disagree: what one wants, and its name.
    pub(super) clashes: BTreeMap<(RuleId, &'static str), (OptionValue, String)>,
    /// Whether one of them is `strict` or extends it.
    pub strict: bool,
    /// Those that have sections.
    pub benchmarks: Vec<&'static Profile<'static>>,
}

impl Profile<'_> {
    /// The sections of the benchmark that the rule checks, as rules name them: `CIS17:3.1.20`.
    pub fn sections_of(&self, rule: RuleId) -> impl Iterator<Item = String> {
        let sections = self.sections.iter().filter(move |section| section.rules.iter().any(|name| name == rule.name()));
        sections.map(|section| match self.prefix {
            Some(prefix) => format!("{prefix}:{}", section.id),
            None => section.id.to_owned(),
        })
    }
}

/// What the profiles called `names` make of the rules; `own` are those of pgassay.toml.
///
/// # Errors
/// A name that no profile has, one that extends itself, a word that names no rule, an option that a rule has not.
pub fn choose(registry: &Registry, names: &[Named<'_>], own: &[Profile<'_>]) -> Result<Chosen, ProfileError> {
    let all = All { registry, own };
    let mut chosen = Chosen { on: vec![false; registry.len()], ..Chosen::default() };
    for named in names {
        chosen.join(all.resolve(named, &mut Vec::new())?);
        chosen.names.push(named.name.to_owned());
    }
    Ok(chosen)
}

struct All<'a> {
    registry: &'a Registry,
    own: &'a [Profile<'a>],
}

impl<'a> All<'a> {
    fn find(&self, named: &Named<'_>) -> Result<(&'a Profile<'a>, Option<&'static Profile<'static>>), ProfileError> {
        let name = named.name;
        if let Some(profile) = self.own.iter().find(|profile| profile.name == name) {
            return Ok((profile, None));
        }
        if let Some(profile) = PROFILES.iter().find(|profile| profile.name == name) {
            return Ok((profile, Some(profile)));
        }
        let names = || PROFILES.iter().chain(self.own).map(|profile| profile.name);
        let near = catalog::nearest(name, names()).map(|near| format!("did you mean `{near}`?"));
        let help = near.or_else(|| Some(format!("the profiles are {}", names().collect::<Vec<_>>().join(", "))));
        Err(ProfileError { message: format!("no profile is called `{name}`"), help, place: named.place.clone() })
    }

    fn resolve(&self, named: &Named<'_>, above: &mut Vec<&'a str>) -> Result<Chosen, ProfileError> {
        let (profile, builtin) = self.find(named)?;
        if above.contains(&profile.name) {
            let message = format!("the profile `{}` extends itself", profile.name);
            return Err(ProfileError { message, help: None, place: named.place.clone() });
        }
        above.push(profile.name);
        let mut chosen = Chosen { on: vec![false; self.registry.len()], ..Chosen::default() };
        for parent in profile.extends.iter() {
            chosen.join(self.resolve(&Named { name: parent, place: named.place.clone() }, above)?);
        }
        above.pop();
        self.apply(profile, named, &mut chosen)?;
        chosen.benchmarks.extend(builtin.filter(|profile| !profile.sections.is_empty()));
        Ok(chosen)
    }

    /// Lays what the profile itself says over what it extends.
    fn apply(&self, profile: &Profile<'_>, by: &Named<'_>, chosen: &mut Chosen) -> Result<(), ProfileError> {
        if let Some(level) = profile.level {
            chosen.strict |= level == Level::Strict;
            for rule in self.registry.iter().filter(|rule| rule.meta().level <= level) {
                chosen.turn(rule, true);
            }
        }
        let checked = profile.sections.iter().flat_map(|section| section.rules.iter());
        let on = profile.select.iter().chain(checked).map(|word| (word, true));
        for (word, value) in on.chain(profile.ignore.iter().map(|word| (word, false))) {
            let rules = named(self.registry, word).map_err(|error| ProfileError {
                message: format!("the profile `{}`: {error}", profile.name),
                help: None,
                place: by.place.clone(),
            })?;
            for rule in rules {
                chosen.turn(rule, value);
            }
        }
        for given in profile.given {
            chosen.give(self.registry, given, profile.name)?;
        }
        Ok(())
    }
}

/// Asks whether a rule of this name is there, or may be one of a plugin.
///
/// # Errors
/// There is none.
pub fn known(registry: &Registry, name: &str, place: Option<&Range<usize>>) -> Result<(), ProfileError> {
    if registry.find(name).is_some() || registry.may_be_missing(name) {
        return Ok(());
    }
    let help = registry.nearest(name).map(|near| format!("did you mean `{near}`?"));
    Err(ProfileError { message: format!("no rule is called `{name}`"), help, place: place.cloned() })
}

impl Chosen {
    /// The profiles `names` of those built in, for tests and tools.
    ///
    /// # Errors
    /// A name that no profile has.
    pub fn of(registry: &Registry, names: &[&str]) -> Result<Self, ProfileError> {
        let names = names.iter().map(|&name| Named { name, place: None }).collect::<Vec<_>>();
        choose(registry, &names, &[])
    }

    fn turn(&mut self, rule: RuleId, value: bool) {
        if let Some(on) = self.on.get_mut(rule.index()) {
            *on = value;
        }
    }

    /// Takes what is given as an option or the severity of a rule, in place of what was there.
    ///
    /// # Errors
    /// A rule that is not there, an option that it has not, a value that the option cannot have.
    pub fn give(&mut self, registry: &Registry, given: &Given<'_>, by: &str) -> Result<(), ProfileError> {
        let Given { rule: name, key, value, place } = given;
        let error = |message: String, help: Option<String>| ProfileError { message, help, place: place.clone() };
        known(registry, name, place.as_ref())?;
        let Some(rule) = registry.find(name) else { return Ok(()) };
        if *key == "severity" {
            let Value::Text(word) = value else { return Err(error("a severity is one word".to_owned(), None)) };
            let Some(severity) = Severity::named(word) else {
                return Err(error(format!("no severity is called `{word}`; they are info, warning and error"), None));
            };
            self.severities.insert(rule, (severity, by.to_owned()));
            return Ok(());
        }
        let meta = rule.meta();
        let Some(option) = meta.option(key) else {
            let names = || meta.options.iter().map(|option| option.name).chain(["severity"]);
            let near = catalog::nearest(key, names()).map(|near| format!("did you mean `{near}`?"));
            let help = near.unwrap_or_else(|| format!("it has {}", names().collect::<Vec<_>>().join(", ")));
            return Err(error(format!("the rule `{name}` has no option `{key}`"), Some(help)));
        };
        let value = match value {
            Value::Text(word) => OptionValue::text(*word),
            Value::List(words) if option.kind == crate::rule::OptionKind::List => OptionValue::list(words.iter()),
            Value::List(_) => return Err(error(format!("`{key}` of `{name}` takes one value"), None)),
        };
        meta.accepts(option, &value).map_err(|why| error(format!("`{key}` of `{name}`: {why}"), None))?;
        self.clashes.remove(&(rule, option.name));
        self.options.insert((rule, option.name), (value, by.to_owned()));
        Ok(())
    }

    /// Adds what another profile wants. Where one value does not meet both, the other's holds.
    fn join(&mut self, other: Self) {
        for (on, also) in self.on.iter_mut().zip(other.on) {
            *on |= also;
        }
        for (rule, said) in other.severities {
            let known = self.severities.entry(rule).or_insert_with(|| said.clone());
            if known.0 < said.0 {
                *known = said;
            }
        }
        self.clashes.extend(other.clashes);
        for (key, (value, by)) in other.options {
            match self.options.entry(key) {
                Entry::Vacant(entry) => {
                    entry.insert((value, by));
                }
                Entry::Occupied(mut entry) => {
                    let meta = key.0.meta();
                    let both = meta.option(key.1).and_then(|option| meta.both(option, &entry.get().0, &value));
                    let before = entry.get().clone();
                    match both {
                        Some(value) if value == before.0 => {}
                        Some(value) => drop(entry.insert((value, by))),
                        None => {
                            entry.insert((value, by));
                            self.clashes.insert(key, before);
                        }
                    }
                }
            }
        }
        self.strict |= other.strict;
        for benchmark in other.benchmarks {
            if !self.benchmarks.iter().any(|known| known.name == benchmark.name) {
                self.benchmarks.push(benchmark);
            }
        }
    }

    /// The value of an option, where it was given.
    pub(super) fn option(&self, rule: RuleId, name: &str) -> Option<&OptionValue> {
        // The name of the key must live as long as the map's; a rule has few options.
        let name = rule.meta().option(name)?.name;
        self.options.get(&(rule, name)).map(|(value, _)| value)
    }

    /// Severities in place of the rules' own.
    #[must_use]
    pub fn severities(&self) -> BTreeMap<RuleId, Severity> {
        self.severities.iter().map(|(rule, (severity, _))| (*rule, *severity)).collect()
    }

    /// Where profiles contradict each other on a rule that is on, a sentence for each.
    #[must_use]
    pub fn contradictions(&self) -> Vec<String> {
        let on = |rule: RuleId| self.on.get(rule.index()) == Some(&true);
        let clashes = self.clashes.iter().filter(|((rule, _), _)| on(*rule));
        let told = clashes.filter_map(|((rule, key), (value, by))| {
            let (holds, winner) = self.options.get(&(*rule, key))?;
            Some(format!(
                "the profiles contradict each other: for `{rule}`, {by} wants {key} `{}` and {winner} `{}`, which holds; \
                 `[rules.{rule}]` in pgassay.toml decides",
                value.joined(),
                holds.joined()
            ))
        });
        told.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::{Selection, id};

    fn profile<'a>(name: &'a str, extends: &'a [&'a str], given: &'a [Given<'a>]) -> Profile<'a> {
        let none = Words::Fixed(&[]);
        let extends = Words::Fixed(extends);
        let select = Words::Fixed(&["authentication-timeout-long", "log-statement-all"]);
        Profile { name, title: "", prefix: None, level: None, extends, select, ignore: none, given, sections: &[] }
    }

    fn given<'a>(rule: &'a str, key: &'a str, value: &'a str) -> Given<'a> {
        Given { rule, key, value: Value::Text(value), place: None }
    }

    fn of(names: &[&str], own: &[Profile<'_>]) -> Result<Chosen, ProfileError> {
        let names = names.iter().map(|&name| Named { name, place: None }).collect::<Vec<_>>();
        choose(&Registry::default(), &names, own)
    }

    #[test]
    fn the_stricter_of_two_amounts_meets_both() {
        let short = [given("authentication-timeout-long", "at-most", "30s")];
        let long = [given("authentication-timeout-long", "at-most", "2min")];
        let own = [profile("short", &[], &short), profile("long", &[], &long)];
        for names in [["short", "long"], ["long", "short"]] {
            let chosen = of(&names, &own).unwrap();
            let value = chosen.option(id::AUTHENTICATION_TIMEOUT_LONG, "at-most").unwrap();
            assert_eq!(value.words(), ["30s"]);
            assert_eq!(chosen.contradictions(), [""; 0]);
        }
    }

    #[test]
    fn contradictions_are_told_and_settled_by_the_user() {
        let one = [given("log-statement-all", "must-not-be", "all")];
        let other = [given("log-statement-all", "must-not-be", "none")];
        let own = [profile("one", &[], &one), profile("other", &[], &other)];
        let mut chosen = of(&["one", "other"], &own).unwrap();
        let told = chosen.contradictions();
        assert!(told.len() == 1 && told[0].contains("one wants must-not-be `all` and other `none`"), "{told:?}");
        chosen.give(&Registry::default(), &one[0], "pgassay.toml").unwrap();
        assert_eq!(chosen.contradictions(), [""; 0]);
        // Nor where the rule does not run.
        let quiet = Profile { select: Words::Fixed(&[]), ..own[0] };
        let other = Profile { select: Words::Fixed(&[]), ..own[1] };
        assert_eq!(of(&["one", "other"], &[quiet, other]).unwrap().contradictions(), [""; 0]);
    }

    #[test]
    fn what_extends_has_all_of_it_and_wins() {
        let base = [given("log-statement-all", "must-not-be", "all"), given("fsync-off", "severity", "info")];
        let top = [given("log-statement-all", "must-not-be", "mod")];
        let own = [profile("base", &["default"], &base), profile("top", &["base"], &top)];
        let chosen = of(&["top"], &own).unwrap();
        assert_eq!(chosen.option(id::LOG_STATEMENT_ALL, "must-not-be").unwrap().words(), ["mod"]);
        assert_eq!(chosen.severities().get(&id::FSYNC_OFF), Some(&Severity::Info));
        assert!(!chosen.strict && chosen.contradictions().is_empty());
        let selection = Selection::new(&Registry::default(), chosen, &[], &[], &[]).unwrap();
        assert!(selection.contains(id::FSYNC_OFF) && selection.contains(id::AUTHENTICATION_TIMEOUT_LONG));
        assert!(!selection.contains(id::LISTEN_ANY));
        assert!(of(&["strict"], &[]).unwrap().strict);
    }

    #[test]
    fn faults_are_told() {
        let message = |own: &[Profile<'_>], name: &str| {
            let error = of(&[name], own).expect_err("there is a fault");
            format!("{}: {}", error.message, error.help.unwrap_or_default())
        };
        assert_eq!(message(&[], "stric"), "no profile is called `stric`: did you mean `strict`?");
        let own = [profile("a", &["b"], &[]), profile("b", &["a"], &[])];
        assert_eq!(message(&own, "a"), "the profile `a` extends itself: ");
        let wrong = [given("log-statement-all", "must-not-bee", "all")];
        let told = message(&[profile("a", &[], &wrong)], "a");
        assert_eq!(told, "the rule `log-statement-all` has no option `must-not-bee`: did you mean `must-not-be`?");
        let wrong = [given("log-statement-all", "must-not-be", "everything")];
        let told = message(&[profile("a", &[], &wrong)], "a");
        assert_eq!(told, "`must-not-be` of `log-statement-all`: `log_statement` cannot be `everything`: ");
    }

    #[test]
    fn the_profiles_that_are_built_in_resolve() {
        for profile in PROFILES {
            let chosen = of(&[profile.name], &[]).unwrap();
            assert_eq!(chosen.contradictions(), [""; 0], "{}", profile.name);
        }
    }
}
