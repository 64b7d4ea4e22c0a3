//! Rows of pg_hba.conf and pg_ident.conf, column by column.

use std::collections::BTreeSet;
use std::net::IpAddr;

use lsp_types::CompletionItemKind;

use super::{Choice, Found, Here};
use crate::catalog::hba::{ConnType, Method, OPTIONS, ValidWith};
use crate::lsp::describe;
use crate::model::hba::{DbKind, UserKind};
use crate::syntax::auth_file::INCLUDE_MAJORS;

/// The fields that are whole, and what is written of the next one.
fn fields(text: &str) -> Option<(Vec<&str>, &str)> {
    let (mut fields, mut start, mut quoted) = (Vec::new(), None, false);
    for (at, c) in text.char_indices() {
        match c {
            '#' if !quoted => return None,
            '"' => {
                quoted = !quoted;
                start = start.or(Some(at));
            }
            c if c.is_whitespace() && !quoted => {
                // Blanks behind a comma do not end a field.
                if !text[..at].trim_end().ends_with(',') {
                    fields.extend(start.take().map(|from: usize| &text[from..at]));
                }
            }
            _ => start = start.or(Some(at)),
        }
    }
    let open = start.map_or("", |from| &text[from..]);
    Some((fields, open.rsplit(',').next().unwrap_or_default().trim_start()))
}

/// A row of pg_hba.conf.
pub(super) fn of_hba(here: &Here<'_>) -> Found {
    let (before, typed) = fields(here.before)?;
    let conn_type = before.first().and_then(|word| ConnType::named(word.as_bytes()));
    let local = conn_type == Some(ConnType::Local);
    // An address without a length takes a mask in the next column.
    let masked = before.get(3).is_some_and(|word| word.parse::<IpAddr>().is_ok());
    let method_at = if local {
        3
    } else if masked {
        5
    } else {
        4
    };
    let choices = match before.len() {
        0 => types(here),
        _ if conn_type.is_none() => return None,
        1 => databases(here),
        2 => users(here),
        3 if !local => ["all", "samehost", "samenet"].into_iter().map(Choice::word).collect(),
        at if at == method_at => methods(here, conn_type?),
        at if at > method_at => return options(here, conn_type?, Method::named(before[method_at].as_bytes())?, typed),
        _ => return None,
    };
    Some((typed.len(), choices))
}

fn types(here: &Here<'_>) -> Vec<Choice> {
    let known = ConnType::ALL.into_iter().filter(|kind| !(kind.majors() & here.majors).is_empty());
    let mut all = known.map(|kind| Choice::keyword(kind.name(), describe::conn_type(kind))).collect::<Vec<_>>();
    if !(INCLUDE_MAJORS & here.majors).is_empty() {
        all.extend(["include", "include_if_exists", "include_dir"].into_iter().map(Choice::word));
    }
    all
}

fn databases(here: &Here<'_>) -> Vec<Choice> {
    let mut all = ["all", "sameuser", "samerole", "replication"].map(Choice::word).into_iter().collect::<Vec<_>>();
    let rows = here.node.and_then(|node| node.hba.as_ref()).map(|hba| hba.rows.as_slice()).unwrap_or_default();
    let names = rows.iter().flat_map(|row| row.databases.iter()).filter_map(|item| match &item.kind {
        DbKind::Name(name) => Some(name.as_str()),
        _ => None,
    });
    all.extend(names.collect::<BTreeSet<_>>().into_iter().filter_map(name));
    all
}

fn users(here: &Here<'_>) -> Vec<Choice> {
    let mut all = vec![Choice::word("all")];
    let rows = here.node.and_then(|node| node.hba.as_ref()).map(|hba| hba.rows.as_slice()).unwrap_or_default();
    let names = rows.iter().flat_map(|row| row.users.iter()).filter_map(|item| match &item.kind {
        UserKind::Name(name) => Some(name.as_str()),
        _ => None,
    });
    let roles = here.snapshot.into_iter().flat_map(|snapshot| snapshot.input.cluster.objects.roles.keys());
    all.extend(names.chain(roles.map(String::as_str)).collect::<BTreeSet<_>>().into_iter().filter_map(name));
    all
}

/// A name as it is written there; none of one that takes more than quotes.
fn name(text: &str) -> Option<Choice> {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let keyword = ["all", "sameuser", "samerole", "samegroup", "replication"].contains(&text);
    let shown = if text.chars().all(plain) && !keyword { text.to_owned() } else { format!("\"{text}\"") };
    let fits = !text.is_empty() && !text.contains(['"', '\n']) && !text.chars().any(char::is_control);
    fits.then(|| Choice::new(shown, CompletionItemKind::CONSTANT, ""))
}

/// The methods that rows of the type take, after `parse_hba_line`.
fn methods(here: &Here<'_>, of: ConnType) -> Vec<Choice> {
    let takes = |method: &Method| match method {
        Method::Peer => of == ConnType::Local,
        Method::Gss | Method::Sspi => of != ConnType::Local,
        Method::Cert => of == ConnType::HostSsl,
        _ => true,
    };
    let known = Method::ALL.into_iter().filter(takes).filter(|method| !(method.majors() & here.majors).is_empty());
    known.map(|method| Choice::keyword(method.name(), describe::method(method))).collect()
}

fn options(here: &Here<'_>, of: ConnType, method: Method, typed: &str) -> Found {
    if let Some((name, value)) = typed.split_once('=') {
        if name == "map" {
            let rows = here.node.and_then(|node| node.ident.as_ref()).map(|ident| ident.rows.as_slice());
            let maps = rows.unwrap_or_default().iter().map(|row| row.map.as_str()).collect::<BTreeSet<_>>();
            let maps = maps.into_iter().map(|map| Choice::new(map, CompletionItemKind::CONSTANT, ""));
            return Some((value.len(), maps.collect()));
        }
        let words: Vec<String> = match name {
            "clientcert" => vec!["verify-ca".to_owned(), "verify-full".to_owned()],
            "clientname" => vec!["CN".to_owned(), "DN".to_owned()],
            "ldapscheme" => vec!["ldap".to_owned(), "ldaps".to_owned()],
            "ldaptls" | "include_realm" | "compat_realm" | "upn_username" | "pam_use_hostname" => {
                vec!["0".to_owned(), "1".to_owned()]
            }
            _ => return None,
        };
        return Some((value.len(), words.into_iter().map(Choice::word).collect()));
    }
    let fits = |with: ValidWith| match with {
        ValidWith::Methods(methods) => methods.contains(&method),
        ValidWith::HostSsl => of == ConnType::HostSsl,
    };
    let known = OPTIONS.iter().filter(|option| fits(option.valid_with) && !(option.majors & here.majors).is_empty());
    let choice = |option: &crate::catalog::hba::OptionInfo| {
        Choice::keyword(option.name, describe::hba_option(option)).insert(format!("{}=", option.name))
    };
    Some((typed.len(), known.map(choice).collect()))
}

/// A row of pg_ident.conf: its map, and the user that it leads to.
pub(super) fn of_ident(here: &Here<'_>) -> Found {
    let (before, typed) = fields(here.before)?;
    let choices = match before.len() {
        0 => {
            let rows = here.node.and_then(|node| node.hba.as_ref()).map(|hba| hba.rows.as_slice()).unwrap_or_default();
            let maps = rows.iter().filter_map(|row| row.option("map")).map(|option| option.value.as_str());
            maps.collect::<BTreeSet<_>>().into_iter().filter_map(name).collect()
        }
        2 => users(here).into_iter().skip(1).collect(),
        _ => return None,
    };
    Some((typed.len(), choices))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_what_is_written_of_the_next() {
        assert_eq!(fields("host all,\"a b\" "), Some((vec!["host", "all,\"a b\""], "")));
        assert_eq!(fields("  host a, b,re"), Some((vec!["host"], "re")));
        assert_eq!(fields("host a # x"), None);
        assert_eq!(fields(""), Some((vec![], "")));
    }
}
