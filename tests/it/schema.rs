//! The committed JSON Schemas are those that the binary prints.

use crate::Tree;

fn is_committed(of: &str, name: &str) {
    let run = Tree::new(&[]).run(&["schema", of]);
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
    if std::env::var_os("PGASSAY_UPDATE").is_some() {
        std::fs::write(&path, &run.out).expect("the schema can be written");
    }
    assert_eq!(run.out, std::fs::read_to_string(path).expect("the schema is there"));
}

#[test]
fn schema_of_pgassay_toml() {
    is_committed("config", "pgassay.schema.json");
}

#[test]
fn schema_of_cluster() {
    is_committed("cluster", "cluster.schema.json");
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
