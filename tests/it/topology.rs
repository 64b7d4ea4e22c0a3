//! The servers of the trees in `fixtures/topology` and what replicates between them.

use std::path::{Path, PathBuf};
use std::process::Command;

use roxmltree::Document;

use crate::{Run, Tree};

fn cluster(folder: &Path, format: &str) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pgassay"));
    command.args(["cluster", "--format", format]).current_dir(folder);
    Run::of(command.output().expect("pgassay starts"))
}

/// Compares with `fixtures/topology/<tree>.txt`; PGASSAY_UPDATE=1 writes it, to be read before it is kept.
#[test]
fn servers_and_edges() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/topology");
    let mut trees = 0;
    for entry in std::fs::read_dir(&root).expect("the fixtures are there") {
        let folder = entry.expect("the folder can be read").path();
        if !folder.is_dir() {
            continue;
        }
        trees += 1;
        let run = cluster(&folder, "text");
        assert_eq!(run.code, 0, "{}: {}", folder.display(), run.err);
        let path = folder.with_extension("txt");
        if std::env::var_os("PGASSAY_UPDATE").is_some() {
            std::fs::write(&path, &run.out).expect("the expectation can be written");
        }
        let expected = std::fs::read_to_string(&path).expect("the expectation is there");
        assert_eq!(run.out, expected, "{}", folder.display());
    }
    assert!(trees >= 8, "{trees} trees are too few");
}

#[test]
fn json_names_both_ends() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/topology/ports");
    let shown: serde_json::Value = serde_json::from_str(&cluster(&root, "json").out).expect("the output is JSON");
    let names = |id: &serde_json::Value| {
        id.as_u64().map(|id| shown["nodes"][id as usize]["name"].as_str().expect("a name").to_owned())
    };
    let edges = shown["edges"].as_array().expect("edges").iter();
    let edges = edges.map(|edge| (edge["name"].as_str().expect("a name"), names(&edge["from"]), names(&edge["to"])));
    let expected = [("items", Some("a"), Some("b")), ("itself", Some("b"), Some("b")), ("nobody", None, Some("b"))];
    let expected = expected.map(|(name, from, to)| (name, from.map(str::to_owned), to.map(str::to_owned)));
    assert_eq!(edges.collect::<Vec<_>>(), expected);
}

/// The trees in `fixtures/topology` and `fixtures/clusters`.
fn trees() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let of = |name: &str| std::fs::read_dir(root.join(name)).expect("the fixtures are there");
    let entries = of("topology").chain(of("clusters")).map(|entry| entry.expect("the folder can be read").path());
    let mut folders = entries.filter(|path| path.is_dir()).collect::<Vec<_>>();
    folders.sort();
    assert!(folders.len() >= 12, "{} trees are too few", folders.len());
    folders
}

/// What is shown of each tree is well-formed, and shows every server and edge.
#[test]
fn pictures_are_well_formed() {
    for folder in trees() {
        let shown: serde_json::Value = serde_json::from_str(&cluster(&folder, "json").out).expect("JSON");
        let nodes = shown["nodes"].as_array().expect("nodes");
        let edges = shown["edges"].as_array().expect("edges").len();
        let svg = cluster(&folder, "svg").out;
        let picture = Document::parse(&svg).unwrap_or_else(|error| panic!("{}: {error}\n{svg}", folder.display()));
        let of = |class: &str| {
            let has =
                |node: &roxmltree::Node| node.attribute("class").is_some_and(|of| of.split(' ').any(|of| of == class));
            picture.descendants().filter(has).count()
        };
        let legend = svg.matches(">replicates<").count()
            + svg.matches(">likely<").count()
            + svg.matches(">prepared only<").count();
        assert_eq!((of("server"), of("way") - legend), (nodes.len(), edges), "{svg}");
        assert!(!svg.contains("href") && !svg.contains("<script"), "{svg}");
        let html = cluster(&folder, "html").out;
        let page = html.strip_prefix("<!DOCTYPE html>\n").expect("a page");
        let page = Document::parse(page).unwrap_or_else(|error| panic!("{}: {error}\n{html}", folder.display()));
        assert_eq!(page.descendants().filter(|node| node.has_tag_name("tbody")).count(), 1 + usize::from(edges > 0));
        for node in nodes {
            let name = node["name"].as_str().expect("a name");
            let is_cell = |of: &roxmltree::Node| of.has_tag_name("td") && of.text() == Some(name);
            assert!(page.descendants().any(|node| is_cell(&node)), "{name}: {html}");
        }
        let graph = cluster(&folder, "dot").out;
        assert_eq!(graph.lines().filter(|line| line.contains(" -> ")).count(), edges, "{graph}");
        dot(&graph);
    }
}

/// Holds a graph against the part of Graphviz's grammar that is used: statements of names, arrows and attributes.
fn dot(graph: &str) {
    let body = graph.strip_prefix("digraph cluster {\n").and_then(|rest| rest.strip_suffix("}\n")).expect("a graph");
    for line in body.lines() {
        let mut rest = line.trim().strip_suffix(';').unwrap_or_else(|| panic!("{line}"));
        let mut bare = String::new();
        // Strings become `S`; a backslash takes the next character with it.
        while let Some((before, string)) = rest.split_once('"') {
            bare += before;
            bare.push('S');
            let mut characters = string.char_indices();
            let end = loop {
                match characters.next() {
                    Some((_, '\\')) => {
                        let (_, next) = characters.next().expect("an escape has an end");
                        assert!(matches!(next, '\\' | '"' | 'n'), "{line}");
                    }
                    Some((at, '"')) => break at,
                    Some((_, c)) => assert!(!c.is_control(), "{line}"),
                    None => panic!("a string has no end: {line}"),
                }
            };
            rest = &string[end + 1..];
        }
        bare += rest;
        let word = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric());
        let pair = |text: &str| text.split_once('=').is_some_and(|(name, value)| word(name) && word(value));
        let (what, attributes) = bare.split_once(" [").unwrap_or((&bare, "a=b]"));
        let attributes = attributes.strip_suffix(']').unwrap_or_else(|| panic!("{line}"));
        assert!(attributes.split(", ").all(pair), "{line}");
        assert!(pair(what) || what.split(" -> ").all(word), "{line}");
    }
}

/// Names and targets that look like markup or escapes stay text; control characters and passwords are not shown.
#[test]
fn hostile_names_are_escaped() {
    let files = [
        (
            "pgassay.toml",
            "[[node]]\npath = 'a'\nname = 'x\"]; <script>&amp; \\N \\'\n[[node]]\npath = 'b'\nname = \"b\\u001b[31m\"\n",
        ),
        ("a/postgresql.conf", "port = 5432\n"),
        ("b/postgresql.conf", "primary_conninfo = 'host=<i>&&\"\\\\ password=hushhush99'\nprimary_slot_name = 's1'\n"),
        ("b/standby.signal", ""),
        (
            "b/more.sql",
            "create subscription \"s<b>\" connection 'host=nowhere password=hushhush99' publication \"p&\";\n",
        ),
    ];
    let tree = Tree::new(&files);
    for format in ["text", "json", "dot", "svg", "html"] {
        let run = tree.run(&["cluster", "--format", format]);
        assert_eq!(run.code, 0, "{}", run.err);
        assert!(!run.out.contains("hushhush99") && !run.out.contains('\x1b'), "{format}: {}", run.out);
        match format {
            "dot" => dot(&run.out),
            "svg" => {
                let picture = Document::parse(&run.out).expect("well-formed");
                let texts =
                    picture.descendants().filter(|node| node.has_tag_name("text")).filter_map(|node| node.text());
                let texts = texts.collect::<Vec<_>>();
                for text in ["x\"]; <script>&amp; \\N \\", "\"s<b>\"", "slot s1"] {
                    assert!(texts.contains(&text), "{text}: {texts:?}");
                }
            }
            _ => {}
        }
    }
}

/// A picture of many servers has no two boxes over each other and nothing outside of it.
#[test]
fn boxes_do_not_overlap() {
    let mut files = Vec::new();
    for number in 0..30 {
        let from = if number % 3 == 0 { number / 4 } else { (number * 7) % 11 };
        files.push((format!("db{number}/postgresql.conf"), format!("primary_conninfo = 'host=db{from}'\n")));
        files.push((format!("db{number}/standby.signal"), String::new()));
    }
    let files = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect::<Vec<_>>();
    let svg = Tree::new(&files).run(&["cluster", "--format", "svg"]).out;
    let picture = Document::parse(&svg).expect("well-formed");
    let root = picture.root_element();
    let number = |node: &roxmltree::Node, name: &str| -> f64 { node.attribute(name).expect(name).parse().expect(name) };
    let (width, height) = (number(&root, "width"), number(&root, "height"));
    let is_box = |node: &roxmltree::Node| node.attribute("class") == Some("server");
    let boxes = picture.descendants().filter(is_box).map(|node| {
        let (x, y) = (number(&node, "x"), number(&node, "y"));
        (x, y, x + number(&node, "width"), y + number(&node, "height"))
    });
    let boxes = boxes.collect::<Vec<_>>();
    assert_eq!(boxes.len(), 30);
    for (index, one) in boxes.iter().enumerate() {
        assert!(one.0 >= 0.0 && one.1 >= 0.0 && one.2 <= width && one.3 <= height, "{one:?} in {width} x {height}");
        for other in &boxes[..index] {
            let apart = one.2 <= other.0 || other.2 <= one.0 || one.3 <= other.1 || other.3 <= one.1;
            assert!(apart, "{one:?} lies over {other:?}");
        }
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("the folder can be made");
    for entry in std::fs::read_dir(from).expect("the folder can be read") {
        let entry = entry.expect("the folder can be read");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("the file can be copied");
        }
    }
}

/// What `pgassay init` writes changes nothing of what the tree tells: not which servers there are, nor what replicates.
#[test]
fn init_writes_what_the_tree_tells() {
    for folder in trees() {
        let copied = tempfile::tempdir().expect("a temporary folder");
        copy(&folder, copied.path());
        let run = |args: &[&str]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_pgassay"));
            Run::of(command.args(args).current_dir(copied.path()).output().expect("pgassay starts"))
        };
        let told = || {
            let shown: serde_json::Value =
                serde_json::from_str(&run(&["cluster", "--format", "json"]).out).expect("JSON");
            let nodes = shown["nodes"].as_array().expect("nodes");
            // Names are what is new; servers are told apart by their files.
            let node = |id: &serde_json::Value| {
                id.as_u64().map(|id| {
                    let node = &nodes[id as usize];
                    let members = ["role", "majors", "addresses", "port", "files"].map(|key| node[key].to_string());
                    members.join(" ")
                })
            };
            let edges = shown["edges"].as_array().expect("edges").iter().map(|edge| {
                let keys = ["kind", "name", "target", "certain", "active", "publications", "slot", "path", "line"];
                format!(
                    "{:?} -> {:?}: {:?}",
                    node(&edge["from"]),
                    node(&edge["to"]),
                    keys.map(|key| edge[key].to_string())
                )
            });
            let mut edges = edges.collect::<Vec<_>>();
            edges.sort();
            let mut servers = nodes.iter().filter_map(|of| node(&of["id"])).collect::<Vec<_>>();
            servers.sort();
            (servers, edges)
        };
        let before = told();
        let made = run(&["init", "--force"]);
        assert_eq!(made.code, 0, "{}: {}", folder.display(), made.err);
        let text = std::fs::read_to_string(copied.path().join("pgassay.toml")).expect("the file is there");
        assert_eq!(told(), before, "{}\n{text}", folder.display());
        // Once more, with what it says itself: the same.
        let again = run(&["init", "--stdout"]);
        assert_eq!(again.code, 0, "{}: {}\n{text}", folder.display(), again.err);
        assert_eq!(again.out, text, "{}", folder.display());
        let path = folder.with_extension("init.toml");
        if folder.parent().is_some_and(|parent| parent.ends_with("topology")) {
            if std::env::var_os("PGASSAY_UPDATE").is_some() {
                std::fs::write(&path, &text).expect("the expectation can be written");
            }
            assert_eq!(text, std::fs::read_to_string(&path).expect("the expectation is there"), "{}", folder.display());
        }
    }
}

#[test]
fn init_replaces_nothing_unasked() {
    let tree = Tree::new(&[("db1/postgresql.conf", "port = 5432\n"), (".pgassay.toml", "pg = 16\n")]);
    let refused = tree.run(&["init"]);
    assert_eq!(refused.code, 2, "{}", refused.err);
    assert!(refused.err.contains("`--force` replaces it"), "{}", refused.err);
    assert!(!tree.path().join("pgassay.toml").exists());
    let printed = tree.run(&["init", "--stdout"]);
    assert!(printed.code == 0 && printed.out.contains("name = \"db1\"\npath = \"db1\"\n"), "{}", printed.out);
    std::fs::remove_file(tree.path().join(".pgassay.toml")).expect("the file can be removed");
    assert_eq!(tree.run(&["init"]).code, 0);
    let again = tree.run(&["init"]);
    assert_eq!(again.code, 2, "{}", again.err);
    assert_eq!(tree.run(&["init", "--force"]).code, 0);
    assert_eq!(tree.run(&["init", "nowhere"]).code, 2);
}

/// An entry that speaks of several servers stays one, and a name with quotes stays a name.
#[test]
fn init_keeps_what_was_said() {
    let said = "pg = 16\n[[node]]\npath = 'all'\nname = 'a \"name\"'\n[[node]]\npath = 'more'\nrole = 'primary'\n";
    let tree = Tree::new(&[
        ("pgassay.toml", said),
        ("all/one/postgresql.conf", "port = 5432\n"),
        ("all/two/postgresql.conf", "primary_conninfo = 'host=one'\n"),
        ("more/three/postgresql.conf", "port = 5433\n"),
        ("more/four/postgresql.conf", "primary_conninfo = 'host=three port=5433'\n"),
    ]);
    let before = tree.run(&["cluster"]).out;
    assert_eq!(tree.run(&["init", "--force"]).code, 0);
    let text = std::fs::read_to_string(tree.path().join("pgassay.toml")).expect("the file is there");
    assert_eq!(text.matches("[[node]]").count(), 2, "{text}");
    assert!(text.contains("pg = [16]\n") && text.contains("name = \"a \\\"name\\\"\"\n"), "{text}");
    assert_eq!(tree.run(&["cluster"]).out, before, "{text}");
}
