//! Connection strings.

use crate::model::{ConninfoUse, Origin};
use crate::plugin::places::{Owner, Thing};
use crate::secret::MASK;
use crate::syntax::conninfo::{Form, Param};

use super::{Writer, majors, owner, wit};

impl Writer<'_> {
    pub(super) fn conninfos(&mut self) -> Vec<wit::Conninfo> {
        (0..).zip(&self.cluster.conninfos).map(|(index, of)| self.conninfo(index, of)).collect()
    }

    fn conninfo(&mut self, index: u32, of: &ConninfoUse) -> wit::Conninfo {
        let (origin, name, node) = match &of.origin {
            Origin::Primary { node } => ("primary_conninfo", "", Some(*node as u32)),
            Origin::Service { name } => ("service", name.as_str(), None),
            Origin::PgBouncer { database } => ("pgbouncer", database.as_str(), None),
            Origin::Subscription { name } => ("subscription", name.as_str(), None),
            Origin::Client => ("client", "", None),
        };
        let owner = owner(Thing::Conninfo(index), of.majors);
        let form = match of.conninfo.form {
            Form::Keyword => "keyword",
            Form::Uri => "uri",
            Form::PgBouncer => "pgbouncer",
        };
        wit::Conninfo {
            origin: origin.to_owned(),
            name: super::with_holes(name),
            node,
            majors: majors(of.majors),
            form: form.to_owned(),
            params: of.conninfo.params.iter().map(|param| self.param(param, owner)).collect(),
            open: of.conninfo.open,
            overridden: of.overridden,
            place: self.places.add(of.conninfo.span, owner),
            entry_place: self.places.add(of.span, owner),
        }
    }

    fn param(&mut self, param: &Param, owner: Owner) -> wit::ConninfoParam {
        let value = &param.value;
        let text =
            if value.secret { MASK.to_owned() } else { self.text(&String::from_utf8_lossy(value.bytes()), value.span) };
        wit::ConninfoParam {
            keyword: param.keyword.name.clone(),
            value: text,
            dynamic: value.dynamic,
            secret: value.secret,
            overridden: !param.winner,
            place: self.places.add(param.span, owner),
            value_place: self.places.add(value.span, owner),
        }
    }
}
