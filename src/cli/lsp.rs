//! `pgassay lsp`: the language server on standard input and output.

use std::sync::Arc;

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use crate::cli::args::{GlobalArgs, PluginArgs};
use crate::cli::{configuration, plugin, run};
use crate::lsp::{self, Surroundings};

/// Serves until the client says that it is over.
pub(crate) fn lsp(global: &GlobalArgs) -> Result<u8> {
    let fixed = global.config.as_deref().map(std::path::absolute).transpose()?;
    let fixed = fixed.and_then(|path| Utf8PathBuf::from_path_buf(path).ok());
    let no_config = global.no_config;
    let nearest = move |path: &Utf8Path| match &fixed {
        Some(path) => Some(path.clone()),
        None if no_config => None,
        None => configuration::nearest_above(path),
    };
    let around = Surroundings {
        nearest: Arc::new(nearest),
        is_folder: Utf8Path::is_dir,
        plugins: |specs| plugin::load(specs, &PluginArgs::default()).map_err(|error| format!("{error:#}")),
        find: |input, settings, plugins, notes| {
            run::find(input, settings, plugins, notes).map_err(|error| format!("{error:#}"))
        },
        today: || run::today().map_err(|error| format!("{error:#}")),
    };
    Ok(lsp::serve(around)?)
}
