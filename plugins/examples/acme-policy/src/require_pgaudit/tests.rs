//! What a node's files say about pgaudit, and what is found.

use pgassay_plugin::types::{Effective, SourceFile};

use super::*;
use crate::plugin;

/// A node with a complete postgresql.conf of these lines.
fn model(lines: &[(&str, &str)]) -> Model {
    let setting = |(name, text): &(&str, &str)| Setting {
        name: (*name).into(),
        definitions: vec![Definition { text: (*text).into(), value_place: 7, ..Definition::default() }],
        values: Vec::<Effective>::new(),
    };
    let file = SourceFile { path: "db1/postgresql.conf".into(), place: 1, ..SourceFile::default() };
    let node = Node {
        settings: lines.iter().map(setting).collect(),
        settings_complete: true,
        config_file: Some(0),
        majors: Majors::only(16).bits(),
        ..Node::default()
    };
    Model { files: vec![file], nodes: vec![node], ..Model::default() }
}

fn found(model: &Model) -> Vec<Finding> {
    let options = plugin().read_options(r#"{"pgaudit-classes": ["ddl", "role"]}"#).unwrap();
    plugin().check_all(model, &options)
}

fn one(lines: &[(&str, &str)]) -> (u32, String, Option<String>) {
    let mut found = found(&model(lines));
    assert_eq!(found.len(), 1, "{found:?}");
    let finding = found.remove(0);
    (finding.primary.place, finding.message, finding.fix.map(|fix| fix.edits[0].replacement.clone()))
}

#[test]
fn absence_is_at_the_file() {
    let (place, message, fix) = one(&[]);
    assert_eq!(
        (place, message.as_str(), fix),
        (1, "`shared_preload_libraries` is not set, so pgaudit is not loaded", None)
    );
    let (place, message, _) = one(&[(PRELOAD, "pgaudit")]);
    assert!(place == 1 && message.starts_with("`pgaudit.log` is not set"), "{message}");
}

#[test]
fn a_weak_line_is_found_and_mended() {
    let (place, message, fix) = one(&[(PRELOAD, "pg_cron")]);
    assert_eq!((place, fix.as_deref()), (7, Some("'pg_cron, pgaudit'")));
    assert_eq!(message, "`shared_preload_libraries` is `pg_cron` and does not load pgaudit");
    let (_, message, fix) = one(&[(PRELOAD, "pgaudit"), ("pgaudit.log", "all, -role")]);
    assert_eq!(message, "`pgaudit.log` is `all, -role` and lacks `role`");
    assert_eq!(fix.as_deref(), Some("'all, -role, role'"));
}

#[test]
fn enough_is_enough() {
    for log in ["ddl, role", "ALL", "write, all, -misc", "none, role, ddl"] {
        assert!(found(&model(&[(PRELOAD, "pgaudit"), ("pgaudit.log", log)])).is_empty(), "{log}");
    }
}

#[test]
fn what_is_not_seen_is_not_missing() {
    let mut incomplete = model(&[]);
    incomplete.nodes[0].settings_complete = false;
    assert!(found(&incomplete).is_empty());
    let mut part = model(&[]);
    part.files[0].path = "conf.d/10-memory.conf".into();
    assert!(found(&part).is_empty());
    let mut filled = model(&[(PRELOAD, "{{ libraries }}")]);
    filled.nodes[0].settings[0].definitions[0].dynamic = true;
    assert!(found(&filled).iter().all(|finding| finding.message.starts_with("`pgaudit.log` is not set")));
}

#[test]
fn the_file_of_alter_system_is_not_edited() {
    let mut model = model(&[(PRELOAD, "pg_cron")]);
    model.files[0].kind = "postgresql.auto.conf".into();
    assert!(found(&model)[0].fix.is_none());
}
