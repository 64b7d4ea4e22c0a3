//! Which parts of the model rules of a plugin look at: only those are put into records and handed over.

use std::collections::BTreeSet;

/// Parts of the model. The default is none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Reads {
    pub(super) settings: Settings,
    /// pg_hba.conf and pg_ident.conf.
    pub(super) access: bool,
    pub(super) conninfos: bool,
    /// SQL statements, with the records of roles, grants, publications and subscriptions.
    pub(super) statements: bool,
}

/// Settings of nodes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Settings {
    /// Those of these names.
    Named(BTreeSet<String>),
    All,
}

impl Default for Settings {
    fn default() -> Self {
        Self::Named(BTreeSet::new())
    }
}

impl Reads {
    /// The whole model.
    pub(super) const fn everything() -> Self {
        Self { settings: Settings::All, access: true, conninfos: true, statements: true }
    }

    /// What rules look at together, by the words that each says. A rule that says none may look at everything.
    pub(super) fn of<'a>(rules: impl IntoIterator<Item = &'a [String]>) -> Self {
        let mut reads = Self::default();
        for words in rules {
            if words.is_empty() {
                return Self::everything();
            }
            for word in words {
                match (word.as_str(), &mut reads.settings) {
                    ("settings", settings) => *settings = Settings::All,
                    ("access", _) => reads.access = true,
                    ("conninfos", _) => reads.conninfos = true,
                    ("statements", _) => reads.statements = true,
                    (word, Settings::Named(names)) => names.extend(word.strip_prefix("setting:").map(str::to_owned)),
                    _ => {}
                }
            }
        }
        reads
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rules: &[&[&str]]) -> Reads {
        let rules = rules.iter().map(|words| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>());
        let rules = rules.collect::<Vec<_>>();
        Reads::of(rules.iter().map(Vec::as_slice))
    }

    #[test]
    fn words_of_all_rules_count_together() {
        let named = |names: &[&str]| Settings::Named(names.iter().map(|&name| name.to_owned()).collect());
        let reads = of(&[&["setting:ssl", "access"], &["setting:port", "new word", "statements"]]);
        assert_eq!(
            reads,
            Reads { settings: named(&["port", "ssl"]), access: true, conninfos: false, statements: true }
        );
        assert_eq!(of(&[&["setting:ssl"], &["settings"]]).settings, Settings::All);
        assert_eq!(of(&[&["settings"], &["setting:ssl"]]).settings, Settings::All);
        assert_eq!(of(&[&["access"], &[]]), Reads::everything());
        assert_eq!(of(&[]), Reads::default());
    }
}
