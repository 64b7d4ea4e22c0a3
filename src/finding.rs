//! What a rule says: the finding, its places, its weight and the edit that mends it.
//!
//! Declarative, native and plugin rules give the same [`Finding`]. Nothing here knows how it is shown.

use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};

use crate::catalog::Majors;
use crate::discover::Kind;
use crate::rule::RuleId;
use crate::source::{FileId, SourceMap, Span};

/// How bad it is.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
    clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Likely wrong, or weaker than it looks.
    Warning,
    /// The server refuses it, data can be lost, or a door is open.
    Error,
}

impl Severity {
    /// The severity of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "info" => Some(Self::Info),
            "warning" => Some(Self::Warning),
            "error" => Some(Self::Error),
            _ => None,
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// How sure the rule is.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
    clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// A hint; hidden unless asked for.
    Low,
    /// Likely.
    Medium,
    /// Certain from the files.
    High,
}

impl Confidence {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// What the thing found does on a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// The server does not start, or refuses to load the line or run the statement.
    Refused,
    /// The line has no effect, or another one than it seems.
    Ignored,
    /// It works, and is unsafe or fragile.
    Risk,
    /// It works; it reads badly.
    Style,
}

/// A place and what is to be said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The bytes meant. Empty at the start of the file for what is absent from it.
    pub span: Span,
    /// A short phrase: "listens on every interface here". May be empty.
    pub text: String,
}

impl Label {
    /// A label on bytes of a file.
    #[must_use]
    pub fn new(span: Span, text: impl Into<String>) -> Self {
        Self { span, text: text.into() }
    }

    /// A label for what a file lacks: it has a place (the start) and no snippet.
    #[must_use]
    pub fn absent(file: FileId, text: impl Into<String>) -> Self {
        Self::new(Span::new(file, 0, 0), text)
    }

    /// Whether this label speaks of the whole file.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        self.span.start == 0 && self.span.end == 0
    }
}

/// What a finding is about; its key stays the same when lines move.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// The file as a whole.
    File,
    /// A setting, by its canonical name.
    Setting(String),
    /// An entry of pg_hba.conf, by its fields joined with single blanks (secrets masked).
    HbaRow(String),
    /// An entry of pg_ident.conf, likewise.
    IdentRow(String),
    /// A keyword of a connection string, by what holds the string and the keyword.
    Conninfo(String),
    /// A role.
    Role(String),
    /// A publication.
    Publication(String),
    /// A subscription.
    Subscription(String),
    /// Another object of SQL or a statement, by kind and name.
    Object(String),
    /// A suppression comment or an entry of a list, by its text.
    Entry(String),
}

impl Subject {
    /// The key that identifies the subject within its file, such as `setting:ssl`.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::File => "file".to_owned(),
            Self::Setting(name) => format!("setting:{name}"),
            Self::HbaRow(row) => format!("hba:{row}"),
            Self::IdentRow(row) => format!("ident:{row}"),
            Self::Conninfo(name) => format!("conninfo:{name}"),
            Self::Role(name) => format!("role:{name}"),
            Self::Publication(name) => format!("publication:{name}"),
            Self::Subscription(name) => format!("subscription:{name}"),
            Self::Object(name) => format!("object:{name}"),
            Self::Entry(text) => format!("entry:{text}"),
        }
    }
}

/// Whether an edit may be made without a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Safety {
    /// Means the same to the server, or mends what it refuses.
    Safe,
    /// Changes what the server does.
    Unsafe,
}

/// An edit that mends the finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What the edit does, as an imperative: "set `ssl` to `on`".
    pub title: String,
    /// Whether it may be applied without a look.
    pub safety: Safety,
    /// Bytes to replace and their replacement; they do not overlap.
    pub edits: Vec<(Span, String)>,
    /// Files that come or go with the edits.
    pub files: Vec<FileChange>,
}

/// A file that a fix makes or takes away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileChange {
    /// A new file; one that is there already is never replaced.
    Create {
        /// The file in whose folder it comes to lie, and whose owner and mode it gets.
        beside: FileId,
        /// Its name in that folder.
        name: String,
        /// What it holds.
        text: String,
    },
    /// The file goes.
    Remove(FileId),
}

impl FileChange {
    /// The file that it is told by.
    #[must_use]
    pub fn file(&self) -> FileId {
        match self {
            Self::Create { beside, .. } => *beside,
            Self::Remove(file) => *file,
        }
    }

    /// The path of the file that comes or goes.
    #[must_use]
    pub fn path(&self, sources: &SourceMap) -> Utf8PathBuf {
        let path = sources.file(self.file()).path();
        match self {
            Self::Create { name, .. } => path.with_file_name(name),
            Self::Remove(_) => path.to_owned(),
        }
    }
}

/// The step of an upgrade with which something comes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step {
    /// The last major without it.
    pub from: u8,
    /// The first major with it.
    pub to: u8,
    /// Where it is told.
    pub source: String,
}

/// One thing a rule found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: RuleId,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// What it does on a server.
    pub effect: Effect,
    /// What is wrong: lower case, no full stop, names the setting and the value.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// The place.
    pub primary: Label,
    /// Other places that belong to it; they may lie in other files.
    pub related: Vec<Label>,
    /// What it is about.
    pub subject: Subject,
    /// The target majors on which it holds.
    pub majors: Majors,
    /// The edit that mends it, where there is one.
    pub fix: Option<Fix>,
    /// What brings it, if it was looked for on the way from one major to another.
    pub step: Option<Step>,
}

impl Finding {
    /// A finding with the rule's own severity, confidence and effect.
    #[must_use]
    pub fn new(rule: RuleId, subject: Subject, majors: Majors, primary: Label, message: impl Into<String>) -> Self {
        let meta = rule.meta();
        Self {
            rule,
            severity: meta.severity,
            confidence: meta.confidence,
            effect: meta.effect,
            message: message.into(),
            help: None,
            primary,
            related: Vec::new(),
            subject,
            majors,
            fix: None,
            step: None,
        }
    }

    /// Leads its places in fragments back to their hosts. A fix that could not be written there as it stands is left out.
    pub(crate) fn lead_to_host(&mut self, sources: &SourceMap) {
        self.primary.span = sources.to_host(self.primary.span);
        for label in &mut self.related {
            label.span = sources.to_host(label.span);
        }
        self.keep_off_auto_conf(sources);
        self.fix = self.fix.take().and_then(|fix| {
            // What stands inside of another file has no folder of its own, and cannot go.
            if fix.files.iter().any(|change| sources.file(change.file()).is_fragment()) {
                return None;
            }
            let edits = fix.edits.into_iter().map(|(span, text)| {
                let (span, text) = sources.to_editable(span, text)?;
                let text = if text.contains('\n') { sources.with_line_ends_of(span, text) } else { text };
                Some((span, text))
            });
            Some(Fix { edits: edits.collect::<Option<_>>()?, ..fix })
        });
    }

    /// postgresql.auto.conf is the server's to write: an edit of it becomes the statement that makes it.
    fn keep_off_auto_conf(&mut self, sources: &SourceMap) {
        let is_auto = |span: &Span| sources.file(span.file).kind() == Kind::AutoConf;
        if self.fix.as_ref().is_none_or(|fix| !fix.edits.iter().any(|(span, _)| is_auto(span))) {
            return;
        }
        self.fix = None;
        if let Subject::Setting(name) = &self.subject {
            let by =
                format!("in postgresql.auto.conf by `ALTER SYSTEM`, `ALTER SYSTEM RESET {name}` takes the line out");
            self.help = Some(self.help.take().map_or_else(|| by.clone(), |help| format!("{help}; {by}")));
        }
    }

    /// With what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// With another place that belongs to it.
    #[must_use]
    pub fn related(mut self, span: Span, text: impl Into<String>) -> Self {
        self.related.push(Label::new(span, text));
        self
    }

    /// With another severity than the rule's own.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// With another confidence than the rule's own.
    #[must_use]
    pub fn confidence(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }

    /// With another effect than the rule's own.
    #[must_use]
    pub fn effect(mut self, effect: Effect) -> Self {
        self.effect = effect;
        self
    }

    /// With the edit that mends it.
    #[must_use]
    pub fn fix(mut self, title: impl Into<String>, safety: Safety, edits: Vec<(Span, String)>) -> Self {
        self.fix = Some(Fix { title: title.into(), safety, edits, files: Vec::new() });
        self
    }

    /// With a file that the fix makes beside another, with that one's owner and mode; goes after [`Finding::fix`].
    #[must_use]
    pub fn creating(mut self, beside: FileId, name: impl Into<String>, text: impl Into<String>) -> Self {
        if let Some(fix) = &mut self.fix {
            fix.files.push(FileChange::Create { beside, name: name.into(), text: text.into() });
        }
        self
    }

    /// With a file that the fix takes away; goes after [`Finding::fix`].
    #[must_use]
    pub fn removing(mut self, file: FileId) -> Self {
        if let Some(fix) = &mut self.fix {
            fix.files.push(FileChange::Remove(file));
        }
        self
    }
}
