//! What can go wrong with a plugin, in words for who runs pgassay: what happened, and what mends it.

use std::io;

use thiserror::Error;

use super::limits::{self, Limit, shown_size};

/// Why a plugin, or one of its rules, did not do its work. The plugin is named by who shows it.
#[derive(Debug, Error)]
pub enum PluginError {
    /// The file cannot be read.
    #[error("cannot be read: {0}")]
    Read(#[from] io::Error),
    /// The file is too long.
    #[error("is larger than {}", shown_size(limits::LARGEST_FILE as usize))]
    TooLarge,
    /// It would take the compiler too long.
    #[error("has more code, or a longer function, than is compiled")]
    TooComplex,
    /// The file is something else.
    #[error("is no WebAssembly component: {0}")]
    NoComponent(String),
    /// It wants to call something that plugins may not call.
    #[error("imports `{import}`, and plugins may import nothing but `pgassay:plugin`; {hint}")]
    Import {
        /// The name of the import.
        import: String,
        /// How to build it without.
        hint: &'static str,
    },
    /// It has no rules.
    #[error("exports no `pgassay:plugin/rules`, so it is no plugin of pgassay")]
    NoRules,
    /// It was built for another version of the contract.
    #[error("speaks `pgassay:plugin@{wanted}`, and this pgassay speaks {spoken}; {hint}")]
    Version {
        /// The version of the plugin.
        wanted: String,
        /// The versions of this pgassay.
        spoken: &'static str,
        /// What to update.
        hint: &'static str,
    },
    /// It says that it speaks the version, but its functions and types are others.
    #[error("does not keep to the contract of `pgassay:plugin@{0}`: {1}")]
    Contract(&'static str, String),
    /// Its bytes are not those that the user wants.
    #[error("has the SHA-256 {found}, not {wanted} as the configuration says")]
    Hash {
        /// Of the file, in hexadecimal digits.
        found: String,
        /// Of the configuration.
        wanted: String,
    },
    /// The profile wants a hash and there is none.
    #[error("is not pinned, and the profile strict wants it to be: add `sha256 = \"{0}\"` to its `[[plugin]]`")]
    Unpinned(String),
    /// Another plugin has its name.
    #[error("is called `{name}` like the plugin `{other}`; remove one of them")]
    Twice {
        /// The name that both give themselves.
        name: String,
        /// The file of the other.
        other: String,
    },
    /// What it says of itself cannot be.
    #[error("`describe` gives a bad answer: {0}")]
    Description(String),
    /// The options are not what it takes.
    #[error("{0}")]
    Options(String),
    /// It used up a limit.
    #[error("`{call}` {limit}{log}")]
    Limit {
        /// `describe`, `configure` or `check`.
        call: &'static str,
        /// What was used up.
        limit: Limit,
        /// The last lines of its log.
        log: Tail,
    },
    /// It crashed.
    #[error("`{call}` crashed: {reason}{log}")]
    Crash {
        /// `describe`, `configure` or `check`.
        call: &'static str,
        /// What wasmtime says.
        reason: String,
        /// The last lines of its log.
        log: Tail,
    },
    /// It says itself that it could not do its work.
    #[error("`check` failed: {0}")]
    Failed(String),
    /// A finding that cannot be.
    #[error("`check` gives a bad finding: {0}")]
    Finding(String),
    /// There is no engine for this machine, or no thread to be had.
    #[error("cannot be run: {0}")]
    Engine(String),
}

impl PluginError {
    /// Whether its words go on from "the plugin".
    pub(super) fn is_predicate(&self) -> bool {
        match self {
            Self::Read(_)
            | Self::TooLarge
            | Self::TooComplex
            | Self::NoComponent(_)
            | Self::Import { .. }
            | Self::NoRules
            | Self::Version { .. }
            | Self::Contract(..)
            | Self::Hash { .. }
            | Self::Unpinned(_)
            | Self::Twice { .. }
            | Self::Engine(_) => true,
            Self::Description(_)
            | Self::Options(_)
            | Self::Limit { .. }
            | Self::Crash { .. }
            | Self::Failed(_)
            | Self::Finding(_) => false,
        }
    }
}

/// The last lines of a plugin's log, for the end of a message.
#[derive(Debug, Default)]
pub struct Tail(pub Option<String>);

impl std::fmt::Display for Tail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Some(lines) => write!(f, "; its log ends: {lines}"),
            None => Ok(()),
        }
    }
}
