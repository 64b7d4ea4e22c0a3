//! What the TOML file of a rule or a profile may say. Used by the build script, which turns those into static data.
//!
//! This file stands alone (it names nothing of the crate), because the build script includes it, and so does the test
//! that holds the JSON Schemas against it.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A rule file: metadata, and either the check itself or the name of the Rust module that holds it.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RuleFile {
    pub(crate) title: String,
    pub(crate) severity: Severity,
    #[serde(default = "high")]
    pub(crate) confidence: Confidence,
    pub(crate) effect: Effect,
    /// From which of the general profiles on it runs.
    #[serde(default)]
    pub(crate) profile: Level,
    /// First and last major on which the rule can hold.
    #[serde(default = "all_majors")]
    pub(crate) majors: (u8, u8),
    /// GitHub's scale, 0.1 to 10.0, as text; only for rules tagged `security`.
    pub(crate) security_severity: Option<String>,
    #[serde(default)]
    pub(crate) tags: Vec<String>,
    #[serde(default)]
    pub(crate) refs: Refs,
    /// What profiles and users may set of a native rule. That of a declarative one is its operand.
    #[serde(default)]
    pub(crate) options: BTreeMap<String, OptionFile>,
    pub(crate) fix: Option<Safety>,
    pub(crate) since: String,
    pub(crate) check: Check,
}

#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Refs {
    /// Pages of the PostgreSQL documentation, below `https://www.postgresql.org/docs/current/`.
    #[serde(default)]
    pub(crate) docs: Vec<String>,
    #[serde(default)]
    pub(crate) cwe: Vec<u32>,
    /// Sections of benchmarks, such as `CIS17:6.8`.
    #[serde(default)]
    pub(crate) cis: Vec<String>,
    #[serde(default)]
    pub(crate) stig: Vec<String>,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($word:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
        #[cfg_attr(test, derive(schemars::JsonSchema))]
        #[serde(rename_all = "kebab-case")]
        pub(crate) enum $name { $($word),+ }
    };
}

words!(Severity { Info, Warning, Error });
words!(Confidence { Low, Medium, High });
words!(Effect { Refused, Ignored, Risk, Style });
words!(Safety { Safe, Unsafe });

words!(Merge { Clash, Highest, Lowest, Union, Common });

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Level {
    #[default]
    Default,
    Strict,
    Benchmark,
}

/// An option of a native rule.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct OptionFile {
    /// One line.
    pub(crate) help: String,
    /// What holds where nobody sets it; its kind is that of the option.
    pub(crate) default: ValueFile,
    /// How the wishes of two profiles go together; left out, they clash.
    pub(crate) merge: Option<Merge>,
}

/// A value as TOML has it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub(crate) enum ValueFile {
    Number(u64),
    Text(String),
    List(Vec<String>),
}

/// A profile.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ProfileFile {
    pub(crate) title: String,
    /// What stands before the numbers of its benchmark's sections in rule files: `CIS17`.
    pub(crate) prefix: Option<String>,
    /// All rules up to this level.
    pub(crate) level: Option<Level>,
    #[serde(default)]
    pub(crate) extends: Vec<String>,
    #[serde(default)]
    pub(crate) select: Vec<String>,
    #[serde(default)]
    pub(crate) ignore: Vec<String>,
    /// Options and severities by rule.
    #[serde(default)]
    pub(crate) rules: BTreeMap<String, BTreeMap<String, ValueFile>>,
    #[serde(default)]
    pub(crate) section: Vec<SectionFile>,
}

/// A section of a benchmark: rules that check it, or why none does. With `live`, `manual` or `missing`
/// beside rules, these check a part.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct SectionFile {
    pub(crate) id: String,
    pub(crate) title: String,
    #[serde(default)]
    pub(crate) rules: Vec<String>,
    pub(crate) live: Option<String>,
    pub(crate) manual: Option<String>,
    pub(crate) missing: Option<String>,
}

/// Where the rule's logic is.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[allow(clippy::large_enum_variant, reason = "a build script reads each rule once")]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Check {
    /// `src/checks/<name>.rs`, function `check`; a tight family of rules may share one.
    Native(String),
    /// The engine itself raises it (suppression comments).
    Engine,
    /// The rest of the table.
    #[serde(untagged)]
    Declarative(Declarative),
}

/// A check in data: one thing, one operator, and what to say.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Declarative {
    // What is looked at: exactly one of these.
    pub(crate) setting: Option<String>,
    /// A field of pg_hba.conf rows: `type`, `database`, `user`, `address`, `method` or `option:<name>`.
    pub(crate) hba: Option<String>,
    /// A keyword of connection strings.
    pub(crate) conninfo: Option<String>,
    /// An option of `WITH (...)`: `subscription.<name>` or `publication.<name>`.
    pub(crate) option: Option<String>,

    // The operator: exactly one of these.
    pub(crate) must_be: Option<String>,
    pub(crate) must_not_be: Option<String>,
    pub(crate) one_of: Option<Vec<String>>,
    pub(crate) none_of: Option<Vec<String>>,
    pub(crate) at_least: Option<String>,
    pub(crate) at_most: Option<String>,
    pub(crate) matches: Option<String>,
    pub(crate) includes: Option<Vec<String>>,
    pub(crate) excludes: Option<Vec<String>>,
    pub(crate) must_be_set: Option<bool>,

    /// Whether a value that nobody set is judged by its default.
    #[serde(default)]
    pub(crate) when_unset: bool,
    /// Judged only where this holds.
    pub(crate) when: Option<When>,

    /// `{name}`, `{value}` and `{wanted}`, the operand, are filled in.
    pub(crate) message: String,
    #[serde(default)]
    pub(crate) label: String,
    pub(crate) help: Option<String>,
    /// The value that mends it.
    pub(crate) set: Option<String>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct When {
    pub(crate) setting: String,
    /// The effective value is one of these, or a list that has one of these.
    pub(crate) is: Vec<String>,
}

fn high() -> Confidence {
    Confidence::High
}

fn all_majors() -> (u8, u8) {
    (10, 19)
}

impl RuleFile {
    /// What serde cannot say: how fields go together.
    pub(crate) fn validate(&self) -> Result<(), String> {
        let security = self.tags.iter().any(|tag| tag == "security");
        match &self.security_severity {
            Some(_) if !security => return Err("security-severity stands with the tag `security` only".to_owned()),
            None if security => return Err("a rule tagged `security` needs a security-severity".to_owned()),
            Some(score) if !score.parse::<f32>().is_ok_and(|score| (0.1..=10.0).contains(&score)) => {
                return Err(format!("security-severity is 0.1 to 10.0, not {score}"));
            }
            _ => {}
        }
        match &self.check {
            Check::Declarative(_) if !self.options.is_empty() => {
                Err("the option of a declarative check is its operand".to_owned())
            }
            Check::Declarative(rule) => rule.validate(),
            Check::Native(_) | Check::Engine => Ok(()),
        }
    }
}

impl Declarative {
    fn validate(&self) -> Result<(), String> {
        let subjects = [&self.setting, &self.hba, &self.conninfo, &self.option];
        if subjects.iter().filter(|subject| subject.is_some()).count() != 1 {
            return Err("a check looks at exactly one of setting, hba, conninfo, option".to_owned());
        }
        let words = [&self.must_be, &self.must_not_be, &self.at_least, &self.at_most, &self.matches];
        let lists = [&self.one_of, &self.none_of, &self.includes, &self.excludes];
        let operators = words.iter().filter(|word| word.is_some()).count()
            + lists.iter().filter(|list| list.is_some()).count()
            + usize::from(self.must_be_set.is_some());
        if operators != 1 {
            return Err("a check has exactly one operator".to_owned());
        }
        Ok(())
    }

    /// The check as a Rust expression of `crate::rule::Declarative`.
    #[allow(dead_code, reason = "the build script uses it, the crate does not")]
    pub(crate) fn emit(&self) -> String {
        let subject =
            [("Setting", &self.setting), ("Hba", &self.hba), ("Conninfo", &self.conninfo), ("SqlOption", &self.option)]
                .into_iter()
                .find_map(|(name, value)| value.as_ref().map(|value| format!("Looked::{name}({value:?})")))
                .unwrap_or_default();
        let operator = match self.operand() {
            Some((name, ValueFile::List(words), _)) => format!("Operator::{}(Words::Fixed(&{words:?}))", camel(name)),
            Some((name, ValueFile::Text(word), _)) => format!("Operator::{}({word:?})", camel(name)),
            _ => "Operator::MustBeSet".to_owned(),
        };
        let when = self.when.as_ref().map_or_else(
            || "None".to_owned(),
            |when| format!("Some(When {{ setting: {:?}, is: &{:?} }})", when.setting, when.is),
        );
        format!(
            "Declarative {{ looked: {subject}, operator: {operator}, when_unset: {}, when: {when}, message: {:?}, label: {:?}, \
             help: {:?}, set: {:?} }}",
            self.when_unset, self.message, self.label, self.help, self.set
        )
    }

    /// The operand: the operator's key, its value, and how the wishes of two profiles go together.
    #[allow(dead_code, reason = "the build script uses it, the crate does not")]
    pub(crate) fn operand(&self) -> Option<(&'static str, ValueFile, Merge)> {
        let words = [
            ("must-be", &self.must_be, Merge::Clash),
            ("must-not-be", &self.must_not_be, Merge::Clash),
            ("at-least", &self.at_least, Merge::Highest),
            ("at-most", &self.at_most, Merge::Lowest),
            ("matches", &self.matches, Merge::Clash),
        ];
        let lists = [
            ("one-of", &self.one_of, Merge::Common),
            ("none-of", &self.none_of, Merge::Union),
            ("includes", &self.includes, Merge::Union),
            ("excludes", &self.excludes, Merge::Union),
        ];
        let word =
            words.into_iter().find_map(|(name, value, merge)| Some((name, ValueFile::Text(value.clone()?), merge)));
        word.or_else(|| {
            lists.into_iter().find_map(|(name, value, merge)| Some((name, ValueFile::List(value.clone()?), merge)))
        })
    }
}

/// `must-be` as `MustBe`.
fn camel(name: &str) -> String {
    let word = |word: &str| {
        word.chars().take(1).map(|first| first.to_ascii_uppercase()).chain(word.chars().skip(1)).collect::<String>()
    };
    name.split('-').map(word).collect()
}

impl SectionFile {
    /// The section as a Rust expression of `crate::rule::Section`.
    ///
    /// # Errors
    /// It says not, or more than once, why files do not tell.
    #[allow(dead_code, reason = "the build script uses it, the crate does not")]
    pub(crate) fn emit(&self) -> Result<String, String> {
        let state = match (self.rules.is_empty(), &self.live, &self.manual, &self.missing) {
            (false, None, None, None) => "State::Files".to_owned(),
            (false, Some(why), None, None) | (false, None, Some(why), None) => format!("State::Partly({why:?})"),
            (false, None, None, Some(missing)) => format!("State::Partly({:?})", format!("not yet {missing}")),
            (false, Some(why), None, Some(missing)) | (false, None, Some(why), Some(missing)) => {
                format!("State::Partly({:?})", format!("{why}; not yet {missing}"))
            }
            (true, Some(why), None, None) => format!("State::Live({why:?})"),
            (true, None, Some(why), None) => format!("State::Manual({why:?})"),
            (true, None, None, Some(why)) => format!("State::Missing({why:?})"),
            _ => return Err(format!("section {} has rules, or one of live, manual and missing", self.id)),
        };
        Ok(format!(
            "Section {{ id: {:?}, title: {:?}, rules: Words::Fixed(&{:?}), state: {state} }}",
            self.id, self.title, self.rules
        ))
    }
}
