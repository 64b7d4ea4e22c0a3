//! The manifest of a plugin project, `plugin.toml`.

use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use serde::Deserialize;

use crate::config::{self, LimitsConfig};
use crate::plugin::Spec;
use crate::source;

/// The file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    /// Where the build puts the component, relative to the file.
    component: Utf8PathBuf,
    /// The options with which the plugin is tested.
    #[serde(default)]
    options: toml::Table,
    /// The limits with which it is tested.
    #[serde(default)]
    limits: LimitsConfig,
}

/// The plugin of a project, as its tests run it.
pub(super) fn plugin(folder: &Utf8Path) -> Result<Spec> {
    let path = folder.join("plugin.toml");
    let text = text(&path).context("a plugin project has a plugin.toml")?;
    let manifest: Manifest = toml::from_str(&text).map_err(|error| anyhow::anyhow!("{path}: {error}"))?;
    let component = folder.join(&manifest.component);
    if !component.is_file() {
        bail!("{component} is not there; build the plugin first, as the project's README says");
    }
    let limits = manifest.limits.read().map_err(|error| anyhow::anyhow!("{path}: {}", error.message))?;
    Ok(Spec { options: config::json(&manifest.options), limits, ..Spec::new(component) })
}

/// The options in a file that holds nothing else.
pub(super) fn options(path: &Utf8Path) -> Result<serde_json::Value> {
    let table: toml::Table = toml::from_str(&text(path)?).map_err(|error| anyhow::anyhow!("{path}: {error}"))?;
    Ok(config::json(&table))
}

pub(super) fn text(path: &Utf8Path) -> Result<String> {
    let bytes = source::read(path).with_context(|| format!("cannot read {path}"))?;
    String::from_utf8(bytes).with_context(|| format!("{path} is not UTF-8"))
}
