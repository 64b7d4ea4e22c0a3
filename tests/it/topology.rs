//! The servers of the trees in `fixtures/topology` and what replicates between them.

use std::path::Path;
use std::process::Command;

use crate::Run;

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
