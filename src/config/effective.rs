//! What holds in a run, and what said so: the command line, pgassay.toml, a profile or nobody.
//!
//! Nothing is decided here: the settings of a run are made elsewhere, and this tells of them.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use super::profile::FILE;
use super::{ConfigFile, Flags, Settings};
use crate::rule::Selection;

/// What said a value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// A flag of the command line.
    Flag(&'static str),
    /// A line of pgassay.toml, counted from 1.
    File(usize),
    /// A profile that is built in, or one of pgassay.toml.
    Profile(String),
    /// Nobody, so the default holds.
    Default,
}

/// A value that holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// The keys that lead to it, such as `rules`, `fsync-off`, `severity`. Of several tables of one name, each is called
    /// by its number, counted from 0.
    pub key: Vec<String>,
    /// The value.
    pub value: toml::Value,
    /// What said so; several where lists are joined.
    pub origins: Vec<Origin>,
}

/// The keys that are settled between flags and file; everything else is only the file's to say.
const SETTLED: [&str; 8] = ["pg", "profile", "select", "extend-select", "ignore", "fail-on", "min-confidence", "rules"];

impl ConfigFile {
    /// What holds, keys of the file's top first. `text` is what this file was parsed from, `settings` what it and the
    /// flags made.
    #[must_use]
    pub fn effective(&self, text: &str, flags: &Flags, settings: &Settings) -> Vec<Held> {
        let file = Leaves::of(text);
        let mut held = Vec::new();
        let mut add = |key: &str, value: toml::Value, flag: Option<&'static str>, joins: bool| {
            let said = file.at(&[key]).map(|leaf| Origin::File(leaf.line)).filter(|_| flag.is_none() || joins);
            let mut origins = flag.map(Origin::Flag).into_iter().chain(said).collect::<Vec<_>>();
            if origins.is_empty() {
                origins.push(Origin::Default);
            }
            held.push(Held { key: vec![key.to_owned()], value, origins });
        };
        if let Some(pg) = settings.pg {
            let majors = pg.iter().map(|major| toml::Value::from(i64::from(major))).collect();
            add("pg", toml::Value::Array(majors), flags.pg.map(|_| "--pg"), false);
        }
        let flag = |words: &[String], name: &'static str| (!words.is_empty()).then_some(name);
        let profile = match file.at(&["profile"]).map(|leaf| leaf.value.clone()) {
            _ if !flags.profile.is_empty() => words(&flags.profile),
            Some(written) => written,
            None => "default".into(),
        };
        add("profile", profile, flag(&flags.profile, "--profile"), false);
        let own = |key: &str| file.at(&[key]).and_then(|leaf| leaf.value.as_array().cloned()).unwrap_or_default();
        let lists = [
            ("select", &flags.select, "--select", false),
            ("extend-select", &flags.extend_select, "--extend-select", true),
            ("ignore", &flags.ignore, "--ignore", true),
        ];
        for (key, given, name, joins) in lists {
            let mut list = words(given).as_array().cloned().unwrap_or_default();
            if joins || given.is_empty() {
                list.extend(own(key));
            }
            if !list.is_empty() {
                add(key, toml::Value::Array(list), flag(given, name), joins);
            }
        }
        add("fail-on", settings.fail_on.name().into(), flags.fail_on.map(|_| "--fail-on"), false);
        let confidence = settings.min_confidence.name();
        add("min-confidence", confidence.into(), flags.min_confidence.map(|_| "--min-confidence"), false);
        let rest = file.0.iter().filter(|leaf| !SETTLED.iter().any(|key| leaf.key.first().is_some_and(|is| is == key)));
        let (top, tables): (Vec<_>, Vec<_>) = rest.map(Leaf::held).partition(|leaf: &Held| leaf.key.len() == 1);
        held.extend(top);
        held.extend(of_rules(&file, &settings.selection));
        held.extend(tables);
        held
    }
}

/// Options and severities of rules that nobody left at their defaults.
fn of_rules(file: &Leaves, selection: &Selection) -> Vec<Held> {
    let told = selection.told().into_iter().map(|told| {
        let key = ["rules", told.rule.name(), told.key].map(str::to_owned);
        let line = || file.at(&key.each_ref().map(String::as_str)).map(|leaf| Origin::File(leaf.line));
        let origin = match told.by {
            FILE => line().unwrap_or(Origin::Default),
            profile => Origin::Profile(profile.to_owned()),
        };
        let value = if told.is_list { words(&told.words) } else { told.words.concat().into() };
        Held { key: key.to_vec(), value, origins: vec![origin] }
    });
    told.collect()
}

fn words(words: &[String]) -> toml::Value {
    toml::Value::Array(words.iter().map(|word| word.clone().into()).collect())
}

/// A value of the file that is no table.
#[derive(Debug)]
struct Leaf {
    key: Vec<String>,
    value: toml::Value,
    line: usize,
}

impl Leaf {
    fn held(&self) -> Held {
        Held { key: self.key.clone(), value: self.value.clone(), origins: vec![Origin::File(self.line)] }
    }
}

/// The values of the file, in order.
struct Leaves(Vec<Leaf>);

impl Leaves {
    fn of(text: &str) -> Self {
        let mut at = BTreeMap::new();
        if let (Ok(spans), Ok(values)) = (DeTable::parse(text), text.parse::<toml::Table>()) {
            collect(spans.get_ref(), &values, &mut Vec::new(), &mut at);
        }
        let line = |at: usize| 1 + text.bytes().take(at).filter(|&byte| byte == b'\n').count();
        Self(at.into_iter().map(|(at, (key, value))| Leaf { key, value, line: line(at) }).collect())
    }

    fn at(&self, key: &[&str]) -> Option<&Leaf> {
        self.0.iter().find(|leaf| leaf.key == key)
    }
}

fn collect(
    spans: &DeTable<'_>,
    values: &toml::Table,
    above: &mut Vec<String>,
    out: &mut BTreeMap<usize, (Vec<String>, toml::Value)>,
) {
    for (key, span) in spans {
        let Some(value) = values.get(key.get_ref().as_ref()) else { continue };
        above.push(key.get_ref().to_string());
        match (span.get_ref(), value) {
            (DeValue::Table(spans), toml::Value::Table(values)) => collect(spans, values, above, out),
            (DeValue::Array(spans), toml::Value::Array(values)) if values.iter().any(toml::Value::is_table) => {
                for (index, (span, value)) in spans.iter().zip(values).enumerate() {
                    if let (DeValue::Table(spans), toml::Value::Table(values)) = (span.get_ref(), value) {
                        above.push(index.to_string());
                        collect(spans, values, above, out);
                        above.pop();
                    }
                }
            }
            _ => drop(out.insert(key.span().start, (above.clone(), value.clone()))),
        }
        above.pop();
    }
}
