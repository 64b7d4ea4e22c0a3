//! A plugin: its rules, its options, and the three calls that pgassay makes.

use std::any::Any;
use std::cell::RefCell;
use std::fmt;

use crate::types::{Context, Finding, Model, OptionProblem, PluginInfo};
use crate::{Findings, Majors, Rule};

type ReadOptions<O> = fn(&str) -> Result<O, Vec<OptionProblem>>;

/// A plugin whose options are of the type `O`; `()` if it has none.
pub struct Plugin<O: 'static = ()> {
    name: &'static str,
    version: &'static str,
    majors: Majors,
    rules: Vec<Rule<O>>,
    schema: Option<&'static str>,
    read_options: ReadOptions<O>,
}

/// What a rule looks at.
#[derive(Debug)]
pub struct Input<'a, O = ()> {
    /// The run.
    pub context: &'a Context,
    /// Everything that was read.
    pub model: &'a Model,
    /// The options of the plugin as the user set them.
    pub options: &'a O,
}

impl Plugin {
    /// A plugin without options. The name has lower-case letters, digits and hyphens and starts with a letter.
    #[must_use]
    pub fn new(name: &'static str, version: &'static str) -> Self {
        Self::with(name, version, None, |_| Ok(()))
    }
}

#[cfg(feature = "options")]
impl<O: serde::de::DeserializeOwned> Plugin<O> {
    /// A plugin with options and their JSON Schema (draft 2020-12). pgassay holds what the user wrote against the schema
    /// before the plugin gets it, `{}` if the user wrote nothing; what the schema cannot say is for the type to refuse.
    #[must_use]
    pub fn with_options(name: &'static str, version: &'static str, schema: &'static str) -> Self {
        Self::with(name, version, Some(schema), crate::options::read)
    }
}

impl<O: 'static> Plugin<O> {
    fn with(
        name: &'static str,
        version: &'static str,
        schema: Option<&'static str>,
        read_options: ReadOptions<O>,
    ) -> Self {
        Self { name, version, majors: Majors::range(10, 18), rules: Vec::new(), schema, read_options }
    }

    /// Adds a rule.
    #[must_use]
    pub fn rule(mut self, rule: Rule<O>) -> Self {
        self.rules.push(rule);
        self
    }

    /// The majors that the plugin knows: 10 to 18 until said otherwise.
    #[must_use]
    pub fn majors(mut self, majors: Majors) -> Self {
        self.majors = majors;
        self
    }

    /// What the plugin says of itself.
    #[must_use]
    pub fn describe(&self) -> PluginInfo {
        PluginInfo {
            name: self.name.to_owned(),
            version: self.version.to_owned(),
            majors: self.majors.bits(),
            rules: self.rules.iter().map(|rule| rule.describe(self.name, self.majors)).collect(),
            options_schema: self.schema.map(str::to_owned),
        }
    }

    /// Reads options in JSON.
    ///
    /// # Errors
    ///
    /// Says what is wrong with them, and where.
    pub fn read_options(&self, json: &str) -> Result<O, Vec<OptionProblem>> {
        (self.read_options)(json)
    }

    /// Runs the rules that `context` wants.
    #[must_use]
    pub fn check(&self, context: &Context, model: &Model, options: &O) -> Vec<Finding> {
        let input = Input { context, model, options };
        let mut findings = Findings::default();
        for rule in &self.rules {
            let id = rule.id(self.name);
            if context.enabled.contains(&id) {
                rule.run(&input, findings.for_rule(id));
            }
        }
        findings.into_vec()
    }

    /// Runs every rule, for tests.
    #[must_use]
    pub fn check_all(&self, model: &Model, options: &O) -> Vec<Finding> {
        let enabled = self.rules.iter().map(|rule| rule.id(self.name)).collect();
        self.check(&Context { enabled, majors: self.majors.bits(), facts: Vec::new() }, model, options)
    }
}

impl<O> fmt::Debug for Plugin<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plugin").field("name", &self.name).field("version", &self.version).finish_non_exhaustive()
    }
}

thread_local! {
    /// The options between `configure` and `check`. A component has one thread.
    static OPTIONS: RefCell<Option<Box<dyn Any>>> = const { RefCell::new(None) };
}

/// The component's exports, as `export!` calls them.
#[doc(hidden)]
pub mod exported {
    use super::{Any, Context, Finding, Model, OPTIONS, OptionProblem, Plugin, PluginInfo};
    use crate::types::Severity;
    use crate::{host, text};

    pub fn describe<O>(plugin: &Plugin<O>) -> PluginInfo {
        say_panics();
        plugin.describe()
    }

    pub fn configure<O: 'static>(plugin: &Plugin<O>, json: &str) -> Result<(), Vec<OptionProblem>> {
        say_panics();
        let options: Box<dyn Any> = Box::new(plugin.read_options(json)?);
        OPTIONS.set(Some(options));
        Ok(())
    }

    pub fn check<O: 'static>(plugin: &Plugin<O>, context: &Context, model: &Model) -> Result<Vec<Finding>, String> {
        say_panics();
        text::forget();
        OPTIONS.with_borrow(|options| {
            let options = options.as_ref().and_then(|options| options.downcast_ref::<O>());
            let options = options.ok_or_else(|| "`check` was called before `configure`".to_owned())?;
            Ok(plugin.check(context, model, options))
        })
    }

    /// A component has no standard error, so a panic would be a trap without a word.
    fn say_panics() {
        std::panic::set_hook(Box::new(|panic| host::log(Severity::Error, &panic.to_string())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Profile, Reference};

    fn two() -> Plugin {
        const ONE: Rule = Rule::new("one", "One", "# a/one\n", |_, findings| findings.push(Finding::at(1, "one")))
            .profile(Profile::Strict);
        const TWO: Rule = Rule::new("two", "Two", "# a/two\n", |_, findings| findings.push(Finding::at(2, "two")))
            .majors(Majors::since(17))
            .references(&[Reference::Docs("a.html")]);
        Plugin::new("a", "1.0").rule(ONE).rule(TWO)
    }

    #[test]
    fn only_the_wanted_rules_run() {
        let context = Context { enabled: vec!["a/two".to_owned(), "a/none".to_owned()], ..Context::default() };
        let found = two().check(&context, &Model::default(), &());
        assert_eq!(found.iter().map(|finding| finding.rule.as_str()).collect::<Vec<_>>(), ["a/two"]);
        assert_eq!(two().check_all(&Model::default(), &()).len(), 2);
    }

    #[test]
    fn a_rule_has_no_majors_beyond_its_plugins() {
        let info = two().describe();
        assert_eq!(info.rules[1].majors, Majors::range(17, 18).bits());
        assert_eq!((info.rules[0].profile.as_str(), info.rules[1].references[0].kind.as_str()), ("strict", "docs"));
    }

    #[test]
    fn check_wants_configure_first() {
        let check = || exported::check(&two(), &Context::default(), &Model::default()).map(|found| found.len());
        assert!(check().is_err());
        assert!(exported::configure(&two(), "{}").is_ok());
        assert_eq!(check(), Ok(0));
    }
}
