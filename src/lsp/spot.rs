//! What stands under the cursor, as the model knows it.

use crate::catalog;
use crate::discover::Kind;
use crate::load::Target;
use crate::lsp::place::Places;
use crate::model::hba::{Address, DbItem, HbaOption, HbaRow, UserItem};
use crate::model::ident::IdentRow;
use crate::model::sql::{OptionItem, Statement, SubscriptionAction, What};
use crate::model::{Definition, Node};
use crate::source::{FileId, Span};
use crate::syntax::conninfo::Param;
use crate::syntax::sql::Name;

/// A thing under the cursor.
#[derive(Debug)]
pub(super) enum Spot<'a> {
    /// A setting; its node and definition where it is defined here.
    Setting {
        name: String,
        node: Option<&'a Node>,
        definition: Option<&'a Definition>,
    },
    ConnType(&'a HbaRow),
    Database(&'a DbItem),
    User(&'a UserItem),
    Address(&'a Address),
    Method(&'a HbaRow),
    Option(&'a Node, &'a HbaOption),
    Ident(&'a IdentRow),
    /// A keyword of a connection string.
    Keyword(&'a Param),
    SubscriptionOption(&'a OptionItem),
    PublicationOption(&'a OptionItem),
    /// A publication that a subscription names.
    Publication(&'a Name),
    /// The name of a file that is included, or of a list.
    File(&'a Target),
}

/// What stands at a byte of a file, with its place there.
pub(super) fn at<'a>(places: &Places<'a>, file: FileId, offset: usize) -> Option<(Spot<'a>, Span)> {
    let snapshot = places.snapshot;
    let sources = &snapshot.input.sources;
    let cluster = &snapshot.input.cluster;
    let holds = |span: Span| {
        // Most places are in other files.
        let of_file = span.file == file || sources.file(span.file).is_fragment();
        let host = if of_file { sources.to_host(span) } else { span };
        (host.file == file && host.range().start <= offset && offset <= host.range().end).then_some(host)
    };
    let target = snapshot.targets.iter().find_map(|(span, target)| Some((Spot::File(target), holds(*span)?)));
    if target.is_some() {
        return target;
    }
    let params = cluster.conninfos.iter().filter(|of| holds(of.conninfo.span).is_some());
    let keyword =
        params.flat_map(|of| &of.conninfo.params).find_map(|param| Some((Spot::Keyword(param), holds(param.span)?)));
    if keyword.is_some() {
        return keyword;
    }
    for node in &cluster.nodes {
        let found = setting(node, &holds).or_else(|| access(node, &holds));
        if found.is_some() {
            return found;
        }
    }
    let statements = cluster.sql.iter().flat_map(|of| &of.sql.statements);
    let statement = statements.filter(|statement| holds(statement.span).is_some()).find_map(|found| sql(found, &holds));
    statement.or_else(|| written(places, file, offset))
}

type Holds<'h> = &'h dyn Fn(Span) -> Option<Span>;

fn setting<'a>(node: &'a Node, holds: Holds<'_>) -> Option<(Spot<'a>, Span)> {
    let of_recovery = node.recovery.definitions.iter();
    let definition =
        node.settings.definitions.iter().chain(of_recovery).find(|definition| holds(definition.span).is_some())?;
    let span = holds(definition.written).or_else(|| holds(definition.value.span)).or_else(|| holds(definition.span))?;
    Some((Spot::Setting { name: definition.name.clone(), node: Some(node), definition: Some(definition) }, span))
}

fn access<'a>(node: &'a Node, holds: Holds<'_>) -> Option<(Spot<'a>, Span)> {
    for row in node.hba.iter().flat_map(|hba| &hba.rows).filter(|row| holds(row.line).is_some()) {
        let kind = holds(row.conn_type_span).map(|span| (Spot::ConnType(row), span));
        let database = || row.databases.iter().find_map(|item| Some((Spot::Database(item), holds(item.span)?)));
        let user = || row.users.iter().find_map(|item| Some((Spot::User(item), holds(item.span)?)));
        let address = || row.address.as_ref().and_then(|address| Some((Spot::Address(address), holds(address.span)?)));
        let method = || holds(row.method_span).map(|span| (Spot::Method(row), span));
        let option = || row.options.iter().find_map(|option| Some((Spot::Option(node, option), holds(option.span)?)));
        let found = kind.or_else(database).or_else(user).or_else(address).or_else(method).or_else(option);
        if found.is_some() {
            return found;
        }
    }
    let rows = node.ident.iter().flat_map(|ident| &ident.rows);
    rows.into_iter().find_map(|row| {
        let fields = [row.map_span, row.system_user_span, row.database_user_span];
        Some((Spot::Ident(row), fields.into_iter().find_map(holds)?))
    })
}

fn sql<'a>(statement: &'a Statement, holds: Holds<'_>) -> Option<(Spot<'a>, Span)> {
    let setting = |name: &Option<String>, span: Span| {
        Some((Spot::Setting { name: name.clone()?, node: None, definition: None }, holds(span)?))
    };
    let of_subscription = |options: &'a [OptionItem]| {
        options.iter().find_map(|item| Some((Spot::SubscriptionOption(item), holds(item.span)?)))
    };
    let of_publication = |options: &'a [OptionItem]| {
        options.iter().find_map(|item| Some((Spot::PublicationOption(item), holds(item.span)?)))
    };
    let named = |names: &'a [Name]| names.iter().find_map(|name| Some((Spot::Publication(name), holds(name.span)?)));
    match &statement.what {
        What::AlterSystem(change) => setting(&change.name, change.span),
        What::AlterSetting(alter) => setting(&alter.setting.name, alter.setting.span),
        What::CreateSubscription(create) => of_subscription(&create.options).or_else(|| named(&create.publications)),
        What::AlterSubscription(alter) => of_subscription(&alter.options).or_else(|| match &alter.action {
            SubscriptionAction::SetPublication(names)
            | SubscriptionAction::AddPublication(names)
            | SubscriptionAction::DropPublication(names) => named(names),
            _ => None,
        }),
        What::CreatePublication(create) => of_publication(&create.options),
        _ => None,
    }
}

/// A setting that is only written: in a comment of a configuration file, or after SET and its like in SQL.
fn written<'a>(places: &Places<'a>, file: FileId, offset: usize) -> Option<(Spot<'a>, Span)> {
    let source = places.snapshot.input.sources.file(file);
    let word = word(source.bytes(), offset)?;
    let name = std::str::from_utf8(&source.bytes()[word.clone()]).ok()?;
    let before =
        String::from_utf8_lossy(&source.bytes()[places.lines(file).line(offset).start..word.start]).to_lowercase();
    let fits = match source.kind() {
        Kind::PostgresqlConf | Kind::AutoConf | Kind::RecoveryConf | Kind::RecoveryDone => {
            before.trim().trim_start_matches('#').trim().is_empty()
        }
        Kind::Sql => {
            let last = before.trim_end_matches(['(', '\'']).split_whitespace().next_back().unwrap_or_default();
            ["set", "local", "session", "reset", "show", "current_setting", "set_config"].contains(&last)
        }
        _ => false,
    };
    let known = catalog::setting(name).is_some() || catalog::settings::removed(name).is_some();
    let node = places.snapshot.input.cluster.nodes.iter().find(|node| node.settings.files.contains(&file));
    (fits && known).then(|| {
        let span = Span::new(file, word.start, word.end);
        (Spot::Setting { name: name.to_owned(), node, definition: None }, span)
    })
}

/// The name around a byte.
fn word(bytes: &[u8], offset: usize) -> Option<std::ops::Range<usize>> {
    let of_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    let before = bytes.get(..offset)?.iter().rev().take_while(|byte| of_name(byte)).count();
    let after = bytes[offset..].iter().take_while(|byte| of_name(byte)).count();
    (before + after > 0).then_some(offset - before..offset + after)
}
