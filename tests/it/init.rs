//! `pgassay init --pre-commit` and `--ci`: what runs pgassay in a repository.

use std::fs;
use std::path::Path;

use crate::Tree;

const HOOKS: &str = ".pre-commit-config.yaml";
const WORKFLOW: &str = ".github/workflows/pgassay.yml";
const JOB: &str = ".gitlab-ci.yml";

fn text(tree: &Tree, name: &str) -> String {
    fs::read_to_string(tree.path().join(name)).expect("the file is there")
}

#[test]
fn all_at_once() {
    let tree = Tree::new(&[("db/postgresql.conf", "port = 5432\n"), (".git/HEAD", "")]);
    let run = tree.run(&["init", "--pre-commit", "--ci", "github", "--ci", "gitlab"]);
    assert_eq!((run.code, run.out.as_str()), (0, ""), "{}", run.err);
    for name in ["pgassay.toml", HOOKS, WORKFLOW, JOB] {
        assert!(run.err.contains(&format!("wrote `{name}`")), "{}", run.err);
    }
    let version = env!("CARGO_PKG_VERSION");
    for name in [HOOKS, WORKFLOW, JOB] {
        let text = text(&tree, name);
        assert!(text.contains(&format!("pgassay=={version}")) && !text.contains("VERSION"), "{text}");
    }
    // What was written is read as what it is.
    assert_eq!(tree.run(&["check"]).code, 0);
}

/// A hook belongs at the top of the repository, wherever pgassay.toml lies.
#[test]
fn from_a_folder_of_the_repository() {
    let tree = Tree::new(&[("a/db/postgresql.conf", "port = 5432\n"), (".git/HEAD", "")]);
    let run = tree.run(&["init", "a/db", "--pre-commit"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(tree.path().join(HOOKS).is_file() && tree.path().join("a/db/pgassay.toml").is_file(), "{}", run.err);
}

#[test]
fn files_that_are_there_stay() {
    let tree = Tree::new(&[("pgassay.toml", "pg = 16\n"), (HOOKS, "repos: []\n")]);
    let run = tree.run(&["init", "--pre-commit"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert_eq!((text(&tree, "pgassay.toml").as_str(), text(&tree, HOOKS).as_str()), ("pg = 16\n", "repos: []\n"));
    assert!(run.err.contains("is there already and was left alone"), "{}", run.err);
    assert!(run.out.starts_with("repos:\n  - repo: local\n"), "{}", run.out);
}

#[test]
fn nothing_is_written_where_it_is_printed() {
    let tree = Tree::new(&[("db/postgresql.conf", "port = 5432\n")]);
    let run = tree.run(&["init", "--stdout", "--ci", "gitlab"]);
    assert!(run.code == 0 && run.out.contains("# .gitlab-ci.yml\npgassay:\n"), "{}", run.out);
    assert!(!tree.path().join(JOB).exists() && !tree.path().join("pgassay.toml").exists());
}

#[test]
fn it_is_what_the_documentation_shows() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ci.md")).expect("it is there");
    let tree = Tree::new(&[]);
    assert_eq!(tree.run(&["init", "--pre-commit"]).code, 0);
    assert!(page.contains(&text(&tree, HOOKS)), "docs/ci.md shows another hook");
}
