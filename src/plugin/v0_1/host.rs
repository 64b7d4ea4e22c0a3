//! The functions that a plugin may call.
//!
//! Each is short and bounded, since the clock does not stop the host: what it reads was read before, and what it gives
//! is no longer than the file or statement that it is about.

use std::sync::Arc;

use super::bindings::pgassay::plugin::{host, types as wit};
use super::marshal::{self, Shown};
use crate::model::Cluster;
use crate::plugin::limits::{self, Account, Limits};
use crate::plugin::places::Located;
use crate::secret::{Masks, Redacted, printable};
use crate::source::{FileId, SourceMap, Span};
use crate::syntax;

/// What a run shows to its plugins, which may outlive the call that asks them.
#[derive(Debug)]
pub struct Input {
    /// The model.
    pub cluster: Cluster,
    /// The files behind it.
    pub sources: SourceMap,
    /// What must not be shown of them.
    pub(in crate::plugin) masks: Masks,
    /// What names may not be. A role may be called like somebody's password, and is still a role.
    pub(super) names: Masks,
}

impl Input {
    /// A model and the files behind it.
    #[must_use]
    pub fn new(cluster: Cluster, sources: SourceMap) -> Self {
        Self { cluster, masks: Masks::everywhere(&sources), names: Masks::new(&sources), sources }
    }
}

/// What a check may ask for.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) input: Arc<Input>,
    pub(crate) shown: Arc<Shown>,
}

/// What a store keeps for its plugin.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) account: Account,
    /// There is none while the plugin describes itself.
    pub(crate) asked: Option<Asked>,
    pub(crate) located: Located,
    pub(crate) log: Log,
    /// The file whose text was asked for last: a plugin asks for a text, then for places in it.
    text: Option<(FileId, Redacted)>,
}

/// What a plugin says by the way.
#[derive(Debug, Default)]
pub(crate) struct Log {
    /// One line each, the oldest first.
    pub(crate) lines: Vec<(wit::Severity, String)>,
    bytes: usize,
}

impl State {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            account: Account::new(limits),
            asked: None,
            located: Located::default(),
            log: Log::default(),
            text: None,
        }
    }

    fn file(&self, number: u32) -> Option<FileId> {
        let sources = &self.asked.as_ref()?.input.sources;
        ((number as usize) < sources.len()).then_some(FileId(number))
    }

    /// The text of a file as it may be shown.
    fn shown(&mut self, file: FileId) -> Option<&Redacted> {
        if self.text.as_ref().is_none_or(|(known, _)| *known != file) {
            let input = &self.asked.as_ref()?.input;
            let whole = Span::new(file, 0, input.sources.file(file).bytes().len());
            self.text = Some((file, input.masks.show(&input.sources, whole)));
        }
        self.text.as_ref().map(|(_, text)| text)
    }

    fn statement(&self, number: u32) -> Option<Span> {
        let asked = self.asked.as_ref()?;
        let statement = asked.shown.model.statements.get(number as usize)?;
        self.located.get(&asked.shown.places, statement.place).map(|place| place.span)
    }
}

impl host::Host for State {
    fn log(&mut self, level: wit::Severity, message: String) {
        self.log.add(level, &message);
    }

    fn file_text(&mut self, file: u32) -> Option<String> {
        let file = self.file(file)?;
        self.shown(file).map(|shown| shown.text().to_owned())
    }

    fn locate(&mut self, file: u32, start: u32, end: u32) -> Option<u32> {
        let file = self.file(file)?;
        let range = self.shown(file)?.source(start as usize..end as usize)?;
        let places = &self.asked.as_ref()?.shown.places;
        self.located.add(places, Span { file, start: range.start, end: range.end })
    }

    fn text_range(&mut self, place: u32) -> Option<host::Extent> {
        let span = self.located.get(&self.asked.as_ref()?.shown.places, place)?.span;
        let range = self.shown(span.file)?.range(span.start..span.end);
        Some(host::Extent { file: span.file.0, start: range.start as u32, end: range.end as u32 })
    }

    fn statement_text(&mut self, statement: u32) -> Option<String> {
        let span = self.statement(statement)?;
        let shown = self.shown(span.file)?;
        shown.text().get(shown.range(span.start..span.end)).map(str::to_owned)
    }

    fn parse_tree(&mut self, statement: u32) -> Result<String, String> {
        let span = self.statement(statement).ok_or("there is no such statement")?;
        let Some(Asked { input, .. }) = &self.asked else { return Err("there is no such statement".to_owned()) };
        let text = input.masks.show_sql(&input.sources, span);
        syntax::sql::tree(&text).map_err(|error| format!("it cannot be parsed as it stands in the file: {error}"))
    }

    fn effective_setting(&mut self, node: u32, setting: String) -> Vec<wit::Effective> {
        let Some(Asked { input, .. }) = &self.asked else { return Vec::new() };
        let node = input.cluster.nodes.get(node as usize);
        node.map(|node| marshal::effective(node, &setting, &input.sources, &input.masks)).unwrap_or_default()
    }
}

impl wit::Host for State {}

impl Log {
    fn add(&mut self, level: wit::Severity, message: &str) {
        for line in message.lines() {
            let room = limits::LOG.saturating_sub(self.bytes);
            let line = &line[..line.floor_char_boundary(room)];
            if room == 0 {
                return;
            }
            self.bytes += line.len() + 1;
            self.lines.push((level, printable(line).into_owned()));
        }
    }

    /// The last lines, for a message about a crash.
    pub(crate) fn tail(&self) -> Option<String> {
        const LINES: usize = 5;
        let first = self.lines.len().saturating_sub(LINES);
        let tail = self.lines[first..].iter().map(|(_, line)| line.as_str()).collect::<Vec<_>>();
        (!tail.is_empty()).then(|| tail.join(" / "))
    }
}
