//! Follows `docs/plugins.md` and the READMEs of new projects to the letter: the commands that they show are run, the files
//! that they show are written, and what they say is printed is compared.
//!
//! On a machine where rustup cannot bring the standard library for WebAssembly, `cargo xtask guests` has built one, and a
//! `rustup` that does nothing stands in the way.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::guests::repository;

/// A machine on which somebody follows instructions.
struct Machine {
    /// Where he stands.
    at: PathBuf,
    /// What a shell needs to know first.
    environment: String,
    /// The files that were shown so far.
    shown: BTreeMap<String, String>,
    _folder: tempfile::TempDir,
}

/// A block of Markdown between fences.
#[derive(Debug)]
enum Step {
    Heading(String),
    /// The words of its info string, and its lines.
    Block(Vec<String>, String),
    /// A file that was shown before is wanted here.
    Again(String),
}

fn steps(markdown: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut lines = markdown.lines();
    while let Some(line) = lines.next() {
        let ticks = line.len() - line.trim_start_matches('`').len();
        if let Some(heading) = line.strip_prefix("## ") {
            steps.push(Step::Heading(heading.to_owned()));
        } else if let Some(file) = line.strip_prefix("<!-- file: ").and_then(|rest| rest.strip_suffix(" -->")) {
            steps.push(Step::Again(file.to_owned()));
        } else if ticks >= 3 {
            let info = line[ticks..].split_whitespace().map(str::to_owned).collect();
            let text = lines.by_ref().take_while(|line| *line != "`".repeat(ticks)).map(|line| format!("{line}\n"));
            steps.push(Step::Block(info, text.collect()));
        }
    }
    steps
}

impl Machine {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let bin = folder.path().join("bin");
        fs::create_dir(&bin).expect("a folder");
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_pgassay"), bin.join("pgassay")).expect("a link");
        let output = Command::new(env!("CARGO"))
            .args(["run", "--quiet", "--package", "xtask", "--", "guests", "--env"])
            .current_dir(repository("."))
            .output()
            .expect("cargo runs");
        assert!(output.status.success(), "{output:?}");
        let tools = String::from_utf8(output.stdout).expect("UTF-8");
        if tools.contains("export RUSTC=") {
            script(&bin.join("rustup"), "#!/bin/sh\nexit 0\n");
        }
        let environment = format!(
            "{tools}export PATH={}:\"$PATH\"\nexport PGASSAY_CACHE_DIR={}\nunset CARGO_TARGET_DIR\n",
            bin.display(),
            repository("target/plugin-cache").display(),
        );
        let at = folder.path().join("work");
        fs::create_dir(&at).expect("a folder");
        Self { at, environment, shown: BTreeMap::new(), _folder: folder }
    }

    /// Runs a command; gives what it prints on both outputs, and its exit code.
    fn run(&self, command: &str) -> (String, i32) {
        let text = format!("exec 2>&1\n{}\n{command}\n", self.environment);
        let output = Command::new("bash").args(["-c", &text]).current_dir(&self.at).output().expect("bash runs");
        let code = output.status.code().expect("it is not killed");
        (String::from_utf8(output.stdout).expect("UTF-8"), code)
    }

    fn write(&mut self, name: &str, text: &str) {
        let path = self.at.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        fs::write(path, text).expect("written");
        self.shown.insert(name.to_owned(), text.to_owned());
    }

    /// Does what a block of commands and their outputs says.
    fn console(&mut self, text: &str) {
        let mut rest = text.lines().peekable();
        while let Some(line) = rest.next() {
            let command = line.strip_prefix("$ ").expect("a block starts with a command");
            if let Some(folder) = command.strip_prefix("cd ") {
                self.at = self.at.join(folder).canonicalize().expect("the folder is there");
                continue;
            }
            let (printed, code) = self.run(command);
            let expected_code =
                rest.next_if(|line| line.starts_with("? ")).map_or(0, |line| line[2..].parse().expect("an exit code"));
            let mut expected = Vec::new();
            while let Some(line) = rest.next_if(|line| !line.starts_with("$ ")) {
                expected.push(line);
            }
            assert_eq!(code, expected_code, "`{command}` printed:\n{printed}");
            let printed_lines = printed.lines().collect::<Vec<_>>();
            assert!(
                matches(&expected, &printed_lines),
                "`{command}` printed:\n{printed}instead of:\n{}",
                expected.join("\n")
            );
        }
    }
}

fn script(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    fs::write(path, text).expect("written");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("it can be run");
}

/// Whether lines are as expected; `...` is any number of lines, `[..]` any text within one.
fn matches(expected: &[&str], printed: &[&str]) -> bool {
    match expected.split_first() {
        None => printed.is_empty(),
        Some((&"...", rest)) => (0..=printed.len()).any(|skipped| matches(rest, &printed[skipped..])),
        Some((line, rest)) => printed.split_first().is_some_and(|(first, others)| {
            let same = match line.split_once("[..]") {
                Some((start, end)) => first.starts_with(start) && first.ends_with(end),
                None => line == first,
            };
            same && matches(rest, others)
        }),
    }
}

/// Follows a section of the guide; the files of those before it have been shown.
fn follow(section: &str) {
    let guide = fs::read_to_string(repository("docs/plugins.md")).expect("the guide");
    let mut machine = Machine::new();
    let mut here = String::new();
    let mut commands = 0;
    for step in steps(&guide) {
        match step {
            Step::Heading(heading) => here = heading,
            Step::Block(info, text) => match info.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
                ["console"] if here == section => {
                    commands += text.lines().filter(|line| line.starts_with("$ ")).count();
                    machine.console(&text);
                }
                [_, file] if here == section => machine.write(file, &text),
                [_, file] => {
                    machine.shown.insert((*file).to_owned(), text);
                }
                _ => {}
            },
            Step::Again(file) if here == section => {
                let text = machine.shown.get(&file).cloned().expect("it was shown before");
                machine.write(&file, &text);
            }
            Step::Again(_) => {}
        }
    }
    assert!(commands > 10, "{section} has {commands} commands");
}

#[test]
fn from_nothing_in_rust() {
    follow("In Rust");
}

#[test]
fn from_nothing_in_python() {
    follow("In Python");
}

/// Writes a new project and does what its README says.
fn new_project(language: &str) {
    let mut machine = Machine::new();
    let (printed, code) = machine.run(&format!("pgassay plugin new my-rules --lang {language}"));
    assert_eq!(code, 0, "{printed}");
    let (printed, code) = machine.run(&format!("pgassay plugin new my-rules --lang {language}"));
    assert_eq!((code, printed.trim_end()), (2, "pgassay: my-rules is there already"));
    machine.at.push("my-rules");
    let readme = fs::read_to_string(machine.at.join("README.md")).expect("a README");
    let mut last = String::new();
    for step in steps(&readme) {
        let Step::Block(info, text) = step else { continue };
        assert_eq!(info, ["sh"]);
        for command in text.lines() {
            let (printed, code) = machine.run(command);
            assert_eq!(code, 0, "`{command}` printed:\n{printed}");
            last = printed;
        }
    }
    assert!(last.contains("ok      my-rules/") && last.ends_with(" passed, 0 failed\n"), "{last}");
    let left = fs::read_dir(&machine.at).expect("a folder").map(|entry| entry.expect("an entry").path());
    for path in left.filter(|path| path.is_file()) {
        assert!(
            !fs::read_to_string(&path).is_ok_and(|text| text.contains("{{name}}") || text.contains("{{snake}}")),
            "{} is not filled in",
            path.display()
        );
    }
}

#[test]
fn new_projects_in_rust() {
    new_project("rust");
}

#[test]
fn new_projects_in_python() {
    new_project("python");
}

#[test]
fn new_projects_in_javascript() {
    new_project("js");
}

#[test]
fn new_projects_in_c() {
    new_project("c");
}

#[test]
fn names_of_new_projects() {
    let machine = Machine::new();
    for name in ["Acme", "a_b", "-a", "a-", "../a", "a/b", "9a"] {
        let (printed, code) = machine.run(&format!("pgassay plugin new --lang c -- {name}"));
        assert_eq!(code, 2, "{printed}");
        assert!(printed.contains("is no name of a plugin"), "{printed}");
    }
    assert_eq!(fs::read_dir(&machine.at).expect("a folder").count(), 0);
}
