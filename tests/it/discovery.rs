//! Which files are read, and which are not.

use crate::Tree;

fn files(tree: &Tree, args: &[&str]) -> Vec<String> {
    let run = tree.run(&[&["check", "--format", "concise", "--select", "fsync-off"], args].concat());
    run.out.lines().filter_map(|line| line.split(':').next()).map(ToOwned::to_owned).collect()
}

const OFF: &str = "fsync = off\n";

#[test]
fn ignore_files_are_heeded() {
    let tree = Tree::new(&[
        (".gitignore", "/build\n*.tmp/\n!keep.tmp/\n"),
        ("postgresql.conf", OFF),
        ("build/postgresql.conf", OFF),
        ("a.tmp/postgresql.conf", OFF),
        ("keep.tmp/postgresql.conf", OFF),
        ("sub/.gitignore", "postgresql.conf\n"),
        ("sub/postgresql.conf", OFF),
        ("sub/deep/postgresql.conf", OFF),
        ("other/postgresql.conf", OFF),
        (".git/postgresql.conf", OFF),
        ("other/build/postgresql.conf", OFF),
    ]);
    let expected =
        ["keep.tmp/postgresql.conf", "other/build/postgresql.conf", "other/postgresql.conf", "postgresql.conf"];
    assert_eq!(files(&tree, &[]), expected);
    assert_eq!(files(&tree, &["other"]), ["other/build/postgresql.conf", "other/postgresql.conf"]);
    // The repository's ignore file holds below it too; a file that is named is read anyway.
    assert_eq!(files(&tree, &["sub/deep"]), ["sub/deep/postgresql.conf"; 0]);
    assert_eq!(files(&tree, &["sub/postgresql.conf"]), ["sub/postgresql.conf"]);
}

#[test]
fn kinds_are_told_by_name_then_content() {
    let tree = Tree::new(&[
        ("deploy/db.conf", "fsync = off\nwork_mem = 8MB\nshared_buffers = 1GB\nmax_connections = 10\n"),
        ("deploy/nginx.conf", "events {\n}\n"),
        ("fail2ban/postgresql.conf", "[Definition]\nfsync = off\n"),
        ("notes.md", "fsync = off\n"),
    ]);
    assert_eq!(files(&tree, &[]), ["deploy/db.conf"]);
    let run = tree.run(&["check", "-v"]);
    assert!(run.out.contains("fail2ban/postgresql.conf: skipped"), "{}", run.out);
    // A hook names every file that changed; a file of another program is no reason to fail.
    let run = tree.run(&["check", "fail2ban/postgresql.conf"]);
    assert_eq!((run.code, run.out.trim()), (0, "no findings in 0 files"), "{run:?}");
    assert_eq!(files(&tree, &["notes.md", "--kind", "postgresql.conf"]), ["notes.md"]);
}

/// Files of other programs, and prose, under the names of PostgreSQL's files.
const LOOKALIKES: &[(&str, &str)] = &[
    (
        "fail2ban/filter.d/postgresql.conf",
        "[Definition]\nfailregex = ^.*FATAL: .* for user .* <HOST>$\nignoreregex =\n",
    ),
    (
        "fail2ban/jail.d/postgresql.conf",
        "[postgresql]\nenabled = true\nport = 5432\nfilter = postgresql\nmaxretry = 3\n",
    ),
    (
        "supervisor/postgresql.conf",
        "[program:postgresql]\ncommand=/usr/bin/postgres -D /etc/postgresql\nuser=postgres\nautorestart=true\n",
    ),
    (
        "logrotate.d/postgresql.conf",
        "/var/log/postgresql/*.log {\n    size 50M\n    rotate 9\n    missingok\n    create 0640 postgres postgres\n}\n",
    ),
    ("tmpfiles.d/postgresql.conf", "# directories of the service\nd /run/postgresql 2775 postgres postgres - -\n"),
    (
        "rsyslog.d/postgresql.conf",
        "$ModLoad imfile\nlocal0.* /var/log/postgresql.log\n:programname, isequal, \"postgres\" stop\n& stop\n",
    ),
    (
        "systemd/system/postgresql.service.d/postgresql.conf",
        "[Service]\nEnvironment=PGDATA=/srv/data\nOOMScoreAdjust=-1000\nLimitNOFILE=65536\n",
    ),
    (
        "sysctl.d/postgresql.conf",
        "kernel.shmmax = 17179869184\nkernel.sem = 250 32000 32 275\nvm.overcommit_memory=2\n",
    ),
    (
        "prose/postgresql.conf",
        "How to set up the server\n\nSet the memory to a quarter of what the machine has.\nThen restart the server.\n",
    ),
    (
        "prose/pg_hba.conf",
        "This is about who may log in.\n\nAsk the team for an account, and read the guide first.\nNever use trust.\n",
    ),
    ("ini/pg_ident.conf", "[database]\nhost = localhost\nport = 5432\nname = app\n"),
    ("ini/pg_hba.conf", "[main]\nallow = 10.0.0.0/8\ndeny = all\n"),
];

#[test]
fn files_of_other_programs_raise_nothing() {
    for &(name, text) in LOOKALIKES {
        for profile in ["default", "strict"] {
            let run = Tree::new(&[(name, text)]).run(&["check", "--no-config", "--profile", profile]);
            assert_eq!((run.code, run.out.trim()), (0, "no findings in 0 files"), "{name}");
        }
    }
}

#[test]
fn includes_are_followed_inside_the_tree() {
    let tree = Tree::new(&[
        ("main/postgresql.conf", "include 'shared/a.conf'\ninclude_dir 'conf.d'\ninclude '../../outside.conf'\n"),
        ("main/shared/a.conf", OFF),
        ("main/conf.d/20.conf", OFF),
        ("main/conf.d/10.conf", "fsync = on\n"),
        ("outside.conf", OFF),
    ]);
    assert_eq!(files(&tree, &["main"]), ["main/conf.d/20.conf"], "the last definition counts");
}

#[cfg(unix)]
#[test]
fn links_and_cycles_end() {
    let tree = Tree::new(&[
        ("a/postgresql.conf", "include 'b.conf'\nfsync = off\n"),
        ("a/b.conf", "include 'postgresql.conf'\n"),
    ]);
    std::os::unix::fs::symlink("../a", tree.path().join("a/loop")).expect("a link can be made");
    std::os::unix::fs::symlink("/etc/hostname", tree.path().join("a/c.conf")).expect("a link can be made");
    assert_eq!(files(&tree, &[]), ["a/postgresql.conf"]);
}

#[test]
fn includes_that_grow_with_their_depth_end() {
    let texts = (1..=9).map(|depth| format!("include '{depth}.conf'\n").repeat(10)).collect::<Vec<_>>();
    let names = (1..=9).map(|depth| format!("{depth}.conf")).collect::<Vec<_>>();
    let mut tree = vec![("postgresql.conf", texts[0].as_str()), ("9.conf", "fsync = off\n")];
    tree.extend(names.iter().zip(&texts[1..]).map(|(name, text)| (name.as_str(), text.as_str())));
    assert_eq!(files(&Tree::new(&tree), &[]), ["9.conf"]);
}

/// Asked of servers 16 and 18: an include may stand in ten others, and a list is a level of its own.
#[test]
fn includes_and_lists_count_as_levels() {
    for (includes, list, refused) in [(10, false, None), (11, false, Some("hba-include")), (9, true, None)]
        .into_iter()
        .chain([(10, true, Some("hba-list-file"))])
    {
        let last = if list { "local all @names trust\n" } else { "local all u trust\n" };
        let texts = (1..=includes).map(|level| format!("include {level}.conf\n")).collect::<Vec<_>>();
        let names = (1..=includes).map(|level| format!("{level}.conf")).collect::<Vec<_>>();
        let mut tree = vec![("names", "u\n"), ("pg_hba.conf", texts[0].as_str())];
        tree.extend(
            names.iter().zip(texts[1..].iter().map(String::as_str).chain([last])).map(|(n, t)| (n.as_str(), t)),
        );
        let select = "hba-include,hba-list-file";
        let run = Tree::new(&tree).run(&["check", "--format", "concise", "--pg", "16,18", "--select", select]);
        let expected = refused.map_or(0, |_| 1);
        assert_eq!(run.out.lines().count(), expected, "{includes} includes, list {list}: {run:?}");
        assert!(refused.is_none_or(|rule| run.out.contains(rule)), "{run:?}");
    }
}
