//! The places that plugins are shown, as the numbers by which they point at them.
//!
//! All plugins of a run see the same model and so the same numbers; what one of them looks up itself is added to its
//! own table.

use crate::catalog::Majors;
use crate::finding::Subject;
use crate::plugin::Input;
use crate::rule::{MOST_BYTES, shorten};
use crate::secret::printable;
use crate::source::{FileId, Span};

/// So many places a plugin may look up itself.
const MOST_LOCATED: usize = 100_000;

/// A place and what lies there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) span: Span,
    owner: Owner,
}

/// What a place belongs to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owner {
    /// By which a finding is known when lines move.
    pub(super) thing: Thing,
    /// The majors that it is judged for.
    pub(super) majors: Majors,
}

/// A thing that has places.
#[derive(Debug, Clone, Copy)]
pub(super) enum Thing {
    /// The whole file.
    File,
    /// A definition of a node's settings, by their indices.
    Setting { node: u32, definition: u32 },
    /// A definition of a node's recovery.conf.
    Recovery { node: u32, definition: u32 },
    /// A row of a pg_hba.conf, which is all of this.
    HbaRow(Span),
    /// A row of a pg_ident.conf.
    IdentRow(Span),
    /// A connection string, by its index.
    Conninfo(u32),
    /// A statement, by its number in the model.
    Statement(u32),
    /// What a plugin looked up in a file's text.
    Text,
}

/// The places of the model.
#[derive(Debug, Default)]
pub(super) struct Places(Vec<Place>);

impl Places {
    /// The number of a place.
    pub(super) fn add(&mut self, span: Span, owner: Owner) -> u32 {
        self.0.push(Place { span, owner });
        (self.0.len() - 1) as u32
    }

    /// The start of a file, for what it lacks.
    pub(super) fn whole(&mut self, file: FileId, majors: Majors) -> u32 {
        self.add(Span::new(file, 0, 0), Owner { thing: Thing::File, majors })
    }
}

/// The places that one plugin knows: those of the model, and those that it looked up.
#[derive(Debug, Default)]
pub(super) struct Located(Vec<Place>);

impl Located {
    /// The number of a place that the plugin looked up; none if there are too many.
    pub(super) fn add(&mut self, shown: &Places, span: Span) -> Option<u32> {
        if self.0.len() >= MOST_LOCATED {
            return None;
        }
        // The model's first places are those of the whole files, in order.
        let majors = shown.0.get(span.file.index())?.owner.majors;
        self.0.push(Place { span, owner: Owner { thing: Thing::Text, majors } });
        u32::try_from(shown.0.len() + self.0.len() - 1).ok()
    }

    /// The place behind a number; none if the plugin was never shown it.
    pub(super) fn get(&self, shown: &Places, number: u32) -> Option<Place> {
        let number = number as usize;
        shown.0.get(number).copied().or_else(|| self.0.get(number.checked_sub(shown.0.len())?).copied())
    }
}

impl Place {
    /// The majors that what lies here is judged for.
    pub(super) fn majors(self) -> Majors {
        self.owner.majors
    }

    /// What a finding at this place is about. `statement` says of a statement what it does to what.
    pub(super) fn subject(self, input: &Input, statement: impl Fn(u32) -> Option<String>) -> Subject {
        let cluster = &input.cluster;
        let show = |span| shown(input, span);
        let node = |node: u32| cluster.nodes.get(node as usize);
        let setting = match self.owner.thing {
            Thing::Setting { node: of, definition } => {
                node(of).and_then(|node| node.settings.definitions.get(definition as usize))
            }
            Thing::Recovery { node: of, definition } => {
                node(of).and_then(|node| node.recovery.definitions.get(definition as usize))
            }
            _ => None,
        };
        match self.owner.thing {
            Thing::File => Subject::File,
            Thing::HbaRow(row) => Subject::HbaRow(show(row)),
            Thing::IdentRow(row) => Subject::IdentRow(show(row)),
            Thing::Conninfo(of) => {
                cluster.conninfos.get(of as usize).map_or(Subject::File, |of| Subject::Conninfo(of.origin.key()))
            }
            Thing::Statement(number) => Subject::Object(statement(number).unwrap_or_else(|| show(self.span))),
            Thing::Text => Subject::Entry(show(self.span)),
            Thing::Setting { .. } | Thing::Recovery { .. } => {
                setting.map_or(Subject::File, |definition| Subject::Setting(definition.name.clone()))
            }
        }
    }
}

/// The start of a span's text, as a plugin sees it, on one line.
fn shown(input: &Input, span: Span) -> String {
    let end = span.end.min(span.start.saturating_add(MOST_BYTES));
    let shown = input.masks.show(&input.sources, Span { end, ..span });
    shorten(&printable(shown.text()))
}
