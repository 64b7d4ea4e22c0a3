//! Addresses that mean something else than they seem to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::checks::edit;
use crate::finding::{Label, Safety, Severity};
use crate::model::hba::AddressKind;
use crate::reach::matching::bits;
use crate::rule::{Sink, id};
use crate::source::Span;

use super::view::{Reach, Row, net};

pub(super) fn check(row: &Row<'_>, out: &mut Sink<'_>) {
    let Some(address) = &row.entry.address else { return };
    match &address.kind {
        AddressKind::HostName(name) => host_name(row, name, out),
        AddressKind::Net { ip, mask, prefix: None, .. } => holes(row, *ip, *mask, out),
        AddressKind::Net { ip, mask, prefix, mask_span } if is_legacy(row) || net(*ip, *mask) != *ip => {
            let written = row.show(address.span);
            let shown = shown(row, *ip, *mask, *prefix);
            let majors = row.live;
            if is_legacy(row) {
                let message = format!("`{written}` is {shown} to the server");
                let label = Label::new(address.span, "not the address that it looks like");
                let finding = row.finding(id::HBA_LEGACY_ADDRESS, majors, label, message);
                out.push(finding.help("write all four numbers of the address, without leading zeros"));
            } else {
                let message = format!("`{written}` is {shown} to the server, which ignores the bits beyond the mask");
                let label = Label::new(address.span, "wider than the address in it");
                let severity = if is_slip(row) { Severity::Error } else { Severity::Warning };
                let finding = row.finding(id::HBA_HOST_BITS, majors, label, message).severity(severity);
                let bits = if ip.is_ipv4() { 32 } else { 128 };
                let network = match prefix {
                    Some(prefix) => format!("{}/{prefix}", net(*ip, *mask)),
                    None => format!("{} {mask}", net(*ip, *mask)),
                };
                let finding = finding
                    .help(format!("write `{network}` if the network is meant, or `{ip}/{bits}` for the one address"));
                let edit = match mask_span {
                    None => edit::word(row.cx, address.span, &network),
                    Some(mask_span) => {
                        let first =
                            row.cx.sources.bytes(Span { end: mask_span.start, ..address.span }).trim_ascii_end();
                        let span = Span::new(
                            address.span.file,
                            address.span.range().start,
                            address.span.range().start + first.len(),
                        );
                        edit::word(row.cx, span, &net(*ip, *mask).to_string())
                    }
                };
                out.push(finding.fix("write the network as the server takes it", Safety::Safe, vec![edit]));
            }
        }
        AddressKind::Net { .. } | AddressKind::All | AddressKind::SameHost | AddressKind::SameNet => {}
    }
}

/// A mask whose bits are not all at its start, which the server takes as it is (`parse_hba_line` and
/// `pg_range_sockaddr`).
fn holes(row: &Row<'_>, ip: IpAddr, mask: IpAddr, out: &mut Sink<'_>) {
    let Some(address) = &row.entry.address else { return };
    let written = row.show(address.span);
    let all = if ip.is_ipv4() { u128::from(u32::MAX) } else { u128::MAX };
    let inverse = all & !bits(mask);
    // As routers write it: the bits that do not count.
    let is_inverse = inverse & 1 == 0 && is_mask(inverse, all);
    let label = Label::new(address.span, "not one network, but parts of many");
    let message = if is_inverse {
        format!(
            "the mask of `{written}` has its bits at the end, so that the first part of the address is not compared"
        )
    } else {
        format!("the mask of `{written}` has holes, so that addresses of many networks match")
    };
    let finding = row.finding(id::HBA_MASK_HOLES, row.live, label, message);
    out.push(match inverse_text(ip, inverse).filter(|_| is_inverse) {
        Some(mask) => {
            let finding = finding.help(format!("write the mask `{mask}`"));
            match address.kind {
                AddressKind::Net { mask_span: Some(span), .. } => {
                    let edit = edit::word(row.cx, span, &mask.to_string());
                    finding.fix(format!("write the mask `{mask}`"), Safety::Unsafe, vec![edit])
                }
                _ => finding,
            }
        }
        None => finding.help("write the mask length behind the address, as in `10.0.0.0/8`"),
    });
}

fn is_mask(mask: u128, all: u128) -> bool {
    let free = all & !mask;
    mask != 0 && free & free.wrapping_add(1) == 0
}

fn inverse_text(ip: IpAddr, mask: u128) -> Option<IpAddr> {
    if ip.is_ipv4() {
        Some(Ipv4Addr::from_bits(u32::try_from(mask).ok()?).into())
    } else {
        Some(Ipv6Addr::from_bits(mask).into())
    }
}

/// Whether the row lets in nearly every address though it names one: the address' own rules say so.
pub(super) fn is_slip(row: &Row<'_>) -> bool {
    let Some(address) = &row.entry.address else { return false };
    let AddressKind::Net { ip, mask, .. } = &address.kind else { return false };
    super::way::is_any(&address.kind) && (net(*ip, *mask) != *ip || is_legacy(row))
}

/// Whether no client can ever match the row's address.
pub(super) fn never_matches(row: &Row<'_>) -> bool {
    matches!(row.entry.address.as_ref().map(|address| &address.kind), Some(AddressKind::HostName(name)) if !could_be_name(name))
}

/// Whether a name server could give the name. One whose last part is a number would be an address.
fn could_be_name(name: &str) -> bool {
    let last = name.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
    let keyword = ["all", "any", "samehost", "samenet"].iter().any(|word| name.eq_ignore_ascii_case(word));
    let odd = |byte: u8| byte.is_ascii() && !byte.is_ascii_alphanumeric() && !matches!(byte, b'.' | b'-' | b'_');
    let number = !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit());
    !(keyword || number || last.is_empty() || name.bytes().any(odd))
}

fn host_name(row: &Row<'_>, name: &str, out: &mut Sink<'_>) {
    let Some(address) = &row.entry.address else { return };
    let written = row.show(address.span);
    if !could_be_name(name) {
        let bare = written.trim_matches('"');
        let message = format!("`{bare}` is no address to the server but a host name, which no client has");
        let label = Label::new(address.span, "never matches");
        let severity = if row.accepts() { Severity::Warning } else { Severity::Error };
        let help = match name.to_ascii_lowercase().as_str() {
            "all" | "any" | "*" => "write `all`, in lower case and without quotes, for every address".to_owned(),
            "samehost" | "samenet" => {
                format!("write `{}`, in lower case and without quotes", name.to_ascii_lowercase())
            }
            _ => "write an address with its mask length, such as `10.0.0.0/8`".to_owned(),
        };
        let finding = row.finding(id::HBA_HOSTNAME_NO_ADDRESS, row.live, label, message);
        let finding = finding.severity(severity).help(help);
        let keyword = name.to_ascii_lowercase();
        // Whom `all` would let in is better looked at first.
        let meant = matches!(keyword.as_str(), "samehost" | "samenet") || keyword == "all" && !row.accepts();
        let edit = vec![(address.span, keyword.clone())];
        out.push(if meant { finding.fix(format!("write `{keyword}`"), Safety::Unsafe, edit) } else { finding });
    } else if row.reach() == Reach::Remote {
        let finding = if name.starts_with('.') {
            let message = format!("`{written}` lets in every machine whose name ends so, as the name server has it");
            let label = Label::new(address.span, "a whole domain, looked up at each login");
            row.finding(id::HBA_HOSTNAME, row.live, label, message).severity(Severity::Warning)
        } else {
            let message = format!("`{written}` makes every login wait for the name server, and rely on it");
            row.finding(id::HBA_HOSTNAME, row.live, Label::new(address.span, "looked up at each login"), message)
        };
        out.push(finding.help(if name.starts_with('.') { "write the networks" } else { "write the address" }));
    }
}

/// Whether an IPv4 address is written otherwise than with four plain decimal numbers, and so may be another than it
/// looks like.
fn is_legacy(row: &Row<'_>) -> bool {
    let Some(address) = &row.entry.address else { return false };
    if !matches!(address.kind, AddressKind::Net { ip: IpAddr::V4(_), .. }) {
        return false;
    }
    let text = String::from_utf8_lossy(row.cx.sources.bytes(address.span)).into_owned();
    let host = text.split(|char: char| char == '/' || char.is_ascii_whitespace()).next().unwrap_or_default();
    // A word that is not the address itself, as one that stands in a list, tells nothing.
    let host = host.trim_matches('"');
    host.starts_with(|char: char| char.is_ascii_digit()) && host.parse::<Ipv4Addr>().is_err()
}

fn shown(row: &Row<'_>, ip: IpAddr, mask: IpAddr, prefix: Option<u8>) -> String {
    match prefix {
        Some(0) => row.from(),
        Some(prefix) => format!("`{}/{prefix}`", net(ip, mask)),
        None => format!("`{} {mask}`", net(ip, mask)),
    }
}

#[cfg(test)]
mod tests;
