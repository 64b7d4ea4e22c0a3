//! Runs the selected rules over a cluster.

use rayon::prelude::*;

use crate::finding::Finding;
use crate::model::Cluster;
use crate::progress::{self, Stage};
use crate::rule::{Check, Context, Declarative, Native, RuleId, Selection, Sink, declarative};
use crate::source::SourceMap;

/// A piece of work: one Rust function, which may serve several rules, or one declarative check.
#[derive(Clone, Copy)]
enum Job {
    Native(Native),
    Declarative(RuleId, &'static Declarative),
}

/// What the selected rules find. The order is not defined; triage sorts.
#[must_use]
pub fn check(cluster: &Cluster, sources: &SourceMap, selection: &Selection) -> Vec<Finding> {
    let cx = Context::new(cluster, sources);
    let mut jobs: Vec<Job> = Vec::new();
    for rule in selection.iter() {
        match &rule.meta().check {
            // Plugins run beside these, see `plugin`.
            Check::Engine | Check::Plugin(_) => {}
            Check::Declarative(check) => jobs.push(Job::Declarative(rule, check)),
            Check::Native(native) => {
                let is_new =
                    !jobs.iter().any(|job| matches!(job, Job::Native(known) if std::ptr::fn_addr_eq(*known, *native)));
                if is_new {
                    jobs.push(Job::Native(*native));
                }
            }
        }
    }
    progress::begin(Stage::Checking, jobs.len());
    let run = |job: &Job| {
        progress::advance();
        let mut out = Sink::new(selection);
        match *job {
            Job::Native(native) => native(&cx, &mut out),
            Job::Declarative(rule, check) => declarative::check(rule, check, &cx, &mut out),
        }
        out.into_findings()
    };
    if cluster.is_small() { jobs.iter().flat_map(run).collect() } else { jobs.par_iter().flat_map_iter(run).collect() }
}
