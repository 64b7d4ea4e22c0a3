//! `pgassay hba show`: what a pg_hba.conf comes to.

use std::io::{self, BufWriter, Write};

use anyhow::Result;
use clap::{Args, ValueEnum};

use super::{Access, AccessArgs};
use crate::cli::CLEAN;
use crate::cli::args::GlobalArgs;
use crate::report::hba::page;
use crate::report::hba::show::{Tables, text};
use crate::report::hba::table::{self, Wanted};

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    #[command(flatten)]
    access: AccessArgs,
    /// Show this user only; may be repeated
    #[arg(long, value_name = "USER")]
    user: Vec<String>,
    /// Show this database only; may be repeated
    #[arg(long, value_name = "DATABASE")]
    db: Vec<String>,
    /// The format of the table
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: ShowFormat,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum ShowFormat {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
    /// A page with a picture of addresses against people
    Html,
}

pub(crate) fn show(args: &ShowArgs, global: &GlobalArgs) -> Result<u8> {
    let access = Access::read(&args.access, global)?;
    let shower = access.shower();
    let wanted = Wanted { users: &args.user, databases: &args.db };
    let mut tables = Vec::new();
    for server in access.servers()? {
        tables.extend(table::tables(&server, wanted, &shower)?);
    }
    let mut out = BufWriter::new(io::stdout().lock());
    match args.format {
        ShowFormat::Text => text(&tables, global.verbose, &mut out)?,
        ShowFormat::Html => page::html(&tables, &mut out)?,
        ShowFormat::Json => {
            serde_json::to_writer_pretty(&mut out, &Tables { version: 1, tables })?;
            writeln!(out)?;
        }
    }
    out.flush()?;
    Ok(CLEAN)
}
