//! What the machine formats say of every fixture and of every block of the rules' pages: valid by their schemas, within
//! GitHub's limits, and of one mind about every place.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use jsonschema::Validator;
use pgassay::catalog::Majors;
use pgassay::rule::{Level, RuleId, page};
use serde_json::Value;

use crate::Tree;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Two trees with all fixtures and blocks, each in a folder of its own: a log of SARIF has no room for both.
fn everything() -> [Tree; 2] {
    let (pages, others) = (Tree::new(&[]), Tree::new(&[]));
    for rule in RuleId::all() {
        let cases = page::cases(rule.name(), rule.meta().page).expect("the page can be read");
        for (number, case) in cases.iter().enumerate() {
            for (name, text) in &case.files {
                write(&pages.path().join(format!("pages/{rule}/{number}/{name}")), text.as_bytes());
            }
        }
    }
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for folder in ["rules", "clusters"] {
        copy(&fixtures.join(folder), &others.path().join(folder));
    }
    [pages, others]
}

fn write(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("the folder can be made");
    fs::write(path, bytes).expect("the file can be written");
}

pub(crate) fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("the fixtures are there") {
        let entry = entry.expect("the folder can be read");
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            write(&to, &fs::read(entry.path()).expect("the file can be read"));
        }
    }
}

fn output(tree: &Tree, pg: Option<Majors>, to: Option<u8>, format: &str) -> Value {
    let command = if to.is_some() { "upgrade" } else { "check" };
    // A page may set options of its rule.
    let config = if tree.path().join("pgassay.toml").is_file() { "--config=pgassay.toml" } else { "--no-config" };
    let args = [command, config, "--exit-zero", "--profile", "strict", "--min-confidence", "low", "--format"];
    let name = if to.is_some() { "--from" } else { "--pg" };
    let pg = pg.map(|pg| format!("{name}={}", pg.iter().map(|major| major.to_string()).collect::<Vec<_>>().join(",")));
    let to = to.map(|to| format!("--to={to}"));
    let benchmark = RuleId::all().filter(|rule| rule.meta().level == Level::Benchmark).map(RuleId::name);
    let too = format!("--extend-select={}", benchmark.collect::<Vec<_>>().join(","));
    let args = args.into_iter().chain([format, &too]).chain(pg.as_deref()).chain(to.as_deref()).collect::<Vec<_>>();
    let run = tree.run(&args);
    serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {}", run.err))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text<'v>(value: &'v Value, path: &str) -> &'v str {
    value.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

struct Schemas {
    json: Validator,
    sarif: Validator,
}

impl Schemas {
    fn read() -> Self {
        let read = |path: &str| -> Value {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
            serde_json::from_str(&fs::read_to_string(path).expect("the schema is there")).expect("it is JSON")
        };
        let mut sarif = read("tests/schemas/sarif-2.1.0.json");
        // Its pattern for languages has a bracket too many, which strict regular expressions refuse. None is written.
        for component in ["run", "toolComponent"] {
            let properties = &mut sarif["definitions"][component]["properties"];
            properties["language"].as_object_mut().expect("it is an object").remove("pattern");
        }
        let validator = |schema: &Value| jsonschema::validator_for(schema).expect("the schema is one");
        Self { json: validator(&read("docs/json-output.schema.json")), sarif: validator(&sarif) }
    }
}

fn assert_valid(schema: &Validator, output: &Value) {
    let errors = schema.iter_errors(output).map(|error| format!("{}: {error}", error.instance_path()));
    assert_eq!(errors.collect::<Vec<_>>(), [""; 0]);
}

/// The byte at a line and a column in UTF-16 units, both from 1. A byte that is no UTF-8 is one unit; a byte order mark is
/// none, so that it lies where the first character does.
fn offset(bytes: &[u8], line: u64, column: u64) -> usize {
    let starts = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
    let mut at = std::iter::once(0).chain(starts).nth(line as usize - 1).expect("the line is there");
    if at == 0 && bytes.starts_with(BYTE_ORDER_MARK) {
        at = BYTE_ORDER_MARK.len();
    }
    let mut units = 1;
    for chunk in bytes[at..].utf8_chunks() {
        for c in chunk.valid().chars().map(Some).chain(chunk.invalid().iter().map(|_| None)) {
            if units >= column {
                break;
            }
            units += c.map_or(1, |c| c.len_utf16() as u64);
            at += c.map_or(1, char::len_utf8);
        }
    }
    assert_eq!(units, column, "line {line} has that column");
    at
}

#[test]
fn of_all_fixtures() {
    let schemas = Schemas::read();
    let trees = everything();
    let raised = trees.iter().flat_map(|tree| check(tree, None, None, &schemas)).collect::<BTreeSet<_>>();
    // Some are silent beside so many other files, or ask for a major.
    for rule in RuleId::all().filter(|rule| !raised.contains(rule.name())) {
        let cases = page::cases(rule.name(), rule.meta().page).expect("the page can be read");
        for case in cases.into_iter().filter(|case| case.bad) {
            let files = case.files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect::<Vec<_>>();
            let tree = Tree::new(&files);
            tree.set_mode("", 0o700);
            case.modes.iter().for_each(|(name, mode)| tree.set_mode(name.as_str(), *mode));
            assert!(check(&tree, case.pg, case.to, &schemas).contains(rule.name()), "{rule}");
        }
    }
}

/// Checks both formats on a tree; gives the rules that are raised.
fn check(tree: &Tree, pg: Option<Majors>, to: Option<u8>, schemas: &Schemas) -> BTreeSet<String> {
    let (json, sarif) = (output(tree, pg, to, "json"), output(tree, pg, to, "sarif"));
    assert_valid(&schemas.json, &json);
    assert_valid(&schemas.sarif, &sarif);
    let run = &sarif["runs"][0];
    within_limits(run);
    let open = list(&json["findings"]).iter().filter(|finding| finding["outcome"] == "open").collect::<Vec<_>>();
    let results = list(&run["results"]);
    assert_eq!(open.len(), results.len());
    let mut files = BTreeMap::new();
    let mut raised = BTreeSet::new();
    for (finding, result) in open.iter().zip(results) {
        let rule = text(finding, "/rule");
        raised.insert(rule.to_owned());
        assert_eq!(text(result, "/ruleId"), rule);
        let index = result["ruleIndex"].as_u64().expect("the rule is one of ours") as usize;
        assert_eq!(text(&run["tool"]["driver"]["rules"][index], "/id"), rule);
        assert_eq!(result["partialFingerprints"]["pgassay/v1"], finding["fingerprint"]);
        assert!(text(result, "/message/text").len() >= text(finding, "/message").len());
        let related = list(&result["relatedLocations"]).iter().zip(list(&finding["related"]));
        for (location, place) in std::iter::once((&result["locations"][0], *finding)).chain(related) {
            let path = text(place, "/path");
            // The names of fixtures need no percent signs.
            assert_eq!(text(location, "/physicalLocation/artifactLocation/uri"), path);
            let bytes = files
                .entry(path.to_owned())
                .or_insert_with(|| fs::read(tree.path().join(path)).expect("the file is there"));
            let region = &location["physicalLocation"]["region"];
            let at = |line: &str, column: &str| {
                let number = |name: &str| region[name].as_u64().expect("it is a number");
                offset(bytes, number(line), number(column)) as u64
            };
            let said = |name: &str| {
                let offset = place[name]["offset"].as_u64().expect("it is a number");
                if bytes.starts_with(BYTE_ORDER_MARK) { offset.max(BYTE_ORDER_MARK.len() as u64) } else { offset }
            };
            assert_eq!(at("startLine", "startColumn"), said("start"), "{finding}");
            assert_eq!(at("endLine", "endColumn"), said("end"), "{finding}");
        }
    }
    raised
}

/// What GitHub requires and the most that it takes, by its documentation ("SARIF support for code scanning").
fn within_limits(run: &Value) {
    let rules = list(&run["tool"]["driver"]["rules"]);
    assert!(rules.len() <= 25_000);
    let ids = rules.iter().map(|rule| text(rule, "/id")).collect::<BTreeSet<_>>();
    assert_eq!(ids.len(), rules.len());
    for rule in rules {
        assert!((1..=255).contains(&text(rule, "/name").chars().count()), "{rule}");
        for path in ["/shortDescription/text", "/fullDescription/text"] {
            assert!((1..=1024).contains(&text(rule, path).chars().count()), "{path} of {rule}");
        }
        assert!(!text(rule, "/help/text").is_empty(), "{rule}");
        assert!(["error", "warning", "note"].contains(&text(rule, "/defaultConfiguration/level")), "{rule}");
        let properties = &rule["properties"];
        let tags = list(&properties["tags"]);
        assert!(tags.len() <= 10, "{rule}");
        assert!(["high", "medium", "low"].contains(&text(properties, "/precision")), "{rule}");
        let secure = tags.iter().any(|tag| tag == "security");
        match properties.get("security-severity") {
            Some(score) => {
                let score = score.as_str().and_then(|score| score.parse::<f64>().ok()).expect("a number in a text");
                assert!(secure && score > 0.0 && score <= 10.0, "{rule}");
            }
            None => {
                let word = text(properties, "/problem.severity");
                assert!(!secure && ["error", "warning", "recommendation"].contains(&word), "{rule}");
            }
        }
    }
    let results = list(&run["results"]);
    assert!(!results.is_empty() && results.len() <= 25_000);
    let mut fingerprints = BTreeSet::new();
    for result in results {
        assert!(!text(result, "/message/text").is_empty(), "{result}");
        assert!(["error", "warning", "note"].contains(&text(result, "/level")), "{result}");
        let locations = list(&result["locations"]);
        assert!(locations.len() == 1 && list(&result["relatedLocations"]).len() <= 100, "{result}");
        assert!(fingerprints.insert(text(result, "/partialFingerprints/pgassay~1v1")), "{result}");
        for location in locations.iter().chain(list(&result["relatedLocations"])) {
            let uri = text(location, "/physicalLocation/artifactLocation/uri");
            assert!(!uri.is_empty() && !uri.starts_with('/') && !uri.contains(':'), "{uri}");
        }
    }
}
