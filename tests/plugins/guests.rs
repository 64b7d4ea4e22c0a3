//! The example plugins, built from source by `cargo xtask guests`: each passes its own tests, and the same rule in four
//! languages finds the same.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::Run;

/// A file of the repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// An example plugin.
pub(crate) fn guest(name: &str) -> String {
    let path = repository("target/guests").join(format!("{name}.wasm"));
    assert!(path.is_file(), "{} is not built: run `cargo xtask guests`", path.display());
    path.to_string_lossy().into_owned()
}

/// Runs pgassay in a folder, with the cache that all of these tests share.
pub(crate) fn pgassay(folder: &Path, args: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pgassay"));
    command.args(args).current_dir(folder).env("PGASSAY_CACHE_DIR", repository("target/plugin-cache"));
    command.env_remove("NO_COLOR").env_remove("PGASSAY_CONFIG");
    Run::of(&mut command)
}

const LANGUAGES: [&str; 4] = ["rust", "c", "js", "python"];

#[test]
fn examples_pass_their_tests() {
    for example in ["acme-policy", "slot-names-rust", "slot-names-c", "slot-names-js", "slot-names-python"] {
        // The component is where the example's own build puts it.
        let run = pgassay(&repository("plugins/examples").join(example), &["plugin", "test"]);
        assert_eq!(run.code, 0, "{example}: {run:?}");
        assert!(run.out.ends_with(" passed, 0 failed\n"), "{example}: {run:?}");
    }
}

#[test]
fn four_languages_find_the_same() {
    let root = repository("plugins/examples/slot-names-fixtures");
    let mut cases =
        fs::read_dir(&root).expect("fixtures").map(|entry| entry.expect("a case").path()).collect::<Vec<_>>();
    cases.sort();
    assert!(cases.len() >= 7, "{cases:?}");
    for case in cases {
        let expected = fs::read_to_string(case.join("expected.txt")).expect("an expectation");
        let options = fs::read_to_string(case.join("options.toml")).unwrap_or_default();
        let mut reports = BTreeMap::new();
        for language in LANGUAGES {
            let name = format!("slots-{language}");
            let config = tempfile::NamedTempFile::with_suffix(".toml").expect("a file");
            let text = format!("[[plugin]]\npath = {:?}\n[plugin.options]\n{options}", guest(&name));
            fs::write(&config, text).expect("written");
            let config = config.path().to_str().expect("UTF-8");
            let args = ["check", ".", "--config", config, "--select", &name, "--format"];
            let run = pgassay(&case.join("files"), &[&args[..], &["json"]].concat());
            assert!(run.code < 2, "{}: {run:?}", case.display());
            let mut report: serde_json::Value = serde_json::from_str(&run.out).expect("JSON");
            // The fingerprint is made with the rule's name.
            for finding in report["findings"].as_array_mut().expect("a list") {
                finding["fingerprint"] = serde_json::Value::Null;
            }
            let lines = report["findings"].as_array().expect("a list").iter().map(|finding| {
                let majors = finding["majors"].as_array().expect("majors");
                let majors = majors.iter().map(|major| major.as_u64().expect("a number") as u8);
                let majors = majors.collect::<pgassay::catalog::Majors>();
                format!(
                    "{}:{}:{}: {}[{}]: {} ({majors})\n",
                    finding["path"].as_str().expect("a path"),
                    finding["start"]["line"],
                    finding["start"]["column"],
                    finding["severity"].as_str().expect("a severity"),
                    finding["rule"].as_str().expect("a rule"),
                    finding["message"].as_str().expect("a message"),
                )
            });
            let lines = lines.collect::<String>();
            assert_eq!(lines, expected.replace("{{name}}", &name), "{} in {language}", case.display());
            reports.insert(language, report.to_string().replace(&name, "slots"));
        }
        for (language, report) in &reports {
            assert_eq!(report, &reports["rust"], "{}: {language} finds something else", case.display());
        }
    }
}

#[test]
fn examples_describe_themselves() {
    for (name, rules) in [("acme", 6), ("slots-rust", 1), ("slots-c", 1), ("slots-js", 1), ("slots-python", 1)] {
        let run = pgassay(&repository("."), &["plugin", "inspect", &guest(name), "--format", "json"]);
        assert_eq!(run.code, 0, "{name}: {run:?}");
        let told: serde_json::Value = serde_json::from_str(&run.out).expect("JSON");
        assert_eq!(told["name"], name);
        assert_eq!(told["rules"].as_array().map(Vec::len), Some(rules), "{name}");
        let imports = told["imports"].as_array().expect("a list").iter().map(|import| import.as_str().expect("a name"));
        for import in imports {
            assert!(["pgassay:plugin/types@0.1.0", "pgassay:plugin/host@0.1.0"].contains(&import), "{name}: {import}");
        }
    }
}

#[test]
fn exceptions_and_panics_are_told() {
    // Options that pass the schema and are still wrong are refused by the plugin itself, at their line.
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("postgresql.conf"), "fsync = off\n").expect("written");
    let text = format!("[[plugin]]\npath = {:?}\n[plugin.options]\nslot-pattern = \"(\"\n", guest("acme"));
    fs::write(folder.path().join("pgassay.toml"), text).expect("written");
    let run = pgassay(folder.path(), &["check", "--format", "concise"]);
    run.failed_with("pgassay.toml:4:16: option `/slot-pattern`");
}

#[test]
fn a_plugin_is_measured() {
    let run = pgassay(
        &repository("."),
        &["plugin", "bench", &guest("slots-rust"), "fixtures/clusters/debian", "--runs", "3"],
    );
    assert_eq!(run.code, 0, "{run:?}");
    for step in ["compile", "load", "link", "instantiate", "describe", "configure", "model", "check", "memory"] {
        assert!(run.out.contains(&format!("\n  {step} ")), "{step} is not in {run:?}");
    }
    let run = pgassay(&repository("."), &["plugin", "bench", "README.md"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.err.contains("README.md: the plugin is no WebAssembly component"), "{run:?}");
}
