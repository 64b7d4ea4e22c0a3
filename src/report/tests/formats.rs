//! Snapshots of every format, the promises of each, and the schema of the JSON output.

use super::*;
use clap::ValueEnum;

#[test]
fn text_in_ascii() {
    insta::assert_snapshot!(tricky().written(Format::Text, &Style::default()));
}

#[test]
fn text_with_context_and_notes_in_unicode() {
    let style = Style { unicode: true, context: 1, width: 60, verbose: true, ..Style::default() };
    insta::assert_snapshot!(tricky().written(Format::Text, &style));
}

#[test]
fn text_in_colour() {
    let style = Style { unicode: true, color: true, verbose: true, ..Style::default() };
    let text = tricky().written(Format::Text, &style);
    insta::assert_snapshot!(text.replace('\u{1b}', "^"));
}

#[test]
fn concise() {
    let text = tricky().written(Format::Concise, &Style::default());
    for line in text.lines() {
        let (place, message) = line.split_once("[fsync-off]: ").unwrap();
        let mut parts = place.rsplitn(4, ':').skip(1);
        assert!(parts.next().is_some_and(|column| column.parse::<u32>().is_ok()), "{line}");
        assert!(parts.next().is_some_and(|number| number.parse::<u32>().is_ok()), "{line}");
        assert!(!message.is_empty());
    }
    insta::assert_snapshot!(text);
}

#[test]
fn json() {
    insta::assert_snapshot!(tricky().written(Format::Json, &Style::default()));
}

#[test]
fn sarif() {
    let text = tricky().written(Format::Sarif, &Style { category: Some("nightly".to_owned()), ..Style::default() });
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&value).unwrap());
}

#[test]
fn nothing_found() {
    let mut case = Case::default();
    let shown = |case: &Case, format| case.written(format, &Style::default());
    assert_eq!(shown(&case, Format::Text), "no findings in 0 files\n");
    case.file("a.conf", b"");
    assert_eq!(shown(&case, Format::Text), "no findings in 1 file\n");
    assert_eq!(shown(&case, Format::Concise), "");
    let json: serde_json::Value = serde_json::from_str(&shown(&case, Format::Json)).unwrap();
    assert_eq!(json["findings"], serde_json::json!([]));
    let sarif: serde_json::Value = serde_json::from_str(&shown(&case, Format::Sarif)).unwrap();
    assert_eq!(sarif["runs"][0]["results"], serde_json::json!([]));
}

#[test]
fn output_does_not_depend_on_the_order_of_findings() {
    let case = tricky();
    for &format in Format::value_variants() {
        let name = format!("{format:?}").to_lowercase();
        let mut out = [Vec::new(), Vec::new()];
        for (out, reversed) in out.iter_mut().zip([false, true]) {
            write(format, &case.report(reversed), &case.sources, &Style::default(), out).unwrap();
        }
        assert!(out[0] == out[1], "{name}");
        assert_eq!(Format::from_str(&name, false), Ok(format));
    }
}

#[test]
fn no_format_lets_control_characters_through() {
    for &format in Format::value_variants() {
        let name = format!("{format:?}").to_lowercase();
        let text = tricky().written(format, &Style { unicode: true, verbose: true, ..Style::default() });
        let wild = text.chars().find(|c| c.is_control() && *c != '\n');
        assert_eq!(wild, None, "{name}");
    }
}

#[test]
fn long_lines_and_many_labels_stay_short() {
    let mut case = Case::default();
    let file = case.file("a.conf", "x = 1\n".repeat(3000).as_bytes());
    let mut finding = setting("x", Label::new(Span::new(file, 0, 18_000), "all of it"), "many lines");
    for line in 0..1000 {
        finding = finding.related(Span::new(file, line * 6, line * 6 + 1), "here");
    }
    case.add(finding);
    let text = case.written(Format::Text, &Style::default());
    assert!(text.lines().count() < 100, "{text}");
    assert!(text.contains("and 989 more places"), "{text}");
}

fn schema_text() -> String {
    serde_json::to_string_pretty(&json::schema()).unwrap() + "\n"
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the test compares the schema with the file in docs/, and renews it on request"
)]
fn the_schema_in_docs_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/json-output.schema.json");
    if std::env::var("PGASSAY_UPDATE").is_ok_and(|value| value == "1") {
        std::fs::write(path, schema_text()).unwrap();
    }
    let current = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        current == schema_text(),
        "docs/json-output.schema.json is out of date; run the tests with PGASSAY_UPDATE=1"
    );
}

#[test]
fn json_output_is_valid() {
    let validator = jsonschema::validator_for(json::schema().as_value()).unwrap();
    for case in [tricky(), Case::default()] {
        let value = serde_json::from_str(&case.written(Format::Json, &Style::default())).unwrap();
        let errors = validator.iter_errors(&value).map(|error| error.to_string()).collect::<Vec<_>>();
        assert_eq!(errors, [""; 0]);
    }
    assert!(!validator.is_valid(&serde_json::json!({ "version": 1, "findings": [{}], "notes": [], "summary": {} })));
}

#[test]
fn json_positions_are_those_of_the_file() {
    let case = tricky();
    let value: serde_json::Value = serde_json::from_str(&case.written(Format::Json, &Style::default())).unwrap();
    let fsync = &value["findings"].as_array().unwrap().iter().find(|it| it["subject"] == "setting:fsync").unwrap();
    assert_eq!(fsync["start"], serde_json::json!({ "line": 2, "column": 9, "offset": 34 }));
    assert_eq!(fsync["end"], serde_json::json!({ "line": 2, "column": 12, "offset": 37 }));
    assert_eq!(fsync["path"], "conf/postgresql.conf");
}

#[test]
fn rules_are_listed() {
    let mut out = Vec::new();
    let none = Selection::new(&Registry::default(), Chosen::default(), &["fsync-off".to_owned()], &[], &[]).unwrap();
    rules(RulesFormat::Text, &none, &Style::default(), &mut out).unwrap();
    assert_eq!(String::from_utf8(out).unwrap(), "fsync-off  error    default    fsync is off\n");
    let mut out = Vec::new();
    rules(RulesFormat::Json, &none, &Style::default(), &mut out).unwrap();
    let value: serde_json::Value = serde_json::from_slice(&out).unwrap();
    let fsync = value.as_array().unwrap().iter().find(|rule| rule["id"] == "fsync-off").unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(fsync).unwrap());
}

#[test]
fn pages_are_explained() {
    let shown = |color| {
        let mut out = Vec::new();
        explain(id::FSYNC_OFF, &Style { color, ..Style::default() }, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    insta::assert_snapshot!("page", shown(false));
    insta::assert_snapshot!(shown(true).replace('\u{1b}', "^"));
}
