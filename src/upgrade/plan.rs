//! What no edit can do: recovery.conf becomes settings, a signal file and nothing.

use crate::model::value;
use crate::secret::Redactor;
use crate::upgrade::View;

/// Steps to be made by hand, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What it is for.
    pub title: String,
    /// Each a line, with the lines to write below it.
    pub steps: Vec<(String, Vec<String>)>,
}

pub(super) fn plans(view: &View<'_>) -> Vec<Plan> {
    let redactor = Redactor::new(view.sources);
    let mut plans = Vec::new();
    for node in &view.cluster.nodes {
        let Some(file) = node.recovery.conf.filter(|_| view.to >= 12) else { continue };
        if view.from(file).is_empty() {
            continue;
        }
        let path = view.sources.file(file).path();
        let shown = |span| redactor.show(span).text().to_owned();
        let (mut lines, mut standby) = (Vec::new(), Some(false));
        for definition in node.recovery.definitions.iter().filter(|definition| definition.overridden_by.is_none()) {
            match definition.name.as_str() {
                "standby_mode" => {
                    standby = if definition.value.dynamic { None } else { value::parse_bool(&definition.text) };
                }
                "trigger_file" if view.to >= 16 => {}
                "trigger_file" => lines.push(format!("promote_trigger_file = {}", shown(definition.value.span))),
                _ => lines.push(shown(definition.span).trim().to_owned()),
            }
        }
        let conf = node.settings.root.map(|root| view.sources.file(root).path().to_owned());
        let conf = conf.unwrap_or_else(|| path.with_file_name("postgresql.conf"));
        let signal = match standby {
            Some(true) => "put an empty file `standby.signal` into the data directory",
            Some(false) => "where a recovery is wanted, put an empty file `recovery.signal` into the data directory",
            None => "put an empty file `standby.signal`, of a standby, or `recovery.signal` into the data directory",
        };
        plans.push(Plan {
            title: format!("{path} is refused by 12 and later"),
            steps: vec![
                (format!("append to {conf}"), lines),
                (signal.to_owned(), Vec::new()),
                (format!("remove {path}"), Vec::new()),
            ],
        });
    }
    plans
}
