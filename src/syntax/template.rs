//! Marks of template languages in configuration text: what a tool will fill in later is not what the server reads.
//!
//! This only tells that text is filled in, not by which language and not with what. It knows nothing of comments:
//! ask about the text outside them.

/// Whether the text holds an expression that a template engine, a shell or a build step will replace.
///
/// Not hits: `"$user"`, `$libdir`, `$1`, and the escapes of `log_line_prefix` such as `<%m` and `<%-10u`.
#[must_use]
pub fn is_dynamic(text: &[u8]) -> bool {
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.iter().position(|byte| b"{<$@%".contains(byte))) {
        at += found;
        let rest = text.get(at..).unwrap_or_default();
        let fresh =
            at.checked_sub(1).and_then(|before| text.get(before)).is_none_or(|byte| !byte.is_ascii_alphanumeric());
        let hit = match rest {
            [b'{', b'{' | b'%', ..] | [b'$', b'{', ..] => true,
            [b'<', b'%', after @ ..] => is_erb(after),
            [b'$', after @ ..] => fresh && is_shell_variable(after),
            [b'@', after @ ..] => fresh && is_at_name(after),
            [b'%', b'(', after @ ..] => is_percent_name(after),
            _ => false,
        };
        if hit {
            return true;
        }
        at += 1;
    }
    false
}

/// Whether the line holds nothing but tags that steer the template, such as `{% for host in hosts %}`, `<% end %>`,
/// `{{#each users}}` or a template comment. A tag that is not closed on the line counts.
#[must_use]
pub fn is_control_line(line: &[u8]) -> bool {
    let mut rest = line.trim_ascii();
    if rest.is_empty() {
        return false;
    }
    while !rest.is_empty() {
        let Some(close) = control_tag(rest) else { return false };
        let Some(end) = find(rest, close) else { return true };
        rest = rest.get(end + close.len()..).unwrap_or_default().trim_ascii_start();
    }
    true
}

/// The parts of a text that a template may leave out or repeat, in order: from a tag that opens a block, such as
/// `{% if tls %}`, to the one that closes it. A block inside of another belongs to it; one that is not closed is none.
#[must_use]
pub fn blocks(text: &[u8]) -> Vec<std::ops::Range<usize>> {
    let mut blocks = Vec::new();
    let mut open = Vec::new();
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.iter().position(|byte| matches!(byte, b'{' | b'<'))) {
        at += found;
        let rest = text.get(at..).unwrap_or_default();
        let Some(close) = closing(rest) else {
            at += 1;
            continue;
        };
        // The rest of the text belongs to a tag that is not closed.
        let Some(end) = rest.get(2..).and_then(|inner| find(inner, close)).map(|end| end + 2) else { break };
        match step(rest.get(..end).unwrap_or_default()) {
            Step::Opens => open.push(at),
            Step::Closes => {
                if let Some(start) = open.pop().filter(|_| open.is_empty()) {
                    blocks.push(start..at);
                }
            }
            Step::Stays => {}
        }
        at += end;
    }
    blocks
}

/// What a tag does to the depth of blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Opens,
    Closes,
    Stays,
}

/// Of a tag from its first mark up to the one that closes it.
fn step(tag: &[u8]) -> Step {
    let inner = tag.get(2..).unwrap_or_default();
    let inner = inner.strip_prefix(b"-").unwrap_or(inner);
    let inner = inner.strip_suffix(b"-").unwrap_or(inner).trim_ascii();
    let word = inner.split(|byte| !byte.is_ascii_alphabetic()).next().unwrap_or_default();
    let opens: &[&[u8]] = match tag {
        [b'{', b'%', ..] => &[b"if", b"for"],
        [b'{', b'{', ..] => &[b"if", b"range", b"with"],
        [b'<', b'%', ..] => &[b"if", b"unless", b"case", b"for", b"while"],
        _ => return Step::Stays,
    };
    // Blocks of Ruby take what comes before them: `<% @hosts.each do |host| %>`.
    let ruby = || {
        let head =
            inner.strip_suffix(b"|").and_then(|head| Some(&head[..head.iter().rposition(|&byte| byte == b'|')?]));
        let head = head.unwrap_or(inner).trim_ascii_end();
        head.ends_with(b" do") || head.ends_with(b"{")
    };
    match inner {
        [b'#' | b'^', ..] if tag.starts_with(b"{{") => Step::Opens,
        [b'/', ..] | [b'}'] => Step::Closes,
        _ if opens.contains(&word) || tag.starts_with(b"<%") && ruby() => Step::Opens,
        _ if word.starts_with(b"end") => Step::Closes,
        _ => Step::Stays,
    }
}

/// The mark that closes the last tag which the line opens and does not close: the lines up to it belong to the tag.
#[must_use]
pub fn left_open(line: &[u8]) -> Option<&'static [u8]> {
    let mut rest = line;
    while let Some(at) = rest.iter().position(|byte| matches!(byte, b'{' | b'<')) {
        rest = rest.get(at..).unwrap_or_default();
        let Some(close) = closing(rest) else {
            rest = rest.get(1..).unwrap_or_default();
            continue;
        };
        let Some(end) = rest.get(2..).and_then(|inner| find(inner, close)) else { return Some(close) };
        rest = rest.get(2 + end + close.len()..).unwrap_or_default();
    }
    None
}

/// Where `needle` first stands.
pub(crate) fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    text.windows(needle.len()).position(|window| window == needle)
}

fn closing(tag: &[u8]) -> Option<&'static [u8]> {
    match tag {
        [b'{', b'{', ..] => Some(b"}}"),
        [b'{', b'%', ..] => Some(b"%}"),
        [b'{', b'#', ..] => Some(b"#}"),
        [b'<', b'%', after @ ..] if is_erb(after) => Some(b"%>"),
        _ => None,
    }
}

fn control_tag(text: &[u8]) -> Option<&'static [u8]> {
    match text {
        [b'{', b'%' | b'#', ..] => closing(text),
        [b'<', b'%', after @ ..] if is_erb(after) && !after.starts_with(b"=") => Some(b"%>"),
        [b'{', b'{', after @ ..] => {
            let after = after.strip_prefix(b"-").unwrap_or(after).trim_ascii_start();
            let word = after.split(|byte| !byte.is_ascii_alphabetic()).next().unwrap_or_default();
            let steers = matches!(after, [b'#' | b'/' | b'^' | b'!', ..])
                || [&b"if"[..], b"else", b"end", b"range", b"with", b"define", b"block"].contains(&word);
            steers.then_some(b"}}")
        }
        _ => None,
    }
}

/// What follows `<%` in ERB and EJS. A letter does in `log_line_prefix`, and so does the padding of `<%-10u`.
fn is_erb(after: &[u8]) -> bool {
    match after {
        [] | [b'=' | b'#' | b' ' | b'\t', ..] => true,
        [b'-', next, ..] => !next.is_ascii_digit(),
        [b'-'] => true,
        _ => false,
    }
}

/// Upper case as the environment has it; `$user` and `$libdir` are PostgreSQL's own.
fn is_shell_variable(after: &[u8]) -> bool {
    let name = after.iter().take_while(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || **byte == b'_');
    let length = name.count();
    length >= 2
        && after.first().is_some_and(|byte| !byte.is_ascii_digit())
        && after.get(length).is_none_or(|byte| !byte.is_ascii_lowercase())
}

/// `@name@` of autoconf and Nix, and `@@NAME@@`.
fn is_at_name(after: &[u8]) -> bool {
    let (name, double) = after.strip_prefix(b"@").map_or((after, false), |name| (name, true));
    let length = name.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')).count();
    let close = name.get(length..).unwrap_or_default();
    length > 0 && if double { close.starts_with(b"@@") } else { close.starts_with(b"@") }
}

/// `%(name)s` of Python.
fn is_percent_name(after: &[u8]) -> bool {
    let length = after.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    length > 0 && matches!(after.get(length..), Some([b')', b's' | b'd' | b'r', ..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_will_be_filled_in() {
        for text in [
            "{{ ssl_mode }}",
            "host{% if ssl %}ssl{% endif %}",
            "${DB_PASSWORD}",
            "x${Y}z",
            "<%= @port %>",
            "<%- x -%>",
            "<% if x %>",
            "host<%",
            "<%# c %>",
            "@@REPLICA@@",
            "@authmethodhost@",
            "@remove-line-for-nolocal@local",
            "%(host)s",
            "$PGHOST",
            "a=$PG_PORT",
            "$NETWORK/24",
        ] {
            assert!(is_dynamic(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn leaves_the_servers_own_marks_alone() {
        for text in [
            "\"$user\", public",
            "$libdir/x",
            "$1",
            "<%m [%p] ",
            "<%u%%%d> ",
            "<%-10u>",
            "@names.lst",
            "+staff",
            "%t [%p]",
            "u:p@ss@host",
            "a@b.c",
            "{}",
            "/^a{2,3}$",
            "100%",
            "$",
            "@",
            "@@",
            "%(",
            "Pa$SWORD",
            "$X",
            "<",
            "",
        ] {
            assert!(!is_dynamic(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn control_lines_hold_only_tags() {
        for line in [
            "{% for host in hosts %}",
            "  {%- endif -%}\n",
            "<% if @x %>",
            "<% end -%>",
            "{{#each users}}",
            "{{/each}}",
            "{{ if .Ssl }}",
            "{{- end }}",
            "{# note #}",
            "{% set hosts = [",
            "{% if a %}{% if b %}",
        ] {
            assert!(is_control_line(line.as_bytes()), "{line}");
        }
        for line in
            ["", "  ", "{{ row }}", "<%= row %>", "{% if a %}host all all{% endif %}", "local all all trust", "<%m"]
        {
            assert!(!is_control_line(line.as_bytes()), "{line}");
        }
    }

    #[test]
    fn blocks_are_what_may_be_left_out() {
        for (text, expected) in [
            ("a{% if x %}b{% else %}c{% endif %}d", &["{% if x %}b{% else %}c"][..]),
            (
                "{%- for x in y -%}{% if z %}c{%- endif -%}{% endfor %}d",
                &["{%- for x in y -%}{% if z %}c{%- endif -%}"],
            ),
            ("{% if a %}b{% endif %}c{% if d %}e{% endif %}", &["{% if a %}b", "{% if d %}e"]),
            ("a<% if @x == '{' %>b<% else %>c<% end -%>d", &["<% if @x == '{' %>b<% else %>c"]),
            ("<% @hosts.each do |host| -%>b<%= host %><% end %>d", &["<% @hosts.each do |host| -%>b<%= host %>"]),
            ("a{{#each users}}b{{/each}}d", &["{{#each users}}b"]),
            ("a{{ if .Tls }}b{{- end }}d{{ .Port }}", &["{{ if .Tls }}b"]),
            ("a{% if x %}b", &[]),
            ("a{% endif %}b{# if #}c<%m {", &[]),
        ] {
            let found = blocks(text.as_bytes()).into_iter().map(|block| &text[block]).collect::<Vec<_>>();
            assert_eq!(found, expected, "{text}");
        }
        assert!(blocks(&b"{{".repeat(1 << 20)).is_empty());
    }

    #[test]
    fn open_tags_reach_over_lines() {
        assert_eq!(left_open(b"{% set hosts = ["), Some(&b"%}"[..]));
        assert_eq!(left_open(b"host {{ a }} {{ b"), Some(&b"}}"[..]));
        assert_eq!(left_open(b"<% a"), Some(&b"%>"[..]));
        assert_eq!(left_open(b"host {{ a }} {# b #} <%m"), None);
    }
}
