//! Connection strings of replication say who connects.

use pgassay_plugin::prelude::*;
use pgassay_plugin::types::Conninfo;

pub(crate) const RULE: Rule = Rule::new(
    "application-name-missing",
    "connection without `application_name`",
    include_str!("../rules/application-name-missing.md"),
    check,
)
.tags(&["replication"])
.references(&[Reference::Docs("libpq-connect.html#LIBPQ-PARAMKEYWORDS")]);

fn check(input: &Input<'_>, findings: &mut Findings) {
    for conninfo in input
        .model
        .conninfos
        .iter()
        .filter(|conninfo| says_nothing(conninfo))
    {
        let what = match conninfo.origin.as_str() {
            "primary_conninfo" => "`primary_conninfo`".to_owned(),
            "subscription" => format!("the connection of subscription `{}`", conninfo.name),
            _ => continue,
        };
        findings.push(
            Finding::at(
                conninfo.place,
                format!("{what} does not say `application_name`"),
            )
            .label("no `application_name`")
            .help("add `application_name` with the name of the server that connects")
            .on(conninfo.majors),
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
        let conninfo = |keyword: &str| Conninfo {
            origin: "primary_conninfo".into(),
            majors: Majors::only(17).bits(),
            params: vec![ConninfoParam {
                keyword: keyword.into(),
                ..ConninfoParam::default()
            }],
            ..Conninfo::default()
        };
        let conninfos = ["host", "application_name", "service"].map(conninfo).into();
        assert_eq!(
            plugin()
                .check_all(
                    &Model {
                        conninfos,
                        ..Model::default()
                    },
                    &()
                )
                .len(),
            1
        );
    }
}
