//! Connection service files: what libpq cannot read in them, and sections it never reads.
//!
//! The settings of a service are connection strings like others; `checks::conninfo` has them.

use crate::catalog::Majors;
use crate::checks::conninfo::is_cluster_untold;
use crate::finding::{Finding, Label, Safety, Subject};
use crate::model::client::{Service, ServiceFile, ServiceProblem};
use crate::rule::{Context, RuleId, Sink, id};
use crate::source::Span;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (_, file) in &cx.cluster.clients.services {
        for &(span, problem) in &file.problems {
            let subject = Subject::File;
            out.push(of_problem(span, problem, subject, cx));
        }
        for service in &file.services {
            of_service(file, service, cx, out);
        }
    }
}

fn of_service(file: &ServiceFile, service: &Service, cx: &Context<'_>, out: &mut Sink<'_>) {
    let subject = || Subject::Object(format!("service {}", service.name));
    let first = service.duplicate_of.and_then(|index| file.services.get(index));
    // A template may choose one of the two.
    let first = first.filter(|first| !first.conninfo.open);
    if let Some(first) = first {
        let message = format!("the service `{}` is defined twice, and only the first section is read", service.name);
        let label = Label::new(service.span, "is never read");
        let found = Finding::new(id::SERVICE_DUPLICATE, subject(), cx.cluster.majors, label, message);
        // Nothing else in the section matters.
        return out.push(found.help("remove or rename one of the two").related(first.span, "this one counts"));
    }
    // Where no major is told, blanks that only libraries up to 12 minded are not worth telling.
    let untold = is_cluster_untold(cx);
    for &(span, problem) in &service.problems {
        if untold && problem == ServiceProblem::TrailingBlanks {
            continue;
        }
        out.push(of_problem(span, problem, subject(), cx));
    }
}

fn of_problem(span: Span, problem: ServiceProblem, subject: Subject, cx: &Context<'_>) -> Finding {
    let (rule, label, help): (RuleId, _, _) = match problem {
        ServiceProblem::Syntax(_) | ServiceProblem::TooLong(_) => {
            (id::SERVICE_SYNTAX, "libpq refuses the service", "write one `keyword=value` on each line")
        }
        ServiceProblem::Semicolon => (id::SERVICE_SYNTAX, "libpq refuses the service", "start the comment with `#`"),
        ServiceProblem::Nested => {
            (id::SERVICE_NESTED, "libpq refuses the service", "write the settings of the other service here")
        }
        ServiceProblem::Outside => (id::SERVICE_OUTSIDE_SECTION, "is never read", "put the line below a `[name]`"),
        ServiceProblem::TrailingBlanks => (id::SERVICE_TRAILING_BLANKS, "ends in blanks", "remove the blanks"),
        ServiceProblem::Ldap => (id::SERVICE_LDAP, "is asked at every connection", "write the settings into the file"),
    };
    let majors: Majors = problem.majors() & cx.cluster.majors;
    let found = Finding::new(rule, subject, majors, Label::new(span, label), problem.to_string()).help(help);
    let bytes = cx.sources.bytes(span);
    match problem {
        ServiceProblem::Semicolon if bytes.starts_with(b";") => {
            found.fix("start the comment with `#`", Safety::Safe, vec![(span.slice(0, 1), "#".to_owned())])
        }
        ServiceProblem::TrailingBlanks => {
            let value = bytes.trim_ascii_end().len();
            let rest = &cx.sources.file(span.file).bytes()[span.range().start + value..];
            let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            let start = span.range().start + value;
            let blanks = Span::new(span.file, start, start + blanks);
            found.fix("remove the blanks", Safety::Unsafe, vec![(blanks, String::new())])
        }
        _ => found,
    }
}
