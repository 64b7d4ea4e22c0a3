//! What the client can do, and what it is told that this server can.

use lsp_types::{
    CodeActionKind, CodeActionOptions, CodeActionProviderCapability, CompletionOptions, ExecuteCommandOptions,
    HoverProviderCapability, InitializeParams, OneOf, ServerCapabilities, TextDocumentSyncCapability,
    TextDocumentSyncKind, TextDocumentSyncOptions, TextDocumentSyncSaveOptions, WorkspaceFoldersServerCapabilities,
    WorkspaceServerCapabilities,
};
use serde::Deserialize;

use crate::lsp::position::Encoding;

/// The command that shows a rule.
pub(super) const EXPLAIN: &str = "pgassay.explain";
/// The kind of the action that makes every safe edit of a file.
pub(super) const FIX_ALL: CodeActionKind = CodeActionKind::new("source.fixAll.pgassay");

/// What the client can do.
#[derive(Debug, Clone, Copy)]
pub(super) struct Client {
    pub(super) encoding: Encoding,
    /// Whether edits may name the version of the text that they are for.
    pub(super) document_changes: bool,
    /// Whether it tells of files that change on disk.
    pub(super) watches: bool,
    /// Whether findings may have further places.
    pub(super) related: bool,
    /// Whether to tell of files that are not open.
    pub(super) everywhere: bool,
}

/// What a user may set when the server starts.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Options {
    diagnostics: Scope,
}

/// Of which files findings are told.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Scope {
    #[default]
    Open,
    Workspace,
}

impl Client {
    pub(super) fn new(params: &InitializeParams) -> Self {
        let workspace = params.capabilities.workspace.as_ref();
        let text = params.capabilities.text_document.as_ref();
        let general = params.capabilities.general.as_ref();
        let edit = workspace.and_then(|workspace| workspace.workspace_edit.as_ref());
        let watched = workspace.and_then(|workspace| workspace.did_change_watched_files);
        let published = text.and_then(|text| text.publish_diagnostics.as_ref());
        // Options that are none of ours change nothing.
        let options = params.initialization_options.clone().and_then(|options| serde_json::from_value(options).ok());
        let options: Options = options.unwrap_or_default();
        Self {
            encoding: Encoding::of(general.and_then(|general| general.position_encodings.as_deref())),
            document_changes: edit.and_then(|edit| edit.document_changes).unwrap_or(false),
            watches: watched.and_then(|watched| watched.dynamic_registration).unwrap_or(false),
            related: published.and_then(|published| published.related_information).unwrap_or(false),
            everywhere: options.diagnostics == Scope::Workspace,
        }
    }

    /// What the client is told.
    pub(super) fn answer(&self) -> ServerCapabilities {
        let words = [" ", "=", "'", "(", ",", "/", "\t", "."];
        ServerCapabilities {
            position_encoding: Some(self.encoding.kind()),
            text_document_sync: Some(TextDocumentSyncCapability::Options(TextDocumentSyncOptions {
                open_close: Some(true),
                change: Some(TextDocumentSyncKind::INCREMENTAL),
                save: Some(TextDocumentSyncSaveOptions::Supported(true)),
                ..TextDocumentSyncOptions::default()
            })),
            hover_provider: Some(HoverProviderCapability::Simple(true)),
            completion_provider: Some(CompletionOptions {
                resolve_provider: Some(true),
                trigger_characters: Some(words.map(ToOwned::to_owned).to_vec()),
                ..CompletionOptions::default()
            }),
            definition_provider: Some(OneOf::Left(true)),
            code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
                code_action_kinds: Some(vec![CodeActionKind::QUICKFIX, FIX_ALL]),
                ..CodeActionOptions::default()
            })),
            execute_command_provider: Some(ExecuteCommandOptions {
                commands: vec![EXPLAIN.to_owned()],
                ..ExecuteCommandOptions::default()
            }),
            workspace: Some(WorkspaceServerCapabilities {
                workspace_folders: Some(WorkspaceFoldersServerCapabilities {
                    supported: Some(true),
                    change_notifications: Some(OneOf::Left(true)),
                }),
                file_operations: None,
            }),
            ..ServerCapabilities::default()
        }
    }
}
