//! Lists that are set as one string.

use crate::catalog::settings;
use crate::finding::{Finding, Label, Safety, Severity, Subject};
use crate::model::objects::Site;
use crate::model::sql::SettingChange;
use crate::rule::id::{SQL_LIST_QUOTED, SQL_SEARCH_PATH_QUOTED};
use crate::rule::{Context, Sink};

/// `SET search_path = 'a, b'` names one schema that is called `a, b`.
pub(super) fn path(cx: &Context<'_>, out: &mut Sink<'_>, site: &Site, change: &SettingChange) {
    let ([value], Some("search_path")) = (change.values.as_slice(), change.name.as_deref()) else { return };
    if value.dynamic || !value.text.contains(',') {
        return;
    }
    let message = format!("`search_path` is set to one schema called {}", cx.show(value.span).replace('\'', "`"));
    let label = Label::new(value.span, "one string is one name, commas and all");
    let subject = Subject::Setting("search_path".to_owned());
    let found = Finding::new(SQL_SEARCH_PATH_QUOTED, subject, site.majors, label, message)
        .help("write the schemas without the quotes around the list: `SET search_path = a, b`");
    let plain = |item: &str| {
        let name = item.strip_prefix('"').and_then(|item| item.strip_suffix('"')).unwrap_or(item);
        let bare = item.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        !name.is_empty() && !name.contains(['"', '\'', '\\']) && (bare || name.len() < item.len())
    };
    let items = value.text.split(',').map(str::trim).collect::<Vec<_>>();
    let is_string = cx.sources.bytes(value.span).starts_with(b"'");
    out.push(if is_string && items.iter().all(|item| plain(item)) {
        let list = items.join(", ");
        found.fix("remove the quotes around the list", Safety::Unsafe, vec![(value.span, list)])
    } else {
        found
    });
}

/// Of a list of libraries or the like one string is one item, as of `search_path`; what then fails depends on the list.
pub(super) fn list(cx: &Context<'_>, out: &mut Sink<'_>, site: &Site, change: &SettingChange) {
    let ([value], Some(name)) = (change.values.as_slice(), change.name.as_deref()) else { return };
    let Some(setting) = settings::setting(name).filter(|setting| setting.name != "search_path") else { return };
    let majors = site.majors & setting.quoted_list();
    // Before 14 the socket folders were split at commas.
    if value.dynamic || !value.text.contains(',') || majors.is_empty() || !(site.known || majors == site.majors) {
        return;
    }
    let what = match setting.name {
        "shared_preload_libraries" => "one library, and the server does not start",
        "session_preload_libraries" | "local_preload_libraries" => "one library, and nobody can log in",
        "unix_socket_directories" => "one folder, and the server does not start",
        "temp_tablespaces" => "one tablespace",
        _ => "one library",
    };
    let message = format!("`{}` is set to one string with commas: {what}", setting.name);
    let label = Label::new(value.span, "one string is one item, commas and all");
    let found = Finding::new(SQL_LIST_QUOTED, Subject::Setting(setting.name.to_owned()), majors, label, message)
        .help(format!("quote each item by itself, or none: `{} = a, b`", setting.name));
    let items = value.text.split(',').map(str::trim).collect::<Vec<_>>();
    let plain = |item: &&str| !item.is_empty() && !item.contains(['"', '\'', '\\']);
    let found = if cx.sources.bytes(value.span).starts_with(b"'") && items.iter().all(plain) {
        let list = items.iter().map(|item| format!("'{item}'")).collect::<Vec<_>>().join(", ");
        found.fix("quote each item by itself", Safety::Unsafe, vec![(value.span, list)])
    } else {
        found
    };
    // A tablespace that is not there is passed over; the default one is used.
    out.push(if setting.name == "temp_tablespaces" { found.severity(Severity::Warning) } else { found });
}
