//! Servers and replication as lists.

use std::io;

use super::{Arrow, Picture, Server};

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
    writeln!(out, "{} ({})", server.name, server.what())?;
    let by = server.reached_by();
    if !by.is_empty() {
        writeln!(out, "  reached by {by}")?;
    }
    server.files.iter().try_for_each(|file| writeln!(out, "  {file}"))
}

fn edge(arrow: &Arrow, picture: &Picture, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "{}", arrow.ends(picture))?;
    writeln!(out, "  {}", arrow.why())?;
    arrow.place().map_or(Ok(()), |place| writeln!(out, "  {place}"))
}
