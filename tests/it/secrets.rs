//! Plants secrets in every kind of place and looks for them in every output.

use crate::{Run, Tree};

/// Distinct enough not to stand in any output by chance.
pub(super) const SECRETS: [&str; 26] = [
    "Zq8vLm2xAa",
    "Wk3pRt9yBb",
    "Hn5cXs7uCc",
    "Jd4fGb6iDd",
    "Lp2oKj8mEe",
    "Vr6tYh1nFf",
    "Qe9wSz3cGg",
    "Bx7vNm5dHh",
    "Tu4yIo2pIi",
    "Ak8sDf6gJj",
    "Zx3cVb9nKk",
    "Po5iUy7tLl",
    "Mn2bVc4xMm",
    "Qw6eRt8yNn",
    "As9dFg1hOo",
    "Kl3jHg5fPp",
    "Er7tYu9iQq",
    "Df2gHj4kRr",
    "Cv6bNm8lSs",
    "Xz1aSq3wTt",
    "Gt5rFe7dUu",
    "Hy9uJi2oVv",
    "Nb4vCx6zWw",
    "Ml8kJn1hXx",
    "Pk3oIj5uYy",
    "Lo7iKu9jZz",
];

/// The text with the secrets in the places of their numbers: `@0@`.
pub(super) fn planted(template: &str) -> String {
    let pairs = SECRETS.iter().enumerate();
    pairs.fold(template.to_owned(), |text, (index, secret)| text.replace(&format!("@{index}@"), secret))
}

/// Runs the command, and fails if a line of what it prints has one of the secrets.
pub(super) fn run(tree: &Tree, args: &[&str], secrets: &[&str]) -> Run {
    let run = tree.run(args);
    assert!(run.out.len() > 100, "{args:?} printed next to nothing: {run:?}");
    for secret in secrets {
        let shown = run.out.lines().chain(run.err.lines()).find(|line| line.contains(secret));
        assert_eq!(shown, None, "{args:?} shows {secret}");
    }
    run
}

/// Checks the tree strictly in every format, and gives what each printed.
pub(super) fn check(tree: &Tree, secrets: &[&str]) -> Vec<Run> {
    let strict = ["check", "--profile", "strict", "--min-confidence", "low", "--format"];
    let formats = ["text", "concise", "json", "sarif", "github", "gitlab", "junit", "rdjson"].into_iter();
    formats.map(|format| run(tree, &[&strict[..], &[format]].concat(), secrets)).collect()
}

fn tree() -> Tree {
    let text = planted;
    Tree::new(&[
        (
            "primary/postgresql.conf",
            &text(
                "listen_addresses = '*'\n\
                 primary_conninfo = 'host=a user=postgres password=@0@ sslmode=disable'\n\
                 # primary_conninfo = 'host=a password=@1@'\n\
                 ssl_passphrase_command = 'echo @2@'\n\
                 restore_command = 'PGPASSWORD=@3@ fetch %f'\n\
                 primary_conninfo = 'postgresql://u:@4@@h/db' junk\n\
                 fsync = off # password=@5@\n",
            ),
        ),
        ("primary/postgresql.auto.conf", &text("primary_conninfo = 'user=r password=''@6@'' host=b'\n")),
        (
            "primary/pg_hba.conf",
            &text(
                "host all all 0.0.0.0/0 ldap ldapserver=x ldapbasedn=y ldapbinddn=z ldapbindpasswd=@7@\n\
                 host all all 0.0.0.0/0 radius radiusservers=127.0.0.1 radiussecrets=\"@8@\"\n\
                 host all all 10.0.0.0/8 ldap ldapbindpasswd=@9@ junk\n\
                 # was: ldapbindpasswd=@10@\n",
            ),
        ),
        ("standby/recovery.conf", &text("standby_mode = on\nprimary_conninfo = 'host=a password=@11@ nonsense=1'\n")),
        (".pgpass", &text("h:5432:db:u:@12@\nbroken:@13@\n#h:1:d:u:@14@\n")),
        ("pg_service.conf", &text("[a]\nhost=h\npassword=@15@\nnope=1\n[a]\npassword=@16@\n")),
        (
            "pgbouncer.ini",
            &text("[databases]\napp = host=h user=u password=@17@\n[pgbouncer]\nauth_type = trust\nlisten_addr = *\n"),
        ),
        ("userlist.txt", &text("\"app\" \"@18@\"\n")),
        (
            "sql/a.sql",
            &text(
                "CREATE ROLE r LOGIN SUPERUSER PASSWORD '@19@';\n\
                 BEGIN;\n\
                 CREATE SUBSCRIPTION s CONNECTION 'host=h password=@20@ nope=1' PUBLICATION p WITH (nope = 1);\n\
                 COMMIT;\n\
                 CREATE SUBSCRIPTION t CONNECTION 'postgresql://u:@21@@h/db?sslmode=bogus' PUBLICATION p;\n\
                 CREATE USER MAPPING FOR u SERVER s OPTIONS (user 'x', password '@22@');\n\
                 DO $$ BEGIN EXECUTE 'ALTER ROLE r PASSWORD ''@23@'''; END $$;\n\
                 ALTER ROLE r WITH PASSWORD '@24@' NONSENSE;\n\
                 -- CONNECTION 'host=h password=@25@'\n",
            ),
        ),
    ])
}

#[test]
fn no_output_shows_a_secret() {
    let tree = tree();
    check(&tree, &SECRETS);
    let runs: &[&[&str]] = &[
        &["check", "--profile", "strict", "--min-confidence", "low", "--color", "always", "-v"],
        &["settings"],
        &["settings", "--format", "json"],
    ];
    for args in runs {
        run(&tree, args, &SECRETS);
    }
}

#[test]
fn a_baseline_holds_no_secret() {
    let tree = tree();
    let made = tree.run(&["baseline", "--profile", "strict", "--min-confidence", "low"]);
    assert_eq!((made.code, &*made.err), (0, ""));
    let text = std::fs::read_to_string(tree.path().join("pgassay-baseline.json")).expect("it is there");
    assert!(text.lines().count() > 40, "{text}");
    for secret in SECRETS {
        assert!(!text.contains(secret), "{secret}");
    }
    let check = ["check", "--profile", "strict", "--min-confidence", "low", "--baseline", "pgassay-baseline.json"];
    assert_eq!(tree.run(&[&check[..], &["--format", "concise"]].concat()).out, "");
}

/// A program of each language with a password in some kind of string: `SECRET` is the password.
const PROGRAMS: &[(&str, &str)] = &[
    ("a.ex", "q(\"CREATE ROLE r SUPERUSER PASSWORD 'SECRET'\" <> x)\n"),
    ("a.rb", "PG.connect(host: 'h.example.com', dbname: 'd', password: 'SECRET', sslmode: 'bogus')\n"),
    ("b.rb", "q <<~S\n  ALTER ROLE r SUPERUSER PASSWORD 'SECRET';\nS\n"),
    ("a.py", "psycopg.connect(host='h.example.com', password='SECRET', sslmode='bogus')\n"),
    (
        "b.py",
        "q(f\"CREATE SUBSCRIPTION s CONNECTION 'host={h} password=SECRET nope=1' PUBLICATION p WITH (nope = 1)\")\n",
    ),
    ("a.js", "q(`CREATE USER MAPPING FOR u SERVER s OPTIONS (user 'x', password 'SECRET')`)\n"),
    ("a.ts", "[\"CREATE SUBSCRIPTION s\", `CONNECTION 'host=${h} password=SECRET'`, \"PUBLICATION p\"].join(' ');\n"),
    ("a.go", "package a\nvar u = f(\"host=h.example.com password=SECRET dbname=d sslmode=disable\")\n"),
    ("b.go", "package a\nvar s = fmt.Sprintf(\"CREATE ROLE %s SUPERUSER PASSWORD 'SECRET'\", n)\n"),
    ("a.rs", "fn f() { q(r#\"DO $$ BEGIN EXECUTE 'ALTER ROLE r SUPERUSER PASSWORD ''SECRET'''; END $$;\"#); }\n"),
    ("A.java", "class A { String s = q(\"\"\"\n  CREATE ROLE r LOGIN PASSWORD 'SECRET';\n  \"\"\"); }\n"),
    ("a.kt", "val s = q(\"CREATE ROLE $n SUPERUSER PASSWORD 'SECRET'\")\n"),
    ("a.cs", "class A { string s = Q($@\"CREATE ROLE \"\"{n}\"\" SUPERUSER PASSWORD 'SECRET'\"); }\n"),
    ("a.php", "<?php\n$a = pg_connect(\"host=h.example.com dbname=d password=SECRET sslmode=disable\");\n"),
    ("b.php", "<?php\nq(<<<S\nCREATE ROLE r PASSWORD 'SECRET';\nS);\n"),
    ("url.js", "u = 'postgres://u:SECRET@h.example.com/d?sslmode=disable'\n"),
];

#[test]
fn no_output_shows_a_secret_of_a_program() {
    let files = PROGRAMS.iter().zip(SECRETS).map(|((name, text), secret)| (*name, text.replace("SECRET", secret)));
    let files = files.collect::<Vec<_>>();
    let tree = Tree::new(&files.iter().map(|(name, text)| (*name, text.as_str())).collect::<Vec<_>>());
    for run in check(&tree, &SECRETS) {
        for (name, _) in PROGRAMS {
            assert!(run.out.contains(name), "nothing was found in {name}: {run:?}");
        }
    }
}
