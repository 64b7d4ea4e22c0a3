//! Rows of pg_hba.conf that a standby and its primary do not share: after a failover others get in.
//!
//! Rows are compared as sets, by what they mean; their order is not looked at. The address of a row for replication, and
//! of one for a single machine that is one of the two servers, differs by nature and is left out.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use crate::checks::cluster::ends::{Ends, ends};
use crate::finding::{Confidence, Finding, Label, Subject};
use crate::model::hba::{AddressKind, DbKind, HbaRow};
use crate::model::topology::{Access, Member};
use crate::rule::id::CLUSTER_DRIFT_HBA;
use crate::rule::{Context, Sink};
use crate::source::Span;

/// So many rows are shown beside a finding.
const SHOWN: usize = 6;

/// So many addresses of a server are known as its own.
const ADDRESSES: usize = 16;
/// Longer files are not compared: one primary may have any number of standbys.
const MOST: usize = 5_000;

/// What rows mean, with the place of the first of each meaning.
type Rows = BTreeMap<String, Span>;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let mut read: HashMap<(usize, u8), Rows> = HashMap::new();
    for ends in ends(cx).filter(Ends::is_physical) {
        let Some(major) = ends.physical_majors().last() else { continue };
        let access = |member: &Member| member.access(cx.cluster, cx.sources).filter(|access| access.whole);
        let Some((down, up)) = access(ends.down).zip(access(ends.up)) else { continue };
        let Some(at) = ends.edge.upstream else { continue };
        if down.hba.rows.len().max(up.hba.rows.len()) > MOST || down.hba.file == up.hba.file {
            continue;
        }
        let mut rows = |index: usize, access: &Access<'_>| {
            read.entry((index, major)).or_insert_with(|| meanings(access, major)).clone()
        };
        let (here, there) = (rows(ends.edge.downstream, &down), rows(at, &up));
        let of = |member: &'_ Member| member.identity.addresses.iter().take(ADDRESSES).copied().collect::<Vec<_>>();
        let both = [of(ends.down), of(ends.up)].concat();
        let rows_here = placed(here, &both);
        let rows_there = placed(there, &both);
        report(&ends, &down, &rows_here, &rows_there, out);
    }
}

/// The rows with the addresses of the two servers told as one.
fn placed(rows: Rows, both: &[IpAddr]) -> Rows {
    let one = both.iter().map(|address| format!(" one {address} ")).collect::<Vec<_>>();
    let place = |(mut key, span): (String, Span)| {
        for own in &one {
            if let Some(at) = key.find(own.as_str()) {
                key.replace_range(at..at + own.len(), " peer ");
            }
        }
        (key, span)
    };
    rows.into_iter().map(place).collect()
}

fn meanings(access: &Access<'_>, major: u8) -> Rows {
    let mut rows = Rows::new();
    for row in access.hba.rows.iter().filter(|row| row.majors.contains(major)) {
        rows.entry(meaning(row)).or_insert(row.line);
    }
    rows
}

/// What a row means, so that two rows of one meaning are told alike.
fn meaning(row: &HbaRow) -> String {
    let mut databases = row.databases.iter().map(|item| format!("{:?}", item.kind)).collect::<Vec<_>>();
    let mut users = row.users.iter().map(|item| format!("{:?}", item.kind)).collect::<Vec<_>>();
    let mut options =
        row.options.iter().map(|option| format!("{}={}", option.info.name, option.value)).collect::<Vec<_>>();
    for list in [&mut databases, &mut users, &mut options] {
        list.sort_unstable();
        list.dedup();
    }
    let replication = row.databases.iter().all(|item| item.kind == DbKind::Replication);
    let address = match row.address.as_ref().map(|address| &address.kind) {
        None => String::new(),
        Some(_) if replication => "any".to_owned(),
        Some(AddressKind::Net { ip, mask, .. }) if is_one(*mask) => format!("one {ip}"),
        Some(AddressKind::Net { ip, mask, .. }) => format!("{} {mask}", masked(*ip, *mask)),
        Some(AddressKind::HostName(name)) => name.to_ascii_lowercase(),
        Some(other) => format!("{other:?}"),
    };
    let kind = format!("{:?}", row.conn_type);
    format!("{kind} {address} {:?} {} {} {}", row.method, databases.join(","), users.join(","), options.join(","))
}

fn is_one(mask: IpAddr) -> bool {
    match mask {
        IpAddr::V4(mask) => mask.to_bits() == u32::MAX,
        IpAddr::V6(mask) => mask.to_bits() == u128::MAX,
    }
}

fn masked(ip: IpAddr, mask: IpAddr) -> IpAddr {
    match (ip, mask) {
        (IpAddr::V4(ip), IpAddr::V4(mask)) => IpAddr::from((ip.to_bits() & mask.to_bits()).to_be_bytes()),
        (IpAddr::V6(ip), IpAddr::V6(mask)) => IpAddr::from((ip.to_bits() & mask.to_bits()).to_be_bytes()),
        (ip, _) => ip,
    }
}

fn report(ends: &Ends<'_>, down: &Access<'_>, here: &Rows, there: &Rows, out: &mut Sink<'_>) {
    let only = |these: &Rows, those: &Rows| {
        let mut spans = these.iter().filter(|(key, _)| !those.contains_key(*key)).map(|(_, span)| *span);
        let mut spans = spans.by_ref().collect::<Vec<_>>();
        spans.sort_unstable();
        spans
    };
    let (here, there) = (only(here, there), only(there, here));
    if here.is_empty() && there.is_empty() {
        return;
    }
    let rows = |number: usize| if number == 1 { "1 row is".to_owned() } else { format!("{number} rows are") };
    let differs = match (here.len(), there.len()) {
        (number, 0) => format!("{} only here", rows(number)),
        (0, number) => format!("{} only there", rows(number)),
        (own, other) => format!("{} only here and {} only there", rows(own), rows(other)),
    };
    let message = format!("pg_hba.conf of the standby differs from that of its primary {}: {differs}", ends.up.shown());
    let label = match here.first() {
        Some(span) => Label::new(*span, "only on the standby"),
        None => Label::absent(down.hba.file, "lacks rows of the primary's"),
    };
    let mut finding = Finding::new(CLUSTER_DRIFT_HBA, Subject::File, ends.physical_majors(), label, message)
        .confidence(Confidence::Medium)
        .help("keep the same rows on both, so that a failover lets in the same clients");
    for span in there.iter().take(SHOWN) {
        finding = finding.related(*span, "only on the primary");
    }
    for span in here.iter().skip(1).take(SHOWN) {
        finding = finding.related(*span, "only on the standby");
    }
    out.push(finding);
}
