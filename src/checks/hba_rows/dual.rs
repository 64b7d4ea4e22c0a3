//! IPv4 and IPv6 that are treated otherwise: who is kept out by one gets in by the other, or for less.
//!
//! Asked is who decides for each kind, database and user: for the machine itself, and for most of the addresses of the
//! internet. What is not certain says nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::super::access::by_version;
use super::families::Rows;
use super::view::subject;
use crate::catalog::Majors;
use crate::finding::{Finding, Label};
use crate::model::hba::{AddressKind, DbKind, HbaRow, REGEX_MAJORS, UserKind};
use crate::reach::Known;
use crate::rule::{Sink, id};

mod ask;
mod plain;

/// In a file with more rows nobody is asked for.
const MOST_ROWS: usize = 500;

/// What the looser of two rows does for its family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum How {
    /// It lets in what the other rejects.
    LetsIn,
    /// It lets in without encryption, which the other does not.
    Plain,
    /// It asks for less.
    Less,
}

/// Found on some majors: the looser row, the stricter one, whether the machine itself is meant, and how.
type Found = BTreeMap<(usize, usize, bool, How), Majors>;

impl Rows<'_> {
    /// Says where the families differ. The rows of which it is said, but not `told` ones.
    pub(super) fn dual(&self, told: &[usize], out: &mut Sink<'_>) -> Vec<usize> {
        let rows = &self.hba.rows;
        let of_one = |four: bool| rows.iter().any(|row| family(row) == Some(four));
        // Rows for all addresses alone treat both alike.
        if !self.hba.complete
            || rows.len() > MOST_ROWS
            || !out.wants(id::HBA_DUALSTACK)
            || !(of_one(true) || of_one(false))
        {
            return Vec::new();
        }
        let known = Known { roles: self.groups.roles.clone(), addresses: None };
        let mut found = Found::new();
        for majors in self.alike() {
            if let Some(major) = majors.last() {
                self.ask(&known, major, majors, &mut found);
            }
        }
        let mut said = BTreeSet::new();
        for ((loose, strict, home, how), majors) in found {
            if told.contains(&loose) || !said.insert((loose, home)) {
                continue;
            }
            if let (Some(loose), Some(strict)) = (rows.get(loose), rows.get(strict)) {
                out.push(self.differ(loose, strict, home, how, majors));
            }
        }
        said.into_iter().map(|(loose, _)| loose).collect()
    }

    /// The target majors, those together that read the same rows in the same way.
    fn alike(&self) -> Vec<Majors> {
        let rows = &self.hba.rows;
        let has_regex = rows.iter().any(|row| {
            row.databases.iter().any(|item| matches!(item.kind, DbKind::Regex(_)))
                || row.users.iter().any(|item| matches!(item.kind, UserKind::Regex(_)))
        });
        let has_certs = rows.iter().any(|row| row.client_cert_on(11) != row.client_cert_on(12));
        let mut groups: BTreeMap<(Vec<bool>, bool, bool, bool), Majors> = BTreeMap::new();
        for major in self.node.targets.majors.iter() {
            let reads = rows.iter().map(|row| row.majors.contains(major)).collect();
            let key = (reads, has_regex && REGEX_MAJORS.contains(major), has_certs && major >= 12, self.has_tls(major));
            let group = groups.entry(key).or_insert(Majors::NONE);
            *group = *group | Majors::only(major);
        }
        groups.into_values().collect()
    }

    fn has_tls(&self, major: u8) -> bool {
        !super::super::hba_settings::ssl_off(self.node).contains(major)
    }

    fn differ(&self, loose: &HbaRow, strict: &HbaRow, home: bool, how: How, majors: Majors) -> Finding {
        let four = family(strict) == Some(true);
        let (here, there) = match (home, four) {
            (true, true) => ("`::1`", "`127.0.0.1`"),
            (true, false) => ("`127.0.0.1`", "`::1`"),
            (false, true) => ("IPv6 addresses", "IPv4"),
            (false, false) => ("IPv4 addresses", "IPv6"),
        };
        let (method, other) = (loose.method.name(), strict.method.name());
        let message = match how {
            How::LetsIn => {
                format!("{here} may log in with `{method}`, while the same logins from {there} are rejected")
            }
            How::Plain => format!("{here} may connect without TLS, while {there} needs it for the same logins"),
            How::Less if method == other => {
                format!("less is asked of the certificates from {here} than from {there} for the same logins")
            }
            How::Less => format!("`{method}` is enough from {here}, while the same logins from {there} need `{other}`"),
        };
        let span = loose.address.as_ref().map_or(loose.span, |address| address.span);
        let label = Label::new(span, "the looser of the two");
        let finding = Finding::new(id::HBA_DUALSTACK, subject(self.cx, loose), majors, label, message);
        let finding = finding.related(strict.span, "the stricter one");
        by_version(self.node, finding).help("write the same for both families")
    }
}

/// Whether the row is for IPv4; none where it is for both families.
fn family(row: &HbaRow) -> Option<bool> {
    match &row.address.as_ref()?.kind {
        AddressKind::Net { ip, .. } => Some(ip.is_ipv4()),
        _ => None,
    }
}
