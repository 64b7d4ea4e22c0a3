//! Typographic quotes and invisible characters, which the server takes for letters.
//!
//! Looks at names and at values without quotes; in quotes such a character may be meant.

use crate::catalog::settings;
use crate::checks::edit;
use crate::finding::{Effect, Finding, Label, Safety, Severity, Subject};
use crate::model::{Definition, value};
use crate::rule::{Context, Sink, id};

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in &cx.cluster.nodes {
        for definition in &node.settings.definitions {
            let (place, refused) = if in_name(cx, definition) {
                (definition.written, !definition.name.contains('.'))
            } else if in_value(cx, definition) {
                let refuses = |major| {
                    let setting = definition.setting.filter(|setting| setting.library.is_none())?;
                    Some(value::judge(setting, &definition.text, major)?.is_err())
                };
                (definition.value.span, node.targets.majors.iter().any(|major| refuses(major) == Some(true)))
            } else {
                continue;
            };
            let Some(what) = found(cx.sources.bytes(place)) else { continue };
            let message = format!(
                "there is {what} in the line of `{}`; the server takes it for a letter",
                clean(&definition.name)
            );
            let subject = Subject::Setting(clean(&definition.name));
            let majors = node.targets.majors;
            let finding =
                Finding::new(id::CONF_TYPOGRAPHIC_CHARACTER, subject, majors, Label::new(place, what), message);
            let finding = finding.help("type the line anew with `'` and plain blanks");
            let plain = plain(cx.sources.bytes(place));
            let meant = if place == definition.written {
                // A byte order mark is the first thing of its file, and no part of the name.
                plain.filter(|name| what != "a byte order mark" && settings::setting(name).is_some())
            } else {
                plain.map(|text| edit::written(&text))
            };
            let finding = match meant {
                Some(text) => {
                    let title = format!("write `{text}`");
                    let mut edits = vec![(place, text)];
                    if place == definition.written && in_value(cx, definition) {
                        let value = definition.value.span;
                        edits.extend(self::plain(cx.sources.bytes(value)).map(|text| (value, edit::written(&text))));
                    }
                    finding.fix(title, Safety::Unsafe, edits)
                }
                None => finding,
            };
            out.push(if refused { finding.effect(Effect::Refused).severity(Severity::Error) } else { finding });
        }
    }
}

/// Whether the name has such a character.
pub(crate) fn in_name(cx: &Context<'_>, definition: &Definition) -> bool {
    found(cx.sources.bytes(definition.written)).is_some()
}

/// Whether the value has such a character and stands without quotes.
pub(crate) fn in_value(cx: &Context<'_>, definition: &Definition) -> bool {
    !definition.value.quoted && found(cx.sources.bytes(definition.value.span)).is_some()
}

fn found(bytes: &[u8]) -> Option<&'static str> {
    if bytes.is_ascii() {
        return None;
    }
    String::from_utf8_lossy(bytes).chars().find_map(kind)
}

fn kind(character: char) -> Option<&'static str> {
    match character {
        '\u{2018}'..='\u{201f}' | '\u{ab}' | '\u{bb}' | '\u{2032}' | '\u{2033}' => Some("a typographic quote"),
        '\u{feff}' => Some("a byte order mark"),
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => {
            Some("a special blank")
        }
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' => {
            Some("an invisible character")
        }
        '\u{2010}'..='\u{2015}' | '\u{2212}' => Some("a typographic dash"),
        _ => None,
    }
}

/// The text as it is typed on a keyboard, without the quotes around it.
fn plain(bytes: &[u8]) -> Option<String> {
    const QUOTE: Option<&str> = Some("a typographic quote");
    let text = std::str::from_utf8(bytes).ok()?;
    let inner = text.strip_prefix(|first| kind(first) == QUOTE).unwrap_or(text);
    let inner = inner.strip_suffix(|last| kind(last) == QUOTE).unwrap_or(inner);
    let mut out = String::new();
    for character in inner.chars() {
        match kind(character) {
            None => out.push(character),
            Some("a special blank") => out.push(' '),
            Some("a typographic dash") => out.push('-'),
            // In the middle it may be a part of the text.
            QUOTE => return None,
            Some(_) => {}
        }
    }
    Some(out.trim().to_owned()).filter(|text| text.is_ascii() && !text.is_empty() && !text.contains(['\'', '"']))
}

/// The name without such characters.
fn clean(name: &str) -> String {
    name.chars().filter(|&character| kind(character).is_none()).collect()
}
