//! Keywords that a connection string sets twice, and values that nobody fills in.

use std::collections::HashMap;

use crate::checks::conninfo::{finding, mend};
use crate::finding::Safety;
use crate::model::{ConninfoUse, Origin};
use crate::rule::{Context, Sink, id};

pub(super) fn check(of: &ConninfoUse, cx: &Context<'_>, out: &mut Sink<'_>) {
    let service = matches!(of.origin, Origin::Service { .. });
    let params = of.conninfo.params.iter();
    let winners = params.filter(|param| param.winner).map(|param| (param.keyword.name.as_str(), param));
    let winners = winners.collect::<HashMap<_, _>>();
    for param in &of.conninfo.params {
        let name = param.keyword.name.as_str();
        if !param.winner
            && !of.conninfo.open
            && let Some(winner) = winners.get(name)
            && winner.value.bytes() != param.value.bytes()
            // A template may choose one of the two.
            && !winner.value.dynamic
            && !param.value.dynamic
        {
            let which = if service { "first" } else { "last" };
            let message = format!("`{name}` stands twice in {}, and only the {which} counts", of.origin.shown());
            let label = "has no effect";
            let finding = finding(id::CONNINFO_REPEATED_KEYWORD, of, name, param.span, label, message);
            let finding = finding.help("keep one of the two").related(winner.span, "this one counts");
            out.push(mend::without(of, param, Safety::Unsafe, cx, finding));
        }
        let value = &param.value;
        if !value.dynamic && !value.secret && is_variable(value.bytes()) {
            let shown = cx.show(value.span);
            let message = format!("`{name}` is `{shown}` in {}, which no server or library expands", of.origin.shown());
            let label = "is taken as it stands";
            let finding = finding(id::CONNINFO_UNEXPANDED_VARIABLE, of, name, param.span, label, message);
            out.push(finding.help("write the value, or have the file made from a template"));
        }
    }
}

/// `$name` of a shell in lower case; upper case is taken for a template elsewhere.
fn is_variable(text: &[u8]) -> bool {
    let Some(name) = text.strip_prefix(b"$") else { return false };
    name.first().is_some_and(u8::is_ascii_alphabetic)
        && name.iter().all(|&byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
