//! A client of the language server, and what it does with what it is told.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(120);

pub(super) struct Client {
    pub(super) child: Child,
    pub(super) input: Option<ChildStdin>,
    pub(super) heard: Receiver<Value>,
    /// What was heard and not asked for yet.
    pub(super) later: Vec<Value>,
    /// All that was heard.
    pub(super) transcript: String,
    pub(super) asked: i32,
}

impl Client {
    /// A server that nobody has spoken to.
    pub(super) fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_pgassay"))
            .arg("lsp")
            .env_remove("PGASSAY_CONFIG")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("pgassay starts");
        let mut out = BufReader::new(child.stdout.take().expect("its output is a pipe"));
        let (tell, heard) = mpsc::channel();
        thread::spawn(move || {
            while let Some(message) = read(&mut out) {
                if tell.send(message).is_err() {
                    return;
                }
            }
        });
        let input = child.stdin.take();
        Self { child, input, heard, later: Vec::new(), transcript: String::new(), asked: 0 }
    }

    /// A server that works in folders.
    pub(super) fn new(folders: &[&Path]) -> Self {
        let text = json!({ "publishDiagnostics": { "relatedInformation": true } });
        Self::with(folders, json!({ "textDocument": text }), Value::Null)
    }

    pub(super) fn with(folders: &[&Path], capabilities: Value, options: Value) -> Self {
        let mut client = Self::start();
        let folders = folders.iter().map(|folder| json!({ "uri": uri(folder), "name": "folder" })).collect::<Vec<_>>();
        let params = json!({
            "processId": null,
            "rootUri": null,
            "capabilities": capabilities,
            "workspaceFolders": folders,
            "initializationOptions": options,
        });
        let answer = client.ask("initialize", params);
        assert_eq!(answer["result"]["serverInfo"]["name"], "pgassay", "{answer}");
        client.tell("initialized", json!({}));
        client
    }

    pub(super) fn raw(&mut self, text: &str) {
        let input = self.input.as_mut().expect("the input is open");
        input.write_all(text.as_bytes()).and_then(|()| input.flush()).expect("the server reads");
    }

    pub(super) fn send(&mut self, message: &Value) {
        let text = message.to_string();
        self.raw(&format!("Content-Length: {}\r\n\r\n{text}", text.len()));
    }

    pub(super) fn tell(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Sends a request without waiting; gives its id.
    pub(super) fn request(&mut self, method: &str, params: Value) -> i32 {
        self.asked += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": self.asked, "method": method, "params": params }));
        self.asked
    }

    pub(super) fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.request(method, params);
        self.answer(id)
    }

    pub(super) fn answer(&mut self, id: i32) -> Value {
        self.wait(|message| message["id"] == id && message.get("method").is_none())
    }

    pub(super) fn wait(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.later.iter().position(&wanted) {
            return self.later.remove(at);
        }
        loop {
            let message = self.heard.recv_timeout(PATIENCE).expect("the server answers");
            self.transcript.push_str(&message.to_string());
            if wanted(&message) {
                return message;
            }
            self.later.push(message);
        }
    }

    pub(super) fn open(&mut self, path: &Path, text: &str) {
        let document = json!({ "uri": uri(path), "languageId": "conf", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
    }

    pub(super) fn open_file(&mut self, path: &Path) {
        let text = fs::read_to_string(path).expect("the file is there");
        self.open(path, &text);
    }

    /// Changes a text; without a range, all of it.
    pub(super) fn change(&mut self, path: &Path, version: i32, changes: Value) {
        let document = json!({ "uri": uri(path), "version": version });
        self.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes }));
    }

    /// What is told next of a file.
    pub(super) fn published(&mut self, path: &Path) -> Value {
        let uri = uri(path);
        let is = |message: &Value| {
            message["method"] == "textDocument/publishDiagnostics" && message["params"]["uri"] == uri.as_str()
        };
        self.wait(is)["params"].take()
    }

    /// The rules that are told next of a file.
    pub(super) fn rules(&mut self, path: &Path) -> Vec<String> {
        rules(&self.published(path))
    }

    pub(super) fn at(&mut self, what: &str, path: &Path, line: u32, character: u32) -> Value {
        let position = json!({ "line": line, "character": character });
        let params = json!({ "textDocument": { "uri": uri(path) }, "position": position });
        self.ask(&format!("textDocument/{what}"), params)["result"].take()
    }

    pub(super) fn hover(&mut self, path: &Path, line: u32, character: u32) -> String {
        self.at("hover", path, line, character)["contents"]["value"].as_str().unwrap_or_default().to_owned()
    }

    pub(super) fn actions(&mut self, path: &Path, line: u32, only: &str) -> Vec<Value> {
        let place = json!({ "line": line, "character": 0 });
        let params = json!({
            "textDocument": { "uri": uri(path) },
            "range": { "start": place, "end": place },
            "context": { "diagnostics": [], "only": [only] },
        });
        let mut answer = self.ask("textDocument/codeAction", params);
        serde_json::from_value(answer["result"].take()).expect("a list of actions")
    }

    pub(super) fn labels(&mut self, path: &Path, line: u32, character: u32) -> Vec<String> {
        let items = self.at("completion", path, line, character);
        let label = |item: &Value| item["label"].as_str().expect("an item has a label").to_owned();
        items.as_array().expect("a list of items").iter().map(label).collect()
    }

    /// Ends the server as the protocol says.
    pub(super) fn end(mut self) -> String {
        assert_eq!(self.ask("shutdown", Value::Null)["result"], Value::Null);
        self.tell("exit", Value::Null);
        assert_eq!(self.child.wait().expect("the server ends").code(), Some(0));
        std::mem::take(&mut self.transcript)
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read(out: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if out.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end().split_once(": ") {
            Some((_, value)) => length = value.parse().ok()?,
            None => break,
        }
    }
    let mut text = vec![0; length];
    out.read_exact(&mut text).ok()?;
    serde_json::from_slice(&text).ok()
}

pub(super) fn uri(path: &Path) -> String {
    format!("file://{}", path.to_str().expect("a path of these tests"))
}

pub(super) fn rules(published: &Value) -> Vec<String> {
    let found = published["diagnostics"].as_array().expect("a list");
    found.iter().map(|found| found["code"].as_str().unwrap_or("-").to_owned()).collect()
}

pub(super) fn whole(text: &str) -> Value {
    json!([{ "text": text }])
}

pub(super) fn part(start: (u32, u32), end: (u32, u32), text: &str) -> Value {
    let place = |(line, character)| json!({ "line": line, "character": character });
    json!({ "range": { "start": place(start), "end": place(end) }, "text": text })
}

/// A text with the edits of an action made. Lines end with `\n`, and columns are bytes.
pub(super) fn edited(text: &str, action: &Value) -> String {
    let changes = action["edit"]["changes"].as_object().expect("edits by file");
    let mut edits = changes.values().flat_map(|edits| edits.as_array().expect("edits")).collect::<Vec<_>>();
    let at = |place: &Value| {
        let line = place["line"].as_u64().expect("a line") as usize;
        let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        start + place["character"].as_u64().expect("a column") as usize
    };
    edits.sort_by_key(|edit| std::cmp::Reverse(at(&edit["range"]["start"])));
    let mut out = text.to_owned();
    for edit in edits {
        let range = at(&edit["range"]["start"])..at(&edit["range"]["end"]);
        out.replace_range(range, edit["newText"].as_str().expect("a text"));
    }
    out
}

pub(super) fn titled<'a>(actions: &'a [Value], beginning: &str) -> &'a Value {
    let title = |action: &&Value| action["title"].as_str().is_some_and(|title| title.starts_with(beginning));
    actions.iter().find(title).unwrap_or_else(|| panic!("no action begins with `{beginning}`: {actions:?}"))
}
