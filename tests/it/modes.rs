//! Modes count on a host and nowhere else: whatever keeps no modes, or no server would start in, says nothing.

use crate::Tree;

const RULES: &str = "conf-file-mode,tls-key-mode,passfile-mode";

/// A data directory with a key, and a home, all open to everybody.
fn open(folder: &str) -> Tree {
    let at = |name: &str| format!("{folder}{name}");
    let names = ["PG_VERSION", "postgresql.conf", "pg_hba.conf", "server.key", "home/app/.pgpass"].map(at);
    let texts = ["17\n", "ssl = on\n", "local all all peer\n", "not a key\n", "db:5432:orders:app:hunter2-Zq8\n"];
    let files = names.iter().map(String::as_str).zip(texts).collect::<Vec<_>>();
    let tree = Tree::new(&files);
    for name in &names {
        tree.set_mode(name, 0o666);
    }
    tree.set_mode(folder, 0o700);
    tree
}

fn raised(tree: &Tree) -> Vec<String> {
    let run = tree.run(&["check", "--no-config", "--select", RULES, "--format", "json"]);
    assert!(run.code < 2 && run.err.is_empty(), "{run:?}");
    let output: serde_json::Value = serde_json::from_str(&run.out).expect("the output is JSON");
    let findings = output["findings"].as_array().expect("findings are a list");
    let word = |finding: &serde_json::Value, key: &str| finding[key].as_str().expect("it is a text").to_owned();
    findings.iter().map(|finding| format!("{} {}", word(finding, "path"), word(finding, "rule"))).collect()
}

const ALL: [&str; 4] = [
    "home/app/.pgpass passfile-mode",
    "pg_hba.conf conf-file-mode",
    "postgresql.conf conf-file-mode",
    "postgresql.conf tls-key-mode",
];

#[test]
fn of_a_host() {
    let tree = open("");
    assert_eq!(raised(&tree), ALL);
    tree.set_mode("postgresql.conf", 0o640);
    tree.set_mode("pg_hba.conf", 0o600);
    tree.set_mode("server.key", 0o400);
    tree.set_mode("home/app/.pgpass", 0o400);
    assert_eq!(raised(&tree), [""; 0]);
}

#[test]
fn of_a_data_directory_in_which_no_server_starts() {
    let tree = open("");
    tree.set_mode("", 0o755);
    assert_eq!(raised(&tree), [ALL[0]]);
    tree.set_mode("", 0o750);
    assert_eq!(raised(&tree), ALL);
}

#[test]
fn of_a_checkout() {
    for folder in [".git", ".hg", ".svn", ".jj"] {
        let tree = open("");
        std::fs::create_dir(tree.path().join(folder)).expect("the folder can be made");
        assert_eq!(raised(&tree), [""; 0], "{folder}");
    }
    // A worktree of git's has a file of that name.
    let tree = open("deep/down/");
    assert_eq!(raised(&tree).len(), ALL.len());
    std::fs::write(tree.path().join(".git"), "gitdir: elsewhere\n").expect("the file can be written");
    assert_eq!(raised(&tree), [""; 0]);
}

#[test]
fn of_debian() {
    let name = "etc/postgresql/17/main/pg_hba.conf";
    let tree = Tree::new(&[(name, "local all all peer\n")]);
    tree.set_mode(name, 0o664);
    assert_eq!(raised(&tree), [format!("{name} conf-file-mode")]);
    tree.set_mode(name, 0o640);
    assert_eq!(raised(&tree), [""; 0]);
}

#[test]
fn of_a_key_that_lies_elsewhere() {
    let conf = "ssl = on\nssl_key_file = '../keys/a.key'\n";
    let tree = Tree::new(&[("data/PG_VERSION", "17\n"), ("data/postgresql.conf", conf), ("keys/a.key", "not a key\n")]);
    tree.set_mode("data", 0o700);
    tree.set_mode("data/postgresql.conf", 0o600);
    tree.set_mode("keys/a.key", 0o644);
    assert_eq!(raised(&tree), ["data/postgresql.conf tls-key-mode"]);
    // What lies outside of the paths that are named is not looked at.
    let run = tree.run(&["check", "--no-config", "--select", RULES, "data"]);
    assert_eq!(run.code, 0, "{run:?}");
}
