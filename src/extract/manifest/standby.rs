//! Standbys that a manifest makes of a server: what the tool writes so that the server follows another.

use super::settings::Lines;
use crate::discover::Kind;
use crate::extract::tree::Scalar;
use crate::extract::{Found, Writer};
use crate::syntax::literal::Literal;

/// The first major without recovery.conf.
const WITH_SIGNALS: u8 = 12;

/// Takes over what a standby cluster of Patroni follows: its leader connects there, with what else is known at run time.
pub(super) fn of_patroni(host: Option<&Scalar>, port: Option<&Scalar>, slot: Option<&Scalar>, found: &mut Found<'_>) {
    let Some(first) = host.or(port) else { return };
    let mut writer = Writer::new(&first.text);
    for (keyword, value) in [("host", host), ("port", port)] {
        if let Some(value) = value {
            writer.keyword(keyword, &value.text);
        }
    }
    writer.words(" ");
    writer.gap();
    follow(&writer.build(), slot, first, found);
}

/// Makes a standby of the server, `by` what says so. Before 12, recovery.conf does.
pub(super) fn follow(conninfo: &Literal, slot: Option<&Scalar>, by: &Scalar, found: &mut Found<'_>) {
    let mut lines = Lines::default();
    lines.made("primary_conninfo", conninfo);
    if let Some(slot) = slot {
        lines.made("primary_slot_name", &slot.text);
    }
    if found.major().is_some_and(|major| major < WITH_SIGNALS) {
        lines.meant("standby_mode", "on", &by.text);
        return lines.add(Kind::RecoveryConf, found);
    }
    lines.add(Kind::PostgresqlConf, found);
    found.add(Kind::StandbySignal, by.text.clone());
}
