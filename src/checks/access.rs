//! What the checks of pg_hba.conf and pg_ident.conf share. No rule lives here.

use std::collections::BTreeMap;

use camino::Utf8Path;

use crate::finding::{Confidence, Finding};
use crate::model::Node;
use crate::model::sql::{AttributeKind, What};
use crate::rule::Context;
use crate::source::{FileId, Span};
use crate::syntax::template;

/// A finding as sure as it is known for which major the file is meant: where that is only inferred, one that does not
/// hold on the newest target is a guess.
pub(super) fn by_version(node: &Node, finding: Finding) -> Finding {
    let targets = &node.targets;
    let inferred = targets.majors.len() > 1 && (!targets.evidence.is_empty() || targets.majors.is_untold());
    let holds_on_newest = targets.majors.last().is_none_or(|newest| finding.majors.contains(newest));
    if inferred && !holds_on_newest { finding.confidence(Confidence::Low) } else { finding }
}

/// Whether a template decides which lines of the files are there, so that neither their order nor what is missing
/// is known.
pub(super) fn has_branches(cx: &Context<'_>, files: &[FileId]) -> bool {
    files.iter().any(|&file| {
        let bytes = cx.sources.file(file).bytes();
        memchr::memchr2(b'{', b'<', bytes).is_some()
            && bytes.split(|&byte| byte == b'\n').any(template::is_control_line)
    })
}

/// What SQL says of who is a superuser, in the order of the files and statements.
#[derive(Debug)]
pub(super) struct Superusers<'a>(Vec<(&'a Utf8Path, &'a str, Option<Span>)>);

impl<'a> Superusers<'a> {
    /// Looks through all statements, once for all nodes.
    pub(super) fn read(cx: &Context<'a>) -> Self {
        let mut said = Vec::new();
        for file in &cx.cluster.sql {
            for statement in &file.sql.statements {
                let What::Role(role) = &statement.what else { continue };
                let path = cx.sources.file(file.file).place();
                for attribute in role.attributes.iter().filter(|_| !role.name.dynamic) {
                    if let AttributeKind::Flag("superuser", given) = attribute.kind {
                        said.push((path, role.name.text.as_str(), given.then_some(attribute.span)));
                    }
                }
            }
        }
        Self(said)
    }

    /// The superusers of a node that are known, each with what makes it one: in SQL below the folder that holds the
    /// node's own, as SQL of other trees is for other servers. That `postgres` is one is custom: every distribution
    /// runs `initdb` as the account of that name.
    pub(super) fn of(&self, node: &Node) -> BTreeMap<String, Option<Span>> {
        self.around(&node.folder)
    }

    /// The same of a server whose files lie in a folder, or beside it.
    pub(super) fn around(&self, folder: &Utf8Path) -> BTreeMap<String, Option<Span>> {
        let mut known = BTreeMap::from([("postgres".to_owned(), None)]);
        let around = folder.parent().unwrap_or(folder);
        for (_, name, place) in self.0.iter().filter(|(path, ..)| path.starts_with(around)) {
            if place.is_some() {
                known.insert((*name).to_owned(), *place);
            } else {
                known.remove(*name);
            }
        }
        known
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Majors;
    use crate::finding::{Label, Subject};
    use crate::model::{Evidence, Recovery, Settings, Targets};
    use crate::rule::id;

    fn confidence(targets: Targets, majors: Majors) -> Confidence {
        let node = Node {
            said: None,
            name: String::new(),
            folder: camino::Utf8PathBuf::new(),
            targets,
            settings: Settings::default(),
            hba: None,
            ident: None,
            recovery: Recovery::default(),
            data_directory: false,
        };
        let label = Label::absent(FileId(0), "");
        by_version(&node, Finding::new(id::HBA_REGEX_VERSION, Subject::File, majors, label, "")).confidence
    }

    #[test]
    fn old_majors_count_only_where_they_are_meant() {
        let old = Majors::until(15);
        assert_eq!(confidence(Targets::said(Majors::since(11)), old), Confidence::High);
        assert_eq!(confidence(Targets::said(Majors::only(15)), old), Confidence::High);
        assert_eq!(confidence(Targets::weigh(Vec::new(), Vec::new()), old), Confidence::Low);
        assert_eq!(confidence(Targets::weigh(Vec::new(), Vec::new()), Majors::since(14)), Confidence::High);
        let since_14 = vec![Evidence { majors: Majors::since(14), what: String::new(), span: None }];
        assert_eq!(confidence(Targets::weigh(Vec::new(), since_14), Majors::range(14, 15)), Confidence::Low);
    }
}
