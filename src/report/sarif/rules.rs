//! The rules of a run as SARIF describes them, and the taxonomies they refer to.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::finding::Severity;
use crate::report::page;
use crate::report::rules::docs_url;
use crate::report::sarif::level;
use crate::report::sarif::model::{
    Component, Configuration, Help, Relationship, Rule, RuleProperties, Target, Taxon, Taxonomy, Text,
};
use crate::rule::{Check, PluginMeta, RuleId, RuleMeta};

/// GitHub reads 20 tags and shows 10.
const MOST_TAGS: usize = 10;
/// GitHub cuts longer descriptions.
const LONGEST_DESCRIPTION: usize = 1024;

/// The rules of a plugin, sorted by id.
pub(super) type OfPlugin = (&'static PluginMeta, Vec<RuleId>);

/// Where a result's rule is described.
#[derive(Debug, Clone, Default)]
pub(super) struct Place {
    /// Among the rules of the component.
    pub(super) index: usize,
    /// The plugin, for rules of plugins.
    pub(super) component: Option<Component>,
}

/// The built-in rules, and those of each plugin, sorted by id.
pub(super) fn by_component(all: &BTreeSet<RuleId>) -> (Vec<RuleId>, Vec<OfPlugin>) {
    let mut own = Vec::new();
    let mut plugins = Vec::<OfPlugin>::new();
    for &rule in all {
        match rule.meta().check {
            Check::Plugin(plugin) => match plugins.iter_mut().find(|(other, _)| *other == plugin) {
                Some((_, rules)) => rules.push(rule),
                None => plugins.push((plugin, vec![rule])),
            },
            _ => own.push(rule),
        }
    }
    (own, plugins)
}

/// Where each rule is described.
pub(super) fn places(own: &[RuleId], plugins: &[OfPlugin]) -> BTreeMap<RuleId, Place> {
    let of_plugins = plugins.iter().enumerate().flat_map(|(number, (plugin, rules))| {
        let component = Component { name: plugin.name.to_owned(), index: number };
        (0..).zip(rules).map(move |(index, rule)| (*rule, Place { index, component: Some(component.clone()) }))
    });
    let own = (0..).zip(own).map(|(index, rule)| (*rule, Place { index, component: None }));
    own.chain(of_plugins).collect()
}

/// The rules as they are described. Those without results have a short help, which keeps the log small.
pub(super) fn rules(rules: &[RuleId], found: &BTreeSet<RuleId>, taxonomies: &[Taxonomy]) -> Vec<Rule<'static>> {
    rules.iter().map(|rule| describe(rule.meta(), found.contains(rule), taxonomies)).collect()
}

fn describe(meta: &'static RuleMeta, full: bool, taxonomies: &[Taxonomy]) -> Rule<'static> {
    let mut summary = page::summary(meta.page);
    if summary.len() > LONGEST_DESCRIPTION {
        summary.truncate(summary.floor_char_boundary(LONGEST_DESCRIPTION));
    }
    let help_uri = meta.docs.first().map(|page| docs_url(page));
    let help = if full {
        Help { text: Cow::Owned(page::plain(meta.page)), markdown: Some(meta.page) }
    } else {
        Help { text: Cow::Owned(format!("See `pgassay explain {}`.", meta.id)), markdown: None }
    };
    Rule {
        id: meta.id,
        name: pascal_case(meta.id),
        short_description: Text { text: Cow::Borrowed(meta.title) },
        full_description: Text {
            text: if summary.is_empty() { Cow::Borrowed(meta.title) } else { Cow::Owned(summary) },
        },
        help,
        help_uri,
        default_configuration: Configuration { level: level(meta.severity) },
        properties: RuleProperties {
            tags: tags(meta),
            precision: meta.confidence,
            security_severity: meta.security_severity,
            problem_severity: meta.security_severity.is_none().then_some(match meta.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Info => "recommendation",
            }),
        },
        relationships: references(meta).filter_map(|reference| relationship(&reference, taxonomies)).collect(),
    }
}

/// `security` and the weaknesses first: they are what GitHub filters by.
fn tags(meta: &'static RuleMeta) -> Vec<Cow<'static, str>> {
    let security = meta.tags.iter().filter(|tag| **tag == "security").map(|tag| Cow::Borrowed(*tag));
    let weaknesses = meta.cwe.iter().map(|number| Cow::Owned(format!("external/cwe/cwe-{number:03}")));
    let others = meta.tags.iter().filter(|tag| **tag != "security").map(|tag| Cow::Borrowed(*tag));
    let mut tags = Vec::new();
    for tag in security.chain(weaknesses).chain([Cow::Borrowed(meta.family)]).chain(others) {
        if tags.len() < MOST_TAGS && !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

/// An entry of a catalogue: which, and its id there.
struct Reference {
    taxonomy: String,
    id: String,
}

fn references(meta: &'static RuleMeta) -> impl Iterator<Item = Reference> {
    let of = |taxonomy: &str, id: String| Reference { taxonomy: taxonomy.to_owned(), id };
    let cwe = meta.cwe.iter().map(move |number| of("CWE", number.to_string()));
    let cis = meta.cis.iter().map(move |section| match section.split_once(':') {
        Some((benchmark, id)) => of(benchmark, id.to_owned()),
        None => of("CIS", (*section).to_owned()),
    });
    let stig = meta.stig.iter().map(move |id| of("STIG", (*id).to_owned()));
    cwe.chain(cis).chain(stig)
}

fn relationship(reference: &Reference, taxonomies: &[Taxonomy]) -> Option<Relationship> {
    let index = taxonomies.iter().position(|taxonomy| taxonomy.name == reference.taxonomy)?;
    let tool_component = Component { name: reference.taxonomy.clone(), index };
    let id = Cow::Owned(reference.id.clone());
    Some(Relationship { target: Target { id, index: None, tool_component }, kinds: ["relevant"] })
}

/// The catalogues that the rules refer to, with the entries used.
pub(super) fn taxonomies(all: &BTreeSet<RuleId>) -> Vec<Taxonomy> {
    let mut out = Vec::<Taxonomy>::new();
    for reference in all.iter().flat_map(|rule| references(rule.meta())) {
        let index = out.iter().position(|taxonomy| taxonomy.name == reference.taxonomy).unwrap_or_else(|| {
            out.push(taxonomy(&reference.taxonomy));
            out.len() - 1
        });
        let Some(taxonomy) = out.get_mut(index) else { continue };
        if !taxonomy.taxa.iter().any(|taxon| taxon.id == reference.id) {
            let help_uri = (reference.taxonomy == "CWE")
                .then(|| format!("https://cwe.mitre.org/data/definitions/{}.html", reference.id));
            taxonomy.taxa.push(Taxon { id: reference.id, help_uri });
        }
    }
    out
}

fn taxonomy(name: &str) -> Taxonomy {
    let (organization, information_uri) = match name {
        "CWE" => (Some("MITRE"), Some("https://cwe.mitre.org/")),
        "STIG" => (Some("DISA"), Some("https://public.cyber.mil/stigs/")),
        name if name.starts_with("CIS") => {
            (Some("Center for Internet Security"), Some("https://www.cisecurity.org/benchmark/postgresql"))
        }
        _ => (None, None),
    };
    Taxonomy { name: name.to_owned(), organization, information_uri, is_comprehensive: false, taxa: Vec::new() }
}

fn pascal_case(id: &str) -> String {
    id.split(['-', '/'])
        .flat_map(|word| word.chars().enumerate())
        .map(|(index, c)| if index == 0 { c.to_ascii_uppercase() } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Majors;
    use crate::finding::{Confidence, Effect};
    use crate::rule::Level;

    static META: RuleMeta = RuleMeta {
        index: 0,
        id: "hba-trust-remote",
        family: "hba",
        title: "anyone may log in",
        severity: Severity::Error,
        confidence: Confidence::High,
        effect: Effect::Risk,
        level: Level::Default,
        options: &[],
        majors: Majors::ALL,
        security_severity: Some("9.8"),
        tags: &["network", "security", "a", "b", "c", "d", "e", "f", "g", "h"],
        cwe: &[79, 306],
        cis: &["CIS17:5.1", "CIS16:5.2"],
        stig: &["V-233612"],
        docs: &["auth-pg-hba-conf.html"],
        fix: None,
        since: "0.1.0",
        page: "# hba-trust-remote\n\n## What it does\n\nFinds it.\n",
        check: Check::Engine,
    };

    #[test]
    fn describes_a_rule_as_github_wants_it() {
        let names = ["CWE", "CIS17", "STIG"];
        let taxonomies = names.map(taxonomy);
        let rule = serde_json::to_value(describe(&META, true, &taxonomies)).unwrap();
        assert_eq!(rule["name"], "HbaTrustRemote");
        assert_eq!(rule["fullDescription"]["text"], "Finds it.");
        assert_eq!(rule["help"]["markdown"], META.page);
        assert_eq!(rule["helpUri"], "https://www.postgresql.org/docs/current/auth-pg-hba-conf.html");
        assert_eq!(rule["defaultConfiguration"]["level"], "error");
        let properties = serde_json::json!({
            "tags": [
                "security", "external/cwe/cwe-079", "external/cwe/cwe-306", "hba", "network", "a", "b", "c", "d", "e"
            ],
            "precision": "high",
            "security-severity": "9.8",
        });
        assert_eq!(rule["properties"], properties);
        let targets = rule["relationships"].as_array().unwrap().iter().map(|it| {
            let target = &it["target"];
            let component = &target["toolComponent"];
            assert_eq!(names[component["index"].as_u64().unwrap() as usize], component["name"]);
            format!("{} {}", component["name"].as_str().unwrap(), target["id"].as_str().unwrap())
        });
        // A taxonomy that is not listed is not referred to.
        assert_eq!(targets.collect::<Vec<_>>(), ["CWE 79", "CWE 306", "CIS17 5.1", "STIG V-233612"]);
    }

    #[test]
    fn other_rules_have_a_problem_severity() {
        let rule = crate::rule::id::FSYNC_OFF.meta();
        let rule = serde_json::to_value(describe(rule, false, &[])).unwrap();
        assert_eq!(rule["properties"]["problem.severity"], "error");
        assert_eq!(rule["properties"].get("security-severity"), None);
        assert_eq!(rule["help"].get("markdown"), None);
        assert_eq!(rule["help"]["text"], "See `pgassay explain fsync-off`.");
    }
}
