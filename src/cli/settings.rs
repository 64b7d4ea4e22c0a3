//! `pgassay settings`: the effective settings of each node, where they come from and what they override.

use std::io::{self, BufWriter, Write};

use anyhow::{Result, bail};
use serde::Serialize;

use crate::catalog::{self, Majors};
use crate::cli::args::{GlobalArgs, ListFormat, SettingsArgs};
use crate::cli::configuration::{Configured, Said};
use crate::cli::{CLEAN, configuration, files};
use crate::load::Loaded;
use crate::model::{self, Definition, Effective, Node};
use crate::secret::Redactor;

#[derive(Serialize)]
struct Listing {
    version: u32,
    nodes: Vec<NodeListing>,
}

#[derive(Serialize)]
struct NodeListing {
    name: String,
    majors: Vec<u8>,
    evidence: Vec<String>,
    settings: Vec<Entry>,
}

/// A setting: its value on each group of majors, and its definitions, the one that counts first.
#[derive(Serialize)]
struct Entry {
    name: String,
    values: Vec<ValueOn>,
    definitions: Vec<Place>,
}

#[derive(Serialize)]
struct ValueOn {
    majors: Vec<u8>,
    /// As `SHOW` prints it; absent where it is computed by a template, refused or unknown.
    value: Option<String>,
    state: &'static str,
}

#[derive(Serialize)]
struct Place {
    path: String,
    line: u32,
    written: String,
}

pub(crate) fn settings(args: &SettingsArgs, global: &GlobalArgs) -> Result<u8> {
    let said = Said { input: Some(&args.input), ..Said::default() };
    let Configured { settings, .. } = configuration::configured(global, said)?;
    let mut loaded = files::read(&args.input, &settings)?;
    let cluster = model::build(&mut loaded, &model::Options { pg: settings.pg, nodes: settings.nodes.clone() });
    let redactor = Redactor::new(&loaded.sources);
    let nodes = cluster
        .nodes
        .iter()
        .filter(|node| node.settings.root.is_some() && args.node.as_ref().is_none_or(|name| *name == node.name))
        .map(|node| listing(node, args, &loaded, &redactor))
        .collect::<Vec<_>>();
    if let (Some(name), true) = (&args.node, nodes.is_empty()) {
        let known = cluster.nodes.iter().map(|node| node.name.as_str()).collect::<Vec<_>>().join(", ");
        bail!("no node is called `{name}`; the nodes are: {known}");
    }
    let mut out = BufWriter::new(io::stdout().lock());
    match args.format {
        ListFormat::Json => {
            serde_json::to_writer_pretty(&mut out, &Listing { version: 1, nodes })?;
            writeln!(out)?;
        }
        ListFormat::Text => {
            for node in &nodes {
                text(node, &mut out)?;
            }
        }
    }
    out.flush()?;
    Ok(CLEAN)
}

fn listing(node: &Node, args: &SettingsArgs, loaded: &Loaded, redactor: &Redactor<'_>) -> NodeListing {
    let mut names = node.settings.definitions.iter().map(|definition| definition.name.as_str()).collect::<Vec<_>>();
    if args.all {
        let of_target = |setting: &&catalog::Setting| {
            setting.library.is_none() && !(setting.majors() & node.targets.majors).is_empty()
        };
        names.extend(catalog::settings::all().filter(of_target).map(|setting| setting.name));
    }
    names.sort_unstable();
    names.dedup();
    names.retain(|name| args.name.is_empty() || args.name.iter().any(|wanted| wanted.eq_ignore_ascii_case(name)));
    NodeListing {
        name: node.name.clone(),
        majors: node.targets.majors.iter().collect(),
        evidence: node.targets.evidence.iter().map(|evidence| evidence.what.clone()).collect(),
        settings: names.into_iter().map(|name| entry(node, name, loaded, redactor)).collect(),
    }
}

fn entry(node: &Node, name: &str, loaded: &Loaded, redactor: &Redactor<'_>) -> Entry {
    let mut values: Vec<(Majors, Option<String>, &'static str)> = Vec::new();
    for major in node.targets.majors.iter() {
        let (value, state) = match node.settings.effective(name, major) {
            Effective::Known(value, definition) => {
                let shown = match (
                    definition,
                    catalog::setting(name).and_then(|setting| Some((setting, setting.on(major)?))),
                ) {
                    (Some(definition), _) if redactor.hides(definition.value.span) => written(definition, redactor),
                    (_, Some((setting, def))) => value.show(setting, def, major),
                    (_, None) => String::new(),
                };
                (Some(shown), if definition.is_some() { "set" } else { "default" })
            }
            Effective::Dynamic(_) => (None, "computed"),
            Effective::Refused(..) => (None, "refused"),
            Effective::Unknown => (None, "unknown"),
            // A name the catalogue does not hold, such as an extension's: its text is all there is.
            Effective::Absent => match node.settings.winner(name) {
                Some(definition) if name.contains('.') => (Some(written(definition, redactor)), "set"),
                _ => (None, "no such setting"),
            },
        };
        match values.iter_mut().find(|(_, known, of)| *known == value && *of == state) {
            Some((majors, ..)) => *majors = *majors | Majors::only(major),
            None => values.push((Majors::only(major), value, state)),
        }
    }
    Entry {
        name: name.to_owned(),
        values: values
            .into_iter()
            .map(|(majors, value, state)| ValueOn { majors: majors.iter().collect(), value, state })
            .collect(),
        definitions: node
            .settings
            .definitions_of(name)
            .rev()
            .map(|definition| place(definition, loaded, redactor))
            .collect(),
    }
}

fn written(definition: &Definition, redactor: &Redactor<'_>) -> String {
    let text = redactor.show(definition.value.span).text().to_owned();
    text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')).map_or(text.clone(), ToOwned::to_owned)
}

fn place(definition: &Definition, loaded: &Loaded, redactor: &Redactor<'_>) -> Place {
    let span = loaded.sources.to_host(definition.span);
    let file = loaded.sources.file(span.file);
    Place {
        path: file.path().to_string(),
        line: file.lines().position(span.start, file.bytes()).line,
        written: redactor.show(definition.value.span).text().to_owned(),
    }
}

fn text(node: &NodeListing, out: &mut dyn Write) -> io::Result<()> {
    let majors = node.majors.iter().copied().collect::<Majors>();
    writeln!(out, "{} (PostgreSQL {majors})", node.name)?;
    if let Some(caveat) = catalog::caveat(majors) {
        writeln!(out, "  # {caveat}")?;
    }
    for evidence in &node.evidence {
        writeln!(out, "  # {evidence}")?;
    }
    for entry in &node.settings {
        for value in &entry.values {
            let shown = value.value.as_ref().map_or_else(|| format!("({})", value.state), |text| format!("'{text}'"));
            write!(out, "  {} = {shown}", entry.name)?;
            if entry.values.len() > 1 {
                write!(out, " on {}", value.majors.iter().copied().collect::<Majors>())?;
            }
            match entry.definitions.split_first() {
                None => write!(out, "  # default")?,
                Some((first, rest)) => {
                    write!(out, "  # {}:{}", first.path, first.line)?;
                    for (index, place) in rest.iter().enumerate() {
                        write!(
                            out,
                            "{} {} at {}:{}",
                            if index == 0 { ", overrides" } else { "," },
                            place.written,
                            place.path,
                            place.line
                        )?;
                    }
                }
            }
            writeln!(out)?;
        }
    }
    writeln!(out)
}
