//! The options of an entry: `parse_hba_auth_opt` in hba.c, and what must stand together once all are read.
//!
//! Methods that a build may lack are judged as a build with all of them does. RADIUS servers are not resolved.

use super::judge::{Judge, Refused};
use super::{ClientCert, HbaContext, HbaOption, Reason};
use crate::catalog::Majors;
use crate::catalog::hba::{self, ConnType, Method, OptionInfo, ValidWith};
use crate::source::Span;
use crate::syntax::auth_file::Token;
use crate::syntax::{address, ldap_url, pg_hba};

/// What the options read so far come to.
#[derive(Debug, Default)]
pub(super) struct Options {
    pub(super) list: Vec<HbaOption>,
    client_cert: Vec<(Majors, ClientCert)>,
    ldap_url: Option<ldap_url::LdapUrl>,
    /// How many values the RADIUS lists have.
    radius: [Option<usize>; 4],
}

const RADIUS: [&str; 4] = ["radiusservers", "radiussecrets", "radiusports", "radiusidentifiers"];

impl Options {
    pub(super) fn add(
        &mut self,
        judge: &mut Judge<'_>,
        token: &Token<'_>,
        conn_type: ConnType,
        method: Method,
    ) -> Result<(), Refused> {
        let Some(assignment) = pg_hba::assignment(token) else {
            return Err(judge.fail(token.span, || Reason::OptionFormat { word: token.lossy().into_owned() }));
        };
        let unknown = || Reason::OptionName { name: String::from_utf8_lossy(assignment.name).into_owned() };
        let (name_span, value_span) = spans(judge, token);
        let Some(info) = hba::option(assignment.name) else {
            // From 19 on libraries that validate tokens may have options of their own (release notes of 19).
            if method == Method::Oauth && assignment.name.starts_with(b"validator.") {
                return judge.refuse(Majors::until(18), name_span, unknown);
            }
            return Err(judge.fail(name_span, unknown));
        };
        judge.refuse(Majors::ALL - info.majors, name_span, unknown)?;
        let fits = match info.valid_with {
            ValidWith::Methods(methods) => methods.contains(&method),
            ValidWith::HostSsl => conn_type == ConnType::HostSsl,
        };
        if !fits {
            return Err(judge.fail(name_span, || Reason::OptionPlace { option: info, method }));
        }
        self.value(judge, info, assignment.value, value_span, method)?;
        let value = String::from_utf8_lossy(assignment.value).into_owned();
        self.list.push(HbaOption { span: token.span, name_span, value_span, info, value });
        Ok(())
    }

    /// Judges a value. Any value will do for options that are not named here: what is not `1` is off.
    fn value(
        &mut self,
        judge: &mut Judge<'_>,
        info: &'static OptionInfo,
        value: &[u8],
        span: Span,
        method: Method,
    ) -> Result<(), Refused> {
        let shown = || String::from_utf8_lossy(value).into_owned();
        match info.name {
            "clientcert" => self.set_client_cert(judge, value, span, method),
            "clientname" if !matches!(value, b"CN" | b"DN") => {
                Err(judge.fail(span, || Reason::ClientName { value: shown() }))
            }
            "ldapport" if address::atoi(value) == 0 => Err(judge.fail(span, || Reason::LdapPort { value: shown() })),
            "ldapurl" => {
                let Some(url) = ldap_url::parse(value) else { return Err(judge.fail(span, || Reason::LdapUrl)) };
                let scheme = url.scheme;
                let takes = match scheme {
                    "ldap" => Majors::ALL,
                    "ldaps" => Majors::since(11),
                    _ => Majors::NONE,
                };
                judge.refuse(Majors::ALL - takes, span, || Reason::LdapUrlScheme { scheme })?;
                if url.filter {
                    judge.refuse(Majors::only(10), span, || Reason::LdapUrlFilter)?;
                }
                if url.no_attribute {
                    return Err(judge.fail(span, || Reason::LdapUrlAttributes));
                }
                self.take_url(url);
                Ok(())
            }
            name => match RADIUS.iter().position(|&option| option == name) {
                Some(which) => self.set_radius(judge, which, value, span),
                None => Ok(()),
            },
        }
    }

    /// Parts of a URL hold until another URL has the same part.
    fn take_url(&mut self, url: ldap_url::LdapUrl) {
        let before = self.ldap_url.take();
        let before = before.as_ref();
        self.ldap_url = Some(ldap_url::LdapUrl {
            scheme: url.scheme,
            no_attribute: false,
            host: url.host.or_else(|| before.and_then(|url| url.host.clone())),
            dn: url.dn.or_else(|| before.and_then(|url| url.dn.clone())),
            attribute: url.attribute || before.is_some_and(|url| url.attribute),
            filter: url.filter || before.is_some_and(|url| url.filter),
        });
    }

    fn set_client_cert(
        &mut self,
        judge: &mut Judge<'_>,
        value: &[u8],
        span: Span,
        method: Method,
    ) -> Result<(), Refused> {
        let oldest = Majors::until(11);
        let middle = Majors::range(12, 13);
        let newest = Majors::since(14);
        let cert = method == Method::Cert;
        let invalid = || Reason::ClientCert { value: String::from_utf8_lossy(value).into_owned() };
        // 10 and 11 know `1`, and take everything else for off.
        let is_one = value == b"1";
        if cert && !is_one {
            judge.refuse(oldest, span, || Reason::ClientCertOff)?;
        }
        let old = if is_one { ClientCert::VerifyCa } else { ClientCert::Off };
        let (mid, new) = match value {
            b"1" => (ClientCert::VerifyCa, None),
            b"verify-ca" => (ClientCert::VerifyCa, Some(ClientCert::VerifyCa)),
            b"verify-full" => (ClientCert::VerifyFull, Some(ClientCert::VerifyFull)),
            b"0" | b"no-verify" => {
                if cert {
                    judge.refuse(middle, span, || Reason::ClientCertOff)?;
                }
                (ClientCert::Off, None)
            }
            _ => {
                judge.refuse(middle, span, invalid)?;
                (ClientCert::Off, None)
            }
        };
        if new.is_none() {
            judge.refuse(newest, span, invalid)?;
        }
        if cert && new == Some(ClientCert::VerifyCa) {
            judge.refuse(newest, span, || Reason::ClientCertLevel)?;
        }
        self.client_cert = vec![(oldest, old), (middle, mid), (newest, new.unwrap_or(ClientCert::Off))];
        Ok(())
    }

    fn set_radius(&mut self, judge: &mut Judge<'_>, which: usize, value: &[u8], span: Span) -> Result<(), Refused> {
        let option = RADIUS.get(which).copied().unwrap_or_default();
        let Some(items) = pg_hba::split_list(value) else {
            return Err(judge.fail(span, || Reason::RadiusList { option }));
        };
        if option == "radiusservers" && items.iter().any(Vec::is_empty) {
            return Err(judge.fail(span, || Reason::RadiusServerEmpty));
        }
        if option == "radiusports" && items.iter().any(|item| address::atoi(item) == 0) {
            let value = String::from_utf8_lossy(value).into_owned();
            return Err(judge.fail(span, || Reason::RadiusPort { value }));
        }
        if let Some(count) = self.radius.get_mut(which) {
            *count = Some(items.len());
        }
        Ok(())
    }

    fn has(&self, name: &str) -> bool {
        self.list.iter().any(|option| option.info.name == name)
    }

    fn span(&self, name: &str, other: Span) -> Span {
        self.list.iter().rev().find(|option| option.info.name == name).map_or(other, |option| option.span)
    }

    /// The checks after the last option. `span` is the method's, which a missing option is laid to.
    pub(super) fn finish(
        &self,
        judge: &mut Judge<'_>,
        method: Method,
        span: Span,
        context: &HbaContext<'_>,
    ) -> Result<(), Refused> {
        match method {
            Method::Ldap => self.finish_ldap(judge, span),
            Method::Radius => self.finish_radius(judge, span),
            Method::Oauth => self.finish_oauth(judge, span, context),
            _ => Ok(()),
        }
    }

    fn finish_ldap(&self, judge: &mut Judge<'_>, span: Span) -> Result<(), Refused> {
        let url = self.ldap_url.as_ref();
        let base = self.has("ldapbasedn") || url.is_some_and(|url| url.dn.is_some());
        let attribute = self.has("ldapsearchattribute") || url.is_some_and(|url| url.attribute);
        let filter = self.has("ldapsearchfilter") || url.is_some_and(|url| url.filter);
        if !self.has("ldapserver") && url.is_none_or(|url| url.host.is_none()) {
            let reason = || Reason::Required { method: Method::Ldap, option: "ldapserver" };
            judge.refuse(Majors::until(11), span, reason)?;
        }
        if self.has("ldapprefix") || self.has("ldapsuffix") {
            let search = base || attribute || filter || self.has("ldapbinddn") || self.has("ldapbindpasswd");
            if search {
                let at = self.span("ldapsuffix", self.span("ldapprefix", span));
                return Err(judge.fail(at, || Reason::LdapModes));
            }
        } else if !base {
            return Err(judge.fail(span, || Reason::LdapBase));
        }
        if attribute && filter {
            let at = self.span("ldapsearchfilter", self.span("ldapsearchattribute", span));
            return Err(judge.fail(at, || Reason::LdapFilters));
        }
        Ok(())
    }

    fn finish_radius(&self, judge: &mut Judge<'_>, span: Span) -> Result<(), Refused> {
        let [servers, secrets, ports, identifiers] = self.radius;
        let required = |option| Reason::Required { method: Method::Radius, option };
        let Some(servers) = servers.filter(|&count| count > 0) else {
            return Err(judge.fail(self.span("radiusservers", span), || required("radiusservers")));
        };
        if secrets.is_none_or(|count| count == 0) {
            return Err(judge.fail(self.span("radiussecrets", span), || required("radiussecrets")));
        }
        for (option, count) in [("radiussecrets", secrets), ("radiusports", ports), ("radiusidentifiers", identifiers)]
        {
            let count = count.unwrap_or(0);
            if count > 1 && count != servers {
                let reason = || Reason::RadiusCount { option, count, servers };
                return Err(judge.fail(self.span(option, span), reason));
            }
        }
        Ok(())
    }

    fn finish_oauth(&self, judge: &mut Judge<'_>, span: Span, context: &HbaContext<'_>) -> Result<(), Refused> {
        for option in ["scope", "issuer"] {
            if !self.has(option) {
                return Err(judge.fail(span, || Reason::Required { method: Method::Oauth, option }));
            }
        }
        if let Some(libraries) = context.oauth_validator_libraries {
            self.check_validator(judge, span, libraries)?;
        }
        let delegates = self.list.iter().rev().find(|option| option.info.name == "delegate_ident_mapping");
        if delegates.is_some_and(|option| option.value == "1") && self.has("map") {
            return Err(judge.fail(self.span("map", span), || Reason::OauthMap));
        }
        Ok(())
    }

    /// `check_oauth_validator` of auth-oauth.c.
    fn check_validator(&self, judge: &mut Judge<'_>, span: Span, libraries: &str) -> Result<(), Refused> {
        if libraries.is_empty() {
            return Err(judge.fail(span, || Reason::OauthLibraries));
        }
        let Some(libraries) = pg_hba::split_files(libraries.as_bytes()) else {
            return Err(judge.fail(span, || Reason::OauthLibrariesList));
        };
        match self.list.iter().rev().find(|option| option.info.name == "validator") {
            Some(chosen) if libraries.iter().any(|library| *library == *chosen.value.as_bytes()) => Ok(()),
            Some(chosen) => {
                let value = chosen.value.clone();
                Err(judge.fail(chosen.value_span, || Reason::OauthValidator { value }))
            }
            None if libraries.len() == 1 => Ok(()),
            None => Err(judge.fail(span, || Reason::OauthValidatorNeeded)),
        }
    }

    /// What is asked of a certificate; `cert` implies it.
    pub(super) fn client_cert(&mut self, method: Method) -> Vec<(Majors, ClientCert)> {
        if method == Method::Cert {
            // 12.0 to 12.2 implied `verify-ca` only; the method compares the names itself.
            return vec![(Majors::until(11), ClientCert::VerifyCa), (Majors::since(12), ClientCert::VerifyFull)];
        }
        std::mem::take(&mut self.client_cert)
    }
}

/// The bytes of name and value; the whole token if it came from a list.
fn spans(judge: &Judge<'_>, token: &Token<'_>) -> (Span, Span) {
    if token.span.file == judge.file.file() {
        pg_hba::assignment_spans(judge.file, token)
    } else {
        (token.span, token.span)
    }
}
