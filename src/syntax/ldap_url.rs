//! LDAP URLs as OpenLDAP's `ldap_url_parse` reads them for the option `ldapurl`:
//! `ldap://host:port/dn?attributes?scope?filter?extensions`.
//!
//! Only what the server makes use of is kept; nothing is resolved or contacted.

use crate::syntax::address;
use crate::syntax::template::find;

/// The parts the server takes over. An empty host counts as none; the DN is there if a slash is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LdapUrl {
    /// Lower case: `ldap`, `ldaps`, or another that the library knows and the server refuses.
    pub scheme: &'static str,
    /// The host.
    pub host: Option<Vec<u8>>,
    /// The base DN.
    pub dn: Option<Vec<u8>>,
    /// Whether there are attributes; the server searches by the first.
    pub attribute: bool,
    /// Whether the attributes are given and none of them has a name, on which the server crashes.
    pub no_attribute: bool,
    /// Whether there is a filter.
    pub filter: bool,
}

const SCHEMES: [&str; 6] = ["ldap", "pldap", "ldaps", "pldaps", "ldapi", "cldap"];

/// The URL in parts; `None` where the library refuses it.
#[must_use]
pub fn parse(text: &[u8]) -> Option<LdapUrl> {
    let (enclosed, text) = text.strip_prefix(b"<").map_or((false, text), |inner| (true, inner));
    let text = strip_ignoring_case(text, "URL:").unwrap_or(text);
    let (scheme, mut rest) = SCHEMES.iter().find_map(|&scheme| {
        let after = strip_ignoring_case(text, scheme)?;
        Some((scheme, after.strip_prefix(b"://")?))
    })?;
    if enclosed {
        rest = rest.strip_suffix(b">")?;
    }
    let mut url = LdapUrl { scheme, host: None, dn: None, attribute: false, no_attribute: false, filter: false };
    // Without a slash, what follows a question mark is dropped.
    let (host, path) = match memchr::memchr(b'/', rest) {
        Some(slash) => (rest.get(..slash)?, rest.get(slash + 1..)),
        None => (rest.split(|&byte| byte == b'?').next()?, None),
    };
    let host = if scheme == "ldapi" { host } else { without_port(host)? };
    url.host = some_unescaped(host);
    let Some(path) = path else { return Some(url) };
    let mut parts = path.splitn(5, |&byte| byte == b'?');
    url.dn = parts.next().map(unescape);
    if let Some(part) = parts.next().filter(|part| !part.is_empty()) {
        url.attribute = has_item(&unescape(part));
        url.no_attribute = !url.attribute;
    }
    if let Some(part) = parts.next().filter(|part| !part.is_empty()) {
        is_scope(&unescape(part)).then_some(())?;
    }
    url.filter = match parts.next() {
        Some(part) if !part.is_empty() => some_unescaped(part).map(|_| true)?,
        _ => false,
    };
    match parts.next() {
        Some(extensions) if extensions.contains(&b'?') => None,
        Some(extensions) => has_item(extensions).then_some(url),
        None => Some(url),
    }
}

fn strip_ignoring_case<'t>(text: &'t [u8], prefix: &str) -> Option<&'t [u8]> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix.as_bytes()).then_some(rest)
}

/// Takes `:port` off, which must be a number, and the bracket off an IPv6 address.
fn without_port(text: &[u8]) -> Option<&[u8]> {
    let (host, after) = match text.strip_prefix(b"[") {
        Some(inner) => {
            let close = memchr::memchr(b']', inner)?;
            let after = inner.get(close + 1..)?;
            // What stands between the bracket and a colon is an error; without a colon it is passed over.
            match memchr::memchr(b':', after) {
                Some(0) => (inner.get(..close)?, after.get(1..)),
                Some(_) => return None,
                None => (inner.get(..close)?, None),
            }
        }
        None => match memchr::memchr(b':', text) {
            Some(colon) => (text.get(..colon)?, text.get(colon + 1..)),
            None => (text, None),
        },
    };
    match after {
        Some(port) => address::is_whole_number(&unescape(port)).then_some(host),
        None => Some(host),
    }
}

fn is_scope(word: &[u8]) -> bool {
    ["one", "onelevel", "base", "sub", "subtree", "subord", "subordinate", "children"]
        .iter()
        .any(|scope| word.eq_ignore_ascii_case(scope.as_bytes()))
}

/// Whether a comma list, split as `ldap_str2charray` does, has an item. Commas alone are none.
fn has_item(list: &[u8]) -> bool {
    list.iter().any(|&byte| byte != b',')
}

fn some_unescaped(text: &[u8]) -> Option<Vec<u8>> {
    let text = unescape(text);
    (!text.is_empty()).then_some(text)
}

/// Undoes `%XX`, as `ldap_pvt_hex_unescape` does: a percent sign without two digits leaves nothing of the text, and
/// `%00` ends it.
fn unescape(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let [high, low, after @ ..] = after else { return Vec::new() };
        let (Some(high), Some(low)) = (char::from(*high).to_digit(16), char::from(*low).to_digit(16)) else {
            return Vec::new();
        };
        out.push((high * 16 + low) as u8);
        rest = after;
    }
    let end = find(&out, b"\0").unwrap_or(out.len());
    out.truncate(end);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Option<String> {
        let url = parse(text.as_bytes())?;
        let text =
            |part: Option<Vec<u8>>| part.map_or("-".to_owned(), |part| String::from_utf8_lossy(&part).into_owned());
        Some(format!("{} {} {} {} {}", url.scheme, text(url.host), text(url.dn), url.attribute, url.filter))
    }

    #[test]
    fn urls_come_apart_as_the_library_takes_them() {
        for (text, parts) in [
            ("ldap://h/dc=x?uid?sub?(a=b)", "ldap h dc=x true true"),
            ("LDAPS://h:636/dc=x", "ldaps h dc=x false false"),
            ("ldap://h", "ldap h - false false"),
            ("ldap:///dc=x", "ldap - dc=x false false"),
            ("ldap://h/", "ldap h  false false"),
            ("ldap://h/%zz", "ldap h  false false"),
            ("ldap://h/a%2Cb", "ldap h a,b false false"),
            ("<URL:ldap://[::1]:389/dc=x>", "ldap ::1 dc=x false false"),
            ("ldapi://%2Frun/dc=x", "ldapi /run dc=x false false"),
            ("ldap://h/dc=x????ext", "ldap h dc=x false false"),
            ("ldap://h??dc=x", "ldap h - false false"),
            ("ldap://h/dc=x??SUBTREE", "ldap h dc=x false false"),
        ] {
            assert_eq!(shown(text).as_deref(), Some(parts), "{text}");
        }
    }

    #[test]
    fn urls_the_library_refuses() {
        for text in [
            "",
            "h/dc=x",
            "http://h/dc=x",
            "ldap:/h",
            "<ldap://h",
            "ldap://h:/",
            "ldap://h:x/",
            "ldap://[::1/",
            "ldap://[::1]x:1/",
            "ldap://h/dc=x??foo",
            "ldap://h/dc=x???%00",
            "ldap://h/dc=x????",
            "ldap://h/dc=x????,",
            "ldap://h/dc=x????a?b",
            "ldap://a:1:2/",
        ] {
            assert_eq!(shown(text), None, "{text}");
        }
    }

    #[test]
    fn attributes_without_a_name() {
        assert!(parse(b"ldap://h/dc=x?,").is_some_and(|url| url.no_attribute));
        assert!(parse(b"ldap://h/dc=x?%zz").is_some_and(|url| url.no_attribute));
        assert!(parse(b"ldap://h/dc=x?").is_some_and(|url| !url.no_attribute && !url.attribute));
    }
}
