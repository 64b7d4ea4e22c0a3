//! Paths that hold no plain file, or none that can be read: no run waits for them, and none hides what the others say.

#![cfg(unix)]

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::{Run, Tree};

const OFF: &str = "fsync = off\n";

fn check(tree: &Tree, paths: &[&str]) -> Run {
    tree.run(&[&["check", "--format", "concise", "--select", "fsync-off"], paths].concat())
}

/// The files with findings, and that the run says `told` of what it could not read.
fn says(run: &Run, files: &[&str], told: &[&str]) {
    let found = run.out.lines().filter_map(|line| line.split(':').next()).collect::<Vec<_>>();
    assert_eq!(found, files, "{run:?}");
    for text in told {
        assert!(run.err.contains(text), "{text:?} is not told: {run:?}");
    }
    assert_eq!(run.code, if told.is_empty() { 1 } else { 2 }, "{run:?}");
}

fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().expect("mkfifo starts").success());
}

#[test]
fn a_path_that_is_not_there_hides_no_other() {
    let tree = Tree::new(&[("postgresql.conf", OFF)]);
    says(&check(&tree, &["gone.conf", "postgresql.conf"]), &["postgresql.conf"], &["gone.conf: cannot be read: "]);
}

#[test]
fn pipes_sockets_and_devices_are_not_read() {
    let tree = Tree::new(&[("a/postgresql.conf", OFF), ("b/keep", "")]);
    pipe(&tree.path().join("b/postgresql.conf"));
    let _socket = UnixListener::bind(tree.path().join("b/pg_hba.conf")).expect("a socket can be made");
    symlink("/dev/zero", tree.path().join("zero.conf")).expect("a link can be made");
    let told = ["b/postgresql.conf: cannot be read: it is a pipe", "b/pg_hba.conf: cannot be read: it is a pipe"];
    says(&check(&tree, &[]), &["a/postgresql.conf"], &told);
    let named = ["a/postgresql.conf", "b/postgresql.conf", "b/pg_hba.conf", "zero.conf", "/dev/zero"];
    let told = [&told[..], &["zero.conf: cannot be read: it is a pipe", "/dev/zero: cannot be read: it is"]].concat();
    says(&check(&tree, &named), &["a/postgresql.conf"], &told);
}

#[test]
fn includes_of_what_is_no_file_hide_no_other() {
    let tree = Tree::new(&[
        ("postgresql.conf", "include 'pipe'\ninclude 'zero'\ninclude 'd'\ninclude_dir 'd'\nfsync = off\n"),
        ("d/1.conf", "work_mem = 1\n"),
        ("d/9.conf", OFF),
        ("pg_hba.conf", "include pipe\nhost all @zero all md5\n"),
    ]);
    pipe(&tree.path().join("pipe"));
    pipe(&tree.path().join("d/2.conf"));
    symlink("/dev/zero", tree.path().join("zero")).expect("a link can be made");
    symlink("nowhere", tree.path().join("d/3.conf")).expect("a link can be made");
    let run = tree.run(&["check", "--format", "concise", "--select", "fsync-off", "--follow-outside"]);
    let told = [
        "pipe: cannot be read: it is a pipe",
        "zero: cannot be read",
        "d: cannot be read: it is a folder",
        "d/2.conf: cannot be read: it is a pipe",
        "d/3.conf: cannot be read: it is a link that leads nowhere",
    ];
    says(&run, &["postgresql.conf"], &told);
    assert!(!run.err.contains("9.conf"), "{run:?}");
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let tree = Tree::new(&[("a/postgresql.conf", OFF)]);
    let large = File::create(tree.path().join("dump.sql")).expect("a file can be made");
    large.set_len(5 << 30).expect("the file can have holes");
    says(&check(&tree, &[]), &["a/postgresql.conf"], &["dump.sql: cannot be read: it is larger than 4 GiB"]);
}

#[test]
fn what_may_not_be_read_is_told() {
    let tree = Tree::new(&[("a/postgresql.conf", OFF), ("b/postgresql.conf", OFF), ("c/postgresql.conf", OFF)]);
    for name in ["b/postgresql.conf", "c"] {
        fs::set_permissions(tree.path().join(name), fs::Permissions::from_mode(0o000)).expect("the mode can be set");
    }
    if File::open(tree.path().join("b/postgresql.conf")).is_ok() {
        println!("not tried: this user may read every file");
        return;
    }
    let run = check(&tree, &[]);
    fs::set_permissions(tree.path().join("c"), fs::Permissions::from_mode(0o700)).expect("the mode can be set");
    says(&run, &["a/postgresql.conf"], &["b/postgresql.conf: cannot be read: ", "c: cannot be read: "]);
}

#[test]
fn names_that_are_not_utf8_are_told() {
    let tree = Tree::new(&[("a/postgresql.conf", "include_dir 'd'\n"), ("a/d/9.conf", OFF)]);
    let strange = |name: &[u8]| tree.path().join(OsStr::from_bytes(name));
    fs::create_dir(strange(b"caf\xe9")).expect("a folder can be made");
    for name in [&b"caf\xe9/postgresql.conf"[..], b"a/pg_hba.\xff.conf", b"a/d/\xff.conf", b"a/photo-\xff.jpg"] {
        fs::write(strange(name), OFF).expect("a file can be made");
    }
    let told = [
        "caf\u{fffd}/postgresql.conf: cannot be read: its path is not UTF-8",
        "a/pg_hba.\u{fffd}.conf: cannot",
        "a/d/\u{fffd}.conf: cannot",
    ];
    let run = check(&tree, &[]);
    says(&run, &["a/d/9.conf"], &told);
    assert!(!run.err.contains("photo"), "{run:?}");
}

#[test]
fn a_folder_may_be_named_like_a_file() {
    let tree = Tree::new(&[("postgresql.conf/postgresql.conf", OFF), ("pg_hba.conf/keep", ""), ("x/pg_hba.conf", "")]);
    says(&check(&tree, &[]), &["postgresql.conf/postgresql.conf"], &[]);
}

#[test]
fn a_walk_tells_which_links_it_does_not_follow() {
    let tree = Tree::new(&[("a/postgresql.conf", OFF)]);
    symlink("a", tree.path().join("a/postgresql.auto.conf")).expect("a link can be made");
    symlink("..", tree.path().join("a/up")).expect("a link can be made");
    let run = tree.run(&["check", "--select", "fsync-off", "-v"]);
    assert!(run.out.contains("a/postgresql.auto.conf: skipped: it is a symbolic link"), "{run:?}");
    assert_eq!(run.code, 1, "{run:?}");
}

#[test]
fn a_file_may_change_while_it_is_read() {
    let tree = Tree::new(&[("a/postgresql.conf", OFF), ("b/pg_hba.conf", "")]);
    let path = tree.path().join("b/pg_hba.conf");
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let rows = "host all all 10.0.0.0/8 scram-sha-256\n".repeat(20_000);
            while !done.load(Ordering::Relaxed) {
                fs::write(&path, &rows).expect("the file can be written");
                let file = File::options().write(true).open(&path).expect("the file is there");
                file.set_len(100).expect("the file can be cut");
                let _ = fs::remove_file(&path);
            }
        });
        for _ in 0..20 {
            let run = check(&tree, &[]);
            assert!(run.out.starts_with("a/postgresql.conf:1:"), "{run:?}");
            assert!(matches!(run.code, 1 | 2), "{run:?}");
        }
        done.store(true, Ordering::Relaxed);
    });
}
