//! A rule: what it says of itself and the function that is it.

use crate::types::{self, Confidence, Effect, RuleInfo, Severity};
use crate::{Findings, Input, Majors};

/// A rule of a plugin with options of the type `O`.
///
/// Made in a constant: `Rule::new(..)` and whatever differs from the usual.
#[derive(Debug)]
pub struct Rule<O: 'static = ()> {
    name: &'static str,
    title: &'static str,
    page: &'static str,
    check: fn(&Input<'_, O>, &mut Findings),
    severity: Severity,
    confidence: Confidence,
    effect: Effect,
    profile: Profile,
    majors: Majors,
    reads: &'static [&'static str],
    tags: &'static [&'static str],
    security_severity: Option<&'static str>,
    references: &'static [Reference],
    fixes: Fixes,
    since: &'static str,
}

/// From which profile on a rule runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Always.
    Default,
    /// Only where the user asks for more.
    Strict,
}

/// Whether findings of a rule can carry an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fixes {
    /// Never.
    None,
    /// Edits that mean the same to the server, or mend what it refuses.
    Safe,
    /// Edits that change what the server does.
    Unsafe,
}

/// What a rule rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reference {
    /// A page of PostgreSQL's documentation: `runtime-config-wal.html`.
    Docs(&'static str),
    /// An address that starts with `https://`.
    Url(&'static str),
    /// A weakness by its number: `732`.
    Cwe(&'static str),
    /// A recommendation of the CIS benchmark: `CIS17:6.8`.
    Cis(&'static str),
    /// A vulnerability of the STIG: `V-233612`.
    Stig(&'static str),
}

impl<O: 'static> Rule<O> {
    /// A rule by its name (kebab-case, without the plugin's), its title (one line without a full stop), its page in
    /// Markdown, and its function.
    ///
    /// It is a warning of high confidence about a risk, runs in every profile on all majors of the plugin, carries no
    /// edits and is there since 0.1.0, until said otherwise.
    #[must_use]
    pub const fn new(
        name: &'static str,
        title: &'static str,
        page: &'static str,
        check: fn(&Input<'_, O>, &mut Findings),
    ) -> Self {
        Self {
            name,
            title,
            page,
            check,
            severity: Severity::Warning,
            confidence: Confidence::High,
            effect: Effect::Risk,
            profile: Profile::Default,
            majors: Majors::since(0),
            reads: &[],
            tags: &[],
            security_severity: None,
            references: &[],
            fixes: Fixes::None,
            since: "0.1.0",
        }
    }

    /// How bad its findings are.
    #[must_use]
    pub const fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// How sure it is.
    #[must_use]
    pub const fn confidence(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }

    /// What the thing found does on a server.
    #[must_use]
    pub const fn effect(mut self, effect: Effect) -> Self {
        self.effect = effect;
        self
    }

    /// From which profile on it runs.
    #[must_use]
    pub const fn profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// The majors on which it can hold.
    #[must_use]
    pub const fn majors(mut self, majors: Majors) -> Self {
        self.majors = majors;
        self
    }

    /// The parts of the model that it looks at, in the words of the contract (`settings`, `setting:NAME`, `access`,
    /// `conninfos`, `statements`); everything until said otherwise. What no enabled rule looks at is empty in the model
    /// and takes no time, so a word that is missing here is a finding that is missing there: `pgassay plugin test` runs
    /// pages and fixtures with it.
    #[must_use]
    pub const fn reads(mut self, parts: &'static [&'static str]) -> Self {
        self.reads = parts;
        self
    }

    /// Lower-case words for selecting it. `security` marks what a security review wants to see.
    #[must_use]
    pub const fn tags(mut self, tags: &'static [&'static str]) -> Self {
        self.tags = tags;
        self
    }

    /// GitHub's scale, `0.1` to `10.0`; only with the tag `security`.
    #[must_use]
    pub const fn security_severity(mut self, severity: &'static str) -> Self {
        self.security_severity = Some(severity);
        self
    }

    /// What it rests on.
    #[must_use]
    pub const fn references(mut self, references: &'static [Reference]) -> Self {
        self.references = references;
        self
    }

    /// Whether its findings can carry an edit.
    #[must_use]
    pub const fn fixes(mut self, fixes: Fixes) -> Self {
        self.fixes = fixes;
        self
    }

    /// The version of the plugin that brought it.
    #[must_use]
    pub const fn since(mut self, version: &'static str) -> Self {
        self.since = version;
        self
    }

    pub(crate) fn id(&self, plugin: &str) -> String {
        format!("{plugin}/{}", self.name)
    }

    pub(crate) fn run(&self, input: &Input<'_, O>, findings: &mut Findings) {
        (self.check)(input, findings);
    }

    pub(crate) fn describe(&self, plugin: &str, majors: Majors) -> RuleInfo {
        RuleInfo {
            id: self.id(plugin),
            title: self.title.to_owned(),
            page: self.page.to_owned(),
            severity: self.severity,
            confidence: self.confidence,
            effect: self.effect,
            profile: match self.profile {
                Profile::Default => "default",
                Profile::Strict => "strict",
            }
            .to_owned(),
            majors: (self.majors & majors).bits(),
            reads: self.reads.iter().map(|part| (*part).to_owned()).collect(),
            tags: self.tags.iter().map(|tag| (*tag).to_owned()).collect(),
            security_severity: self.security_severity.map(str::to_owned),
            references: self.references.iter().map(|reference| reference.describe()).collect(),
            fix: match self.fixes {
                Fixes::None => "none",
                Fixes::Safe => "safe",
                Fixes::Unsafe => "unsafe",
            }
            .to_owned(),
            since: self.since.to_owned(),
        }
    }
}

impl Reference {
    fn describe(self) -> types::Reference {
        let (kind, id) = match self {
            Self::Docs(page) => ("docs", page),
            Self::Url(address) => ("url", address),
            Self::Cwe(number) => ("cwe", number),
            Self::Cis(id) => ("cis", id),
            Self::Stig(id) => ("stig", id),
        };
        types::Reference { kind: kind.to_owned(), id: id.to_owned() }
    }
}
