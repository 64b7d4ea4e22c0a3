//! Secrets planted in every place a report can show must be in none of its bytes.

use clap::ValueEnum;
use proptest::prelude::*;

use super::*;

/// Where a secret can stand in a file, with its mark or without.
const PLACES: &[(&str, bool)] = &[
    ("primary_conninfo = 'host=a password=@ user=b'\n", true),
    ("primary_conninfo = 'host=a password=@ user=b'\n", false),
    ("#primary_conninfo = 'host=a password=@ broken\n", false),
    ("# the old one: postgresql://me:@@db.example.org/app\n", false),
    ("host all all all ldap ldapserver=l ldapbindpasswd=@ ldapport=1\n", false),
    ("host all all all radius radiussecrets=\"@\"\n", false),
    ("CREATE ROLE a PASSWORD '@';\n", false),
    ("ALTER ROLE a ENCRYPTED PASSWORD E'@'; -- PGPASSWORD=x\n", false),
    ("export PGPASSWORD=@\n", false),
    ("ssl_passphrase_command = 'echo @'\n", false),
    ("db:5432:*:me:@\n", true),
    ("@\n", true),
];

/// A secret at a place, between lines that are none, and a finding that shows as much as it can of it.
fn planted(secrets: &[(usize, String)], around: usize) -> Case {
    let mut case = Case::default();
    let mut text = String::new();
    let mut marked = Vec::new();
    for (place, secret) in secrets {
        let (line, mark) = PLACES[place % PLACES.len()];
        text.push_str("port = 5432 # nothing to hide\n");
        // The second `@` of a URI is its own.
        let (before, after) = line.split_once('@').unwrap();
        text.push_str(before);
        if mark {
            marked.push(Span::new(FileId(0), text.len(), text.len() + secret.len()));
        }
        text.push_str(secret);
        text.push_str(after);
    }
    let file = case.file("a.conf", text.as_bytes());
    for span in marked {
        case.sources.mark_secret(span);
    }
    let known = secrets.iter().filter(|(place, _)| PLACES[place % PLACES.len()].1).map(|(_, secret)| secret.as_str());
    let known = known.collect::<Vec<_>>().join("` and `");
    let shown = format!("`password={}` and `{known}`", secrets[0].1);
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let span = Span::new(file, at, at + line.len());
        let inner = span.slice((around % line.len()).min(line.len() - 1), line.len() - 1);
        let mut finding =
            Finding::new(id::FSYNC_OFF, Subject::HbaRow(shown.clone()), Majors::HELD, Label::new(span, &shown), &shown)
                .help(&shown)
                .related(inner, &shown)
                .fix(&shown, Safety::Safe, vec![(inner, shown.clone())]);
        finding.related.push(Label::absent(file, &shown));
        case.add(finding);
        at += line.len();
    }
    case.comments.push(Commented { file, comments: Vec::new(), entries: Vec::new() });
    case.notes.push(Note { path: Some("a".into()), level: Severity::Error, message: shown });
    case
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn no_format_shows_a_secret(
        secrets in prop::collection::vec((0..PLACES.len(), "[A-Z][A-Z0-9%+/=!,;.é-]{6,18}[A-Z]"), 1..6),
        around in 0usize..80,
    ) {
        let case = planted(&secrets, around);
        for &format in Format::value_variants() {
            let name = format!("{format:?}").to_lowercase();
            for (unicode, width) in [(false, 40), (true, 100)] {
                let style = Style { unicode, width, verbose: true, suppressed: true, context: 1, ..Style::default() };
                let text = case.written(format, &style);
                for (_, secret) in &secrets {
                    prop_assert!(!text.contains(secret.as_str()), "{} shows {}:\n{}", name, secret, text);
                }
            }
        }
    }
}
