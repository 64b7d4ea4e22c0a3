//! The profiles of benchmarks: their sections and the rules' references agree, trees that break a benchmark raise
//! something in each section that files can tell, and trees made to meet it raise nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use pgassay::rule::{PROFILES, Profile, RuleId};

use crate::Tree;

/// The profiles of benchmarks.
fn benchmarks() -> impl Iterator<Item = &'static Profile<'static>> {
    PROFILES.iter().filter(|profile| !profile.sections.is_empty())
}

/// How rules name a section.
fn reference(profile: &Profile<'_>, section: &str) -> String {
    profile.prefix.map_or_else(|| section.to_owned(), |prefix| format!("{prefix}:{section}"))
}

#[test]
fn sections_and_references_agree() {
    let mut by_sections = BTreeMap::<&str, BTreeSet<String>>::new();
    for profile in benchmarks() {
        let mut ids = BTreeSet::new();
        for section in profile.sections {
            assert!(ids.insert(section.id), "{} has the section {} twice", profile.name, section.id);
            let mut rules = BTreeSet::new();
            for rule in section.rules.iter() {
                assert!(rules.insert(rule), "{} {} names {rule} twice", profile.name, section.id);
                by_sections.entry(rule).or_default().insert(reference(profile, section.id));
            }
        }
    }
    assert!(!by_sections.is_empty(), "there are benchmarks");
    for rule in RuleId::all() {
        let meta = rule.meta();
        let own = meta.cis.iter().chain(meta.stig).map(|&id| id.to_owned()).collect::<Vec<_>>();
        let set = own.iter().cloned().collect::<BTreeSet<_>>();
        assert_eq!(own.len(), set.len(), "{rule} names a section twice");
        let sections = by_sections.remove(rule.name()).unwrap_or_default();
        assert_eq!(set, sections, "{rule}: its references are left, what the profiles say is right");
    }
    assert!(by_sections.is_empty(), "no such rules: {by_sections:?}");
}

/// Lays a tree out as on a host: data directories are of the server alone, files open to all where it is the weak one.
fn lay_out(from: &Path, to: &Path, mode: u32) {
    fs::create_dir_all(to).expect("the folder can be made");
    for entry in fs::read_dir(from).expect("the folder can be read") {
        let entry = entry.expect("the entry can be read");
        let place = to.join(entry.file_name());
        if entry.path().is_dir() {
            lay_out(&entry.path(), &place, mode);
        } else {
            fs::copy(entry.path(), &place).expect("the file can be copied");
            set_mode(&place, mode);
        }
    }
    set_mode(to, 0o700);
}

#[cfg_attr(not(unix), allow(unused_variables, reason = "there are no modes"))]
fn set_mode(path: &Path, mode: u32) {
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).expect("the mode can be set");
}

/// The rules that fire on a tree of `fixtures/profiles`, with what they say.
fn findings(profile: &str, tree: &str) -> Vec<(String, String)> {
    let host = tempfile::tempdir().expect("a temporary folder");
    let from = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/profiles")).join(tree);
    lay_out(&from, &host.path().join(tree), if tree == "weak" { 0o644 } else { 0o600 });
    let mut command = Command::new(env!("CARGO_BIN_EXE_pgassay"));
    command.current_dir(host.path());
    command.args(["check", "--no-config", "--profile", profile, "--format", "json", tree]);
    let output = command.output().expect("pgassay starts");
    assert!(output.stderr.is_empty(), "{profile} {tree}: {}", String::from_utf8_lossy(&output.stderr));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("the report is JSON");
    let text = |finding: &serde_json::Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    let findings = report["findings"].as_array().expect("it has findings");
    findings.iter().map(|finding| (text(finding, "rule"), text(finding, "message"))).collect()
}

#[test]
fn each_section_that_files_tell_fires() {
    for profile in benchmarks() {
        let fired = findings(profile.name, "weak").into_iter().map(|(rule, _)| rule).collect::<BTreeSet<_>>();
        let told = profile.sections.iter().filter(|section| section.rules.iter().next().is_some());
        let silent = told.filter(|section| !section.rules.iter().any(|rule| fired.contains(rule)));
        let silent = silent.map(|section| (section.id, section.title)).collect::<Vec<_>>();
        assert!(silent.is_empty(), "{}: no finding in fixtures/profiles/weak for {silent:#?}", profile.name);
    }
}

#[test]
fn what_meets_a_benchmark_raises_nothing() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/profiles/hardened");
    for profile in benchmarks() {
        assert!(root.join(profile.name).is_dir(), "fixtures/profiles/hardened/{} is missing", profile.name);
        let found = findings(profile.name, &format!("hardened/{}", profile.name));
        assert!(found.is_empty(), "{}: {found:#?}", profile.name);
    }
}

#[test]
fn a_benchmark_has_what_it_extends() {
    let default = findings("default", "weak").into_iter().collect::<BTreeSet<_>>();
    for profile in benchmarks() {
        let rules = findings(profile.name, "weak").into_iter().map(|(rule, _)| rule).collect::<BTreeSet<_>>();
        let missing = default.iter().filter(|(rule, _)| !rules.contains(rule)).collect::<Vec<_>>();
        assert!(missing.is_empty(), "{} leaves out {missing:?}", profile.name);
    }
}

/// With a benchmark, each finding names the sections that it is about; without, none does.
#[test]
fn findings_name_the_sections_of_the_chosen_benchmarks() {
    let tree = Tree::new(&[("postgresql.conf", "log_statement = none\nfsync = off\n")]);
    let said = |profile: &str| tree.run(&["check", "--no-config", "--profile", profile]).out;
    assert!(said("cis-17").contains("section: CIS17:3.1.25"), "{}", said("cis-17"));
    assert!(said("cis-17,cis-gcp").contains("section: CIS17:3.1.25, CISGCP:6.2.4"), "{}", said("cis-17,cis-gcp"));
    assert!(said("default").contains("fsync") && !said("strict").contains("section:"));
}
