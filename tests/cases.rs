//! Runs the Bad and Good blocks of every rule page and the cases in `fixtures/rules/`, one named test each.

#![allow(clippy::disallowed_methods, clippy::expect_used, reason = "a test binary of its own")]

use std::collections::BTreeSet;
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use libtest_mimic::{Arguments, Failed, Trial};
use pgassay::catalog::Majors;
use pgassay::rule::{Check, Profile, Registry, RuleId, Selection};
use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

mod support;

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for rule in RuleId::all() {
        page_trials(rule, &mut trials);
    }
    fixture_trials(&mut trials);
    libtest_mimic::run(&arguments, trials).exit();
}

/// One tree of files that a page shows.
#[derive(Debug, Default)]
struct Case {
    bad: bool,
    pg: Option<Majors>,
    files: Vec<(Utf8PathBuf, String)>,
}

fn page_trials(rule: RuleId, trials: &mut Vec<Trial>) {
    let name = format!("page::{}::{}", rule.meta().family, rule);
    let cases = match cases(rule.meta().page) {
        Ok(cases) => cases,
        Err(error) => return trials.push(Trial::test(name, || Err(Failed::from(error)))),
    };
    trials.push(Trial::test(format!("{name}::form"), move || form(rule)));
    for (number, case) in cases.into_iter().enumerate() {
        let kind = if case.bad { "bad" } else { "good" };
        trials.push(Trial::test(format!("{name}::{kind}-{number}"), move || run_case(rule, &case)));
    }
}

/// The fixed sections of a page, in order, and at least one Bad and one Good block.
fn form(rule: RuleId) -> Result<(), Failed> {
    let page = rule.meta().page;
    let headings = page.lines().filter(|line| line.starts_with('#') && !in_fence(page, line)).collect::<Vec<_>>();
    let title = format!("# {rule}");
    let wanted = [
        title.as_str(),
        "## What it does",
        "## Why it matters",
        "## Bad",
        "## Good",
        "## Fixing it",
        "## When to ignore it",
        "## References",
    ];
    if headings != wanted {
        return Err(format!("the page's headings are {headings:?}").into());
    }
    let cases = cases(page)?;
    if matches!(rule.meta().check, Check::Engine) {
        return Ok(());
    }
    match (cases.iter().any(|case| case.bad), cases.iter().any(|case| !case.bad)) {
        (true, true) => Ok(()),
        _ => Err("the page needs a Bad and a Good block".into()),
    }
}

/// Whether a line of the page stands in a fenced block.
fn in_fence(page: &str, line: &str) -> bool {
    let offset = line.as_ptr() as usize - page.as_ptr() as usize;
    page[..offset].lines().filter(|line| line.starts_with("```")).count() % 2 == 1
}

fn cases(page: &str) -> Result<Vec<Case>, String> {
    let mut cases: Vec<Case> = Vec::new();
    let mut section = String::new();
    let (mut in_heading, mut block) = (false, None::<String>);
    for event in Parser::new(page) {
        match event {
            Event::Start(Tag::Heading { .. }) => {
                in_heading = true;
                section.clear();
            }
            Event::End(TagEnd::Heading(_)) => in_heading = false,
            Event::Text(text) if in_heading => section.push_str(&text),
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) if section == "Bad" || section == "Good" => {
                block = Some(info.to_string());
            }
            Event::Text(text) if block.is_some() => {
                let info = block.take().unwrap_or_default();
                let mut words = info.split_whitespace();
                let name = words.next().ok_or("a block under Bad or Good has no file name")?;
                let (name, joins) = name.strip_prefix('+').map_or((name, false), |name| (name, true));
                if !joins {
                    cases.push(Case { bad: section == "Bad", ..Case::default() });
                }
                let case = cases.last_mut().ok_or("the first block of a page joins nothing")?;
                for word in words {
                    let pg = word.strip_prefix("pg=").ok_or_else(|| format!("`{word}` in a block's info string"))?;
                    case.pg = Some(pg.parse().map_err(|error| format!("{error}"))?);
                }
                case.files.push((name.into(), text.to_string()));
            }
            Event::End(TagEnd::CodeBlock) => {
                // A block without text is an empty file.
                if let Some(info) = block.take() {
                    let name = info.split_whitespace().next().unwrap_or_default();
                    match name.strip_prefix('+') {
                        Some(name) => cases.last_mut().ok_or("joins nothing")?.files.push((name.into(), String::new())),
                        None => cases.push(Case {
                            bad: section == "Bad",
                            pg: None,
                            files: vec![(name.into(), String::new())],
                        }),
                    }
                }
            }
            _ => {}
        }
    }
    Ok(cases)
}

fn run_case(rule: RuleId, case: &Case) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let root = Utf8Path::from_path(folder.path()).ok_or("the temporary folder is not UTF-8")?;
    for (name, text) in &case.files {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap_or(root))?;
        fs::write(path, text)?;
    }
    let selection = Selection::new(&Registry::default(), Profile::Default, &[], &[rule.name().to_owned()], &[])?;
    let run = support::check(root, case.pg, &selection)?;
    let open = run.findings.iter().map(|finding| finding.rule).collect::<BTreeSet<_>>();
    let wanted = if case.bad { BTreeSet::from([rule]) } else { BTreeSet::new() };
    if open == wanted {
        return Ok(());
    }
    Err(format!("found {open:?} where {wanted:?} was wanted\n{}{:#?}", run.concise(), case.files).into())
}

/// `fixtures/rules/<id>/<case>/`: the files of a run, and `expected.txt` with what it prints in the concise format.
/// With PGASSAY_UPDATE=1 the expectation is written anew, to be read before it is kept.
fn fixture_trials(trials: &mut Vec<Trial>) {
    let root = Utf8PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/rules");
    let folders = |path: &Utf8Path| -> Vec<Utf8PathBuf> {
        let entries = path.read_dir_utf8().into_iter().flatten().flatten();
        let mut folders =
            entries.filter(|entry| entry.path().is_dir()).map(camino::Utf8DirEntry::into_path).collect::<Vec<_>>();
        folders.sort();
        folders
    };
    for rule_folder in folders(&root) {
        let rule = rule_folder.file_name().unwrap_or_default().to_owned();
        for case in folders(&rule_folder) {
            let name = format!("case::{rule}::{}", case.file_name().unwrap_or_default());
            let rule = rule.clone();
            trials.push(Trial::test(name, move || fixture(&rule, &case)));
        }
    }
}

fn fixture(rule: &str, case: &Utf8Path) -> Result<(), Failed> {
    let id = RuleId::find(rule).ok_or_else(|| format!("no rule is called {rule}"))?;
    let selection = Selection::new(&Registry::default(), Profile::Default, &[], &[id.name().to_owned()], &[])?;
    let files = case.join("files");
    let pg = fs::read_to_string(case.join("pg")).ok().map(|text| text.trim().parse()).transpose()?;
    let run = support::check(&files, pg, &selection)?;
    support::matches(&case.join("expected.txt"), &run.concise()).map_err(Failed::from)
}
