//! Lines that the server cannot read.
//!
//! The lexer says where it stopped; `line` tells from the text around that place what was meant.

use crate::finding::{Finding, Label, Safety, Subject};
use crate::rule::{Context, Sink, id};
use crate::source::Span;

mod line;

use line::{Explained, Line};

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in &cx.cluster.nodes {
        for &(span, at, error) in &node.settings.errors {
            let line = Line::new(cx.sources.bytes(span), (at.start - span.start) as usize, error);
            let Explained { message, label, help, edit } = line.explain();
            let majors = node.targets.majors;
            let subject = match line.name() {
                Some(name) => Subject::Setting(name.to_ascii_lowercase()),
                None => Subject::Entry(cx.show(span)),
            };
            let finding = Finding::new(id::CONF_SYNTAX, subject, majors, Label::new(at, label), message).help(help);
            out.push(match edit {
                Some((start, end, text)) => {
                    let place = Span::new(span.file, span.start as usize + start, span.start as usize + end);
                    finding.fix("write it as the server reads it", Safety::Safe, vec![(place, text)])
                }
                None => finding,
            });
        }
    }
}
