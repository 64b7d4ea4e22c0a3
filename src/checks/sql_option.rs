//! Edits of the options of subscriptions and publications: the one that was meant, one too many, one of two that exclude
//! each other.

use crate::catalog::nearest;
use crate::catalog::sql_options::Reason;
use crate::checks::edit::{self, rename};
use crate::finding::{Finding, Safety};
use crate::model::sql::OptionItem;
use crate::rule::Context;
use crate::source::Span;

/// The finding on an option, where it is unknown with the nearest one there is; `span` starts with the option's name.
pub(crate) fn nearest_option(
    cx: &Context<'_>,
    finding: Finding,
    span: Span,
    reason: Reason,
    names: &[&'static str],
) -> Finding {
    if reason != Reason::UnknownOption {
        return finding;
    }
    let bytes = cx.sources.bytes(span);
    let end = bytes.iter().position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_').unwrap_or(bytes.len());
    let word = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
    let Some(near) = nearest(&word, names.iter().copied()).filter(|near| *near != word) else { return finding };
    finding.help(format!("did you mean `{near}`?")).fix(
        format!("write `{near}`"),
        Safety::Unsafe,
        vec![(span.slice(0, end), near.to_owned())],
    )
}

/// The finding on what the server refuses of these options, with the edit that mends it.
pub(crate) fn mend(
    cx: &Context<'_>,
    finding: Finding,
    (span, reason): (Span, Reason),
    options: &[OptionItem],
) -> Finding {
    match reason {
        Reason::DuplicatePublication => without(cx, finding, span, "remove the second one"),
        Reason::Duplicate => {
            let text = |item: &OptionItem| item.value.as_ref().map(|value| value.text().into_owned());
            let here = options.iter().position(|item| item.span == span);
            let same =
                here.and_then(|at| Some((options.get(at)?, options.get(..at)?))).is_some_and(|(item, before)| {
                    let mut first = before.iter().filter(|first| first.name.text == item.name.text);
                    first.all(|first| text(first) == text(item))
                });
            if same { without(cx, finding, span, "remove the second one") } else { finding }
        }
        Reason::BadValue => {
            let value = options.iter().find(|item| item.span == span).and_then(|item| item.value.as_ref());
            let Some(value) = value.filter(|value| !value.is_dynamic()) else { return finding };
            let word = value.text().to_ascii_lowercase();
            let meant = match word.as_str() {
                "yes" | "y" | "t" | "enable" | "enabled" => Some("true"),
                "no" | "n" | "f" | "disable" | "disabled" => Some("false"),
                word => nearest(word, ["true", "false", "parallel", "none", "any"]),
            };
            match meant.filter(|near| *near != word) {
                Some(near) => rename(cx, finding, (value.span, &value.text()), near, Safety::Unsafe),
                None => finding,
            }
        }
        Reason::Conflict => apart(finding, options),
        _ => finding,
    }
}

fn without(cx: &Context<'_>, finding: Finding, span: Span, title: &str) -> Finding {
    match edit::item(cx, span) {
        Some(span) => finding.fix(title, Safety::Safe, vec![(span, String::new())]),
        None => finding,
    }
}

/// With `connect = false` nothing is made on the publisher, copied or enabled; without a slot nothing is made or enabled. So
/// what asks for these is turned off.
fn apart(finding: Finding, options: &[OptionItem]) -> Finding {
    let word =
        |item: &OptionItem| item.value.as_ref().map_or("true".to_owned(), |value| value.text().to_ascii_lowercase());
    let find = |name: &str| options.iter().find(|item| item.name.text == name);
    let off = |item: &OptionItem| ["false", "off", "0"].contains(&word(item).as_str());
    let offline = find("connect").is_some_and(off);
    let names: &[&str] = match find("slot_name").map(word).as_deref() {
        _ if offline => &["enabled", "create_slot", "copy_data"],
        Some("none") => &["enabled", "create_slot"],
        _ => return finding,
    };
    let Some(last) = options.last() else { return finding };
    let (mut edits, mut titles) = (Vec::new(), Vec::new());
    for name in names {
        let edit = match find(name) {
            Some(item) if off(item) => continue,
            Some(item) => (item.span, format!("{name} = false")),
            None if offline => continue,
            None => edit::put(last.span.file, last.span.end, format!(", {name} = false")),
        };
        edits.push(edit);
        titles.push(format!("`{name} = false`"));
    }
    // Two options that are added stand at one place.
    let added =
        edits.iter().filter(|(span, _)| span.start == span.end).map(|(_, text)| text.as_str()).collect::<String>();
    if edits.iter().filter(|(span, _)| span.start == span.end).count() > 1 {
        edits.retain(|(span, _)| span.start != span.end);
        edits.push(edit::put(last.span.file, last.span.end, added));
    }
    // What is put in behind the last option touches it where that is changed too.
    let at_end = |(span, _): &(Span, String)| span.end == last.span.end;
    if edits.is_empty() || edits.iter().filter(|edit| at_end(edit)).count() > 1 {
        return finding;
    }
    finding.fix(format!("write {}", titles.join(" and ")), Safety::Unsafe, edits)
}
