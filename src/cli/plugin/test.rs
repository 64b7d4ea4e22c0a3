//! `pgassay plugin test`: runs a plugin on what its pages and fixtures show, with limits as in production.
//!
//! Only the plugin's own rules run, so that its tests do not change with pgassay's. Each tree is checked twice; a plugin
//! that answers differently the second time fails.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use super::{TestArgs, load, project};
use crate::catalog::Majors;
use crate::cli::args::PluginArgs;
use crate::cli::{CLEAN, FINDINGS};
use crate::discover::{self, Overrides};
use crate::finding::{Confidence, Finding, Severity};
use crate::plugin::{Input, Plugins, Trouble};
use crate::rule::page::{self, Case};
use crate::rule::{Chosen, Registry, RuleId, Selection};
use crate::triage::{self, Date, Triage};
use crate::{load as files, model, report, rule};

/// How a test ended: well, or with what is wrong.
type Verdict = Result<(), String>;

pub(super) fn test(args: &TestArgs) -> Result<u8> {
    // Without `.` in it, so that the paths of findings start with it.
    let folder = args.folder.components().filter(|part| *part != Utf8Component::CurDir).collect::<Utf8PathBuf>();
    let spec = project::plugin(&folder)?;
    let loading = PluginArgs { plugin: Vec::new(), no_cache: args.no_cache };
    let (plugins, _) = load(vec![spec], &loading)?;
    if let Some(trouble) = plugins.troubles.first() {
        bail!("{}: {}", trouble.path, trouble.note().message);
    }
    let suite = Suite { registry: plugins.registry(), plugins, folder: &folder, update: args.update };
    let rules = suite.registry.iter().filter(|rule| matches!(rule.meta().check, rule::Check::Plugin(_)));
    let mut out = io::stdout().lock();
    let (mut passed, mut failed) = (0, 0);
    let mut tell = |name: &str, verdict: Verdict| -> io::Result<()> {
        match verdict {
            Ok(()) => {
                passed += 1;
                writeln!(out, "ok      {name}")
            }
            Err(what) => {
                failed += 1;
                writeln!(out, "FAILED  {name}")?;
                what.lines().try_for_each(|line| writeln!(out, "        {line}"))
            }
        }
    };
    for rule in rules {
        match page::cases(rule.name(), rule.meta().page) {
            Err(error) => tell(&format!("{rule}: page"), Err(error))?,
            Ok(cases) => {
                let both = cases.iter().any(|case| case.bad) && cases.iter().any(|case| !case.bad);
                let form = if both { Ok(()) } else { Err("the page needs a Bad and a Good block".to_owned()) };
                tell(&format!("{rule}: page"), form)?;
                for (number, case) in (1..).zip(&cases) {
                    let kind = if case.bad { "bad" } else { "good" };
                    tell(&format!("{rule}: block {number} ({kind})"), suite.block(rule, case))?;
                }
            }
        }
        for (name, folder) in suite.fixtures(rule)? {
            tell(&format!("{rule}: fixture {name}"), suite.fixture(rule, &folder))?;
        }
    }
    for (name, what) in suite.strays()? {
        tell(&format!("fixtures/{name}"), Err(what))?;
    }
    writeln!(out, "{passed} passed, {failed} failed")?;
    Ok(if failed == 0 { CLEAN } else { FINDINGS })
}

/// The tests of one plugin.
struct Suite<'a> {
    plugins: Plugins,
    registry: Registry,
    folder: &'a Utf8Path,
    update: bool,
}

/// What is found in a tree.
struct Found {
    findings: Vec<Finding>,
    /// What `expected.txt` says of it.
    text: String,
}

impl Suite<'_> {
    /// A block of a page: a Bad one must raise its rule and no other, a Good one none.
    fn block(&self, rule: RuleId, case: &Case) -> Verdict {
        let tree = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
        let root = Utf8Path::from_path(tree.path()).ok_or("the temporary folder is not UTF-8")?;
        for (name, text) in &case.files {
            write(&root.join(name), text).map_err(|error| error.to_string())?;
        }
        let found = self.check(root, case.pg, rule, None)?;
        let raised = found.findings.iter().map(|finding| finding.rule).collect::<BTreeSet<_>>();
        let wanted = if case.bad { BTreeSet::from([rule]) } else { BTreeSet::new() };
        if raised == wanted {
            return Ok(());
        }
        let wanted = if case.bad { format!("nothing but {rule}") } else { "nothing".to_owned() };
        Err(format!(
            "it must raise {wanted}, and raises\n{}",
            if found.text.is_empty() { "nothing" } else { &found.text }
        ))
    }

    /// The fixtures of a rule: `fixtures/<name>/<case>/` with `files/`, `expected.txt`, and perhaps `pg` and
    /// `options.toml`.
    fn fixtures(&self, rule: RuleId) -> Result<Vec<(String, Utf8PathBuf)>> {
        let name = rule.name().split_once('/').map_or(rule.name(), |(_, name)| name);
        let root = self.folder.join("fixtures").join(name);
        let mut cases = folders(&root)?;
        cases.retain(|(_, path)| path.join("files").is_dir());
        Ok(cases)
    }

    /// Folders below `fixtures/` that no rule's tests read.
    fn strays(&self) -> Result<Vec<(String, String)>> {
        let root = self.folder.join("fixtures");
        let mut strays = Vec::new();
        for (name, rule) in folders(&root)? {
            let known = |other: &RuleId| other.name().split_once('/').is_some_and(|(_, other)| other == name);
            if !self.registry.iter().any(|rule| known(&rule)) {
                strays.push((name, "no rule of the plugin is called so".to_owned()));
                continue;
            }
            for (case, path) in folders(&rule)? {
                if !path.join("files").is_dir() {
                    strays.push((format!("{name}/{case}"), "it has no folder `files`".to_owned()));
                }
            }
        }
        Ok(strays)
    }

    fn fixture(&self, rule: RuleId, folder: &Utf8Path) -> Verdict {
        let told = |error: anyhow::Error| format!("{error:#}");
        let pg = folder.join("pg");
        let pg = if pg.is_file() { Some(project::text(&pg).map_err(told)?.trim().parse()) } else { None };
        let pg = pg.transpose().map_err(|error: crate::config::MajorsError| error.to_string())?;
        let options = folder.join("options.toml");
        let options = if options.is_file() { Some(project::options(&options).map_err(told)?) } else { None };
        let found = self.check(&folder.join("files"), pg, rule, options.as_ref())?;
        let path = folder.join("expected.txt");
        if self.update {
            return write(&path, &found.text).map_err(told);
        }
        if !path.is_file() {
            return Err(format!("{path} is not there; `--update` writes it. The run says\n{}", found.text));
        }
        let expected = project::text(&path).map_err(told)?;
        if expected == found.text {
            return Ok(());
        }
        Err(format!("{path} says\n{expected}but the run says\n{}", found.text))
    }

    /// Checks a tree twice.
    fn check(
        &self,
        root: &Utf8Path,
        pg: Option<Majors>,
        rule: RuleId,
        options: Option<&serde_json::Value>,
    ) -> Result<Found, String> {
        let paths = [root.to_owned()];
        let found = discover::discover(&paths, None, &Overrides::default());
        if let Some(unreadable) = found.unreadable.first() {
            return Err(format!("{} cannot be read: {}", unreadable.path, unreadable.reason));
        }
        let mut loaded = files::load(found.inputs, &paths, false);
        let cluster = model::build(&mut loaded, &model::Options { pg, nodes: Vec::new() });
        let input = Arc::new(Input::new(cluster, loaded.sources));
        let extend = [rule.name().to_owned()];
        let selection =
            Selection::new(&self.registry, Chosen::default(), &extend, &[], &[]).map_err(|error| error.to_string())?;
        let first = self.findings(&input, &selection, options)?;
        let second = self.findings(&input, &selection, options)?;
        let text = |findings: &[Finding]| report::expected(findings, &input.sources, root);
        if first != second {
            return Err(format!(
                "the plugin answers differently when it is asked again:\n{}then\n{}",
                text(&first),
                text(&second)
            ));
        }
        Ok(Found { text: text(&first), findings: first })
    }

    fn findings(
        &self,
        input: &Arc<Input>,
        selection: &Selection,
        options: Option<&serde_json::Value>,
    ) -> Result<Vec<Finding>, String> {
        let outcome = self.plugins.again(options).check(input, selection).map_err(|error| error.to_string())?;
        if !outcome.troubles.is_empty() {
            return Err(outcome.troubles.iter().map(Trouble::note).map(|note| note.message + "\n").collect());
        }
        let triage = Triage {
            sources: &input.sources,
            selection,
            target: input.cluster.targets(),
            severities: &std::collections::BTreeMap::new(),
            min_severity: Severity::Info,
            min_confidence: Confidence::Low,
            comments: &triage::comments(&input.sources),
            baseline: None,
            // Suppressions that end do not make a test depend on the day.
            today: Date::from_unix_days(0).ok_or("no day")?,
        };
        Ok(triage.report(outcome.findings, Vec::new()).open().cloned().collect())
    }
}

/// The folders in a folder, by name; none if it is not there.
fn folders(root: &Utf8Path) -> Result<Vec<(String, Utf8PathBuf)>> {
    let mut folders = Vec::new();
    if root.is_dir() {
        for entry in root.read_dir_utf8().with_context(|| format!("cannot read {root}"))? {
            let entry = entry.with_context(|| format!("cannot read {root}"))?;
            if entry.path().is_dir() {
                folders.push((entry.file_name().to_owned(), entry.path().to_owned()));
            }
        }
    }
    folders.sort();
    Ok(folders)
}

#[expect(clippy::disallowed_methods, reason = "the command writes trees of pages and expectations")]
fn write(path: &Utf8Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {folder}"))?;
    }
    std::fs::write(path, text).with_context(|| format!("cannot write {path}"))
}
