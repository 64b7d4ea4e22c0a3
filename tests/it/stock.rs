//! The stock files of every major raise in the default profile only what is true of them and matters.
//!
//! They come with the servers that `cargo xtask test` fetches (target/servers, or what `PGASSAY_SERVERS` names). Where
//! there are none, the test says so. `initdb` puts the methods of its options into the samples, and so does this test.

use std::path::PathBuf;

use crate::Tree;

/// What `initdb` writes into the sample of pg_hba.conf.
struct Way {
    name: &'static str,
    local: &'static str,
    host: &'static str,
}

const WAYS: &[Way] = &[
    Way { name: "trust", local: "trust", host: "trust" },
    Way { name: "scram", local: "scram-sha-256", host: "scram-sha-256" },
    // As Debian has it, up to 13 and from 14 on.
    Way { name: "md5", local: "peer", host: "md5" },
    Way { name: "peer", local: "peer", host: "scram-sha-256" },
];

impl Way {
    /// The rules that may fire. Without options `initdb` trusts every local user, and warns of it.
    fn rules(&self, major: u8) -> &'static [&'static str] {
        match self.host {
            "trust" => &["hba-trust-local"],
            // New passwords are MD5 hashes by default up to 13, later because `initdb` says so.
            "md5" if major < 14 => &[],
            "md5" => &["hba-md5", "password-encryption-md5"],
            _ => &[],
        }
    }

    /// postgresql.conf as `initdb` makes it: it sets `password_encryption` where the method needs another than the
    /// default.
    fn conf(&self, sample: &str, major: u8) -> String {
        let hash = match self.host {
            "scram-sha-256" if major < 14 => "scram-sha-256",
            "md5" if major >= 14 => "md5",
            _ => return sample.to_owned(),
        };
        format!("{sample}password_encryption = {hash}\n")
    }
}

/// The samples of a major: postgresql.conf, pg_hba.conf, pg_ident.conf.
fn samples(major: u8) -> Option<[String; 3]> {
    let root = std::env::var_os("PGASSAY_SERVERS")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/servers"), PathBuf::from);
    let share = root.join(major.to_string()).join("package/native/share/postgresql");
    let read = |name: &str| std::fs::read_to_string(share.join(name)).ok();
    Some([read("postgresql.conf.sample")?, read("pg_hba.conf.sample")?, read("pg_ident.conf.sample")?])
}

/// pg_hba.conf as `initdb` makes it.
fn hba(sample: &str, way: &Way) -> String {
    sample
        .replace("@remove-line-for-nolocal@", "")
        .replace("@authcomment@", "")
        .replace("@authmethodlocal@", way.local)
        .replace("@authmethodhost@", way.host)
}

/// What Debian's pg_createcluster sets.
fn debian(major: u8) -> String {
    format!(
        "data_directory = '/var/lib/postgresql/{major}/main'
hba_file = '/etc/postgresql/{major}/main/pg_hba.conf'
ident_file = '/etc/postgresql/{major}/main/pg_ident.conf'
external_pid_file = '/var/run/postgresql/{major}-main.pid'
port = 5432
max_connections = 100
unix_socket_directories = '/var/run/postgresql'
ssl = on
ssl_cert_file = '/etc/ssl/certs/ssl-cert-snakeoil.pem'
ssl_key_file = '/etc/ssl/private/ssl-cert-snakeoil.key'
shared_buffers = 128MB
dynamic_shared_memory_type = posix
max_wal_size = 1GB
min_wal_size = 80MB
log_line_prefix = '%m [%p] %q%u@%d '
log_timezone = 'Etc/UTC'
cluster_name = '{major}/main'
{stats}datestyle = 'iso, mdy'
timezone = 'Etc/UTC'
lc_messages = 'C.UTF-8'
lc_monetary = 'C.UTF-8'
lc_numeric = 'C.UTF-8'
lc_time = 'C.UTF-8'
default_text_search_config = 'pg_catalog.english'
include_dir = 'conf.d'
",
        stats = if major < 15 {
            format!("stats_temp_directory = '/var/run/postgresql/{major}-main.pg_stat_tmp'\n")
        } else {
            String::new()
        }
    )
}

/// The ids of the rules that fire on files of a major, each once.
fn fires(files: &[(&str, &str)]) -> Vec<String> {
    let run = Tree::new(files).run(&["check", "--no-config", "--format", "json"]);
    assert!(run.code < 2 && run.err.is_empty(), "{run:?}");
    let output: serde_json::Value = serde_json::from_str(&run.out).expect("the output is JSON");
    let findings = output["findings"].as_array().expect("findings are a list");
    let open = findings.iter().filter(|finding| finding["outcome"] == "open");
    let mut rules = open
        .map(|finding| {
            assert_ne!(finding["effect"], "refused", "{finding}");
            finding["rule"].as_str().expect("a rule has an id").to_owned()
        })
        .collect::<Vec<_>>();
    rules.dedup();
    rules
}

#[test]
fn of_every_major_and_way() {
    for major in 10..=18 {
        let Some([conf, sample, ident]) = samples(major) else {
            println!("the stock files of {major} are not here: run `cargo xtask test`");
            continue;
        };
        let version = format!("{major}\n");
        for way in WAYS {
            let hba = hba(&sample, way);
            assert!(hba.contains("\nlocal ") && !hba.contains("@auth"), "{major}");
            let stock = [("PG_VERSION", &*version), ("pg_hba.conf", &hba), ("pg_ident.conf", &ident)];
            let conf = way.conf(&conf, major);
            let plain =
                [&stock[..], &[("postgresql.conf", &*conf), ("postgresql.auto.conf", "# Do not edit\n")]].concat();
            assert_eq!(fires(&plain), way.rules(major), "{} of {major}", way.name);
        }
        let samples =
            [("postgresql.conf.sample", &*conf), ("pg_hba.conf.sample", &sample), ("pg_ident.conf.sample", &ident)];
        assert_eq!(fires(&samples), [""; 0], "samples of {major}");
        let folder = format!("postgresql/{major}/main");
        let at = |name: &str| format!("{folder}/{name}");
        let way = &WAYS[if major < 14 { 2 } else { 3 }];
        let hba = format!("local all postgres peer\n{}", hba(&sample, way));
        let conf = format!("{conf}{}", debian(major));
        let debian = [
            (&*at("postgresql.conf"), &*conf),
            (&at("pg_hba.conf"), &hba),
            (&at("pg_ident.conf"), &ident),
            (&at("pg_ctl.conf"), "pg_ctl_options = ''\n"),
            (&at("start.conf"), "auto\n"),
            (&at("environment"), "# environment variables for postgres processes\n"),
        ];
        assert_eq!(fires(&debian), way.rules(major), "Debian's files of {major}");
    }
}
