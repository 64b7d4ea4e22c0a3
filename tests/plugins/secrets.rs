//! No secret reaches a plugin: one that has been shown everything has it nowhere in its memory.

use crate::guest::Guest;
use crate::run::{Run, Tree};

/// Eight bytes that are a password wherever files have one.
const SECRET: &str = "Gehe1m!x";

/// A tree with the secret in every place where a password may stand, some of them unusual.
fn tree() -> Tree {
    let tree = Tree::new();
    for (name, text) in [
        (
            "conf/postgresql.conf",
            "include 'more.conf'\nprimary_conninfo = 'host=a user=b password=SECRET application_name=c'\n\
             archive_command = 'PGPASSWORD=SECRET cp %p /b/%f'\n# password = SECRET\n",
        ),
        ("conf/pg_hba.conf", "host all all 10.0.0.0/8 ldap ldapserver=x ldapbinddn=\"cn=a\" ldapbindpasswd=SECRET\n"),
        ("conf/pg_ident.conf", "m /^(.*)$ \\1\n"),
        (
            "conf/a.sql",
            "CREATE ROLE r LOGIN PASSWORD 'SECRET';\nALTER ROLE r PASSWORD E'\\x47ehe1m!x';\n\
             CREATE SUBSCRIPTION s CONNECTION 'postgresql://u:SECRET@h/d?sslmode=require' PUBLICATION p;\n\
             CREATE SUBSCRIPTION t CONNECTION $$host=h password='SECRET'$$ PUBLICATION p;\n\
             CREATE USER MAPPING FOR r SERVER f OPTIONS (user 'r', password 'SECRET');\n\
             ALTER SYSTEM SET primary_conninfo = 'host=a password=SECRET';\n\
             DO $$ BEGIN EXECUTE 'ALTER ROLE r PASSWORD ''SECRET'''; END $$;\n",
        ),
        // Where nothing but its being a password elsewhere gives it away.
        ("conf/more.conf", "cluster_name = 'SECRET'\n# SECRET\nacme.note = 'it was SECRET once'\n"),
        ("conf/b.sql", "ALTER SYSTEM SET cluster_name = 'SECRET';\nCOMMENT ON ROLE r IS 'SECRET';\n"),
        ("conf/pg_service.conf", "[s]\nhost=h\npassword=SECRET\n"),
        ("conf/.pgpass", "h:5432:d:u:SECRET\n"),
        (
            "conf/pgbouncer.ini",
            "[databases]\nd = host=h user=u password=SECRET\n[pgbouncer]\nauth_type = scram-sha-256\n",
        ),
        ("conf/userlist.txt", "\"u\" \"SECRET\"\n"),
        ("old/recovery.conf", "standby_mode = on\nprimary_conninfo = 'host=a password=SECRET'\n"),
    ] {
        tree.write(name, text.replace("SECRET", SECRET).as_bytes());
    }
    tree
}

/// Runs a plugin that is shown the model, asks for all texts and parse trees, and crashes if eight bytes are anywhere in
/// its memory.
fn looks_for(word: &str) -> Run {
    let tree = tree();
    let word = i64::from_le_bytes(word.as_bytes().try_into().expect("eight bytes"));
    let code = format!(
        "(local $n i32) (local $p i32)
         (loop $files
           (call $file-text (local.get $n) (i32.const 2048))
           (call $statement-text (local.get $n) (i32.const 2048))
           (call $parse-tree (local.get $n) (i32.const 2048))
           (local.set $n (i32.add (local.get $n) (i32.const 1)))
           (br_if $files (i32.lt_u (local.get $n) (i32.const 64))))
         (loop $all
           (if (i64.eq (i64.load (local.get $p)) (i64.const {word})) (then unreachable))
           (local.set $p (i32.add (local.get $p) (i32.const 1)))
           (br_if $all (i32.lt_u (local.get $p) (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 8)))))"
    );
    tree.plugin("spy", &Guest::new("spy").runs(2, &code));
    tree.run(&["check", ".", "--plugin", "spy.wasm", "--format", "concise"])
}

#[test]
fn a_plugin_sees_no_secret() {
    // The way to look finds what is there: a setting's name, a keyword, a role's attribute in a text and in a tree.
    for word in ["archive_", "ldapserv", "applicat", "CREATE R", "subname\"", "options\""] {
        let run = looks_for(word);
        assert!(run.err.contains("`check` crashed"), "`{word}` is not seen: {run:?}");
    }
    let run = looks_for(SECRET);
    assert!(!run.err.contains("crashed") && run.code == 1, "the secret is seen: {run:?}");
}
