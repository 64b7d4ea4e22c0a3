//! `pgassay cluster`: the servers of a tree and what replicates between them, with what each was told by.

use std::io::{self, BufWriter, Write};

use anyhow::Result;

use super::args::{ClusterArgs, GlobalArgs};
use super::configuration::{self, Configured, Said};
use super::{CLEAN, files};
use crate::model;
use crate::report::cluster;

pub(crate) fn cluster(args: &ClusterArgs, global: &GlobalArgs) -> Result<u8> {
    let said = Said { input: Some(&args.input), ..Said::default() };
    let Configured { settings, .. } = configuration::configured(global, said)?;
    let mut loaded = files::read(&args.input, &settings)?;
    let built = model::build(&mut loaded, &model::Options { pg: settings.pg, nodes: settings.nodes.clone() });
    let mut out = BufWriter::new(io::stdout().lock());
    cluster::write(args.format, &built, &loaded.sources, &mut out)?;
    out.flush()?;
    Ok(CLEAN)
}
