//! System relations, columns, functions and settings that a query names and that the server's major does not have.
//!
//! Scripts that keep variants for several majors are no mistake: what runs under a condition is not read, what a comment
//! or the path gives to another major is left out, and where the successor of a name stands in the same file the name
//! is only worth knowing.

use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};

use crate::catalog::Majors;
use crate::catalog::system::{self, Former};
use crate::finding::{Confidence, Finding, Label, Severity, Subject};
use crate::model::objects::Site;
use crate::model::sql::lookup::{Named, Side};
use crate::model::sql::{Lookup, What};
use crate::rule::id::{SQL_RECOVERY_FUNCTION, SQL_SYSTEM_COLUMN, SQL_SYSTEM_FUNCTION, SQL_SYSTEM_RELATION};
use crate::rule::{Context, RuleId, Sink};
use crate::syntax::sql::versions_of_path;

use super::setting;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let tree = Tree::read(cx);
    for (file, site) in cx.cluster.sql.iter().zip(&cx.cluster.objects.sites) {
        let lookups = &file.sql.lookups.found;
        if lookups.is_empty() {
            continue;
        }
        let of_path = versions_of_path(cx.sources.file(file.file).path().as_str());
        let text = Text::read(cx.sources.file(file.file).bytes(), lookups);
        for lookup in lookups {
            let mut versions = of_path.iter().chain(&lookup.versions);
            let majors = site.refused(lookup.lacking);
            if majors.is_empty() || !versions.all(|&major| lookup.lacking.contains(major)) {
                continue;
            }
            let place = Place { cx, site, lookup, majors, text: &text, tree: &tree };
            // Other engines have an `information_schema` of their own.
            let of_others = lookup.lacking == Majors::ALL && is_in_standard_schema(&lookup.what);
            if of_others && !(site.ours || cx.sources.file(file.file).is_fragment() || text.is_ours()) {
                continue;
            }
            match &lookup.what {
                Named::Relation { name, qualified } => place.relation(name, *qualified, out),
                Named::Column { name, relations } => place.column(name, relations, out),
                Named::Function { name, qualified } => place.function(name, *qualified, out),
                Named::Arguments(name, count) => place.arguments(name, *count, out),
                Named::Recovery(name, side) => place.recovery(name, *side, out),
                Named::Setting { name, show } => {
                    // Other engines have SHOW too.
                    let ours = !show || site.ours || crate::catalog::setting(name).is_some();
                    if ours {
                        setting::unknown(cx, out, site, (name, lookup.span), lookup.lacking);
                    }
                }
            }
        }
    }
}

fn is_in_standard_schema(named: &Named) -> bool {
    const SCHEMA: &str = "information_schema.";
    match named {
        Named::Relation { name, .. } => name.starts_with(SCHEMA),
        Named::Column { relations, .. } => relations.iter().any(|relation| relation.starts_with(SCHEMA)),
        _ => false,
    }
}

/// What the SQL of the whole tree brings.
struct Tree<'a> {
    /// Names that some statement makes.
    made: HashSet<&'a str>,
    /// Extensions that are made in a version that is named.
    pinned: HashSet<&'a str>,
    /// Whether there is an extension that may bring anything that is called `pg_...`.
    foreign: bool,
    /// What names that no major knows may stand for, by kind and name.
    near: RefCell<HashMap<String, Option<&'static str>>>,
}

/// For so many unknown names it is looked up what they may stand for; files with more are no scripts of people.
const MOST_UNKNOWN: usize = 1000;

impl<'a> Tree<'a> {
    fn read(cx: &Context<'a>) -> Self {
        let made = cx.cluster.sql.iter().flat_map(|file| &file.sql.lookups.made).map(String::as_str).collect();
        let extensions = cx.cluster.statements().filter_map(|(_, statement)| match &statement.what {
            What::Extension(extension) => Some(extension),
            _ => None,
        });
        let (mut pinned, mut foreign) = (HashSet::new(), false);
        for extension in extensions {
            let name = extension.name.text.as_str();
            foreign |= name.starts_with("pg_") && !system::has_extension(name);
            if extension.version.is_some() {
                pinned.insert(name);
            }
        }
        Self { made, pinned, foreign, near: RefCell::default() }
    }
}

impl Tree<'_> {
    /// What a name that no major knows may stand for.
    fn near(&self, kind: &str, name: &str) -> Option<&'static str> {
        let find = if kind == "function" { system::near_function } else { system::near_relation };
        let mut seen = self.near.borrow_mut();
        if seen.len() >= MOST_UNKNOWN {
            return None;
        }
        *seen.entry(format!("{kind} {name}")).or_insert_with(|| find(name))
    }
}

/// What a file says besides the name at hand.
struct Text<'a> {
    bytes: &'a [u8],
    /// By relation, the majors that lack some column of it that the file names.
    lacking: HashSet<(&'static str, Majors)>,
    /// Which successors of names stand in it.
    successors: RefCell<HashMap<&'static str, bool>>,
    ours: OnceCell<bool>,
}

impl<'a> Text<'a> {
    fn read(bytes: &'a [u8], lookups: &[Lookup]) -> Self {
        let columns = lookups.iter().filter_map(|lookup| match &lookup.what {
            Named::Column { relations, .. } => Some(relations.iter().map(|relation| (*relation, lookup.lacking))),
            _ => None,
        });
        Self { bytes, lacking: columns.flatten().collect(), successors: RefCell::default(), ours: OnceCell::new() }
    }

    /// Whether the file speaks of PostgreSQL or of its catalogue, or has a cast of its form.
    fn is_ours(&self) -> bool {
        let has = |word: &[u8]| self.bytes.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
        *self.ours.get_or_init(|| [&b"pg_"[..], b"postgres", b"::"].into_iter().any(has))
    }

    /// Whether a name stands in the file.
    fn names(&self, name: &'static str) -> bool {
        let in_word = |at: usize| self.bytes.get(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        let whole = |at: usize| !in_word(at.wrapping_sub(1)) && !in_word(at + name.len());
        let found = || memchr::memmem::find_iter(self.bytes, name).any(whole);
        *self.successors.borrow_mut().entry(name).or_insert_with(found)
    }
}

/// A name at its place, with what it is judged by.
struct Place<'a> {
    cx: &'a Context<'a>,
    site: &'a Site,
    lookup: &'a Lookup,
    majors: Majors,
    text: &'a Text<'a>,
    tree: &'a Tree<'a>,
}

impl Place<'_> {
    fn relation(&self, name: &str, qualified: bool, out: &mut Sink<'_>) {
        if self.tree.made.contains(name) {
            return;
        }
        let (known, former) = (system::relation(name), system::former_relation(name));
        let near = if known.is_none() && former.is_none() { self.tree.near("relation", name) } else { None };
        let unknown = known.is_none() && former.is_none() && !qualified;
        if unknown && (near.is_none() || self.tree.foreign) || self.is_pinned(known.and_then(|of| of.extension)) {
            return;
        }
        let shown = self.cx.show(self.lookup.span);
        let has = known.map(|of| of.majors);
        let message = format!("there is no relation `{shown}`{}", self.where_it_is(has, former));
        let help = self.instead(former, near, has);
        let mut finding = self.finding(SQL_SYSTEM_RELATION, format!("relation/{name}"), former, message, help);
        if unknown {
            finding.confidence = slip(name, near);
        }
        out.push(finding);
    }

    fn column(&self, name: &str, relations: &[&'static str], out: &mut Sink<'_>) {
        let known = || relations.iter().filter_map(|relation| system::relation(relation));
        let extension = known().find_map(|relation| relation.extension);
        if relations.iter().any(|relation| self.tree.made.contains(relation)) || self.is_pinned(extension) {
            return;
        }
        let former = relations.iter().find_map(|relation| system::former_column(relation, name));
        let owner = known().find_map(|relation| Some((relation.name, relation.column(name)?)));
        let has = owner.map(|(_, has)| has);
        let near = known().find_map(|relation| relation.near_column(name, self.majors));
        let shown = self.cx.show(self.lookup.span);
        let where_it_is = self.where_it_is(has, former);
        let only = if let [relation] = relations { Some(*relation) } else { None };
        let owner = owner.map(|(relation, _)| relation).or(former.and_then(|former| former.relation)).or(only);
        let message = match owner {
            Some(relation) => format!("`{relation}` has no column `{shown}`{where_it_is}"),
            None => format!("none of `{}` has a column `{shown}`{where_it_is}", relations.join("`, `")),
        };
        let help = self.instead(former, near.filter(|_| has.is_none()), has);
        let subject = format!("column/{}.{name}", relations.join(","));
        let mut finding = self.finding(SQL_SYSTEM_COLUMN, subject, former, message, help);
        if let Some(extension) = extension {
            // A database that was upgraded keeps the version it had until ALTER EXTENSION ... UPDATE.
            finding.confidence = Confidence::Medium;
            finding.primary.text = format!("not in the version of `{extension}` that the server installs");
        }
        if self.has_counterpart(relations) {
            finding.severity = Severity::Info;
        }
        out.push(finding);
    }

    fn function(&self, name: &str, qualified: bool, out: &mut Sink<'_>) {
        if self.tree.made.contains(name) {
            return;
        }
        let (known, former) = (system::function(name), system::former_function(name));
        let near = if known.is_none() && former.is_none() { self.tree.near("function", name) } else { None };
        let unknown = known.is_none() && former.is_none() && !qualified;
        if unknown && (near.is_none() || self.tree.foreign) || self.is_pinned(known.and_then(|of| of.extension)) {
            return;
        }
        let shown = self.cx.show(self.lookup.span);
        let has = known.map(|of| of.majors());
        let message = format!("there is no function `{shown}`{}", self.where_it_is(has, former));
        let help = self.instead(former, near, has);
        let mut finding = self.finding(SQL_SYSTEM_FUNCTION, format!("function/{name}"), former, message, help);
        if unknown {
            finding.confidence = slip(name, near);
        }
        out.push(finding);
    }

    fn arguments(&self, name: &str, count: usize, out: &mut Sink<'_>) {
        let Some(known) = system::function(name) else { return };
        if self.tree.made.contains(name) || self.is_pinned(known.extension) {
            return;
        }
        let shown = self.cx.show(self.lookup.span);
        let takes = known.takes(count);
        let plural = if count == 1 { "argument" } else { "arguments" };
        let elsewhere = if takes.is_empty() {
            String::new()
        } else {
            format!(" in {}; {takes} {}", self.majors, if takes.len() == 1 { "does" } else { "do" })
        };
        let message = format!("function `{shown}` does not take {count} {plural}{elsewhere}");
        let newest = self.majors.last();
        let counts = known.forms().find(|(majors, _)| newest.is_some_and(|newest| majors.contains(newest)));
        let help = counts.map_or_else(String::new, |(_, counts)| match counts {
            "0" => "it takes no arguments".to_owned(),
            "1" => "it takes one argument".to_owned(),
            counts => format!("it takes {} arguments", in_words(counts)),
        });
        out.push(self.finding(SQL_SYSTEM_FUNCTION, format!("function/{name}"), None, message, help));
    }

    fn recovery(&self, name: &str, side: Side, out: &mut Sink<'_>) {
        let (on, help) = match side {
            Side::Standby => ("on a standby", "swap the branches, or ask `pg_last_wal_replay_lsn()` on a standby"),
            Side::Primary => ("on a server that is no standby", "call it only where `pg_is_in_recovery()` is true"),
        };
        let help = if name.contains("lsn") || side == Side::Primary { help } else { "call it on the primary only" };
        let message = format!("function `{name}` fails {on}, where the query calls it");
        let label = Label::new(self.lookup.span, "the server refuses the call");
        let subject = Subject::Object(format!("function/{name}"));
        out.push(Finding::new(SQL_RECOVERY_FUNCTION, subject, self.majors, label, message).help(help));
    }

    fn finding(
        &self,
        rule: RuleId,
        subject: String,
        former: Option<&Former>,
        message: String,
        help: String,
    ) -> Finding {
        let label = Label::new(self.lookup.span, "the server refuses the statement");
        let mut finding = Finding::new(rule, Subject::Object(subject), self.majors, label, message);
        if !help.is_empty() {
            finding = finding.help(help);
        }
        if former.is_some_and(|former| self.has_successor(former)) || self.has_predecessor() {
            finding.severity = Severity::Info;
        } else if !self.majors.covers(self.site.majors) {
            finding.severity = Severity::Warning;
        }
        finding
    }

    /// Where else the name is, after a message that it is not here.
    fn where_it_is(&self, has: Option<Majors>, former: Option<&Former>) -> String {
        match (has, former) {
            (Some(has), _) => {
                format!(" in {}; {has} {} it", self.majors, if has.len() == 1 { "has" } else { "have" })
            }
            (None, Some(former)) => format!(" since {}", former.since),
            (None, None) => String::new(),
        }
    }

    fn instead(&self, former: Option<&Former>, near: Option<&str>, has: Option<Majors>) -> String {
        match (former, near, has) {
            (Some(Former { now: Some(now), advice: "", .. }), ..) => format!("write `{now}`"),
            (Some(Former { now: Some(now), advice, .. }), ..) => format!("write `{now}`; {advice}"),
            (Some(former), ..) => former.advice.to_owned(),
            (None, _, Some(has)) => format!("run it on {has} only"),
            (None, Some(near), None) => format!("did you mean `{near}`?"),
            (None, None, None) => String::new(),
        }
    }

    /// Whether what took the place of a name stands in the file too, so that it serves several majors. Short names
    /// (`pid`, `query`) stand everywhere.
    fn has_successor(&self, former: &Former) -> bool {
        let now = former.now.map(|now| now.rsplit_once('.').map_or(now, |(_, column)| column));
        now.is_some_and(|now| now.len() > "query".len() && self.text.names(now))
    }

    /// Whether the name in whose place this one came stands in the file too.
    fn has_predecessor(&self) -> bool {
        let named = |relation, name: &str| system::predecessors(relation, name).any(|of| self.text.names(of.name));
        match &self.lookup.what {
            Named::Relation { name, .. } | Named::Function { name, .. } => named(None, name),
            Named::Column { name, relations } => relations.iter().any(|relation| named(Some(relation), name)),
            _ => false,
        }
    }

    /// Whether the file names another column of the same relation that is there exactly where this one is not.
    fn has_counterpart(&self, relations: &[&'static str]) -> bool {
        relations.iter().any(|relation| self.text.lacking.contains(&(*relation, Majors::ALL - self.lookup.lacking)))
    }

    fn is_pinned(&self, extension: Option<&str>) -> bool {
        extension.is_some_and(|extension| self.tree.pinned.contains(extension))
    }
}

/// How sure it is that a name that nobody knows is a slip of the pen for the one near it: a letter is, more may be a name
/// of the user's own.
fn slip(name: &str, near: Option<&str>) -> Confidence {
    let one = near.is_some_and(|near| strsim::osa_distance(name, near) == 1);
    if one { Confidence::Medium } else { Confidence::Low }
}

/// `0-2,4` as `0 to 2 or 4`.
fn in_words(counts: &str) -> String {
    let run = |run: &str| match run.split_once('-') {
        Some((least, "")) => format!("{least} or more"),
        Some((least, most)) => format!("{least} to {most}"),
        None => run.to_owned(),
    };
    counts.split(',').map(run).collect::<Vec<_>>().join(" or ")
}
