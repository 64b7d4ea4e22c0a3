//! What is known of settings, words of access files, connection keywords and options, as Markdown.

use crate::catalog::conninfo::{Keyword, Kind as Takes};
use crate::catalog::hba::{ConnType, Method, OptionInfo, ValidWith};
use crate::catalog::settings::{Context, Kind, Removed, removed};
use crate::catalog::sql_options::{PublicationOption, SubscriptionOption, ValueType};
use crate::catalog::{Def, Majors, Setting};
use crate::model::value::Value;

/// A heading: a name, what it is, and the majors that have it.
fn heading(name: &str, what: &str, majors: Majors) -> String {
    let has = if majors == Majors::ALL { String::new() } else { format!(", PostgreSQL {majors}") };
    format!("**{name}**: {what}{has}")
}

/// A setting: its type, range, default and when it can be changed, for each group of majors that see it alike.
pub(super) fn setting(setting: &'static Setting, judged: Majors) -> String {
    let known = setting.majors();
    let mut out = match setting.library {
        Some(library) => heading(setting.name, &format!("setting of the module `{library}`"), known),
        None => heading(setting.name, "setting", known),
    };
    if let Some(build) = setting.build {
        out.push_str(&format!(", in builds with {build}"));
    }
    out.push('\n');
    let missing = judged - known;
    if !missing.is_empty() {
        out.push_str(&format!("\nPostgreSQL {missing} has no such setting.\n"));
    }
    let several = setting.versions.len() > 1;
    for (majors, def) in setting.versions {
        let Some(major) = majors.last() else { continue };
        let on = if several { format!("PostgreSQL {majors}: ") } else { String::new() };
        out.push_str(&format!("\n- {on}{}", takes(def)));
        let default = Value::default_of(def, major).show(setting, def, major);
        let default = if default.is_empty() { "empty".to_owned() } else { format!("`{default}`") };
        out.push_str(&format!("; default {default}; {}", changes(def.context)));
        if !def.alter_system && def.context != Context::Internal {
            out.push_str("; not by `ALTER SYSTEM`");
        }
    }
    if let Some(gone) = removed(setting.name) {
        out.push_str(&format!("\n{}", what_became(gone)));
    }
    out.push('\n');
    out
}

/// A setting that no known major has.
pub(super) fn gone(gone: &Removed) -> String {
    format!("**{}**: setting of older majors\n{}\n", gone.name, what_became(gone))
}

fn what_became(gone: &Removed) -> String {
    let instead = gone.successor.map(|name| format!(", `{name}` takes its place")).unwrap_or_default();
    format!("\nGone since {}{instead}: {}", gone.since, gone.advice)
}

/// The type and range of a setting.
fn takes(def: &Def) -> String {
    let unit = |unit: Option<crate::catalog::settings::Unit>| {
        unit.map(|unit| format!(" in {}", unit.name())).unwrap_or_default()
    };
    match def.kind {
        Kind::Bool => "`on` or `off`".to_owned(),
        Kind::String => "text".to_owned(),
        Kind::Int { min, max, unit: of } => format!("integer{}, {min} to {max}", unit(of)),
        Kind::Real { min, max, unit: of } => format!("number{}, {min} to {max}", unit(of)),
        Kind::Enum(words) => {
            let words = words.iter().filter(|word| !word.hidden).map(|word| format!("`{}`", word.name));
            format!("one of {}", words.collect::<Vec<_>>().join(", "))
        }
    }
}

/// When a setting can be changed, after the documentation of `pg_settings.context`.
fn changes(context: Context) -> &'static str {
    match context {
        Context::Internal => "cannot be set",
        Context::Postmaster => "takes a restart",
        Context::Sighup => "takes a reload",
        Context::SuperuserBackend => "takes a reload, for new sessions; superusers may set it when they connect",
        Context::Backend => "takes a reload, for new sessions; may be set at the start of a session",
        Context::Superuser => "takes a reload; superusers may set it in a session",
        Context::User => "takes a reload; anyone may set it in a session",
    }
}

/// One line on a setting, for lists.
pub(super) fn short(setting: &'static Setting, judged: Majors) -> String {
    let major = (setting.majors() & judged).last().or(setting.majors().last());
    let def = major.and_then(|major| Some((major, setting.on(major)?)));
    def.map(|(_, def)| format!("{}; {}", takes(def).replace('`', ""), changes(def.context))).unwrap_or_default()
}

/// A connection type of pg_hba.conf, after its page in the documentation.
pub(super) fn conn_type(of: ConnType) -> String {
    let what = match of {
        ConnType::Local => "connections over Unix-domain sockets",
        ConnType::Host => "connections over TCP, with TLS or GSSAPI encryption or without",
        ConnType::HostSsl => "connections over TCP with TLS; needs `ssl = on`",
        ConnType::HostNoSsl => "connections over TCP without TLS",
        ConnType::HostGssEnc => "connections over TCP with GSSAPI encryption",
        ConnType::HostNoGssEnc => "connections over TCP without GSSAPI encryption",
    };
    heading(of.name(), what, of.majors())
}

/// A method of pg_hba.conf, likewise.
pub(super) fn method(of: Method) -> String {
    let what = match of {
        Method::Trust => "lets anyone in who may reach the server, as any user named, without a password",
        Method::Reject => "turns the connection away",
        Method::ScramSha256 => "asks for a password by SCRAM-SHA-256, of which nothing can be replayed",
        Method::Md5 => "asks for a password by MD5, or by SCRAM where the password is stored for that",
        Method::Password => "asks for a password in clear text",
        Method::Gss => "asks GSSAPI (Kerberos); over TCP only",
        Method::Sspi => "asks SSPI; on Windows only",
        Method::Ident => "asks the ident server of the client's machine for the user's name there",
        Method::Peer => "takes the operating system's user at the other end of the socket; `local` only",
        Method::Ldap => "asks for a password and an LDAP server whether it is right",
        Method::Radius => "asks for a password and a RADIUS server whether it is right",
        Method::Cert => "takes the name in the client's TLS certificate; `hostssl` only",
        Method::Pam => "asks for a password and PAM whether it is right",
        Method::Bsd => "asks for a password and BSD authentication whether it is right",
        Method::Oauth => "asks for a token of an OAuth 2.0 provider",
    };
    heading(of.name(), what, of.majors())
}

/// An option of a method.
pub(super) fn hba_option(of: &OptionInfo) -> String {
    let with = match of.valid_with {
        ValidWith::HostSsl => "option of `hostssl` rows, with any method".to_owned(),
        ValidWith::Methods(methods) => {
            let names = methods.iter().map(|method| format!("`{}`", method.name())).collect::<Vec<_>>();
            format!("option of {}", names.join(", "))
        }
    };
    heading(of.name, &with, of.majors)
}

/// A keyword of connection strings.
pub(super) fn keyword(of: &Keyword) -> String {
    let what = match of.kind() {
        Takes::Words(words) => {
            let word = |(word, majors): &(&str, Majors)| {
                let since = if majors.covers(of.majors) { String::new() } else { format!(" ({majors})") };
                format!("`{word}`{since}")
            };
            format!("one of {}", words.iter().map(word).collect::<Vec<_>>().join(", "))
        }
        Takes::Text => "text".to_owned(),
        Takes::TcpNumber => "number, for TCP".to_owned(),
        Takes::Timeout => "seconds to wait for each host".to_owned(),
        Takes::Ports => "ports, with commas".to_owned(),
        Takes::Hosts => "host names, addresses or folders of sockets, with commas".to_owned(),
        Takes::Addresses => "addresses, with commas".to_owned(),
        Takes::Flag => "`1` is on, anything else is off".to_owned(),
        Takes::File => "path of a file".to_owned(),
        Takes::Folder => "path of a folder".to_owned(),
        Takes::TlsVersion => "version of TLS".to_owned(),
        Takes::AuthMethods => "methods of authentication, with commas".to_owned(),
        Takes::ScramKey => "key of SCRAM, in base64".to_owned(),
    };
    let mut out = heading(of.name, &format!("connection keyword, {what}"), of.majors);
    if let Some(major) = of.majors.last() {
        if let Some(default) = of.default(major).filter(|default| !default.is_empty()) {
            out.push_str(&format!("\n\n- default `{default}`"));
        }
        if let Some(variable) = of.environment(major) {
            out.push_str(&format!("\n- environment variable `{variable}`"));
        }
    }
    out
}

/// An option of subscriptions.
pub(super) fn subscription_option(of: &SubscriptionOption) -> String {
    let mut out = heading(of.name, &format!("option of subscriptions, {}", values(of.value)), of.create | of.set);
    let known = of.create | of.set;
    if !known.is_empty() {
        let set = if of.set.is_empty() {
            "not taken by `ALTER SUBSCRIPTION ... SET`".to_owned()
        } else {
            format!("taken by `ALTER SUBSCRIPTION ... SET` on {}", of.set)
        };
        out.push_str(&format!("\n\n- {set}"));
    }
    for (since, default) in of.defaults.iter().filter(|(_, default)| !default.is_empty()) {
        out.push_str(&format!("\n- default `{default}` since {since}"));
    }
    out
}

/// An option of publications.
pub(super) fn publication_option(of: &PublicationOption) -> String {
    let what = format!("option of publications, {}", values(of.value));
    format!("{}\n\n- default `{}`", heading(of.name, &what, of.majors), of.default)
}

/// What an option takes.
fn values(of: ValueType) -> &'static str {
    match of {
        ValueType::Bool => "`true` or `false`",
        ValueType::Streaming => "`on`, `off` or, since 16, `parallel`",
        ValueType::Origin => "`any` or `none`",
        ValueType::SlotName => "name of a slot or `NONE`",
        ValueType::Publish => "list of `insert`, `update`, `delete`, `truncate`",
        ValueType::GeneratedColumns => "`none` or `stored`",
        ValueType::Lsn => "an LSN or `NONE`",
        ValueType::SynchronousCommit => "value of `synchronous_commit`",
        ValueType::Any => "a value",
    }
}
