//! Servers and replication as lists.

use std::io;

use super::{Arrow, Picture, Server};
use crate::catalog::Majors;

pub(super) fn write(picture: &Picture, out: &mut dyn io::Write) -> io::Result<()> {
    if picture.nodes.is_empty() {
        return writeln!(out, "no server is seen here");
    }
    for server in &picture.nodes {
        node(server, out)?;
    }
    if picture.edges.is_empty() {
        return writeln!(out, "\nnothing replicates here");
    }
    writeln!(out)?;
    picture.edges.iter().try_for_each(|arrow| edge(arrow, picture, out))
}

fn node(server: &Server, out: &mut dyn io::Write) -> io::Result<()> {
    let majors = server.majors.iter().copied().collect::<Majors>();
    let role = server.role.map(|role| format!("{role}, ")).unwrap_or_default();
    writeln!(out, "{} ({role}PostgreSQL {majors})", server.name)?;
    let mut names = server.hosts.clone();
    names.extend(server.addresses.iter().cloned());
    names.extend(server.port.map(|port| format!("port {port}")));
    if !names.is_empty() {
        writeln!(out, "  reached by {}", names.join(", "))?;
    }
    server.files.iter().try_for_each(|file| writeln!(out, "  {file}"))
}

fn edge(arrow: &Arrow, picture: &Picture, out: &mut dyn io::Write) -> io::Result<()> {
    let name = |id: usize| picture.nodes.get(id).map_or("", |server| server.name.as_str());
    let from = arrow.from.map_or("?", name);
    let what = match &arrow.name {
        Some(subscription) => format!("subscription {subscription} to {}", arrow.publications.join(", ")),
        None => "physical replication".to_owned(),
    };
    let idle = if arrow.active { "" } else { ", prepared only" };
    writeln!(out, "{from} -> {}: {what}{idle}", name(arrow.to))?;
    let guess = if arrow.from.is_some() && !arrow.certain { "likely: " } else { "" };
    let target = if arrow.target.is_empty() { String::new() } else { format!(" (leads to {})", arrow.target) };
    writeln!(out, "  {guess}{}{target}", arrow.inferred_from)?;
    match (&arrow.path, arrow.line) {
        (Some(path), Some(line)) => writeln!(out, "  {path}:{line}"),
        _ => Ok(()),
    }
}
