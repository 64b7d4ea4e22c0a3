use super::*;
use crate::source::Rights;

#[test]
fn keys_are_refused_as_by_the_server() {
    // As servers of 10, 12, 15 and 18 answered; user 101 is that of the server.
    for (owner, mode, refused) in [
        (101, 0o600, false),
        (101, 0o400, false),
        (101, 0o700, false),
        (101, 0o640, true),
        (101, 0o604, true),
        (101, 0o710, true),
        (0, 0o640, false),
        (0, 0o740, false),
        (0, 0o644, true),
        (0, 0o650, true),
        (1, 0o600, true),
        (1, 0o644, true),
    ] {
        let key = Key { rights: Rights { mode, owner }, server: 101 };
        assert_eq!(refusal(key).is_some(), refused, "{mode:o} of {owner}");
    }
}

#[test]
fn the_worst_is_told() {
    assert_eq!(deed(0), None);
    assert_eq!(deed(0o066), Some("every user of the machine can change it"));
    assert_eq!(deed(0o024), Some("its group can change it"));
    assert_eq!(deed(0o044), Some("every user of the machine can read it"));
    assert_eq!(deed(0o040), Some("its group can read it"));
}
