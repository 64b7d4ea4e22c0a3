use super::*;

#[test]
fn names_the_missing_column() {
    for (line, part) in [
        ("host all ::1/128 md5", "user is missing before `::1/128`"),
        ("host replication all trust", "address is missing before `trust`"),
        ("host all all 10.0.0.0/8", "add the method"),
        ("host all all all", "add the method"),
        ("local all trust", "a database and a user"),
        ("local all all", "add the method"),
        ("host 10.0.0.0/8 trust", "database and the user are missing"),
        ("host all md5", "columns are missing"),
        ("host", "local DATABASE"),
    ] {
        let help = missing(line.as_bytes());
        assert!(help.contains(part), "{line}: {help}");
    }
}

#[test]
fn tells_a_word_from_an_address() {
    let line = b"local all all 127.0.0.1/32 md5";
    assert!(method("127.0.0.1/32", Majors::ALL, line).contains("takes no address"));
    assert!(method("255.0.0.0", Majors::ALL, b"host all all 10.0.0.0/8 255.0.0.0 md5").contains("not both"));
    assert_eq!(method("SCRAM-SHA-256", Majors::ALL, b""), "write `scram-sha-256`");
    assert_eq!(method("oauth", Majors::only(17), b""), "`oauth` needs 18 or later");
    assert!(method("radius", Majors::only(19), b"").starts_with("`radius` was removed in 19"));
    assert_eq!(method("oauth", Majors::until(17), b""), "`oauth` needs 18 or later");
    assert_eq!(option_name("radiusserver", Majors::ALL), "write `radiusservers`");
    assert_eq!(option_name("clientname", Majors::only(13)), "`clientname` needs 14 or later");
}
