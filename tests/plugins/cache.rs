//! Compiled code: kept, found again, and never trusted when somebody else could have written it.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use crate::guest::{Finding, Guest};
use crate::run::Tree;

/// A tree with a plugin that finds something, and what a run must say of it.
fn tree() -> Tree {
    let tree = Tree::new();
    tree.plugin("good", &Guest::new("good").finds([Finding::new("good/rule", 0, "something")]));
    tree
}

#[track_caller]
fn finds(tree: &Tree) {
    let run = tree.check(&["good.wasm"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.out.contains("[good/rule]: something"), "{run:?}");
}

/// The file of the only entry with this ending.
fn entry(tree: &Tree, ending: &str) -> PathBuf {
    let entries = fs::read_dir(tree.cache()).expect("the cache is there").map(|entry| entry.expect("an entry").path());
    let mut found = entries.filter(|path| path.extension().is_some_and(|extension| extension == ending));
    let entry = found.next().expect("an entry is kept");
    assert_eq!(found.next(), None, "one plugin has one entry");
    entry
}

/// When a file was written: seconds, and nanoseconds on top.
fn written(path: &Path) -> (i64, i64) {
    let found = fs::metadata(path).expect("it is there");
    (found.mtime(), found.mtime_nsec())
}

#[test]
fn code_is_compiled_once() {
    let tree = tree();
    finds(&tree);
    let code = entry(&tree, "cwasm");
    let first = fs::metadata(&code).expect("it is there");
    assert_eq!(first.mode() & 0o777, 0o600, "nobody else may write it");
    assert_eq!(fs::metadata(tree.cache()).expect("a folder").mode() & 0o777, 0o700);
    finds(&tree);
    assert_eq!(written(&code), (first.mtime(), first.mtime_nsec()), "it was compiled again");
    // Other bytes are another plugin, whatever its name and date.
    tree.plugin("good", &Guest::new("good").finds([Finding::new("good/rule", 0, "something else")]));
    let run = tree.check(&["good.wasm"]);
    assert!(run.out.contains("something else"), "{run:?}");
}

#[test]
fn nothing_is_kept_where_that_is_asked_for() {
    let tree = tree();
    let run = tree.run(&["check", "conf", "--plugin", "good.wasm", "--no-cache"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(!tree.cache().exists());
}

#[test]
fn damage_is_noticed() {
    let tree = tree();
    finds(&tree);
    let (code, sum) = (entry(&tree, "cwasm"), entry(&tree, "sum"));
    let sound = (fs::read(&code).expect("code"), fs::read(&sum).expect("a sum"));
    let flipped = |at: usize| {
        let mut bytes = sound.0.clone();
        bytes[at] ^= 1;
        bytes
    };
    let length = sound.0.len();
    for (what, bytes, sum_bytes) in [
        ("a byte at the start", flipped(0), sound.1.clone()),
        ("a byte in the middle", flipped(length / 2), sound.1.clone()),
        ("a byte at the end", flipped(length - 1), sound.1.clone()),
        ("cut off", sound.0[..length / 3].to_vec(), sound.1.clone()),
        ("empty", Vec::new(), sound.1.clone()),
        ("something else", b"#!/bin/sh\n".to_vec(), sound.1.clone()),
        ("a sum that is none", sound.0.clone(), b"x".to_vec()),
        ("an empty sum", sound.0.clone(), Vec::new()),
        ("something else with a right sum", b"garbage".to_vec(), b"7 5f3b0d2c\n".to_vec()),
    ] {
        fs::write(&code, bytes).expect("written");
        fs::write(&sum, sum_bytes).expect("written");
        finds(&tree);
        assert_eq!(fs::read(&code).expect("code"), sound.0, "{what}: it was not compiled again");
        assert_eq!(fs::read(&sum).expect("a sum"), sound.1, "{what}");
    }
    fs::remove_file(&sum).expect("removed");
    finds(&tree);
    assert_eq!(fs::read(&sum).expect("a sum"), sound.1);
}

#[test]
fn code_that_others_could_write_is_not_loaded() {
    let tree = tree();
    finds(&tree);
    let code = entry(&tree, "cwasm");
    for mode in [0o620, 0o602, 0o666] {
        let before = written(&code);
        fs::set_permissions(&code, fs::Permissions::from_mode(mode)).expect("it can be changed");
        finds(&tree);
        assert_eq!(fs::metadata(&code).expect("code").mode() & 0o777, 0o600);
        assert_ne!(written(&code), before, "mode {mode:o}: it was loaded");
    }
    // Nor is one that leads elsewhere.
    let elsewhere = tree.path().join("elsewhere.cwasm");
    fs::rename(&code, &elsewhere).expect("it can be moved");
    symlink(&elsewhere, &code).expect("a link can be made");
    finds(&tree);
    assert!(fs::symlink_metadata(&code).expect("code").is_file());
    // Root can give it to another user.
    if fs::metadata(tree.path()).expect("a folder").uid() == 0 {
        std::os::unix::fs::chown(&code, Some(65534), None).expect("root may");
        finds(&tree);
        assert_eq!(fs::metadata(&code).expect("code").uid(), 0);
    }
}

#[test]
fn folders_that_others_could_write_are_not_used() {
    for mode in [0o720, 0o702, 0o777] {
        let tree = tree();
        fs::create_dir(tree.cache()).expect("a folder");
        fs::set_permissions(tree.cache(), fs::Permissions::from_mode(mode)).expect("it can be changed");
        let run = tree.run(&["check", "conf", "--plugin", "good.wasm", "--verbose"]);
        assert_eq!(run.code, 1, "{run:?}");
        assert!(run.out.contains("is not used: others can write it"), "{run:?}");
        assert_eq!(fs::read_dir(tree.cache()).expect("a folder").count(), 0, "mode {mode:o}");
    }
    let tree = tree();
    fs::create_dir(tree.path().join("real")).expect("a folder");
    symlink(tree.path().join("real"), tree.cache()).expect("a link");
    let run = tree.run(&["check", "conf", "--plugin", "good.wasm", "--verbose"]);
    assert!(run.out.contains("is not used: it is no folder"), "{run:?}");
    // A cache that cannot be made at all costs time, and nothing else.
    let tree = self::tree();
    tree.write("cache", b"a file");
    finds(&tree);
}

#[test]
fn runs_at_once_share_it() {
    let tree = tree();
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| (0..3).for_each(|_| finds(&tree)));
        }
    });
    entry(&tree, "cwasm");
}

#[test]
fn compiled_code_is_no_plugin() {
    let tree = tree();
    finds(&tree);
    let code = entry(&tree, "cwasm").to_string_lossy().into_owned();
    tree.check(&[&code]).failed_with("it is code that was compiled for one machine; name the `.wasm` file");
}
