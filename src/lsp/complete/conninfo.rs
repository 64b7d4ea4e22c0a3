//! Keywords of connection strings and their values.

use super::{Choice, Found, Here, word};
use crate::catalog::Majors;
use crate::catalog::conninfo::{Keyword, Kind};
use crate::lsp::describe;

/// The end of a string of keywords and values; of URIs nothing is said.
pub(super) fn complete(text: &str, majors: Majors) -> Found {
    if text.contains("://") || text.contains('\'') {
        return None;
    }
    match word(text, |c| !c.is_whitespace()).split_once('=') {
        Some((name, value)) => values(name, value, majors),
        None => {
            let typed = word(text, |c| c.is_ascii_alphanumeric() || c == '_');
            Some((typed.len(), keywords(majors)))
        }
    }
}

/// A line of pg_service.conf.
pub(super) fn of_service(here: &Here<'_>) -> Found {
    let text = here.before.trim_start();
    if text.starts_with(['#', '[']) {
        return None;
    }
    match text.split_once('=') {
        Some((name, value)) => values(name, value, here.majors),
        None => Some((text.len(), keywords(here.majors))),
    }
}

fn keywords(majors: Majors) -> Vec<Choice> {
    let known = Keyword::all().iter().filter(|keyword| !(keyword.majors & majors).is_empty());
    let choice = |keyword: &Keyword| {
        Choice::keyword(keyword.name, describe::keyword(keyword)).insert(format!("{}=", keyword.name))
    };
    known.map(choice).collect()
}

fn values(name: &str, value: &str, majors: Majors) -> Found {
    let words: Vec<Choice> = match Keyword::find(name.trim())?.kind() {
        Kind::Words(words) => {
            let known = words.iter().filter(|(_, of)| !(*of & majors).is_empty());
            known.map(|(word, _)| Choice::word(*word)).collect()
        }
        Kind::TlsVersion => ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"].into_iter().map(Choice::word).collect(),
        Kind::Flag => ["0", "1"].into_iter().map(Choice::word).collect(),
        _ => return None,
    };
    Some((value.len(), words))
}
