use super::could_be_name;

#[test]
fn tells_names_from_slips() {
    for name in
        ["db", "db.example.com", ".example.com", "db-1.example.com.", "a_b", "10.example", "1a", "bücher.example"]
    {
        assert!(could_be_name(name), "{name}");
    }
    for name in [
        "10.0.0.256",
        "*",
        "ALL",
        "Samenet",
        "10.0.0.1-10.0.0.9",
        "10.0.*",
        "any",
        "1.2.3.4.5",
        "",
        ".",
        "[::1]",
        "a:b",
    ] {
        assert!(!could_be_name(name), "{name}");
    }
}
