//! What a site's policy or a benchmark says of rows of pg_hba.conf one by one: which methods they may ask for, which
//! databases, users and addresses they may name. Rows that reject are none of its business, nor is the rows' order.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::catalog::hba::{ConnType, Method};
use crate::finding::{Finding, Label};
use crate::model::Node;
use crate::model::hba::{AddressKind, DbKind, HbaRow, UserKind};
use crate::reach::matching::within;
use crate::rule::{Context, RuleId, Sink, id};
use crate::source::Span;

use super::access::by_version;
use super::hba_rows::subject;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in &cx.cluster.nodes {
        for row in node.hba.iter().flat_map(|hba| &hba.rows).filter(|row| row.method != Method::Reject) {
            let at = Row { cx, node, row };
            at.methods(out);
            at.names(out);
            at.standbys(out);
        }
    }
}

struct Row<'r> {
    cx: &'r Context<'r>,
    node: &'r Node,
    row: &'r HbaRow,
}

impl Row<'_> {
    fn finding(&self, rule: RuleId, span: Span, label: &str, message: String) -> Finding {
        let finding = Finding::new(rule, subject(self.cx, self.row), self.row.majors, Label::new(span, label), message);
        by_version(self.node, finding)
    }

    fn methods(&self, out: &mut Sink<'_>) {
        let (kind, method, span) = (self.row.conn_type, self.row.method.name(), self.row.method_span);
        let rule = match kind {
            ConnType::Local => id::HBA_LOCAL_METHODS,
            _ => id::HBA_HOST_METHODS,
        };
        let allowed = out.list(rule, "allowed");
        if !allowed.contains(&method) {
            let message = format!("the method of a `{}` line is `{method}`, which is not an approved one", kind.name());
            let help = format!("use one of {}", allowed.join(", "));
            out.push(self.finding(rule, span, "not approved", message).help(help));
        }
    }

    fn names(&self, out: &mut Sink<'_>) {
        let database = self.row.databases.iter().find(|item| item.kind == DbKind::All);
        let user = self.row.users.iter().find(|item| item.kind == UserKind::All);
        if self.row.conn_type == ConnType::Local {
            let open = out.list(id::HBA_LOCAL_ALL_ALL, "methods").contains(&self.row.method.name());
            if let (Some(_), Some(user), true) = (database, user, open) {
                let method = self.row.method.name();
                let message = format!("a `local` line lets any user in to any database with `{method}`");
                let found = self.finding(id::HBA_LOCAL_ALL_ALL, user.span, "any user, any database", message);
                out.push(found.help("name the databases and the users"));
            }
        }
        let looked = |out: &Sink<'_>, rule| out.list(rule, "types").contains(&self.row.conn_type.name());
        if let Some(all) = database.filter(|_| looked(out, id::HBA_DATABASE_ALL)) {
            let message = format!("a `{}` line gives access to every database", self.row.conn_type.name());
            let found = self.finding(id::HBA_DATABASE_ALL, all.span, "every database", message);
            out.push(found.help("name the databases"));
        }
        if let Some(all) = user.filter(|_| looked(out, id::HBA_USER_ALL)) {
            let message = format!("a `{}` line lets every user in", self.row.conn_type.name());
            out.push(self.finding(id::HBA_USER_ALL, all.span, "every user", message).help("name the users"));
        }
    }

    fn standbys(&self, out: &mut Sink<'_>) {
        let Some(address) = self.row.address.as_ref().filter(|_| self.row.is_replication()) else { return };
        let standbys = out.list(id::HBA_REPLICATION_ADDRESSES, "allowed");
        let known = standbys.iter().filter_map(|net| net.parse::<IpNet>().ok());
        let is_in = |ip: IpAddr, mask: IpAddr| known.clone().any(|net| is_part(ip, mask, net));
        let good = match &address.kind {
            AddressKind::Net { ip, mask, .. } => is_in(*ip, *mask),
            AddressKind::SameHost => true,
            AddressKind::All | AddressKind::SameNet | AddressKind::HostName(_) => false,
        };
        if !good {
            let message = format!(
                "replication is open to `{}`, which is not among the networks of standbys",
                self.cx.show(address.span)
            );
            let found = self.finding(id::HBA_REPLICATION_ADDRESSES, address.span, "not a standby's network", message);
            out.push(found.help(format!("name the addresses of the standbys, within {}", standbys.join(", "))));
        }
    }
}

/// Whether all addresses of a row are in a network: none of the bits that count there are hidden by the row's mask.
fn is_part(ip: IpAddr, mask: IpAddr, net: IpNet) -> bool {
    let counts = within(net.netmask(), net.netmask(), mask, mask) == Ok(true);
    counts && within(net.addr(), net.netmask(), ip, ip) == Ok(true)
}
