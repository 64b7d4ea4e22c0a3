use super::*;

fn faults(pattern: &str) -> Vec<(Majors, Fault)> {
    check(pattern.as_bytes()).faults
}

#[test]
fn valid_expressions() {
    for pattern in [
        "",
        "|",
        "a||b",
        "^db[0-9]{2,4}$",
        "a{",
        "a{x",
        "{,5}",
        "a{255}",
        "a{1,}?",
        "a*?",
        "a??",
        "[]a]",
        "[a-]",
        "[--/]",
        "[[:alpha:]_]",
        "[[.a.]-z]",
        "[[=a=]]",
        "[[:<:]]a",
        "(a)\\1",
        "(?:a)",
        "(?i)a",
        "(?#c)a",
        "(?=a)b",
        "(?<!a)b",
        "***=(",
        "***:a",
        "(?q)(",
        "(?b)\\(",
        "(?x)a # (",
        "(?x)a{1 }",
        "\\d\\W\\m\\x41\\u00e9",
        "\\08",
        "\\777",
        "[\\d]",
        "\\-",
        "{",
        "(a){0}\\1",
    ] {
        assert_eq!(faults(pattern), [], "{pattern}");
    }
}

#[test]
fn faults_are_told_apart() {
    for (pattern, fault) in [
        ("(", Fault::Parenthesis),
        (")", Fault::Parenthesis),
        ("((a)", Fault::Parenthesis),
        ("[a", Fault::Bracket),
        ("[]", Fault::Bracket),
        ("[[:alpha:", Fault::Bracket),
        ("a{2", Fault::Brace),
        ("a{2,1}", Fault::Count),
        ("a{256}", Fault::Count),
        ("a{1 }", Fault::Count),
        ("*", Fault::Quantifier),
        ("a**", Fault::Quantifier),
        ("^*", Fault::Quantifier),
        ("{1}", Fault::Quantifier),
        ("(?=a)*", Fault::Quantifier),
        ("(?<a)", Fault::Quantifier),
        ("***a", Fault::Quantifier),
        ("\\", Fault::Escape),
        ("\\q", Fault::Escape),
        ("\\x", Fault::Escape),
        ("\\u12", Fault::Escape),
        ("[\\y]", Fault::Escape),
        ("[[:foo:]]", Fault::Class),
        ("[[..]]", Fault::Collation),
        ("[z-a]", Fault::Range),
        ("[a-\\d]", Fault::Range),
        ("[a-b-c]", Fault::Range),
        ("\\1", Fault::BackReference),
        ("(a\\1)", Fault::BackReference),
        ("(?=(a)\\1)", Fault::BackReference),
        ("(?z)", Fault::Option),
        ("(?i", Fault::Option),
        ("***?a", Fault::Pattern),
    ] {
        assert_eq!(faults(pattern), [(Majors::ALL, fault)], "{pattern}");
    }
}

#[test]
fn what_14_brought() {
    assert_eq!(faults("[\\W]"), [(Majors::until(13), Fault::Escape)]);
    assert_eq!(faults("[[:word:]]"), [(Majors::until(13), Fault::Class)]);
    assert_eq!(faults("[\\W]("), [(Majors::until(13), Fault::Escape), (Majors::since(14), Fault::Parenthesis)]);
}

#[test]
fn groups_are_counted() {
    assert_eq!(check(b"^(a(?:b)(c))$").groups, 2);
    assert_eq!(check(b"(?=(a))").groups, 0);
}
