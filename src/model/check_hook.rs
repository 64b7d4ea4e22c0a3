//! Stand-in.
use crate::catalog::settings::Setting;
use super::value::Value;
pub(crate) enum Verdict { Accepted, Unknown, Refused(String) }
pub(crate) fn check(_: &Setting, _: &Value, _: &[u8], _: u8) -> Verdict { Verdict::Accepted }
