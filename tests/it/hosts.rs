//! Scripts and the like as a user checks them: nothing shows their secrets, and fixes keep their quoting.

use crate::Tree;
use crate::secrets::{self, SECRETS};

#[test]
fn no_output_shows_a_secret() {
    let text = secrets::planted;
    let tree = Tree::new(&[
        (
            "setup.sh",
            &text(
                "export PGPASSWORD='@0@' PGHOST=db.example.com PGSSLMODE=disable\n\
                 PW=@1@\n\
                 psql \"host=db.example.com password=$PW sslmode=disable\"\n\
                 psql -c \"CREATE ROLE r PASSWORD '@2@'\" 'postgres://u:@3@@db.example.com/d'\n\
                 docker run -e POSTGRES_PASSWORD=@4@ -e POSTGRES_HOST_AUTH_METHOD=trust postgres:16\n",
            ),
        ),
        (
            "Dockerfile",
            &text("FROM postgres:16\nENV POSTGRES_PASSWORD=\"@5@\"\nCMD [\"postgres\", \"-c\", \"fsync=off\"]\n"),
        ),
        ("db.service", &text("[Service]\nEnvironment=PGPASSWORD=@6@ PGSSLMODE=disable PGHOST=db.example.com\n")),
        (".env", &text("POSTGRES_PASSWORD=@7@\nDATABASE_URL=\"postgres://u:@8@@db.example.com/d?sslmode=disable\"\n")),
    ]);
    for run in secrets::check(&tree, &SECRETS) {
        assert_eq!(run.code, 1, "{}", run.err);
        assert!(run.out.contains("conninfo-password") && run.out.contains("role-password-environment"), "{}", run.out);
    }
}

#[test]
fn fixes_keep_the_quoting() {
    let fixes = |script: &str| {
        let tree = Tree::new(&[("start.sh", script)]);
        let run = tree.run(&["check", "--format", "json", "--select", "conf-unit-implicit"]);
        let report: serde_json::Value = serde_json::from_str(&run.out).expect("the report is JSON");
        let findings = report["findings"].as_array().expect("a report has findings");
        assert_eq!(findings.len(), 1, "{script}: {}", run.out);
        findings[0]["fix"].clone()
    };
    for script in [
        "echo \"work_mem = 4096\" >> postgresql.conf\n",
        "cat > postgresql.conf <<'EOF'\nwork_mem = 4096\nEOF\n",
        "sed -i 's/^#work_mem.*/work_mem = 4096/' postgresql.conf\n",
        "postgres -c work_mem=4096\n",
    ] {
        let fix = fixes(script);
        let start = script.find("4096").expect("the script has the value");
        assert_eq!(fix["edits"][0]["start"]["offset"], start, "{script}: {fix}");
        assert_eq!(fix["edits"][0]["replacement"], "4MB", "{script}: {fix}");
    }
    // Here the bytes of the script are others than those of the setting.
    let script = "echo $'work_mem = 40\\x396' >> postgresql.conf\n";
    assert!(fixes(script).is_null(), "{script}");
}
