//! `pgassay baseline` and `check --baseline`.

use std::fs;

use crate::{Run, Tree};

const TRUST: &str = "host all all 0.0.0.0/0 trust\n";

fn tree() -> Tree {
    Tree::new(&[("db/postgresql.conf", "fsync = off\n"), ("db/pg_hba.conf", TRUST), ("sub/x.txt", "")])
}

fn read(tree: &Tree, path: &str) -> String {
    fs::read_to_string(tree.path().join(path)).expect("the file is there")
}

fn write(tree: &Tree, path: &str, text: &str) {
    fs::write(tree.path().join(path), text).expect("the file can be written");
}

fn run(tree: &Tree, args: &[&str]) -> Run {
    let run = tree.run(args);
    assert!(!run.err.contains("panicked"), "{run:?}");
    run
}

fn concise(tree: &Tree, args: &[&str]) -> Run {
    run(tree, &[&["check", "--format", "concise"], args].concat())
}

#[test]
fn what_is_in_the_baseline_is_not_told_again() {
    let tree = tree();
    let before = concise(&tree, &["db"]);
    assert_eq!(before.code, 1);
    let count = before.out.lines().count();
    let made = run(&tree, &["baseline", "db"]);
    assert_eq!((made.code, &*made.out), (0, &*format!("pgassay-baseline.json: {count} findings\n")), "{made:?}");
    let text = read(&tree, "pgassay-baseline.json");
    assert!(text.contains("\"db/postgresql.conf\": {\n      \"fsync-off\": ["), "{text}");
    let quiet = concise(&tree, &["--baseline", "pgassay-baseline.json", "db"]);
    assert_eq!((quiet.code, &*quiet.out), (0, ""), "{quiet:?}");
    let told = run(&tree, &["check", "--baseline", "pgassay-baseline.json", "db"]);
    assert_eq!(told.out, format!("no findings in 2 files ({count} in the baseline)\n"));
    // The baseline itself is no input, though it has the words of access rows, and neither is a report.
    let args = ["check", "--baseline", "pgassay-baseline.json", "--output", "json=report.json"];
    for _ in 0..2 {
        let all = run(&tree, &args);
        assert_eq!(all.out, format!("no findings in 2 files ({count} in the baseline)\n"));
    }
    // Lines move, and a row comes in.
    write(&tree, "db/postgresql.conf", "\n\n# off\nfsync = off\n");
    write(&tree, "db/pg_hba.conf", &format!("\n{TRUST}host all all ::/0 trust\n"));
    let new = concise(&tree, &["--baseline", "pgassay-baseline.json", "--select", "fsync-off,hba-trust-remote"]);
    assert_eq!(new.code, 1);
    assert_eq!(new.out.lines().count(), 1, "{}", new.out);
    assert!(new.out.starts_with("db/pg_hba.conf:3:"), "{}", new.out);
    // Written twice, it is the same.
    run(&tree, &["baseline", "db"]);
    let first = read(&tree, "pgassay-baseline.json");
    run(&tree, &["baseline", "db"]);
    assert_eq!(read(&tree, "pgassay-baseline.json"), first);
}

#[test]
fn json_and_sarif_say_what_is_known() {
    let tree = tree();
    run(&tree, &["baseline", "db/postgresql.conf"]);
    let json = |args: &[&str]| -> serde_json::Value {
        serde_json::from_str(&run(&tree, &[&["check", "db", "--format"], args].concat()).out).expect("it is JSON")
    };
    let report = json(&["json", "--baseline", "pgassay-baseline.json"]);
    let outcome = |report: &serde_json::Value, rule: &str| {
        let findings = report["findings"].as_array().expect("a list");
        findings.iter().find(|finding| finding["rule"] == rule).expect("it is found")["outcome"].clone()
    };
    assert_eq!(outcome(&report, "fsync-off"), "baselined");
    assert_eq!(outcome(&report, "hba-trust-remote"), "open");
    assert!(report["summary"]["baselined"].as_u64() >= Some(1));
    let states = |args: &[&str]| {
        let log = json(&[&["sarif"], args].concat());
        let results = log["runs"][0]["results"].as_array().expect("a list").clone();
        let one = |result: &serde_json::Value| {
            let kinds = result["suppressions"].as_array().map(|list| list[0]["kind"].clone());
            (result["ruleId"].as_str().expect("an id").to_owned(), result.get("baselineState").cloned(), kinds)
        };
        results
            .iter()
            .map(one)
            .filter(|(rule, ..)| rule == "fsync-off" || rule == "hba-trust-remote")
            .collect::<Vec<_>>()
    };
    let (trust, fsync) = ("hba-trust-remote".to_owned(), "fsync-off".to_owned());
    assert_eq!(states(&["--no-baseline"]), [(trust.clone(), None, None), (fsync.clone(), None, None)]);
    let known = ["--baseline", "pgassay-baseline.json"];
    assert_eq!(states(&known), [(trust.clone(), Some("new".into()), None)], "GitHub would show the others as open");
    assert_eq!(
        states(&[&known[..], &["--sarif-suppressed"]].concat()),
        [(trust, Some("new".into()), None), (fsync, Some("unchanged".into()), Some("external".into()))]
    );
}

#[test]
fn a_ratchet_tells_what_is_gone() {
    let tree = tree();
    run(&tree, &["baseline"]);
    assert_eq!(run(&tree, &["baseline", "--check"]).code, 0);
    let old = read(&tree, "pgassay-baseline.json");
    assert_eq!(run(&tree, &["baseline", "--prune"]).code, 0);
    assert_eq!(read(&tree, "pgassay-baseline.json"), old);
    write(&tree, "db/postgresql.conf", "fsync = on\nfull_page_writes = off\n");
    let verbose = run(&tree, &["check", "-v", "--baseline", "pgassay-baseline.json"]);
    assert!(verbose.out.contains("findings of the baseline are gone: 1"), "{}", verbose.out);
    let check = run(&tree, &["baseline", "--check"]);
    assert_eq!(check.code, 1);
    assert!(check.out.starts_with("db/postgresql.conf: fsync-off: setting:fsync is gone\n"), "{}", check.out);
    assert_eq!(read(&tree, "pgassay-baseline.json"), old, "it only looked");
    // Other folders and rules than those that vanished are none of it.
    for args in [&["baseline", "--check", "sub"][..], &["baseline", "--check", "--select", "hba-trust-remote"]] {
        assert_eq!(run(&tree, args).code, 0, "{args:?}");
    }
    let prune = run(&tree, &["baseline", "--prune"]);
    assert_eq!(prune.code, 1);
    let new = read(&tree, "pgassay-baseline.json");
    assert!(!new.contains("fsync-off") && new.contains("hba-trust-remote"), "{new}");
    assert!(!new.contains("full-page-writes-off"), "nothing new comes in: {new}");
    assert_eq!(run(&tree, &["baseline", "--prune"]).code, 0);
    // A part of the tree leaves the rest as it was.
    run(&tree, &["baseline", "db/postgresql.conf"]);
    let both = read(&tree, "pgassay-baseline.json");
    assert!(both.contains("full-page-writes-off") && both.contains("hba-trust-remote"), "{both}");
}

#[test]
fn the_configuration_names_it_and_any_folder_will_do() {
    let tree = tree();
    write(&tree, "pgassay.toml", "baseline = \"known/db.json\"\n");
    fs::create_dir(tree.path().join("known")).expect("the folder can be made");
    assert_eq!(run(&tree, &["baseline", "--output", "all.json"]).code, 0);
    assert!(read(&tree, "all.json").contains("\"db/pg_hba.conf\""));
    assert_eq!(run(&tree, &["baseline"]).code, 0);
    assert_eq!(concise(&tree, &[]).code, 0);
    assert_eq!(concise(&tree, &["--no-baseline"]).code, 1);
    let inside = std::process::Command::new(env!("CARGO_BIN_EXE_pgassay"))
        .args(["check", "--baseline", "../all.json", "--format", "concise"])
        .current_dir(tree.path().join("db"))
        .output()
        .expect("pgassay starts");
    assert_eq!(String::from_utf8_lossy(&inside.stdout), "");
    assert_eq!(inside.status.code(), Some(0), "{inside:?}");
    let absolute = tree.path().join("db").to_str().expect("it is UTF-8").to_owned();
    assert_eq!(concise(&tree, &["--baseline", "all.json", &absolute]).code, 0);
}

#[test]
fn a_baseline_that_cannot_be_used_is_an_error() {
    let tree = tree();
    write(&tree, "damaged.json", "{\"version\": 1,");
    write(&tree, "later.json", "{\"version\": 7}");
    for (args, message) in [
        (&["check", "--baseline", "none.json"][..], "cannot read the baseline `none.json`"),
        (&["check", "--baseline", "damaged.json"], "cannot use the baseline `damaged.json`: it is damaged: EOF"),
        (&["check", "--baseline", "later.json"], "it is of version 7; this pgassay reads version 1"),
        (&["baseline", "--output", "damaged.json"], "remove the file to begin anew"),
        (&["baseline", "--prune", "--output", "none.json"], "cannot read the baseline `none.json`"),
        (&["baseline", "--output", "none/x.json"], "the folder `none` does not exist"),
        (&["baseline", "--output", "db"], "it is a folder"),
        (&["baseline", "-"], "standard input has no path"),
        (&["baseline", "nowhere"], "not written: not everything could be checked"),
    ] {
        let run = run(&tree, args);
        assert_eq!(run.code, 2, "{args:?}: {run:?}");
        assert!(run.err.contains(message), "{args:?}: {}", run.err);
    }
    assert_eq!(read(&tree, "damaged.json"), "{\"version\": 1,");
    assert!(!tree.path().join("pgassay-baseline.json").exists());
}
