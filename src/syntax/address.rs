//! Addresses and masks as pg_hba.conf writes them: what `getaddrinfo` with `AI_NUMERICHOST` of glibc takes for a
//! number, and the `/BITS` of `pg_sockaddr_cidr_mask`.
//!
//! No name is resolved and no interface is looked up.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What a text is to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numeric {
    /// An address.
    Ip(IpAddr),
    /// A link-local address with the name of an interface: an address on a machine that has the interface, else a
    /// host name.
    Zoned(Ipv6Addr),
    /// A host name, or nothing at all.
    Name,
}

/// Tells a number from a name.
#[must_use]
pub fn numeric(text: &[u8]) -> Numeric {
    if let Some(address) = inet_aton(text) {
        return Numeric::Ip(IpAddr::V4(address));
    }
    let Ok(text) = std::str::from_utf8(text) else { return Numeric::Name };
    let (host, zone) = text.split_once('%').map_or((text, None), |(host, zone)| (host, Some(zone)));
    let Ok(address) = host.parse::<Ipv6Addr>() else { return Numeric::Name };
    match zone {
        None => Numeric::Ip(IpAddr::V6(address)),
        Some(zone) if is_zone_number(zone) => Numeric::Ip(IpAddr::V6(address)),
        Some(zone) if zone.bytes().all(|byte| byte.is_ascii_digit()) => Numeric::Name,
        Some(_) if is_link_local(address) => Numeric::Zoned(address),
        Some(_) => Numeric::Name,
    }
}

/// The number of bits after `/`, as `strtol` reads it, if the family has so many.
#[must_use]
pub fn prefix_length(text: &[u8], most: u8) -> Option<u8> {
    let (value, rest) = strtol(text)?;
    if !rest.is_empty() {
        return None;
    }
    u8::try_from(value).ok().filter(|&bits| bits <= most)
}

/// The mask of a prefix length.
#[must_use]
pub fn mask(family: IpAddr, bits: u8) -> IpAddr {
    match family {
        IpAddr::V4(_) => {
            IpAddr::V4(Ipv4Addr::from_bits(u32::MAX.checked_shl(32 - u32::from(bits.min(32))).unwrap_or(0)))
        }
        IpAddr::V6(_) => {
            IpAddr::V6(Ipv6Addr::from_bits(u128::MAX.checked_shl(128 - u32::from(bits.min(128))).unwrap_or(0)))
        }
    }
}

/// The prefix length of a mask, if it has no holes.
#[must_use]
pub fn mask_length(mask: IpAddr) -> Option<u8> {
    let (ones, rest) = match mask {
        IpAddr::V4(mask) => (mask.to_bits().leading_ones(), u128::from(mask.to_bits().count_ones())),
        IpAddr::V6(mask) => (mask.to_bits().leading_ones(), u128::from(mask.to_bits().count_ones())),
    };
    (u128::from(ones) == rest).then_some(ones as u8)
}

/// As `atoi` of glibc: `strtol`, cut to 32 bits; 0 if there is no number.
#[must_use]
pub fn atoi(text: &[u8]) -> i32 {
    strtol(text).map_or(0, |(value, _)| value as i32)
}

/// Whether `strtol` reads the text to its end.
pub(crate) fn is_whole_number(text: &[u8]) -> bool {
    strtol(text).is_some_and(|(_, rest)| rest.is_empty())
}

/// The decimal number at the start of the text, after blanks and a sign, and what follows it. Numbers out of range
/// stop at the ends of the range.
fn strtol(text: &[u8]) -> Option<(i64, &[u8])> {
    let blanks = text.iter().take_while(|byte| matches!(byte, b' ' | 9..=13)).count();
    let text = text.get(blanks..)?;
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let length = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if length == 0 {
        return None;
    }
    let (number, rest) = digits.split_at(length);
    let value = number.iter().fold(0_i64, |value, digit| {
        let digit = i64::from(digit - b'0');
        value.saturating_mul(10).saturating_add(if negative { -digit } else { digit })
    });
    Some((value, rest))
}

/// `a.b.c.d`, `a.b.c`, `a.b` or `a`, where each number may be decimal, octal with a leading 0 or hexadecimal with 0x,
/// and the last fills the bytes that are left.
fn inet_aton(text: &[u8]) -> Option<Ipv4Addr> {
    let mut parts = text.split(|&byte| byte == b'.');
    let mut head: u32 = 0;
    let mut left: u32 = 32;
    let mut part = parts.next()?;
    for next in parts {
        left = left.checked_sub(8).filter(|&left| left >= 8)?;
        let value = c_number(part).filter(|&value| value <= 0xff)?;
        head |= value << left;
        part = next;
    }
    let value = c_number(part)?;
    let most = u32::MAX.checked_shr(32 - left).unwrap_or(0);
    (value <= most).then(|| Ipv4Addr::from_bits(head | value))
}

/// A number as `strtoul` reads it with base 0.
fn c_number(text: &[u8]) -> Option<u32> {
    let (digits, radix) = match text {
        [b'0', b'x' | b'X', digits @ ..] => (digits, 16),
        [b'0', digits @ ..] if !digits.is_empty() => (digits, 8),
        digits => (digits, 10),
    };
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u32, |value, &digit| {
        let digit = char::from(digit).to_digit(radix)?;
        value.checked_mul(radix)?.checked_add(digit)
    })
}

fn is_link_local(address: Ipv6Addr) -> bool {
    let [first, ..] = address.segments();
    address.is_unicast_link_local() || first & 0xff0f == 0xff02
}

fn is_zone_number(zone: &str) -> bool {
    !zone.is_empty() && zone.bytes().all(|byte| byte.is_ascii_digit()) && zone.parse::<u32>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_the_c_library_reads_them() {
        for (text, address) in [
            ("10", "0.0.0.10"),
            ("10.1", "10.0.0.1"),
            ("10.1.2", "10.1.0.2"),
            ("010.0.0.1", "8.0.0.1"),
            ("0x7f000001", "127.0.0.1"),
            ("0X7f.1", "127.0.0.1"),
            ("4294967295", "255.255.255.255"),
            ("0", "0.0.0.0"),
            ("00", "0.0.0.0"),
            ("1.65536.", ""),
            ("10.16777215", "10.255.255.255"),
            ("10.16777216", ""),
            ("4294967296", ""),
            ("10.0.0.256", ""),
            ("1.2.3.4.5", ""),
            ("08", ""),
            ("0x", ""),
            ("1.", ""),
            (".1", ""),
            ("", ""),
            ("1 ", ""),
            ("::", "::"),
            ("::ffff:1.2.3.4", "::ffff:1.2.3.4"),
            ("1::2::3", ""),
            ("[::1]", ""),
            ("fe80::1%1", "fe80::1"),
            ("2001:db8::1%1", "2001:db8::1"),
            ("2001:db8::1%eth0", ""),
            ("::1%", ""),
            ("fe80::1%4294967296", ""),
            ("all", ""),
        ] {
            let expected = address.parse().map_or(Numeric::Name, Numeric::Ip);
            assert_eq!(numeric(text.as_bytes()), expected, "{text}");
        }
        assert_eq!(numeric(b"fe80::1%eth0"), Numeric::Zoned("fe80::1".parse().unwrap()));
        assert_eq!(numeric(b"\xff"), Numeric::Name);
    }

    #[test]
    fn prefix_lengths_are_whole_numbers_in_range() {
        for (text, bits) in [
            ("8", Some(8)),
            ("+8", Some(8)),
            ("-0", Some(0)),
            (" 8", Some(8)),
            ("032", Some(32)),
            ("33", None),
            ("-1", None),
            ("8x", None),
            ("", None),
            ("8/8", None),
            ("8 ", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(prefix_length(text.as_bytes(), 32), bits, "{text}");
        }
        assert_eq!(prefix_length(b"128", 128), Some(128));
    }

    #[test]
    fn masks_and_their_lengths() {
        let four = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        for bits in 0..=32 {
            assert_eq!(mask_length(mask(four, bits)), Some(bits));
        }
        for bits in 0..=128 {
            assert_eq!(mask_length(mask(IpAddr::V6(Ipv6Addr::UNSPECIFIED), bits)), Some(bits));
        }
        assert_eq!(mask_length("255.0.255.0".parse().unwrap()), None);
        assert_eq!(mask(four, 8).to_string(), "255.0.0.0");
    }

    #[test]
    fn ports_as_atoi_reads_them() {
        for (text, value) in
            [("389", 389), ("x", 0), ("12x", 12), ("-1", -1), ("4294967296", 0), ("99999999999999999999", -1), ("", 0)]
        {
            assert_eq!(atoi(text.as_bytes()), value, "{text}");
        }
    }
}
