//! Plugins that speak `pgassay:plugin@0.1`: the generated types, the model in them, and the way back.
//!
//! A breaking change of the contract is a new package version and a module like this one beside it.

mod answer;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod host;
mod marshal;

use std::sync::Arc;

use wasmtime::component::{Component, HasSelf, InstancePre, Linker};
use wasmtime::{Engine, Store, Trap, WasmBacktrace};

use self::bindings::pgassay::plugin::types as wit;
use self::bindings::{Plugin, PluginPre};
use super::engine;
use super::error::{PluginError, Tail};
use super::limits::{Limit, Limits};
use super::reads::Reads;
use super::{Answer, Description};
use crate::catalog::Majors;
use crate::rule::RuleId;

pub use host::Input;
use host::{Asked, State};
use marshal::Shown;

/// What wasmtime generates from `plugins/wit`.
#[allow(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    unused_qualifications,
    unsafe_code,
    clippy::all,
    clippy::pedantic,
    clippy::disallowed_methods,
    clippy::use_self,
    clippy::redundant_closure_for_method_calls,
    clippy::semicolon_if_nothing_returned,
    clippy::needless_pass_by_value,
    reason = "generated"
)]
pub(super) mod bindings {
    wasmtime::component::bindgen!({ path: "plugins/wit", world: "plugin" });
}

/// The version of the contract that this module speaks.
pub(super) const VERSION: &str = "0.1.0";

/// A component that is compiled and linked; instances can be made of it.
#[derive(Clone)]
pub(super) struct Prepared {
    engine: Engine,
    pre: PluginPre<State>,
}

/// An instance with its store. After an error it must not be called again.
pub(super) struct Running {
    store: Store<State>,
    plugin: Plugin,
    limits: Limits,
}

/// The model in the contract's records, made once for all plugins that look at the same parts.
pub(super) type Model = Arc<Shown>;

/// Puts parts of the model into records.
pub(super) fn model(input: &Input, reads: &Reads) -> Model {
    Arc::new(marshal::shown(input, reads))
}

impl Prepared {
    /// Links a component to the host's functions.
    ///
    /// # Errors
    /// Its functions or types are not those of the contract.
    pub(super) fn new(engine: &Engine, component: &Component) -> Result<Self, PluginError> {
        let contract = |error: wasmtime::Error| PluginError::Contract(VERSION, chain(&error));
        let mut linker = Linker::<State>::new(engine);
        Plugin::add_to_linker::<State, HasSelf<State>>(&mut linker, |state| state).map_err(contract)?;
        let pre: InstancePre<State> = linker.instantiate_pre(component).map_err(contract)?;
        Ok(Self { engine: engine.clone(), pre: PluginPre::new(pre).map_err(contract)? })
    }

    /// Makes an instance, which may run code of the plugin.
    ///
    /// # Errors
    /// A limit, or a crash.
    pub(super) fn start(&self, limits: &Limits) -> Result<Running, PluginError> {
        let mut store = Store::new(&self.engine, State::new(limits));
        store.limiter(|state| &mut state.account);
        store.set_hostcall_fuel(limits.output);
        store.set_epoch_deadline(engine::ticks(limits.time));
        match self.pre.instantiate(&mut store) {
            Ok(plugin) => Ok(Running { store, plugin, limits: *limits }),
            // wasmtime looks at the types of the functions once it has them in hand.
            Err(error) if chain(&error).contains("failed to convert function to given type") => {
                Err(PluginError::Contract(VERSION, super::short(&error.root_cause().to_string())))
            }
            Err(error) => Err(failure(store.data(), limits, "describe", &error)),
        }
    }
}

impl Running {
    /// What the plugin says of itself.
    ///
    /// # Errors
    /// A limit, a crash, or an answer that cannot be.
    pub(super) fn describe(&mut self) -> Result<Description, PluginError> {
        self.wind();
        let answer = self.plugin.pgassay_plugin_rules().call_describe(&mut self.store);
        answer::description(answer.map_err(|error| self.failure("describe", &error))?)
    }

    /// Hands the options over.
    ///
    /// # Errors
    /// A limit, a crash, or options that the plugin does not take; these by their JSON pointers.
    pub(super) fn configure(&mut self, options: &str) -> Result<Result<(), Vec<(String, String)>>, PluginError> {
        self.wind();
        let answer = self.plugin.pgassay_plugin_rules().call_configure(&mut self.store, options);
        let answer = answer.map_err(|error| self.failure("configure", &error))?;
        Ok(answer.map_err(|problems| problems.into_iter().map(|problem| (problem.pointer, problem.message)).collect()))
    }

    /// Runs the enabled rules.
    ///
    /// # Errors
    /// A limit, a crash, or the plugin's own word that it could not do its work. Single findings that cannot be are in
    /// the answer.
    pub(super) fn check(
        &mut self,
        input: &Arc<Input>,
        model: &Model,
        enabled: &[RuleId],
        description: &Description,
    ) -> Result<Answer, PluginError> {
        let asked = Asked { input: Arc::clone(input), shown: Arc::clone(model) };
        self.store.data_mut().asked = Some(asked.clone());
        let context = wit::Context {
            enabled: enabled.iter().map(|rule| rule.name().to_owned()).collect(),
            majors: marshal::majors(targets(input, description)),
            facts: Vec::new(),
        };
        self.wind();
        let answer = self.plugin.pgassay_plugin_rules().call_check(&mut self.store, &context, &model.model);
        let findings = match answer.map_err(|error| self.failure("check", &error))? {
            Ok(findings) => findings,
            Err(reason) => return Err(PluginError::Failed(super::short(&reason))),
        };
        let most = self.limits.findings;
        let count = findings.len();
        let mut bad = Vec::new();
        let state = self.store.data();
        let wanted = findings.into_iter().take(most).collect();
        let findings = answer::findings(wanted, enabled, description, &asked, &state.located, &mut bad);
        let cut = (count > most).then(|| {
            let what = format!("it is one of {count}, and the first {most} are kept (limit `findings`)");
            PluginError::Finding(what)
        });
        Ok(Answer { findings, bad, cut })
    }

    /// What the plugin logged.
    pub(super) fn log(&self) -> impl Iterator<Item = &str> {
        self.store.data().log.lines.iter().map(|(_, line)| line.as_str())
    }

    /// How many bytes of linear memory the plugin has.
    pub(super) fn memory(&self) -> usize {
        self.store.data().account.used()
    }

    /// Gives the next call its time.
    fn wind(&mut self) {
        self.store.set_epoch_deadline(engine::ticks(self.limits.time));
    }

    fn failure(&self, call: &'static str, error: &wasmtime::Error) -> PluginError {
        failure(self.store.data(), &self.limits, call, error)
    }
}

fn targets(input: &Input, description: &Description) -> Majors {
    input.cluster.targets() & description.majors
}

/// Tells a limit from a crash.
fn failure(state: &State, limits: &Limits, call: &'static str, error: &wasmtime::Error) -> PluginError {
    let log = Tail(state.log.tail());
    let text = chain(error);
    let limit = match (error.downcast_ref::<Trap>(), state.account.reached) {
        (_, Some(limit)) => Some(limit),
        (Some(Trap::Interrupt), _) => Some(Limit::Time(limits.time)),
        (Some(Trap::StackOverflow), _) => Some(Limit::Stack),
        _ if text.contains("fuel allocated for hostcalls has been exhausted") => Some(Limit::Output(limits.output)),
        _ => ["instance", "table", "memory"].iter().find_map(|what| {
            text.contains(&format!("resource limit exceeded: {what} count")).then(|| super::limits::count(what))
        }),
    };
    match limit {
        Some(limit) => PluginError::Limit { call, limit, log },
        None => PluginError::Crash { call, reason: super::short(&reason(error)), log },
    }
}

/// Why a plugin crashed, and the functions that it was in, the innermost first, as far as they have names.
fn reason(error: &wasmtime::Error) -> String {
    const FRAMES: usize = 3;
    let Some(trace) = error.downcast_ref::<WasmBacktrace>() else { return chain(error) };
    let root = error.root_cause().to_string();
    let named =
        trace.frames().iter().filter_map(|frame| Some(format!("{:#}", rustc_demangle::demangle(frame.func_name()?))));
    let named = named.take(FRAMES).collect::<Vec<_>>();
    let place = if named.is_empty() { String::new() } else { format!(" in {}", named.join(" < ")) };
    format!("{}{place}", root.trim_start_matches("wasm trap: "))
}

/// An error and its causes.
fn chain(error: &wasmtime::Error) -> String {
    error.chain().map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
