//! The man pages and completions that packages bring are those of the command line. `PGASSAY_UPDATE=1` writes them.

#![allow(clippy::disallowed_methods, reason = "tests read and write the files of the repository")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use clap::{Command, CommandFactory};
use clap_complete::Shell;

use super::args::App;

/// The files by their paths below `share`.
fn files() -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut app = App::command();
    app.build();
    pages(&app, "pgassay", &mut files);
    for (shell, path) in [
        (Shell::Bash, "bash-completion/completions/pgassay"),
        (Shell::Fish, "fish/vendor_completions.d/pgassay.fish"),
        (Shell::Zsh, "zsh/site-functions/_pgassay"),
    ] {
        let mut text = Vec::new();
        clap_complete::generate(shell, &mut App::command(), "pgassay", &mut text);
        files.insert(path.into(), text);
    }
    files
}

/// The page of a command, and those of the commands in it: `pgassay-hba-trace.1`.
fn pages(command: &Command, name: &str, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    let mut text = Vec::new();
    let shown = command.clone().display_name(name).version(env!("CARGO_PKG_VERSION"));
    clap_mangen::Man::new(shown).render(&mut text).expect("a page can be written into memory");
    files.insert(format!("man/man1/{name}.1").into(), text);
    for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set() && inner.get_name() != "help") {
        pages(inner, &format!("{name}-{}", inner.get_name()), files);
    }
}

#[test]
fn packages_bring_the_pages_and_completions_of_the_command_line() {
    let share = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/wheel/data/share");
    let files = files();
    assert!(files.len() > 20, "{:?}", files.keys());
    if std::env::var_os("PGASSAY_UPDATE").is_some() {
        let _ = fs::remove_dir_all(&share);
        for (path, text) in &files {
            let path = share.join(path);
            fs::create_dir_all(path.parent().expect("below share")).expect("the folder can be made");
            fs::write(path, text).expect("the file can be written");
        }
    }
    let mut there = Vec::new();
    walk(&share, &mut there);
    let there = there.iter().map(|path| path.strip_prefix(&share).expect("below share").to_owned()).collect::<Vec<_>>();
    for path in &there {
        assert!(files.contains_key(path), "{} is of no command; PGASSAY_UPDATE=1 removes it", path.display());
    }
    for (path, text) in &files {
        let kept = fs::read(share.join(path)).unwrap_or_default();
        assert!(kept == *text, "{} is not the command line's; PGASSAY_UPDATE=1 writes it", path.display());
    }
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { walk(&path, files) } else { files.push(path) }
    }
}
