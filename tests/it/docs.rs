//! The pages of the documentation: their links lead somewhere, and their commands are ones.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Tree;

/// Commands of the pages that are not run here, since others run them.
const ELSEWHERE: [&str; 2] = [
    // tests/plugins makes projects with all of these.
    "plugin", // tests/it/lsp.rs speaks with it.
    "lsp",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The README and all pages of docs/, as paths from the root.
fn pages() -> Vec<PathBuf> {
    let docs = fs::read_dir(root().join("docs")).expect("there are pages");
    let docs = docs.map(|entry| entry.expect("it can be read").path());
    let docs = docs.filter(|path| path.extension().is_some_and(|is| is == "md"));
    let docs = docs.map(|path| path.strip_prefix(root()).expect("it lies there").to_owned());
    docs.chain(["README.md".into(), "docs/rules/README.md".into()]).collect()
}

fn text(page: &Path) -> String {
    fs::read_to_string(root().join(page)).expect("it can be read")
}

/// The blocks of a page with their info strings, and what stands outside of them.
fn blocks(text: &str) -> (Vec<(&str, String)>, String) {
    let (mut blocks, mut prose) = (Vec::new(), String::new());
    let mut open: Option<(&str, usize)> = None;
    for line in text.lines() {
        let ticks = line.bytes().take_while(|&byte| byte == b'`').count();
        match open {
            Some((_, of)) if ticks >= of && line.len() == ticks => open = None,
            Some(_) => {
                let last: &mut (&str, String) = blocks.last_mut().expect("a block is open");
                last.1.push_str(line);
                last.1.push('\n');
            }
            None if ticks >= 3 => {
                open = Some((&line[ticks..], ticks));
                blocks.push((&line[ticks..], String::new()));
            }
            None => {
                prose.push_str(line);
                prose.push('\n');
            }
        }
    }
    (blocks, prose)
}

/// The anchors of a page's headings, as GitHub and mdBook make them.
fn anchors(page: &Path) -> BTreeSet<String> {
    let text = text(page);
    let (_, prose) = blocks(&text);
    let headings = prose.lines().filter(|line| line.starts_with('#'));
    let anchor = |line: &str| {
        let words = line.trim_start_matches('#').trim().to_lowercase();
        let kept = words.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect::<String>()
    };
    headings.map(anchor).collect()
}

#[test]
fn links_lead_somewhere() {
    let mut wrong = Vec::new();
    for page in pages() {
        let text = text(&page);
        let (_, prose) = blocks(&text);
        for link in prose.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.contains("://") {
                continue;
            }
            let (path, anchor) = link.split_once('#').map_or((link, None), |(path, anchor)| (path, Some(anchor)));
            let target = page.parent().expect("a page lies somewhere").join(path);
            let target = if path.is_empty() { page.clone() } else { target };
            let there = root().join(&target).exists() || page.ends_with("SUMMARY.md") && path == "README.md";
            let anchored = anchor.is_none_or(|anchor| there && anchors(&target).contains(anchor));
            if !there || !anchored {
                wrong.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A repository in which the commands of the pages find what they name.
fn repository() -> Tree {
    let shop = |name: &str| fs::read_to_string(root().join("fixtures/clusters/shop").join(name)).expect("it is there");
    let (conf, hba) = (shop("db/postgresql.conf"), shop("db/pg_hba.conf"));
    let sql = shop("migrations/0007_publish_orders.sql");
    let tree = Tree::new(&[
        ("db/postgresql.conf", &conf),
        ("db/pg_hba.conf", &hba),
        ("db/PG_VERSION", "16\n"),
        ("etc/postgresql/16/main/postgresql.conf", &conf),
        ("etc/postgresql/16/main/pg_hba.conf", &hba),
        ("migrations/0007_publish_orders.sql", &sql),
    ]);
    let git = |args: &[&str]| {
        let run = Command::new("git").args(args).current_dir(tree.path()).output().expect("git is there");
        assert!(run.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&run.stderr));
    };
    git(&["init", "--quiet", "--initial-branch=main"]);
    git(&["add", "."]);
    let who = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
    git(&[&who[..], &["commit", "--quiet", "--message=a"]].concat());
    git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    fs::write(tree.path().join("pr.diff"), "").expect("it can be written");
    tree
}

/// Each line of a shell block that begins with `pgassay` does its job, one after the other in a repository of each page.
#[test]
fn commands_are_ones() {
    let binary = Path::new(env!("CARGO_BIN_EXE_pgassay"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = binary.parent().map(Path::to_owned).into_iter().chain(std::env::split_paths(&path));
    let path = std::env::join_paths(folders).expect("folders make a PATH");
    let mut wrong = Vec::new();
    for page in pages() {
        let text = text(&page);
        let (blocks, _) = blocks(&text);
        let mut tree = None;
        for (_, block) in blocks.iter().filter(|(info, _)| matches!(*info, "sh" | "bash" | "shell")) {
            for line in block.lines().filter(|line| line.starts_with("pgassay")) {
                if line.split_whitespace().nth(1).is_some_and(|word| ELSEWHERE.contains(&word)) {
                    continue;
                }
                let tree = tree.get_or_insert_with(repository);
                let mut command = Command::new("sh");
                command.args(["-c", line]).current_dir(tree.path()).env("PATH", &path).env_remove("PGASSAY_CONFIG");
                let run = command.output().expect("there is a shell");
                if !matches!(run.status.code(), Some(0 | 1)) {
                    wrong.push(format!("{}: {line}: {}", page.display(), String::from_utf8_lossy(&run.stderr)));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What the pages show of pgassay.toml is taken.
#[test]
fn configurations_are_ones() {
    let mut wrong = Vec::new();
    for page in pages().into_iter().filter(|page| !page.ends_with("plugins.md")) {
        let text = text(&page);
        for (_, block) in blocks(&text).0.iter().filter(|(info, _)| *info == "toml") {
            let tree = Tree::new(&[("pgassay.toml", block)]);
            let run = tree.run(&["settings"]);
            if run.code == 2 {
                wrong.push(format!("{}: {}", page.display(), run.err));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
