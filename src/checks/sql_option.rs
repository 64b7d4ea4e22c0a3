//! The option of a subscription or publication that was meant.

use crate::catalog::nearest;
use crate::catalog::sql_options::Reason;
use crate::finding::{Finding, Safety};
use crate::rule::Context;
use crate::source::Span;

/// The finding on an option, where it is unknown with the nearest one there is; `span` starts with the option's name.
pub(crate) fn nearest_option(
    cx: &Context<'_>,
    finding: Finding,
    span: Span,
    reason: Reason,
    names: &[&'static str],
) -> Finding {
    if reason != Reason::UnknownOption {
        return finding;
    }
    let bytes = cx.sources.bytes(span);
    let end = bytes.iter().position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_').unwrap_or(bytes.len());
    let word = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
    let Some(near) = nearest(&word, names.iter().copied()).filter(|near| *near != word) else { return finding };
    finding.help(format!("did you mean `{near}`?")).fix(
        format!("write `{near}`"),
        Safety::Unsafe,
        vec![(span.slice(0, end), near.to_owned())],
    )
}
