//! `pgassay plugin bench`: what a plugin costs.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};

use super::BenchArgs;
use crate::cli::CLEAN;
use crate::cli::args::{GlobalArgs, InputArgs};
use crate::cli::configuration::{Configured, Said, configured};
use crate::cli::files;
use crate::model;
use crate::plugin::{self, Input, Spec};

pub(super) fn bench(args: &BenchArgs) -> Result<u8> {
    let paths = InputArgs { paths: args.paths.clone(), ..InputArgs::default() };
    let global = GlobalArgs { no_config: true, ..GlobalArgs::default() };
    let Configured { settings, .. } = configured(&global, Said { input: Some(&paths), ..Said::default() })?;
    let mut loaded = files::read(&paths, &settings)?;
    let cluster = model::build(&mut loaded, &model::Options::default());
    let (files, nodes) = (loaded.sources.len(), cluster.nodes.len());
    let input = Arc::new(Input::new(cluster, loaded.sources));
    let mut spec = Spec::new(args.file.clone());
    if let Some(options) = &args.options {
        let options: serde_json::Map<_, _> = serde_json::from_str(options).context("`--options` is no JSON object")?;
        spec.options = serde_json::Value::Object(options);
    }
    let told = |error| anyhow::anyhow!("{}: the plugin {error}", args.file);
    let bench = plugin::bench(&spec, &input, args.runs).map_err(told)?;
    let mut out = io::stdout().lock();
    writeln!(out, "{}: {} bytes, {} bytes compiled", args.file, bench.size, bench.code)?;
    writeln!(out, "on {files} files, {nodes} nodes; {} runs; least and median", args.runs)?;
    writeln!(out, "  {:12} {:>10}", "compile", shown(bench.compile))?;
    for (step, times) in [
        ("load", &bench.load),
        ("link", &bench.link),
        ("instantiate", &bench.instantiate),
        ("describe", &bench.describe),
        ("configure", &bench.configure),
        ("model", &bench.model),
        ("hand over", &bench.hand_over),
        ("check", &bench.check),
    ] {
        let least = times.first().copied().unwrap_or_default();
        let median = times.get(times.len() / 2).copied().unwrap_or_default();
        writeln!(out, "  {step:12} {:>10} {:>10}", shown(least), shown(median))?;
    }
    writeln!(out, "  {:12} {:>10} KiB", "memory", bench.memory >> 10)?;
    writeln!(out, "  {:12} {:>10}", "findings", bench.findings)?;
    Ok(CLEAN)
}

/// A time with a unit in which it has three digits or so.
fn shown(time: Duration) -> String {
    match time.as_nanos() {
        nanos if nanos < 1_000_000 => format!("{:.1} µs", nanos as f64 / 1e3),
        nanos if nanos < 1_000_000_000 => format!("{:.1} ms", nanos as f64 / 1e6),
        nanos => format!("{:.2} s", nanos as f64 / 1e9),
    }
}
