//! The picture of the README is what a terminal shows. `PGASSAY_UPDATE=1` draws it anew.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use camino::Utf8PathBuf;
use pgassay::discover::{self, Overrides};
use pgassay::finding::{Confidence, Severity};
use pgassay::report::{self, Format, Style};
use pgassay::rule::{Registry, Selection};
use pgassay::triage::{self, Date, Triage};
use pgassay::{load, model, rule};

const TREE: &str = "fixtures/clusters/shop";

#[test]
fn of_the_readme() {
    let paths = [Utf8PathBuf::from(TREE)];
    let found = discover::discover(&paths, None, &Overrides::default());
    let mut loaded = load::load(found.inputs, &paths, false);
    let cluster = model::build(&mut loaded, &model::Options::default());
    let selection = Selection::profile(&Registry::default(), "default").expect("there is that profile");
    let triage = Triage {
        sources: &loaded.sources,
        selection: &selection,
        target: cluster.targets(),
        severities: &BTreeMap::new(),
        min_severity: Severity::Info,
        min_confidence: Confidence::Medium,
        comments: &triage::comments(&loaded.sources),
        baseline: None,
        today: Date::new(2026, 11, 21).expect("it is a day"),
    };
    let report = triage.report(rule::check(&cluster, &loaded.sources, &selection), Vec::new());
    let style = Style { color: true, unicode: true, ..Style::default() };
    let mut out = format!("$ pgassay check {TREE}\n").into_bytes();
    report::write(Format::Text, &report, &loaded.sources, &style, &mut out).expect("it can be written");
    let text = String::from_utf8(out).expect("it is text");
    let svg = anstyle_svg::Term::new().render_svg(&text);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/terminal.svg");
    if std::env::var_os("PGASSAY_UPDATE").is_some() {
        fs::write(&path, &svg).expect("it can be written");
    }
    assert!(svg == fs::read_to_string(path).expect("it is there"), "the picture shows something else");
}
