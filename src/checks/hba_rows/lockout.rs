//! Files by which nobody gets in, or nobody on the machine itself.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::super::access::by_version;
use super::families::Rows;
use super::view::subject;
use crate::catalog::Majors;
use crate::catalog::hba::Method;
use crate::finding::{Finding, Label};
use crate::model::hba::{AddressKind, HbaRow};
use crate::reach::matching::bits;
use crate::rule::{Sink, id};

impl Rows<'_> {
    /// Files with lines that let people in, none of which a connection can reach. Who writes nothing but `reject` means
    /// it.
    pub(super) fn lockout(&self, out: &mut Sink<'_>) {
        if !self.hba.complete {
            return;
        }
        let accepting = self.hba.rows.iter().enumerate().filter(|(_, row)| row.method != Method::Reject);
        let (mut some, mut alive, mut first) = (Majors::NONE, Majors::NONE, None);
        for (index, row) in accepting {
            first = first.or(Some(row));
            some = some | row.majors;
            alive = alive | (row.majors - self.cover.dead(index));
        }
        let refused = self.hba.refusals.iter().fold(Majors::NONE, |majors, refusal| majors | refusal.majors);
        let Some((first, nobody)) = first.map(|row| (row, (some - alive) - refused)).filter(|(_, of)| !of.is_empty())
        else {
            return;
        };
        let message = "nobody can log in, as lines above reject whatever this line and the others let in".to_owned();
        let finding = Finding::new(
            id::HBA_LOCKOUT,
            subject(self.cx, first),
            nobody,
            Label::new(first.span, "never applies, nor does any other"),
            message,
        );
        out.push(by_version(self.node, finding).help("move the `reject` lines to the end"));
    }

    /// Files by which only other machines get in. A file that is shown in part says nothing of the rest.
    pub(super) fn no_local(&self, out: &mut Sink<'_>) {
        if !self.hba.complete || self.cx.sources.file(self.hba.file).is_fragment() {
            return;
        }
        let home = |row: &HbaRow| match row.address.as_ref().map(|address| &address.kind) {
            Some(AddressKind::Net { ip, mask, .. }) => {
                let own = if ip.is_ipv4() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { IpAddr::V6(Ipv6Addr::LOCALHOST) };
                // Of 127.0.0.0/8 any address may be connected from.
                bits(own) & bits(*mask) == bits(*ip) & bits(*mask) || ip.is_loopback()
            }
            // A name may be that of the machine.
            _ => true,
        };
        let at_home = self.accepting().filter(|(_, row, _)| home(row));
        let covered = at_home.fold(Majors::NONE, |majors, (.., live)| majors | live);
        let some = self.accepting().fold(Majors::NONE, |majors, (.., live)| majors | live);
        let refused = self.hba.refusals.iter().fold(Majors::NONE, |majors, refusal| majors | refusal.majors);
        let Some((_, first, _)) = self.accepting().next() else { return };
        let alone = (some - covered) - refused;
        if alone.is_empty() {
            return;
        }
        let message =
            "nobody can log in on the server's own machine: no line lets in through a socket or its own address";
        let label = Label::new(first.span, "lets other machines in, as all lines that let anyone in do");
        let finding = Finding::new(id::HBA_NO_LOCAL_LOGIN, subject(self.cx, first), alone, label, message);
        out.push(by_version(self.node, finding).help("add `local all postgres peer` as the first line"));
    }
}
