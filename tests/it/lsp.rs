//! A scripted client of the language server, over the pipes of a real process.

#![allow(clippy::needless_pass_by_value, reason = "values are written where they are sent")]

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::Tree;

mod client;

use client::{Client, edited, part, rules, titled, uri, whole};

/// Longer than any check here takes on a machine that is very busy.

#[test]
fn the_protocol_begins_and_ends_as_it_says() {
    let mut client = Client::start();
    assert_eq!(client.ask("textDocument/hover", json!({}))["error"]["code"], -32002);
    client.tell("textDocument/didOpen", json!({ "textDocument": 1 }));
    client.raw("Content-Length: 9\r\n\r\n{\"id\": 1,");
    assert_eq!(client.wait(|message| message["id"].is_null())["error"]["code"], -32700);
    assert!(client.ask("initialize", json!({ "capabilities": {} }))["result"]["capabilities"].is_object());
    assert_eq!(client.ask("initialize", json!({ "capabilities": {} }))["error"]["code"], -32600);
    client.tell("initialized", json!({}));
    client.tell("$/unknown", json!({}));
    client.tell("textDocument/didChange", json!([1, 2]));
    assert_eq!(client.ask("textDocument/formatting", json!({}))["error"]["code"], -32601);
    assert_eq!(client.ask("textDocument/hover", json!({ "textDocument": 3 }))["error"]["code"], -32602);
    let nowhere = json!({ "textDocument": { "uri": "untitled:x" }, "position": { "line": 0, "character": 0 } });
    assert_eq!(client.ask("textDocument/hover", nowhere)["result"], Value::Null);
    assert_eq!(client.ask("shutdown", Value::Null)["result"], Value::Null);
    assert_eq!(client.ask("textDocument/hover", json!({}))["error"]["code"], -32600);
    client.tell("exit", Value::Null);
    assert_eq!(client.child.wait().expect("it ends").code(), Some(0));

    let mut client = Client::new(&[]);
    client.tell("exit", Value::Null);
    assert_eq!(client.child.wait().expect("it ends").code(), Some(1), "nobody asked to shut down");
    let mut client = Client::new(&[]);
    drop(client.input.take());
    assert_eq!(client.child.wait().expect("it ends").code(), Some(1), "the client is gone");
}

#[test]
fn findings_follow_the_text_also_in_other_files() {
    let tree = Tree::new(&[
        (
            "postgresql.conf",
            "listen_addresses = '*'\nssl = off\nwork_mem = 4MB\nwork_mem = 8MB\nwal_keep_segments = 1\n",
        ),
        ("pg_hba.conf", "local all all peer\n"),
        ("pgassay.toml", "pg = 16\n"),
    ]);
    let (conf, hba) = (tree.path().join("postgresql.conf"), tree.path().join("pg_hba.conf"));
    let mut client = Client::new(&[tree.path()]);
    client.open_file(&conf);
    let published = client.published(&conf);
    assert_eq!(published["version"], 1);
    assert_eq!(rules(&published), ["conf-duplicate", "conf-removed-setting"]);
    let [duplicate, removed] = [0, 1].map(|index| published["diagnostics"][index].clone());
    assert_eq!((&duplicate["severity"], &duplicate["tags"]), (&json!(2), &json!([1])));
    assert_eq!(
        duplicate["range"],
        json!({ "start": { "line": 2, "character": 0 }, "end": { "line": 2, "character": 14 } })
    );
    assert_eq!(duplicate["relatedInformation"][0]["location"]["range"]["start"]["line"], 3, "{duplicate}");
    assert_eq!((&removed["severity"], &removed["tags"]), (&json!(1), &json!([2])));
    assert_eq!(removed["data"]["fix"]["safety"], "safe");
    assert!(
        removed["codeDescription"]["href"].as_str().is_some_and(|href| href.starts_with("https://www.postgresql.org/"))
    );

    // A row that is only typed changes what is said of the other file.
    client.open_file(&hba);
    assert_eq!(client.rules(&hba), [""; 0]);
    client.change(&hba, 2, json!([part((1, 0), (1, 0), "host all all 0.0.0.0/0 scram-sha-256\n")]));
    assert!(client.rules(&conf).contains(&"tls-off-remote".to_owned()));
    client.tell("textDocument/didClose", json!({ "textDocument": { "uri": uri(&hba) } }));
    assert!(!client.rules(&conf).contains(&"tls-off-remote".to_owned()), "the file on disk has no such row");
    client.end();
}

#[test]
fn edits_count_in_the_agreed_units() {
    // Behind a character of two UTF-16 units and four bytes, in lines that end with CR LF.
    let text = "# 𝄞é\r\ncluster_name = '𝄞é'x\r\nwork_mem = 4MB\r\n";
    for (encoding, clef, e) in [("utf-16", 2, 1), ("utf-8", 4, 2), ("utf-32", 1, 1)] {
        let tree = Tree::new(&[("postgresql.conf", "")]);
        let conf = tree.path().join("postgresql.conf");
        let general = json!({ "positionEncodings": [encoding] });
        let mut client = Client::with(&[tree.path()], json!({ "general": general }), Value::Null);
        client.open(&conf, text);
        let published = client.published(&conf);
        assert_eq!(rules(&published), ["conf-syntax"], "{encoding}");
        let end = 16 + clef + e + 1;
        assert_eq!(
            published["diagnostics"][0]["range"]["end"],
            json!({ "line": 1, "character": end + 1 }),
            "{encoding}"
        );
        // Two edits at once; the second is of the text that the first leaves.
        let edits = json!([part((1, end), (1, end + 1), ""), part((0, 2), (1, 0), "gone\r\n")]);
        client.change(&conf, 2, edits);
        let published = client.published(&conf);
        assert_eq!((rules(&published).len(), &published["version"]), (0, &json!(2)), "{encoding}: {published}");
        assert!(client.hover(&conf, 2, 3).starts_with("**work_mem**"), "{encoding}");
        client.end();
    }
}

#[test]
fn what_is_told_is_what_check_tells() {
    let mut compared = 0;
    for folder in ["fixtures/clusters", "fixtures/topology"] {
        for tree in fs::read_dir(folder).expect("the fixtures are there") {
            let tree = tree.expect("a tree").path().canonicalize().expect("a folder");
            let root = if tree.join("files").is_dir() { tree.join("files") } else { tree };
            let checked = Command::new(env!("CARGO_BIN_EXE_pgassay"))
                .args(["check", "--format", "json", "--exit-zero"])
                .arg(&root)
                .env_remove("PGASSAY_CONFIG")
                .output()
                .expect("pgassay runs");
            let report: Value = serde_json::from_slice(&checked.stdout).expect("a report");
            let mut expected = Vec::new();
            for finding in report["findings"].as_array().expect("findings") {
                if finding["outcome"] == "open" {
                    let path = finding["path"].as_str().expect("a path").to_owned();
                    let rule = finding["rule"].as_str().map(ToOwned::to_owned);
                    expected.push((path, finding["start"]["line"].as_u64(), rule));
                }
            }
            if !root.is_dir() || expected.is_empty() {
                continue;
            }
            let mut client = Client::with(&[&root], json!({}), json!({ "diagnostics": "workspace" }));
            let first = expected[0].0.clone();
            client.open_file(Path::new(&first));
            let mut told = Vec::new();
            let mut files = expected.iter().map(|(path, ..)| path.clone()).collect::<Vec<_>>();
            files.sort();
            files.dedup();
            for file in files {
                let published = client.published(Path::new(&file));
                for found in published["diagnostics"].as_array().expect("a list") {
                    if let Some(code) = found["code"].as_str() {
                        let line = found["range"]["start"]["line"].as_u64().map(|line| line + 1);
                        told.push((file.clone(), line, Some(code.to_owned())));
                    }
                }
            }
            expected.sort();
            told.sort();
            assert_eq!(told, expected, "{}", root.display());
            compared += told.len();
            client.end();
        }
    }
    assert!(compared > 20, "{compared} findings are too few to compare");
}

#[test]
fn folders_configurations_and_files_outside() {
    let tree = Tree::new(&[
        ("one/postgresql.conf", "work_mem = 4MB\nwork_mem = 8MB\n"),
        ("one/deep/pgassay.toml", "ignore = [\"conf-duplicate\"]\n"),
        ("one/deep/postgresql.conf", "work_mem = 4MB\nwork_mem = 8MB\n"),
        ("two/postgresql.conf", "wal_keep_segments = 10\n"),
        ("two/pgassay.toml", "pg = 12\n"),
        ("out/postgresql.conf", "ssl = off\n"),
        ("out/pg_hba.conf", "hostssl all all 10.0.0.0/8 scram-sha-256\n"),
        ("out/below/pg_hba.conf", "host all all all trust\n"),
    ]);
    let at = |name: &str| tree.path().join(name);
    let mut client = Client::new(&[&at("one"), &at("two")]);
    for (file, expected) in [
        ("one/postgresql.conf", &["conf-duplicate"][..]),
        ("one/deep/postgresql.conf", &[]),
        ("two/postgresql.conf", &[]),
        // Of a file in no folder of the client's, those beside it count.
        ("out/pg_hba.conf", &["hba-hostssl-no-ssl"]),
    ] {
        client.open_file(&at(file));
        assert_eq!(client.rules(&at(file)), expected, "{file}");
    }
    let left = json!({ "event": { "added": [], "removed": [{ "uri": uri(&at("two")), "name": "folder" }] } });
    client.tell("workspace/didChangeWorkspaceFolders", left);
    // The configuration beside it still holds.
    assert!(client.hover(&at("two/postgresql.conf"), 0, 3).contains("PostgreSQL 12"));
    client.end();
}

#[test]
fn files_that_come_go_and_change() {
    let tree = Tree::new(&[("postgresql.conf", "include 'more.conf'\n"), ("pg_hba.conf", "local all all peer\n")]);
    let (conf, more) = (tree.path().join("postgresql.conf"), tree.path().join("more.conf"));
    let watched = json!({ "workspace": { "didChangeWatchedFiles": { "dynamicRegistration": true } } });
    let mut client = Client::with(&[tree.path()], watched, Value::Null);
    let asked = client.wait(|message| message["method"] == "client/registerCapability");
    assert_eq!(asked["params"]["registrations"][0]["method"], "workspace/didChangeWatchedFiles");
    client.send(&json!({ "jsonrpc": "2.0", "id": asked["id"], "result": null }));
    client.open_file(&conf);
    assert_eq!(client.rules(&conf), ["conf-include-missing"]);
    let tell = |client: &mut Client, kind: u8| {
        client.tell("workspace/didChangeWatchedFiles", json!({ "changes": [{ "uri": uri(&more), "type": kind }] }));
    };
    fs::write(&more, "work_mem = 1MB\n").expect("it can be written");
    tell(&mut client, 1);
    assert_eq!(client.rules(&conf), [""; 0]);
    let definition = client.at("definition", &conf, 0, 12);
    assert_eq!(definition[0]["uri"], uri(&more).as_str(), "{definition}");
    fs::write(&more, "work_mem = 1MB\n\nshared_buffers = 1XB\n").expect("it can be written");
    tell(&mut client, 2);
    client.open_file(&more);
    assert_eq!(client.rules(&more), ["conf-bad-unit"]);
    client.tell("textDocument/didClose", json!({ "textDocument": { "uri": uri(&more) } }));
    assert_eq!(client.rules(&more), [""; 0], "what is closed is taken back");
    fs::rename(&more, tree.path().join("less.conf")).expect("it can be moved");
    tell(&mut client, 3);
    assert_eq!(client.rules(&conf), ["conf-include-missing"]);
    client.end();
}

#[test]
fn a_configuration_that_is_wrong() {
    let tree =
        Tree::new(&[("pgassay.toml", "pg = 12\n"), ("postgresql.conf", "wal_keep_segments = 10\nwork_mem = 1\n")]);
    let (config, conf) = (tree.path().join("pgassay.toml"), tree.path().join("postgresql.conf"));
    let mut client = Client::new(&[tree.path()]);
    client.open_file(&conf);
    let before = client.rules(&conf);
    assert!(!before.contains(&"conf-removed-setting".to_owned()), "{before:?}");
    client.open_file(&config);
    assert_eq!(client.rules(&config), [""; 0]);
    client.change(&config, 2, whole("pg = 12\nprofle = \"strict\"\n"));
    let published = client.published(&config);
    let wrong = &published["diagnostics"][0];
    assert_eq!(wrong["range"]["start"], json!({ "line": 1, "character": 0 }));
    assert!(wrong["message"].as_str().is_some_and(|message| message.contains("did you mean `profile`?")), "{wrong}");
    client.change(&config, 3, whole("pg = 16\n"));
    assert_eq!(client.rules(&config), [""; 0]);
    assert!(client.rules(&conf).contains(&"conf-removed-setting".to_owned()));
    client.end();
}

#[test]
fn hovers_tell_what_is_known() {
    let tree = Tree::new(&[
        ("postgresql.conf", "work_mem = 4MB\ninclude 'b.conf'\n#shared_buffers = 1GB\nwal_keep_segments = 1\n"),
        ("b.conf", "work_mem = 16MB\n"),
        ("pg_hba.conf", "hostssl sameuser +app 10.0.0.0/8 cert map=m\nlocal all all ident\n"),
        ("pg_ident.conf", "m CN app\n"),
        (
            "s.sql",
            "CREATE PUBLICATION p FOR TABLE t WITH (publish = 'insert');\nCREATE SUBSCRIPTION s CONNECTION 'host=db sslmode=require' PUBLICATION p WITH (streaming = parallel);\nSET work_mem = 1;\n",
        ),
        ("run.sh", "exec postgres -c max_connections=50\n"),
        ("pgassay.toml", "pg = \"14..16\"\n"),
    ]);
    let at = |name: &str| tree.path().join(name);
    let mut client = Client::new(&[tree.path()]);
    for name in ["postgresql.conf", "pg_hba.conf", "pg_ident.conf", "s.sql", "run.sh"] {
        client.open_file(&at(name));
    }
    for (file, line, character, expected) in [
        ("postgresql.conf", 0, 2, "integer in kB, 64 to 2147483647; default `4MB`; takes a reload"),
        (
            "postgresql.conf",
            0,
            2,
            "On `.` (PostgreSQL 14 to 16): `16MB`, from b.conf:1; overrides `4MB` at postgresql.conf:1",
        ),
        ("postgresql.conf", 2, 5, "**shared_buffers**"),
        ("postgresql.conf", 3, 5, "Gone since 13, `wal_keep_size` takes its place"),
        ("postgresql.conf", 3, 5, "PostgreSQL 14 to 16 has no such setting"),
        ("pg_hba.conf", 0, 1, "with TLS; needs `ssl = on`"),
        ("pg_hba.conf", 0, 10, "called as the user"),
        ("pg_hba.conf", 0, 18, "members of a role"),
        ("pg_hba.conf", 0, 24, "from `10.0.0.0` to `10.255.255.255`"),
        ("pg_hba.conf", 0, 34, "**cert**"),
        ("pg_hba.conf", 0, 39, "**map**: option of"),
        ("pg_hba.conf", 1, 16, "In a `local` row it means"),
        ("pg_ident.conf", 0, 0, "row of a map"),
        ("s.sql", 0, 40, "**publish**"),
        ("s.sql", 1, 36, "**host**: connection keyword"),
        ("s.sql", 1, 44, "environment variable `PGSSLMODE`"),
        ("s.sql", 1, 82, "default `parallel` since 18"),
        ("s.sql", 2, 6, "**work_mem**"),
        ("run.sh", 0, 20, "**max_connections**"),
    ] {
        let text = client.hover(&at(file), line, character);
        assert!(text.contains(expected), "{file}:{line}:{character}: {expected}\n{text}");
    }
    assert_eq!(client.at("hover", &at("postgresql.conf"), 99, 99), Value::Null);
    client.end();
}

#[test]
fn definitions_lead_to_what_counts() {
    let tree = Tree::new(&[
        ("a/postgresql.conf", "work_mem = 4MB\ninclude_dir 'conf.d'\n"),
        ("a/conf.d/10.conf", "work_mem = 16MB\n"),
        ("a/conf.d/20.conf", "fsync = on\n"),
        ("a/pg_hba.conf", "local all @users peer map=m\n"),
        ("a/users", "x\n"),
        ("a/pg_ident.conf", "# maps\nm x y\nm z y\n"),
        ("p.sql", "CREATE PUBLICATION p FOR TABLE t;\n"),
        ("s.sql", "CREATE SUBSCRIPTION s CONNECTION 'host=db' PUBLICATION p;\n"),
    ]);
    let at = |name: &str| tree.path().join(name);
    let mut client = Client::new(&[tree.path()]);
    for name in ["a/postgresql.conf", "a/pg_hba.conf", "s.sql"] {
        client.open_file(&at(name));
    }
    for (file, line, character, expected) in [
        ("a/postgresql.conf", 0, 2, &[("a/conf.d/10.conf", 0, 0)][..]),
        ("a/postgresql.conf", 1, 15, &[("a/conf.d/10.conf", 0, 0), ("a/conf.d/20.conf", 0, 0)]),
        ("a/pg_hba.conf", 0, 13, &[("a/users", 0, 0)]),
        ("a/pg_hba.conf", 0, 25, &[("a/pg_ident.conf", 1, 0), ("a/pg_ident.conf", 2, 0)]),
        ("s.sql", 0, 55, &[("p.sql", 0, 19)]),
    ] {
        let found = client.at("definition", &at(file), line, character);
        let found = found.as_array().map_or(&[][..], Vec::as_slice).iter().map(|place| {
            let start = &place["range"]["start"];
            (place["uri"].as_str().unwrap_or_default().to_owned(), start["line"].clone(), start["character"].clone())
        });
        let expected = expected.iter().map(|(file, line, character)| (uri(&at(file)), json!(line), json!(character)));
        assert_eq!(found.collect::<Vec<_>>(), expected.collect::<Vec<_>>(), "{file}:{line}:{character}");
    }
    client.end();
}

#[test]
fn completions_by_place() {
    let tree = Tree::new(&[
        ("postgresql.conf", ""),
        ("pg_hba.conf", ""),
        ("pg_ident.conf", "admins root postgres\n"),
        ("pgassay.toml", "pg = 15\n"),
        ("p.sql", "CREATE PUBLICATION orders FOR TABLE t;\nCREATE ROLE reporter;\n"),
        ("s.sql", ""),
    ]);
    let at = |name: &str| tree.path().join(name);
    let mut client = Client::new(&[tree.path()]);
    for name in ["postgresql.conf", "pg_hba.conf", "s.sql"] {
        client.open_file(&at(name));
        client.published(&at(name));
    }
    let mut version = 1;
    for (file, line, has, lacks) in [
        (
            "postgresql.conf",
            "wal_k",
            &["wal_keep_size", "ssl", "include_dir"][..],
            &["wal_keep_segments", "io_method"][..],
        ),
        ("postgresql.conf", "wal_compression = ", &["on", "off", "pglz", "lz4"], &["fsync"]),
        ("postgresql.conf", "work_mem = 64", &["kB", "MB", "GB"], &["ms"]),
        ("postgresql.conf", "statement_timeout = '5", &["ms", "min"], &["MB"]),
        ("postgresql.conf", "primary_conninfo = 'host=a sslm", &["sslmode", "user"], &["require", "sslnegotiation"]),
        ("postgresql.conf", "primary_conninfo = 'sslmode=", &["verify-full"], &["user"]),
        ("postgresql.conf", "fsync = on # o", &[], &["on"]),
        ("pg_hba.conf", "h", &["local", "hostssl"], &["include", "all"]),
        ("pg_hba.conf", "local ", &["all", "replication", "sameuser"], &["peer"]),
        ("pg_hba.conf", "local all ", &["all", "reporter"], &["replication"]),
        ("pg_hba.conf", "local all all ", &["peer", "scram-sha-256"], &["cert", "gss", "oauth"]),
        ("pg_hba.conf", "hostssl all all ", &["all", "samenet"], &["peer"]),
        ("pg_hba.conf", "hostssl all all 10.0.0.0 255.0.0.0 ", &["cert"], &["peer"]),
        ("pg_hba.conf", "host all all all ", &["gss"], &["cert", "peer"]),
        ("pg_hba.conf", "local all all peer ", &["map"], &["clientcert", "ldapurl"]),
        ("pg_hba.conf", "local all all peer map=", &["admins"], &["map"]),
        ("pg_hba.conf", "hostssl all all all cert clientcert=", &["verify-full"], &["map"]),
        ("s.sql", "CREATE SUBSCRIPTION s CONNECTION 'host=a ", &["sslmode", "dbname"], &["connect"]),
        ("s.sql", "CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION ", &["orders"], &["sslmode"]),
        (
            "s.sql",
            "CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p WITH (con",
            &["connect", "two_phase"],
            &["failover", "lsn"],
        ),
        (
            "s.sql",
            "CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p WITH (a = b, streaming = ",
            &["on"],
            &["parallel"],
        ),
        ("s.sql", "ALTER SUBSCRIPTION s SET (", &["slot_name"], &["connect"]),
        ("s.sql", "CREATE PUBLICATION p WITH (", &["publish"], &["publish_generated_columns"]),
        ("s.sql", "SELECT 1; ALTER SYSTEM SET ", &["work_mem"], &["on"]),
        ("s.sql", "SET LOCAL wal_compression = ", &["lz4"], &["work_mem"]),
    ] {
        version += 1;
        client.change(&at(file), version, whole(line));
        let labels = client.labels(&at(file), 0, line.len() as u32);
        for word in has {
            assert!(labels.iter().any(|label| label == word), "`{line}` lacks `{word}`: {labels:?}");
        }
        for word in lacks {
            assert!(!labels.iter().any(|label| label == word), "`{line}` has `{word}`");
        }
    }
    client.change(&at("postgresql.conf"), 100, whole("wal_keep_s"));
    let items = client.at("completion", &at("postgresql.conf"), 0, 10);
    let item = items.as_array().and_then(|items| items.iter().find(|item| item["label"] == "wal_keep_size"));
    let item = item.expect("the setting is offered").clone();
    assert_eq!(item["textEdit"]["newText"], "wal_keep_size = ");
    assert_eq!(item["textEdit"]["range"]["start"]["character"], 0);
    let resolved = client.ask("completionItem/resolve", item);
    assert!(
        resolved["result"]["documentation"]["value"].as_str().is_some_and(|text| text.contains("in MB")),
        "{resolved}"
    );
    client.end();
}

#[test]
fn actions_mend_and_suppress() {
    let yaml =
        "services:\n  db:\n    image: postgres:16\n    command:\n      - postgres\n      - -c\n      - fsync=off\n";
    let script = "psql <<'SQL'\nCREATE PUBLICATION p FOR ALL TABLES;\nSQL\n";
    let tree = Tree::new(&[
        ("postgresql.conf", "wal_keep_segments = 10\nmax_wal_size = 1gb\n"),
        ("pg_hba.conf", "local all all peer\nhost all all 0.0.0.0/0 trust\n"),
        ("p.sql", "  CREATE PUBLICATION p FOR ALL TABLES;\n"),
        ("compose.yaml", yaml),
        ("run.sh", script),
        ("pgassay.toml", "pg = 16\n"),
    ]);
    let at = |name: &str| tree.path().join(name);
    let mut client = Client::new(&[tree.path()]);
    for (file, line, rule, comment) in [
        ("pg_hba.conf", 1, "hba-trust-remote", "# pgassay: ignore[hba-trust-remote] -- reason"),
        ("p.sql", 0, "publication-all-tables", "  -- pgassay: ignore[publication-all-tables] -- reason"),
        ("compose.yaml", 6, "fsync-off", "      # pgassay: ignore[fsync-off] -- reason"),
        ("run.sh", 1, "publication-all-tables", "-- pgassay: ignore[publication-all-tables] -- reason"),
    ] {
        let path = at(file);
        client.open_file(&path);
        let text = fs::read_to_string(&path).expect("the file is there");
        let before = client.rules(&path);
        assert!(before.iter().any(|found| found == rule), "{file}: {before:?}");
        let actions = client.actions(&path, line, "quickfix");
        let text = edited(&text, titled(&actions, &format!("Suppress {rule}")));
        assert_eq!(text.lines().nth(line as usize), Some(comment), "{file}");
        client.change(&path, 2, whole(&text));
        let after = client.rules(&path);
        let left = before.iter().filter(|found| *found != rule).cloned().collect::<Vec<_>>();
        assert_eq!(after, left, "{file}: the comment suppresses the finding and brings none:\n{text}");
    }
    let conf = at("postgresql.conf");
    client.open_file(&conf);
    client.published(&conf);
    let text = fs::read_to_string(&conf).expect("the file is there");
    let actions = client.actions(&conf, 0, "quickfix");
    let mend = titled(&actions, "write `wal_keep_size");
    assert_eq!((&mend["isPreferred"], &mend["diagnostics"][0]["code"]), (&json!(true), &json!("conf-removed-setting")));
    assert!(edited(&text, mend).starts_with("wal_keep_size = 160MB\n"));
    let explain = titled(&actions, "Explain conf-removed-setting");
    assert_eq!(explain["command"]["arguments"], json!(["conf-removed-setting"]));
    let all = client.actions(&conf, 0, "source.fixAll");
    assert_eq!(all.len(), 1, "only what was asked for: {all:?}");
    assert_eq!(edited(&text, &all[0]), "wal_keep_size = 160MB\nmax_wal_size = 1GB\n");
    let command = json!({ "command": "pgassay.explain", "arguments": ["conf-removed-setting"] });
    let page = client.ask("workspace/executeCommand", command);
    assert!(page["result"].as_str().is_some_and(|page| page.starts_with("# conf-removed-setting")));
    let shown = client.wait(|message| message["method"] == "window/showMessage");
    assert!(shown["params"]["message"].as_str().is_some_and(|text| text.starts_with("conf-removed-setting: ")));
    let unknown = json!({ "command": "pgassay.explain", "arguments": ["no-such"] });
    assert_eq!(client.ask("workspace/executeCommand", unknown)["error"]["code"], -32602);
    client.end();
}

#[test]
fn secrets_stay_where_they_are() {
    let secret = "Zx81qPw7";
    let service = format!("[a]\nhost=db.example.org\npassword={secret}\nsslmode=prefer\n");
    let sql = format!(
        "CREATE ROLE r PASSWORD '{secret}';\nCREATE SUBSCRIPTION s CONNECTION 'host=db password={secret} sslmode=prefer' PUBLICATION p;\n"
    );
    let tree = Tree::new(&[
        (
            "postgresql.conf",
            &format!(
                "primary_conninfo = 'host=db password={secret} sslmode=prefer'\nprimary_conninfo = 'password={secret}'\n# {secret}\n"
            ),
        ),
        (
            "pg_hba.conf",
            &format!("host all all all ldap ldapserver=l ldapbinddn=x ldapbindpasswd={secret} ldapbasedn=y\n"),
        ),
        ("pg_service.conf", &service),
        ("s.sql", &sql),
        (".pgpass", &format!("*:*:*:*:{secret}\n")),
        ("userlist.txt", &format!("\"a\" \"{secret}\"\n")),
        ("pgbouncer.ini", &format!("[databases]\na = host=db password={secret}\n[pgbouncer]\nauth_type = any\n")),
    ]);
    let mut client = Client::with(&[tree.path()], json!({}), json!({ "diagnostics": "workspace" }));
    let names =
        ["postgresql.conf", "pg_hba.conf", "pg_service.conf", "s.sql", ".pgpass", "userlist.txt", "pgbouncer.ini"];
    for name in names {
        client.open_file(&tree.path().join(name));
    }
    let mut told = 0;
    for name in names {
        let path = tree.path().join(name);
        let text = fs::read_to_string(&path).expect("the file is there");
        for (line, content) in text.lines().enumerate() {
            for character in (0..content.len()).step_by(3) {
                client.at("hover", &path, line as u32, character as u32);
                client.at("definition", &path, line as u32, character as u32);
                client.at("completion", &path, line as u32, character as u32);
            }
            told += client.actions(&path, line as u32, "").len();
        }
    }
    assert!(told > 10, "{told} actions are too few");
    let transcript = client.end();
    assert!(transcript.contains("conninfo-password") && transcript.contains("****"));
    assert!(
        !transcript.contains(secret),
        "{}",
        transcript.split(secret).next().map_or("", |text| &text[text.len().saturating_sub(400)..])
    );
}

#[test]
fn requests_that_wait_can_be_cancelled() {
    let tree = Tree::new(&[("postgresql.conf", "work_mem = 4MB\n")]);
    let conf = tree.path().join("postgresql.conf");
    let mut client = Client::new(&[tree.path()]);
    client.open_file(&conf);
    let place = json!({ "textDocument": { "uri": uri(&conf) }, "position": { "line": 0, "character": 1 } });
    let id = client.request("textDocument/hover", place);
    client.tell("$/cancelRequest", json!({ "id": id }));
    assert_eq!(client.answer(id)["error"]["code"], -32800);
    for version in 2..200 {
        client.change(&conf, version, whole(&format!("work_mem = {version}MB\n")));
    }
    // Only what holds for the last text is told.
    let published = client.wait(|message| message["params"]["version"] == 199);
    assert_eq!(rules(&published["params"]), [""; 0]);
    assert!(
        client.later.iter().all(|message| message["method"] != "textDocument/publishDiagnostics"),
        "{:?}",
        client.later
    );
    client.end();
}
