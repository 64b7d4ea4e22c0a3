//! The hook of pre-commit names the files that discovery takes.

use camino::Utf8Path;
use regex::Regex;

use super::{Host, by_path, may_tell_by_content};

const HOOKS: &str = include_str!("../../.pre-commit-hooks.yaml");

/// The pattern of the hook that is given files.
fn pattern() -> Regex {
    let (_, text) = HOOKS.split_once("  files: |\n").expect("the hook has a pattern");
    let lines = text.lines().map_while(|line| line.strip_prefix("    ")).collect::<Vec<_>>();
    Regex::new(&lines.join("\n")).expect("the pattern is one")
}

#[test]
fn the_hook_is_given_what_a_walk_takes() {
    let pattern = pattern();
    let own = [
        "postgresql.conf",
        "db-postgres.conf",
        "postgresql.conf-15",
        "postgresql_x.conf.15",
        "pg_hba.replica.conf_16",
        "pg_ident.conf",
        "postgresql.auto.conf",
        "recovery.conf",
        "recovery.done",
        "standby.signal",
        "recovery.signal",
        ".pg_service.conf",
        "pg_service.conf",
        ".pgpass",
        "pgpass",
        "pgpass.conf",
        "pgbouncer.ini",
        "pgbouncer-db.ini",
        "userlist.txt",
        "PG_VERSION",
        "V1__a.sql",
        "any.conf",
        "my.cnf",
    ];
    let names = own.into_iter().map(ToOwned::to_owned).chain(Host::samples()).collect::<Vec<_>>();
    let mut taken = 0;
    for ending in ["", ".j2", ".conf", ".sample.erb", ".in", ".dist", ".jinja2.tmpl", ".template", ".bak"] {
        for name in &names {
            let name = format!("{name}{ending}");
            for path in [name.clone(), format!("a/b.service.d/{name}"), format!("a b/ü/{name}")] {
                let path = Utf8Path::new(&path);
                let is_ours = by_path(path).is_some() || may_tell_by_content(&name);
                taken += usize::from(is_ours);
                assert!(pattern.is_match(path.as_str()) || !is_ours, "{path}");
            }
        }
    }
    assert!(taken > 1_000, "{taken}");
}

#[test]
fn the_hook_is_not_started_for_other_files() {
    let pattern = pattern();
    for path in [
        "main.c",
        "a.conf/main.c",
        "style.css",
        "index.html",
        "Cargo.lock",
        "logo.svg",
        "a.tfstate",
        "postgresql.txt",
        "LICENSE",
        "Dockerfiles",
        "environment",
        "my.envrcs",
        "x.pgpass",
        "notes.txt",
        "data.csv",
        "a.sqlite",
        "confidential",
    ] {
        assert!(!pattern.is_match(path), "{path}");
    }
}
