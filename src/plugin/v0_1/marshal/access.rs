//! pg_hba.conf and pg_ident.conf.

use std::net::IpAddr;

use crate::model::access::Access;
use crate::model::hba::{Address, AddressKind, DbKind, HbaRow, UserKind};
use crate::model::ident::{DatabaseUserKind, IdentRow, SystemUser};
use crate::model::{Hba, Ident};
use crate::plugin::places::{Owner, Thing};
use crate::secret::MASK;
use crate::source::Span;

use super::{Writer, majors, number, owner, wit};

impl Writer<'_> {
    pub(super) fn hba(&mut self, hba: &Hba) -> wit::Hba {
        let rows = hba.rows.iter().map(|row| self.hba_row(row)).collect();
        wit::Hba { file: number(hba.file), rows, complete: is_complete(hba) }
    }

    fn hba_row(&mut self, row: &HbaRow) -> wit::HbaRow {
        let owner = owner(Thing::HbaRow(row.span), row.majors);
        let databases = row.databases.iter().map(|item| {
            let (kind, name) = match &item.kind {
                DbKind::All => ("all", ""),
                DbKind::SameUser => ("sameuser", ""),
                DbKind::SameRole => ("samerole", ""),
                DbKind::Replication => ("replication", ""),
                DbKind::Regex(pattern) => ("regex", pattern.as_str()),
                DbKind::Name(name) => ("name", name.as_str()),
            };
            self.hba_name(kind, name, item.span, owner)
        });
        let databases = databases.collect();
        let users = row.users.iter().map(|item| {
            let (kind, name) = match &item.kind {
                UserKind::All => ("all", ""),
                UserKind::Member(role) => ("member", role.as_str()),
                UserKind::Regex(pattern) => ("regex", pattern.as_str()),
                UserKind::Name(name) => ("name", name.as_str()),
            };
            self.hba_name(kind, name, item.span, owner)
        });
        let users = users.collect();
        let options = row.options.iter().map(|option| wit::HbaOption {
            name: option.info.name.to_owned(),
            value: if option.info.secret { MASK.to_owned() } else { self.text(&option.value, option.value_span) },
            secret: option.info.secret,
            place: self.places.add(option.span, owner),
        });
        let options = options.collect();
        wit::HbaRow {
            majors: majors(row.majors),
            connection: row.conn_type.name().to_owned(),
            databases,
            users,
            address: row.address.as_ref().map(|address| self.address(address, owner)),
            method: row.method.name().to_owned(),
            options,
            place: self.places.add(row.span, owner),
            connection_place: self.places.add(row.conn_type_span, owner),
            method_place: self.places.add(row.method_span, owner),
        }
    }

    fn hba_name(&mut self, kind: &str, name: &str, span: Span, owner: Owner) -> wit::HbaName {
        wit::HbaName { kind: kind.to_owned(), name: self.word(name, span), place: self.places.add(span, owner) }
    }

    fn address(&mut self, address: &Address, owner: Owner) -> wit::HbaAddress {
        let (kind, text, octets, mask, prefix) = match &address.kind {
            AddressKind::All => ("all", "all".to_owned(), Vec::new(), Vec::new(), None),
            AddressKind::SameHost => ("samehost", "samehost".to_owned(), Vec::new(), Vec::new(), None),
            AddressKind::SameNet => ("samenet", "samenet".to_owned(), Vec::new(), Vec::new(), None),
            AddressKind::HostName(name) => ("host-name", self.word(name, address.span), Vec::new(), Vec::new(), None),
            AddressKind::Net { ip, mask, prefix, .. } => {
                let text = prefix.map_or_else(|| format!("{ip}/{mask}"), |prefix| format!("{ip}/{prefix}"));
                ("network", text, octets(*ip), octets(*mask), *prefix)
            }
        };
        let place = self.places.add(address.span, owner);
        wit::HbaAddress { kind: kind.to_owned(), text, octets, mask, prefix, place }
    }

    pub(super) fn ident(&mut self, ident: &Ident) -> wit::Ident {
        let rows = ident.rows.iter().map(|row| self.ident_row(row)).collect();
        wit::Ident { file: number(ident.file), rows, complete: is_complete(ident) }
    }

    fn ident_row(&mut self, row: &IdentRow) -> wit::IdentRow {
        let owner = owner(Thing::IdentRow(row.span), row.majors);
        let (system_kind, system) = match &row.system_user {
            SystemUser::Name(name) => ("name", name),
            SystemUser::Regex { pattern, .. } => ("regex", pattern),
        };
        let database_kind = match row.database_user.kind {
            DatabaseUserKind::Name => "name",
            DatabaseUserKind::All => "all",
            DatabaseUserKind::Member(_) => "member",
            DatabaseUserKind::Regex(_) => "regex",
        };
        wit::IdentRow {
            majors: majors(row.majors),
            map_name: self.word(&row.map, row.map_span),
            system_user_kind: system_kind.to_owned(),
            system_user: self.word(system, row.system_user_span),
            database_user_kind: database_kind.to_owned(),
            database_user: self.word(&row.database_user.text, row.database_user_span),
            place: self.places.add(row.span, owner),
            map_name_place: self.places.add(row.map_span, owner),
            system_user_place: self.places.add(row.system_user_span, owner),
            database_user_place: self.places.add(row.database_user_span, owner),
        }
    }
}

/// Whether nothing of the file is unknown: what is refused or cannot be followed may have been meant as anything.
fn is_complete<Row>(access: &Access<Row>) -> bool {
    access.complete && access.refusals.is_empty() && access.includes.is_empty()
}

fn octets(ip: IpAddr) -> Vec<u8> {
    match ip {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    }
}
