//! What is read in any document: values that are connection strings of libpq's, and texts that are named like files.
//!
//! Values are read where they stand, not where they are referred to.

use crate::catalog::conninfo::Keyword;
use crate::discover::{Host, Kind, by_name, other_program};
use crate::extract::content::kind_of;
use crate::extract::tree::{Node, Scalar};
use crate::extract::{Draft, Found, driver};
use crate::syntax::literal::Literal;

/// Keys of maps in charts that are for one of several servers.
const ROLES: &[&str] = &["primary", "readReplicas", "master", "slave", "standby", "replica"];

/// Reads all in a value.
pub(super) fn node(node: &Node, found: &mut Found<'_>) {
    beside(node, &|_| false, found);
}

/// The same, with hosts that are containers on the network of this one.
pub(super) fn beside(node: &Node, is_near: &dyn Fn(&[u8]) -> bool, found: &mut Found<'_>) {
    match node {
        Node::Scalar(scalar) => conninfo(scalar, is_near, found),
        Node::List(items) => {
            items.iter().filter(|item| !item.alias).for_each(|item| beside(&item.node, is_near, found));
        }
        Node::Map(entries) => {
            for (key, child) in entries.iter().filter(|(_, child)| !child.alias) {
                let role = key.known().filter(|key| child.node.is_map() && ROLES.contains(key));
                match child.node.as_scalar() {
                    Some(scalar) if scalar.has_lines() => lines(key, scalar, is_near, found),
                    _ => found.within(role.unwrap_or_default(), |found| beside(&child.node, is_near, found)),
                }
            }
        }
    }
}

/// A text of several lines, which the key may tell the kind of.
fn lines(key: &Scalar, scalar: &Scalar, is_near: &dyn Fn(&[u8]) -> bool, found: &mut Found<'_>) {
    let Some(key) = key.known() else { return };
    let name = key.rsplit('/').next().unwrap_or(key);
    let text = scalar.text.clone();
    match by_name(name) {
        Some(Kind::Host(host)) => found.read(host, &text),
        Some(Kind::Sql) => found.sql(text, None),
        Some(kind) => named(kind, name, text, found),
        // Charts have keys of their own for these: what the text is, is told by both.
        None => match kind_of(text.text()) {
            Some(Kind::PgHba) if contains(key, "hba") => found.add(Kind::PgHba, text),
            Some(Kind::PostgresqlConf) if contains(key, "conf") || contains(key, "postgres") => {
                found.add(Kind::PostgresqlConf, text);
            }
            _ => conninfo(scalar, is_near, found),
        },
    }
}

/// A file of a server, written in a manifest under its name.
pub(super) fn named(kind: Kind, name: &str, text: Literal, found: &mut Found<'_>) {
    let markers = [Kind::PgVersion, Kind::NameList, Kind::StandbySignal, Kind::RecoverySignal];
    if !markers.contains(&kind) && other_program(kind, text.text()).is_none() {
        found.file(kind, name, text);
    }
}

fn contains(key: &str, word: &str) -> bool {
    key.to_ascii_lowercase().contains(word)
}

/// A value that is a connection string of libpq's, alone or after the name of a variable.
fn conninfo(scalar: &Scalar, is_near: &dyn Fn(&[u8]) -> bool, found: &mut Found<'_>) {
    const SCHEMES: [&[u8]; 2] = [b"postgres://", b"postgresql://"];
    let text = scalar.text.text();
    let name = text.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    let start = if name > 0 && text.get(name) == Some(&b'=') { name + 1 } else { 0 };
    let end = text.trim_ascii_end().len();
    if [0, start].into_iter().any(|start| pairs(&scalar.text, start, is_near, found).is_some()) {
        return;
    }
    let Some(uri) = text.get(start..end) else { return };
    let is_uri = SCHEMES.iter().any(|scheme| uri.starts_with(scheme));
    if is_uri && !uri.iter().any(u8::is_ascii_whitespace) && !is_form(uri) {
        let authority = uri.iter().position(|&byte| byte == b'/').map_or(uri.len(), |slash| (slash + 2).min(uri.len()));
        let length = uri[authority..].iter().take_while(|byte| !matches!(byte, b'/' | b'?')).count();
        let hosts = &uri[authority..authority + length];
        let host = memchr::memrchr(b'@', hosts).map_or(0, |at| at + 1);
        let name = hosts[host..].iter().take_while(|&&byte| byte != b':').count();
        // `host`, `host:port` and `HOST:PORT` only show how one looks.
        let port = hosts[host + name..].strip_prefix(b":").unwrap_or_default();
        let is_word = !port.is_empty() && port.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
        if is_word || matches!(&hosts[host..host + name], b"host" | b"hostname") {
            return;
        }
        let host = start + authority + host..start + authority + host + name;
        // What goes to a container beside this one does not leave the machine's own network.
        let mut draft = Draft::new(&scalar.text, start);
        draft.copy(start..host.start);
        let capital = |byte: &u8| byte.is_ascii_uppercase() || *byte == b'_';
        let placeholder = !host.is_empty() && text[host.clone()].iter().all(capital);
        if placeholder || is_near(&text[host.clone()]) {
            draft.hole(host.clone());
        } else {
            draft.copy(host.clone());
        }
        draft.copy(host.end..end);
        found.add(Kind::Conninfo, driver::uri(&references(&draft.build())));
    }
}

/// A value that is a connection string of keywords from there on: a host, and what only libpq calls so. Values in quotes
/// are not read.
fn pairs(text: &Literal, start: usize, is_near: &dyn Fn(&[u8]) -> bool, found: &mut Found<'_>) -> Option<()> {
    const LONGEST: usize = 4096;
    let bytes = text.text().get(start..).filter(|bytes| bytes.len() <= LONGEST)?;
    let (mut has_host, mut is_ours) = (false, false);
    let mut draft = Draft::new(text, start);
    let mut at = start;
    for word in bytes.split(u8::is_ascii_whitespace) {
        let from = at;
        at += word.len() + 1;
        if word.is_empty() {
            continue;
        }
        let equals = memchr::memchr(b'=', word)?;
        let value = &word[equals + 1..];
        let keyword = Keyword::find(std::str::from_utf8(&word[..equals]).ok()?)?.name;
        if value.is_empty() || value.contains(&b'\'') || value.contains(&b'\\') || is_form(value) {
            return None;
        }
        has_host |= matches!(keyword, "host" | "hostaddr");
        is_ours |= matches!(keyword, "dbname" | "sslmode");
        if !draft.is_empty() {
            draft.glue(b" ", from);
        }
        draft.copy(from..from + equals + 1);
        if keyword == "host" && is_near(value) {
            draft.hole(from + equals + 1..from + word.len());
        } else {
            draft.copy(from + equals + 1..from + word.len());
        }
    }
    (has_host && is_ours).then(|| found.add(Kind::Conninfo, references(&draft.build())))
}

/// Whether a URI only shows how one looks: `postgres://{user}:%s@<host>`.
fn is_form(uri: &[u8]) -> bool {
    let verb = |at: usize| matches!(uri.get(at + 1), Some(b's' | b'd' | b'v' | b'('));
    let brace = |at: usize| at.checked_sub(1).is_none_or(|before| uri[before] != b'$');
    uri.contains(&b'<') || memchr::memchr_iter(b'%', uri).any(verb) || memchr::memchr_iter(b'{', uri).any(brace)
}

/// The text with what is put in at run time as holes: `$(NAME)` of Kubernetes, `${NAME}` and `$NAME` of most tools.
pub(super) fn references(text: &Literal) -> Literal {
    const LONGEST_NAME: usize = 512;
    let bytes = text.text();
    if !bytes.contains(&b'$') {
        return text.clone();
    }
    let mut draft = Draft::new(text, 0);
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let near = &rest[..rest.len().min(LONGEST_NAME)];
        let length = match rest {
            [b'$', b'(', ..] => memchr::memchr(b')', near).map(|end| end + 1),
            [b'$', b'{', ..] => memchr::memchr(b'}', near).map(|end| end + 1),
            [b'$', next, ..] if next.is_ascii_uppercase() => {
                let part = |byte: &&u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || **byte == b'_';
                Some(1 + rest[1..].iter().take_while(part).count())
            }
            _ => None,
        };
        match length {
            Some(length) if length > 2 => {
                draft.hole(at..at + length);
                at += length;
            }
            _ => {
                let next = memchr::memchr(b'$', &rest[1..]).map_or(rest.len(), |next| next + 1);
                draft.copy(at..at + next);
                at += next;
            }
        }
    }
    draft.build()
}

/// Reads a text that a shell runs.
pub(super) fn shell(scalar: &Scalar, found: &mut Found<'_>) {
    found.read(Host::Shell, &scalar.text);
}
