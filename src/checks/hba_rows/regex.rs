//! Whether a regular expression is tied to the ends of what it is matched against.

/// The ends that an expression is tied to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchors {
    /// Neither.
    None,
    /// The start.
    Start,
    /// The end.
    End,
    /// Both, or it says that anything may stand there.
    Both,
}

/// The ends that every branch of the expression is tied to. `.*` at an end counts, as it says what is meant; what
/// starts with options or a director (`(?i)`, `***`) is taken to be tied.
pub(crate) fn anchors(pattern: &str) -> Anchors {
    if pattern.starts_with("(?") || pattern.starts_with("***") {
        return Anchors::Both;
    }
    let branches = branches(pattern);
    let start = branches.iter().all(|branch| starts(branch));
    let end = branches.iter().all(|branch| ends(branch));
    match (start, end) {
        (true, true) => Anchors::Both,
        (true, false) => Anchors::Start,
        (false, true) => Anchors::End,
        (false, false) => Anchors::None,
    }
}

fn starts(branch: &str) -> bool {
    ["^", "\\A", "(^", ".*", "(.*", ".+", "(.+"].iter().any(|start| branch.starts_with(start))
}

fn ends(branch: &str) -> bool {
    let Some(head) = ["$", "$)", "\\Z", ".*", ".*)", ".+", ".+)"].iter().find_map(|end| branch.strip_suffix(end))
    else {
        return false;
    };
    // A backslash before it makes it a character.
    head.bytes().rev().take_while(|&byte| byte == b'\\').count() % 2 == 0
}

/// The parts between the bars that stand in no group and no bracket.
fn branches(pattern: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let (mut depth, mut bracket, mut start) = (0_usize, false, 0);
    let mut bytes = pattern.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' => {
                bytes.next();
            }
            b']' if bracket => bracket = false,
            _ if bracket => {}
            b'[' => bracket = true,
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            b'|' if depth == 0 => {
                out.extend(pattern.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    out.extend(pattern.get(start..));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_of_every_branch_count() {
        for (pattern, tied) in [
            ("^app$", Anchors::Both),
            ("app", Anchors::None),
            ("^app", Anchors::Start),
            ("app$", Anchors::End),
            ("^app_.*", Anchors::Both),
            (".*@example.com$", Anchors::Both),
            ("(.*)@example.com$", Anchors::Both),
            ("^a|b$", Anchors::None),
            ("^a$|^b$", Anchors::Both),
            ("^(a|b)$", Anchors::Both),
            ("(^a$)", Anchors::Both),
            ("^a\\$", Anchors::Start),
            ("^a\\\\$", Anchors::Both),
            ("^[|]$", Anchors::Both),
            ("(?i)app", Anchors::Both),
            ("", Anchors::None),
        ] {
            assert_eq!(anchors(pattern), tied, "{pattern}");
        }
    }
}
