//! System relations, columns, functions and settings that a query names and that the server's major does not have.
//!
//! Scripts that keep variants for several majors are no mistake: what runs under a condition is not read, what a comment
//! or the path gives to another major is left out, and where the successor of a name stands in the same file the name
//! is only worth knowing.

use super::setting;
use crate::catalog::Majors;
use crate::model::sql::lookup::Named;
use crate::rule::{Context, Sink};
use crate::syntax::sql::versions_of_path;

mod arguments;
mod name;
mod place;
mod tree;

use place::Place;
use tree::{Text, Tree};

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let tree = Tree::read(cx);
    for (file, site) in cx.cluster.sql.iter().zip(&cx.cluster.objects.sites) {
        let lookups = &file.sql.lookups.found;
        if lookups.is_empty() {
            continue;
        }
        let of_path = versions_of_path(cx.sources.file(file.file).path().as_str());
        let text = Text::read(cx.sources.file(file.file).bytes(), lookups);
        for lookup in lookups {
            let mut versions = of_path.iter().chain(&lookup.versions);
            let majors = site.refused(lookup.lacking);
            if majors.is_empty() || !versions.all(|&major| lookup.lacking.contains(major)) {
                continue;
            }
            let place = Place { cx, site, lookup, majors, text: &text, tree: &tree };
            // Other engines have an `information_schema` of their own.
            let of_others = lookup.lacking.covers(Majors::HELD) && is_in_standard_schema(&lookup.what);
            if of_others && !(site.ours || cx.sources.file(file.file).is_fragment() || text.is_ours()) {
                continue;
            }
            match &lookup.what {
                Named::Relation { name, qualified } => place.relation(name, *qualified, out),
                Named::Column { name, relations } => place.column(name, relations, out),
                Named::Function { name, qualified } => place.function(name, *qualified, out),
                Named::Arguments(name, count) => place.arguments(name, *count, out),
                Named::Recovery(name, side) => place.recovery(name, *side, out),
                Named::Setting { name, show } => {
                    // Other engines have SHOW too.
                    let ours = !show || site.ours || crate::catalog::setting(name).is_some();
                    if ours {
                        setting::unknown(cx, out, site, (name, lookup.span), lookup.lacking);
                    }
                }
            }
        }
    }
}

fn is_in_standard_schema(named: &Named) -> bool {
    const SCHEMA: &str = "information_schema.";
    match named {
        Named::Relation { name, .. } => name.starts_with(SCHEMA),
        Named::Column { relations, .. } => relations.iter().any(|relation| relation.starts_with(SCHEMA)),
        _ => false,
    }
}
