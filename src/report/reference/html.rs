//! The reference of rules as one page: every rule's page, and the ways to it. It loads nothing and runs nothing.

use std::io;

use pulldown_cmark::HeadingLevel;

use super::{by_benchmark, by_family, by_setting, facts};
use crate::report::{markup, prose};
use crate::rule::{RuleId, Selection};

const STYLE: &str = "
:root{color-scheme:light dark}
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;padding:1rem;max-width:60rem;color:#1c2733;background:#fff}
h1{font-size:1.6rem}
h2{font-size:1.3rem;margin-top:3rem}
h3{font-size:1.1rem;margin-top:2.5rem;padding-top:1rem;border-top:1px solid #d5dce2}
h4{font-size:1rem;margin-bottom:.2rem}
a{color:#0b5cad}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.3rem .8rem .3rem 0;border-bottom:1px solid #d5dce2}
td{overflow-wrap:anywhere}
code,pre{font:.87em ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace}
pre{background:#f2f5f7;padding:.6rem .8rem;overflow-x:auto}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem}
dt,.less{color:#51606f}
dd{margin:0}
@media (max-width:45rem){
table,tbody,tr,td{display:block}
thead{position:absolute;clip-path:inset(50%);height:1px;overflow:hidden}
tr{border-bottom:1px solid #d5dce2;padding:.4rem 0}
td{border:0;padding:.1rem 0}
}
@media screen and (prefers-color-scheme:dark){
body{color:#e3e8ed;background:#14191f}
a{color:#7db8f0}
pre{background:#1e262e}
h3,th,td,tr{border-color:#37424d}
dt,.less{color:#a5b1bd}
}
";

/// Writes the pages of the selected rules and the indexes to them.
///
/// # Errors
/// What the writer says.
pub fn html(selection: &Selection, out: &mut dyn io::Write) -> io::Result<()> {
    let mut page = String::from(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n<meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\"/>\n<title>Rules of pgassay</title>\n<style>",
    );
    page.push_str(STYLE);
    page.push_str(
        "</style>\n</head>\n<body>\n<h1>Rules of pgassay</h1>\n<p><a href=\"#by-family\">By family</a>, \
         <a href=\"#by-benchmark\">by benchmark</a>, <a href=\"#by-setting\">by setting</a>; the pages follow.</p>\n\
         <h2 id=\"by-family\">By family</h2>\n",
    );
    for (family, rules) in by_family(selection) {
        markup::element(&mut page, "h4", &family);
        page.push_str("\n<table><thead><tr><th scope=\"col\">Rule</th><th scope=\"col\">Severity</th><th scope=\"col\">Runs in</th><th scope=\"col\">What</th></tr></thead><tbody>\n");
        for rule in rules {
            let meta = rule.meta();
            page.push_str("<tr><td>");
            link(&mut page, rule);
            page.push_str("</td>");
            markup::element(&mut page, "td", meta.severity.name());
            markup::element(&mut page, "td", meta.level.name());
            markup::element(&mut page, "td", meta.title);
            page.push_str("</tr>\n");
        }
        page.push_str("</tbody></table>\n");
    }
    page.push_str("<h2 id=\"by-benchmark\">By benchmark</h2>\n");
    index(&mut page, "Section", &by_benchmark(selection));
    page.push_str("<h2 id=\"by-setting\">By setting</h2>\n");
    index(&mut page, "Setting", &by_setting(selection));
    page.push_str("<h2>Pages</h2>\n");
    for rule in selection.iter() {
        one(&mut page, rule);
    }
    page.push_str("<p class=\"less\">Made by pgassay.</p>\n</body>\n</html>\n");
    out.write_all(page.as_bytes())
}

fn link(out: &mut String, rule: RuleId) {
    // Names of rules are letters, digits, hyphens, and a slash after a plugin's name.
    markup::element(out, &format!("a href=\"#{}\"", rule.name()), rule.name());
}

fn index(out: &mut String, what: &str, index: &[(String, Vec<RuleId>)]) {
    out.push_str("<table><thead><tr>");
    markup::element(out, "th scope=\"col\"", what);
    out.push_str("<th scope=\"col\">Rules</th></tr></thead><tbody>\n");
    for (word, rules) in index {
        out.push_str("<tr>");
        markup::element(out, "td", word);
        out.push_str("<td>");
        for (number, &rule) in rules.iter().enumerate() {
            out.push_str(if number > 0 { ", " } else { "" });
            link(out, rule);
        }
        out.push_str("</td></tr>\n");
    }
    out.push_str("</tbody></table>\n");
}

/// A rule: its title and facts, and its page with headings two levels lower. Markup in the page of a plugin is text.
fn one(out: &mut String, rule: RuleId) {
    let meta = rule.meta();
    markup::element(out, &format!("h3 id=\"{}\"", meta.id), meta.id);
    markup::element(out, "p", meta.title);
    out.push_str("<dl>");
    for (name, text) in facts(meta) {
        markup::element(out, "dt", name);
        markup::element(out, "dd", &text.replace('`', ""));
    }
    out.push_str("</dl>\n");
    let page = meta.page.split_once('\n').map_or("", |(_, page)| page);
    // Pages of rules lie beside each other.
    let inner = |page: &str| {
        Some(format!("#{}", page.trim_start_matches(['.', '/', '#']).trim_end_matches(".md")))
            .filter(|anchor| !anchor.contains(':'))
    };
    prose::push(out, page, HeadingLevel::H4, &inner);
}
