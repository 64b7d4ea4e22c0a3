//! PgBouncer's list of users, `userlist.txt`: `"user" "password"` pairs.
//!
//! The rules are those of `load_auth_file` (PgBouncer's loader.c), tried on PgBouncer 1.18: `;` starts a comment and
//! `#` does not, a doubled quote is one quote, anything may stand between the two strings and after them, and the
//! first thing that fits nowhere ends the reading without an error that stops PgBouncer. What is read here after that
//! place is marked as not read.

use crate::secret::Secret;
use crate::source::{FileId, Span};
use crate::syntax::template;

/// A list of users. Its items cover every byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Userlist {
    /// The items in order.
    pub items: Vec<Item>,
}

/// A piece of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// All of it, with the line feed at its end.
    pub span: Span,
    /// What it is.
    pub kind: ItemKind,
}

/// What a piece is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemKind {
    /// Blanks and empty lines.
    Blank,
    /// A comment.
    Comment,
    /// A user and a password.
    User(Box<User>),
    /// A line of a template that stands for no or many users.
    Template,
    /// What PgBouncer cannot read; it reads nothing after the first of these.
    Broken(UserlistError, Span),
}

/// A user and a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The name.
    pub name: Vec<u8>,
    /// Where the name is, without quotes.
    pub name_span: Span,
    /// The password or what is stored for it.
    pub password: Secret,
    /// Where the password is, without quotes.
    pub password_span: Span,
    /// What the password is.
    pub form: PasswordForm,
    /// An error before this place keeps PgBouncer from reading it.
    pub unread: bool,
}

/// What stands in the place of a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PasswordForm {
    /// Nothing: the user cannot log in with a password.
    Empty,
    /// The password itself.
    Plain,
    /// `md5` and 32 hexadecimal digits; as good as the password for logging in with `md5`.
    Md5,
    /// A verifier, `SCRAM-SHA-256$...`.
    Scram,
    /// Filled in by a program.
    Dynamic,
}

/// What PgBouncer cannot read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum UserlistError {
    /// Something else than a quote where an entry starts.
    #[error("an entry must start with a double quote; PgBouncer reads nothing from here on")]
    NoQuote,
    /// A string without an end, or no password.
    #[error("the entry has no end or no password; PgBouncer reads nothing from here on")]
    Unterminated,
    /// The name has 128 bytes or more.
    #[error("the user name is longer than 127 bytes; PgBouncer reads nothing from here on")]
    LongName,
    /// The password has 2048 bytes or more.
    #[error("the password is longer than 2047 bytes; PgBouncer reads nothing from here on")]
    LongPassword,
}

impl Userlist {
    /// Reads a list of users.
    #[must_use]
    pub fn parse(file: FileId, bytes: &[u8]) -> Self {
        let mut reader = Reader { file, bytes, at: 0, items: Vec::new(), unread: false };
        while reader.at < bytes.len() {
            reader.item();
        }
        Self { items: reader.items }
    }

    /// The users in order, those that PgBouncer does not get to among them.
    pub fn users(&self) -> impl Iterator<Item = &User> {
        self.items.iter().filter_map(|item| match &item.kind {
            ItemKind::User(user) => Some(&**user),
            _ => None,
        })
    }

    /// What must not be shown. Stored forms of a password count: they can be used to log in, or be cracked.
    pub fn secrets(&self) -> impl Iterator<Item = Span> + '_ {
        let spans = self.items.iter().filter_map(|item| match &item.kind {
            ItemKind::User(user) => Some(user.password_span),
            ItemKind::Broken(_, span) => Some(*span),
            _ => None,
        });
        spans.filter(|span| span.start < span.end)
    }
}

struct Reader<'a> {
    file: FileId,
    bytes: &'a [u8],
    at: usize,
    items: Vec<Item>,
    unread: bool,
}

impl Reader<'_> {
    fn rest(&self, from: usize) -> &[u8] {
        self.bytes.get(from..).unwrap_or_default()
    }

    fn line_end(&self, from: usize) -> usize {
        memchr::memchr(b'\n', self.rest(from)).map_or(self.bytes.len(), |at| from + at + 1)
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start, end.max(start))
    }

    fn push(&mut self, end: usize, kind: ItemKind) {
        let end = end.clamp(self.at + 1, self.bytes.len().max(self.at + 1));
        self.items.push(Item { span: self.span(self.at, end), kind });
        self.at = end;
    }

    fn item(&mut self) {
        let start = self.at;
        let blanks = self.rest(start).iter().take_while(|byte| matches!(byte, b' ' | b'\t'..=b'\r')).count();
        match self.bytes.get(start + blanks) {
            _ if blanks > 0 => self.push(start + blanks, ItemKind::Blank),
            Some(b';') => self.push(self.line_end(start), ItemKind::Comment),
            Some(b'"') => self.user(start),
            _ => {
                let end = self.line_end(start);
                let line = self.rest(start).get(..end - start).unwrap_or_default();
                if template::is_dynamic(line) {
                    self.push(end, ItemKind::Template);
                } else {
                    self.broken(UserlistError::NoQuote, end);
                }
            }
        }
    }

    fn broken(&mut self, error: UserlistError, end: usize) {
        self.unread = true;
        let span = self.span(self.at, end);
        self.push(end, ItemKind::Broken(error, span));
    }

    fn user(&mut self, start: usize) {
        let quote = self.end_quote(start + 1);
        let password_start = quote.and_then(|quote| {
            memchr::memchr2(b'"', 0, self.rest(quote + 1))
                .map(|at| quote + 1 + at)
                .filter(|&at| self.bytes.get(at) == Some(&b'"'))
        });
        let password_end = password_start.and_then(|open| self.end_quote(open + 1));
        let (Some(quote), Some(open), Some(close)) = (quote, password_start, password_end) else {
            // What cannot be paired may be the rest of the file; it is given up line by line.
            self.broken(UserlistError::Unterminated, self.line_end(start));
            return;
        };
        if quote - start > 128 {
            self.broken(UserlistError::LongName, self.line_end(close));
            return;
        }
        if close - open > 2048 {
            self.broken(UserlistError::LongPassword, self.line_end(close));
            return;
        }
        let text = |from: usize, to: usize| unquote(self.rest(from).get(..to - from).unwrap_or_default());
        let password = text(open + 1, close);
        let user = User {
            name: text(start + 1, quote),
            name_span: self.span(start + 1, quote),
            form: form(&password),
            password: Secret::new(password),
            password_span: self.span(open + 1, close),
            unread: self.unread,
        };
        self.push(self.line_end(close), ItemKind::User(Box::new(user)));
    }

    /// The quote that ends a string which starts at `from`: `find_quote`.
    fn end_quote(&self, from: usize) -> Option<usize> {
        let mut at = from;
        loop {
            at += memchr::memchr2(b'"', 0, self.rest(at))?;
            match (self.bytes.get(at), self.bytes.get(at + 1)) {
                (Some(b'"'), Some(b'"')) => at += 2,
                (Some(b'"'), _) => return Some(at),
                _ => return None,
            }
        }
    }
}

fn unquote(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut bytes = raw.iter().copied();
    while let Some(byte) = bytes.next() {
        out.push(byte);
        if byte == b'"' {
            bytes.next();
        }
    }
    out
}

fn form(password: &[u8]) -> PasswordForm {
    let md5 = password
        .strip_prefix(b"md5")
        .is_some_and(|digits| digits.len() == 32 && digits.iter().all(u8::is_ascii_hexdigit));
    match password {
        [] => PasswordForm::Empty,
        _ if template::is_dynamic(password) => PasswordForm::Dynamic,
        _ if md5 => PasswordForm::Md5,
        _ if password.starts_with(b"SCRAM-SHA-256$") => PasswordForm::Scram,
        _ => PasswordForm::Plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(text: &str) -> Vec<String> {
        let list = Userlist::parse(FileId(0), text.as_bytes());
        let item = |item: &Item| match &item.kind {
            ItemKind::User(user) => {
                let name = String::from_utf8_lossy(&user.name);
                let unread = if user.unread { " unread" } else { "" };
                format!("{name}={} {:?}{unread}", String::from_utf8_lossy(user.password.expose()), user.form)
            }
            ItemKind::Broken(error, _) => format!("{error:?}"),
            other => format!("{other:?}"),
        };
        list.items.iter().map(item).filter(|item| item != "Blank").collect()
    }

    /// Tried with `auth_file` on PgBouncer 1.18.
    #[test]
    fn reads_what_pgbouncer_reads() {
        let md5 = format!("\"u\" \"md5{}\"", "0a".repeat(16));
        let long = format!("\"{}\" \"p\"", "u".repeat(128));
        let fits = format!("\"{}\" \"p\"", "u".repeat(127));
        let long_password = format!("\"u\" \"{}\"", "p".repeat(2048));
        for (text, expected) in [
            ("\"u\" \"p\"\n", &["u=p Plain"][..]),
            ("; c\n\"u\" \"p\"\n", &["Comment", "u=p Plain"]),
            ("# c\n\"u\" \"p\"\n", &["NoQuote", "u=p Plain unread"]),
            ("\"u\" \"p\" junk\n\"v\" \"q\"\n", &["u=p Plain", "v=q Plain"]),
            ("\"u\"\n\"p\"\n", &["u=p Plain"]),
            ("\"u\" foo \"p\"\n", &["u=p Plain"]),
            ("u p\n", &["NoQuote"]),
            ("\"u\"\"x\" \"p\"\"q\"\n", &["u\"x=p\"q Plain"]),
            ("\"u\" \n", &["Unterminated"]),
            ("\"u\" \"\"\n", &["u= Empty"]),
            ("\"u\" \"\" \n\"v\" \"w\"", &["u= Empty", "v=w Plain"]),
            ("\"u\" \"SCRAM-SHA-256$4096:a$b:c\"\n", &["u=SCRAM-SHA-256$4096:a$b:c Scram"]),
            ("\u{feff}\"u\" \"p\"\n", &["NoQuote"]),
            ("{% for u in us %}\n\"{{ u }}\" \"{{ p }}\"\n", &["Template", "{{ u }}={{ p }} Dynamic"]),
            (&md5, &["u=md50a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a Md5"]),
            (&long, &["LongName"]),
            (&fits, &[&format!("{}=p Plain", "u".repeat(127))]),
            (&long_password, &["LongPassword"]),
        ] {
            assert_eq!(show(text), expected, "{text}");
        }
    }
}
