//! Marks of templates that were never filled in, in the access files of a data directory, which the server reads.
//!
//! Elsewhere such a file may be a template, and nothing is said. `@file` and `$1` are the server's own.

use std::collections::BTreeSet;

use crate::discover::is_template_name;
use crate::finding::{Finding, Label, Subject};
use crate::model::Node;
use crate::rule::{Context, Sink, id};
use crate::source::{FileId, Span};
use crate::syntax::template;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in cx.cluster.nodes.iter().filter(|node| node.data_directory) {
        let hba = node.hba.iter().map(|hba| (hba.file, &hba.undecided));
        let ident = node.ident.iter().map(|ident| (ident.file, &ident.undecided));
        for (file, undecided) in hba.chain(ident) {
            // A line may be read in another way by other majors.
            let lines = undecided.iter().filter(|line| line.file == file).copied().collect::<BTreeSet<Span>>();
            if !lines.is_empty() && is_read_as_it_is(cx, node, file) {
                lines.into_iter().for_each(|line| residue(cx, node, line, out));
            }
        }
    }
}

/// Whether the file lies in the data directory under the name that the server reads.
fn is_read_as_it_is(cx: &Context<'_>, node: &Node, file: FileId) -> bool {
    let source = cx.sources.file(file);
    let template = source.path().file_name().is_some_and(is_template_name);
    !template && !source.is_fragment() && source.place().parent() == Some(&node.folder)
}

fn residue(cx: &Context<'_>, node: &Node, line: Span, out: &mut Sink<'_>) {
    let bytes = cx.sources.bytes(line);
    let is_blank = |byte: &u8| byte.is_ascii_whitespace();
    let start = bytes.iter().take_while(|byte| is_blank(byte)).count();
    let end = bytes.len() - bytes.iter().rev().take_while(|byte| is_blank(byte)).count();
    if start >= end || !(template::is_dynamic(bytes) || template::is_control_line(bytes)) {
        return;
    }
    let span = line.slice(start, end);
    let message = format!("`{}` has a placeholder that nothing replaced", cx.show(span));
    let label = Label::new(span, "the server takes this as it stands");
    let subject = Subject::Entry(cx.show(span));
    let finding = Finding::new(id::HBA_TEMPLATE_RESIDUE, subject, node.targets.majors, label, message);
    out.push(finding.help("write the line, or have the file made from its template anew"));
}
