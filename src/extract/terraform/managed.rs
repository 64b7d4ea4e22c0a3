//! Parameters of servers that a cloud runs: AWS RDS and Aurora, Google Cloud SQL, Azure flexible server.

use hcl_edit::Span as _;
use hcl_edit::structure::{Block, Body};

use super::value;
use crate::discover::Kind;
use crate::extract::{Draft, Found};
use crate::syntax::literal::Literal;

/// A parameter group; `family` says which engine and major it is for.
pub(super) fn aws(block: &Block, text: &Literal, found: &mut Found<'_>) {
    let Some(family) = value::of(&block.body, "family", text) else { return };
    if !major(&family, &["postgres", "aurora-postgresql"], found) && !is_hole(&family) {
        return;
    }
    let parameters = block.body.get_blocks("parameter");
    settings(parameters.map(|parameter| &parameter.body), text, found);
}

/// An instance with its flags; `database_version` says which engine and major it is.
pub(super) fn google(block: &Block, text: &Literal, found: &mut Found<'_>) {
    let Some(version) = value::of(&block.body, "database_version", text) else { return };
    if !major(&version, &["POSTGRES_"], found) && !is_hole(&version) {
        return;
    }
    let flags = block.body.get_blocks("settings").flat_map(|settings| settings.body.get_blocks("database_flags"));
    settings(flags.map(|flag| &flag.body), text, found);
}

/// One setting; those that name the same server make a node.
pub(super) fn azure(block: &Block, text: &Literal, found: &mut Found<'_>) {
    let server = ["server_id", "server_name"].into_iter().find_map(|key| block.body.get_attribute(key));
    let Some(server) = server.and_then(|server| server.value.span()) else { return };
    let server = String::from_utf8_lossy(text.text().get(server).unwrap_or_default()).into_owned();
    found.within(&server, |found| settings(std::iter::once(&block.body), text, found));
}

/// The settings that the bodies name. A value in braces is a formula of the instance's size.
fn settings<'b>(bodies: impl Iterator<Item = &'b Body>, text: &Literal, found: &mut Found<'_>) {
    for body in bodies {
        let (Some(name), Some(setting)) = (value::of(body, "name", text), value::of(body, "value", text)) else {
            continue;
        };
        let formula = setting.text().first() == Some(&b'{') || setting.text().windows(2).any(|pair| pair == b"({");
        let mut draft = Draft::new(text, 0);
        if formula {
            draft.text(&name);
            draft.then(b" = '${_}'\n");
        } else {
            draft.setting(&name, &setting);
        }
        found.add(Kind::PostgresqlConf, draft.build());
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
