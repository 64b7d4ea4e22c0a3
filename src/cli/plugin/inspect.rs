//! `pgassay plugin inspect`: what a plugin's file is, whether this pgassay can run it or not.

use std::io::{self, BufWriter, Write};

use anyhow::Result;
use serde::Serialize;

use super::{InspectArgs, load};
use crate::cli::args::{ListFormat, PluginArgs};
use crate::cli::{CLEAN, ERROR};
use crate::finding::Severity;
use crate::plugin::{self, Plugin, Shape, Spec};
use crate::secret::printable;

/// What is told of a file.
#[derive(Debug, Serialize)]
struct Told {
    path: String,
    size: usize,
    sha256: String,
    /// The version of the contract.
    abi: Option<String>,
    imports: Vec<String>,
    exports: Vec<String>,
    name: Option<&'static str>,
    version: Option<&'static str>,
    majors: Vec<u8>,
    rules: Vec<ToldRule>,
    options: bool,
    /// Why it cannot be run.
    error: Option<String>,
}

#[derive(Debug, Serialize)]
struct ToldRule {
    id: &'static str,
    severity: Severity,
    title: &'static str,
}

pub(super) fn inspect(args: &InspectArgs) -> Result<u8> {
    let told = tell(args)?;
    let mut out = BufWriter::new(io::stdout().lock());
    match args.format {
        ListFormat::Json => {
            serde_json::to_writer_pretty(&mut out, &told)?;
            writeln!(out)?;
        }
        ListFormat::Text => text(&told, &mut out)?,
    }
    out.flush()?;
    Ok(if told.error.is_none() { CLEAN } else { ERROR })
}

fn tell(args: &InspectArgs) -> Result<Told> {
    let (bytes, sha256) = plugin::read(&args.file).map_err(|error| anyhow::anyhow!("{} {error}", args.file))?;
    let shape = Shape::read(&bytes);
    let refused = shape.as_ref().err().map(ToString::to_string);
    let shape = shape.unwrap_or_default();
    let mut told = Told {
        path: args.file.to_string(),
        size: bytes.len(),
        sha256,
        abi: shape.version().map(shown),
        imports: shape.imports.iter().map(|name| shown(name)).collect(),
        exports: shape.exports.iter().map(|name| shown(name)).collect(),
        name: None,
        version: None,
        majors: Vec::new(),
        rules: Vec::new(),
        options: false,
        error: refused,
    };
    if told.error.is_some() {
        return Ok(told);
    }
    let loading = PluginArgs { plugin: Vec::new(), no_cache: args.no_cache };
    let (plugins, _) = load(vec![Spec::new(args.file.clone())], &loading)?;
    if let Some(Plugin { description, .. }) = plugins.plugins.first() {
        told.name = Some(description.meta.name);
        told.version = Some(description.meta.version);
        told.majors = description.majors.iter().collect();
        let rule = |rule: &crate::rule::RuleMeta| ToldRule { id: rule.id, severity: rule.severity, title: rule.title };
        told.rules = description.rules.iter().map(rule).collect();
        told.options = description.schema.is_some();
    }
    told.error = plugins.troubles.first().map(|trouble| trouble.error.to_string());
    Ok(told)
}

/// A name from a file that may be anybody's.
fn shown(name: &str) -> String {
    const LONGEST: usize = 200;
    let cut = &name[..name.floor_char_boundary(LONGEST)];
    format!("{}{}", printable(cut), if cut.len() < name.len() { "…" } else { "" })
}

fn text(told: &Told, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", told.path)?;
    writeln!(out, "  size     {} bytes", told.size)?;
    writeln!(out, "  sha256   {}", told.sha256)?;
    writeln!(
        out,
        "  abi      {}",
        told.abi.as_deref().map_or("none".to_owned(), |abi| format!("pgassay:plugin@{abi}"))
    )?;
    for (what, names) in [("imports", &told.imports), ("exports", &told.exports)] {
        for name in names {
            writeln!(out, "  {what}  {name}")?;
        }
    }
    if let (Some(name), Some(version)) = (told.name, told.version) {
        writeln!(out, "  plugin   {name} {version}")?;
        writeln!(out, "  majors   {}", told.majors.iter().copied().collect::<crate::catalog::Majors>())?;
        writeln!(out, "  options  {}", if told.options { "yes" } else { "none" })?;
        for rule in &told.rules {
            writeln!(out, "  rule     {} ({}): {}", rule.id, rule.severity.name(), rule.title)?;
        }
    }
    if let Some(error) = &told.error {
        writeln!(out, "  it cannot be run: it {error}")?;
    }
    Ok(())
}
