//! Lists of libraries to preload.

use pgassay_plugin::list;
use pgassay_plugin::types::{Definition, Fix, Model};

/// The name by which policy speaks of a library: `$libdir/plugins/pgaudit.so` is `pgaudit`.
pub(crate) fn library(path: &str) -> String {
    let file = path.rsplit('/').next().unwrap_or_default();
    file.strip_suffix(".so").unwrap_or(file).to_ascii_lowercase()
}

/// Whether the list of a setting is known, and does not have the library.
pub(crate) fn lacks(line: &Definition, name: &str) -> bool {
    !line.dynamic && list::paths(&line.text).is_some_and(|items| items.iter().all(|item| library(item) != name))
}

/// An edit of a list, where a person may make it: postgresql.auto.conf is ALTER SYSTEM's.
pub(crate) fn edit(model: &Model, line: &Definition, title: String, items: &[String]) -> Option<Fix> {
    let edited = model.file(line.file).is_some_and(|file| file.kind != "postgresql.auto.conf");
    edited.then(|| Fix::risky(title).edit(line.value_place, list::quoted(&list::joined(items))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_go_by_their_names() {
        let lacks = |text: &str| lacks(&Definition { text: text.into(), ..Definition::default() }, "pgaudit");
        assert!(lacks("") && lacks("pg_cron, auto_explain") && lacks("pgauditlogtofile"));
        assert!(!lacks("pg_cron, $libdir/pgaudit.so") && !lacks("\"pgaudit\""));
        // The server refuses the list; that is for another rule to say.
        assert!(!lacks("pg_cron,,auto_explain"));
    }
}
