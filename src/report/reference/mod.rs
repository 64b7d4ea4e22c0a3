//! The reference of rules: what is known of each beside its page, and where to find it by family, benchmark and setting.

use std::collections::BTreeMap;

use crate::catalog::{self, Majors};
use crate::finding::{Confidence, Effect, Safety};
use crate::rule::{Level, OptionMeta, RuleId, RuleMeta, Selection};

mod html;
mod markdown;

pub use html::html;
pub use markdown::markdown;

/// What is known of a rule beside its page: names and sentences.
pub(super) fn facts(meta: &RuleMeta) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        ("Severity", meta.severity.name().to_owned()),
        ("Confidence", confidence(meta.confidence).to_owned()),
        ("Effect", effect(meta.effect).to_owned()),
        ("Runs", runs(meta.level).to_owned()),
        ("PostgreSQL", by_source(meta.majors)),
    ];
    if !meta.options.is_empty() {
        facts.push(("Options", meta.options.iter().map(option).collect::<Vec<_>>().join("; ")));
    }
    let cwe = meta.cwe.iter().map(|number| format!("CWE-{number}"));
    let ids = meta.cis.iter().chain(meta.stig).map(|&id| id.to_owned()).chain(cwe).collect::<Vec<_>>();
    if !ids.is_empty() {
        facts.push(("Named by", ids.join(", ")));
    }
    match meta.fix {
        Some(Safety::Safe) => facts.push(("Fix", "an edit that means the same, or mends what is refused".to_owned())),
        Some(Safety::Unsafe) => facts.push(("Fix", "an edit that changes what the server does".to_owned())),
        None => {}
    }
    facts
}

/// Majors, and those of them of which no server was asked.
fn by_source(majors: Majors) -> String {
    let unheld = majors & Majors::ALL.unheld();
    if unheld.is_empty() { majors.to_string() } else { format!("{majors} ({unheld} by its documentation)") }
}

fn option(option: &OptionMeta) -> String {
    let default = match option.default {
        [] | [""] => "not set".to_owned(),
        words => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
    };
    format!("`{}`, {} ({default})", option.name, option.help)
}

fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Low => "low: a hint, shown with `--min-confidence low`",
        Confidence::Medium => "medium: likely",
        Confidence::High => "high: certain from the files",
    }
}

fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Refused => "the server or client refuses it",
        Effect::Ignored => "it has no effect, or another than it seems",
        Effect::Risk => "it works, and is unsafe or fragile",
        Effect::Style => "it works, and reads badly",
    }
}

fn runs(level: Level) -> &'static str {
    match level {
        Level::Default => "in every profile",
        Level::Strict => "in the profile `strict`, and where it is selected",
        Level::Benchmark => "in profiles that ask for it, and where it is selected",
    }
}

/// Rules by what leads to them; a word and the rules, in the order of the words.
type Index = Vec<(String, Vec<RuleId>)>;

/// The rules of a selection by family.
fn by_family(selection: &Selection) -> Index {
    gather(selection, |meta| vec![meta.family.to_owned()])
}

/// By section of a benchmark, in the order of the numbers.
fn by_benchmark(selection: &Selection) -> Index {
    let mut index = gather(selection, |meta| meta.cis.iter().chain(meta.stig).map(|&id| id.to_owned()).collect());
    index.sort_by_cached_key(|(id, _)| {
        let (benchmark, section) = id.split_once(':').unwrap_or((id, ""));
        let numbers = section.split('.').map(|number| number.parse::<u32>().unwrap_or_default()).collect::<Vec<_>>();
        (benchmark.to_owned(), numbers)
    });
    index
}

/// By the settings that rules look at or refer to.
fn by_setting(selection: &Selection) -> Index {
    gather(selection, |meta| {
        let anchors = meta.docs.iter().filter_map(|page| page.split_once("#GUC-").map(|(_, anchor)| anchor));
        let names = anchors.map(|anchor| anchor.to_ascii_lowercase().replace('-', "_"));
        names.filter(|name| catalog::setting(name).is_some()).collect()
    })
}

fn gather(selection: &Selection, words: impl Fn(&RuleMeta) -> Vec<String>) -> Index {
    let mut index: BTreeMap<String, Vec<RuleId>> = BTreeMap::new();
    for rule in selection.iter() {
        for word in words(rule.meta()) {
            let rules = index.entry(word).or_default();
            if rules.last() != Some(&rule) {
                rules.push(rule);
            }
        }
    }
    index.into_iter().collect()
}
