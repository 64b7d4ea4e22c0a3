//! Connection strings and recovery settings in the files of tools: repmgr.conf, barman.conf, pgbackrest.conf and
//! pg_autoctl.cfg.
//!
//! repmgr reads the grammar of postgresql.conf, the others read files of sections and keys (their documentation:
//! repmgr "Configuration file", Barman "Configuration", pgBackRest "Configuration Reference", pg_auto_failover
//! "Configuring pg_auto_failover").

use super::{Draft, Found, Writer};
use crate::discover::{Host, Kind};
use crate::source::Span;
use crate::syntax::literal::Literal;
use crate::syntax::postgresql_conf::{self, EntryKind};

pub(super) fn extract(host: Host, text: &Literal, found: &mut Found<'_>) {
    if host == Host::Repmgr {
        return repmgr(text, found);
    }
    let mut section = String::new();
    let mut at = 0;
    for line in text.text().split_inclusive(|&byte| byte == b'\n') {
        let start = at;
        at += line.len();
        let trimmed = line.trim_ascii();
        if let Some(name) = trimmed.strip_prefix(b"[").and_then(|rest| rest.strip_suffix(b"]")) {
            section = String::from_utf8_lossy(name.trim_ascii()).into_owned();
            continue;
        }
        if matches!(trimmed.first(), None | Some(b'#' | b';')) {
            continue;
        }
        let Some(equals) = memchr::memchr(b'=', line) else { continue };
        let key = line[..equals].trim_ascii();
        let value = &line[equals + 1..];
        let from = start + equals + 1 + (value.len() - value.trim_ascii_start().len());
        let range = from..from + value.trim_ascii().len();
        found.within(&section, |found| entry(host, key, text, range, found));
    }
}

fn entry(host: Host, key: &[u8], text: &Literal, range: std::ops::Range<usize>, found: &mut Found<'_>) {
    match (host, key) {
        (Host::Barman, b"conninfo" | b"streaming_conninfo" | b"wal_conninfo" | b"wal_streaming_conninfo")
        | (Host::PgAutoFailover, b"monitor") => found.add(Kind::Conninfo, Draft::of(text, range)),
        // `recovery-option=restore_command=cp ...`: the setting's name and value, which may be left to pgBackRest.
        (Host::Pgbackrest, b"recovery-option") => {
            let option = text.text().get(range.clone()).unwrap_or_default();
            let Some(equals) = memchr::memchr(b'=', option) else { return };
            let name = Draft::of(text, range.start..range.start + equals);
            let mut line = Writer::new(&name);
            line.setting(&name, &Draft::of(text, range.start + equals + 1..range.end));
            found.add(Kind::AutoConf, line.build());
        }
        _ => {}
    }
}

/// repmgr copies `conninfo` into `primary_conninfo` of the standbys that follow this node.
fn repmgr(text: &Literal, found: &mut Found<'_>) {
    let tree = postgresql_conf::parse(text.file(), text.text());
    for entry in tree.entries {
        let EntryKind::Setting { name, value } = entry.kind else { continue };
        if text.text().get(name.range()).is_some_and(|name| name.eq_ignore_ascii_case(b"conninfo")) {
            let decoded = value.literal(text.text());
            let mut draft = Draft::new(text, value.span.range().start);
            // The decoded value knows its places in this text, not yet those in the host.
            for (bytes, Span { start, end, .. }) in decoded.parts() {
                draft.decoded(bytes, start as usize..end as usize);
            }
            found.add(Kind::Conninfo, draft.build());
        }
    }
}
