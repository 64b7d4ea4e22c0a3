//! `--only-named`: what a hook asks of the files of a commit.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::{Run, Tree};

fn check(tree: &Tree, files: &[&str]) -> Run {
    tree.run(&[&["check", "--only-named", "--format", "concise"], files].concat())
}

/// The findings as `path rule`.
fn found(tree: &Tree, files: &[&str]) -> Vec<String> {
    let run = check(tree, files);
    assert!(run.err.is_empty(), "{run:?}");
    let line = |line: &str| {
        let (path, rest) = line.split_once(':')?;
        Some(format!("{path} {}", rest.split_once('[')?.1.split_once(']')?.0))
    };
    run.out.lines().filter_map(line).collect()
}

#[test]
fn neighbours_are_read_and_not_reported() {
    let tree = Tree::new(&[
        ("db/postgresql.conf", "ssl = off\nfsync = off\ninclude_dir 'conf.d'\n"),
        ("db/pg_hba.conf", "hostssl all all 10.0.0.0/8 scram-sha-256\n"),
        ("db/conf.d/10-log.conf", "log_min_messages = nonsense\n"),
        ("web/postgresql.conf", "fsync = off\n"),
    ]);
    // What one file makes of the other is told for both.
    assert_eq!(found(&tree, &["db/pg_hba.conf"]), ["db/pg_hba.conf hba-hostssl-no-ssl"]);
    let of_conf = found(&tree, &["db/postgresql.conf"]);
    assert!(of_conf.contains(&"db/pg_hba.conf hba-hostssl-no-ssl".to_owned()), "{of_conf:?}");
    assert!(of_conf.contains(&"db/postgresql.conf fsync-off".to_owned()), "{of_conf:?}");
    assert!(!of_conf.iter().any(|line| line.starts_with("web/") || line.contains("10-log")), "{of_conf:?}");
    // An included file is judged as a part of its server.
    assert_eq!(found(&tree, &["db/conf.d/10-log.conf"]), ["db/conf.d/10-log.conf conf-bad-value"]);
    // A path from the root is the same file.
    let absolute = tree.path().join("db/pg_hba.conf");
    assert_eq!(found(&tree, &[absolute.to_str().expect("UTF-8")]), ["db/pg_hba.conf hba-hostssl-no-ssl"]);
    let run = tree.run(&["check", "--only-named", "db/pg_hba.conf"]);
    assert!(run.out.ends_with("1 error in 1 file\n"), "{}", run.out);
}

#[test]
fn a_compose_file_above_says_how_the_server_starts() {
    let compose = "services:\n  db:\n    image: postgres:16\n    command: -c ssl=on -c hba_file=/etc/pg/pg_hba.conf\n    \
                   volumes:\n      - ./db/pg_hba.conf:/etc/pg/pg_hba.conf\n";
    let files = [("compose.yaml", compose), ("db/pg_hba.conf", "hostssl all all 10.0.0.0/8 scram-sha-256\n")];
    assert_eq!(found(&Tree::new(&files), &["db/pg_hba.conf"]), [""; 0]);
}

#[test]
fn the_other_side_of_a_replication_lies_beside() {
    let tree = Tree::new(&[
        ("primary/postgresql.conf", "max_connections = 300\nwal_level = replica\n"),
        ("standby/postgresql.conf", "max_connections = 100\nprimary_conninfo = 'host=primary sslmode=verify-full'\n"),
        ("standby/standby.signal", ""),
    ]);
    for file in ["primary/postgresql.conf", "standby/postgresql.conf"] {
        let found = found(&tree, &[file]);
        assert!(found.contains(&"standby/postgresql.conf cluster-standby-parameter".to_owned()), "{file}: {found:?}");
    }
}

#[test]
fn what_git_ignores_is_no_neighbour() {
    let standby = "max_connections = 100\nprimary_conninfo = 'host=primary sslmode=verify-full'\n";
    let mut files = vec![
        (".git/config", ""),
        ("primary/postgresql.conf", "max_connections = 300\nwal_level = replica\n"),
        ("standby/postgresql.conf", standby),
        ("standby/standby.signal", ""),
    ];
    let of_primary = |files: &[(&str, &str)]| found(&Tree::new(files), &["primary/postgresql.conf"]);
    assert!(of_primary(&files).iter().any(|line| line.starts_with("standby/")), "{:?}", of_primary(&files));
    files.push((".gitignore", "/standby\n"));
    assert!(!of_primary(&files).iter().any(|line| line.starts_with("standby/")), "{:?}", of_primary(&files));
}

#[test]
fn a_node_of_the_configuration_brings_its_files() {
    let tree = Tree::new(&[
        (
            "pgassay.toml",
            "[[node]]\nname = \"db\"\nfiles = [\"conf/main/postgresql.conf\", \"access/rows/pg_hba.conf\"]\n",
        ),
        ("conf/main/postgresql.conf", "ssl = off\n"),
        ("access/rows/pg_hba.conf", "hostssl all all 10.0.0.0/8 scram-sha-256\n"),
    ]);
    assert_eq!(found(&tree, &["access/rows/pg_hba.conf"]), ["access/rows/pg_hba.conf hba-hostssl-no-ssl"]);
}

#[test]
fn files_of_no_interest_are_no_errors() {
    let tree = Tree::new(&[
        ("pgassay.toml", "[files]\n\"vendor/**\" = \"skip\"\n\"*.cfg\" = \"postgresql.conf\"\n"),
        ("vendor/pg_hba.conf", "host all all 0.0.0.0/0 trust\n"),
        ("vendor/pgassay.toml", "ignore = [\"fsync-off\"]\n"),
        ("nginx.conf", "events {\n}\n"),
        ("a.txt", "x\n"),
        ("db.cfg", "fsync = off\n"),
    ]);
    let run = check(&tree, &["vendor/pg_hba.conf", "nginx.conf", "a.txt"]);
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (0, "", ""), "{run:?}");
    // The configuration is the working directory's, as for the whole tree.
    assert_eq!(found(&tree, &["vendor/pg_hba.conf", "db.cfg"]), ["db.cfg fsync-off"]);
}

#[test]
fn what_takes_the_whole_tree_is_not_told() {
    let tree = Tree::new(&[
        ("db/postgresql.conf", "work_mem = 8MB # pgassay: ignore[fsync-off] -- elsewhere\ninclude 'gone.conf'\n"),
        ("db/pg_hba.conf", "local all all peer\n"),
    ]);
    assert_eq!(found(&tree, &["db/pg_hba.conf"]), [""; 0]);
    let found = found(&tree, &["db/postgresql.conf"]);
    assert!(!found.iter().any(|line| line.ends_with("suppression-unused")), "{found:?}");
}

#[test]
fn folders_and_standard_input_are_refused() {
    let tree = Tree::new(&[("db/postgresql.conf", "fsync = off\n")]);
    for (files, said) in [
        (&["db"][..], "pgassay: `--only-named` takes files, and `db` is none\n"),
        (&["-"], "pgassay: `--only-named` takes files, and `-` is none\n"),
        (&[], "pgassay: `--only-named` takes the files to report\n"),
    ] {
        let run = check(&tree, files);
        assert_eq!((run.code, run.err.as_str()), (2, said));
    }
    let run = check(&tree, &["gone/pg_hba.conf"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.err.starts_with("pgassay: gone/pg_hba.conf: cannot be read: "), "{}", run.err);
}

/// On trees of several servers, nothing is found from a file and its neighbours that the whole tree does not show.
#[test]
fn nothing_is_found_that_the_whole_tree_does_not_show() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut told = 0;
    for tree in ["clusters/debian", "clusters/logical-hub", "clusters/primary-replica", "profiles/weak"] {
        let folder = fixtures.join(tree);
        let mut files = Vec::new();
        walk(&folder, &folder, &mut files);
        let lines = |args: &[&str]| {
            let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_pgassay"));
            command.args(["check", "--format", "json", "--pg", "16"]).args(args).current_dir(&folder);
            let run = Run::of(command.env_remove("PGASSAY_CONFIG").output().expect("pgassay starts"));
            let open = run.out.lines().filter(|line| line.contains("\"outcome\":\"open\""));
            open.map(|line| line.trim_end_matches(',').to_owned()).collect::<BTreeSet<_>>()
        };
        let whole = lines(&["."]);
        for file in &files {
            let named = lines(&["--only-named", file]);
            told += named.len();
            let more = named.difference(&whole).collect::<Vec<_>>();
            assert!(more.is_empty(), "{tree}/{file}: {more:#?}");
        }
    }
    assert!(told > 40, "{told}");
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            walk(root, &path, files);
        } else {
            files.push(path.strip_prefix(root).expect("below the root").to_str().expect("UTF-8").to_owned());
        }
    }
}
