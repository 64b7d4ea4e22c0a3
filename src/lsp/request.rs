//! Messages of the client, and which part of the server answers them.

use camino::{Utf8Component, Utf8PathBuf};
use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::{
    CodeActionParams, CompletionParams, DidChangeTextDocumentParams, DidChangeWatchedFilesParams,
    DidChangeWatchedFilesRegistrationOptions, DidChangeWorkspaceFoldersParams, DidCloseTextDocumentParams,
    DidOpenTextDocumentParams, DidSaveTextDocumentParams, ExecuteCommandParams, FileChangeType, FileSystemWatcher,
    GlobPattern, GotoDefinitionParams, HoverParams, InitializeParams, InitializeResult, Registration,
    RegistrationParams, ServerInfo, Uri,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::lsp::client::{Client, EXPLAIN};
use crate::lsp::place::Places;
use crate::lsp::server::Server;
use crate::lsp::wire::Out;
use crate::lsp::{actions, complete, definition, hover, uri};

/// No more requests wait for a check than this; a client that asks for more is answered with nothing.
const MOST_WAITING: usize = 256;

/// Of more files that come or go at once it is not asked which of them matter.
const MOST_EVENTS: usize = 500;

/// What is wrong with a request.
type Failure = (ErrorCode, String);

impl Server {
    /// Handles a message; gives an exit code if it was the last one.
    pub(super) fn message(&mut self, message: Message) -> Option<u8> {
        match message {
            Message::Request(request) => self.request(request),
            Message::Notification(notification) if notification.method == "exit" => return Some(self.exit_code()),
            Message::Notification(notification) => {
                // Notifications have no answer, so one that cannot be read is passed over.
                if self.client.is_some() && !self.over {
                    let _ = self.notification(notification);
                }
            }
            // Answers to what was registered say nothing that is needed.
            Message::Response(_) => {}
        }
        None
    }

    fn request(&mut self, request: Request) {
        let fail = |code, message: &str| Err((code, message.to_owned()));
        let answer = match (request.method.as_str(), self.client) {
            ("initialize", None) => self.initialize(request.params),
            (_, None) => fail(ErrorCode::ServerNotInitialized, "the first request must be `initialize`"),
            ("initialize", Some(_)) => fail(ErrorCode::InvalidRequest, "the server is initialized already"),
            _ if self.over => fail(ErrorCode::InvalidRequest, "the server is shut down"),
            ("shutdown", _) => {
                self.over = true;
                Ok(Value::Null)
            }
            ("textDocument/completion", Some(client)) => self.complete(request.params, client),
            ("completionItem/resolve", _) => read(request.params).map(complete::resolve).and_then(write),
            ("workspace/executeCommand", _) => self.execute(request.params),
            ("textDocument/hover" | "textDocument/definition" | "textDocument/codeAction", Some(client)) => {
                match self.later(request) {
                    Ok((request, path)) => {
                        let answer = self.look(&request, &path, client);
                        self.answer(request.id, answer);
                    }
                    Err(Some((id, failure))) => self.answer(id, failure),
                    Err(None) => {}
                }
                return;
            }
            (method, _) => fail(ErrorCode::MethodNotFound, &format!("`{method}` is not supported")),
        };
        self.answer(request.id, answer);
    }

    fn answer(&self, id: RequestId, answer: Result<Value, Failure>) {
        let response = match answer {
            Ok(result) => Response { id, response_result: Ok(result) },
            Err((code, message)) => Response::new_err(id, code as i32, message),
        };
        self.send(Out::Message(Message::Response(response)));
    }

    fn initialize(&mut self, params: Value) -> Result<Value, Failure> {
        let params: InitializeParams = read(params)?;
        let client = Client::new(&params);
        #[allow(deprecated, reason = "older clients name only the root")]
        let root = params.root_uri;
        let folders = params.workspace_folders.unwrap_or_default().into_iter().map(|folder| folder.uri);
        let folders = folders.collect::<Vec<_>>();
        let folders = if folders.is_empty() { root.into_iter().collect() } else { folders };
        self.folders = folders.iter().filter_map(uri::path).collect();
        self.client = Some(client);
        let info = ServerInfo { name: "pgassay".to_owned(), version: Some(env!("CARGO_PKG_VERSION").to_owned()) };
        write(InitializeResult { capabilities: client.answer(), server_info: Some(info) })
    }

    fn notification(&mut self, notification: Notification) -> Result<(), Failure> {
        let Notification { method, params } = notification;
        match method.as_str() {
            "initialized" => self.watch(),
            "textDocument/didOpen" => {
                let document = read::<DidOpenTextDocumentParams>(params)?.text_document;
                self.open(document.uri, &document.language_id, document.version, document.text);
            }
            "textDocument/didChange" => self.edit(read(params)?),
            "textDocument/didSave" => {
                let params: DidSaveTextDocumentParams = read(params)?;
                if let Some(path) = uri::path(&params.text_document.uri) {
                    self.touch(&path);
                    if path.extension() == Some("toml") {
                        self.regroup();
                    }
                }
            }
            "textDocument/didClose" => {
                let params: DidCloseTextDocumentParams = read(params)?;
                if let Some(path) = uri::path(&params.text_document.uri) {
                    self.close(&path);
                }
            }
            "workspace/didChangeWatchedFiles" => self.on_disk(read(params)?),
            "workspace/didChangeWorkspaceFolders" => {
                let event = read::<DidChangeWorkspaceFoldersParams>(params)?.event;
                let paths = |folders: Vec<lsp_types::WorkspaceFolder>| {
                    folders.iter().filter_map(|folder| uri::path(&folder.uri)).collect::<Vec<_>>()
                };
                let removed = paths(event.removed);
                self.folders.retain(|folder| !removed.contains(folder));
                self.folders.extend(paths(event.added));
                self.regroup();
            }
            "$/cancelRequest" => {
                let id: RequestId = read(params.get("id").cloned().unwrap_or_default())?;
                if let Some(at) = self.waiting.iter().position(|(request, _)| request.id == id) {
                    let (request, _) = self.waiting.remove(at);
                    self.answer(request.id, Err((ErrorCode::RequestCanceled, "the request was cancelled".to_owned())));
                }
            }
            // Also what begins with `$/`, which may be passed over.
            _ => {}
        }
        Ok(())
    }

    /// Asks the client to tell of files that change on disk. Any file may be included by another one.
    fn watch(&mut self) {
        if !self.client.is_some_and(|client| client.watches) {
            return;
        }
        let watchers = vec![FileSystemWatcher { glob_pattern: GlobPattern::String("**/*".to_owned()), kind: None }];
        let options = serde_json::to_value(DidChangeWatchedFilesRegistrationOptions { watchers }).ok();
        let method = "workspace/didChangeWatchedFiles".to_owned();
        let registration = Registration { id: "files".to_owned(), method, register_options: options };
        self.ask("client/registerCapability", RegistrationParams { registrations: vec![registration] });
    }

    fn edit(&mut self, params: DidChangeTextDocumentParams) {
        let Some(path) = uri::path(&params.text_document.uri) else { return };
        let Some(client) = self.client else { return };
        let Some(document) = self.documents.get_mut(&path) else { return };
        document.change(params.content_changes, client.encoding);
        document.version = params.text_document.version;
        self.change(&path, false);
    }

    fn on_disk(&mut self, params: DidChangeWatchedFilesParams) {
        let (mut came_or_went, mut regroup) = (Vec::new(), false);
        let many = params.changes.len() > MOST_EVENTS;
        for change in params.changes {
            let Some(path) = uri::path(&change.uri) else { continue };
            let name = path.file_name().unwrap_or_default();
            let of_repository = |part: Utf8Component<'_>| [".git", ".hg", ".svn", ".jj"].contains(&part.as_str());
            if path.parent().is_some_and(|folder| folder.components().any(of_repository)) {
                continue;
            }
            regroup |= name == "pgassay.toml" || name == ".pgassay.toml" || name == ".git";
            let ignores = name == ".gitignore" || name == ".ignore";
            // What came or went may be a folder.
            let tree =
                change.typ != FileChangeType::CHANGED && (many || self.is_folder(&path) || self.knows_below(&path));
            if ignores || tree || self.may_matter(&path) {
                if ignores || change.typ != FileChangeType::CHANGED {
                    came_or_went.push(path.clone());
                }
                self.touch(&path);
            }
        }
        for path in came_or_went {
            self.change(&path, true);
        }
        if regroup {
            self.regroup();
        }
    }

    /// Whether a request can be answered now, with the path it is about; else it waits for the check, or is answered as
    /// given.
    #[allow(clippy::type_complexity, reason = "it is used once")]
    fn later(
        &mut self,
        request: Request,
    ) -> Result<(Request, Utf8PathBuf), Option<(RequestId, Result<Value, Failure>)>> {
        let named = request.params.pointer("/textDocument/uri").cloned().unwrap_or_default();
        let uri = match read::<Uri>(named) {
            Ok(uri) => uri,
            Err(failure) => return Err(Some((request.id, Err(failure)))),
        };
        let Some(path) = uri::path(&uri).filter(|path| self.documents.contains_key(path)) else {
            return Err(Some((request.id, Ok(Value::Null))));
        };
        if self.is_current(&path) {
            return Ok((request, path));
        }
        if self.waiting.len() >= MOST_WAITING {
            return Err(Some((request.id, Ok(Value::Null))));
        }
        self.waiting.push((request, path));
        Err(None)
    }

    /// Answers what waited for a check.
    pub(super) fn answer_waiting(&mut self) {
        let Some(client) = self.client else { return };
        for (request, path) in std::mem::take(&mut self.waiting) {
            if !self.documents.contains_key(&path) {
                self.answer(request.id, Ok(Value::Null));
            } else if self.is_current(&path) {
                let answer = self.look(&request, &path, client);
                self.answer(request.id, answer);
            } else {
                self.waiting.push((request, path));
            }
        }
    }

    /// Answers a request on a text whose present version was checked.
    fn look(&self, request: &Request, path: &Utf8PathBuf, client: Client) -> Result<Value, Failure> {
        let snapshot = self.snapshot(path);
        // A configuration that cannot be used leaves an older look at the files.
        let version = self.documents.get(path).map(|document| document.version);
        let snapshot = snapshot.filter(|snapshot| snapshot.versions.get(path).copied() == version);
        let Some(snapshot) = snapshot else { return Ok(Value::Null) };
        let Some(&file) = snapshot.files.get(path) else { return Ok(Value::Null) };
        let places = Places::new(&snapshot, &self.documents, client.encoding);
        let params = request.params.clone();
        match request.method.as_str() {
            "textDocument/hover" => {
                let at = read::<HoverParams>(params)?.text_document_position_params.position;
                write(hover::hover(&places, file, places.lines(file).offset(at)))
            }
            "textDocument/definition" => {
                let at = read::<GotoDefinitionParams>(params)?.text_document_position_params.position;
                write(definition::definition(&places, file, places.lines(file).offset(at)))
            }
            _ => write(actions::actions(&places, file, &read::<CodeActionParams>(params)?, client)),
        }
    }

    fn complete(&self, params: Value, client: Client) -> Result<Value, Failure> {
        let params: CompletionParams = read(params)?;
        let at = params.text_document_position;
        let Some(path) = uri::path(&at.text_document.uri) else { return Ok(Value::Null) };
        let Some(document) = self.documents.get(&path) else { return Ok(Value::Null) };
        let snapshot = self.snapshot(&path);
        write(complete::complete(document, &path, at.position, client.encoding, snapshot.as_deref()))
    }

    /// Explains a rule: its page is the answer, and what it says in short is shown.
    fn execute(&self, params: Value) -> Result<Value, Failure> {
        let params: ExecuteCommandParams = read(params)?;
        if params.command != EXPLAIN {
            return Err((ErrorCode::InvalidParams, format!("there is no command `{}`", params.command)));
        }
        let name = params.arguments.first().and_then(Value::as_str).unwrap_or_default();
        let of_plugins =
            || self.documents.keys().find_map(|path| self.snapshot(path)?.report.selection.registry().find(name));
        let Some(rule) = crate::rule::RuleId::find(name).or_else(of_plugins) else {
            return Err((ErrorCode::InvalidParams, format!("no rule is called `{name}`")));
        };
        let meta = rule.meta();
        let message = format!("{}: {}\n\n{}", meta.id, meta.title, crate::report::summary(meta.page));
        self.notify("window/showMessage", lsp_types::ShowMessageParams { typ: lsp_types::MessageType::INFO, message });
        Ok(Value::String(meta.page.to_owned()))
    }
}

fn read<T: DeserializeOwned>(params: Value) -> Result<T, Failure> {
    serde_json::from_value(params).map_err(|error| (ErrorCode::InvalidParams, error.to_string()))
}

fn write(result: impl serde::Serialize) -> Result<Value, Failure> {
    serde_json::to_value(result).map_err(|error| (ErrorCode::InternalError, error.to_string()))
}
