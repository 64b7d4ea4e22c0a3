//! Turns the rules and profiles in `rules/` into static data, so that nothing of them is parsed at start-up.

#![allow(clippy::disallowed_methods, reason = "a build script reads and writes files")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

#[path = "src/rule/file.rs"]
mod file;

use file::{Check, ProfileFile, RuleFile, ValueFile};

fn main() {
    println!("cargo::rerun-if-changed=rules");
    println!("cargo::rerun-if-changed=src/rule/file.rs");
    println!("cargo::rerun-if-changed=plugins");
    fixed_address();
    if let Err(error) = generate().and_then(|()| templates()) {
        println!("cargo::error={error}");
    }
}

/// Links the program for a fixed address. The metadata of rules and the tables of grammars are full of pointers; where
/// the address is chosen at start-up, the loader writes tens of thousands of them and so copies every page that has one,
/// which takes longer than all else that a small run does. Libraries, stack and heap stay where chance puts them.
fn fixed_address() {
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}

fn generate() -> Result<(), String> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or("no CARGO_MANIFEST_DIR")?);
    let mut rules = Vec::new();
    let profiles = root.join("rules/profiles");
    for family in folders(&root.join("rules")).map_err(|error| format!("rules: {error}"))? {
        if family == profiles {
            continue;
        }
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
    out.push_str("}\n\n/// The profiles that are built in, by name.\npub static PROFILES: &[Profile<'static>] = &[\n");
    for path in entries(&profiles).map_err(|error| format!("rules/profiles: {error}"))? {
        profile(&path, &rules, &mut out).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    out.push_str("];\n");
    let target = PathBuf::from(env::var_os("OUT_DIR").ok_or("no OUT_DIR")?).join("rules.rs");
    fs::write(&target, out).map_err(|error| format!("{}: {error}", target.display()))
}

/// The folders below `plugins/` from which `pgassay plugin new` makes projects.
const TEMPLATES: [&str; 6] = ["sdk", "sdk-c", "sdk-js", "sdk-python", "templates", "wit"];

/// Puts the files of plugin projects into the binary.
fn templates() -> Result<(), String> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or("no CARGO_MANIFEST_DIR")?);
    // cargo leaves folders with packages of their own out of a crate; `cargo xtask embed` makes one without.
    let plugins = root.join("plugins");
    let root = if plugins.exists() { plugins } else { root.join("embedded") };
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
        let shown = format!("{shown}/{}", name.strip_suffix(".embedded").unwrap_or(name));
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

/// Writes a profile as an expression of `crate::rule::Profile`.
fn profile(path: &Path, rules: &[Rule], out: &mut String) -> Result<(), String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let file: ProfileFile = toml::from_str(&text).map_err(|error| error.to_string())?;
    let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    let rule = |id: &str| rules.iter().find(|rule| rule.id == id).ok_or(format!("no rule is called {id}"));
    let mut given = String::new();
    for (id, options) in &file.rules {
        let known = rule(id)?.options();
        for (key, value) in options {
            if key != "severity" && !known.iter().any(|option| option.0 == *key) {
                return Err(format!("the rule {id} has no option {key}"));
            }
            let value = match value {
                ValueFile::Number(number) => format!("Value::Text(\"{number}\")"),
                ValueFile::Text(word) => format!("Value::Text({word:?})"),
                ValueFile::List(words) => format!("Value::List(Words::Fixed(&{words:?}))"),
            };
            let _ = write!(given, "Given {{ rule: {id:?}, key: {key:?}, value: {value}, place: None }}, ");
        }
    }
    let mut sections = String::new();
    for section in &file.section {
        for id in &section.rules {
            rule(id)?;
        }
        let _ = write!(sections, "{}, ", section.emit()?);
    }
    let level = file.level.map_or_else(|| "None".to_owned(), |level| format!("Some(Level::{level:?})"));
    let _ = writeln!(
        out,
        "    Profile {{ name: {name:?}, title: {:?}, prefix: {:?}, level: {level}, extends: Words::Fixed(&{:?}), \
         select: Words::Fixed(&{:?}), ignore: Words::Fixed(&{:?}), given: &[{given}], sections: &[{sections}] }},",
        file.title, file.prefix, file.extends, file.select, file.ignore,
    );
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
    /// Name, help, value and merging of its options.
    fn options(&self) -> Vec<(&str, &str, ValueFile, file::Merge)> {
        match &self.file.check {
            Check::Declarative(rule) => {
                rule.operand().into_iter().map(|(name, value, merge)| (name, "the operand", value, merge)).collect()
            }
            _ => {
                let options = self.file.options.iter();
                options
                    .map(|(name, option)| {
                        let merge = option.merge.unwrap_or(file::Merge::Clash);
                        (name.as_str(), option.help.as_str(), option.default.clone(), merge)
                    })
                    .collect()
            }
        }
    }

    fn emit(&self, index: usize, out: &mut String) {
        let file = &self.file;
        let check = match &file.check {
            Check::Native(name) => format!("Check::Native(crate::checks::{name}::check)"),
            Check::Engine => "Check::Engine".to_owned(),
            Check::Declarative(rule) => format!("Check::Declarative({})", rule.emit(file.fix)),
        };
        let options = self.options().into_iter().map(|(name, help, value, merge)| {
            let (kind, words) = match value {
                ValueFile::Number(number) => ("Number", vec![number.to_string()]),
                ValueFile::Text(word) => ("Text", vec![word]),
                ValueFile::List(words) => ("List", words),
            };
            format!(
                "OptionMeta {{ name: {name:?}, help: {help:?}, kind: OptionKind::{kind}, default: &{words:?}, \
                 merge: Merge::{merge:?} }}, "
            )
        });
        let options = options.collect::<String>();
        let _ = writeln!(
            out,
            "    RuleMeta {{ index: {index}, id: {:?}, family: {:?}, title: {:?}, severity: Severity::{:?}, confidence: Confidence::{:?}, \
             effect: Effect::{:?}, level: Level::{:?}, majors: Majors::range({}, {}), security_severity: {:?}, tags: &{:?}, \
             cwe: &{:?}, cis: &{:?}, stig: &{:?}, docs: &{:?}, options: &[{options}], fix: {}, since: {:?}, page: include_str!({:?}), check: {check} }},",
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
