//! Files of other languages: what is taken out of them, and the whole way to the reports.

use super::pipeline::run;
use super::{FILE, choice};
use crate::discover::{Host, Kind};
use crate::extract;
use crate::source::SourceMap;

#[rustfmt::skip]
pub(super) const WORDS: &[&str] = &[
    "\n", "\n  ", "\n    ", " ", "\"", "'", "`", "\"\"\"", "'''", "\\", "\\n", "\\u00e9", "${x}", "#{x}", "{x}", "{{ x }}",
    "{% if x %}", "$x", "$(x)", "%s", " + ", "(", ")", "[", "]", "{", "}", ":", ": ", "- ", ": |\n  ", ": >-\n  ", "=", " = ",
    ",", ";", "<<EOF\n", "<<-'SQL'\n", "EOF\n", "```sql\n", "```\n", "    ", "# ", "// ", "execute(", "psql -c ",
    "cat > postgresql.conf ", "postgres -c fsync=off", "image: postgres:16\n", "command: ", "POSTGRES_PASSWORD",
    "PGPASSWORD=\x01 ", "postgres://u:\x01@h/d?sslmode=disable", "CREATE ROLE r PASSWORD '\x01';",
    "CREATE SUBSCRIPTION s CONNECTION 'host=h password=\x01' PUBLICATION p", "host all all 0.0.0.0/0 trust\n",
    "wal_level = logical\n", "# pgassay: ignore[fsync-off]\n", "resource \"postgresql_role\" \"r\" {\n",
    "use Ecto.Migration\n", "services:\n", "\r\n", "\t", "é", "\u{1f600}", "\0",
];

/// Every byte of a fragment leads to bytes of its host, between characters where it has some, and the findings are told
/// as those of any file.
pub fn host(bytes: &[u8]) {
    let (first, text) = choice(bytes);
    let hosts = Host::all().collect::<Vec<_>>();
    let host = hosts[first % hosts.len()];
    let whole = std::str::from_utf8(text).ok();
    let mut sources = SourceMap::default();
    let Some(_) = sources.add("a/file".into(), Kind::Host(host), text.to_vec()) else { return };
    for fragment in extract::extract(host, FILE, "a/file".into(), text) {
        let mut at = 0;
        for (part, span) in fragment.text.parts() {
            assert!(text.get(span.range()).is_some(), "{host:?} leaves the file: {span:?}");
            let cut = whole.is_some_and(|whole| whole.get(span.range()).is_none());
            assert!(!cut, "{host:?} cuts a character: {span:?}");
            at += part.len();
        }
        assert_eq!(at, fragment.text.text().len(), "the parts are the text");
    }
    run(Kind::Host(host), text);
}
