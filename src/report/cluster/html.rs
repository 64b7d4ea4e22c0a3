//! Servers and replication as one page: the picture, and tables that say what each was told by. It loads nothing and
//! runs nothing.

use super::{Arrow, Picture, Server, svg};
use crate::report::markup;

const STYLE: &str = "
:root{color-scheme:light dark}
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;padding:1rem;max-width:80rem;color:#1c2733;background:#fff}
h1{font-size:1.4rem}
h2{font-size:1.1rem;margin-top:2rem}
.wide{overflow-x:auto}
.wide svg{display:block}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.4rem .8rem .4rem 0;border-bottom:1px solid #d5dce2}
th{font-weight:600}
td{overflow-wrap:anywhere}
code{font:.87em ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace}
.less{color:#51606f}
@media (max-width:45rem){
table,tbody,tr,td{display:block}
thead{position:absolute;clip-path:inset(50%);height:1px;overflow:hidden}
tr{border-bottom:1px solid #d5dce2;padding:.5rem 0}
td{border:0;padding:.1rem 0}
td[data-of]:not(:empty)::before{content:attr(data-of) ': ';color:#51606f}
}
@media print{
.wide svg{max-width:100%;height:auto}
}
@media screen and (prefers-color-scheme:dark){
body{color:#e3e8ed;background:#14191f}
th,td,tr{border-color:#37424d}
.less,td[data-of]:not(:empty)::before{color:#a5b1bd}
}
";

pub(super) fn html(picture: &Picture) -> String {
    let title = "PostgreSQL servers and what replicates between them";
    let mut out = String::from(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n<meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\"/>\n",
    );
    markup::element(&mut out, "title", title);
    out.push_str("\n<style>");
    out.push_str(STYLE);
    out.push_str("</style>\n</head>\n<body>\n");
    markup::element(&mut out, "h1", title);
    out.push('\n');
    out.push_str(&sections(picture, "h2"));
    out.push_str("\n<p class=\"less\">Made by pgassay.</p>\n</body>\n</html>\n");
    out
}

/// The picture and the tables, with headings of a level.
pub(super) fn sections(picture: &Picture, heading: &str) -> String {
    let mut out = String::new();
    // The picture can be scrolled by keys as well.
    out.push_str("<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Picture\">\n");
    out.push_str(&svg::svg(picture));
    out.push_str("</div>\n");
    markup::element(&mut out, heading, "Servers");
    out.push('\n');
    if picture.nodes.is_empty() {
        markup::element(&mut out, "p", "no server is seen here");
    } else {
        head(&mut out, &["Server", "Role", "PostgreSQL", "Reached by", "Files"]);
        picture.nodes.iter().for_each(|of| server(&mut out, of));
        out.push_str("</tbody>\n</table>");
    }
    out.push('\n');
    markup::element(&mut out, heading, "Replication");
    out.push('\n');
    if picture.edges.is_empty() {
        markup::element(&mut out, "p", "nothing replicates here");
    } else {
        head(&mut out, &["From", "To", "What", "Told by", "Place"]);
        picture.edges.iter().for_each(|of| edge(&mut out, of, picture));
        out.push_str("</tbody>\n</table>");
    }
    out
}

fn head(out: &mut String, names: &[&str]) {
    out.push_str("<table class=\"stack\">\n<thead><tr>");
    names.iter().for_each(|name| markup::element(out, "th scope=\"col\"", name));
    out.push_str("</tr></thead>\n<tbody>\n");
}

fn cell(out: &mut String, of: &str, text: &str) {
    markup::element(out, &format!("td data-of=\"{of}\""), text);
}

fn codes<'a>(out: &mut String, of: &str, texts: impl Iterator<Item = &'a str>) {
    out.push_str(&format!("<td data-of=\"{of}\">"));
    for (index, text) in texts.enumerate() {
        if index > 0 {
            out.push_str("<br/>");
        }
        markup::element(out, "code", text);
    }
    out.push_str("</td>");
}

fn server(out: &mut String, server: &Server) {
    out.push_str("<tr>");
    markup::element(out, "td", &server.name);
    cell(out, "Role", server.role.unwrap_or_default());
    cell(out, "PostgreSQL", &server.majors_text());
    cell(out, "Reached by", &server.reached_by());
    codes(out, "Files", server.files.iter().map(String::as_str));
    out.push_str("</tr>\n");
}

fn edge(out: &mut String, arrow: &Arrow, picture: &Picture) {
    out.push_str("<tr>");
    cell(out, "From", arrow.sender(picture));
    cell(out, "To", picture.name(arrow.to));
    cell(out, "What", &arrow.what());
    out.push_str("<td data-of=\"Told by\">");
    markup::inline(out, &arrow.why());
    out.push_str("</td>");
    codes(out, "Place", arrow.place().as_deref().into_iter());
    out.push_str("</tr>\n");
}
