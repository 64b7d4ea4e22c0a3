//! Why a server refuses a line, with what a message needs to say it.

use std::fmt;

use crate::catalog::Majors;
use crate::catalog::hba::{Method, OptionInfo, ValidWith};
use crate::source::Span;
use crate::syntax::auth_file::LexErrorKind;
use crate::syntax::pg_regex::Fault;

/// A line that majors refuse, and with it the whole file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The majors that refuse it for this reason.
    pub majors: Majors,
    /// The bytes at fault; the end of the line's fields if something is missing there.
    pub span: Span,
    /// The whole line.
    pub line: Span,
    /// Why.
    pub reason: Reason,
}

impl Refusal {
    /// The reason in words: lower case, no full stop.
    #[must_use]
    pub fn message(&self) -> String {
        self.reason.to_string()
    }
}

/// Why a line of pg_hba.conf or pg_ident.conf is refused. Secrets are never kept here.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the messages below say what each is")]
pub enum Reason {
    Length(LexErrorKind),
    ListMissing { name: String },
    ListTooDeep { name: String },
    EmptyIncludeDir,
    NoEntries,
    ConnType { word: String },
    ConnTypes,
    NoDatabase,
    NoUser,
    NoAddress,
    NoMask { address: String },
    NoMethod,
    Addresses,
    Masks,
    Methods,
    Regex { pattern: String, fault: Fault },
    MaskBits { address: String },
    NameWithMask { address: String },
    Mask { address: String, word: String },
    MaskFamily { address: String, mask: String },
    Method { word: String },
    Md5WithNamespace,
    GssLocal,
    PeerRemote,
    CertWithoutTls,
    OptionFormat { word: String },
    OptionName { name: String },
    OptionPlace { option: &'static OptionInfo, method: Method },
    ClientCert { value: String },
    ClientCertOff,
    ClientCertLevel,
    ClientName { value: String },
    LdapUrl,
    LdapUrlScheme { scheme: &'static str },
    LdapUrlFilter,
    LdapUrlAttributes,
    LdapPort { value: String },
    LdapModes,
    LdapBase,
    LdapFilters,
    Required { method: Method, option: &'static str },
    RadiusList { option: &'static str },
    RadiusPort { value: String },
    RadiusServerEmpty,
    RadiusCount { option: &'static str, count: usize, servers: usize },
    OauthLibraries,
    OauthLibrariesList,
    OauthValidatorNeeded,
    OauthValidator { value: String },
    OauthMap,
    IdentMissing { field: &'static str },
    IdentMany { field: &'static str },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length(LexErrorKind::LineTooLong(limit)) => write!(f, "the line is longer than {limit} bytes"),
            Self::Length(LexErrorKind::TokenTooLong(limit)) => {
                write!(f, "a word of the line is longer than {limit} bytes")
            }
            Self::ListMissing { name } => write!(f, "the file `{name}` does not exist"),
            Self::ListTooDeep { name } => write!(f, "the file `{name}` is nested too deeply"),
            Self::EmptyIncludeDir => f.write_str("`include_dir` names no folder"),
            Self::NoEntries => f.write_str("the file has no entries"),
            Self::ConnType { word } => write!(f, "`{word}` is not a connection type"),
            Self::ConnTypes => f.write_str("the line has more than one connection type"),
            Self::NoDatabase => f.write_str("the line ends before the database"),
            Self::NoUser => f.write_str("the line ends before the user"),
            Self::NoAddress => f.write_str("the line ends before the address"),
            Self::NoMask { address } => write!(f, "`{address}` has no mask, and the line ends after it"),
            Self::NoMethod => f.write_str("the line ends before the authentication method"),
            Self::Addresses => f.write_str("more than one address"),
            Self::Masks => f.write_str("more than one mask"),
            Self::Methods => f.write_str("more than one authentication method"),
            Self::Regex { pattern, fault } => {
                write!(f, "`{pattern}` is not a regular expression: {}", fault.text())
            }
            Self::MaskBits { address } => write!(f, "the mask length of `{address}` is not valid"),
            Self::NameWithMask { address } => write!(f, "`{address}` is a host name, which takes no mask length"),
            Self::Mask { address, word } => write!(f, "`{address}` has no mask: `{word}` is not one"),
            Self::MaskFamily { address, mask } => write!(f, "`{mask}` is not a mask for `{address}`"),
            Self::Method { word } => write!(f, "`{word}` is not an authentication method"),
            Self::Md5WithNamespace => f.write_str("`md5` does not work with `db_user_namespace`"),
            Self::GssLocal => f.write_str("`gss` does not work on `local`"),
            Self::PeerRemote => f.write_str("`peer` works on `local` only"),
            Self::CertWithoutTls => f.write_str("`cert` works on `hostssl` only"),
            Self::OptionFormat { word } => write!(f, "`{word}` is not an option of the form `name=value`"),
            Self::OptionName { name } => write!(f, "`{name}` is not an authentication option"),
            Self::OptionPlace { option, method } => match option.valid_with {
                ValidWith::HostSsl => write!(f, "`{}` works on `hostssl` only", option.name),
                ValidWith::Methods(_) => write!(f, "`{}` is not an option of `{}`", option.name, method.name()),
            },
            Self::ClientCert { value } => write!(f, "`{value}` is not a value of `clientcert`"),
            Self::ClientCertOff => f.write_str("`clientcert` cannot be turned off with `cert`"),
            Self::ClientCertLevel => f.write_str("`cert` takes no `clientcert` but `verify-full`"),
            Self::ClientName { value } => write!(f, "`{value}` is not a value of `clientname`"),
            Self::LdapUrl => f.write_str("the value of `ldapurl` is not an LDAP URL"),
            Self::LdapUrlScheme { scheme } => write!(f, "`ldapurl` does not take the scheme `{scheme}`"),
            Self::LdapUrlFilter => f.write_str("`ldapurl` takes no filter"),
            Self::LdapUrlAttributes => {
                f.write_str("the attributes of `ldapurl` are empty, on which the server crashes")
            }
            Self::LdapPort { value } => write!(f, "`{value}` is not a value of `ldapport`"),
            Self::LdapModes => {
                f.write_str("`ldapprefix` and `ldapsuffix` do not go together with the options for a search")
            }
            Self::LdapBase => f.write_str("`ldap` needs `ldapbasedn`, `ldapprefix` or `ldapsuffix`"),
            Self::LdapFilters => f.write_str("`ldapsearchattribute` does not go together with `ldapsearchfilter`"),
            Self::Required { method, option } => write!(f, "`{}` needs `{option}`", method.name()),
            Self::RadiusList { option } => write!(f, "the value of `{option}` is not a list"),
            Self::RadiusPort { value } => write!(f, "`{value}` is not a value of `radiusports`"),
            Self::RadiusServerEmpty => f.write_str("`radiusservers` has an empty name"),
            Self::RadiusCount { option, count, servers } => {
                write!(f, "`{option}` has {count} values for {servers} servers")
            }
            Self::OauthLibraries => f.write_str("`oauth` needs `oauth_validator_libraries` to be set"),
            Self::OauthLibrariesList => f.write_str("the value of `oauth_validator_libraries` is not a list"),
            Self::OauthValidatorNeeded => {
                f.write_str("`oauth` needs `validator`, as `oauth_validator_libraries` names several")
            }
            Self::OauthValidator { value } => write!(f, "`oauth_validator_libraries` does not name `{value}`"),
            Self::OauthMap => f.write_str("`map` does not go together with `delegate_ident_mapping`"),
            Self::IdentMissing { field } => write!(f, "the line ends before the {field}"),
            Self::IdentMany { field } => write!(f, "the line has more than one {field}"),
        }
    }
}
