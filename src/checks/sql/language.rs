//! Languages that are not trusted, as extensions and by themselves.

use crate::catalog::Majors;
use crate::finding::{Finding, Label, Subject};
use crate::model::sql::{Language, What};
use crate::rule::id::EXTENSION_UNTRUSTED_LANGUAGE;
use crate::rule::{Context, Sink};

/// Languages whose functions can do what the server's operating system user can.
pub(super) const UNTRUSTED: [&str; 9] =
    ["plperlu", "plpythonu", "plpython2u", "plpython3u", "pltclu", "plsh", "plr", "javau", "plluau"];

/// Trusted languages that 10 to 12 know by name: what CREATE LANGUAGE says of them counts from 13 on
/// (`CreateProceduralLanguage` of proclang.c; tried on servers of 12, 13 and 18).
const TEMPLATES: [&str; 3] = ["plperl", "plpgsql", "pltcl"];

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (site, statement) in cx.cluster.statements() {
        let (name, majors, message, help) = match &statement.what {
            What::Extension(extension) if UNTRUSTED.contains(&extension.name.text.as_str()) => {
                let shown = cx.name(extension.name.span);
                (
                    &extension.name,
                    site.majors,
                    format!("extension `{shown}` brings a language that is not trusted"),
                    KNOWN,
                )
            }
            What::Language(language) => {
                let (majors, shown) = (site.majors & untrusted(language), cx.name(language.name.span));
                match UNTRUSTED.contains(&language.name.text.as_str()) {
                    true => (&language.name, majors, format!("language `{shown}` is not trusted"), KNOWN),
                    false => (&language.name, majors, format!("language `{shown}` is made without `TRUSTED`"), OTHER),
                }
            }
            _ => continue,
        };
        if name.dynamic || majors.is_empty() {
            continue;
        }
        let label = Label::new(name.span, "its functions run with the rights of the server's own user");
        let subject = Subject::Object(format!("extension/{}", name.text));
        out.push(Finding::new(EXTENSION_UNTRUSTED_LANGUAGE, subject, majors, label, message).help(help));
    }
}

const KNOWN: &str = "use a trusted language, or keep the code in an application";
const OTHER: &str = "say `TRUSTED` if its functions can reach nothing outside of the database";

/// The majors on which it is not trusted. Without a handler it is CREATE EXTENSION by another name.
fn untrusted(language: &Language) -> Majors {
    let name = language.name.text.as_str();
    match (language.handler, language.trusted) {
        _ if UNTRUSTED.contains(&name) => Majors::ALL,
        (true, false) if TEMPLATES.contains(&name) => Majors::since(13),
        (true, false) => Majors::ALL,
        _ => Majors::NONE,
    }
}
