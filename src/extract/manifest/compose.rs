//! Compose files: each service is a server by its name, with its command line and the files that are mounted for it.

use std::collections::BTreeSet;

use super::{any, command, container};
use crate::discover::{Host, Kind, by_name};
use crate::extract::tree::{Node, Scalar};
use crate::extract::{Draft, Found, Writer, docker_image};
use crate::syntax::literal::Literal;

/// Keys by which a service is known.
const SERVICE_KEYS: &[&str] = &["image", "build", "command", "extends", "container_name", "environment", "volumes"];

/// Where the image reads the files of its data directory, if nothing else is said.
const DATA: &[&str] =
    &["/var/lib/postgresql/data", "/var/lib/pgsql/data", "/opt/bitnami/postgresql/conf", "/bitnami/postgresql/conf"];

/// Whether it is a compose file: its services are maps with the keys of services.
pub(super) fn is_compose(root: &Node) -> bool {
    root.get("services").is_some_and(|services| {
        services.entries().any(|(_, service)| SERVICE_KEYS.iter().any(|key| service.get(key).is_some()))
    })
}

pub(super) fn read(root: &Node, found: &mut Found<'_>) {
    let Some(services) = root.get("services") else { return };
    let names = services.entries().flat_map(|(name, service)| {
        let other = ["container_name", "hostname"].into_iter().filter_map(|key| service.scalar(key));
        other.chain([name]).map(|name| name.text.text())
    });
    let names = names.collect::<BTreeSet<_>>();
    let is_service = |host: &[u8]| names.contains(host);
    for (_, value) in root.entries().filter(|(key, _)| !key.is("services") && !key.is("configs")) {
        // What services have in common stands before them.
        any::beside(value, &is_service, found);
    }
    for (name, value) in services.entries() {
        found.within(&String::from_utf8_lossy(name.text.text()), |found| {
            service(root, value, &is_service, found);
            any::beside(value, &is_service, found);
        });
    }
}

fn service(root: &Node, service: &Node, is_service: &dyn Fn(&[u8]) -> bool, found: &mut Found<'_>) {
    let words = |key: &str| service.get(key).map(|node| interpolated(command::of_node(node))).unwrap_or_default();
    let said = container::read(service.scalar("image"), words("entrypoint"), words("command"), found);
    let environment = service.get("environment");
    if said.is_server {
        let data = environment.and_then(|node| variable(node, "PGDATA"));
        mounts(root, service, &said.files, data.as_deref(), found);
        names(service, found);
        if let Some(environment) = environment {
            container::environment(environment, said.files.hba.is_some() || found.has(Kind::PgHba), found);
        }
    } else if let Some(environment) = environment {
        let mut variables = container::variables(environment);
        // Within the network of the services it is not said how they connect.
        for (_, host) in variables.iter_mut().filter(|(name, host)| name == b"PGHOST" && is_service(host.text())) {
            *host = Draft::computed(host, 0..host.text().len());
        }
        docker_image::client(&variables, found);
    }
    if let Some(test) = service.at(&["healthcheck", "test"]) {
        health(test, found);
    }
}

/// Adds what other services reach a server by besides the name of its service: names of the container, aliases and
/// fixed addresses in networks.
fn names(service: &Node, found: &mut Found<'_>) {
    let own = ["container_name", "hostname"].into_iter().filter_map(|key| service.scalar(key));
    let networks = service.get("networks").into_iter().flat_map(Node::entries).map(|(_, network)| network);
    let of_networks = networks.flat_map(|network| {
        let aliases = network.get("aliases").into_iter().flat_map(Node::scalars);
        aliases.chain(["ipv4_address", "ipv6_address"].into_iter().filter_map(|key| network.scalar(key)))
    });
    for name in own.chain(of_networks) {
        let name = interpolate(&name.text);
        if !name.is_dynamic() {
            found.add(Kind::HostName, name);
        }
    }
}

/// The words with `$$` as the dollar that it is, and what compose puts in as holes.
fn interpolated(words: Vec<Literal>) -> Vec<Literal> {
    words.into_iter().map(|word| interpolate(&word)).collect()
}

fn interpolate(word: &Literal) -> Literal {
    let bytes = word.text();
    if memchr::memchr(b'$', bytes).is_none() {
        return word.clone();
    }
    let mut draft = Draft::new(word, 0);
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let hole = word.holes_in(at, at + 1).next();
        let name =
            |from: usize| rest[from..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        let length = match rest {
            _ if hole.is_some() => hole.map_or(1, |hole| hole.len()),
            [b'$', b'$', ..] => {
                draft.decoded(b"$", at..at + 2);
                at += 2;
                continue;
            }
            [b'$', b'{', ..] => memchr::memchr(b'}', rest).map_or(rest.len(), |end| end + 1),
            [b'$', ..] if name(1) > 0 => 1 + name(1),
            _ => {
                let next = memchr::memchr(b'$', &rest[1..]).map_or(rest.len(), |next| next + 1);
                draft.copy(at..at + next);
                at += next;
                continue;
            }
        };
        draft.hole(at..at + length);
        at += length;
    }
    draft.build()
}

fn variable(environment: &Node, name: &str) -> Option<String> {
    let of_map = environment.known(name);
    let of_list =
        || environment.scalars().filter_map(Scalar::known).find_map(|item| item.strip_prefix(name)?.strip_prefix('='));
    of_map.or_else(of_list).map(str::to_owned)
}

fn health(test: &Node, found: &mut Found<'_>) {
    if let Some(scalar) = test.as_scalar() {
        return found.read(Host::Shell, &interpolate(&scalar.text));
    }
    let words = interpolated(command::of_node(test));
    match words.as_slice() {
        [first, script] if first.text() == b"CMD-SHELL" => found.read(Host::Shell, script),
        [first, rest @ ..] if first.text() == b"CMD" => {
            command::read(rest, false, found);
        }
        _ => {}
    }
}

/// A file of the project that the service sees under another path: a volume, or a config.
struct Mount<'a> {
    source: Source<'a>,
    target: String,
}

enum Source<'a> {
    /// A path.
    File(Literal),
    /// Its content.
    Text(&'a Scalar),
}

/// Adds the files of the server that are mounted for the service.
fn mounts(root: &Node, service: &Node, files: &command::Files, data: Option<&str>, found: &mut Found<'_>) {
    let mut mounts = service.get("volumes").into_iter().flat_map(Node::items).filter_map(volume).collect::<Vec<_>>();
    mounts.extend(
        service.get("configs").into_iter().flat_map(Node::items).filter_map(|config| self::config(root, config)),
    );
    for (kind, named) in [(Kind::PostgresqlConf, &files.conf), (Kind::PgHba, &files.hba), (Kind::PgIdent, &files.ident)]
    {
        let is_read = |target: &str| match named {
            Some(named) => target == named,
            None => {
                let (folder, name) = target.rsplit_once('/').unwrap_or(("", target));
                let in_data = data.map_or_else(|| DATA.contains(&folder), |data| data.trim_end_matches('/') == folder);
                // Where the configuration file says that its access files are is not known here; they have the names.
                let beside = kind != Kind::PostgresqlConf && files.conf.is_some();
                name == kind.to_string() && (in_data || beside)
            }
        };
        for mount in &mounts {
            match &mount.source {
                Source::File(path) => {
                    if is_read(&mount.target) {
                        found.path(kind, path.clone());
                    } else if let Some(rest) = named
                        .as_deref()
                        .and_then(|named| named.strip_prefix(mount.target.trim_end_matches('/'))?.strip_prefix('/'))
                    {
                        let mut file = Writer::new(path);
                        file.text(path);
                        file.words(&format!("/{rest}"));
                        found.path(kind, file.build());
                    }
                }
                Source::Text(text) if is_read(&mount.target) => found.whole(kind, text.text.clone()),
                Source::Text(_) => {}
            }
        }
    }
    for mount in &mounts {
        let name = mount.target.rsplit('/').next().unwrap_or_default();
        if let (Source::Text(text), Some(kind @ (Kind::Sql | Kind::Host(_)))) = (&mount.source, by_name(name)) {
            match kind {
                Kind::Host(host) => found.read(host, &text.text),
                _ => found.sql(text.text.clone(), None),
            }
        }
    }
}

/// A volume that is a file or folder of the project: its path starts with a dot.
fn volume(node: &Node) -> Option<Mount<'_>> {
    let (source, target) = match node.as_scalar() {
        Some(scalar) => {
            let text = scalar.known()?;
            let (source, rest) = text.split_once(':')?;
            let target = rest.split_once(':').map_or(rest, |(target, _)| target);
            (Draft::of(&scalar.text, 0..source.len()), target.to_owned())
        }
        None => (node.scalar("source")?.text.clone(), node.known("target")?.to_owned()),
    };
    let is_ours = source.text().starts_with(b"./") || source.text().starts_with(b"../");
    (is_ours && !any::references(&source).is_dynamic()).then_some(Mount { source: Source::File(source), target })
}

/// A config of the service, which the root of the file defines.
fn config<'a>(root: &'a Node, node: &Node) -> Option<Mount<'a>> {
    let name = node.as_scalar().and_then(Scalar::known).or_else(|| node.known("source"))?;
    let target = node.known("target").map_or_else(|| format!("/{name}"), str::to_owned);
    let config = root.at(&["configs", name])?;
    let source = match (config.scalar("content"), config.scalar("file")) {
        (Some(text), _) => Source::Text(text),
        (None, Some(file)) => Source::File(file.text.clone()),
        _ => return None,
    };
    Some(Mount { source, target })
}
