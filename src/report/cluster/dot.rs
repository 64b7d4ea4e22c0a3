//! Servers and replication as a graph for Graphviz.

use std::io;

use super::{Arrow, Picture, Server};

pub(super) fn write(picture: &Picture, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "digraph cluster {{")?;
    writeln!(out, "  rankdir=LR;")?;
    writeln!(out, "  node [fontname=\"Helvetica\", fontsize=11, style=filled, fillcolor=white];")?;
    writeln!(out, "  edge [fontname=\"Helvetica\", fontsize=10];")?;
    for server in &picture.nodes {
        writeln!(out, "  n{} [label={}, {}];", server.id, quoted(&label(server)), shape(server.role))?;
    }
    for (index, arrow) in picture.edges.iter().enumerate() {
        let from = match arrow.from {
            Some(id) => format!("n{id}"),
            None => {
                let label = quoted(&["?".to_owned(), arrow.target.clone()]);
                writeln!(out, "  u{index} [label={label}, shape=ellipse, style=dashed];")?;
                format!("u{index}")
            }
        };
        writeln!(out, "  {from} -> n{} [label={}{}];", arrow.to, quoted(&arrow.words()), style(arrow))?;
    }
    writeln!(out, "}}")
}

fn label(server: &Server) -> Vec<String> {
    let mut lines = vec![server.name.clone(), server.what()];
    lines.extend(Some(server.reached_by()).filter(|by| !by.is_empty()));
    lines
}

/// How a server of a role is drawn: those that send are barrels, those that receive boxes.
fn shape(role: Option<&str>) -> &'static str {
    match role {
        Some("primary") => "shape=cylinder, fillcolor=\"#d7e8fb\"",
        Some("publisher") => "shape=cylinder, fillcolor=\"#dcf2e3\"",
        Some("standby") => "shape=box, fillcolor=\"#d7e8fb\"",
        Some("subscriber") => "shape=box, fillcolor=\"#dcf2e3\"",
        _ => "shape=box, style=\"filled,rounded\"",
    }
}

fn style(arrow: &Arrow) -> &'static str {
    match (arrow.active, arrow.is_likely()) {
        (false, _) => ", style=dotted",
        (true, true) => ", style=dashed",
        (true, false) => "",
    }
}

/// Lines as a string in quotes. Graphviz takes a backslash in a label for the start of an escape and `&` for the start
/// of an entity.
fn quoted(lines: &[String]) -> String {
    let mut out = String::from("\"");
    for (index, line) in lines.iter().enumerate() {
        if index > 0 {
            out.push_str("\\n");
        }
        for c in line.chars() {
            match c {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '&' => out.push_str("&amp;"),
                c => out.push(c),
            }
        }
    }
    out.push('"');
    out
}
