//! Between paths and `file:` URIs.

use std::str::FromStr;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use lsp_types::Uri;

/// The path of a `file:` URI, without `.` and `..`; none of other schemes, other hosts, and names that are not UTF-8.
pub(super) fn path(uri: &Uri) -> Option<Utf8PathBuf> {
    let rest =
        uri.as_str().get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("file://")).map(|_| &uri.as_str()[7..]);
    let (host, path) = rest?.split_at(rest?.find('/')?);
    if !host.is_empty() && !host.eq_ignore_ascii_case("localhost") {
        return None;
    }
    let path = decoded(path.split(['?', '#']).next()?)?;
    let bare = if cfg!(windows) { path.trim_start_matches('/') } else { path.as_str() };
    let mut clean = Utf8PathBuf::new();
    for part in Utf8Path::new(bare).components() {
        match part {
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir => {
                clean.pop();
            }
            part => clean.push(part),
        }
    }
    clean.is_absolute().then_some(clean)
}

/// The URI of an absolute path.
pub(super) fn of(path: &Utf8Path) -> Option<Uri> {
    let mut text = String::from("file://");
    if cfg!(windows) {
        text.push('/');
    }
    for byte in path.as_str().bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => text.push(char::from(byte)),
            b'\\' if cfg!(windows) => text.push('/'),
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    Uri::from_str(&text).ok()
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        bytes.push((digit()? * 16 + digit()?) as u8);
    }
    String::from_utf8(bytes).ok().filter(|path| !path.contains('\0'))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn paths_and_uris() {
        let path_of = |text: &str| path(&Uri::from_str(text).unwrap()).map(Utf8PathBuf::into_string);
        assert_eq!(path_of("file:///etc/a%20b/%C3%A9.conf").as_deref(), Some("/etc/a b/é.conf"));
        assert_eq!(path_of("FILE://localhost/etc/../a/./b").as_deref(), Some("/a/b"));
        for other in ["untitled:Untitled-1", "file://server/share", "file:///a%FF", "file:///a%00b", "file:///a%2"] {
            assert_eq!(Uri::from_str(other).ok().and_then(|uri| path(&uri)), None, "{other}");
        }
        let back = of(Utf8Path::new("/etc/a b/é#?.conf")).unwrap();
        assert_eq!(back.as_str(), "file:///etc/a%20b/%C3%A9%23%3F.conf");
        assert_eq!(path(&back).unwrap(), "/etc/a b/é#?.conf");
    }
}
