use super::*;
use crate::source::FileId;
use crate::syntax::auth_file::parse;

const TOP: FileId = FileId(0);

fn judge(text: &str) -> IdentFile {
    let file = parse(TOP, text.as_bytes(), Majors::ALL);
    let read = read(&file, Majors::ALL, 0, &|_| NameList::Missing);
    IdentFile { rows: read.rows, refusals: read.refusals, undecided: read.undecided }
}

#[test]
fn a_row_says_what_each_word_is() {
    let text = "m \"/^(.*)@x$\" u_\\1 more words\n";
    let read = judge(text);
    let [row] = &read.rows[..] else { panic!("{read:?}") };
    let at = |span: Span| &text[span.range()];
    assert_eq!((at(row.span), row.majors), ("m \"/^(.*)@x$\" u_\\1", Majors::ALL));
    assert_eq!(row.system_user, SystemUser::Regex { pattern: "^(.*)@x$".to_owned(), groups: 1 });
    assert!(row.database_user.refers_back);
    assert_eq!(row.ignored.map(at), Some("more words"));
    assert!(!judge("m sys \\1\n").rows[0].database_user.refers_back);
}

#[test]
fn the_database_user_is_more_than_a_name_from_16_on() {
    for (word, kind) in [
        ("pg", DatabaseUserKind::Name),
        ("all", DatabaseUserKind::All),
        ("\"all\"", DatabaseUserKind::Name),
        ("+r", DatabaseUserKind::Member("r".to_owned())),
        ("\"+r\"", DatabaseUserKind::Name),
        ("\"/^a\"", DatabaseUserKind::Regex("^a".to_owned())),
    ] {
        assert_eq!(judge(&format!("m s {word}\n")).rows[0].database_user.kind, kind, "{word}");
    }
    let bad = judge("m s /(\n");
    assert_eq!((bad.refusals[0].majors, bad.rows[0].majors), (Majors::since(16), Majors::until(15)));
}

#[test]
fn refusals_by_line() {
    for (text, majors, message) in [
        ("m\n", Majors::ALL, "the line ends before the system user"),
        ("m s\n", Majors::ALL, "the line ends before the database user"),
        ("m a,b c\n", Majors::ALL, "the line has more than one system user"),
        ("m,n a b\n", Majors::ALL, "the line has more than one map"),
        ("m /( b\n", Majors::ALL, "`(` is not a regular expression: parentheses () not balanced"),
        ("m /[\\W] b\n", Majors::until(13), "`[\\W]` is not a regular expression: invalid escape \\ sequence"),
        ("include x\n", Majors::until(15), "the line ends before the database user"),
        ("include_dir \" \"\n", Majors::since(16), "`include_dir` names no folder"),
        ("m @x b\n", Majors::ALL, "the file `x` does not exist"),
    ] {
        let read = judge(text);
        let found = read.refusals.iter().find(|refusal| refusal.majors == majors);
        assert_eq!(found.map(Refusal::message).as_deref(), Some(message), "{text}: {:?}", read.refusals);
    }
    let empty = judge("# nothing\n");
    assert!(empty.refusals.is_empty() && empty.rows.is_empty());
    assert_eq!(judge("m {{ user }} b\n").undecided.len(), 1);
}
