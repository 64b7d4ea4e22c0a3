//! Languages and formats that may hold PostgreSQL's configuration and SQL, by the names of their files.

/// A language or format in which PostgreSQL's configuration and SQL are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Host {
    /// Markdown.
    Markdown,
    /// Elixir.
    Elixir,
    /// Ruby.
    Ruby,
    /// Python.
    Python,
    /// JavaScript, with JSX.
    JavaScript,
    /// TypeScript.
    TypeScript,
    /// TypeScript with JSX.
    Tsx,
    /// Go.
    Go,
    /// Rust.
    Rust,
    /// Java.
    Java,
    /// Kotlin.
    Kotlin,
    /// C#.
    CSharp,
    /// PHP.
    Php,
    /// Scripts of POSIX shells, bash and zsh.
    Shell,
    /// Dockerfile and Containerfile.
    Dockerfile,
    /// Units of systemd.
    Systemd,
    /// Files of environment variables.
    Env,
    /// YAML: compose files, manifests, playbooks.
    Yaml,
    /// TOML.
    Toml,
    /// JSON.
    Json,
    /// Terraform and OpenTofu.
    Terraform,
    /// repmgr.conf.
    Repmgr,
    /// barman.conf and its files for single servers.
    Barman,
    /// pgbackrest.conf.
    Pgbackrest,
    /// pg_autoctl.cfg of pg_auto_failover.
    PgAutoFailover,
}

/// How the names of a host's files look.
struct Names {
    host: Host,
    name: &'static str,
    /// Endings; a name that is nothing but an ending counts too.
    endings: &'static [&'static str],
    /// First parts, which a dot or nothing follows.
    starts: &'static [&'static str],
}

const fn names(
    host: Host,
    name: &'static str,
    endings: &'static [&'static str],
    starts: &'static [&'static str],
) -> Names {
    Names { host, name, endings, starts }
}

const TABLE: &[Names] = &[
    names(Host::Markdown, "markdown", &[".md", ".markdown", ".mdx"], &[]),
    names(Host::Elixir, "elixir", &[".ex", ".exs"], &[]),
    names(Host::Ruby, "ruby", &[".rb", ".rake"], &[]),
    names(Host::Python, "python", &[".py"], &[]),
    names(Host::JavaScript, "javascript", &[".js", ".mjs", ".cjs", ".jsx"], &[]),
    names(Host::TypeScript, "typescript", &[".ts", ".mts", ".cts"], &[]),
    names(Host::Tsx, "tsx", &[".tsx"], &[]),
    names(Host::Go, "go", &[".go"], &[]),
    names(Host::Rust, "rust", &[".rs"], &[]),
    names(Host::Java, "java", &[".java"], &[]),
    names(Host::Kotlin, "kotlin", &[".kt", ".kts"], &[]),
    names(Host::CSharp, "csharp", &[".cs"], &[]),
    names(Host::Php, "php", &[".php"], &[]),
    names(
        Host::Shell,
        "shell",
        &[".sh", ".bash", ".zsh", ".ksh"],
        &[".envrc", ".profile", ".bash_profile", ".bash_login", ".bashrc", ".zprofile", ".zshenv", ".zshrc"],
    ),
    names(Host::Dockerfile, "dockerfile", &[".dockerfile"], &["Dockerfile", "Containerfile"]),
    names(Host::Systemd, "systemd", &[".service"], &[]),
    names(Host::Env, "env", &[".env"], &[".env"]),
    names(Host::Yaml, "yaml", &[".yaml", ".yml"], &[]),
    names(Host::Toml, "toml", &[".toml"], &[]),
    names(Host::Json, "json", &[".json"], &[]),
    names(Host::Terraform, "terraform", &[".tf", ".tfvars"], &[]),
    names(Host::Repmgr, "repmgr.conf", &["repmgr.conf"], &[]),
    names(Host::Barman, "barman.conf", &["barman.conf"], &[]),
    names(Host::Pgbackrest, "pgbackrest.conf", &["pgbackrest.conf"], &[]),
    names(Host::PgAutoFailover, "pg_autoctl.cfg", &["pg_autoctl.cfg", "pg_autoctl.conf"], &[]),
];

impl Host {
    /// Every host.
    pub fn all() -> impl Iterator<Item = Self> + Clone {
        TABLE.iter().map(|names| names.host)
    }

    /// What it is called, as `--kind` writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        TABLE.iter().find(|names| names.host == self).map_or("", |names| names.name)
    }

    /// The host whose files end in a dot and this: `py`.
    pub(crate) fn of_ending(ending: &str) -> Option<Self> {
        let is = |known: &&str| known.strip_prefix('.') == Some(ending);
        TABLE.iter().find(|names| names.endings.iter().any(is)).map(|names| names.host)
    }

    /// Names of files of hosts, two for each way in which they are told.
    #[cfg(test)]
    pub(super) fn samples() -> impl Iterator<Item = String> {
        TABLE.iter().flat_map(|names| {
            let endings = names.endings.iter().flat_map(|ending| [format!("a b{ending}"), (*ending).to_owned()]);
            endings.chain(names.starts.iter().flat_map(|start| [(*start).to_owned(), format!("{start}.x-1")]))
        })
    }

    /// The host that a file's name says, without the endings of templates.
    pub(super) fn of_file(name: &str) -> Option<Self> {
        let starts =
            |start: &&str| name.strip_prefix(*start).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        let of = |names: &&Names| {
            names.endings.iter().any(|ending| name.ends_with(*ending)) || names.starts.iter().any(starts)
        };
        TABLE.iter().find(of).map(|names| names.host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files() {
        for (name, host) in [
            ("README.md", Some(Host::Markdown)),
            ("20240101_add_sub.exs", Some(Host::Elixir)),
            ("Dockerfile", Some(Host::Dockerfile)),
            ("Dockerfile.replica", Some(Host::Dockerfile)),
            ("db.dockerfile", Some(Host::Dockerfile)),
            ("Dockerfiles", None),
            (".env", Some(Host::Env)),
            (".env.production", Some(Host::Env)),
            ("prod.env", Some(Host::Env)),
            (".envrc", Some(Host::Shell)),
            (".bash_profile", Some(Host::Shell)),
            (".profile", Some(Host::Shell)),
            ("environment", None),
            ("docker-compose.yml", Some(Host::Yaml)),
            ("postgresql@.service", Some(Host::Systemd)),
            ("repmgr.conf", Some(Host::Repmgr)),
            ("x.tsx", Some(Host::Tsx)),
            ("x.ts", Some(Host::TypeScript)),
            ("x.c", None),
            ("md", None),
        ] {
            assert_eq!(Host::of_file(name), host, "{name}");
        }
    }
}
