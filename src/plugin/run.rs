//! Asks the plugins of a run about the model.
//!
//! Each plugin is asked once, for all of its rules. Where that fails, each rule is asked for alone, in a new instance, so
//! that one bad rule does not take the findings of the others with it and can be named.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::error::PluginError;
use super::limits::{self, Limits};
use super::load::{Plugin, Plugins};
use super::reads::Reads;
use super::v0_1::{self, Model, Running};
use super::{Answer, Description, Trouble, engine, names, pool};
use crate::finding::{Finding, Severity};
use crate::rule::{RuleId, Selection};
use crate::triage::Note;

pub use v0_1::Input;

/// What the plugins of a run found.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The order is not defined; triage sorts.
    pub findings: Vec<Finding>,
    /// What was not done.
    pub troubles: Vec<Trouble>,
    /// What the plugins logged.
    pub notes: Vec<Note>,
}

impl Plugins {
    /// What the selected rules of the plugins find.
    ///
    /// # Errors
    /// No thread can be had.
    pub fn check(self, input: &Arc<Input>, selection: &Selection) -> Result<Outcome, PluginError> {
        let mut rules = Self::rules(selection.registry());
        let asked = self.plugins.into_iter().filter_map(|plugin| {
            let mut wanted = rules.remove(plugin.description.meta.name)?;
            wanted.retain(|rule| selection.contains(*rule));
            (!wanted.is_empty()).then_some((plugin, wanted))
        });
        let asked = asked.collect::<Vec<_>>();
        // Plugins that look at the same parts of the model share the records.
        let models = asked.iter().map(|(plugin, rules)| (plugin.description.reads(rules), OnceLock::new()));
        let models = models.collect::<BTreeMap<Reads, OnceLock<Model>>>();
        let mut all = Outcome { troubles: self.troubles, ..Outcome::default() };
        if asked.is_empty() {
            return Ok(all);
        }
        let _clock = engine::Clock::start(&self.host.engine)?;
        let outcomes = pool::run(asked, |(plugin, rules)| {
            let reads = plugin.description.reads(&rules);
            let make = || v0_1::model(input, &reads);
            let model = models.get(&reads).map_or_else(make, |model| Model::clone(model.get_or_init(make)));
            one(plugin, &rules, input, &model)
        })?;
        for outcome in outcomes {
            all.findings.extend(outcome.findings);
            all.troubles.extend(outcome.troubles);
            all.notes.extend(outcome.notes);
        }
        Ok(all)
    }
}

/// A plugin at work on one model.
struct Work<'a> {
    plugin: &'a Plugin,
    options: String,
    input: &'a Arc<Input>,
    model: &'a Model,
    /// What of its limits is left: findings, bytes of their texts, and bytes of its log.
    left: Left,
    out: Outcome,
}

/// What a plugin may still give in all its answers together.
struct Left {
    findings: usize,
    output: usize,
    log: usize,
}

fn one(mut plugin: Plugin, rules: &[RuleId], input: &Arc<Input>, model: &Model) -> Outcome {
    let running = plugin.running.take();
    let options = plugin.spec.options.to_string();
    let limits = plugin.spec.limits;
    let left = Left { findings: limits.findings, output: limits.output, log: limits::LOG };
    let mut work = Work { plugin: &plugin, options, input, model, left, out: Outcome::default() };
    if let Err(error) = work.plugin.takes_options() {
        work.trouble(rules, error);
        return work.out;
    }
    match work.ask(running, rules, limits.time) {
        Ok(answer) => work.take(answer),
        Err(error @ PluginError::Options(_)) => work.trouble(rules, error),
        Err(error) if rules.len() == 1 => work.trouble(rules, error),
        Err(error) => work.ask_one_by_one(rules, error),
    }
    work.out
}

impl Work<'_> {
    /// Configures an instance and asks it. Each call may take `time`.
    fn ask(&mut self, running: Option<Running>, rules: &[RuleId], time: Duration) -> Result<Answer, PluginError> {
        let limits = Limits { time, findings: self.left.findings, ..self.plugin.spec.limits };
        let mut running = match running {
            Some(running) => running,
            None => self.plugin.prepared.start(&limits)?,
        };
        let answer = running.configure(&self.options).and_then(|taken| match taken {
            Ok(()) => running.check(self.input, self.model, rules, &self.plugin.description),
            Err(problems) => Err(PluginError::Options(self.plugin.problems(&problems))),
        });
        let name = self.plugin.description.meta.name;
        for line in running.log() {
            self.left.log = self.left.log.saturating_sub(line.len() + 1);
            if self.left.log > 0 {
                self.out.notes.push(Note {
                    path: Some(self.plugin.spec.path.clone()),
                    level: Severity::Info,
                    message: format!("plugin `{name}` says: {line}"),
                });
            }
        }
        answer
    }

    /// Asks for each rule alone, for as long as one call may take. The first error is told where none of these fails, or
    /// what is left of the time, the findings or the output is used up.
    fn ask_one_by_one(&mut self, rules: &[RuleId], first: PluginError) {
        #[expect(clippy::disallowed_methods, reason = "the time of plugins is limited")]
        let start = Instant::now();
        let mut failed = false;
        let mut left = Vec::new();
        for rule in rules {
            let time = self.plugin.spec.limits.time.saturating_sub(start.elapsed());
            if time.is_zero() || self.left.findings == 0 || self.left.output == 0 {
                left.push(*rule);
                continue;
            }
            match self.ask(None, &[*rule], time) {
                Ok(answer) => self.take(answer),
                Err(error) => {
                    failed = true;
                    self.trouble(&[*rule], error);
                }
            }
        }
        if !left.is_empty() {
            self.trouble(&left, first);
        } else if !failed {
            self.trouble(&[], first);
        }
    }

    fn take(&mut self, answer: Answer) {
        let bytes = answer.findings.iter().map(size).sum::<usize>();
        self.left.output = self.left.output.saturating_sub(bytes);
        self.left.findings = self.left.findings.saturating_sub(answer.findings.len());
        self.out.findings.extend(answer.findings);
        if let Some(error) = answer.cut {
            self.trouble(&[], error);
        }
        // A plugin may give a million findings that cannot be; one of each rule tells enough.
        let mut told = Vec::<String>::new();
        for (rule, error) in answer.bad {
            if !told.contains(&rule) {
                let rules = if rule.is_empty() { Vec::new() } else { vec![rule.clone()] };
                self.out.troubles.push(self.plugin.trouble(rules, error));
                told.push(rule);
            }
        }
    }

    fn trouble(&mut self, rules: &[RuleId], error: PluginError) {
        self.out.troubles.push(self.plugin.trouble(names(rules), error));
    }
}

/// What a schema finds wrong with options, by their JSON pointers. References let a short schema take for ever, so one that
/// has any gets a thread, which is left behind where it does not end in time.
fn judge_in_time(schema: &Value, options: &Value, time: Duration) -> Result<Vec<(String, String)>, PluginError> {
    if !refers(schema) {
        return judge(schema, options);
    }
    let (schema, options) = (schema.clone(), options.clone());
    let (done, judged) = mpsc::channel();
    thread::Builder::new().name("plugin schema".to_owned()).spawn(move || {
        // Nobody listens any more where it took too long.
        let _ = done.send(judge(&schema, &options));
    })?;
    judged.recv_timeout(time).unwrap_or_else(|_| {
        let what = format!("the schema of its options takes longer than {}", limits::shown_time(time));
        Err(PluginError::Description(what))
    })
}

fn judge(schema: &Value, options: &Value) -> Result<Vec<(String, String)>, PluginError> {
    let validator = jsonschema::validator_for(schema).map_err(|error| {
        let error = super::short(&error.to_string());
        PluginError::Description(format!("the schema of its options is no JSON Schema: {error}"))
    })?;
    let problems = validator.iter_errors(options).map(|error| (error.instance_path().to_string(), error.to_string()));
    Ok(problems.collect())
}

/// Whether a schema refers to a schema: `$ref`, `$dynamicRef`, `$recursiveRef`.
fn refers(schema: &Value) -> bool {
    match schema {
        Value::Object(members) => {
            members.iter().any(|(name, value)| name.starts_with('$') && name.ends_with("ef") || refers(value))
        }
        Value::Array(items) => items.iter().any(refers),
        _ => false,
    }
}

/// The bytes of a finding's texts.
fn size(finding: &Finding) -> usize {
    let labels = finding.related.iter().map(|label| label.text.len()).sum::<usize>();
    let edits = finding.fix.iter().flat_map(|fix| &fix.edits).map(|(_, text)| text.len()).sum::<usize>();
    let help = finding.help.as_ref().map_or(0, String::len);
    finding.message.len() + help + finding.primary.text.len() + labels + edits
}

impl Description {
    /// What these of its rules look at.
    pub(super) fn reads(&self, rules: &[RuleId]) -> Reads {
        let of = |rule: &RuleId| {
            let at = self.rules.iter().position(|meta| meta.id == rule.name());
            at.and_then(|at| self.reads.get(at)).map(Vec::as_slice).unwrap_or_default()
        };
        Reads::of(rules.iter().map(of))
    }
}

impl Plugin {
    fn trouble(&self, rules: Vec<String>, error: PluginError) -> Trouble {
        Trouble { path: self.spec.path.clone(), name: Some(self.description.meta.name), rules, error }
    }

    /// Checks the options against the plugin's schema.
    ///
    /// # Errors
    /// What is wrong with them, or with the schema.
    fn takes_options(&self) -> Result<(), PluginError> {
        let options = &self.spec.options;
        let Some(schema) = &self.description.schema else {
            let none = options.as_object().is_some_and(serde_json::Map::is_empty);
            return if none {
                Ok(())
            } else {
                Err(PluginError::Options(self.problems(&[(String::new(), "it takes none".to_owned())])))
            };
        };
        let problems = judge_in_time(schema, options, self.spec.limits.time)?;
        if problems.is_empty() { Ok(()) } else { Err(PluginError::Options(self.problems(&problems))) }
    }

    /// Problems of options, each with its JSON pointer.
    fn problems(&self, problems: &[(String, String)]) -> String {
        const MOST: usize = 5;
        let shown = problems.iter().take(MOST).map(|(pointer, message)| {
            let place = self.spec.origin.as_ref().map(|origin| origin.shown(pointer)).unwrap_or_default();
            let what = match pointer.as_str() {
                "" => "the options".to_owned(),
                pointer => format!("option `{}`", super::short(pointer)),
            };
            format!("{place}{what}: {}", super::short(message))
        });
        let mut text = shown.collect::<Vec<_>>().join("; ");
        if problems.len() > MOST {
            text.push_str(&format!("; and {} more", problems.len() - MOST));
        }
        if text.is_empty() { "it does not take its options".to_owned() } else { text }
    }
}
