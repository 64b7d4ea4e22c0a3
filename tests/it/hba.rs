//! `pgassay hba`: the rows that decide, the effective table, expectations and differences.

use crate::{Run, Tree};

const HBA: &str = "\
# TYPE   DATABASE  USER      ADDRESS        METHOD
local    all       postgres                 peer
host     all       +staff    10.0.0.0/8     scram-sha-256
hostssl  appdb     app       10.1.0.0/16    scram-sha-256 clientcert=verify-ca
host     appdb     app       10.0.0.0/8     md5
host     all       all       a.example.com  ldap ldapserver=x ldapbasedn=z ldapbindpasswd=geheim
";

fn trace(tree: &Tree, args: &[&str]) -> Run {
    tree.run(&[&["hba", "trace"], args].concat())
}

#[test]
fn trace_shows_the_row_that_decides() {
    let tree = Tree::new(&[("pg_hba.conf", HBA)]);
    let run = trace(&tree, &["--user", "postgres", "--local", "--pg", "16"]);
    assert_eq!((run.code, &*run.err), (0, ""));
    assert_eq!(
        run.out,
        ". (PostgreSQL 16): `postgres` to the database `postgres` through a Unix socket\n  \
         pg_hba.conf:2 decides: local all postgres peer\n    \
         the client must present: the user name of its local account\n"
    );
    let run = trace(&tree, &["--user", "app", "--db", "appdb", "--from", "10.1.2.3", "--pg", "16", "--tls"]);
    assert!(run.out.contains("pg_hba.conf:3 may decide: host all +staff"), "{}", run.out);
    assert!(run.out.contains("whether the user is a member of `staff` is not known"), "{}", run.out);
    assert!(run.out.contains("pg_hba.conf:4 decides if none of these does: hostssl appdb app"), "{}", run.out);
    assert!(run.out.contains("the password, by SCRAM, and a client certificate that the authority signed"));
    assert!(run.out.contains("pg_hba.conf:2 local all postgres peer (is for Unix sockets)"), "{}", run.out);
    let run = trace(&tree, &["--user", "x", "--db", "y", "--from", "11.0.0.1", "--host-name", "-", "--plain"]);
    assert!(run.out.contains("no row matches: the server refuses"), "{}", run.out);
    assert!(!run.out.contains("geheim") && run.out.contains("ldapbindpasswd=****"), "{}", run.out);
}

#[test]
fn trace_asks_the_sql_of_the_tree_for_members() {
    let sql = "CREATE ROLE staff;\nCREATE ROLE app LOGIN;\nCREATE ROLE ann LOGIN IN ROLE staff;\n";
    let tree = Tree::new(&[("pg_hba.conf", HBA), ("roles.sql", sql)]);
    let ask = |user| trace(&tree, &["--user", user, "--db", "appdb", "--from", "10.2.2.3", "--plain", "--pg", "18"]);
    assert!(ask("ann").out.contains("pg_hba.conf:3 decides"), "{}", ask("ann").out);
    assert!(ask("app").out.contains("pg_hba.conf:5 decides"), "{}", ask("app").out);
    assert!(ask("eve").out.contains("pg_hba.conf:3 may decide"), "{}", ask("eve").out);
}

#[test]
fn trace_answers_per_major() {
    let text = "local /^a all trust\nhostgssenc all all all gss\nlocal all all peer\n";
    let tree = Tree::new(&[("pg_hba.conf", text)]);
    let run = trace(&tree, &["--user", "ann", "--local", "--pg", "12,15,16"]);
    assert!(run.out.contains("(PostgreSQL 12, 15): ") && run.out.contains("pg_hba.conf:3 decides"), "{}", run.out);
    assert!(run.out.contains("(PostgreSQL 16): ") && run.out.contains("pg_hba.conf:1 decides"), "{}", run.out);
    let run = trace(&tree, &["--user", "ann", "--local", "--pg", "11"]);
    assert!(run.out.contains("no answer: the server refuses the file: pg_hba.conf:2"), "{}", run.out);
}

#[test]
fn trace_answers_a_file_of_questions() {
    let questions = "local\t-\tappdb\tpostgres\nplain\t10.2.0.1\t\tapp\ntls\t::1\tx\ty\n";
    let tree = Tree::new(&[("pg_hba.conf", HBA), ("q.tsv", questions)]);
    let run = trace(&tree, &["pg_hba.conf", "--questions", "q.tsv", "--format", "json", "--pg", "18"]);
    let json: serde_json::Value = serde_json::from_str(&run.out).expect("it is JSON");
    let traces = json["traces"].as_array().expect("there are answers");
    assert_eq!(traces.len(), 3, "{}", run.out);
    assert_eq!((&traces[0]["certain"], &traces[0]["rows"][0]["line"]), (&true.into(), &2.into()));
    assert_eq!(traces[1]["passed"][0]["field"], "type");
    let file = Tree::new(&[("pg_hba.conf", HBA), ("q.tsv", "tls\tnowhere\tx\ty\n")]);
    assert_eq!(trace(&file, &["pg_hba.conf", "--questions", "q.tsv"]).code, 2);
}

#[test]
fn trace_says_what_it_lacks() {
    let empty = Tree::new(&[("postgresql.conf", "port = 1\n")]);
    let run = trace(&empty, &["--user", "u", "--local"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("no pg_hba.conf"), "{}", run.err);
    let tree = Tree::new(&[("pg_hba.conf", HBA), ("postgresql.conf", "ssl = off\n")]);
    assert_eq!(trace(&tree, &["--user", "u"]).code, 2);
    assert_eq!(trace(&tree, &["--user", "u", "--from", "::ffff:10.0.0.1"]).code, 2);
    let run = trace(&tree, &["--user", "u", "--from", "10.0.0.1", "--tls"]);
    assert!(run.out.contains("no answer: the server takes no TLS"), "{}", run.out);
}

#[test]
fn show_gives_the_table_after_first_match() {
    let text = "\
local all postgres peer
hostssl appdb app 10.1.0.0/16 scram-sha-256
host all app 10.0.0.0/8 reject
host all all 10.0.0.0/8 md5
";
    let tree = Tree::new(&[("pg_hba.conf", text)]);
    let run = tree.run(&["hba", "show", "--pg", "16"]);
    assert_eq!((run.code, &*run.err), (0, ""));
    assert_eq!(
        run.out,
        "\
. (PostgreSQL 16)
  `postgres` on any database
    through a Unix socket: peer (pg_hba.conf:1): the user name of its local account
  `app` on `appdb`
    TLS from 10.1.0.0/16: scram-sha-256 (pg_hba.conf:2): the password, by SCRAM
  any user but `app` on any database
    plain, TLS from 10.0.0.0/8: md5 (pg_hba.conf:4): the password, by MD5, or by SCRAM if it is stored so
  All else is refused.
"
    );
    let run = tree.run(&["hba", "show", "--user", "app", "--db", "appdb", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&run.out).expect("it is JSON");
    assert_eq!(json["tables"].as_array().map(Vec::len), Some(1), "all majors say the same");
    let entries = json["tables"][0]["entries"].as_array().expect("there are entries");
    let of_line = |line: u32| entries.iter().filter(|entry| entry["row"]["line"] == line).collect::<Vec<_>>();
    assert_eq!(of_line(2)[0]["ranges"][0], serde_json::json!(["10.1.0.0", "10.1.255.255"]));
    assert!(of_line(3).iter().all(|entry| entry["proof"].is_null()));
    assert!(of_line(4).is_empty());
}

#[test]
fn show_is_a_page_without_secrets_or_markup_of_the_file() {
    let text = "host all \"<script>x</script>\" 10.0.0.0/8 ldap ldapserver=x ldapbasedn=z ldapbindpasswd=geheim\n";
    let tree = Tree::new(&[("pg_hba.conf", text)]);
    let run = tree.run(&["hba", "show", "--format", "html"]);
    assert_eq!(run.code, 0);
    assert!(run.out.starts_with("<!doctype html>") && run.out.ends_with("</html>\n"));
    assert!(run.out.contains("&lt;script&gt;") && !run.out.contains("<script"), "{}", run.out);
    assert!(!run.out.contains("geheim") && run.out.contains("****"), "{}", run.out);
    assert!(run.out.contains("class=\"picture\"") && run.out.contains("<td class=\"outside\""), "{}", run.out);
    assert!(!run.out.contains("http"), "nothing is fetched");
}

#[test]
fn show_says_what_is_in_doubt_and_what_is_too_much() {
    let text = "host all all samenet trust\nhost all all all md5\n";
    let tree = Tree::new(&[("pg_hba.conf", text)]);
    let run = tree.run(&["hba", "show"]);
    assert!(run.out.contains("unless pg_hba.conf:1 matches: host all all samenet trust"), "{}", run.out);
    let run = tree.run(&["hba", "show", "--server-address", "10.0.0.1/24"]);
    assert!(run.out.contains("from 10.0.0.0/24, 127.0.0.0/8, ::1/128: trust (pg_hba.conf:1)"), "{}", run.out);
    let rows = (0..2000).map(|row| format!("host d{row} u{row} 10.0.0.0/8 md5\n")).collect::<String>();
    let many = Tree::new(&[("pg_hba.conf", &rows)]);
    let run = many.run(&["hba", "show"]);
    assert!(run.code == 2 && run.err.contains("narrow it"), "{}", run.err);
    let run = many.run(&["hba", "show", "--user", "u7", "--pg", "16"]);
    assert!(run.out.contains("`u7` on `d7`"), "{}", run.out);
}

#[test]
fn expectations_are_tests() {
    let expectations = "\
# who gets in
postgres from socket by peer
app on appdb from 10.1.0.0/16 over tls by md5,scram
no postgres from remote
";
    let hba = "local all postgres peer\nhostssl appdb app 10.1.0.0/16 scram-sha-256\nhost all all 10.0.0.0/8 md5\n";
    let tree = Tree::new(&[("pg_hba.conf", hba), ("access.txt", expectations)]);
    let run = tree.run(&["hba", "expect", "access.txt", "pg_hba.conf"]);
    assert_eq!((run.code, &*run.err), (1, ""));
    assert_eq!(
        run.out,
        "\
FAILS: no postgres from remote (.)
  on PostgreSQL 10 to 18: `postgres` on `appdb` from 10.0.0.0, plain
    pg_hba.conf:3 decides: host all all 10.0.0.0/8 md5
2 of 3 expectations hold
"
    );
    let strict = hba.replace("host all", "host all postgres all reject\nhost all");
    let tree = Tree::new(&[("pg_hba.conf", &strict), ("access.txt", expectations)]);
    assert_eq!(tree.run(&["hba", "expect", "access.txt", "pg_hba.conf"]).code, 0);
    let wrong = Tree::new(&[("pg_hba.conf", hba), ("access.txt", "app from\n")]);
    let run = wrong.run(&["hba", "expect", "access.txt", "pg_hba.conf"]);
    assert!(run.code == 2 && run.err.contains("access.txt:1: nothing follows `from`"), "{}", run.err);
}

#[test]
fn expectations_of_the_configuration_and_what_cannot_be_told() {
    let toml = "[[expect]]\nuser = \"app\"\ndb = \"appdb\"\nfrom = \"10.0.0.0/8\"\nby = [\"md5\"]\n\n\
                [[expect]]\nreplication = true\nfrom = \"anywhere\"\nallow = false\n";
    let files = |hba| [("pgassay.toml", toml), ("pg_hba.conf", hba)];
    let run = Tree::new(&files("host all all 10.0.0.0/8 md5\n")).run(&["hba", "expect", "--format", "json"]);
    assert_eq!(run.code, 0, "{}", run.out);
    let run = Tree::new(&files("host all +x 10.0.0.0/8 trust\nhost all all 10.0.0.0/8 md5\n")).run(&["hba", "expect"]);
    assert!(run.code == 1 && run.out.contains("pg_hba.conf:1 may decide"), "{}", run.out);
    let run = Tree::new(&files("host all all nope\n")).run(&["hba", "expect", "--from-config", "."]);
    assert!(
        run.code == 1 && run.out.contains("cannot be told on PostgreSQL 10 to 18: the server refuses"),
        "{}",
        run.out
    );
    let run = Tree::new(&files("host all all 10.0.0.0/8 md5\n{{ more }}\n")).run(&["hba", "expect"]);
    assert!(run.code == 1 && run.out.contains("lines of the file cannot be read"), "{}", run.out);
    let none = Tree::new(&[("pg_hba.conf", "local all all peer\n")]);
    assert_eq!(none.run(&["hba", "expect"]).code, 2);
    let wrong =
        Tree::new(&[("pgassay.toml", "[[expect]]\nfrom = \"nowhere\"\n"), ("pg_hba.conf", "local all all peer\n")]);
    let run = wrong.run(&["hba", "expect"]);
    assert!(run.code == 2 && run.err.contains("`nowhere` is none of"), "{}", run.err);
}

const BEFORE: &str = "local all postgres peer\nhostssl appdb app 10.1.0.0/16 scram-sha-256\n";
const AFTER: &str = "local all postgres peer\nhost appdb app 10.1.0.0/16 md5\n";

#[test]
fn differences_of_two_files() {
    let tree = Tree::new(&[("old.conf", BEFORE), ("new/pg_hba.conf", AFTER), ("old/pg_hba.conf", BEFORE)]);
    let run = tree.run(&["hba", "diff", "old", "new", "--pg", "16"]);
    assert_eq!((run.code, &*run.err), (1, ""));
    assert_eq!(
        run.out,
        "\
gained: `app` on `appdb`
  plain from 10.1.0.0/16 (new, PostgreSQL 16)
  before: refused, as no row matches
  after: new/pg_hba.conf:2: host appdb app 10.1.0.0/16 md5
weakened: `app` on `appdb`
  TLS from 10.1.0.0/16 (new, PostgreSQL 16)
  before: old/pg_hba.conf:2: hostssl appdb app 10.1.0.0/16 scram-sha-256
  after: new/pg_hba.conf:2: host appdb app 10.1.0.0/16 md5
"
    );
    let run = tree.run(&["hba", "diff", "new", "old", "--format", "json"]);
    assert_eq!(run.code, 0, "what is lost or strengthened is no regression");
    let json: serde_json::Value = serde_json::from_str(&run.out).expect("it is JSON");
    let changes = json["differences"].as_array().expect("there are some");
    assert_eq!(changes.iter().map(|of| &of["change"]).collect::<Vec<_>>(), ["strengthened", "lost"]);
    let run = tree.run(&["hba", "diff", "old", "old"]);
    assert_eq!((run.code, &*run.out), (0, "nobody gains or loses access\n"));
    let odd = Tree::new(&[("old/pg_hba.conf", BEFORE), ("new/pg_hba.conf", "host all all nope\n")]);
    let run = odd.run(&["hba", "diff", "old", "new"]);
    assert!(run.code == 1 && run.out.contains("unclear: new (PostgreSQL 10 to 18): after, the server"), "{}", run.out);
}

#[test]
fn differences_of_two_revisions() {
    let include = "local all postgres peer\ninclude more.conf\n";
    let tree = Tree::new(&[("db/pg_hba.conf", include), ("db/more.conf", "host all all 10.0.0.0/8 md5\n")]);
    let git = |args: &[&str]| {
        let mut command = std::process::Command::new("git");
        command.args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]);
        let output = command.args(args).current_dir(tree.path()).output().expect("git starts");
        assert!(output.status.success(), "{output:?}");
    };
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "-m", "before"]);
    std::fs::write(tree.path().join("db/more.conf"), "host all all 10.0.0.0/7 md5\n").expect("it can be written");
    git(&["commit", "--quiet", "-a", "-m", "after"]);
    for path in ["db/pg_hba.conf", "db"] {
        let run = tree.run(&["hba", "diff", "HEAD~1", "HEAD", "--pg", "16", "--", path]);
        assert_eq!((run.code, &*run.err), (1, ""), "{}", run.out);
        assert!(run.out.contains("plain, TLS from 11.0.0.0/8"), "{}", run.out);
        assert!(run.out.contains("after: HEAD:db/more.conf:1: host all all 10.0.0.0/7 md5"), "{}", run.out);
    }
    for args in [["nowhere", "HEAD", "db"], ["HEAD~1", "HEAD", "nowhere"], ["HEAD", "HEAD", ".."]] {
        let run = tree.run(&["hba", "diff", args[0], args[1], "--", args[2]]);
        assert!(run.code == 2 && !run.err.is_empty(), "{args:?}: {run:?}");
    }
}
