//! Exit codes, formats, suppressions and pgassay.toml.

use crate::Tree;

const WEAK: (&str, &str) = ("postgresql.conf", "fsync = off\n");

#[test]
fn exit_codes() {
    let weak = Tree::new(&[WEAK]);
    assert_eq!(weak.run(&["check"]).code, 1);
    assert_eq!(weak.run(&[]).code, 1, "check is the default command");
    assert_eq!(weak.run(&["check", "--exit-zero"]).code, 0);
    assert_eq!(weak.run(&["check", "--ignore", "fsync-off"]).code, 0);
    let clean = Tree::new(&[("postgresql.conf", "fsync = on\n")]);
    assert_eq!(clean.run(&["check"]).code, 0);
    for args in [
        &["check", "--format", "concise", "nowhere"][..],
        &["check", "--pg", "9"],
        &["check", "--select", "no-such-rule"],
        &["check", "--config", "nowhere.toml"],
        &["explain", "no-such-rule"],
        &["check", "--format", "xml"],
        &["check", "--no-such-flag"],
    ] {
        let run = weak.run(args);
        assert_eq!(run.code, 2, "{args:?}: {run:?}");
        assert!(!run.err.is_empty(), "{args:?} says nothing");
    }
    // One bad file does not hide the findings of another, whatever --exit-zero says.
    let odd = Tree::new(&[WEAK, ("notes.txt", "prose\n")]);
    let run = odd.run(&["check", "postgresql.conf", "notes.txt", "--exit-zero", "--format", "concise"]);
    assert_eq!(run.code, 2);
    assert!(run.out.contains("fsync-off") && run.err.contains("notes.txt"), "{run:?}");
}

#[test]
fn a_closed_pipe_is_no_error() {
    let text = "fsync = off\n".to_owned() + &"full_page_writes = off\n".repeat(5000);
    let tree = Tree::new(&[("postgresql.conf", &text)]);
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_pgassay"))
        .args(["check", "--profile", "strict"])
        .current_dir(tree.path())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("pgassay starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("pgassay ends");
    assert!(output.status.success(), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
}

#[test]
fn standard_input() {
    use std::io::Write;
    let run = |args: &[&str], text: &str| {
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_pgassay"))
            .args(args)
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .expect("pgassay starts");
        child.stdin.take().expect("standard input").write_all(text.as_bytes()).expect("it reads its input");
        crate::Run::of(child.wait_with_output().expect("pgassay ends"))
    };
    let found = run(&["check", "-", "--stdin-filename", "x/postgresql.conf", "--format", "concise"], "fsync = off\n");
    assert_eq!(found.code, 1);
    assert!(found.out.starts_with("x/postgresql.conf:1:1: error[fsync-off]"), "{found:?}");
    assert_eq!(run(&["check", "-"], "some prose\n").code, 2);
    assert_eq!(run(&["check", "-", "--kind", "postgresql.conf"], "fsync = on\n").code, 0);
}

#[test]
fn suppressions() {
    for (text, code) in [
        ("fsync = off # pgassay: ignore[fsync-off] -- a cluster for tests\n", 0),
        ("# pgassay: ignore[fsync-off]\nfsync = off\n", 0),
        ("# pgassay: ignore-file[fsync-off] -- tests\n\nfsync = off\n", 0),
        ("fsync = off # pgassay: ignore[fsync-off] until 2020-01-31 -- late\n", 1),
        ("fsync = off # pgassay: ignore[fsync-of]\n", 1),
        ("fsync = on # pgassay: ignore[fsync-off]\n", 1),
        ("# pgassay: ignore[fsync-off]\nwork_mem = 8MB\nfsync = off\n", 1),
    ] {
        let tree = Tree::new(&[("postgresql.conf", text)]);
        let run = tree.run(&["check", "--format", "concise"]);
        assert_eq!(run.code, code, "{text}: {run:?}");
    }
}

#[test]
fn configuration() {
    let tree = Tree::new(&[
        (
            "pgassay.toml",
            "pg = 16\n[rules.fsync-off]\nseverity = \"info\"\n[files]\n\"db.cfg\" = \"postgresql.conf\"\n\"old/**\" = \"skip\"\n",
        ),
        ("db.cfg", "fsync = off\n"),
        ("old/postgresql.conf", "fsync = off\n"),
        ("sub/x.txt", ""),
    ]);
    let run = tree.run(&["check", "--format", "concise"]);
    assert_eq!((run.code, run.out.lines().count()), (0, 1), "{run:?}");
    assert!(run.out.starts_with("db.cfg:1:1: info[fsync-off]"), "{run:?}");
    let faulty = Tree::new(&[("pgassay.toml", "pg = 16\nprofle = \"strict\"\n"), WEAK]);
    let run = faulty.run(&["check"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("pgassay.toml:2") && run.err.contains("did you mean `profile`?"), "{}", run.err);
}

#[test]
fn several_outputs_in_one_run() {
    let tree = Tree::new(&[WEAK]);
    let run = tree.run(&["check", "--output", "sarif=report.sarif", "--output", "json=report.json"]);
    assert_eq!(run.code, 1);
    assert!(run.out.contains("fsync-off"));
    let sarif = std::fs::read_to_string(tree.path().join("report.sarif")).expect("the SARIF report is there");
    let json = std::fs::read_to_string(tree.path().join("report.json")).expect("the JSON report is there");
    let sarif: serde_json::Value = serde_json::from_str(&sarif).expect("it is JSON");
    let json: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "fsync-off");
    assert_eq!(json["findings"][0]["rule"], "fsync-off");
    assert_eq!(json["version"], 1);
}

const FORMATS: [&str; 8] = ["text", "concise", "json", "sarif", "github", "gitlab", "junit", "rdjson"];

#[test]
fn every_format_goes_with_every_other_and_has_the_same_exit_codes() {
    let (weak, clean) = (Tree::new(&[WEAK]), Tree::new(&[("postgresql.conf", "fsync = on\n")]));
    for format in FORMATS {
        assert_eq!(weak.run(&["check", "--format", format]).code, 1, "{format}");
        assert_eq!(weak.run(&["check", "--format", format, "--exit-zero"]).code, 0, "{format}");
        assert_eq!(weak.run(&["check", "--format", format, "nowhere"]).code, 2, "{format}");
        assert_eq!(clean.run(&["check", "--format", format]).code, 0, "{format}");
        let outputs = FORMATS.map(|other| format!("--output={other}=out.{other}"));
        let outputs = outputs.iter().map(String::as_str);
        let run = weak.run(&["check", "--format", format].into_iter().chain(outputs).collect::<Vec<_>>());
        assert_eq!(run.code, 1, "{run:?}");
        let written = std::fs::read_to_string(weak.path().join(format!("out.{format}"))).expect("it is there");
        assert_eq!(written, run.out, "a file has what standard output has");
    }
    let left = std::fs::read_dir(weak.path()).expect("it is a folder").count();
    assert_eq!(left, 1 + FORMATS.len(), "nothing is left beside");
}

#[test]
fn reports_that_cannot_be_written_are_told_before_anything_is_read() {
    let tree = Tree::new(&[WEAK, ("out/x", "")]);
    for (args, message) in [
        (&["--output", "json=no/a.json"][..], "cannot write `no/a.json`: the folder `no` does not exist"),
        (&["--output", "json=out"], "cannot write `out`: it is a folder"),
        (&["--output", "json=-"], "standard output is what `--format` is for"),
        (&["--output", "json=a", "--output", "sarif=out/../a"], "two reports would be written to `out/../a`"),
        (&["--output", "json=a", "--output", "json=a"], "two reports would be written to `a`"),
        (&["--output", "xml=a"], "invalid value"),
        (&["--output", "json"], "write it as FORMAT=PATH"),
    ] {
        let run = tree.run(&[&["check"], args].concat());
        assert_eq!((run.code, &*run.out), (2, ""), "{args:?}: {run:?}");
        assert!(run.err.contains(message), "{args:?}: {}", run.err);
        assert!(!tree.path().join("a").exists(), "{args:?}");
    }
    let run = tree.run(&["upgrade", "--to", "18", "--output", "json=no/a.json"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("the folder `no` does not exist"), "{}", run.err);
}

#[test]
fn help_is_what_can_be_written() {
    let row = "hostssl a a 10.1.0.0/0 scram-sha-256\nhostssl b b 10.1.2.3/16 scram-sha-256\n";
    let run = Tree::new(&[("pg_hba.conf", row)]).run(&["--format", "json", "--select", "hba-host-bits"]);
    let output: serde_json::Value = serde_json::from_str(&run.out).expect("the output is JSON");
    let help = |index: usize| output["findings"][index]["help"].as_str().unwrap_or_default();
    assert_eq!(help(0), "write `0.0.0.0/0` if the network is meant, or `10.1.0.0/32` for the one address");
    assert_eq!(help(1), "write `10.1.0.0/16` if the network is meant, or `10.1.2.3/32` for the one address");
}

#[test]
fn folders_that_git_cannot_hold_are_not_missed() {
    let tree = Tree::new(&[("postgresql.conf", "include_dir = 'conf.d'\ninclude = 'more.conf'\n")]);
    let run = tree.run(&["--format", "concise", "--select", "conf-include-missing"]);
    assert!(run.out.starts_with("postgresql.conf:2:") && run.out.lines().count() == 1, "{}", run.out);
}
