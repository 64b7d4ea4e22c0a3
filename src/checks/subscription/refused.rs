//! What CREATE SUBSCRIPTION and ALTER SUBSCRIPTION say that some major refuses.

use std::collections::HashMap;

use crate::catalog::Majors;
use crate::catalog::sql_options::{self, Reason, Refusal};
use crate::checks::sql_option;
use crate::finding::{Finding, Label, Subject};
use crate::model::objects::Site;
use crate::model::sql::verdict::{alter_subscription, create_subscription};
use crate::model::sql::{SlotFunction, What};
use crate::rule::id::{
    REPLICATION_SLOT_NAME, SUBSCRIPTION_COMMAND_MAJORS, SUBSCRIPTION_DUPLICATE_PUBLICATION, SUBSCRIPTION_OPTION,
    SUBSCRIPTION_OPTION_CONFLICT, SUBSCRIPTION_OPTION_VALUE, SUBSCRIPTION_SLOT_NAME,
};
use crate::rule::{Context, Sink};
use crate::source::Span;

/// A refusal that is to be reported.
pub(crate) struct Judged {
    pub(crate) reason: Reason,
    pub(crate) span: Span,
    pub(crate) majors: Majors,
    pub(crate) message: String,
}

impl Judged {
    /// The refusals that hold on the majors of a place, those on one place for one reason as one. Where nothing says
    /// which majors these are, a statement is for those that know its options.
    pub(crate) fn of(site: &Site, refusals: Vec<Refusal>) -> Vec<Self> {
        let mut majors = site.majors;
        let mut refusals = refusals;
        if !site.known {
            let lacking = |refusals: &[Refusal], syntax: bool| {
                let of = refusals
                    .iter()
                    .filter(|refusal| !syntax || matches!(refusal.reason, Reason::Syntax | Reason::UnknownOption));
                of.fold(Majors::NONE, |set, refusal| set | refusal.majors)
            };
            // What every major refuses says nothing of the major that is meant.
            let (always, some): (Vec<Refusal>, Vec<Refusal>) =
                refusals.into_iter().partition(|refusal| refusal.majors.covers(site.majors));
            let knows = majors - lacking(&some, true);
            if !knows.is_empty() {
                majors = knows;
            }
            let evident = !(site.majors - lacking(&some, false)).is_empty();
            refusals = always;
            refusals.extend(some.into_iter().filter(|_| !evident));
        }
        let mut judged: Vec<Self> = Vec::new();
        let mut known = HashMap::new();
        for refusal in refusals {
            let on = refusal.majors & majors;
            if on.is_empty() {
                continue;
            }
            let index = *known.entry((refusal.span, refusal.reason)).or_insert(judged.len());
            match judged.get_mut(index) {
                Some(known) => {
                    if on.last() > known.majors.last() {
                        known.message = refusal.message;
                    }
                    known.majors = known.majors | on;
                }
                None => {
                    let Refusal { span, reason, message, .. } = refusal;
                    judged.push(Self { reason, span, majors: on, message });
                }
            }
        }
        judged
    }
}

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (site, statement) in cx.cluster.statements() {
        let (name, options, refusals) = match &statement.what {
            What::CreateSubscription(create) => (&create.name, &create.options, create_subscription(create)),
            What::AlterSubscription(alter) => (&alter.name, &alter.options, alter_subscription(alter)),
            What::Slot(call) => {
                slot(cx, out, site, call);
                continue;
            }
            _ => continue,
        };
        for judged in Judged::of(site, refusals) {
            let (rule, help) = match judged.reason {
                Reason::Syntax => {
                    (SUBSCRIPTION_COMMAND_MAJORS, "run the statement on majors that have it, or use `SET PUBLICATION`")
                }
                Reason::UnknownOption => (SUBSCRIPTION_OPTION, "see the options of the command on the server's major"),
                Reason::BadValue => (SUBSCRIPTION_OPTION_VALUE, "give a value that the option takes"),
                Reason::SlotName => {
                    (SUBSCRIPTION_SLOT_NAME, "use lower-case letters, digits and `_`, at most 63 of them")
                }
                Reason::DuplicatePublication => (SUBSCRIPTION_DUPLICATE_PUBLICATION, "name each publication once"),
                Reason::Duplicate | Reason::Conflict | Reason::Objects => {
                    (SUBSCRIPTION_OPTION_CONFLICT, "decide for one of the two")
                }
            };
            let label = Label::new(judged.span, "the server refuses the statement");
            let subject = Subject::Subscription(name.text.clone());
            let finding = Finding::new(rule, subject, judged.majors, label, judged.message).help(help);
            let finding = sql_option::mend(cx, finding, (judged.span, judged.reason), options);
            let names = sql_options::SUBSCRIPTION.map(|option| option.name);
            out.push(sql_option::nearest_option(cx, finding, judged.span, judged.reason, &names));
        }
    }
}

fn slot(cx: &Context<'_>, out: &mut Sink<'_>, site: &Site, call: &crate::model::sql::SlotCall) {
    if call.function == SlotFunction::Drop {
        return;
    }
    let Some(text) = call.slot().filter(|text| !text.is_dynamic()) else { return };
    // The argument is of type name, which cuts it to 63 bytes first.
    let name = text.text().bytes().take(63).collect::<Vec<_>>();
    let Some(fault) = sql_options::slot_name_fault(&String::from_utf8_lossy(&name)) else { return };
    let message = format!("replication slot name `{}` {fault}", cx.show(text.span).trim_matches('\''));
    let label = Label::new(text.span, "the server refuses the call");
    let subject = Subject::Object(format!("slot/{}", text.text()));
    out.push(
        Finding::new(REPLICATION_SLOT_NAME, subject, site.majors, label, message)
            .help("use lower-case letters, digits and `_` only"),
    );
}
