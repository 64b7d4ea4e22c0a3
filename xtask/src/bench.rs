//! Compares the release binary with ripgrep, squawk and libpg_query on trees that it makes, and says which goals are
//! missed.
//!
//! Every figure is of a whole process. CPU time is taken of two commands in turn, and the ratio in the middle counts, since
//! machines are seldom quiet. Instructions do not depend on what else a machine does; those of start-up and of a small
//! tree are kept in benches/instructions.toml.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::run::{cargo, root, run, say};
use crate::setup::setup;

mod counts;
mod goals;
mod measure;
mod rivals;
mod text;
mod workload;

use goals::Ground;
use rivals::Rivals;
use workload::Workloads;

pub(crate) fn bench(args: &[&str]) -> Result<()> {
    let folder = root().join("target/bench");
    let workloads = Workloads::new(&folder);
    match args {
        ["--counts"] => counts::compare(&binary()?, &workloads),
        ["--counts", "--write"] => counts::write(&binary()?, &workloads),
        rows => {
            let rows = rows.iter().map(|row| row.parse().with_context(|| format!("`{row}` is no row of the table")));
            let rows = rows.collect::<Result<Vec<u8>>>()?;
            let rivals = Rivals::find(&folder)?;
            table(&Ground { binary: binary()?, workloads, rivals }, &rows)
        }
    }
}

/// The release binary: the one that is built now, or what `PGASSAY_BINARY` names.
fn binary() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("PGASSAY_BINARY") {
        return Path::new(&path).canonicalize().context("PGASSAY_BINARY names no file");
    }
    setup()?;
    run(cargo().args(["build", "--release", "--locked", "--package", "pgassay"]))?;
    Ok(root().join("target/release/pgassay"))
}

fn table(ground: &Ground, rows: &[u8]) -> Result<()> {
    let mut counts = measure::Counts::default();
    let (mut met, mut missed, mut open) = (0, 0, 0);
    println!(
        "| row | work | of what | ours | theirs | ratio | lowest..highest | goal | |\n|---|---|---|---|---|---|---|---|---|"
    );
    for (number, goals) in goals::ALL.iter().filter(|(number, _)| rows.is_empty() || rows.contains(number)) {
        for line in goals(ground)? {
            let (text, verdict) = line.measured(&mut counts)?;
            let word = match verdict {
                Some(true) => "met",
                Some(false) => "**missed**",
                None => "not measured",
            };
            println!("| {number} | {text} | {word} |");
            *match verdict {
                Some(true) => &mut met,
                Some(false) => &mut missed,
                None => &mut open,
            } += 1;
        }
    }
    if met + missed + open == 0 {
        bail!("the table has the rows {:?}", goals::ALL.map(|(number, _)| number));
    }
    say(&format!("{met} goals are met, {missed} are missed, {open} could not be measured"));
    Ok(())
}
