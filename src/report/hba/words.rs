//! Kinds and ranges in words.

use std::net::IpAddr;

use crate::reach::matching::bits;
use crate::reach::{Kinds, Range};

/// Kinds of connections.
pub(crate) fn kinds(kinds: Kinds) -> String {
    let words = [(Kinds::LOCAL, "socket"), (Kinds::PLAIN, "plain"), (Kinds::TLS, "TLS"), (Kinds::GSS, "GSSAPI")];
    let some = words.iter().filter(|(kind, _)| kinds.covers(*kind)).map(|(_, word)| *word).collect::<Vec<_>>();
    some.join(", ")
}

/// Addresses: as networks where a range is made of few, else by its ends.
pub(crate) fn range(range: Range) -> String {
    let Some((low, high)) = range.ends() else { return "through a Unix socket".to_owned() };
    let whole = if low.is_ipv4() { u128::from(u32::MAX) } else { u128::MAX };
    if bits(low) == 0 && bits(high) == whole {
        return format!("any IPv{} address", if low.is_ipv4() { 4 } else { 6 });
    }
    match prefix(low, high) {
        Some(prefix) => format!("{low}/{prefix}"),
        None => format!("{low} to {high}"),
    }
}

fn prefix(low: IpAddr, high: IpAddr) -> Option<u32> {
    let width = if low.is_ipv4() { 32 } else { 128 };
    let differ = bits(low) ^ bits(high);
    let is_net = differ & differ.wrapping_add(1) == 0 && bits(low) & differ == 0;
    is_net.then(|| width - differ.count_ones())
}

/// Ranges, of which not too many are shown.
pub(crate) fn ranges(ranges: &[Range]) -> String {
    let everywhere = ranges.iter().filter(|of| range(**of).starts_with("any ")).count() == 2;
    if everywhere {
        return "any address".to_owned();
    }
    let mut out = ranges.iter().take(MOST_RANGES).map(|of| range(*of)).collect::<Vec<_>>();
    if ranges.len() > MOST_RANGES {
        out.push(format!("{} more ranges", ranges.len() - MOST_RANGES));
    }
    out.join(", ")
}

const MOST_RANGES: usize = 6;
