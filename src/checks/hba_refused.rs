//! Lines of pg_hba.conf and pg_ident.conf that the server refuses, one rule per kind of cause.
//!
//! What is refused, and why, is for the model to say; here it gets a rule, a way to mend it, and what follows for the
//! file as a whole.

use crate::catalog::Majors;
use crate::finding::{Confidence, Finding, Label, Subject};
use crate::model::Node;
use crate::model::access::{AccessFault, AccessInclude};
use crate::model::hba::{Reason, Refusal};
use crate::rule::{Context, RuleId, Sink, id};
use crate::syntax::auth_file::LexErrorKind;

mod help;
mod mend;
mod words;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in &cx.cluster.nodes {
        if let Some(hba) = &node.hba {
            for refusal in merged(&hba.refusals) {
                out.push(entry(cx, node, &refusal, true));
            }
            for fault in &hba.includes {
                out.push(include(cx, node, fault, true));
            }
        }
        if let Some(ident) = &node.ident {
            for refusal in merged(&ident.refusals) {
                out.push(entry(cx, node, &refusal, false));
            }
            for fault in &ident.includes {
                out.push(include(cx, node, fault, false));
            }
        }
    }
}

const HBA_REFUSED: &str = "the server does not load the file because of this line";
const IDENT_REFUSED: &str = "the server loads no map of the file because of this line";

/// Refusals of one line for one reason, which may come in turn for the majors, as one.
fn merged(refusals: &[Refusal]) -> Vec<Refusal> {
    let mut out: Vec<Refusal> = Vec::with_capacity(refusals.len());
    for refusal in refusals {
        match out.last_mut().filter(|last| last.span == refusal.span && last.reason == refusal.reason) {
            Some(last) => last.majors = last.majors | refusal.majors,
            None => out.push(refusal.clone()),
        }
    }
    out
}

fn entry(cx: &Context<'_>, node: &Node, refusal: &Refusal, is_hba: bool) -> Finding {
    let rule = if is_hba { hba_rule(&refusal.reason) } else { ident_rule(&refusal.reason) };
    let text = cx.sources.bytes(refusal.line);
    let (subject, label) = match refusal.reason {
        Reason::NoEntries => {
            (Subject::File, Label::absent(refusal.span.file, "the server does not start without an entry"))
        }
        _ if is_hba => {
            (Subject::HbaRow(cx.show(refusal.line).trim().to_owned()), Label::new(refusal.span, HBA_REFUSED))
        }
        _ => (Subject::IdentRow(cx.show(refusal.line).trim().to_owned()), Label::new(refusal.span, IDENT_REFUSED)),
    };
    let message = match &refusal.reason {
        // What stands behind `ldapbindpasswd= ` is no option, but a password.
        Reason::OptionFormat { .. } if words::holds_secret(text) => {
            "a word is not an option of the form `name=value`".to_owned()
        }
        reason => refusal_message(reason),
    };
    let finding = Finding::new(rule, subject, refusal.majors, label, message);
    // A sample is not loaded by any server before its placeholders are filled in.
    let finding = match &refusal.reason {
        Reason::NameWithMask { address } if words::is_placeholder(address) && is_sample(cx, refusal) => {
            finding.confidence(Confidence::Low)
        }
        _ => finding,
    };
    let finding =
        super::access::by_version(node, finding).help(help::for_refusal(&refusal.reason, refusal.majors, text));
    if is_hba { mend::mend(cx, node, refusal, finding) } else { finding }
}

fn is_sample(cx: &Context<'_>, refusal: &Refusal) -> bool {
    cx.sources.file(refusal.line.file).path().extension() != Some("conf")
}

fn refusal_message(reason: &Reason) -> String {
    match reason {
        Reason::NoMethod => "the line ends where the authentication method belongs".to_owned(),
        Reason::NoEntries => "pg_hba.conf has no entries, so nobody could connect".to_owned(),
        Reason::NameWithMask { address } if words::is_placeholder(address) => {
            format!("`{address}` is a placeholder, which to the server is a host name that takes no mask length")
        }
        Reason::IdentMany { field } => {
            format!("the {field} has more than one value, as a comma that is not quoted parts them")
        }
        reason => reason.to_string(),
    }
}

/// The rule for an entry of pg_hba.conf.
fn hba_rule(reason: &Reason) -> RuleId {
    match reason {
        Reason::ConnType { .. } => id::HBA_CONNECTION_TYPE,
        Reason::NoMask { .. }
        | Reason::MaskBits { .. }
        | Reason::NameWithMask { .. }
        | Reason::Mask { .. }
        | Reason::MaskFamily { .. } => id::HBA_ADDRESS,
        Reason::Method { .. } => id::HBA_METHOD,
        Reason::GssLocal | Reason::PeerRemote | Reason::CertWithoutTls => id::HBA_METHOD_CONTEXT,
        Reason::Md5WithNamespace => id::HBA_DB_USER_NAMESPACE,
        Reason::OptionPlace { option, .. } if option.name.starts_with("client") => id::HBA_CLIENTCERT,
        Reason::ClientCert { .. } | Reason::ClientCertOff | Reason::ClientCertLevel | Reason::ClientName { .. } => {
            id::HBA_CLIENTCERT
        }
        Reason::OptionFormat { .. } | Reason::OptionName { .. } | Reason::OptionPlace { .. } => id::HBA_OPTION,
        Reason::LdapUrl
        | Reason::LdapUrlScheme { .. }
        | Reason::LdapUrlFilter
        | Reason::LdapUrlAttributes
        | Reason::LdapPort { .. }
        | Reason::LdapModes
        | Reason::LdapBase
        | Reason::LdapFilters => id::HBA_LDAP_OPTIONS,
        Reason::Required { option, .. } if option.starts_with("ldap") => id::HBA_LDAP_OPTIONS,
        Reason::Required { option, .. } if option.starts_with("radius") => id::HBA_RADIUS_OPTIONS,
        Reason::RadiusList { .. }
        | Reason::RadiusPort { .. }
        | Reason::RadiusServerEmpty
        | Reason::RadiusCount { .. } => id::HBA_RADIUS_OPTIONS,
        Reason::Required { .. }
        | Reason::OauthLibraries
        | Reason::OauthLibrariesList
        | Reason::OauthValidatorNeeded
        | Reason::OauthValidator { .. }
        | Reason::OauthMap => id::HBA_OAUTH_OPTIONS,
        Reason::Regex { .. } => id::HBA_REGEX,
        Reason::EmptyIncludeDir => id::HBA_INCLUDE,
        Reason::ListMissing { .. } | Reason::ListTooDeep { .. } => id::HBA_LIST_FILE,
        Reason::Length(LexErrorKind::LineTooLong(_) | LexErrorKind::TokenTooLong(_)) => id::HBA_LINE_TOO_LONG,
        Reason::NoEntries => id::HBA_NO_ENTRIES,
        _ => id::HBA_SYNTAX,
    }
}

/// The rule for an entry of pg_ident.conf.
fn ident_rule(reason: &Reason) -> RuleId {
    match reason {
        Reason::Regex { .. } => id::IDENT_REGEX,
        Reason::EmptyIncludeDir | Reason::ListMissing { .. } | Reason::ListTooDeep { .. } => id::IDENT_INCLUDE,
        _ => id::IDENT_SYNTAX,
    }
}

fn include(cx: &Context<'_>, node: &Node, fault: &AccessInclude, is_hba: bool) -> Finding {
    let name = cx.show(fault.span);
    let (message, help) = match fault.fault {
        AccessFault::Missing => (
            format!("the included `{name}` does not exist"),
            "create it, mend the name, which is relative to the including file, or use `include_if_exists`",
        ),
        AccessFault::TooDeep => (
            format!("the included `{name}` includes itself, or is nested more than 10 deep"),
            "take the include out of one of the files",
        ),
    };
    let (rule, label, subject) = if is_hba {
        (id::HBA_INCLUDE, HBA_REFUSED, Subject::HbaRow(format!("include {name}")))
    } else {
        (id::IDENT_INCLUDE, IDENT_REFUSED, Subject::IdentRow(format!("include {name}")))
    };
    let majors: Majors = fault.majors;
    super::access::by_version(node, Finding::new(rule, subject, majors, Label::new(fault.span, label), message))
        .help(help)
}
