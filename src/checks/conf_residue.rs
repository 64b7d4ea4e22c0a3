//! Marks of templates that were never filled in, in the configuration of a data directory, where the server reads them.
//!
//! Elsewhere such a file may be a template, and nothing is said.

use crate::discover::is_template_name;
use crate::finding::{Finding, Label, Subject};
use crate::rule::{Context, Sink, id};

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in cx.cluster.nodes.iter().filter(|node| node.data_directory) {
        for definition in &node.settings.definitions {
            if !definition.value.dynamic || definition.overridden_by.is_some() {
                continue;
            }
            let file = cx.sources.file(definition.span.file);
            let template = file.path().file_name().is_some_and(is_template_name);
            if template || file.is_fragment() || file.place().parent() != Some(&node.folder) {
                continue;
            }
            let message = format!(
                "`{}` is `{}`, a placeholder that nothing replaced",
                cx.show(definition.written),
                cx.show(definition.value.span).trim_matches('\'')
            );
            let label = Label::new(definition.value.span, "the server takes this as it stands");
            let subject = Subject::Setting(definition.name.clone());
            out.push(
                Finding::new(id::CONF_TEMPLATE_RESIDUE, subject, node.targets.majors, label, message)
                    .help("write the value, or have the file made from its template anew"),
            );
        }
    }
}
