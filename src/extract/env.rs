//! stub
use super::Found;
use crate::syntax::literal::Literal;
pub(super) fn extract(_text: &Literal, _found: &mut Found<'_>) {}
