//! Writes the two files of a new rule, ready to be filled in.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::run::{root, say};

pub(crate) fn new_rule(path: &str) -> Result<()> {
    let Some((family, id)) = path.split_once('/') else { bail!("`{path}` is not FAMILY/ID") };
    let is_name = |name: &str| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    if !is_name(family) || !is_name(id) {
        bail!("family and id are kebab-case: `{path}`");
    }
    let folder = root().join("rules").join(family);
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let files = [
        (
            folder.join(format!("{id}.toml")),
            "title = \"\"\nseverity = \"warning\"\neffect = \"risk\"\nrefs = { docs = [] }\nsince = \"0.1.0\"\n\n\
             [check]\nsetting = \"\"\nmust-be = \"\"\nmessage = \"`{name}` is `{value}`\"\n"
                .to_owned(),
        ),
        (
            folder.join(format!("{id}.md")),
            format!(
                "# {id}\n\n## What it does\n\n## Why it matters\n\n## Bad\n\n```postgresql.conf\n```\n\n## Good\n\n\
                 ```postgresql.conf\n```\n\n## Fixing it\n\n## When to ignore it\n\n## References\n"
            ),
        ),
    ];
    for (path, _) in &files {
        if path.exists() {
            bail!("{} is there already", path.display());
        }
    }
    for (path, text) in files {
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        say(&format!("wrote {}", path.display()));
    }
    Ok(())
}
