//! The same rule native and in a plugin, on the model of 2,000 nodes: names of replication slots start with a prefix.
//!
//! The plugin is `slot-names-rust`, which `cargo xtask guests` builds. What it takes to hand the model over is measured
//! apart, as a check without a rule.

#![allow(clippy::disallowed_methods, clippy::expect_used, clippy::print_stdout, reason = "a benchmark of its own")]

use std::fmt::Write;
use std::fs;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use pgassay::discover::{self, Overrides};
use pgassay::finding::{Finding, Label, Subject};
use pgassay::load;
use pgassay::model::sql::What;
use pgassay::model::{self, Cluster};
use pgassay::plugin::{self, Input, Spec};
use pgassay::rule::id;

const NODES: usize = 2000;
const RUNS: u32 = 20;
const PREFIX: &str = "app_";

fn main() {
    let guest = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("target/guests/slots-rust.wasm");
    if !guest.is_file() {
        println!("{guest} is not built: run `cargo xtask guests`");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let input = Arc::new(tree(Utf8Path::from_path(folder.path()).expect("UTF-8")));
    let native = (0..RUNS).map(|_| timed(|| native(&input.cluster).len())).collect::<Vec<_>>();
    let found = native.first().map_or(0, |(_, found)| *found);
    let native = median(native.into_iter().map(|(time, _)| time).collect());
    let bench = plugin::bench(&Spec::new(guest), &input, RUNS).expect("the plugin runs");
    assert_eq!(bench.findings, found, "both find the same");
    let (check, hand_over) = (median(bench.check), median(bench.hand_over));
    let call = check.saturating_sub(hand_over);
    println!("{NODES} nodes, {} files, {found} findings; medians of {RUNS} runs", input.sources.len());
    println!("the rule, native         {native:>10.1?}");
    println!("the rule, in the plugin  {call:>10.1?}  {:.2} x", call.as_secs_f64() / native.as_secs_f64());
    println!("model into records       {:>10.1?}", median(bench.model));
    println!("handing over             {hand_over:>10.1?}");
}

/// A tree of standbys, each with 60 settings, and a script that makes a subscription for each.
fn tree(root: &Utf8Path) -> Input {
    let mut script = String::new();
    for node in 0..NODES {
        let mut text = (0..58).fold(String::new(), |mut text, line| {
            let _ = writeln!(text, "acme.setting_{line} = '{}'", line * node);
            text
        });
        let name = if node % 4 == 0 { "standby" } else { "app_standby" };
        let _ = writeln!(text, "wal_level = logical\nprimary_slot_name = '{name}{node}'");
        write(&root.join(format!("node{node}/postgresql.conf")), &text);
        let _ = writeln!(script, "CREATE SUBSCRIPTION {name}{node} CONNECTION 'host=h{node}' PUBLICATION p;");
    }
    write(&root.join("sql/subscribe.sql"), &script);
    let paths = [root.to_owned()];
    let found = discover::discover(&paths, None, &Overrides::default());
    let mut loaded = load::load(found.inputs, &paths, false);
    let cluster = model::build(&mut loaded, &model::Options::default());
    Input::new(cluster, loaded.sources)
}

fn write(path: &Utf8PathBuf, text: &str) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
    fs::write(path, text).expect("written");
}

/// What a built-in rule would do.
fn native(cluster: &Cluster) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut judge = |span, name: &str, words: String, majors| {
        if !name.starts_with(PREFIX) {
            let verdict = format!("does not start with `{PREFIX}`");
            // Any rule will do: only the work counts.
            let subject = Subject::Object(name.to_owned());
            let label = Label::new(span, verdict.clone());
            let finding = Finding::new(id::FSYNC_OFF, subject, majors, label, format!("{words} {verdict}"));
            found.push(finding.help(format!("call it `{PREFIX}{name}`")));
        }
    };
    for (site, statement) in cluster.statements() {
        let What::CreateSubscription(create) = &statement.what else { continue };
        let option = |name: &str| create.options.iter().find(|option| option.name.text == name);
        match option("slot_name").and_then(|option| Some((option.span, option.value.as_ref()?.text()))) {
            Some((span, value)) => {
                judge(span, &value, format!("slot `{value}` of subscription `{}`", create.name.text), site.majors);
            }
            None if option("create_slot").is_none() && option("connect").is_none() => {
                let name = &create.name.text;
                let words = format!("subscription `{name}` makes a slot of its own name, which");
                judge(create.name.span, name, words, site.majors);
            }
            None => {}
        }
    }
    for node in &cluster.nodes {
        for definition in node.settings.definitions_of("primary_slot_name") {
            if definition.overridden_by.is_none() && !definition.value.dynamic && !definition.text.is_empty() {
                let name = String::from_utf8_lossy(&definition.text);
                let words = format!("`primary_slot_name` `{name}`");
                judge(definition.value.span, &name, words, node.targets.majors);
            }
        }
    }
    found
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let done = black_box(work());
    (start.elapsed(), done)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
