//! `pgassay config`: what holds, and what said so.

use crate::Tree;

const FILE: &str = r#"pg = "14..15"
profile = ["cis-17", "mine"]
ignore = [
  "log-statement-all", # noise
]

[files]
"deploy/*.cfg" = "postgresql.conf"

[profiles.mine]
extends = ["strict"]
rules.fsync-off = { severity = "warning" }

[rules.log-hostname]
must-be = "on"

[[node]]
name = "a"
pg = 14
[[node]]
name = "b"
hosts = ["one", "tw\"o"]
"#;

fn tree() -> Tree {
    Tree::new(&[("pgassay.toml", FILE), ("conf/postgresql.conf", "port = 5433\n")])
}

#[test]
fn each_value_says_where_it_is_from() {
    let run = tree().run(&["config", "conf", "--fail-on", "error", "--ignore", "hba"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    let lines = run.out.lines().collect::<Vec<_>>();
    for line in [
        "# of pgassay.toml",
        "pg = [14, 15]  # pgassay.toml:1",
        "ignore = [\"hba\", \"log-statement-all\"]  # --ignore, pgassay.toml:3",
        "fail-on = \"error\"  # --fail-on",
        "min-confidence = \"medium\"  # default",
        "\"deploy/*.cfg\" = \"postgresql.conf\"  # pgassay.toml:8",
        "must-be = \"on\"  # pgassay.toml:15",
        "one-of = [\"TLSv1.3\"]  # profile cis-17",
        "severity = \"warning\"  # profile mine",
        "hosts = [\"one\", \"tw\\\"o\"]  # pgassay.toml:22",
    ] {
        assert!(lines.contains(&line), "{line}\n{}", run.out);
    }
}

/// What is printed means the same when it is read again.
#[test]
fn it_is_a_configuration() {
    let tree = tree();
    let first = tree.run(&["config"]).out;
    std::fs::write(tree.path().join("again.toml"), &first).expect("it can be written");
    let again = tree.run(&["config", "--config", "again.toml"]);
    assert_eq!(again.code, 0, "{}", again.err);
    let values = |text: &str| {
        text.lines().filter_map(|line| Some(line.split_once("  # ")?.0.to_owned())).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(values(&first), values(&again.out));
    assert!(values(&first).contains("pg = 14"), "{first}");
}

#[test]
fn flags_take_the_place_of_the_file() {
    let tree = tree();
    let out = tree.run(&["config", "--pg", "16", "--profile", "default", "--select", "hba"]).out;
    assert!(out.contains("pg = [16]  # --pg\n"), "{out}");
    assert!(out.contains("profile = [\"default\"]  # --profile\n"), "{out}");
    assert!(out.contains("select = [\"hba\"]  # --select\n") && !out.contains("cis-17"), "{out}");
    let none = tree.run(&["config", "--no-config"]).out;
    let wanted = "# no pgassay.toml was read\n\nprofile = \"default\"  # default\n";
    assert!(none.starts_with(wanted), "{none}");
}

#[test]
fn as_json() {
    let run = tree().run(&["config", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&run.out).expect("the output is JSON");
    assert_eq!((&json["version"], &json["file"]), (&1.into(), &"pgassay.toml".into()));
    let values = json["values"].as_array().expect("there are values");
    let of = |key: &[&str]| {
        let value = values.iter().find(|value| value["key"] == serde_json::json!(key));
        value.map(|value| (value["value"].clone(), value["origins"][0].clone()))
    };
    let told = of(&["node", "1", "hosts"]).expect("it is told");
    assert_eq!(told, (serde_json::json!(["one", "tw\"o"]), serde_json::json!({ "from": "file", "line": 22 })));
    let told = of(&["rules", "tls-version-floor", "one-of"]).expect("it is told");
    assert_eq!(told.1, serde_json::json!({ "from": "profile", "name": "cis-17" }));
}

#[test]
fn secrets_of_plugins_are_hidden() {
    // The plugin cannot be loaded, which is told; what the file says is shown all the same.
    let text =
        "[[plugin]]\npath = \"no.wasm\"\noptions = { password = \"hunter2x\", url = \"postgres://u:hunter2x@h/d\" }\n";
    let run = Tree::new(&[("pgassay.toml", text)]).run(&["config"]);
    assert!(run.out.contains("****") && run.out.contains("[plugin.options]"), "{}", run.out);
    assert!(!run.out.contains("hunter2x") && run.code == 2, "{} {}", run.out, run.err);
    let json = Tree::new(&[("pgassay.toml", text)]).run(&["config", "--format", "json"]);
    assert!(!json.out.contains("hunter2x") && json.out.contains("****"), "{}", json.out);
}

/// Options of all commands may stand before the command.
#[test]
fn a_command_is_one_wherever_global_options_stand() {
    let tree = tree();
    for args in [&["--color", "never", "rules"][..], &["--config=pgassay.toml", "-q", "rules"], &["-v", "rules"]] {
        let run = tree.run(args);
        assert!(run.code == 0 && run.out.contains("fsync-off"), "{args:?}: {}", run.err);
    }
    // After an option of `check` a word is a path, as it is after `--`.
    for args in [&["--pg", "16", "rules"][..], &["-q", "--", "rules"]] {
        let run = tree.run(args);
        assert!(run.code == 2 && format!("{}{}", run.out, run.err).contains("rules: cannot be read"), "{args:?}");
    }
}
