//! Disagreements that stay, with the reasons. They are counted apart; what a user can meet is in docs/limits.md.

use super::Kind;
use super::compare::Disagreement;

struct Known {
    kinds: &'static [Kind],
    majors: (u8, u8),
    /// Whether it is the server that refuses, and a part of the refusal, whosever it is.
    server: bool,
    refusal: &'static str,
    /// A part of the line, in lower case.
    line: &'static str,
    why: &'static str,
}

const KNOWN: &[Known] = &[
    Known {
        kinds: &[Kind::Conf, Kind::Recovery],
        majors: (10, 18),
        server: true,
        refusal: "",
        line: "recovery_target_time",
        why: "a point in time that is no plain ISO date, which pgassay takes as right",
    },
    Known {
        kinds: &[Kind::Hba, Kind::Ident],
        majors: (10, 18),
        server: true,
        refusal: "invalid regular expression",
        line: "(?b",
        why: "an expression of an older form, which pgassay does not check",
    },
    Known {
        kinds: &[Kind::Hba, Kind::Ident],
        majors: (10, 18),
        server: true,
        refusal: "invalid regular expression",
        line: "(?e",
        why: "an expression of an older form, which pgassay does not check",
    },
    Known {
        kinds: &[Kind::Hba, Kind::Ident],
        majors: (10, 18),
        server: true,
        refusal: "",
        line: "@.",
        why: "a list that is a folder, whose rows pgassay does not judge",
    },
    Known {
        kinds: &[Kind::Hba, Kind::Ident],
        majors: (10, 18),
        server: true,
        refusal: "",
        line: "@/",
        why: "a list that is a folder, whose rows pgassay does not judge",
    },
    Known {
        kinds: &[Kind::Hba, Kind::Ident],
        majors: (10, 18),
        server: true,
        refusal: "invalid character range",
        line: "[[.",
        why: "a range from a collating element that is no UTF-8, whose order pgassay does not know",
    },
    Known {
        kinds: &[Kind::Hba, Kind::Ident],
        majors: (16, 18),
        server: true,
        refusal: "file name too long",
        line: "include_if_exists",
        why: "a name that no file system has, which pgassay takes for that of a missing file",
    },
    Known {
        kinds: &[Kind::Sql],
        majors: (10, 18),
        server: true,
        refusal: "syntax error at or near \"on\"",
        line: "create subscription",
        why: "the beginning of a statement of InfluxQL",
    },
    Known {
        kinds: &[Kind::Sql],
        majors: (10, 13),
        server: false,
        refusal: "sql-syntax: syntax error at or near",
        line: "publication",
        why: "a reserved word as the name of a publication, which the grammar of 18 refuses",
    },
];

/// Why a disagreement stays.
pub(super) fn why(kind: Kind, major: u8, found: &Disagreement, line: &[u8]) -> Option<&'static str> {
    let line = String::from_utf8_lossy(line).to_ascii_lowercase();
    let fits = |known: &&Known| {
        let refusal = if known.server { &found.server } else { &found.ours };
        known.kinds.contains(&kind)
            && (known.majors.0..=known.majors.1).contains(&major)
            && found.server.is_some() == known.server
            && refusal.as_ref().is_some_and(|refusal| refusal.contains(known.refusal))
            && line.contains(known.line)
    };
    KNOWN.iter().find(fits).map(|known| known.why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_explained_is_known() {
        let found = |server: Option<&str>, ours: Option<&str>| Disagreement {
            line: 1,
            server: server.map(str::to_owned),
            ours: ours.map(str::to_owned),
        };
        let line = b"Recovery_Target_Time = 'x'";
        assert!(why(Kind::Conf, 15, &found(Some("bad"), None), line).is_some());
        assert!(why(Kind::Conf, 15, &found(None, Some("conf-bad-value: x")), line).is_none());
        assert!(why(Kind::Conf, 15, &found(Some("bad"), None), b"work_mem = x").is_none());
    }
}
