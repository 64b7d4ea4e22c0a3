//! What the two programs read, and that the crate reads the same where it can.

use super::*;

fn show(dialect: Dialect, text: &str) -> Vec<String> {
    let file = IniFile::parse(dialect, FileId(0), text.as_bytes());
    let item = |item: &Item| match &item.kind {
        ItemKind::Section(name) => format!("[{}]", name.lossy()),
        ItemKind::Entry { key, value, trailing_blanks } => {
            assert_eq!(value.bytes, text.as_bytes()[value.span.range()]);
            format!("{}={}{}", key.lossy(), value.lossy(), if *trailing_blanks { "$" } else { "" })
        }
        ItemKind::Include(path) => format!("%{}", path.lossy()),
        ItemKind::Ldap(url) => format!("ldap {}", url.lossy()),
        ItemKind::Broken(error, span) => format!("{error:?} {:?}", &text[span.range()]),
        other => format!("{other:?}"),
    };
    file.items.iter().map(item).filter(|item| item != "Blank").collect()
}

/// Tried with `PGSERVICEFILE` on the libraries of 10 to 18.
#[test]
fn reads_service_files_as_libpq_does() {
    for (text, expected) in [
        ("[s]\ndbname=d\n", &["[s]", "dbname=d"][..]),
        (" [s]\n\tdbname=d\n", &["[s]", "dbname=d"]),
        ("[s]\ndbname = d\n", &["[s]", "dbname = d"]),
        ("[s]\ndbname= d \n", &["[s]", "dbname= d$"]),
        ("[s]\n;c\n", &["[s]", "MissingEquals \";c\""]),
        ("[s]\ndbname=d # c\n", &["[s]", "dbname=d # c"]),
        ("[s]\ndbname='d'\n", &["[s]", "dbname='d'"]),
        ("[s]\ndbname=a\\nb\n", &["[s]", "dbname=a\\nb"]),
        ("[s]\r\ndbname=d\r\n", &["[s]", "dbname=d"]),
        ("[s]x\ndbname=d", &["[s]", "dbname=d"]),
        ("[s]]\n", &["[s]"]),
        ("[ s ]\n", &["[ s ]"]),
        ("[]\n", &["[]"]),
        ("[s\n", &["UnclosedSection \"[s\""]),
        ("  # c\n", &["Comment"]),
        ("[s]\ndbname\n", &["[s]", "MissingEquals \"dbname\""]),
        ("[s]\npassword=a=b\n", &["[s]", "password=a=b"]),
        ("[s]\n=x\n", &["[s]", "=x"]),
        ("[s]\nldap://h/x?y=z\n", &["[s]", "ldap ldap://h/x?y=z"]),
        ("[s]\ndbname=d\0user\nuser=u\n", &["[s]", "dbname=d", "user=u"]),
        ("\u{feff}[s]\n", &["MissingEquals \"\\u{feff}[s]\""]),
        (
            "{% for s in x %}\n[{{ s }}]\nhost={{ a = b }}\n{{ more }}\n",
            &["Template", "[{{ s }}]", "host={{ a = b }}", "Template"],
        ),
    ] {
        assert_eq!(show(Dialect::Service, text), expected, "{text:?}");
    }
}

#[test]
fn lines_of_service_files_have_a_limit() {
    for (length, line_feed, majors) in [
        (254, true, Majors::until(13)),
        (253, true, Majors::NONE),
        (254, false, Majors::NONE),
        (255, false, Majors::until(13)),
        (1021, true, Majors::until(13)),
        (1022, true, Majors::ALL),
        (2000, true, Majors::ALL),
    ] {
        let text = format!("dbname={}{}", "a".repeat(length - 7), if line_feed { "\n" } else { "" });
        let file = IniFile::parse(Dialect::Service, FileId(0), text.as_bytes());
        assert_eq!(file.items[0].too_long, majors, "{length}");
    }
}

/// Tried on PgBouncer 1.18.
#[test]
fn reads_pgbouncer_ini_as_pgbouncer_does() {
    for (text, expected) in [
        ("[databases]\na = host=h port=1 \n", &["[databases]", "a=host=h port=1"][..]),
        ("[pgbouncer] auth_type=any\n", &["[pgbouncer]", "auth_type=any"]),
        ("; c\n # d\n", &["Comment", "Comment"]),
        ("a=b ; c\n", &["a=b ; c"]),
        ("a.b-c_* = x\n", &["a.b-c_*=x"]),
        ("\"a b\" = x\n", &["MissingEquals \"\\\"a b\\\" = x\""]),
        ("a b = x\n", &["MissingEquals \"a b = x\""]),
        ("aé = x\n", &["MissingEquals \"aé = x\""]),
        ("a=\nb=c\n", &["a=", "b=c"]),
        ("%include /etc/x.ini \n", &["%/etc/x.ini"]),
        ("%includex = 1\n", &["MissingEquals \"%includex = 1\""]),
        ("[pgbouncer\nx=1\n", &["UnclosedSection \"[pgbouncer\"", "x=1"]),
        ("= x\n", &["=x"]),
        ("auth_query = SELECT a FROM b($1)\r\n", &["auth_query=SELECT a FROM b($1)"]),
        ("\u{feff}[pgbouncer]\n", &["MissingEquals \"\\u{feff}[pgbouncer]\""]),
        (
            "{% if a == b %}\n{{ name }} = host={{ h }}\nx = <%= y %>\n{{ all }}\n",
            &["Template", "{{ name }}=host={{ h }}", "x=<%= y %>", "Template"],
        ),
    ] {
        assert_eq!(show(Dialect::PgBouncer, text), expected, "{text:?}");
    }
}

#[test]
fn what_others_read() {
    for (value, common) in [
        ("'d'", Some("d")),
        ("\"d\"", Some("d")),
        ("a\\tb", Some("a\tb")),
        ("d", None),
        ("", None),
        ("it", None),
        ("\"d", None),
    ] {
        assert_eq!(common_reading(value.as_bytes()).as_deref(), common, "{value}");
    }
}

/// A section's name, and its keys and values.
type Section = (Option<String>, Vec<(String, String)>);

/// Sections, keys and values of the line index.
fn index(file: &IniFile) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for item in &file.items {
        match &item.kind {
            ItemKind::Section(name) => sections.push((Some(name.lossy().into_owned()), Vec::new())),
            ItemKind::Entry { key, value, .. } => {
                if sections.is_empty() {
                    sections.push((None, Vec::new()));
                }
                let pair = (key.lossy().into_owned(), value.lossy().into_owned());
                sections.last_mut().unwrap().1.push(pair);
            }
            _ => {}
        }
    }
    sections
}

/// Those of the crate. It lists sections of one name together, so both sides are sorted by name, stably.
fn by_crate(read: &ini::Ini) -> Vec<Section> {
    let pairs = |properties: &ini::Properties| {
        properties.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    };
    read.iter().map(|(name, properties)| (name.map(str::to_owned), pairs(properties))).collect()
}

fn agree(dialect: Dialect, text: &str) -> Result<(), String> {
    let file = IniFile::parse(dialect, FileId(0), text.as_bytes());
    let Some(read) = file.properties(text.as_bytes()) else { return Err(format!("the crate cannot read {text:?}")) };
    let (mut ours, mut theirs) = (index(&file), by_crate(&read));
    theirs.retain(|(name, pairs)| name.is_some() || !pairs.is_empty());
    ours.sort_by(|left, right| left.0.cmp(&right.0));
    theirs.sort_by(|left, right| left.0.cmp(&right.0));
    if ours == theirs { Ok(()) } else { Err(format!("{text:?}: {ours:?} and {theirs:?}")) }
}

proptest::proptest! {
    #[test]
    fn the_crate_and_the_line_index_agree(
        service: bool,
        lines in proptest::collection::vec((0u8..7, "[a-z_]{1,3}", "([a-zA-Z0-9'\"/#;%$@.,{}()=:<>-]([ a-zA-Z0-9'\"/#;%$@.,{}()=:<>\\-]{0,8}[a-zA-Z0-9'\"/#;%$@.,{}()=:<>-])?)?"), 0..12),
    ) {
        let dialect = if service { Dialect::Service } else { Dialect::PgBouncer };
        let line = |(kind, key, value): &(u8, String, String)| match kind {
            0 => format!("[{key}]\n"),
            1 => format!("# {value}\n"),
            2 => "\n".to_owned(),
            3 if !service => format!("%include {value}\n"),
            4 if !service => format!("  {key} = {value}\r\n"),
            _ => format!("{key}={value}\n"),
        };
        let text: String = lines.iter().map(line).collect();
        proptest::prop_assert_eq!(agree(dialect, &text), Ok(()));
    }
}
