//! Extensions: untrusted languages, and extensions that some majors do not bring.

use crate::catalog::Majors;
use crate::finding::{Finding, Label, Subject};
use crate::model::sql::What;
use crate::rule::id::{EXTENSION_MAJORS, EXTENSION_UNTRUSTED_LANGUAGE};
use crate::rule::{Context, Sink};

/// Languages whose functions can do what the server's operating system user can.
pub(super) const UNTRUSTED: [&str; 9] =
    ["plperlu", "plpythonu", "plpython2u", "plpython3u", "pltclu", "plsh", "plr", "javau", "plluau"];

/// Extensions of the server's own packages that not every major has.
const BUNDLED: [(&str, Majors); 16] = [
    ("adminpack", Majors::until(16)),
    ("bool_plperl", Majors::since(13)),
    ("bool_plperlu", Majors::since(13)),
    ("chkpass", Majors::only(10)),
    ("hstore_plpython2u", Majors::until(14)),
    ("hstore_plpythonu", Majors::until(14)),
    ("jsonb_plpython2u", Majors::range(11, 14)),
    ("jsonb_plpythonu", Majors::range(11, 14)),
    ("ltree_plpython2u", Majors::until(14)),
    ("ltree_plpythonu", Majors::until(14)),
    ("old_snapshot", Majors::range(14, 16)),
    ("pg_logicalinspect", Majors::since(18)),
    ("pg_surgery", Majors::since(14)),
    ("pg_walinspect", Majors::since(15)),
    ("plpythonu", Majors::until(14)),
    ("timetravel", Majors::until(11)),
];

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (site, statement) in cx.cluster.statements() {
        let What::Extension(extension) = &statement.what else { continue };
        if extension.name.dynamic {
            continue;
        }
        let name = extension.name.text.as_str();
        let (shown, span) = (cx.show(extension.name.span), extension.name.span);
        let subject = || Subject::Object(format!("extension/{name}"));
        if let Some((_, has)) = BUNDLED.iter().find(|(known, _)| *known == name) {
            let majors = site.refused(Majors::ALL - *has);
            if !majors.is_empty() {
                let message = format!(
                    "PostgreSQL {majors} does not bring extension `{shown}`; {has} {}",
                    if has.len() == 1 { "does" } else { "do" }
                );
                let label = Label::new(span, "not available");
                out.push(
                    Finding::new(EXTENSION_MAJORS, subject(), majors, label, message)
                        .help("leave the extension out, or run the statement on those majors only"),
                );
                continue;
            }
        }
        if UNTRUSTED.contains(&name) {
            let message = format!("extension `{shown}` brings a language that is not trusted");
            let label = Label::new(span, "its functions run with the rights of the server's own user");
            out.push(
                Finding::new(EXTENSION_UNTRUSTED_LANGUAGE, subject(), site.majors, label, message)
                    .help("use a trusted language, or keep the code in an application"),
            );
        }
    }
}
