//! Measures what a plugin costs, step by step, in this process.

use std::sync::Arc;
use std::time::{Duration, Instant};

use wasmtime::component::Component;

use super::cache::Cache;
use super::component::Shape;
use super::error::PluginError;
use super::v0_1::{self, Prepared};
use super::{Input, Spec, engine, pool, read};
use crate::rule::Registry;

/// What each step took. Steps that were repeated have one time for each run, ascending.
#[derive(Debug)]
pub struct Bench {
    /// The length of the file, in bytes.
    pub size: usize,
    /// The length of the compiled code, in bytes.
    pub code: usize,
    /// Compiling, once.
    pub compile: Duration,
    /// Finding compiled code in the cache, checking and mapping it.
    pub load: Vec<Duration>,
    /// Linking.
    pub link: Vec<Duration>,
    /// Making an instance.
    pub instantiate: Vec<Duration>,
    /// `describe`.
    pub describe: Vec<Duration>,
    /// `configure`.
    pub configure: Vec<Duration>,
    /// Putting what the rules look at into the contract's records, which is done once for all plugins that look at the
    /// same.
    pub model: Vec<Duration>,
    /// `check` without a rule: what it takes to hand the model over.
    pub hand_over: Vec<Duration>,
    /// `check` with all rules, from handing the model over to the checked findings.
    pub check: Vec<Duration>,
    /// How many findings that gives.
    pub findings: usize,
    /// The plugin's linear memory after that, in bytes.
    pub memory: usize,
}

/// Measures a plugin on a model.
///
/// # Errors
/// Whatever keeps it from being run.
pub fn bench(spec: &Spec, input: &Arc<Input>, runs: u32) -> Result<Bench, PluginError> {
    // On a thread with a stack for plugins.
    let measured = pool::run(vec![()], |()| measure(spec, input, runs))?;
    measured.into_iter().next().unwrap_or_else(|| Err(PluginError::Engine("no thread ran".to_owned())))
}

fn measure(spec: &Spec, input: &Arc<Input>, runs: u32) -> Result<Bench, PluginError> {
    let engine = engine::engine().map_err(|error| PluginError::Engine(error.to_string()))?;
    let _clock = engine::Clock::start(&engine)?;
    let (bytes, _) = read(&spec.path)?;
    Shape::read(&bytes)?.accept()?;
    let (compile, component) = timed(|| Component::from_binary(&engine, &bytes));
    let component = component.map_err(|error| PluginError::NoComponent(super::short(&error.to_string())))?;
    let code = component.serialize().map_err(|error| PluginError::Engine(error.to_string()))?;
    let folder = tempfile::tempdir()?;
    let cache = Cache::open(folder.path().join("plugins"))?;
    cache.store("bench", &code)?;
    let mut bench = Bench {
        size: bytes.len(),
        code: code.len(),
        compile,
        load: Vec::new(),
        link: Vec::new(),
        instantiate: Vec::new(),
        describe: Vec::new(),
        configure: Vec::new(),
        model: Vec::new(),
        hand_over: Vec::new(),
        check: Vec::new(),
        findings: 0,
        memory: 0,
    };
    let options = spec.options.to_string();
    for _ in 0..runs {
        let (time, loaded) = timed(|| cache.load(&engine, "bench"));
        bench.load.push(time);
        let component = loaded.ok_or_else(|| PluginError::Engine("the cache cannot be read".to_owned()))?;
        let (time, prepared) = timed(|| Prepared::new(&engine, &component));
        bench.link.push(time);
        let prepared = prepared?;
        let (time, running) = timed(|| prepared.start(&spec.limits));
        bench.instantiate.push(time);
        let mut running = running?;
        let (time, description) = timed(|| running.describe());
        bench.describe.push(time);
        let description = description?;
        let (time, taken) = timed(|| running.configure(&options));
        bench.configure.push(time);
        if let Err(problems) = taken? {
            let problems = problems.into_iter().map(|(pointer, message)| format!("option `{pointer}`: {message}"));
            return Err(PluginError::Options(problems.collect::<Vec<_>>().join("; ")));
        }
        let rules = Registry::new(description.rules.iter().copied(), false);
        let rules = rules.iter().skip(Registry::default().len()).collect::<Vec<_>>();
        let reads = description.reads(&rules);
        let (time, model) = timed(|| v0_1::model(input, &reads));
        bench.model.push(time);
        let (time, answer) = timed(|| running.check(input, &model, &[], &description));
        bench.hand_over.push(time);
        answer?;
        let mut running = prepared.start(&spec.limits)?;
        if running.configure(&options)?.is_err() {
            return Err(PluginError::Options("they are refused the second time".to_owned()));
        }
        let (time, answer) = timed(|| running.check(input, &model, &rules, &description));
        bench.check.push(time);
        bench.findings = answer?.findings.len();
        bench.memory = running.memory();
    }
    let steps = [
        &mut bench.load,
        &mut bench.link,
        &mut bench.instantiate,
        &mut bench.describe,
        &mut bench.configure,
        &mut bench.model,
        &mut bench.hand_over,
        &mut bench.check,
    ];
    for step in steps {
        step.sort();
    }
    Ok(bench)
}

#[expect(clippy::disallowed_methods, reason = "measuring is what this is for")]
fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let done = work();
    (start.elapsed(), done)
}
