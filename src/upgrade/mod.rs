//! What a tree meets on the way from its majors to another one.
//!
//! Every rule is asked for each major by itself. What the target has against the tree and some major that the tree is
//! of has not is a finding of the upgrade, with the step that brings it. What no rule says of a single major, since it
//! is a difference, is said here: defaults, values, access rows and options that mean something else.

use std::collections::{BTreeMap, HashMap, HashSet};

use camino::{Utf8Path, Utf8PathBuf};

use crate::catalog::Majors;
use crate::catalog::changes::release_notes;
use crate::catalog::settings;
use crate::discover::Kind;
use crate::finding::{Effect, Finding, Step, Subject};
use crate::load::Loaded;
use crate::model::{self, Cluster, NodeSettings};
use crate::rule::{self, RuleId, Selection};
use crate::source::{FileId, SourceMap, Span};

mod access;
mod defaults;
mod plan;
mod sql;
mod values;

pub use plan::Plan;

/// The family of the rules on differences.
pub const FAMILY: &str = "upgrade";

/// What the user says of the servers.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The major to upgrade to.
    pub to: u8,
    /// What is known of single nodes.
    pub nodes: Vec<NodeSettings>,
}

/// A server of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// The node's name.
    pub name: String,
    /// The majors below the target that it may be of; none if it is not to be upgraded.
    pub from: Majors,
    /// What tells so.
    pub why: Option<String>,
}

/// Which majors the parts of a tree are of, before anything is edited.
#[derive(Debug, Clone, Default)]
pub struct Origins {
    /// The servers.
    pub servers: Vec<Server>,
    by_place: BTreeMap<Utf8PathBuf, Majors>,
    /// What belongs to no server.
    rest: Majors,
}

impl Origins {
    /// Reads them out of what is there: `--from`, pgassay.toml, else what the files give away.
    #[must_use]
    pub fn read(loaded: &mut Loaded, from: Option<Majors>, options: &Options) -> Self {
        let below = Majors::until(options.to.saturating_sub(1));
        let nodes = options.nodes.clone();
        let cluster = model::build(loaded, &model::Options { pg: from, nodes });
        let mut origins = Self { rest: cluster.majors & below, ..Self::default() };
        for node in &cluster.nodes {
            let from = node.targets.majors & below;
            let why = if node.targets.said {
                None
            } else {
                let told = node.targets.evidence.iter().find(|piece| piece.majors.covers(node.targets.majors));
                told.filter(|_| !node.targets.majors.is_untold()).map(|piece| piece.what.clone())
            };
            origins.servers.push(Server { name: node.name.clone(), from, why });
            for file in files(node) {
                let place = loaded.sources.file(file).place().to_owned();
                let entry = origins.by_place.entry(place).or_default();
                *entry = *entry | from;
            }
        }
        for (file, site) in cluster.sql.iter().zip(&cluster.objects.sites) {
            origins.by_place.insert(loaded.sources.file(file.file).place().to_owned(), site.majors & below);
        }
        origins
    }

    /// The majors that a file is of.
    fn of(&self, place: &Utf8Path) -> Majors {
        self.by_place.get(place).copied().unwrap_or(self.rest)
    }

    /// Every major that some part is of.
    #[must_use]
    pub fn all(&self) -> Majors {
        self.by_place.values().fold(self.rest, |all, majors| all | *majors)
    }
}

/// The files of a node.
fn files(node: &model::Node) -> Vec<FileId> {
    let access = node.hba.iter().flat_map(|hba| &hba.files).chain(node.ident.iter().flat_map(|ident| &ident.files));
    let recovery = &node.recovery;
    let signals = [recovery.conf, recovery.done, recovery.standby_signal, recovery.recovery_signal];
    node.settings.files.iter().chain(access).copied().chain(signals.into_iter().flatten()).collect()
}

/// What is found on the way.
#[derive(Debug)]
pub struct Upgrade {
    /// What the upgrade brings.
    pub findings: Vec<Finding>,
    /// What the target refuses and every major of the tree does, too: no news, but to be mended as well.
    pub known: Vec<Finding>,
    /// All that the target refuses; places lie in files, not in fragments.
    pub refusals: Vec<Finding>,
    /// What is to be done by hand.
    pub plans: Vec<Plan>,
}

/// What tells a finding from others on whatever major.
type Key = (RuleId, Span, Subject);

/// A view of the target, and of what differs.
struct View<'a> {
    to: u8,
    cluster: &'a Cluster,
    sources: &'a SourceMap,
    origins: &'a Origins,
    selection: &'a Selection,
}

impl View<'_> {
    /// The majors that a file is of.
    fn from(&self, file: FileId) -> Majors {
        self.origins.of(self.sources.file(file).place())
    }

    /// Whether a rule is selected.
    fn wants(&self, rule: RuleId) -> bool {
        self.selection.contains(rule)
    }

    /// The step to the first major with something.
    fn step(&self, first: u8) -> Option<Step> {
        Some(Step { from: first.saturating_sub(1), to: first, source: release_notes(first) })
    }

    /// The majors on which what came with `first` holds.
    fn holds(&self, first: u8) -> Majors {
        Majors::range(first, self.to)
    }
}

/// Looks at the way from the majors of the tree to the target.
#[must_use]
pub fn look(loaded: &mut Loaded, origins: &Origins, selection: &Selection, options: &Options) -> Upgrade {
    let asked = selection.and(|rule| rule.meta().effect == Effect::Refused);
    let mut present: HashMap<Key, Majors> = HashMap::new();
    let mut rows = access::Rows::default();
    let build = |loaded: &mut Loaded, major: u8| {
        let nodes = options.nodes.iter().map(|node| NodeSettings { pg: None, ..node.clone() }).collect();
        model::build(loaded, &model::Options { pg: Some(Majors::only(major)), nodes })
    };
    let mut judge = |cluster: &Cluster, loaded: &Loaded, major: u8| {
        let findings = rule::check(cluster, &loaded.sources, &asked);
        for finding in &findings {
            let key = (finding.rule, finding.primary.span, finding.subject.clone());
            let entry = present.entry(key).or_default();
            *entry = *entry | Majors::only(major);
        }
        findings
    };
    let first = origins.all().first().unwrap_or(options.to);
    for major in first..options.to {
        let cluster = build(loaded, major);
        rows.note(&cluster, major);
        judge(&cluster, loaded, major);
    }
    let cluster = build(loaded, options.to);
    let found = judge(&cluster, loaded, options.to);
    let view = View { to: options.to, cluster: &cluster, sources: &loaded.sources, origins, selection };
    let mut refusals = found.iter().filter(|found| found.effect == Effect::Refused).cloned().collect::<Vec<_>>();
    for refusal in &mut refusals {
        refusal.lead_to_host(&loaded.sources);
    }
    let (mut findings, mut known) = (Vec::new(), Vec::new());
    for mut finding in found {
        let from = view.from(finding.primary.span.file);
        if from.is_empty() || !view.wants(finding.rule) || is_of_new_setting(&finding, from) {
            continue;
        }
        let key = (finding.rule, finding.primary.span, finding.subject.clone());
        let has = present.get(&key).copied().unwrap_or_default();
        if has.covers(from) {
            if finding.effect == Effect::Refused {
                known.push(finding);
            }
            continue;
        }
        let brings = (first..=options.to).rev().take_while(|&major| has.contains(major)).last().unwrap_or(options.to);
        finding.majors = view.holds(brings);
        finding.step = view.step(brings);
        findings.push(finding);
    }
    // Without a row that is refused the ones below it are reached by others. What that makes of them is seen once it is
    // mended.
    let is_access = |file: FileId| matches!(loaded.sources.file(file).kind(), Kind::PgHba | Kind::PgIdent);
    let refused = findings.iter().filter(|finding| finding.effect == Effect::Refused);
    let refused =
        refused.map(|finding| finding.primary.span.file).filter(|file| is_access(*file)).collect::<HashSet<_>>();
    findings.retain(|finding| finding.effect == Effect::Refused || !refused.contains(&finding.primary.span.file));
    let md5 = findings_of_md5(&cluster, &loaded.sources, selection);
    defaults::find(&view, &md5, &mut findings);
    values::find(&view, &mut findings);
    access::find(&view, &rows, &mut findings);
    sql::find(&view, &mut findings);
    let plans = plan::plans(&view);
    Upgrade { findings, known, refusals, plans }
}

/// Whether it is about a setting that none of the majors has: the line is written for newer ones, and what it does there is
/// not brought by the upgrade.
fn is_of_new_setting(finding: &Finding, from: Majors) -> bool {
    let Subject::Setting(name) = &finding.subject else { return false };
    let known = settings::setting(name).map(settings::Setting::majors);
    finding.effect != Effect::Refused && known.is_some_and(|majors| (majors & from).is_empty())
}

/// Where the SQL has MD5 hashes of passwords.
fn findings_of_md5(cluster: &Cluster, sources: &SourceMap, selection: &Selection) -> Vec<Span> {
    let only = selection.without(|_| true).and(|rule| rule == rule::id::ROLE_PASSWORD_MD5);
    rule::check(cluster, sources, &only).into_iter().map(|finding| finding.primary.span).collect()
}

#[cfg(test)]
mod tests;
