//! `pgassay hba trace`: one connection, or a file of them, and the rows that decide.

use std::collections::HashMap;
use std::io::{self, BufWriter, Write};
use std::net::IpAddr;

use anyhow::{Context, Result, bail};
use camino::Utf8PathBuf;
use clap::Args;

use super::{Access, AccessArgs};
use crate::cli::CLEAN;
use crate::cli::args::{GlobalArgs, ListFormat};
use crate::reach::{Decision, Engine, From, HostName, Kinds, Question, Verdict, Wanted, proof};
use crate::report::hba::Shower;
use crate::report::hba::server::Server;
use crate::report::hba::trace::{Passed, Step, Trace, Traces, doubt, text};
use crate::source;

#[derive(Debug, Args)]
pub(crate) struct TraceArgs {
    #[command(flatten)]
    access: AccessArgs,
    /// The user who connects
    #[arg(long, value_name = "USER", required_unless_present = "questions")]
    user: Option<String>,
    /// The database that the user connects to [default: that of the user's name]
    #[arg(long, value_name = "DATABASE", conflicts_with = "replication")]
    db: Option<String>,
    /// Physical replication, as by a standby; logical replication connects to a database
    #[arg(long)]
    replication: bool,
    /// The address that the server sees the client at
    #[arg(long, value_name = "ADDRESS", conflicts_with = "local", required_unless_present_any = ["local", "questions"])]
    from: Option<IpAddr>,
    /// The name that the client's address has in DNS, both ways; `-` for none
    #[arg(long, value_name = "NAME")]
    host_name: Option<String>,
    /// Through a Unix socket
    #[arg(long, conflicts_with_all = ["tls", "plain", "gss"])]
    local: bool,
    /// With TLS
    #[arg(long)]
    tls: bool,
    /// Without encryption
    #[arg(long)]
    plain: bool,
    /// With GSSAPI encryption
    #[arg(long)]
    gss: bool,
    /// Answer a file of questions instead, one per line: KIND, ADDRESS, DATABASE and USER, with a tab between them
    #[arg(long, value_name = "FILE", conflicts_with_all = ["user", "db", "replication", "from", "local", "tls", "plain", "gss"])]
    questions: Option<Utf8PathBuf>,
    /// The format of the answer
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: ListFormat,
}

/// A connection that is asked about.
#[derive(Debug)]
struct Asked {
    kind: Kinds,
    from: From,
    host: Option<String>,
    /// None is replication.
    database: Option<String>,
    user: String,
}

pub(crate) fn trace(args: &TraceArgs, global: &GlobalArgs) -> Result<u8> {
    let questions = match &args.questions {
        Some(path) => from_file(path)?,
        None => of_args(args)?,
    };
    let access = Access::read(&args.access, global)?;
    let shower = access.shower();
    let mut answers = Answers::default();
    for server in access.servers()? {
        let engine = |major| (major, Engine::new(server.hba, major, &server.known), server.refused(major, &shower));
        let engines = server.node.targets.majors.iter().map(engine).collect::<Vec<_>>();
        for asked in &questions {
            for (major, engine, refused) in &engines {
                answers.add(one(&server, engine, *major, refused.clone(), asked, &shower));
            }
        }
    }
    let traces = answers.traces;
    let mut out = BufWriter::new(io::stdout().lock());
    match args.format {
        ListFormat::Text => text(&traces, global.verbose, &mut out)?,
        ListFormat::Json => {
            serde_json::to_writer_pretty(&mut out, &Traces { version: 1, traces })?;
            writeln!(out)?;
        }
    }
    out.flush()?;
    Ok(CLEAN)
}

/// Answers, those that are the same on several majors as one.
#[derive(Debug, Default)]
struct Answers {
    traces: Vec<Trace>,
    known: HashMap<String, usize>,
}

impl Answers {
    fn add(&mut self, trace: Trace) {
        let rows = trace.rows.iter().map(|step| (&step.row.path, step.row.line, &step.doubt, &step.proof));
        let rows = rows.collect::<Vec<_>>();
        let key = format!("{:?}", (&trace.node, &trace.connection, &trace.refused, trace.may_fall_through, rows));
        match self.known.get(&key).and_then(|&at| self.traces.get_mut(at)) {
            Some(known) => known.majors.extend(trace.majors),
            None => {
                self.known.insert(key, self.traces.len());
                self.traces.push(trace);
            }
        }
    }
}

fn one(
    server: &Server<'_>,
    engine: &Engine<'_>,
    major: u8,
    refused: Option<String>,
    asked: &Asked,
    shower: &Shower<'_>,
) -> Trace {
    let question = asked.question();
    let impossible = server.kinds(asked.kind, major).is_empty().then(|| match asked.kind {
        Kinds::TLS => "the server takes no TLS, as `ssl` is off".to_owned(),
        _ => "this major has no GSSAPI encryption".to_owned(),
    });
    let refused = refused.or(impossible);
    let mut trace = Trace {
        node: server.node.name.clone(),
        majors: vec![major],
        connection: shower.text(&asked.words()),
        certain: false,
        refused,
        rows: Vec::new(),
        may_fall_through: false,
        complete: server.hba.complete,
        passed: Vec::new(),
    };
    if trace.refused.is_some() {
        return trace;
    }
    let decision = engine.decide(&question);
    trace.certain = decision.certain().is_some();
    trace.may_fall_through = decision.may_fall_through;
    for candidate in &decision.rows {
        let Some(row) = server.hba.rows.get(candidate.row) else { continue };
        let proof = proof(row, major).map(|proof| shower.text(&proof));
        let doubt = doubt(&candidate.judged).map(|doubt| shower.text(&doubt));
        trace.rows.push(Step { row: shower.row(row), doubt, proof });
    }
    let last = last(&decision);
    for (index, judged) in engine.judge(&question).take_while(|(index, _)| *index < last) {
        let (Some(row), Some(field), Verdict::No) = (server.hba.rows.get(index), judged.field, judged.verdict) else {
            continue;
        };
        trace.passed.push(Passed::new(shower.row(row), row, field, &question));
    }
    trace
}

/// The index after which rows no longer matter.
fn last(decision: &Decision) -> usize {
    if decision.may_fall_through { usize::MAX } else { decision.rows.last().map_or(0, |last| last.row) }
}

impl Asked {
    fn question(&self) -> Question<'_> {
        Question {
            kinds: self.kind,
            from: self.from,
            host: match self.host.as_deref() {
                None => HostName::Unknown,
                Some("-") => HostName::Nameless,
                Some(name) => HostName::Is(name),
            },
            database: self.database.as_deref().map_or(Wanted::Replication, Wanted::Name),
            user: Wanted::Name(&self.user),
        }
    }

    fn words(&self) -> String {
        let database = match &self.database {
            Some(database) => format!("`{}` to the database `{database}`", self.user),
            None => format!("`{}` for replication", self.user),
        };
        let from = match self.from {
            From::Ip(ip) => format!(" from {ip}"),
            _ => String::new(),
        };
        let how = match self.kind {
            Kinds::LOCAL => "through a Unix socket",
            Kinds::TLS => "with TLS",
            Kinds::GSS => "with GSSAPI encryption",
            _ => "without encryption",
        };
        format!("{database}{from} {how}")
    }
}

fn of_args(args: &TraceArgs) -> Result<Vec<Asked>> {
    let user = args.user.clone().context("--user is missing")?;
    let database = (!args.replication).then(|| args.db.clone().unwrap_or_else(|| user.clone()));
    let chosen =
        [(args.local, Kinds::LOCAL), (args.plain, Kinds::PLAIN), (args.tls, Kinds::TLS), (args.gss, Kinds::GSS)];
    let mut kinds = chosen.iter().filter(|(is_chosen, _)| *is_chosen).map(|(_, kind)| *kind).collect::<Vec<_>>();
    if kinds.is_empty() {
        kinds = vec![Kinds::TLS, Kinds::PLAIN];
    }
    let from = args.from.map_or(Ok(From::Socket), address)?;
    let one = |kind| Asked { kind, from, host: args.host_name.clone(), database: database.clone(), user: user.clone() };
    Ok(kinds.into_iter().map(one).collect())
}

/// Servers see no such client: their sockets for IPv6 take IPv6 only.
fn address(ip: IpAddr) -> Result<From> {
    if let IpAddr::V6(six) = ip
        && let Some(four) = six.to_ipv4_mapped()
    {
        bail!("a server sees a client at {ip} as {four}");
    }
    Ok(From::Ip(ip))
}

fn from_file(path: &Utf8PathBuf) -> Result<Vec<Asked>> {
    let bytes = source::read(path).with_context(|| format!("cannot read `{path}`"))?;
    let text = String::from_utf8(bytes).with_context(|| format!("`{path}` is not UTF-8"))?;
    let mut out = Vec::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty()) {
        out.push(question(line).with_context(|| format!("`{path}`, line {}", index + 1))?);
    }
    Ok(out)
}

fn question(line: &str) -> Result<Asked> {
    let fields = line.split('\t').collect::<Vec<_>>();
    let [kind, from, database, user] = fields[..] else {
        bail!("a question has four fields with tabs between them: KIND, ADDRESS, DATABASE, USER");
    };
    let kind = match kind {
        "local" => Kinds::LOCAL,
        "plain" => Kinds::PLAIN,
        "tls" => Kinds::TLS,
        "gss" => Kinds::GSS,
        _ => bail!("`{kind}` is none of local, plain, tls and gss"),
    };
    let from = match from {
        "-" if kind == Kinds::LOCAL => From::Socket,
        ip => address(ip.parse().with_context(|| format!("`{ip}` is no address"))?)?,
    };
    // No database is replication, for a database has a name.
    let database = (!database.is_empty()).then(|| database.to_owned());
    Ok(Asked { kind, from, host: None, database, user: user.to_owned() })
}
