//! Fixes that write one word in place of another.

use crate::finding::{Finding, Safety};
use crate::rule::Context;
use crate::source::Span;

/// The finding with a fix that writes `meant` in place of `word`, where the word stands at its place as it is.
pub(crate) fn rename(cx: &Context<'_>, finding: Finding, at: (Span, &str), meant: &str, safety: Safety) -> Finding {
    let (span, word) = at;
    // Words in quotes, with escapes or put together from several places are left to people.
    if word.is_empty() || !cx.sources.bytes(span).eq_ignore_ascii_case(word.as_bytes()) {
        return finding;
    }
    finding.fix(format!("write `{meant}`"), safety, vec![(span, meant.to_owned())])
}
