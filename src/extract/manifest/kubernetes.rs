//! Manifests of Kubernetes: configuration in ConfigMaps and Secrets, containers, and what operators define.

use std::collections::BTreeSet;

use super::{any, cnpg, command, container, operators};
use crate::discover::{Host, Kind, by_name};
use crate::extract::tree::{Child, Node, Scalar};
use crate::extract::{Draft, Found};
use crate::syntax::literal::Literal;

/// Whether it is a manifest.
pub(super) fn is_manifest(root: &Node) -> bool {
    root.scalar("apiVersion").is_some() && root.scalar("kind").is_some()
}

/// The names of the ConfigMaps of a file that hold configuration of a server.
pub(super) fn config_maps(documents: &[Child]) -> BTreeSet<String> {
    let holds = |root: &&Node| {
        let is_conf = |key: &Scalar| {
            let kind = key.known().and_then(by_name);
            matches!(kind, Some(Kind::PostgresqlConf | Kind::PgHba | Kind::PgIdent))
        };
        root.scalar("kind").is_some_and(|kind| kind.is("ConfigMap"))
            && root.get("data").is_some_and(|data| data.entries().any(|(key, _)| is_conf(key)))
    };
    let roots = documents.iter().map(|document| &*document.node);
    roots.filter(holds).filter_map(|root| root.get("metadata")?.name("name")).collect()
}

/// What the other documents of a file say.
pub(super) struct Around<'a> {
    /// The ConfigMaps that make a server.
    pub(super) maps: &'a BTreeSet<String>,
    /// The external clusters of CloudNativePG.
    pub(super) externals: &'a cnpg::Externals<'a>,
}

/// Reads a manifest.
pub(super) fn read(root: &Node, around: &Around<'_>, steered: bool, found: &mut Found<'_>) {
    let kind = root.known("kind").unwrap_or_default();
    if kind == "List" {
        return root.get("items").into_iter().flat_map(Node::items).for_each(|item| read(item, around, steered, found));
    }
    let spec = pod(root, kind);
    // What a ConfigMap says is for the pods that mount it.
    let mounted = spec.and_then(|spec| {
        let volumes = spec.get("volumes").into_iter().flat_map(Node::items);
        volumes.filter_map(|volume| volume.get("configMap")?.name("name")).find(|name| around.maps.contains(name))
    });
    let configured = mounted.is_some();
    let version = root.known("apiVersion").unwrap_or_default();
    let is_cnpg = version.starts_with("postgresql.cnpg.io/");
    // Publications, subscriptions and databases name the cluster that they are in.
    let cluster = root.at(&["spec", "cluster"]).filter(|_| is_cnpg).and_then(|cluster| cluster.name("name"));
    let name = mounted.or(cluster).or_else(|| root.get("metadata")?.name("name")).unwrap_or_default();
    found.within(&name, |found| {
        if is_cnpg {
            cnpg::read(root, kind, around.externals, steered, found);
        } else {
            operators::read(root, version, kind, steered, found);
        }
        if let Some(spec) = spec {
            containers(spec, configured, found);
        }
        if kind == "Secret" {
            secret(root, found);
        }
        if kind == "Application" {
            values(root, found);
        }
        any::node(root, found);
    });
}

/// The specification of the pods of a workload.
fn pod<'a>(root: &'a Node, kind: &str) -> Option<&'a Node> {
    match kind {
        "Pod" => root.get("spec"),
        "CronJob" => root.at(&["spec", "jobTemplate", "spec", "template", "spec"]),
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Job" => root.at(&["spec", "template", "spec"]),
        _ => None,
    }
}

/// Reads the containers of a pod, which may be `configured` by files of its own.
fn containers(spec: &Node, configured: bool, found: &mut Found<'_>) {
    let all = ["initContainers", "containers"].into_iter().filter_map(|key| spec.get(key)).flat_map(Node::items);
    for one in all {
        let words = |node: Option<&Node>| -> Vec<Literal> {
            node.map(command::of_node).unwrap_or_default().iter().map(any::references).collect()
        };
        let said = container::read(one.scalar("image"), words(one.get("command")), words(one.get("args")), found);
        match one.get("env") {
            Some(environment) if said.is_server && !configured => {
                container::environment(environment, said.files.hba.is_some(), found);
            }
            Some(environment) if !said.is_server => container::client(environment, found),
            _ => {}
        }
        let hooks: [&[&str]; 5] = [
            &["livenessProbe", "exec", "command"],
            &["readinessProbe", "exec", "command"],
            &["startupProbe", "exec", "command"],
            &["lifecycle", "postStart", "exec", "command"],
            &["lifecycle", "preStop", "exec", "command"],
        ];
        for hook in hooks {
            command::read(&words(one.at(hook)), false, found);
        }
    }
}

/// The values of the charts of an Argo CD application, where they are written as text.
fn values(root: &Node, found: &mut Found<'_>) {
    let Some(spec) = root.get("spec") else { return };
    let sources = spec.get("sources").into_iter().flat_map(Node::items);
    for source in spec.get("source").into_iter().chain(sources) {
        if let Some(values) = source.get("helm").and_then(|helm| helm.scalar("values")) {
            found.read(Host::Yaml, &values.text);
        }
    }
}

/// Files in the `data` of a Secret. Places in them are those of the whole value.
fn secret(root: &Node, found: &mut Found<'_>) {
    const LARGEST: usize = 64 * 1024;
    for (key, value) in root.get("data").into_iter().flat_map(Node::entries) {
        let (Some(name), Some(value)) = (key.known(), value.as_scalar()) else { continue };
        let (Some(kind), Some(encoded)) = (by_name(name), value.known()) else { continue };
        let Some(text) = base64(encoded.as_bytes()).filter(|_| encoded.len() <= LARGEST) else { continue };
        let mut draft = Draft::new(&value.text, 0);
        draft.decoded(&text, 0..value.text.text().len());
        let text = draft.build();
        match kind {
            Kind::Host(host) => found.read(host, &text),
            Kind::Sql => found.sql(text, None),
            kind => any::named(kind, name, text, found),
        }
    }
}

/// What base64 stands for, line breaks left out; `None` for what is no base64.
fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0u32, 0);
    for &byte in text.iter().filter(|byte| !byte.is_ascii_whitespace() && **byte != b'=') {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_decoded() {
        assert_eq!(base64(b"ZnN5bmMgPSBvZmYK").as_deref(), Some(&b"fsync = off\n"[..]));
        assert_eq!(base64(b"Zm\nE=").as_deref(), Some(&b"fa"[..]));
        assert_eq!(base64(b"Zm*"), None);
    }
}
