//! `pgassay hba`: who gets in, answered from pg_hba.conf.

mod diff;
mod expect;
mod revision;
mod show;
mod trace;

use anyhow::{Result, bail};
use camino::Utf8Path;
use clap::{Args, Subcommand};
use ipnet::IpNet;

use crate::cli::args::{GlobalArgs, InputArgs};
use crate::cli::configuration::{Configured, Said};
use crate::cli::{configuration, files};
use crate::config::Settings;
use crate::finding::Severity;
use crate::load::Loaded;
use crate::model::{self, Cluster};
use crate::reach::Expectation;
use crate::report::hba::Shower;
use crate::report::hba::server::Server;

#[derive(Debug, Subcommand)]
pub(crate) enum HbaCommand {
    /// Show which row decides for a connection, and why the rows above it do not
    Trace(trace::TraceArgs),
    /// Show who gets in from where and how, after first match
    Show(show::ShowArgs),
    /// Show what a change does: who gains or loses access; exit code 1 if access is gained or weakened
    Diff(diff::DiffArgs),
    /// Check expectations of who gets in; exit code 1 if one does not hold
    Expect(expect::ExpectArgs),
}

/// Which files and node the question is about, and what is known beside them.
#[derive(Debug, Default, Args)]
pub(crate) struct AccessArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// Look at this node only
    #[arg(long, value_name = "NODE")]
    pub(crate) node: Option<String>,
    /// An address of the server with its mask length, for `samehost` and `samenet`; may be repeated
    #[arg(long, value_name = "ADDRESS/LENGTH")]
    pub(crate) server_address: Vec<IpNet>,
}

pub(crate) fn run(command: HbaCommand, global: &GlobalArgs) -> Result<u8> {
    match command {
        HbaCommand::Trace(args) => trace::trace(&args, global),
        HbaCommand::Show(args) => show::show(&args, global),
        HbaCommand::Diff(args) => diff::diff(&args, global),
        HbaCommand::Expect(args) => expect::expect(args, global),
    }
}

/// What the arguments name, read.
pub(crate) struct Access {
    pub(crate) loaded: Loaded,
    pub(crate) cluster: Cluster,
    /// What pgassay.toml expects.
    pub(crate) expectations: Vec<Expectation>,
    wanted: Option<String>,
    own: Vec<IpNet>,
}

impl Access {
    pub(crate) fn read(args: &AccessArgs, global: &GlobalArgs) -> Result<Self> {
        let said = Said { input: Some(&args.input), ..Said::default() };
        let Configured { settings, .. } = configuration::configured(global, said)?;
        let loaded = files::read(&args.input, &settings)?;
        Self::of(loaded, &settings, args)
    }

    /// Makes the model of what was read.
    pub(crate) fn of(mut loaded: Loaded, settings: &Settings, args: &AccessArgs) -> Result<Self> {
        if let Some(note) = loaded.notes.iter().find(|note| note.level == Severity::Error) {
            let path = note.path.as_deref().unwrap_or(Utf8Path::new(""));
            bail!("{path}: {}", note.message);
        }
        let cluster = model::build(&mut loaded, &model::Options { pg: settings.pg, nodes: settings.nodes.clone() });
        let mut own = args.server_address.clone();
        if !own.is_empty() {
            // Every machine has these, and clients on it come from them.
            own.extend(["127.0.0.1/8", "::1/128"].iter().filter_map(|net| net.parse::<IpNet>().ok()));
        }
        Ok(Self { loaded, cluster, expectations: settings.expectations.clone(), wanted: args.node.clone(), own })
    }

    /// The nodes that have a pg_hba.conf, of which the one that is wanted.
    pub(crate) fn servers(&self) -> Result<Vec<Server<'_>>> {
        let is_wanted = |index: &usize| {
            let node = self.cluster.nodes.get(*index);
            node.is_some_and(|node| self.wanted.as_ref().is_none_or(|name| *name == node.name))
        };
        let own = (!self.own.is_empty()).then_some(self.own.as_slice());
        let nodes = (0..self.cluster.nodes.len()).filter(is_wanted);
        let servers = nodes.filter_map(|index| Server::of(&self.cluster, index, own)).collect::<Vec<_>>();
        match (&self.wanted, servers.is_empty()) {
            (None, true) => bail!("there is no pg_hba.conf among the files"),
            (Some(name), true) => {
                let named = self.cluster.nodes.iter().filter(|node| node.hba.is_some());
                let names = named.map(|node| node.name.as_str()).collect::<Vec<_>>().join(", ");
                bail!("no node with a pg_hba.conf is called `{name}`; there are: {names}")
            }
            (_, false) => Ok(servers),
        }
    }

    pub(crate) fn shower(&self) -> Shower<'_> {
        Shower::new(&self.loaded.sources)
    }
}
