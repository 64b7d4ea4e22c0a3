//! Answers made of any bytes: what is taken over of them can be reported, and shows no secret.

#![allow(clippy::expect_used, reason = "what does not hold must stop the run")]

use std::sync::{Arc, OnceLock};

use super::answer;
use super::host::{Asked, Input};
use super::marshal;
use super::wit;
use crate::discover::{self, Kind};
use crate::load;
use crate::model;
use crate::plugin::Description;
use crate::plugin::places::Located;
use crate::plugin::reads::Reads;
use crate::rule::{Registry, RuleId};

/// Takes over a plugin's account of itself and its findings, as `bytes` spell them.
pub(crate) fn answer(bytes: &[u8]) {
    static ASKED: OnceLock<(Asked, Description, Vec<RuleId>)> = OnceLock::new();
    let (asked, description, rules) = ASKED.get_or_init(asked);
    let mut bytes = Bytes(bytes);
    // Texts of an account live as long as the process.
    if bytes.byte() == 0 {
        if let Ok(description) = answer::description(bytes.info()) {
            assert!(!description.rules.is_empty() && !description.majors.is_empty());
            assert!(description.rules.iter().all(|rule| rule.id.starts_with(description.meta.name)));
        }
        return;
    }
    let findings = bytes.list(Bytes::finding);
    let mut bad = Vec::new();
    let taken = answer::findings(findings, rules, description, asked, &Located::default(), &mut bad);
    for finding in taken {
        assert!(finding.rule.name() == "p/r" && !finding.majors.is_empty() && !finding.message.trim().is_empty());
        let edits = finding.fix.iter().flat_map(|fix| &fix.edits).map(|(span, _)| *span);
        for span in finding.related.iter().map(|label| label.span).chain(edits).chain([finding.primary.span]) {
            assert!(span.range().end <= asked.input.sources.file(span.file).bytes().len());
        }
    }
}

/// A model to point into, and a plugin with one rule.
fn asked() -> (Asked, Description, Vec<RuleId>) {
    let text = b"fsync = off\nprimary_conninfo = 'host=a password=geheim'\n".to_vec();
    let mut loaded = load::of_text(
        discover::Input { path: "postgresql.conf".into(), kind: Some(Kind::PostgresqlConf), named: true },
        text,
    );
    let cluster = model::build(&mut loaded, &model::Options::default());
    let input = Arc::new(Input::new(cluster, loaded.sources));
    let shown = Arc::new(marshal::shown(&input, &Reads::everything()));
    let description = answer::description(Bytes(&[]).info()).expect("what is said by default is right");
    let registry = Registry::new(description.rules.clone(), false);
    let rules = registry.find("p/r").into_iter().collect();
    (Asked { input, shown }, description, rules)
}

/// Bytes that spell an answer. Where they end, what is said is right.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn byte(&mut self) -> u8 {
        self.0.split_off_first().copied().unwrap_or_default()
    }

    /// `right`, or any text where a byte says so.
    fn text(&mut self, right: &str) -> String {
        match self.byte() {
            0 => right.to_owned(),
            length => {
                // Long texts must be refused, and no input is as long.
                let times = if length == u8::MAX { 1000 } else { 1 };
                let length = usize::from(length).min(self.0.len());
                let text = self.0.split_off(..length).unwrap_or_default();
                String::from_utf8_lossy(text).repeat(times)
            }
        }
    }

    fn majors(&mut self) -> u32 {
        match self.byte() {
            0 => u32::MAX,
            bits => u32::from(bits) << 9,
        }
    }

    fn maybe<T>(&mut self, read: impl Fn(&mut Self) -> T) -> Option<T> {
        (self.byte() != 0).then(|| read(self))
    }

    fn list<T>(&mut self, read: impl Fn(&mut Self) -> T) -> Vec<T> {
        let length = self.byte();
        (0..length).take_while(|_| !self.0.is_empty()).map(|_| read(self)).collect::<Vec<_>>()
    }

    fn severity(&mut self) -> wit::Severity {
        [wit::Severity::Warning, wit::Severity::Info, wit::Severity::Error][usize::from(self.byte() % 3)]
    }

    fn confidence(&mut self) -> wit::Confidence {
        [wit::Confidence::High, wit::Confidence::Medium, wit::Confidence::Low][usize::from(self.byte() % 3)]
    }

    fn effect(&mut self) -> wit::Effect {
        let effects = [wit::Effect::Risk, wit::Effect::Refused, wit::Effect::Ignored, wit::Effect::Style];
        effects[usize::from(self.byte() % 4)]
    }

    fn info(&mut self) -> wit::PluginInfo {
        let mut rules = vec![self.rule()];
        rules.extend(self.list(Self::rule));
        wit::PluginInfo {
            name: self.text("p"),
            version: self.text("1"),
            majors: self.majors(),
            rules,
            options_schema: self.maybe(|bytes| bytes.text("{}")),
        }
    }

    fn rule(&mut self) -> wit::RuleInfo {
        wit::RuleInfo {
            id: self.text("p/r"),
            title: self.text("a title"),
            page: self.text("a page"),
            severity: self.severity(),
            confidence: self.confidence(),
            effect: self.effect(),
            profile: self.text("default"),
            majors: self.majors(),
            reads: self.list(|bytes| bytes.text("access")),
            tags: self.list(|bytes| bytes.text("security")),
            security_severity: self.maybe(|bytes| bytes.text("5.0")),
            references: self.list(|bytes| wit::Reference { kind: bytes.text("cwe"), id: bytes.text("1") }),
            fix: self.text(""),
            since: self.text("1"),
        }
    }

    fn label(&mut self) -> wit::Label {
        wit::Label { place: u32::from(self.byte()), text: self.text("here") }
    }

    fn fix(&mut self) -> wit::Fix {
        let edit = |bytes: &mut Self| wit::Edit { place: u32::from(bytes.byte()), replacement: bytes.text("on") };
        wit::Fix { title: self.text("a fix"), safe: self.byte() != 0, edits: self.list(edit) }
    }

    fn finding(&mut self) -> wit::Finding {
        wit::Finding {
            rule: self.text("p/r"),
            severity: self.maybe(Self::severity),
            confidence: self.maybe(Self::confidence),
            message: self.text("a message"),
            help: self.maybe(|bytes| bytes.text("some help")),
            primary: self.label(),
            related: self.list(Self::label),
            majors: self.maybe(Self::majors),
            subject: self.maybe(|bytes| bytes.text("a subject")),
            fix: self.maybe(Self::fix),
        }
    }
}
