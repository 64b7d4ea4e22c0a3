//! What several rows come to: networks that are all addresses together, and IPv6 that is open where IPv4 is not.

use std::collections::{BTreeMap, HashMap};

use crate::catalog::Majors;
use crate::catalog::hba::Method;
use crate::finding::{Finding, Label};
use crate::model::access::Hba;
use crate::model::hba::{AddressKind, HbaRow};
use crate::reach::Cover;
use crate::reach::matching::bits;
use crate::rule::{Context, Sink, id};

use super::super::access::by_version;
use super::people::Groups;
use super::view::{subject, who};
use crate::model::Node;

/// A node's rows with the majors on which a connection can reach each.
pub(super) struct Rows<'r> {
    pub(super) cx: &'r Context<'r>,
    pub(super) node: &'r Node,
    pub(super) hba: &'r Hba,
    pub(super) cover: &'r Cover,
    pub(super) live: &'r [Majors],
    pub(super) groups: &'r Groups,
}

/// So many further rows are shown.
const MOST_RELATED: usize = 5;

/// Networks wider than these are no restriction, as `hba-any-address` has it.
const ANY: (u8, u8) = (8, 4);

impl<'r> Rows<'r> {
    pub(super) fn accepting(&self) -> impl Iterator<Item = (usize, &'r HbaRow, Majors)> {
        let rows = self.hba.rows.iter().zip(self.live).enumerate();
        let accepts = |row: &HbaRow, live: Majors| row.method != Method::Reject && !live.is_empty();
        rows.filter_map(move |(index, (row, live))| accepts(row, *live).then_some((index, row, *live)))
    }

    /// Says what rows come to together. The rows of which so much is said that their addresses alone are no news.
    pub(super) fn check(&self, out: &mut Sink<'_>) -> Vec<usize> {
        let mut told = self.split(out);
        told.extend(self.six(out));
        told.extend(self.dual(&told, out));
        self.overlaps(out);
        self.lockout(out);
        self.no_local(out);
        told
    }

    fn finding(
        &self,
        rule: crate::rule::RuleId,
        row: &HbaRow,
        majors: Majors,
        label: &str,
        message: String,
    ) -> Finding {
        let span = row.address.as_ref().map_or(row.span, |address| address.span);
        let finding = Finding::new(rule, subject(self.cx, row), majors, Label::new(span, label), message);
        by_version(self.node, finding)
    }

    /// Networks that together are a whole family, of rows that are alike but for the address.
    fn split(&self, out: &mut Sink<'_>) -> Vec<usize> {
        let mut alike: HashMap<_, Vec<(usize, &HbaRow, Majors)>> = HashMap::new();
        for (index, row, live) in self.accepting() {
            let Some(AddressKind::Net { ip, prefix: Some(_), .. }) = row.address.as_ref().map(|of| &of.kind) else {
                continue;
            };
            let Some((databases, users)) = self.cover.people(index) else { continue };
            alike.entry((row.conn_type, ip.is_ipv4(), databases, users)).or_default().push((index, row, live));
        }
        let mut groups = alike.into_values().filter(|rows| rows.len() > 1).collect::<Vec<_>>();
        groups.sort_unstable_by_key(|rows| rows.first().map(|(index, ..)| *index));
        let mut told = Vec::new();
        for rows in groups {
            let majors = rows.iter().fold(Majors::ALL, |majors, (.., live)| majors & *live);
            let mut nets = rows.iter().filter_map(|(index, row, _)| Some((net(row)?, *index))).collect::<Vec<_>>();
            nets.sort_unstable();
            let whole = nets.iter().try_fold(0_u128, |open, ((low, high), _)| {
                // Nothing is open any more once the last address is taken.
                if *low > open { None } else { Some(open.max(high.saturating_add(1))) }
            });
            let Some((_, first, _)) = rows.first() else { continue };
            let (four, any) = match first.address.as_ref().map(|address| &address.kind) {
                Some(AddressKind::Net { ip, .. }) => (ip.is_ipv4(), rows.iter().any(|(_, row, _)| is_whole(row))),
                _ => continue,
            };
            let last = if four { u128::from(u32::MAX) } else { u128::MAX };
            let ends = nets.iter().any(|((_, high), _)| *high == last);
            if any || majors.is_empty() || whole.is_none() || !ends {
                continue;
            }
            let family = if four { 4 } else { 6 };
            let users = who(self.cx, first);
            let message = format!("{} lines together let {users} in from any IPv{family} address", rows.len());
            let finding = self.finding(id::HBA_SPLIT_ANY_ADDRESS, first, majors, "a part of all addresses", message);
            let others = rows.iter().skip(1).take(MOST_RELATED);
            let finding = others.fold(finding, |finding, (_, row, _)| finding.related(row.span, "another part"));
            out.push(finding.help("name the networks of the clients"));
            told.extend(rows.iter().map(|(index, ..)| *index));
        }
        told
    }

    /// IPv6 that is open to those whom IPv4 lets in from a few networks.
    fn six(&self, out: &mut Sink<'_>) -> Vec<usize> {
        let kind = |row: &'r HbaRow| row.address.as_ref().map(|address| &address.kind);
        let is_open = |row: &'r HbaRow, four: bool| match kind(row) {
            Some(AddressKind::All) => true,
            Some(AddressKind::Net { ip, prefix: Some(prefix), .. }) => {
                ip.is_ipv4() == four && *prefix < if four { ANY.0 } else { ANY.1 }
            }
            _ => false,
        };
        if self.accepting().any(|(_, row, _)| is_open(row, true)) {
            return Vec::new();
        }
        let mut four: BTreeMap<_, (&HbaRow, Majors)> = BTreeMap::new();
        for (index, row, live) in self.accepting() {
            let is_four = matches!(kind(row), Some(AddressKind::Net { ip, .. }) if ip.is_ipv4());
            let Some(people) = self.cover.people(index).filter(|_| is_four) else { continue };
            four.entry(people).or_insert((row, Majors::NONE)).1 = live;
        }
        let mut told = Vec::new();
        for (index, row, live) in self.accepting().filter(|(_, row, _)| is_open(row, false)) {
            let strict = self.cover.people(index).and_then(|people| four.get(&people).copied());
            let Some((strict, majors)) = strict.map(|(row, of)| (row, of & live)).filter(|(_, of)| !of.is_empty())
            else {
                continue;
            };
            let limit = strict.address.as_ref().map_or_else(String::new, |address| self.cx.show(address.span));
            let users = who(self.cx, row);
            let message = format!("{users} may log in from any IPv6 address, while IPv4 is limited as by `{limit}`");
            let finding = self.finding(id::HBA_IPV6_OPEN, row, majors, "no restriction", message);
            out.push(finding.related(strict.span, "limits IPv4").help("name the IPv6 networks of the clients, too"));
            told.push(index);
        }
        told
    }
}

/// Whether the row's network is a whole family.
fn is_whole(row: &HbaRow) -> bool {
    matches!(row.address.as_ref().map(|address| &address.kind), Some(AddressKind::Net { prefix: Some(0), .. }))
}

/// The first and last address of a row's network.
fn net(row: &HbaRow) -> Option<(u128, u128)> {
    let AddressKind::Net { ip, mask, prefix: Some(_), .. } = &row.address.as_ref()?.kind else { return None };
    let whole = if ip.is_ipv4() { u128::from(u32::MAX) } else { u128::MAX };
    let low = bits(*ip) & bits(*mask);
    Some((low, low | whole & !bits(*mask)))
}
