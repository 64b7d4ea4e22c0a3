//! What the entries of pg_hba.conf mean: typed rows, and what each major refuses and why.
//!
//! A line is judged once for all target majors, in the order in which the server checks, so that each major has the
//! reason its own log would give. Files are not opened here: lists that `@file` names come from the caller, and
//! include lines are left to it. Whether a row can ever match is for rules to say.

use std::net::IpAddr;
use std::sync::Arc;

use crate::catalog::Majors;
use crate::catalog::hba::{ConnType, Method, OptionInfo};
use crate::source::Span;
use crate::syntax::auth_file::{AtFileRef, AuthFile};

pub(crate) mod expand;
pub(crate) mod judge;
mod options;
mod refusal;

pub use refusal::{Reason, Refusal};

/// What other files say that decides whether a line is taken. What is not known never refuses a line.
#[derive(Debug, Clone, Copy, Default)]
pub struct HbaContext<'a> {
    /// `ssl`; off, a `hostssl` row is taken and never matches.
    pub ssl: Option<bool>,
    /// `db_user_namespace`, which 10 to 16 have.
    pub db_user_namespace: Option<bool>,
    /// `oauth_validator_libraries` of 18.
    pub oauth_validator_libraries: Option<&'a str>,
}

impl HbaContext<'_> {
    /// Whether the server takes the row and warns that it cannot match, because TLS is off.
    #[must_use]
    pub fn never_matches(&self, row: &HbaRow) -> bool {
        self.ssl == Some(false) && row.conn_type == ConnType::HostSsl
    }
}

/// What the caller knows of a file that `@file` names.
#[derive(Debug, Clone, Copy)]
pub enum NameList<'a> {
    /// There is none; the server refuses the line.
    Missing,
    /// It cannot be told: the file is out of reach, or is filled in later.
    Unknown,
    /// Its tokens, lexed for the same majors.
    Found(&'a AuthFile<'a>),
}

/// A pg_hba.conf, or a file that one includes, as the target majors read it.
#[derive(Debug, Default)]
pub struct HbaFile {
    /// Entries that some target major takes, in the order of their lines. A line gives two rows where majors read
    /// different entries from it.
    pub rows: Vec<HbaRow>,
    /// What is refused, in the order of the lines; per line and major at most one.
    pub refusals: Vec<Refusal>,
    /// Lines that cannot be judged because text in them is filled in later or a list is unknown.
    pub undecided: Vec<Span>,
    /// The target majors on which neither an entry nor an include line stands in the file.
    pub empty: Majors,
}

/// An entry that some majors take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HbaRow {
    /// From the first token to the last.
    pub span: Span,
    /// The whole line.
    pub line: Span,
    /// The target majors that take it.
    pub majors: Majors,
    /// The connection type.
    pub conn_type: ConnType,
    /// The connection type's token.
    pub conn_type_span: Span,
    /// The databases, never none. Rows that name one list share them.
    pub databases: Arc<[DbItem]>,
    /// The users, never none. Rows that name one list share them.
    pub users: Arc<[UserItem]>,
    /// The address; none for `local`.
    pub address: Option<Address>,
    /// The method that applies: `ident` on `local` is `peer`.
    pub method: Method,
    /// The method as it is written.
    pub method_written: Method,
    /// The method's token.
    pub method_span: Span,
    /// The options in order; of two with one name the later holds.
    pub options: Vec<HbaOption>,
    /// What is asked of a client certificate, per major; majors not named ask for none.
    pub client_cert: Vec<(Majors, ClientCert)>,
}

/// A database of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DbItem {
    /// The token; it lies in another file if `@file` brought it.
    pub span: Span,
    /// What it is.
    pub kind: DbKind,
}

/// What a word in the database field is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DbKind {
    /// Every database, but not replication.
    All,
    /// The database called as the user.
    SameUser,
    /// The database called as a role that the user belongs to; also written `samegroup`.
    SameRole,
    /// Physical replication.
    Replication,
    /// A regular expression on 16 and later (without the slash before it); a plain name that starts with a slash
    /// on older majors.
    Regex(String),
    /// A name.
    Name(String),
}

/// A user of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserItem {
    /// The token; it lies in another file if `@file` brought it.
    pub span: Span,
    /// What it is.
    pub kind: UserKind,
}

/// What a word in the user field is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserKind {
    /// Every user.
    All,
    /// The members of a role, written `+role`.
    Member(String),
    /// A regular expression on 16 and later (without the slash before it); a plain name that starts with a slash
    /// on older majors.
    Regex(String),
    /// A name.
    Name(String),
}

/// The majors on which a word that starts with a slash is a regular expression.
pub const REGEX_MAJORS: Majors = Majors::since(16);

/// The address of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The token, and the mask's token if there is one.
    pub span: Span,
    /// What it is.
    pub kind: AddressKind,
}

/// What an address is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddressKind {
    /// Every address, IPv4 and IPv6.
    All,
    /// The server's own addresses.
    SameHost,
    /// The networks of the server's addresses.
    SameNet,
    /// An address and a mask.
    Net {
        /// As it is written: bits beyond the mask may be set.
        ip: IpAddr,
        /// The mask.
        mask: IpAddr,
        /// The mask's length; none if it has holes.
        prefix: Option<u8>,
        /// The token of the mask, if it is a field of its own.
        mask_span: Option<Span>,
    },
    /// A host name, or a suffix of one that starts with a dot.
    HostName(String),
}

/// An option of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HbaOption {
    /// The token.
    pub span: Span,
    /// The bytes of the name.
    pub name_span: Span,
    /// The bytes of the value, without the `=`.
    pub value_span: Span,
    /// The option.
    pub info: &'static OptionInfo,
    /// The value. A secret, if the option says so.
    pub value: String,
}

/// What is asked of a client certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClientCert {
    /// Nothing.
    Off,
    /// One that a trusted authority signed.
    VerifyCa,
    /// One whose name is that of the user, too.
    VerifyFull,
}

impl HbaRow {
    /// The value of an option that holds: the last of its name.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<&HbaOption> {
        self.options.iter().rev().find(|option| option.info.name == name)
    }

    /// What a major asks of a client certificate.
    #[must_use]
    pub fn client_cert_on(&self, major: u8) -> ClientCert {
        self.client_cert.iter().find(|(majors, _)| majors.contains(major)).map_or(ClientCert::Off, |&(_, cert)| cert)
    }

    /// Whether the row is for physical replication, alone or besides databases.
    #[must_use]
    pub fn is_replication(&self) -> bool {
        self.databases.iter().any(|item| item.kind == DbKind::Replication)
    }
}

/// Judges a file for the target majors, which lex it alike (see [`crate::syntax::auth_file::dialects`]).
///
/// `depth` is how deep the file is included. `resolve` gives the file that an `@file` names; it is asked for nested lists
/// as well.
#[must_use]
pub fn read<'a>(
    file: &'a AuthFile<'a>,
    target: Majors,
    depth: usize,
    context: &HbaContext<'_>,
    resolve: &dyn Fn(&AtFileRef<'_>) -> NameList<'a>,
) -> HbaFile {
    judge::read(file, target & file.majors(), depth, context, resolve)
}

/// The refusal of a file that has no entry at all, with the files it includes: `span` is the first file's first byte.
/// None where a line could not be judged or was refused anyway.
#[must_use]
pub fn without_entries(top: &HbaFile, included: &[&HbaFile], span: Span) -> Option<Refusal> {
    let files = || [top].into_iter().chain(included.iter().copied());
    if files().any(|file| !file.undecided.is_empty()) {
        return None;
    }
    let majors = files().fold(top.empty, |majors, file| majors & file.empty);
    (!majors.is_empty()).then_some(Refusal { majors, span, line: span, reason: Reason::NoEntries })
}

#[cfg(test)]
mod tests;
