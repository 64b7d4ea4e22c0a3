//! What profiles and users may set of a rule: the operand of a declarative check, and the options of native ones.

use std::cmp::Ordering;

use crate::catalog::conninfo::effective::sslmode_rank;
use crate::catalog::{self, Majors};
use crate::model::value;
use crate::rule::{Check, Declarative, Looked, Operator, RuleMeta};

/// An option of a rule.
#[derive(Debug, Clone, Copy)]
pub struct OptionMeta {
    /// Its key below `[rules.<id>]`.
    pub name: &'static str,
    /// One line.
    pub help: &'static str,
    /// What may be given.
    pub kind: OptionKind,
    /// What holds where nobody sets it: one word but for lists.
    pub default: &'static [&'static str],
    /// How the wishes of two profiles go together.
    pub merge: Merge,
}

/// What may be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptionKind {
    /// A text, in PostgreSQL's notation where it is the value of a setting.
    Text,
    /// A whole number.
    Number,
    /// A list of texts.
    List,
}

/// How the wishes of two profiles go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Merge {
    /// Not at all, unless they are the same.
    Clash,
    /// The higher one meets both.
    Highest,
    /// The lower one meets both.
    Lowest,
    /// All of both.
    Union,
    /// What both name.
    Common,
}

/// The value of an option, as profiles and pgassay.toml give it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionValue(Vec<String>);

/// Words of a rule file, or those given in their place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Words<'a> {
    /// Of static data.
    Fixed(&'a [&'a str]),
    /// Given.
    Given(&'a [String]),
}

impl<'a> Words<'a> {
    /// The words, in order.
    pub fn iter(self) -> impl Iterator<Item = &'a str> {
        let (fixed, given): (&[&str], &[String]) = match self {
            Self::Fixed(words) => (words, &[]),
            Self::Given(words) => (&[], words),
        };
        fixed.iter().copied().chain(given.iter().map(String::as_str))
    }

    /// As a sentence shows them.
    #[must_use]
    pub fn joined(self) -> String {
        self.iter().collect::<Vec<_>>().join(", ")
    }
}

impl OptionValue {
    /// One word.
    #[must_use]
    pub fn text(word: impl Into<String>) -> Self {
        Self(vec![word.into()])
    }

    /// Several.
    #[must_use]
    pub fn list<'w>(words: impl IntoIterator<Item = &'w str>) -> Self {
        Self(words.into_iter().map(str::to_owned).collect())
    }

    /// The words; one but for lists.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.0
    }

    /// As a sentence shows it.
    #[must_use]
    pub fn joined(&self) -> String {
        Words::Given(&self.0).joined()
    }
}

impl<'a> Operator<'a> {
    /// The same operator with what was given as its operand.
    pub(crate) fn with(self, given: &'a OptionValue) -> Self {
        let word = given.0.first().map_or("", String::as_str);
        let words = Words::Given(&given.0);
        match self {
            Self::MustBe(_) => Self::MustBe(word),
            Self::MustNotBe(_) => Self::MustNotBe(word),
            Self::AtLeast(_) => Self::AtLeast(word),
            Self::AtMost(_) => Self::AtMost(word),
            Self::Matches(_) => Self::Matches(word),
            Self::OneOf(_) => Self::OneOf(words),
            Self::NoneOf(_) => Self::NoneOf(words),
            Self::Includes(_) => Self::Includes(words),
            Self::Excludes(_) => Self::Excludes(words),
            Self::MustBeSet => Self::MustBeSet,
        }
    }

    /// The operand, for `{wanted}`.
    pub(crate) fn wanted(self) -> String {
        match self {
            Self::MustBe(word)
            | Self::MustNotBe(word)
            | Self::AtLeast(word)
            | Self::AtMost(word)
            | Self::Matches(word) => word.to_owned(),
            Self::OneOf(words) | Self::NoneOf(words) | Self::Includes(words) | Self::Excludes(words) => words.joined(),
            Self::MustBeSet => String::new(),
        }
    }
}

impl RuleMeta {
    /// The option called `name`.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<&'static OptionMeta> {
        self.options.iter().find(|option| option.name == name)
    }

    /// Whether `value` can be the value of `option`.
    ///
    /// # Errors
    /// Why not.
    pub(crate) fn accepts(&self, option: &OptionMeta, value: &OptionValue) -> Result<(), String> {
        if option.kind == OptionKind::Number {
            let number = value.0.first().map(|word| word.parse::<u64>());
            return if matches!(number, Some(Ok(_))) { Ok(()) } else { Err("a whole number is wanted".to_owned()) };
        }
        let Check::Declarative(check) = &self.check else { return Ok(()) };
        if let (Operator::Matches(_), Some(pattern)) = (check.operator, value.0.first()) {
            return regex::Regex::new(pattern).map(drop).map_err(|_| "this is no regular expression".to_owned());
        }
        let Looked::Setting(name) = check.looked else { return Ok(()) };
        let whole = !matches!(check.operator, Operator::Includes(_) | Operator::Excludes(_));
        match value.0.iter().find(|word| whole && !may_be(name, word, self.majors)) {
            Some(word) => Err(format!("`{name}` cannot be `{word}`")),
            None => Ok(()),
        }
    }

    /// What meets both `a` and `b` as values of `option`, if anything does.
    pub(crate) fn both(&self, option: &OptionMeta, a: &OptionValue, b: &OptionValue) -> Option<OptionValue> {
        let higher = || match (a.0.first(), b.0.first()) {
            (Some(a), Some(b)) => self.compare(a, b) == Ordering::Greater,
            _ => false,
        };
        match option.merge {
            _ if a == b => Some(a.clone()),
            Merge::Clash => None,
            Merge::Highest => Some(if higher() { a.clone() } else { b.clone() }),
            Merge::Lowest => Some(if higher() { b.clone() } else { a.clone() }),
            Merge::Union => {
                let new = b.0.iter().filter(|word| !a.0.contains(word));
                Some(OptionValue(a.0.iter().chain(new).cloned().collect()))
            }
            Merge::Common => {
                let common = a.0.iter().filter(|word| b.0.contains(word)).cloned().collect::<Vec<_>>();
                (!common.is_empty()).then_some(OptionValue(common))
            }
        }
    }

    /// Compares two amounts: of the setting, as numbers, as modes of TLS, or by their letters.
    fn compare(&self, a: &str, b: &str) -> Ordering {
        let amount = |text: &str| match self.check {
            Check::Declarative(Declarative { looked: Looked::Setting(name), .. }) => {
                let setting = catalog::setting(name)?;
                let major = setting.majors().last()?;
                value::quantity(setting.on(major)?, text, major)
            }
            _ => text.parse::<f64>().ok().or_else(|| sslmode_rank(text).map(|rank| rank as f64)),
        };
        match amount(a).zip(amount(b)) {
            Some((a, b)) => a.total_cmp(&b),
            None => a.cmp(b),
        }
    }
}

/// Whether the setting takes the value on one of the majors.
fn may_be(name: &str, text: &str, majors: Majors) -> bool {
    let Some(setting) = catalog::setting(name) else { return true };
    majors.iter().any(|major| setting.on(major).is_some_and(|def| value::parse(def, text.as_bytes(), major).is_ok()))
}
