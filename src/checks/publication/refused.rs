//! What CREATE PUBLICATION and ALTER PUBLICATION say that some major refuses.

use crate::catalog::nearest;
use crate::catalog::sql_options::{self, Reason};
use crate::checks::sql_option;
use crate::checks::subscription::refused::Judged;
use crate::finding::{Finding, Label, Safety, Subject};
use crate::model::sql::verdict::{alter_publication, create_publication};
use crate::model::sql::{AlterPublication, OptionItem, PublicationAction, What};
use crate::rule::id::{
    PUBLICATION_ALTER_ALL_TABLES, PUBLICATION_OBJECTS, PUBLICATION_OPTION, PUBLICATION_OPTION_REPEATED,
    PUBLICATION_OPTION_VALUE, PUBLICATION_SYNTAX_MAJORS,
};
use crate::rule::{Context, Sink};
use crate::source::Span;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (site, statement) in cx.cluster.statements() {
        let (name, refusals) = match &statement.what {
            What::CreatePublication(create) => (&create.name, create_publication(create)),
            What::AlterPublication(alter) => {
                let lists = matches!(
                    alter.action,
                    PublicationAction::Add(_) | PublicationAction::Set(_) | PublicationAction::Drop(_)
                );
                let known = cx.cluster.objects.publications.get(&alter.name.text).filter(|_| !alter.name.dynamic);
                let all = known.filter(|known| known.created.len() == 1).and_then(|known| known.all_tables);
                if let (true, Some((_, span))) = (lists, all) {
                    let message = format!(
                        "publication `{}` is made `FOR ALL TABLES`, so its list of tables cannot be changed",
                        cx.name(alter.name.span)
                    );
                    let label = Label::new(statement.span, "the server refuses the statement");
                    let subject = Subject::Publication(alter.name.text.clone());
                    out.push(
                        Finding::new(PUBLICATION_ALTER_ALL_TABLES, subject, site.majors, label, message)
                            .related(span, "made for all tables here")
                            .help("drop the publication and make it again with a list of tables"),
                    );
                }
                (&alter.name, alter_publication(alter))
            }
            _ => continue,
        };
        for judged in Judged::of(site, refusals) {
            let (rule, help) = match judged.reason {
                Reason::Syntax => (PUBLICATION_SYNTAX_MAJORS, "run the statement on 15 and later only"),
                Reason::UnknownOption => {
                    (PUBLICATION_OPTION, "see the options of `CREATE PUBLICATION` of the server's major")
                }
                Reason::BadValue => (PUBLICATION_OPTION_VALUE, "give a value that the option takes"),
                Reason::Duplicate => (PUBLICATION_OPTION_REPEATED, "keep one of the two"),
                _ => (PUBLICATION_OBJECTS, "name each table and column once, in one way"),
            };
            let label = Label::new(judged.span, "the server refuses the statement");
            let subject = Subject::Publication(name.text.clone());
            let finding = Finding::new(rule, subject, judged.majors, label, judged.message).help(help);
            let options = match &statement.what {
                What::CreatePublication(create) => create.options.as_slice(),
                What::AlterPublication(AlterPublication { action: PublicationAction::Options(options), .. }) => options,
                _ => &[],
            };
            let finding = match judged.reason {
                Reason::BadValue => published(options, judged.span, finding),
                reason => sql_option::mend(cx, finding, (judged.span, reason), options),
            };
            let names = sql_options::PUBLICATION.map(|option| option.name);
            out.push(sql_option::nearest_option(cx, finding, judged.span, judged.reason, &names));
        }
    }
}

/// The operations that `publish` can name.
const OPERATIONS: [&str; 4] = ["insert", "update", "delete", "truncate"];

/// The finding on the value of `publish`, with the operations that were meant.
fn published(options: &[OptionItem], span: Span, finding: Finding) -> Finding {
    let item = options.iter().find(|item| item.span == span && item.name.text == "publish");
    let Some(value) = item.and_then(|item| item.value.as_ref()).filter(|value| !value.is_dynamic()) else {
        return finding;
    };
    let text = value.text();
    let words = text.split(',').map(|word| word.trim().to_ascii_lowercase()).collect::<Vec<_>>();
    let meant = words.iter().map(|word| nearest(word, OPERATIONS)).collect::<Option<Vec<_>>>();
    // An operation that a major does not have is spelt right.
    match meant.filter(|meant| *meant != words) {
        Some(meant) => {
            let list = meant.join(", ");
            finding.fix(format!("write `{list}`"), Safety::Unsafe, vec![(value.span, format!("'{list}'"))])
        }
        None => finding,
    }
}
