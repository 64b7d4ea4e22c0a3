use super::*;

const FILE: FileId = FileId(0);

/// Every line as its fields, tokens joined with `|`, fields with blanks; errors as `!`.
fn lex(text: &[u8], major: u8) -> Vec<String> {
    let file = parse(FILE, text, Majors::only(major));
    let fields = |line: &Line| {
        file.fields(line)
            .iter()
            .map(|field| file.tokens(field).iter().map(|token| token.lossy()).collect::<Vec<_>>().join("|"))
            .collect::<Vec<_>>()
            .join(" ")
    };
    file.lines().iter().map(|line| fields(line) + if line.error.is_some() { "!" } else { "" }).collect()
}

#[test]
fn commas_quotes_and_comments() {
    for (text, lines) in [
        ("a b\tc\r\n", vec!["a b c"]),
        ("a,b c", vec!["a|b c"]),
        ("a, b c", vec!["a|b c"]),
        ("a ,b c", vec!["a b c"]),
        ("a,,b", vec!["a|b"]),
        (",a, b,", vec!["a|b"]),
        ("a\"b c\"d e", vec!["ab cd e"]),
        ("\"a\"\"b\"", vec!["a\"b"]),
        ("\"a b\nc", vec!["a b", "c"]),
        ("a#b\n# c\n\n", vec!["a", "", ""]),
        ("\"a#b\"#c", vec!["a#b"]),
        ("'a b'", vec!["'a b'"]),
        ("a\u{c}b", vec!["a\u{c}b"]),
    ] {
        assert_eq!(lex(text.as_bytes(), 18), lines, "{text:?}");
    }
}

#[test]
fn spans_hold_quotes_and_comments() {
    let text = b"  host a,\"b c\" # why\r\n";
    let file = parse(FILE, text, Majors::ALL);
    let line = &file.lines()[0];
    let [_, field] = file.fields(line) else { panic!() };
    let spans = file.tokens(field).iter().map(|token| &text[token.span.range()]).collect::<Vec<_>>();
    assert_eq!(spans, [&b"a"[..], b"\"b c\""]);
    assert_eq!(&text[field.span.range()], b"a,\"b c\"");
    assert_eq!(&text[line.comment.unwrap().range()], b"# why");
    assert_eq!(file.content(line), b"  host a,\"b c\" ");
    assert!(file.tokens(field).iter().all(|token| matches!(token.text, Cow::Borrowed(_))));
    assert_eq!(file.tokens(field).iter().map(|token| token.quoted).collect::<Vec<_>>(), [false, true]);
}

#[test]
fn backslashes_join_lines_from_14_on() {
    let text = b"a \\\nb\nc\\\\\n\nd\\ \ne\\\r\nf\\";
    assert_eq!(lex(text, 13), ["a \\", "b", "c\\\\", "", "d\\", "e\\", "f\\"]);
    assert_eq!(lex(text, 14), ["a b", "c\\", "d\\", "ef"]);
    let file = parse(FILE, text, Majors::since(14));
    assert_eq!(file.lines().iter().map(|line| line.number).collect::<Vec<_>>(), [1, 3, 5, 6]);
    let token = &file.line_tokens(&file.lines()[3])[0];
    assert_eq!(&text[token.span.range()], b"e\\\r\nf");
}

#[test]
fn a_nul_ends_the_line_or_hides_its_end() {
    let text = b"a b\0 c\nd\n";
    assert_eq!(lex(text, 13), ["a b", "d"]);
    assert_eq!(lex(text, 14), ["a bd"]);
}

#[test]
fn long_words_and_lines() {
    let word = |length: usize| [b"x ".to_vec(), vec![b'w'; length], b" y\n".to_vec()].concat();
    for (length, majors) in [(255, Majors::NONE), (256, Majors::only(10)), (10240, Majors::until(15))] {
        for major in Majors::ALL.iter() {
            let file = parse(FILE, &word(length), Majors::only(major)).lines[0].error.is_some();
            assert_eq!(file, majors.contains(major), "{length} on {major}");
        }
    }
    let comment = |length: usize| [b"a #".to_vec(), vec![b'c'; length - 3], b"\nb\n".to_vec()].concat();
    for (length, majors) in [(8189, Majors::NONE), (8190, Majors::only(10)), (20478, Majors::until(13))] {
        for major in Majors::ALL.iter() {
            let file = parse(FILE, &comment(length), Majors::only(major)).lines[0].error.is_some();
            assert_eq!(file, majors.contains(major), "{length} on {major}");
        }
    }
}

#[test]
fn dialects_split_only_where_majors_differ() {
    let groups = |text: &[u8]| dialects(text, Majors::ALL);
    assert_eq!(groups(b"local all all trust # \\ here\n"), [Majors::ALL]);
    assert_eq!(groups(b"a \\\nb"), [Majors::until(13), Majors::since(14)]);
    assert_eq!(groups(b"a\0b"), [Majors::until(13), Majors::since(14)]);
    assert_eq!(groups(&[b"# ".to_vec(), vec![b'c'; 400]].concat()), [Majors::ALL]);
    assert_eq!(groups(&[b'w'; 400]), [Majors::only(10), Majors::since(11)]);
    assert_eq!(groups(&[b'w'; 11000]), [Majors::only(10), Majors::range(11, 15), Majors::since(16)]);
    assert_eq!(dialects(b"a \\\nb", Majors::since(16)), [Majors::since(16)]);
    assert_eq!(dialects(&[b'w'; 400], Majors::only(10) | Majors::only(17)), [Majors::only(10), Majors::only(17)]);
    assert_eq!(dialects(b"", Majors::NONE), []);
}

#[test]
fn references_to_other_files() {
    let text = b"include a.conf\n\"include_dir\" \"b d\"\ninclude a b\nInclude x\ninclude_if_exists c,d\nlocal @x,\"@y\",@\"z w\",@ all\n";
    let file = parse(FILE, text, Majors::ALL);
    let shown = file.includes().map(|include| (include.kind, include.name)).collect::<Vec<_>>();
    assert_eq!(
        shown,
        [
            (IncludeKind::Include, &b"a.conf"[..]),
            (IncludeKind::IncludeDir, b"b d"),
            (IncludeKind::IncludeIfExists, b"c"),
        ]
    );
    assert_eq!(file.name_lists().map(|list| list.name).collect::<Vec<_>>(), [&b"x"[..], b"z w"]);
}
