use super::*;
use crate::discover::{Input, Kind};
use crate::load::{self, Text};
use crate::rule::Registry;

/// A rule, the step, and the message.
type Told = (String, Option<(u8, u8)>, String);

fn look_at(files: &[(&str, Kind, &str)], from: Majors, to: u8) -> Vec<Told> {
    let texts = files.iter().map(|(path, _, text)| (Utf8PathBuf::from(*path), Text::Changed(text.as_bytes().to_vec())));
    let texts = texts.collect();
    let inputs = files.iter().map(|(path, kind, _)| Input { path: (*path).into(), kind: Some(*kind), named: true });
    let mut loaded = load::load_with(inputs.collect(), &[], false, texts);
    let options = Options { to, nodes: Vec::new() };
    let origins = Origins::read(&mut loaded, Some(from), &options);
    let selection = Selection::profile(&Registry::default(), "default").unwrap();
    let upgrade = look(&mut loaded, &origins, &selection, &options);
    let told = upgrade.findings.into_iter();
    told.map(|f| (f.rule.name().to_owned(), f.step.map(|step| (step.from, step.to)), f.message)).collect()
}

fn conf(text: &str, from: Majors, to: u8) -> Vec<Told> {
    let mut found = look_at(&[("d/postgresql.conf", Kind::PostgresqlConf, text)], from, to);
    found.retain(|(rule, ..)| rule != "upgrade-default");
    found
}

#[test]
fn a_refusal_comes_with_its_step_and_only_once() {
    let found = conf("stats_temp_directory = 'x'\n", Majors::only(10), 18);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].0.as_str(), found[0].1), ("conf-removed-setting", Some((14, 15))));
}

#[test]
fn what_the_present_majors_refuse_is_not_new() {
    assert_eq!(conf("stats_temp_directory = 'x'\n", Majors::range(15, 16), 18), []);
    assert_eq!(conf("no_such_setting = 1\n", Majors::only(13), 18), []);
    // One of the majors that it may be of takes it.
    assert_eq!(conf("stats_temp_directory = 'x'\n", Majors::range(14, 16), 18).len(), 1);
}

#[test]
fn values_that_are_read_otherwise() {
    let found = conf("log_rotation_age = 90s\n", Majors::only(11), 12);
    assert_eq!((found[0].0.as_str(), found[0].1), ("upgrade-value", Some((11, 12))), "{found:?}");
    assert_eq!(conf("log_rotation_age = 120s\n", Majors::only(11), 12), []);
    assert_eq!(conf("log_rotation_age = 90s\n", Majors::only(12), 18), []);
    // Bytes took the place of pages, for the same size.
    assert_eq!(conf("work_mem = 64MB\nautovacuum_vacuum_cost_delay = 20ms\n", Majors::only(10), 18), []);
}

#[test]
fn a_default_is_told_where_it_is_relied_on() {
    let of = |text: &str| {
        let found = look_at(&[("d/postgresql.conf", Kind::PostgresqlConf, text)], Majors::only(11), 12);
        found.into_iter().filter(|(rule, ..)| rule == "upgrade-default").map(|found| found.2).collect::<Vec<_>>()
    };
    assert_eq!(of("port = 5432\n").iter().filter(|message| message.contains("`jit`")).count(), 1);
    assert!(of("jit = off\n").iter().all(|message| !message.contains("`jit`")));
    assert!(of("include 'elsewhere.conf'\n").is_empty(), "what an include may set is not relied on");
}
