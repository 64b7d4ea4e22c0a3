//! Declarative checks of what is text: fields of pg_hba.conf, keywords of connection strings, options of SQL.
//!
//! What is known only at run time is never judged.

use crate::catalog::Majors;
use crate::catalog::conninfo::effective::{self, Effective};
use crate::finding::{Finding, Label, Subject};
use crate::model::hba::HbaRow;
use crate::model::sql::What;
use crate::rule::declarative::setting::is_one_of;
use crate::rule::{Context, Declarative, Operator, RuleId, Sink};
use crate::source::Span;

/// A piece of text under a rule, and what it is a piece of.
struct Piece<'t> {
    name: &'t str,
    text: &'t str,
    span: Span,
    /// What it is a piece of, and the majors; asked for only where there is a fault.
    whose: &'t dyn Fn() -> (Subject, Majors),
}

impl Piece<'_> {
    fn judge(self, rule: RuleId, check: &Declarative, out: &mut Sink<'_>) {
        let operator = out.operator(rule, check.operator);
        if holds(&operator, self.name, self.text) {
            return;
        }
        let wanted = operator.wanted();
        let fill =
            |text: &str| text.replace("{name}", self.name).replace("{wanted}", &wanted).replace("{value}", self.text);
        let label = Label::new(self.span, fill(check.label));
        let (subject, majors) = (self.whose)();
        let mut finding = Finding::new(rule, subject, majors, label, fill(check.message));
        finding.help = check.help.map(fill);
        out.push(finding);
    }
}

/// A field of each row: `type`, `database`, `user`, `address`, `method`, or `option:<name>`.
pub(super) fn hba(rule: RuleId, check: &Declarative, field: &str, cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in &cx.cluster.nodes {
        let guarded =
            |major: &u8| check.when.as_ref().is_none_or(|when| is_one_of(node, when.setting, when.is, *major));
        for row in node.hba.iter().flat_map(|hba| &hba.rows) {
            let whose = || (Subject::HbaRow(cx.show(row.span)), row.majors.iter().filter(guarded).collect());
            for (span, text) in places(row, field, cx) {
                Piece { name: field, text: &text, span, whose: &whose }.judge(rule, check, out);
            }
            if check.when_unset && field.strip_prefix("option:").is_some_and(|name| row.option(name).is_none()) {
                Piece { name: field, text: "", span: row.span, whose: &whose }.judge(rule, check, out);
            }
        }
    }
}

/// Where a row has the field, and what it says there; several places for lists.
fn places(row: &HbaRow, field: &str, cx: &Context<'_>) -> Vec<(Span, String)> {
    let token = |span: Span| (span, cx.show(span).trim_matches('"').to_owned());
    match field {
        "type" => vec![(row.conn_type_span, row.conn_type.name().to_owned())],
        "method" => vec![(row.method_span, row.method.name().to_owned())],
        "database" => row.databases.iter().map(|item| token(item.span)).collect(),
        "user" => row.users.iter().map(|item| token(item.span)).collect(),
        "address" => row.address.iter().map(|address| token(address.span)).collect(),
        _ => {
            let option = field.strip_prefix("option:").and_then(|name| row.option(name));
            option.map(|option| (option.span, cx.show(option.value_span))).into_iter().collect()
        }
    }
}

/// A keyword of each connection string that counts.
pub(super) fn conninfo(rule: RuleId, check: &Declarative, keyword: &str, cx: &Context<'_>, out: &mut Sink<'_>) {
    for of in cx.cluster.conninfos.iter().filter(|of| !of.overridden && !of.conninfo.dynamic) {
        let operator = out.operator(rule, check.operator);
        let mut at_fault: Option<(Span, String, Majors)> = None;
        for major in of.majors.iter() {
            let (span, text) = match effective::value(&of.conninfo, keyword, major) {
                Effective::Set(param) if !param.value.dynamic => (param.span, param.value.to_string()),
                Effective::Default(default) if check.when_unset => (of.conninfo.span, default.to_owned()),
                Effective::None if check.when_unset => (of.conninfo.span, String::new()),
                _ => continue,
            };
            if !holds(&operator, keyword, &text) {
                let majors = at_fault.map_or(Majors::NONE, |(_, _, majors)| majors) | Majors::only(major);
                at_fault = Some((span, text, majors));
            }
        }
        if let Some((span, text, majors)) = at_fault {
            let whose = || (Subject::Conninfo(format!("{}/{keyword}", of.origin.key())), majors);
            Piece { name: keyword, text: &text, span, whose: &whose }.judge(rule, check, out);
        }
    }
}

/// An option in `WITH (...)` of CREATE: `subscription.<name>` or `publication.<name>`.
pub(super) fn sql_option(rule: RuleId, check: &Declarative, option: &str, cx: &Context<'_>, out: &mut Sink<'_>) {
    let Some((object, wanted)) = option.split_once('.') else { return };
    for (site, statement) in cx.cluster.statements() {
        let (name, options, subject): (_, _, fn(String) -> Subject) = match &statement.what {
            What::CreateSubscription(create) if object == "subscription" => {
                (&create.name, &create.options, Subject::Subscription)
            }
            What::CreatePublication(create) if object == "publication" => {
                (&create.name, &create.options, Subject::Publication)
            }
            _ => continue,
        };
        if options.iter().any(|item| item.name.dynamic) {
            continue;
        }
        let item = options.iter().rev().find(|item| item.name.text == wanted);
        let (span, text) = match item {
            Some(item) if item.value.as_ref().is_some_and(crate::model::sql::Value::is_dynamic) => continue,
            // `WITH (binary)` is `WITH (binary = true)`.
            Some(item) => (item.span, item.value.as_ref().map_or("true".into(), |value| value.text())),
            None if check.when_unset => (name.span, "".into()),
            None => continue,
        };
        let whose = || (subject(name.text.clone()), site.majors);
        Piece { name: wanted, text: &text, span, whose: &whose }.judge(rule, check, out);
    }
}

/// Whether the text is as the operator wants it. `sslmode` has an order of its own; other texts are compared as
/// numbers where they are ordered, and without regard to case.
fn holds(operator: &Operator<'_>, name: &str, text: &str) -> bool {
    let is = |wanted: &str| text.eq_ignore_ascii_case(wanted);
    let rank = |text: &str| match name {
        "sslmode" => effective::sslmode_rank(text).map(|rank| rank as f64),
        _ => text.parse::<f64>().ok(),
    };
    let listed = |wanted: &str| text.split(',').any(|item| item.trim().eq_ignore_ascii_case(wanted));
    match operator {
        Operator::MustBe(wanted) => is(wanted),
        Operator::MustNotBe(wanted) => !is(wanted),
        Operator::OneOf(wanted) => wanted.iter().any(is),
        Operator::NoneOf(wanted) => !wanted.iter().any(is),
        // What cannot be ranked is another rule's business.
        Operator::AtLeast(floor) => rank(text).zip(rank(floor)).is_none_or(|(text, floor)| text >= floor),
        Operator::AtMost(ceiling) => rank(text).zip(rank(ceiling)).is_none_or(|(text, ceiling)| text <= ceiling),
        Operator::Matches(pattern) => regex::Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(text)),
        Operator::Includes(wanted) => wanted.iter().all(listed),
        Operator::Excludes(wanted) => !wanted.iter().any(listed),
        Operator::MustBeSet => !text.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use crate::discover::Input;
    use crate::model::{self, Options};
    use crate::rule::{Check, Looked, Registry, Selection, Words, id};

    use super::*;

    /// The messages that a check gives on a text.
    fn run(name: &str, text: &str, looked: Looked, operator: Operator<'static>, when_unset: bool) -> Vec<String> {
        let check = Declarative {
            looked,
            operator,
            when_unset,
            when: None,
            message: "{name} is {value}",
            label: "",
            help: None,
            set: None,
        };
        let input = Input { path: name.into(), kind: crate::discover::by_name(name), named: true };
        let mut loaded = crate::load::of_text(input, text.as_bytes().to_vec());
        let cluster = model::build(&mut loaded, &Options::default());
        let selection = Selection::all(&Registry::default());
        let cx = Context::new(&cluster, &loaded.sources);
        let mut out = Sink::new(&selection);
        crate::rule::declarative::check(id::FSYNC_OFF, &check, &cx, &mut out);
        assert!(matches!(id::FSYNC_OFF.meta().check, Check::Declarative(_)));
        out.into_findings().into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn fields_of_rows() {
        let text = "local all all peer\nhost a,b all 10.0.0.0/8 md5\nhostssl c \"d\" all cert map=m\n";
        let hba = |field, operator, when_unset| run("pg_hba.conf", text, Looked::Hba(field), operator, when_unset);
        assert_eq!(hba("method", Operator::NoneOf(Words::Fixed(&["md5", "trust"])), false), ["method is md5"]);
        assert_eq!(hba("database", Operator::OneOf(Words::Fixed(&["all", "a", "c"])), false), ["database is b"]);
        assert_eq!(hba("user", Operator::MustBe("all"), false), ["user is d"]);
        assert_eq!(hba("type", Operator::MustNotBe("host"), false), ["type is host"]);
        assert_eq!(hba("option:map", Operator::MustBe("n"), false), ["option:map is m"]);
        assert_eq!(hba("option:map", Operator::MustBeSet, true).len(), 2);
    }

    #[test]
    fn keywords_of_connection_strings() {
        let check = |text: &str, operator, when_unset| {
            let text = format!("primary_conninfo = '{text}'\n");
            run("postgresql.conf", &text, Looked::Conninfo("sslmode"), operator, when_unset)
        };
        assert_eq!(check("host=a sslmode=prefer", Operator::AtLeast("require"), false), ["sslmode is prefer"]);
        assert_eq!(check("host=a sslmode=verify-full", Operator::AtLeast("require"), false), [""; 0]);
        assert_eq!(check("host=a", Operator::AtLeast("require"), true), ["sslmode is prefer"]);
        assert_eq!(check("host=a", Operator::AtLeast("require"), false), [""; 0]);
        assert_eq!(check("host=a sslmode={{ mode }}", Operator::AtLeast("require"), true), [""; 0]);
    }

    #[test]
    fn options_of_sql() {
        let text = "CREATE SUBSCRIPTION s CONNECTION 'host=a' PUBLICATION p WITH (binary, copy_data = false);\n";
        let check = |option, operator, when_unset| run("a.sql", text, Looked::SqlOption(option), operator, when_unset);
        assert_eq!(check("subscription.copy_data", Operator::MustBe("true"), false), ["copy_data is false"]);
        assert_eq!(check("subscription.binary", Operator::MustNotBe("true"), false), ["binary is true"]);
        assert_eq!(check("subscription.origin", Operator::MustBe("none"), true), ["origin is "]);
        assert_eq!(check("subscription.origin", Operator::MustBe("none"), false), [""; 0]);
        assert_eq!(check("publication.publish", Operator::MustBeSet, true), [""; 0]);
    }
}
