//! The variables of libpq's environment, put together to the connection string that they stand for.

use crate::catalog::conninfo::Keyword;
use crate::catalog::{NEWEST, OLDEST};
use crate::discover::Kind;
use crate::extract::{Found, Writer};
use crate::syntax::literal::Literal;

/// What is known of a connection: keywords of libpq with their values.
#[derive(Debug, Default)]
pub(in crate::extract) struct Connection {
    params: Vec<(&'static str, Literal)>,
}

impl Connection {
    /// Adds a keyword; the first value counts.
    pub(in crate::extract) fn add(&mut self, keyword: &'static str, value: Literal) {
        if !self.params.iter().any(|(known, _)| *known == keyword) {
            self.params.push((keyword, value));
        }
    }

    /// Sets a keyword, whatever it was before.
    pub(super) fn replace(&mut self, keyword: &'static str, value: Literal) {
        self.params.retain(|(known, _)| *known != keyword);
        self.params.push((keyword, value));
    }

    /// Adds the variable of the environment, if it is one of libpq's.
    pub(in crate::extract) fn variable(&mut self, name: &[u8], value: &Literal) {
        if let Some(keyword) = keyword(name) {
            self.add(keyword, value.clone());
        }
    }

    /// Gives the string `host='...' user='...'` to what was found, if it says anything of how a connection is
    /// protected. The environment may say more, so the string is an open one.
    pub(in crate::extract) fn add_to(mut self, found: &mut Found<'_>) {
        let says = |keyword: &str| {
            keyword.starts_with("ssl") || keyword.contains("auth") || matches!(keyword, "password" | "channel_binding")
        };
        self.params.sort_by_key(|(_, value)| value.whole().start);
        let Some((_, first)) = self.params.iter().find(|(keyword, _)| says(keyword)) else { return };
        let mut conninfo = Writer::new(first);
        for (keyword, value) in &self.params {
            conninfo.keyword(keyword, value);
        }
        conninfo.words(" ");
        conninfo.gap();
        found.add(Kind::Conninfo, conninfo.build());
    }
}

/// The keyword that a variable of the environment stands for.
pub(super) fn keyword(variable: &[u8]) -> Option<&'static str> {
    if !variable.starts_with(b"PG") {
        return None;
    }
    let named = |keyword: &&Keyword| {
        (OLDEST..=NEWEST).any(|major| keyword.environment(major).is_some_and(|name| name.as_bytes() == variable))
    };
    Keyword::all().iter().find(named).map(|keyword| keyword.name)
}

/// Whether a text is a connection string in the form of a URI, and does not only show how one looks.
pub(in crate::extract) fn is_uri(text: &[u8]) -> bool {
    let scheme = [&b"postgres://"[..], b"postgresql://"].iter().find_map(|scheme| text.strip_prefix(*scheme));
    scheme.is_some_and(|rest| !rest.is_empty() && !rest.iter().any(u8::is_ascii_whitespace) && !is_form(rest))
}

/// Whether words stand where the reader's host and port belong: `USER:PASSWORD@HOST:PORT/DATABASE`.
fn is_form(rest: &[u8]) -> bool {
    let authority = rest.split(|byte| matches!(byte, b'/' | b'?')).next().unwrap_or_default();
    let hosts = authority.rsplit(|&byte| byte == b'@').next().unwrap_or_default();
    let (host, port) = hosts.split_at(memchr::memrchr(b':', hosts).unwrap_or(hosts.len()));
    let word = |text: &[u8], letter: fn(&u8) -> bool| text.len() > 1 && text.iter().all(letter);
    word(host, |byte| byte.is_ascii_uppercase() || *byte == b'_')
        || port.len() >= 4 && port[port.len() - 4..].eq_ignore_ascii_case(b"port")
}

/// Whether a text is a connection string: a URI, or `keyword=value` pairs.
pub(super) fn is_conninfo(text: &[u8]) -> bool {
    let sign = memchr::memchr(b'=', text);
    let keyword = |sign: usize| std::str::from_utf8(text[..sign].trim_ascii()).ok().and_then(Keyword::find).is_some();
    is_uri(text) || sign.is_some_and(keyword)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_and_strings() {
        assert_eq!(keyword(b"PGPASSWORD"), Some("password"));
        assert_eq!(keyword(b"PGSSLMODE"), Some("sslmode"));
        assert_eq!(keyword(b"PGDATA"), None);
        assert_eq!(keyword(b"PATH"), None);
        assert!(is_uri(b"postgres://u:p@h/d") && !is_uri(b"postgres://") && !is_uri(b"http://postgres://x"));
        assert!(!is_uri(b"postgres://USER:PASSWORD@HOST:5432/DB") && !is_uri(b"postgres://user:password@host:port/db"));
        assert!(is_uri(b"postgres://u@/d") && is_uri(b"postgres://A@h:5432/D") && is_uri(b"postgres://u:port@h/d"));
        assert!(is_conninfo(b"host=a sslmode=disable") && is_conninfo(b"sslmode = disable") && !is_conninfo(b"app"));
    }
}
