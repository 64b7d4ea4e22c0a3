//! `check --since` and `--diff-only`, on real repositories.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::{Run, Tree};

const CONF: &str = "ssl = on\nfsync = off\nwork_mem = 8MB\n";

/// Runs git in a folder of the tree, away from the user's own configuration.
fn git_in(tree: &Tree, folder: &str, args: &[&str]) -> String {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "protocol.file.allow=always"]);
    command.args(args).current_dir(tree.path().join(folder));
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").env_remove("GIT_DIR");
    let output = command.output().expect("git starts");
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("it is UTF-8")
}

fn git(tree: &Tree, args: &[&str]) -> String {
    git_in(tree, "", args)
}

fn commit(tree: &Tree, folder: &str) {
    git_in(tree, folder, &["add", "--all"]);
    git_in(tree, folder, &["commit", "--quiet", "--message", "m"]);
}

/// A repository with one commit of the files.
fn repository(files: &[(&str, &str)]) -> Tree {
    let tree = Tree::new(files);
    git(&tree, &["init", "--quiet", "--initial-branch=main"]);
    commit(&tree, "");
    tree
}

fn write(tree: &Tree, path: &str, text: &str) {
    let path = tree.path().join(path);
    fs::create_dir_all(path.parent().expect("it has a folder")).expect("the folder can be made");
    fs::write(path, text).expect("the file can be written");
}

fn since(tree: &Tree, args: &[&str]) -> Run {
    let run = tree.run(&[&["check", "--format", "concise"], args].concat());
    assert!(!run.err.contains("panicked"), "{run:?}");
    run
}

/// The places and rules of concise lines.
fn rules(run: &Run) -> Vec<String> {
    assert_eq!(run.err, "");
    let one = |line: &str| {
        let (place, rest) = line.split_once(": ").expect("it has a place");
        let rule = rest.split(['[', ']']).nth(1).expect("it has a rule");
        format!("{} {rule}", place.rsplit_once(':').expect("it has a column").0)
    };
    run.out.lines().map(one).collect()
}

#[test]
fn new_findings_and_those_on_changed_lines() {
    let tree = repository(&[("db/postgresql.conf", CONF), ("db/pg_hba.conf", "local all all peer\n")]);
    let unchanged = since(&tree, &["--since", "HEAD"]);
    assert_eq!((unchanged.code, &*unchanged.out), (0, ""), "{unchanged:?}");
    // Lines that move change nothing; an untracked file and one that is not committed are new.
    write(&tree, "db/postgresql.conf", &format!("\n\n{CONF}full_page_writes = off\n"));
    write(&tree, "new/postgresql.conf", "fsync = off\n");
    let run = since(&tree, &["--since", "HEAD"]);
    let expected = ["db/postgresql.conf:6 full-page-writes-off", "new/postgresql.conf:1 fsync-off"];
    assert_eq!(rules(&run), expected);
    assert_eq!(run.code, 1);
    // What was there and is written otherwise is told again.
    write(&tree, "db/postgresql.conf", &CONF.replace("fsync = off", "fsync = false"));
    assert_eq!(rules(&since(&tree, &["--since", "HEAD", "db"])), ["db/postgresql.conf:2 fsync-off"]);
    let text = tree.run(&["check", "--since", "HEAD", "db"]);
    assert!(text.out.contains("1 error in 2 files"), "{}", text.out);
    commit(&tree, "");
    assert_eq!(rules(&since(&tree, &["--since", "HEAD"])), [""; 0]);
    assert_eq!(rules(&since(&tree, &["--since", "HEAD~1", "db"])), ["db/postgresql.conf:2 fsync-off"]);
}

#[test]
fn a_line_that_went_brings_what_its_lack_means() {
    let rows = "hostssl all all 10.0.0.0/8 scram-sha-256\n";
    let tree = repository(&[("postgresql.conf", CONF), ("pg_hba.conf", rows)]);
    write(&tree, "postgresql.conf", &CONF.replace("ssl = on\n", ""));
    // Neither the head of the file nor the row of the other file is a changed line.
    let run = since(&tree, &["--since", "HEAD"]);
    assert!(rules(&run).iter().any(|rule| rule.starts_with("pg_hba.conf:1 ")), "{}", run.out);
    assert!(!run.out.contains("fsync-off"), "{}", run.out);
    let strict = since(&tree, &["--since", "HEAD", "--diff-only"]);
    assert_eq!((strict.code, &*strict.out), (0, ""), "{strict:?}");
}

#[test]
fn files_that_move_keep_what_is_known_of_them() {
    let tree = repository(&[("old/postgresql.conf", CONF)]);
    git(&tree, &["mv", "old", "now"]);
    assert_eq!(rules(&since(&tree, &["--since", "HEAD"])), [""; 0]);
    write(&tree, "now/postgresql.conf", &format!("{CONF}full_page_writes = off\n"));
    git(&tree, &["add", "."]);
    assert_eq!(rules(&since(&tree, &["--since", "HEAD"])), ["now/postgresql.conf:4 full-page-writes-off"]);
}

#[test]
fn a_suppression_that_goes_brings_its_finding_back() {
    let quiet = CONF.replace("fsync = off", "# pgassay: ignore[fsync-off] -- a test\nfsync = off");
    let tree = repository(&[("postgresql.conf", &quiet)]);
    write(&tree, "postgresql.conf", CONF);
    assert_eq!(rules(&since(&tree, &["--since", "HEAD"])), ["postgresql.conf:2 fsync-off"]);
}

#[test]
fn any_folder_and_any_way_to_write_the_paths_will_do() {
    let tree = repository(&[
        ("pgassay.toml", "[files]\n\"db/*.cfg\" = \"postgresql.conf\"\n\"db/old/**\" = \"skip\"\n"),
        ("db/main.cfg", CONF),
        ("db/old/postgresql.conf", CONF),
        ("a b/ü/postgresql.conf", CONF),
        (".gitignore", "*.bak.conf\n"),
    ]);
    write(&tree, "a b/ü/postgresql.conf", &format!("{CONF}full_page_writes = off\n"));
    let absolute = tree.path().canonicalize().expect("it is there").to_str().expect("it is UTF-8").to_owned();
    for path in [".", "a b", "./a b/ü/", "a b/ü/postgresql.conf", &absolute] {
        let run = since(&tree, &["--since", "HEAD", path]);
        let [rule] = &rules(&run)[..] else { panic!("{path}: {run:?}") };
        assert!(rule.ends_with("a b/ü/postgresql.conf:4 full-page-writes-off"), "{path}: {rule}");
    }
    let inside = Command::new(env!("CARGO_BIN_EXE_pgassay"))
        .args(["check", "--since", "HEAD", "--format", "concise", "../a b", "../db"])
        .current_dir(tree.path().join("db"))
        .output()
        .expect("pgassay starts");
    let out = String::from_utf8_lossy(&inside.stdout);
    assert!(out.lines().count() == 1 && out.contains("full-page-writes-off"), "{out}");
    let elsewhere = Tree::new(&[]);
    assert_eq!(since(&elsewhere, &["--since", "HEAD", &absolute]).out.lines().count(), 1);
    git(&tree, &["config", "diff.noprefix", "true"]);
    git(&tree, &["config", "diff.external", "false"]);
    git(&tree, &["config", "color.ui", "always"]);
    assert_eq!(since(&tree, &["--since", "HEAD"]).out.lines().count(), 1);
    let status = git(&tree, &["status", "--short"]);
    assert_eq!(status.lines().count(), 1, "the working tree is left alone: {status}");
}

#[test]
fn submodules_have_their_own_past() {
    let library = repository(&[("postgresql.conf", CONF)]);
    let tree = repository(&[("postgresql.conf", CONF)]);
    let url = library.path().to_str().expect("it is UTF-8");
    git(&tree, &["submodule", "--quiet", "add", url, "lib"]);
    commit(&tree, "");
    assert_eq!(rules(&since(&tree, &["--since", "HEAD"])), [""; 0]);
    write(&tree, "lib/postgresql.conf", &format!("{CONF}full_page_writes = off\n"));
    commit(&tree, "lib");
    assert_eq!(rules(&since(&tree, &["--since", "HEAD"])), ["lib/postgresql.conf:4 full-page-writes-off"]);
    assert_eq!(rules(&since(&tree, &["--since", "HEAD", "lib"])), ["lib/postgresql.conf:4 full-page-writes-off"]);
}

#[test]
fn a_branch_is_held_against_where_it_began() {
    let tree = repository(&[("postgresql.conf", CONF)]);
    git(&tree, &["checkout", "--quiet", "-b", "topic"]);
    write(&tree, "x.txt", "");
    commit(&tree, "");
    git(&tree, &["checkout", "--quiet", "main"]);
    write(&tree, "postgresql.conf", &CONF.replace("fsync = off", "fsync = on"));
    commit(&tree, "");
    git(&tree, &["checkout", "--quiet", "topic"]);
    // Main has mended it meanwhile, which is nothing that the branch did.
    assert_eq!(rules(&since(&tree, &["--since", "main"])), ["postgresql.conf:2 fsync-off"]);
    assert_eq!(rules(&since(&tree, &["--since", "main..."])), [""; 0]);
}

#[test]
fn what_git_does_not_know_is_an_error() {
    let outside = Tree::new(&[("postgresql.conf", CONF)]);
    let tree = repository(&[("postgresql.conf", CONF)]);
    write(&tree, "postgresql.conf", "");
    commit(&tree, "");
    let path = outside.path().to_str().expect("it is UTF-8");
    let cases: &[(&Tree, &[&str], &str)] = &[
        (&outside, &["--since", "HEAD"], "`--since` asks git: "),
        (&tree, &["--since", "nowhere"], "`nowhere` is no revision of the repository in"),
        (&tree, &["--since=--output=x"], "`--output=x` is no revision"),
        (&tree, &["--since", "HEAD", path], "`--since` asks git: "),
        (&tree, &["--since", "HEAD", ".", path], "does not lie in the repository"),
        (&tree, &["--since", "HEAD", "-"], "standard input has no revisions"),
        (&tree, &["--since", "HEAD", "--diff-only=x.diff"], "leave out `--since` or the path"),
        (&tree, &["--diff-only=none.diff"], "cannot read the diff `none.diff`"),
        (
            &tree,
            &["--diff-only=postgresql.conf.diff"],
            "cannot use the diff of `postgresql.conf.diff`: it is no unified diff",
        ),
        (&tree, &["--diff-only", "-"], "standard input cannot be both"),
    ];
    write(&tree, "postgresql.conf.diff", "fsync = off\n");
    for (tree, args, message) in cases {
        let run = since(tree, args);
        assert_eq!(run.code, 2, "{args:?}: {run:?}");
        assert!(run.err.contains(message), "{args:?}: {}", run.err);
    }
    let clone = Tree::new(&[]);
    let url = format!("file://{}", tree.path().to_str().expect("it is UTF-8"));
    git(&clone, &["clone", "--quiet", "--depth=1", &url, "."]);
    let run = since(&clone, &["--since", "HEAD~1"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("shallow clone") && run.err.contains("fetch-depth: 0"), "{}", run.err);
}

/// Checks with a diff on standard input.
fn piped(tree: &Tree, folder: &str, diff: &str, args: &[&str]) -> Run {
    let mut child = Command::new(env!("CARGO_BIN_EXE_pgassay"))
        .args(["check", "--format", "concise", "--diff-only"])
        .args(args)
        .current_dir(tree.path().join(folder))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("pgassay starts");
    child.stdin.take().expect("standard input").write_all(diff.as_bytes()).expect("it reads its input");
    Run::of(child.wait_with_output().expect("pgassay ends"))
}

#[test]
fn lines_of_a_diff_are_those_of_the_new_side() {
    let tree = repository(&[("b/postgresql.conf", CONF), ("postgresql.conf", CONF)]);
    write(&tree, "b/postgresql.conf", &format!("{CONF}full_page_writes = off\n"));
    let expected = ["b/postgresql.conf:4 full-page-writes-off"];
    for args in [
        &["diff"][..],
        &["diff", "--unified=0"],
        &["diff", "--no-prefix"],
        &["diff", "--src-prefix=i/", "--dst-prefix=w/"],
    ] {
        assert_eq!(rules(&piped(&tree, "", &git(&tree, args), &[])), expected, "{args:?}");
    }
    // git writes paths from the top, wherever pgassay runs; `--relative` and others write them from there.
    assert_eq!(rules(&piped(&tree, "b", &git(&tree, &["diff"]), &[])), ["postgresql.conf:4 full-page-writes-off"]);
    let relative = git_in(&tree, "b", &["diff", "--relative"]);
    assert_eq!(rules(&piped(&tree, "b", &relative, &[])), ["postgresql.conf:4 full-page-writes-off"]);
    let nothing = piped(&tree, "", "", &[]);
    assert_eq!((nothing.code, &*nothing.out), (0, ""));
    assert_eq!(piped(&tree, "", "fsync = off\n", &[]).code, 2);
    write(&tree, "pr.diff", &git(&tree, &["diff"]));
    let run = tree.run(&["check", "--format", "concise", "--diff-only=pr.diff"]);
    assert_eq!(rules(&run), expected);
}
