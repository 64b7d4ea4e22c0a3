//! What a row asks of a client, in words.

use crate::catalog::hba::Method;
use crate::model::hba::{ClientCert, HbaRow};

/// What a client must present to get in by a row, on one major; none where the row rejects.
#[must_use]
pub fn proof(row: &HbaRow, major: u8) -> Option<String> {
    let first = match row.method {
        Method::Reject => return None,
        Method::Trust => "nothing",
        Method::Ident => "the user name that the ident server of its machine tells",
        Method::Peer => "the user name of its local account",
        Method::Password => "the password, in clear text",
        Method::Md5 => "the password, by MD5, or by SCRAM if it is stored so",
        Method::ScramSha256 => "the password, by SCRAM",
        Method::Gss => "a Kerberos ticket, by GSSAPI",
        Method::Sspi => "a Windows login, by SSPI",
        Method::Pam => "the password that PAM asks for, in clear text",
        Method::Bsd => "the password that BSD authentication asks for, in clear text",
        Method::Ldap => "the password of the LDAP server, in clear text",
        Method::Radius => "the password of the RADIUS server, in clear text",
        Method::Cert => "a client certificate with the name of the user",
        Method::Oauth => "an OAuth bearer token",
    };
    let mut out = first.to_owned();
    let cert = match row.client_cert_on(major) {
        _ if row.method == Method::Cert => None,
        ClientCert::Off => None,
        ClientCert::VerifyCa => Some("a client certificate that the authority signed"),
        ClientCert::VerifyFull => Some("a client certificate with the name of the user"),
    };
    if let Some(cert) = cert {
        out = if row.method == Method::Trust { cert.to_owned() } else { format!("{out}, and {cert}") };
    }
    if let Some(map) = row.option("map") {
        out.push_str(&format!(" (mapped by `{}`)", map.value));
    }
    Some(out)
}
