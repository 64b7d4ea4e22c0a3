//! Rules of plugins are selected, levelled, suppressed, listed and explained like built-in ones.

use std::fs;

use crate::guest::{Finding, Guest};
use crate::run::Tree;

/// A tree with the plugin `acme`, which has two rules that each find something, and a pgassay.toml.
fn tree(config: &str) -> Tree {
    let tree = Tree::new();
    let mut guest =
        Guest::new("acme").finds([Finding::new("acme/one", 1, "the first"), Finding::new("acme/two", 1, "the second")]);
    guest.rules = vec!["acme/one".to_owned(), "acme/two".to_owned()];
    tree.plugin("plugins/acme", &guest);
    tree.write("pgassay.toml", format!("{config}\n").as_bytes());
    tree
}

const PLUGIN: &str = "[[plugin]]\npath = \"plugins/acme.wasm\"";

fn sha256(tree: &Tree) -> String {
    let run = tree.run(&["plugin", "inspect", "plugins/acme.wasm", "--format", "json"]);
    let told: serde_json::Value = serde_json::from_str(&run.out).expect("it is JSON");
    told["sha256"].as_str().expect("a hash").to_owned()
}

#[test]
fn rules_are_selected() {
    for (args, one, two) in [
        (&["--select", "acme"][..], true, true),
        (&["--select", "acme/one"], true, false),
        (&["--ignore", "acme/one"], false, true),
        (&["--ignore", "acme"], false, false),
        (&["--select", "fsync-off", "--extend-select", "acme/two"], false, true),
    ] {
        let tree = tree(PLUGIN);
        let run = tree.run(&[&["check", "conf", "--format", "concise"][..], args].concat());
        assert_eq!((run.out.contains("[acme/one]"), run.out.contains("[acme/two]")), (one, two), "{args:?}: {run:?}");
    }
    let run = tree(PLUGIN).run(&["check", "conf", "--select", "acme/onee"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.err.contains("did you mean `acme/one`?"), "{run:?}");
    let tree = tree(&format!("ignore = [\"acme/one\"]\n{PLUGIN}\n[rules.\"acme/two\"]\nseverity = \"error\""));
    let run = tree.check(&[]);
    assert!(run.out.contains("error[acme/two]") && !run.out.contains("acme/one"), "{run:?}");
}

#[test]
fn comments_suppress() {
    let tree = tree(PLUGIN);
    tree.write("conf/postgresql.conf", b"fsync = off  # pgassay: ignore[acme/one, fsync-off] -- a test\n");
    let run = tree.check(&[]);
    assert!(run.out.contains("acme/two") && !run.out.contains("acme/one"), "{run:?}");
    tree.write("conf/postgresql.conf", b"fsync = off  # pgassay: ignore[acme/oen, acme]\n");
    let run = tree.run(&["check", "conf"]);
    assert!(
        run.out.contains("no rule is called `acme/oen`") && run.out.contains("did you mean `acme/one`?"),
        "{run:?}"
    );
    assert!(run.out.contains("`acme` is a group of rules"), "{run:?}");
    tree.write("conf/postgresql.conf", b"fsync = on\n# pgassay: ignore[acme/one]\nport = 5432\n");
    let run = tree.check(&[]);
    assert!(run.out.contains("suppression-unused"), "{run:?}");
}

#[test]
fn rules_are_listed_and_explained() {
    let tree = tree(PLUGIN);
    let run = tree.run(&["rules"]);
    assert!(run.out.contains("acme/one") && run.out.contains("a rule of a test"), "{run:?}");
    let run = tree.run(&["rules", "--format", "json"]);
    let rules: Vec<serde_json::Value> = serde_json::from_str(&run.out).expect("the list is JSON");
    let one = rules.iter().find(|rule| rule["id"] == "acme/one").expect("it is listed");
    assert_eq!((&one["check"], &one["family"], &one["selected"]), (&"plugin".into(), &"acme".into(), &true.into()));
    let run = tree.run(&["explain", "acme/two"]);
    assert_eq!((run.code, run.out.starts_with("# rule\n")), (0, true), "{run:?}");
    // Built-in rules are explained without loading a plugin, even a broken one.
    tree.write("plugins/acme.wasm", b"broken");
    assert_eq!(tree.run(&["explain", "fsync-off"]).code, 0);
    let run = tree.run(&["explain", "acme/two"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.err.contains("no WebAssembly component"), "{run:?}");
    let run = tree.run(&["rules"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.out.contains("fsync-off") && run.err.contains("no WebAssembly component"), "{run:?}");
}

#[test]
fn names_of_a_plugin_that_fails_are_no_second_error() {
    let tree = tree(&format!("ignore = [\"acme/one\"]\n{PLUGIN}\n[rules.\"acme/two\"]\nseverity = \"error\""));
    tree.write("plugins/acme.wasm", b"broken");
    tree.write("conf/postgresql.conf", b"fsync = off\nport = 1  # pgassay: ignore[acme/one]\n");
    let run = tree.check(&[]);
    run.failed_with("no WebAssembly component");
    assert!(!run.out.contains("suppression") && !run.err.contains("no rule"), "{run:?}");
    // Commands that run no rules do not load it.
    assert_eq!(tree.run(&["settings", "conf"]).code, 0);
}

#[test]
fn plugins_are_pinned() {
    let tree = tree(PLUGIN);
    let sum = sha256(&tree);
    let wrong = "0".repeat(64);
    tree.write("pgassay.toml", format!("{PLUGIN}\nsha256 = \"{sum}\"\n").as_bytes());
    assert_eq!(tree.check(&[]).code, 1);
    assert_eq!(tree.run(&["plugin", "verify"]).code, 0);
    tree.write("pgassay.toml", format!("{PLUGIN}\nsha256 = \"{wrong}\"\n").as_bytes());
    tree.check(&[]).failed_with(&format!("has the SHA-256 {sum}, not {wrong} as the configuration says"));
    let run = tree.run(&["plugin", "verify"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.out.contains(&format!("has the SHA-256 {sum}, not {wrong}")), "{run:?}");
    tree.write("pgassay.toml", format!("profile = \"strict\"\n{PLUGIN}\n").as_bytes());
    tree.check(&[])
        .failed_with(&format!("is not pinned, and the profile strict wants it to be: add `sha256 = \"{sum}\"`"));
    tree.write("pgassay.toml", format!("profile = \"strict\"\n{PLUGIN}\nsha256 = \"{sum}\"\n").as_bytes());
    let run = tree.check(&[]);
    assert!(run.code == 1 && run.out.contains("acme/one"), "{run:?}");
    // What the command line names is its user's own word.
    tree.write("pgassay.toml", b"profile = \"strict\"\n");
    assert!(tree.check(&["plugins/acme.wasm"]).out.contains("acme/one"));
    fs::remove_file(tree.path().join("plugins/acme.wasm")).expect("removed");
    tree.write("pgassay.toml", format!("{PLUGIN}\nsha256 = \"{sum}\"\n").as_bytes());
    assert_eq!(tree.run(&["plugin", "verify"]).code, 2);
}

#[test]
fn folders_of_plugins() {
    let tree = tree("plugin-folders = [\"plugins\"]");
    tree.plugin("plugins/other", &Guest::new("other").finds([Finding::new("other/rule", 0, "of another")]));
    tree.write("plugins/README.md", b"no plugin");
    let run = tree.check(&[]);
    assert!(run.code == 1 && run.out.contains("acme/one") && run.out.contains("of another"), "{run:?}");
    let run = tree.run(&["plugin", "list"]);
    let lines = run.out.lines().collect::<Vec<_>>();
    assert_eq!(
        lines,
        ["acme 1.0.0  plugins/acme.wasm  2 rules  not pinned", "other 1.0.0  plugins/other.wasm  1 rule  not pinned",]
    );
    tree.write(
        "pgassay.toml",
        b"plugin-folders = [\"plugins\"]\n[[plugin]]\nname = \"other\"\nlimits = { findings = 0 }\n",
    );
    tree.check(&[]).failed_with("the first 0 are kept");
}

#[test]
fn files_are_inspected() {
    let tree = tree("");
    let run = tree.run(&["plugin", "inspect", "plugins/acme.wasm"]);
    assert_eq!(run.code, 0, "{run:?}");
    for part in [
        "abi      pgassay:plugin@0.1.0",
        "imports  pgassay:plugin/host@0.1.0",
        "exports  pgassay:plugin/rules@0.1.0",
        "plugin   acme 1.0.0",
        "majors   10 to 18",
        "rule     acme/one (warning): a rule of a test",
    ] {
        assert!(run.out.contains(part), "`{part}` is not in {run:?}");
    }
    let text = "(component (import \"wasi:cli/exit@0.2.6\" (instance (export \"exit\" (func)))))";
    tree.write("wasi.wasm", &wat::parse_str(text).expect("a component"));
    let run = tree.run(&["plugin", "inspect", "wasi.wasm"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.out.contains("imports  wasi:cli/exit@0.2.6") && run.out.contains("it cannot be run"), "{run:?}");
    assert_eq!(tree.run(&["plugin", "inspect", "missing.wasm"]).code, 2);
}

#[test]
fn sarif_has_extensions() {
    let tree = tree(PLUGIN);
    let run = tree.run(&["check", "conf", "--format", "sarif"]);
    let log: serde_json::Value = serde_json::from_str(&run.out).expect("the log is JSON");
    let schema = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/schemas/sarif-2.1.0.json"));
    let mut schema: serde_json::Value = serde_json::from_str(&schema.expect("a file")).expect("the schema is JSON");
    // Its pattern for languages has a bracket too many, which strict regular expressions refuse. None is written.
    for component in ["run", "toolComponent"] {
        let language = schema["definitions"][component]["properties"]["language"].as_object_mut();
        language.expect("a property").remove("pattern");
    }
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let errors = validator.iter_errors(&log).map(|error| error.to_string()).collect::<Vec<_>>();
    assert_eq!(errors, Vec::<String>::new());
    let sarif = &log["runs"][0];
    let extensions = sarif["tool"]["extensions"].as_array().expect("a list");
    assert_eq!((&extensions[0]["name"], &extensions[0]["version"]), (&"acme".into(), &"1.0.0".into()));
    let results = sarif["results"].as_array().expect("a list");
    for result in results {
        let id = result["ruleId"].as_str().expect("an id");
        let described = if id.starts_with("acme/") {
            assert_eq!(result.get("ruleIndex"), None);
            let rule = &result["rule"];
            assert_eq!((&rule["toolComponent"]["name"], &rule["toolComponent"]["index"]), (&"acme".into(), &0.into()));
            &extensions[0]["rules"][rule["index"].as_u64().expect("an index") as usize]
        } else {
            &sarif["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().expect("an index") as usize]
        };
        assert_eq!(described["id"], id);
    }
    assert_eq!(results.len(), 3, "{results:?}");
}

#[test]
fn findings_do_not_depend_on_threads() {
    let tree = Tree::new();
    let mut text = String::new();
    for number in 0..12 {
        let name = format!("p{number}");
        let finds = (0..5).map(|place| Finding::new(&format!("{name}/rule"), place % 3, &format!("finding {place}")));
        tree.plugin(&name, &Guest::new(&name).finds(finds));
        text += &format!("[[plugin]]\npath = \"{name}.wasm\"\n");
    }
    tree.write("pgassay.toml", text.as_bytes());
    let first = tree.run(&["check", "conf", "--format", "json"]);
    assert_eq!(first.code, 1, "{first:?}");
    for _ in 0..5 {
        assert_eq!(tree.run(&["check", "conf", "--format", "json"]).out, first.out);
    }
}

#[test]
fn a_file_that_is_named_twice_is_loaded_once() {
    let tree = tree("plugin-folders = [\"plugins\"]\n[[plugin]]\npath = \"./plugins/../plugins/acme.wasm\"");
    let run = tree.check(&["plugins/acme.wasm", "./plugins/acme.wasm"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert_eq!(run.out.matches("[acme/one]").count(), 1, "{run:?}");
}

#[test]
fn logs_keep_their_order() {
    let tree = Tree::new();
    let guest = Guest { definitions: "(data (i32.const 64) \"b\\0aa\\0ab\")".to_owned(), ..Guest::new("loud") };
    tree.plugin("loud", &guest.runs(2, "(call $log (i32.const 0) (i32.const 64) (i32.const 5))"));
    let run = tree.run(&["check", "conf", "--plugin", "loud.wasm", "--verbose"]);
    let said = run.out.lines().filter_map(|line| line.split_once("says: ")).map(|(_, said)| said).collect::<String>();
    assert_eq!(said, "bab", "{run:?}");
}
