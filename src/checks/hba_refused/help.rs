//! How to mend a refused line.

use super::words;
use crate::catalog::Majors;
use crate::catalog::hba::{self, ConnType, Method, OptionInfo, ValidWith};
use crate::model::hba::Reason;

const COLUMNS: &str = "write `local DATABASE USER METHOD`, or `host DATABASE USER ADDRESS METHOD`";

/// What to do about a refused line, whose bytes are `line`.
pub(super) fn for_refusal(reason: &Reason, majors: Majors, line: &[u8]) -> String {
    match reason {
        Reason::ConnType { word } => conn_type(word, majors, line),
        Reason::NoDatabase | Reason::NoUser | Reason::NoAddress | Reason::NoMethod => missing(line),
        Reason::Mask { address, .. } | Reason::NoMask { address } => {
            let bits = if address.contains(':') { 128 } else { 32 };
            format!("write `{address}/{bits}` for this one address, or the network with its length")
        }
        Reason::MaskBits { address } => {
            let most = if address.contains(':') { 128 } else { 32 };
            format!("write a length from 0 to {most} after the slash")
        }
        Reason::NameWithMask { address } if words::is_placeholder(address) => {
            "put an address in place of the placeholder".to_owned()
        }
        Reason::NameWithMask { address } => {
            let name = address.split_once('/').map_or(address.as_str(), |(name, _)| name);
            format!("write `{name}` without a mask length, or the address instead of the name")
        }
        Reason::MaskFamily { .. } => "write the mask in the family of the address, or its length after a slash".to_owned(),
        Reason::Method { word } => method(word, majors, line),
        Reason::GssLocal => "use `peer` for local connections, or `host` with `gss`".to_owned(),
        Reason::PeerRemote => "use `scram-sha-256` or `cert` over TCP; `peer` asks the kernel, which knows local users only".to_owned(),
        Reason::CertWithoutTls => "write `hostssl` as the connection type".to_owned(),
        Reason::Md5WithNamespace => "use `scram-sha-256`, or turn `db_user_namespace` off".to_owned(),
        Reason::OptionFormat { .. } => {
            "write options as `name=value` without blanks around the `=`, and a value with blanks in double quotes; comments need a `#`".to_owned()
        }
        Reason::OptionName { name } => option_name(name, majors),
        Reason::OptionPlace { option, .. } => option_place(option),
        Reason::ClientCert { .. } => {
            if (majors & Majors::since(12)).is_empty() {
                "write `clientcert=1`".to_owned()
            } else {
                "write `clientcert=verify-full`, or `clientcert=verify-ca` where the name in the certificate does not matter".to_owned()
            }
        }
        Reason::ClientCertOff | Reason::ClientCertLevel => "remove the option: `cert` always verifies the certificate".to_owned(),
        Reason::ClientName { .. } => "write `clientname=CN` or `clientname=DN`".to_owned(),
        Reason::LdapUrl | Reason::LdapUrlScheme { .. } => "write `ldapurl=\"ldaps://HOST/BASEDN?ATTRIBUTE\"`".to_owned(),
        Reason::LdapUrlFilter => "use `ldapsearchattribute`; filters work from 11 on".to_owned(),
        Reason::LdapUrlAttributes => "name an attribute after the `?` of the URL, or end the URL before it".to_owned(),
        Reason::LdapPort { .. } => "write the number of a port".to_owned(),
        Reason::LdapModes => {
            "keep `ldapprefix` and `ldapsuffix` to bind directly, or `ldapbasedn` and its companions to search first".to_owned()
        }
        Reason::LdapBase => "add `ldapbasedn` to search for the user, or `ldapprefix` and `ldapsuffix` to bind directly".to_owned(),
        Reason::LdapFilters => "keep one of the two: the filter `(ATTRIBUTE=$username)` says the same".to_owned(),
        Reason::Required { option, .. } => format!("add the option `{option}` with a value"),
        Reason::RadiusList { .. } => "part the values by commas, and put the whole value in double quotes".to_owned(),
        Reason::RadiusPort { .. } => "write the numbers of ports".to_owned(),
        Reason::RadiusServerEmpty => "name every server".to_owned(),
        Reason::RadiusCount { .. } => "write one value for all servers, or one for each".to_owned(),
        Reason::OauthLibraries => "set `oauth_validator_libraries` in postgresql.conf".to_owned(),
        Reason::OauthLibrariesList => "part the libraries by commas".to_owned(),
        Reason::OauthValidatorNeeded => "add `validator=` with one of the libraries".to_owned(),
        Reason::OauthValidator { .. } => "name a library of `oauth_validator_libraries`, or add it there".to_owned(),
        Reason::OauthMap => "keep one of the two: with `delegate_ident_mapping=1` the validator maps the user".to_owned(),
        Reason::Regex { .. } => {
            "mend the expression; one with commas or blanks stands in double quotes, its slash too".to_owned()
        }
        Reason::EmptyIncludeDir => "name a folder".to_owned(),
        Reason::ListMissing { .. } => {
            "create the file, or mend its name, which is relative to this file; a name that starts with `@` stands in double quotes".to_owned()
        }
        Reason::ListTooDeep { .. } => "let the files not name each other".to_owned(),
        Reason::Length(_) => {
            "part the line into several, or move its names to a file and write `@FILE` for them".to_owned()
        }
        Reason::NoEntries => "add an entry, such as `local all all peer`".to_owned(),
        Reason::ConnTypes | Reason::Addresses | Reason::Masks | Reason::Methods => {
            "write a line for each: only databases and users take lists; look for a stray comma".to_owned()
        }
        Reason::IdentMissing { .. } => "write `MAP SYSTEM-USER DATABASE-USER`".to_owned(),
        Reason::IdentMany { .. } => "write a line for each, or put a value with a comma in double quotes".to_owned(),
    }
}

fn conn_type(word: &str, majors: Majors, line: &[u8]) -> String {
    if word.starts_with('\u{feff}') {
        return "save the file without a byte order mark".to_owned();
    }
    if ["include", "include_if_exists", "include_dir"].contains(&word) {
        return if words::fields(line).len() == 2 {
            "include lines need 16 or later; copy the entries here".to_owned()
        } else {
            format!("write `{word}` with one file name and nothing else")
        };
    }
    if let Some(kind) = ConnType::named(word.as_bytes()) {
        return format!(
            "`{word}` needs {} or later; use `host` or `hostssl`",
            kind.majors().first().unwrap_or_default()
        );
    }
    match words::conn_type(word, majors) {
        Some(kind) => format!("write `{}`", kind.name()),
        None => "start the line with `local`, `host`, `hostssl` or `hostnossl`, and a comment with `#`".to_owned(),
    }
}

fn method(word: &str, majors: Majors, line: &[u8]) -> String {
    let fields = words::fields(line);
    let is_local = fields.first().is_some_and(|kind| kind == "local");
    if let Some(method) = Method::named(word.as_bytes()) {
        let known = method.majors();
        return match known.last() {
            Some(last) if majors.first().is_some_and(|first| first > last) => {
                format!("`{word}` was removed in {}; use `ldap`, `pam`, `gss`, `oauth` or another method", last + 1)
            }
            _ => format!("`{word}` needs {} or later", known.first().unwrap_or_default()),
        };
    }
    if words::is_address(word) {
        return if is_local {
            format!("remove `{word}`: `local` is for Unix sockets and takes no address; or use `host`")
        } else {
            "write one address, with its length after a slash or with its mask in the next column, not both".to_owned()
        };
    }
    match words::method(word, majors) {
        Some(method) => format!("write `{}`", method.name()),
        None if word.contains('=') => "write the method before its options".to_owned(),
        None => "write `scram-sha-256`, `cert`, `peer`, `reject` or another method that the server has".to_owned(),
    }
}

/// Which column was left out.
fn missing(line: &[u8]) -> String {
    let fields = words::fields(line);
    let words = fields.iter().map(String::as_str).collect::<Vec<_>>();
    match words.as_slice() {
        ["local", _, last] if words::is_method(last) => {
            "a column is missing: write a database and a user before the method".to_owned()
        }
        ["local", _, _] => "add the method, such as `peer`, at the end".to_owned(),
        ["local", ..] => COLUMNS.to_owned(),
        [_, second, ..] if words::is_address(second) => {
            "the database and the user are missing before the address".to_owned()
        }
        [_, _, third, ..] if words::is_address(third) => {
            format!("the database or the user is missing before `{third}`")
        }
        [_, _, _, fourth] if words::is_address(fourth) || *fourth == "all" => {
            "add the method, such as `scram-sha-256`, at the end".to_owned()
        }
        [_, _, _, last] if words::is_method(last) => {
            format!("the address is missing before `{last}`: add one, or use `local`, which takes none")
        }
        [_, _, last] if words::is_method(last) => format!("columns are missing before `{last}`: {COLUMNS}"),
        _ => COLUMNS.to_owned(),
    }
}

fn option_name(name: &str, majors: Majors) -> String {
    if let Some(option) = hba::option(name.as_bytes()) {
        return format!("`{name}` needs {} or later", option.majors.first().unwrap_or_default());
    }
    let singular = ["radiusserver", "radiussecret", "radiusport", "radiusidentifier"];
    if singular.contains(&name) {
        return format!("write `{name}s`");
    }
    let known = hba::OPTIONS.iter().filter(|option| option.majors.covers(majors)).map(|option| option.name);
    match crate::catalog::nearest(&name.to_ascii_lowercase(), known) {
        Some(meant) => format!("write `{meant}`"),
        None => "remove the option, or look up its name".to_owned(),
    }
}

fn option_place(option: &OptionInfo) -> String {
    match option.valid_with {
        ValidWith::HostSsl => "write `hostssl` as the connection type: only TLS has client certificates".to_owned(),
        ValidWith::Methods(methods) => {
            let names = methods.iter().map(|method| format!("`{}`", method.name())).collect::<Vec<_>>();
            format!("remove it: `{}` goes with {}", option.name, names.join(", "))
        }
    }
}

#[cfg(test)]
mod tests;
