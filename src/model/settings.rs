//! The settings of a node: every definition in the order the server reads them, includes expanded, the winner marked.

use std::collections::HashMap;
use std::sync::Arc;

use crate::catalog::{self, Majors, Setting};
use crate::load::{Include, Loaded, Target, Tree};
use crate::model::reread::{Reading, Reread};
use crate::model::value::{self, Value, ValueError};
use crate::source::{FileId, SourceMap, Span};
use crate::syntax::postgresql_conf::{self as conf, EntryKind, SyntaxError};
use crate::syntax::template;

/// The server follows includes this deep (`CONF_FILE_MAX_DEPTH`).
const MAX_DEPTH: usize = 10;

/// What a node's configuration files say.
#[derive(Debug, Default)]
pub struct Settings {
    /// postgresql.conf, if the tree has one.
    pub root: Option<FileId>,
    /// postgresql.auto.conf, if the tree has one.
    pub auto: Option<FileId>,
    /// Every file that was read, in the order of first reading.
    pub files: Vec<FileId>,
    /// Every definition, in the server's order.
    pub definitions: Vec<Definition>,
    /// Every syntax error.
    pub errors: Vec<(Span, Span, SyntaxError)>,
    /// Includes that lead nowhere, with the place of the name and whether a missing file is allowed.
    pub includes: Vec<IncludeFault>,
    /// Whether what is not defined is known to be at its default: there is a postgresql.conf, every include was
    /// followed, and no template decides what is in the files.
    pub complete: bool,
    by_name: HashMap<String, Vec<u32>>,
}

/// A setting's line.
#[derive(Debug, Clone)]
pub struct Definition {
    /// The name that counts: the catalogue's spelling, or the written one in lower case.
    pub name: String,
    /// What the catalogue knows of it.
    pub setting: Option<&'static Setting>,
    /// The name as written.
    pub written: Span,
    /// The value as written.
    pub value: conf::Value,
    /// The value's text, without quotes and escapes.
    pub text: Vec<u8>,
    /// The entry.
    pub span: Span,
    /// The definition that takes this one's place, if there is one.
    pub overridden_by: Option<usize>,
    /// Whether the server does not even look at the value: a later line has the very same name
    /// (`ProcessConfigFileInternal` compares with `strcmp`).
    pub unread: bool,
    /// Whether it stands in a block that a template may leave out.
    pub conditional: bool,
}

/// The files being read, and what may be read again.
struct Stack {
    files: Vec<FileId>,
    reread: Reread,
}

/// An include line that could not be followed.
#[derive(Debug, Clone)]
pub struct IncludeFault {
    /// The value of the line.
    pub span: Span,
    /// Which of the three it is.
    pub include: Include,
    /// What is wrong.
    pub fault: Fault,
}

/// Why an include could not be followed, or not wholly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Nothing is there.
    Missing,
    /// It leads to a file that is being read already.
    Loop,
    /// It is nested more deeply than the server allows.
    TooDeep,
    /// The name is empty.
    Empty,
    /// It leads out of the tree, is computed, or cannot be read.
    Unknown,
    /// These files of the folder are passed over.
    Skipped(Arc<[String]>),
}

/// The value of a setting on one major.
#[derive(Debug, Clone)]
pub enum Effective<'a> {
    /// It is known: by a definition, or by default.
    Known(Value, Option<&'a Definition>),
    /// A definition has a value that is computed.
    Dynamic(&'a Definition),
    /// A definition has a value that the server refuses.
    Refused(&'a Definition, ValueError),
    /// It may be set where the tree does not show it.
    Unknown,
    /// The major has no such setting.
    Absent,
}

impl Effective<'_> {
    /// The value, where it is known.
    #[must_use]
    pub fn value(&self) -> Option<&Value> {
        match self {
            Self::Known(value, _) => Some(value),
            _ => None,
        }
    }

    /// The definition it comes from.
    #[must_use]
    pub fn definition(&self) -> Option<&Definition> {
        match self {
            Self::Known(_, definition) => *definition,
            Self::Dynamic(definition) | Self::Refused(definition, _) => Some(definition),
            Self::Unknown | Self::Absent => None,
        }
    }
}

impl Definition {
    fn new(bytes: &[u8], span: Span, written: Span, value: conf::Value) -> Self {
        let name = String::from_utf8_lossy(&bytes[written.range()]);
        let setting = catalog::setting(&name);
        Self {
            name: setting.map_or_else(|| name.to_ascii_lowercase(), |setting| setting.name.to_owned()),
            setting,
            written,
            value,
            text: value.text(bytes).into_owned(),
            span,
            overridden_by: None,
            unread: false,
            conditional: false,
        }
    }
}

/// What recovery.conf defines, in order, and its syntax errors. Include lines in it are not followed. Names keep their
/// case, by which 10 and 11 tell them apart (`readRecoveryCommandFile`).
pub(crate) fn of_recovery_conf(loaded: &Loaded, file: FileId) -> (Vec<Definition>, Vec<(Span, Span, SyntaxError)>) {
    let (mut definitions, mut errors) = (Vec::new(), Vec::new());
    let Tree::Conf(tree) = &loaded.documents[file.index()].tree else { return (definitions, errors) };
    let bytes = loaded.sources.file(file).bytes();
    for entry in &tree.entries {
        match &entry.kind {
            EntryKind::Setting { name, value } => {
                let written = String::from_utf8_lossy(&bytes[name.range()]).into_owned();
                definitions.push(Definition { name: written, ..Definition::new(bytes, entry.span, *name, *value) });
            }
            EntryKind::Error { at, error } => errors.push((entry.span, *at, *error)),
            EntryKind::Template => {}
        }
    }
    let mut last: HashMap<String, usize> = HashMap::new();
    for (index, definition) in definitions.iter_mut().enumerate().rev() {
        match last.get(&definition.name) {
            Some(&winner) => definition.overridden_by = Some(winner),
            None => {
                last.insert(definition.name.clone(), index);
            }
        }
    }
    (definitions, errors)
}

impl Settings {
    /// Reads the tree of a postgresql.conf and what postgresql.auto.conf and the command line lay on top.
    #[must_use]
    pub fn read(loaded: &Loaded, root: Option<FileId>, auto: Option<FileId>, command_line: Option<FileId>) -> Self {
        let mut settings = Self { root, auto, complete: root.is_some(), ..Self::default() };
        let mut stack = Stack { files: Vec::new(), reread: Reread::new() };
        for file in root.into_iter().chain(auto).chain(command_line) {
            settings.expand(loaded, file, &mut stack);
        }
        settings.mark_winners(&loaded.sources);
        settings
    }

    fn expand(&mut self, loaded: &Loaded, file: FileId, stack: &mut Stack) {
        let document = &loaded.documents[file.index()];
        let Tree::Conf(tree) = &document.tree else { return };
        let bytes = loaded.sources.file(file).bytes();
        match stack.reread.read(file, bytes.len()) {
            Reading::First => self.files.push(file),
            Reading::Again => {}
            Reading::No => {
                self.complete = false;
                return;
            }
        }
        self.complete &= !document.template && !loaded.sources.file(file).is_part();
        stack.files.push(file);
        let blocks = if document.template { template::blocks(bytes) } else { Vec::new() };
        for entry in &tree.entries {
            match &entry.kind {
                EntryKind::Template => {}
                EntryKind::Error { at, error } => self.errors.push((entry.span, *at, *error)),
                EntryKind::Setting { name, value } => match Include::of(&bytes[name.range()]) {
                    Some(include) => self.include(loaded, include, value.span, stack),
                    None => {
                        let start = entry.span.range().start;
                        let block = blocks.get(blocks.partition_point(|block| block.end <= start));
                        let conditional = block.is_some_and(|block| block.contains(&start));
                        let definition = Definition::new(bytes, entry.span, *name, *value);
                        self.definitions.push(Definition { conditional, ..definition });
                    }
                },
            }
        }
        stack.files.pop();
    }

    fn include(&mut self, loaded: &Loaded, include: Include, span: Span, stack: &mut Stack) {
        let mut fault = |fault| self.includes.push(IncludeFault { span, include, fault });
        match loaded.targets.get(&span) {
            Some(Target::Files { files, skipped, unread }) => {
                if !skipped.is_empty() {
                    fault(Fault::Skipped(skipped.clone()));
                }
                self.complete &= !unread;
                for &file in files.iter() {
                    if stack.reread.is_spent() {
                        self.complete = false;
                        break;
                    } else if stack.files.contains(&file) {
                        self.includes.push(IncludeFault { span, include, fault: Fault::Loop });
                    } else if stack.files.len() > MAX_DEPTH {
                        self.includes.push(IncludeFault { span, include, fault: Fault::TooDeep });
                    } else {
                        self.expand(loaded, file, stack);
                    }
                }
            }
            Some(Target::Missing(_)) => {
                fault(Fault::Missing);
                self.complete &= include == Include::IfExists;
            }
            Some(Target::Empty) => fault(Fault::Empty),
            Some(Target::Outside(_) | Target::Unreadable(..) | Target::Dynamic) | None => {
                fault(Fault::Unknown);
                self.complete = false;
            }
        }
    }

    fn mark_winners(&mut self, sources: &SourceMap) {
        let mut exact: HashMap<&[u8], usize> = HashMap::new();
        for index in (0..self.definitions.len()).rev() {
            let definition = &mut self.definitions[index];
            let written = sources.bytes(definition.written);
            definition.unread = exact.insert(written, index).is_some();
            let of_name = self.by_name.entry(definition.name.clone()).or_default();
            definition.overridden_by = of_name.first().map(|&winner| winner as usize);
            of_name.push(index as u32);
        }
        for indices in self.by_name.values_mut() {
            indices.reverse();
        }
        // After the reversal the winner is the last; what it overrides still points at it.
    }

    /// The definition that counts.
    #[must_use]
    pub fn winner(&self, name: &str) -> Option<&Definition> {
        self.definitions_of(name).last()
    }

    /// The indices of every definition of a setting, in the server's order.
    pub(crate) fn numbers_of(&self, name: &str) -> impl Iterator<Item = usize> {
        let name = catalog::setting(name).map_or(name, |setting| setting.name);
        self.by_name.get(name).into_iter().flatten().map(|&index| index as usize)
    }

    /// Every definition of a setting, in the server's order.
    pub fn definitions_of(&self, name: &str) -> impl DoubleEndedIterator<Item = &Definition> {
        self.by_name.get(name).into_iter().flatten().map(|&index| &self.definitions[index as usize])
    }

    /// The value of a setting on a major: what the winner says, else the default.
    #[must_use]
    pub fn effective(&self, name: &str, major: u8) -> Effective<'_> {
        catalog::setting(name).map_or(Effective::Absent, |setting| self.effective_of(setting, major))
    }

    /// The same of a setting that was looked up already.
    #[must_use]
    pub fn effective_of(&self, setting: &Setting, major: u8) -> Effective<'_> {
        let Some(def) = setting.on(major) else { return Effective::Absent };
        match self.winner(setting.name) {
            Some(definition) if definition.value.dynamic => Effective::Dynamic(definition),
            Some(definition) => match value::judge(setting, &definition.text, major) {
                Some(Ok(value)) => Effective::Known(value, Some(definition)),
                Some(Err(error)) => Effective::Refused(definition, error),
                None => Effective::Absent,
            },
            None if self.complete => Effective::Known(Value::default_of(def, major), None),
            None => Effective::Unknown,
        }
    }

    /// The majors of `among` on which the setting's value is known and `holds` of it.
    pub fn majors_where(&self, name: &str, among: Majors, holds: impl Fn(&Value) -> bool) -> Majors {
        let Some(setting) = catalog::setting(name) else { return Majors::NONE };
        among.iter().filter(|&major| self.effective_of(setting, major).value().is_some_and(&holds)).collect()
    }
}
