use proptest::prelude::*;

use super::*;
use crate::source::FileId;
use crate::syntax::auth_file::{dialects, parse};

const TOP: FileId = FileId(0);

fn judge(text: &str, context: &HbaContext<'_>) -> HbaFile {
    let file = parse(TOP, text.as_bytes(), Majors::ALL);
    let read = read(&file, Majors::ALL, 0, context, &|_| NameList::Missing);
    HbaFile { empty: read.empty, rows: read.rows, refusals: read.refusals, undecided: read.undecided }
}

/// The refusals of one line as (majors, message, the bytes at fault).
fn refusals(text: &str) -> Vec<(Majors, String, String)> {
    refusals_with(text, &HbaContext::default())
}

fn refusals_with(text: &str, context: &HbaContext<'_>) -> Vec<(Majors, String, String)> {
    let read = judge(text, context);
    read.refusals
        .iter()
        .map(|refusal| (refusal.majors, refusal.message(), text[refusal.span.range()].to_owned()))
        .collect()
}

fn only_row(text: &str) -> HbaRow {
    let mut read = judge(text, &HbaContext::default());
    assert_eq!(read.rows.len(), 1, "{text}: {:?}", read.refusals);
    read.rows.remove(0)
}

#[test]
fn a_row_says_where_each_part_stands() {
    let text = "hostssl a,\"b c\" +staff,/^u 10.0.0.0 255.0.255.0 md5 clientcert=verify-full # x\n";
    let row = only_row(text);
    let at = |span: Span| &text[span.range()];
    assert_eq!(row.majors, Majors::ALL);
    assert_eq!(at(row.span), text.trim_end_matches(" # x\n"));
    assert_eq!(at(row.conn_type_span), "hostssl");
    assert_eq!(row.databases.iter().map(|item| at(item.span)).collect::<Vec<_>>(), ["a", "\"b c\""]);
    assert_eq!(row.users[0].kind, UserKind::Member("staff".to_owned()));
    assert_eq!(row.users[1].kind, UserKind::Regex("^u".to_owned()));
    let address = row.address.as_ref().unwrap();
    assert_eq!(at(address.span), "10.0.0.0 255.0.255.0");
    let AddressKind::Net { prefix, mask_span, .. } = address.kind else { panic!() };
    assert_eq!((prefix, mask_span.map(at)), (None, Some("255.0.255.0")));
    assert_eq!((row.method, at(row.method_span)), (Method::Md5, "md5"));
    assert_eq!((at(row.options[0].name_span), at(row.options[0].value_span)), ("clientcert", "verify-full"));
    assert_eq!((row.client_cert_on(11), row.client_cert_on(12)), (ClientCert::Off, ClientCert::VerifyFull));
}

#[test]
fn meanings_that_majors_share() {
    assert_eq!(only_row("local all all ident\n").method, Method::Peer);
    assert_eq!(only_row("local all all ident\n").method_written, Method::Ident);
    assert_eq!(only_row("local \"all\" all trust\n").databases[0].kind, DbKind::Name("all".to_owned()));
    assert_eq!(only_row("local samegroup all trust\n").databases[0].kind, DbKind::SameRole);
    assert!(only_row("local all,replication all trust\n").is_replication());
    assert!(!only_row("local \"replication\" all trust\n").is_replication());
    assert_eq!(only_row("hostssl all all all cert\n").client_cert_on(18), ClientCert::VerifyFull);
    let row = only_row("local all all peer map=a map=b\n");
    assert_eq!(row.option("map").map(|option| option.value.as_str()), Some("b"));
    let bind = only_row("host all all all ldap ldapserver=l ldapbasedn=x ldapbindpasswd=s\n");
    assert!(bind.option("ldapbindpasswd").unwrap().info.secret);
}

#[test]
fn each_major_has_its_own_first_reason() {
    let old = "`hostgssenc` is not a connection type".to_owned();
    let regex = "`(` is not a regular expression: parentheses () not balanced".to_owned();
    let method = "`nope` is not an authentication method".to_owned();
    assert_eq!(
        refusals("hostgssenc /( all all nope\n"),
        [
            (Majors::until(11), old, "hostgssenc".to_owned()),
            (Majors::since(16), regex, "/(".to_owned()),
            (Majors::range(12, 15), method, "nope".to_owned()),
        ]
    );
    let row = only_row("hostgssenc all all all md5\n");
    assert_eq!(row.majors, Majors::since(12));
}

#[test]
fn what_is_missing_is_told_at_the_end() {
    let read = judge("host all all # c\n", &HbaContext::default());
    assert_eq!(read.refusals[0].reason, Reason::NoAddress);
    assert_eq!(read.refusals[0].span, Span::new(TOP, 12, 12));
}

#[test]
fn other_files_decide_only_if_they_are_known() {
    let off = HbaContext { ssl: Some(false), ..HbaContext::default() };
    let row = only_row("hostssl all all all md5\n");
    assert!(off.never_matches(&row) && !HbaContext::default().never_matches(&row));
    assert!(!off.never_matches(&only_row("host all all all md5\n")));
    let context = |namespace, libraries| HbaContext {
        db_user_namespace: namespace,
        oauth_validator_libraries: libraries,
        ..HbaContext::default()
    };
    let md5 = "local all all md5\n";
    assert_eq!(refusals(md5), []);
    assert_eq!(refusals_with(md5, &context(Some(true), None))[0].0, Majors::until(16));
    let oauth = |options: &str, libraries| {
        let text = format!("host all all all oauth issuer=i scope=s {options}\n");
        let found = refusals_with(&text, &context(None, libraries));
        found.into_iter().find(|(majors, ..)| majors.contains(18)).map(|(_, message, _)| message)
    };
    assert_eq!(oauth("", None), None);
    assert!(oauth("", Some("")).is_some_and(|message| message.contains("to be set")));
    assert_eq!(oauth("", Some("v1")), None);
    assert!(oauth("", Some("v1, v2")).is_some_and(|message| message.contains("several")));
    assert_eq!(oauth("validator=v2", Some("v1, v2")), None);
    assert_eq!(oauth("\"validator=v,2\"", Some("v1, \"v,2\"")), None);
    assert!(oauth("validator=v3", Some("v1")).is_some_and(|message| message.contains("does not name `v3`")));
    assert!(oauth("map=m delegate_ident_mapping=1", None).is_some_and(|message| message.contains("`map`")));
    assert_eq!(oauth("map=m delegate_ident_mapping=1 delegate_ident_mapping=0", None), None);
}

#[test]
fn templates_are_not_judged() {
    let text = "{% for h in hosts %}\nhost all all {{ h }}/32 md5\n{% endfor %}\nlocal all all {{ a\n }} nope\nlocal all all trust\n";
    let read = judge(text, &HbaContext::default());
    assert_eq!(read.refusals, []);
    assert_eq!((read.undecided.len(), read.rows.len()), (5, 1));
}

#[test]
fn lists_stand_for_their_words() {
    let names = b"a, b # c\n@nested\n";
    let nested = b"\"all\"\n";
    let text = b"local x,@names,y all trust\nlocal @gone all trust\nlocal @later all trust\n";
    let names = parse(FileId(1), names, Majors::ALL);
    let nested = parse(FileId(2), nested, Majors::ALL);
    let top = parse(TOP, text, Majors::ALL);
    let resolve = |list: &AtFileRef<'_>| match (list.name, list.span.file) {
        (b"names", TOP) => NameList::Found(&names),
        (b"nested", FileId(1)) => NameList::Found(&nested),
        (b"later", _) => NameList::Unknown,
        _ => NameList::Missing,
    };
    let read = read(&top, Majors::ALL, 0, &HbaContext::default(), &resolve);
    let kinds = read.rows[0].databases.iter().map(|item| item.kind.clone()).collect::<Vec<_>>();
    assert_eq!(kinds, ["x", "a", "b", "all", "y"].map(|name| DbKind::Name(name.to_owned())));
    assert_eq!(read.rows[0].databases[3].span.file, FileId(2));
    assert_eq!(read.rows[0].span, Span::new(TOP, 0, 26));
    assert_eq!(read.refusals.len(), 1);
    assert_eq!(read.refusals[0].reason, Reason::ListMissing { name: "gone".to_owned() });
    assert_eq!(read.undecided.len(), 1);
}

#[test]
fn lists_that_name_themselves_end() {
    let names = parse(FileId(1), b"@names @names\n", Majors::ALL);
    let top = parse(TOP, b"local @names all trust\n", Majors::ALL);
    let read = read(&top, Majors::ALL, 0, &HbaContext::default(), &|_| NameList::Found(&names));
    assert!(matches!(read.refusals[0].reason, Reason::ListTooDeep { .. }));
}

#[test]
fn lists_that_grow_with_their_depth_end() {
    let texts = (1..=9).map(|depth| format!("@{depth} ").repeat(10)).collect::<Vec<_>>();
    let mut lists = texts.iter().map(|text| parse(FileId(1), text.as_bytes(), Majors::ALL)).collect::<Vec<_>>();
    lists.push(parse(FileId(2), b"# empty\n", Majors::ALL));
    let top = parse(TOP, b"local @0 all trust\n", Majors::ALL);
    let resolve = |list: &AtFileRef<'_>| {
        let depth = std::str::from_utf8(list.name).unwrap().parse::<usize>().unwrap();
        NameList::Found(&lists[depth])
    };
    let read = read(&top, Majors::ALL, 0, &HbaContext::default(), &resolve);
    assert_eq!((read.undecided.len(), read.refusals.len(), read.rows.len()), (1, 0, 0));
}

#[test]
fn include_lines_in_lists_are_for_16_and_later() {
    let names = parse(FileId(1), b"include other.conf\n", Majors::ALL);
    let top = parse(TOP, b"local @names all trust\n", Majors::ALL);
    let read = read(&top, Majors::ALL, 0, &HbaContext::default(), &|_| NameList::Found(&names));
    assert_eq!(read.rows[0].majors, Majors::until(15));
    assert_eq!(read.undecided.len(), 1);
}

#[test]
fn a_file_must_have_an_entry() {
    let start = Span::new(TOP, 0, 0);
    let blank = judge("# nothing\n\n", &HbaContext::default());
    assert_eq!(without_entries(&blank, &[], start).map(|refusal| refusal.majors), Some(Majors::ALL));
    let includes = judge("include_if_exists x\n", &HbaContext::default());
    assert_eq!(includes.empty, Majors::NONE, "before 16 it is an entry, though a bad one");
    assert_eq!(includes.refusals[0].majors, Majors::until(15));
    let full = judge("local all all trust\n", &HbaContext::default());
    assert_eq!(without_entries(&blank, &[&full], start), None);
    assert_eq!(without_entries(&judge("{{ rows }}\n", &HbaContext::default()), &[], start), None);
}

proptest! {
    #[test]
    fn any_bytes_are_judged_once_per_major(text in prop::collection::vec(prop_oneof![
        5 => prop::sample::select(vec!["host", "local", "hostssl", " all", " 10.0.0.0/8", " ::1", " /(", " md5", " cert", " radius", " ldap",
            " map=x", " clientcert=1", " ldapurl=ldap://h", " ,", "\"", "#", "\n", "\\\n", "{{", "}}", " @x", "include x", " "]).prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..5),
    ], 0..40).prop_map(|pieces| pieces.concat())) {
        for group in dialects(&text, Majors::ALL) {
            let file = parse(TOP, &text, group);
            let read = read(&file, Majors::ALL, 0, &HbaContext::default(), &|_| NameList::Missing);
            let whole = Span::new(TOP, 0, text.len());
            for line in file.lines() {
                let mut seen = Majors::NONE;
                let refused = read.refusals.iter().filter(|refusal| refusal.line == line.span);
                for (majors, span) in refused.map(|refusal| (refusal.majors, refusal.span)) {
                    prop_assert!((seen & majors).is_empty() && group.covers(majors));
                    prop_assert!(line.span.contains(span));
                    seen = seen | majors;
                }
                for row in read.rows.iter().filter(|row| row.line == line.span) {
                    prop_assert!((seen & row.majors).is_empty() && !row.majors.is_empty());
                    prop_assert!(whole.contains(row.span));
                    seen = seen | row.majors;
                }
            }
        }
    }
}
