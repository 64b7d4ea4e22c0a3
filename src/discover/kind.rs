//! What kind a file is: by its name, then by what is in it; and same-named files of other programs.

use std::fmt;
use std::str::FromStr;

use camino::Utf8Path;

use super::host::Host;
use crate::catalog::hba::Method;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// postgresql.conf and what it includes.
    PostgresqlConf,
    /// postgresql.auto.conf, which `ALTER SYSTEM` writes.
    AutoConf,
    /// recovery.conf of 10 and 11.
    RecoveryConf,
    /// recovery.done: a recovery.conf that was used up.
    RecoveryDone,
    /// standby.signal.
    StandbySignal,
    /// recovery.signal.
    RecoverySignal,
    /// pg_hba.conf and what it includes.
    PgHba,
    /// pg_ident.conf and what it includes.
    PgIdent,
    /// A list of names that an `@file` of pg_hba.conf or pg_ident.conf names.
    NameList,
    /// pg_service.conf.
    Service,
    /// .pgpass.
    Passfile,
    /// pgbouncer.ini.
    PgbouncerIni,
    /// PgBouncer's userlist.txt.
    Userlist,
    /// SQL, for psql or a migration tool.
    Sql,
    /// PG_VERSION of a data directory.
    PgVersion,
    /// Settings on a server's command line, in the form of postgresql.conf. Only found inside of other files.
    CommandLine,
    /// What gives a server's major away inside of another file, such as the tag of an image: the number alone.
    Major,
    /// What others call a server by: names and addresses, one a line. Only found inside of other files.
    HostName,
    /// A connection string by itself. Only found inside of other files.
    Conninfo,
    /// The password that a server's image gives to its superuser. Only found inside of other files.
    Password,
    /// A file of another language, which may hold any of these.
    Host(Host),
}

impl Kind {
    /// Whether a file of the kind is PostgreSQL's own or that of a program beside it, not just one that may hold such.
    #[must_use]
    pub fn is_own(self) -> bool {
        !matches!(self, Self::Host(_))
    }

    /// The kinds a user can name, as `--kind` and `[files]` write them.
    pub const NAMES: &'static [(&'static str, Self)] = &[
        ("postgresql.conf", Self::PostgresqlConf),
        ("postgresql.auto.conf", Self::AutoConf),
        ("recovery.conf", Self::RecoveryConf),
        ("recovery.done", Self::RecoveryDone),
        ("standby.signal", Self::StandbySignal),
        ("recovery.signal", Self::RecoverySignal),
        ("pg_hba.conf", Self::PgHba),
        ("pg_ident.conf", Self::PgIdent),
        ("pg_service.conf", Self::Service),
        ("pgpass", Self::Passfile),
        ("pgbouncer.ini", Self::PgbouncerIni),
        ("userlist.txt", Self::Userlist),
        ("sql", Self::Sql),
    ];
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::NAMES.iter().find(|(_, kind)| kind == self).map(|(name, _)| *name);
        f.write_str(name.unwrap_or(match self {
            Self::NameList => "name list",
            Self::CommandLine => "command line",
            Self::Major => "major version",
            Self::HostName => "host name",
            Self::Conninfo => "connection string",
            Self::Password => "password",
            Self::Host(host) => host.name(),
            _ => "PG_VERSION",
        }))
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let hosts = Host::all().map(|host| (host.name(), Self::Host(host)));
        let mut known = Self::NAMES.iter().copied().chain(hosts);
        known.clone().find(|(known, _)| *known == name).map(|(_, kind)| kind).ok_or_else(|| {
            let known = known.by_ref().map(|(name, _)| name).collect::<Vec<_>>().join(", ");
            format!("no kind of file is called `{name}`; the kinds are {known}")
        })
    }
}

/// Endings that mark a template or sample of the file named before them.
const TEMPLATE_ENDINGS: &[&str] = &[
    ".j2",
    ".jinja",
    ".jinja2",
    ".erb",
    ".tmpl",
    ".tpl",
    ".template",
    ".in",
    ".sample",
    ".example",
    ".dist",
    ".default",
];

/// The kind that a path says: the file's name, or the folder of what is added to a unit, `db.service.d/override.conf`.
#[must_use]
pub fn by_path(path: &Utf8Path) -> Option<Kind> {
    let folder = path.parent().and_then(Utf8Path::file_name).unwrap_or_default();
    if folder.ends_with(".service.d") && path.extension() == Some("conf") {
        return Some(Kind::Host(Host::Systemd));
    }
    path.file_name().and_then(by_name)
}

/// The kind that a file's name says, without a look inside.
#[must_use]
pub fn by_name(name: &str) -> Option<Kind> {
    of_postgresql(name).or_else(|| Host::of_file(without_template_endings(name)).map(Kind::Host))
}

fn of_postgresql(name: &str) -> Option<Kind> {
    if let Some(stem) = name.strip_suffix(".sql") {
        return (!stem.is_empty()).then_some(Kind::Sql);
    }
    // Nearly every file of a tree ends here, after a look at a few bytes.
    if !name.bytes().any(|byte| byte == b'p' || byte == b'P' || byte == b'r' || byte == b's') {
        return None;
    }
    match name {
        "PG_VERSION" => return Some(Kind::PgVersion),
        "standby.signal" => return Some(Kind::StandbySignal),
        "recovery.signal" => return Some(Kind::RecoverySignal),
        "recovery.done" => return Some(Kind::RecoveryDone),
        ".pgpass" | "pgpass" | "pgpass.conf" => return Some(Kind::Passfile),
        _ => {}
    }
    let base = without_template_endings(name);
    if base.strip_suffix(".sql").is_some_and(|stem| !stem.is_empty()) {
        return Some(Kind::Sql);
    }
    if matches!(base, "userlist.txt") {
        return Some(Kind::Userlist);
    }
    if base.starts_with("pgbouncer") && base.ends_with(".ini") {
        return Some(Kind::PgbouncerIni);
    }
    let stem = base.strip_suffix(".conf").or_else(|| versioned(base))?;
    if matches!(stem, "postgresql.auto") {
        return Some(Kind::AutoConf);
    }
    // The end of a name says more than its start: `postgres-hosts_pg_hba.conf` is a pg_hba.conf.
    let words = || WORDS.iter().copied();
    let named = words().find(|(word, _)| stem == *word);
    let named = named
        .or_else(|| words().find(|(word, _)| is_joined(stem.strip_suffix(word).and_then(|rest| rest.bytes().last()))));
    let named = named
        .or_else(|| words().find(|(word, _)| is_joined(stem.strip_prefix(word).and_then(|rest| rest.bytes().next()))));
    named.map(|(_, kind)| kind)
}

/// The words in the names of configuration files.
const WORDS: &[(&str, Kind)] = &[
    ("postgresql", Kind::PostgresqlConf),
    ("postgres", Kind::PostgresqlConf),
    ("pg_hba", Kind::PgHba),
    ("pg_ident", Kind::PgIdent),
    ("recovery", Kind::RecoveryConf),
    ("pg_service", Kind::Service),
    (".pg_service", Kind::Service),
];

/// Whether the byte joins a word to more: `postgresql.primary`, `pg_hba-replica`, `primary_postgresql`.
fn is_joined(byte: Option<u8>) -> bool {
    matches!(byte, Some(b'.' | b'-' | b'_'))
}

/// The stem of `postgresql.conf-15` and `postgresql.conf.15`.
fn versioned(base: &str) -> Option<&str> {
    let stem = base.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    stem.strip_suffix(['-', '_']).unwrap_or(stem).strip_suffix(".conf")
}

fn without_template_endings(name: &str) -> &str {
    let mut base = name;
    while let Some(shorter) = TEMPLATE_ENDINGS.iter().find_map(|ending| base.strip_suffix(ending)) {
        base = shorter;
    }
    base
}

/// Whether the name says that the file is a template or a sample.
#[must_use]
pub fn is_template_name(name: &str) -> bool {
    without_template_endings(name).len() != name.len()
}

/// Whether a file whose name says nothing is worth a look inside.
#[must_use]
pub fn may_tell_by_content(name: &str) -> bool {
    let base = without_template_endings(name);
    base.ends_with(".conf") || base.ends_with(".cnf")
}

/// The kind that a file's content says.
#[must_use]
pub fn by_content(bytes: &[u8]) -> Option<Kind> {
    let (mut settings, mut hba, mut other) = (0, 0, 0);
    for line in lines(bytes).take(200) {
        let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        match words.next() {
            Some(b"local" | b"host" | b"hostssl" | b"hostnossl" | b"hostgssenc" | b"hostnogssenc")
                if words.clone().count() >= 3 =>
            {
                hba += 1;
            }
            Some(_) => {
                if is_setting(line) {
                    settings += 1;
                } else {
                    other += 1;
                }
            }
            None => {}
        }
    }
    if hba > 0 && hba > other && settings == 0 {
        Some(Kind::PgHba)
    } else if settings >= 3 && settings > 4 * other && hba == 0 && other_program(Kind::PostgresqlConf, bytes).is_none()
    {
        Some(Kind::PostgresqlConf)
    } else {
        None
    }
}

/// What a file of a PostgreSQL file's name really is, if its content says that it is none of PostgreSQL's.
#[must_use]
pub fn other_program(kind: Kind, bytes: &[u8]) -> Option<&'static str> {
    if !matches!(kind, Kind::PostgresqlConf | Kind::PgHba | Kind::PgIdent | Kind::RecoveryConf) {
        return None;
    }
    let known = lines(bytes).take(100).filter(|line| kind == Kind::PostgresqlConf && is_setting(line)).count();
    let active = lines(bytes).take(100).count();
    if known * 2 > active {
        return None;
    }
    let part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
    let placeholder = |line: &[u8]| {
        let name = line.split(|&byte| byte == b'=').next().unwrap_or(line).trim_ascii();
        name.len() < line.len() && name.contains(&b'.') && name.iter().all(part)
    };
    let strange = kind == Kind::PostgresqlConf && active >= 5 && known == 0 && !lines(bytes).take(100).any(placeholder);
    if kind == Kind::PostgresqlConf && active >= 2 && lines(bytes).take(100).all(is_sentence) {
        return Some("it is prose");
    }
    if kind == Kind::PgHba && active >= 3 && !lines(bytes).take(100).any(is_like_hba) {
        return Some("nothing in it is a row of pg_hba.conf");
    }
    let (mut kernel, mut tmpfiles) = (0, 0);
    for line in lines(bytes).take(100) {
        if line.starts_with(b"[") && line.contains(&b']') && kind != Kind::PgHba {
            return Some(section_owner(line));
        }
        if line.ends_with(b"{") && !line.contains(&b'\'') && !line.starts_with(b"{") {
            return Some("it is a file of logrotate, nginx or the like");
        }
        let word = line.split(|byte| byte.is_ascii_whitespace() || *byte == b'=').next().unwrap_or(line);
        if word.starts_with(b"$") && !word.starts_with(b"${") && !word.starts_with(b"$(")
            || word == b"if"
            || word.starts_with(b":programname")
            || word.ends_with(b".*")
        {
            return Some("it is a file of rsyslog");
        }
        kernel += usize::from([&b"kernel."[..], b"vm.", b"net.", b"fs."].iter().any(|prefix| word.starts_with(prefix)));
        let path = line.get(word.len()..).unwrap_or_default().trim_ascii_start();
        // In pg_ident.conf this is a map with a short name and a regular expression.
        tmpfiles += usize::from(kind != Kind::PgIdent && word.len() <= 2 && path.starts_with(b"/"));
    }
    if active > 0 && kernel * 2 > active {
        Some("it is a file of sysctl")
    } else if active > 0 && tmpfiles * 2 > active {
        Some("it is a file of systemd-tmpfiles")
    } else if strange {
        Some("nothing in it is a setting of PostgreSQL")
    } else {
        None
    }
}

/// Whether the line has more words than a setting, which may do without `=`, and its value.
fn is_sentence(line: &[u8]) -> bool {
    let text = line.split(|&byte| byte == b'#').next().unwrap_or(line);
    !text.contains(&b'=') && text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).count() > 3
}

/// Whether the line has a word that rows of pg_hba.conf begin or end with, or is filled in by a template.
fn is_like_hba(line: &[u8]) -> bool {
    let words = || line.split(|byte| byte.is_ascii_whitespace() || matches!(byte, b'"' | b','));
    let first = words().next().unwrap_or_default().to_ascii_lowercase();
    let begins = [&b"local"[..], b"host", b"include", b"@"].iter().any(|start| first.starts_with(start));
    begins || words().any(|word| Method::named(word).is_some()) || crate::syntax::template::is_dynamic(line)
}

/// Whether the line gives a value to a setting that some major knows.
fn is_setting(line: &[u8]) -> bool {
    let end = line
        .iter()
        .position(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'_' | b'.'))
        .unwrap_or(line.len());
    let followed = line[end..].trim_ascii_start().starts_with(b"=");
    crate::load::Include::of(&line[..end]).is_some()
        || followed && std::str::from_utf8(&line[..end]).is_ok_and(|name| crate::catalog::setting(name).is_some())
}

fn section_owner(line: &[u8]) -> &'static str {
    let has = |word: &[u8]| memchr::memmem::find(line, word).is_some();
    if has(b"program:") || has(b"supervisor") || has(b"group:") {
        "it is a file of supervisord"
    } else if has(b"Definition") || has(b"INCLUDES") {
        "it is a file of fail2ban"
    } else if has(b"Service") || has(b"Unit") || has(b"Install") {
        "it is a unit of systemd"
    } else {
        "it is an INI file"
    }
}

/// The lines that are neither blank nor comments, without the blanks around them.
fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes
        .split(|&byte| byte == b'\n')
        .map(<[u8]>::trim_ascii)
        .filter(|line| !matches!(line.first(), None | Some(b'#')) && !crate::syntax::template::is_control_line(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (name, kind) in [
            ("postgresql.conf", Some(Kind::PostgresqlConf)),
            ("postgres.conf", Some(Kind::PostgresqlConf)),
            ("postgresql.primary.conf", Some(Kind::PostgresqlConf)),
            ("postgresql-15.conf", Some(Kind::PostgresqlConf)),
            ("postgresql.conf-15.j2", Some(Kind::PostgresqlConf)),
            ("postgresql.conf.sample", Some(Kind::PostgresqlConf)),
            ("primary-postgresql.conf", Some(Kind::PostgresqlConf)),
            ("postgresql.auto.conf", Some(Kind::AutoConf)),
            ("pg_hba.conf", Some(Kind::PgHba)),
            ("pg_hba.replica.conf.erb", Some(Kind::PgHba)),
            ("pg_ident.conf", Some(Kind::PgIdent)),
            ("recovery.conf", Some(Kind::RecoveryConf)),
            ("recovery.done", Some(Kind::RecoveryDone)),
            ("standby.signal", Some(Kind::StandbySignal)),
            (".pg_service.conf", Some(Kind::Service)),
            (".pgpass", Some(Kind::Passfile)),
            ("pgbouncer.ini", Some(Kind::PgbouncerIni)),
            ("userlist.txt", Some(Kind::Userlist)),
            ("V1__init.sql", Some(Kind::Sql)),
            ("init.sql.tmpl", Some(Kind::Sql)),
            ("postgres-hosts_pg_hba.conf", Some(Kind::PgHba)),
            ("PG_VERSION", Some(Kind::PgVersion)),
            (".sql", None),
            ("nginx.conf", None),
            ("mypostgresql.conf", None),
            ("postgresqlx.conf", None),
            ("postgresql.md", Some(Kind::Host(Host::Markdown))),
            ("deploy.yaml.j2", Some(Kind::Host(Host::Yaml))),
        ] {
            assert_eq!(by_name(name), kind, "{name}");
        }
    }

    #[test]
    fn content_tells_what_the_name_does_not() {
        assert_eq!(by_content(b"# mine\nlocal all all peer\nhost all all 10.0.0.0/8 md5\n"), Some(Kind::PgHba));
        assert_eq!(
            by_content(b"shared_buffers = 1GB\nwork_mem = 8MB\nmax_connections=10\n"),
            Some(Kind::PostgresqlConf)
        );
        assert_eq!(by_content(b"worker_processes 1;\nevents {\n"), None);
        assert_eq!(by_content(b"port = 1\nhost = x\nuser = y\nname = z\n"), None);
    }

    #[test]
    fn files_of_other_programs() {
        for (text, program) in [
            ("[program:postgresql]\ncommand=/usr/bin/postgres\n", "it is a file of supervisord"),
            ("[Definition]\nfailregex = FATAL\n", "it is a file of fail2ban"),
            ("/var/log/postgresql/*.log {\n  weekly\n}\n", "it is a file of logrotate, nginx or the like"),
            ("if $programname == 'postgres' then /var/log/pg.log\n", "it is a file of rsyslog"),
            ("kernel.shmmax = 1\nkernel.shmall = 2\n", "it is a file of sysctl"),
            ("d /run/postgresql 0755 postgres postgres -\n", "it is a file of systemd-tmpfiles"),
        ] {
            assert_eq!(other_program(Kind::PostgresqlConf, text.as_bytes()), Some(program), "{text}");
        }
        assert_eq!(
            other_program(Kind::PostgresqlConf, b"# x\nport = 5432\nmy.setting = 1\ninclude_dir 'conf.d'\n"),
            None
        );
        let prose = b"How to use this\ncopy the file\nedit it well\nrun the play\nask for help\n";
        assert_eq!(other_program(Kind::PostgresqlConf, prose), Some("nothing in it is a setting of PostgreSQL"));
        assert_eq!(other_program(Kind::PostgresqlConf, b"[server]\nport = 5432\nwork_mem = 8MB\n"), None);
        assert_eq!(other_program(Kind::PgHba, b"local all all peer\n"), None);
        let prose = b"How to use this file\n\nCopy it to the server.\n";
        assert_eq!(other_program(Kind::PostgresqlConf, prose), Some("it is prose"));
        assert_eq!(other_program(Kind::PostgresqlConf, b"work_mem 8MB\nfsync on # a comment of mine\n"), None);
        assert_eq!(other_program(Kind::PgHba, b"[x]\n"), None);
        let prose = b"Who may log in\nAsk for it\nNever use trust.\n";
        assert_eq!(other_program(Kind::PgHba, prose), Some("nothing in it is a row of pg_hba.conf"));
        assert_eq!(other_program(Kind::PgHba, b"all all peer\na b\nc d\n"), None);
        assert_eq!(other_program(Kind::PgHba, b"{{ a }}\n{{ b }}\n{{ c }}\n"), None);
        assert_eq!(other_program(Kind::PgIdent, b"m /^(.*)@example.org$ \\1\n"), None);
    }
}
