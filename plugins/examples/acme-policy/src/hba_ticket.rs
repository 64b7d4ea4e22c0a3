//! `acme/hba-ticket`: a row of pg_hba.conf that lets connections in from elsewhere has a comment that names a ticket.
//!
//! Comments are not in the model. They stand in the file's text, beside the place of the row.

use pgassay_plugin::prelude::*;
use pgassay_plugin::text::Part;
use pgassay_plugin::types::HbaRow;

use crate::options::{Options, Pattern};

pub(crate) const RULE: Rule<Options> =
    Rule::new("hba-ticket", "access from elsewhere without a ticket", include_str!("../rules/hba-ticket.md"), check)
        .reads(&["access"])
        .tags(&["security", "access"])
        .security_severity("3.0")
        .references(&[Reference::Docs("auth-pg-hba-conf.html")]);

fn check(input: &Input<'_, Options>, findings: &mut Findings) {
    let Some(pattern) = &input.options.ticket_pattern else { return };
    let rows = input.model.nodes.iter().filter_map(|node| node.hba.as_ref()).flat_map(|hba| &hba.rows);
    for row in rows {
        if let Some(address) = from_elsewhere(row) {
            // A row whose line cannot be seen is not held to have no comment.
            let Some(line) = text::line_after(row.place) else { continue };
            let comment = line.from_mark("#");
            if !has_ticket(comment.as_ref(), pattern) {
                findings.push(without_ticket(row, address, comment.as_ref(), pattern));
            }
        }
    }
}

/// The address of a row that lets in who connects from another machine.
fn from_elsewhere(row: &HbaRow) -> Option<&str> {
    let address = row.address.as_ref().filter(|_| !row.rejects())?;
    let loopback = ["127.0.0.0/8", "::1/128"];
    let own = address.kind == "samehost"
        || loopback.iter().any(|network| network.parse().is_ok_and(|network: Network| network.contains(address)));
    (!own).then_some(&address.text)
}

fn has_ticket(comment: Option<&Part>, pattern: &Pattern) -> bool {
    comment.is_some_and(|comment| pattern.is_in(&comment.text))
}

fn without_ticket(row: &HbaRow, address: &str, comment: Option<&Part>, pattern: &Pattern) -> Finding {
    let found = Finding::at(row.place, format!("connections from `{address}` are let in without a ticket"))
        .label("no ticket behind it")
        .help(format!("end the line with a comment that names the ticket, which matches `{}`", pattern.text));
    match comment.and_then(Part::place) {
        Some(place) => found.related(place, "this comment names none"),
        None => found,
    }
}

#[cfg(test)]
mod tests {
    use pgassay_plugin::types::HbaAddress;

    use super::*;
    use crate::plugin;

    fn address(kind: &str, octets: &[u8], prefix: u8) -> Option<HbaAddress> {
        let (kind, prefix) = (kind.into(), (!octets.is_empty()).then_some(prefix));
        Some(HbaAddress { kind, octets: octets.into(), prefix, ..HbaAddress::default() })
    }

    #[test]
    fn elsewhere_is_another_machine() {
        let is = |method: &str, address| {
            from_elsewhere(&HbaRow { method: method.into(), address, ..HbaRow::default() }).is_some()
        };
        let mut one = [0; 16];
        one[15] = 1;
        assert!(is("md5", address("network", &[10, 0, 0, 0], 8)) && is("trust", address("network", &one, 0)));
        assert!(is("md5", address("all", &[], 0)) && is("md5", address("host-name", &[], 0)));
        assert!(is("md5", address("network", &[127, 0, 0, 0], 7)) && is("md5", address("samenet", &[], 0)));
        assert!(!is("md5", address("network", &[127, 0, 0, 1], 32)) && !is("md5", address("network", &one, 128)));
        assert!(!is("md5", address("samehost", &[], 0)) && !is("md5", None));
        assert!(!is("reject", address("all", &[], 0)));
    }

    #[test]
    fn a_ticket_stands_anywhere_in_a_comment() {
        let pattern = plugin().read_options(r#"{"ticket-pattern": "OPS-[0-9]+"}"#).unwrap().ticket_pattern.unwrap();
        let has = |text: &str| has_ticket(Some(&Part { file: 0, start: 9, text: text.into() }), &pattern);
        assert!(has("# OPS-1") && has("#for the report (OPS-4711), until May"));
        assert!(!has("# OPS-x") && !has_ticket(None, &pattern));
    }
}
