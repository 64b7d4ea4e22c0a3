//! Settings of one tree that no major has together.

use crate::catalog::Majors;
use crate::finding::{Finding, Label, Subject};
use crate::model::Node;
use crate::rule::{Sink, id};

/// Raises the finding on two settings that no major has together, where either of them fits what is known of the
/// server; gives the majors that were judged.
pub(super) fn contradiction(node: &Node, out: &mut Sink<'_>) -> Option<Majors> {
    let judged = node.targets.without_settings;
    let there = || node.settings.definitions.iter().filter(|definition| !definition.conditional);
    let core = || there().filter_map(|definition| Some((definition, definition.setting?.majors())));
    let core = || core().filter(|(definition, _)| definition.setting.is_some_and(|setting| setting.library.is_none()));
    let (old, until) = core().min_by_key(|(_, majors)| majors.last())?;
    let (new, since) = core().max_by_key(|(_, majors)| majors.first())?;
    let (last, first) = (until.last()?, since.first()?);
    if last >= first || (until & judged).is_empty() || (since & judged).is_empty() {
        return None;
    }
    let message =
        format!("`{}` (up to {last}) and `{}` (from {first} on) are in no major together", old.name, new.name);
    let primary = Label::new(old.written, format!("gone in {}", last + 1));
    let finding = Finding::new(id::CONF_CONTRADICTION, Subject::Setting(old.name.clone()), judged, primary, message);
    out.push(
        finding
            .related(new.written, format!("came with {first}"))
            .help("remove the line that the server in use does not know"),
    );
    Some(judged)
}
