//! Sizes at which work that grows with the square of the input would not end.

use std::fmt::Write;

use crate::{Run, Tree};

fn lines(count: usize, mut line: impl FnMut(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut text, number| {
        let _ = writeln!(text, "{}", line(number));
        text
    })
}

fn check(files: &[(&str, &str)], select: &str) -> Run {
    Tree::new(files).run(&["check", "--format", "concise", "--pg", "16", "--select", select])
}

fn findings(run: &Run) -> usize {
    run.out.lines().count()
}

#[test]
fn rows_that_share_an_address() {
    let rows = lines(30_000, |row| format!("hostssl app u{row} 10.0.0.0/24 scram-sha-256"));
    let run = check(&[("pg_hba.conf", &format!("{rows}hostssl app u7 10.0.0.8/32 scram-sha-256\n"))], "hba-shadowed");
    assert_eq!((findings(&run), run.out.contains("pg_hba.conf:30001:")), (1, true), "{}", run.err);
}

#[test]
fn rows_that_only_together_cover_one() {
    let rows = lines(20_000, |row| match row % 3 {
        0 => format!("hostssl d{row} u{row} 10.{}.{}.0/24 scram-sha-256", row >> 8 & 255, row & 255),
        1 => format!("hostssl all u{row} 10.0.0.0/{} scram-sha-256", 8 + row % 17),
        _ => format!("hostssl app app 172.{}.{}.0/24 scram-sha-256", row >> 8 & 255, row & 255),
    });
    let halves = "hostssl app app 10.0.0.0/9 scram-sha-256\nhostssl app app 10.128.0.0/9 scram-sha-256\n";
    let text = format!("{rows}{halves}hostssl app app 10.0.0.0/8 cert\nhostssl app app 10.0.0.0/7 cert\n");
    let run = check(&[("pg_hba.conf", &text)], "hba-shadowed");
    assert_eq!((findings(&run), run.out.contains("pg_hba.conf:20003:")), (1, true), "{}", run.out);
    // Each of these would be cut into 256 pieces, which stops at a bound, without a finding.
    let parts = lines(256, |row| format!("host app app 10.{row}.0.0/16 md5"));
    let wholes = lines(20_000, |row| format!("host app,z{row} app 10.0.0.0/8 md5"));
    let run = check(&[("pg_hba.conf", &(parts + &wholes))], "hba-shadowed");
    assert_eq!(findings(&run), 0, "{}", run.out);
}

#[test]
fn rows_that_share_a_list() {
    let names = lines(20_000, |name| format!("u{name}"));
    let rows = lines(3_000, |row| format!("hostssl db{row} @names 10.0.{}.{}/32 scram-sha-256", row / 256, row % 256));
    let run = check(&[("pg_hba.conf", &rows), ("names", &format!("{names}ALL\n"))], "hba-uppercase-keyword");
    assert_eq!(findings(&run), 1, "a word of a list is told once: {}", run.out);
    assert!(run.out.contains("names:20001:"), "{}", run.out);
}

#[test]
fn findings_on_every_name_of_a_row() {
    let names = vec!["ALL"; 10_000].join(",");
    let run = check(&[("pg_hba.conf", &format!("host all {names} all md5\n"))], "hba-uppercase-keyword");
    assert_eq!(findings(&run), 10_000);
}

#[test]
fn roles_that_may_not_replicate() {
    let rows = lines(10_000, |row| format!("hostssl all repl{row} 10.0.0.0/24 scram-sha-256"));
    let more = "hostssl replication repl7 10.0.0.0/24 scram-sha-256\n";
    assert_eq!(findings(&check(&[("pg_hba.conf", &(rows + more))], "hba-replication-keyword")), 9_999);
}

#[test]
fn a_suppression_on_every_line() {
    let rows =
        lines(50_000, |row| format!("host all u{row} 0.0.0.0/0 trust # pgassay: ignore[hba-trust-remote] -- known"));
    let run = check(&[("pg_hba.conf", &rows)], "hba-trust-remote,suppression-unused");
    assert_eq!((run.out.as_str(), run.code), ("", 0));
    let statements = "GRANT ALL ON t TO public; /* pgassay: ignore[grant-all-to-public] */ ".repeat(20_000);
    let run = check(&[("one-line.sql", &statements)], "grant-all-to-public,suppression-unused");
    assert_eq!((run.out.as_str(), run.code), ("", 0));
}

#[test]
fn a_password_in_every_line() {
    let entries = lines(50_000, |entry| format!("h{entry}:5432:db:u:pw{entry}"));
    let run = check(&[(".pgpass", &format!("{entries}h:5432:db:u\n"))], "passfile-fields");
    assert_eq!((findings(&run), run.out.contains("pw")), (1, false), "{}", run.out);
}

#[test]
fn a_setting_in_every_line() {
    let settings = lines(20_000, |line| format!("auth_type = {}", if line % 2 == 0 { "md5" } else { "hba" }));
    let run = check(&[("pgbouncer.ini", &format!("[pgbouncer]\n{settings}"))], "pgbouncer-setting-repeated");
    assert_eq!(findings(&run), 10_000);
    let databases = lines(20_000, |line| format!("d{} = host=h", line / 2));
    let run = check(&[("pgbouncer.ini", &format!("[databases]\n{databases}"))], "pgbouncer-database-repeated");
    assert_eq!(findings(&run), 10_000);
    let hosts = lines(20_000, |host| format!("host=h{host}")).replace('\n', " ");
    let run = check(&[("postgresql.conf", &format!("primary_conninfo = '{hosts}'\n"))], "conninfo-repeated-keyword");
    assert_eq!(findings(&run), 19_999);
}

/// Each would be read ten thousand times, which makes a hundred million lines.
#[test]
fn large_files_that_are_included_over_and_over() {
    let settings = lines(10_000, |_| "work_mem = 4MB".to_owned());
    let run = check(
        &[("postgresql.conf", &"include 'x.conf'\n".repeat(10_000)), ("x.conf", &format!("{settings}fsync = off\n"))],
        "fsync-off",
    );
    assert_eq!((findings(&run), run.code), (1, 1), "{}", run.out);
    let rows = lines(10_000, |row| format!("host all u{row} 10.0.0.0/8 scram-sha-256"));
    let run = check(
        &[
            ("pg_hba.conf", &"include x.conf\n".repeat(10_000)),
            ("x.conf", &format!("{rows}host all root 0.0.0.0/0 trust\n")),
        ],
        "hba-trust-remote",
    );
    assert!(run.out.contains("x.conf:10001:"), "{}", run.out);
}

#[test]
fn a_folder_that_is_included_over_and_over() {
    let files = (0..1_000).map(|file| format!("d/{file}.conf")).collect::<Vec<_>>();
    let lines = "include_dir 'd'\n".repeat(20_000);
    let mut tree = vec![("postgresql.conf", lines.as_str()), ("d/zz.conf", "fsync = off\n")];
    tree.extend(files.iter().map(|name| (name.as_str(), "work_mem = 4MB\n")));
    assert_eq!(check(&tree, "fsync-off").code, 1);
}

#[test]
fn servers_of_one_name() {
    let trees = (0..1_000).map(|tree| format!("{tree}/")).collect::<Vec<_>>();
    let files = trees.iter().flat_map(|tree| {
        let standby = "primary_conninfo = 'host=primary user=r'\n";
        [("primary/postgresql.conf", "\n"), ("replica/postgresql.conf", standby), ("replica/standby.signal", "\n")]
            .map(|(name, text)| (format!("{tree}{name}"), text))
    });
    let files = files.collect::<Vec<_>>();
    let tree = Tree::new(&files.iter().map(|(name, text)| (name.as_str(), *text)).collect::<Vec<_>>());
    let run = tree.run(&["cluster"]);
    assert_eq!(run.out.matches("  host `primary` (leads to primary)").count(), 1_000);
    let subscriptions = lines(20_000, |number| {
        format!("CREATE SUBSCRIPTION s{number} CONNECTION 'host=h dbname=d' PUBLICATION p{number};")
    });
    let run = Tree::new(&[("a/subscribe.sql", &subscriptions)]).run(&["cluster"]);
    assert_eq!(run.out.matches("? -> a: subscription").count(), 20_000);
}
