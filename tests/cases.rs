//! Runs the Bad and Good blocks of every rule page, the cases in `fixtures/rules/` and the files of other languages in
//! `fixtures/hosts/`, one named test each.

#![allow(clippy::disallowed_methods, clippy::expect_used, reason = "a test binary of its own")]

use std::collections::BTreeSet;
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use libtest_mimic::{Arguments, Failed, Trial};
use pgassay::finding::Confidence;
use pgassay::rule::{Check, Profile, Registry, RuleId, Selection, page};
use pgassay::upgrade;

mod support;

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for rule in RuleId::all() {
        page_trials(rule, &mut trials);
    }
    fixture_trials(&mut trials);
    host_trials(&mut trials);
    libtest_mimic::run(&arguments, trials).exit();
}

fn page_trials(rule: RuleId, trials: &mut Vec<Trial>) {
    let name = format!("page::{}::{}", rule.meta().family, rule);
    let cases = match page::cases(rule.name(), rule.meta().page) {
        Ok(cases) => cases,
        Err(error) => return trials.push(Trial::test(name, || Err(Failed::from(error)))),
    };
    let both = cases.iter().any(|case| case.bad) && cases.iter().any(|case| !case.bad);
    let shown = both || matches!(rule.meta().check, Check::Engine);
    trials.push(Trial::test(format!("{name}::form"), move || {
        if shown { Ok(()) } else { Err("the page needs a Bad and a Good block".into()) }
    }));
    for (number, case) in cases.into_iter().enumerate() {
        let kind = if case.bad { "bad" } else { "good" };
        trials.push(Trial::test(format!("{name}::{kind}-{number}"), move || run_case(rule, &case)));
    }
}

fn run_case(rule: RuleId, case: &page::Case) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let root = Utf8Path::from_path(folder.path()).ok_or("the temporary folder is not UTF-8")?;
    for (name, text) in &case.files {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap_or(root))?;
        fs::write(path, text)?;
    }
    let selection = Selection::new(&Registry::default(), Profile::Default, &[], &[rule.name().to_owned()], &[])?;
    let run = match case.to {
        Some(to) => support::upgrade(root, case.pg, to, &selection)?,
        None => support::check(root, case.pg, &selection)?,
    };
    let open = run.findings.iter().map(|finding| finding.rule);
    // Any configuration relies on some default, and what other rules have against the new major is theirs to say.
    let aside = |other: &RuleId| {
        case.to.is_some()
            && *other != rule
            && (other.meta().family != upgrade::FAMILY || other.name() == "upgrade-default")
    };
    let open = open.filter(|rule| !aside(rule)).collect::<BTreeSet<_>>();
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
    for rule_folder in folders(&root) {
        let rule = rule_folder.file_name().unwrap_or_default().to_owned();
        for case in folders(&rule_folder) {
            let name = format!("case::{rule}::{}", case.file_name().unwrap_or_default());
            let rule = rule.clone();
            trials.push(Trial::test(name, move || fixture(&rule, &case)));
        }
    }
}

fn folders(path: &Utf8Path) -> Vec<Utf8PathBuf> {
    let entries = path.read_dir_utf8().into_iter().flatten().flatten();
    let mut folders =
        entries.filter(|entry| entry.path().is_dir()).map(camino::Utf8DirEntry::into_path).collect::<Vec<_>>();
    folders.sort();
    folders
}

/// `fixtures/hosts/<host>/<case>/`: a file of another language, or some that belong together, and `expected.txt` with
/// the fragments that are taken out and the bytes of each finding that a user sees by default.
fn host_trials(trials: &mut Vec<Trial>) {
    for host in folders(&support::repository("fixtures/hosts")) {
        for case in folders(&host) {
            let names = [host.file_name(), case.file_name()].map(Option::unwrap_or_default);
            trials.push(Trial::test(format!("host::{}::{}", names[0], names[1]), move || host_case(&case)));
        }
    }
}

fn host_case(case: &Utf8Path) -> Result<(), Failed> {
    let selection = Selection::new(&Registry::default(), Profile::Default, &[], &[], &[])?;
    let run = support::check_for(&case.join("files"), None, &selection, Confidence::Medium)?;
    support::matches(&case.join("expected.txt"), &run.of_host()).map_err(Failed::from)
}

fn fixture(rule: &str, case: &Utf8Path) -> Result<(), Failed> {
    let id = RuleId::find(rule).ok_or_else(|| format!("no rule is called {rule}"))?;
    let selection = Selection::new(&Registry::default(), Profile::Default, &[], &[id.name().to_owned()], &[])?;
    let files = case.join("files");
    let pg = fs::read_to_string(case.join("pg")).ok().map(|text| text.trim().parse()).transpose()?;
    let run = support::check(&files, pg, &selection)?;
    support::matches(&case.join("expected.txt"), &run.concise()).map_err(Failed::from)
}
