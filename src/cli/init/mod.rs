//! `pgassay init`: writes a pgassay.toml with the servers that a tree shows, and what runs pgassay where it is asked for.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};

use anyhow::{Context, Result, bail};
use camino::Utf8PathBuf;

use super::args::{GlobalArgs, InitArgs, InputArgs};
use super::configuration::{self, Configured, Said};
use super::{CLEAN, files as named, tell};
use crate::config::{Before, proposal};
use crate::model;

mod offer;

#[expect(clippy::disallowed_methods, reason = "the command line writes the file")]
pub(crate) fn init(args: &InitArgs, global: &GlobalArgs) -> Result<u8> {
    let folder = args.path.clone().unwrap_or_else(|| Utf8PathBuf::from("."));
    if !folder.is_dir() {
        bail!("`{folder}` is no folder");
    }
    let at = |name: &str| if folder == "." { Utf8PathBuf::from(name) } else { folder.join(name) };
    let path = at(configuration::NAMES[0]);
    let more = args.pre_commit || !args.ci.is_empty();
    if !args.stdout && !args.force {
        let found = configuration::NAMES.iter().map(|name| at(name)).find(|path| path.symlink_metadata().is_ok());
        if let Some(found) = found {
            if more {
                return offer::write(args, &folder, global.quiet).map(|()| CLEAN);
            }
            bail!("`{found}` is there already; `--force` replaces it, `--stdout` prints what would be written");
        }
    }
    let input = InputArgs { paths: vec![folder.clone()], ..InputArgs::default() };
    let Configured { settings, found, .. } =
        configuration::configured(global, Said { input: Some(&input), ..Said::default() })?;
    let files = found.file.files.into_iter().map(|(glob, kind)| (glob.into_inner(), kind.into_inner()));
    let files = files.collect::<Vec<_>>();
    let mut loaded = named::read(&input, &settings)?;
    let options = model::Options { pg: settings.pg, nodes: settings.nodes };
    let built = model::build(&mut loaded, &options);
    let below = folder.strip_prefix(".").unwrap_or(&folder);
    let text =
        proposal(&built, &loaded.sources, &Before { pg: options.pg, nodes: &options.nodes, files: &files }, below);
    if args.stdout {
        io::stdout().lock().write_all(text.as_bytes())?;
        offer::print(args)?;
        return Ok(CLEAN);
    }
    let file =
        if args.force { File::create(&path) } else { OpenOptions::new().write(true).create_new(true).open(&path) };
    file.and_then(|mut file| file.write_all(text.as_bytes())).with_context(|| format!("cannot write `{path}`"))?;
    if !global.quiet {
        let nodes = built.topology.members.len();
        tell(&format!("wrote `{path}` with {nodes} {}", if nodes == 1 { "node" } else { "nodes" }))?;
    }
    offer::write(args, &folder, global.quiet)?;
    if !global.quiet {
        offer::hint(args)?;
    }
    Ok(CLEAN)
}
