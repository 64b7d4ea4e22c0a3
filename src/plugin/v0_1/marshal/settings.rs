//! Settings and recovery files.

use std::collections::BTreeMap;

use crate::catalog::{self, Majors};
use crate::model::settings::Effective;
use crate::model::{Definition, Node};
use crate::plugin::places::{Owner, Thing};
use crate::plugin::reads::Settings;
use crate::secret::Masks;
use crate::source::SourceMap;

use super::{Writer, majors, number, owner, wit, with_holes};

impl Writer<'_> {
    pub(super) fn settings(&mut self, index: u32, node: &Node) -> Vec<wit::Setting> {
        let mut by_name = BTreeMap::<&str, Vec<wit::Definition>>::new();
        let defined = &node.settings.definitions;
        let numbers: Box<dyn Iterator<Item = usize>> = match &self.reads.settings {
            Settings::All => Box::new(0..defined.len()),
            Settings::Named(names) => Box::new(names.iter().flat_map(|name| node.settings.numbers_of(name))),
        };
        for number in numbers {
            let Some(of) = defined.get(number) else { continue };
            let thing = Thing::Setting { node: index, definition: number as u32 };
            by_name.entry(&of.name).or_default().push(self.definition(of, owner(thing, node.targets.majors)));
        }
        by_name
            .into_iter()
            .map(|(name, definitions)| wit::Setting {
                name: name.to_owned(),
                values: effective(node, name, self.sources, self.masks),
                definitions,
            })
            .collect()
    }

    fn definition(&mut self, of: &Definition, owner: Owner) -> wit::Definition {
        wit::Definition {
            name: of.name.clone(),
            text: with_holes(&text_of(of, self.sources, self.masks)),
            dynamic: of.value.dynamic,
            overridden: of.overridden_by.is_some(),
            file: number(of.span.file),
            place: self.places.add(of.span, owner),
            name_place: self.places.add(of.written, owner),
            value_place: self.places.add(of.value.span, owner),
        }
    }

    pub(super) fn recovery(&mut self, index: u32, node: &Node) -> wit::Recovery {
        let recovery = &node.recovery;
        let definitions = (0..).zip(&recovery.definitions);
        let definitions = definitions.map(|(definition, of)| {
            self.definition(of, owner(Thing::Recovery { node: index, definition }, node.targets.majors))
        });
        wit::Recovery {
            definitions: definitions.collect(),
            standby_signal: recovery.standby_signal.map(number),
            recovery_signal: recovery.recovery_signal.map(number),
            conf: recovery.conf.map(number),
            complete: recovery.complete,
            data_directory: node.data_directory,
        }
    }
}

/// The value's text without quotes. Where the file hides a part of it, it is what the file may show, which keeps the
/// rest readable: `host=a password=****`.
fn text_of(of: &Definition, sources: &SourceMap, masks: &Masks) -> String {
    if !masks.hides(sources, of.value.span) {
        return String::from_utf8_lossy(&of.text).into_owned();
    }
    let shown = masks.show(sources, of.value.span);
    let text = shown.text();
    text.strip_prefix('\'').map_or(text, |text| text.strip_suffix('\'').unwrap_or(text)).to_owned()
}

/// The value of a setting on the majors of a node, majors of one value together; nothing if neither the catalogue nor
/// the node knows the setting.
pub(crate) fn effective(node: &Node, name: &str, sources: &SourceMap, masks: &Masks) -> Vec<wit::Effective> {
    let Some(setting) = catalog::setting(name) else { return of_extension(node, name, sources, masks) };
    let mut out = Vec::<wit::Effective>::new();
    for major in node.targets.majors.iter() {
        let value = node.settings.effective(setting.name, major);
        let state = state(&value);
        let hidden = value.definition().filter(|definition| masks.hides(sources, definition.value.span));
        let (shown, raw, number) = match (value.value(), hidden, setting.on(major)) {
            (Some(_), Some(definition), _) => {
                let text = text_of(definition, sources, masks);
                (text.clone(), text, None)
            }
            (Some(value), None, Some(def)) => (value.show(setting, def, major), value.raw(), value.number()),
            _ => (String::new(), String::new(), None),
        };
        let bit = majors(Majors::only(major));
        let same = |other: &&mut wit::Effective| {
            other.state == state && other.value == shown && other.raw == raw && other.number == number
        };
        match out.iter_mut().find(same) {
            Some(other) => other.majors |= bit,
            None => out.push(wit::Effective { majors: bit, state: state.to_owned(), value: shown, raw, number }),
        }
    }
    out
}

fn state(value: &Effective<'_>) -> &'static str {
    match value {
        Effective::Known(_, Some(_)) => "set",
        Effective::Known(_, None) => "default",
        Effective::Dynamic(_) => "dynamic",
        Effective::Refused(..) => "refused",
        Effective::Unknown => "unknown",
        Effective::Absent => "absent",
    }
}

/// A setting that the catalogue does not have. The server takes it for one of an extension if its name has a dot.
fn of_extension(node: &Node, name: &str, sources: &SourceMap, masks: &Masks) -> Vec<wit::Effective> {
    let Some(winner) = node.settings.winner(name) else { return Vec::new() };
    let (state, value) = match (winner.value.dynamic, name.contains('.')) {
        (_, false) => ("absent", String::new()),
        (true, true) => ("dynamic", String::new()),
        (false, true) => ("set", text_of(winner, sources, masks)),
    };
    let majors = majors(node.targets.majors);
    vec![wit::Effective { majors, state: state.to_owned(), raw: value.clone(), value, number: None }]
}
