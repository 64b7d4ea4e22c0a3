//! The fixture trees as wholes: what a run says of each.

use std::path::Path;
use std::process::Command;

use crate::{Run, Tree};

fn check(tree: &str, args: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pgassay"));
    command.args(["check", "--format", "concise"]).args(args).arg(format!("fixtures/clusters/{tree}"));
    Run::of(command.current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("pgassay starts"))
}

/// Compares with `fixtures/clusters/<tree>.txt`; PGASSAY_UPDATE=1 writes it, to be read before it is kept.
fn says_what_is_expected(tree: &str) {
    let run = check(tree, &[]);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/clusters/{tree}.txt"));
    if std::env::var_os("PGASSAY_UPDATE").is_some() {
        std::fs::write(&path, &run.out).expect("the expectation can be written");
    }
    assert_eq!(run.out, std::fs::read_to_string(&path).expect("the expectation is there"), "{tree}");
}

#[test]
fn logical_hub() {
    says_what_is_expected("logical-hub");
}

#[test]
fn primary_replica() {
    says_what_is_expected("primary-replica");
}

#[test]
fn shop() {
    says_what_is_expected("shop");
}

#[test]
fn debian() {
    says_what_is_expected("debian");
}

#[test]
fn a_hardened_cluster_gives_nothing() {
    let run = check("hardened", &[]);
    assert_eq!((run.out.as_str(), run.code), ("", 0));
}

#[test]
fn output_is_the_same_for_any_number_of_threads() {
    let one = |threads: &str, format: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pgassay"));
        command
            .args(["check", "--profile", "strict", "--format", format, "fixtures"])
            .env("RAYON_NUM_THREADS", threads);
        Run::of(command.current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("pgassay starts")).out
    };
    for format in ["concise", "json", "sarif", "text"] {
        assert!(one("1", format) == one("7", format), "{format} differs");
    }
}

#[test]
fn nodes_are_found_however_the_folder_is_named() {
    let tree = Tree::new(&[
        ("pgassay.toml", "[[node]]\nname = \"north\"\nfiles = [\"conf/north.conf\"]\npg = 12\n"),
        ("conf/north.conf", "wal_keep_segments = 10\n"),
        ("conf/postgresql.conf", ""),
    ]);
    let files = "[files]\n\"conf/north.conf\" = \"postgresql.conf\"\n";
    let config = std::fs::read_to_string(tree.path().join("pgassay.toml")).expect("the file is there");
    std::fs::write(tree.path().join("pgassay.toml"), format!("{files}{config}")).expect("it can be written");
    let absolute = tree.path().to_str().expect("a path of these tests");
    for folder in [".", absolute, "conf/..", "./conf/../"] {
        let run = tree.run(&["check", "--format", "concise", folder]);
        assert_eq!(run.out.lines().count(), 0, "12 has the setting: {folder}: {}{}", run.out, run.err);
    }
}
