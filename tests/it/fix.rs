//! `pgassay check --fix` and `--diff`: what they change, what they print, and that others can apply it.

use std::fs;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::{Run, Tree};

const CONF: &str = "# kept\nwork_mem = '64 MB'\nshared_buffers = 128 MB # why\n\nwal_level = replica\nssl = onn\n";
const HBA: &str = "local all all peer\nhots all app 127.0.0.1/32 scram-sha-256\n";

fn text(tree: &Tree, name: &str) -> String {
    fs::read_to_string(tree.path().join(name)).expect("the file is there")
}

/// Runs a program in the tree with a text on standard input.
fn feed(tree: &Tree, program: &str, args: &[&str], input: &str) -> Run {
    let mut command = Command::new(program);
    command
        .args(args)
        .current_dir(tree.path())
        .env_remove("PGASSAY_CONFIG")
        .env("GIT_CEILING_DIRECTORIES", tree.path());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("it is piped");
    // A program that does not read its input to the end is no fault of the test's.
    let _ = std::io::Write::write_all(&mut stdin, input.as_bytes());
    drop(stdin);
    Run::of(child.wait_with_output().expect("it ends"))
}

/// Applies the difference with git to one copy of the tree and makes the edits in another: both must come to the same.
fn held_against_git(files: &[(&str, &str)], more: &[&str]) -> (Tree, String) {
    let (fixed, applied) = (Tree::new(files), Tree::new(files));
    let diff = applied.run(&[&["check", "--diff"], more].concat());
    assert!(diff.code < 2 && diff.err.is_empty(), "{diff:?}");
    let run = fixed.run(
        &[&["check", "--fix"][..], &more.iter().copied().filter(|arg| *arg != "--show-secrets").collect::<Vec<_>>()]
            .concat(),
    );
    assert!(run.code < 2, "{run:?}");
    let git = feed(&applied, "git", &["apply", "--whitespace=nowarn", "-"], &diff.out);
    assert_eq!(git.code, 0, "{git:?}\n{}", diff.out);
    let all = |tree: &Tree| {
        let mut all = Vec::new();
        let mut folders = vec![tree.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("the folder can be read") {
                let path = entry.expect("it is there").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(tree.path()).expect("it lies below").to_owned();
                    all.push((name, fs::read(&path).expect("the file can be read")));
                }
            }
        }
        all.sort();
        all
    };
    assert_eq!(all(&fixed), all(&applied), "{}", diff.out);
    (fixed, diff.out)
}

#[test]
fn safe_edits_are_made_and_the_rest_is_told() {
    let tree = Tree::new(&[("postgresql.conf", "wal_level = 'replica\nport = 5432\n"), ("pg_hba.conf", HBA)]);
    let run = tree.run(&["check", "--fix"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.out.contains("fix: write `host` (unsafe, `--fix --unsafe-fixes`)"), "{run:?}");
    assert!(run.out.ends_with("no edits made; 1 more with `--unsafe-fixes`\n"), "{run:?}");
    assert_eq!(text(&tree, "pg_hba.conf"), HBA);
    let run = tree.run(&["check", "--fix", "--unsafe-fixes", "pg_hba.conf"]);
    assert!(run.out.contains("1 edit made in 1 file\n") && !run.out.contains("hots"), "{run:?}");
    assert_eq!(text(&tree, "pg_hba.conf"), HBA.replace("hots", "host"));
    let run = tree.run(&["check", "--fix", "--unsafe-fixes", "pg_hba.conf"]);
    assert!(run.out.ends_with("no edits made\n"), "{run:?}");
}

#[test]
fn differences_apply() {
    let crlf = CONF.replace('\n', "\r\n");
    let (fixed, _) = held_against_git(
        &[
            ("a b/postgresql.conf", CONF),
            ("crlf/postgresql.conf", &crlf),
            ("end/postgresql.conf", CONF.trim_end()),
            ("hba/pg_hba.conf", HBA),
            ("\u{e4}/pg_hba.conf", HBA.trim_end()),
        ],
        &["--unsafe-fixes"],
    );
    assert_eq!(text(&fixed, "hba/pg_hba.conf"), HBA.replace("hots", "host"));
    let crlf = text(&fixed, "crlf/postgresql.conf");
    assert!(crlf.contains("ssl = ") && crlf.lines().count() == crlf.matches("\r\n").count(), "{crlf:?}");
}

#[test]
fn differences_apply_around_secrets_and_say_where_they_do_not() {
    let secret = "primary_conninfo = 'host=/run/a user=b password=hunter2'\n";
    let filler = "# a\n# b\n# c\n# d\n";
    for (before, after) in [(filler, filler), ("", filler), ("# a\n", "# b\n"), ("", "# b\n"), (filler, "")] {
        let conf =
            format!("{secret}{before}shared_buffers = 128 MB\n{after}{}", if after.is_empty() { "" } else { secret });
        let run = Tree::new(&[("postgresql.conf", &conf)]).run(&["check", "--diff", "--unsafe-fixes"]);
        if run.out.is_empty() {
            panic!("there is an edit: {run:?}");
        }
        let (_, out) = held_against_git(&[("postgresql.conf", &conf)], &["--unsafe-fixes"]);
        assert!(!out.contains("hunter2"), "{out}");
    }
    // The line behind the edit has to be shown.
    let conf = format!("shared_buffers = 128 MB\n{secret}{filler}");
    let tree = Tree::new(&[("postgresql.conf", &conf)]);
    let run = tree.run(&["check", "--diff", "--unsafe-fixes"]);
    assert!(run.out.contains("****") && !run.out.contains("hunter2"), "{run:?}");
    assert!(
        run.err.contains("postgresql.conf: the difference has `****`") && run.err.contains("--show-secrets"),
        "{run:?}"
    );
    let (_, out) = held_against_git(&[("postgresql.conf", &conf)], &["--unsafe-fixes", "--show-secrets"]);
    assert!(out.contains("hunter2"), "{out}");
}

#[test]
fn recovery_conf_becomes_settings_and_a_signal_file() {
    let recovery = "# the primary\nstandby_mode = on\nprimary_conninfo = 'host=/run/p user=r password=hunter2'  # kept\n\n# lost\n\n\
        trigger_file = '/tmp/go'\n";
    let files = [("d/PG_VERSION", "15\n"), ("d/postgresql.conf", "port = 5432\n"), ("d/recovery.conf", recovery)];
    let more = ["--unsafe-fixes", "--select", "recovery", "--show-secrets"];
    let (tree, _) = held_against_git(&files, &more);
    let expected = "port = 5432\n\n# From recovery.conf:\n# the primary\n\
        primary_conninfo = 'host=/run/p user=r password=hunter2'  # kept\npromote_trigger_file = '/tmp/go'\n";
    assert_eq!(text(&tree, "d/postgresql.conf"), expected);
    assert_eq!(text(&tree, "d/standby.signal"), "");
    assert!(!tree.path().join("d/recovery.conf").exists());
    let tree = Tree::new(&files);
    let run = tree.run(&["check", "--fix", "--unsafe-fixes", "--select", "recovery-conf-removed"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{run:?}");
    assert!(run.out.contains("1 edit made in 3 files"), "{run:?}");
    // Without unsafe edits, and where 11 reads the file too, it stays.
    for args in [&["check", "--fix"][..], &["check", "--fix", "--unsafe-fixes", "--pg", "11..15"]] {
        let tree = Tree::new(&files);
        let run = tree.run(args);
        assert!(run.code < 2 && text(&tree, "d/recovery.conf") == recovery, "{run:?}");
    }
    // Later majors do not know the trigger.
    let tree = Tree::new(&files);
    tree.run(&["check", "--fix", "--unsafe-fixes", "--pg", "16..18"]);
    assert!(text(&tree, "d/postgresql.conf").contains("\n#promote_trigger_file = '/tmp/go'  # up to 15;"));
    // A file of that name is never replaced, whatever it is.
    let tree = Tree::new(&files);
    fs::create_dir(tree.path().join("d/standby.signal")).expect("a folder can be made");
    let run = tree.run(&["check", "--fix", "--unsafe-fixes"]);
    assert!(
        run.code == 2 && run.err.contains("d/standby.signal: not changed: something of that name is there"),
        "{run:?}"
    );
    assert_eq!(text(&tree, "d/recovery.conf"), recovery);
    assert_eq!(text(&tree, "d/postgresql.conf"), "port = 5432\n");
}

#[test]
fn patch_takes_differences() {
    let Ok(version) = Command::new("patch").arg("--version").output() else { return };
    if !String::from_utf8_lossy(&version.stdout).starts_with("GNU patch") {
        return;
    }
    let secret = "primary_conninfo = 'host=/run/a user=b password=hunter2'\n";
    let conf = format!("{secret}# a\nshared_buffers = 128 MB\n# b\n{secret}");
    let tree = Tree::new(&[("a b/postgresql.conf", &conf), ("pg_hba.conf", HBA)]);
    let diff = tree.run(&["check", "--diff", "--unsafe-fixes"]);
    let run = feed(&tree, "patch", &["-p1"], &diff.out);
    assert_eq!(run.code, 0, "{run:?}\n{}", diff.out);
    assert_eq!(text(&tree, "pg_hba.conf"), HBA.replace("hots", "host"));
    assert!(!text(&tree, "a b/postgresql.conf").contains("128 MB"), "{}", diff.out);
}

#[test]
fn standard_input_is_shown_and_never_written() {
    let tree = Tree::new(&[]);
    let pgassay = env!("CARGO_BIN_EXE_pgassay");
    let name = ["--stdin-filename", "pg_hba.conf", "--unsafe-fixes", "-"];
    let run = feed(&tree, pgassay, &[&["check", "--diff"], &name[..]].concat(), HBA);
    assert!(run.code == 1 && run.err.is_empty(), "{run:?}");
    assert!(run.out.starts_with("--- a/pg_hba.conf\n+++ b/pg_hba.conf\n@@ -1,2 +1,2 @@\n"), "{run:?}");
    assert!(run.out.contains("\n+host all app"), "{run:?}");
    let run = feed(&tree, pgassay, &[&["check", "--fix"], &name[..]].concat(), HBA);
    assert_eq!((run.code, run.out.as_str()), (2, ""), "{run:?}");
    assert!(run.err.contains("`--fix` writes files, and standard input is none"), "{run:?}");
}

#[test]
fn an_edit_that_brings_something_is_left_out_and_named() {
    // 10.0.0.0/0 is every address to the server.
    let hba = "hostssl all app 10.0.0.0/0 scram-sha-256\n";
    let tree = Tree::new(&[("pg_hba.conf", hba)]);
    let run = tree.run(&["check", "--fix", "--unsafe-fixes", "--profile", "strict"]);
    assert_eq!(text(&tree, "pg_hba.conf"), hba, "{run:?}");
    assert!(
        run.out.contains(
            "left out in pg_hba.conf: write the network as the server takes it; it would bring `hba-any-address`"
        ),
        "{run:?}"
    );
    assert!(!run.out.contains("fix: write the network"), "{run:?}");
}

#[test]
fn refusals_of_rules_that_were_not_selected_count() {
    let sql = "ALTER ROLE app SET wal_keep_segments = 5;\n";
    let tree = Tree::new(&[("roles.sql", sql)]);
    let run = tree.run(&["check", "--pg", "18", "--fix", "--unsafe-fixes", "--select", "sql-setting-unknown"]);
    assert_eq!(text(&tree, "roles.sql"), sql, "{run:?}");
    assert!(run.out.contains("; the server would refuse something with it: `wal_keep_size` holds"), "{run:?}");
}

#[test]
fn other_formats_stay_what_they_are() {
    let files = [("postgresql.conf", CONF), ("pg_hba.conf", HBA)];
    for format in ["json", "sarif"] {
        let tree = Tree::new(&files);
        let output = format!("{format}=report.out");
        let run = tree.run(&["check", "--fix", "--unsafe-fixes", "--format", format, "--output", &output]);
        assert!(run.code < 2 && run.err.is_empty(), "{run:?}");
        let report: Value = serde_json::from_str(&run.out).expect("it is JSON");
        let again: Value = serde_json::from_str(&text(&tree, "report.out")).expect("it is JSON");
        assert_eq!(report, again);
        assert!(!run.out.contains("hots") && !text(&tree, "pg_hba.conf").contains("hots"), "{run:?}");
    }
    let tree = Tree::new(&files);
    let run = tree.run(&["check", "--diff", "--unsafe-fixes", "--output", "json=report.json"]);
    assert!(run.out.starts_with("--- a/pg_hba.conf\n"), "{run:?}");
    // The report is of what is there.
    assert!(text(&tree, "report.json").contains("hots") && text(&tree, "pg_hba.conf") == HBA);
}

#[test]
fn what_cannot_be_asked_for_is_told() {
    let tree = Tree::new(&[("pg_hba.conf", HBA)]);
    for (args, part) in [
        (&["check", "--unsafe-fixes"][..], "`--unsafe-fixes` goes with"),
        (&["check", "--fix", "--diff"], "--diff"),
        (&["check", "--fix", "--show-secrets"], "--diff"),
        (&["check", "--diff", "--format", "json"], "`--diff` prints a difference"),
    ] {
        let run = tree.run(args);
        assert!(run.code == 2 && run.err.contains(part) && run.out.is_empty(), "{run:?}");
    }
    assert_eq!(text(&tree, "pg_hba.conf"), HBA);
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_written_keeps_no_other_from_it() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let tree = Tree::new(&[("a/pg_hba.conf", HBA), ("b/pg_hba.conf", HBA), ("real/x.txt", HBA)]);
    fs::set_permissions(tree.path().join("a/pg_hba.conf"), fs::Permissions::from_mode(0o444))
        .expect("a mode can be set");
    symlink("real/x.txt", tree.path().join("pg_hba.conf")).expect("a link can be made");
    let run = tree.run(&["check", "--fix", "--unsafe-fixes", "a", "b", "pg_hba.conf"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.err.contains("a/pg_hba.conf: not changed: it is read-only"), "{run:?}");
    assert!(run.err.contains("pg_hba.conf: not changed: it is a symbolic link"), "{run:?}");
    assert!(run.out.contains("1 edit made in 1 file"), "{run:?}");
    assert_eq!((text(&tree, "a/pg_hba.conf"), text(&tree, "real/x.txt")), (HBA.to_owned(), HBA.to_owned()));
    assert_eq!(text(&tree, "b/pg_hba.conf"), HBA.replace("hots", "host"));
    // What is only shown need not be writable.
    let run = tree.run(&["check", "--diff", "--unsafe-fixes", "a"]);
    assert!(run.code == 1 && run.err.is_empty() && run.out.starts_with("--- a/a/pg_hba.conf\n"), "{run:?}");
}

/// The edit of a door that stands open is made whatever else is edited beside it, though it uncovers lesser findings.
#[test]
fn an_open_door_is_shut_among_other_edits() {
    let rows = "host all all 0.0.0.0/0 trust\nhost all app 10.0.0.0/8 md5\n";
    let tree = Tree::new(&[("a/pg_hba.conf", rows), ("b/pg_hba.conf", rows), ("c/postgresql.conf", "fsync = off\n")]);
    let run = tree.run(&["check", "--fix", "--unsafe-fixes"]);
    for name in ["a", "b"] {
        let text = fs::read_to_string(tree.path().join(name).join("pg_hba.conf")).expect("it is there");
        assert!(text.starts_with("hostssl all all 0.0.0.0/0 scram-sha-256\n"), "{text}\n{}", run.out);
    }
}
