//! Any bytes as files of hosts: nothing fails, and every byte of a fragment has a place in the file.

use proptest::prelude::*;

use super::extract;
use crate::discover::Host;
use crate::source::FileId;

const HOSTS: [Host; 4] = [Host::Shell, Host::Dockerfile, Host::Systemd, Host::Env];

/// Parts of files, of which others are made.
const PIECES: &[&str] = &[
    "psql",
    " -c ",
    "\"",
    "'",
    "\\",
    "\n",
    "\r\n",
    "\t",
    " ",
    "$(",
    ")",
    "${",
    "}",
    "`",
    "$x",
    "<<EOF",
    "<<-'EOF'",
    "EOF",
    "<<<",
    ">>",
    "pg_hba.conf",
    "postgresql.conf",
    "|",
    ";",
    "&&",
    "(",
    "((",
    "))",
    "{",
    "if ",
    "then ",
    "fi",
    "case x in a)",
    ";;",
    "esac",
    "for x in y",
    "do ",
    "done",
    "while ",
    "f() ",
    "x=",
    "x+=",
    "export ",
    "PGPASSWORD=",
    "PGHOST=h",
    "DATABASE_URL=postgres://u:p@h/d",
    "CREATE ROLE r SUPERUSER",
    "host all all all trust",
    "fsync = off",
    "echo ",
    "-e ",
    "printf '%s\\n' ",
    "cat ",
    "tee -a ",
    "sed -i ",
    "s/^#*fsync.*/fsync = off/",
    "postgres -c fsync=off",
    "initdb -A trust",
    "sudo -u postgres ",
    "su - postgres -c ",
    "docker exec -i db ",
    "docker run -e A=b postgres:16 ",
    "ssh host ",
    "kubectl exec p -- ",
    "bash -c ",
    "eval ",
    "FROM postgres:16\n",
    "RUN ",
    "ENV ",
    "CMD [",
    "\", \"",
    "]",
    "COPY ",
    "[Service]\n",
    "ExecStart=",
    "Environment=",
    "%i",
    "$$",
    "#",
    "é",
    "\u{1f418}",
    "POSTGRES_HOST_AUTH_METHOD=trust",
    "POSTGRES_INITDB_ARGS=--auth=md5",
    "createuser -s ",
    "[[ ",
    " ]]",
    "!",
    "$'\\n\\x4",
    "pg_ctl -o ",
];

fn check(host: Host, bytes: &[u8]) {
    let file = FileId(0);
    let text = std::str::from_utf8(bytes).ok();
    for fragment in extract(host, file, "x".into(), bytes) {
        let length = fragment.text.text().len();
        for at in 0..=length {
            let span = fragment.text.span(at, (at + 1).min(length));
            assert!(span.start <= span.end && span.end as usize <= bytes.len(), "{host:?}: {span:?}");
        }
        let whole = fragment.text.whole();
        if let Some(text) = text {
            assert!(text.is_char_boundary(whole.start as usize) && text.is_char_boundary(whole.end as usize));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_pieces(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40)) {
        let text = format!("psql {}", pieces.concat());
        for host in HOSTS {
            check(host, text.as_bytes());
        }
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let text = [b"psql <<EOF\n", &bytes[..]].concat();
        for host in HOSTS {
            check(host, &text);
        }
    }
}

#[test]
fn deep_and_long_texts_take_no_time() {
    const TIMES: usize = 20_000;
    for part in [
        "$(",
        "`",
        "${",
        "\"",
        "'",
        "(",
        "((",
        "$((",
        "{ ",
        "if ",
        "case x in a) ",
        "psql <<E\n",
        "x=$x$x\n",
        "A=\"$A$A\" psql; ",
        "f() { ",
        "sudo ",
        "env A=b ",
        "bash -c '",
        "eval psql ",
        "| cat ",
        "\\\n",
        "\\",
        "RUN <<E\n",
        "[\"",
        "echo $(",
    ] {
        for host in HOSTS {
            let text = format!("psql {}", part.repeat(TIMES));
            check_only(host, text.as_bytes());
            check_only(host, format!("FROM postgres\nRUN {}", part.repeat(TIMES)).as_bytes());
        }
    }
    let values = (0..200).map(|n| format!("v{}=\"$v{n}$v{n}\"\n", n + 1)).collect::<String>();
    check_only(Host::Shell, format!("v0=xxxxxxxxxxxxxxxx\n{values}psql -c \"$v200\"\n").as_bytes());
}

fn check_only(host: Host, bytes: &[u8]) {
    for fragment in extract(host, FileId(0), "x".into(), bytes) {
        assert!(fragment.text.whole().end as usize <= bytes.len());
    }
}
