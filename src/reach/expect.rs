//! Expectations of who gets in: a small language of one line each, and whether a file holds them.
//!
//! An expectation speaks of every user, database, kind and address that it names, and holds only if what becomes of all
//! of them is certain. The first that is against it is the counter-example.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::catalog::hba::Method;
use crate::model::hba::HbaRow;
use crate::reach::{Engine, Kinds, Name, Outcome, Range, Universe, columns};

/// What is expected of connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// The user; none is every user.
    pub user: Option<String>,
    /// The database.
    pub database: Database,
    /// From where.
    pub from: Vec<Range>,
    /// By what kinds; each of them that the server can have.
    pub kinds: Kinds,
    /// Whether they are to be let in.
    pub allow: bool,
    /// By which methods, if it matters.
    pub by: Vec<Method>,
    /// As reports show it.
    pub text: String,
}

/// A database of an expectation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// Every one, but not replication.
    Any,
    /// The one of this name.
    Named(String),
    /// Physical replication.
    Replication,
}

/// A connection of which the opposite is the case, or nothing is certain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Against {
    /// The user.
    pub user: Name,
    /// The database.
    pub database: Name,
    /// The kind.
    pub kind: Kinds,
    /// The address; none through a socket.
    pub from: Option<IpAddr>,
    /// Who decides.
    pub outcome: Outcome,
}

/// A line without its comment, and what `: yes` or `: no` at its end says.
fn answer(line: &str) -> (&str, Option<bool>) {
    let bare = line.split_once('#').map_or(line, |(bare, _)| bare).trim_end();
    match bare.rsplit_once(':').map(|(body, word)| (body, word.trim())) {
        Some((body, "no")) => (body, Some(false)),
        Some((body, "yes")) => (body, Some(true)),
        _ => (line, None),
    }
}

/// The words of one line.
fn words(line: &str) -> Result<Vec<(String, bool)>, String> {
    let mut out = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() && !rest.starts_with('#') {
        let (word, quoted, after) = match rest.strip_prefix('"') {
            Some(inside) => {
                let (word, after) = inside.split_once('"').ok_or("a quote is not closed")?;
                (word, true, after)
            }
            None => {
                let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
                let (word, after) = rest.split_at(end);
                (word, false, after)
            }
        };
        out.push((word.to_owned(), quoted));
        rest = after.trim_start();
    }
    Ok(out)
}

impl Expectation {
    /// Reads a line: `[no] USER [on DATABASE] from ADDRESS [over KINDS] [by METHODS]`, where `: no` at the end says the
    /// same as `no` at the beginning. None if it is blank.
    ///
    /// # Errors
    /// What is wrong with the line.
    pub fn parse(line: &str) -> Result<Option<Self>, String> {
        let (body, said) = answer(line);
        let words = words(body)?;
        let mut rest = words.iter().map(|(word, quoted)| (word.as_str(), *quoted)).peekable();
        if rest.peek().is_none() {
            return if said.is_some() { Err("the user is missing".to_owned()) } else { Ok(None) };
        }
        let allow = rest.next_if_eq(&("no", false)).is_none();
        let allow = match said {
            Some(_) if !allow => return Err("`no` stands twice".to_owned()),
            Some(said) => said,
            None => allow,
        };
        let (user, quoted) = rest.next().ok_or("the user is missing")?;
        let user = if user == "any" && !quoted { None } else { Some(user) };
        let (mut database, mut from, mut over, mut by) = (None, None, None, None);
        while let Some((word, quoted)) = rest.next() {
            let mut value = rest.next().ok_or_else(|| format!("nothing follows `{word}`"));
            if word == "from" {
                // `any remote address`, `any address`.
                let is_remote = value == Ok(("any", false)) && rest.next_if_eq(&("remote", false)).is_some();
                value = value.map(|value| match value {
                    ("any", false) if is_remote => ("remote", false),
                    ("any", false) => ("anywhere", false),
                    value => value,
                });
                let _ = rest.next_if_eq(&("address", false));
            }
            let slot = match word {
                _ if quoted => return Err(format!("`{word}` is none of on, from, over, by")),
                "on" => &mut database,
                "from" => &mut from,
                "over" => &mut over,
                "by" => &mut by,
                _ => return Err(format!("`{word}` is none of on, from, over, by")),
            };
            if slot.replace(value?).is_some() {
                return Err(format!("`{word}` stands twice"));
            }
        }
        let database = match database {
            None | Some(("any", false)) => Database::Any,
            Some(("replication", false)) => Database::Replication,
            Some((name, _)) => Database::Named(name.to_owned()),
        };
        let list = |words: Option<(&str, bool)>| {
            words.map(|(words, _)| words.split(',').map(ToOwned::to_owned).collect::<Vec<_>>()).unwrap_or_default()
        };
        let (from, _) = from.ok_or("`from` is missing")?;
        let text = line.split('#').next().unwrap_or_default().trim();
        Self::new(user, database, from, &list(over), &list(by), allow, text.to_owned()).map(Some)
    }

    /// Puts one together from its words.
    ///
    /// # Errors
    /// Which word is wrong.
    pub fn new(
        user: Option<&str>,
        database: Database,
        from: &str,
        over: &[String],
        by: &[String],
        allow: bool,
        text: String,
    ) -> Result<Self, String> {
        let from_socket = from == "socket";
        let mut kinds = Kinds::NONE;
        for word in over {
            kinds = kinds
                | match word.to_ascii_lowercase().as_str() {
                    "tls" => Kinds::TLS,
                    "plain" => Kinds::PLAIN,
                    "gss" => Kinds::GSS,
                    _ => return Err(format!("`{word}` is none of tls, plain, gss")),
                };
        }
        let kinds = match (from_socket, kinds.is_empty(), allow) {
            (true, true, _) => Kinds::LOCAL,
            (true, false, _) => return Err("a socket has no `over`".to_owned()),
            (false, false, _) => kinds,
            // Few clients have a ticket for GSSAPI, but who is to be kept out is to be kept out with one as well.
            (false, true, true) => Kinds::PLAIN | Kinds::TLS,
            (false, true, false) => Kinds::TCP,
        };
        let mut methods = Vec::new();
        for word in by {
            let word = word.to_ascii_lowercase();
            let word = if word == "scram" { "scram-sha-256" } else { word.as_str() };
            match Method::named(word.as_bytes()) {
                Some(method) if method != Method::Reject && allow => methods.push(method),
                Some(_) => return Err("`by` is for those who are let in".to_owned()),
                None => return Err(format!("`{word}` is no method")),
            }
        }
        let user = user.map(ToOwned::to_owned);
        Ok(Self { user, database, from: addresses(from)?, kinds, allow, by: methods, text })
    }

    /// The names that a table needs besides those of the rows.
    pub fn add_to(&self, universe: &mut Universe) {
        universe.users.extend(self.user.iter().cloned());
        if let Database::Named(name) = &self.database {
            universe.databases.insert(name.clone());
        }
    }

    /// The first connection against it on a server that has connections of `kinds`; none in it if it holds. None if it
    /// would take too long to tell.
    #[must_use]
    pub fn check(
        &self,
        engine: &Engine<'_>,
        rows: &[HbaRow],
        universe: &Universe,
        kinds: Kinds,
    ) -> Option<Option<Against>> {
        let users = match &self.user {
            Some(user) => vec![Name::Named(user.clone())],
            None => universe.users().collect(),
        };
        let databases = match &self.database {
            Database::Any => universe.databases().filter(|name| *name != Name::Replication).collect(),
            Database::Named(name) => vec![Name::Named(name.clone())],
            Database::Replication => vec![Name::Replication],
        };
        for columns in columns(engine, &users, databases.len())? {
            let pairs = databases.iter().flat_map(|of| (self.kinds & kinds).iter().map(move |kind| (of, kind)));
            for (database, kind) in pairs {
                for stretch in columns.of(kind, database) {
                    let common = self.from.iter().find_map(|range| range.and(stretch.range));
                    let Some(common) = common.filter(|_| !self.holds(engine, rows, &stretch.outcome)) else {
                        continue;
                    };
                    let from = common.ends().map(|(low, _)| low);
                    let (user, database) = (columns.user().clone(), database.clone());
                    return Some(Some(Against { user, database, kind, from, outcome: stretch.outcome }));
                }
            }
        }
        Some(None)
    }

    /// Whether it holds whatever of the outcome's rows decides.
    fn holds(&self, engine: &Engine<'_>, rows: &[HbaRow], outcome: &Outcome) -> bool {
        let fits = |index: usize| {
            rows.get(index).is_some_and(|row| match row.method {
                Method::Reject => !self.allow,
                method => self.allow && (self.by.is_empty() || self.by.contains(&method)),
            })
        };
        engine.is_complete() && outcome.doubtful.iter().copied().all(fits) && outcome.row.map_or(!self.allow, fits)
    }
}

/// The addresses of a word.
fn addresses(word: &str) -> Result<Vec<Range>, String> {
    let (four, six) = (Range::Four(0, u32::MAX), Range::Six(0, u128::MAX));
    Ok(match word {
        "socket" => vec![Range::Socket],
        "anywhere" => vec![four, six],
        // All but 127.0.0.0/8 and ::1.
        "remote" => vec![
            Range::Four(0, 0x7eff_ffff),
            Range::Four(0x8000_0000, u32::MAX),
            Range::Six(0, 0),
            Range::Six(2, u128::MAX),
        ],
        _ => {
            let net = word.parse::<IpNet>().or_else(|_| word.parse::<IpAddr>().map(IpNet::from));
            let net = net.map_err(|_| format!("`{word}` is none of socket, anywhere, remote and no address"))?;
            if net.addr() != net.network() {
                return Err(format!("`{word}` has bits beyond its mask; the network is `{}`", net.trunc()));
            }
            Range::between(net.network(), net.broadcast()).into_iter().collect()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::rows;
    use super::*;
    use crate::catalog::Majors;
    use crate::reach::Known;

    const HBA: &str = "\
local   all    postgres                  peer
hostssl appdb  app     10.1.0.0/16       scram-sha-256
host    all    all     10.0.0.0/8        md5
host    all    all     samenet           reject
host    all    +staff  192.168.0.0/16    scram-sha-256
";

    /// The counter-example in short, or an error.
    fn against(line: &str) -> String {
        let expectation = match Expectation::parse(line) {
            Ok(expectation) => expectation.unwrap(),
            Err(error) => return format!("error: {error}"),
        };
        let (rows, known) = (rows(HBA, Majors::only(16)), Known::default());
        let engine = Engine::of(&rows, true, 16, &known);
        let mut universe = Universe::default();
        universe.add(&rows, 16, &known.roles);
        expectation.add_to(&mut universe);
        match expectation.check(&engine, &rows, &universe, Kinds::ALL).unwrap() {
            None => "holds".to_owned(),
            Some(of) => {
                let from = of.from.map_or_else(|| "socket".to_owned(), |ip| ip.to_string());
                let row = of.outcome.row.map_or_else(|| "-".to_owned(), |row| (row + 1).to_string());
                let doubt = if of.outcome.doubtful.is_empty() { "" } else { "?" };
                format!("{:?} {from} {row}{doubt}", of.user)
            }
        }
    }

    #[test]
    fn an_expectation_holds_for_every_address_and_kind() {
        for (line, expected) in [
            ("postgres from socket by peer", "holds"),
            ("no app on appdb from socket", "holds"),
            ("app on appdb from 10.1.0.0/16 over tls by scram", "holds"),
            ("app on appdb from 10.1.0.0/16 by scram", r#"Named("app") 10.1.0.0 3"#),
            ("app on appdb from 10.0.0.0/15 over tls by scram-sha-256", r#"Named("app") 10.0.0.0 3"#),
            ("any from 10.0.0.0/8", "holds"),
            ("no postgres from remote", r#"Named("postgres") 10.0.0.0 3"#),
            ("no postgres on replication from anywhere", "holds"),
            // Whether the address is in the server's networks or in none, it is refused.
            ("no postgres from 11.0.0.0/8", "holds"),
            ("any from 192.168.7.0/24", r#"Named("app") 192.168.7.0 -?"#),
            ("no any from 192.168.7.0/24", r#"Named("app") 192.168.7.0 -?"#),
            ("app from 10.1.0.1/16", "error: `10.1.0.1/16` has bits beyond its mask; the network is `10.1.0.0/16`"),
            ("app on appdb from 10.1.0.0/16 over TLS by SCRAM", "holds"),
            ("postgres from any remote address: no", r#"Named("postgres") 10.0.0.0 3"#),
            ("postgres on replication from any address: no # never", "holds"),
            ("any from 10.0.0.0/8: yes", "holds"),
            ("no any from ::1: no", "error: `no` stands twice"),
            (": no", "error: the user is missing"),
            ("app on", "error: nothing follows `on`"),
            ("app", "error: `from` is missing"),
            ("app from 10.0.0.0/8 over ssl", "error: `ssl` is none of tls, plain, gss"),
            ("app from socket over tls", "error: a socket has no `over`"),
            ("no app from 10.0.0.0/8 by md5", "error: `by` is for those who are let in"),
            ("app from 10.0.0.0/8 by nope", "error: `nope` is no method"),
            ("app from x from y", "error: `from` stands twice"),
            ("app at x", "error: `at` is none of on, from, over, by"),
            ("\"app from x", "error: a quote is not closed"),
        ] {
            assert_eq!(against(line), expected, "{line}");
        }
        assert_eq!(Expectation::parse("  # nothing"), Ok(None));
        let quoted = Expectation::parse("\"any\" on \"replication\" from ::1 # why").unwrap().unwrap();
        assert_eq!(
            (quoted.user.as_deref(), quoted.text.as_str()),
            (Some("any"), "\"any\" on \"replication\" from ::1")
        );
        assert_eq!(quoted.database, Database::Named("replication".to_owned()));
    }
}
