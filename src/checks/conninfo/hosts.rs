//! Where a connection string leads: several hosts, the server itself, services that nobody defines.

use crate::catalog::conninfo::effective;
use crate::checks::conninfo::{finding, known, target};
use crate::model::topology::Edge;
use crate::model::value::Value;
use crate::model::{ConninfoUse, Node, Origin};
use crate::rule::{Context, Sink, id};

pub(super) fn check(of: &ConninfoUse, cx: &Context<'_>, out: &mut Sink<'_>) {
    let Some(major) = of.majors.last() else { return };
    let shown = of.origin.shown();
    let hosts = effective::hosts(&of.conninfo, major).unwrap_or_default();
    if hosts.len() > 1 && of.conninfo.get("target_session_attrs").is_none() {
        let message = format!("{shown} names {} hosts and no `target_session_attrs`", hosts.len());
        let label = "the first that answers is taken, be it a standby";
        let found = finding(id::CONNINFO_MULTI_HOST, of, "target_session_attrs", target(of), label, message);
        out.push(found.help("set `target_session_attrs=read-write`, or `any` if every host will do"));
    }
    // The server waits for its own connections itself, and never looks at the time.
    let client = matches!(of.origin, Origin::Service { .. } | Origin::Client);
    if hosts.len() > 1
        && client
        && of.conninfo.get("connect_timeout").is_none()
        && of.conninfo.get("service").is_none()
        && !effective::is_open(&of.conninfo)
    {
        let message = format!("{shown} names {} hosts and no `connect_timeout`", hosts.len());
        let label = "one that does not answer holds each connection";
        let found = finding(id::CONNINFO_MULTI_HOST_TIMEOUT, of, "connect_timeout", target(of), label, message);
        out.push(found.help("set `connect_timeout` to a few seconds"));
    }
    // A service within a service is refused, defined or not.
    if let Some(param) = known(of, "service")
        && !matches!(of.origin, Origin::Service { .. })
        && !cx.cluster.clients.services.is_empty()
    {
        let name = param.value.to_string();
        let mut files = cx.cluster.clients.services.iter().flat_map(|(_, file)| &file.services);
        if !files.any(|service| service.dynamic || service.name == name) {
            let message = format!("{shown} uses the service `{name}`, which no service file of the tree defines");
            let label = "is not defined";
            let found = finding(id::CONNINFO_SERVICE_UNDEFINED, of, "service", param.span, label, message);
            out.push(found.help("add a section of this name to the service file"));
        }
    }
    if let Origin::Primary { node } = of.origin
        && let Some(node) = cx.cluster.nodes.get(node)
    {
        itself(of, node, major, out);
        application_name(of, node, major, cx, out);
    }
}

/// A standby that streams from its own address and port.
fn itself(of: &ConninfoUse, node: &Node, major: u8, out: &mut Sink<'_>) {
    let Some(hosts) = effective::hosts(&of.conninfo, major) else { return };
    let port = match known(of, "port") {
        Some(param) => param.value.to_string(),
        None if of.conninfo.get("port").is_some() => return,
        None => "5432".to_owned(),
    };
    let own = node.settings.effective("port", major);
    let listens = node.settings.effective("listen_addresses", major);
    let listens_here = match listens.value() {
        Some(Value::String(list)) => list
            .split(',')
            .any(|name| matches!(name.trim(), "*" | "localhost" | "127.0.0.1" | "0.0.0.0" | "::" | "::1")),
        _ => false,
    };
    let is_own = |host: &effective::Host| match (host.host.as_slice(), host.hostaddr.as_slice()) {
        (b"", b"") => true,
        (b"localhost" | b"127.0.0.1" | b"::1", b"") | (_, b"127.0.0.1" | b"::1") => listens_here,
        _ => false,
    };
    let same_port = own.value().and_then(Value::number).is_some_and(|own| port.parse::<f64>() == Ok(own));
    if same_port && hosts.iter().all(is_own) {
        let message =
            format!("`primary_conninfo` leads to port {port} of this machine, where the server itself listens");
        let label = "the standby connects to itself";
        let found = finding(id::RECOVERY_PRIMARY_CONNINFO_SELF, of, "host", target(of), label, message);
        out.push(found.help("set `host` to the primary's name or address"));
    }
}

/// A standby that no name in `synchronous_standby_names` can mean.
fn application_name(of: &ConninfoUse, node: &Node, major: u8, cx: &Context<'_>, out: &mut Sink<'_>) {
    if of.conninfo.get("application_name").is_some() || effective::is_open(&of.conninfo) {
        return;
    }
    // From 12 on `cluster_name` stands in for it (libpqrcv_connect).
    let named = major >= 12
        && !matches!(node.settings.effective("cluster_name", major).value(), Some(Value::String(name)) if name.is_empty());
    let is_named = |node: &Node| {
        let effective = node.settings.effective("synchronous_standby_names", major);
        matches!(effective.value(), Some(Value::String(names)) if !names.is_empty() && !names.contains('*') && !names.contains("walreceiver"))
    };
    // Where the primary is known, `cluster-synchronous-names` judges by what it waits for.
    let edge = if let Origin::Primary { node } = of.origin { cx.cluster.topology.of_standby(node) } else { None };
    let is_own = |edge: &Edge| edge.conninfo(cx.cluster).is_some_and(|own| std::ptr::eq(own, of));
    let judged = edge.is_some_and(|edge| edge.active && edge.upstream.is_some() && is_own(edge));
    if !named && !judged && cx.cluster.nodes.iter().any(is_named) {
        let message =
            "`primary_conninfo` has no `application_name`, by which `synchronous_standby_names` names standbys";
        let label = "the standby calls itself `walreceiver`";
        let found = finding(
            id::CONNINFO_APPLICATION_NAME_MISSING,
            of,
            "application_name",
            of.conninfo.span,
            label,
            message.to_owned(),
        );
        out.push(found.help("add `application_name` with the standby's name in `synchronous_standby_names`"));
    }
}
