//! Which of two rows asks more of a client.
//!
//! Methods are ranked only where nobody would argue: `trust` asks nothing; `ident` over TCP believes the client's
//! machine; then come passwords, by what a listener or a thief of the stored hash can do with them: `password`, `md5`,
//! `scram-sha-256`. All other methods ask for more than `ident`, and are not ranked among each other or against
//! passwords. A client certificate that is asked for besides is ranked for itself.

use std::cmp::Ordering;

use crate::catalog::hba::Method;
use crate::model::hba::{ClientCert, HbaRow};

/// What a change does to the connections that it touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// They were refused, and are let in.
    Gained,
    /// They are let in for less.
    Weakened,
    /// What is asked of them is something else, neither less nor more.
    Changed,
    /// They are let in for more.
    Strengthened,
    /// They were let in, and are refused.
    Lost,
    /// What becomes of them cannot be told, before or after.
    Unclear,
}

/// The method's rank; those without one are above `ident`.
fn rank(method: Method) -> Option<u8> {
    match method {
        Method::Trust => Some(0),
        Method::Ident => Some(1),
        Method::Password => Some(2),
        Method::Md5 => Some(3),
        Method::ScramSha256 => Some(4),
        _ => None,
    }
}

fn methods(before: Method, after: Method) -> Option<Ordering> {
    match (rank(before), rank(after)) {
        _ if before == after => Some(Ordering::Equal),
        (Some(before), Some(after)) => Some(after.cmp(&before)),
        (Some(0 | 1), None) => Some(Ordering::Greater),
        (None, Some(0 | 1)) => Some(Ordering::Less),
        _ => None,
    }
}

/// What it does to connections if `after` decides for them in place of `before`; nothing where it asks the same. Both
/// let clients in.
#[must_use]
pub fn compare(before: &HbaRow, after: &HbaRow, major: u8) -> Option<Change> {
    // `cert` is `trust` with a certificate of the user's name.
    let split = |row: &HbaRow| match row.method {
        Method::Cert => (Method::Trust, ClientCert::VerifyFull),
        method => (method, row.client_cert_on(major)),
    };
    let (before_method, before_cert) = split(before);
    let (after_method, after_cert) = split(after);
    let certs = after_cert.cmp(&before_cert);
    let same = before_method == after_method && keys(before) == keys(after);
    match methods(before_method, after_method).map(|order| (order, certs)) {
        // Maps, servers and the like cannot be ranked.
        Some((Ordering::Equal, Ordering::Equal)) => (!same).then_some(Change::Changed),
        Some((Ordering::Equal, _)) if !same => Some(Change::Changed),
        Some((Ordering::Less, Ordering::Less | Ordering::Equal) | (Ordering::Equal, Ordering::Less)) => {
            Some(Change::Weakened)
        }
        Some((Ordering::Greater, Ordering::Greater | Ordering::Equal) | (Ordering::Equal, Ordering::Greater)) => {
            Some(Change::Strengthened)
        }
        _ => Some(Change::Changed),
    }
}

/// The options that matter besides the certificate, in an order of their own.
#[must_use]
pub fn keys(row: &HbaRow) -> Vec<(&'static str, &str)> {
    let mut options = row.options.iter().map(|option| (option.info.name, option.value.as_str())).collect::<Vec<_>>();
    options.retain(|(name, _)| *name != "clientcert");
    options.sort_unstable();
    options
}

#[cfg(test)]
mod tests {
    use super::super::tests::rows;
    use super::{Change, compare};
    use crate::catalog::Majors;

    #[test]
    fn only_what_can_be_ranked_is_weaker_or_stronger() {
        use Change::{Changed, Strengthened, Weakened};
        for (before, after, expected) in [
            ("trust", "trust", None),
            ("scram-sha-256", "md5", Some(Weakened)),
            ("scram-sha-256", "trust", Some(Weakened)),
            ("password", "md5", Some(Strengthened)),
            ("ident", "password", Some(Strengthened)),
            ("trust", "gss", Some(Strengthened)),
            ("gss", "ident", Some(Weakened)),
            ("gss", "scram-sha-256", Some(Changed)),
            ("md5", "pam", Some(Changed)),
            ("cert", "trust", Some(Weakened)),
            ("cert", "scram-sha-256", Some(Changed)),
            ("trust clientcert=verify-full", "cert", None),
            ("md5 clientcert=verify-ca", "md5", Some(Weakened)),
            ("md5 clientcert=verify-ca", "md5 clientcert=verify-full", Some(Strengthened)),
            ("md5 clientcert=verify-ca", "scram-sha-256", Some(Changed)),
            ("cert map=a", "cert map=b", Some(Changed)),
            ("cert map=a", "cert map=a", None),
        ] {
            let text = format!("hostssl all all all {before}\nhostssl all all all {after}\n");
            let rows = rows(&text, Majors::only(18));
            assert_eq!(compare(&rows[0], &rows[1], 18), expected, "{before} / {after}");
        }
    }
}
