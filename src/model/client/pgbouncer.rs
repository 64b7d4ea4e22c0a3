//! pgbouncer.ini: databases with their connection strings, settings, and what it reads beside itself.
//!
//! Of two settings the last wins. A second `[pgbouncer]` section sets everything back first that has a default
//! (`fill_defaults`, libusual's cfparser.c). Which settings there are differs by release and is not judged here.

use std::collections::HashMap;

use crate::source::{FileId, Span};
use crate::syntax::conninfo::{Conninfo, Value};
use crate::syntax::ini::{Dialect, IniError, IniFile, ItemKind, Text};
use crate::syntax::literal::Literal;
use crate::syntax::template::is_dynamic;
use crate::syntax::userlist::Userlist;

/// The configuration of a pooler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PgBouncer {
    /// The entries of `[databases]`, in order.
    pub databases: Vec<Database>,
    /// The entries of `[users]` and `[peers]`, in order; they are written like databases.
    pub others: Vec<Database>,
    /// The entries of `[pgbouncer]`, in order.
    pub settings: Vec<Setting>,
    /// The list of users, if its file was read.
    pub userlist: Option<Userlist>,
    /// The files that are read in between.
    pub includes: Vec<Text>,
    /// What keeps PgBouncer from starting.
    pub problems: Vec<(Span, PgBouncerProblem)>,
    /// The name of the last `[pgbouncer]` section.
    pub main_section: Option<Span>,
    /// Included files or parts that a program fills in may say more.
    pub open: bool,
    hidden: Vec<Span>,
    /// The settings from here on stand in the last `[pgbouncer]` section.
    kept: usize,
    /// The last setting of each name.
    last_settings: HashMap<String, usize>,
    /// The last database of each name.
    last_databases: HashMap<String, usize>,
}

/// A database that clients can ask for; also a user or a peer, for which the string says other things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Database {
    /// The name; `*` is any that is not listed.
    pub name: String,
    /// The name's place.
    pub name_span: Span,
    /// Where to and as whom.
    pub conninfo: Conninfo,
    /// The name is filled in by a program.
    pub dynamic: bool,
    /// No later entry has the same name.
    pub winner: bool,
}

/// A setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The name; case counts.
    pub name: String,
    /// The name's place.
    pub name_span: Span,
    /// The value.
    pub value: Value,
    /// Name and value.
    pub span: Span,
    /// Neither a later setting nor a later `[pgbouncer]` section takes it back.
    pub winner: bool,
}

/// What keeps PgBouncer from starting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum PgBouncerProblem {
    /// A line it cannot read.
    #[error("PgBouncer cannot read this line: {0}")]
    Syntax(IniError),
    /// An entry above all sections.
    #[error("the entry belongs to no section")]
    Outside,
    /// A section it does not know.
    #[error("PgBouncer knows no such section")]
    Section,
    /// There is no section `[pgbouncer]`.
    #[error("the section `[pgbouncer]` is missing")]
    NoMainSection,
    /// A database with the name of the console.
    #[error("the database name `pgbouncer` is reserved for the console")]
    Reserved,
}

/// Settings that have no default, so that a second section leaves them as they are.
const NO_DEFAULT: [&str; 10] = [
    "auth_dbname",
    "auth_file",
    "auth_ident_file",
    "auth_ldap_options",
    "auth_user",
    "client_tls13_ciphers",
    "conffile",
    "server_tls13_ciphers",
    "user",
    "verbose",
];

impl PgBouncer {
    /// Reads a pgbouncer.ini, or a file it includes.
    #[must_use]
    pub fn parse(file: FileId, bytes: &[u8]) -> Self {
        let ini = IniFile::parse(Dialect::PgBouncer, file, bytes);
        let mut result = Self {
            databases: Vec::new(),
            others: Vec::new(),
            settings: Vec::new(),
            userlist: None,
            includes: Vec::new(),
            problems: Vec::new(),
            main_section: None,
            open: false,
            hidden: super::unread_secrets(&ini.items, bytes).collect(),
            kept: 0,
            last_settings: HashMap::new(),
            last_databases: HashMap::new(),
        };
        let mut section: Option<Vec<u8>> = None;
        for item in &ini.items {
            match &item.kind {
                ItemKind::Section(name) => {
                    result.section(name);
                    section = Some(name.bytes.clone());
                }
                ItemKind::Entry { key, value, .. } => result.entry(section.as_deref(), key, value),
                ItemKind::Include(path) => {
                    result.includes.push(path.clone());
                    result.open = true;
                }
                ItemKind::Template => result.open = true,
                ItemKind::Broken(error, span) => result.problems.push((*span, PgBouncerProblem::Syntax(*error))),
                ItemKind::Blank | ItemKind::Comment | ItemKind::Ldap(_) => {}
            }
        }
        if result.main_section.is_none() && !result.open {
            result.problems.push((Span::new(file, 0, 0), PgBouncerProblem::NoMainSection));
        }
        result.mark_winners();
        result
    }

    /// The setting of a name that counts.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Setting> {
        let last = self.last_settings.get(name).and_then(|&index| self.settings.get(index));
        last.filter(|setting| setting.winner)
    }

    /// The database of a name that counts.
    #[must_use]
    pub fn database(&self, name: &str) -> Option<&Database> {
        self.last_databases.get(name).and_then(|&index| self.databases.get(index))
    }

    /// What must not be shown, the list of users included.
    pub fn secrets(&self) -> impl Iterator<Item = Span> + '_ {
        let strings = self.databases.iter().chain(&self.others).flat_map(|database| database.conninfo.secrets());
        let settings = self.settings.iter().filter(|setting| setting.value.secret).map(|setting| setting.value.span);
        let users = self.userlist.iter().flat_map(Userlist::secrets);
        strings.chain(settings).chain(users).chain(self.hidden.iter().copied())
    }

    fn section(&mut self, name: &Text) {
        match name.bytes.as_slice() {
            b"pgbouncer" => {
                self.kept = self.settings.len();
                self.main_section = Some(name.span);
            }
            b"databases" | b"users" | b"peers" => {}
            other if is_dynamic(other) => self.open = true,
            _ => self.problems.push((name.span, PgBouncerProblem::Section)),
        }
    }

    fn entry(&mut self, section: Option<&[u8]>, key: &Text, value: &Text) {
        let name = key.lossy().into_owned();
        match section {
            Some(b"pgbouncer") => {
                let mut read = Value::new(&name, &value.bytes, value.span);
                // `auth_ldap_options` may have the password of the account that searches.
                read.secret |= name == "auth_ldap_options" && memchr::memmem::find(&value.bytes, b"passwd").is_some();
                let span = key.span.to(value.span);
                self.open |= is_dynamic(&key.bytes);
                self.settings.push(Setting { name, name_span: key.span, value: read, span, winner: true });
            }
            Some(section) => {
                let conninfo = Conninfo::parse_pgbouncer(&Literal::plain(value.span, &value.bytes));
                if section == b"databases" && name == "pgbouncer" {
                    self.problems.push((key.span, PgBouncerProblem::Reserved));
                }
                let dynamic = is_dynamic(&key.bytes);
                let entry = Database { name, name_span: key.span, conninfo, dynamic, winner: true };
                if section == b"databases" { self.databases.push(entry) } else { self.others.push(entry) }
            }
            None => {
                self.problems.push((key.span, PgBouncerProblem::Outside));
                // A piece of another file may be a list of databases.
                let conninfo = Conninfo::parse_pgbouncer(&Literal::plain(value.span, &value.bytes));
                self.hidden.extend(conninfo.secrets());
            }
        }
    }

    fn mark_winners(&mut self) {
        for (index, setting) in self.settings.iter_mut().enumerate().rev() {
            let last = *self.last_settings.entry(setting.name.clone()).or_insert(index);
            setting.winner = last == index && (index >= self.kept || NO_DEFAULT.contains(&setting.name.as_str()));
        }
        for (index, database) in self.databases.iter_mut().enumerate().rev().filter(|(_, database)| !database.dynamic) {
            database.winner = *self.last_databases.entry(database.name.clone()).or_insert(index) == index;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> PgBouncer {
        PgBouncer::parse(FileId(0), text.as_bytes())
    }

    #[test]
    fn databases_and_settings() {
        let text = "[databases]\na = host=h password='p''w' port=5432\n* = host=x\na = host=i\n\
                    [pgbouncer]\nauth_type = md5\nauth_type = scram-sha-256\nauth_query = SELECT a FROM b($1)\n";
        let file = parse(text);
        assert_eq!(file.problems, []);
        assert_eq!(file.databases.iter().map(|database| database.winner).collect::<Vec<_>>(), [false, true, true]);
        let password = file.databases[0].conninfo.get("password").unwrap();
        assert_eq!((password.value.bytes(), &text[password.value.span.range()]), (&b"p'w"[..], "p''w"));
        assert!(file.get("auth_type").unwrap().value.is("scram-sha-256"));
        assert!(!file.get("auth_query").unwrap().value.dynamic);
        assert!(!file.open);
    }

    #[test]
    fn a_second_main_section_sets_back() {
        let file = parse("[pgbouncer]\nauth_type=any\nauth_file=a\n[databases]\n[pgbouncer]\npool_mode=session\n");
        assert!(file.get("auth_type").is_none());
        assert!(file.get("auth_file").is_some() && file.get("pool_mode").is_some());
    }

    #[test]
    fn problems() {
        use PgBouncerProblem as P;
        for (text, expected) in [
            ("[pgbouncer]\n", &[][..]),
            ("[databases]\n", &[P::NoMainSection]),
            ("%include x\n", &[]),
            ("x=1\n[pgbouncer]\n", &[P::Outside]),
            ("[pgbouncer]\n[bogus]\n", &[P::Section]),
            ("[pgbouncer]\ngarbage\n", &[P::Syntax(IniError::MissingEquals)]),
            ("[pgbouncer]\n[databases]\npgbouncer=host=h\n", &[P::Reserved]),
        ] {
            let found: Vec<_> = parse(text).problems.iter().map(|&(_, problem)| problem).collect();
            assert_eq!(found, expected, "{text:?}");
        }
    }

    #[test]
    fn secrets_are_known_everywhere() {
        let text = "[databases]\na = host=h password=one\n;b = host=h password=two\n\"c d\" = password=three\n\
                    [users]\nu = password=four\n[pgbouncer]\nauth_ldap_options = ldapbindpasswd=five\nauth_query = SELECT passwd\n";
        let mut file = parse(text);
        let list = "\"u\" \"six\"\n";
        let shift = Userlist::parse(FileId(1), list.as_bytes());
        file.userlist = Some(shift);
        let secrets: Vec<&str> = file
            .secrets()
            .map(|span| if span.file == FileId(0) { text[span.range()].trim() } else { &list[span.range()] })
            .collect();
        assert_eq!(secrets, ["one", "four", "ldapbindpasswd=five", "six", "two", "three"]);
        let shown = format!("{file:?}");
        assert!(["one\"", "four", "five", "six"].iter().all(|secret| !shown.contains(secret)), "{shown}");
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read(text in proptest::collection::vec(proptest::sample::select(b"[pgbouncer]databases=\n\n'; #{}%\0\xff".to_vec()), 0..120)) {
            for span in parse(&String::from_utf8_lossy(&text)).secrets() {
                proptest::prop_assert!(span.start < span.end || span.range().is_empty());
            }
            let file = super::super::ServiceFile::parse(FileId(0), &text);
            proptest::prop_assert!(file.secrets().all(|span| span.end as usize <= text.len()));
        }
    }
}
