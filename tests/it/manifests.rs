//! Manifests as a user sees them: no secret in any report, edits that keep the quoting, files that a service mounts.

use crate::{Tree, secrets};

/// As they are, and the parts of one that is written with an escape.
const PASSWORDS: [&str; 7] =
    ["Zq8-hunter2", "tr0ub4dor-Qx", "sw0rdfish-77", "rew1nd-Pass", "tr0ub4dor\\", "x2dQx", "u002DQx"];

#[test]
fn no_report_shows_a_secret() {
    let tree = Tree::new(&[
        (
            "compose.yaml",
            "services:\n  app:\n    environment:\n      URL: \"postgres://a:tr0ub4dor\\x2dQx@db.example.com/a\"\n  db:\n    \
             image: postgres:16\n    command: [\"-c\", \"primary_conninfo=host=x password=Zq8-hunter2\", \"-c\", \"fsync=off\"]\n",
        ),
        (
            "patroni.yml",
            "scope: s\nbootstrap:\n  dcs: {}\n  users:\n    admin: {password: Zq8-hunter2}\npostgresql:\n  authentication:\n    \
             rewind: {username: r, password: rew1nd-Pass}\n    superuser: {username: p, password: sw0rdfish-77}\n",
        ),
        ("settings.toml", "url = \"postgres://a:tr0ub4dor\\u002DQx@db.example.com/a\"\n"),
        ("task.json", "{\"url\": \"postgres:\\/\\/a:tr0ub4dor-Qx@db.example.com\\/a\"}\n"),
        (
            "tasks.yml",
            "- postgresql_user: {name: a, password: Zq8-hunter2}\n- postgresql_query:\n    query: CREATE ROLE b PASSWORD 'Zq8-hunter2'\n",
        ),
    ]);
    for run in secrets::check(&tree, &PASSWORDS) {
        assert!(run.out.contains("conninfo-password") && run.out.contains("role-password-literal"), "{}", run.out);
    }
}

#[test]
fn edits_stand_inside_of_quotes_or_are_left_out() {
    let fix = |yaml: &str| {
        let tree = Tree::new(&[("compose.yaml", yaml)]);
        let run = tree.run(&["check", ".", "--format", "json"]);
        let report: serde_json::Value = serde_json::from_str(&run.out).expect("the report is JSON");
        let fix = &report["findings"][0]["fix"];
        assert_eq!(report["findings"][0]["rule"], "conf-removed-setting", "{}", run.out);
        let mut text = yaml.to_owned();
        for edit in fix["edits"].as_array()?.iter().rev() {
            let at = |end: &str| edit[end]["offset"].as_u64().map(|offset| offset as usize);
            text.replace_range(at("start")?..at("end")?, edit["replacement"].as_str()?);
        }
        Some(text)
    };
    let compose = |word: &str| format!("services:\n  db:\n    image: postgres:15\n    command: [\"-c\", {word}]\n");
    let kept = compose("\"wal_keep_size=1GB\"");
    assert_eq!(fix(&compose("\"wal_keep_segments=64\"")), Some(kept));
    assert_eq!(fix(&compose("\"wal_keep_segments=\\x364\"")), None);
}

#[test]
fn a_mounted_file_is_of_its_service() {
    // What `max_wal_senders` is, is known only if nothing else can set it.
    let conf = "wal_level = minimal\n";
    let compose = |command: &str| {
        format!(
            "services:\n  db:\n    image: postgres:16\n    command: postgres -c config_file=/etc/pg.conf {command}\n    \
             volumes:\n      - ./db/postgresql.conf:/etc/pg.conf\n"
        )
    };
    let run = |compose: &str| {
        let tree = Tree::new(&[("compose.yaml", compose), ("db/postgresql.conf", conf)]);
        tree.run(&["check", ".", "--format", "concise"]).out
    };
    assert!(run(&compose("")).contains("[wal-minimal-senders]"));
    assert!(!run(&compose("-c wal_level=logical")).contains("[wal-minimal-senders]"));
    assert!(!run(&compose("$MORE")).contains("[wal-minimal-senders]"));
    // A volume with a name is no file, and what lies elsewhere is not looked at.
    assert!(
        run("services: {db: {image: postgres, volumes: [\"../x/postgresql.conf:/etc/pg.conf\"]}}")
            .contains("[wal-minimal-senders]")
    );
}
