//! The kinds of inputs that are compared: their words, their files, and where inputs to start from are kept.

/// A kind of input that is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Hba,
    Ident,
    Conf,
    /// A connection string.
    Conninfo,
    /// A statement about a publication or a subscription.
    Sql,
    /// What a start reads: settings, and settings of recovery.
    Recovery,
    /// Not what is refused, but the values of what is accepted.
    Values,
}

impl Kind {
    pub(crate) const ALL: [Self; 7] =
        [Self::Hba, Self::Ident, Self::Conf, Self::Conninfo, Self::Sql, Self::Recovery, Self::Values];

    /// The word on the command line.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Hba => "hba",
            Self::Ident => "ident",
            Self::Conf => "conf",
            Self::Conninfo => "conninfo",
            Self::Sql => "sql",
            Self::Recovery => "recovery",
            Self::Values => "values",
        }
    }

    /// The name of the file, or of the first one, which tells pgassay its kind.
    pub(crate) fn file(self) -> &'static str {
        match self {
            Self::Hba => "pg_hba.conf",
            Self::Ident => "pg_ident.conf",
            Self::Conf | Self::Recovery | Self::Values => "postgresql.conf",
            Self::Conninfo | Self::Sql => "case.sql",
        }
    }

    /// The table of cases in fixtures/oracle to start from, and the column that holds the input.
    pub(crate) fn table(self) -> Option<(&'static str, usize)> {
        match self {
            Self::Hba => Some(("pg_hba.tsv", 4)),
            Self::Ident => Some(("pg_ident.tsv", 4)),
            Self::Conf => Some(("postgresql.conf.tsv", 4)),
            Self::Conninfo => Some(("conninfo.tsv", 0)),
            Self::Sql => Some(("subscription.tsv", 2)),
            Self::Recovery | Self::Values => None,
        }
    }

    /// Whether an input is judged as a whole, and not line by line.
    pub(crate) fn is_whole(self) -> bool {
        matches!(self, Self::Conninfo | Self::Sql | Self::Recovery)
    }

    /// How many inputs there are for a count: those that cost the server a start each are fewer.
    pub(crate) fn share(self, count: u64) -> u64 {
        let part = match self {
            Self::Recovery => 5,
            Self::Values => 10,
            _ => 1,
        };
        count.div_ceil(part)
    }
}
