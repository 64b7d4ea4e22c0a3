use super::*;

#[test]
fn items() {
    for (item, expected) in
        [("pgoutput", false), ("*", true), ("a, b", true), ("a;b", true), ("wal2json.so", true), ("$libdir/x", false)]
    {
        assert_eq!(unmatched(item).is_some(), expected, "{item}");
    }
}
