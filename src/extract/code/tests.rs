use camino::Utf8Path;
use proptest::prelude::*;

use crate::discover::{Host, Kind};
use crate::extract::{Fragment, extract};
use crate::source::FileId;

fn fragments(host: Host, program: &[u8]) -> Vec<Fragment> {
    extract(host, FileId(0), Utf8Path::new("program"), program)
}

fn texts(host: Host, program: &str) -> Vec<String> {
    let shown = |fragment: Fragment| String::from_utf8_lossy(fragment.text.text()).into_owned();
    fragments(host, program.as_bytes()).into_iter().map(shown).collect()
}

/// A rich program of each language.
const PROGRAMS: &[(Host, &[&str])] = &[
    (
        Host::Elixir,
        &[
            include_str!("../../../fixtures/hosts/elixir/migration/files/20240301_add_subscription.exs"),
            include_str!("../../../fixtures/hosts/elixir/escapes/files/escapes.exs"),
        ],
    ),
    (
        Host::Ruby,
        &[
            include_str!("../../../fixtures/hosts/ruby/heredocs/files/roles.rb"),
            include_str!("../../../fixtures/hosts/ruby/connect/files/connect.rb"),
            include_str!("../../../fixtures/hosts/ruby/escapes/files/escapes.rb"),
        ],
    ),
    (
        Host::Python,
        &[
            include_str!("../../../fixtures/hosts/python/pieces/files/pieces.py"),
            include_str!("../../../fixtures/hosts/python/connect/files/connect.py"),
            include_str!("../../../fixtures/hosts/python/escapes/files/escapes.py"),
        ],
    ),
    (
        Host::JavaScript,
        &[
            include_str!("../../../fixtures/hosts/javascript/joined/files/joined.js"),
            include_str!("../../../fixtures/hosts/javascript/escapes/files/escapes.js"),
        ],
    ),
    (Host::TypeScript, &[include_str!("../../../fixtures/hosts/typescript/array/files/replicate.ts")]),
    (Host::Tsx, &[include_str!("../../../fixtures/hosts/typescript/tsx/files/app.tsx")]),
    (
        Host::Go,
        &[
            include_str!("../../../fixtures/hosts/go/sprintf/files/sub.go"),
            include_str!("../../../fixtures/hosts/go/escapes/files/escapes.go"),
            include_str!("../../../fixtures/hosts/go/builder/files/builder.go"),
        ],
    ),
    (
        Host::Rust,
        &[
            include_str!("../../../fixtures/hosts/rust/format/files/sub.rs"),
            include_str!("../../../fixtures/hosts/rust/escapes/files/escapes.rs"),
        ],
    ),
    (
        Host::Java,
        &[
            include_str!("../../../fixtures/hosts/java/text-block/files/Setup.java"),
            include_str!("../../../fixtures/hosts/java/concatenated/files/Concat.java"),
        ],
    ),
    (
        Host::Kotlin,
        &[
            include_str!("../../../fixtures/hosts/kotlin/templates/files/Setup.kt"),
            include_str!("../../../fixtures/hosts/kotlin/margin/files/Margin.kt"),
        ],
    ),
    (
        Host::CSharp,
        &[
            include_str!("../../../fixtures/hosts/csharp/interpolated/files/Interpolated.cs"),
            include_str!("../../../fixtures/hosts/csharp/raw/files/Raw.cs"),
        ],
    ),
    (
        Host::Php,
        &[
            include_str!("../../../fixtures/hosts/php/strings/files/strings.php"),
            include_str!("../../../fixtures/hosts/php/pdo/files/pdo.php"),
        ],
    ),
];

/// Each escape form in a password, what the program sees, and the bytes of the form.
#[test]
fn escapes_are_decoded_and_lead_back() {
    for (host, program, decoded) in [
        (Host::Elixir, r#"q("CREATE ROLE a PASSWORD '\u00e9'")"#, "é"),
        (Host::Elixir, r#"q("CREATE ROLE a PASSWORD '\u{1F511}'")"#, "🔑"),
        (Host::Elixir, r#"q("CREATE ROLE a PASSWORD '\x41'")"#, "A"),
        (Host::Elixir, r#"q("CREATE ROLE a PASSWORD '\s'")"#, " "),
        (Host::Ruby, r#"q("CREATE ROLE a PASSWORD '\101'")"#, "A"),
        (Host::Ruby, r#"q("CREATE ROLE a PASSWORD '\x41'")"#, "A"),
        (Host::Ruby, r#"q("CREATE ROLE a PASSWORD '\q'")"#, "q"),
        (Host::Python, r#"q("CREATE ROLE a PASSWORD '\N'")"#, r"\N"),
        (Host::Python, r#"q("CREATE ROLE a PASSWORD '\U0001f511'")"#, "🔑"),
        (Host::Python, r#"q("CREATE ROLE a PASSWORD '\t'")"#, "\t"),
        (Host::JavaScript, r#"q("CREATE ROLE a PASSWORD '\u{41}'")"#, "A"),
        (Host::JavaScript, r#"q("CREATE ROLE a PASSWORD '\q'")"#, "q"),
        (Host::Go, "package p\nvar a = q(\"CREATE ROLE a PASSWORD '\\101'\")", "A"),
        (Host::Go, "package p\nvar a = q(\"CREATE ROLE a PASSWORD '\\a'\")", "\u{7}"),
        (Host::Rust, r#"fn f() { q("CREATE ROLE a PASSWORD '\u{e9}'"); }"#, "é"),
        (Host::Rust, r#"fn f() { q(format!("CREATE ROLE a PASSWORD '{{'")); }"#, "{"),
        (Host::Java, r#"class A { String a = q("CREATE ROLE a PASSWORD '\7'"); }"#, "\u{7}"),
        (Host::Java, r#"class A { String a = q(String.format("CREATE ROLE a PASSWORD '%%'")); }"#, "%"),
        (Host::Kotlin, r#"val a = q("CREATE ROLE a PASSWORD '\$'")"#, "$"),
        (Host::CSharp, r#"class A { string a = Q("CREATE ROLE a PASSWORD '\x41'"); }"#, "A"),
        (Host::CSharp, r#"class A { string a = Q(@"CREATE ROLE a PASSWORD '""'"); }"#, "\""),
        (Host::CSharp, r#"class A { string a = Q($"CREATE ROLE a PASSWORD '{{'"); }"#, "{"),
        (Host::Php, r#"<?php q("CREATE ROLE a PASSWORD '\x41'");"#, "A"),
        (Host::Php, r#"<?php q("CREATE ROLE a PASSWORD '\u{41}'");"#, "A"),
        (Host::Php, r#"<?php q("CREATE ROLE a PASSWORD '\q'");"#, r"\q"),
    ] {
        let found = fragments(host, program.as_bytes());
        let [fragment] = found.as_slice() else { panic!("{program}: {found:?}") };
        let expected = format!("CREATE ROLE a PASSWORD '{decoded}'");
        assert_eq!(String::from_utf8_lossy(fragment.text.text()), expected, "{program}");
        let start = "CREATE ROLE a PASSWORD '".len();
        let span = fragment.text.span(start, start + decoded.len());
        let (from, to) = (program.find('\'').unwrap() + 1, program.rfind('\'').unwrap());
        assert_eq!(&program[span.range()], &program[from..to], "{program}");
    }
}

#[test]
fn line_breaks_and_their_escapes() {
    let crlf = "q(\"\"\"CREATE ROLE a\r\n  SUPERUSER\"\"\")\r\n";
    assert_eq!(texts(Host::Python, crlf), ["CREATE ROLE a\r\n  SUPERUSER"]);
    assert_eq!(texts(Host::Python, "q(\"CREATE ROLE a \\\r\nLOGIN\")"), ["CREATE ROLE a LOGIN"]);
    assert_eq!(texts(Host::Rust, "fn f() { q(\"CREATE ROLE a \\\n    LOGIN\"); }"), ["CREATE ROLE a LOGIN"]);
}

#[test]
fn what_is_added_elsewhere_is_a_hole() {
    let program = "s = \"CREATE ROLE a\"\nif x:\n    s += \" SUPERUSER\"\ns += \" LOGIN\"\n";
    assert_eq!(texts(Host::Python, program), ["CREATE ROLE a ${_} LOGIN"]);
    let again = "s = \"CREATE ROLE a\"\nq(s)\ns = \"CREATE ROLE b\"\ns += \" LOGIN\"\n";
    assert_eq!(texts(Host::Python, again), ["CREATE ROLE a", "CREATE ROLE b LOGIN"]);
}

#[test]
fn a_text_that_goes_into_another_is_no_whole_statement() {
    let program = "a = \"CREATE PUBLICATION p FOR\"\nb = a + \" ALL TABLES\"\n";
    assert_eq!(texts(Host::Python, program), ["CREATE PUBLICATION p FOR ${_}"]);
}

#[test]
fn connection_strings_are_told_from_others() {
    for (text, expected) in [
        ("host=a dbname=b", Some("host=a dbname=b")),
        ("host=a port=1", None),
        ("host=a dbname=b pool_max_conns=4", Some("host=a dbname=b ${_}")),
        ("host=%s dbname=%s", Some("host=${_} dbname=${_}")),
        ("dbname=a and user=b", None),
        ("Host=a;Database=b;SSL Mode=Disable;sslmode=x", None),
        ("postgres://%s:%d/x?sslmode=disable", Some("postgres://${_}:${_}/x?sslmode=disable")),
        ("postgres://u:p%d0@h/x", Some("postgres://u:p%d0@h/x")),
        ("postgres://h/x?schema=public&sslmode=prefer", Some("postgres://h/x?${_}&sslmode=prefer")),
        ("postgres://h/x?sslmode=no-verify", Some("postgres://h/x?${_}")),
        ("postgres://<user>:<pw>@h/x", None),
        ("postgres://", None),
        ("see postgres://h/x", None),
        ("postgresql+asyncpg://u:p@h/x", None),
    ] {
        let found = fragments(Host::Python, format!("q(\"{text}\")  # postgres").as_bytes());
        let found = found.iter().map(|fragment| (fragment.kind, String::from_utf8_lossy(fragment.text.text())));
        let found = found.collect::<Vec<_>>();
        let expected = expected.map(|text| (Kind::Conninfo, text.into())).into_iter().collect::<Vec<_>>();
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn templates_of_blade_are_scripts_with_holes() {
    let text = "#!/bin/sh\npsql -c \"CREATE ROLE {!! $name !!} PASSWORD '{{ $pw }}'\"\n{{-- note --}}\n{{ open";
    let literal =
        crate::syntax::literal::Literal::plain(crate::source::Span::new(FileId(0), 0, text.len()), text.as_bytes());
    let script = super::php::filled_in(&literal);
    let expected = "#!/bin/sh\npsql -c \"CREATE ROLE ${_} PASSWORD '${_}'\"\n${_}\n{{ open";
    assert_eq!(String::from_utf8_lossy(script.text()), expected);
}

/// Deep and long programs end neither the stack nor the day.
#[test]
fn deep_nesting_is_bounded() {
    let many = |part: &str| part.repeat(20_000);
    for (host, program) in [
        (Host::Python, format!("x = {}postgres{}", many("("), many(")"))),
        (Host::Python, format!("x = {}1 # postgres", many("1 + "))),
        (Host::Python, format!("x = {}'' # postgres", many("'CREATE ROLE a' + "))),
        (Host::Python, format!("x = {} # postgres", many("f'{'"))),
        (Host::JavaScript, format!("x = postgres{}", many(".concat('a')"))),
        (Host::JavaScript, format!("x = {} // postgres", many("`${"))),
        (Host::Ruby, format!("x = {} # postgres", many("<<A + "))),
        (Host::Elixir, format!("x = {}1 # postgres", many("1 <> "))),
        (Host::Java, format!("class A {{ int x = {}1; }} // postgres", many("f("))),
        (Host::Php, format!("<?php $x = {}1; // postgres", many("'a' . "))),
        (Host::Python, format!("f({}) # postgres", many("'CREATE ROLE a', "))),
        (Host::Java, format!("class A {{ Object x = f(){}; }} // postgres", many(".append(1)"))),
    ] {
        let _ = fragments(host, program.as_bytes());
    }
}

fn check_places(host: Host, program: &[u8]) {
    let whole = std::str::from_utf8(program).ok();
    for fragment in fragments(host, program) {
        let text = fragment.text.text();
        let decoded = std::str::from_utf8(text).ok();
        for at in 0..text.len() {
            let span = fragment.text.span(at, at + 1);
            assert!(span.end as usize <= program.len(), "{span:?} lies outside");
            if let (Some(whole), Some(decoded)) = (whole, decoded)
                && decoded.is_char_boundary(at)
            {
                assert!(whole.is_char_boundary(span.start as usize), "{span:?} is within a character");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..300), host in 0..PROGRAMS.len()) {
        let program = [b"postgres ".as_slice(), &bytes].concat();
        check_places(PROGRAMS[host].0, &program);
    }

    #[test]
    fn changed_programs_are_read(
        host in 0..PROGRAMS.len(),
        which in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        length in 0_usize..40,
        new in "[\"'`{}$#%\\\\\\n(é🔑a]{0,6}",
    ) {
        let (host, programs) = PROGRAMS[host];
        let program = which.get(programs).as_bytes();
        let at = at.index(program.len());
        let end = (at + length).min(program.len());
        check_places(host, &[&program[..at], new.as_bytes(), &program[end..], b"\n# postgres\n"].concat());
    }
}
