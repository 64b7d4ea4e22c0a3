//! What a plugin answers, checked and turned into what the rest of pgassay knows: rules and findings.
//!
//! A plugin may answer anything. What cannot be is refused with a message for its author; nothing of it is taken over.

use std::collections::BTreeSet;

use super::bindings::pgassay::plugin::types as wit;
use super::host::Asked;
use crate::catalog::Majors;
use crate::finding::{Confidence, Effect, Finding, Fix, Label, Safety, Severity, Subject};
use crate::plugin::places::{Located, Place};
use crate::plugin::{Description, PluginError};
use crate::rule::{Check, Level, PluginMeta, RuleId, RuleMeta};
use crate::secret::{MASK, printable};
use crate::source::Span;

/// Bounds, in bytes unless they count something.
const NAME: usize = 64;
const TITLE: usize = 200;
const PAGE: usize = 64 << 10;
const SCHEMA: usize = 256 << 10;
const RULES: usize = 1000;
const TEXT: usize = 4 << 10;
const RELATED: usize = 100;
const EDITS: usize = 100;
const WORDS: usize = 20;

/// The plugin's own account of itself.
///
/// # Errors
/// Something in it that cannot be.
pub(super) fn description(info: wit::PluginInfo) -> Result<Description, PluginError> {
    let wrong = |what: String| Err(PluginError::Description(what));
    if !is_name(&info.name) {
        return wrong(format!("{} is no name of a plugin: lower-case letters, digits and hyphens", quoted(&info.name)));
    }
    if info.version.is_empty() || info.version.len() > NAME || !is_plain(&info.version) {
        return wrong("its version is empty, too long or has control characters".to_owned());
    }
    let majors = majors(info.majors);
    if majors.is_empty() {
        return wrong("it knows none of the majors that pgassay knows".to_owned());
    }
    if info.rules.is_empty() || info.rules.len() > RULES {
        return wrong(format!("it has {} rules; there may be 1 to {RULES}", info.rules.len()));
    }
    let schema = match info.options_schema {
        Some(schema) if schema.len() > SCHEMA => return wrong("the schema of its options is too long".to_owned()),
        Some(schema) => match serde_json::from_str(&schema) {
            Ok(schema) => Some(schema),
            Err(error) => return wrong(format!("the schema of its options is no JSON: {error}")),
        },
        None => None,
    };
    // The texts of rules live as long as the process, like those of built-in rules; see `Registry`.
    let plugin: &'static PluginMeta =
        Box::leak(Box::new(PluginMeta { name: leaked(info.name), version: leaked(info.version) }));
    let (mut rules, mut reads) = (Vec::new(), Vec::new());
    let mut ids = BTreeSet::new();
    for mut rule in info.rules {
        reads.push(std::mem::take(&mut rule.reads));
        let shown = quoted(&rule.id);
        let rule =
            meta(rule, plugin, majors).map_err(|what| PluginError::Description(format!("rule {shown}: {what}")))?;
        if !ids.insert(rule.id) {
            return wrong(format!("two of its rules are called {shown}"));
        }
        rules.push(rule);
    }
    Ok(Description { meta: plugin, majors, rules, reads, schema })
}

fn meta(rule: wit::RuleInfo, plugin: &'static PluginMeta, majors: Majors) -> Result<RuleMeta, String> {
    match rule.id.split_once('/') {
        Some((of, name)) if of == plugin.name && is_name(name) => {}
        _ => return Err(format!("its id is not of the form `{}/name`", plugin.name)),
    }
    if rule.title.is_empty() || rule.title.len() > TITLE || !is_plain(&rule.title) {
        return Err(format!("its title is empty, longer than {TITLE} bytes or no single line"));
    }
    if rule.page.is_empty() || rule.page.len() > PAGE {
        return Err(format!("its page is empty or longer than {PAGE} bytes"));
    }
    if rule.tags.len() > WORDS || rule.tags.iter().any(|tag| !is_name(tag)) {
        return Err(format!("a tag is no name, or there are more than {WORDS}"));
    }
    let security = rule.tags.iter().any(|tag| tag == "security");
    let security_severity = match rule.security_severity {
        None => None,
        Some(_) if !security => return Err("only rules with the tag `security` have a security severity".to_owned()),
        Some(text) => {
            let score = text.parse::<f32>().ok().filter(|score| (0.1..=10.0).contains(score) && text.len() <= 4);
            score.ok_or_else(|| format!("{} is no security severity from `0.1` to `10.0`", quoted(&text)))?;
            Some(leaked(text))
        }
    };
    if rule.references.len() > 5 * WORDS {
        return Err("it has too many references".to_owned());
    }
    let (mut cwe, mut cis, mut stig, mut docs) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for wit::Reference { kind, id } in rule.references {
        if id.is_empty() || id.len() > TITLE || !is_plain(&id) || id.contains(char::is_whitespace) {
            return Err(format!("{} is no reference", quoted(&id)));
        }
        match kind.as_str() {
            "cwe" => cwe.push(id.parse().map_err(|_| format!("{} is no number of a weakness", quoted(&id)))?),
            "cis" => cis.push(leaked(id)),
            "stig" => stig.push(leaked(id)),
            "docs" => docs.push(leaked(id)),
            "url" if id.starts_with("https://") => docs.push(leaked(id)),
            "url" => return Err(format!("{} is no address that starts with `https://`", quoted(&id))),
            _ => {}
        }
    }
    if rule.since.len() > NAME || !is_plain(&rule.since) {
        return Err("its `since` is no version".to_owned());
    }
    let of_rule = self::majors(rule.majors) & majors;
    if of_rule.is_empty() {
        return Err("it holds on none of the plugin's majors".to_owned());
    }
    Ok(RuleMeta {
        index: 0,
        id: leaked(rule.id),
        family: plugin.name,
        title: leaked(rule.title),
        severity: severity(rule.severity),
        confidence: confidence(rule.confidence),
        effect: effect(rule.effect),
        level: if rule.profile == "default" { Level::Default } else { Level::Strict },
        majors: of_rule,
        security_severity,
        tags: rule.tags.into_iter().map(leaked).collect::<Vec<_>>().leak(),
        cwe: cwe.leak(),
        cis: cis.leak(),
        stig: stig.leak(),
        docs: docs.leak(),
        options: &[],
        fix: match rule.fix.as_str() {
            "safe" => Some(Safety::Safe),
            "unsafe" => Some(Safety::Unsafe),
            _ => None,
        },
        since: leaked(rule.since),
        page: leaked(page(&rule.page)),
        check: Check::Plugin(plugin),
    })
}

/// The page with what could drive a terminal shown as symbols.
fn page(text: &str) -> String {
    text.split_inclusive(['\n', '\t']).fold(String::with_capacity(text.len()), |mut out, part| {
        let end = part.trim_end_matches(['\r', '\n', '\t']).len();
        out.push_str(&printable(&part[..end]));
        out.push_str(if part.ends_with('\n') { "\n" } else { &part[end..] });
        out
    })
}

/// Turns findings into pgassay's own. Those that cannot be are told in `bad`, with their rule; those of rules that are not
/// wanted, or that hold on no major, are left out.
pub(super) fn findings(
    answer: Vec<wit::Finding>,
    enabled: &[RuleId],
    description: &Description,
    asked: &Asked,
    located: &Located,
    bad: &mut Vec<(String, PluginError)>,
) -> Vec<Finding> {
    let reader = Reader { asked, located, targets: asked.input.cluster.targets() };
    let known = description.rules.iter().map(|rule| rule.id).collect::<BTreeSet<_>>();
    let mut out = Vec::new();
    for finding in answer {
        if !known.contains(finding.rule.as_str()) {
            let what = format!("it is one of the rule {}, which is none of this plugin's", quoted(&finding.rule));
            bad.push((String::new(), PluginError::Finding(what)));
            continue;
        }
        let Some(&rule) = enabled.iter().find(|rule| rule.name() == finding.rule) else { continue };
        match reader.finding(rule, finding) {
            Ok(finding) if finding.majors.is_empty() => {}
            Ok(finding) => out.push(finding),
            Err(what) => bad.push((rule.name().to_owned(), PluginError::Finding(what))),
        }
    }
    out
}

struct Reader<'a> {
    asked: &'a Asked,
    located: &'a Located,
    /// Every major that something is judged for.
    targets: Majors,
}

impl Reader<'_> {
    fn finding(&self, rule: RuleId, finding: wit::Finding) -> Result<Finding, String> {
        let meta = rule.meta();
        let place = self.place(finding.primary.place)?;
        if finding.message.trim().is_empty() {
            return Err("its message is empty".to_owned());
        }
        if finding.related.len() > RELATED {
            return Err(format!("it has {} related places; there may be {RELATED}", finding.related.len()));
        }
        let judged = finding.majors.map_or(place.majors(), majors);
        let related = finding.related.into_iter().map(|label| self.label(label)).collect::<Result<_, _>>()?;
        Ok(Finding {
            rule,
            severity: finding.severity.map_or(meta.severity, severity),
            confidence: finding.confidence.map_or(meta.confidence, confidence),
            effect: meta.effect,
            message: text("message", finding.message)?,
            help: finding.help.map(|help| text("help", help)).transpose()?,
            primary: self.label(finding.primary)?,
            related,
            subject: match finding.subject {
                None => place.subject(&self.asked.input, |number| self.statement(number)),
                Some(subject) => Subject::Object(text("subject", subject)?),
            },
            majors: judged & meta.majors & self.targets,
            fix: finding.fix.map(|fix| self.fix(fix)).transpose()?,
            step: None,
        })
    }

    /// `create subscription a`; nothing for a statement that is about several things or none.
    fn statement(&self, number: u32) -> Option<String> {
        let statement = self.asked.shown.model.statements.get(number as usize)?;
        Some(format!("{} {}", statement.kind, statement.name.as_ref()?.text))
    }

    fn place(&self, number: u32) -> Result<Place, String> {
        let place = self.located.get(&self.asked.shown.places, number);
        place.ok_or_else(|| format!("the plugin was shown no place {number}"))
    }

    fn label(&self, label: wit::Label) -> Result<Label, String> {
        Ok(Label { span: self.place(label.place)?.span, text: text("label", label.text)? })
    }

    fn fix(&self, fix: wit::Fix) -> Result<Fix, String> {
        if fix.edits.is_empty() || fix.edits.len() > EDITS {
            return Err(format!("its fix has {} edits; there may be 1 to {EDITS}", fix.edits.len()));
        }
        let mut edits = Vec::with_capacity(fix.edits.len());
        for edit in fix.edits {
            let span = self.place(edit.place)?.span;
            // The plugin saw the mask and would write it where the secret stands.
            if edit.replacement.contains(MASK) && self.asked.input.masks.hides(&self.asked.input.sources, span) {
                return Err(format!("its fix writes `{MASK}` over a secret; edit a smaller place"));
            }
            edits.push((span, text("replacement", edit.replacement)?));
        }
        edits.sort_by_key(|(span, _)| *span);
        let overlap = |pair: &[(Span, String)]| matches!(pair, [(a, _), (b, _)] if a.file == b.file && a.end > b.start);
        if edits.windows(2).any(overlap) {
            return Err("the edits of its fix overlap".to_owned());
        }
        let safety = if fix.safe { Safety::Safe } else { Safety::Unsafe };
        Ok(Fix { title: text("title", fix.title)?, safety, edits, files: Vec::new() })
    }
}

fn text(what: &str, text: String) -> Result<String, String> {
    if text.len() > TEXT {
        Err(format!("its {what} is {} bytes long; {TEXT} are allowed", text.len()))
    } else {
        Ok(text)
    }
}

/// Whether it is a name of a plugin, a rule or a tag.
fn is_name(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    text.len() <= NAME
        && text.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase())
        && !text.ends_with('-')
        && text.bytes().all(inner)
}

/// Whether a text can be shown on one line as it is.
fn is_plain(text: &str) -> bool {
    matches!(printable(text), std::borrow::Cow::Borrowed(_))
}

/// What the plugin said, short and harmless.
fn quoted(text: &str) -> String {
    let end = text.char_indices().nth(80).map_or(text.len(), |(end, _)| end);
    format!("`{}{}`", printable(&text[..end]), if end < text.len() { "…" } else { "" })
}

fn leaked(text: String) -> &'static str {
    text.leak()
}

/// The majors of a set of bits that pgassay knows.
fn majors(bits: u32) -> Majors {
    Majors::ALL.iter().filter(|major| bits >> major & 1 == 1).collect()
}

fn severity(severity: wit::Severity) -> Severity {
    match severity {
        wit::Severity::Info => Severity::Info,
        wit::Severity::Warning => Severity::Warning,
        wit::Severity::Error => Severity::Error,
    }
}

fn confidence(confidence: wit::Confidence) -> Confidence {
    match confidence {
        wit::Confidence::Low => Confidence::Low,
        wit::Confidence::Medium => Confidence::Medium,
        wit::Confidence::High => Confidence::High,
    }
}

fn effect(effect: wit::Effect) -> Effect {
    match effect {
        wit::Effect::Refused => Effect::Refused,
        wit::Effect::Ignored => Effect::Ignored,
        wit::Effect::Risk => Effect::Risk,
        wit::Effect::Style => Effect::Style,
    }
}
