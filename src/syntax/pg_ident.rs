//! The parts of a pg_ident.conf entry that have a grammar of their own: `\1` in the database user.
//!
//! Lines and fields are those of [`crate::syntax::auth_file`].

/// Where `\1` first stands; the server puts what the first group of the system user's expression matched there, and
/// leaves any further `\1` as it is.
#[must_use]
pub fn back_reference(database_user: &[u8]) -> Option<usize> {
    super::template::find(database_user, b"\\1")
}

#[cfg(test)]
mod tests {
    use super::back_reference;

    #[test]
    fn finds_the_first_back_reference() {
        assert_eq!(back_reference(b"u_\\1_\\1"), Some(2));
        assert_eq!(back_reference(b"\\2"), None);
    }
}
