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

use crate::catalog::Majors;
use crate::cli::args::{GlobalArgs, InputArgs};
use crate::cli::configuration::{Configured, Said};
use crate::cli::{configuration, files};
use crate::config::Settings;
use crate::finding::Severity;
use crate::load::Loaded;
use crate::model::value::Value;
use crate::model::{self, Cluster, Hba, Node};
use crate::reach::{Expectation, Kinds, Known, Roles};
use crate::report::hba::Shower;

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

/// A node that has a pg_hba.conf.
pub(crate) struct Server<'a> {
    pub(crate) node: &'a Node,
    pub(crate) hba: &'a Hba,
    pub(crate) known: Known,
    /// The majors on which it takes no TLS.
    pub(crate) ssl_off: Majors,
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
        let mut servers = Vec::new();
        let nodes = self.cluster.nodes.iter().enumerate();
        for (index, node) in nodes.filter(|(_, node)| self.wanted.as_ref().is_none_or(|name| *name == node.name)) {
            let Some(hba) = &node.hba else { continue };
            let roles = Roles::of(&self.cluster, index).closed(self.cluster.objects.dynamic.roles);
            let ssl_off = node.settings.majors_where("ssl", node.targets.majors, |value| *value == Value::Bool(false));
            let addresses = (!self.own.is_empty()).then(|| self.own.clone());
            servers.push(Server { node, hba, known: Known { roles, addresses }, ssl_off });
        }
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

impl Server<'_> {
    /// The kinds among `kinds` that connections can have on a major.
    pub(crate) fn kinds(&self, kinds: Kinds, major: u8) -> Kinds {
        let kinds = if self.ssl_off.contains(major) { kinds - Kinds::TLS } else { kinds };
        if major < 12 { kinds - Kinds::GSS } else { kinds }
    }

    /// Why a major cannot use the file, or this cannot be told of it.
    pub(crate) fn refused(&self, major: u8, shower: &Shower<'_>) -> Option<String> {
        let at = |span, what: &str| {
            let (path, line) = shower.place(span);
            format!("the server refuses the file: {path}:{line}: {}", shower.text(what))
        };
        if let Some(refusal) = self.hba.refusals.iter().find(|refusal| refusal.majors.contains(major)) {
            return Some(at(refusal.span, &refusal.message()));
        }
        if let Some(include) = self.hba.includes.iter().find(|include| include.majors.contains(major)) {
            return Some(at(include.span, "the file cannot be included"));
        }
        let namespace = Majors::only(major) & Majors::until(16);
        let on = self.node.settings.majors_where("db_user_namespace", namespace, |value| *value == Value::Bool(true));
        (!on.is_empty()).then(|| "`db_user_namespace` is on, which changes the names of users".to_owned())
    }
}
