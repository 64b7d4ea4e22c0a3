//! The committed JSON Schemas and the index of rules are those that the binary prints.

use std::path::Path;

use crate::Tree;

/// What rule files may say; the build script reads them with it.
#[path = "../../src/rule/file.rs"]
#[allow(dead_code, reason = "the fields are there for their schema")]
mod rule_file;

fn is_committed(args: &[&str], name: &str) {
    is(&Tree::new(&[]).run(args).out, name);
}

fn is(text: &str, name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
    if std::env::var_os("PGASSAY_UPDATE").is_some() {
        std::fs::write(&path, text).expect("it can be written");
    }
    assert_eq!(text, std::fs::read_to_string(path).expect("it is there"));
}

/// The schema of a file of rules, which is that of `docs/`, and the files below `rules/` that it holds for.
fn of_rules(schema: &schemars::Schema, name: &str, is_of: impl Fn(&Path) -> bool) {
    let text = serde_json::to_string_pretty(schema).expect("it is JSON");
    is(&format!("{text}\n"), name);
    let validator = jsonschema::validator_for(schema.as_value()).expect("the schema is one");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let folders = std::fs::read_dir(root).expect("there are rules").filter_map(|entry| Some(entry.ok()?.path()));
    let files = folders.filter(|path| path.is_dir()).flat_map(|path| std::fs::read_dir(path).expect("it is a folder"));
    let files = files.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| is_of(path)).collect::<Vec<_>>();
    assert!(!files.is_empty());
    for path in files {
        let text = std::fs::read_to_string(&path).expect("it can be read");
        let value: serde_json::Value = toml::from_str(&text).expect("it is TOML");
        let errors = validator.iter_errors(&value).map(|error| error.to_string()).collect::<Vec<_>>();
        assert!(errors.is_empty(), "{}: {errors:?}", path.display());
        let mut wrong = value;
        wrong["titel"] = "a".into();
        assert!(!validator.is_valid(&wrong), "{}: it takes anything", path.display());
    }
}

fn is_toml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "toml")
}

fn is_profile(path: &Path) -> bool {
    path.parent().is_some_and(|folder| folder.ends_with("profiles"))
}

#[test]
fn schema_of_rule_files() {
    of_rules(&schemars::schema_for!(rule_file::RuleFile), "rule.schema.json", |path| {
        is_toml(path) && !is_profile(path)
    });
}

#[test]
fn schema_of_profile_files() {
    of_rules(&schemars::schema_for!(rule_file::ProfileFile), "profile.schema.json", |path| {
        is_toml(path) && is_profile(path)
    });
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
