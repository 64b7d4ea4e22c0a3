//! What pg_hba.conf may say: connection types, authentication methods and their options, per major.
//!
//! Facts only, from `parse_hba_line` and `parse_hba_auth_opt` of hba.c; what values mean is said in `model/hba`.

use crate::catalog::Majors;

/// The first word of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConnType {
    /// Unix sockets.
    Local,
    /// TCP, encrypted or not.
    Host,
    /// TCP with TLS.
    HostSsl,
    /// TCP without TLS.
    HostNoSsl,
    /// TCP with GSSAPI encryption.
    HostGssEnc,
    /// TCP without GSSAPI encryption.
    HostNoGssEnc,
}

impl ConnType {
    /// Every type.
    pub const ALL: [Self; 6] =
        [Self::Local, Self::Host, Self::HostSsl, Self::HostNoSsl, Self::HostGssEnc, Self::HostNoGssEnc];

    /// The type so called; case counts.
    #[must_use]
    pub fn named(word: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name().as_bytes() == word)
    }

    /// As it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Host => "host",
            Self::HostSsl => "hostssl",
            Self::HostNoSsl => "hostnossl",
            Self::HostGssEnc => "hostgssenc",
            Self::HostNoGssEnc => "hostnogssenc",
        }
    }

    /// The majors that know it.
    #[must_use]
    pub const fn majors(self) -> Majors {
        match self {
            Self::HostGssEnc | Self::HostNoGssEnc => Majors::since(12),
            _ => Majors::ALL,
        }
    }
}

/// An authentication method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names are those of pg_hba.conf")]
pub enum Method {
    Trust,
    Reject,
    Ident,
    Peer,
    Password,
    Md5,
    ScramSha256,
    Gss,
    Sspi,
    Pam,
    Bsd,
    Ldap,
    Cert,
    Radius,
    Oauth,
}

impl Method {
    /// Every method.
    pub const ALL: [Self; 15] = [
        Self::Trust,
        Self::Reject,
        Self::Ident,
        Self::Peer,
        Self::Password,
        Self::Md5,
        Self::ScramSha256,
        Self::Gss,
        Self::Sspi,
        Self::Pam,
        Self::Bsd,
        Self::Ldap,
        Self::Cert,
        Self::Radius,
        Self::Oauth,
    ];

    /// The method so called; case counts.
    #[must_use]
    pub fn named(word: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name().as_bytes() == word)
    }

    /// As it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Trust => "trust",
            Self::Reject => "reject",
            Self::Ident => "ident",
            Self::Peer => "peer",
            Self::Password => "password",
            Self::Md5 => "md5",
            Self::ScramSha256 => "scram-sha-256",
            Self::Gss => "gss",
            Self::Sspi => "sspi",
            Self::Pam => "pam",
            Self::Bsd => "bsd",
            Self::Ldap => "ldap",
            Self::Cert => "cert",
            Self::Radius => "radius",
            Self::Oauth => "oauth",
        }
    }

    /// The majors that know it.
    #[must_use]
    pub const fn majors(self) -> Majors {
        match self {
            // Release notes of 19.
            Self::Radius => Majors::until(18),
            Self::Oauth => Majors::since(18),
            _ => Majors::ALL,
        }
    }
}

/// Where an option may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValidWith {
    /// With these methods.
    Methods(&'static [Method]),
    /// In `hostssl` entries, with any method.
    HostSsl,
}

/// An authentication option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OptionInfo {
    /// As it is written; case counts.
    pub name: &'static str,
    /// The majors that know it.
    pub majors: Majors,
    /// Where it may stand.
    pub valid_with: ValidWith,
    /// Whether the value is a secret.
    pub secret: bool,
}

/// The option so called.
#[must_use]
pub fn option(name: &[u8]) -> Option<&'static OptionInfo> {
    OPTIONS.iter().find(|option| option.name.as_bytes() == name)
}

const fn of(name: &'static str, methods: &'static [Method]) -> OptionInfo {
    OptionInfo { name, majors: Majors::ALL, valid_with: ValidWith::Methods(methods), secret: false }
}

const fn since(major: u8, option: OptionInfo) -> OptionInfo {
    OptionInfo { majors: Majors::since(major), ..option }
}

const fn secret(option: OptionInfo) -> OptionInfo {
    OptionInfo { secret: true, ..option }
}

const fn hostssl(option: OptionInfo) -> OptionInfo {
    OptionInfo { valid_with: ValidWith::HostSsl, ..option }
}

const fn until(major: u8, option: OptionInfo) -> OptionInfo {
    OptionInfo { majors: Majors::until(major), ..option }
}

const KERBEROS: &[Method] = &[Method::Gss, Method::Sspi];

/// Every option of any major.
pub static OPTIONS: &[OptionInfo] = &[
    of("map", &[Method::Ident, Method::Peer, Method::Gss, Method::Sspi, Method::Cert, Method::Oauth]),
    hostssl(of("clientcert", &[])),
    since(14, hostssl(of("clientname", &[]))),
    of("pamservice", &[Method::Pam]),
    of("pam_use_hostname", &[Method::Pam]),
    of("ldapurl", &[Method::Ldap]),
    of("ldaptls", &[Method::Ldap]),
    since(11, of("ldapscheme", &[Method::Ldap])),
    of("ldapserver", &[Method::Ldap]),
    of("ldapport", &[Method::Ldap]),
    of("ldapbinddn", &[Method::Ldap]),
    secret(of("ldapbindpasswd", &[Method::Ldap])),
    of("ldapsearchattribute", &[Method::Ldap]),
    since(11, of("ldapsearchfilter", &[Method::Ldap])),
    of("ldapbasedn", &[Method::Ldap]),
    of("ldapprefix", &[Method::Ldap]),
    of("ldapsuffix", &[Method::Ldap]),
    of("krb_realm", KERBEROS),
    of("include_realm", KERBEROS),
    of("compat_realm", &[Method::Sspi]),
    of("upn_username", &[Method::Sspi]),
    until(18, of("radiusservers", &[Method::Radius])),
    until(18, of("radiusports", &[Method::Radius])),
    until(18, secret(of("radiussecrets", &[Method::Radius]))),
    until(18, of("radiusidentifiers", &[Method::Radius])),
    since(18, of("issuer", &[Method::Oauth])),
    since(18, of("scope", &[Method::Oauth])),
    since(18, of("validator", &[Method::Oauth])),
    since(18, of("delegate_ident_mapping", &[Method::Oauth])),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_find_what_they_name() {
        for method in Method::ALL {
            assert_eq!(Method::named(method.name().as_bytes()), Some(method));
        }
        for kind in ConnType::ALL {
            assert_eq!(ConnType::named(kind.name().as_bytes()), Some(kind));
        }
        assert_eq!(Method::named(b"MD5"), None);
        assert_eq!(option(b"clientname").map(|option| option.majors), Some(Majors::since(14)));
        assert_eq!(option(b"MAP"), None);
    }
}
