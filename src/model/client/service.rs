//! A connection service file, `pg_service.conf` or `~/.pg_service.conf`: named settings for `service=`.
//!
//! libpq (`parseServiceFile`) reads down to the end of the first section of the wanted name. So the first section
//! wins, the first setting of a keyword in it wins, and errors in other sections do not matter to it; a line that is
//! too long matters to every service from there on.

use std::collections::{HashMap, HashSet};

use crate::catalog::Majors;
use crate::source::{FileId, Span};
use crate::syntax::conninfo::{Conninfo, Keyword, Param, Value};
use crate::syntax::ini::{Dialect, IniError, IniFile, ItemKind, Text};

/// A service file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceFile {
    /// The sections in order.
    pub services: Vec<Service>,
    /// What is wrong outside of sections, or with all of them.
    pub problems: Vec<(Span, ServiceProblem)>,
    hidden: Vec<Span>,
}

/// A section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// The name; case and blanks count.
    pub name: String,
    /// The name's place.
    pub span: Span,
    /// The settings. They are no string, but mean what a string of the same settings would.
    pub conninfo: Conninfo,
    /// The index of the section of the same name that is read instead.
    pub duplicate_of: Option<usize>,
    /// The name is filled in by a program.
    pub dynamic: bool,
    /// What keeps libpq from reading the section.
    pub problems: Vec<(Span, ServiceProblem)>,
}

/// What is wrong with a line. Keywords that libpq does not know are for the catalogue to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ServiceProblem {
    /// A line that libpq cannot read: whoever asks for the service gets an error.
    #[error("libpq cannot read this line of the service: {0}")]
    Syntax(IniError),
    /// `;` at the start of a line, which libpq does not take for a comment.
    #[error("`;` starts no comment in a service file, only `#` does")]
    Semicolon,
    /// `service=` within a service.
    #[error("a service cannot name another service")]
    Nested,
    /// The line is longer than libpq's buffer: this service and all below it are lost.
    #[error("the line is too long for libpq, which then reads no service from here on")]
    TooLong(Majors),
    /// Blanks at the end of a value, a part of it up to 12.
    #[error("the blanks after the value are a part of it up to 12")]
    TrailingBlanks,
    /// The settings are asked of an LDAP server; without LDAP support the line is an error.
    #[error("the settings come from an LDAP server")]
    Ldap,
    /// A line above the first section, which no service has.
    #[error("the line belongs to no service")]
    Outside,
}

impl ServiceProblem {
    /// The majors on which it holds.
    #[must_use]
    pub fn majors(self) -> Majors {
        match self {
            Self::TooLong(majors) => majors,
            Self::TrailingBlanks => Majors::until(12),
            _ => Majors::ALL,
        }
    }
}

impl ServiceFile {
    /// Reads a service file.
    #[must_use]
    pub fn parse(file: FileId, bytes: &[u8]) -> Self {
        let ini = IniFile::parse(Dialect::Service, file, bytes);
        let hidden = super::unread_secrets(&ini.items, bytes).collect();
        let mut result = Self { services: Vec::new(), problems: Vec::new(), hidden };
        let mut open = false;
        for item in &ini.items {
            if !item.too_long.is_empty() {
                result.problems.push((item.span, ServiceProblem::TooLong(item.too_long)));
            }
            let span = item.span.slice(0, line_length(bytes.get(item.span.range()).unwrap_or_default()));
            match &item.kind {
                ItemKind::Section(name) => result.services.push(service(name)),
                ItemKind::Entry { key, value, trailing_blanks } => result.entry(key, value, *trailing_blanks),
                ItemKind::Broken(IniError::UnclosedSection, span) => {
                    // It ends the section before it and starts one that nobody can ask for.
                    let text = Text { bytes: Vec::new(), span: *span };
                    let mut nameless = service(&text);
                    nameless.dynamic = true;
                    nameless.problems.push((*span, ServiceProblem::Syntax(IniError::UnclosedSection)));
                    result.services.push(nameless);
                }
                ItemKind::Broken(error, span) => {
                    let semicolon = bytes.get(span.start as usize) == Some(&b';');
                    let problem = if semicolon { ServiceProblem::Semicolon } else { ServiceProblem::Syntax(*error) };
                    result.problem(*span, problem);
                }
                ItemKind::Ldap(url) => {
                    result.problem(url.span, ServiceProblem::Ldap);
                    result.open();
                }
                ItemKind::Template => {
                    open |= result.services.is_empty();
                    result.open();
                }
                ItemKind::Include(_) => result.problem(span, ServiceProblem::Syntax(IniError::MissingEquals)),
                ItemKind::Blank | ItemKind::Comment => {}
            }
        }
        if open {
            result.services.iter_mut().for_each(|service| service.dynamic = true);
        }
        for service in &mut result.services {
            let mut seen = HashSet::new();
            for param in &mut service.conninfo.params {
                param.winner = seen.insert(param.keyword.name.clone());
            }
        }
        result.mark_duplicates();
        result
    }

    /// The section that libpq reads for a service.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Service> {
        self.services.iter().find(|service| service.name == name && service.duplicate_of.is_none())
    }

    /// What must not be shown.
    pub fn secrets(&self) -> impl Iterator<Item = Span> + '_ {
        self.services.iter().flat_map(|service| service.conninfo.secrets()).chain(self.hidden.iter().copied())
    }

    fn problem(&mut self, span: Span, problem: ServiceProblem) {
        match self.services.last_mut() {
            Some(service) => service.problems.push((span, problem)),
            None => self.problems.push((span, ServiceProblem::Outside)),
        }
    }

    fn open(&mut self) {
        if let Some(service) = self.services.last_mut() {
            service.conninfo.open = true;
        }
    }

    fn entry(&mut self, key: &Text, value: &Text, trailing_blanks: bool) {
        let keyword = key.lossy().into_owned();
        if keyword.starts_with(';') {
            self.problem(key.span.to(value.span), ServiceProblem::Semicolon);
        }
        let Some(service) = self.services.last_mut() else {
            self.problems.push((key.span.to(value.span), ServiceProblem::Outside));
            if crate::syntax::conninfo::is_secret(&keyword) {
                self.hidden.push(value.span);
            }
            return;
        };
        if keyword == "service" {
            service.problems.push((key.span.to(value.span), ServiceProblem::Nested));
        }
        if trailing_blanks {
            service.problems.push((value.span, ServiceProblem::TrailingBlanks));
        }
        let mut read = Value::new(&keyword, &value.bytes, value.span);
        if keyword.starts_with(';') {
            // What was meant to be a comment stays out, and its password hidden.
            if read.secret || crate::syntax::conninfo::is_secret(keyword.trim_start_matches([';', ' '])) {
                self.hidden.push(value.span);
            }
            return;
        }
        if crate::syntax::template::is_dynamic(&key.bytes) {
            service.conninfo.open = true;
            read.dynamic = true;
        }
        service.conninfo.params.push(Param {
            keyword: Keyword { text: keyword.clone(), name: keyword, span: key.span, blanks: Majors::NONE },
            value: read,
            span: key.span.to(value.span),
            winner: false,
        });
    }

    fn mark_duplicates(&mut self) {
        let mut first: HashMap<String, usize> = HashMap::new();
        for (index, service) in self.services.iter_mut().enumerate().filter(|(_, service)| !service.dynamic) {
            match first.get(&service.name) {
                Some(&other) => service.duplicate_of = Some(other),
                None => {
                    first.insert(service.name.clone(), index);
                }
            }
        }
    }
}

fn service(name: &Text) -> Service {
    Service {
        name: name.lossy().into_owned(),
        span: name.span,
        conninfo: Conninfo::from_params(name.span, Vec::new(), false),
        duplicate_of: None,
        dynamic: crate::syntax::template::is_dynamic(&name.bytes),
        problems: Vec::new(),
    }
}

fn line_length(line: &[u8]) -> usize {
    line.trim_ascii_end().len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::conninfo::{check, effective};

    fn parse(text: &str) -> ServiceFile {
        ServiceFile::parse(FileId(0), text.as_bytes())
    }

    #[test]
    fn the_first_of_everything_wins() {
        let file = parse("[s]\ndbname=a\ndbname=b\n[o]\ndbname=c\n[s]\ndbname=d\n");
        assert_eq!(file.services.iter().map(|service| service.duplicate_of).collect::<Vec<_>>(), [None, None, Some(0)]);
        let service = file.get("s").unwrap();
        assert_eq!(service.conninfo.get("dbname").unwrap().value.bytes(), b"a");
        assert_eq!(service.conninfo.params.iter().map(|param| param.winner).collect::<Vec<_>>(), [true, false]);
        assert!(file.get("x").is_none());
    }

    #[test]
    fn problems() {
        use ServiceProblem as P;
        for (text, expected) in [
            ("x=1\n[s]\n", &[P::Outside][..]),
            ("garbage\n[s]\n", &[P::Outside]),
            ("[s]\ngarbage\n", &[P::Syntax(IniError::MissingEquals)]),
            ("[s]\n;c\n", &[P::Semicolon]),
            ("[s]\n;password=x\n", &[P::Semicolon]),
            ("[s]\nservice=t\n", &[P::Nested]),
            ("[s]\ndbname=d \n", &[P::TrailingBlanks]),
            ("[s]\ndbname=d \r\n", &[P::TrailingBlanks]),
            ("[s\ndbname=d\n", &[P::Syntax(IniError::UnclosedSection)]),
            ("[s]\nldap://h/x\n", &[P::Ldap]),
            ("[s]\ndbname=d\r\n", &[]),
        ] {
            let file = parse(text);
            let all = file.problems.iter().chain(file.services.iter().flat_map(|service| &service.problems));
            assert_eq!(all.map(|&(_, problem)| problem).collect::<Vec<_>>(), expected, "{text:?}");
        }
        let long = format!("[s]\ndbname={}\n", "a".repeat(300));
        assert_eq!(parse(&long).problems[0].1.majors(), Majors::until(13));
    }

    #[test]
    fn the_catalogue_judges_a_service() {
        let text = "[s]\nhost=db\nrequiressl=1\nchannel_binding=require\nsslmode=on\nport = 5432\n";
        let file = parse(text);
        let conninfo = &file.services[0].conninfo;
        let messages: Vec<String> = check(conninfo, Majors::ALL)
            .iter()
            .map(|refusal| format!("{}: {}", refusal.majors, refusal.reason))
            .collect();
        assert_eq!(
            messages,
            [
                "10 to 19: `requiressl` is no connection keyword",
                "10 to 12: `channel_binding` is a connection keyword from 13 on only",
                "10 to 19: `sslmode` has no value `on`",
                "10 to 19: `port ` is no connection keyword",
            ]
        );
        assert_eq!(effective::is_local(conninfo, 18), Some(false));
    }

    #[test]
    fn secrets_are_known_everywhere() {
        let text = "password=a\n[s]\npassword=b\n#password=c\n;password=d\nPASSWORD=e\n[t]\npassword={{ f }}\n";
        let file = parse(text);
        let mut secrets: Vec<&str> = file.secrets().map(|span| text[span.range()].trim()).collect();
        secrets.sort_unstable();
        assert_eq!(secrets, ["a", "b", "c", "d", "e", "{{ f }}"]);
    }

    #[test]
    fn templates_leave_a_service_open() {
        let file = parse("[{{ name }}]\nhost={{ host }}\n{% if x %}\nport=1\n");
        assert!(file.services[0].dynamic && file.services[0].conninfo.open);
        assert!(file.services[0].conninfo.get("host").unwrap().value.dynamic);
    }
}
