//! Servers and replication as a picture: SVG that needs nothing else, light or dark as the reader's screen is.

use std::fmt::Write;

use super::layout::{BOX, Layout, MARGIN, Place, WORDS, Way, What, layout};
use super::{Arrow, Picture, Server};
use crate::report::markup;

/// How many columns fit into a box.
const IN_BOX: usize = 29;
/// The height of a line of words.
const LINE: f64 = 15.0;
/// More edges than this are not told one by one in the description.
const TOLD: usize = 60;

const STYLE: &str = "
svg.pgassay{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;font-size:12px}
.pgassay .page{fill:#fff}
.pgassay text{fill:#1c2733}
.pgassay .name{font-weight:bold}
.pgassay .less{fill:#51606f;font-size:11px}
.pgassay .words{font-size:11px;paint-order:stroke;stroke:#fff;stroke-width:4px;stroke-linejoin:round}
.pgassay .server{fill:#f4f6f8;stroke:#8593a1}
.pgassay .unknown{fill:none;stroke:#8593a1;stroke-dasharray:5 4}
.pgassay .role{fill:#8593a1}
.pgassay .primary,.pgassay .standby{fill:#2f6fb3}
.pgassay .publisher,.pgassay .subscriber{fill:#2c8453}
.pgassay .standby,.pgassay .subscriber{fill-opacity:.55}
.pgassay .way{fill:none;stroke:#51606f;stroke-width:1.5}
.pgassay .likely{stroke-dasharray:7 5}
.pgassay .idle{stroke-dasharray:1.5 4;stroke-linecap:round}
.pgassay .head{fill:#51606f}
@media screen and (prefers-color-scheme:dark){
.pgassay .page{fill:#14191f}
.pgassay text{fill:#e3e8ed}
.pgassay .less{fill:#a5b1bd}
.pgassay .words{stroke:#14191f}
.pgassay .server{fill:#1f2730;stroke:#67747f}
.pgassay .unknown{stroke:#67747f}
.pgassay .primary,.pgassay .standby{fill:#5b9ee6}
.pgassay .publisher,.pgassay .subscriber{fill:#56b481}
.pgassay .way{stroke:#a5b1bd}
.pgassay .head{fill:#a5b1bd}
}
";

/// The picture.
pub(super) fn svg(picture: &Picture) -> String {
    let Layout { boxes, ways, mut width, mut height } = layout(picture);
    let legend = legend(picture);
    if boxes.is_empty() {
        (width, height) = (320.0, 2.0 * MARGIN);
    }
    if !legend.is_empty() {
        (width, height) = (width.max(2.0 * MARGIN + 460.0), height + 28.0);
    }
    let mut out = String::new();
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"pgassay\" role=\"img\" \
         aria-labelledby=\"pgassay-title pgassay-desc\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\">"
    );
    markup::element(&mut out, "title id=\"pgassay-title\"", "PostgreSQL servers and what replicates between them");
    markup::element(&mut out, "desc id=\"pgassay-desc\"", &described(picture));
    let _ = writeln!(out, "\n<style>{STYLE}</style>");
    out.push_str(
        "<defs><marker id=\"pgassay-head\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"8\" \
         markerHeight=\"8\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path class=\"head\" \
         d=\"M0 0L10 5L0 10z\"/></marker></defs>\n",
    );
    let _ = writeln!(out, "<rect class=\"page\" width=\"{width}\" height=\"{height}\"/>");
    if boxes.is_empty() {
        text(&mut out, "less", MARGIN, MARGIN + 4.0, "no server is seen here");
    }
    for (arrow, way) in picture.edges.iter().zip(&ways) {
        let _ = write!(out, "<g>");
        markup::element(&mut out, "title", &arrow.told(picture));
        let _ = writeln!(
            out,
            "<path class=\"way{}\" d=\"{}\" marker-end=\"url(#pgassay-head)\"/></g>",
            class(arrow),
            path(way)
        );
    }
    for place in &boxes {
        match place.what {
            What::Server(index) => picture.nodes.get(index).into_iter().for_each(|of| server(&mut out, of, place)),
            What::Unknown(index) => picture.edges.get(index).into_iter().for_each(|of| unknown(&mut out, of, place)),
            What::Free => {}
        }
    }
    for (arrow, way) in picture.edges.iter().zip(&ways) {
        words(&mut out, arrow, way);
    }
    let mut x = MARGIN;
    for (class, meaning) in legend {
        let y = height - MARGIN;
        let _ = write!(out, "<path class=\"way{class}\" d=\"M{x} {y}h34\" marker-end=\"url(#pgassay-head)\"/>");
        text(&mut out, "less", x + 44.0, y + 4.0, meaning);
        x += 70.0 + 7.0 * meaning.len() as f64;
    }
    out.push_str("</svg>\n");
    out
}

/// What the picture shows, for those who cannot see it.
fn described(picture: &Picture) -> String {
    let (servers, edges) = (picture.nodes.len(), picture.edges.len());
    let mut out = format!("{servers} {}, ", if servers == 1 { "server" } else { "servers" });
    let _ = write!(out, "{edges} {}", if edges == 1 { "replication" } else { "replications" });
    for (index, arrow) in picture.edges.iter().take(TOLD).enumerate() {
        let _ = write!(out, "{} {}", if index == 0 { ":" } else { ";" }, arrow.ends(picture));
    }
    if edges > TOLD {
        let _ = write!(out, "; and {} more", edges - TOLD);
    }
    out
}

/// What the lines mean that are not drawn through.
fn legend(picture: &Picture) -> Vec<(&'static str, &'static str)> {
    let has = |class_of: &str| picture.edges.iter().any(|arrow| class(arrow) == class_of);
    let all = [("", "replicates"), (" likely", "likely"), (" idle", "prepared only")];
    let special = all.iter().skip(1).any(|(class, _)| has(class));
    all.into_iter().filter(|(class, _)| special && has(class)).collect()
}

fn class(arrow: &Arrow) -> &'static str {
    match (arrow.active, arrow.is_likely()) {
        (false, _) => " idle",
        (true, true) => " likely",
        (true, false) => "",
    }
}

fn text(out: &mut String, class: &str, x: f64, y: f64, words: &str) {
    markup::element(out, &format!("text class=\"{class}\" x=\"{x}\" y=\"{y}\""), words);
    out.push('\n');
}

fn server(out: &mut String, server: &Server, place: &Place) {
    let Place { x, y, height, .. } = *place;
    let (what, by) = (server.what(), server.reached_by());
    out.push_str("<g>");
    markup::element(out, "title", &format!("{} ({what}); {by}", server.name));
    let _ = write!(out, "<rect class=\"server\" x=\"{x}\" y=\"{y}\" width=\"{BOX}\" height=\"{height}\" rx=\"5\"/>");
    let role = server.role.unwrap_or_default();
    let _ = writeln!(out, "<rect class=\"role {role}\" x=\"{x}\" y=\"{y}\" width=\"6\" height=\"{height}\" rx=\"3\"/>");
    let name = markup::lines(&server.name, IN_BOX - 1);
    let lines = name.len() + 1 + usize::from(!by.is_empty() && name.len() < 2);
    let mut line = y + (height - LINE * lines as f64) / 2.0 + 11.0;
    for part in name.iter() {
        text(out, "name", x + 16.0, line, part);
        line += LINE;
    }
    text(out, "less", x + 16.0, line, &markup::start(&what, IN_BOX + 1));
    if lines > name.len() + 1 {
        text(out, "less", x + 16.0, line + LINE, &markup::start(&by, IN_BOX + 1));
    }
    out.push_str("</g>\n");
}

fn unknown(out: &mut String, arrow: &Arrow, place: &Place) {
    let Place { x, y, height, .. } = *place;
    out.push_str("<g>");
    markup::element(out, "title", &format!("{}: {}", arrow.target, arrow.inferred_from));
    let _ = writeln!(out, "<rect class=\"unknown\" x=\"{x}\" y=\"{y}\" width=\"{BOX}\" height=\"{height}\" rx=\"5\"/>");
    let middle = y + height / 2.0;
    text(out, "name", x + 16.0, middle - 3.0, "?");
    text(out, "less", x + 16.0, middle + 12.0, &markup::start(&arrow.target, IN_BOX + 1));
    out.push_str("</g>\n");
}

/// The line of an arrow.
fn path(way: &Way) -> String {
    let mut out = String::new();
    let (Some(&(x, y)), Some(&(to_x, to_y))) = (way.points.first(), way.points.last()) else { return out };
    let _ = write!(out, "M{x} {y}");
    if let Some((lane, side)) = way.lane {
        let (right, left) = (x + side, to_x - side.clamp(12.0, MARGIN - 6.0));
        let _ = write!(
            out,
            "H{}Q{right} {y} {right} {}V{}Q{right} {lane} {} {lane}H{}Q{left} {lane} {left} {}V{}Q{left} {to_y} {} \
             {to_y}H{to_x}",
            right - 6.0,
            y + 6.0,
            lane - 6.0,
            right - 6.0,
            left + 6.0,
            lane - 6.0,
            to_y + 6.0,
            left + 6.0
        );
        return out;
    }
    let mut at = (x, y);
    for &(x, y) in way.points.iter().skip(1) {
        if at.1 == y {
            let _ = write!(out, "H{x}");
        } else {
            let bend = (x - at.0) / 2.0;
            let _ = write!(out, "C{} {} {} {y} {x} {y}", at.0 + bend.min(110.0), at.1, x - bend.max(x - at.0 - 110.0));
        }
        at = (x, y);
    }
    out
}

/// The words of an arrow: before its head, or over its lane.
fn words(out: &mut String, arrow: &Arrow, way: &Way) {
    let Some(&(x, y)) = way.points.last() else { return };
    let (x, y) = match way.lane {
        Some((lane, _)) => (x + BOX - 4.0, lane),
        None => (x - 14.0, y),
    };
    let lines = arrow.words();
    for (line, number) in lines.iter().zip([0.0, 1.0]) {
        let open = format!("text class=\"words\" text-anchor=\"end\" x=\"{x}\" y=\"{}\"", y - 6.0 + 18.0 * number);
        markup::element(out, &open, &markup::start(line, WORDS));
        out.push('\n');
    }
}
