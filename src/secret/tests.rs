use super::*;
use crate::discover::Kind;

fn one(bytes: &[u8], secrets: &[Range<usize>]) -> (SourceMap, FileId) {
    let mut sources = SourceMap::default();
    let file = sources.add("a.conf".into(), Kind::PostgresqlConf, bytes.to_vec()).unwrap();
    for secret in secrets {
        sources.mark_secret(Span::new(file, secret.start, secret.end));
    }
    (sources, file)
}

fn shown(bytes: &[u8], secrets: &[Range<usize>]) -> String {
    let (sources, file) = one(bytes, secrets);
    Redactor::new(&sources).show(Span::new(file, 0, bytes.len())).text().to_owned()
}

#[test]
fn a_secret_is_four_stars_and_keeps_its_line_breaks() {
    for (bytes, secret, want) in [
        (&b"a = 'x'"[..], 5..6, "a = '****'"),
        (b"ab\ncd\r\n\nef", 1..9, "a****\n****\r\n\n****f"),
        (b"ab", 0..2, "****"),
        (b"\n", 0..1, "\n"),
    ] {
        assert_eq!(shown(bytes, std::slice::from_ref(&secret)), want);
    }
}

#[test]
fn marked_and_found_secrets_are_hidden() {
    assert_eq!(
        shown(b"a = 'hunter2' # was password=hunter1, see postgres://u:hunter3@h\n", std::slice::from_ref(&(5..12))),
        "a = '****' # was password=**** see postgres://u:****@h\n"
    );
}

#[test]
fn a_span_within_a_secret_shows_no_part_of_it() {
    let (sources, file) = one(b"abcdefgh", std::slice::from_ref(&(2..6)));
    let redactor = Redactor::new(&sources);
    assert_eq!(redactor.show(Span::new(file, 3, 5)).text(), MASK);
    assert_eq!(redactor.show(Span::new(file, 0, 4)).text(), "ab****");
    assert_eq!(redactor.show(Span::new(file, 5, 8)).text(), "****gh");
    assert_eq!(redactor.show(Span::new(file, 8, 8)).text(), "");
}

#[test]
fn nothing_drives_the_terminal() {
    assert_eq!(
        shown("a\x1b[31m\r\nb\rc\u{9b}d\u{202e}e\x07\t\x7f".as_bytes(), &[]),
        "a␛[31m\r\nb␍c\u{fffd}d\u{fffd}e␇\t␡"
    );
    assert_eq!(shown(b"\xffa\xe2\x82", &[]), "\u{fffd}a\u{fffd}\u{fffd}");
    assert_eq!(printable("a\n\x1b]0;x\x07"), "a␊␛]0;x␇");
}

#[test]
fn offsets_within_a_secret_move_to_its_ends() {
    let (sources, file) = one("é = 'hunter2' x\x1b".as_bytes(), std::slice::from_ref(&(6..13)));
    let shown = Redactor::new(&sources).show(Span::new(file, 0, 17));
    assert_eq!(shown.text(), "é = '****' x␛");
    for (bytes, want) in [
        (0..2, "é"),
        (1..2, "é"),
        (5..14, "'****'"),
        (6..13, "****"),
        (8..10, "****"),
        (3..9, "= '****"),
        (9..14, "****'"),
        (14..17, " x␛"),
        (9..9, ""),
        (17..17, ""),
    ] {
        assert_eq!(&shown.text()[shown.range(bytes.clone())], want, "{bytes:?}");
    }
}

#[test]
fn messages_lose_secrets_in_any_spelling() {
    let bytes = br#"it''s %41bcd 'quoted' a\'b\\c pw on postgres"#;
    let (sources, _) = one(bytes, &[0..5, 6..12, 13..21, 22..29, 30..32, 33..35, 36..44]);
    let redactor = Redactor::new(&sources);
    for (text, want) in [
        ("`it's` and it''s", "`****` and ****"),
        ("value Abcd or %41bcd", "value **** or ****"),
        ("`quoted` 'quoted'", "`****` ****"),
        (r"a'b\c", "****"),
        ("set `pw`, not pwx", "set `****`, not pwx"),
        ("turn it on, it is `on`", "turn it on, it is `****`"),
        ("role `postgres`", "role `postgres`"),
        ("`password=zzz` \x1b", "`password=****` ␛"),
        ("nothing", "nothing"),
    ] {
        assert_eq!(redactor.text(text), want);
    }
    assert_eq!(redactor.hide("a\nquoted\n"), "a\n****\n");
    assert_eq!(hide_patterns("password=é x=1"), "password=**** x=1");
}

#[test]
fn the_way_back_from_shown_text() {
    let text = "a = 'x'\n# h\u{7}é password=geheim z\n\u{7}";
    let mut sources = SourceMap::default();
    let file = sources.add("postgresql.conf".into(), Kind::PostgresqlConf, text.as_bytes().to_vec()).unwrap();
    let shown = Masks::new(&sources).show(&sources, Span::new(file, 0, text.len()));
    assert_eq!(shown.text(), "a = 'x'\n# h\u{2407}é password=**** z\n\u{2407}");
    let back = |part: &str| {
        let at = shown.text().find(part).unwrap();
        let range = shown.source(at..at + part.len()).unwrap();
        &text[range.start as usize..range.end as usize]
    };
    for (part, bytes) in [
        ("'x'", "'x'"),
        ("é", "é"),
        ("\u{2407}é pass", "\u{7}é pass"),
        ("****", "geheim"),
        ("**** z", "geheim z"),
        ("*** z", "geheim z"),
        ("d=*", "d=geheim"),
    ] {
        assert_eq!(back(part), bytes, "{part}");
    }
    let end = shown.text().len();
    assert_eq!(shown.source(end..end), Some(text.len() as u32..text.len() as u32));
    assert_eq!(shown.source(0..0), Some(0..0));
    assert_eq!(shown.source(0..end + 1), None);
    let inside = shown.text().find('é').unwrap() + 1;
    assert_eq!(shown.source(inside..inside), None, "within a character");
    #[expect(clippy::reversed_empty_ranges, reason = "a plugin may ask for it")]
    let reversed = shown.source(3..2);
    assert_eq!(reversed, None);
}
