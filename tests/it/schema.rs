//! The committed JSON Schemas are those that the binary prints.

use crate::Tree;

#[test]
fn schema_of_pgassay_toml() {
    let run = Tree::new(&[]).run(&["schema", "config"]);
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pgassay.schema.json");
    if std::env::var_os("PGASSAY_UPDATE").is_some() {
        std::fs::write(&path, &run.out).expect("the schema can be written");
    }
    assert_eq!(run.out, std::fs::read_to_string(path).expect("the schema is there"));
}
