//! The committed JSON Schemas and the index of rules are those that the binary prints.

use crate::Tree;

fn is_committed(args: &[&str], name: &str) {
    let run = Tree::new(&[]).run(args);
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
    if std::env::var_os("PGASSAY_UPDATE").is_some() {
        std::fs::write(&path, &run.out).expect("it can be written");
    }
    assert_eq!(run.out, std::fs::read_to_string(path).expect("it is there"));
}

#[test]
fn schema_of_pgassay_toml() {
    is_committed(&["schema", "config"], "pgassay.schema.json");
}

#[test]
fn schema_of_cluster() {
    is_committed(&["schema", "cluster"], "cluster.schema.json");
    let text = Tree::new(&[]).run(&["schema", "cluster"]).out;
    let schema = serde_json::from_str(&text).expect("the schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is one");
    let tree = Tree::new(&[
        ("a/postgresql.conf", "port = 5432\n"),
        ("b/postgresql.conf", "primary_conninfo = 'host=a'\nprimary_slot_name = b\n"),
        ("b/s.sql", "create subscription s connection 'host=x' publication p;\n"),
    ]);
    let shown = tree.run(&["cluster", "--format", "json"]).out;
    let shown = serde_json::from_str(&shown).expect("the output is JSON");
    let errors = validator.iter_errors(&shown).map(|error| error.to_string()).collect::<Vec<_>>();
    assert!(errors.is_empty(), "{errors:?}");
}

#[test]
fn index_of_rules() {
    is_committed(&["rules", "--no-config", "--format", "markdown"], "rules/README.md");
}

/// Links lead to what is on the page; nothing is loaded and nothing runs.
#[test]
fn reference_of_rules() {
    let page = Tree::new(&[]).run(&["rules", "--no-config", "--format", "html"]).out;
    for target in page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(page.contains(&format!("id=\"{target}\"")), "{target}");
    }
    for loads in ["<script", "<link", "<img", "src=", "url(", "@import"] {
        assert!(!page.contains(loads), "{loads}");
    }
    assert!(page.contains("<h4>When to ignore it</h4>") && page.contains("<dt>Named by</dt>"));
}
