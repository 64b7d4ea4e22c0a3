//! Runs the Bad and Good blocks of every rule page, the cases in `fixtures/rules/` and the files of other languages in
//! `fixtures/hosts/`, one named test each.

#![allow(clippy::disallowed_methods, clippy::expect_used, reason = "a test binary of its own")]

use std::collections::BTreeSet;
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use libtest_mimic::{Arguments, Failed, Trial};
use pgassay::catalog::Majors;
use pgassay::config::{ConfigFile, Flags};
use pgassay::finding::Confidence;
use pgassay::rule::{Check, Chosen, Registry, RuleId, Selection, page};
use pgassay::upgrade;

mod support;

use support::fixes::{Folder, Written};

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for rule in RuleId::all() {
        page_trials(rule, &mut trials);
    }
    fixture_trials(&mut trials);
    host_trials(&mut trials);
    verdict_trials(&mut trials);
    fix_trials(&mut trials);
    mend_trials(&mut trials);
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
    trials.push(Trial::test(format!("{name}::references"), move || references(rule)));
    for (number, case) in cases.into_iter().enumerate() {
        let kind = if case.bad { "bad" } else { "good" };
        trials.push(Trial::test(format!("{name}::{kind}-{number}"), move || run_case(rule, &case)));
    }
}

/// The ids and pages that a rule's metadata refers to are those that its page lists under References.
fn references(rule: RuleId) -> Result<(), Failed> {
    const DOCS: &str = "https://www.postgresql.org/docs/current/";
    let refs = rule.meta();
    let listed = rule.meta().page.split_once("\n## References\n").map(|(_, listed)| listed).unwrap_or_default();
    let links = listed.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link);
    let links = links.collect::<BTreeSet<_>>();
    let current = links.iter().filter_map(|link| link.strip_prefix(DOCS)).collect::<BTreeSet<_>>();
    let (others, docs): (BTreeSet<&str>, BTreeSet<&str>) = refs.docs.iter().partition(|of| of.starts_with("https://"));
    let form = |page: &str| {
        let (page, anchor) = page.split_once(".html").unwrap_or_default();
        let word = |text: &str, fits: fn(char) -> bool| text.chars().all(|c| fits(c) || c.is_ascii_digit() || c == '-');
        !page.is_empty()
            && word(page, |c| c.is_ascii_lowercase())
            && (anchor.is_empty()
                || anchor.strip_prefix('#').is_some_and(|name| word(name, |c| c.is_ascii_uppercase())))
    };
    if let Some(page) = docs.iter().find(|page| !form(page)) {
        return Err(format!("`{page}` has not the form of a page of the documentation").into());
    }
    // Releases have notes of their own major only.
    if let Some(page) = docs.iter().find(|page| page.starts_with("release-")) {
        return Err(format!("`{page}` is no page of the current documentation").into());
    }
    if docs != current || !others.is_subset(&links) {
        return Err(format!("docs: {:?} in the metadata, {links:?} on the page", refs.docs).into());
    }
    let items = listed.split("\n- ").map(|item| item.trim_start_matches("- ")).collect::<Vec<_>>();
    let ids = |of: &str| {
        let found = items.iter().filter_map(|item| item.strip_prefix(of));
        found.flat_map(|list| list.split([',', ' ', '\n'])).filter(|id| !id.is_empty()).collect::<BTreeSet<_>>()
    };
    let cis = |prefix: &str| refs.cis.iter().filter_map(|id| id.strip_prefix(prefix)).collect::<BTreeSet<_>>();
    let cwe = refs.cwe.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
    let linked = links.iter().filter_map(|link| link.strip_prefix("https://cwe.mitre.org/data/definitions/"));
    let linked = linked.filter_map(|rest| rest.strip_suffix(".html")).map(str::to_owned).collect::<BTreeSet<_>>();
    for (what, stated, listed) in [
        ("CIS PostgreSQL 17", cis("CIS17:"), ids("CIS PostgreSQL 17 Benchmark:")),
        ("CIS Google Cloud Platform", cis("CISGCP:"), ids("CIS Google Cloud Platform Foundation Benchmark:")),
        ("STIG", refs.stig.iter().copied().collect(), ids("STIG:")),
        ("CWE", cwe.iter().map(String::as_str).collect(), linked.iter().map(String::as_str).collect()),
    ] {
        if stated != listed {
            return Err(format!("{what}: {stated:?} in the metadata, {listed:?} on the page").into());
        }
    }
    match refs.cis.iter().find(|id| !id.starts_with("CIS17:") && !id.starts_with("CISGCP:")) {
        Some(id) => Err(format!("`{id}` is of no benchmark that is known here").into()),
        None => Ok(()),
    }
}

fn run_case(rule: RuleId, case: &page::Case) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let root = Utf8Path::from_path(folder.path()).ok_or("the temporary folder is not UTF-8")?;
    lay_out(case, root)?;
    let selection = selection(rule, root)?;
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

/// Writes the files of a block into a folder, with their modes.
fn lay_out(case: &page::Case, root: &Utf8Path) -> Result<(), Failed> {
    for (name, text) in &case.files {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap_or(root))?;
        fs::write(path, text)?;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As of a data directory.
        fs::set_permissions(root, PermissionsExt::from_mode(0o700))?;
        for (name, mode) in &case.modes {
            fs::set_permissions(root.join(name), PermissionsExt::from_mode(*mode))?;
        }
    }
    Ok(())
}

/// `fixtures/rules/<id>/<case>/`: the files of a run, and `expected.txt` with what it prints in the concise format. Options
/// of rules may stand in `pgassay.toml` beside them.
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
    let selection = Selection::profile(&Registry::default(), "default")?;
    let run = support::check_for(&case.join("files"), None, &selection, Confidence::Medium)?;
    support::matches(&case.join("expected.txt"), &run.of_host()).map_err(Failed::from)
}

/// `fixtures/verdicts/<case>/`: what is easily judged wrongly. `case.toml` says what the wrong verdict is, which rules
/// must find something in `files/`, and which must not; on `control/`, where the fault is real, those must.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Verdict {
    /// The wrong verdict, and why it is wrong.
    #[allow(dead_code, reason = "for readers")]
    wrong: String,
    /// The profile whose options count, where it is not `strict`.
    profile: Option<String>,
    /// The majors, where they matter.
    pg: Option<String>,
    /// `path:line rule`, all that the rules named here find.
    #[serde(default)]
    fires: BTreeSet<String>,
    /// Rules that find nothing in `files/` and something in `control/`.
    #[serde(default)]
    silent: BTreeSet<String>,
}

fn verdict_trials(trials: &mut Vec<Trial>) {
    for case in folders(&support::repository("fixtures/verdicts")) {
        let name = case.file_name().unwrap_or_default().to_owned();
        trials.push(Trial::test(format!("verdict::{name}"), move || verdict(&case)));
    }
}

fn verdict(case: &Utf8Path) -> Result<(), Failed> {
    let verdict: Verdict = toml::from_str(&fs::read_to_string(case.join("case.toml"))?)?;
    let pg = verdict.pg.as_deref().map(str::parse).transpose()?;
    let firing = verdict.fires.iter().filter_map(|line| line.split_once(' ')).map(|(_, rule)| rule.to_owned());
    let named = firing.chain(verdict.silent.iter().cloned()).collect::<Vec<_>>();
    if named.is_empty() {
        return Err("the case names no rule".into());
    }
    let registry = Registry::default();
    let chosen = Chosen::of(&registry, &[verdict.profile.as_deref().unwrap_or("strict")])?;
    let selection = Selection::new(&registry, chosen, &named, &[], &[])?;
    let found = |folder: &str| -> Result<BTreeSet<String>, Failed> {
        let text = support::check(&case.join(folder), pg, &selection)?.concise();
        // `path:line:column: severity[rule]: message`
        let place = |line: &str| {
            let (place, rest) = line.split_once(": ")?;
            let rule = rest.split_once('[')?.1.split_once(']')?.0;
            Some(format!("{} {rule}", place.rsplit_once(':')?.0))
        };
        Ok(text.lines().filter_map(place).collect())
    };
    let open = found("files")?;
    if open != verdict.fires {
        return Err(format!("found {open:#?} where {:#?} was wanted", verdict.fires).into());
    }
    if verdict.silent.is_empty() {
        return Ok(());
    }
    let control = found("control")?;
    match verdict.silent.iter().find(|rule| !control.iter().any(|line| line.ends_with(&format!(" {rule}")))) {
        Some(rule) => Err(format!("`{rule}` is silent on the control too, where this was found: {control:#?}").into()),
        None => Ok(()),
    }
}

/// Every fix of the pages, cases and trees is made in memory, by itself and with all others: it must mend what was found,
/// bring nothing, and change nothing else, whatever the lines end with.
fn fix_trials(trials: &mut Vec<Trial>) {
    for rule in RuleId::all() {
        let cases = page::cases(rule.name(), rule.meta().page).unwrap_or_default();
        for (number, case) in cases.into_iter().filter(|case| case.to.is_none()).enumerate() {
            trials.push(Trial::test(format!("fix::page::{rule}::{number}"), move || {
                let folder = tempfile::tempdir()?;
                let root = Utf8Path::from_path(folder.path()).ok_or("the temporary folder is not UTF-8")?;
                for (name, text) in &case.files {
                    let path = root.join(name);
                    fs::create_dir_all(path.parent().unwrap_or(root))?;
                    fs::write(path, text)?;
                }
                mended(root, case.pg, &selection(rule, root)?)
            }));
        }
    }
    for rule_folder in folders(&support::repository("fixtures/rules")) {
        let Some(rule) = rule_folder.file_name().and_then(RuleId::find) else { continue };
        for case in folders(&rule_folder) {
            let name = format!("fix::case::{rule}::{}", case.file_name().unwrap_or_default());
            trials.push(Trial::test(name, move || {
                let pg = fs::read_to_string(case.join("pg")).ok().map(|text| text.trim().parse()).transpose()?;
                mended(&case.join("files"), pg, &selection(rule, &case)?)
            }));
        }
    }
    let strict =
        |folder: Utf8PathBuf| move || mended(&folder, None, &Selection::profile(&Registry::default(), "strict")?);
    for host in folders(&support::repository("fixtures/hosts")) {
        for case in folders(&host) {
            let names = [host.file_name(), case.file_name()].map(Option::unwrap_or_default);
            let name = format!("fix::host::{}::{}", names[0], names[1]);
            trials.push(Trial::test(name, strict(case.join("files"))));
        }
    }
    for tree in ["fixtures/clusters", "fixtures/verdicts", "fixtures/profiles"] {
        for folder in folders(&support::repository(tree)) {
            let name = folder.strip_prefix(support::repository("")).unwrap_or(&folder).as_str().replace('/', "::");
            trials.push(Trial::test(format!("fix::{name}"), strict(folder)));
        }
    }
}

/// `fixtures/fixes/<family>.txt`: what the fixes of the family's rules make of the Bad blocks of their pages and of the files
/// in `fixtures/rules/`. Each rule that has a fix by its file shows one, and its page says what it does.
fn mend_trials(trials: &mut Vec<Trial>) {
    let families = RuleId::all().map(|rule| rule.meta().family).collect::<BTreeSet<_>>();
    for family in families {
        trials.push(Trial::test(format!("mends::{family}"), move || mends_of(family)));
    }
}

fn mends_of(family: &str) -> Result<(), Failed> {
    let (mut out, mut failed) = (String::new(), String::new());
    for rule in RuleId::all().filter(|rule| rule.meta().family == family) {
        let shown = mends(rule)?;
        let told = ["--fix", "--unsafe-fixes"].iter().any(|flag| rule.meta().page.contains(flag));
        match rule.meta().fix.is_some() {
            true if !shown.contains('+') && !shown.contains('-') => {
                failed = format!("{failed}`{rule}` has a fix by its file, but no example shows one\n");
            }
            fixed if fixed != told => failed = format!("{failed}the page of `{rule}` and its file differ on a fix\n"),
            _ => {}
        }
        if !shown.is_empty() {
            out = format!("{out}# {rule}\n\n{shown}\n");
        }
    }
    if !failed.is_empty() {
        return Err(failed.into());
    }
    let path = support::repository("fixtures/fixes").join(format!("{family}.txt"));
    if out.is_empty() && !path.exists() { Ok(()) } else { support::matches(&path, &out).map_err(Failed::from) }
}

/// What the fixes of a rule make of each of its examples.
fn mends(rule: RuleId) -> Result<String, Failed> {
    let mut out = String::new();
    for case in page::cases(rule.name(), rule.meta().page)?.iter().filter(|case| case.bad && case.to.is_none()) {
        let folder = tempfile::tempdir()?;
        let root = Utf8Path::from_path(folder.path()).ok_or("the temporary folder is not UTF-8")?;
        lay_out(case, root)?;
        let selection = selection(rule, root)?;
        let folder = Folder { root, pg: case.pg, selection: &selection, written: Written::AsTheyAre };
        out.push_str(&support::mends::made(&folder, rule)?);
    }
    for case in folders(&support::repository("fixtures/rules").join(rule.name())) {
        let pg = fs::read_to_string(case.join("pg")).ok().map(|text| text.trim().parse()).transpose()?;
        let (root, selection) = (case.join("files"), selection(rule, &case)?);
        let folder = Folder { root: &root, pg, selection: &selection, written: Written::AsTheyAre };
        out.push_str(&support::mends::made(&folder, rule)?);
    }
    Ok(out)
}

fn mended(root: &Utf8Path, pg: Option<Majors>, selection: &Selection) -> Result<(), Failed> {
    let mut all = Vec::new();
    for written in [Written::AsTheyAre, Written::WithReturns, Written::WithoutEnd] {
        let (faults, _) = Folder { root, pg, selection, written }.faults();
        all.extend(faults.into_iter().map(|fault| format!("{written:?}: {fault}")));
    }
    if all.is_empty() { Ok(()) } else { Err(all.join("\n").into()) }
}

/// The default profile and the rule.
fn with(rule: RuleId) -> Result<Selection, Failed> {
    let registry = Registry::default();
    let chosen = Chosen::of(&registry, &["default"])?;
    Ok(Selection::new(&registry, chosen, &[], &[rule.name().to_owned()], &[])?)
}

/// The same with what a `pgassay.toml` in the folder says.
fn selection(rule: RuleId, folder: &Utf8Path) -> Result<Selection, Failed> {
    match fs::read_to_string(folder.join("pgassay.toml")) {
        Ok(text) => {
            let flags = Flags { extend_select: vec![rule.name().to_owned()], ..Flags::default() };
            Ok(ConfigFile::parse(&text)?.settings(Utf8Path::new(""), &flags, &Registry::default())?.selection)
        }
        Err(_) => with(rule),
    }
}

fn fixture(rule: &str, case: &Utf8Path) -> Result<(), Failed> {
    let id = RuleId::find(rule).ok_or_else(|| format!("no rule is called {rule}"))?;
    let selection = selection(id, case)?;
    let files = case.join("files");
    let pg = fs::read_to_string(case.join("pg")).ok().map(|text| text.trim().parse()).transpose()?;
    let run = support::check(&files, pg, &selection)?;
    support::matches(&case.join("expected.txt"), &run.concise()).map_err(Failed::from)
}
