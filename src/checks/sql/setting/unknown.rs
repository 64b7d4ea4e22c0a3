//! Settings that a server does not have, and what took their place.

use crate::catalog::settings;
use crate::catalog::{Majors, nearest, successor};
use crate::checks::edit::rename;
use crate::finding::{Finding, Label, Safety, Subject};
use crate::model::objects::Site;
use crate::model::sql::SettingChange;
use crate::rule::id::SQL_SETTING_UNKNOWN;
use crate::rule::{Context, Sink};
use crate::source::Span;

pub(in crate::checks::sql) fn unknown(
    cx: &Context<'_>,
    out: &mut Sink<'_>,
    site: &Site,
    at: (&str, Span),
    lacking: Majors,
) -> bool {
    unknown_in(cx, out, site, at, lacking, None)
}

/// The same of a SET, whose value may go over to the setting that took the place.
pub(super) fn unknown_in(
    cx: &Context<'_>,
    out: &mut Sink<'_>,
    site: &Site,
    (name, span): (&str, Span),
    lacking: Majors,
    change: Option<&SettingChange>,
) -> bool {
    let majors = site.refused(lacking);
    if majors.is_empty() {
        return false;
    }
    let shown = cx.show(span);
    let (message, help) = match settings::setting(name) {
        Some(setting) => {
            let has = setting.majors();
            let message = format!(
                "there is no setting `{shown}` in {majors}; {has} {} it",
                if has.len() == 1 { "has" } else { "have" }
            );
            (
                message,
                settings::removed(name)
                    .map_or("remove the statement or run it on other majors only", |gone| gone.advice)
                    .to_owned(),
            )
        }
        None => {
            let near = nearest(name, settings::names(site.majors));
            // Other engines have ALTER SYSTEM and ALTER USER ... SET too.
            if near.is_none() && settings::removed(name).is_none() && !site.ours {
                return false;
            }
            let help = match (settings::removed(name), near) {
                (Some(gone), _) => gone.advice.to_owned(),
                (None, Some(near)) => format!("did you mean `{near}`?"),
                (None, None) => "settings of your own need a dot in their name, such as `app.mode`".to_owned(),
            };
            (format!("there is no setting `{shown}`"), help)
        }
    };
    let label = Label::new(span, "the server refuses the statement");
    let mut finding = Finding::new(SQL_SETTING_UNKNOWN, Subject::Setting(name.to_owned()), majors, label, message);
    let as_written = cx.sources.bytes(span).eq_ignore_ascii_case(name.as_bytes());
    let went_over = change.filter(|_| as_written).and_then(|change| went_over(cx, name, change));
    if let Some((successor, value, edits)) = went_over {
        let safety = if majors.covers(site.majors) { Safety::Safe } else { Safety::Unsafe };
        finding = finding.help(format!("set `{successor}` to `{value}`; {help}")).fix(
            format!("set `{successor}` to `{value}`"),
            safety,
            edits,
        );
    } else {
        finding = finding.help(help);
        let near = nearest(name, settings::names(site.majors)).filter(|_| settings::setting(name).is_none());
        if let Some(near) = near.filter(|_| settings::removed(name).is_none()) {
            finding = rename(cx, finding, (span, name), near, Safety::Unsafe);
        }
    }
    out.push(finding);
    true
}

/// The setting that took the place of one, its value, and the edits that write both.
type WentOver = (&'static str, String, Vec<(Span, String)>);

/// What a SET becomes whose setting another one took the place of.
fn went_over(cx: &Context<'_>, name: &str, change: &SettingChange) -> Option<WentOver> {
    let gone = settings::removed(name)?;
    let successor = gone.successor?;
    let [value] = change.values.as_slice() else { return None };
    if value.dynamic {
        return None;
    }
    let written = String::from_utf8_lossy(cx.sources.bytes(value.span)).into_owned();
    let now = successor::converted(name, &written, &value.text, successor::SEGMENT)?;
    let mut edits = vec![(change.name_span, successor.to_owned())];
    // SQL takes a size in quotes only.
    let quoted = if now.starts_with('\'') || now == written { now.clone() } else { format!("'{now}'") };
    if now != written {
        edits.push((value.span, quoted));
    }
    let shown = if now == written { cx.show(value.span) } else { now };
    Some((successor, shown.trim_matches('\'').to_owned(), edits))
}
