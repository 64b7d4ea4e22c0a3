//! `pgassay config`: what holds in a run, and what said so.

use std::io::{self, BufWriter, Write};

use anyhow::Result;

use super::args::{ConfigArgs, GlobalArgs, InputArgs};
use super::configuration::{self, Configured, Said};
use super::{complain, warn};
use crate::report;

pub(crate) fn config(args: &ConfigArgs, global: &GlobalArgs) -> Result<u8> {
    let input = InputArgs { paths: args.path.iter().cloned().collect(), pg: args.pg, ..InputArgs::default() };
    let said = Said {
        only_named: false,
        input: Some(&input),
        rules: Some(&args.rules),
        plugins: Some(&args.plugins),
        fail_on: args.fail_on,
        min_confidence: args.min_confidence,
    };
    let Configured { settings, plugins, found, flags, .. } = configuration::configured(global, said)?;
    warn(&settings)?;
    let held = found.file.effective(&found.text, &flags, &settings);
    let file = Some(found.path.as_str()).filter(|path| !path.is_empty());
    let mut out = BufWriter::new(io::stdout().lock());
    report::config(args.format, file, &held, &mut out)?;
    out.flush()?;
    complain(plugins.as_ref())
}
