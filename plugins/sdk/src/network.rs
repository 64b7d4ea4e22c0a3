//! IPv4 and IPv6 networks, and which addresses of pg_hba.conf lie in them.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use crate::types::HbaAddress;

/// A network: `10.0.0.0/8`, `2001:db8::/32`.
///
/// IPv4 and IPv6 are worlds apart, as they are for the server: `::/0` has no IPv4 address in it, not even a mapped one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network {
    family: Family,
    /// The address, at the low end.
    bits: u128,
    prefix: u8,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Family {
    V4,
    V6,
}

/// Why a text is no network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadNetwork(String);

impl fmt::Display for BadNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadNetwork {}

impl Network {
    /// Every IPv4 address.
    pub const ANY_V4: Self = Self { family: Family::V4, bits: 0, prefix: 0 };
    /// Every IPv6 address.
    pub const ANY_V6: Self = Self { family: Family::V6, bits: 0, prefix: 0 };

    /// Reads `ADDRESS/LENGTH`, or an address, which is a network of one.
    ///
    /// # Errors
    ///
    /// Says what is wrong. Bits beyond the length are an error: whoever writes `10.0.0.1/8` may have meant either.
    pub fn parse(text: &str) -> Result<Self, BadNetwork> {
        let bad = |why: &str| BadNetwork(format!("`{text}` is no network: {why}"));
        let (address, length) = text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
        let address: IpAddr = address.parse().map_err(|_| bad("the address is neither IPv4 nor IPv6"))?;
        let (family, bits) = match address {
            IpAddr::V4(address) => (Family::V4, u128::from(address.to_bits())),
            IpAddr::V6(address) => (Family::V6, address.to_bits()),
        };
        let prefix = match length {
            None => family.width(),
            Some(length) => length.parse().map_err(|_| bad("the length is no number"))?,
        };
        if prefix > family.width() {
            return Err(bad(&format!("the length is at most {}", family.width())));
        }
        let network = Self::new(family, bits, prefix);
        if network.bits != bits {
            return Err(bad(&format!("it has bits beyond its length; `{network}` has none")));
        }
        Ok(network)
    }

    /// The smallest network with every address that the row's address matches; none unless that is a network itself.
    #[must_use]
    pub fn of(address: &HbaAddress) -> Option<Self> {
        let (family, bits) = if let Ok(octets) = <[u8; 4]>::try_from(address.octets.as_slice()) {
            (Family::V4, u128::from(u32::from_be_bytes(octets)))
        } else {
            (Family::V6, u128::from_be_bytes(address.octets.as_slice().try_into().ok()?))
        };
        // Of a mask with holes, the leading ones are what all the addresses have in common.
        let prefix = address.prefix.unwrap_or_else(|| leading_ones(&address.mask));
        (prefix <= family.width()).then(|| Self::new(family, bits, prefix))
    }

    /// Whether every address that the row's address matches lies in the network. `all`, `samehost`, `samenet` and host
    /// names lie in none: which addresses they match is not in the files, or is both families.
    #[must_use]
    pub fn contains(&self, address: &HbaAddress) -> bool {
        Self::of(address).is_some_and(|network| self.covers(&network))
    }

    /// Whether every address of `other` lies in this network.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.prefix <= other.prefix && *self == Self::new(other.family, other.bits, self.prefix)
    }

    /// Whether every address of this network lies in one of the others.
    #[must_use]
    pub fn lies_in(&self, others: &[Self]) -> bool {
        if others.iter().any(|other| other.covers(self)) {
            return true;
        }
        // Neither half can lie in others that all lie elsewhere, so the halving ends.
        let inside: Vec<Self> = others.iter().filter(|other| self.covers(other)).copied().collect();
        !inside.is_empty() && self.halves().is_some_and(|halves| halves.iter().all(|half| half.lies_in(&inside)))
    }

    fn new(family: Family, bits: u128, prefix: u8) -> Self {
        let free = u32::from(family.width().saturating_sub(prefix));
        // A shift by the whole width is none.
        let bits = bits.checked_shr(free).and_then(|bits| bits.checked_shl(free)).unwrap_or(0);
        Self { family, bits, prefix }
    }

    fn halves(&self) -> Option<[Self; 2]> {
        let prefix = self.prefix + 1;
        let free = self.family.width().checked_sub(prefix)?;
        Some([0, 1 << free].map(|bit| Self::new(self.family, self.bits | bit, prefix)))
    }
}

fn leading_ones(mask: &[u8]) -> u8 {
    let whole = mask.iter().take_while(|&&octet| octet == u8::MAX).count();
    let rest = mask.get(whole).map_or(0, |octet| octet.leading_ones());
    (8 * whole) as u8 + rest as u8
}

impl Family {
    const fn width(self) -> u8 {
        match self {
            Self::V4 => 32,
            Self::V6 => 128,
        }
    }
}

impl FromStr for Network {
    type Err = BadNetwork;

    fn from_str(text: &str) -> Result<Self, BadNetwork> {
        Self::parse(text)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = match self.family {
            Family::V4 => IpAddr::V4((self.bits as u32).into()),
            Family::V6 => IpAddr::V6(self.bits.into()),
        };
        write!(f, "{address}/{}", self.prefix)
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(feature = "options")]
impl<'de> serde::Deserialize<'de> for Network {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Network {
        Network::parse(text).unwrap()
    }

    fn address(octets: &[u8], prefix: Option<u8>) -> HbaAddress {
        HbaAddress { kind: "network".into(), octets: octets.into(), prefix, ..HbaAddress::default() }
    }

    #[test]
    fn networks_are_read_and_written() {
        for text in ["10.0.0.0/8", "0.0.0.0/0", "::/0", "2001:db8::/32", "192.0.2.1/32", "::1/128"] {
            assert_eq!(network(text).to_string(), text);
        }
        assert_eq!(network("192.0.2.1").to_string(), "192.0.2.1/32");
        for wrong in
            ["", "10.0.0.0/", "10.0.0/8", "10.0.0.0/33", "::/129", "10.0.0.1/8", "10.0.0.0/+8x", "db.example.com"]
        {
            assert!(Network::parse(wrong).is_err(), "{wrong}");
        }
        assert!(Network::parse("10.0.0.1/8").unwrap_err().to_string().contains("`10.0.0.0/8` has none"));
    }

    #[test]
    fn addresses_of_rows_lie_in_networks() {
        let ten = network("10.0.0.0/8");
        // pg_hba.conf may have bits beyond the mask; they do not count.
        assert!(ten.contains(&address(&[10, 1, 2, 3], Some(16))));
        assert!(!ten.contains(&address(&[0; 4], Some(0))));
        assert!(!ten.contains(&address(&[11, 0, 0, 0], Some(16))));
        assert!(network("0.0.0.0/0").contains(&address(&[0; 4], Some(0))));
        assert!(!network("::/0").contains(&address(&[0; 4], Some(0))));
        let octets = network("2001:db8:1::/48").bits.to_be_bytes();
        assert!(network("2001:db8::/32").contains(&address(&octets, Some(48))));
        assert!(!ten.contains(&address(&[], None)));
    }

    #[test]
    fn a_mask_with_holes_is_as_wide_as_its_first_ones() {
        let holes = |mask| HbaAddress { mask: Vec::from(mask), ..address(&[10, 1, 2, 3], None) };
        assert!(network("10.1.0.0/16").contains(&holes([255, 255, 0, 255])));
        assert!(!network("10.1.2.0/24").contains(&holes([255, 255, 0, 255])));
        assert!(network("10.0.0.0/10").contains(&holes([255, 192, 255, 0])));
        assert!(!network("10.0.0.0/11").contains(&holes([255, 192, 255, 0])));
        assert_eq!([leading_ones(&[255; 16]), leading_ones(&[0; 4])], [128, 0]);
    }

    #[test]
    fn a_network_may_lie_in_several_together() {
        let halves = [network("10.0.0.0/9"), network("10.128.0.0/10"), network("10.192.0.0/10")];
        assert!(network("10.0.0.0/8").lies_in(&halves));
        assert!(!network("10.0.0.0/8").lies_in(&halves[..2]));
        assert!(!network("10.0.0.0/7").lies_in(&halves));
        assert!(network("::/0").lies_in(&[network("::/1"), network("8000::/1")]));
        assert!(!network("0.0.0.0/0").lies_in(&[network("10.0.0.1/32"), network("::/0")]));
        assert!(!network("0.0.0.0/0").lies_in(&[]));
    }
}
