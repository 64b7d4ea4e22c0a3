//! Plugins written by hand: the three functions as WebAssembly text, their answers laid out in memory as the component
//! model's canonical ABI has it. So a plugin can be as wrong as wanted, and no toolchain is needed.

use std::fmt::Write as _;

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// Where the data starts; below is room for the host's own answers.
const BASE: u32 = 4096;

/// Every major that pgassay knows.
pub(crate) const ALL: u32 = 0x7fc00;

/// The memory of a guest before it runs.
#[derive(Debug, Default)]
pub(crate) struct Data(Vec<u8>);

/// Bytes of a record, to be put into memory or into another record.
#[derive(Debug, Default, Clone)]
pub(crate) struct Record(Vec<u8>);

impl Data {
    fn put(&mut self, bytes: &[u8]) -> u32 {
        while !self.0.len().is_multiple_of(8) {
            self.0.push(0);
        }
        let at = BASE + self.0.len() as u32;
        self.0.extend_from_slice(bytes);
        at
    }

    fn text(&mut self, text: &[u8]) -> [u32; 2] {
        [self.put(text), text.len() as u32]
    }

    fn list(&mut self, items: &[Record]) -> [u32; 2] {
        let bytes = items.iter().flat_map(|item| item.0.clone()).collect::<Vec<_>>();
        [self.put(&bytes), items.len() as u32]
    }

    fn record(&mut self, record: &Record) -> u32 {
        self.put(&record.0)
    }
}

impl Record {
    fn word(mut self, word: u32) -> Self {
        while !self.0.len().is_multiple_of(4) {
            self.0.push(0);
        }
        self.0.extend_from_slice(&word.to_le_bytes());
        self
    }

    fn pair(self, pair: [u32; 2]) -> Self {
        self.word(pair[0]).word(pair[1])
    }

    fn byte(mut self, byte: u8) -> Self {
        self.0.push(byte);
        self
    }

    /// An option of a string or list: its case, then room for the value.
    fn option(self, pair: Option<[u32; 2]>) -> Self {
        self.word(u32::from(pair.is_some())).pair(pair.unwrap_or_default())
    }
}

/// A finding as a plugin may give it.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    pub(crate) rule: Vec<u8>,
    pub(crate) message: Vec<u8>,
    pub(crate) place: u32,
    pub(crate) label: Vec<u8>,
    /// The length that is claimed for the message, whatever it is.
    pub(crate) claimed: Option<u32>,
    pub(crate) edits: Vec<(u32, Vec<u8>)>,
    pub(crate) related: usize,
    pub(crate) majors: Option<u32>,
}

impl Finding {
    pub(crate) fn new(rule: &str, place: u32, message: &str) -> Self {
        Self {
            rule: rule.as_bytes().to_vec(),
            message: message.as_bytes().to_vec(),
            place,
            label: b"here".to_vec(),
            claimed: None,
            edits: Vec::new(),
            related: 0,
            majors: None,
        }
    }

    fn record(&self, data: &mut Data) -> Record {
        let [message, length] = data.text(&self.message);
        let label = data.text(&self.label);
        let related = vec![Record::default().word(self.place).pair(label); self.related];
        let related = data.list(&related);
        let edits = self.edits.iter().map(|(place, text)| Record::default().word(*place).pair(data.text(text)));
        let edits = edits.collect::<Vec<_>>();
        let edits = data.list(&edits);
        let title = data.text(b"mend it");
        let rule = data.text(&self.rule);
        let fix = !self.edits.is_empty();
        Record::default()
            .pair(rule)
            // Neither a severity nor a confidence.
            .word(0)
            .pair([message, self.claimed.unwrap_or(length)])
            .option(None)
            .word(self.place)
            .pair(label)
            .pair(related)
            .pair(self.majors.map_or([0, 0], |majors| [1, majors]))
            .option(None)
            .word(u32::from(fix))
            .pair(title)
            .byte(0)
            .pair(edits)
    }
}

/// A plugin.
#[derive(Debug, Clone)]
pub(crate) struct Guest {
    pub(crate) name: Vec<u8>,
    /// The ids of its rules.
    pub(crate) rules: Vec<String>,
    pub(crate) title: Vec<u8>,
    pub(crate) page: Vec<u8>,
    pub(crate) majors: u32,
    pub(crate) schema: Option<Vec<u8>>,
    pub(crate) findings: Vec<Finding>,
    /// What `configure` complains of: pointer and message.
    pub(crate) problem: Option<(String, String)>,
    /// What `check` says when it fails.
    pub(crate) failure: Option<Vec<u8>>,
    /// Code that runs first in `describe`, `configure` and `check`.
    pub(crate) code: [String; 3],
    /// Code that runs when an instance is made.
    pub(crate) start: String,
    /// Definitions of the module: further memories, tables, functions.
    pub(crate) definitions: String,
}

impl Guest {
    /// A plugin with one rule, `<name>/rule`, that finds nothing.
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.as_bytes().to_vec(),
            rules: vec![format!("{name}/rule")],
            title: b"a rule of a test".to_vec(),
            page: b"# rule\n\n## What it does\n\nNothing.\n".to_vec(),
            majors: ALL,
            schema: None,
            findings: Vec::new(),
            problem: None,
            failure: None,
            code: Default::default(),
            start: String::new(),
            definitions: String::new(),
        }
    }

    pub(crate) fn finds(mut self, findings: impl IntoIterator<Item = Finding>) -> Self {
        self.findings.extend(findings);
        self
    }

    /// With code that runs first in a function: 0 `describe`, 1 `configure`, 2 `check`.
    pub(crate) fn runs(mut self, function: usize, code: &str) -> Self {
        self.code[function] = code.to_owned();
        self
    }

    /// The component.
    pub(crate) fn build(&self) -> Vec<u8> {
        component(&self.module(), "plugins/wit")
    }

    /// The core module.
    pub(crate) fn module(&self) -> String {
        let mut data = Data::default();
        let described = self.described(&mut data);
        let described = data.record(&described);
        let configured = match &self.problem {
            None => Record::default().word(0).pair([0, 0]),
            Some((pointer, message)) => {
                let (pointer, message) = (data.text(pointer.as_bytes()), data.text(message.as_bytes()));
                let problems = data.list(&[Record::default().pair(pointer).pair(message)]);
                Record::default().word(1).pair(problems)
            }
        };
        let configured = data.record(&configured);
        let checked = match &self.failure {
            None => {
                let findings = self.findings.iter().map(|finding| finding.record(&mut data)).collect::<Vec<_>>();
                let findings = data.list(&findings);
                Record::default().word(0).pair(findings)
            }
            Some(failure) => {
                let failure = data.text(failure);
                Record::default().word(1).pair(failure)
            }
        };
        let checked = data.record(&checked);
        let end = (BASE + data.0.len() as u32).next_multiple_of(16);
        let mut bytes = String::new();
        for byte in &data.0 {
            let _ = write!(bytes, "\\{byte:02x}");
        }
        let [describe, configure, check] = &self.code;
        format!(
            "(module
               (import \"pgassay:plugin/host@0.1.0\" \"log\" (func $log (param i32 i32 i32)))
               (import \"pgassay:plugin/host@0.1.0\" \"file-text\" (func $file-text (param i32 i32)))
               (import \"pgassay:plugin/host@0.1.0\" \"locate\" (func $locate (param i32 i32 i32 i32)))
               (import \"pgassay:plugin/host@0.1.0\" \"statement-text\" (func $statement-text (param i32 i32)))
               (import \"pgassay:plugin/host@0.1.0\" \"parse-tree\" (func $parse-tree (param i32 i32)))
               (memory (export \"memory\") {pages})
               (global $next (mut i32) (i32.const {end}))
               (global $calls (mut i32) (i32.const 0))
               (data (i32.const {BASE}) \"{bytes}\")
               {definitions}
               (func $realloc (export \"cabi_realloc\") (param $old i32) (param $size i32) (param $align i32) (param $new i32) (result i32)
                 (local $at i32)
                 (local.set $at (i32.and (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1))) (i32.sub (i32.const 0) (local.get $align))))
                 (global.set $next (i32.add (local.get $at) (local.get $new)))
                 (if (i32.gt_u (global.get $next) (i32.mul (memory.size) (i32.const 65536)))
                   (then (if (i32.eq (memory.grow (i32.add (i32.div_u (local.get $new) (i32.const 65536)) (i32.const 1))) (i32.const -1)) (then unreachable))))
                 (local.get $at))
               (func (export \"pgassay:plugin/rules@0.1.0#describe\") (result i32) {describe} (i32.const {described}))
               (func (export \"pgassay:plugin/rules@0.1.0#configure\") (param i32 i32) (result i32) {configure} (i32.const {configured}))
               (func (export \"pgassay:plugin/rules@0.1.0#check\") (param i32) (result i32) {check} (i32.const {checked}))
               {start})",
            pages = end / 65536 + 2,
            definitions = self.definitions,
            start = match self.start.as_str() {
                "" => String::new(),
                code => format!("(func $start {code}) (start $start)"),
            },
        )
    }

    fn described(&self, data: &mut Data) -> Record {
        let mut rules = Vec::new();
        for id in &self.rules {
            let id = data.text(id.as_bytes());
            let (title, page) = (data.text(&self.title), data.text(&self.page));
            let (profile, fix, since) = (data.text(b"default"), data.text(b"none"), data.text(b"1.0.0"));
            let rule = Record::default().pair(id).pair(title).pair(page).byte(1).byte(2).byte(2);
            let rule = rule.pair(profile).word(self.majors).pair([0, 0]).pair([0, 0]).option(None).pair([0, 0]);
            rules.push(rule.pair(fix).pair(since));
        }
        let rules = data.list(&rules);
        let (name, version) = (data.text(&self.name), data.text(b"1.0.0"));
        let schema = self.schema.as_ref().map(|schema| data.text(schema));
        Record::default().pair(name).pair(version).word(self.majors).pair(rules).option(schema)
    }
}

/// Turns a core module into a component of the world `plugin` of a folder of WIT.
pub(crate) fn component(module: &str, wit: &str) -> Vec<u8> {
    let mut module = wat::parse_str(module).expect("the text is a module");
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_path(wit).expect("the contract can be read");
    let world = resolve.select_world(&[package], Some("plugin")).expect("it has the world");
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).expect("metadata can be embedded");
    let encoder = ComponentEncoder::default().validate(true).module(&module).expect("the module fits the world");
    let mut encoder = encoder;
    encoder.encode().expect("the module becomes a component")
}
