//! Lines and columns of every format, counted by hand: characters for people and in JSON, UTF-16 units in SARIF, whose
//! lines end with a line feed or with a carriage return before it (`newlineSequences` of section 3.14.15).

use super::*;

/// What is in a file, a span in it, and where it starts and ends: line, column, column in UTF-16 units.
type Row = (&'static str, &'static [u8], [usize; 2], [u64; 3], [u64; 3]);

const ROWS: &[Row] = &[
    ("a tab is one column", b"a\tb = 1\n", [2, 3], [1, 3, 3], [1, 4, 4]),
    ("two bytes", "é = 'ü'\n".as_bytes(), [6, 8], [1, 6, 6], [1, 7, 7]),
    ("three bytes", "# €\n€x".as_bytes(), [9, 10], [2, 2, 2], [2, 3, 3]),
    ("a mark on a letter is a character", "e\u{301}x".as_bytes(), [3, 4], [1, 3, 3], [1, 4, 4]),
    ("an emoji is two units", "😀x😀\n".as_bytes(), [4, 9], [1, 2, 3], [1, 4, 6]),
    ("joined emoji", "👨\u{200d}👩x".as_bytes(), [11, 12], [1, 4, 6], [1, 5, 7]),
    ("after CRLF", b"a\r\nb\r\n", [3, 4], [2, 1, 1], [2, 2, 2]),
    ("with its CRLF", b"a\r\nb\r\n", [3, 6], [2, 1, 1], [3, 1, 1]),
    ("a lone CR ends no line", b"a\rb\nc", [2, 3], [1, 3, 3], [1, 4, 4]),
    ("after a lone CR", b"a\rb\nc", [4, 5], [2, 1, 1], [2, 2, 2]),
    ("no final line feed", b"a\nbc", [2, 4], [2, 1, 1], [2, 3, 3]),
    ("nothing at the end, no line feed", b"a\nbc", [4, 4], [2, 3, 3], [2, 3, 3]),
    ("nothing after the last line feed", b"a\n", [2, 2], [2, 1, 1], [2, 1, 1]),
    ("nothing in between", "éb".as_bytes(), [2, 2], [1, 2, 2], [1, 2, 2]),
    ("over lines", "a😀\n\n😀b".as_bytes(), [1, 11], [1, 2, 2], [3, 2, 3]),
    ("a byte order mark is no column", b"\xef\xbb\xbfab\n", [4, 5], [1, 2, 2], [1, 3, 3]),
    ("the first after a byte order mark", b"\xef\xbb\xbfab\n", [3, 4], [1, 1, 1], [1, 2, 2]),
    ("no byte order mark further on", "a\u{feff}b".as_bytes(), [4, 5], [1, 3, 3], [1, 4, 4]),
    ("bytes that are not UTF-8", b"\xff\xfea", [2, 3], [1, 3, 3], [1, 4, 4]),
    ("a character cut short", b"\xe2\x82a", [2, 3], [1, 3, 3], [1, 4, 4]),
    ("half of a surrogate pair in UTF-8", b"\xed\xa0\x80a", [3, 4], [1, 4, 4], [1, 5, 5]),
    ("a NUL", b"a\0b", [2, 3], [1, 3, 3], [1, 4, 4]),
    ("an empty file", b"", [0, 0], [1, 1, 1], [1, 1, 1]),
];

#[test]
fn columns_are_those_of_the_table() {
    for &(what, bytes, [from, to], start, end) in ROWS {
        let mut case = Case::default();
        let file = case.file("x.conf", bytes);
        case.add(setting("x", Label::new(Span::new(file, from, to), "here"), "m"));
        let read =
            |format| -> serde_json::Value { serde_json::from_str(&case.written(format, &Style::default())).unwrap() };
        let json = &read(Format::Json)["findings"][0];
        for (name, offset, [line, column, _]) in [("start", from, start), ("end", to, end)] {
            let expected = serde_json::json!({ "line": line, "column": column, "offset": offset });
            assert_eq!(json[name], expected, "{what}, {name}");
        }
        let run = &read(Format::Sarif)["runs"][0];
        assert_eq!(run["columnKind"], "utf16CodeUnits");
        let region = &run["results"][0]["locations"][0]["physicalLocation"]["region"];
        let found = ["startLine", "startColumn", "endLine", "endColumn"].map(|name| region[name].as_u64().unwrap());
        assert_eq!(found, [start[0], start[2], end[0], end[2]], "{what}");
        let place = format!("x.conf:{}:{}", start[0], start[1]);
        let concise = case.written(Format::Concise, &Style::default());
        assert_eq!(concise, format!("{place}: error[fsync-off]: m\n"), "{what}");
        let text = case.written(Format::Text, &Style::default());
        let absent = from + to == 0;
        assert!(text.contains(&format!("[{place}]")) || absent && text.contains("in x.conf"), "{what}: {text}");
    }
}
