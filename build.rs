//! Turns `rules/<family>/<id>.toml` and its page into static data, so that no rule is parsed at start-up.

#![allow(clippy::disallowed_methods, reason = "a build script reads and writes files")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

#[path = "src/rule/file.rs"]
mod file;

use file::{Check, RuleFile};

fn main() {
    println!("cargo::rerun-if-changed=rules");
    println!("cargo::rerun-if-changed=src/rule/file.rs");
    println!("cargo::rerun-if-changed=plugins");
    if let Err(error) = generate().and_then(|()| templates()) {
        println!("cargo::error={error}");
    }
}

fn generate() -> Result<(), String> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or("no CARGO_MANIFEST_DIR")?);
    let mut rules = Vec::new();
    for family in folders(&root.join("rules")).map_err(|error| format!("rules: {error}"))? {
        for path in entries(&family).map_err(|error| format!("{}: {error}", family.display()))? {
            if path.extension().is_some_and(|ext| ext == "toml") {
                rules.push(read(&path)?);
            }
        }
    }
    rules.sort_by(|a: &Rule, b| a.id.cmp(&b.id));
    if let Some(pair) = rules.windows(2).find(|pair| pair[0].id == pair[1].id) {
        return Err(format!("two rules are called {}", pair[0].id));
    }
    let mut out = String::from("/// Every built-in rule, sorted by id.\npub static RULES: &[RuleMeta] = &[\n");
    for (index, rule) in rules.iter().enumerate() {
        rule.emit(index, &mut out);
    }
    out.push_str("];\n\n/// The built-in rules by name.\n#[allow(missing_docs, reason = \"the rule's title stands in its metadata\")]\npub mod id {\n    use super::{RULES, RuleId};\n");
    for (index, rule) in rules.iter().enumerate() {
        let name = rule.id.replace('-', "_").to_uppercase();
        let _ = writeln!(out, "    pub const {name}: RuleId = RuleId(&RULES[{index}]);");
    }
    out.push_str("}\n");
    let target = PathBuf::from(env::var_os("OUT_DIR").ok_or("no OUT_DIR")?).join("rules.rs");
    fs::write(&target, out).map_err(|error| format!("{}: {error}", target.display()))
}

/// The folders below `plugins/` from which `pgassay plugin new` makes projects.
const TEMPLATES: [&str; 6] = ["sdk", "sdk-c", "sdk-js", "sdk-python", "templates", "wit"];

/// Puts the files of plugin projects into the binary.
fn templates() -> Result<(), String> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or("no CARGO_MANIFEST_DIR")?).join("plugins");
    let mut out = String::from("/// Files by their path below `plugins/`.\nstatic FILES: &[(&str, &[u8])] = &[\n");
    for name in TEMPLATES {
        files(&root.join(name), name, &mut out).map_err(|error| format!("plugins/{name}: {error}"))?;
    }
    out.push_str("];\n");
    let target = PathBuf::from(env::var_os("OUT_DIR").ok_or("no OUT_DIR")?).join("templates.rs");
    fs::write(&target, out).map_err(|error| format!("{}: {error}", target.display()))
}

fn files(folder: &Path, shown: &str, out: &mut String) -> io::Result<()> {
    for path in entries(folder)? {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let shown = format!("{shown}/{name}");
        // What builds leave behind.
        if ["target", "node_modules", "build", "__pycache__", "Cargo.lock"].contains(&name) {
            continue;
        }
        if path.is_dir() {
            files(&path, &shown, out)?;
        } else {
            let _ = writeln!(out, "    ({shown:?}, include_bytes!({path:?})),");
        }
    }
    Ok(())
}

struct Rule {
    id: String,
    family: String,
    page: PathBuf,
    file: RuleFile,
}

fn read(path: &Path) -> Result<Rule, String> {
    let shown = path.display();
    let text = fs::read_to_string(path).map_err(|error| format!("{shown}: {error}"))?;
    let file: RuleFile = toml::from_str(&text).map_err(|error| format!("{shown}: {error}"))?;
    file.validate().map_err(|error| format!("{shown}: {error}"))?;
    let page = path.with_extension("md");
    if !page.is_file() {
        return Err(format!("{shown}: the rule has no page {}", page.display()));
    }
    let name = |part: Option<&std::ffi::OsStr>| part.and_then(|name| name.to_str()).unwrap_or_default().to_owned();
    let id = name(path.file_stem());
    let family = name(path.parent().and_then(Path::file_name));
    Ok(Rule { id, family, page, file })
}

impl Rule {
    fn emit(&self, index: usize, out: &mut String) {
        let file = &self.file;
        let check = match &file.check {
            Check::Native(name) => format!("Check::Native(crate::checks::{name}::check)"),
            Check::Engine => "Check::Engine".to_owned(),
            Check::Declarative(rule) => format!("Check::Declarative({})", rule.emit()),
        };
        let _ = writeln!(
            out,
            "    RuleMeta {{ index: {index}, id: {:?}, family: {:?}, title: {:?}, severity: Severity::{:?}, confidence: Confidence::{:?}, \
             effect: Effect::{:?}, profile: Profile::{:?}, majors: Majors::range({}, {}), security_severity: {:?}, tags: &{:?}, \
             cwe: &{:?}, cis: &{:?}, stig: &{:?}, docs: &{:?}, fix: {}, since: {:?}, page: include_str!({:?}), check: {check} }},",
            self.id,
            self.family,
            file.title,
            file.severity,
            file.confidence,
            file.effect,
            file.profile,
            file.majors.0,
            file.majors.1,
            file.security_severity,
            file.tags,
            file.refs.cwe,
            file.refs.cis,
            file.refs.stig,
            file.refs.docs,
            file.fix.map_or_else(|| "None".to_owned(), |safety| format!("Some(Safety::{safety:?})")),
            file.since,
            self.page,
        );
    }
}

fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>()?;
    paths.sort();
    Ok(paths)
}

fn folders(root: &Path) -> io::Result<Vec<PathBuf>> {
    Ok(entries(root)?.into_iter().filter(|path| path.is_dir()).collect())
}
