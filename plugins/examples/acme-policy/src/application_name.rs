//! `acme/application-name`: connection strings of replication say who connects.

use pgassay_plugin::prelude::*;
use pgassay_plugin::types::Conninfo;

use crate::options::Options;

pub(crate) const RULE: Rule<Options> = Rule::new(
    "application-name",
    "replication connects without an application_name",
    include_str!("../rules/application-name.md"),
    check,
)
.reads(&["conninfos"])
.tags(&["replication"])
.references(&[
    Reference::Docs("runtime-config-replication.html#GUC-SYNCHRONOUS-STANDBY-NAMES"),
    Reference::Docs("libpq-connect.html#LIBPQ-CONNECT-APPLICATION-NAME"),
]);

fn check(input: &Input<'_, Options>, findings: &mut Findings) {
    for conninfo in input.model.conninfos.iter().filter(|conninfo| lacks_name(conninfo)) {
        let what = match conninfo.origin.as_str() {
            "primary_conninfo" => "`primary_conninfo`".to_owned(),
            "subscription" => format!("the connection string of subscription `{}`", conninfo.name),
            _ => continue,
        };
        findings.push(
            Finding::at(conninfo.place, format!("{what} does not say `application_name`"))
                .label("does not say who connects")
                .help("add `application_name` with the name of the server that connects"),
        );
    }
}

/// Whether the string is known to give no name. libpq takes an empty one for none.
fn lacks_name(conninfo: &Conninfo) -> bool {
    let named = conninfo.param("application_name").is_some_and(|param| param.dynamic || !param.value.is_empty());
    // A service may name it, and is read where the server runs.
    let elsewhere = conninfo.open || conninfo.param("service").is_some();
    let unset = conninfo.counting().next().is_none();
    !(named || elsewhere || unset || conninfo.overridden)
}

#[cfg(test)]
mod tests {
    use pgassay_plugin::types::ConninfoParam;

    use super::*;

    fn conninfo(params: &[(&str, &str)]) -> Conninfo {
        let param = |(keyword, value): &(&str, &str)| ConninfoParam {
            keyword: (*keyword).into(),
            value: (*value).into(),
            ..ConninfoParam::default()
        };
        Conninfo { params: params.iter().map(param).collect(), ..Conninfo::default() }
    }

    #[test]
    fn a_name_is_one_that_is_not_empty() {
        assert!(lacks_name(&conninfo(&[("host", "a")])));
        assert!(lacks_name(&conninfo(&[("host", "a"), ("application_name", "")])));
        assert!(!lacks_name(&conninfo(&[("host", "a"), ("application_name", "b")])));
    }

    #[test]
    fn what_is_not_seen_is_not_missing() {
        assert!(!lacks_name(&conninfo(&[])));
        assert!(!lacks_name(&conninfo(&[("service", "primary")])));
        assert!(!lacks_name(&Conninfo { open: true, ..conninfo(&[("host", "a")]) }));
        assert!(!lacks_name(&Conninfo { overridden: true, ..conninfo(&[("host", "a")]) }));
    }
}
