//! SARIF against the official schema, and against what its words mean.

use std::collections::BTreeSet;

use serde_json::Value;

use super::*;

fn log(case: &Case, style: &Style) -> Value {
    serde_json::from_str(&case.written(Format::Sarif, style)).unwrap()
}

fn everything() -> Style {
    Style { category: Some("a".to_owned()), suppressed: true, ..Style::default() }
}

#[test]
fn the_official_schema_accepts_it() {
    let mut schema: Value = serde_json::from_str(include_str!("../../../tests/schemas/sarif-2.1.0.json")).unwrap();
    // Its pattern for languages has a bracket too many, which strict regular expressions refuse. None is written.
    for component in ["run", "toolComponent"] {
        schema["definitions"][component]["properties"]["language"].as_object_mut().unwrap().remove("pattern").unwrap();
    }
    let validator = jsonschema::validator_for(&schema).unwrap();
    for (case, style) in [(tricky(), everything()), (tricky(), Style::default()), (Case::default(), Style::default())] {
        let log = log(&case, &style);
        let errors =
            validator.iter_errors(&log).map(|error| format!("{}: {error}", error.instance_path())).collect::<Vec<_>>();
        assert_eq!(errors, [""; 0]);
    }
    assert!(!validator.is_valid(&serde_json::json!({ "version": "2.1.0", "runs": [{}] })));
}

/// The bytes between two places given as SARIF gives them: 1-based lines, columns in UTF-16 units. A byte that is no
/// UTF-8 is one unit.
fn region<'a>(bytes: &'a [u8], region: &Value) -> &'a [u8] {
    let offset = |line: &str, column: &str| {
        let (line, column) = (region[line].as_u64().unwrap(), region[column].as_u64().unwrap());
        assert!(line >= 1 && column >= 1, "{region}");
        let mut at = 0;
        for _ in 1..line {
            at += memchr::memchr(b'\n', &bytes[at..]).unwrap() + 1;
        }
        let mut units = 1;
        for chunk in bytes[at..].utf8_chunks() {
            for c in chunk.valid().chars() {
                if units >= column {
                    break;
                }
                units += c.len_utf16() as u64;
                at += c.len_utf8();
            }
            let invalid = (chunk.invalid().len() as u64).min(column - units);
            units += invalid;
            at += invalid as usize;
            if units >= column {
                break;
            }
        }
        assert_eq!(units, column, "{region}");
        at
    };
    &bytes[offset("startLine", "startColumn")..offset("endLine", "endColumn")]
}

fn decoded(uri: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = uri.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
            out.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
        } else {
            assert!(byte.is_ascii_graphic() && !b"#?:\\\"<>[]".contains(&byte), "{uri}");
            out.push(byte);
        }
    }
    String::from_utf8(out).unwrap()
}

#[test]
fn every_place_is_the_finding_s_own() {
    let case = tricky();
    let report = case.report(false);
    let log = log(&case, &everything());
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "utf16CodeUnits");
    let results = run["results"].as_array().unwrap();
    let findings = report.findings.iter().filter(|(_, outcome)| *outcome != crate::triage::Outcome::Filtered);
    let mut checked = 0;
    for (result, (finding, _)) in results.iter().zip(findings) {
        assert_eq!(result["ruleId"], finding.rule.name());
        assert_eq!(
            run["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().unwrap() as usize]["id"],
            result["ruleId"]
        );
        let locations = result["locations"].as_array().unwrap().iter();
        let related = result["relatedLocations"].as_array().map(Vec::as_slice).unwrap_or_default().iter();
        let labels = std::iter::once(&finding.primary).chain(&finding.related);
        for (location, label) in locations.chain(related).zip(labels) {
            let physical = &location["physicalLocation"];
            let path = decoded(physical["artifactLocation"]["uri"].as_str().unwrap());
            let file = case.sources.file(label.span.file);
            assert_eq!(path, file.path().as_str());
            assert!(!path.starts_with('/'));
            assert_eq!(region(file.bytes(), &physical["region"]), case.sources.bytes(label.span));
            if let Some(snippet) = physical["region"]["snippet"]["text"].as_str() {
                let shown = crate::secret::Redactor::new(&case.sources).show(label.span);
                assert_eq!(snippet, shown.text());
            }
            checked += 1;
        }
        for fix in result["fixes"].as_array().map(Vec::as_slice).unwrap_or_default() {
            let change = &fix["artifactChanges"][0]["replacements"][0]["deletedRegion"];
            let file = case.sources.file(finding.primary.span.file);
            assert_eq!(region(file.bytes(), change), b"off");
        }
    }
    assert_eq!(checked, 18);
}

#[test]
fn all_that_github_requires_is_there() {
    let log = log(&tricky(), &everything());
    assert_eq!(log["version"], "2.1.0");
    assert_eq!(log["$schema"], "https://json.schemastore.org/sarif-2.1.0.json");
    let run = &log["runs"][0];
    assert_eq!(run["automationDetails"]["id"], "pgassay/a/");
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
    let filled = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
    for rule in run["tool"]["driver"]["rules"].as_array().unwrap() {
        for text in [
            "/id",
            "/name",
            "/shortDescription/text",
            "/fullDescription/text",
            "/help/text",
            "/defaultConfiguration/level",
        ] {
            assert!(rule.pointer(text).is_some_and(filled), "{text} of {rule}");
        }
        assert!(rule["properties"]["tags"].as_array().unwrap().len() <= 10);
    }
    let mut seen = BTreeSet::new();
    for result in run["results"].as_array().unwrap() {
        assert!(filled(&result["message"]["text"]));
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
        let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
        let hash = filled(&result["partialFingerprints"]["primaryLocationLineHash"]);
        assert!(hash || uri.starts_with("conf/"), "{result}");
        assert!(seen.insert(result["partialFingerprints"]["pgassay/v1"].as_str().unwrap().to_owned()));
    }
}

#[test]
fn secrets_are_no_part_of_a_hash() {
    let mut case = Case::default();
    let file = case.file("a.conf", format!("a\nb\npassword=x\n{}\nc\n", "1 2 3 4 5 6 7 8 9 \n".repeat(12)).as_bytes());
    for (text, line) in [("a", 1), ("b", 2), ("password", 3), ("1", 4)] {
        case.add(setting(text, Label::new(case.span(file, text), ""), &format!("line {line}")));
    }
    case.add(setting("late", Label::new(case.span(file, "\nc\n").slice(1, 2), ""), "line 17"));
    let log = log(&case, &Style::default());
    let hashed = log["runs"][0]["results"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|result| result["partialFingerprints"].get("primaryLocationLineHash").is_some());
    let lines = hashed.map(|result| result["message"]["text"].as_str().unwrap()).collect::<Vec<_>>();
    assert_eq!(lines, ["line 4.", "line 17."]);
}

#[test]
fn suppressed_results_are_there_on_request_only() {
    let count = |style: &Style| {
        let log = log(&tricky(), style);
        let results = log["runs"][0]["results"].as_array().unwrap().clone();
        (
            results.len(),
            results.into_iter().filter_map(|result| result.get("suppressions").cloned()).collect::<Vec<_>>(),
        )
    };
    let (few, none) = count(&Style::default());
    assert_eq!(none, [Value::Null; 0]);
    let (more, one) = count(&everything());
    assert_eq!((more, one.len()), (few + 1, 1));
    assert_eq!(one[0][0]["kind"], "inSource");
    assert_eq!(one[0][0]["justification"], "a test of mine");
}

#[test]
fn fixes_with_secrets_are_left_out() {
    let log = log(&tricky(), &Style::default());
    let fixes = log["runs"][0]["results"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|result| result.get("fixes"))
        .collect::<Vec<_>>();
    assert_eq!(fixes.len(), 1);
    assert_eq!(fixes[0][0]["artifactChanges"][0]["replacements"][0]["insertedContent"]["text"], "on");
}

#[test]
fn the_least_severe_results_go_when_there_are_too_many() {
    let mut case = Case::default();
    let file = case.file("a.conf", &b"x\n".repeat(25_010));
    for line in 0..25_010 {
        let label = Label::new(Span::new(file, line * 2, line * 2 + 1), "");
        let severity = if line < 100 { Severity::Info } else { Severity::Error };
        case.add(setting("x", label, "m").severity(severity));
    }
    let log = log(&case, &Style::default());
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 25_000);
    assert_eq!(results.iter().filter(|result| result["level"] == "note").count(), 90);
    let note = &log["runs"][0]["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"];
    assert!(note.as_str().unwrap().starts_with("10 results are left out"), "{note}");
}

#[test]
fn results_go_until_the_log_is_small_enough() {
    let mut case = Case::default();
    // Text that cannot be compressed to less than half.
    let mut state = 1_u32;
    let mut letter = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        b'a' + (state >> 24) as u8 % 26
    };
    let bytes = (0..400 * 200).map(|at| if at % 200 == 199 { b'\n' } else { letter() }).collect::<Vec<_>>();
    let file = case.file("a.conf", &bytes);
    for line in 0..400 {
        let label = Label::new(Span::new(file, line * 200, line * 200 + 199), "");
        let severity = if line < 300 { Severity::Info } else { Severity::Error };
        case.add(setting("x", label, "m").severity(severity));
    }
    let count = |limits: &crate::report::sarif::Limits| {
        let mut out = Vec::new();
        let (report, style) = (case.report(false), Style::default());
        crate::report::sarif::write_within(limits, &report, &case.sources, &style, &mut out).unwrap();
        let log: Value = serde_json::from_slice(&out).unwrap();
        let run = &log["runs"][0];
        let results = run["results"].as_array().unwrap();
        let errors = results.iter().filter(|result| result["level"] == "error").count();
        let note = run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"].as_str();
        (results.len(), errors, note.map(ToOwned::to_owned))
    };
    let limits = crate::report::sarif::Limits { bytes: 40_000, unmeasured: 10, ..crate::report::sarif::Limits::GITHUB };
    let (some, errors, note) = count(&limits);
    assert!((101..300).contains(&some) && errors == 100, "{some} results, {errors} errors");
    assert!(note.unwrap().starts_with(&format!("{} results are left out", 400 - some)));
    assert_eq!(count(&crate::report::sarif::Limits { unmeasured: 400, ..limits }), (400, 100, None));
    assert_eq!(count(&crate::report::sarif::Limits { bytes: 1, ..limits }).0, 0);
}

#[test]
fn a_fix_that_no_region_can_name_is_left_out() {
    let mut case = Case::default();
    let file = case.file("a.conf", b"\xef\xbb\xbfport = 1\n");
    let finding = setting("x", Label::new(case.span(file, "port"), ""), "m");
    case.add(finding.fix("take the mark away", Safety::Safe, vec![(Span::new(file, 0, 3), String::new())]));
    assert_eq!(log(&case, &Style::default())["runs"][0]["results"][0].get("fixes"), None);
}
