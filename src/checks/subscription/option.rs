//! Options of subscriptions that work and are a risk.

use crate::catalog::Majors;
use crate::finding::{Finding, Label, Subject};
use crate::model::objects::Site;
use crate::model::sql::{CreateSubscription, OptionItem, SubscriptionAction, What};
use crate::model::value::Value;
use crate::rule::id::{
    SUBSCRIPTION_BINARY, SUBSCRIPTION_COPY_DATA_OFF, SUBSCRIPTION_DISABLE_ON_ERROR, SUBSCRIPTION_NEVER_ENABLED,
    SUBSCRIPTION_ORIGIN, SUBSCRIPTION_PARALLEL_NO_WORKERS, SUBSCRIPTION_PASSWORD_REQUIRED_OFF,
    SUBSCRIPTION_RUN_AS_OWNER, SUBSCRIPTION_SKIP, SUBSCRIPTION_TWO_PHASE_PREPARED,
};
use crate::rule::{Context, RuleId, Sink};
use crate::source::Span;
use crate::syntax::sql::Name;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (site, statement) in cx.cluster.statements() {
        match &statement.what {
            What::CreateSubscription(create) => {
                given(cx, out, site, &create.name, &create.options);
                created(cx, out, site, create);
            }
            What::AlterSubscription(alter) => match alter.action {
                SubscriptionAction::Set => given(cx, out, site, &alter.name, &alter.options),
                SubscriptionAction::Skip => {
                    let skips = alter.options.iter().any(|item| {
                        item.name.text == "lsn" && item.value.as_ref().is_some_and(|value| value.text() != "none")
                    });
                    if skips {
                        let message =
                            format!("a transaction is skipped on subscription `{}`", cx.name(alter.name.span));
                        let label = "its changes are lost on the subscriber";
                        let help = "keep it out of scripts that run again: the position is right once only";
                        push(out, SUBSCRIPTION_SKIP, site, (&alter.name, alter.action_span), label, message, help);
                    }
                }
                _ => {}
            },
            _ => {}
        }
    }
}

fn push(
    out: &mut Sink<'_>,
    rule: RuleId,
    site: &Site,
    (name, span): (&Name, Span),
    label: &str,
    message: String,
    help: &str,
) {
    let subject = Subject::Subscription(name.text.clone());
    out.push(Finding::new(rule, subject, site.majors, Label::new(span, label), message).help(help));
}

pub(super) fn is(item: &OptionItem, wanted: bool) -> bool {
    let words: &[&str] = if wanted { &["true", "on", "1"] } else { &["false", "off", "0"] };
    match &item.value {
        None => wanted,
        Some(value) => !value.is_dynamic() && words.iter().any(|word| value.text().eq_ignore_ascii_case(word)),
    }
}

fn given(cx: &Context<'_>, out: &mut Sink<'_>, site: &Site, name: &Name, options: &[OptionItem]) {
    let shown = cx.name(name.span);
    for item in options {
        let at = (name, item.span);
        match item.name.text.as_str() {
            "password_required" if is(item, false) => {
                let message = format!("subscription `{shown}` may connect without a password");
                let label = "its owner uses whatever credentials the server itself has";
                push(
                    out,
                    SUBSCRIPTION_PASSWORD_REQUIRED_OFF,
                    site,
                    at,
                    label,
                    message,
                    "put a password file in the connection string (`passfile`), and leave `password_required` on",
                );
            }
            "run_as_owner" if is(item, true) => {
                let message = format!("subscription `{shown}` applies changes as its owner");
                let label = "triggers of the tables' owners run with the rights of the subscription's owner";
                push(
                    out,
                    SUBSCRIPTION_RUN_AS_OWNER,
                    site,
                    at,
                    label,
                    message,
                    "leave `run_as_owner` off, and grant the subscription's owner the tables' owners by `SET ROLE`",
                );
            }
            "binary" if is(item, true) => {
                let message = format!("subscription `{shown}` takes data in binary form");
                let label = "both sides must have the same column types, and 16 and later copy in binary too";
                push(
                    out,
                    SUBSCRIPTION_BINARY,
                    site,
                    at,
                    label,
                    message,
                    "leave `binary` off where publisher and subscriber may differ",
                );
            }
            "two_phase" if is(item, true) => two_phase(cx, out, site, name, item.span),
            "streaming" if item.value.as_ref().is_some_and(|value| value.text().eq_ignore_ascii_case("parallel")) => {
                parallel(cx, out, site, name, item.span);
            }
            _ => {}
        }
    }
}

/// A prepared transaction is prepared on the subscriber too, which `max_prepared_transactions = 0` does not allow.
fn two_phase(cx: &Context<'_>, out: &mut Sink<'_>, site: &Site, name: &Name, span: Span) {
    let Some(node) = site.node.filter(|_| site.inside).and_then(|index| cx.cluster.nodes.get(index)) else { return };
    let majors = node
        .settings
        .majors_where("max_prepared_transactions", site.majors & Majors::since(15), |value| *value == Value::Int(0));
    let message =
        format!("subscription `{}` has `two_phase`, and `max_prepared_transactions` is 0", cx.name(name.span));
    let label = Label::new(span, "the first prepared transaction stops the subscription");
    let mut finding =
        Finding::new(SUBSCRIPTION_TWO_PHASE_PREPARED, Subject::Subscription(name.text.clone()), majors, label, message)
            .help("set `max_prepared_transactions` to as many as may be open at once");
    if let Some(definition) = node.settings.winner("max_prepared_transactions") {
        finding = finding.related(definition.span, "none are allowed");
    }
    out.push(finding);
}

/// The value that `streaming = parallel` needs above 0: without workers it is `streaming = on` (`pa_can_start` and
/// `logicalrep_worker_launch`).
fn parallel(cx: &Context<'_>, out: &mut Sink<'_>, site: &Site, name: &Name, span: Span) {
    const LIMIT: &str = "max_parallel_apply_workers_per_subscription";
    let Some(node) = site.node.filter(|_| site.inside).and_then(|index| cx.cluster.nodes.get(index)) else { return };
    let majors = node.settings.majors_where(LIMIT, site.majors & Majors::since(16), |value| *value == Value::Int(0));
    let Some(definition) = node.settings.winner(LIMIT) else { return };
    let message = format!("subscription `{}` is to apply in parallel, and `{LIMIT}` is 0", cx.name(name.span));
    let label = Label::new(span, "large transactions are spilled to disk and applied at their end");
    let subject = Subject::Subscription(name.text.clone());
    out.push(
        Finding::new(SUBSCRIPTION_PARALLEL_NO_WORKERS, subject, majors, label, message)
            .related(definition.span, "no parallel workers")
            .help(format!("set `{LIMIT}` above 0, or use `streaming = on`")),
    );
}

fn created(cx: &Context<'_>, out: &mut Sink<'_>, site: &Site, create: &CreateSubscription) {
    if create.options.iter().any(|item| item.name.dynamic) {
        return;
    }
    let shown = cx.name(create.name.span);
    let find = |name: &str| create.options.iter().rev().find(|item| item.name.text == name);
    let name = &create.name;
    let offline = find("connect").is_some_and(|item| is(item, false));
    if let Some(item) = find("copy_data").filter(|item| is(item, false)) {
        let message = format!("subscription `{shown}` does not copy the rows that are there");
        let label = "right only where the subscriber has them already";
        push(
            out,
            SUBSCRIPTION_COPY_DATA_OFF,
            site,
            (name, item.span),
            label,
            message,
            "leave `copy_data` on unless the tables were copied at the slot's position",
        );
    }
    if !find("disable_on_error")
        .is_some_and(|item| is(item, true) || item.value.as_ref().is_some_and(crate::model::sql::Value::is_dynamic))
    {
        let message = format!("subscription `{shown}` tries again without end when a change cannot be applied");
        let label = "without `disable_on_error`";
        let newer = Site { majors: site.majors & Majors::since(15), ..*site };
        push(
            out,
            SUBSCRIPTION_DISABLE_ON_ERROR,
            &newer,
            (name, name.span),
            label,
            message,
            "add `disable_on_error = true`, and watch for subscriptions that are disabled",
        );
    }
    if find("origin").is_none() {
        let message = format!("subscription `{shown}` also takes changes that its publisher got from elsewhere");
        let newer = Site { majors: site.majors & Majors::since(16), ..*site };
        push(
            out,
            SUBSCRIPTION_ORIGIN,
            &newer,
            (name, name.span),
            "`origin` is `any` by default",
            message,
            "add `origin = none` where two servers subscribe to each other",
        );
    }
    let disabled = find("enabled").filter(|item| is(item, false)).or(find("connect").filter(|_| offline));
    let facts = cx.cluster.objects.subscriptions.get(&name.text).filter(|_| !name.dynamic);
    if let (Some(item), Some(facts)) = (disabled, facts)
        && facts.enabled.is_empty()
        && facts.dropped.is_empty()
        && !cx.cluster.objects.dynamic.subscriptions
    {
        let message = format!("subscription `{shown}` is made disabled and nothing in the tree enables it");
        let label = "no changes arrive, and its slot holds back WAL on the publisher";
        push(
            out,
            SUBSCRIPTION_NEVER_ENABLED,
            site,
            (name, item.span),
            label,
            message,
            "run `ALTER SUBSCRIPTION ... ENABLE`",
        );
    }
}
