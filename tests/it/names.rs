//! Files and folders with odd names: every format gives the name back, and none lets it act on a terminal.

use fluent_uri::UriRef;

use crate::Tree;

/// Names that a file system takes and a format may stumble over.
const NAMES: &[&str] = &[
    "a b",
    " a ",
    "a#b",
    "a%b",
    "a%20b",
    "a?b=c",
    "a:b",
    "C:",
    "file:",
    "http:",
    "a\"b",
    "a'b",
    "a\\b",
    "\\\\host",
    "größe",
    "日本語",
    "e\u{301}",
    "😀",
    "a\nb",
    "a\rb",
    "a\tb",
    "\u{1b}[31mred\u{1b}[0m",
    "\u{1b}]0;title\u{7}",
    "a\u{202e}b",
    "a\u{7f}b",
    "-x",
    "--help",
    "[x]",
    "{x}",
    "a*b",
    "a&b;c|d",
    "<x>",
    "~",
    "..a",
    "a+b",
    "%",
    "@x",
];

const OFF: &str = "fsync = off\n";

fn paths(output: &str) -> Vec<String> {
    let output: serde_json::Value = serde_json::from_str(output).expect("the output is JSON");
    let findings = output["findings"].as_array().expect("findings are a list");
    findings.iter().map(|finding| finding["path"].as_str().expect("a path is a text").to_owned()).collect()
}

/// The paths that a parser of URIs reads from a log.
fn uris(output: &str) -> Vec<String> {
    let log: serde_json::Value = serde_json::from_str(output).expect("the output is JSON");
    let results = log["runs"][0]["results"].as_array().expect("results are a list");
    let uri = |result: &serde_json::Value| {
        let uri = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
        let uri = UriRef::parse(uri.as_str().expect("a URI is a text").to_owned()).expect("it is a URI reference");
        assert!(uri.scheme().is_none() && uri.authority().is_none(), "{uri}");
        assert!(uri.query().is_none() && uri.fragment().is_none(), "{uri}");
        uri.path().decode().to_string().expect("the path is UTF-8").into_owned()
    };
    results.iter().map(uri).collect()
}

/// A tree with a folder of each name that holds a file of this text.
fn tree(text: &str) -> Tree {
    let files = NAMES.iter().map(|name| format!("{name}/postgresql.conf")).collect::<Vec<_>>();
    Tree::new(&files.iter().map(|file| (&**file, text)).collect::<Vec<_>>())
}

fn is_wild(c: char) -> bool {
    c.is_control() && c != '\n' || c == '\u{202e}'
}

#[cfg(unix)]
#[test]
fn names_come_back_from_every_format() {
    let tree = tree(OFF);
    let mut expected = NAMES.iter().map(|name| format!("{name}/postgresql.conf")).collect::<Vec<_>>();
    let run = |format: &str, named: &str| {
        let run = tree.run(&["check", "--select", "fsync-off", "--format", format, "--", named]);
        assert_eq!((run.code, &*run.err), (1, ""), "{named:?}");
        run.out
    };
    for file in &expected {
        assert_eq!(paths(&run("json", file)), [&**file]);
    }
    expected.sort();
    let sorted = |mut paths: Vec<String>| {
        paths.sort();
        paths
    };
    assert_eq!(sorted(paths(&run("json", "."))), expected);
    assert_eq!(sorted(uris(&run("sarif", "."))), expected);
    let concise = run("concise", ".");
    assert_eq!(concise.lines().count(), NAMES.len(), "{concise}");
    for line in concise.lines() {
        let said = "`fsync` is `off`: a crash of the system can destroy the whole cluster";
        assert!(line.ends_with(&format!("/postgresql.conf:1:1: error[fsync-off]: {said}")), "{line}");
    }
    for text in [concise, run("text", ".")] {
        assert_eq!(text.find(is_wild), None, "{text:?}");
    }
}

#[cfg(unix)]
#[test]
fn notes_do_not_act_on_a_terminal_either() {
    let run = tree("[Definition]\nfailregex = x\n").run(&["check", "-v", "."]);
    assert_eq!(run.out.matches("skipped: named like").count(), NAMES.len(), "{run:?}");
    assert_eq!((run.out.lines().count(), run.out.find(is_wild)), (NAMES.len() + 1, None), "{run:?}");
    for format in ["text", "concise"] {
        let run = Tree::new(&[]).run(&["check", "--format", format, "--", "\u{1b}[31mred/gone.conf"]);
        let all = format!("{}{}", run.out, run.err);
        assert_eq!((run.code, all.find(is_wild)), (2, None), "{run:?}");
        assert_eq!(all.matches("No such file").count(), 1, "{run:?}");
    }
}

#[test]
fn paths_are_short_and_relative() {
    let tree = Tree::new(&[("a/b/postgresql.conf", OFF)]);
    for named in ["./a", ".//a", "a//b", "a/./b", "a/b/../b", "./a/b//postgresql.conf", "./a//b/./"] {
        let run = |format| tree.run(&["check", "--select", "fsync-off", "--format", format, named]).out;
        let path = &paths(&run("json"))[0];
        let expected = if named == "a/b/../b" { "a/b/../b/postgresql.conf" } else { "a/b/postgresql.conf" };
        assert_eq!((&**path, &*uris(&run("sarif"))[0]), (expected, expected), "{named}");
    }
}
