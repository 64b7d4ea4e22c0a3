//! `pgassay plugin list`: the plugins of pgassay.toml and of the command line.

use std::io::{self, BufWriter, Write};

use anyhow::Result;
use serde::Serialize;

use super::ListArgs;
use crate::cli::args::{GlobalArgs, ListFormat};
use crate::cli::complain;
use crate::cli::configuration::{Configured, Said, configured};
use crate::plugin::Plugin;

#[derive(Debug, Serialize)]
struct Listed<'a> {
    name: &'a str,
    version: &'a str,
    path: &'a str,
    sha256: &'a str,
    /// Whether the configuration says the hash.
    pinned: bool,
    rules: Vec<&'a str>,
}

pub(super) fn list(args: &ListArgs, global: &GlobalArgs) -> Result<u8> {
    let said = Said { plugins: Some(&args.plugins), ..Said::default() };
    let Configured { plugins, .. } = configured(global, said)?;
    let loaded = plugins.as_ref().map(|plugins| plugins.plugins.as_slice()).unwrap_or_default();
    let listed = loaded.iter().map(listed).collect::<Vec<_>>();
    let mut out = BufWriter::new(io::stdout().lock());
    match args.format {
        ListFormat::Json => {
            serde_json::to_writer_pretty(&mut out, &listed)?;
            writeln!(out)?;
        }
        ListFormat::Text => {
            for Listed { name, version, path, rules, pinned, .. } in &listed {
                let pinned = if *pinned { "pinned" } else { "not pinned" };
                let count = rules.len();
                writeln!(
                    out,
                    "{name} {version}  {path}  {count} {}  {pinned}",
                    if count == 1 { "rule" } else { "rules" }
                )?;
            }
        }
    }
    out.flush()?;
    complain(plugins.as_ref())
}

fn listed(plugin: &Plugin) -> Listed<'_> {
    let description = &plugin.description;
    Listed {
        name: description.meta.name,
        version: description.meta.version,
        path: plugin.spec.path.as_str(),
        sha256: &plugin.sha256,
        pinned: plugin.spec.sha256.is_some(),
        rules: description.rules.iter().map(|rule| rule.id).collect(),
    }
}
