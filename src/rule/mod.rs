//! Rules: their metadata, which of them run, what they see and where their findings go.
//!
//! The rules themselves are in `rules/` (metadata, pages, declarative checks) and `checks/` (Rust).

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use crate::catalog::Majors;
use crate::finding::{Confidence, Effect, Safety, Severity};

mod context;
mod declarative;
mod options;
pub mod page;
mod profile;
mod registry;
mod run;
mod select;

pub use context::{Context, Sink};
pub(crate) use context::{MOST_BYTES, shorten};
pub use options::{Merge, OptionKind, OptionMeta, OptionValue, Words};
pub use profile::{Chosen, Given, Named, Profile, ProfileError, Section, State, Value, choose, known};
pub use registry::Registry;
pub use run::check;
pub(crate) use select::named;
pub use select::{Selection, SelectionError};

include!(concat!(env!("OUT_DIR"), "/rules.rs"));

/// A rule: built in, or brought by a plugin. Rules are compared by name.
#[derive(Clone, Copy)]
pub struct RuleId(&'static RuleMeta);

impl RuleId {
    /// The built-in rule called `name`. [`Registry::find`] knows those of plugins too.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        RULES.binary_search_by(|rule| rule.id.cmp(name)).ok().map(|index| Self(&RULES[index]))
    }

    /// Every built-in rule, sorted by name.
    pub fn all() -> impl Iterator<Item = Self> {
        RULES.iter().map(Self)
    }

    /// The rule's metadata.
    #[must_use]
    pub fn meta(self) -> &'static RuleMeta {
        self.0
    }

    /// The rule's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.id
    }

    /// Its place among the rules of a run.
    pub(crate) fn index(self) -> usize {
        usize::from(self.0.index)
    }
}

impl PartialEq for RuleId {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0) || self.name() == other.name()
    }
}

impl Eq for RuleId {}

impl PartialOrd for RuleId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for RuleId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.name().cmp(other.name())
    }
}

impl Hash for RuleId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// From which of the general profiles on a rule runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// What an expert would say at review.
    Default,
    /// Sound advice for everybody, matters of taste too.
    Strict,
    /// What a benchmark or the policy of a site wants: runs where a profile or the user asks for it.
    Benchmark,
}

impl Level {
    /// Its word in rule files and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Strict => "strict",
            Self::Benchmark => "benchmark",
        }
    }
}

/// All that is known of a rule.
#[derive(Debug, Clone, Copy)]
pub struct RuleMeta {
    /// Its place among the rules of a run; [`Registry`] gives those of plugins theirs.
    pub(crate) index: u16,
    /// Kebab-case, names the problem; with the plugin's name and a slash before it for rules of plugins.
    pub id: &'static str,
    /// The folder below `rules/`, or the plugin's name.
    pub family: &'static str,
    /// One line.
    pub title: &'static str,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// What the thing found does on a server.
    pub effect: Effect,
    /// From which of the general profiles on it runs.
    pub level: Level,
    /// The majors on which it can hold.
    pub majors: Majors,
    /// GitHub's scale, 0.1 to 10.0; only with the tag `security`.
    pub security_severity: Option<&'static str>,
    /// For selecting.
    pub tags: &'static [&'static str],
    /// Numbers of the Common Weakness Enumeration.
    pub cwe: &'static [u32],
    /// Sections of CIS benchmarks, such as `CIS17:6.8`.
    pub cis: &'static [&'static str],
    /// STIG ids, such as `V-233612`.
    pub stig: &'static [&'static str],
    /// Pages below `https://www.postgresql.org/docs/current/`, or addresses that start with `https://`.
    pub docs: &'static [&'static str],
    /// What profiles and users may set; the operand of a declarative check is one of these.
    pub options: &'static [OptionMeta],
    /// Whether findings can carry an edit, and of which kind.
    pub fix: Option<Safety>,
    /// The release that brought it.
    pub since: &'static str,
    /// The page users read, in Markdown.
    pub page: &'static str,
    /// Its logic.
    pub check: Check,
}

/// A check in Rust.
pub type Native = fn(&Context<'_>, &mut Sink<'_>);

/// Where a rule's logic is.
#[derive(Debug, Clone, Copy)]
pub enum Check {
    /// A function of `checks/`; several rules may share one.
    Native(Native),
    /// The engine raises it.
    Engine,
    /// Data for the interpreter.
    Declarative(Declarative),
    /// A plugin.
    Plugin(&'static PluginMeta),
}

/// What reports say of a plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PluginMeta {
    /// Its name, with which the names of its rules start.
    pub name: &'static str,
    /// Its own version.
    pub version: &'static str,
}

/// A check in data.
#[derive(Debug, Clone, Copy)]
pub struct Declarative {
    /// What is looked at.
    pub looked: Looked,
    /// What must hold.
    pub operator: Operator<'static>,
    /// Whether a value that nobody set is judged by its default.
    pub when_unset: bool,
    /// Judged only where this holds.
    pub when: Option<When>,
    /// What to say; `{name}`, `{value}` and `{wanted}`, the operand, are filled in.
    pub message: &'static str,
    /// What to say at the place.
    pub label: &'static str,
    /// What to do.
    pub help: Option<&'static str>,
    /// The value that mends it.
    pub set: Option<&'static str>,
}

/// What a declarative check looks at.
#[derive(Debug, Clone, Copy)]
pub enum Looked {
    /// A setting of a node.
    Setting(&'static str),
    /// A field of the rows of pg_hba.conf.
    Hba(&'static str),
    /// A keyword of connection strings.
    Conninfo(&'static str),
    /// An option in `WITH (...)` of a subscription or publication.
    SqlOption(&'static str),
}

/// What must hold. The set is closed; what needs more is a native rule.
#[derive(Debug, Clone, Copy)]
pub enum Operator<'a> {
    /// Equal, as the server compares values of the type.
    MustBe(&'a str),
    /// Not equal.
    MustNotBe(&'a str),
    /// Equal to one of these.
    OneOf(Words<'a>),
    /// Equal to none of these.
    NoneOf(Words<'a>),
    /// At least this number or amount.
    AtLeast(&'a str),
    /// At most this number or amount.
    AtMost(&'a str),
    /// The text matches this regular expression.
    Matches(&'a str),
    /// The list has all of these.
    Includes(Words<'a>),
    /// The list has none of these.
    Excludes(Words<'a>),
    /// It is set, to anything but nothing.
    MustBeSet,
}

/// The guard of a declarative check.
#[derive(Debug, Clone, Copy)]
pub struct When {
    /// The setting.
    pub setting: &'static str,
    /// Its effective value is one of these.
    pub is: &'static [&'static str],
}
