//! What can be done about a finding: its edit, all safe edits of a file, a comment that suppresses it, its page.

use std::collections::HashMap;

use lsp_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, Command, DocumentChanges, OneOf,
    OptionalVersionedTextDocumentIdentifier, TextDocumentEdit, TextEdit, WorkspaceEdit,
};
use serde_json::json;

use crate::discover::{Host, Kind};
use crate::finding::{Finding, Safety};
use crate::lsp::client::{Client, EXPLAIN, FIX_ALL};
use crate::lsp::diagnostics;
use crate::lsp::place::Places;
use crate::source::{FileId, Span};

/// More findings get no actions at one place.
const MOST: usize = 20;

pub(super) fn actions(
    places: &Places<'_>,
    file: FileId,
    params: &CodeActionParams,
    client: Client,
) -> Vec<CodeActionOrCommand> {
    // A kind stands for all that begin with it and a dot.
    let wanted = |kind: &CodeActionKind| {
        params.context.only.as_ref().is_none_or(|only| {
            only.iter().any(|only| {
                let rest = kind.as_str().strip_prefix(only.as_str());
                only.as_str().is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            })
        })
    };
    let mut out = Vec::new();
    let of_file = || places.snapshot.report.open().filter(|finding| finding.primary.span.file == file);
    if wanted(&CodeActionKind::QUICKFIX) {
        let touches = |finding: &&Finding| {
            // By lines: not every editor asks for the very place of the finding.
            let found = places.range(finding.primary.span);
            found.start.line <= params.range.end.line && params.range.start.line <= found.end.line
        };
        for finding in of_file().filter(touches).take(MOST) {
            of_finding(places, finding, client, &mut out);
        }
    }
    if wanted(&FIX_ALL) {
        let mut edits: Vec<(Span, String)> = Vec::new();
        for fix in of_file()
            .filter_map(|finding| finding.fix.as_ref())
            .filter(|fix| fix.safety == Safety::Safe && fix.files.is_empty())
        {
            let apart = fix.edits.iter().all(|(span, _)| {
                let near = |(other, _): &(Span, String)| {
                    other.file == span.file && other.start <= span.end && span.start <= other.end
                };
                span.file == file && !edits.iter().any(near)
            });
            if apart {
                edits.extend(fix.edits.iter().cloned());
            }
        }
        if let Some(edit) = edit(places, &edits, client) {
            out.push(action("Make all safe edits of pgassay".to_owned(), FIX_ALL, edit, None, false));
        }
    }
    out
}

fn of_finding(places: &Places<'_>, finding: &Finding, client: Client, out: &mut Vec<CodeActionOrCommand>) {
    let id = finding.rule.name();
    let diagnostic = || Some(diagnostics::diagnostic(finding, places.snapshot, places, client));
    // An edit without the files that come or go with it would be half of one.
    if let Some(fix) = finding.fix.as_ref().filter(|fix| fix.files.is_empty())
        && let Some(edit) = edit(places, &fix.edits, client)
    {
        let safe = fix.safety == Safety::Safe;
        let warning = if safe { "" } else { " (unsafe: changes what the server does)" };
        let title = format!("{}{warning}", places.text(&fix.title));
        out.push(action(title, CodeActionKind::QUICKFIX, edit, diagnostic(), safe));
    }
    if finding.rule.meta().family != "suppression"
        && let Some((at, text)) = suppression(places, finding)
        && let Some(edit) = edit(places, &[(at, text)], client)
    {
        let place = if finding.primary.is_absent() { "in this file" } else { "here" };
        let title = format!("Suppress {id} {place}, with a comment");
        out.push(action(title, CodeActionKind::QUICKFIX, edit, diagnostic(), false));
    }
    let title = format!("Explain {id}");
    let command = Command { title: title.clone(), command: EXPLAIN.to_owned(), arguments: Some(vec![json!(id)]) };
    out.push(CodeActionOrCommand::CodeAction(CodeAction {
        title,
        kind: Some(CodeActionKind::QUICKFIX),
        command: Some(command),
        ..CodeAction::default()
    }));
}

fn action(
    title: String,
    kind: CodeActionKind,
    edit: WorkspaceEdit,
    diagnostic: Option<lsp_types::Diagnostic>,
    preferred: bool,
) -> CodeActionOrCommand {
    CodeActionOrCommand::CodeAction(CodeAction {
        title,
        kind: Some(kind),
        diagnostics: diagnostic.map(|diagnostic| vec![diagnostic]),
        edit: Some(edit),
        is_preferred: preferred.then_some(true),
        ..CodeAction::default()
    })
}

/// The edits as the client makes them; none where one would send a secret.
fn edit(places: &Places<'_>, edits: &[(Span, String)], client: Client) -> Option<WorkspaceEdit> {
    if edits.is_empty() {
        return None;
    }
    let sources = &places.snapshot.input.sources;
    let mut by_file: Vec<(FileId, Vec<TextEdit>)> = Vec::new();
    for (span, text) in edits {
        let shows = places.redactor.hide(text) != text.as_str();
        let (span, text) = if shows { narrowed(*span, sources.bytes(*span), text) } else { (*span, text.as_str()) };
        if sources.file(span.file).is_fragment() || places.redactor.hide(text) != text {
            return None;
        }
        let edit = TextEdit { range: places.range(span), new_text: text.to_owned() };
        match by_file.iter_mut().find(|(file, _)| *file == span.file) {
            Some((_, of_file)) => of_file.push(edit),
            None => by_file.push((span.file, vec![edit])),
        }
    }
    if !client.document_changes {
        #[allow(clippy::mutable_key_type, reason = "the protocol's type has this key, and nothing in it changes")]
        let mut changes = HashMap::new();
        for (file, edits) in by_file {
            changes.insert(places.uri(file)?, edits);
        }
        return Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() });
    }
    let mut all = Vec::new();
    for (file, edits) in by_file {
        let text_document =
            OptionalVersionedTextDocumentIdentifier { uri: places.uri(file)?, version: places.version(file) };
        all.push(TextDocumentEdit { text_document, edits: edits.into_iter().map(OneOf::Left).collect() });
    }
    Some(WorkspaceEdit { document_changes: Some(DocumentChanges::Edits(all)), ..WorkspaceEdit::default() })
}

/// The edit without what stays as it is at both ends, so that a secret beside what changes is not sent.
fn narrowed<'t>(span: Span, old: &[u8], new: &'t str) -> (Span, &'t str) {
    let mut head = old.iter().zip(new.bytes()).take_while(|(old, new)| **old == *new).count();
    while !new.is_char_boundary(head) {
        head -= 1;
    }
    let (rest_old, rest_new) = (&old[head..], &new[head..]);
    let mut tail = rest_old.iter().rev().zip(rest_new.bytes().rev()).take_while(|(old, new)| **old == *new).count();
    while !rest_new.is_char_boundary(rest_new.len() - tail) {
        tail -= 1;
    }
    (span.slice(head, old.len() - tail), &rest_new[..rest_new.len() - tail])
}

/// Where a comment goes that suppresses a finding, and its text; none where no comment can stand.
fn suppression(places: &Places<'_>, finding: &Finding) -> Option<(Span, String)> {
    let sources = &places.snapshot.input.sources;
    let file = finding.primary.span.file;
    let source = sources.file(file);
    let id = finding.rule.name();
    if finding.primary.is_absent() {
        let (open, close) = marks(source.kind())?;
        let start = if source.bytes().starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        let at = Span::new(file, start, start);
        return Some((at, format!("{open} pgassay: ignore-file[{id}] -- reason{close}\n")));
    }
    let lines = places.lines(file);
    let line = lines.line(finding.primary.span.range().start);
    let text = &source.bytes()[line.clone()];
    let indent = text.len() - text.trim_ascii_start().len();
    let start = line.start + indent;
    // A line that goes on from the one before has no room for a comment above it.
    let above = source.bytes()[..line.start].trim_ascii_end();
    if above.ends_with(b"\\") {
        return None;
    }
    // What begins inside of a text of several lines takes the comment of that text's language.
    let inner = places.snapshot.fragments.get(&file).into_iter().flatten().find(|fragment| {
        let of = sources.file(**fragment);
        let host = sources.to_host(Span::new(**fragment, 0, of.bytes().len()));
        host.range().start <= start && start < host.range().end && host.range().start < line.start.max(1)
            || host.range().start == start && host.range().end > line.end
    });
    let kind = inner.map_or(source.kind(), |fragment| sources.file(*fragment).kind());
    let (open, close) = marks(kind)?;
    let blanks = String::from_utf8_lossy(&text[..indent]).into_owned();
    let end = if source.bytes()[line.end..].starts_with(b"\r\n") { "\r\n" } else { "\n" };
    let at = Span::new(file, line.start, line.start);
    Some((at, format!("{blanks}{open} pgassay: ignore[{id}] -- reason{close}{end}")))
}

/// How a comment begins and ends.
fn marks(kind: Kind) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        Kind::PostgresqlConf
        | Kind::RecoveryConf
        | Kind::RecoveryDone
        | Kind::PgHba
        | Kind::PgIdent
        | Kind::NameList => ("#", ""),
        Kind::Service | Kind::Passfile => ("#", ""),
        Kind::PgbouncerIni | Kind::Userlist => (";", ""),
        Kind::Sql => ("--", ""),
        Kind::Host(host) => match host {
            Host::Markdown => ("<!--", " -->"),
            Host::JavaScript | Host::TypeScript | Host::Tsx | Host::Go | Host::Rust | Host::Java | Host::Kotlin => {
                ("//", "")
            }
            Host::CSharp | Host::Php => ("//", ""),
            Host::Json => return None,
            _ => ("#", ""),
        },
        // The server rewrites its own file, and the rest has no comments.
        _ => return None,
    })
}
