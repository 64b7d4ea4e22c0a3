//! Connection strings of replication say who connects.

use pgassay_plugin::prelude::*;
use pgassay_plugin::types::Conninfo;

pub(crate) const RULE: Rule = Rule::new(
    "application-name-missing",
    "connection without `application_name`",
    include_str!("../rules/application-name-missing.md"),
    check,
)
.reads(&["conninfos"])
.tags(&["replication"])
.references(&[Reference::Docs("libpq-connect.html#LIBPQ-PARAMKEYWORDS")]);

fn check(input: &Input<'_>, findings: &mut Findings) {
    let conninfos = &input.model.conninfos;
    for conninfo in conninfos.iter().filter(|it| says_nothing(it)) {
        let what = match conninfo.origin.as_str() {
            "primary_conninfo" => "`primary_conninfo`".to_owned(),
            "subscription" => format!("the connection of subscription `{}`", conninfo.name),
            _ => continue,
        };
        let message = format!("{what} does not say `application_name`");
        findings.push(
            Finding::at(conninfo.place, message)
                .label("no `application_name`")
                .help("add `application_name` with the name of the server that connects"),
        );
    }
}

/// A service or a template may say it elsewhere.
fn says_nothing(conninfo: &Conninfo) -> bool {
    let says = |keyword| conninfo.param(keyword).is_some();
    !(conninfo.open || conninfo.overridden || says("application_name") || says("service"))
}

#[cfg(test)]
mod tests {
    use pgassay_plugin::types::ConninfoParam;

    use super::*;
    use crate::plugin;

    #[test]
    fn a_connection_says_who_connects() {
        let conninfo = |keyword: &str| {
            let param = ConninfoParam {
                keyword: keyword.into(),
                ..ConninfoParam::default()
            };
            Conninfo {
                origin: "primary_conninfo".into(),
                params: vec![param],
                ..Conninfo::default()
            }
        };
        let keywords = ["host", "application_name", "service"];
        let model = Model {
            conninfos: keywords.map(conninfo).into(),
            ..Model::default()
        };
        let found = plugin().check_all(&model, &());
        assert_eq!(found.len(), 1, "{found:?}");
    }
}
