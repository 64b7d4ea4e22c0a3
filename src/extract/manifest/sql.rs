//! What statements and connection strings are made of in manifests.

use crate::catalog::conninfo::Keyword;
use crate::extract::tree::{Node, Scalar};
use crate::extract::{Draft, Writer};
use crate::syntax::literal::Literal;

/// Adds ` WITH (name = 'value', ...)` to a statement, if the map has any.
pub(super) fn options(statement: &mut Writer, map: Option<&Node>) {
    let mut opened = false;
    for (name, value) in map.into_iter().flat_map(Node::entries) {
        let Some(value) = value.as_scalar() else { continue };
        statement.words(if opened { ", " } else { " WITH (" });
        opened = true;
        statement.text(&name.text);
        statement.words(" = ");
        statement.string(&value.text);
    }
    if opened {
        statement.words(")");
    }
}

/// The connection string of a map whose keys are keywords of libpq.
pub(super) fn conninfo(map: &Node) -> Option<Literal> {
    pairs(map.entries().filter_map(|(name, value)| Some((name.text.clone(), value.as_scalar()?))))
}

/// The connection string of keywords and values.
pub(super) fn pairs<'a>(pairs: impl Iterator<Item = (Literal, &'a Scalar)>) -> Option<Literal> {
    let mut writer: Option<Writer> = None;
    for (keyword, value) in pairs {
        writer.get_or_insert_with(|| Writer::new(&keyword)).pair(&keyword, &value.text);
    }
    writer.map(Writer::build)
}

/// The keyword of libpq that a key stands for, which tools may call `username` or `database`.
pub(super) fn keyword(key: &Scalar) -> Option<Literal> {
    let name = match key.known()? {
        "username" => "user",
        "database" => "dbname",
        name => Keyword::find(name)?.name,
    };
    let mut draft = Draft::new(&key.text, 0);
    draft.decoded(name.as_bytes(), 0..key.text.text().len());
    Some(draft.build())
}
