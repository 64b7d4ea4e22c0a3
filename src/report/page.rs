//! Parts of a rule's page: its first paragraph, and the page without Markdown's marks.

/// The first paragraph below the first heading of the second level, as one line.
pub(crate) fn summary(page: &str) -> String {
    let lines = page.lines().skip_while(|line| !line.starts_with("## ")).skip(1);
    let paragraph =
        lines.skip_while(|line| line.is_empty()).take_while(|line| !line.is_empty() && !line.starts_with('#'));
    plain(&paragraph.collect::<Vec<_>>().join(" ")).trim().to_owned()
}

/// The page for readers of plain text: no marks of headings and code blocks, links as `text (address)`.
pub(super) fn plain(page: &str) -> String {
    let mut out = String::with_capacity(page.len());
    let mut code = false;
    for line in page.lines() {
        if line.starts_with("```") {
            code = !code;
            continue;
        }
        if code {
            out.push_str("    ");
            out.push_str(line);
        } else {
            links(line.trim_start_matches('#').trim_start_matches(' '), &mut out);
        }
        out.push('\n');
    }
    out
}

fn links(line: &str, out: &mut String) {
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('[') {
        let Some((text, address, tail)) = after
            .split_once("](")
            .and_then(|(text, tail)| tail.split_once(')').map(|(address, tail)| (text, address, tail)))
            .filter(|(text, _, _)| !text.contains(['[', ']', '`']))
        else {
            out.push_str(before);
            out.push('[');
            rest = after;
            continue;
        };
        out.push_str(before);
        out.push_str(text);
        out.push_str(" (");
        out.push_str(address);
        out.push(')');
        rest = tail;
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_lose_their_marks() {
        let page =
            "# a\n\n## What it does\n\nFinds `x[1]` and\n[y](https://e.org/#z).\n\n## Bad\n\n```sql\n# a\n```\n- [q\n";
        assert_eq!(summary(page), "Finds `x[1]` and y (https://e.org/#z).");
        assert_eq!(
            plain(page),
            "a\n\nWhat it does\n\nFinds `x[1]` and\ny (https://e.org/#z).\n\nBad\n\n    # a\n- [q\n"
        );
        assert_eq!(summary(""), "");
    }

    #[test]
    fn every_rule_has_a_summary() {
        for rule in crate::rule::RuleId::all() {
            assert!(!summary(rule.meta().page).is_empty(), "{rule}");
        }
    }
}
