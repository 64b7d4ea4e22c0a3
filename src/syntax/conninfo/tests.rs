//! Spans, holes and secrets; what is read and refused is tested against the libraries in the catalogue.

use super::*;
use crate::source::FileId;

fn parse(text: &str) -> Conninfo {
    Conninfo::parse(&Literal::plain(Span::new(FileId(0), 0, text.len()), text.as_bytes()))
}

fn bouncer(text: &str) -> Conninfo {
    Conninfo::parse_pgbouncer(&Literal::plain(Span::new(FileId(0), 0, text.len()), text.as_bytes()))
}

/// `keyword=value` of every setting, and the text that its spans cover.
fn show(text: &str, conninfo: &Conninfo) -> Vec<String> {
    let at = |span: Span| &text[span.range()];
    let param = |param: &Param| {
        let dynamic = if param.value.dynamic { "~" } else { "" };
        let loses = if param.winner { "" } else { " (loses)" };
        let value = String::from_utf8_lossy(param.value.bytes());
        format!("{}={dynamic}{value} [{}|{}]{loses}", param.keyword.name, at(param.keyword.span), at(param.value.span))
    };
    conninfo.params.iter().map(param).collect()
}

#[test]
fn spans_of_pairs() {
    let text = r"host = a  port= '54\32' user=a\ b host=c";
    assert_eq!(
        show(text, &parse(text)),
        ["host=a [host|a] (loses)", r"port=5432 [port|54\32]", r"user=a b [user|a\ b]", "host=c [host|c]"]
    );
    let span = parse(text).params[1].span;
    assert_eq!(&text[span.range()], r"port= '54\32'");
}

#[test]
fn spans_of_a_uri() {
    let text = "postgresql://u:p%40@h:1,[::1]:2/d?sslmode=require&ssl=true";
    assert_eq!(
        show(text, &parse(text)),
        [
            "user=u [u|u]",
            "password=p@ [p%40|p%40]",
            "host=h,::1 [h:1,[::1|h:1,[::1]",
            "port=1,2 [1,[::1]:2|1,[::1]:2]",
            "dbname=d [d|d]",
            "sslmode=require [sslmode|require] (loses)",
            "sslmode=require [ssl|true]",
        ]
    );
}

#[test]
fn spans_reach_through_the_outer_quotes() {
    // What stands in a file as 'password=''a b'''.
    let mut builder = Literal::builder(FileId(0)).at(1);
    builder.push(b"password=", 1, 10);
    builder.push(b"'", 10, 12);
    builder.push(b"a b", 12, 15);
    builder.push(b"'", 15, 17);
    let conninfo = Conninfo::parse(&builder.build());
    assert_eq!(conninfo.params[0].value.span, Span::new(FileId(0), 12, 15));
    assert_eq!(conninfo.params[0].span, Span::new(FileId(0), 1, 17));
}

#[test]
fn holes_are_one_piece() {
    for (text, params, open) in [
        (
            "host={{ item.host }} port=1",
            &["host=~{{ item.host }} [host|{{ item.host }}]", "port=1 [port|1]"][..],
            false,
        ),
        ("password='${PW}' host=a", &["password=~${PW} [password|${PW}]", "host=a [host|a]"], false),
        ("host=a-${X}-b port=1", &["host=~a-${X}-b [host|a-${X}-b]", "port=1 [port|1]"], false),
        ("{{ extra }} host=a", &["host=a [host|a]"], true),
        ("host=a {{ extra }}", &["host=a [host|a]"], true),
        ("{{ key }}=x host=a", &["host=a [host|a]"], true),
        (
            "{% if tls %}sslmode=require {% endif %} host=a",
            &["sslmode=require [sslmode|require]", "host=a [host|a]"],
            true,
        ),
        (
            "postgresql://{{ u }}:{{ p/w }}@h/d?{{ more }}",
            &[
                "user=~{{ u }} [{{ u }}|{{ u }}]",
                "password=~{{ p/w }} [{{ p/w }}|{{ p/w }}]",
                "host=h [h|h]",
                "dbname=d [d|d]",
            ],
            true,
        ),
        ("port=1 host={{ hosts[", &["port=1 [port|1]", "host=~{{ hosts[ [host|{{ hosts[]"], false),
        ("port=1{% if x %} user=a{% endif %}", &["port=1 [port|1]", "user=a [user|a]"], true),
        (
            "sslmode={% if x %}require{% else %}prefer{% endif %} port=1",
            &["sslmode=~requireprefer [sslmode|{% if x %}require{% else %}prefer]", "port=1 [port|1]"],
            true,
        ),
        ("sslmode={% include x %} port=1", &["sslmode=~ [sslmode|{% include x %}]", "port=1 [port|1]"], true),
    ] {
        let conninfo = parse(text);
        assert_eq!(show(text, &conninfo), params, "{text}");
        assert_eq!((conninfo.open, conninfo.errors.is_empty(), conninfo.dynamic), (open, true, false), "{text}");
    }
    for text in ["{{ dsn }}", " ${DSN} ", "<%= @dsn %>"] {
        let conninfo = parse(text);
        assert!(conninfo.dynamic && conninfo.open && conninfo.errors.is_empty(), "{text}");
    }
}

#[test]
fn marked_holes() {
    let mut builder = Literal::builder(FileId(0));
    builder.push(b"host=", 0, 5);
    builder.hole(5, 7);
    builder.push(b" password=", 7, 17);
    builder.hole(17, 22);
    let conninfo = Conninfo::parse(&builder.build());
    assert_eq!(conninfo.params.len(), 2);
    assert!(conninfo.params.iter().all(|param| param.value.dynamic));
    assert_eq!(conninfo.params[1].value.span, Span::new(FileId(0), 17, 22));
}

#[test]
fn nothing_of_a_password_shows() {
    for (text, hidden) in [
        ("host=a password=hunter2", &["hunter2"][..]),
        ("password='hunter2'", &["hunter2"]),
        ("PASSWORD=hunter2", &["hunter2"]),
        ("sslpassword=hunter2 scram_client_key=a oauth_client_secret=b passfile=/x", &["hunter2", "a", "b"]),
        ("password=hunter two host=a", &["hunter", "two host=a"]),
        ("host='a password=hunter2", &["a password=hunter2"]),
        ("postgresql://u:hunter2@h/d", &["hunter2"]),
        ("postgresql://u:hun/ter2@h/d", &["hun", "ter2@h/d", "hun/ter2"]),
        ("postgresql://u:hun@ter2@h/d", &["hun", "ter2@h", "ter2"]),
        ("postgresql://h/d?password=hunter2", &["hunter2"]),
        ("password=", &[]),
    ] {
        let conninfo = parse(text);
        let spans: Vec<&str> = conninfo.secrets().map(|span| &text[span.range()]).collect();
        for wanted in hidden {
            assert!(spans.iter().any(|span| span.contains(wanted)), "{text}: {spans:?}");
        }
        assert_eq!(spans.is_empty(), hidden.is_empty());
        let printed = format!("{conninfo:?}");
        assert!(!printed.contains("hunter") && !printed.contains("ter2"), "{printed}");
    }
}

#[test]
fn pgbouncer_reads_its_own_way() {
    for (text, params, errors) in [
        ("host=h port = 1", &["host=h [host|h]", "port=1 [port|1]"][..], &[][..]),
        ("host='h x' password='a''b'", &["host=h x [host|h x]", "password=a'b [password|a''b]"], &[]),
        ("host=h\tport=1", &["host=h\tport=1 [host|h\tport=1]"], &[]),
        (r"password=x\'y", &[r"password=x\'y [password|x\'y]"], &[]),
        ("host='h'port=1", &["host=h [host|h]", "ort=1 [ort|1]"], &[]),
        ("host=h host=i", &["host=h [host|h] (loses)", "host=i [host|i]"], &[]),
        ("password=''", &["password= [password|]"], &[ConninfoError::EmptyValue]),
        ("password=", &["password= [password|]"], &[ConninfoError::EmptyValue]),
        ("host", &[], &[ConninfoError::MissingEquals]),
        ("=h", &[], &[ConninfoError::EmptyKeyword]),
        ("host='h", &["host=h [host|h]"], &[ConninfoError::UnterminatedQuote]),
        ("postgresql://h/d", &[], &[ConninfoError::MissingEquals]),
        ("", &[], &[]),
        ("host=<%= x %> port={{ y }}", &["host=~<%= x %> [host|<%= x %>]", "port=~{{ y }} [port|{{ y }}]"], &[]),
    ] {
        let conninfo = bouncer(text);
        assert_eq!(show(text, &conninfo), params, "{text}");
        assert_eq!(conninfo.errors.iter().map(|&(_, error)| error).collect::<Vec<_>>(), errors, "{text}");
    }
}

#[test]
fn many_markers_take_linear_time() {
    let text = "{{".repeat(200_000);
    assert!(parse(&text).dynamic);
    let text = "{{}}{".repeat(200_000);
    assert!(parse(&text).open);
    let text = "a={{ x }} ".repeat(50_000);
    assert_eq!(parse(&text).params.len(), 50_000);
    let text = format!("postgresql://{}", "{{x}},".repeat(50_000));
    assert_eq!(parse(&text).params.len(), 2);
    let text = format!("postgresql:///?{}", "{{x}}&".repeat(50_000));
    assert!(parse(&text).open);
}
