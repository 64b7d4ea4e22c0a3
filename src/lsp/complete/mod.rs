//! What may stand under the cursor: names and values, by the place in the line.
//!
//! Looks at the text as it is now and at the line alone, since one that is being written is seldom one that can be read.
//! Names that only files know, such as maps and roles, are those of the last check.

mod access;
mod conf;
mod conninfo;
mod sql;

use camino::Utf8Path;
use lsp_types::{
    CompletionItem, CompletionItemKind, CompletionTextEdit, Documentation, MarkupContent, MarkupKind, Position, Range,
    TextEdit,
};
use serde_json::json;

use crate::catalog::{self, Majors};
use crate::discover::Kind;
use crate::lsp::describe;
use crate::lsp::document::Document;
use crate::lsp::position::{Encoding, Lines};
use crate::lsp::project::Snapshot;
use crate::model::Node;
use crate::secret::Redactor;

/// A statement of which this much stands before the cursor is not completed.
const LONGEST: usize = 64 << 10;

/// The place of a completion.
struct Here<'a> {
    /// The text before the cursor: the line's, or of SQL the statement's.
    before: &'a str,
    /// What stands behind the cursor in the line.
    after: &'a str,
    /// The majors that count.
    majors: Majors,
    snapshot: Option<&'a Snapshot>,
    /// The node that the file is of.
    node: Option<&'a Node>,
}

/// Something that may stand there.
struct Choice {
    label: String,
    kind: CompletionItemKind,
    detail: String,
    /// What is written, if that is not the label.
    insert: Option<String>,
    /// The setting that it is.
    setting: Option<&'static str>,
    documentation: Option<String>,
}

impl Choice {
    fn new(label: impl Into<String>, kind: CompletionItemKind, detail: impl Into<String>) -> Self {
        let (label, detail) = (label.into(), detail.into());
        Self { label, kind, detail, insert: None, setting: None, documentation: None }
    }

    fn word(label: impl Into<String>) -> Self {
        Self::new(label, CompletionItemKind::VALUE, "")
    }

    fn keyword(label: impl Into<String>, documentation: String) -> Self {
        let documentation = Some(documentation);
        Self { documentation, ..Self::new(label, CompletionItemKind::KEYWORD, "") }
    }

    fn insert(self, text: impl Into<String>) -> Self {
        Self { insert: Some(text.into()), ..self }
    }
}

pub(super) fn complete(
    document: &Document,
    path: &Utf8Path,
    position: Position,
    encoding: Encoding,
    snapshot: Option<&Snapshot>,
) -> Vec<CompletionItem> {
    let lines = Lines::new(document.text.as_bytes(), encoding);
    let offset = lines.offset(position);
    let line = lines.line(offset);
    let file = snapshot.and_then(|snapshot| snapshot.files.get(path).copied());
    let kind = file.and_then(|file| Some(snapshot?.input.sources.file(file).kind())).or(document.kind);
    let node = snapshot.and_then(|snapshot| {
        let file = file?;
        snapshot.input.cluster.nodes.iter().find(|node| {
            let of_hba = node.hba.as_ref().is_some_and(|hba| hba.files.contains(&file));
            let of_ident = node.ident.as_ref().is_some_and(|ident| ident.files.contains(&file));
            node.settings.files.contains(&file) || of_hba || of_ident || node.recovery.conf == Some(file)
        })
    });
    let all = snapshot.map_or(Majors::HELD, |snapshot| snapshot.report.target);
    let majors = node.map_or(all, |node| node.targets.majors);
    let start = if kind == Some(Kind::Sql) { 0 } else { line.start };
    let (Some(before), Some(after)) =
        (document.text.get(start..offset), document.text.get(offset..line.end.max(offset)))
    else {
        return Vec::new();
    };
    let here = Here { before, after, majors, snapshot, node };
    let found = match kind {
        Some(Kind::PostgresqlConf | Kind::RecoveryConf | Kind::RecoveryDone) => conf::complete(&here),
        Some(Kind::PgHba) => access::of_hba(&here),
        Some(Kind::PgIdent) => access::of_ident(&here),
        Some(Kind::Service) => conninfo::of_service(&here),
        Some(Kind::PgbouncerIni) => conf::of_pgbouncer(&here, &document.text[..line.start]),
        Some(Kind::Sql) => sql::complete(&here),
        _ => None,
    };
    let Some((word, mut choices)) = found else { return Vec::new() };
    if let Some(snapshot) = snapshot {
        // A name may be what somewhere else is a password.
        let redactor = Redactor::new(&snapshot.input.sources);
        let named =
            |choice: &Choice| [CompletionItemKind::CONSTANT, CompletionItemKind::REFERENCE].contains(&choice.kind);
        choices.retain(|choice| !named(choice) || redactor.text(&choice.label) == choice.label);
    }
    let range = Range::new(lines.position(offset - word), position);
    choices.into_iter().map(|choice| item(choice, range)).collect()
}

fn item(choice: Choice, range: Range) -> CompletionItem {
    let new_text = choice.insert.clone().unwrap_or_else(|| choice.label.clone());
    CompletionItem {
        kind: Some(choice.kind),
        detail: Some(choice.detail).filter(|detail| !detail.is_empty()),
        documentation: choice.documentation.map(markdown),
        filter_text: choice.insert.is_some().then(|| choice.label.clone()),
        text_edit: Some(CompletionTextEdit::Edit(TextEdit { range, new_text })),
        // Pages of all settings would be hundreds of kilobytes.
        data: choice.setting.map(|name| json!({ "setting": name })),
        label: choice.label,
        ..CompletionItem::default()
    }
}

fn markdown(value: String) -> Documentation {
    Documentation::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value })
}

/// The item with its page.
pub(super) fn resolve(mut item: CompletionItem) -> CompletionItem {
    let name = item.data.as_ref().and_then(|data| data.get("setting")?.as_str());
    if let Some(setting) = name.and_then(catalog::setting) {
        item.documentation = Some(markdown(describe::setting(setting, Majors::NONE)));
    }
    item
}

/// What was typed of a word, as its length, and what it may become.
type Found = Option<(usize, Vec<Choice>)>;

/// The bytes at the end that belong to a word.
fn word(text: &str, belongs: impl Fn(char) -> bool) -> &str {
    let start = text.char_indices().rev().take_while(|(_, c)| belongs(*c)).last().map_or(text.len(), |(at, _)| at);
    &text[start..]
}

/// Every setting that a judged major has and a file may set.
fn settings(here: &Here<'_>, then: &str) -> Vec<Choice> {
    let settable = |setting: &&'static catalog::Setting| {
        let on = |major| setting.on(major).is_some_and(|def| def.context != catalog::settings::Context::Internal);
        here.majors.iter().any(on)
    };
    let choice = |setting: &'static catalog::Setting| {
        let detail = describe::short(setting, here.majors);
        let choice =
            Choice::new(setting.name, CompletionItemKind::PROPERTY, detail).insert(format!("{}{then}", setting.name));
        Choice { setting: Some(setting.name), ..choice }
    };
    catalog::settings::all().filter(settable).map(choice).collect()
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use lsp_types::Uri;
    use proptest::prelude::*;

    use super::*;
    use crate::lsp::project::Key;

    const KINDS: [Kind; 6] =
        [Kind::PostgresqlConf, Kind::PgHba, Kind::PgIdent, Kind::Service, Kind::PgbouncerIni, Kind::Sql];
    const WORDS: &str = "[a-z_]{1,8}|[ =,'\"#;()@/\n\r\t]|host |set |alter subscription s set \\(|connection '|\\[databases\\]\n|é|𝄞|-- ";

    proptest! {
        #[test]
        fn any_place_in_any_text(
            words in proptest::collection::vec(WORDS, 0..24),
            line in 0u32..4,
            character in 0u32..40,
        ) {
            let text = words.concat();
            for kind in KINDS {
                let document = Document {
                    uri: Uri::from_str("file:///x").unwrap(),
                    version: 1,
                    text: text.clone(),
                    kind: Some(kind),
                    project: Key { root: "/".into(), shallow: true },
                };
                for encoding in [Encoding::Utf8, Encoding::Utf16] {
                    let position = Lines::new(text.as_bytes(), encoding).offset(Position::new(line, character));
                    let position = Lines::new(text.as_bytes(), encoding).position(position);
                    for item in complete(&document, Utf8Path::new("/x"), position, encoding, None) {
                        let Some(CompletionTextEdit::Edit(edit)) = item.text_edit else { panic!("there is an edit") };
                        // Editors take edits within the line only.
                        prop_assert!(edit.range.start <= edit.range.end);
                        prop_assert!(edit.range.start.line == edit.range.end.line);
                    }
                }
            }
        }
    }
}
