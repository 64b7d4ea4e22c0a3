//! Connection strings of clients that lead to a server by its name.

use super::{Confidence, ConninfoUse, Context, Doors, Finding, Kinds, Label, Majors, Origin, Sink, Subject, Wanted};
use super::{Span, effective, id, shorten};

/// The strings of clients whose only host is a name that this server has and no other.
pub(super) fn leading_to<'a>(cx: &'a Context<'_>, member: usize) -> impl Iterator<Item = &'a ConninfoUse> {
    let members = &cx.cluster.topology.members;
    let leads = move |host: &str| {
        let mut named = members.iter().enumerate().filter(|(_, of)| of.identity.hosts.contains(host));
        named.next().is_some_and(|(index, _)| index == member) && named.next().is_none()
    };
    let clients = cx.cluster.conninfos.iter().filter(|of| {
        let client = matches!(of.origin, Origin::Client | Origin::Service { .. });
        client && !of.overridden && !of.conninfo.dynamic && of.conninfo.errors.is_empty()
    });
    clients.filter(move |of| {
        let Some(major) = of.majors.last() else { return false };
        match effective::hosts(&of.conninfo, major).as_deref() {
            Some([host]) if host.hostaddr.is_empty() && !host.is_local(major) => {
                leads(&String::from_utf8_lossy(&host.host).to_ascii_lowercase())
            }
            _ => false,
        }
    })
}

pub(super) fn judge(cx: &Context<'_>, of: &ConninfoUse, doors: &mut Doors<'_, '_>, out: &mut Sink<'_>) {
    let said = |keyword: &str| of.conninfo.get(keyword).filter(|param| !param.value.bytes().is_empty());
    let Some(param) = said("user").filter(|param| !param.value.dynamic) else { return };
    let Ok(user) = std::str::from_utf8(param.value.bytes()) else { return };
    let database = match said("dbname") {
        Some(param) if param.value.dynamic => return,
        Some(param) => String::from_utf8_lossy(param.value.bytes()).into_owned(),
        None if effective::is_open(&of.conninfo) => return,
        None => user.to_owned(),
    };
    // A string that asks for replication asks for no database, or for both.
    if of.conninfo.get("replication").is_some() {
        return;
    }
    let kinds = [Kinds::PLAIN, Kinds::TLS, Kinds::GSS];
    let Some(ways) = doors.ways(&kinds, &[Wanted::Name(&database)], user) else { return };
    let majors = ways.iter().filter(|(_, rows)| rows.is_empty()).map(|(major, _)| *major).collect::<Majors>();
    if majors.is_empty() {
        return;
    }
    let message = format!(
        "no line of pg_hba.conf lets `{}` in to database `{}`, to which the connection string leads",
        shorten(user),
        shorten(&database)
    );
    let label = Label::new(cx.sources.whole_characters(param.span), "cannot log in there");
    let subject = Subject::Conninfo(format!("{}/user", of.origin.key()));
    let finding = Finding::new(id::HBA_ROLE_LOCKED_OUT, subject, majors, label, message);
    let finding = finding.related(Span::new(doors.access.hba.file, 0, 0), "lets others in");
    out.push(finding.confidence(Confidence::Medium).help("add a line for the user and the database"));
}
