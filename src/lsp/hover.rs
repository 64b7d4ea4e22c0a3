//! What is shown of the word under the cursor: what was found there, and what it means.

use lsp_types::{Hover, HoverContents, MarkupContent, MarkupKind};

use crate::catalog::conninfo::Keyword;
use crate::catalog::settings::removed;
use crate::catalog::sql_options::{PUBLICATION, SubscriptionOption};
use crate::catalog::{self, Majors};
use crate::lsp::describe;
use crate::lsp::place::Places;
use crate::lsp::spot::{self, Spot};
use crate::model::hba::{AddressKind, DbKind, REGEX_MAJORS, UserKind};
use crate::model::ident::{DATABASE_USER_MAJORS, DatabaseUserKind, SystemUser};
use crate::model::{Effective, Node};
use crate::report::{docs_url, summary};
use crate::source::{FileId, Span};

/// More findings are not explained at one place.
const MOST_RULES: usize = 3;

pub(super) fn hover(places: &Places<'_>, file: FileId, offset: usize) -> Option<Hover> {
    let found = spot::at(places, file, offset);
    let mut parts = Vec::new();
    if let Some(text) = found.as_ref().and_then(|(spot, _)| meaning(places, spot)) {
        parts.push(text);
    }
    parts.extend(rules(places, file, offset));
    if parts.is_empty() {
        return None;
    }
    let contents = MarkupContent { kind: MarkupKind::Markdown, value: parts.join("\n\n---\n\n") };
    Some(Hover { contents: HoverContents::Markup(contents), range: found.map(|(_, span)| places.range(span)) })
}

/// What the rules say that found something here.
fn rules(places: &Places<'_>, file: FileId, offset: usize) -> Vec<String> {
    let holds = |span: Span| span.file == file && span.range().start <= offset && offset <= span.range().end;
    let mut rules = Vec::new();
    for finding in places.snapshot.report.open().filter(|finding| holds(finding.primary.span)) {
        if !rules.contains(&finding.rule) && rules.len() < MOST_RULES {
            rules.push(finding.rule);
        }
    }
    let told = |rule: crate::rule::RuleId| {
        let meta = rule.meta();
        let page = meta.docs.first().map(|page| format!("\n\n<{}>", docs_url(page))).unwrap_or_default();
        format!("**{}**: {}\n\n{}{page}", meta.id, meta.title, summary(meta.page))
    };
    rules.into_iter().map(told).collect()
}

fn meaning(places: &Places<'_>, spot: &Spot<'_>) -> Option<String> {
    let judged = places.snapshot.report.target;
    Some(match spot {
        Spot::Setting { name, node, .. } => {
            let majors = node.map_or(judged, |node| node.targets.majors);
            let what = match (catalog::setting(name), removed(name)) {
                (Some(setting), _) => describe::setting(setting, majors),
                (None, Some(gone)) => describe::gone(gone),
                (None, None) => return None,
            };
            let here = node.map(|node| effective(places, node, name)).unwrap_or_default();
            format!("{what}{here}")
        }
        Spot::ConnType(row) => describe::conn_type(row.conn_type),
        Spot::Method(row) => {
            let written = describe::method(row.method_written);
            let means = (row.method != row.method_written).then(|| describe::method(row.method));
            means.map_or(written.clone(), |means| format!("{written}\n\nIn a `local` row it means\n\n{means}"))
        }
        Spot::Option(_, option) => describe::hba_option(option.info),
        Spot::Database(item) => database(&item.kind),
        Spot::User(item) => user(&item.kind),
        Spot::Address(address) => self::address(&address.kind),
        Spot::Ident(row) => ident(row),
        Spot::Keyword(param) => describe::keyword(Keyword::find(&param.keyword.name)?),
        Spot::SubscriptionOption(item) => describe::subscription_option(SubscriptionOption::find(&item.name.text)?),
        Spot::PublicationOption(item) => {
            describe::publication_option(PUBLICATION.iter().find(|option| option.name == item.name.text)?)
        }
        Spot::Publication(_) | Spot::File(_) => return None,
    })
}

/// The value that counts on a node, and where it comes from.
fn effective(places: &Places<'_>, node: &Node, name: &str) -> String {
    let Some(setting) = catalog::setting(name) else { return String::new() };
    let definitions = node.settings.definitions_of(setting.name).collect::<Vec<_>>();
    let written = |span: Span| places.redactor.show(span).text().replace('`', "'");
    let mut values: Vec<(String, Majors)> = Vec::new();
    for major in node.targets.majors.iter() {
        let value = match node.settings.effective(name, major) {
            Effective::Known(value, definition) => {
                let hidden = definition.filter(|definition| places.redactor.hides(definition.value.span));
                match (hidden, setting.on(major)) {
                    (Some(definition), _) => format!("`{}`", written(definition.value.span)),
                    (None, Some(def)) => {
                        format!("`{}`", places.text(&value.show(setting, def, major)).replace('`', "'"))
                    }
                    (None, None) => continue,
                }
            }
            Effective::Dynamic(_) => "what a template computes".to_owned(),
            Effective::Refused(definition, _) => format!("`{}`, which is refused", written(definition.value.span)),
            Effective::Unknown => "not known from the files".to_owned(),
            Effective::Absent => continue,
        };
        match values.iter_mut().find(|(known, _)| *known == value) {
            Some((_, majors)) => *majors = *majors | Majors::only(major),
            None => values.push((value, Majors::only(major))),
        }
    }
    if values.is_empty() {
        return String::new();
    }
    let several = values.len() > 1;
    let value = |(value, majors): (String, Majors)| if several { format!("{value} on {majors}") } else { value };
    let values = values.into_iter().map(value).collect::<Vec<_>>().join(", ");
    let name = places.text(&format!("`{}`", node.name));
    let mut out = format!("\nOn {name} (PostgreSQL {}): {values}", node.targets.majors);
    match definitions.split_last() {
        None => out.push_str(", by default"),
        Some((winner, others)) => {
            out.push_str(&format!(", from {}", places.shown(winner.span)));
            for (index, other) in others.iter().rev().enumerate() {
                let word = if index == 0 { "; overrides" } else { "," };
                out.push_str(&format!("{word} `{}` at {}", written(other.value.span), places.shown(other.span)));
            }
        }
    }
    out.push('\n');
    out
}

fn database(kind: &DbKind) -> String {
    match kind {
        DbKind::All => "**all**: every database; not replication".to_owned(),
        DbKind::SameUser => "**sameuser**: the database that is called as the user".to_owned(),
        DbKind::SameRole => "**samerole**: databases that are called as a role the user belongs to".to_owned(),
        DbKind::Replication => "**replication**: physical replication, which names no database".to_owned(),
        DbKind::Regex(_) => format!("regular expression on {REGEX_MAJORS}; a plain name before"),
        DbKind::Name(_) => "name of a database".to_owned(),
    }
}

fn user(kind: &UserKind) -> String {
    match kind {
        UserKind::All => "**all**: every user".to_owned(),
        UserKind::Member(_) => "members of a role, direct or not".to_owned(),
        UserKind::Regex(_) => format!("regular expression on {REGEX_MAJORS}; a plain name before"),
        UserKind::Name(_) => "name of a user".to_owned(),
    }
}

fn address(kind: &AddressKind) -> String {
    match kind {
        AddressKind::All => "**all**: every address, IPv4 and IPv6".to_owned(),
        AddressKind::SameHost => "**samehost**: the server's own addresses".to_owned(),
        AddressKind::SameNet => "**samenet**: the networks that the server is in".to_owned(),
        AddressKind::HostName(name) if name.starts_with('.') => "every host whose name ends so".to_owned(),
        AddressKind::HostName(_) => {
            "name of a host: the client's address must have this name, and the name this address".to_owned()
        }
        AddressKind::Net { ip, prefix: None, .. } => format!("addresses like `{ip}`, by a mask with holes"),
        AddressKind::Net { ip, prefix: Some(prefix), .. } => {
            let (kind, bits) = if ip.is_ipv4() { ("IPv4", 32) } else { ("IPv6", 128) };
            match ipnet::IpNet::new(*ip, *prefix) {
                Ok(_) if *prefix == bits => format!("one {kind} address"),
                Ok(_) if *prefix == 0 => format!("every {kind} address"),
                Ok(net) => {
                    let net = net.trunc();
                    format!("{kind} addresses from `{}` to `{}`", net.network(), net.broadcast())
                }
                Err(_) => format!("{kind} addresses"),
            }
        }
    }
}

fn ident(row: &crate::model::ident::IdentRow) -> String {
    let system = match &row.system_user {
        SystemUser::Name(_) => "who is called so",
        SystemUser::Regex { .. } => "whose name the expression matches",
    };
    let newer = format!("on {DATABASE_USER_MAJORS}; a name before");
    let database = match &row.database_user.kind {
        DatabaseUserKind::Name => "the user of that name".to_owned(),
        DatabaseUserKind::All => format!("any user ({newer})"),
        DatabaseUserKind::Member(_) => format!("members of a role ({newer})"),
        DatabaseUserKind::Regex(_) => format!("users whose names match ({newer})"),
    };
    format!("row of a map: {system}, as an authority outside says, may log in as {database}")
}
