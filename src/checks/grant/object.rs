//! Privileges on single objects that open doors: catalogs, functions that reach files, parameters; GRANT OPTION.

use crate::catalog::Majors;
use crate::finding::{Finding, Label, Subject};
use crate::model::objects::Site;
use crate::model::sql::{Grant, Granted, Grantee, ObjectKind, ObjectName, Privilege, What};
use crate::rule::id::{
    GRANT_ALL_PRIVILEGES, GRANT_CATALOG, GRANT_FILE_FUNCTIONS, GRANT_LANGUAGE_UNTRUSTED, GRANT_PARAMETER,
    GRANT_SYNTAX_MAJORS, GRANT_WITH_GRANT_OPTION,
};
use crate::rule::{Context, Sink};
use crate::source::Span;

/// Catalogs that hold passwords or connection strings.
const SECRET: [(&str, &str); 6] = [
    ("pg_authid", "the password hashes of all roles"),
    ("pg_shadow", "the password hashes of all roles"),
    ("pg_subscription", "the connection strings of subscriptions"),
    ("pg_user_mapping", "the passwords of user mappings"),
    ("pg_largeobject", "the contents of all large objects"),
    ("pg_statistic", "samples of the data of all tables"),
];

/// Functions that only superusers may call at first, because they reach the server's files or other servers.
const FILES: [&str; 20] = [
    "pg_read_file",
    "pg_read_binary_file",
    "pg_ls_dir",
    "pg_stat_file",
    "pg_file_write",
    "pg_file_read",
    "pg_file_rename",
    "pg_file_unlink",
    "pg_file_sync",
    "lo_import",
    "lo_export",
    "dblink_connect_u",
    "pg_logdir_ls",
    "pg_ls_logdir",
    "pg_ls_waldir",
    "pg_ls_tmpdir",
    "pg_ls_archive_statusdir",
    "pg_current_logfile",
    "pg_reload_conf",
    "pg_rotate_logfile",
];

/// Those of [`FILES`] that only list or tell, and are granted to monitoring.
const HARMLESS: [&str; 6] = [
    "pg_ls_logdir",
    "pg_ls_waldir",
    "pg_ls_tmpdir",
    "pg_ls_archive_statusdir",
    "pg_current_logfile",
    "pg_rotate_logfile",
];

/// Settings that hand over the server, or switch a protection off, when a role may set them.
const PARAMETERS: [(&str, &str); 20] = [
    ("archive_command", "is a command that the server runs"),
    ("archive_library", "is a library that the server loads"),
    ("archive_cleanup_command", "is a command that the server runs"),
    ("recovery_end_command", "is a command that the server runs"),
    ("restore_command", "is a command that the server runs"),
    ("ssl_passphrase_command", "is a command that the server runs"),
    ("shared_preload_libraries", "names libraries that the server loads"),
    ("session_preload_libraries", "names libraries that the server loads"),
    ("local_preload_libraries", "names libraries that the server loads"),
    ("jit_provider", "names a library that the server loads"),
    ("dynamic_library_path", "says where libraries are looked for"),
    ("extension_control_path", "says where extensions are looked for"),
    ("session_replication_role", "turns triggers and foreign keys off"),
    ("allow_system_table_mods", "lets catalogs be changed by hand"),
    ("zero_damaged_pages", "destroys damaged pages"),
    ("ignore_checksum_failure", "hides damage"),
    ("hba_file", "says who may connect"),
    ("ident_file", "says who may connect"),
    ("lo_compat_privileges", "turns the privileges on large objects off"),
    ("password_encryption", "says how passwords are stored"),
];

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (site, statement) in cx.cluster.statements() {
        let What::Grant(grant) = &statement.what else { continue };
        let Granted::Privileges { privileges, kind, objects, objects_span, .. } = &grant.what else { continue };
        syntax(cx, out, site, (grant, *kind), *objects_span);
        if *kind == ObjectKind::Language {
            untrusted(cx, out, site, objects);
        }
        if grant.revoked || grant.grantees.is_empty() {
            continue;
        }
        all(cx, out, site, (grant, privileges, *kind), *objects_span);
        let mut told = false;
        for object in objects.iter().filter(|object| !object.is_dynamic()) {
            told |= one(cx, out, site, (grant, privileges, *kind), object);
        }
        if let (Some(option), false) = (grant.option, told) {
            let message = format!("privileges on `{}` may be handed on by who gets them", cx.show(*objects_span));
            let label = Label::new(option, "who has the privilege is no longer decided here");
            let subject = Subject::Object("grant/option".to_owned());
            out.push(
                Finding::new(GRANT_WITH_GRANT_OPTION, subject, site.majors, label, message)
                    .help("leave out `WITH GRANT OPTION`"),
            );
        }
    }
}

/// ALL to named roles; what PUBLIC gets is told elsewhere.
fn all(
    cx: &Context<'_>,
    out: &mut Sink<'_>,
    site: &Site,
    (grant, privileges, kind): (&Grant, &[Privilege], ObjectKind),
    span: Span,
) {
    let Some(all) = privileges.iter().find(|privilege| privilege.name == "all") else { return };
    let named = grant.grantees.iter().find_map(|grantee| match grantee {
        // The first superuser has every privilege anyway.
        Grantee::Role(name) => (name.text != "postgres").then_some(name),
        Grantee::Public(_) => None,
    });
    let more = match kind {
        ObjectKind::Table => "`TRUNCATE`, `REFERENCES` and `TRIGGER` too, and from 17 on `MAINTAIN`",
        ObjectKind::Database => "`CREATE` and `TEMPORARY` too",
        ObjectKind::Schema => "`CREATE` too",
        _ => return,
    };
    let Some(name) = named else { return };
    let on = if grant.defaults.is_some() { "objects to come".to_owned() } else { format!("`{}`", cx.show(span)) };
    let message = format!("`{}` gets every privilege on {on}", cx.name(name.span));
    let subject = Subject::Object(format!("grant/{}", cx.show(span)));
    out.push(
        Finding::new(GRANT_ALL_PRIVILEGES, subject, site.majors, Label::new(all.span, more), message)
            .help("name the privileges that the role needs"),
    );
}

/// Forms of GRANT that the grammar of older majors does not have.
fn syntax(cx: &Context<'_>, out: &mut Sink<'_>, site: &Site, (grant, kind): (&Grant, ObjectKind), span: Span) {
    let (since, what) = match kind {
        ObjectKind::Parameter => (15, "`ON PARAMETER`"),
        ObjectKind::Routine | ObjectKind::Procedure => (11, "`ON ROUTINE` and `ON PROCEDURE`"),
        ObjectKind::LargeObject if grant.defaults.is_some() => (18, "default privileges of large objects"),
        _ => return,
    };
    let majors = site.refused(Majors::until(since - 1));
    if !majors.is_empty() {
        let message = format!("{what}: not there before {since}");
        let subject = Subject::Object(format!("grant/{}", cx.show(span)));
        out.push(
            Finding::new(GRANT_SYNTAX_MAJORS, subject, majors, Label::new(span, "syntax error"), message)
                .help(format!("run the statement on {since} and later only")),
        );
    }
}

fn untrusted(cx: &Context<'_>, out: &mut Sink<'_>, site: &Site, objects: &[ObjectName]) {
    const UNTRUSTED: [&str; 7] = ["c", "internal", "plpython3u", "plpythonu", "plpython2u", "plperlu", "pltclu"];
    for object in objects.iter().filter(|object| UNTRUSTED.contains(&object.name.text.as_str())) {
        let message = format!("language `{}` is not trusted, so privileges on it are refused", cx.show(object.span));
        let label = Label::new(object.span, "the server refuses the statement");
        let subject = Subject::Object(format!("language/{}", object.name.text));
        out.push(
            Finding::new(GRANT_LANGUAGE_UNTRUSTED, subject, site.majors, label, message)
                .help("let a superuser make the functions, and grant `EXECUTE` on them"),
        );
    }
}

fn one(
    cx: &Context<'_>,
    out: &mut Sink<'_>,
    site: &Site,
    (grant, privileges, kind): (&Grant, &[Privilege], ObjectKind),
    object: &ObjectName,
) -> bool {
    let name = object.name.text.as_str();
    // Only where it is told: a statement may have as many grantees as objects.
    let whom = || {
        let shown = grant.grantees.iter().map(|grantee| match grantee {
            Grantee::Public(span) => cx.show(*span),
            Grantee::Role(name) => cx.name(name.span),
        });
        shown.collect::<Vec<_>>().join("`, `")
    };
    let builtin = object.schema().is_none_or(|schema| schema.text == "pg_catalog");
    let find =
        |table: &[(&'static str, &'static str)]| table.iter().find(|(known, _)| *known == name).map(|(_, what)| *what);
    let subject = Subject::Object(format!("grant/{name}"));
    let (rule, message, help) = match kind {
        ObjectKind::Table if builtin => {
            let Some(what) = find(&SECRET) else { return false };
            // Monitoring may read the harmless columns of pg_subscription.
            let columns = privileges.iter().flat_map(|privilege| &privilege.columns).collect::<Vec<_>>();
            let secret = ["rolpassword", "passwd", "subconninfo", "umoptions"];
            if !columns.is_empty() && !columns.iter().any(|column| secret.contains(&column.text.as_str())) {
                return false;
            }
            let message = format!("`{}` may reach {what}, in `{name}`", whom());
            (
                GRANT_CATALOG,
                message,
                "grant the view without them: `pg_roles`, `pg_stat_subscription`, `pg_user_mappings`, `pg_stats`",
            )
        }
        ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Routine
            if FILES.contains(&name) && !HARMLESS.contains(&name) =>
        {
            if name == "pg_reload_conf" {
                return false;
            }
            let message = format!("`{}` may call `{name}`, which reaches beyond the database", whom());
            (
                GRANT_FILE_FUNCTIONS,
                message,
                "wrap the one call that is needed in a `SECURITY DEFINER` function that checks its arguments",
            )
        }
        ObjectKind::Parameter => {
            let full =
                object.qualifiers.iter().map(|part| part.text.as_str()).chain([name]).collect::<Vec<_>>().join(".");
            let what = PARAMETERS.iter().find(|(known, _)| full.eq_ignore_ascii_case(known)).map(|(_, what)| *what);
            let Some(what) = what else { return false };
            let message = format!("`{}` may set `{full}`, which {what}", whom());
            (GRANT_PARAMETER, message, "leave the setting to superusers")
        }
        _ => return false,
    };
    out.push(
        Finding::new(rule, subject, site.majors, Label::new(object.span, "more than it looks"), message).help(help),
    );
    true
}
