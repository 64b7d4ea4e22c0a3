//! Parameters of servers that a cloud runs: AWS RDS and Aurora, Google Cloud SQL, Azure flexible server.

use hcl_edit::Span as _;
use hcl_edit::structure::{Block, Body};

use super::value;
use crate::catalog::{self, Majors, settings};
use crate::discover::Kind;
use crate::extract::{Draft, Found, Writer};
use crate::syntax::literal::Literal;

/// A parameter group; `family` says which engine and major it is for.
pub(super) fn aws(block: &Block, text: &Literal, found: &mut Found<'_>) {
    let Some(family) = value::of(&block.body, "family", text) else { return };
    let parameters = block.body.get_blocks("parameter").map(|parameter| &parameter.body).collect::<Vec<_>>();
    let is_ours = major(&family, &["postgres", "aurora-postgresql"], found);
    if is_ours || is_hole(&family) && parameters.iter().all(|body| is_setting(body, text)) {
        self::parameters(parameters.into_iter(), text, found);
    }
}

/// An instance with its flags; `database_version` says which engine and major it is.
pub(super) fn google(block: &Block, text: &Literal, found: &mut Found<'_>) {
    let Some(version) = value::of(&block.body, "database_version", text) else { return };
    let flags = block.body.get_blocks("settings").flat_map(|settings| settings.body.get_blocks("database_flags"));
    let flags = flags.map(|flag| &flag.body).collect::<Vec<_>>();
    let is_ours = major(&version, &["POSTGRES_"], found);
    if is_ours || is_hole(&version) && flags.iter().all(|body| is_setting(body, text)) {
        parameters(flags.into_iter(), text, found);
    }
}

/// One setting; those that name the same server make a node.
pub(super) fn azure(block: &Block, text: &Literal, found: &mut Found<'_>) {
    let server = ["server_id", "server_name"].into_iter().find_map(|key| block.body.get_attribute(key));
    let Some(server) = server.and_then(|server| server.value.span()) else { return };
    let server = String::from_utf8_lossy(text.text().get(server).unwrap_or_default()).into_owned();
    found.within(&server, |found| parameters(std::iter::once(&block.body), text, found));
}

/// The password of the role that a server is made with.
pub(super) fn administrator(block: &Block, text: &Literal, found: &mut Found<'_>) {
    const LOGINS: [(&str, &str); 4] = [
        ("username", "password"),
        ("master_username", "master_password"),
        ("administrator_login", "administrator_password"),
        ("administrator_login", "administrator_login_password"),
    ];
    let body = &block.body;
    let is_azure = block.labels.first().is_some_and(|kind| kind.as_str().starts_with("azurerm_postgresql_"));
    let engine = value::of(body, "engine", text);
    if !is_azure && !engine.is_some_and(|engine| matches!(engine.text(), b"postgres" | b"aurora-postgresql")) {
        return;
    }
    for (name, password) in LOGINS {
        let (Some(name), Some(password)) = (value::of(body, name, text), value::of(body, password, text)) else {
            continue;
        };
        let mut statement = Writer::about("ALTER ROLE", &name);
        statement.words(" PASSWORD ");
        statement.string(&password);
        found.statement(statement);
    }
}

/// Whether the body names a setting of PostgreSQL's, as each does where the engine is computed and is PostgreSQL.
fn is_setting(body: &Body, text: &Literal) -> bool {
    value::of(body, "name", text).is_some_and(|name| name.text().contains(&b'.') || is_hole(&name) || is_known(&name))
}

fn is_known(name: &Literal) -> bool {
    let name = String::from_utf8_lossy(name.text()).to_ascii_lowercase();
    catalog::setting(&name).is_some() || settings::removed(&name).is_some()
}

/// Whether the name may be the cloud's own, as `require_secure_transport` of Azure: it is near to none of PostgreSQL's.
fn is_foreign(name: &Literal) -> bool {
    let text = String::from_utf8_lossy(name.text()).to_ascii_lowercase();
    let is_modules = text.contains('.');
    !is_modules && !is_hole(name) && !is_known(name) && catalog::nearest(&text, settings::names(Majors::ALL)).is_none()
}

/// The settings that the bodies name. A value in braces is a formula of the instance's size.
fn parameters<'b>(bodies: impl Iterator<Item = &'b Body>, text: &Literal, found: &mut Found<'_>) {
    for body in bodies {
        let (Some(name), Some(setting)) = (value::of(body, "name", text), value::of(body, "value", text)) else {
            continue;
        };
        if is_foreign(&name) {
            continue;
        }
        let formula = setting.text().first() == Some(&b'{') || setting.text().windows(2).any(|pair| pair == b"({");
        let setting = if formula { Draft::computed(&setting, 0..setting.text().len()) } else { setting };
        let mut line = Writer::new(&name);
        line.setting(&name, &setting);
        found.add(Kind::PostgresqlConf, line.build());
    }
}

/// Whether the text is one of the prefixes and a version, which then is evidence of the major.
fn major(text: &Literal, prefixes: &[&str], found: &mut Found<'_>) -> bool {
    let bytes = text.text();
    let Some(start) = prefixes.iter().find(|prefix| bytes.starts_with(prefix.as_bytes())).map(|prefix| prefix.len())
    else {
        return false;
    };
    let digits = bytes[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    found.add(Kind::Major, Draft::of(text, start..start + digits));
    true
}

fn is_hole(text: &Literal) -> bool {
    crate::syntax::template::is_dynamic(text.text())
}
