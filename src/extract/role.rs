//! Names that tell which server of several something is for: roles in replication.

/// Words for a server's part in replication.
const ROLES: &[&str] = &[
    "primary",
    "master",
    "publisher",
    "provider",
    "source",
    "leader",
    "replica",
    "standby",
    "secondary",
    "subscriber",
    "slave",
    "target",
    "destination",
    "follower",
];

/// The role that a word is the name of.
pub(crate) fn role(word: &str) -> Option<&'static str> {
    ROLES.iter().copied().find(|role| word.eq_ignore_ascii_case(role))
}

/// The role with its number in the name of a host, container or function: `replica2` of `setup_replica2`,
/// `pg-replica-2` and `$REPLICA2_HOST`. Nothing where the name has none.
pub(crate) fn of_name(name: &str) -> String {
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).peekable();
    while let Some(word) = words.next() {
        let bare = word.trim_end_matches(|c: char| c.is_ascii_digit());
        if role(bare).is_none() {
            continue;
        }
        let number = words.next_if(|next| bare.len() == word.len() && next.bytes().all(|byte| byte.is_ascii_digit()));
        return format!("{}{}", word.to_ascii_lowercase(), number.unwrap_or_default());
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_roles() {
        for (name, server) in [
            ("pg-replica-2", "replica2"),
            ("setup_primary", "primary"),
            ("$REPLICA1_HOST", "replica1"),
            ("db", ""),
            ("masterful", ""),
            ("", ""),
        ] {
            assert_eq!(of_name(name), server, "{name}");
        }
    }
}
