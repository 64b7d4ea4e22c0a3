//! Input that is made to break a reader: statements that no parser holds, and text whose time would grow with its square.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::{Run, Tree};

/// What takes longer does not end: each of these takes seconds at the most, on a busy machine too.
const LIMIT: Duration = Duration::from_secs(60);

/// Runs `pgassay check` on a tree, in every format at once; fails if that does not end.
fn soon(name: &str, tree: &Tree, args: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pgassay"));
    command.args(["check", "--format", "concise", "--output", "sarif=s", "--output", "text=t", "--output", "json=j"]);
    command.args(args).current_dir(tree.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("pgassay starts");
    let (mut out, mut err) = (child.stdout.take().expect("it is a pipe"), child.stderr.take().expect("it is a pipe"));
    let reader = std::thread::spawn(move || std::io::read_to_string(&mut out).expect("the output is UTF-8"));
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("the child can be waited for") {
            break status;
        }
        if start.elapsed() > LIMIT {
            child.kill().expect("the child can be killed");
            child.wait().expect("the child can be waited for");
        }
        assert!(start.elapsed() <= LIMIT, "{name} does not end");
        std::thread::sleep(Duration::from_millis(10));
    };
    // A signal is no code.
    let code = status.code().unwrap_or(-1);
    assert!((0..2).contains(&code), "{name} ends with {status}");
    let err = std::io::read_to_string(&mut err).expect("errors are UTF-8");
    Run { out: reader.join().expect("the output is read"), err, code }
}

/// Row filters and queries that PostgreSQL takes or gives up on, by whether they are read.
fn statements() -> Vec<(&'static str, bool, String)> {
    let filter = |text: &str| format!("create publication p for table t where ({text});\n");
    let query = |text: &str| format!("select pg_drop_replication_slot('a'), {text};\n");
    let nest = |open: &str, close: &str, count: usize| open.repeat(count) + "a" + &close.repeat(count);
    vec![
        ("brackets_within", true, filter(&nest("(", ")", 990))),
        ("brackets", false, filter(&nest("(", ")", 100_000))),
        ("brackets_of_a_query", false, query(&nest("(", ")", 100_000))),
        ("case", false, filter(&nest("case when true then ", " end", 100_000))),
        ("case_within", true, filter(&(nest("case when true then ", " end", 900) + " = 1"))),
        ("arrays", false, filter(&nest("array[", "]", 100_000))),
        ("not", false, filter(&nest("not ", "", 100_000))),
        ("not_within", true, filter(&nest("not ", "", 3000))),
        ("minus", false, filter(&nest("- ", "", 100_000))),
        ("and", true, filter(&nest("a and ", "", 100_000))),
        ("or", true, filter(&nest("a or ", "", 100_000))),
        ("plus", true, filter(&(nest("1+", "", 1000) + " = 1"))),
        ("plus_of_a_query", true, query(&nest("1+", "", 1000))),
        ("concatenation", true, filter(&(nest("a || ", "", 100_000) + " = 'x'"))),
        ("casts", true, filter(&(nest("", "::int", 100_000) + " = 1"))),
        ("list", true, filter(&(format!("a in (1{})", ", 1".repeat(500_000))))),
        ("params", true, query(&(1..30_000).map(|number| format!("${number}")).collect::<Vec<_>>().join(", "))),
        ("subqueries", false, format!("{} where a\n", query(&nest("(select ", ")", 3000)).trim_end_matches(";\n"))),
        ("unions", true, query(&nest("1 union select 1, ", "", 50_000))),
        (
            "global",
            false,
            query(&format!("1 into global temp a{}", " union select 1 into global temp a".repeat(50_000))),
        ),
        ("long_string", false, format!("create subscription s connection '{}' publication p;\n", "x".repeat(9 << 20))),
        ("string_within", true, format!("create subscription s connection '{}' publication p;\n", "x".repeat(7 << 20))),
        ("long_tag", true, format!("do ${0}$ begin end ${0}$;\n", "a".repeat(1 << 20))),
        ("long_comment", true, format!("/*{}*/ create role a;\n", "x".repeat(9 << 20))),
        ("open_comments", true, "create role a; ".to_owned() + &"/*".repeat(1 << 20)),
        ("semicolons", true, "create role a; ".to_owned() + &";".repeat(1_000_000)),
        (
            "blocks",
            true,
            format!("do $$ {}execute 'create role a'; {}$$;\n", "begin ".repeat(50_000), "end; ".repeat(50_000)),
        ),
        ("executed", true, format!("do $$ begin execute {}'create role a'; end $$;\n", "'' || ".repeat(50_000))),
    ]
}

#[test]
fn what_is_too_complex_is_told_and_is_no_fault() {
    for (name, read, text) in statements() {
        let tree =
            Tree::new(&[("a.sql", &("create subscription s connection 'host=a' publication p;\n".to_owned() + &text))]);
        let found = soon(name, &tree, &["--select", "sql-syntax,sql-unread", "--min-confidence", "low"]);
        assert!(!found.out.contains("sql-syntax"), "{name}: {:.300}", found.out);
        assert_eq!(found.out.contains("sql-unread"), !read, "{name}: {:.300}", found.out);
        assert!(found.err.is_empty(), "{name}: {:.300}", found.err);
    }
    let tree = Tree::new(&[("a.sql", "create subscription s connection connection;\n")]);
    assert!(soon("a fault", &tree, &["--select", "sql-syntax"]).out.contains("sql-syntax"));
}

#[test]
fn what_is_never_closed_breaks_nothing() {
    for open in [
        "'", "\"", "E'", "E'\\", "U&'", "U&\"", "b'", "x'", "N'", "$$", "$x$", "/*", "(", "[", "{{", "{%", "<%", ":'",
        "\\copy (", "\\if ", "`",
    ] {
        let text = format!(
            "create subscription s connection 'host=a' publication p;\ncreate role a {open}abc\ncreate role d;\n"
        );
        let tree = Tree::new(&[("a.sql", &text)]);
        soon(open, &tree, &[]);
    }
}

/// A file's name, what stands before, what is repeated, what stands after.
const REPEATED: &[(&str, &str, &str, &str)] = &[
    ("a.sql", "create role a;/*", "xpgassay:", "*/"),
    ("a.sql", "", "create role a;/*pgassay: ignore[fsync-off]*/", ""),
    ("a.sql", "create publication p for all tables;", "create table a (b int primary key);\n", ""),
    ("a.sql", "create subscription s connection '' publication p", ", p", ";\n"),
    ("a.sql", "create publication p for table a", ", a", ";\n"),
    ("a.sql", "do $$ begin execute ", "'create role x' || ", "''; end $$;"),
    ("a.sql", "create role x;", "grant select on t to to;\n", ""),
    ("a.sql", "create subscription s connection '' publication p with (", "a = b, ", "c);\n"),
    ("a.sql", "create role a;", "$a", ""),
    ("pg_hba.conf", "", "host all all 0.0.0.0/0 trust # pgassay: ignore[hba-trust-remote]\n", ""),
    ("pg_hba.conf", "host all ", "a,", " all md5\n"),
    ("pg_hba.conf", "", "include x\n", ""),
    ("pg_hba.conf", "host all /", "[[:alpha:]]", " all md5\n"),
    ("pg_ident.conf", "", "m a b\n", ""),
    ("postgresql.conf", "", "fsync = off\n", ""),
    ("postgresql.conf", "primary_conninfo = '", "host=a password=b ", "'\n"),
    ("postgresql.conf", "primary_conninfo = 'host=", "a,", "'\n"),
    ("postgresql.conf", "synchronous_standby_names = '", "a,", "a'\n"),
    ("pgbouncer.ini", "[databases]\n", "a = host=b password=c\n", ""),
    ("pgbouncer.ini", "[pgbouncer]\n", "auth_type = a\nauth_type = b\n", ""),
    ("pg_service.conf", "", "[a]\nhost=b\n", ""),
    (".pgpass", "", "h:1:d:u:p\n", ""),
    ("userlist.txt", "", "\"a\" \"b\"\n", ""),
];

/// Eight times the text takes eight times as long, or sixty-four times with a quadratic loop. What else the machine does
/// may disturb a measurement, but not each time.
#[test]
#[ignore = "measures for minutes"]
fn time_grows_with_length_and_not_with_its_square() {
    const TIMES: usize = 5000;
    for (file, before, part, after) in REPEATED {
        let took = |times: usize| {
            let tree = Tree::new(&[(file, &[before, part.repeat(times).as_str(), after].concat())]);
            let start = Instant::now();
            soon(part, &tree, &["--profile", "strict", file]);
            start.elapsed()
        };
        let grows = || took(8 * TIMES) < 24 * took(TIMES) + Duration::from_secs(1);
        assert!((0..3).any(|_| grows()), "{file} of many {part:?}");
        eprintln!("{file} of many {part:?}");
    }
}
