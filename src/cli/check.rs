//! `pgassay check`: the whole pipeline, once.

use std::io::{self, IsTerminal, Read, Write};

use anyhow::{Context, Result};
use camino::Utf8PathBuf;

use crate::cli::args::{CheckArgs, ColorChoice, GlobalArgs, InputArgs};
use crate::cli::{CLEAN, ERROR, FINDINGS, configuration};
use crate::config::Settings;
use crate::discover::{self, Input};
use crate::load::{self, Loaded};

pub(crate) fn check(args: &CheckArgs, global: &GlobalArgs) -> Result<u8> {
    let settings = configuration::settings(global, &args.input, &args.rules, args.fail_on, args.min_confidence)?;
    let loaded = read(&args.input, &settings)?;
    todo()
}
