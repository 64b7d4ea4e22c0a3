//! `pgassay baseline`: writes the findings that there are, or takes out those that are gone.

use std::io::{self, BufWriter, Write};

use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

use crate::cli::args::{BaselineArgs, GlobalArgs, InputArgs};
use crate::cli::configuration::{self, Said};
use crate::cli::files::here;
use crate::cli::progress::Watch;
use crate::cli::run::{Run, failed};
use crate::cli::{CLEAN, ERROR, FINDINGS, reporting, tell};
use crate::fix;
use crate::load::{Texts, clean};
use crate::rule::Selection;
use crate::secret::printable;
use crate::source;
use crate::triage::{Baseline, Gone, Root};

/// The name of the file where nobody says another.
const NAME: &str = "pgassay-baseline.json";

pub(crate) fn baseline(args: &BaselineArgs, global: &GlobalArgs) -> Result<u8> {
    let said = Said {
        input: Some(&args.input),
        only_named: false,
        rules: Some(&args.rules),
        plugins: Some(&args.plugins),
        fail_on: None,
        min_confidence: args.min_confidence,
    };
    if args.input.paths.iter().any(|path| path == "-") {
        bail!("standard input has no path, so that a baseline cannot hold its findings");
    }
    let configured = configuration::configured(global, said)?;
    let path = args.output.clone().or_else(|| configured.settings.baseline.clone());
    let path = path.unwrap_or_else(|| Utf8PathBuf::from(NAME));
    fix::can_put(&path).with_context(|| format!("cannot write `{path}`"))?;
    let keeps = args.prune || args.check;
    let old = if path.exists() || keeps { read(&path)? } else { Baseline::default() };
    let (run, plugins) = Run::new(&args.input, said, configured)?;
    let watch = Watch::start(global);
    let mut looked = run.look(&Texts::new(), plugins, false)?;
    let report = run.report(&mut looked, None);
    drop(watch);
    if failed(&report) {
        reporting::tell_errors(&report, looked.sources())?;
        tell(&format!("{path}: not written: not everything could be checked"))?;
        return Ok(ERROR);
    }
    let root = root(&path)?;
    let now = Baseline::of(&report, looked.sources(), &root);
    let scope = Scope::new(&args.input, &run.settings.selection)?;
    let looked_at = |path: &Utf8Path, rule: &str| scope.covers(&root, path, rule);
    let (new, gone) = if keeps {
        (old.pruned(&now, &looked_at), old.gone(&now, &looked_at))
    } else {
        (old.renewed(&now, &looked_at), Vec::new())
    };
    if !args.check {
        let text = new.text()?;
        let same = path.exists() && source::read(&path)? == text.as_bytes();
        if !same {
            fix::put(&path, &mut |out| out.write_all(text.as_bytes()))
                .with_context(|| format!("cannot write `{path}`"))?;
        }
    }
    say(&path, &new, &gone, args, global)?;
    Ok(if gone.is_empty() { CLEAN } else { FINDINGS })
}

fn say(path: &Utf8Path, new: &Baseline, gone: &[Gone], args: &BaselineArgs, global: &GlobalArgs) -> Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    for Gone { path, rule, subject, count } in gone {
        let times = if *count > 1 { format!(" ({count} times)") } else { String::new() };
        writeln!(out, "{}: {}: {} is gone{times}", printable(path.as_str()), printable(rule), printable(subject))?;
    }
    if !global.quiet {
        let gone = gone.iter().map(|gone| gone.count as usize).sum::<usize>();
        let path = printable(path.as_str());
        match (gone, args.check) {
            (0, _) => writeln!(out, "{path}: {}", findings(new.len()))?,
            (_, true) => writeln!(out, "{path}: {} gone; `pgassay baseline --prune` takes them out", are(gone))?,
            (_, false) => writeln!(out, "{path}: {}; {} gone and taken out", findings(new.len()), are(gone))?,
        }
    }
    Ok(out.flush()?)
}

fn findings(count: usize) -> String {
    if count == 1 { "1 finding".to_owned() } else { format!("{count} findings") }
}

fn are(count: usize) -> String {
    format!("{} {}", findings(count), if count == 1 { "is" } else { "are" })
}

/// Reads a baseline.
pub(crate) fn read(path: &Utf8Path) -> Result<Baseline> {
    let text = source::read(path).with_context(|| format!("cannot read the baseline `{path}`"))?;
    Baseline::parse(&text)
        .with_context(|| format!("cannot use the baseline `{path}`"))
        .context("a baseline is written by `pgassay baseline`; remove the file to begin anew")
}

/// Where the paths of a baseline begin.
pub(crate) fn root(path: &Utf8Path) -> Result<Root> {
    let folder = path.parent().filter(|folder| !folder.as_str().is_empty()).unwrap_or(Utf8Path::new("."));
    let base = folder.canonicalize_utf8().with_context(|| format!("cannot look into the folder `{folder}`"))?;
    Ok(Root { here: here()?, base, renamed: std::collections::BTreeMap::new() })
}

/// What a run looks at, of what a baseline may hold.
pub(crate) struct Scope<'a> {
    paths: Vec<Utf8PathBuf>,
    selection: &'a Selection,
}

impl<'a> Scope<'a> {
    pub(crate) fn new(input: &InputArgs, selection: &'a Selection) -> Result<Self> {
        let here = here()?;
        let mut paths = input.paths.iter().map(|path| clean(&here.join(path))).collect::<Vec<_>>();
        if paths.is_empty() {
            paths.push(here);
        }
        // A path may lead through a link, as temporary folders do on some systems.
        let real = paths.iter().filter_map(|path| path.canonicalize_utf8().ok()).collect::<Vec<_>>();
        paths.extend(real);
        Ok(Self { paths, selection })
    }

    /// Whether a finding of the file and the rule would have been found.
    pub(crate) fn covers(&self, root: &Root, path: &Utf8Path, rule: &str) -> bool {
        let registry = self.selection.registry();
        let runs = match registry.find(rule) {
            Some(rule) => self.selection.contains(rule),
            // A rule that there is no more finds nothing more.
            None => !registry.may_be_missing(rule),
        };
        let path = clean(&root.base.join(path));
        runs && self.paths.iter().any(|place| path.starts_with(place))
    }
}
